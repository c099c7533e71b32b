// The unpickler's stack machine: what each opcode does to the stack, the marks and the
// memo. dispatch.cpp says which opcode does what; here is how. An opcode never reaches
// below the last mark.
#pragma once

#include "cursor.h"
#include "reader.h"
#include "slots.h"

namespace mmappickle::pickle {

class Machine {
 public:
  // `protocol`: what holds before a PROTO says another.
  Machine(Tree& tree, Bytes input, std::uint64_t base, int protocol = 0)
      : tree_(tree), cursor_(input, base), protocol_(protocol) {
    stack_.reserve(16);  // more than most values take
  }

  // Whom to ask for bytes behind a BUILD; null: nobody.
  void ask_behind(const ReadBehind* behind) { behind_ = behind; }
  // Executes one opcode and returns it; with it what follows, where that is a run of
  // pushes above a MARK. STOP does nothing.
  std::uint8_t step() {
    const std::uint8_t opcode = cursor_.next();
    execute(opcode);
    if (!marks_.empty() && begins_run(opcode)) push_run();
    tree_.poll();
    return opcode;
  }
  // Takes the topmost object off the stack.
  Id pop();

  const Cursor& cursor() const { return cursor_; }
  // So many bytes more of the input than it was given.
  void extend(std::uint64_t size) { cursor_.extend(size); }
  const std::vector<Id>& stack() const { return stack_; }
  bool has_marks() const { return !marks_.empty(); }
  // How many objects lie below the lowest mark; SIZE_MAX without one.
  std::size_t marks_from() const { return marks_.empty() ? SIZE_MAX : marks_.front(); }
  // What the last POP removed; kNoId for a mark.
  Id popped() const { return popped_; }
  Placement placement() const { return placement_; }
  // Of all opcodes so far: how many objects of the stack they left alone.
  std::size_t lowest() const { return lowest_; }
  // From here on, lowest() is said of what follows.
  void forget_lowest() { lowest_ = stack_.size(); }
  // One more than the highest slot of the memo that was set, 0 for none.
  std::uint64_t memo() const { return memo_; }

 private:
  void execute(std::uint8_t opcode);
  static bool begins_run(std::uint8_t opcode) {
    return opcode == op::MARK || opcode == op::BINGET || opcode == op::LONG_BINGET ||
           op::family_of(opcode) == op::Family::number;
  }
  void push_run();
  void execute_stack(std::uint8_t opcode);
  void execute_number(std::uint8_t opcode);
  void execute_text(std::uint8_t opcode);
  void execute_container(std::uint8_t opcode);
  void execute_memo(std::uint8_t opcode);
  void execute_object(std::uint8_t opcode);

  // -- the stack
  void push(Id id) { stack_.push_back(id); }
  void need(std::size_t count);
  Id top();
  void drop();              // POP
  std::size_t take_mark();  // where it stood; what is above stays on the stack
  void cut(std::size_t size) { stack_.resize(size); }

  // -- scalars and texts
  void push_literal(bool is_int);
  void push_twos_complement();
  void push_string();
  void push_bytes_string(Bytes bytes);  // Python 2
  void push_unicode();
  void push_text();
  void push_float();
  Id binary_float(std::uint64_t le);

  // -- containers. `from`: the index on the stack at which the items begin
  void push_container(Tag tag, std::size_t from);
  void append(std::size_t from);
  void set_items(std::size_t from);
  void add_items(std::size_t from);
  void add(std::size_t from, Tag to_tag, Id Extra::*of_object);
  void check_pairs(std::size_t from) const;
  void check_hashable(std::size_t from, std::size_t step) const;

  // -- memo
  void put(std::uint64_t slot);
  void get(std::uint64_t slot);
  std::uint64_t text_slot();

  // -- what Python would call
  void push_stack_global();
  Id global(Id module, Id name);
  Id global_of_lines(bool ascii);
  Id name_of(Bytes line, bool ascii);
  void push_persistent();
  void make_object(How how);
  void make_instance(Id callable, std::size_t from);
  void push_extension(std::int64_t code);
  void build();
  void read_behind(Id object);
  void make_readonly();

  void restrict_to(Placement at_best) {
    if (at_best > placement_) placement_ = at_best;
  }

  Tree& tree_;
  Cursor cursor_;
  int protocol_;  // names of Python 2 below 3
  std::vector<Id> stack_;
  std::vector<std::size_t> marks_;
  Slots slots_;
  Id popped_ = kNoId;
  Placement placement_ = Placement::anywhere;
  std::size_t lowest_ = 0;
  std::uint64_t memo_ = 0;
  Id empty_tuple_ = kNoId;  // immutable: one serves for all
  const ReadBehind* behind_ = nullptr;
};

}  // namespace mmappickle::pickle
