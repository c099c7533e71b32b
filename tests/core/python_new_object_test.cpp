#include "pickle/writer.h"
#include "pickle_testing.h"
#include "python/new_object.h"

using namespace mmappickle;
using pickle::How;
using pickle::Id;
using pickle::kNoId;
using pickle::Tag;
using pickle::Tree;
using python::NewObject;

namespace {

struct Made {
  Tree tree;
  NewObject parts;
  Made() {
    parts.callable = python::global_of(tree, "mod.sub.Class");
    parts.args = tree.container(Tag::list, {tree.integer(1), tree.none()});
  }
  Id dict(const char* key) {
    return tree.container(Tag::dict, {tree.text(std::string_view(key)), tree.integer(2)});
  }
  std::string bytes(Id value) {
    Output output(0);
    pickle::Memo memo(1);
    output.put("\x80\x04");
    pickle::write_value(tree, value, output, memo, nullptr);
    output.put(".");
    std::string out(output.size(), '\0');
    output.copy_to(reinterpret_cast<std::uint8_t*>(out.data()));
    return out;
  }
};

}  // namespace

TEST_CASE("new_object: the module is what is before the last dot") {
  Made made;
  CHECK(made.tree.text_of(made.tree[made.parts.callable].first) == "mod.sub");
  CHECK(made.tree.text_of(made.tree[made.parts.callable].second) == "Class");
}

TEST_CASE("new_object: calls and __new__(), with and without keywords") {
  for (const How how : {How::call, How::new_object}) {
    for (const bool keywords : {false, true}) {
      Made made;
      made.parts.how = how;
      if (keywords) made.parts.keywords = made.dict("k");
      const Id id = python::new_object(made.tree, made.parts);
      const pickle::Node& node = made.tree[id];
      const pickle::Extra* extra = made.tree.extra_of(id);
      const bool in_place = how == How::new_object && keywords;
      CHECK(node.tag == Tag::object);
      CHECK(node.how == (in_place ? How::new_object_ex : how));
      CHECK(made.tree[node.second].tag == Tag::tuple);
      CHECK(made.tree[node.second].size == 2);
      CHECK(extra->keywords == (in_place ? made.parts.keywords : kNoId));
      if (how == How::call && keywords) {  // what Python's partial.__reduce__() gives
        const pickle::Node& partial = made.tree[node.first];
        CHECK(made.tree.is_global(partial.first, "functools", "partial"));
        const Id state = made.tree.extra_of(node.first)->state;
        REQUIRE(made.tree[state].size == 4);
        CHECK(made.tree.item(state, 0) == made.parts.callable);
        CHECK(made.tree.item(state, 2) == made.parts.keywords);
      } else {
        CHECK(node.first == made.parts.callable);
      }
    }
  }
}

TEST_CASE("new_object: rewriting is the same again, whatever is done to the object") {
  for (unsigned set = 0; set < 32; ++set) {
    Made made;
    if (set & 1) made.parts.keywords = made.dict("k");
    if (set & 2) made.parts.state = made.dict("s");
    if (set & 4)
      made.parts.items = made.tree.container(Tag::list, {made.tree.integer(3)});
    if (set & 8) made.parts.dict_items = made.dict("d");
    if (set & 16) made.parts.how = How::new_object;
    const std::string bytes = made.bytes(python::new_object(made.tree, made.parts));
    const std::string once = python::rewritten(bytes);
    CHECK(once == bytes);
    CHECK(python::rewritten(once) == once);
  }
}
