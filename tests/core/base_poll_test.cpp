// Whatever takes long asks now and then, and ends where it is told to.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "../../src/core/base/error.h"
#include "../../src/core/base/poll.h"
#include "../../src/core/numpy/kernels.h"
#include "../../src/core/numpy/subscript.h"
#include "../../src/core/pickle/reader.h"
#include "../../src/core/pickle/writer.h"
#include "../../src/core/plan/planner.h"

namespace mmappickle {
namespace {

TEST_CASE("a poll asks once for so much work, and what it throws comes out") {
  int asked = 0;
  Poll poll([&] {
    if (++asked == 3) throw Interrupted();
  });
  constexpr std::uint64_t kWork = 1 << 20;
  for (int i = 0; i < 20; ++i) poll.after(kWork);
  CHECK(asked == 2);
  CHECK_THROWS_AS(poll.after(16 * kWork), Interrupted);
  CHECK(asked == 3);
  poll.after(1);  // good for more
  Poll nobody;
  nobody.after(INT64_MAX);
}

constexpr std::size_t kMany = 400000;

// [1, 1, ...], or, `of_gets`, a list of one text again and again.
std::string many(bool of_gets) {
  std::string pickle = "\x80\x04](\x8c\x01xq\x01";
  for (std::size_t i = 0; i < kMany; ++i) pickle += of_gets ? "h\x01" : "K\x01";
  return pickle + "e.";
}

// A kind of long work, and how often it has to ask at the least.
struct Work {
  const char* name;
  int polls;
  std::function<void(const std::function<void()>&)> make;
};

void plan(pickle::Tree& tree, pickle::Id value, bool simplify) {
  plan::Options options;
  options.simplify = simplify;
  plan::Planner(tree, options).run(value, pickle::kNoId);
}

std::vector<Work> long_work(const std::string& numbers, const std::string& gets,
                            const std::vector<double>& values) {
  using numpy::Subscript;
  using Ask = std::function<void()>;
  const auto read = [](pickle::Tree& tree, const std::string& pickle) {
    return pickle::read_pickle(tree, Bytes(pickle)).root;
  };
  const auto select = [](const Subscript& subscript, const Ask& ask) {
    numpy::select({subscript}, {kMany}, {}, "'x'", {}, ask);
  };
  numpy::RValues reals;
  reals.type = numpy::RType::real;
  reals.data = values.data();
  reals.count = values.size();
  const auto check = [reals](const char* name, const Ask& ask) {
    numpy::Dtype dtype;
    REQUIRE(parse_dtype(name, dtype));
    const numpy::Check found = check_fit(dtype, reals, false, ask);
    CHECK(found.cast_error == numpy::CastError::none);
  };
  return {
      {"read", 6,
       [=, &numbers](const Ask& ask) {
         pickle::Tree tree(ask);
         read(tree, numbers);
       }},
      {"read what is shared", 6,
       [=, &gets](const Ask& ask) {
         pickle::Tree tree(ask);
         read(tree, gets);
       }},
      {"plan", 12,
       [=, &numbers](const Ask& ask) {
         pickle::Tree tree(ask);
         plan(tree, read(tree, numbers), false);
       }},
      {"simplify", 12,
       [=, &gets](const Ask& ask) {
         pickle::Tree tree(ask);
         plan(tree, read(tree, gets), true);
       }},
      {"write", 18,
       [=, &numbers](const Ask& ask) {
         pickle::Tree tree(ask);
         Output output(0);
         pickle::Memo memo;
         write_value(tree, read(tree, numbers), output, memo, nullptr);
       }},
      {"check", 2, [=](const Ask& ask) { check("u1", ask); }},
      {"check float32", 2, [=](const Ask& ask) { check("f4", ask); }},
      {"logicals", 1,
       [=](const Ask& ask) {
         Subscript s;
         s.kind = Subscript::Type::logicals;
         s.logicals = {1, 0, 1};
         select(s, ask);
       }},
      {"numbers", 9,
       [=, &values](const Ask& ask) {
         Subscript s;
         s.kind = Subscript::Type::numbers;
         s.numbers = values;
         select(s, ask);
       }},
      {"left out", 1,
       [=](const Ask& ask) {
         Subscript s;
         s.kind = Subscript::Type::numbers;
         s.numbers = {-1, -3};
         select(s, ask);
       }},
  };
}

TEST_CASE("what takes long can be interrupted wherever it asks") {
  const std::string numbers = many(false), gets = many(true);
  std::vector<double> values(3 * kMany);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<double>(1 + i % 7);
  for (const Work& work : long_work(numbers, gets, values)) {
    CAPTURE(work.name);
    int all = 0;
    work.make([&] { ++all; });
    CHECK(all >= work.polls);
    for (const int last : {all / 2 + 1, all}) {
      int asked = 0;
      const auto ask = [&] {
        if (++asked == last) throw Interrupted();
      };
      CHECK_THROWS_AS(work.make(ask), Interrupted);
      CHECK(asked == last);
    }
  }
}

}  // namespace
}  // namespace mmappickle
