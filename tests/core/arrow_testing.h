// For the tests of arrow/: what pickles of pyarrow's arrays say, without the pickles.
#pragma once

#include <doctest/doctest.h>

#include <cstring>
#include <type_traits>

#include "arrow/arrow.h"

namespace mmappickle::arrow {

using pickle::How;
using pickle::Tag;

// The little-endian bytes of numbers.
template <class T>
std::string bytes_of(const std::vector<T>& numbers) {
  std::string out;
  for (const T number : numbers) {
    const auto bits = static_cast<std::uint64_t>(number);
    for (std::size_t i = 0; i < sizeof number; ++i) {
      out += static_cast<char>(bits >> (8 * i));
    }
  }
  return out;
}
inline std::string i32s(const std::vector<std::int32_t>& x) { return bytes_of(x); }
inline std::string i64s(const std::vector<std::int64_t>& x) { return bytes_of(x); }

struct Builder {
  pickle::Tree tree;
  numpy::Recogniser numpy{tree};
  pickle::Budget budget;
  Recogniser arrow{tree, numpy, budget};
  Column column;

  bool read(Id id) {
    column = Column();
    return arrow.read(id, column);
  }

  Id none() { return tree.none(); }
  Id integer(std::int64_t v) { return tree.integer(v); }
  Id text(std::string_view s) { return tree.text(tree.keep(std::string(s))); }
  Id list(const std::vector<Id>& items) { return tree.container(Tag::list, items); }
  Id tuple(const std::vector<Id>& items) { return tree.container(Tag::tuple, items); }
  Id call(std::string_view name, const std::vector<Id>& arguments) {
    return tree.object(How::call, tree.global("pyarrow.lib", name), tuple(arguments));
  }

  Id type(std::string_view alias) { return call("type_for_alias", {text(alias)}); }
  Id field(std::string_view name, Id type) {
    return call("field", {text(name), type, tree.boolean(true), none()});
  }
  Id buffer(std::string data) {
    return call("py_buffer", {tree.bytes(tree.keep(std::move(data)))});
  }
  // As _restore_array() takes it.
  struct Members {
    std::int64_t length = 0, nulls = -1, offset = 0;
    std::vector<Id> buffers{}, children{};
    Id dictionary = kNoId;
  };
  Id members(Id type, const Members& m) {
    return tuple({type, integer(m.length), integer(m.nulls), integer(m.offset),
                  list(m.buffers), list(m.children),
                  m.dictionary == kNoId ? none() : m.dictionary});
  }
  Id array(Id type, const Members& m) {
    return call("_restore_array", {members(type, m)});
  }

  // What the column's list holds, "-" where there is None.
  std::vector<std::string> texts() {
    std::vector<std::string> out;
    for (Id id : tree.items(column.list)) {
      out.push_back(tree[id].tag == Tag::none ? "-" : std::string(tree.text_of(id)));
    }
    return out;
  }
};

// The elements of a little-endian array of these, with `missing` where it is masked.
template <class T>
std::vector<T> values(const numpy::Array& array, T missing) {
  std::vector<T> out;
  for (std::uint64_t i = 0; i < array.shape[0]; ++i) {
    const std::uint64_t bits = load_le(array.data + i * sizeof(T), sizeof(T));
    auto value = static_cast<T>(bits);
    if (std::is_floating_point_v<T>) std::memcpy(&value, &bits, sizeof value);
    out.push_back(array.mask != nullptr && array.mask[i] ? missing : value);
  }
  return out;
}

}  // namespace mmappickle::arrow
