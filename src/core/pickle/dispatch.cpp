// Which opcode does what.
#include <string>

#include "machine.h"
#include "opcodes.h"

namespace mmappickle::pickle {

namespace {

std::string hex(std::uint8_t byte) {
  static const char kDigits[] = "0123456789abcdef";
  return {'0', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
}

}  // namespace

// One switch for each family of opcodes.

void Machine::execute(std::uint8_t opcode) {
  switch (op::family_of(opcode)) {
    case op::Family::stack:
      return execute_stack(opcode);
    case op::Family::number:
      return execute_number(opcode);
    case op::Family::text:
      return execute_text(opcode);
    case op::Family::container:
      return execute_container(opcode);
    case op::Family::memo:
      return execute_memo(opcode);
    case op::Family::object:
      return execute_object(opcode);
  }
}

// Numbers and what the memo has, as they come by the million between MARK and APPENDS or
// SETITEMS. What is not there, or not whole, is left to execute().
void Machine::push_run() {
  const Bytes rest = cursor_.rest();
  const std::uint8_t* at = rest.data;
  const std::uint8_t* const end = at + rest.size;
  constexpr std::ptrdiff_t kLongest = 9;
  constexpr std::uint64_t kMost = 4096;  // between two polls
  std::uint64_t pushed = 0;
  const auto get = [this](std::uint64_t slot) {
    const Id id = slots_.get(slot);
    if (id != kNoId) tree_.note_again(id);
    return id;
  };
  for (; end - at >= kLongest && pushed < kMost; ++pushed) {
    Id id = kNoId;
    int size = 1;
    switch (*at) {
      case op::BININT:
        id = tree_.integer(static_cast<std::int32_t>(load_le(at + 1, 4)));
        size = 5;
        break;
      case op::BININT1:
        id = tree_.integer(at[1]);
        size = 2;
        break;
      case op::BININT2:
        id = tree_.integer(static_cast<std::int64_t>(load_le(at + 1, 2)));
        size = 3;
        break;
      case op::BINFLOAT:
        id = binary_float(load_u64(at + 1));
        size = 9;
        break;
      case op::BINGET:
        id = get(at[1]);
        size = 2;
        break;
      case op::LONG_BINGET:
        id = get(load_le(at + 1, 4));
        size = 5;
        break;
      case op::NEWTRUE:
      case op::NEWFALSE:
        id = tree_.boolean(*at == op::NEWTRUE);
        break;
      case op::NONE:
        id = tree_.none();
        break;
      default:
        break;
    }
    if (id == kNoId) break;
    push(id);
    at += size;
  }
  if (pushed == 0) return;
  cursor_.skip(static_cast<std::uint64_t>(at - rest.data));
  tree_.poll(pushed);
}

void Machine::execute_stack(std::uint8_t opcode) {
  switch (opcode) {
    case op::STOP:
      return;
    case op::MARK:
      return marks_.push_back(stack_.size());
    case op::POP:
      return drop();
    case op::POP_MARK:
      return cut(take_mark());
    case op::DUP:
      return push(top());
    case op::PROTO:
      protocol_ = static_cast<int>(cursor_.number());
      if (protocol_ > 5) cursor_.fail("a protocol above 5");
      if (cursor_.at() > 2) restrict_to(Placement::alone);
      return;
    case op::FRAME:
      restrict_to(Placement::alone);
      if (!cursor_.has(cursor_.number())) cursor_.fail_truncated();
      return;
    case op::NONE:
      return push(tree_.none());
    case op::NEWTRUE:
      return push(tree_.boolean(true));
    case op::NEWFALSE:
      return push(tree_.boolean(false));
    default:
      return;
  }
}

void Machine::execute_number(std::uint8_t opcode) {
  switch (opcode) {
    case op::INT:
      return push_literal(true);
    case op::LONG:
      return push_literal(false);
    case op::FLOAT:
      return push_float();
    case op::BININT:
      return push(tree_.integer(static_cast<std::int32_t>(cursor_.number())));
    case op::BININT1:
    case op::BININT2:
      return push(tree_.integer(static_cast<std::int64_t>(cursor_.number())));
    case op::LONG1:
    case op::LONG4:
      return push_twos_complement();
    case op::BINFLOAT:
      return push(binary_float(cursor_.number()));
    default:
      return;
  }
}

void Machine::execute_text(std::uint8_t opcode) {
  switch (opcode) {
    case op::STRING:
      return push_string();
    case op::BINSTRING:
    case op::SHORT_BINSTRING:
      return push_bytes_string(cursor_.bytes());
    case op::BINBYTES:
    case op::SHORT_BINBYTES:
    case op::BINBYTES8:
      return push(tree_.bytes(cursor_.bytes()));
    case op::BYTEARRAY8:
      restrict_to(Placement::alone);
      return push(tree_.byte_array(cursor_.bytes()));
    case op::UNICODE:
      return push_unicode();
    case op::BINUNICODE:
    case op::SHORT_BINUNICODE:
    case op::BINUNICODE8:
      return push_text();
    default:
      return;
  }
}

void Machine::execute_container(std::uint8_t opcode) {
  // The top `count` objects are the items, with the container below them if `above`.
  const auto items = [this](std::size_t count, bool above) {
    need(count + (above ? 1 : 0));
    return stack_.size() - count;
  };
  // The items are those above the mark, the container stands below it.
  const auto marked_items = [this] {
    const std::size_t from = take_mark();
    const std::size_t fence = marks_.empty() ? 0 : marks_.back();
    if (from <= fence) cursor_.fail("stack underflow");
    return from;
  };
  switch (opcode) {
    case op::EMPTY_LIST:
      return push(tree_.container(Tag::list));
    case op::EMPTY_DICT:
      return push(tree_.container(Tag::dict));
    case op::EMPTY_SET:
      return push(tree_.container(Tag::set));
    case op::EMPTY_TUPLE:
      return push_container(Tag::tuple, stack_.size());
    case op::TUPLE1:
      return push_container(Tag::tuple, items(1, false));
    case op::TUPLE2:
      return push_container(Tag::tuple, items(2, false));
    case op::TUPLE3:
      return push_container(Tag::tuple, items(3, false));
    case op::TUPLE:
      return push_container(Tag::tuple, take_mark());
    case op::LIST:
      return push_container(Tag::list, take_mark());
    case op::DICT: {
      const std::size_t from = take_mark();
      check_pairs(from);
      check_hashable(from, 2);
      return push_container(Tag::dict, from);
    }
    case op::FROZENSET: {
      const std::size_t from = take_mark();
      check_hashable(from, 1);
      return push_container(Tag::frozenset, from);
    }
    case op::APPEND:
      return append(items(1, true));
    case op::APPENDS:
      return append(marked_items());
    case op::SETITEM:
      return set_items(items(2, true));
    case op::SETITEMS:
      return set_items(marked_items());
    case op::ADDITEMS:
      return add_items(marked_items());
    default:
      return;
  }
}

void Machine::execute_memo(std::uint8_t opcode) {
  switch (opcode) {
    case op::GET:
      return get(text_slot());
    case op::BINGET:
    case op::LONG_BINGET:
      return get(cursor_.number());
    case op::PUT:
      return put(text_slot());
    case op::BINPUT:
    case op::LONG_BINPUT:
      return put(cursor_.number());
    case op::MEMOIZE:
      restrict_to(Placement::alone);
      return put(slots_.count());
    default:
      return;
  }
}

void Machine::execute_object(std::uint8_t opcode) {
  switch (opcode) {
    case op::GLOBAL:
      return push(global_of_lines(false));
    case op::STACK_GLOBAL:
      return push_stack_global();
    case op::REDUCE:
      return make_object(How::call);
    case op::NEWOBJ:
      return make_object(How::new_object);
    case op::NEWOBJ_EX:
      return make_object(How::new_object_ex);
    case op::BUILD:
      return build();
    case op::INST: {
      const std::size_t from = take_mark();
      return make_instance(global_of_lines(true), from);
    }
    case op::OBJ: {
      const std::size_t from = take_mark();
      if (from == stack_.size()) cursor_.fail("stack underflow");
      const Id callable = stack_[from];
      make_instance(callable, from + 1);
      stack_[from] = stack_[from + 1];
      return cut(from + 1);
    }
    case op::PERSID:
      return push_persistent();
    case op::BINPERSID:
      restrict_to(Placement::nowhere);
      return push(tree_.persistent(pop()));
    case op::EXT1:
    case op::EXT2:
    case op::EXT4:
      return push_extension(static_cast<std::int32_t>(cursor_.number()));
    case op::NEXT_BUFFER:
      restrict_to(Placement::nowhere);
      return push(tree_.buffer(false));
    case op::READONLY_BUFFER:
      return make_readonly();
    default:
      cursor_.fail("unknown opcode " + hex(opcode));
  }
}

}  // namespace mmappickle::pickle
