// From the value tree to R (private to decode*.cpp). See values.h for what it promises.
#pragma once

#include <vector>

#include "core/numpy/recognise.h"
#include "core/pandas/pandas.h"
#include "core/pickle/extent.h"
#include "r/read/decode_object.h"
#include "r/read/simplify.h"
#include "r/build.h"
#include "r/call.h"
#include "r/error.h"
#include "r/read/read.h"
#include "r/text.h"
#include "r/vector.h"
#include "r/view/view.h"

namespace mmappickle {

// What an object of a known Python class is in R. decode_python.cpp has the table.
struct Known {
  enum Kind {
    none,    // not known: an inert python_object
    scalar,  // a vector of one element, in `type` and `number`
    same,    // as the plain value `items`: a list, a dict, bytes, a text ...
    range,   // start, step, count
    zoned,   // a local time in a named zone: fields
  } kind = none;
  numpy::RType type = numpy::RType::real;
  numpy::Meaning meaning = numpy::Meaning::plain;
  double number = 0, imaginary = 0;
  pickle::Id items = pickle::kNoId;
  double start = 0, step = 0, count = 0;
  double fields[7] = {};  // year, month, day, hour, minute, second, fold
  Bytes zone;             // UTC offset zones: a name that R knows
};
// Nodes that were made for such values, by the node that they were made from.
using MadeNodes = std::unordered_map<std::uint64_t, pickle::Id>;
Known know(pickle::Tree& tree, numpy::Recogniser& recogniser, MadeNodes& made,
           pickle::Id id);

// Walks the tree depth first with a stack of its own. A frame is a container that is
// being filled: its children's values gather in an R list (its box), which is anchored in
// the frame below, the lowest in root_. Everything with a destructor is a member, so that
// R's errors may jump out of run().
class Decoder {
 public:
  Decoder(store::Loaded& loaded, const std::string& path, const std::string& key,
          const Flags& flags, SEXP readers, Warnings& warnings,
          std::shared_ptr<const Watch> watch)
      : loaded_(loaded),
        tree_(loaded.tree),
        mapping_(loaded.mapping),
        watch_(std::move(watch)),
        path_(path),
        key_(key),
        flags_(flags),
        readers_(readers),
        warnings_(warnings) {}

  // Inside protect(): the value of an array that stands for itself.
  SEXP elements(const numpy::Array& array) { return this->array(array, Bytes()); }

  // From here on notes which node each R value was made from.
  void note_nodes(std::unordered_map<SEXP, pickle::Id>* nodes) { nodes_ = nodes; }

  // Inside protect(). `array`: an array entry, in place of the value.
  // `keep_mutable`: the value itself is not sealed.
  SEXP run(pickle::Id value, pickle::Id metadata, const numpy::Array* array,
           bool keep_mutable);
  // What there is to warn of besides.
  void warn() const;

 private:
  enum class Form : std::uint8_t {
    leaf,
    array,
    objects,
    list,
    named,
    pairs,
    dict,
    object,
    pandas
  };
  struct Child {
    pickle::Id id, meta;
  };
  // Values of nodes; of sequences that stay lists (kAsList); of nodes with metadata, by
  // the metadata's node. Places in root_.
  enum class Cache : std::uint8_t { plain = 1, lists, dressed };
  // What a node is to become, found by classify(); trivially destructible.
  struct Plan {
    Form form = Form::leaf;
    pickle::Id id = pickle::kNoId, meta = pickle::kNoId;
    Simple simple = Simple::no;        // leaf made of a sequence
    bool simplify = false;             // an object array
    pickle::Id items = pickle::kNoId;  // the container node with the items
    pickle::Id same = pickle::kNoId;   // as that node, and nothing else
    std::size_t array = SIZE_MAX;      // in arrays_
    std::size_t known = SIZE_MAX;      // in known_
    const pandas::Value* pandas = nullptr;
    Bytes type;                             // R metadata's "type", or empty
    pickle::Id attributes = pickle::kNoId;  // R metadata's list
    pickle::Id children = pickle::kNoId;    // R metadata's dict
    pickle::Id value = pickle::kNoId;       // R metadata's "value"
    pickle::Id bytes = pickle::kNoId;       // R metadata's list of positions
    // Children: `own` items, then the metadata's value, then its attributes.
    std::uint64_t rows = UINT64_MAX;  // named: a data frame of so many
    std::uint64_t own = 0;
    std::uint64_t keys = 0;  // named, pairs, dict: the keys in keys_ from here on
    bool tracked = false;    // marked kOpen while its frame stands
    // The node under which the value is remembered for the next who refers to it, and
    // in which cache.
    pickle::Id cached = pickle::kNoId;
    Cache cache = Cache::plain;
    bool inside = false;  // of an attribute: only there R metadata may say code
  };
  struct Frame {
    Plan plan;
    std::size_t first, next, last;  // in children_
    SEXP box;
    std::uint64_t opened = 0;  // when, see clock_
    // The lowest frame without which the value would not be this one: what lies between
    // is cut off at a cycle that leads there.
    std::size_t reach = SIZE_MAX;
    unsigned levels = 0;  // of python_objects in python_objects
    pickle::Extent extent = pickle::Extent::container();
  };

