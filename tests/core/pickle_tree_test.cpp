#include <doctest/doctest.h>

#include <random>

#include "pickle_testing.h"

namespace mmappickle::pickle {
namespace {

std::vector<Id> items_of(const Tree& tree, Id id) {
  std::vector<Id> items;
  for (const Id item : tree.items(id)) items.push_back(item);
  return items;
}

TEST_CASE("tree: None, True and False are one node each") {
  Tree tree;
  CHECK(tree[tree.none()].tag == Tag::none);
  CHECK(tree[tree.boolean(true)].tag == Tag::boolean);
  CHECK(tree[tree.boolean(true)].flag);
  CHECK(tree[tree.boolean(false)].tag == Tag::boolean);
  CHECK_FALSE(tree[tree.boolean(false)].flag);
}

TEST_CASE("tree: ints keep their values, and the small ones take no memory") {
  Tree tree;
  const std::size_t before = tree.size();
  const Id list = tree.container(Tag::list);
  for (const std::int64_t v :
       {kSmallest, kSmallest + 1, std::int64_t{-1}, std::int64_t{0}, std::int64_t{1},
        kLargest - 1, kLargest}) {
    const Id id = tree.integer(v);
    CHECK(id < kNoId - 1);
    CHECK(tree[id].tag == Tag::integer);
    CHECK(tree[id].integer == v);
    CHECK(tree.extra_of(id) == nullptr);
    CHECK(tree.bytes_of(id).size == 0);
    CHECK(tree.items(id).size() == 0);
    CHECK(tree.item(id, 0) == kNoId);
    CHECK(tree.global_name(id).empty());
    CHECK_FALSE(tree.is_text(id, ""));
    tree.append(list, id);
  }
  CHECK(tree.size() == before + 1);
  CHECK(tree[tree.item(list, 0)].integer == kSmallest);
  for (const std::int64_t v : {kSmallest - 1, kLargest + 1, INT64_MIN, INT64_MAX}) {
    CHECK(tree[tree.integer(v)].integer == v);
  }
  CHECK(tree.size() == before + 5);
  const Id made = tree.container(Tag::list);
  tree.become(made, tree.integer(7));
  CHECK(tree[made].integer == 7);
}

TEST_CASE("tree: a text is of the kind that its bytes are, whoever asks first") {
  Tree tree;
  for (const char* text : {"", "abc", "\xc3\xa9", "\xed\xa0\x80", "\xff"}) {
    const TextKind kind = classify_text(Bytes(std::string_view(text)));
    const Id id = tree.text(text);
    CHECK(tree.text_kind(id) == kind);
    CHECK(tree.text_kind(id) == kind);
    CHECK(tree.text_kind(tree.text(Bytes(std::string_view(text)), kind)) == kind);
    CHECK(tree.text_kind(tree.string(Bytes(std::string_view(text)))) == kind);
  }
}

TEST_CASE("tree: scalars keep their values") {
  Tree tree;
  CHECK(tree[tree.integer(INT64_MIN)].integer == INT64_MIN);
  CHECK(tree[tree.real(-0.5)].real == -0.5);
  CHECK(tree[tree.extension(7)].integer == 7);
  CHECK(tree[tree.array(9)].integer == 9);
  CHECK(tree[tree.buffer(true)].flag);
  CHECK(tree[tree.big_integer(Bytes("123"), true)].flag);
  const Id text = tree.text("abc");
  CHECK(tree.text_of(text) == "abc");
  CHECK(tree.is_text(text, "abc"));
  CHECK_FALSE(tree.is_text(text, "abd"));
  CHECK_FALSE(tree.is_text(tree.bytes(Bytes("abc")), "abc"));
  CHECK(tree.is_text(tree.string(Bytes("abc")), "abc"));
}

TEST_CASE("tree: what a node does not have is empty") {
  Tree tree;
  const Id list = tree.container(Tag::list, {tree.none(), tree.none(), tree.none()});
  const Id text = tree.text("abc");
  CHECK(tree.bytes_of(list).size == 0);
  CHECK(tree.text_of(tree.integer(5)).empty());
  CHECK(items_of(tree, text).empty());
  CHECK(tree.items(text).size() == 0);
  CHECK(tree.item(text, 0) == kNoId);
  CHECK(tree.item(list, 2) == tree.none());
  CHECK(tree.item(list, 3) == kNoId);
  CHECK(tree.global_name(list).empty());
  CHECK(tree.extra_of(list) == nullptr);
}

TEST_CASE("tree: globals") {
  Tree tree;
  const Id id = tree.global("numpy", "dtype");
  CHECK(tree.global_name(id) == "numpy.dtype");
  CHECK(tree.is_global(id, "numpy", "dtype"));
  CHECK_FALSE(tree.is_global(id, "numpy", "dtyp"));
  CHECK_FALSE(tree.is_global(id, "nump", "dtype"));
  CHECK_FALSE(tree.is_global(tree.none(), "numpy", "dtype"));
}

TEST_CASE("tree: containers of every size, made at once and one by one") {
  Tree tree;
  for (std::size_t n = 0; n < 70; ++n) {
    CAPTURE(n);
    std::vector<Id> ids;
    for (std::size_t i = 0; i < n; ++i) ids.push_back(tree.integer(7));
    CHECK(items_of(tree, tree.container(Tag::tuple, ids)) == ids);
    const Id grown = tree.container(Tag::list);
    for (const Id id : ids) tree.append(grown, id);
    CHECK(items_of(tree, grown) == ids);
    CHECK(tree.items(grown).size() == n);
    for (std::size_t i = 0; i < n; ++i) CHECK(tree.item(grown, i) == ids[i]);
  }
}

TEST_CASE("tree: containers that grow in turns, in pieces of any size") {
  Tree tree;
  std::mt19937 random(1);
  std::vector<Id> containers;
  std::vector<std::vector<Id>> model(10);
  for (int i = 0; i < 10; ++i) containers.push_back(tree.container(Tag::list));
  for (int step = 0; step < 3000; ++step) {
    const std::size_t which = random() % 10;
    std::vector<Id> piece(random() % (step % 50 == 0 ? 300 : 5));
    for (Id& id : piece) id = random() % 1000;
    tree.append(containers[which], piece.data(), piece.size());
    model[which].insert(model[which].end(), piece.begin(), piece.end());
  }
  for (std::size_t i = 0; i < 10; ++i) {
    CHECK(items_of(tree, containers[i]) == model[i]);
    for (std::size_t k = 0; k < model[i].size(); k += 17) {
      CHECK(tree.item(containers[i], k) == model[i][k]);
    }
  }
}

TEST_CASE("tree: a container may hold itself") {
  Tree tree;
  const Id list = tree.container(Tag::list);
  for (int i = 0; i < 5; ++i) tree.append(list, list);
  CHECK(items_of(tree, list) == std::vector<Id>(5, list));
}

TEST_CASE("tree: iteration goes on while other nodes are made") {
  Tree tree;
  const Id list = tree.container(Tag::list, {1, 2, 0, 1, 2});
  std::vector<Id> seen;
  for (const Id item : tree.items(list)) {
    seen.push_back(item);
    tree.container(Tag::tuple, std::vector<Id>(1000, item));
  }
  CHECK(seen == std::vector<Id>{1, 2, 0, 1, 2});
}

TEST_CASE("tree: extras stay where they are") {
  Tree tree;
  const Id a = tree.object(How::call, tree.none(), tree.none());
  Extra& extra = tree.extra(a);
  extra.state = tree.none();
  for (int i = 0; i < 1000; ++i) {
    tree.extra(tree.object(How::call, tree.none(), tree.none())).state = 1;
  }
  CHECK(&extra == &tree.extra(a));
  CHECK(tree.extra_of(a)->state == tree.none());
  CHECK(tree.extra_of(a)->items == kNoId);
}

TEST_CASE("tree: kept bytes outlive what they were copied from, and a move") {
  Tree tree;
  const Id first = tree.text(tree.keep("short"));
  for (int i = 0; i < 1000; ++i) tree.keep(std::string(100, 'x'));
  Tree moved = std::move(tree);
  CHECK(moved.text_of(first) == "short");
}

}  // namespace
}  // namespace mmappickle::pickle
