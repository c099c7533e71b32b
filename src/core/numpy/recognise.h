// Value tree to arrays: which inert calls are NumPy's. By exact (module, name) from one
// table, in the names of NumPy 1 and 2; shapes, lengths and dtypes are checked against
// each other and against the bytes.
#pragma once

#include <optional>
#include <unordered_map>

#include "../pickle/inert.h"
#include "array.h"

namespace mmappickle::numpy {

enum class Found {
  nothing,  // no array: some other value
  array,    // ndarray, masked array, matrix, recarray ...
  scalar,   // NumPy scalar: an array of rank 0
  records,  // structured, objects in some field: `array` says which fields, its `objects`
            // are a tuple an item
  damaged,  // meant to be an array, but its parts do not fit: `problem` says why
};
struct Recognised {
  Found found = Found::nothing;
  Array array;
  std::string problem;
};

Recognised damaged(std::string problem);

// An array of a class that is derived from ndarray or MaskedArray, and no class of
// NumPy's.
struct Derived {
  pickle::Id array =
      pickle::kNoId;                // the same of NumPy's own class, a node that was made
  pickle::Id rest = pickle::kNoId;  // what the class adds to the state, if anything
};
bool has_objects(const Dtype& dtype);  // in any field

// For all values of one tree: what several of them share is looked at once, so that the
// cost stays linear. Borrows the tree, in which it keeps bytes that it had to make.
class Recogniser {
 public:
  explicit Recogniser(pickle::Tree& tree) : tree_(tree) {}

  // Knows: numpy.core.multiarray._reconstruct + state; numpy.ndarray((0,)) + state (the
  // portable form); numpy.core.fromnumeric.reshape(numpy.core.multiarray.fromstring(...))
  // (the Python library's form); numpy.core.numeric._frombuffer (protocol 5);
  // numpy.ma.core._mareconstruct + state; numpy.ma[.core].MaskedArray(data, mask, ...);
  // numpy.core.multiarray.scalar; and numpy._core, numpy.ma names of NumPy 2. Python 2's
  // byte strings serve as data; StringDType is an array of objects. Arrays of dtypes that
  // are not NumPy's, masked ones and those of rank 2 and more with objects in their
  // fields are nothing.
  Recognised recognise(pickle::Id id);

  // Of an object that is no array; all kNoId for what is none of these, or damaged.
  Derived derived(pickle::Id id);

  // numpy.dtype(...) + state, structured ones included. False if it is none or damaged.
  bool dtype(pickle::Id id, Dtype& dtype);

  // bytes, bytearray, Python 2's str, and the calls by which protocols 0 to 2 spell bytes
  // (_codecs.encode(text, "latin1"), bytes()). False for anything else.
  bool bytes(pickle::Id id, Bytes& bytes);
  // The same, or a text of Latin-1: what NumPy and datetime take as their data, too, as
  // pickle.load(encoding = "latin1") makes one of Python 2's.
  bool data(pickle::Id id, Bytes& bytes);
  // What text.encode(codec) gives, for the codecs that pickles use.
  bool encoded(pickle::Id text, pickle::Id codec, Bytes& bytes);
  // A tuple or list of extents. False if it is none, or of more than kMaxRank.
  bool shape(pickle::Id id, Shape& shape) const;

 private:
  using Id = pickle::Id;
  using Call = pickle::Call;
  Recognised plain(Id id);
  Recognised masked(const Call& call);
  Recognised masked_state(const Call& call);
  Recognised scalar(const Call& call);
  Recognised from_state(const Call& call, std::string subclass);
  Recognised from_string(const Call& call);
  Recognised from_buffer(const Call& call);
  Recognised copied(const Call& call);
  Recognised contiguous(const Dtype& dtype, const Shape& shape, bool fortran, Id data,
                        bool room = false);
  Recognised objects(const Shape& shape, Id list);
  Recognised without_dtype(Id dtype) const;
  bool is_new_array(Id id) const;
  Id array_of_state(const Call& call, Id state, bool masked);
  bool latin1(Id text, Bytes& bytes);

  pickle::Tree& tree_;
  std::unordered_map<Id, std::optional<Dtype>> dtypes_;
  std::unordered_map<Id, std::optional<Bytes>> texts_;
};

// str(dtype), which array entries hold: a name, or the fields in Python's notation, which
// the Python library writes and NumPy itself does not read.
bool dtype_of_text(std::string_view text, Dtype& dtype);

// Behind Recogniser::dtype(), which remembers what it was asked for.
bool build_dtype(Recogniser& recogniser, const pickle::Tree& tree, pickle::Id id,
                 Dtype& dtype);

// Why an array somewhere in a value cannot be read: a sentence; empty if all can.
std::string damage_in(pickle::Tree& tree, pickle::Id value);

// One value alone.
inline Recognised recognise(pickle::Tree& tree, pickle::Id id) {
  return Recogniser(tree).recognise(id);
}

}  // namespace mmappickle::numpy
