// What all parts of the reader know of the value that they make.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/os/map.h"
#include "core/plan/planner.h"
#include "core/store/store.h"
#include "r/options.h"
#include "r/unwind.h"
#include "r/view/watch.h"

namespace mmappickle {

struct ReadContext {
  const store::Loaded& loaded;
  const pickle::Tree& tree;
  const plan::Plans& plans;
  std::shared_ptr<const Watch> watch;  // null: all is copied
  const std::string &path, &key;
  const Flags& flags;

  // Which node each R value was made from; null: nobody asks.
  std::unordered_map<SEXP, pickle::Id>* nodes = nullptr;
  plan::Number current = 0;   // the plan whose value is made
  bool metadata_fits = true;  // false: some of it was ignored
  bool escaped = false;       // some text of an array is shown so
  // Where 64-bit integers were rounded: plans, and the field of a structured array.
  std::vector<std::pair<plan::Number, std::string>> rounded;
  // Where columns hold Python's objects: plans of data frames, and the column.
  std::vector<std::pair<plan::Number, std::string>> inert;

  const os::Mapping* mapping() const { return loaded.mapping.get(); }
  // Views of the array entry itself, and not of one inside its attributes.
  bool is_entry() const { return loaded.is_array && current == 0; }
};

}  // namespace mmappickle
