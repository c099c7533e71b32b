// Subscripts as R has them, turned into positions on the axes of an array: R's rules,
// save that nothing may be out of range or NA.
#pragma once

#include <functional>
#include <string>

#include "../base/stable.h"
#include "slice.h"

namespace mmappickle::numpy {

// One subscript of a call, as it was given.
struct Subscript {
  enum class Type : std::uint8_t { all, numbers, range, logicals, names };
  Type kind = Type::all;               // `all`: it was left out
  std::vector<double> numbers;         // from 1, as they are; NaN: NA
  double first = 0, count = 0;         // range: first, first + 1, ...
  std::vector<std::uint8_t> logicals;  // 0, 1; 2: NA
  std::vector<std::string> names;      // UTF-8
  std::vector<bool> missing;           // of names, those that are NA; or empty
  std::uint64_t columns = 0;           // it was a matrix of so many columns
  std::uint64_t size() const;
};

// The names along an axis; where one stands more than once the first counts. "" and NA
// (see Subscript) name nothing.
class AxisNames {
 public:
  void add(std::string name) { names_.push_back(std::move(name)); }
  std::uint64_t size() const { return names_.size(); }
  // False if there is none.
  bool find(const std::string& name, std::uint64_t& at) const;
  std::string hint(const std::string& name) const;  // which one was meant, for errors

 private:
  std::vector<std::string> names_;
  // By name, made when it is first asked for: no table whose collisions a file could
  // choose.
  mutable std::vector<std::uint64_t> order_;
};

// What errors are about.
struct SubscriptWords {
  std::string what = "subscript", at, of = "elements";
  std::string beyond;  // what to do about one that is out of range, or ""
};

// Positions that Axes point into.
using Lists = Stable<std::vector<std::uint64_t>>;

// Error of kind index for what R does not have, or is out of range. `names`: null where
// the axis has none. What is a range stays one: nothing is expanded. `poll` (may be
// empty) is called now and then; it may throw Interrupted.
Axis resolve(const Subscript& subscript, std::uint64_t extent, const AxisNames* names,
             const SubscriptWords& words, Lists& lists,
             const std::function<void()>& poll = {});

// A place in an array: a product of axes, or linear positions.
struct Selection {
  bool is_linear = false;
  std::vector<Axis> axes;
  std::vector<std::uint64_t> linear;
  bool whole = false;  // x[]: dimensions of extent 1 stay
  Lists lists{};
  std::uint64_t count() const;
};
// `key`: quoted, for errors; `beyond` likewise. `names`: of each axis, or empty. One
// subscript of an array with another rank than 1 is linear, or a matrix with a column an
// axis.
Selection select(const std::vector<Subscript>& subscripts, const Shape& shape,
                 const std::vector<const AxisNames*>& names, const std::string& key,
                 const std::string& beyond = {}, const std::function<void()>& poll = {});

}  // namespace mmappickle::numpy
