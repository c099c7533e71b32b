// Inert calls that are meant to be arrays, and what is wrong with some of them.
#include <doctest/doctest.h>

#include "numpy/recognise.h"
#include "numpy_testing.h"
#include "pickle/reader.h"

namespace mmappickle::numpy {
namespace {

bool recognise_dtype(pickle::Tree& tree, pickle::Id id, Dtype& dtype) {
  return Recogniser(tree).dtype(id, dtype);
}

using pickle::How;
using pickle::Id;
using pickle::Tag;
using namespace std::string_view_literals;

// Builds what a pickle would have said.
struct Builder {
  pickle::Tree tree;

  Id tuple(const std::vector<Id>& items) { return tree.container(Tag::tuple, items); }
  Id list(const std::vector<Id>& items) { return tree.container(Tag::list, items); }
  Id integer(std::int64_t v) { return tree.integer(v); }
  Id text(std::string_view s) { return tree.text(s); }
  Id bytes(std::string_view s) { return tree.bytes(Bytes(s)); }
  Id global(std::string_view module, std::string_view name) {
    return tree.global(module, name);
  }
  Id call(Id what, const std::vector<Id>& arguments) {
    return tree.object(How::call, what, tuple(arguments));
  }
  Id build(Id object, Id state) {
    tree.extra(object).state = state;
    return object;
  }
  Id shape(const std::vector<std::int64_t>& extents) {
    std::vector<Id> items;
    for (std::int64_t extent : extents) items.push_back(integer(extent));
    return tuple(items);
  }
  Id dtype(std::string_view name) { return call(global("numpy", "dtype"), {text(name)}); }
  Id reconstruct(std::string_view module = "numpy", std::string_view cls = "ndarray") {
    return call(global("numpy.core.multiarray", "_reconstruct"),
                {global(module, cls), shape({0}), bytes("b")});
  }
  Id array(Id shape, Id dtype, Id data) {
    return build(reconstruct(),
                 tuple({integer(1), shape, dtype, tree.boolean(false), data}));
  }
  Id array(const std::vector<std::int64_t>& extents, std::string_view name,
           std::string_view data) {
    return array(shape(extents), dtype(name), bytes(data));
  }
  // numpy.dtype("V") with the state of a structured one.
  Id structured(const std::vector<Id>& names, const std::vector<Id>& fields,
                Id itemsize) {
    return build(dtype("V8"), tuple({integer(3), text("|"), tree.none(), tuple(names),
                                     tree.container(Tag::dict, fields), itemsize,
                                     integer(1), integer(16)}));
  }
  Found found(Id id) {
    const Recognised r = recognise(tree, id);
    CHECK((r.found == Found::damaged) == !r.problem.empty());
    return r.found;
  }
};

TEST_CASE("an array, and states that are none") {
  Builder b;
  CHECK(b.found(b.array({2}, "i2", "abcd")) == Found::array);
  CHECK(b.found(b.array({2}, "i2", "abc")) == Found::damaged);
  CHECK(b.found(b.array({3}, "i2", "abcd")) == Found::damaged);
  CHECK(b.found(b.array({-2}, "i2", "abcd")) == Found::damaged);
  CHECK(b.found(b.array({2}, "f3", "abcd")) == Found::damaged);
  CHECK(b.found(b.array({2}, "O", "0123456789abcdef")) == Found::damaged);
  CHECK(b.found(b.array(b.text("(2,)"), b.dtype("i2"), b.bytes("abcd"))) ==
        Found::damaged);
  CHECK(b.found(b.array(b.shape({2}), b.text("i2"), b.bytes("abcd"))) == Found::damaged);
  CHECK(b.found(b.array(b.shape({2}), b.dtype("i2"), b.tree.none())) == Found::damaged);
  // A list of objects is as long as the shape says.
  const Id two = b.list({b.integer(1), b.tree.none()});
  CHECK(b.found(b.array(b.shape({2}), b.dtype("O"), two)) == Found::array);
  CHECK(b.found(b.array(b.shape({3}), b.dtype("O"), two)) == Found::damaged);
  CHECK(b.found(b.array(b.shape({1, 1}), b.dtype("O"), two)) == Found::damaged);
  // Never built, of an unknown class, of another module.
  CHECK(b.found(b.reconstruct()) == Found::nothing);
  CHECK(b.found(b.build(b.reconstruct("os", "system"), b.tuple({}))) == Found::nothing);
  CHECK(b.found(b.build(b.reconstruct("numpy", "matrix"), b.tuple({}))) ==
        Found::damaged);
  CHECK(b.found(b.call(b.global("numpy.core.multiarray", "_reconstructs"), {})) ==
        Found::nothing);
  CHECK(b.found(b.integer(1)) == Found::nothing);
}

TEST_CASE("a subclass is told by its public name") {
  Builder b;
  const Id id = b.build(b.reconstruct("numpy.matrixlib.defmatrix", "matrix"),
                        b.tuple({b.integer(1), b.shape({1, 2}), b.dtype("i1"),
                                 b.tree.boolean(true), b.bytes("ab")}));
  const Recognised r = recognise(b.tree, id);
  REQUIRE(r.found == Found::array);
  CHECK(r.array.subclass == "numpy.matrix");
  CHECK(r.array.f_order());
}

TEST_CASE("an array of a derived class, in its state") {
  Builder b;
  Recogniser arrays(b.tree);
  const auto state = [&](std::string_view data, const std::vector<Id>& more) {
    std::vector<Id> items = {b.integer(1), b.shape({2}), b.dtype("i1"),
                             b.tree.boolean(false), b.bytes(data)};
    items.insert(items.end(), more.begin(), more.end());
    return b.tuple(items);
  };
  const auto derived = [&](Id state) {
    return arrays.derived(b.build(b.reconstruct("lab", "Array"), state));
  };
  const auto is_array = [&](const Derived& d) {
    if (d.array == pickle::kNoId) return false;
    const Recognised r = arrays.recognise(d.array);
    return r.found == Found::array && r.array.data[0] == 'a' && r.array.subclass.empty();
  };
  const Id one = b.integer(7), two = b.text("x");
  const Derived bare = derived(state("ab", {}));
  CHECK(is_array(bare));
  CHECK(bare.rest == pickle::kNoId);
  const Derived more = derived(state("ab", {one}));
  CHECK(is_array(more));
  CHECK(more.rest == one);
  const Derived both = derived(state("ab", {one, two}));
  CHECK(is_array(both));
  CHECK(b.tree.item(both.rest, 1) == two);
  const Derived inside = derived(b.tuple({two, state("ab", {})}));
  CHECK(is_array(inside));
  CHECK(inside.rest == two);
  // What does not fit is nobody's array.
  for (const Id wrong :
       {state("abc", {}), b.tuple({one}), b.tuple({}), one, b.tree.none(),
        b.tuple({state("abc", {}), one}), b.tuple(std::vector<Id>(1000, one)),
        b.tuple({one, two, two, two, two})}) {
    CHECK(derived(wrong).array == pickle::kNoId);
  }
  CHECK(arrays.derived(one).array == pickle::kNoId);
  CHECK(arrays.derived(b.reconstruct("lab", "Array")).array == pickle::kNoId);
}

TEST_CASE("arrays that were changed afterwards") {
  Builder b;
  const Id appended = b.array({2}, "i1", "ab"), set = b.array({2}, "i1", "ab");
  b.tree.extra(appended).items = b.list({b.integer(1)});
  b.tree.extra(set).dict_items = b.tree.container(Tag::dict);
  CHECK(b.found(appended) == Found::damaged);
  CHECK(b.found(set) == Found::damaged);
}

TEST_CASE("masks must fit") {
  Builder b;
  const Id cls = b.global("numpy.ma", "MaskedArray");
  const auto masked = [&](Id mask) {
    return b.found(b.call(cls, {b.array({2, 2}, "i1", "abcd"), mask}));
  };
  CHECK(masked(b.array({2, 2}, "bool", "\0\1\0\1"sv)) == Found::array);
  CHECK(masked(b.tree.boolean(false)) == Found::array);
  CHECK(masked(b.array({4}, "bool", "\0\1\0\1"sv)) == Found::damaged);
  CHECK(masked(b.array({2, 2}, "i1", "\0\1\0\1"sv)) == Found::damaged);
  CHECK(masked(b.array({2, 2}, "bool", "\0\1\0"sv)) == Found::damaged);
  CHECK(masked(b.tree.none()) == Found::nothing);
  const auto from_state = [&](std::string_view mask) {
    const Id made = b.call(b.global("numpy.ma.core", "_mareconstruct"),
                           {b.global("numpy.ma.core", "MaskedArray"),
                            b.global("numpy", "ndarray"), b.shape({0}), b.bytes("b")});
    return b.found(b.build(made, b.tuple({b.integer(1), b.shape({2, 2}), b.dtype("i2"),
                                          b.tree.boolean(false), b.bytes("abcdefgh"),
                                          b.bytes(mask), b.tree.none()})));
  };
  CHECK(from_state("\0\1\0\1"sv) == Found::array);
  CHECK(from_state("\0\1\0"sv) == Found::damaged);
  CHECK(from_state("\0\1\0\1\0"sv) == Found::damaged);
}

TEST_CASE("a buffer's axes") {
  Builder b;
  const auto found = [&](std::string_view order, const std::vector<std::int64_t>& axes) {
    return b.found(b.call(b.global("numpy._core.numeric", "_frombuffer"),
                          {b.bytes("abcdef"), b.dtype("i1"), b.shape({2, 3}),
                           b.text(order), b.shape(axes)}));
  };
  CHECK(found("K", {1, 0}) == Found::array);
  CHECK(found("K", {1, 1}) == Found::damaged);
  CHECK(found("K", {0, 2}) == Found::damaged);
  CHECK(found("K", {0}) == Found::damaged);
  CHECK(found("X", {0, 1}) == Found::damaged);
  CHECK(b.found(b.call(b.global("numpy.core.numeric", "_frombuffer"),
                       {b.tree.buffer(true), b.dtype("i1"), b.shape({6}),
                        b.text("C")})) == Found::damaged);
}

TEST_CASE("bytes spelt as text are made once") {
  Builder b;
  const Id text = b.text(
      "\xc3\xa9"
      "a\xc2\x80\0"sv);
  const auto encoded = [&](Id what) {
    return b.call(b.global("_codecs", "encode"), {what, b.text("latin1")});
  };
  const Id one = b.array(b.shape({4}), b.dtype("u1"), encoded(text));
  const Id two = b.array(b.shape({2}), b.dtype("i2"), encoded(text));
  Recogniser recogniser(b.tree);
  const Recognised r = recogniser.recognise(one), s = recogniser.recognise(two);
  REQUIRE(r.found == Found::array);
  REQUIRE(s.found == Found::array);
  CHECK(r.array.data == s.array.data);
  CHECK(Bytes(r.array.data, 4).text() ==
        "\xe9"
        "a\x80\0"sv);
  Bytes bytes;
  CHECK_FALSE(recogniser.bytes(encoded(b.text("\xe2\x82\xac")), bytes));
  CHECK_FALSE(recogniser.bytes(encoded(b.text("\xc3")), bytes));
  CHECK(recogniser.bytes(b.call(b.global("__builtin__", "bytes"), {}), bytes));
  CHECK(bytes.size == 0);
}

TEST_CASE("fields must lie inside the item, and be named") {
  Builder b;
  Dtype d;
  const auto found = [&](std::int64_t offset, std::int64_t itemsize, const char* name) {
    const Id value = b.tuple({b.dtype("f8"), b.integer(offset)});
    return recognise_dtype(
        b.tree, b.structured({b.text("a")}, {b.text(name), value}, b.integer(itemsize)),
        d);
  };
  CHECK(found(0, 8, "a"));
  CHECK(found(4, 12, "a"));
  CHECK(d.fields[0].offset == 4);
  CHECK_FALSE(found(4, 11, "a"));
  CHECK_FALSE(found(-8, 8, "a"));
  CHECK_FALSE(found(INT64_MAX, 8, "a"));
  CHECK_FALSE(found(0, -1, "a"));
  CHECK_FALSE(found(0, std::int64_t{1} << 31, "a"));
  CHECK_FALSE(found(0, 8, "b"));
}

TEST_CASE("dtypes that nest, share and close circles cost no more than their nodes") {
  Builder b;
  Dtype d;
  // Each level has two fields of the level below: 2^n fields in all.
  Id level = b.dtype("u1");
  std::int64_t size = 1;
  for (int depth = 1; depth < 40; ++depth) {
    const Id name = b.text("a"), other = b.text("b");
    const Id value = b.tuple({level, b.integer(0)});
    level = b.structured({name, other}, {name, value, other, value}, b.integer(size));
    if (depth == 2) CHECK(recognise_dtype(b.tree, level, d));
    if (depth >= 20) CHECK_FALSE(recognise_dtype(b.tree, level, d));
  }
  // One field a level: the depth ends it.
  level = b.dtype("u1");
  int deepest = 0;
  for (int depth = 1; depth < 60; ++depth) {
    const Id name = b.text("a");
    const Id value = b.tuple({level, b.integer(0)});
    level = b.structured({name}, {name, value}, b.integer(size));
    if (recognise_dtype(b.tree, level, d)) deepest = depth;
  }
  CHECK(deepest >= 8);
  CHECK(deepest <= kMaxDtypeDepth);
  // A dtype whose field is the dtype.
  const Id name = b.text("a");
  const Id value = b.tree.container(Tag::tuple);
  const Id self = b.structured({name}, {name, value}, b.integer(8));
  b.tree.append(value, self);
  b.tree.append(value, b.integer(0));
  CHECK_FALSE(recognise_dtype(b.tree, self, d));
}

TEST_CASE("sub-arrays and units") {
  Builder b;
  Dtype d;
  const auto sub = [&](Id shape, std::int64_t itemsize) {
    return recognise_dtype(
        b.tree,
        b.build(b.dtype("V4"),
                b.tuple({b.integer(3), b.text("|"), b.tuple({b.dtype("i2"), shape}),
                         b.tree.none(), b.tree.none(), b.integer(itemsize), b.integer(2),
                         b.integer(0)})),
        d);
  };
  CHECK(sub(b.shape({2, 3}), 12));
  CHECK(describe(d) == "<i2(2,3)");
  CHECK(sub(b.integer(2), 4));
  CHECK_FALSE(sub(b.shape({2, 3}), 8));
  CHECK_FALSE(sub(b.shape({-2}), -4));
  CHECK_FALSE(sub(b.shape({INT64_MAX, 2}), 4));
  CHECK_FALSE(sub(b.shape({0}), 0));
  const auto time = [&](std::string_view unit, std::int64_t multiple,
                        std::int64_t divisor) {
    const Id meta = b.tuple(
        {b.tree.container(Tag::dict), b.tuple({b.bytes(unit), b.integer(multiple),
                                               b.integer(divisor), b.integer(1)})});
    return recognise_dtype(
        b.tree,
        b.build(b.dtype("M8"), b.tuple({b.integer(4), b.text(">"), b.tree.none(),
                                        b.tree.none(), b.tree.none(), b.integer(-1),
                                        b.integer(-1), b.integer(0), meta})),
        d);
  };
  CHECK(time("s", 25, 1));
  CHECK(code(d) == ">M8[25s]");
  CHECK_FALSE(time("zz", 1, 1));
  CHECK_FALSE(time("s", 0, 1));
  CHECK_FALSE(time("s", 1, 0));
}

}  // namespace
}  // namespace mmappickle::numpy
