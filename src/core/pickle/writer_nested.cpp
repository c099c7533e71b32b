// Containers and objects: what has children. Iterative; see Task.
#include "write_walk.h"

namespace mmappickle::pickle {

namespace {

constexpr std::uint64_t kBatch = 1000;  // pickle's _BATCHSIZE

constexpr Batches kListItems = {op::APPEND, op::APPENDS, 1, true};
constexpr Batches kDictItems = {op::SETITEM, op::SETITEMS, 2, true};
constexpr Batches kSetItems = {op::ADDITEMS, op::ADDITEMS, 1, true};
constexpr Batches kObjectItems = {op::APPEND, op::APPENDS, 1, false};
constexpr Batches kObjectPairs = {op::SETITEM, op::SETITEMS, 2, false};

}  // namespace

// -- containers ----------------------------------------------------------------------

// Made empty, so that its items can lead back to it.
void Writer::begin_filled(Id id) {
  const Tag tag = tree_[id].tag;
  put(tag == Tag::list   ? op::EMPTY_LIST
      : tag == Tag::dict ? op::EMPTY_DICT
                         : op::EMPTY_SET);
  memoise(id);
  begin_batches(id, id,
                tag == Tag::list   ? kListItems
                : tag == Tag::dict ? kDictItems
                                   : kSetItems);
}

void Writer::begin_tuple(Id id) {
  const std::uint64_t size = tree_[id].size;
  if (size == 0) return put(op::EMPTY_TUPLE);
  if (size > 3) put(op::MARK);
  begin_nested(id, &Writer::advance_tuple);
}

void Writer::begin_frozenset(Id id) {
  put(op::MARK);
  begin_nested(id, &Writer::advance_frozenset);
}

void Writer::begin_global(Id id) { begin_nested(id, &Writer::advance_global); }

void Writer::begin_object(Id id) {
  if (tree_[id].how != How::instance) return begin_nested(id, &Writer::advance_object);
  put(op::MARK);
  begin_nested(id, &Writer::advance_instance);
}

void Writer::begin_array(Id id) {
  if (writing_) write_array_(tree_[id], ArrayPart::head);
  begin_nested(id, &Writer::advance_array);
}

// A node that can be memoised only once its children are written. If these lead back to
// it (through a list, dict, set or state, which are memoised at once) it is begun again
// inside itself; when the outer one is finished it is dropped in favour of the inner one.
// CPython does the same. A hostile tree could have this done often: the work is bounded.
void Writer::begin_nested(Id id, void (Writer::*advance)(Task&)) {
  if ((marks_[id] & kBegun) != 0) {
    repeated_ += tree_[id].size + 1;
    if (repeated_ > 100 * (tree_.size() + 1000)) {
      refuse("A value that contains itself in so many ways");
    }
  }
  set_mark(id, kBegun);
  Task task;
  task.advance = advance;
  task.id = id;
  task.at = tree_.items(id).begin();
  tasks_.emplace_back(task);
}

// Most containers hold nothing that has children: these take no task.
void Writer::begin_batches(Id owner, Id container, const Batches& batches) {
  if (tree_[container].size == 0) return;
  Task task;
  task.advance = &Writer::advance_batches;
  task.id = owner;
  task.at = tree_.items(container).begin();
  task.batches = &batches;
  if (!write_leaves(task)) tasks_.emplace_back(task);
}

void Writer::advance_batches(Task& task) {
  do {
    if (write_leaves(task)) return done();
    if (is_beyond_limit()) return;
    ++task.in_batch;
    visit_next(task);
  } while (&tasks_.back() == &task);
}

namespace {

// As put_integer() puts them.
void put_small_ints(Output& output, const Id* ids, std::uint64_t n) {
  constexpr std::uint64_t kLongest = 5;
  std::uint8_t* to = output.room(kLongest * n);
  const std::uint8_t* const end = to + kLongest * n;
  for (std::uint64_t i = 0; i < n; ++i) {
    const auto bits = static_cast<std::uint32_t>(Tree::small_int_of(ids[i]));
    const bool one = bits <= 0xff, two = bits <= 0xffff;
    to[0] = one ? op::BININT1 : two ? op::BININT2 : op::BININT;
    store_le(to + 1, bits, 4);
    to += one ? 2 : two ? 3 : 5;
  }
  output.give_back(static_cast<std::uint64_t>(end - to));
}

}  // namespace

// Items up to the first one that has children; how many they were. (In the first walk
// numbers are passed by.)
template <bool kWriting>
std::uint64_t Writer::visit_leaves(const Id* ids, std::uint64_t n) {
  std::uint64_t i = 0;
  for (; i < n; ++i, ++visits_) {
    if (limit_ != UINT64_MAX && is_beyond_limit()) break;
    const Id id = ids[i];
    if (id >= kSmallInts) {
      const std::uint64_t first = i;
      while (i + 1 < n && ids[i + 1] >= kSmallInts) ++i;
      if (kWriting) put_small_ints(*output_, ids + first, i + 1 - first);
      visits_ += i - first;
    } else if (is_memoised(id)) {
      if (kWriting)
        get_memo(*output_, slots_.of(id));
      else
        marks_[id] |= kMetAgain;
    } else {
      const Tag tag = tree_[id].tag;
      if (tag > Tag::string) break;
      const bool is_number = tag <= Tag::integer || tag == Tag::real;
      if (!is_number) {
        visit_node(id);
      } else if (kWriting) {
        put_scalar(id);
      }
    }
  }
  tree_.poll(i);
  return i;
}

// Writes items up to the first one that has children; true if there is none left.
bool Writer::write_leaves(Task& task) {
  enum { kBetween, kSingle, kInside };
  const Batches& b = *task.batches;
  const std::uint64_t most = kBatch * b.width;
  while (true) {
    if (task.stage == kBetween) {
      // Is this item alone in its batch? For list and dict only if it is alone at all.
      const bool alone = task.at.left() == b.width && b.one != b.many &&
                         (!b.exact || task.in_batch == 0);
      task.stage = alone ? kSingle : kInside;
      task.in_batch = 0;
      if (!alone) put(op::MARK);
    }
    while (task.at.left() != 0 && task.in_batch != most) {
      const Id one = *task.at;
      const std::uint64_t near = task.at.side_by_side();
      const Id* const ids = near == 0 ? &one : task.at.ahead();
      const std::uint64_t n = near == 0 ? 1 : std::min(near, most - task.in_batch);
      const std::uint64_t leaves =
          writing_ ? visit_leaves<true>(ids, n) : visit_leaves<false>(ids, n);
      if (leaves != 0) task.at += leaves;
      task.in_batch += leaves;
      if (leaves != n) return false;
    }
    const bool full = task.in_batch == most;
    put(task.stage == kSingle ? b.one : b.many);
    // CPython looks for more after each full batch; in dicts and sets it opens another
    // one before it sees that there is none.
    const bool more = task.at.left() != 0 || (full && b.exact && b.one != op::APPEND);
    if (!more) return true;
    task.stage = kBetween;
  }
}

void Writer::advance_tuple(Task& task) {
  if (task.at.left() != 0) return visit_next(task);
  const Id id = task.id;
  const std::uint64_t size = tree_[id].size;
  done();
  if (is_memoised(id)) {
    if (size > 3) {
      put(op::POP_MARK);
    } else {
      for (std::uint64_t i = 0; i < size; ++i) put(op::POP);
    }
    return get(id);
  }
  static const std::uint8_t kOpcodes[] = {op::TUPLE1, op::TUPLE2, op::TUPLE3};
  put(size > 3 ? std::uint8_t{op::TUPLE} : kOpcodes[size - 1]);
  memoise(id);
}

void Writer::advance_frozenset(Task& task) {
  if (task.at.left() != 0) return visit_next(task);
  const Id id = task.id;
  done();
  if (is_memoised(id)) {
    put(op::POP_MARK);
    return get(id);
  }
  put(op::FROZENSET);
  memoise(id);
}

// -- globals and objects -------------------------------------------------------------

void Writer::advance_global(Task& task) {
  const Node& node = tree_[task.id];
  switch (task.stage++) {
    case 0:
      return visit(node.first);
    case 1:
      return visit(node.second);
    default:
      put(op::STACK_GLOBAL);
      memoise(task.id);
      task.stage = 0;
      finish_object(task);
  }
}

void Writer::advance_object(Task& task) {
  const Id id = task.id;
  const Node& node = tree_[id];
  const Extra* extra = tree_.extra_of(id);
  switch (task.stage++) {
    case 0:
      return visit(node.first);
    case 1:
      return visit(node.second);
    case 2:
      if (node.how == How::new_object_ex && extra != nullptr) visit(extra->keywords);
      return;
    case 3:
      put(node.how == How::call         ? op::REDUCE
          : node.how == How::new_object ? op::NEWOBJ
                                        : op::NEWOBJ_EX);
      if (is_memoised(id)) {  // by an inner one, which has its items and state, too
        put(op::POP);
        done();
        return get(id);
      }
      return memoise(id);
    default:
      task.stage = 0;
      finish_object(task);
  }
}

void Writer::advance_instance(Task& task) {
  const Node& node = tree_[task.id];
  if (task.stage == 0) {
    task.stage = 1;
    task.at = tree_.items(node.second).begin();
    return visit(node.first);
  }
  if (task.at.left() != 0) return visit_next(task);
  const Id id = task.id;
  if (is_memoised(id)) {
    put(op::POP_MARK);
    done();
    return get(id);
  }
  put(op::OBJ);
  memoise(id);
  task.stage = 0;
  finish_object(task);
}

void Writer::advance_array(Task& task) {
  const Id id = task.id;
  if (task.stage++ == 0) {
    const Id inside = write_array_(tree_[id], ArrayPart::inside);
    if (inside != kNoId) return visit(inside);
  }
  if (writing_) write_array_(tree_[id], ArrayPart::tail);
  done();
  if (is_memoised(id)) {
    put(op::POP);
    return get(id);
  }
  memoise(id);
}

// Items, pairs and states, in CPython's order.
void Writer::finish_object(Task& task) {
  task.advance = &Writer::finish_object;
  const unsigned stage = task.stage++;
  const Extra* extra = tree_.extra_of(task.id);
  if (extra == nullptr) return done();
  const std::size_t earlier = extra->states.size();
  if (stage == 0) {
    if (extra->items != kNoId) begin_batches(task.id, extra->items, kObjectItems);
  } else if (stage == 1) {
    if (extra->dict_items != kNoId) {
      begin_batches(task.id, extra->dict_items, kObjectPairs);
    }
  } else {
    const std::size_t built = stage - 2;  // states written so far
    if (built != 0) put(op::BUILD);
    if (extra->state == kNoId || built > earlier) return done();
    visit(built == earlier ? extra->state : extra->states[built]);
  }
}

}  // namespace mmappickle::pickle
