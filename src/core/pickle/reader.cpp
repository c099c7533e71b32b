#include "reader.h"

#include <algorithm>

#include "../base/error.h"
#include "machine.h"
#include "opcodes.h"

namespace mmappickle::pickle {

namespace {

std::string hex(std::uint8_t byte) {
  static const char kDigits[] = "0123456789abcdef";
  return {'0', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
}

// What the last POP removed, where it is ("mmappickle:R", 1, dict): the dict. kNoId for
// anything else.
Id popped_metadata(const Tree& tree, const Machine& machine) {
  const Id id = machine.popped();
  if (id == kNoId || tree[id].tag != Tag::tuple || tree[id].size != 3) return kNoId;
  const Id name = tree.item(id, 0), version = tree.item(id, 1), dict = tree.item(id, 2);
  const bool ours = tree[name].tag == Tag::text && tree.is_text(name, "mmappickle:R") &&
                    tree[version].tag == Tag::integer && tree[version].integer == 1 &&
                    tree[dict].tag == Tag::dict;
  return ours ? dict : kNoId;
}

// Where the value ends, and R metadata begins that is pushed and dropped behind it: at
// the last but one place with so many objects on the stack, and no marks.
class Ends {
 public:
  explicit Ends(std::size_t depth) : depth_(depth) {}
  void look(const Machine& machine) {
    if (machine.stack().size() != depth_ || machine.has_marks()) return;
    before_ = last_;
    last_ = machine.cursor().at();
  }
  std::uint64_t before_metadata() const { return before_; }

 private:
  std::size_t depth_;
  std::uint64_t last_ = 0, before_ = 0;
};

}  // namespace

// One switch for each family of opcodes; every opcode is in just one of them.

std::uint8_t Machine::step() {
  const std::uint8_t opcode = cursor_.next();
  execute(opcode);
  return opcode;
}

void Machine::execute(std::uint8_t opcode) {
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
      return execute_number(opcode);
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
      return push_binary_float();
    default:
      return execute_text(opcode);
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
      return execute_container(opcode);
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
      return execute_memo(opcode);
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
      return execute_object(opcode);
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

Pickle read_pickle(Tree& tree, Bytes input, std::uint64_t base,
                   const std::function<void()>& poll, const ReadBehind& behind) {
  constexpr std::uint32_t kBetweenPolls = 1 << 18;
  Machine machine(tree, input, base);
  machine.ask_behind(behind ? &behind : nullptr);
  Ends ends(1);
  std::uint8_t opcode = op::STOP, last = op::STOP;
  for (std::uint32_t steps = 1; (opcode = machine.step()) != op::STOP; ++steps) {
    last = opcode;
    ends.look(machine);
    if (poll && steps % kBetweenPolls == 0) poll();
  }
  Pickle pickle;
  pickle.root = machine.pop();
  pickle.consumed = machine.cursor().at();
  const bool alone = machine.stack().empty() && !machine.has_marks();
  if (last == op::POP && alone) pickle.metadata = popped_metadata(tree, machine);
  const std::uint64_t begin = input[0] == op::PROTO ? 2 : 0;
  const std::uint64_t end =
      pickle.metadata != kNoId ? ends.before_metadata() : pickle.consumed - 1;
  pickle.opcodes = input.slice(begin, end - begin);
  pickle.placement = machine.placement();
  if (pickle.placement == Placement::anywhere &&
      (!alone || machine.memo() > std::uint64_t{INT32_MAX})) {
    pickle.placement = Placement::alone;
  }
  pickle.memo = static_cast<std::uint32_t>(machine.memo());
  return pickle;
}

namespace {

class EntryReader {
 public:
  EntryReader(Tree& tree, Bytes key_and_value, std::uint64_t base)
      : tree_(tree), input_(key_and_value), machine_(tree, key_and_value, base, 4) {}

  const Machine& machine() const { return machine_; }
  void extend(std::uint64_t size) {
    machine_.extend(size);
    input_.size += size;
  }
  void step() {
    opcode_ = machine_.step();
    if (begin_ == 0) {  // the key
      begin_ = machine_.cursor().at();
      machine_.forget_lowest();
    }
    ends_.look(machine_);
    if (opcode_ == op::STOP || opcode_ == op::PROTO) {
      machine_.cursor().fail("an end of the pickle, or its beginning, inside an entry");
    }
  }
  // At the end.
  EntryValue value() const;

 private:
  Tree& tree_;
  Bytes input_;
  Machine machine_;  // the protocol of the file
  Ends ends_{2};
  std::uint64_t begin_ = 0;
  std::uint8_t opcode_ = op::STOP;
};

EntryValue EntryReader::value() const {
  const std::vector<Id>& stack = machine_.stack();
  if (stack.size() != 2 || machine_.has_marks()) {
    machine_.cursor().fail("an entry that is no key with a value");
  }
  EntryValue entry;
  entry.key = stack[0];
  entry.value = stack[1];
  if (tree_[entry.key].tag != Tag::text) {
    machine_.cursor().fail("an entry whose key is no text");
  }
  if (opcode_ == op::POP) entry.metadata = popped_metadata(tree_, machine_);
  if (machine_.placement() == Placement::anywhere && machine_.lowest() == 1) {
    const std::uint64_t end =
        entry.metadata != kNoId ? ends_.before_metadata() : machine_.cursor().at();
    entry.opcodes = input_.slice(begin_, end - begin_);
  }
  return entry;
}

// The bytes object that an opcode at the front of `rest` makes: how many bytes of data;
// 0 for any other opcode.
std::uint64_t data_of(const Image& rest) {
  const std::uint8_t opcode = rest.size() == 0 ? 0 : rest[0];
  const int n = opcode == op::BINBYTES                                ? 4
                : opcode == op::BINBYTES8 || opcode == op::BYTEARRAY8 ? 8
                                                                      : 0;
  if (n == 0 || !rest.holds(1, static_cast<std::uint64_t>(n))) return 0;
  const std::uint64_t at = 1 + static_cast<std::uint64_t>(n);
  const std::uint64_t size = load_le(rest.bytes(1, at - 1).data, n);
  return rest.holds(at, size) ? size : 0;
}

}  // namespace

EntryValue read_entry(Tree& tree, Bytes key_and_value, std::uint64_t base) {
  EntryReader reader(tree, key_and_value, base);
  while (!reader.machine().cursor().at_end()) reader.step();
  return reader.value();
}

Begun begin_entry(Tree& tree, const Image& key_and_value, std::uint64_t most) {
  Begun out;
  std::uint64_t given = std::min(most, key_and_value.size());
  EntryReader reader(tree, key_and_value.bytes(0, given), 0);
  const Machine& machine = reader.machine();
  try {
    while (!machine.cursor().at_end()) {
      const std::uint64_t at = machine.cursor().at();
      if (key_and_value.data() != nullptr && given < key_and_value.size()) {
        const std::uint64_t more =
            std::min(data_of(key_and_value.from(at)), key_and_value.size() - given);
        given += more;
        reader.extend(more);
      }
      reader.step();
    }
    if (given == key_and_value.size()) {
      out.entry = reader.value();
      out.reach = Begun::whole;
      return out;
    }
  } catch (const Error&) {
    if (given == key_and_value.size()) return out;
  }
  // What failed may have failed for want of bytes.
  out.reach = Begun::begun;
  if (machine.stack().size() > 1) out.first = machine.stack()[1];
  out.marked = machine.marks_from() <= 1;
  return out;
}

}  // namespace mmappickle::pickle
