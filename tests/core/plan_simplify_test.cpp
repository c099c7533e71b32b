// Which sequences are vectors.
#include <doctest/doctest.h>

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
};

}  // namespace

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
  numpy::Recogniser numpy(s.tree);
  python::Recogniser python(s.tree, numpy);
  pandas::Recogniser pandas(s.tree, numpy);
  Scalars scalars(s.tree, numpy, python, pandas);
  ScalarOptions options;
  options.numbers = true;
  CHECK(simplified(scalars, list, options, false).type == Simple::real);
  CHECK(scalars.of(s.tree.item(list, 0), options).number == 1.1);
  const Id odd = s.call("decimal.Decimal", {s.text("1.1x")});
  CHECK(scalars.of(odd, options).kind == Scalar::none);
}

}  // namespace mmappickle::plan
