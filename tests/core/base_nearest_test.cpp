#include <doctest/doctest.h>

#include <vector>

#include "../../src/core/base/nearest.h"

namespace mmappickle {
namespace {

std::string nearest(const std::string& wanted, const std::vector<std::string>& names) {
  Nearest nearest(wanted);
  for (const std::string& name : names) nearest.look(name);
  return nearest.hint();
}

TEST_CASE("what is near") {
  const std::vector<std::string> names = {"temperature", "iris", "weights",
                                          "x",           "int8", "uint8"};
  CHECK(nearest("temprature", names) == "Did you mean \"temperature\"?");
  CHECK(nearest("irs", names) == "Did you mean \"iris\"?");
  CHECK(nearest("iirs", names) == "Did you mean \"iris\"?");  // a swap, and a letter
  CHECK(nearest("weihgts", names) == "Did you mean \"weights\"?");
  CHECK(nearest("ewights", names) == "Did you mean \"weights\"?");
  CHECK(nearest("WEIGHTS", names) == "Did you mean \"weights\"?");
  CHECK(nearest("we", names) == "Did you mean \"weights\"?");
  CHECK(nearest("weights_2020", names) == "Did you mean \"weights\"?");
  CHECK(nearest("int9", names) == "Did you mean \"int8\"?");
  CHECK(nearest("X", names) == "Did you mean \"x\"?");
}

TEST_CASE("what is not") {
  CHECK(nearest("y", {"x"}).empty());  // no letter in common
  CHECK(nearest("something", {"else", "", "x"}).empty());
  CHECK(nearest("", {"a"}).empty());
  CHECK(nearest("a", {}).empty());
  const std::string long_name(200, 'p');
  CHECK(nearest(long_name, {long_name + "x"}).empty());
}

TEST_CASE("the nearest alone, and of many the first") {
  CHECK(nearest("PRESSURE", {"Pressure_2", "pressure"}) == "Did you mean \"pressure\"?");
  CHECK(nearest("ax", {"aa", "ab", "ac", "ad"}) ==
        "Did you mean \"aa\", \"ab\" or \"ac\"?");
  CHECK(nearest("ac", {"aa", "ab"}) == "Did you mean \"aa\" or \"ab\"?");
}

}  // namespace
}  // namespace mmappickle
