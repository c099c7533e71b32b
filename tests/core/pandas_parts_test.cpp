// Periods, sparse arrays, and parts of data frames that nobody knows.
#include "numpy/datetime.h"
#include "pandas_testing.h"

namespace mmappickle::pandas {
namespace {

std::string numbers(const std::vector<std::int64_t>& values) {
  std::string bytes;
  for (const std::int64_t value : values) {
    std::uint8_t item[8];
    store_u64(item, static_cast<std::uint64_t>(value));
    bytes.append(reinterpret_cast<const char*>(item), sizeof item);
  }
  return bytes;
}

struct Parts : Builder {
  Id periods(Id frequency, const std::vector<std::int64_t>& ordinals) {
    return instance(
        "pandas.core.arrays.period.PeriodArray",
        dict({{"_dtype", call("pandas.core.dtypes.dtypes.PeriodDtype", {frequency})},
              {"_data", bytes_array({static_cast<std::int64_t>(ordinals.size())}, "<i8",
                                    numbers(ordinals))}}));
  }
  std::string first(std::string_view frequency, std::int64_t ordinal) {
    const Object* v = recognise(periods(text(frequency), {ordinal}));
    if (!v) return "none";
    if (v->kind != Type::strings) return "date";
    return std::string(tree.text_of(tree.item(v->list, 0)));
  }
  Id sparse(Id index, Id values, Id fill) {
    return instance(
        "pandas.core.arrays.sparse.array.SparseArray",
        dict({{"_sparse_index", index},
              {"_sparse_values", values},
              {"_dtype", instance("pandas.core.arrays.sparse.dtype.SparseDtype",
                                  dict({{"_dtype", none()}, {"_fill_value", fill}}))}}));
  }
  Id places(const std::vector<int>& at) {
    std::string bytes;
    for (int i : at) {
      for (int byte = 0; byte < 4; ++byte) bytes += static_cast<char>(i >> (8 * byte));
    }
    return bytes_array({static_cast<std::int64_t>(at.size())}, "<i4", bytes);
  }
  Id ints(std::int64_t length, const std::vector<int>& at) {
    return call("pandas._libs.sparse.IntIndex", {integer(length), places(at)});
  }
  std::string filled(Id index, Id values, Id fill) {
    const Object* v = recognise(sparse(index, values, fill));
    if (!v) return "none";
    return std::string(reinterpret_cast<const char*>(v->array.data),
                       static_cast<std::size_t>(v->count * v->array.dtype.itemsize));
  }
};

TEST_CASE("periods by their frequency") {
  Parts b;
  CHECK(b.first("period[Y-DEC]", 0) == "1970");
  CHECK(b.first("period[A-JUN]", -1) == "1969");
  CHECK(b.first("period[Q-DEC]", -1) == "1969Q4");
  CHECK(b.first("period[2Q-JAN]", 203) == "2020Q4");
  CHECK(b.first("period[M]", -1) == "1969-12");
  CHECK(b.first("period[W-SUN]", 0) == "1969-12-22/1969-12-28");
  CHECK(b.first("period[h]", -1) == "1969-12-31 23:00");
  CHECK(b.first("period[min]", 61) == "1970-01-01 01:01");
  CHECK(b.first("period[s]", -1) == "1969-12-31 23:59:59");
  CHECK(b.first("period[ms]", -1) == "1969-12-31 23:59:59.999");
  CHECK(b.first("period[ns]", 1) == "1970-01-01 00:00:00.000000001");
  CHECK(b.first("period[D]", 1) == "date");
  CHECK(b.first("period[B]", 1) == "date");
  for (const char* text :
       {"period[", "period[]", "period[X]", "period[W-XYZ]", "D", "", "period[D"}) {
    CHECK(b.first(text, 1) == "none");
  }
  // Numbers that no calendar has: some text, no overflow.
  for (const char* text : {"period[Y]", "period[Q]", "period[M]", "period[W-SUN]",
                           "period[B]", "period[D]", "period[h]", "period[ns]"}) {
    for (const std::int64_t ordinal : {INT64_MAX, INT64_MIN + 1}) {
      CHECK(b.first(text, ordinal) != "none");
    }
  }
}

TEST_CASE("periods as arrays, missing ones, offsets as objects") {
  Parts b;
  const Id month = b.call("pandas._libs.tslibs.offsets.MonthEnd",
                          {b.integer(1), b.tree.boolean(false)});
  const Object* v = b.recognise(b.periods(month, {600, numpy::kNaT, 600}));
  REQUIRE(v);
  CHECK(v->kind == Type::strings);
  CHECK(b.tree.is_text(b.tree.item(v->list, 0), "2020-01"));
  CHECK(b.tree[b.tree.item(v->list, 1)].tag == Tag::none);
  CHECK(b.tree.item(v->list, 2) == b.tree.item(v->list, 0));
  v = b.recognise(b.periods(b.text("period[D]"), {1, numpy::kNaT}));
  REQUIRE(v);
  CHECK(v->array.dtype.kind == numpy::Kind::datetime);
  CHECK(v->array.dtype.unit == numpy::Unit::D);
  const auto scalar = [&](Id offset, std::int64_t ordinal) {
    return b.recognise(b.call("pandas._libs.tslibs.period.Period",
                              {b.none(), offset, b.integer(ordinal)}));
  };
  v = scalar(month, 1);
  REQUIRE(v);
  CHECK(v->kind == Type::label);
  CHECK(v->text.text() == "1970-02");
  v = scalar(b.call("pandas._libs.tslibs.offsets.Day", {b.integer(1)}), 7);
  REQUIRE(v);
  CHECK(v->kind == Type::date);
  CHECK(v->number == 7);
  CHECK_FALSE(scalar(b.none(), 1));
  CHECK_FALSE(scalar(b.call("os.system", {b.text("x")}), 1));
  CHECK_FALSE(b.recognise(b.periods(
      b.call("pandas._libs.tslibs.offsets.Week", {b.integer(1), b.none(), b.integer(7)}),
      {1})));
}

TEST_CASE("sparse arrays are filled in") {
  Parts b;
  CHECK(b.filled(b.ints(4, {0, 3}), b.int8s("ab"), b.integer('.')) == "a..b");
  CHECK(b.filled(b.ints(2, {}), b.int8s(""), b.integer('.')) == "..");
  const Id blocks = b.call("pandas._libs.sparse.BlockIndex",
                           {b.integer(5), b.places({1, 4}), b.places({2, 1})});
  CHECK(b.filled(blocks, b.int8s("abc"), b.integer('.')) == ".ab.c");
  // What does not fit
  CHECK(b.filled(b.ints(4, {0}), b.int8s("ab"), b.integer(0)) == "none");
  CHECK(b.filled(b.ints(4, {0, 4}), b.int8s("ab"), b.integer(0)) == "none");
  CHECK(b.filled(b.ints(4, {-1, 2}), b.int8s("ab"), b.integer(0)) == "none");
  CHECK(b.filled(b.ints(4, {2, 2}), b.int8s("ab"), b.integer(0)) == "none");
  CHECK(b.filled(b.ints(-1, {}), b.int8s(""), b.integer(0)) == "none");
  CHECK(b.filled(b.ints(4, {0}), b.int8s("a"), b.integer(300)) == "none");
  CHECK(b.filled(b.ints(4, {0}), b.int8s("a"), b.text("x")) == "none");
  CHECK(b.filled(b.none(), b.int8s("a"), b.integer(0)) == "none");
  const Id long_block =
      b.call("pandas._libs.sparse.BlockIndex",
             {b.integer(INT64_MAX), b.places({1}), b.places({INT32_MAX})});
  CHECK(b.filled(long_block, b.int8s("a"), b.integer(0)) == "none");
  // What would be too much, alone and together
  CHECK(b.filled(b.ints(INT64_MAX, {0}), b.int8s("a"), b.integer(0)) == "none");
  const Id large = b.ints(std::int64_t{30} << 20, {0});
  CHECK(b.recognise(b.sparse(large, b.int8s("a"), b.integer(0))));
  CHECK(b.recognise(b.sparse(large, b.int8s("a"), b.integer(0))));
  CHECK_FALSE(b.recognise(b.sparse(large, b.int8s("a"), b.integer(0))));
}

TEST_CASE("an unknown part takes its own place") {
  Parts b;
  const Id unknown = b.call("lab.Measure", {b.none()});
  const Id known = b.block(b.bytes_array({1, 2}, "i1", "xy"), b.slice(0, 1));
  const Id columns = b.texts({"a", "b"});
  const Object* v = b.recognise(
      b.frame({known, b.block(unknown, b.slice(1, 2))}, columns, b.range(0, 2)));
  REQUIRE(v);
  const Object* column = b.recognise(v->parts[1]);
  CHECK(column->kind == Type::foreign);
  CHECK(column->count == 2);
  CHECK(column->parts[0] == unknown);
  // As long as other columns are, where the index is not known either.
  const Id odd =
      b.call("lab.new_index", {b.global("lab.Odd"), b.dict({{"name", b.text("who")}})});
  v = b.recognise(b.frame({b.block(unknown, b.slice(1, 2)), known}, columns, odd));
  REQUIRE(v);
  CHECK(b.recognise(v->parts[1])->count == 2);
  CHECK(v->labels == Labels::other);
  CHECK(b.recognise(v->index_column)->kind == Type::foreign);
  CHECK(b.tree.is_text(v->index_name, "who"));
  // Nobody says how long.
  CHECK_FALSE(
      b.recognise(b.frame({b.block(unknown, b.slice(0, 1))}, b.texts({"a"}), odd)));
  // A column twice, or none at all.
  CHECK_FALSE(b.recognise(
      b.frame({known, b.block(unknown, b.slice(0, 1))}, b.texts({"a"}), b.range(0, 2))));
  CHECK_FALSE(
      b.recognise(b.frame({b.block(unknown, b.slice(1, 2))}, columns, b.range(0, 2))));
  CHECK_FALSE(b.recognise(
      b.frame({b.block(b.none(), b.slice(0, 1))}, b.texts({"a"}), b.range(0, 2))));
  // The same index under frames of other lengths.
  const Id longer = b.block(b.bytes_array({1, 3}, "i1", "xyz"), b.slice(0, 1));
  v = b.recognise(b.frame({known}, b.texts({"a"}), odd));
  const Object* w = b.recognise(b.frame({longer}, b.texts({"a"}), odd));
  REQUIRE(v);
  REQUIRE(w);
  CHECK(b.recognise(v->index_column)->count == 2);
  CHECK(b.recognise(w->index_column)->count == 3);
}

}  // namespace
}  // namespace mmappickle::pandas
