// The value tree: what a pickle says, with nothing called. Nodes live in one arena and
// name each other by number; bytes and texts stay where the input has them.
#pragma once

#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "../base/bytes.h"
#include "../base/poll.h"
#include "../base/stable.h"
#include "../base/utf8.h"

namespace mmappickle::pickle {

using Id = std::uint32_t;
constexpr Id kNoId = UINT32_MAX;
// Numbers from here on are no nodes in memory but say themselves which int they are:
// lists of millions of ints take nothing but their items.
constexpr Id kSmallInts = Id{1} << 31;
constexpr std::int64_t kSmallest = -(std::int64_t{1} << 30);
constexpr std::int64_t kLargest = -kSmallest - 16;  // kNoId and its like are none

enum class Tag : std::uint8_t {
  none,
  boolean,      // flag
  integer,      // integer: fits 64 bits
  big_integer,  // bytes: two's complement, little-endian; or decimal digits (decimal)
  real,         // real
  text,         // bytes: UTF-8, lone surrogates passed
  bytes,        // bytes
  byte_array,   // bytes: a bytearray
  string,       // bytes: a Python 2 str (text if ASCII, else what the reader decides)
  list,         // items; so are the next three
  tuple,
  set,
  frozenset,
  dict,        // items: key, value, key, value ... as the pickle set them (may repeat)
  global,      // first: module, second: name (text nodes)
  object,      // first: callable, second: arguments; see How, and Tree::extra()
  persistent,  // first: the persistent id (a text or any node)
  extension,   // integer: the extension code
  buffer,  // an out-of-band buffer (protocol 5) that nobody can supply; flag: readonly
  array,   // on the way to a file only: integer is an index into StoredValue::arrays
};

// How an object says it is to be made. `first(*second)`, `first.__new__(first, *second)`,
// the same with keywords (Extra::keywords), or by INST, OBJ (classes of Python 1).
enum class How : std::uint8_t { call, new_object, new_object_ex, instance };

// 32 bytes. Fields are meaningful as Tag says.
struct Node {
  Tag tag = Tag::none;
  How how = How::call;
  bool flag = false;  // boolean's value; big_integer: decimal text; buffer: readonly
  std::uint8_t text_kind : 7;  // see Tree::text_kind(); 0: not looked at
  std::uint8_t met_again : 1;  // see Tree::note_again()
  // Of a container: its items, if they are at most two; else its first and its last run.
  Id first = kNoId, second = kNoId;
  Id extra = kNoId;        // number of its Extra: see Tree::extra_of()
  std::uint64_t size = 0;  // bytes, or items of a container (2 a pair for dict)
  union {
    std::int64_t integer;
    double real;
    const std::uint8_t* data;
  };
  explicit Node(Tag tag = Tag::none) : tag(tag), text_kind(0), met_again(0), integer(0) {}
};
static_assert(sizeof(Node) == 32, "a node is what bounds the memory of a tree");

// Nodes by number; a block is memory that nothing was done to.
class Nodes {
 public:
  Node& operator[](Id id) {
    return reinterpret_cast<Node&>(blocks_[id >> kBits][id & (kBlock - 1)]);
  }
  const Node& operator[](Id id) const { return const_cast<Nodes&>(*this)[id]; }
  Id size() const { return size_; }
  Node& add(Tag tag) {  // its number is the old size()
    if ((size_ & (kBlock - 1)) == 0 || size_ == kFirst) make_room();
    return *new (&blocks_.back()[size_++ & (kBlock - 1)]) Node(tag);
  }

