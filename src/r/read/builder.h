// From plans to R values.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/plan/planner.h"
#include "r/read/array.h"
#include "r/read/context.h"
#include "r/read/object.h"
#include "r/read/pandas.h"
#include "r/read/text.h"
#include "r/read/vector.h"

namespace mmappickle {

// Makes the values one by one, in the planner's order. Everything with a destructor is a
// member, so that R's errors may jump out of run().
class Builder {
 public:
  Builder(store::Loaded& loaded, std::shared_ptr<const Watch> watch,
          const std::string& path, const std::string& key, const Flags& flags,
          SEXP readers);

  // No R API.
  void make_plans();
  // The value; R API: inside protect(). Not protected.
  // `keep_mutable`: the value itself is not sealed. `nodes`: which node each R value was
  // made from (kNoId: R metadata say something of it, too), or null.
  SEXP run(bool keep_mutable, std::unordered_map<SEXP, pickle::Id>* nodes);
  // An array that stands for itself.
  SEXP elements(const numpy::Array& array) { return arrays_.array(array, Bytes()); }
  // What there is to warn of.
  void warn(Warnings& warnings) const;

 private:
  SEXP build(const plan::Plan& plan, SEXP values);
  SEXP natural(const plan::Plan& plan, SEXP values);
  SEXP own_value(const plan::Plan& plan, SEXP values) const;
  std::string places_of(
      const std::vector<std::pair<plan::Number, std::string>>& values) const;
  bool is_node(const plan::Plan& plan, SEXP value) const;
  bool is_kept(const plan::Plan& plan, SEXP value) const;
  SEXP floats_of(const plan::Plan& plan) const;

  store::Loaded& loaded_;
  Flags flags_;
  plan::Options options_;
  plan::Planner planner_;
  ReadContext context_;
  TextReader text_;
  ArrayReader arrays_;
  ObjectReader objects_;
  VectorReader vectors_;
  PandasReader pandas_;
};

}  // namespace mmappickle
