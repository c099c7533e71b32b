// Lists, structures, dictionaries and tables; deep ones, and those that share or lie.
#include "arrow_testing.h"

namespace mmappickle::arrow {
namespace {

using Numbers = std::vector<std::int64_t>;
using Codes = std::vector<std::int32_t>;

struct Nested : Builder {
  Id int64s(Numbers numbers, std::string bits = {}) {
    const Id valid = bits.empty() ? none() : buffer(std::move(bits));
    return members(type("int64"), {static_cast<std::int64_t>(numbers.size()),
                                   -1,
                                   0,
                                   {valid, buffer(i64s(numbers))}});
  }
  Id lists(std::string_view kind = "list_") {
    return call(kind, {field("item", type("int64"))});
  }
  Id record() {
    return call("struct", {list({field("a", type("int64")), field("b", type("int64"))})});
  }
  Id dictionary(std::string_view codes) {
    return call("dictionary", {type(codes), type("int64"), tree.boolean(true)});
  }
  Codes starts() { return values<std::int32_t>(column.array, 0); }
  Codes sizes() { return values<std::int32_t>(column.sizes, 0); }
};

TEST_CASE("lists are spans of their items") {
  Nested b;
  const Id items = b.int64s({0, 1, 2, 3, 4, 5});
  const auto read = [&](Codes offsets, std::int64_t offset, std::string bits) {
    const auto n = static_cast<std::int64_t>(offsets.size()) - 1 - offset;
    const Id valid = bits.empty() ? b.none() : b.buffer(std::move(bits));
    return b.read(
        b.array(b.lists(), {n, -1, offset, {valid, b.buffer(i32s(offsets))}, {items}}));
  };
  REQUIRE(read({0, 2, 2, 3}, 0, "\x05"));
  CHECK(b.column.form == Form::lists);
  CHECK(b.starts() == Codes{0, 2, 2});
  CHECK(b.sizes() == Codes{2, -1, 1});
  CHECK(b.column.parts[0].count == 3);
  REQUIRE(read({0, 2, 5, 6}, 1, ""));  // only the items that a slice needs
  CHECK(b.starts() == Codes{0, 3});
  CHECK(values<std::int64_t>(b.column.parts[0].array, 0) == Numbers{2, 3, 4, 5});
  CHECK_FALSE(read({0, 7}, 0, ""));
  CHECK_FALSE(read({0, 4, 3, 6}, 0, ""));
  CHECK_FALSE(read({-1, 1}, 0, ""));
  CHECK_FALSE(read({4, 2}, 0, ""));
  CHECK_FALSE(b.read(b.array(b.lists(), {1, 0, 0, {b.none(), b.buffer(i32s({0, 1}))}})));
  const Id other = b.members(b.type("int8"), {1, 0, 0, {b.none(), b.buffer("a")}});
  CHECK_FALSE(
      b.read(b.array(b.lists(), {1, 0, 0, {b.none(), b.buffer(i32s({0, 1}))}, {other}})));
}

TEST_CASE("lists of one size") {
  Nested b;
  const Id items = b.int64s({0, 1, 2, 3, 4, 5});
  const auto read = [&](std::int64_t size, std::int64_t length, std::int64_t offset) {
    const Id type = b.call("list_", {b.type("int64"), b.integer(size)});
    return b.read(b.array(type, {length, 0, offset, {b.none()}, {items}}));
  };
  REQUIRE(read(2, 2, 1));
  CHECK(b.starts() == Codes{0, 2});
  CHECK(values<std::int64_t>(b.column.parts[0].array, 0) == Numbers{2, 3, 4, 5});
  CHECK_FALSE(read(2, 3, 1));
  CHECK_FALSE(read(7, 1, 0));
  CHECK_FALSE(read(INT32_MAX, std::int64_t{1} << 40, 0));
  CHECK_FALSE(read(std::int64_t{1} << 62, 2, 1));
  CHECK(read(0, 5, 0));
  CHECK_FALSE(read(0, std::int64_t{1} << 40, 0));
}

TEST_CASE("views of lists may share items, which is paid for") {
  Nested b;
  const Id items = b.int64s(Numbers(1000, 7));
  const auto read = [&](Codes starts, Codes sizes) {
    const auto n = static_cast<std::int64_t>(starts.size());
    return b.read(b.array(
        b.lists("list_view"),
        {n, 0, 0, {b.none(), b.buffer(i32s(starts)), b.buffer(i32s(sizes))}, {items}}));
  };
  REQUIRE(read({999, 0, 500}, {1, 1000, 0}));
  CHECK(b.starts() == Codes{999, 0, 500});
  CHECK(b.sizes() == Codes{1, 1000, 0});
  CHECK_FALSE(read({999}, {2}));
  CHECK_FALSE(read({1001}, {0}));
  CHECK_FALSE(read({-1}, {1}));
  CHECK_FALSE(read({0}, {-1}));
  CHECK_FALSE(read({0, 0}, {1}));
  CHECK_FALSE(read(Codes(100000, 0), Codes(100000, 1000)));
}

TEST_CASE("structures are data frames; what is missing has no fields") {
  Nested b;
  const Id a = b.int64s({1, 2, 3}), c = b.int64s({4, 5, 6}, "\x06");
  REQUIRE(b.read(b.array(b.record(), {2, -1, 1, {b.buffer("\x05")}, {a, c}})));
  CHECK(b.column.form == Form::frame);
  CHECK(b.texts() == std::vector<std::string>{"a", "b"});
  CHECK(values<std::int64_t>(b.column.parts[0].array, -1) == Numbers{-1, 3});
  CHECK(values<std::int64_t>(b.column.parts[1].array, -1) == Numbers{-1, 6});
  CHECK_FALSE(b.read(b.array(b.record(), {3, 0, 1, {b.none()}, {a, c}})));
  CHECK_FALSE(b.read(b.array(b.record(), {2, 0, 0, {b.none()}, {a}})));
  CHECK_FALSE(b.read(b.array(b.record(), {2, 0, 0, {b.none()}, {a, c, c}})));
  CHECK_FALSE(b.read(b.array(b.record(), {2, 0, 0, {b.none()}, {a, b.none()}})));
  const Id nothing = b.call("struct", {b.list({})});
  CHECK(b.read(b.array(nothing, {3, 0, 0, {b.none()}})));
  CHECK_FALSE(b.read(b.array(nothing, {std::int64_t{1} << 40, 0, 0, {b.none()}})));
}

TEST_CASE("codes are below the size of their dictionary, but for missing ones") {
  Nested b;
  const Id values_ = b.int64s({10, 20});
  const auto read = [&](std::string_view type, std::string codes, std::string bits = {}) {
    const auto n = static_cast<std::int64_t>(codes.size()) /
                   (type == "int8" || type == "uint8" ? 1 : 8);
    const Id valid = bits.empty() ? b.none() : b.buffer(std::move(bits));
    return b.read(b.array(b.dictionary(type),
                          {n, -1, 0, {valid, b.buffer(std::move(codes))}, {}, values_}));
  };
  REQUIRE(read("int8", std::string("\0\1\1", 3)));
  CHECK(b.column.ordered);
  CHECK(values<std::int32_t>(b.column.array, 0) == Codes{0, 1, 1});
  REQUIRE(read("int8", std::string("\0\x7f", 2), "\1"));
  CHECK(values<std::int32_t>(b.column.array, 0) == Codes{0, -1});
  CHECK_FALSE(read("int8", "\2"));
  CHECK_FALSE(read("int8", "\xff"));
  CHECK_FALSE(read("uint8", "\xff"));
  CHECK_FALSE(read("int64", i64s({-1})));
  CHECK_FALSE(read("int64", i64s({std::int64_t{1} << 32})));
  CHECK_FALSE(read("uint64", i64s({INT64_MIN})));
  CHECK_FALSE(read("double", i64s({0})));
  const Id type = b.dictionary("int8"), codes = b.buffer(std::string(1, '\0'));
  CHECK_FALSE(b.read(b.array(type, {1, 0, 0, {b.none(), codes}})));
  const Id of_texts = b.members(
      b.type("string"), {1, 0, 0, {b.none(), b.buffer(i32s({0, 1})), b.buffer("x")}});
  CHECK_FALSE(b.read(b.array(type, {1, 0, 0, {b.none(), codes}, {}, of_texts})));
}

TEST_CASE("each chunk has its dictionary") {
  Nested b;
  const Id type = b.dictionary("int8");
  const auto chunk = [&](const Numbers& values_) {
    return b.array(
        type,
        {2, 0, 0, {b.none(), b.buffer(std::string("\0\1", 2))}, {}, b.int64s(values_)});
  };
  REQUIRE(b.read(
      b.call("chunked_array", {b.list({chunk({10, 20}), chunk({20, 30, 40})}), type})));
  CHECK(values<std::int32_t>(b.column.array, 0) == Codes{0, 1, 2, 3});
  CHECK(values<std::int64_t>(b.column.parts[0].array, 0) == Numbers{10, 20, 20, 30, 40});
}

TEST_CASE("tables and batches have columns of one length, as their schema says") {
  Nested b;
  const auto one = [&](const Numbers& x) {
    return b.call("_restore_array", {b.int64s(x)});
  };
  const Id schema = b.call(
      "schema",
      {b.list({b.field("x", b.type("int64")), b.field("y", b.type("int64"))}), b.none()});
  const auto table = [&](const std::vector<Id>& columns) {
    return b.read(b.call("_reconstruct_table", {b.list(columns), schema}));
  };
  REQUIRE(table({one({1, 2}), one({3, 4})}));
  CHECK(b.column.form == Form::frame);
  CHECK(b.column.count == 2);
  CHECK(b.read(
      b.call("_reconstruct_record_batch", {b.list({one({1}), one({3})}), schema})));
  CHECK_FALSE(table({one({1, 2}), one({3})}));
  CHECK_FALSE(table({one({1, 2})}));
  CHECK_FALSE(table({one({1}), one({1}), one({1})}));
  // A column that is another than the schema says, or has no counterpart: only that
  const Id bytes = b.array(b.type("int8"), {1, 0, 0, {b.none(), b.buffer("a")}});
  REQUIRE(table({one({1, 2}), bytes}));
  CHECK(b.column.parts[0].form == Form::vector);
  CHECK(b.column.parts[1].form == Form::foreign);
  CHECK(b.column.parts[1].node == bytes);
  CHECK(b.column.parts[1].count == 2);
  CHECK_FALSE(table({bytes, bytes}));  // nothing says how long
  CHECK_FALSE(table({one({1}), b.none()}));
  CHECK_FALSE(b.read(b.call("_reconstruct_table", {b.list({}), b.none()})));
}

TEST_CASE("deep and shared types cost what they bring") {
  Builder b;
  // lists of lists of ...
  Id type = b.type("null"), members = b.members(type, {0, 0, 0, {b.none()}});
  bool last = true;
  for (int depth = 1; depth < 200; ++depth) {
    type = b.call("list_", {type});
    const Id offsets = b.buffer(i32s({0}));
    members = b.members(type, {0, 0, 0, {b.none(), offsets}, {members}});
    last = b.read(b.call("_restore_array", {members}));
    if (depth < 30) CHECK(last);
  }
  CHECK_FALSE(last);
  // structures of twice the same ...
  type = b.type("null");
  members = b.members(type, {0, 0, 0, {b.none()}});
  for (int depth = 0; depth < 30; ++depth) {
    type = b.call("struct", {b.list({b.field("a", type), b.field("b", type)})});
    members = b.members(type, {0, 0, 0, {b.none()}, {members, members}});
  }
  CHECK_FALSE(b.read(b.call("_restore_array", {members})));
  // ... and a type that holds itself
  const Id fields = b.list({});
  type = b.call("struct", {fields});
  b.tree.append(fields, b.field("a", type));
  CHECK_FALSE(b.read(b.array(type, {0, 0, 0, {b.none()}})));
}

TEST_CASE("types that nothing stands for") {
  Builder b;
  const auto known = [&](Id type) { return b.read(b.array(type, {0, 0, 0, {}})); };
  CHECK(known(b.type("int64")));
  CHECK_FALSE(known(b.type("month_day_nano_interval")));
  CHECK_FALSE(known(b.type("")));
  CHECK_FALSE(known(b.text("int64")));
  CHECK_FALSE(known(b.call("uuid", {})));
  CHECK_FALSE(known(b.call("timestamp", {b.text("fortnight"), b.none()})));
  CHECK_FALSE(known(b.call("decimal128", {b.integer(9), b.integer(1 << 20)})));
  CHECK_FALSE(known(b.call("list_", {})));
  CHECK_FALSE(known(b.tree.object(How::call, b.tree.global("lib", "type_for_alias"),
                                  b.tuple({b.text("int64")}))));
  const Id touched = b.type("int64");
  b.tree.extra(touched).state = b.none();
  CHECK_FALSE(known(touched));
}

}  // namespace
}  // namespace mmappickle::arrow
