// Python's notation of plain values.
#include <doctest/doctest.h>

#include "pickle/python_literal.h"

using namespace mmappickle;
using namespace mmappickle::pickle;

namespace {

bool reads(std::string_view text) {
  Tree tree;
  return read_literal(tree, Bytes(text)) != kNoId;
}

}  // namespace

TEST_CASE("python literal: what repr() gives") {
  Tree tree;
  const Id list =
      read_literal(tree, Bytes("[('a', '<i4'), (\"b'\", -3, True, None,), {}]"));
  REQUIRE(list != kNoId);
  CHECK(tree[list].tag == Tag::list);
  CHECK(tree[list].size == 3);
  const Id second = tree.item(list, 1);
  CHECK(tree[second].tag == Tag::tuple);
  CHECK(tree.is_text(tree.item(second, 0), "b'"));
  CHECK(tree[tree.item(second, 1)].integer == -3);
  CHECK(tree[tree.item(second, 2)].flag);
  CHECK(tree[tree.item(second, 3)].tag == Tag::none);
  CHECK(tree[tree.item(list, 2)].tag == Tag::dict);
  const Id escaped = read_literal(tree, Bytes("'\\\\ \\' \\xe9\\u4e2d'"));
  REQUIRE(escaped != kNoId);
  CHECK(tree.text_of(escaped) == "\\ ' \xc3\xa9\xe4\xb8\xad");
  CHECK(tree[read_literal(tree, Bytes("(1)"))].tag == Tag::integer);
  CHECK(tree[read_literal(tree, Bytes("(1,)"))].tag == Tag::tuple);
}

TEST_CASE("python literal: everything else is none, at any length") {
  for (const char* text : {"",
                           "[",
                           "]",
                           "[1",
                           "[1 2]",
                           "[,]",
                           "{1}",
                           "{1:}",
                           "'",
                           "'a",
                           "'\\",
                           "'\\q'",
                           "'\\xg0'",
                           "'\\U00110000'",
                           "1x",
                           "--1",
                           "99999999999999999999",
                           "None1",
                           "nan",
                           "(1,,2)",
                           "01",
                           "'a\nb'",
                           "u1",
                           "b'a'",
                           "1.5",
                           "{'a': 1 'b': 2}"}) {
    CAPTURE(text);
    CHECK_FALSE(reads(text));
  }
  CHECK(reads(std::string(90, '[') + std::string(90, ']')));
  CHECK_FALSE(reads(std::string(100000, '[')));
  const std::string whole = "[('a', '<i4'), {'n': [1, 2]}]";
  for (std::size_t n = 0; n < whole.size(); ++n) CHECK_FALSE(reads(whole.substr(0, n)));
}

TEST_CASE("python literal: Python 2's, white space, and back") {
  Tree tree;
  CHECK(tree[read_literal(tree, Bytes(" ( ) "))].size == 0);
  CHECK(tree[read_literal(tree, Bytes("\t3L\n"))].integer == 3);
  const Id text = read_literal(tree, Bytes("u'a\\x41\\u00E9\\U0001f600\\n\\v'"));
  REQUIRE(text != kNoId);
  CHECK(tree.text_of(text) == "aA\xc3\xa9\xf0\x9f\x98\x80\n\v");
  const std::string odd = "it's \\ \x01 caf\xc3\xa9", literal = literal_of(odd);
  CHECK(tree.text_of(read_literal(tree, Bytes(std::string_view(literal)))) == odd);
}