  // In place of metadata: a list that stays one (the parts of an inert object).
  static constexpr pickle::Id kAsList = pickle::kNoId - 1;

  // decode.cpp: the walk
  SEXP open(pickle::Id id, pickle::Id meta);  // a value, or null if a frame was pushed
  void push(const Plan& plan, std::size_t first);
  void add_children(Plan& plan);
  void add_pairs(Plan& plan);
  void add_columns(Plan& plan);
  void object_parts(pickle::Id id, pickle::Id* parts) const;
  bool may_be_shared(pickle::Id id) const;
  bool dress(pickle::Id node);
  SEXP met(pickle::Id node, Cache cache);
  void add_part(const pickle::Extent& extent);
  void require_extent(std::size_t around, const pickle::Extent& extent) const;
  enum Mark : std::uint8_t {
    kOpen = 1,   // a frame stands for the node: to meet it again is a cycle
    kUsed = 2,   // metadata that was applied
    kNull = 4,   // a shared node whose value is NULL
    kWhole = 8,  // made before, and not cut off (Frame::reach): nor is it the next time
    kDressed = 16,  // its items were made into a value with metadata
  };
  struct Seen {
    std::uint8_t marks = 0;
    std::uint8_t levels = 0;           // of a remembered value's frame, see there
    std::uint32_t frame = 0;           // while kOpen
    pickle::Id value = pickle::kNoId;  // that metadata was applied to
    // The Extent of a remembered value.
    std::uint32_t height = 0;
    float leaves = 1;
  };
  Seen& seen(pickle::Id id);
  std::uint8_t& mark(pickle::Id id);
  void remember(pickle::Id id, SEXP value, Cache cache = Cache::plain);
  SEXP remembered(pickle::Id id, Cache cache = Cache::plain) const;
  SEXP finish(const Frame& frame);
  SEXP sealed(SEXP value);
  SEXP natural(const Plan& plan, SEXP box);
  SEXP with_attributes(const Frame& frame, SEXP value);
  bool set_attribute(SEXP value, Bytes name, SEXP attribute);
  bool inside_attribute() const;
  SEXP items_of(const Plan& plan, SEXP box);
  SEXP python_dict(const Plan& plan, SEXP box);
  SEXP named_list(const Plan& plan, SEXP box);
  void misfit();

  // decode_classify.cpp: what a node is to become (no R API)
  Plan classify(pickle::Id id, pickle::Id meta);
  void classify_sequence(Plan& plan, bool as_list);
  void classify_mapping(Plan& plan);
  void classify_object(Plan& plan);
  void classify_same(Plan& plan, pickle::Id node);
  void classify_records(Plan& plan, const numpy::Array& array);
  pickle::Id columns_of(const numpy::Dtype& dtype, pickle::Id tuples, bool as_frame,
                        int depth);
  void read_metadata(Plan& plan);
  bool are_attributes(pickle::Id list) const;
  bool are_pairs(pickle::Id list) const;
  pickle::Id attribute(const Plan& plan, const char* name) const;
  bool only_none(pickle::Id sequence) const;
  static Simple simple_named(Bytes type);

  // decode_leaf.cpp
  SEXP leaf(const Plan& plan);
  SEXP missing(Bytes type);
  SEXP known(const Known& known);
  SEXP vector_of(const Plan& plan, Simple type);
  SEXP bytes(Bytes bytes);

  // decode_object.cpp
  SEXP inert(Bytes class_name, const char* how, SEXP state);
  SEXP inert(const char* class_name, const char* how, SEXP state) {
    return inert(Bytes(std::string_view(class_name)), how, state);
  }
  SEXP object(const Plan& plan, SEXP box);
  void class_name(pickle::Id id);  // into scratch_
  void enter(Frame& frame);
  void leave(const Frame& frame);
  void meet_again(pickle::Id cached);
  void cut(std::size_t frame);
  bool is_cut_off(const Frame& frame);
  void add_pickle(pickle::Id id, SEXP value, const Frame* frame);
  SEXP pickle_of(pickle::Id id, bool inside);
  SEXP read_object(SEXP value);

