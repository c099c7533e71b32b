#include <doctest/doctest.h>

#include <cmath>

#include "pickle/extent.h"

namespace mmappickle::pickle {
namespace {

TEST_CASE("extent: what repeats is counted as often as it is met") {
  Extent x;
  for (int level = 1; level <= 2000; ++level) {
    Extent pair = Extent::container();
    pair.add(x);
    pair.add(x);
    x = pair;
    CHECK(x.height == static_cast<std::uint32_t>(level));
    if (level <= 40) CHECK(x.leaves == std::ldexp(2.0, level) - 1);
  }
  CHECK(std::isinf(x.leaves));
  CHECK(beyond(Limits{1e9, 1e300}, 0, x, 4000) == Beyond::repeated);
  CHECK(beyond(Limits{1e9, INFINITY}, 0, x, 4000) == Beyond::nothing);
}

TEST_CASE("extent: limits") {
  Extent x = Extent::container();
  for (int i = 0; i < 10; ++i) x.add(Extent());
  const Limits limits{3, 5};
  CHECK(beyond(limits, 2, x, 11) == Beyond::nothing);
  CHECK(beyond(limits, 3, x, 11) == Beyond::depth);
  CHECK(beyond(limits, 2, x, 6) == Beyond::nothing);  // 5 of 11 take no memory
  CHECK(beyond(limits, 2, x, 5) == Beyond::repeated);
}

}  // namespace
}  // namespace mmappickle::pickle
