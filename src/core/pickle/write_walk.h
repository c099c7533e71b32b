// The walk behind write_value(). writer.cpp has the values without children, the memo and
// the dispatch; writer_nested.cpp containers and objects.
#pragma once

#include <memory>

#include "../base/stable.h"
#include "opcodes.h"
#include "writer.h"

namespace mmappickle::pickle {

// How a container's items follow it. `exact`: as CPython does for list, dict and set
// themselves; else as it does for what an object's __reduce__ yields.
struct Batches {
  std::uint8_t one, many;  // opcodes for a single item, for a batch
  unsigned width;          // stack objects an item: 2 for a pair
  bool exact;
};
// Which slot of the memo a node has. Memory for those that have one and their neighbours;
// nothing to clear between two values: nobody asks for one that was not set.
class SlotsOfNodes {
 public:
  std::uint32_t& operator[](Id id) {
    const std::size_t page = id / kPage;
    if (page >= pages_.size()) pages_.resize(page + 1);
    if (!pages_[page]) pages_[page].reset(new std::uint32_t[kPage]);
    return pages_[page][id % kPage];
  }
  std::uint32_t of(Id id) const { return pages_[id / kPage][id % kPage]; }

 private:
  static constexpr Id kPage = 256;
  std::vector<std::unique_ptr<std::uint32_t[]>> pages_;
};

// Walks the tree twice: first to see which nodes are met again (and whether everything
// can be written), then to write. Both walks are the same code, so they cannot disagree.
// Good for many values: what one has touched is put back for the next.
class Writer {
 public:
  Writer(const Tree& tree, WriteArray write_array)
      : tree_(tree), write_array_(std::move(write_array)) {}

  // False: more than `limit` bytes.
  bool write(Id value, Output& output, Memo& memo, std::uint64_t limit);

 private:
  // Of a node, in marks_.
  static constexpr std::uint8_t kMetAgain = 1;  // found by the first walk
  static constexpr std::uint8_t kMemoised = 2;  // in this walk: from here on GET
  static constexpr std::uint8_t kBegun = 4;     // in this walk

  // What is left to do for a node whose children are being written.
  struct Task {
    void (Writer::*advance)(Task& task);
    Id id;
    unsigned stage = 0;
    Tree::Items::Iterator at{};  // of items still to be written
    const Batches* batches = nullptr;
    std::uint64_t in_batch = 0;
  };

  bool walk(Id root);
  bool is_beyond_limit() const {
    return (writing_ ? output_->size() - begin_ : visits_) > limit_;
  }
  void set_mark(Id id, std::uint8_t mark) {
    if (marks_[id] == 0) touched_.push_back(id);
    marks_[id] |= mark;
  }
  void done() { tasks_.pop_back(); }
  void visit_next(Task& task) {
    const Id child = *task.at;
    ++task.at;
    visit(child);
  }

  void visit(Id id) {
    ++visits_;
    tree_.poll();
    if (id < kSmallInts) return visit_node(id);
    if (writing_) put_integer(*output_, Tree::small_int_of(id));
  }
  void visit_node(Id id);
  void put_scalar(Id id);
  void put_big_integer(Id id);
  void begin_text(Id id);
  void begin_byte_array(Id id);
  void begin_filled(Id id);
  void begin_tuple(Id id);
  void begin_frozenset(Id id);
  void begin_global(Id id);
  void begin_object(Id id);
  void begin_array(Id id);
  void begin_batches(Id owner, Id container, const Batches& batches);
  void begin_nested(Id id, void (Writer::*advance)(Task&));
  bool write_leaves(Task& task);
  template <bool kWriting>
  std::uint64_t visit_leaves(const Id* ids, std::uint64_t n);
  void advance_batches(Task& task);
  void advance_tuple(Task& task);
  void advance_frozenset(Task& task);
  void advance_global(Task& task);
  void advance_object(Task& task);
  void advance_instance(Task& task);
  void advance_array(Task& task);
  void finish_object(Task& task);

  void put(std::uint8_t opcode) {
    if (writing_) output_->put(opcode);
  }
  void put_payload(Bytes bytes);
  void memoise(Id id);
  void get(Id id);
  bool is_memoised(Id id) const { return (marks_[id] & kMemoised) != 0; }
  [[noreturn]] static void refuse(const char* what);

  const Tree& tree_;
  WriteArray write_array_;
  std::vector<std::uint8_t> marks_;  // by node; all 0 between two values
  std::vector<Id> touched_;          // those that are not

  // Of the value that is being written.
  Output* output_ = nullptr;
  Memo* memo_ = nullptr;
  bool writing_ = false;
  std::uint64_t limit_ = 0, begin_ = 0, visits_ = 0;
  SlotsOfNodes slots_;
  Stable<Task> tasks_;
  // Items of nodes that were begun again: see begin_nested().
  std::uint64_t repeated_ = 0;
};

}  // namespace mmappickle::pickle
