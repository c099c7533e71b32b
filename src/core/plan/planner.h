// From the value tree to plans. Iterative: nodes nest as deep as the bytes allow.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "../numpy/recognise.h"
#include "../pickle/extent.h"
#include "plan.h"

namespace mmappickle::plan {

struct Options {
  bool simplify = true;  // sequences of scalars of one type become vectors
  ScalarOptions scalars{};
  bool raw_uint8 = false;
  Index index = Index::column;
  pickle::Limits limits{};  // of what R is to hold
  // What errors of kind limit are about.
  std::function<std::string()> subject = [] { return std::string("The value is"); };
};

// One walk of a tree, to which it adds nodes. Errors of kind limit where the value is
// larger than R's functions can bear, of kind format where an array is damaged.
class Planner {
 public:
  Planner(pickle::Tree& tree, const Options& options) : tree_(tree), options_(options) {}

  // `array`: an array entry, in place of the value; it must outlive the plans.
  void run(Id value, Id metadata, const numpy::Array* array = nullptr);

  // Valid as long as this object and the tree.
  const Plans& plans() const { return plans_; }
  // A missing value of pandas' (None, NaN, NaT, NA).
  bool is_missing(Id id) const { return pandas_.is_missing(id); }
  // An item of what became a vector.
  Scalar scalar(Id id) { return scalars_.of(id, options_.scalars); }

 private:
  struct Child {
    explicit Child(Id node = kNoId, Id metadata = kNoId)
        : node(node), metadata(metadata) {}
    Id node, metadata;
    Number plan = kNone;
  };
  // In place of metadata: a list that stays one (the parts of an inert object).
  static constexpr Id kAsList = kNoId - 1;
  // What is being planned: a value with parts that are not all planned yet.
  struct Step {
    Number plan;
    std::size_t first, next, last;  // in children_
    std::uint64_t opened;           // when, see clock_
    // The lowest step without which the value would not be this one; see "Cycles".
    std::size_t reach = SIZE_MAX;
    unsigned levels = 0;         // of inert objects in inert objects
    std::size_t plain_last = 0;  // those before may be plain values
    Id tracked = kNoId;          // the node that is marked kOpen meanwhile
    Id remembered = kNoId;       // the node under which the plan will be, and where
    bool as_list = false, with_metadata = false;
    pickle::Extent extent = pickle::Extent::container();
  };
  enum Mark : std::uint8_t {
    kOpen = 1,     // a step is there for the node: to meet it again is a cycle
    kUsed = 2,     // metadata that was applied
    kWhole = 4,    // planned before, and not cut off: nor is it the next time
    kApplied = 8,  // its items were planned with metadata
    kMade = 16,    // it was tried as what a set was made of
  };
  // By node. What is remembered is the plan of a node without metadata, or of one with,
  // by the metadata's node.
  struct Seen {
    std::uint8_t marks = 0, levels = 0;
    std::uint32_t step = 0;    // while kOpen
    Id value = kNoId;          // that metadata was applied to
    std::uint32_t height = 0;  // of the extent of a remembered plan
    float leaves = 1;
    Number plan = kNone;
  };

  // Of nodes; memory for those that are asked for and their neighbours.
  class AllSeen {
   public:
    Seen& operator[](Id id) {
      const std::size_t page = id / kPage;
      if (page >= pages_.size()) pages_.resize(page + 1);
      if (!pages_[page]) pages_[page].reset(new Seen[kPage]);
      return pages_[page][id % kPage];
    }

   private:
    static constexpr Id kPage = 32;
    std::vector<std::unique_ptr<Seen[]>> pages_;
  };

