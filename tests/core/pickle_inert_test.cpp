#include <doctest/doctest.h>

#include "pickle/inert.h"

namespace mmappickle::pickle {
namespace {

struct Made {
  Tree tree;
  Id call(std::string_view module, std::string_view name,
          const std::vector<Id>& arguments, How how = How::call) {
    return made_by(tree.global(module, name), arguments, how);
  }
  Id made_by(Id callable, const std::vector<Id>& arguments, How how = How::call) {
    return tree.object(how, callable, tree.container(Tag::tuple, arguments));
  }
};

TEST_CASE("inert: what is no object has no parts") {
  Made m;
  for (const Id id : {kNoId, m.tree.none(), m.tree.integer(1), m.tree.global("a", "b"),
                      m.tree.container(Tag::list, {m.tree.none()})}) {
    const Call call(m.tree, id);
    std::int64_t value = 0;
    CHECK_FALSE(call.is_object());
    CHECK(call.callable() == kNoId);
    CHECK(call.count() == 0);
    CHECK(call[0] == kNoId);
    CHECK(call.tag(0) == Tag::none);
    CHECK_FALSE(call.integer(0, value));
    CHECK_FALSE(call.is_positional());
    CHECK(call.untouched());
    CHECK(call.state() == kNoId);
    CHECK(call.instance_of() == kNoId);
  }
}

TEST_CASE("inert: arguments by their types") {
  Made m;
  const Call call(m.tree, m.call("a", "B",
                                 {m.tree.integer(7), m.tree.real(0.5),
                                  m.tree.text(std::string_view("t")), m.tree.none()}));
  std::int64_t whole = 0;
  double real = 0;
  std::string_view text;
  CHECK(call.is_of("a", "B"));
  CHECK_FALSE(call.is_of("a", "b"));
  CHECK(call.count() == 4);
  CHECK((call.integer(0, whole) && whole == 7));
  CHECK((call.real(0, real) && real == 7));
  CHECK((call.real(1, real) && real == 0.5));
  CHECK((call.text(2, text) && text == "t"));
  CHECK_FALSE(call.integer(1, whole));
  CHECK_FALSE(call.real(2, real));
  CHECK_FALSE(call.text(3, text));
  CHECK(call.tag(3) == Tag::none);
  CHECK(call[4] == kNoId);
}

TEST_CASE("inert: what was done to an object shows") {
  Made m;
  const Id id = m.call("a", "B", {});
  CHECK(Call(m.tree, id).untouched());
  CHECK(Call(m.tree, id).instance_of() == m.tree[id].first);
  const Id state = m.tree.container(Tag::dict);
  m.tree.extra(id).state = state;
  CHECK_FALSE(Call(m.tree, id).untouched());
  CHECK(Call(m.tree, id).state() == state);
  m.tree.extra(id).states.push_back(state);  // a second BUILD
  CHECK(Call(m.tree, id).state() == kNoId);

  const Id filled = m.call("a", "B", {});
  m.tree.extra(filled).items = m.tree.container(Tag::list);
  CHECK_FALSE(Call(m.tree, filled).untouched());

  const Id keyed = m.call("a", "B", {}, How::new_object_ex);
  const Id keywords = m.tree.container(Tag::dict);
  m.tree.extra(keyed).keywords = keywords;
  CHECK(Call(m.tree, keyed).untouched());  // **{}
  CHECK(Call(m.tree, keyed).keywords() == kNoId);
  m.tree.append(keywords, m.tree.text(std::string_view("k")));
  m.tree.append(keywords, m.tree.none());
  CHECK_FALSE(Call(m.tree, keyed).untouched());
  CHECK_FALSE(Call(m.tree, keyed).is_positional());
  CHECK(Call(m.tree, keyed).keywords() == keywords);
}

TEST_CASE("inert: names of callables, through getattr() and partial()") {
  Made m;
  const Id cls = m.tree.global("a", "B");
  CHECK(name_of_callable(m.tree, cls) == "a.B");
  const Id method =
      m.call("builtins", "getattr", {cls, m.tree.text(std::string_view("from"))});
  CHECK(name_of_callable(m.tree, method) == "a.B.from");
  CHECK(name_of_callable(m.tree, m.call("functools", "partial", {method})) == "a.B.from");
  CHECK(name_of_callable(m.tree, m.call("builtins", "eval", {cls})).empty());
  CHECK(name_of_callable(m.tree, kNoId).empty());
  CHECK(name_of_callable(m.tree, m.call("functools", "partial", {})).empty());
  // One that is made by itself.
  const Id self = m.call("functools", "partial", {});
  m.tree.append(m.tree[self].second, self);
  CHECK(name_of_callable(m.tree, self).empty());
}

TEST_CASE("inert: of a dict's members the last one counts") {
  Made m;
  const Id one = m.tree.integer(1), two = m.tree.integer(2);
  const Id dict = m.tree.container(Tag::dict, {m.tree.text(std::string_view("k")), one,
                                               m.tree.text(std::string_view("v")), two,
                                               m.tree.text(std::string_view("k")), two});
  CHECK(member(m.tree, dict, "k") == two);
  CHECK(member(m.tree, dict, "none") == kNoId);
  CHECK(member(m.tree, one, "k") == kNoId);
  CHECK(items_of(m.tree, dict).size() == 6);
  CHECK(item(m.tree, dict, 0) == kNoId);  // no sequence
}

}  // namespace
}  // namespace mmappickle::pickle
