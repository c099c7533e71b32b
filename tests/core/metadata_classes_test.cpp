#include <doctest/doctest.h>

#include <string>

#include "metadata/classes.h"

using namespace mmappickle::metadata;

TEST_CASE("classes: what each is") {
  CHECK(kind_of_class("factor") == ClassKind::data);
  CHECK(kind_of_class("AsIs") == ClassKind::data);
  CHECK(kind_of_class("ts") == ClassKind::data);
  CHECK(kind_of_class("DLLInfo") == ClassKind::acts);
  CHECK(kind_of_class("bibentry") == ClassKind::acts);
  CHECK(kind_of_class("winProgressBar") == ClassKind::acts);
  CHECK(kind_of_class("mmarray") == ClassKind::mark);
  for (const char* name : {"", "A", "zz", "bibentr", "bibentryy", "lm", "Bibentry"}) {
    CHECK(kind_of_class(name) == ClassKind::other);
  }
  CHECK(kind_of_class(std::string(1 << 20, 'b')) == ClassKind::other);
  CHECK(kind_of_class(std::string("factor\0", 7)) == ClassKind::other);
}

TEST_CASE("classes: whom what is restored for") {
  CHECK(restores(Trust::data, ClassKind::data));
  CHECK_FALSE(restores(Trust::data, ClassKind::other));
  CHECK_FALSE(restores(Trust::data, ClassKind::acts));
  CHECK(restores(Trust::usual, ClassKind::data));
  CHECK(restores(Trust::usual, ClassKind::other));
  CHECK_FALSE(restores(Trust::usual, ClassKind::acts));
  CHECK(restores(Trust::all, ClassKind::acts));
}
