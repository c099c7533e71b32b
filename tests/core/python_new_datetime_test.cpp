#include "pickle_testing.h"
#include "python/new_datetime.h"

using namespace mmappickle;
using pickle::Dump;
using pickle::Id;
using pickle::Tree;

namespace {

// The bytes that the call's first argument has.
std::string state(const Tree& tree, Id call) {
  return pickle::hex_of(tree.bytes_of(tree.item(tree[call].second, 0)));
}

std::vector<std::int64_t> parts(const Tree& tree, Id timedelta) {
  std::vector<std::int64_t> out;
  for (Id item : tree.items(tree[timedelta].second)) out.push_back(tree[item].integer);
  return out;
}

using Parts = std::vector<std::int64_t>;

}  // namespace

// Expected: pickle.dumps() of CPython.
TEST_CASE("new_datetime: dates") {
  Tree tree;
  const Id date = python::new_date(tree, 19782.7);
  CHECK(tree.global_name(tree[date].first) == "datetime.date");
  CHECK(state(tree, date) == "07e8021d");                          // 2024-02-29
  CHECK(state(tree, python::new_date(tree, -0.5)) == "07b10c1f");  // 1969-12-31
  CHECK(state(tree, python::new_date(tree, -719162)) == "00010101");
  CHECK(state(tree, python::new_date(tree, 2932896.9)) == "270f0c1f");
  CHECK(python::is_date(-719162));
  CHECK(python::is_date(2932896.9));
  CHECK_FALSE(python::is_date(-719162.1));
  CHECK_FALSE(python::is_date(2932897));
}

TEST_CASE("new_datetime: differences, to the nearest microsecond") {
  Tree tree;
  const auto of = [&](double seconds) {
    return parts(tree, python::new_timedelta(tree, seconds));
  };
  CHECK(of(0) == Parts{0, 0, 0});
  CHECK(of(90061.5) == Parts{1, 3661, 500000});
  CHECK(of(-1) == Parts{-1, 86399, 0});
  CHECK(of(-1e-6) == Parts{-1, 86399, 999999});
  CHECK(of(0.9999999) == Parts{0, 1, 0});
  CHECK(of(86399.9999999) == Parts{1, 0, 0});
}

TEST_CASE("new_datetime: times by the local clock, with their distance from UTC") {
  Tree tree;
  const auto check = [&](double seconds, double offset, const char* bytes, Parts zone) {
    const Id time = python::new_datetime(tree, seconds, offset);
    CHECK(tree.global_name(tree[time].first) == "datetime.datetime");
    CHECK(state(tree, time) == bytes);
    const Id timezone = tree.item(tree[time].second, 1);
    CHECK(tree.global_name(tree[timezone].first) == "datetime.timezone");
    CHECK(parts(tree, tree.item(tree[timezone].second, 0)) == zone);
  };
  check(0, 0, "07b20101000000000000", {0, 0, 0});
  check(1709164800.25, 0, "07e8021d00000003d090", {0, 0, 0});  // 2024-02-29 00:00:00.25
  check(1709164800, 19800, "07e8021d051e00000000", {0, 19800, 0});    // +05:30
  check(1709164800, -18000, "07e8021c130000000000", {-1, 68400, 0});  // -05:00
  check(-0.0000004, 0, "07b20101000000000000", {0, 0, 0});
}

TEST_CASE("new_datetime: times without a zone") {
  Tree tree;
  const Id time = python::new_naive_datetime(tree, 1709164800.25);
  CHECK(tree.global_name(tree[time].first) == "datetime.datetime");
  CHECK(state(tree, time) == "07e8021d00000003d090");
  CHECK(tree[tree[time].second].size == 1);
}
