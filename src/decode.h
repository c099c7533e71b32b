// From the value tree to R (private to decode*.cpp). See values.h for what it promises.
#pragma once

#include <vector>

#include "core/numpy/recognise.h"
#include "simplify.h"
#include "values.h"
#include "views.h"

namespace mmappickle {

// What an object of a known Python class is in R. decode_python.cpp has the table.
struct Known {
  enum Kind {
    none,      // not known: an inert python_object
    scalar,    // a vector of one element, in `type` and `number`
    raw,       // `bytes`
    sequence,  // a list: the items of the container node `items`
    mapping,   // a dict: `items` is a dict node
    range,     // start, step, count
    zoned,     // a local time in a named zone: fields
  } kind = none;
  numpy::RType type = numpy::RType::real;
  numpy::Meaning meaning = numpy::Meaning::plain;
  double number = 0, imaginary = 0;
  Bytes bytes;
  pickle::Id items = pickle::kNoId;
  double start = 0, step = 0, count = 0;
  double fields[7] = {};  // year, month, day, hour, minute, second, fold
  Bytes zone;             // UTC offset zones: a name that R knows
};
Known know(pickle::Tree& tree, numpy::Recogniser& recogniser, pickle::Id id);

// Walks the tree depth first with a stack of its own. A frame is a container that is
// being filled: its children's values gather in an R list (its box), which is anchored in
// the frame below, the lowest in root_. Everything with a destructor is a member, so that
// R's errors may jump out of run().
class Decoder {
 public:
  Decoder(pickle::Tree& tree, const std::shared_ptr<os::Mapping>& mapping,
          const std::string& path, const std::string& key, const Flags& flags,
          Warnings& warnings)
      : tree_(tree),
        mapping_(mapping),
        path_(path),
        key_(key),
        flags_(flags),
        warnings_(warnings) {}

  // Inside in_r(). `array`: an array entry, in place of the value.
  // `keep_mutable`: the value itself is not sealed.
  SEXP run(pickle::Id value, pickle::Id metadata, const numpy::Array* array,
           bool keep_mutable);

 private:
  enum class Form : std::uint8_t { leaf, array, objects, list, named, dict, object };
  struct Child {
    pickle::Id id, meta;
  };
  // What a node is to become, found by classify(); trivially destructible.
  struct Plan {
    Form form = Form::leaf;
    pickle::Id id = pickle::kNoId, meta = pickle::kNoId;
    Simple simple = Simple::no;             // leaf made of a sequence
    bool simplify = false;                  // an object array
    pickle::Id items = pickle::kNoId;       // the container node with the items
    std::size_t array = SIZE_MAX;           // in arrays_
    std::size_t known = SIZE_MAX;           // in known_
    Bytes type;                             // R metadata's "type", or empty
    pickle::Id attributes = pickle::kNoId;  // R metadata's list
    pickle::Id children = pickle::kNoId;    // R metadata's dict
    std::uint64_t own = 0;   // children that are items; the rest are attributes
    std::uint64_t keys = 0;  // named, dict: the keys in keys_ from here on
    bool tracked = false;    // marked kOpen while its frame stands
    bool cached = false;     // remember the value for the next who refers to it
  };
  struct Frame {
    Plan plan;
    std::size_t first, next, last;  // in children_
    SEXP box;
  };

  // In place of metadata: a list that stays one (the parts of an inert object).
  static constexpr pickle::Id kAsList = pickle::kNoId - 1;

  // decode.cpp: the walk
  SEXP open(pickle::Id id, pickle::Id meta);  // a value, or null if a frame was pushed
  void push(const Plan& plan, std::size_t first);
  void add_children(Plan& plan);
  void add_pairs(Plan& plan);
  std::string canonical_key(pickle::Id id) const;
  void object_parts(pickle::Id id, pickle::Id* parts) const;
  bool may_be_shared(pickle::Id id) const;
  enum Mark : std::uint8_t {
    kOpen = 1,  // a frame stands for the node: to meet it again is a cycle
    kUsed = 2,  // metadata that was applied: a tree of its own, so once is all
  };
  std::uint8_t& mark(pickle::Id id);
  void remember(pickle::Id id, SEXP value);
  SEXP finish(const Frame& frame);
  SEXP sealed(SEXP value);
  SEXP natural(const Plan& plan, SEXP box);
  SEXP with_attributes(const Frame& frame, SEXP value);
  bool set_attribute(SEXP value, Bytes name, SEXP attribute);
  SEXP items_of(const Plan& plan, SEXP box);
  SEXP python_dict(const Plan& plan, SEXP box);
  void misfit();

  // decode_classify.cpp: what a node is to become (no R API)
  Plan classify(pickle::Id id, pickle::Id meta);
  void classify_sequence(Plan& plan, bool as_list);
  void classify_mapping(Plan& plan);
  void classify_object(Plan& plan);
  void read_metadata(Plan& plan);
  bool are_attributes(pickle::Id list) const;
  bool only_none(pickle::Id sequence) const;
  static Simple simple_named(Bytes type);

  // decode_leaf.cpp
  SEXP leaf(const Plan& plan);
  SEXP missing(Bytes type);
  SEXP known(const Known& known);
  SEXP vector_of(pickle::Id sequence, Simple type);
  SEXP bytes(Bytes bytes);
  SEXP inert(Bytes class_name, const char* how, SEXP state);
  SEXP inert(const char* class_name, const char* how, SEXP state) {
    return inert(Bytes(std::string_view(class_name)), how, state);
  }
  SEXP object(const Plan& plan, SEXP box);
  void class_name(pickle::Id id);  // into scratch_

  // decode_array.cpp
  SEXP array(const numpy::Array& array, Bytes type);
  SEXP plain_array(numpy::Array array, const numpy::Choice& choice);
  SEXP copied_array(const numpy::Array& array, const numpy::Target& target);
  SEXP void_array(const numpy::Array& array);
  SEXP structured(const numpy::Array& array, int depth);
  SEXP object_array(const Plan& plan, SEXP box);
  void set_dim(SEXP value, const numpy::Shape& shape);

  pickle::Tree& tree_;
  std::shared_ptr<os::Mapping> mapping_;
  const std::string &path_, &key_;
  Flags flags_;
  Warnings& warnings_;

  std::vector<Frame> frames_;
  std::vector<Child> children_;
  std::vector<pickle::Id> keys_;
  std::deque<numpy::Array> arrays_;
  std::deque<Known> known_;
  numpy::Recogniser recogniser_{tree_};
  std::vector<std::uint8_t> marks_;  // by node, see mark()
  std::string scratch_;
  std::unique_ptr<View> pending_;  // on its way to make_view()
  std::vector<numpy::Axis> axes_;
  SEXP root_ = R_NilValue;  // [[1]] the value, [[2]] values of shared nodes by number
  bool keep_mutable_ = false;
  const numpy::Array* entry_array_ = nullptr;
};

// What a python_object's parts are called, in the order in which they stand.
constexpr int kObjectParts = 6;
extern const char* const kObjectPart[kObjectParts];

SEXP r_text(Bytes utf8);  // a CHARSXP; R API
// The class that a dtype's meaning has in R, with tzone (`units`, UTC if empty) or units.
void set_meaning(SEXP x, numpy::RType type, numpy::Meaning meaning, const char* units);

}  // namespace mmappickle
