// Heads and trailers of array entries: the Python library's, damaged ones.
#include <doctest/doctest.h>

#include "numpy/form_dtype.h"
#include "numpy/recognise.h"
#include "numpy_form_testing.h"
#include "pickle/reader.h"

namespace mmappickle::numpy {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

// The Python library's own form.
std::string upstream(const std::string& data, const std::string& dtype,
                     const std::string& shape, const std::string& behind_dtype = "\x86R",
                     const std::string& behind_shape = "\x86R") {
  std::string size(8, '\0');
  store_le(reinterpret_cast<std::uint8_t*>(&size[0]), data.size(), 8);
  return "\x8c\x16numpy.core.fromnumeric\x8c\x07reshape\x93\x8c\x15numpy.core.multiarray"
         "\x8c\x0a"
         "fromstring\x93\x8e" +
         size + data + "\x8c" + static_cast<char>(dtype.size()) + dtype + behind_dtype +
         shape + behind_shape;
}

HeadKind kind_of(const std::string& value, ArrayEntry& entry, std::string& problem) {
  static std::string body;  // outlives the entry
  body = "\x8c\x01k" + value;
  return read_array_entry(Bytes(body), entry, problem);
}
HeadKind kind_of(const std::string& value) {
  ArrayEntry entry;
  std::string problem;
  const HeadKind kind = kind_of(value, entry, problem);
  CHECK((kind == HeadKind::damaged) == !problem.empty());
  return kind;
}

TEST_CASE("the Python library's form") {
  const std::string six(48, '\x01');
  ArrayEntry entry;
  std::string problem;
  REQUIRE(kind_of(upstream(six, "float64", "K\2K\3\x86"s), entry, problem) ==
          HeadKind::array);
  CHECK_FALSE(entry.portable);
  CHECK(entry.array.shape == Shape{2, 3});
  CHECK(entry.array.c_order());
  // All its spellings of a shape, and some that it writes but does not read.
  for (const std::string& shape :
       {"K\6\x85"s, "M\6\0\x85"s, "J\6\0\0\0\x85"s, "(K\6t"s, "\x8a\1\6\x85"s,
        "(K\1K\2K\1K\3t"s, "K\1K\2K\3\x87"s, "\x8a\5\6\0\0\0\0\x85"s}) {
    CHECK(kind_of(upstream(six, "<f8", shape)) == HeadKind::array);
  }
  CHECK(kind_of(upstream("12345678", "<f8", "(t")) == HeadKind::array);
  CHECK(kind_of(upstream("12345678", "<f8", ")")) == HeadKind::array);
  // It looks at neither of the pairs of bytes behind dtype and shape.
  CHECK(kind_of(upstream(six, "<f8", "K\6\x85"s, "00", "tb")) == HeadKind::array);
  // Not for the head's reader to say.
  CHECK(kind_of("K\1"s) == HeadKind::none);
  CHECK(kind_of(upstream(six, "<f8", "K\6\x85"s) + "0") == HeadKind::none);
  CHECK(kind_of(upstream(six, "<f8", "]K\6a"s)) == HeadKind::none);
  CHECK(kind_of(upstream(six, "<f8", "N")) == HeadKind::none);
}

TEST_CASE("heads whose parts do not fit are damaged, and say why") {
  const std::string six(48, '\x01');
  for (const std::string& shape :
       {"K\5\x85"s, "K\7\x85"s, "K\0\x85"s, "K\2K\4\x86"s, "J\xff\xff\xff\xff\x85"s,
        "\x8a\1\xff\x85"s, "\x8a\x08\0\0\0\0\0\0\0\x40K\4\x86"s,
        "\x8a\x08\0\0\0\0\0\0\0\x20\x85"s, "\x8a\x08\6\0\0\0\0\0\0\x20\x85"s}) {
    CAPTURE(hex(shape));
    CHECK(kind_of(upstream(six, "<f8", shape)) == HeadKind::damaged);
  }
  for (const char* dtype : {"object", "O", "O8", "float65", "", "S-1", "M8[fortnight]",
                            "V0", "S0", "[('a', '<f9')]", "[('a', '<f4')]"}) {
    CAPTURE(dtype);
    CHECK(kind_of(upstream(six, dtype, "K\6\x85"s)) == HeadKind::damaged);
  }
  // Lengths that leave the entry.
  const std::string sound = upstream(six, "<f8", "K\6\x85"s);
  for (std::size_t n = 70; n + 1 < sound.size(); ++n) {
    CHECK(kind_of(sound.substr(0, n)) == HeadKind::damaged);
  }
  for (std::uint64_t size : {std::uint64_t{1} << 31, std::uint64_t{1} << 62, UINT64_MAX,
                             UINT64_MAX - 60, std::uint64_t{100}}) {
    std::string claim = sound;
    store_le(reinterpret_cast<std::uint8_t*>(&claim[71]), size, 8);
    CHECK(kind_of(claim) == HeadKind::damaged);
  }
}

TEST_CASE("masked in the Python library's form") {
  const std::string head = "\x8c\x0dnumpy.ma.core\x8c\x0bMaskedArray\x93";
  const std::string data = upstream("abcdef", "int8", "K\2K\3\x86"s);
  const auto masked = [&](const std::string& mask) { return head + data + mask; };
  const std::string sound = upstream("\0\1\2\0\0\0"s, "bool", "K\2K\3\x86"s);
  ArrayEntry entry;
  std::string problem;
  REQUIRE(kind_of(masked(sound + "\x86R"), entry, problem) == HeadKind::array);
  CHECK(entry.array.masked);
  CHECK(entry.array.mask[2] == 2);
  CHECK(kind_of(masked(upstream("abcdef", "bool", "K\6\x85"s) + "\x86R")) ==
        HeadKind::damaged);
  CHECK(kind_of(masked(upstream("abcdef", "bool", "K\3K\2\x86"s) + "\x86R")) ==
        HeadKind::damaged);
  CHECK(kind_of(masked(upstream("abcde", "bool", "K\5\x85"s) + "\x86R")) ==
        HeadKind::damaged);
  CHECK(kind_of(masked(upstream("abcdef", "int8", "K\2K\3\x86"s) + "\x86R")) ==
        HeadKind::damaged);
  CHECK(kind_of(masked("N\x86R")) == HeadKind::none);
  CHECK(kind_of(masked(sound)) == HeadKind::none);
  CHECK(kind_of(head + "N") == HeadKind::none);
}

TEST_CASE("head and trailer must agree; metadata may follow") {
  const NewArray a = new_array(dtype_of("i2"), {2, 3}, true, false);
  const std::string sound = write("key", a, 0).entry;
  const auto kind = [](const std::string& body) {
    ArrayEntry entry;
    std::string problem;
    return read_array_entry(Bytes(body), entry, problem);
  };
  REQUIRE(kind(sound) == HeadKind::array);
  const std::string trailer = sound.substr(sound.find("q\0"s));
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string s = trailer;
    REQUIRE(s.find(from) != std::string::npos);
    s.replace(s.find(from), from.size(), to);
    return sound.substr(0, sound.size() - trailer.size()) + s;
  };
  CHECK(kind(with("key", "kez")) == HeadKind::damaged);
  CHECK(kind(with(written_name(a.dtype), written_name(dtype_of("int32")))) ==
        HeadKind::damaged);
  CHECK(kind(with("K\2K\3"s, "K\3K\2"s)) == HeadKind::damaged);
  CHECK(kind(with("\x88", "\x89")) == HeadKind::damaged);
  CHECK(kind(with("h\0"s, "h\1"s)) == HeadKind::damaged);
  CHECK(kind(with("tb", "tR")) == HeadKind::damaged);
  CHECK(kind(with("0000", "000")) == HeadKind::damaged);
  for (std::size_t n = 0; n < trailer.size(); ++n) {
    const HeadKind cut = kind(sound.substr(0, sound.size() - trailer.size() + n));
    // With nothing behind the head it is what the Python library takes it for.
    CHECK(cut == (n == 0 ? HeadKind::array : HeadKind::damaged));
  }
  const std::string metadata = "\x8c\x0cmmappickle:RK\1}\x87\x30"s;
  ArrayEntry entry;
  std::string problem;
  const std::string body = sound + metadata;
  REQUIRE(read_array_entry(Bytes(body), entry, problem) == HeadKind::array);
  CHECK(entry.metadata.text() == metadata);
  CHECK(kind(sound + "0") == HeadKind::damaged);
  CHECK(kind(sound + metadata + "K\1"s) == HeadKind::damaged);
}

