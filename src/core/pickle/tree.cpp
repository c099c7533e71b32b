#include "tree.h"

#include <algorithm>
#include <cstring>

#include "../base/error.h"

namespace mmappickle::pickle {

namespace {

[[noreturn]] void fail_too_many() {
  throw Error(ErrorKind::limit, "The pickle has more than 2 billion values.");
}

}  // namespace

void Nodes::make_room() {
  std::unique_ptr<Room[]> block(new Room[size_ == 0 ? kFirst : kBlock]);
  if (size_ == kFirst) {
    std::copy_n(blocks_[0].get(), kFirst, block.get());
    blocks_[0] = std::move(block);
  } else {
    blocks_.push_back(std::move(block));
  }
}

Tree::Tree(std::function<void()> poll) : poll_(std::move(poll)) {
  add(Tag::none);
  add(Tag::boolean);
  add(Tag::boolean).flag = true;
}

// Filled in where it stands: what was just stored in pieces is slow to copy.
Node& Tree::add(Tag tag) {
  if (nodes_.size() == kSmallInts) fail_too_many();
  return nodes_.add(tag);
}

Id Tree::add_bytes(Tag tag, Bytes bytes) {
  Node& node = add(tag);
  node.size = bytes.size;
  node.data = bytes.data;
  return newest();
}

Id Tree::add_number(Tag tag, std::int64_t number) {
  add(tag).integer = number;
  return newest();
}

Id Tree::add_pair(Tag tag, Id first, Id second) {
  Node& node = add(tag);
  node.first = first;
  node.second = second;
  return newest();
}

// -- making --------------------------------------------------------------------------

Id Tree::add_integer(std::int64_t value) { return add_number(Tag::integer, value); }

Id Tree::big_integer(Bytes bytes, bool decimal) {
  const Id id = add_bytes(Tag::big_integer, bytes);
  nodes_[id].flag = decimal;
  return id;
}

Id Tree::real(const double& value) {
  std::memcpy(&add(Tag::real).real, &value, sizeof value);
  return newest();
}

Id Tree::text(Bytes utf8) { return add_bytes(Tag::text, utf8); }

Id Tree::text(Bytes utf8, TextKind kind) {
  const Id id = text(utf8);
  nodes_[id].text_kind = (static_cast<unsigned>(kind) + 1) & 0x7f;
  return id;
}

Id Tree::bytes(Bytes bytes) { return add_bytes(Tag::bytes, bytes); }
Id Tree::byte_array(Bytes bytes) { return add_bytes(Tag::byte_array, bytes); }
Id Tree::string(Bytes bytes) { return add_bytes(Tag::string, bytes); }

Id Tree::container(Tag tag) {
  add(tag);
  return newest();
}

Id Tree::container(Tag tag, const std::vector<Id>& items) {
  const Id id = container(tag);
  append(id, items.data(), items.size());
  return id;
}

Id Tree::global(Id module, Id name) { return add_pair(Tag::global, module, name); }

Id Tree::global(std::string_view module, std::string_view name) {
  const Id first = text(module);
  return global(first, text(name));
}

Id Tree::object(How how, Id callable, Id arguments) {
  const Id id = add_pair(Tag::object, callable, arguments);
  nodes_[id].how = how;
  return id;
}

Id Tree::persistent(Id id) { return add_pair(Tag::persistent, id, kNoId); }
Id Tree::extension(std::int64_t code) { return add_number(Tag::extension, code); }

Id Tree::buffer(bool readonly) {
  add(Tag::buffer).flag = readonly;
  return newest();
}

Id Tree::array(std::uint64_t index) {
  return add_number(Tag::array, static_cast<std::int64_t>(index));
}

Bytes Tree::keep(std::string bytes) {
  kept_.emplace_back(std::move(bytes));
  return Bytes(std::string_view(kept_.back()));
}

// -- changing ------------------------------------------------------------------------

Id Tree::add_run(std::uint64_t capacity) {
  if (capacity >= kNoId - pool_.size()) fail_too_many();
  runs_.push_back({static_cast<Id>(pool_.size()), 0, static_cast<Id>(capacity), kNoId});
  pool_.resize(pool_.size() + capacity, kNoId);
  return static_cast<Id>(runs_.size() - 1);
}

void Tree::fill(Run& run, const Id* items, std::size_t count) {
  std::copy(items, items + count, pool_.begin() + run.begin + run.count);
  run.count += static_cast<Id>(count);
}

void Tree::append(Id container, const Id* items, std::size_t count) {
  Node& node = nodes_[container];
  if (count <= kInline && node.size + count <= kInline) {
    for (std::size_t i = 0; i < count; ++i) {
      (node.size++ == 0 ? node.first : node.second) = items[i];
    }
    return;
  }
  if (node.size <= kInline) {
    const Id inlined[kInline] = {node.first, node.second};
    node.first = node.second = add_run(node.size + count);
    fill(runs_[node.second], inlined, node.size);
  }
  Run& last = runs_[node.second];
  std::uint64_t room = last.capacity - last.count;
  if (room < count && std::uint64_t{last.begin} + last.capacity == pool_.size()) {
    const std::uint64_t more = count - room;
    if (more >= kNoId - pool_.size()) fail_too_many();
    pool_.resize(pool_.size() + more, kNoId);
    last.capacity += static_cast<Id>(more);
    room = count;
  }
  const std::size_t here = static_cast<std::size_t>(std::min<std::uint64_t>(room, count));
  fill(last, items, here);
  if (here < count) {
    const Id next = add_run(std::max<std::uint64_t>(count - here, node.size));
    runs_[node.second].next = next;
    node.second = next;
    fill(runs_[next], items + here, count - here);
  }
  node.size += count;
}

Extra& Tree::extra(Id id) {
  Node& node = nodes_[id];
  if (node.extra == kNoId) {
    node.extra = static_cast<Id>(extras_.size());
    extras_.emplace_back();
  }
  return extras_[node.extra];
}

// -- looking -------------------------------------------------------------------------

const Extra* Tree::extra_of(Id id) const {
  const Id extra = (*this)[id].extra;
  return extra == kNoId ? nullptr : &extras_[extra];
}

TextKind Tree::classify(Id id) const {
  const TextKind kind = classify_text(bytes_of(id));
  nodes_[id].text_kind = (static_cast<unsigned>(kind) + 1) & 0x7f;
  return kind;
}

bool Tree::is_text(Id id, std::string_view value) const {
  const Tag tag = (*this)[id].tag;
  return is_text_tag(tag) && text_of(id) == value;
}

Tree::Items Tree::items(Id container) const { return Items(this, container); }

Id Tree::item(Id container, std::uint64_t i) const {
  const Node node = (*this)[container];
  if (!is_container(node.tag) || i >= node.size) return kNoId;
  if (node.size <= kInline) return i == 0 ? node.first : node.second;
  Id run = node.first;
  while (i >= runs_[run].count) {
    i -= runs_[run].count;
    run = runs_[run].next;
  }
  return pool_[runs_[run].begin + static_cast<std::size_t>(i)];
}

std::string Tree::global_name(Id id) const {
  const Node node = (*this)[id];
  if (node.tag != Tag::global) return {};
  std::string name(text_of(node.first));
  name += '.';
  name += text_of(node.second);
  return name;
}

bool Tree::is_global(Id id, std::string_view module, std::string_view name) const {
  const Node node = (*this)[id];
  return node.tag == Tag::global && is_text(node.first, module) &&
         is_text(node.second, name);
}

Tree::Items::Iterator Tree::Items::begin() const {
  Iterator it;
  it.tree_ = tree_;
  it.left_ = size();
  if (it.left_ == 0) return it;
  const Node& node = tree_->nodes_[id_];
  if (it.left_ > kInline) {
    it.enter(node.first);
  } else {
    it.at_ = node.first;
    it.end_ = node.second;
  }
  return it;
}

Tree::Items::Iterator Tree::Items::end() const { return {}; }

}  // namespace mmappickle::pickle
