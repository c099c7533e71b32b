// Data frames that are made by calls of what pandas offers.
#include "pandas_testing.h"

namespace mmappickle::pandas {
namespace {

struct Calls : Builder {
  Id inner(std::string_view name, const std::vector<Id>& arguments) {
    return tree.object(How::call, tree.global("pandas", name), tuple(arguments));
  }
  const Object* frame_of(const std::vector<Id>& arguments) {
    return recognise(call("pandas.DataFrame", arguments));
  }
  Id moments() { return bytes_array({2}, "<M8[ns]", std::string(16, '\1')); }
};

TEST_CASE("DataFrame({name: column}, index)") {
  Calls b;
  const Id columns =
      b.dict({{"a", b.int8s("xy")}, {"b", b.objects({b.text("p"), b.none()})}});
  const Object* v = b.frame_of({columns});
  REQUIRE(v);
  CHECK(v->kind == Type::frame);
  CHECK(v->count == 2);
  CHECK(v->labels == Labels::none);
  CHECK(b.recognise(v->parts[1])->kind == Type::strings);
  CHECK(b.tree.is_text(b.tree.item(v->column_texts, 0), "a"));
  v = b.frame_of({columns, b.none()});
  REQUIRE(v);
  const Id rows = b.call("pandas.Index", {b.objects({b.text("r"), b.text("s")}), b.none(),
                                          b.tree.boolean(false), b.text("who")});
  v = b.frame_of({columns, rows});
  REQUIRE(v);
  CHECK(v->labels == Labels::text);
  CHECK(b.tree.is_text(v->index_name, "who"));
  v = b.frame_of({b.dict({}), rows});
  REQUIRE(v);
  CHECK(v->count == 2);
  v = b.frame_of({b.dict({})});
  REQUIRE(v);
  CHECK(v->count == 0);

  CHECK_FALSE(b.frame_of({}));
  CHECK_FALSE(b.frame_of({b.list({b.int8s("xy")})}));
  CHECK_FALSE(b.frame_of({columns, b.int8s("xy")}));
  CHECK_FALSE(b.frame_of({columns, b.range(0, 3)}));
  CHECK_FALSE(b.frame_of({columns, b.none(), b.none()}));
  CHECK_FALSE(b.frame_of({b.dict({{"a", b.int8s("xy")}, {"b", b.int8s("xyz")}})}));
  CHECK_FALSE(b.frame_of({b.dict({{"a", b.int8s("xy")}, {"a", b.int8s("xy")}})}));
  CHECK_FALSE(b.frame_of({b.dict({{"a", b.integer(1)}})}));
  CHECK_FALSE(b.frame_of({b.dict({{"a", b.bytes_array({1, 2}, "i1", "xy")}})}));
  CHECK_FALSE(b.frame_of({b.dict({{"a", b.frame({}, b.range(0, 0), b.range(0, 2))}})}));
}

TEST_CASE("columns that are calls") {
  Calls b;
  const auto column = [&](Id id) -> const Object* {
    const Object* v = b.frame_of({b.dict({{"a", id}})});
    return v ? b.recognise(v->parts[0]) : nullptr;
  };
  const Id texts = b.objects({b.text("u"), b.text("v")});
  const Id codes = b.int8s(std::string("\1\377", 2));
  const Id yes = b.tree.boolean(true);
  const Object* v = column(b.inner("Categorical.from_codes", {codes, texts, yes}));
  REQUIRE(v);
  CHECK(v->kind == Type::factor);
  CHECK(v->ordered);
  CHECK_FALSE(column(b.inner("Categorical.from_codes", {b.int8s("\2"), texts, yes})));
  CHECK_FALSE(column(b.inner("Categorical.from_codes", {codes, b.none(), yes})));
  CHECK_FALSE(column(b.inner("Categorical.from_codes", {codes, texts})));

  const Id mask = b.bytes_array({2}, "?", std::string("\0\1", 2));
  v = column(b.call("pandas.arrays.IntegerArray", {b.int8s("xy"), mask}));
  REQUIRE(v);
  CHECK(v->array.masked);
  CHECK_FALSE(column(b.call("pandas.arrays.IntegerArray", {b.int8s("xyz"), mask})));

  const Id index = b.call("pandas.DatetimeIndex", {b.moments()});
  const Id utc = b.inner("DatetimeIndex.tz_localize", {index, b.text("UTC")});
  v = column(b.inner("DatetimeIndex.tz_convert", {utc, b.text("Europe/Paris")}));
  REQUIRE(v);
  CHECK(v->text.text() == "Europe/Paris");
  CHECK(column(utc));
  CHECK_FALSE(
      column(b.inner("DatetimeIndex.tz_localize", {index, b.text("Asia/Tokyo")})));
  CHECK_FALSE(column(b.inner("DatetimeIndex.tz_convert", {utc, b.text("/etc/passwd")})));
  CHECK_FALSE(column(b.call("pandas.DatetimeIndex", {b.int8s("xy")})));
  Id deep = index;
  for (int i = 0; i < 100000; ++i) {
    deep = b.inner("DatetimeIndex.tz_localize", {deep, b.text("UTC")});
  }
  CHECK_FALSE(column(deep));
}

TEST_CASE("MultiIndex.from_arrays") {
  Calls b;
  const auto levels = [&](const std::vector<Id>& arrays, const std::vector<Id>& names) {
    return b.recognise(
        b.inner("MultiIndex.from_arrays", {b.list(arrays), b.none(), b.list(names)}));
  };
  const Object* v = levels({b.int8s("xx"), b.moments()}, {b.text("k"), b.none()});
  REQUIRE(v);
  CHECK(v->kind == Type::levels);
  CHECK(v->count == 2);
  CHECK(v->codes.size() == 2);
  CHECK_FALSE(levels({b.int8s("xx"), b.int8s("xyz")}, {b.none(), b.none()}));
  CHECK_FALSE(levels({b.int8s("xx")}, {}));
  CHECK_FALSE(levels({}, {}));
  CHECK_FALSE(levels({b.none()}, {b.none()}));
}

}  // namespace
}  // namespace mmappickle::pandas
