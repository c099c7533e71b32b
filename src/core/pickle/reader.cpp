#include "reader.h"

#include <algorithm>

#include "../base/error.h"
#include "machine.h"
#include "opcodes.h"

namespace mmappickle::pickle {

namespace {

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

Pickle read_pickle(Tree& tree, Bytes input, std::uint64_t base,
                   const ReadBehind& behind) {
  Machine machine(tree, input, base);
  machine.ask_behind(behind ? &behind : nullptr);
  Ends ends(1);
  std::uint8_t opcode = op::STOP, last = op::STOP;
  while ((opcode = machine.step()) != op::STOP) {
    last = opcode;
    ends.look(machine);
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
