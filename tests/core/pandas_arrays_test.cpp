// Arrays and indexes of every form, old ones too.
#include <cmath>

#include "pandas_testing.h"

namespace mmappickle::pandas {
namespace {

const std::string kTicks(16, '\1');  // two int64

struct Arrays : Builder {
  Id moments() { return bytes_array({2}, "M8[ns]", kTicks); }
  Id backed(std::string_view cls, Id first, Id second) {
    const Id made = call("pandas._libs.arrays.__pyx_unpickle_NDArrayBacked",
                         {global(cls), integer(1), none()});
    tree.extra(made).state = tuple({first, second, dict({})});
    return made;
  }
  Id zoned_dtype() {
    return instance(
        "pandas.core.dtypes.dtypes.DatetimeTZDtype",
        dict({{"unit", text("ns")},
              {"tz", call("pytz._p", {text("Europe/Zurich"), integer(2040)})}}));
  }
  Id categories(Id index, bool ordered = false) {
    return instance("pandas.core.dtypes.dtypes.CategoricalDtype",
                    dict({{"categories", index}, {"ordered", tree.boolean(ordered)}}));
  }
};

TEST_CASE("moments in a zone, in three generations of pandas") {
  Arrays b;
  const std::string_view cls = "pandas.core.arrays.datetimes.DatetimeArray";
  const auto zone = [&](Id id) {
    const Object* v = b.recognise(id);
    REQUIRE(v);
    CHECK(v->kind == Type::vector);
    CHECK(v->count == 2);
    return std::string(v->text.text());
  };
  CHECK(zone(b.backed(cls, b.zoned_dtype(), b.moments())) == "Europe/Zurich");
  CHECK(zone(b.backed(cls, b.moments(), b.zoned_dtype())) == "Europe/Zurich");
  CHECK(zone(b.backed(cls, b.call("numpy.dtype", {b.text("M8[ns]")}), b.moments())) ==
        "");
  CHECK(zone(b.instance(cls, b.dict({{"_data", b.moments()},
                                     {"_dtype", b.zoned_dtype()},
                                     {"_freq", b.none()}}))) == "Europe/Zurich");
  CHECK(zone(b.call("pandas.core.indexes.datetimes._new_DatetimeIndex",
                    {b.global("pandas.core.indexes.datetimes.DatetimeIndex"),
                     b.dict({{"data", b.moments()},
                             {"tz", b.call("pytz._p", {b.text("Europe/Zurich")})},
                             {"name", b.none()}})})) == "Europe/Zurich");
  CHECK_FALSE(b.recognise(b.backed(cls, b.zoned_dtype(), b.int8s("ab"))));
  CHECK_FALSE(b.recognise(b.backed(cls, b.none(), b.none())));
  CHECK_FALSE(b.recognise(
      b.backed("pandas.core.arrays.period.PeriodArray", b.none(), b.int8s("ab"))));
}

TEST_CASE("categories and their codes") {
  Arrays b;
  const std::string_view cls = "pandas.core.arrays.categorical.Categorical";
  const Id dtype = b.categories(b.texts({"x", "y"}), true);
  const auto known = [&](Id codes) { return b.recognise(b.backed(cls, dtype, codes)); };
  const Object* v = known(b.int8s(std::string("\0\1\377", 3)));
  REQUIRE(v);
  CHECK(v->kind == Type::factor);
  CHECK(v->ordered);
  CHECK(v->count == 3);
  CHECK_FALSE(known(b.int8s(std::string("\0\2", 2))));
  CHECK_FALSE(known(b.int8s(std::string("\0\376", 2))));
  CHECK_FALSE(known(b.bytes_array({2}, "u1", std::string("\0\1", 2))));
  CHECK_FALSE(known(b.bytes_array({2, 1}, "i1", std::string("\0\1", 2))));
  CHECK_FALSE(known(b.none()));
  CHECK_FALSE(b.recognise(b.backed(cls, b.none(), b.int8s("\1"))));
  // before pandas 1.3
  CHECK(b.recognise(
      b.instance(cls, b.dict({{"_codes", b.int8s("\1")}, {"_dtype", dtype}}))));
  // Categories in categories: as deep as anyone needs.
  Id index = b.texts({"x"});
  for (int i = 0; i < 100000; ++i) {
    index = b.index(b.backed(cls, b.categories(index), b.int8s(std::string(1, '\0'))));
  }
  CHECK_FALSE(b.recognise(index));
}

TEST_CASE("nullable arrays") {
  Arrays b;
  const auto masked = [&](Id data, Id mask) {
    return b.recognise(b.instance("pandas.core.arrays.integer.IntegerArray",
                                  b.dict({{"_data", data}, {"_mask", mask}})));
  };
  const Id mask = b.bytes_array({2}, "?", std::string("\0\1", 2));
  const Object* v = masked(b.int8s("ab"), mask);
  REQUIRE(v);
  CHECK(v->array.masked);
  CHECK(v->array.mask[1] == 1);
  CHECK_FALSE(masked(b.int8s("abc"), mask));
  CHECK_FALSE(masked(b.int8s("ab"), b.int8s("ab")));
  CHECK_FALSE(masked(b.objects({b.none(), b.none()}), mask));
  CHECK_FALSE(masked(b.int8s("ab"), b.none()));
}

TEST_CASE("strings and objects") {
  Arrays b;
  const Id na = b.global("pandas._libs.missing.NA");
  const Id nat = b.call("pandas._libs.tslibs.nattype.__nat_unpickle", {b.none()});
  const auto kind = [&](const std::vector<Id>& items) {
    const Object* v = b.recognise(b.index(b.objects(items)));
    REQUIRE(v);
    return v->kind;
  };
  CHECK(kind({b.text("a"), b.none(), b.tree.real(NAN), na, nat}) == Type::strings);
  CHECK(kind({b.none(), na}) == Type::objects);
  CHECK(kind({b.text("a"), b.integer(1)}) == Type::objects);
  CHECK(kind({b.text("a"), b.text("\xed\xa0\x80")}) == Type::objects);
  CHECK(kind({}) == Type::objects);
  const Object* v = b.recognise(
      b.backed("pandas.core.arrays.string_.StringArray", b.none(), b.objects({na, na})));
  REQUIRE(v);
  CHECK(v->kind == Type::strings);
  CHECK(v->always_text);
}

TEST_CASE("intervals, alone and as parts") {
  Arrays b;
  const auto intervals = [&](Id left, Id right, std::string_view closed) {
    return b.call("pandas.core.indexes.interval._new_IntervalIndex",
                  {b.global("pandas.core.indexes.interval.IntervalIndex"),
                   b.dict({{"left", left},
                           {"right", right},
                           {"closed", b.text(closed)},
                           {"name", b.none()}})});
  };
  const Id ends = b.index(b.int8s("ab"));
  const std::string_view cls = "pandas.core.arrays.categorical.Categorical";
  const Id codes = b.int8s(std::string("\0\1", 2));
  const auto cut = [&](Id index) {
    return b.recognise(b.backed(cls, b.categories(index), codes));
  };
  const Object* alone = b.recognise(intervals(ends, ends, "left"));
  REQUIRE(alone);
  CHECK(alone->kind == Type::intervals);
  CHECK(alone->count == 2);
  CHECK_FALSE(b.recognise(intervals(ends, ends, "middle")));
  const Object* v = cut(intervals(ends, ends, "left"));
  REQUIRE(v);
  CHECK(b.recognise(v->parts[0])->kind == Type::intervals);
  CHECK_FALSE(cut(intervals(ends, ends, "middle")));
  CHECK_FALSE(cut(intervals(ends, b.index(b.int8s("abc")), "left")));
  CHECK_FALSE(cut(intervals(ends, b.none(), "left")));
}

TEST_CASE("a MultiIndex, with labels for codes before pandas 0.24") {
  Arrays b;
  const auto multi = [&](const char* codes, const std::vector<Id>& of) {
    return b.recognise(
        b.call("pandas.core.indexes.base._new_Index",
               {b.global("pandas.core.indexes.multi.MultiIndex"),
                b.dict({{"levels", b.list({b.texts({"a", "b"}), b.range(0, 3)})},
                        {codes, b.list(of)},
                        {"names", b.list({b.none(), b.text("n")})}})}));
  };
  const Id first = b.int8s(std::string("\0\1\1", 3));
  const Id second = b.int8s(std::string("\2\1\377", 3));
  const Object* v = multi("codes", {first, second});
  REQUIRE(v);
  CHECK(v->kind == Type::levels);
  CHECK(v->count == 3);
  CHECK(multi("labels", {first, second}));
  CHECK_FALSE(multi("codes", {second, first}));  // beyond the levels
  CHECK_FALSE(multi("codes", {first}));
  CHECK_FALSE(multi("codes", {first, b.int8s("\1")}));
  CHECK_FALSE(multi("other", {first, second}));
}

TEST_CASE("scalars") {
  Arrays b;
  const std::string_view unpickle = "pandas._libs.tslibs.timestamps._unpickle_timestamp";
  const auto moment = [&](std::string_view what, const std::vector<Id>& arguments) {
    const Object* v = b.recognise(b.call(what, arguments));
    REQUIRE(v);
    return v->number;
  };
  const Id n = b.none();
  CHECK(moment(unpickle, {b.integer(1500000000), n, n, b.integer(10)}) == 1.5);
  CHECK(moment(unpickle, {b.integer(15), n, n, b.integer(7)}) == 15);
  CHECK(moment("pandas._libs.tslib.Timestamp", {b.integer(2000000000), n, n}) == 2);
  CHECK(moment("pandas._libs.tslibs.timedeltas._timedelta_unpickle",
               {b.integer(-1500), b.integer(8)}) == -1.5);
  CHECK(std::isnan(moment("pandas._libs.tslibs.nattype.__nat_unpickle", {n})));
  CHECK_FALSE(b.recognise(b.call(unpickle, {b.integer(1), n, n, b.integer(4)})));
  CHECK_FALSE(b.recognise(b.call(unpickle, {b.text("1"), n, n, b.integer(10)})));
  CHECK_FALSE(b.recognise(b.call(unpickle, {})));
  CHECK(b.recognise(b.global("pandas._libs.missing.NA"))->kind == Type::missing);
  CHECK_FALSE(b.recognise(b.global("pandas._libs.missing.NaN")));
}

}  // namespace
}  // namespace mmappickle::pandas
