// Which sequences are vectors.
#include <doctest/doctest.h>

#include "numpy/items.h"
#include "numpy/kernels.h"
#include "pandas_testing.h"
#include "plan/simplify.h"

namespace mmappickle::plan {
namespace {

using pickle::Id;
using pickle::Tag;

struct Sequences : mmappickle::pandas::Builder {
  Simple of(const std::vector<Id>& items, bool objects = false) {
    return simplified(tree, list(items), true, objects);
  }
  Id date(const char* bytes) {
    return call("datetime.date", {tree.bytes(Bytes(std::string_view(bytes, 4)))});
  }
  Id nan() { return tree.real(0.0 / 0.0); }
  Sequence found(Id list, const ScalarOptions& options) {
    return simplified(scalars, list, options, false);
  }
  numpy::Recogniser numpy{tree};
  python::Recogniser python{tree, numpy};
  pandas::Recogniser pandas{tree, numpy};
  Scalars scalars{tree, numpy, python, pandas};
};

}  // namespace

TEST_CASE("simplify: what the vector does not tell of plain values") {
  Sequences s;
  const auto of = [&](const std::vector<Id>& items) {
    ScalarOptions options;
    options.bit64 = true;
    const Sequence found = s.found(s.list(items), options);
    std::string said = found.plain ? "plain" : "other";
    if (found.ints) said += " ints";
    if (found.nones) said += " nones";
    if (found.floats) said += " floats";
    return said;
  };
  const Id none = s.tree.none(), wide = s.integer(std::int64_t{1} << 40);
  const Id na = s.tree.real(numpy::bits_as<double>(numpy::kNaRealBits));
  CHECK(of({s.integer(1), none}) == "plain nones");
  CHECK(of({s.integer(1), wide}) == "plain ints");
  CHECK(of({s.integer(1), s.tree.real(2.5)}) == "plain ints");
  CHECK(of({s.integer(1), s.tree.real(-0.0)}) == "plain ints");
  CHECK(of({s.integer(1), s.tree.real(1e300)}) == "plain ints");
  CHECK(of({s.integer(1), s.tree.real(2)}) == "plain ints floats");
  CHECK(of({s.tree.real(1), s.tree.real(2)}) == "plain");
  CHECK(of({s.nan(), none}) == "plain nones");
  CHECK(of({na, s.tree.real(2)}) == "plain");
  CHECK(of({na, none}) == "plain nones floats");
  CHECK(of({s.text("a"), none}) == "plain nones");
  CHECK(of({s.text("a"), s.nan()}) == "other");
  CHECK(of({s.tree.boolean(true), s.nan()}) == "other");
  CHECK(of({s.integer(std::int64_t{1} << 60)}) == "other");
  CHECK(is_whole(9007199254740992.0));
  CHECK_FALSE(is_whole(9007199254740994.0));
  CHECK_FALSE(is_whole(0.5));
  for (const Tag tag : {Tag::list, Tag::tuple, Tag::set, Tag::frozenset}) {
    for (int i = 0; i < 8; ++i) {
      const auto kind = SequenceKind::of(tag, i & 1, i & 2, i & 4);
      CHECK(static_cast<bool>(kind));
      CHECK(kind.is_sequence());
      CHECK(kind.container() == tag);
      CHECK((kind.ints() | kind.nones() << 1 | kind.floats() << 2) == i);
      CHECK((kind.bits >> SequenceKind::kBits) == 0);
    }
  }
  CHECK_FALSE(SequenceKind::of_int().is_sequence());
  CHECK((SequenceKind::of_int().bits >> SequenceKind::kBits) == 0);
}

TEST_CASE("simplify: scalars of one kind, and numbers of two") {
  Sequences s;
  CHECK(s.of({s.tree.boolean(true), s.tree.none()}) == Simple::logical);
  CHECK(s.of({s.integer(1), s.integer(2)}) == Simple::integer);
  CHECK(s.of({s.integer(1), s.tree.real(2.5)}) == Simple::real);
  CHECK(s.of({s.integer(1), s.integer(std::int64_t{1} << 40)}) == Simple::real);
  CHECK(s.of({s.integer(1), s.integer(std::int64_t{1} << 60)}) == Simple::integer64);
  CHECK(s.of({s.tree.real(1), s.integer(std::int64_t{1} << 60)}) == Simple::no);
  CHECK(s.of({s.text("a"), s.text("b")}) == Simple::character);
  CHECK(s.of({s.text("a"), s.integer(1)}) == Simple::no);
  CHECK(s.of({s.tree.boolean(true), s.integer(1)}) == Simple::no);
  CHECK(s.of({s.list({})}) == Simple::no);
  CHECK(s.of({}) == Simple::no);
  CHECK(s.of({}, true) == Simple::no);
  const Id day = s.date("\x07\xe4\x01\x02");
  CHECK(s.of({day, s.tree.none(), day}) == Simple::date);
  CHECK(s.of({day, s.integer(1)}) == Simple::no);
  CHECK(s.of({s.date("\x07\xe4\x0d\x02")}) == Simple::no);  // no such month
}

TEST_CASE("simplify: what is missing takes the type of the others") {
  Sequences s;
  const Id none = s.tree.none(), nan = s.nan();
  CHECK(s.of({none, none}) == Simple::no);
  CHECK(s.of({none, none}, true) == Simple::logical);
  CHECK(s.of({none, nan}) == Simple::real);
  CHECK(s.of({nan, s.text("a")}) == Simple::character);
  CHECK(s.of({nan, s.tree.boolean(true)}) == Simple::logical);
  CHECK(s.of({nan, s.integer(1)}) == Simple::real);
  const Id masked = s.call("numpy.ma.core.MaskedConstant", {});
  CHECK(s.of({masked, s.integer(1)}) == Simple::integer);
  CHECK(s.of({masked, masked}) == Simple::no);
}

TEST_CASE("simplify: Decimals are numbers on request") {
  Sequences s;
  const Id list = s.list({s.call("decimal.Decimal", {s.text("1.10")}), s.integer(2)});
  CHECK(simplified(s.tree, list, false) == Simple::no);
  ScalarOptions options;
  options.numbers = true;
  CHECK(s.found(list, options).type == Simple::real);
  CHECK(s.scalars.of(s.tree.item(list, 0), options).number == 1.1);
  const Id odd = s.call("decimal.Decimal", {s.text("1.1x")});
  CHECK(s.scalars.of(odd, options).kind == Scalar::none);
}

}  // namespace mmappickle::plan