  // planner.cpp: the walk
  void pass_plain(Step& step);
  Number use_metadata(Id node, Id& metadata);
  Number open(Id node, Id metadata, Id referred);
  Number open_entry(const numpy::Array& array, Id metadata);
  Number add(const Plan& plan);
  void push(Number plan, std::size_t first, Id tracked, Id remember, Id metadata);
  void finish();
  Number finish_leaf(Number plan);
  void add_children(Number plan);
  void add_pairs(Number plan, Id items);
  void apply_children(const Plan& plan, Id children, std::size_t first);
  bool may_be_shared(Id id) const;
  bool apply_once(Id items);
  Number met(Id remembered, bool as_list, bool with_metadata);
  Number& remembered(Id id, bool as_list, bool with_metadata);
  bool inside_attribute() const;
  Seen& seen(Id id) { return seen_[id]; }
  void note_misfit() { plans_.metadata_fits = false; }
  Details& details(Plan& plan);

  // classify.cpp, classify_sequence.cpp: what a node becomes. The node in whose place
  // another one is to be planned, or kNoId.
  Id classify(Plan& plan, Id metadata);
  void classify_sequence(Plan& plan, Id items, bool as_list);
  void classify_typed(Plan& plan, Id items);
  void classify_mapping(Plan& plan, Id items);
  Id classify_object(Plan& plan, Id metadata);
  Id classify_same(Plan& plan, Id node, Id metadata);
  void classify_records(Plan& plan, const numpy::Array& array);
  bool classify_pandas(Plan& plan);
  bool classify_scalar(Plan& plan, const numpy::Array& array);
  void classify_objects(Plan& plan);
  bool simplify(Plan& plan, Id items, bool none_is_logical);
  void keep_kind(Plan& plan, Id items, pickle::Tag container);
  bool classify_made(Plan& plan, const python::Recognised& known, Id metadata);
  Id text_of_key(Id key);
  bool has_last_keys(Id items) const;
  void add_parts(const Plan& plan, const pandas::Object& value);
  bool are_pairs(Id list) const;
  bool fits_factor(const Plan& plan, Id items) const;

  // cycles.cpp
  //
  // A value that was met inside itself is cut there (Form::cycle). What lies between is
  // cut off: by itself it would be another value, which sees more. Say
  //
  //     a = [b, 1]; b = [a]          planned from a: [[cycle], 1]
  //
  // The step of b ends with reach 0, that of a: b is cut off, and an inert object in its
  // place could not be stored by itself. That of a ends with reach 0, too, which is its
  // own: it is whole.
  //
  // b is remembered, for the next one who refers to it. That one, if it does not lie
  // within a, would see more of b than is there, so it is cut off, too, and so are all
  // around it up to what was open when b was left. So each remembered plan that was cut
  // off keeps the time at which it was left (cut_off_), each step the one at which it
  // was opened, and meet_again() cuts at the first step that was open by then.
  void enter(Step& step);
  void leave(Step& step);
  bool finish_plain(Number plan, std::size_t first, Id tracked);
  void meet_again(Id remembered);
  void cut(std::size_t step);
  bool is_cut_off(const Step& step);
  Storable storable(const Step* step, Form form);
  void add_part(const pickle::Extent& part);
  void require_extent(std::size_t around, const pickle::Extent& extent) const;

  pickle::Tree& tree_;
  const Options& options_;
  numpy::Recogniser numpy_{tree_};
  pandas::Recogniser pandas_{tree_, numpy_};
  python::Recogniser python_{tree_, numpy_};
  Scalars scalars_{tree_, numpy_, python_, pandas_};
  Plans plans_;
  std::vector<Step> steps_;
  std::vector<Child> children_;
  std::vector<Id> values_;  // of the dict whose children are added
  Sequence found_;          // by simplify()
  AllSeen seen_;
  Number last_named_ = kNone;  // whose keys the next dict may have, too
  Id known_keys_ = kNoId;      // a dict that has them
  std::unordered_map<Id, Number> lists_, with_metadata_;
  std::unordered_map<Id, std::uint64_t> rows_;  // dicts that are data steps
  std::unordered_map<Id, std::uint64_t> cut_off_;
  std::uint64_t clock_ = 0;
  unsigned objects_ = 0;  // steps of inert objects
  double opened_ = 0;     // values, each as often as it was planned
};

}  // namespace mmappickle::plan
