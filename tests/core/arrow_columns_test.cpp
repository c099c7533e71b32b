// Numbers, bits, times and decimals: their values, and what lies about them.
#include <cmath>

#include "arrow_testing.h"

namespace mmappickle::arrow {
namespace {

using Numbers = std::vector<std::int64_t>;

TEST_CASE("numbers of one piece stay where they are") {
  Builder b;
  const std::string data = i64s({1, 2, 3, 4});
  const Bytes kept = b.tree.keep(data);
  const Id buffer = b.call("py_buffer", {b.tree.bytes(kept)});
  REQUIRE(b.read(b.array(b.type("int64"), {2, 0, 1, {b.none(), buffer}})));
  CHECK(b.column.form == Form::vector);
  CHECK(b.column.count == 2);
  CHECK(b.column.array.data == kept.data + 8);
  CHECK_FALSE(b.column.array.masked);
}

TEST_CASE("bitmaps say what is missing, from the offset on") {
  Builder b;
  const Id bits = b.buffer("\x7b\x01");  // 1101 1110 1
  const Id data = b.buffer(i64s({0, 1, 2, 3, 4, 5, 6, 7, 8}));
  REQUIRE(b.read(b.array(b.type("int64"), {9, -1, 0, {bits, data}})));
  CHECK(values<std::int64_t>(b.column.array, -1) == Numbers{0, 1, -1, 3, 4, 5, 6, -1, 8});
  REQUIRE(b.read(b.array(b.type("int64"), {3, -1, 6, {bits, data}})));
  CHECK(values<std::int64_t>(b.column.array, -1) == Numbers{6, -1, 8});
  // no mask where nothing is missing
  REQUIRE(b.read(b.array(b.type("int64"), {3, -1, 3, {bits, data}})));
  CHECK_FALSE(b.column.array.masked);
}

TEST_CASE("chunks are one column") {
  Builder b;
  const auto chunk = [&](std::string bits, std::string data, std::int64_t n) {
    const Id valid = bits.empty() ? b.none() : b.buffer(std::move(bits));
    return b.array(b.type("int64"), {n, -1, 0, {valid, b.buffer(std::move(data))}});
  };
  const Id first = chunk("", i64s({1, 2}), 2), second = chunk("\2", i64s({3, 4}), 2);
  const auto chunked = [&](const std::vector<Id>& chunks, std::string_view type) {
    return b.call("chunked_array", {b.list(chunks), b.type(type)});
  };
  REQUIRE(b.read(chunked({first, chunk("", "", 0), second}, "int64")));
  CHECK(values<std::int64_t>(b.column.array, -1) == Numbers{1, 2, -1, 4});
  REQUIRE(b.read(chunked({}, "int64")));
  CHECK(b.column.count == 0);
  CHECK_FALSE(b.read(chunked({first}, "uint64")));
  CHECK_FALSE(b.read(chunked({first, b.none()}, "int64")));
  CHECK_FALSE(b.read(chunked({chunked({first}, "int64")}, "int64")));
}

TEST_CASE("lengths and offsets are within the bytes") {
  Builder b;
  const std::string data(64, '\1');
  const auto fits = [&](std::int64_t length, std::int64_t offset, std::string_view type) {
    const Id id =
        b.array(b.type(type), {length, -1, offset, {b.buffer("\xff"), b.buffer(data)}});
    return b.read(id);
  };
  CHECK(fits(8, 0, "int64"));
  CHECK(fits(0, 8, "int64"));
  CHECK(fits(5, 3, "int64"));
  CHECK_FALSE(fits(9, 0, "int64"));
  CHECK_FALSE(fits(5, 4, "int64"));
  CHECK_FALSE(fits(9, 0, "int8"));  // the bitmap is short
  CHECK_FALSE(fits(-1, 0, "int64"));
  CHECK_FALSE(fits(1, -1, "int64"));
  for (const std::int64_t huge :
       {INT64_MAX, INT64_MAX - 7, INT64_MAX / 8, std::int64_t{1} << 61}) {
    CAPTURE(huge);
    for (const char* type : {"int64", "int8", "bool", "double", "date32[day]", "null",
                             "string", "large_string", "string_view", "binary"}) {
      CAPTURE(type);
      CHECK_FALSE(fits(huge, 0, type));
      CHECK_FALSE(fits(huge, INT64_MAX - huge, type));
      CHECK_FALSE(fits(huge, INT64_MAX, type));
      CHECK_FALSE(fits(1, huge, type == std::string_view("null") ? "int8" : type));
    }
  }
}

TEST_CASE("members that are no such are nothing") {
  Builder b;
  const Id type = b.type("int64"), buffer = b.buffer(i64s({1}));
  const std::vector<Id> good = {
      type,       b.integer(1), b.integer(0), b.integer(0), b.list({b.none(), buffer}),
      b.list({}), b.none()};
  CHECK(b.read(b.call("_restore_array", {b.tuple(good)})));
  CHECK_FALSE(b.read(b.call("_restore_array", good)));
  for (std::size_t i = 0; i < 5; ++i) {
    CAPTURE(i);
    std::vector<Id> members = good;
    members[i] = b.text("x");
    CHECK_FALSE(b.read(b.call("_restore_array", {b.tuple(members)})));
    members = good;
    members.resize(i);
    CHECK_FALSE(b.read(b.call("_restore_array", {b.tuple(members)})));
  }
  for (const std::int64_t nulls : {-2, 1, 2}) {  // 1: but no bitmap
    std::vector<Id> members = good;
    members[2] = b.integer(nulls);
    CHECK_FALSE(b.read(b.call("_restore_array", {b.tuple(members)})));
  }
  CHECK_FALSE(b.read(b.none()));
  CHECK_FALSE(b.read(type));
  CHECK_FALSE(b.read(buffer));
}

TEST_CASE("days and times have 64 bits") {
  Builder b;
  const auto times = [&](std::string_view type, std::string data, std::int64_t n) {
    REQUIRE(b.read(b.array(b.type(type), {n, 0, 0, {b.none(), b.buffer(data)}})));
    return values<std::int64_t>(b.column.array, 0);
  };
  CHECK(times("date32[day]", i32s({-1, 18262}), 2) == Numbers{-1, 18262});
  CHECK(b.column.array.dtype.unit == numpy::Unit::D);
  CHECK(times("date64[ms]", i64s({-1, -86400000, 86400000 * 3LL + 5}), 3) ==
        Numbers{-1, -1, 3});
  CHECK(times("time32[ms]", i32s({1500}), 1) == Numbers{1500});
  CHECK(b.column.array.dtype.kind == numpy::Kind::timedelta);
  CHECK(times("date64[ms]", i64s({INT64_MIN}), 1) == Numbers{-106751991168});
}

TEST_CASE("zones by name and by offset") {
  Builder b;
  const auto zone = [&](std::string_view name) {
    const Id type = b.call("timestamp", {b.text("us"), b.text(name)});
    REQUIRE(b.read(b.array(type, {1, 0, 0, {b.none(), b.buffer(i64s({0}))}})));
    return std::string(b.column.zone.text());
  };
  CHECK(zone("Europe/Paris") == "Europe/Paris");
  CHECK(zone("UTC") == "");
  CHECK(zone("+02:00") == "Etc/GMT-2");
  CHECK(zone("-11:00") == "Etc/GMT+11");
  CHECK(zone("+05:30") == "");
  CHECK(zone("+5a:30") == "");
  CHECK(zone("+99:00") == "");
  CHECK(zone("/etc/passwd") == "");
  CHECK(zone("../x") == "");
}

TEST_CASE("decimals are the nearest doubles, and say where digits were lost") {
  Builder b;
  const auto decimal = [&](std::int64_t scale, std::uint64_t low,
                           std::uint64_t high = 0) {
    const Id type = b.call("decimal128", {b.integer(38), b.integer(scale)});
    std::string item = bytes_of<std::uint64_t>({low, high});
    REQUIRE(b.read(b.array(type, {1, 0, 0, {b.none(), b.buffer(std::move(item))}})));
    return values<double>(b.column.array, 0)[0];
  };
  CHECK(decimal(2, 137) == 1.37);
  CHECK(decimal(-3, 5) == 5000);
  CHECK(decimal(1, static_cast<std::uint64_t>(-15), UINT64_MAX) == -1.5);
  CHECK(decimal(0, 0) == 0);
  CHECK(decimal(30, 0) == 0);
  CHECK(decimal(25, 1) == 1e-25);
  CHECK(decimal(0, std::uint64_t{1} << 60) == 1152921504606846976.0);
  CHECK_FALSE(b.column.rounded);
  CHECK(decimal(0, (std::uint64_t{1} << 53) + 1) == 9007199254740992.0);
  CHECK(b.column.rounded);
  CHECK(decimal(20, UINT64_MAX) == 0.18446744073709551615);
  CHECK(b.column.rounded);
  CHECK(std::isinf(decimal(-400, UINT64_MAX)));
  CHECK(b.column.rounded);
}

TEST_CASE("what many columns share is paid for") {
  Builder b;
  const Id one = b.array(
      b.type("int8"), {1 << 16, 0, 0, {b.none(), b.buffer(std::string(1 << 16, 'a'))}});
  const auto chunks = [&](std::size_t n) {
    return b.call("chunked_array", {b.list(std::vector<Id>(n, one)), b.type("int8")});
  };
  CHECK(b.read(chunks(8)));
  CHECK_FALSE(b.read(chunks(10000)));
  Builder nulls;
  CHECK(nulls.read(nulls.array(nulls.type("null"), {1000, 1000, 0, {nulls.none()}})));
  CHECK_FALSE(nulls.read(
      nulls.array(nulls.type("null"), {std::int64_t{1} << 40, -1, 0, {nulls.none()}})));
}

}  // namespace
}  // namespace mmappickle::arrow
