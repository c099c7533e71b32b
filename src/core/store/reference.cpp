#include "reference.h"

#include "../numpy/recognise.h"
#include "../pandas/pandas.h"
#include "../pickle/opcodes.h"
#include "../pickle/reader.h"
#include "../pickle/writer.h"

namespace mmappickle::store {

namespace op = pickle::op;
using pickle::Id;
using pickle::Tag;

namespace {

constexpr std::int64_t kForm = 2;
constexpr std::uint64_t kSampled = 1 << 15;  // bytes at each end of an entry
constexpr int kMaxNesting = 32;              // of structured dtypes, as values have it
// Many arrays may share a dtype of many fields; of so many vectors no value is made.
constexpr std::size_t kMostParts = 1 << 20;

[[noreturn]] void fail() {
  throw Error(ErrorKind::format, "this is no reference to a view of this package");
}

// FNV-1a over eight bytes at a time: tells one thing from another, no more.
class Sum {
 public:
  void add(std::uint64_t n) {
    sum_ = (sum_ ^ n) * 0x100000001b3;
    sum_ ^= sum_ >> 29;
  }
  void add(Bytes bytes) {
    std::uint64_t i = 0;
    for (; i + 8 <= bytes.size; i += 8) add(load_u64(bytes.data + i));
    for (; i < bytes.size; ++i) sum_ = (sum_ ^ bytes[i]) * 0x100000001b3;
  }
  std::uint64_t value() const { return sum_; }

 private:
  std::uint64_t sum_ = 0xcbf29ce484222325;
};

// Walks the tuple of a reference.
class Items {
 public:
  Items(const pickle::Tree& tree, Id tuple)
      : tree_(tree), items_(tree.items(tuple)), at_(items_.begin()) {}
  std::int64_t number() {
    const pickle::Node& node = tree_[next()];
    if (node.tag != Tag::integer) fail();
    return node.integer;
  }
  std::uint64_t natural() { return static_cast<std::uint64_t>(number()); }
  std::uint8_t below(std::uint64_t limit) {
    const std::uint64_t n = natural();
    if (n >= limit) fail();
    return static_cast<std::uint8_t>(n);
  }
  std::string bytes() {
    const Id id = next();
    if (tree_[id].tag != Tag::bytes) fail();
    return std::string(tree_.text_of(id));
  }
  void end() {
    if (at_ != items_.end()) fail();
  }

 private:
  Id next() {
    if (!(at_ != items_.end())) fail();
    const Id id = *at_;
    ++at_;
    return id;
  }
  const pickle::Tree& tree_;
  const pickle::Tree::Items items_;
  pickle::Tree::Items::Iterator at_;
};

// Gathers the parts of one entry.
class Parts {
 public:
  explicit Parts(const Bytes& entry) : entry_(entry) {}
  void add(const numpy::Array& array, bool is_bytes, int depth) {
    if (array.objects != pickle::kNoId || depth > kMaxNesting) return;
    if (found.size() == kMostParts) return;
    if (array.dtype.kind == numpy::Kind::structured) {
      for (const numpy::Field& field : array.dtype.fields) {
        add(array.field(field), false, depth + 1);
      }
    } else if (array.dtype.kind != numpy::Kind::object &&
               (array.count() == 0 || holds(array.data))) {
      found.push_back({is_bytes, array});
      if (array.dtype.kind == numpy::Kind::raw) found.back().array.masked = false;
    }
  }
  std::vector<Part> found;

