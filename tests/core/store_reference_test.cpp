#include <doctest/doctest.h>

#include <set>

#include "../../src/core/store/reference.h"
#include "store_testing.h"

namespace mmappickle::store {
namespace {

Reference some_reference() {
  Reference r;
  r.path = "/tmp/a \xc3\xbc.mmdpickle";
  r.key = "key";
  r.inode = UINT64_MAX;
  r.number = -5;
  r.at = 24;
  r.content = std::uint64_t{1} << 63;
  r.part = 0x0123456789abcdef;
  r.type = 3;
  r.reversed = true;
  return r;
}

bool same(const Reference& a, const Reference& b) {
  return a.path == b.path && a.key == b.key && a.inode == b.inode &&
         a.number == b.number && a.at == b.at && a.content == b.content &&
         a.part == b.part && a.type == b.type && a.reversed == b.reversed;
}

ErrorKind kind_of(const std::string& bytes) {
  return error_of([&] { read_reference(Bytes(bytes)); }).kind;
}

struct Entry {
  Loaded loaded;
  Bytes bytes;
  std::vector<Part> parts;
};

Entry entry_of(const numpy::StoredValue& stored_value, const Scratch& scratch) {
  const auto store = Store::open(scratch.path(), Options{});
  Writing(*store).put("k", stored_value);
  const Reading reading(*store);
  Entry out;
  out.loaded = reading.load(reading.require("k"));
  out.bytes = Bytes(out.loaded.mapping->at(out.loaded.frame.at), out.loaded.frame.length);
  out.parts = parts_of(out.loaded, out.bytes);
  return out;
}

TEST_CASE("references: as written, so read; in few bytes") {
  const std::string bytes = put_reference(some_reference());
  CHECK(bytes.size() < some_reference().path.size() + 80);
  CHECK(same(read_reference(Bytes(bytes)), some_reference()));
  CHECK(same(read_reference(Bytes(put_reference(Reference()))), Reference()));
}

TEST_CASE("references: bytes that are none") {
  const std::string bytes = put_reference(some_reference());
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    CHECK(kind_of(bytes.substr(0, n)) == ErrorKind::format);
  }
  CHECK(kind_of(bytes + ".") == ErrorKind::format);
  int good = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(byte);
      try {
        read_reference(Bytes(changed));
        ++good;
      } catch (const Error& error) {
        if (error.kind != ErrorKind::format) FAIL_CHECK("another kind");
      }
    }
  }
  CHECK(good > 1000);
  for (const std::string other : {"\x80\x04N.", "K\x05.", "(K\x02t.", "(lp0\n.", "}."}) {
    CHECK(kind_of(other) == ErrorKind::format);
  }
  Reference r = some_reference();
  r.path += '\0';
  CHECK(kind_of(put_reference(r)) == ErrorKind::format);
}

TEST_CASE("references: the parts of an entry lie in it, and are told apart") {
  const std::vector<double> values{1, 2, 3, 4, 5, 6};
  const std::string items(6 * 12, 'x');
  struct Case {
    numpy::StoredValue stored_value;
    std::size_t parts;
  };
  Case cases[] = {
      {doubles_value(values), 1},
      {nested_value(values), 1},
      {array_value("float64", {2, 3}, doubles(values), nullptr, true), 1},
      {array_value("float64", {6}, doubles(values), bytes_source("\1\1\1\1\1\1")), 1},
      {array_value("V12", {6}, bytes_source(items)), 1},
      {array_value("U3", {6}, bytes_source(items)), 1},
      {text_value("no array"), 0},
  };
  for (Case& c : cases) {
    const Scratch scratch;
    const Entry entry = entry_of(c.stored_value, scratch);
    // (The data of an array inside of a value are bytes, too.)
    CHECK(entry.parts.size() >= c.parts);
    std::set<std::uint64_t> names;
    for (const Part& part : entry.parts) {
      const auto at = static_cast<std::uint64_t>(part.array.data - entry.bytes.data);
      CHECK(entry.bytes.holds(at, part.array.count() * part.array.dtype.itemsize));
      names.insert(name_of(part, entry.bytes.data));
      // Another geometry of the same bytes is another part: none of this entry.
      Part other = part;
      other.array.shape[0] += 1;
      CHECK(names.count(name_of(other, entry.bytes.data)) == 0);
      other = part;
      other.array.strides[0] = 0;
      CHECK(names.count(name_of(other, entry.bytes.data)) == 0);
      other = part;
      other.array.data += 1;
      CHECK(names.count(name_of(other, entry.bytes.data)) == 0);
      other = part;
      other.is_bytes = !other.is_bytes;
      CHECK(names.count(name_of(other, entry.bytes.data)) == 0);
    }
    CHECK(names.size() == entry.parts.size());
  }
}

TEST_CASE("references: the content of an entry is its two ends, and its size") {
  std::string bytes(100000, 'a');
  const std::uint64_t before = content_of(Bytes(bytes));
  for (const std::size_t at : {0, 7, 32767, 70000, 99999}) {
    std::string changed = bytes;
    changed[at] = 'b';
    CHECK(content_of(Bytes(changed)) != before);
  }
  for (const std::size_t size : {1, 7, 8, 65536}) {
    CHECK(content_of(Bytes(bytes.substr(0, size))) != before);
  }
}

}  // namespace
}  // namespace mmappickle::store
