// What value trees become: the forms, what is shared, what refers to itself, R metadata.
#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <random>

#include "base/error.h"
#include "pandas_testing.h"
#include "plan_testing.h"
#include "python/keys.h"

namespace mmappickle::plan {
namespace {

using pickle::How;
using pickle::Tag;

struct Planned : pandas::Builder {
  Options options;
  std::unique_ptr<Planner> planner;

  const Plans& plan(Id value, Id metadata = kNoId) {
    planner = std::make_unique<Planner>(tree, options);
    planner->run(value, metadata);
    CHECK(problem_of(planner->plans(), tree) == "");
    return planner->plans();
  }
  // The forms along a tree: "list(scalar, vector)".
  std::string forms(const Plans& plans, Number number = 0) {
    static const char* const names[] = {"scalar",  "vector", "factor", "python", "array",
                                        "objects", "list",   "named",  "pairs",  "dict",
                                        "object",  "pandas", "cycle"};
    if (number == kNone) return "scalar";  // a plain one
    const Plan& plan = plans.plans[number];
    std::string out = names[static_cast<int>(plan.form)];
    for (std::uint32_t i = 0; i < plan.count; ++i) {
      out += (i == 0 ? "(" : ", ") + forms(plans, plans.child(plan, i));
    }
    return out + (plan.count ? ")" : "");
  }
  std::string forms_of(Id value, Id metadata = kNoId) {
    return forms(plan(value, metadata));
  }
  Id object(std::string_view cls, const std::vector<Id>& arguments) {
    return call(cls, arguments);
  }
};

TEST_CASE("plan: sequences of one type are vectors, others lists") {
  Planned p;
  const Id ints = p.list({p.integer(1), p.none(), p.integer(2)});
  CHECK(p.forms_of(ints) == "vector");
  CHECK(p.plan(ints).plans[0].simple == Simple::integer);
  CHECK(p.forms_of(p.list({p.integer(1), p.text("a")})) == "list(scalar, scalar)");
  CHECK(p.forms_of(p.list({})) == "list");
  CHECK(p.forms_of(p.tuple({ints, p.text("a")})) == "list(vector, scalar)");
  p.options.simplify = false;
  CHECK(p.forms_of(ints) == "list(scalar, scalar, scalar)");
}

TEST_CASE(
    "plan: dicts have names where all keys are texts; the last of equal keys counts") {
  Planned p;
  const Id d = p.dict({{"a", p.integer(1)}, {"b", p.none()}, {"a", p.text("x")}});
  const Plans& plans = p.plan(d);
  CHECK(p.forms(plans) == "named(scalar, scalar)");
  CHECK(p.tree.is_text(plans.keys[0], "a"));
  CHECK(p.tree.is_text(plans.link(plans.plans[0], 0).node, "x"));
  const Id one = p.tree.container(
      Tag::dict, {p.integer(1), p.text("x"), p.tree.real(1), p.text("y")});
  CHECK(p.forms_of(one) == "dict(scalar, scalar)");  // a key, a value
}

// Few texts are compared, many and all else looked up: the rule is one.
TEST_CASE("plan: keys that repeat, of any kinds and any number, are those of the rule") {
  std::mt19937 random(1);
  const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  for (int round = 0; round < 400; ++round) {
    CAPTURE(round);
    Planned p;
    const unsigned kinds = 1 + below(4), most = 1 + below(40);
    std::vector<Id> items;
    for (unsigned i = 0, n = below(50); i < n; ++i) {
      const unsigned v = below(most);
      const unsigned kind = below(kinds);
      const std::string digits =
          std::string(v % 7 == 0 ? 300 : 0, 'x') + std::to_string(v);
      const Bytes text = p.tree.keep(digits);
      items.push_back(kind == 0   ? p.tree.text(text)
                      : kind == 1 ? p.tree.string(text)
                      : kind == 2 ? p.integer(v)
                                  : p.tree.real(v % 5 == 0 ? 0.5 : v));
      items.push_back(p.integer(i));
    }
    std::vector<std::pair<std::string, std::int64_t>> model;
    for (std::size_t i = 0; i < items.size(); i += 2) {
      const std::string key = python::canonical_key(p.tree, items[i]);
      const auto found = std::find_if(model.begin(), model.end(),
                                      [&](const auto& one) { return one.first == key; });
      const std::int64_t value = p.tree[items[i + 1]].integer;
      if (found == model.end()) {
        model.emplace_back(key, value);
      } else {
        found->second = value;
      }
    }
    const Plans& plans = p.plan(p.tree.container(Tag::dict, items));
    const Plan& dict = plans.plans[0];
    const std::size_t first_value = dict.form == Form::dict ? dict.own / 2 : 0;
    REQUIRE(dict.own - first_value == model.size());
    for (std::size_t i = 0; i < model.size(); ++i) {
      CHECK(python::canonical_key(p.tree, plans.keys[dict.keys + i]) == model[i].first);
      const Link& value = plans.link(dict, first_value + i);
      CHECK(p.tree[value.node].integer == model[i].second);
    }
  }
}

TEST_CASE("plan: dicts one after the other, whose keys are the same nodes, or are not") {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    Planned p;
    const Id keys[] = {p.text("a"), p.text("b"), p.text("a"),
                       p.tree.text(p.tree.keep(std::string(300, 'k'))), p.integer(1)};
    std::vector<Id> dicts;
    std::vector<std::vector<std::pair<std::string, std::int64_t>>> models;
    for (int d = 0; d < 6; ++d) {
      const bool again = d > 0 && random() % 2 == 0;
      std::vector<Id> items;
      for (const Id id : p.tree.items(again ? dicts.back() : p.list({})))
        items.push_back(id);
      for (unsigned n = again ? random() % 2 : random() % 4; n > 0; --n) {
        items.push_back(keys[random() % (round % 3 == 0 ? 5 : 4)]);
        items.push_back(p.integer(0));
      }
      models.emplace_back();
      for (std::size_t i = 0; i < items.size(); i += 2) {
        items[i + 1] = p.integer(static_cast<int>(random() % 100));
        const std::string key = python::canonical_key(p.tree, items[i]);
        auto& model = models.back();
        auto found = std::find_if(model.begin(), model.end(),
                                  [&](const auto& one) { return one.first == key; });
        if (found == model.end()) found = model.emplace(found, key, 0);
        found->second = p.tree[items[i + 1]].integer;
      }
      dicts.push_back(p.tree.container(Tag::dict, items));
    }
    const Plans& plans = p.plan(p.tree.container(Tag::list, dicts));
    for (std::uint32_t d = 0; d < dicts.size(); ++d) {
      const Plan& dict = plans.plans[plans.child(plans.plans[0], d)];
      const std::size_t first_value = dict.form == Form::dict ? dict.own / 2 : 0;
      REQUIRE(dict.own - first_value == models[d].size());
      for (std::size_t i = 0; i < models[d].size(); ++i) {
        CHECK(python::canonical_key(p.tree, plans.keys[dict.keys + i]) ==
              models[d][i].first);
        CHECK(p.tree[plans.link(dict, first_value + i).node].integer ==
              models[d][i].second);
      }
    }
  }
}

TEST_CASE("plan: what is shared is planned once") {
  Planned p;
  const Id shared = p.list({p.integer(1), p.list({})});
  const Plans& plans = p.plan(p.list({shared, p.dict({{"x", shared}})}));
  CHECK(p.forms(plans) == "list(list(scalar, list), named(list(scalar, list)))");
  CHECK(plans.plans.size() == 4);
  const Number number = plans.child(plans.plans[0], 0);
  CHECK(std::count_if(plans.links.begin(), plans.links.end(),
                      [&](const Link& link) { return link.plan == number; }) == 2);
  const Plan& once = plans.plans[number];
  CHECK(place_of(plans, p.tree, plans.child(plans.plans[0], 0)) == "[[1]]");
  CHECK(place_of(plans, p.tree, plans.child(once, 1)) == "[[1]][[2]]");
}

TEST_CASE("plan: a list that stays one for an object's sake does not stay so elsewhere") {
  Planned p;
  const Id ints = p.list({p.integer(1), p.integer(2)});
  CHECK(p.forms_of(p.list({p.object("m.C", {ints}), ints})) ==
        "list(object(list(vector)), vector)");
  const Id arguments = p.tuple({p.integer(1), p.integer(2)});
  const Id object = p.tree.object(How::call, p.global("m.C"), arguments);
  CHECK(p.forms_of(p.list({object, arguments})) ==
        "list(object(list(scalar, scalar)), vector)");
}

TEST_CASE("plan: cycles are cut, and what is cut off cannot be stored by itself") {
  Planned p;
  // The example in planner.h, with inert objects in place of the lists.
  const Id a = p.instance("m.A", kNoId), b = p.instance("m.B", kNoId);
  p.tree.extra(a).state = p.list({b, p.integer(1)});
  p.tree.extra(b).state = p.list({a});
  const Plans& plans = p.plan(a);
  CHECK(p.forms(plans) == "object(list, list(object(list, list(cycle)), scalar))");
  const Plan& root = plans.plans[0];
  CHECK(root.storable == Storable::whole);
  const Plan& state = plans.plans[plans.child(root, 1)];
  CHECK(plans.plans[plans.child(state, 0)].storable == Storable::cut_off);
}

TEST_CASE(
    "plan: who refers to what was cut off is cut off, too, but for what was around") {
  Planned p;
  const Id a = p.instance("m.A", kNoId), b = p.instance("m.B", kNoId);
  p.tree.extra(a).state = p.list({b});
  p.tree.extra(b).state = p.list({a});
  const Id c = p.object("m.C", {b});  // sees b without what a would see
  const Plans& plans = p.plan(p.list({a, c}));
  const Plan& root = plans.plans[0];
  CHECK(plans.plans[plans.child(root, 0)].storable == Storable::whole);
  CHECK(plans.plans[plans.child(root, 1)].storable == Storable::cut_off);
}

TEST_CASE("plan: objects in objects are parts, up to a depth") {
  Planned p;
  Id object = p.object("m.C", {p.integer(1)});
  for (int i = 0; i < 40; ++i) object = p.object("m.C", {object});
  const Plans& plans = p.plan(object);
  CHECK(plans.plans[0].storable == Storable::whole);
  int parts = 0, none = 0;
  for (const Plan& plan : plans.plans) {
    if (plan.form != Form::object) continue;
    parts += plan.storable == Storable::part;
    none += plan.storable == Storable::no;
  }
  CHECK(parts == 17);
  CHECK(none == 23);
}

TEST_CASE("plan: R metadata give types, values, attributes") {
  Planned p;
  const Id texts = p.list({p.text("u"), p.text("v")});
  const auto attribute = [&](std::string_view name, Id value) {
    return p.list({p.text(name), value});
  };
  const Id codes = p.list({p.integer(1), p.integer(2)});
  const Id levels = p.list({p.text("u"), p.text("v")});
  const Id factor = p.dict({{"type", p.text("factor")},
                            {"value", codes},
                            {"attributes", p.list({attribute("levels", levels)})}});
  CHECK(p.forms_of(texts, factor) == "factor(vector, vector)");
  CHECK(p.planner->plans().plans[0].own == 0);
  CHECK(p.forms_of(texts, p.dict({{"type", p.text("list")}})) == "list(scalar, scalar)");
  const Id none = p.list({p.none(), p.none()});
  CHECK(p.forms_of(none, p.dict({{"type", p.text("double")}})) == "vector");
  CHECK(p.planner->plans().metadata_fits);
}

TEST_CASE("plan: R metadata that lie are left aside") {
  Planned p;
  const Id texts = p.list({p.text("u"), p.text("v")});
  const auto lies = [&](Id value, Id metadata) {
    p.plan(value, metadata);
    return !p.planner->plans().metadata_fits;
  };
  CHECK(lies(texts, p.dict({{"type", p.text("integer")}})));
  CHECK(lies(texts, p.dict({{"type", p.text("factor")}})));
  CHECK(lies(texts, p.dict({{"typ", p.text("list")}})));
  CHECK(lies(texts, p.dict({{"type", p.integer(1)}})));
  CHECK(lies(texts, p.list({})));
  CHECK(lies(texts, p.dict({{"attributes", p.list({p.list({p.text("a")})})}})));
  const Id nested = p.list({texts, p.integer(1)});
  const Id children = p.tree.container(Tag::dict, {p.integer(7), p.dict({})});
  CHECK(lies(nested, p.dict({{"children", children}})));
  // The same metadata for two values; the same items for two metadata.
  const Id said = p.dict({{"type", p.text("list")}});
  const Id both = p.tree.container(Tag::dict, {p.integer(0), said, p.integer(1), said});
  const Id more = p.list({p.integer(1), p.text("b")});
  CHECK(lies(p.list({texts, more}), p.dict({{"children", both}})));
  CHECK(!lies(p.list({texts, texts}), p.dict({{"children", both}})));
  CHECK(p.planner->plans().plans.size() == 4);  // the list twice, shared
}

TEST_CASE("plan: what is too deep, or repeats too often, is refused before it is made") {
  Planned p;
  p.options.limits.depth = 10;
  p.options.limits.repeated = 1000;
  Id deep = p.list({});
  for (int i = 0; i < 10; ++i) deep = p.list({deep});
  CHECK_THROWS_WITH_AS(p.plan(deep), "The value is nested more than 10 levels deep.",
                       Error);
  Id wide = p.list({});
  for (int i = 0; i < 9; ++i) wide = p.list({wide, wide, wide});
  CHECK_THROWS_AS(p.plan(wide), Error);
  CHECK_NOTHROW(p.plan(p.list({p.list({}), p.list({})})));
}

TEST_CASE("plan: the order holds for any tree, however its nodes refer to each other") {
  std::mt19937 random(2018);
  const auto below = [&](std::size_t n) {
    return static_cast<std::size_t>(random() % n);
  };
  for (int round = 0; round < 2000; ++round) {
    Planned p;
    std::vector<Id> nodes{p.none(), p.integer(1), p.text("a"), p.tree.real(1.5)};
    std::vector<Id> containers;
    for (int i = 0; i < 12; ++i) {
      const Tag tags[] = {Tag::list, Tag::tuple, Tag::dict, Tag::set};
      const Tag tag = tags[below(4)];
      const Id made = below(3) == 0 ? p.instance("m.C", kNoId) : p.tree.container(tag);
      containers.push_back(made);
      nodes.push_back(made);
    }
    for (const Id container : containers) {
      const Tag tag = p.tree[container].tag;
      if (tag == Tag::object) {
        p.tree.extra(container).state = nodes[below(nodes.size())];
        continue;
      }
      for (std::size_t n = below(4) * 2; n > 0; --n) {
        const bool key = tag == Tag::dict && n % 2 == 0;
        p.tree.append(container, key ? p.text(std::string_view("xyz", n % 3 + 1))
                                     : nodes[below(nodes.size())]);
      }
    }
    const Id metadata = below(2) ? kNoId : containers[below(containers.size())];
    const Plans& plans = p.plan(containers[below(containers.size())], metadata);
    for (Number i = 0; i < plans.plans.size(); ++i) {
      CHECK(place_of(plans, p.tree, i).size() < 4000);
    }
  }
}

}  // namespace
}  // namespace mmappickle::plan
