#include "machine.h"

#include <algorithm>

#include "../base/utf8.h"
#include "integers.h"
#include "literals.h"
#include "python2.h"
#include "reader.h"

namespace mmappickle::pickle {

namespace {

bool has_backslash(Bytes bytes) {
  return bytes.size != 0 && std::memchr(bytes.data, '\\', bytes.size) != nullptr;
}

}  // namespace

// -- the stack -----------------------------------------------------------------------

void Machine::need(std::size_t count) {
  const std::size_t fence = marks_.empty() ? 0 : marks_.back();
  if (stack_.size() - fence >= count) {
    lowest_ = std::min(lowest_, stack_.size() - count);
    return;
  }
  cursor_.fail(marks_.empty() ? "stack underflow" : "an unexpected MARK");
}

Id Machine::top() {
  need(1);
  return stack_.back();
}

Id Machine::pop() {
  const Id id = top();
  stack_.pop_back();
  return id;
}

void Machine::drop() {
  if (!marks_.empty() && marks_.back() == stack_.size()) {
    marks_.pop_back();
    popped_ = kNoId;
  } else {
    popped_ = pop();
  }
}

std::size_t Machine::take_mark() {
  if (marks_.empty()) cursor_.fail("no MARK on the stack");
  const std::size_t from = marks_.back();
  marks_.pop_back();
  return from;
}

// -- scalars and texts ---------------------------------------------------------------

void Machine::push_literal(bool is_int) {
  const Bytes line = cursor_.bytes();
  if (is_int && (line.text() == "00" || line.text() == "01")) {
    return push(tree_.boolean(line[1] == '1'));
  }
  IntegerLiteral literal;
  if (!(is_int ? parse_int(line, literal) : parse_long(line, literal))) {
    cursor_.fail("no integer literal");
  }
  push(literal.fits ? tree_.integer(literal.value)
                    : tree_.big_integer(literal.digits, true));
}

void Machine::push_twos_complement() {
  const Bytes bytes = minimal_twos_complement(cursor_.bytes());
  push(bytes.size <= 8 ? tree_.integer(load_twos_complement(bytes))
                       : tree_.big_integer(bytes, false));
}

void Machine::push_float() {
  double value = 0;
  if (!parse_real(cursor_.bytes(), value)) cursor_.fail("no floating-point literal");
  push(tree_.real(value));
}

// Big-endian, unlike everything else.
Id Machine::binary_float(std::uint64_t le) {
  std::uint64_t bits = 0;
  for (int i = 0; i < 8; ++i, le >>= 8) bits = bits << 8 | (le & 0xff);
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return tree_.real(value);
}

void Machine::push_string() {
  Bytes line = cursor_.bytes();
  const bool quoted = line.size >= 2 && line[0] == line[line.size - 1] &&
                      (line[0] == '\'' || line[0] == '"');
  if (!quoted) cursor_.fail("a STRING without quotes");
  line = line.slice(1, line.size - 2);
  if (has_backslash(line)) {
    std::string bytes;
    if (!unescape_string(line, bytes)) cursor_.fail("a broken escape in a STRING");
    line = tree_.keep(std::move(bytes));
  }
  push_bytes_string(line);
}

void Machine::push_bytes_string(Bytes bytes) {
  if (!is_ascii(bytes)) restrict_to(Placement::nowhere);
  push(tree_.string(bytes));
}

void Machine::push_unicode() {
  Bytes line = cursor_.bytes();
  if (has_backslash(line) || !is_ascii(line)) {
    std::string utf8;
    if (!unescape_text(line, utf8)) cursor_.fail("a broken escape in a UNICODE");
    line = tree_.keep(std::move(utf8));
  }
  push(tree_.text(line));
}

void Machine::push_text() {
  const Bytes utf8 = cursor_.bytes();
  const TextKind kind = classify_text(utf8);
  if (kind == TextKind::invalid) cursor_.fail("a text that is no UTF-8");
  push(tree_.text(utf8, kind));
}

// -- containers ----------------------------------------------------------------------

void Machine::push_container(Tag tag, std::size_t from) {
  Id id = kNoId;
  if (tag == Tag::tuple && from == stack_.size()) {
    if (empty_tuple_ == kNoId) empty_tuple_ = tree_.container(Tag::tuple);
    id = empty_tuple_;
  } else {
    id = tree_.container(tag);
    tree_.append(id, stack_.data() + from, stack_.size() - from);
  }
  cut(from);
  push(id);
}

// What is filled is a container of that kind; or an object, which has lists of its own.
void Machine::add(std::size_t from, Tag to_tag, Id Extra::*of_object) {
  const std::size_t count = stack_.size() - from;
  if (count != 0) {
    Id to = stack_[from - 1];
    const Tag tag = tree_[to].tag;
    if (is_inert(tag)) {
      Id& list = tree_.extra(to).*of_object;
      if (list == kNoId) list = tree_.container(to_tag == Tag::dict ? to_tag : Tag::list);
      to = list;
    } else if (tag != to_tag) {
      cursor_.fail(to_tag == Tag::dict  ? "keys and values for what is no dict"
                   : to_tag == Tag::set ? "items for what is no set"
                                        : "items for what is no list");
    } else if (tag != Tag::list) {
      check_hashable(from, tag == Tag::dict ? 2 : 1);
    }
    tree_.append(to, stack_.data() + from, count);
  }
  cut(from);
}

void Machine::append(std::size_t from) { add(from, Tag::list, &Extra::items); }
void Machine::add_items(std::size_t from) { add(from, Tag::set, &Extra::items); }
void Machine::set_items(std::size_t from) {
  check_pairs(from);
  add(from, Tag::dict, &Extra::dict_items);
}

void Machine::check_pairs(std::size_t from) const {
  if ((stack_.size() - from) % 2 != 0) cursor_.fail("a key without a value");
}

void Machine::check_hashable(std::size_t from, std::size_t step) const {
  for (std::size_t i = from; i < stack_.size(); i += step) {
    if (is_hashable_tag(tree_[stack_[i]].tag)) continue;
    cursor_.fail("an unhashable key of a dict, or item of a set");
  }
}

// -- memo ----------------------------------------------------------------------------

void Machine::put(std::uint64_t slot) {
  slots_.put(slot, top());
  memo_ = std::max(memo_, slot + 1);
  // CPython's memo is an array: one slot may take gigabytes. (The Python library's slots
  // go on from entry to entry.)
  constexpr std::uint64_t kSlots = 1 << 20;
  if (slot >= kSlots && slot - kSlots >= cursor_.size()) restrict_to(Placement::alone);
}

void Machine::get(std::uint64_t slot) {
  const Id id = slots_.get(slot);
  if (id == kNoId) cursor_.fail("no memo " + std::to_string(slot));
  tree_.note_again(id);
  push(id);
}

std::uint64_t Machine::text_slot() {
  std::int64_t slot = -1;
  if (!parse_decimal(cursor_.bytes(), slot) || slot < 0)
    cursor_.fail("no number of a memo");
  return static_cast<std::uint64_t>(slot);
}

// -- what Python would call ----------------------------------------------------------

Id Machine::name_of(Bytes line, bool ascii) {
  const TextKind kind = classify_text(line);
  if (line.size == 0 || kind == TextKind::invalid || kind == TextKind::surrogates ||
      (ascii && !is_ascii(line))) {
    cursor_.fail("no name");
  }
  return tree_.text(line);
}

Id Machine::global_of_lines(bool ascii) {
  const Id module = name_of(cursor_.bytes(), ascii);
  return global(module, name_of(cursor_.second_line(), ascii));
}

Id Machine::global(Id module, Id name) {
  const GlobalName old{tree_.text_of(module), tree_.text_of(name)};
  const GlobalName now = python3_name(old, protocol_);
  if (now.module != old.module) module = tree_.text(now.module);
  if (now.name != old.name) name = tree_.text(now.name);
  if (now.module != old.module || now.name != old.name) restrict_to(Placement::alone);
  return tree_.global(module, name);
}

void Machine::push_persistent() {
  const Bytes line = cursor_.bytes();
  if (!is_ascii(line)) cursor_.fail("a persistent id that is not ASCII");
  restrict_to(Placement::nowhere);
  push(tree_.persistent(tree_.text(line)));
}

void Machine::push_stack_global() {
  need(2);
  const Id name = pop();
  const Id module = pop();
  for (const Id id : {module, name}) {
    const Tag tag = tree_[id].tag;
    if (tag == Tag::text || (tag == Tag::string && is_ascii(tree_.bytes_of(id))))
      continue;
    cursor_.fail("a STACK_GLOBAL without two texts");
  }
  push(global(module, name));
}

void Machine::make_object(How how) {
  need(how == How::new_object_ex ? 3 : 2);
  const Id keywords = how == How::new_object_ex ? pop() : kNoId;
  const Id arguments = pop();
  const Id callable = pop();
  if (!is_inert(tree_[callable].tag)) cursor_.fail("a call of what is no callable");
  const auto fits = [&](Id id, Tag tag) {
    return tree_[id].tag == tag || is_inert(tree_[id].tag);
  };
  if (!fits(arguments, Tag::tuple)) cursor_.fail("arguments that are no tuple");
  const Id object = tree_.object(how, callable, arguments);
  if (keywords != kNoId) {
    if (!fits(keywords, Tag::dict)) cursor_.fail("keyword arguments that are no dict");
    tree_.extra(object).keywords = keywords;
  }
  push(object);
}

// INST and OBJ: the arguments stand on the stack.
void Machine::make_instance(Id callable, std::size_t from) {
  if (!is_inert(tree_[callable].tag)) cursor_.fail("an instance of what is no class");
  push_container(Tag::tuple, from);
  stack_.back() = tree_.object(How::instance, callable, stack_.back());
}

void Machine::push_extension(std::int64_t code) {
  if (code <= 0) cursor_.fail("an extension code below 1");
  restrict_to(Placement::nowhere);
  push(tree_.extension(code));
}

void Machine::build() {
  need(2);
  const Id state = pop();
  const Id object = top();
  const auto is_none = [&](Id id) { return tree_[id].tag == Tag::none; };
  if (is_inert(tree_[object].tag)) {
    Extra& extra = tree_.extra(object);
    if (extra.state != kNoId) extra.states.push_back(extra.state);
    extra.state = state;
    if (behind_) read_behind(object);
    return;
  }
  // A plain value has no attributes. Python minds only if there are some to set.
  const bool empty =
      is_none(state) || (tree_[state].tag == Tag::tuple && tree_[state].size == 2 &&
                         is_none(tree_.item(state, 0)) && is_none(tree_.item(state, 1)));
  if (!empty) cursor_.fail("a state for what is no object");
}

void Machine::read_behind(Id object) {
  std::uint64_t size = 0;
  if (!(*behind_)(object, cursor_.rest(), cursor_.offset(), size)) return;
  restrict_to(Placement::nowhere);
  cursor_.skip(size);
}

void Machine::make_readonly() {
  restrict_to(Placement::alone);
  const Tag tag = tree_[top()].tag;
  if (tag == Tag::buffer) {
    // A new one: the memo may still hold the writable one.
    stack_.back() = tree_.buffer(true);
  } else if (tag != Tag::bytes && tag != Tag::byte_array && !is_inert(tag)) {
    cursor_.fail("a read-only view of what is no buffer");
  }
}

}  // namespace mmappickle::pickle
