// What an item of a Python sequence is as an element of an R vector: of a plain value, of
// NumPy's, datetime's and pandas' scalars alike.
#pragma once

#include <unordered_map>

#include "../pandas/pandas.h"
#include "../python/classes.h"

namespace mmappickle::plan {

// The vectors that R has for sequences.
enum class Simple : std::uint8_t {
  no,  // a list
  logical,
  integer,
  real,
  integer64,  // integers beyond 2^53 (where there is bit64, which has a class for them)
  character,
  complex,
  date,      // Date
  datetime,  // POSIXct
  difftime,
};

struct Scalar {
  // What mixes with nothing else: but whole and real, which are numbers both.
  enum Kind : std::uint8_t {
    none,     // no scalar: a list, an object ...
    missing,  // None, NA, NaT, masked: NA of whichever type
    logical,
    whole,
    real,
    text,
    bytes,  // NumPy's S
    complex,
    date,
    naive,  // moments: without a zone, in one,
    aware,
    zoned,  //   and in one that R has to look up: `fields`
    duration,
    clock,  // a time of day
  } kind = none;
  Simple type = Simple::no;         // of a whole number the narrowest
  std::int64_t integer = 0;         // logical, whole
  double number = 0;                // real, complex; days, seconds or `units` of times
  double imaginary = 0;             //
  pickle::Id node = pickle::kNoId;  // text, bytes: a node of R's text, if it is such
  Bytes zone;                       // R's name, empty for UTC
  const char* units = "secs";       // duration
  double fields[7] = {};            // zoned: see python::Recognised
};

// How far the options let scalars be numbers.
struct ScalarOptions {
  bool bit64 = false;        // there is a class for 64-bit integers
  bool exact_int64 = false;  // NumPy's are always of it
  bool numbers = false;      // Decimals are numbers
};

// For one tree, to which it adds nodes.
class Scalars {
 public:
  Scalars(pickle::Tree& tree, numpy::Recogniser& numpy, python::Recogniser& python,
          pandas::Recogniser& pandas)
      : tree_(tree), numpy_(numpy), python_(python), pandas_(pandas) {}

  Scalar of(pickle::Id id, const ScalarOptions& options);
  const pickle::Tree& tree() const { return tree_; }

 private:
  Scalar object(pickle::Id id, const ScalarOptions& options);
  Scalar numpy(pickle::Id id, const numpy::Array& array, const ScalarOptions& options);
  Scalar numpy_text(pickle::Id id, const numpy::Array& array);
  Scalar pandas(pickle::Id id);
  bool decimal(pickle::Id id, double& number) const;

  pickle::Tree& tree_;
  numpy::Recogniser& numpy_;
  python::Recogniser& python_;
  pandas::Recogniser& pandas_;
  std::unordered_map<pickle::Id, pickle::Id> texts_;  // of long ones of NumPy's
};

// From this size on texts that are shared are worth remembering.
constexpr std::uint64_t kLongText = 256;

// A text that an R string can hold: UTF-8 without NUL and lone surrogates.
bool is_r_text(Bytes text);
// A str node of that kind, or a Python 2 str of ASCII.
bool is_r_text(const pickle::Tree& tree, pickle::Id id);

// A value that makes an R vector of one by itself, whatever refers to it.
bool is_plain(const pickle::Tree& tree, pickle::Id id);

// The R type of a Python int.
Simple integer_type(const pickle::Node& node, bool bit64);

}  // namespace mmappickle::plan
