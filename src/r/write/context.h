// What each part of the writer gets: what is being made, and how to speak of it.
// R API: enters protect() itself.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/error.h"
#include "core/base/stable.h"
#include "core/metadata/writer.h"
#include "core/numpy/elements.h"
#include "core/os/map.h"
#include "r/anchor.h"
#include "r/options.h"
#include "r/unwind.h"
#include "r/view/watch.h"
#include "r/write/nodes.h"

namespace mmappickle::write {

// What the stored value's tree and arrays point into.
struct Memory {
  Anchor anchor;
  Stable<std::vector<Bytes>> strings;
  Stable<std::string> texts;
  Stable<std::vector<double>> doubles;
  std::shared_ptr<os::Mapping> mapping;  // of an origin
};

// What a value became: a node, and what the R metadata has to say of it beside its
// attributes and items.
struct Encoded {
  pickle::Id value = pickle::kNoId;     // kNoId: an attribute that was left out
  const char* type = nullptr;           // kMetaType
  pickle::Id r_value = pickle::kNoId;   // kMetaValue
  pickle::Id bytes = pickle::kNoId;     // kMetaBytes
  pickle::Id metadata = pickle::kNoId;  // the finished dict
};

// Where in the value the walk is: "x$a[[2]]", or "the value".
class Where {
 public:
  virtual std::string path() const = 0;

 protected:
  ~Where() = default;
};

class Context {
 public:
  Context(const Flags& flags, Warnings& warnings, const Where& where);
  Context(const Context&) = delete;

  const Flags flags;
  Warnings& warnings;
  numpy::StoredValue stored_value;
  Memory& memory;      // the stored value owns it
  pickle::Tree& tree;  // the stored value's
  metadata::Writer metadata;
  // Nodes of strings and raw vectors, by identity: R holds equal strings once, and so
  // does the pickle, as Python does with its own.
  Nodes nodes;
  bool any_bytes = false;           // among the strings: one in the encoding "bytes"
  std::uint64_t pickled_bytes = 0;  // of Python's objects; see python_buffer.h

  numpy::Layout layout(bool fortran) const { return {flags.reversed, fortran}; }
  SEXP keep(SEXP x) { return memory.anchor(x); }
  // What is borrowed from a file: the stored value asks at its end whether it is still
  // there.
  void watch(std::shared_ptr<const Watch> watch) { watches_.push_back(std::move(watch)); }
  numpy::StoredValue finish();

  std::string subject() const;  // where the walk is, to begin a sentence with
  [[noreturn]] void refuse(ErrorKind kind, const std::string& why,
                           const std::string& hint = {}) const;

 private:
  const Where& where_;
  std::vector<std::shared_ptr<const Watch>> watches_;
};

}  // namespace mmappickle::write