 private:
  bool holds(const std::uint8_t* p) const {
    return p >= entry_.data && p <= entry_.data + entry_.size;
  }
  const Bytes entry_;
};

}  // namespace

std::string put_reference(const Reference& reference) {
  pickle::Tree tree;
  const auto natural = [&](std::uint64_t n) {
    return tree.integer(static_cast<std::int64_t>(n));
  };
  const Id root = tree.container(
      Tag::tuple, {tree.integer(kForm), tree.bytes(Bytes(reference.path)),
                   tree.bytes(Bytes(reference.key)), natural(reference.inode),
                   tree.integer(reference.number), natural(reference.at),
                   natural(reference.content), natural(reference.part),
                   natural(reference.type), natural(reference.reversed ? 1 : 0)});
  Output output(0);
  pickle::Memo memo;
  output.put(op::PROTO);
  output.put(std::uint8_t{4});
  pickle::write_value(tree, root, output, memo, nullptr);
  output.put(op::STOP);
  std::string out(output.size(), '\0');
  output.copy_to(reinterpret_cast<std::uint8_t*>(&out[0]));
  return out;
}

Reference read_reference(Bytes bytes) {
  pickle::Tree tree;
  pickle::Pickle read;
  try {
    read = pickle::read_pickle(tree, bytes);
  } catch (const Error&) {
    fail();
  }
  if (read.consumed != bytes.size || tree[read.root].tag != Tag::tuple) fail();
  Items items(tree, read.root);
  if (items.number() != kForm) fail();
  Reference out;
  out.path = items.bytes();
  if (out.path.find('\0') != std::string::npos) fail();
  out.key = items.bytes();
  out.inode = items.natural();
  const std::int64_t number = items.number();
  if (number < INT32_MIN || number > INT32_MAX) fail();
  out.number = static_cast<std::int32_t>(number);
  out.at = items.natural();
  out.content = items.natural();
  out.part = items.natural();
  out.type = items.below(256);
  out.reversed = items.below(2) == 1;
  items.end();
  return out;
}

std::vector<Part> parts_of(Loaded& loaded, Bytes entry) {
  Parts parts(entry);
  if (loaded.is_array) {
    parts.add(loaded.array, false, 0);
    return std::move(parts.found);
  }
  pickle::Tree& tree = loaded.tree;
  numpy::Recogniser arrays(tree);
  pandas::Recogniser frames(tree, arrays);
  // The recognisers add nodes for what has none, as the columns of a block.
  for (Id id = 0; id < tree.size(); ++id) {
    const Tag tag = tree[id].tag;
    Bytes bytes;
    if ((tag == Tag::object || has_bytes(tag)) && arrays.bytes(id, bytes)) {
      numpy::Array array;
      array.dtype.kind = numpy::Kind::unsigned_integer;
      array.dtype.itemsize = 1;
      array.shape = {bytes.size};
      array.strides = {1};
      array.data = bytes.data;
      parts.add(array, true, 0);
    }
    if (tag == Tag::object) {
      const numpy::Recognised found = arrays.recognise(id);
      if (found.found == numpy::Found::array || found.found == numpy::Found::scalar) {
        parts.add(found.array, false, 0);
      }
    }
    if (tag == Tag::object || tag == Tag::array) {
      const pandas::Object* value = frames.recognise(id);
      if (value != nullptr && value->kind == pandas::Type::vector) {
        parts.add(value->array, false, 0);
      }
    }
  }
  return std::move(parts.found);
}

std::uint64_t name_of(const Part& part, const std::uint8_t* base) {
  const numpy::Array& array = part.array;
  Sum sum;
  const auto place = [&](const std::uint8_t* at) {
    sum.add(array.count() == 0 ? 0 : static_cast<std::uint64_t>(at - base));
  };
  sum.add(part.is_bytes ? 1 : 0);
  sum.add(Bytes(numpy::text(array.dtype)));
  for (const std::uint64_t extent : array.shape) sum.add(extent);
  for (const std::int64_t stride : array.strides) {
    sum.add(static_cast<std::uint64_t>(stride));
  }
  place(array.data);
  sum.add(array.masked ? 1 : 0);
  if (array.masked && array.mask != nullptr) {
    place(array.mask);
    for (const std::int64_t stride : array.mask_strides) {
      sum.add(static_cast<std::uint64_t>(stride));
    }
  }
  return sum.value();
}

std::uint64_t content_of(Bytes entry) {
  Sum sum;
  sum.add(entry.size);
  if (entry.size <= 2 * kSampled) {
    sum.add(entry);
  } else {
    sum.add(entry.slice(0, kSampled));
    sum.add(entry.from(entry.size - kSampled));
  }
  return sum.value();
}

}  // namespace mmappickle::store