TEST_CASE("data and mask of one order") {
  const NewArray a = new_array(dtype_of("i2"), {2, 2}, true, true);
  std::string body = write("k", a, 0).entry;
  const std::size_t order = body.rfind("\x88h\1"s);
  REQUIRE(order != std::string::npos);
  body[order] = '\x89';
  ArrayEntry entry;
  std::string problem;
  CHECK(read_array_entry(Bytes(body), entry, problem) == HeadKind::damaged);
}

TEST_CASE("fill values are read over") {
  const NewArray a = new_array(dtype_of("i2"), {3}, false, true);
  const std::string sound = write("k", a, 0).entry;
  const std::string masked = "MaskedArray\x93";
  const std::size_t at = sound.rfind(masked) + masked.size();
  const std::string start = sound.substr(0, at) + "(" +
                            sound.substr(at, sound.size() - at - 2) + "N\x89\x88K\0"s;
  for (const std::string& fill :
       {"K\7"s, "J\xff\xff\xff\xff"s, "G\0\0\0\0\0\0\0\0"s, "N"s, "\x88"s, "C\2ab"s,
        "\x8c\2ab"s, "X\2\0\0\0ab"s, "\x8a\1\7"s}) {
    const std::string body = start + fill + "tR";
    ArrayEntry entry;
    std::string problem;
    REQUIRE(read_array_entry(Bytes(body), entry, problem) == HeadKind::array);
    check_same(entry.array, a);
    pickle::Tree tree;
    const Recognised r = recognise(tree, pickle::read_entry(tree, Bytes(body)).value);
    REQUIRE(r.found == Found::array);
    check_same(r.array, a);
  }
  ArrayEntry entry;
  std::string problem;
  const std::string other = start + "(K\1K\2ttR"s;
  CHECK(read_array_entry(Bytes(other), entry, problem) == HeadKind::none);
}

}  // namespace
}  // namespace mmappickle::numpy
