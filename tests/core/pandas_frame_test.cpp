// Data frames from blocks: where columns lie, what does not fit, what sharing may cost.
#include "pandas_testing.h"

namespace mmappickle::pandas {
namespace {

// The bytes of a column of int8.
std::string column(Builder& b, const Object& frame, std::size_t i) {
  const numpy::Array& array = b.recognise(frame.parts.at(i))->array;
  std::string bytes;
  for (std::uint64_t row = 0; row < frame.count; ++row) {
    bytes += static_cast<char>(
        array.data[static_cast<std::int64_t>(row) * array.strides.at(0)]);
  }
  return bytes;
}

// A frame of columns a, b, c ... whose rows are all of one int8 block.
const Object* one_block(Builder& b, Id values, Id placement, std::int64_t columns,
                        std::int64_t rows) {
  return b.recognise(
      b.frame({b.block(values, placement)}, b.range(0, columns), b.range(0, rows)));
}

TEST_CASE("columns of C and Fortran blocks lie where they are") {
  Builder b;
  const Object* v =
      one_block(b, b.bytes_array({2, 3}, "i1", "abcdef"), b.slice(0, 2), 2, 3);
  REQUIRE(v);
  CHECK(v->kind == Type::frame);
  CHECK(v->count == 3);
  CHECK(column(b, *v, 0) == "abc");
  CHECK(column(b, *v, 1) == "def");
  v = one_block(b, b.bytes_array({2, 3}, "i1", "abcdef", true), b.slice(0, 2), 2, 3);
  REQUIRE(v);
  CHECK(column(b, *v, 0) == "ace");
  CHECK(column(b, *v, 1) == "bdf");
}

TEST_CASE("placements: slices as Python has them, and arrays") {
  Builder b;
  const auto placed = [&](Id placement) {
    const Object* v = one_block(b, b.bytes_array({3, 1}, "i1", "xyz"), placement, 3, 1);
    std::string all;
    for (std::size_t i = 0; v && i < 3; ++i) all += column(b, *v, i);
    return all;
  };
  const Id none = b.none();
  CHECK(placed(b.slice(0, 3)) == "xyz");
  CHECK(placed(b.slice_by(none, none, none)) == "xyz");
  CHECK(placed(b.slice_by(b.integer(2), none, b.integer(-1))) == "zyx");
  CHECK(placed(b.slice_by(none, none, b.integer(-1))) == "zyx");
  CHECK(placed(b.slice_by(b.integer(-3), none, b.integer(1))) == "xyz");
  CHECK(placed(b.slice(0, 100)) == "xyz");
  CHECK(placed(b.int8s(std::string("\2\0\1", 3))) == "yzx");
  CHECK(placed(b.slice(0, 3, 2)).empty());  // too few
  CHECK(placed(b.slice(0, 3, 0)).empty());
  CHECK(placed(b.slice(0, 3, INT64_MIN)).empty());
  CHECK(placed(b.slice(0, 3, INT64_MAX)).empty());
  CHECK(placed(b.slice(INT64_MIN, INT64_MAX)) == "xyz");
  CHECK(placed(b.slice(2, 0, -1)).empty());                  // without 0
  CHECK(placed(b.int8s(std::string("\0\0\1", 3))).empty());  // twice
  CHECK(placed(b.int8s(std::string("\0\1\3", 3))).empty());  // beyond
  CHECK(placed(b.int8s(std::string("\0\1\377", 3))).empty());
  CHECK(placed(none).empty());
  CHECK(placed(b.text("x")).empty());
}

TEST_CASE("blocks of several kinds, each at its places") {
  Builder b;
  const Id objects =
      b.array({2, 2}, "O", b.list({b.text("a"), b.none(), b.integer(1), b.text("b")}));
  const Object* v =
      b.recognise(b.frame({b.block(b.bytes_array({1, 2}, "i1", "xy"), b.slice(1, 2)),
                           b.block(objects, b.slice(0, 3, 2))},
                          b.texts({"p", "q", "r"}), b.texts({"one", "two"})));
  REQUIRE(v);
  CHECK(b.recognise(v->parts[0])->kind == Type::strings);
  CHECK(column(b, *v, 1) == "xy");
  CHECK(b.recognise(v->parts[2])->kind == Type::objects);
  CHECK(b.tree[b.recognise(v->parts[2])->list].size == 2);
  CHECK(v->column_texts != kNoId);
  CHECK(v->columns == kNoId);
  CHECK(v->labels == Labels::text);
}

TEST_CASE("what does not fit is no data frame") {
  Builder b;
  const Id block = b.block(b.bytes_array({1, 2}, "i1", "xy"), b.slice(0, 1));
  const Id columns = b.texts({"a"}), rows = b.range(0, 2);
  CHECK(b.recognise(b.frame({block}, columns, rows)));
  CHECK_FALSE(b.recognise(b.frame({block}, columns, b.range(0, 3))));
  CHECK_FALSE(b.recognise(b.frame({block}, b.texts({"a", "b"}), rows)));
  CHECK_FALSE(b.recognise(b.frame({block, block}, columns, rows)));
  CHECK_FALSE(b.recognise(b.frame({block}, rows, columns)));
  CHECK_FALSE(b.recognise(b.frame({b.none()}, columns, rows)));
  CHECK_FALSE(b.recognise(b.frame({block}, b.none(), rows)));
  CHECK_FALSE(b.recognise(b.frame({block}, columns, b.none())));
  CHECK_FALSE(b.recognise(b.framed(b.none())));
  CHECK_FALSE(b.recognise(b.framed(b.manager({block}, columns, rows), "os.system")));
  CHECK_FALSE(b.recognise(b.instance("pandas.core.frame.DataFrame", b.none())));
  // A frame as its own index is one that is not known.
  const Id state = b.dict({});
  const Id self = b.instance("pandas.core.frame.DataFrame", state);
  const Id items[2] = {b.text("_mgr"), b.manager({block}, columns, self)};
  b.tree.append(state, items, 2);
  const Object* v = b.recognise(self);
  REQUIRE(v);
  CHECK(v->labels == Labels::other);
}

TEST_CASE("managers with a state, as pandas before 1.3 and all series have them") {
  Builder b;
  const auto managed = [&](std::string_view cls, const std::vector<Id>& axes, Id values,
                           Id placement) {
    const Id blocks = b.list({b.dict({{"values", values}, {"mgr_locs", placement}})});
    const Id whole =
        b.dict({{"0.14.1", b.dict({{"axes", b.list(axes)}, {"blocks", blocks}})}});
    return b.instance(cls, b.tuple({b.list(axes), b.list({}), b.list({}), whole}));
  };
  const Id frame = b.instance(
      "pandas.core.frame.DataFrame",
      b.dict({{"_data", managed("pandas.core.internals.BlockManager",
                                {b.texts({"a"}), b.range(0, 2)},
                                b.bytes_array({1, 2}, "i1", "xy"), b.slice(0, 1))}}));
  const Object* v = b.recognise(frame);
  REQUIRE(v);
  CHECK(column(b, *v, 0) == "xy");

  const auto series = [&](Id values, Id index) {
    return b.recognise(b.instance(
        "pandas.core.series.Series",
        b.dict({{"_mgr", managed("pandas.core.internals.managers.SingleBlockManager",
                                 {index}, values, b.slice(0, 2))},
                {"name", b.text("s")}})));
  };
  v = series(b.int8s("xy"), b.texts({"a", "b"}));
  REQUIRE(v);
  CHECK(v->series);
  CHECK(v->kind == Type::vector);
  CHECK(v->labels == Labels::text);
  CHECK(b.tree.is_text(v->name, "s"));
  CHECK_FALSE(series(b.int8s("xy"), b.texts({"a"})));
  CHECK_FALSE(series(b.bytes_array({1, 2}, "i1", "xy"), b.range(0, 2)));
  CHECK_FALSE(series(b.none(), b.range(0, 2)));
}

TEST_CASE("labels of rows") {
  Builder b;
  const auto labels = [&](Id index) {
    const Object* v =
        b.recognise(b.frame({b.block(b.bytes_array({1, 2}, "i1", "xy"), b.slice(0, 1))},
                            b.texts({"a"}), index));
    REQUIRE(v);
    return v->labels;
  };
  const auto flags = [&](Id index, bool repeat, bool fit) {
    const Object* v =
        b.recognise(b.frame({b.block(b.bytes_array({1, 2}, "i1", "xy"), b.slice(0, 1))},
                            b.texts({"a"}), index));
    REQUIRE(v);
    CHECK(v->index == index);
    CHECK(b.recognise(v->index_column)->name == kNoId);
    return v->labels_repeat == repeat && v->labels_fit == fit;
  };
  CHECK(labels(b.range(0, 2)) == Labels::none);
  CHECK(labels(b.range(1, 3)) == Labels::range);
  CHECK(labels(b.range(1, -1, -1)) == Labels::range);
  CHECK(flags(b.range(1, -1, -1), false, true));
  CHECK(flags(b.range(INT32_MAX, INT32_MAX + std::int64_t{2}), false, false));
  CHECK(flags(b.range(INT32_MIN, INT32_MIN + std::int64_t{2}), false, false));
  CHECK(labels(b.index(b.int8s("ab"))) == Labels::integers);
  CHECK(labels(b.index(b.int8s("aa"))) == Labels::integers);
  CHECK(flags(b.index(b.int8s("aa")), true, true));
  CHECK(flags(
      b.index(b.bytes_array({2}, "i8", std::string(8, '\1') + std::string(8, '\2'))),
      false, false));
  CHECK(labels(b.index(b.bytes_array({2}, "f4", "abcdefgh"))) == Labels::other);
  CHECK(labels(b.index(b.bytes_array(
            {2}, "u8", std::string(8, '\1') + std::string(8, '\xff')))) == Labels::other);
  CHECK(labels(b.texts({"a", "b"})) == Labels::text);
  CHECK(flags(b.texts({"a", "b"}), false, true));
  CHECK(flags(b.texts({"a", "a"}), true, true));
  CHECK(labels(b.index(b.objects({b.text("a"), b.none()}))) == Labels::other);
  const Id same = b.text("a");
  CHECK(flags(b.index(b.objects({same, same})), true, true));
}

TEST_CASE("what many share costs what it brings") {
  Builder b;
  // 20,000 columns of one byte each, in 2,000 frames.
  const std::int64_t wide = 20000;
  const Id values = b.bytes_array({wide, 1}, "i1", std::string(wide, 'x'));
  const Id block = b.block(values, b.slice(0, wide));
  const Id columns = b.range(0, wide), rows = b.range(0, 1);
  std::uint64_t parts = 0;
  int frames = 0;
  for (int i = 0; i < 2000; ++i) {
    const Object* v = b.recognise(b.frame({block}, columns, rows));
    if (!v) continue;
    ++frames;
    parts += v->parts.size();
  }
  CHECK(frames >= 1);
  CHECK(parts < 500000);
  // One long column of objects in many series.
  std::vector<Id> many(50000, b.text("x"));
  const Id objects = b.objects(many);
  std::uint64_t items = 0;
  for (int i = 0; i < 2000; ++i) {
    const Object* v = b.recognise(b.index(objects));
    if (v) items += v->count;
  }
  CHECK(items >= 50000);
  CHECK(items < 5000000);
}

TEST_CASE("claims without bytes") {
  Builder b;
  const std::int64_t huge = std::int64_t{1} << 40;
  // Columns without rows take no bytes.
  CHECK_FALSE(
      one_block(b, b.bytes_array({huge, 0}, "i1", ""), b.slice(0, huge), huge, 0));
  CHECK_FALSE(b.recognise(b.frame({}, b.range(0, huge), b.range(0, 1))));
  // Rows without columns are but a number.
  const Object* v = b.recognise(b.frame({}, b.range(0, 0), b.range(0, huge)));
  REQUIRE(v);
  CHECK(v->labels == Labels::none);
  v = b.recognise(b.frame({}, b.range(0, 0), b.range(1, huge)));
  REQUIRE(v);
  CHECK(v->label_integers.empty());
  CHECK_FALSE(b.recognise(b.range(0, huge, 2)));
  CHECK(b.recognise(b.range(0, huge)));
  // A column of an unknown array is as long as the index claims.
  const Id unknown = b.block(b.call("lab.Measure", {b.none()}), b.slice(0, 1));
  CHECK(b.recognise(b.frame({unknown}, b.range(0, 1), b.range(0, 2))));
  CHECK_FALSE(b.recognise(b.frame({unknown}, b.range(0, 1), b.range(0, huge))));
  CHECK_FALSE(b.recognise(b.range(INT64_MIN, INT64_MAX)));
}

}  // namespace
}  // namespace mmappickle::pandas
