#include <doctest/doctest.h>

#include <set>

#include "base/error.h"

using namespace mmappickle;

TEST_CASE("kinds have the names of the condition classes, each its own") {
  CHECK(std::string(name(ErrorKind::key)) == "key");
  CHECK(std::string(name(ErrorKind::limit)) == "limit");
  CHECK(std::string(name(WarningKind::precision)) == "precision");
  std::set<std::string> errors, warnings;
  for (int i = 0; i <= static_cast<int>(ErrorKind::limit); ++i) {
    errors.insert(name(static_cast<ErrorKind>(i)));
  }
  for (int i = 0; i <= static_cast<int>(WarningKind::upgrade); ++i) {
    warnings.insert(name(static_cast<WarningKind>(i)));
  }
  CHECK(errors.size() == 11);
  CHECK(warnings == std::set<std::string>{"precision", "inert", "dropped", "metadata",
                                          "lock", "repaired", "trailing", "upgrade"});
}
