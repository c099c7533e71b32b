// Python 2's str by the encoding.
#include <doctest/doctest.h>

#include "pickle/python2_strings.h"

using namespace mmappickle;
using namespace mmappickle::pickle;

TEST_CASE("python 2 strings: what each encoding makes of them") {
  const auto made = [](std::string_view bytes, Encoding encoding) {
    Tree tree;
    const Id id = tree.string(Bytes(bytes)), list = tree.container(Tag::list, {id, id});
    const bool any = decode_strings(tree, encoding);
    CHECK(any == (tree[id].tag != Tag::string));
    CHECK(tree.item(list, 1) == id);
    return std::string(1, static_cast<char>('a' + static_cast<int>(tree[id].tag))) + ":" +
           std::string(tree.text_of(id));
  };
  const auto tag = [](Tag tag) {
    return std::string(1, static_cast<char>('a' + static_cast<int>(tag))) + ":";
  };
  CHECK(made("a", Encoding::ascii) == tag(Tag::string) + "a");
  CHECK(made("a", Encoding::latin1) == tag(Tag::text) + "a");
  CHECK(made("a\xe9", Encoding::latin1) == tag(Tag::text) + "a\xc3\xa9");
  CHECK(made("a\xe9", Encoding::bytes) == tag(Tag::bytes) + "a\xe9");
  CHECK(made("a\xe9", Encoding::utf8) == tag(Tag::string) + "a\xe9");
  CHECK(made("a\xc3\xa9", Encoding::utf8) == tag(Tag::text) + "a\xc3\xa9");
  CHECK(made(std::string_view("\0", 1), Encoding::utf8) ==
        tag(Tag::text) + std::string(1, '\0'));
}