 private:
  struct Room {
    alignas(Node) unsigned char bytes[sizeof(Node)];
  };
  static constexpr unsigned kBits = 8;
  static constexpr Id kBlock = Id{1} << kBits;
  // So many first, which is all that most trees need: 1 KB, as malloc() has at hand.
  static constexpr Id kFirst = 32;
  void make_room();
  std::vector<std::unique_ptr<Room[]>> blocks_;
  Id size_ = 0;
};
static_assert(std::is_trivially_copyable_v<Node>,
              "they are moved as bytes, and nobody destroys them");

inline bool is_container(Tag tag) { return tag >= Tag::list && tag <= Tag::dict; }
inline bool has_bytes(Tag tag) {
  return tag == Tag::big_integer || (tag >= Tag::text && tag <= Tag::string);
}
inline bool is_text_tag(Tag tag) { return tag == Tag::text || tag == Tag::string; }
// What Python would have to look up, call or be given: nobody knows its type here.
inline bool is_inert(Tag tag) { return tag >= Tag::global && tag <= Tag::buffer; }

// False for what Python takes neither as a key of a dict nor into a set. (What a tuple
// holds counts too, there.)
inline bool is_hashable_tag(Tag tag) {
  return tag != Tag::list && tag != Tag::dict && tag != Tag::set &&
         tag != Tag::byte_array && tag != Tag::array;
}

// What was done to an inert node after it was made. (Of plain values only lists, dicts
// and sets take part in such, and there it shows in their items.)
struct Extra {
  Id keywords = kNoId;    // NEWOBJ_EX
  Id state = kNoId;       // BUILD; of several the last, the ones before in `states`
  Id items = kNoId;       // a list node: APPEND, APPENDS, ADDITEMS
  Id dict_items = kNoId;  // a dict node: SETITEM, SETITEMS
  std::vector<Id> states{};
};

// Owns its nodes; borrows the bytes they point at from the input (which must outlive the
// tree) or keeps them itself (keep()). Nodes may be shared and may form cycles; who walks
// a tree keeps count of what was seen, and uses no recursion.
class Tree {
 public:
  // `poll`: for those that walk this tree, see poll(). May be empty.
  explicit Tree(std::function<void()> poll = {});
  Tree(Tree&&) = default;
  Tree& operator=(Tree&&) = default;

  // By value: of a small int there is no other one.
  Node operator[](Id id) const { return id < kSmallInts ? nodes_[id] : small_int(id); }
  std::size_t size() const { return nodes_.size(); }
  // Who makes, walks or writes a tree calls this for each node: what takes long can be
  // interrupted, wherever it is.
  void poll(std::uint64_t nodes = 1) const { poll_.after(nodes * kNodeWork); }

  // -- making -------------------------------------------------------------------
  Id none() const { return 0; }                           // one node serves for all
  Id boolean(bool value) const { return value ? 2 : 1; }  // likewise
  Id integer(std::int64_t value) {
    const bool small = value >= kSmallest && value <= kLargest;
    return small ? kSmallInts + static_cast<Id>(value - kSmallest) : add_integer(value);
  }
  // Of a number from kSmallInts on.
  static std::int64_t small_int_of(Id id) {
    return static_cast<std::int64_t>(id - kSmallInts) + kSmallest;
  }
  Id big_integer(Bytes bytes, bool decimal);  // borrowed, as are the next four
  Id real(const double& value);               // NaNs keep their bits
  Id text(Bytes utf8);
  Id text(Bytes utf8, TextKind kind);  // known already
  Id bytes(Bytes bytes);
  Id byte_array(Bytes bytes);
  Id string(Bytes bytes);
  Id text(std::string_view utf8) { return text(Bytes(utf8)); }
  Id container(Tag tag);  // list, tuple, set, frozenset, dict: empty
  Id container(Tag tag, const std::vector<Id>& items);
  // Of so many items: make(i) gives each, and may add nodes.
  template <class Make>
  Id container(Tag tag, std::size_t count, const Make& make);
  Id global(Id module, Id name);
  Id global(std::string_view module, std::string_view name);
  Id object(How how, Id callable, Id arguments);
  Id persistent(Id id);
  Id extension(std::int64_t code);
  Id buffer(bool readonly);
  Id array(std::uint64_t index);
  // A copy of the bytes that lives as long as the tree.
  Bytes keep(std::string bytes);

  // -- changing -------------------------------------------------------------------
  // Appends to a container (amortised O(count)). `items` may not be of this tree.
  void append(Id container, const Id* items, std::size_t count);
  void append(Id container, Id item) { append(container, &item, 1); }
  Extra& extra(Id id);  // made if absent; the reference stays valid
  // A hint: more than one refer to it.
  void note_again(Id id) {
    if (id < kSmallInts) nodes_[id].met_again = 1;
  }
  // Makes `id` what `like` is: all that refer to `id` see it.
  void become(Id id, Id like) { nodes_[id] = (*this)[like]; }