  // decode_pandas.cpp
  bool classify_pandas(Plan& plan);
  void add_parts(const Plan& plan);
  bool as_list(const pandas::Value& v) const;
  SEXP pandas_value(const Plan& plan, SEXP box);
  SEXP pandas_vector(const pandas::Value& v, SEXP box);
  SEXP data_frame(const pandas::Value& v, SEXP box);
  SEXP multi_index(const pandas::Value& v, SEXP box);
  SEXP first_of(SEXP box, std::uint64_t count);
  SEXP copied_codes(const numpy::Array& codes);
  SEXP strings(pickle::Id list);
  SEXP string_item(pickle::Id id);

  // decode_types.cpp: what R metadata makes of the rest
  SEXP time_array(const Plan& plan, SEXP box);
  SEXP time_scalar(const Plan& plan, SEXP box);
  double seconds_a_unit(const Plan& plan, const char* natural) const;
  bool fits_factor(const Plan& plan) const;
  SEXP factor(const Plan& plan, SEXP box);
  SEXP language(const Plan& plan, SEXP list);
  SEXP named_thing(const Plan& plan);
  SEXP text_item(pickle::Id id);
  SEXP text_or_bytes(pickle::Id id, bool bytes);

  // decode_array.cpp
  SEXP array(const numpy::Array& array, Bytes type);
  // `bare`: without the class that the dtype means.
  SEXP plain_array(const numpy::Array& array, const numpy::Choice& choice,
                   View::Of of = View::Of::array, bool bare = false);
  SEXP copied_array(const numpy::Array& array, const numpy::Target& target, bool bare);
  SEXP void_array(const numpy::Array& array);
  SEXP structured(const numpy::Array& array, int depth);
  SEXP object_array(const Plan& plan, SEXP box);
  bool rounds(const numpy::Array& array, numpy::RType type);
  // decode_place.cpp
  void note_rounded();
  std::string place() const;
  std::string step(const Frame& frame, std::size_t child) const;

  const store::Loaded& loaded_;
  pickle::Tree& tree_;
  std::shared_ptr<os::Mapping> mapping_;
  std::shared_ptr<const Watch> watch_;  // null: all is copied
  const std::string &path_, &key_;
  Flags flags_;
  SEXP readers_;
  Warnings& warnings_;

  std::vector<Frame> frames_;
  std::vector<Child> children_;
  std::vector<pickle::Id> keys_;
  std::deque<numpy::Array> arrays_;
  std::deque<Known> known_;
  numpy::Recogniser recogniser_{tree_};
  pandas::Recogniser pandas_{tree_, recogniser_};
  MadeNodes made_;
  std::unordered_map<pickle::Id, std::uint64_t> rows_;  // dicts that are data frames
  std::vector<Seen> seen_;                              // by node
  std::string scratch_;
  std::unique_ptr<View> pending_;  // on its way to make_view()
  std::vector<numpy::Axis> axes_;
  numpy::Array turned_, items_;  // of plain_array()
  SEXP root_ = R_NilValue;  // [[1]] the value; then the caches, by number of the node
  bool keep_mutable_ = false;
  bool finishing_ = false;            // the value of the uppermost frame itself is made
  std::string fields_;                // of the structured arrays that it is in
  std::vector<std::string> rounded_;  // where integers were rounded
  // python_objects: frames of such that stand; shared nodes that were cut off (Frame::
  // reach), by when they were left; steps of the walk.
  unsigned objects_ = 0;
  std::unordered_map<pickle::Id, std::uint64_t> cut_off_;
  std::uint64_t clock_ = 0;
  pickle::Limits limits_;
  double opened_ = 0;  // values, each as often as it was made
  ObjectPickles pickles_{tree_, loaded_.bytes};
  std::unordered_map<std::string, SEXP> reader_of_;
  const numpy::Array* entry_array_ = nullptr;  // the first of arrays_
  bool making_entry_ = false;                  // and not an array inside its attributes
  std::unordered_map<SEXP, pickle::Id>* nodes_ = nullptr;
};

// Walks the positions of R metadata's "bytes", which ascend; asked for one position after
// the other.
class Positions {
 public:
  Positions(const pickle::Tree& tree, pickle::Id list)
      : tree_(tree),
        at_(tree.items(list == pickle::kNoId ? 0 : list).begin()),
        end_(tree.items(list == pickle::kNoId ? 0 : list).end()) {}
  bool has(std::uint64_t position) {
    while (at_ != end_ && value() < position) ++at_;
    return at_ != end_ && value() == position;
  }

 private:
  std::uint64_t value() const {
    const pickle::Node& node = tree_[*at_];
    return node.tag == pickle::Tag::integer ? static_cast<std::uint64_t>(node.integer)
                                            : 0;
  }
  const pickle::Tree& tree_;
  pickle::Tree::Items::Iterator at_, end_;
};

// What a python_object's parts are called, in the order in which they stand.
constexpr int kObjectParts = 6;
extern const char* const kObjectPart[kObjectParts];

}  // namespace mmappickle
