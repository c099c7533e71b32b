// Texts and bytes: offsets and views that are right, and such that lie.
#include "arrow_testing.h"

namespace mmappickle::arrow {
namespace {

using Texts = std::vector<std::string>;

struct Strings : Builder {
  bool offsets(std::vector<std::int32_t> offsets, std::string data,
               std::int64_t offset = 0, std::string bits = {}) {
    const auto n = static_cast<std::int64_t>(offsets.size()) - 1 - offset;
    return read(
        array(type("string"), {n,
                               -1,
                               offset,
                               {bits.empty() ? none() : buffer(std::move(bits)),
                                buffer(i32s(offsets)), buffer(std::move(data))}}));
  }
  static std::string view(std::int32_t size, std::string_view rest) {
    std::string out = i32s({size}) + std::string(rest);
    out.resize(16, '\0');
    return out;
  }
  static std::string far(std::int32_t size, std::int32_t buffer, std::int32_t at) {
    return i32s({size}) + "abcd" + i32s({buffer, at});
  }
  bool views(const std::string& views, std::string bits = {}) {
    return read(array(type("string_view"),
                      {static_cast<std::int64_t>(views.size() / 16),
                       -1,
                       0,
                       {bits.empty() ? none() : buffer(std::move(bits)), buffer(views),
                        buffer("abcdefghijklmnopqrstuvwxyz")}}));
  }
};

TEST_CASE("texts lie between two offsets") {
  Strings b;
  REQUIRE(b.offsets({0, 1, 1, 4}, "abcd"));
  CHECK(b.column.form == Form::strings);
  CHECK(b.texts() == Texts{"a", "", "bcd"});
  REQUIRE(b.offsets({0, 1, 1, 4}, "abcd", 1, "\x04"));
  CHECK(b.texts() == Texts{"-", "bcd"});
  REQUIRE(b.offsets({2, 3}, "abcd"));  // they need not begin at 0
  CHECK(b.texts() == Texts{"c"});
  CHECK(b.read(b.array(b.type("string"), {0, 0, 0, {b.none(), b.none(), b.none()}})));
  CHECK(b.read(b.array(b.type("string"), {0, 0, 0, {}})));
}

TEST_CASE("offsets that lie") {
  Strings b;
  CHECK_FALSE(b.offsets({0, 5}, "abcd"));
  CHECK_FALSE(b.offsets({0, 3, 2, 4}, "abcd"));
  CHECK_FALSE(b.offsets({-1, 2}, "abcd"));
  CHECK_FALSE(b.offsets({0, -1}, "abcd"));
  CHECK_FALSE(b.offsets({3, 5, 4}, "abcd", 0, "\x02"));  // of missing ones, too
  const Id type = b.type("large_string"), data = b.buffer("abcd");
  CHECK_FALSE(b.read(b.array(type, {1, 0, 0, {b.none(), b.buffer(i64s({0})), data}})));
  CHECK_FALSE(
      b.read(b.array(type, {1, 0, 0, {b.none(), b.buffer(i64s({0, INT64_MIN})), data}})));
  CHECK_FALSE(b.read(b.array(type, {1, 0, 0, {b.none(), b.none(), data}})));
  CHECK_FALSE(b.read(b.array(type, {1, 0, 0, {b.none(), b.buffer(i64s({0, 1}))}})));
}

TEST_CASE("what is no UTF-8 is no text; with a NUL it is none of R's") {
  Strings b;
  CHECK_FALSE(b.offsets({0, 1}, "\xff"));
  CHECK_FALSE(b.offsets({0, 3}, "\xed\xa0\x80"));  // a lone surrogate
  CHECK_FALSE(b.offsets({0, 1, 2}, "\xc3\xa9"));   // cut in two
  REQUIRE(b.offsets({0, 3}, std::string("a\0b", 3)));
  CHECK(b.column.form == Form::objects);
}

TEST_CASE("views hold short texts, and tell where long ones are") {
  Strings b;
  REQUIRE(b.views(b.view(3, "xyz") + b.far(13, 0, 1) + b.view(12, "123456789012")));
  CHECK(b.texts() == Texts{"xyz", "bcdefghijklmn", "123456789012"});
  CHECK(b.views(b.far(13, 0, 13)));
  CHECK_FALSE(b.views(b.far(13, 0, 14)));
  CHECK_FALSE(b.views(b.far(13, 1, 0)));
  CHECK_FALSE(b.views(b.far(13, -1, 0)));
  CHECK_FALSE(b.views(b.far(13, -2, 0)));  // the views themselves
  CHECK_FALSE(b.views(b.far(13, 0, -1)));
  CHECK_FALSE(b.views(b.far(-1, 0, 0)));
  REQUIRE(b.views(b.far(-1, -1, -1) + b.view(1, "a"), "\x02"));  // nobody looks
  CHECK(b.texts() == Texts{"-", "a"});
}

TEST_CASE("views of one long text are paid for") {
  Strings b;
  const std::string data(1 << 20, 'a');
  std::string views;
  for (int i = 0; i < 1000; ++i) views += b.far(1 << 20, 0, 0);
  CHECK_FALSE(b.read(b.array(b.type("string_view"),
                             {1000, 0, 0, {b.none(), b.buffer(views), b.buffer(data)}})));
}

TEST_CASE("bytes") {
  Strings b;
  const Id three = b.call("binary", {b.integer(3)});
  REQUIRE(b.read(b.array(three, {1, 0, 1, {b.none(), b.buffer("abcdef")}})));
  CHECK(b.column.form == Form::objects);
  CHECK(b.texts() == Texts{"def"});
  CHECK_FALSE(b.read(b.array(three, {2, 0, 1, {b.none(), b.buffer("abcdef")}})));
  CHECK_FALSE(b.read(b.array(b.call("binary", {b.integer(-3)}),
                             {1, 0, 0, {b.none(), b.buffer("abcdef")}})));
  const Id none = b.call("binary", {b.integer(0)});
  CHECK(b.read(b.array(none, {2, 0, 0, {b.none(), b.buffer("")}})));
  CHECK_FALSE(
      b.read(b.array(none, {std::int64_t{1} << 40, 0, 0, {b.none(), b.buffer("")}})));
}

}  // namespace
}  // namespace mmappickle::arrow