  // -- looking ----------------------------------------------------------------------
  const Extra* extra_of(Id id) const;  // null if there is none
  // Nodes of other tags have no bytes, no text and no items: these are empty then.
  Bytes bytes_of(Id id) const {
    if (id >= kSmallInts) return {};
    const Node& node = nodes_[id];
    return has_bytes(node.tag) ? Bytes(node.data, node.size) : Bytes();
  }
  // What the bytes of a text or string are as text: looked at once.
  TextKind text_kind(Id id) const {
    const std::uint8_t known = nodes_[id].text_kind;
    return known != 0 ? static_cast<TextKind>(known - 1) : classify(id);
  }
  std::string_view text_of(Id id) const { return bytes_of(id).text(); }
  // A text, or a Python 2 str, of just this (ASCII) value.
  bool is_text(Id id, std::string_view value) const;
  // Items of a container in order. O(1) a step.
  class Items;
  Items items(Id container) const;
  // The i-th item, or kNoId. O(runs); runs are few.
  Id item(Id container, std::uint64_t i) const;
  // "module.name" of a global, empty for anything else.
  std::string global_name(Id id) const;
  bool is_global(Id id, std::string_view module, std::string_view name) const;

 private:
  // A container of more than two items is a chain of runs, each a stretch of pool_. Run
  // sizes double, unless the last run stands at the end of the pool and simply grows.
  struct Run {
    Id begin, count, capacity, next;
  };
  static constexpr std::uint64_t kInline = 2;
  static constexpr std::uint64_t kNodeWork = 128;
  static Node small_int(Id id) {
    Node node(Tag::integer);
    node.integer = small_int_of(id);
    return node;
  }
  Node& add(Tag tag);  // newest()
  Id newest() const { return nodes_.size() - 1; }
  Id add_integer(std::int64_t value);
  TextKind classify(Id id) const;
  Id add_bytes(Tag tag, Bytes bytes);
  Id add_number(Tag tag, std::int64_t number);
  Id add_pair(Tag tag, Id first, Id second);
  Id add_run(std::uint64_t capacity);
  void fill(Run& run, const Id* items, std::size_t count);

  mutable Nodes nodes_;  // but for what is looked at once, as it was made
  std::vector<Id> pool_;
  std::vector<Run> runs_;
  Stable<Extra> extras_;
  Stable<std::string> kept_;
  mutable Poll poll_;

  friend class Items;
};

// for (Id item : tree.items(id)) ...
class Tree::Items {
 public:
  class Iterator {
   public:
    Id operator*() const { return run_ == kNoId ? at_ : tree_->pool_[at_]; }
    Iterator& operator++() {
      --left_;
      if (run_ == kNoId) {
        at_ = end_;
      } else if (++at_ == end_ && left_ != 0) {
        enter(tree_->runs_[run_].next);
      }
      return *this;
    }
    bool operator!=(const Iterator& o) const { return left_ != o.left_; }
    std::uint64_t left() const { return left_; }  // items from here on
    // So many of them lie side by side, from ahead() on; 0 where they do not.
    std::uint64_t side_by_side() const { return run_ == kNoId ? 0 : end_ - at_; }
    const Id* ahead() const { return &tree_->pool_[at_]; }
    Iterator& operator+=(std::uint64_t n) {  // 1, or at most side_by_side()
      if (run_ != kNoId) {
        left_ -= n - 1;
        at_ += static_cast<Id>(n - 1);
      }
      return ++*this;
    }

   private:
    friend class Items;
    void enter(Id run) {
      run_ = run;
      at_ = tree_->runs_[run].begin;
      end_ = at_ + tree_->runs_[run].count;
    }
    const Tree* tree_ = nullptr;
    std::uint64_t left_ = 0;
    // Places in the pool; but with no run, the item itself and the one behind it.
    Id run_ = kNoId, at_ = kNoId, end_ = kNoId;
  };
  Iterator begin() const;
  Iterator end() const;
  std::uint64_t size() const {
    if (id_ >= kSmallInts) return 0;
    const Node& node = tree_->nodes_[id_];
    return is_container(node.tag) ? node.size : 0;
  }

 private:
  friend class Tree;
  Items(const Tree* tree, Id id) : tree_(tree), id_(id) {}
  const Tree* tree_;
  Id id_;
};

template <class Make>
Id Tree::container(Tag tag, std::size_t count, const Make& make) {
  const Id id = container(tag);
  if (count <= kInline) {
    for (std::size_t i = 0; i < count; ++i) append(id, make(i));
    return id;
  }
  const Id run = add_run(count), begin = runs_[run].begin;
  for (std::size_t i = 0; i < count; ++i) {
    const Id item = make(i);
    pool_[begin + i] = item;
  }
  runs_[run].count = static_cast<Id>(count);
  Node& node = nodes_[id];
  node.first = node.second = run;
  node.size = count;
  return id;
}

}  // namespace mmappickle::pickle
