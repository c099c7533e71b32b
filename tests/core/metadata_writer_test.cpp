#include "metadata/names.h"
#include "metadata/writer.h"
#include "pickle/writer.h"
#include "pickle_testing.h"

using namespace mmappickle;
using metadata::Attribute;
using metadata::Child;
using metadata::NewMembers;
using pickle::Dump;
using pickle::Id;
using pickle::kNoId;
using pickle::Tag;
using pickle::Tree;

TEST_CASE("metadata writer: nothing to say is no dict") {
  Tree tree;
  metadata::Writer writer(tree);
  const std::size_t before = tree.size();
  CHECK(writer.write(NewMembers()) == kNoId);
  CHECK(tree.size() == before);
}

TEST_CASE("metadata writer: each member stands alone under its name") {
  Tree tree;
  metadata::Writer writer(tree);
  const Id one = tree.integer(1), text = tree.text(std::string_view("names"));
  std::vector<NewMembers> all(5);
  all[0].type = "factor";
  all[1].value = one;
  all[2].bytes = tree.container(Tag::list, {one});
  all[3].attributes = {{text, one, kNoId}};
  all[4].children = {{7, one}};
  const char* const names[] = {kMetaType, kMetaValue, kMetaBytes, kMetaAttributes,
                               kMetaChildren};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Id dict = writer.write(all[i]);
    REQUIRE(tree[dict].tag == Tag::dict);
    CHECK(tree[dict].size == 2);
    CHECK(tree.text_of(tree.item(dict, 0)) == names[i]);
  }
}

TEST_CASE("metadata writer: members in the order of names.h") {
  Tree tree;
  metadata::Writer writer(tree);
  const Id one = tree.integer(1), two = tree.integer(2);
  NewMembers members;
  members.type = "list";
  members.value = one;
  members.bytes = tree.container(Tag::list, {tree.integer(0)});
  const Id inner = writer.write(members);
  members.attributes = {{tree.text(std::string_view("a")), one, kNoId},
                        {tree.text(std::string_view("b")), two, inner}};
  members.children = {{0, inner}, {3, inner}};
  const Id dict = writer.write(members);

  Tree same;
  const auto text = [&](const char* t) { return same.text(std::string_view(t)); };
  const auto inside = [&] {
    return std::vector<Id>{text("type"),  text("list"),
                           text("value"), same.integer(1),
                           text("bytes"), same.container(Tag::list, {same.integer(0)})};
  };
  const Id child = same.container(Tag::dict, inside());
  std::vector<Id> items = inside();
  items.push_back(text("attributes"));
  items.push_back(same.container(
      Tag::list, {same.container(Tag::list, {text("a"), same.integer(1)}),
                  same.container(Tag::list, {text("b"), same.integer(2), child})}));
  items.push_back(text("children"));
  items.push_back(
      same.container(Tag::dict, {same.integer(0), child, same.integer(3), child}));
  CHECK(Dump(tree)(dict) == Dump(same)(same.container(Tag::dict, items)));
}

TEST_CASE("metadata writer: equal words are one node, which a pickle has once") {
  Tree tree;
  metadata::Writer writer(tree);
  const std::string twin = "list";  // not at the literal's address
  CHECK(writer.word("list") == writer.word(twin));
  CHECK(writer.word("list") != writer.word("lists"));
  std::vector<Id> dicts;
  for (int i = 0; i < 100; ++i) {
    NewMembers members;
    members.type = "character";
    dicts.push_back(writer.write(members));
  }
  Output output(0);
  pickle::Memo memo;
  pickle::write_value(tree, tree.container(Tag::list, dicts), output, memo, nullptr);
  std::string bytes(output.size(), '\0');
  output.copy_to(reinterpret_cast<std::uint8_t*>(bytes.data()));
  CHECK(bytes.find("character") == bytes.rfind("character"));
  CHECK(bytes.find(kMetaType) == bytes.rfind(kMetaType));
}
