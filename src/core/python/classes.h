// Objects of Python's own classes that have a counterpart in R: one table from the exact
// (module, name) to a function that reads the arguments. Nothing is called; arguments
// that do not fit leave the object inert.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "../numpy/kernels.h"
#include "../numpy/recognise.h"

namespace mmappickle::python {

// What an object is.
struct Recognised {
  enum Kind : std::uint8_t {
    nothing,  // of no class of the table: an inert object
    scalar,   // a vector of one element, in `type` and `number`
    same,     // as the plain value `node`: a list, a dict, bytes, a text ...
    range,    // start, step, count
    zoned,    // a local time in a named zone: fields
  } kind = nothing;
  numpy::RType type = numpy::RType::real;
  numpy::Meaning meaning = numpy::Meaning::plain;
  double number = 0, imaginary = 0;
  bool aware = false;  // a moment that tells its zone
  bool clock = false;  // a time of day
  pickle::Id node = pickle::kNoId;
  // What `same` is, if not what the node is: protocols before 4 make sets of lists.
  pickle::Tag container = pickle::Tag::none;
  double start = 0, step = 0, count = 0;
  double fields[7] = {};  // year, month, day, hour, minute, second, fold
  Bytes zone;             // R's name of the time zone, empty for UTC
};

// For all objects of one tree, to which it adds nodes: what several objects are made
// from is read once.
class Recogniser {
 public:
  Recogniser(pickle::Tree& tree, numpy::Recogniser& numpy) : tree_(tree), numpy_(numpy) {}
  Recognised recognise(pickle::Id object);

 private:
  pickle::Tree& tree_;
  numpy::Recogniser& numpy_;
  std::unordered_map<std::uint64_t, pickle::Id> made_;  // see made_once()
};

}  // namespace mmappickle::python
