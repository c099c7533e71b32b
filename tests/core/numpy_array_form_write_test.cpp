// Array entries and nested arrays: written, and read again.
#include <doctest/doctest.h>

#include "numpy/recognise.h"
#include "numpy_form_testing.h"
#include "pickle/reader.h"

namespace mmappickle::numpy {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

TEST_CASE("the worked example of the format, byte for byte") {
  const std::string expected = unhex(
      "952e000000000000008c004e431f0000000000000000000000000000000000000000000000000000"
      "00000000"
      "00308e520000000000000095c6000000000000008c01618c166e756d70792e636f72652e66726f6d"
      "6e756d657269638c077265736861706593"
      "8c156e756d70792e636f72652e6d756c746961727261798c0a66726f6d737472696e67938e1800"
      "000000000000000000000000f03f00000000000000400000000000000840"
      "8c07666c6f617436348830"
      "4b0385303071003030303"
      "08c01618c056e756d70798c076e6461727261"
      "79934b0085855228"
      "4b014b03858c056e756d70798c0564747970"
      "65938c07666c6f6174363485528968007462"
      "4a010000003088"
      "30");
  const double numbers[] = {1, 2, 3};
  NewArray a;
  a.dtype = dtype_of("<f8");
  a.shape = {3};
  a.data = memory_source(Bytes(reinterpret_cast<const std::uint8_t*>(numbers), 24));
  if (kHostIsBigEndian) return;
  Output output(0x2e);
  write_padding(output, 1, a);
  output.put(std::uint8_t{0x95});
  const std::uint64_t length_at = output.at();
  output.put_le(0, 8);
  const std::uint64_t start = output.at();
  pickle::Memo memo;
  write_array_entry(output, "a", a, memo);
  output.put(std::uint8_t{'J'});
  output.put_le(memo.used(), 4);
  output.put("0\x88\x30"sv);
  output.patch(length_at, output.at() - start, 8);
  CHECK(hex(bytes_of(output)) == hex(expected));
}

TEST_CASE("entries of every dtype, shape and order come back, aligned") {
  std::uint64_t at = 24;
  for (const char* name : kDtypes) {
    for (const Shape& shape : kFormShapes) {
      for (int variant = 0; variant < 4; ++variant) {
        const NewArray a = new_array(dtype_of(name), shape, variant & 1, variant & 2);
        CAPTURE(name);
        CAPTURE(shape.size());
        REQUIRE(has_head(a));
        const std::string key(at % 256, 'k');
        const Written w = write(key, a, at);
        CHECK(w.slots == (a.mask ? 2 : 1));
        ++at;
        // The padding swallows the entry's frame, key and head.
        std::uint64_t swallowed = 0;
        REQUIRE(is_padding(Bytes(w.padding).from(9), swallowed));
        CHECK(load_u64(Bytes(w.padding).data + 1) == w.padding.size() - 9);
        CHECK(swallowed == swallowed_size(key.size(), a));
        CHECK(w.entry.substr(swallowed - 9 - 10, 10) == "fromstrin\x67\x93"s.substr(1));
        CHECK(static_cast<unsigned char>(w.entry[swallowed - 9]) == 0x8e);
        CHECK((w.origin + swallowed) % 64 == 0);
        ArrayEntry entry;
        std::string problem;
        REQUIRE(read_array_entry(Bytes(w.entry), entry, problem) == HeadKind::array);
        CHECK(entry.portable);
        CHECK(entry.metadata.size == 0);
        CHECK(entry.array.data + 0 == Bytes(w.entry).data + swallowed);
        check_same(entry.array, a);
        // And by executing it, as where the padding is gone.
        pickle::Tree tree;
        const pickle::EntryValue value = pickle::read_entry(tree, Bytes(w.entry));
        CHECK(tree.text_of(value.key) == key);
        const Recognised r = recognise(tree, value.value);
        CAPTURE(r.problem);
        REQUIRE(r.found == Found::array);
        check_same(r.array, a);
      }
    }
  }
}

TEST_CASE("fillings are of 0 bytes, or 3 to 66") {
  const NewArray a = new_array(dtype_of("f8"), {3}, false, false);
  for (std::uint64_t at = 0; at < 64; ++at) {
    const std::uint64_t filling = write("a", a, at).padding.size() - 9 - 3 - 9;
    CHECK((filling == 0 || (filling >= 3 && filling <= 66)));
  }
}

TEST_CASE("what is no padding") {
  std::uint64_t swallowed = 0;
  const std::string sound = "\x8c\0N"s + "C\2\0\0\x30"s + "\x8e"s + std::string(8, '\1');
  CHECK(is_padding(Bytes(sound), swallowed));
  CHECK(is_padding(Bytes("\x8c\0NN\x8e"s + std::string(8, '\1')), swallowed));
  for (std::size_t n = 0; n < sound.size(); ++n) {
    CHECK_FALSE(is_padding(Bytes(sound).slice(0, n), swallowed));
  }
  CHECK_FALSE(is_padding(Bytes(sound + "0"), swallowed));
  CHECK_FALSE(is_padding(Bytes("\x8c\0NNN\x8e"s + std::string(8, '\1')), swallowed));
  CHECK_FALSE(is_padding(Bytes("\x8c\1aN\x8e"s + std::string(8, '\1')), swallowed));
  CHECK_FALSE(is_padding(Bytes("\x8c\0NC\xff"s + std::string(8, '\1')), swallowed));
}

// -- nested ---------------------------------------------------------------------------
Dtype structured(bool packed) {
  Dtype inner, d;
  inner.kind = d.kind = Kind::structured;
  inner.fields = {{"x", dtype_of("f4"), 0}, {"y", dtype_of("S2"), 4}};
  inner.itemsize = 6;
  Dtype sub = dtype_of(">i2");
  sub.subshape = {2, 3};
  sub.itemsize = 12;
  d.fields = {{"a", dtype_of("bool"), 0}, {"b", sub, 1}, {"c \xc3\xa9", inner, 13}};
  d.itemsize = 19;
  if (!packed) {
    d.fields[1].offset = 4;
    d.fields[2].offset = 16;
    d.itemsize = 24;
  }
  return d;
}

TEST_CASE("nested arrays come back, their data aligned") {
  std::vector<Dtype> dtypes{structured(true), structured(false)};
  for (const char* name : kDtypes) dtypes.push_back(dtype_of(name));
  std::uint64_t at = 0;
  for (const Dtype& dtype : dtypes) {
    for (const Shape& shape : kFormShapes) {
      for (int variant = 0; variant < 4; ++variant) {
        const NewArray a = new_array(dtype, shape, variant & 1, variant & 2);
        CAPTURE(text(dtype));
        Output output(++at);
        CHECK(node_inside(a) == pickle::kNoId);
        write_nested_head(output, a);
        write_nested_tail(output, a);
        const std::string bytes = bytes_of(output) + ".";
        pickle::Tree tree;
        const Recognised r =
            recognise(tree, pickle::read_pickle(tree, Bytes(bytes)).root);
        CAPTURE(r.problem);
        REQUIRE(r.found == Found::array);
        check_same(r.array, a);
        if (a.data->size() == 0) continue;
        CHECK((at + static_cast<std::uint64_t>(r.array.data - Bytes(bytes).data)) % 64 ==
              0);
      }
    }
  }
}

TEST_CASE("arrays of objects are written with their list") {
  for (const bool fortran : {false, true}) {  // of which the list takes no notice
    NewArray a;
    a.dtype = dtype_of("object");
    a.shape = {2, 2};
    a.fortran = fortran;
    a.objects = 77;
    CHECK_FALSE(has_head(a));
    Output output(0);
    CHECK(node_inside(a) == 77);
    write_nested_head(output, a);
    output.put("](K\1K\2K\3K\4e"sv);
    write_nested_tail(output, a);
    const std::string bytes = bytes_of(output) + ".";
    CHECK((bytes.find("\x85R\x88]("sv) != std::string::npos) == fortran);
    pickle::Tree tree;
    const Recognised r = recognise(tree, pickle::read_pickle(tree, Bytes(bytes)).root);
    REQUIRE(r.found == Found::array);
    CHECK(r.array.strides == Strides{2, 1});
    CHECK(tree[tree.item(r.array.objects, 2)].integer == 3);
  }
}

TEST_CASE("what gets no head") {
  CHECK_FALSE(has_head(new_array(structured(true), {3}, false, false)));
  NewArray a = new_array(dtype_of("u1"), {0, 1}, false, false);
  a.shape = {0, std::uint64_t{1} << 31};
  CHECK_FALSE(has_head(a));
  a.shape = {0, (std::uint64_t{1} << 31) - 1};
  CHECK(has_head(a));
}

}  // namespace
}  // namespace mmappickle::numpy
