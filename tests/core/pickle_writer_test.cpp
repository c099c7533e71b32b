#include <doctest/doctest.h>

#include <cstdlib>

#include "pickle/writer.h"
#include "pickle_testing.h"

namespace mmappickle::pickle {
namespace {

std::string write(const Tree& tree, Id id) {
  Output output(0);
  Memo memo;
  try {
    // The array's number is that of the node inside of it, as far as there is one.
    write_value(tree, id, output, memo, [&](const Node& node, ArrayPart part) {
      const std::string number = std::to_string(node.integer);
      if (part == ArrayPart::head) output.put("<array " + number);
      if (part == ArrayPart::tail) output.put(">");
      const auto inside = static_cast<Id>(node.integer);
      return inside < tree.size() ? inside : kNoId;
    });
  } catch (const Error& e) {
    CHECK(output.size() == 0);
    return std::string("error ") + name(e.kind);
  }
  return bytes_of(output);
}

// The bytes of a whole pickle, read and written.
std::string rewrite(const std::string& pickle) {
  Tree tree;
  return write(tree, read_pickle(tree, Bytes(std::string_view(pickle))).root);
}

void check_same(const std::vector<std::string>& values) {
  for (const std::string& value : values) {
    CAPTURE(value);
    CHECK(rewrite(value + ".") == value);
  }
}

TEST_CASE("writer: integers take the shortest opcode") {
  Tree tree;
  const auto written = [&](std::int64_t value) {
    return write(tree, tree.integer(value));
  };
  CHECK(written(0) == raw("K\x00"));
  CHECK(written(255) == "K\xff");
  CHECK(written(256) == raw("M\x00\x01"));
  CHECK(written(65535) == "M\xff\xff");
  CHECK(written(65536) == raw("J\x00\x00\x01\x00"));
  CHECK(written(-1) == "J\xff\xff\xff\xff");
  CHECK(written(INT32_MAX) == "J\xff\xff\xff\x7f");
  CHECK(written(INT32_MIN) == raw("J\x00\x00\x00\x80"));
  CHECK(written(std::int64_t{INT32_MAX} + 1) == raw("\x8a\x05\x00\x00\x00\x80\x00"));
  CHECK(written(std::int64_t{INT32_MIN} - 1) == "\x8a\x05\xff\xff\xff\x7f\xff");
  CHECK(written(INT64_MAX) == "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f");
  CHECK(written(INT64_MIN) == raw("\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80"));
  // Every power of two, both signs: read back, and one byte less would not do.
  for (int bit = 31; bit < 63; ++bit) {
    for (const std::int64_t offset : {-1, 0, 1}) {
      for (const int sign : {1, -1}) {
        const std::int64_t value = sign * ((std::int64_t{1} << bit) + offset);
        const std::string bytes = written(value);
        CAPTURE(value);
        CHECK(read(bytes + ".") == "i" + std::to_string(value));
        if (bytes[0] != '\x8a') continue;
        const Bytes payload = Bytes(std::string_view(bytes)).from(2);
        CHECK(minimal_twos_complement(payload).size == payload.size);
      }
    }
  }
}

TEST_CASE("writer: big integers") {
  Tree tree;
  const auto decimal = [&](const std::string& digits) {
    return write(tree, tree.big_integer(tree.keep(digits), true));
  };
  CHECK(decimal("9223372036854775808") ==
        raw("\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x80\x00"));
  CHECK(decimal("-9223372036854775809") ==
        "\x8a\x09\xff\xff\xff\xff\xff\xff\xff\x7f\xff");
  CHECK(decimal("255") == "K\xff");  // a small one in a big coat
  CHECK(decimal("-170141183460469231731687303715884105728") ==
        "\x8a\x10" + std::string(15, '\0') + "\x80");
  // 10^n has n factors of two.
  const std::string power = decimal("1" + std::string(4300, '0'));
  CHECK(power[0] == '\x8b');
  const Bytes payload = Bytes(std::string_view(power)).from(5);
  CHECK(payload.size == 1786);  // 4300 log2(10) = 14284.3 bits, and the sign
  for (int i = 0; i < 4300 / 8; ++i) CHECK(payload[static_cast<std::size_t>(i)] == 0);
  CHECK(payload[4300 / 8] == (1 << 4300 % 8 | (payload[4300 / 8] & 0xe0)));
  CHECK(decimal(std::string(100001, '1')) == "error unsupported");
  const Id wide =
      tree.big_integer(Bytes(std::string_view("\x05\0\0\0\0\0\0\0\0\0\0", 11)), false);
  CHECK(write(tree, wide) == "K\x05");
  check_same({"\x8a\xff" + std::string(254, 'x') + "\x01",
              "\x8b" + le(256, 4) + std::string(255, 'x') + "\x01"});
}

TEST_CASE("writer: scalars, texts and bytes") {
  check_same({"N", "\x88", "\x89", raw("G\x80\x00\x00\x00\x00\x00\x00\x00"),
              raw("G\x7f\xf0\x00\x00\x00\x00\x07\xa2"), raw("\x8c\x00"),
              "\x8c\x02\xc3\xa9", "\x8c\x03\xed\xa0\x80", "C\x02\xff\xfe", raw("C\x00"),
              "\x8c\xff" + std::string(255, 'x'),
              "X" + le(256, 4) + std::string(256, 'x'), "C\xff" + std::string(255, 'x'),
              "B" + le(256, 4) + std::string(256, 'x')});
  // A Python 2 string that is ASCII is a text to Python 3.
  CHECK(rewrite("U\x01x.") == "\x8c\x01x");
  CHECK(rewrite("U\x01\xe9.") == "error unsupported");
  CHECK(rewrite(raw("\x96\x01\x00\x00\x00\x00\x00\x00\x00x.")) ==
        "\x8c\x08"
        "builtins\x8c\x09"
        "bytearray\x93"
        "C\x01x\x85R");
  CHECK(rewrite(raw("\x96\x00\x00\x00\x00\x00\x00\x00\x00.")) ==
        "\x8c\x08"
        "builtins\x8c\x09"
        "bytearray\x93)R");
}

TEST_CASE("writer: heads beyond 4 GiB") {
  Output output(0);
  put_text_head(output, UINT32_MAX);
  put_text_head(output, std::uint64_t{1} << 32);
  put_bytes_head(output, std::uint64_t{1} << 32);
  CHECK(bytes_of(output) == raw("X\xff\xff\xff\xff\x8d\x00\x00\x00\x00\x01\x00\x00\x00"
                                "\x8e\x00\x00\x00\x00\x01\x00\x00\x00"));
}

TEST_CASE("writer: large bytes are not copied") {
  const std::string large(1 << 20, 'x');
  Tree tree;
  Output output(0);
  Memo memo;
  write_value(tree, tree.bytes(Bytes(std::string_view(large))), output, memo, nullptr);
  bool borrowed = false;
  struct Visitor {
    const std::string& large;
    bool& borrowed;
    void operator()(std::uint64_t, Bytes) {}
    void operator()(std::uint64_t at, const Source& source) {
      borrowed = at == 5 && source.in_memory().text().data() == large.data();
    }
  };
  output.visit(Visitor{large, borrowed});
  CHECK(borrowed);
  CHECK(output.size() == 5 + large.size());
}

TEST_CASE("writer: containers, in batches as CPython has them") {
  check_same({"]", "}", "\x8f", ")", "(\x91", "N\x85", "NN\x86", "NNN\x87", "(NNNNt",
              "]Na", "](NNe", "}K\x01Ns", "}(K\x01NK\x02Nu", "\x8f(K\x01\x90",
              "(K\x01K\x02\x91", "(NNN(NNNNtt"});
  // Rules, from CPython's batch_list_exact, batch_dict_exact and save_set: batches of
  // 1000; a single item by itself only if it is the only one; dicts and sets open one
  // more batch behind a full last one.
  const auto many = [](std::size_t n) { return repeat("N", n); };
  const auto pairs = [](std::size_t n) { return repeat("K\x01N", n); };
  check_same({"](" + many(999) + "e", "](" + many(1000) + "e", "](" + many(1000) + "e(Ne",
              "](" + many(1000) + "e(" + many(1000) + "e", "}(" + pairs(999) + "u",
              "}(" + pairs(1000) + "u(u", "}(" + pairs(1000) + "u(K\x01Nu",
              "}(" + pairs(1000) + "u(" + pairs(1000) + "u(u",
              "\x8f(" + many(999) + "\x90", "\x8f(" + many(1000) + "\x90(\x90",
              "\x8f(" + many(1000) + "\x90(N\x90"});
  // Items with children among those without, and ints that lie side by side.
  const std::string ints = "K\xffM\x01\x01J\xff\xff\xff\xffM\xff\xff";
  check_same({"](" + many(999) + "]e(]e", "](" + many(999) + "]e(N]e",
              "](" + repeat("]", 1000) + "e(" + many(5) + "e",
              "](" + many(500) + "](NNe" + many(499) + "e(K\x01]K\x02" + "ae",
              "](" + repeat(ints, 250) + "e(" + repeat(ints, 250) + "e(K\x01K\x02" + "e",
              "](" + repeat(ints, 249) + "K\x01K\x01]K\x01" + "e(" + ints + "e",
              "](" + ints + "N\x88K\x01](" + ints + "e" + ints + "e",
              "}(" + repeat("K\x01]", 1000) + "u(K\x01]u",
              std::string("](]K\x01"
                          "a](NNe]K\x02"
                          "aK\x03"
                          "e")});
}

TEST_CASE("writer: objects, in CPython's order") {
  const std::string a =
      "\x8c\x01"
      "a\x8c\x01"
      "b\x93";
  check_same({a, a + ")R", a + ")\x81", a + ")}\x92", "(" + a + "K\x01K\x02o",
              "(" + a + "o", a + ")R}b",
              a + ")RK\x01"
                  "bK\x02"
                  "b",
              a + ")RNa", a + ")R(NNe", a + ")RK\x01Ns", a + ")R(K\x01NK\x02Nu",
              a + ")R(NNeK\x01Ns}b", a + "Nb",
              // Items of objects come from an iterator: batches end otherwise.
              a + ")R(" + repeat("N", 1000) + "e", a + ")R(" + repeat("N", 1000) + "eNa",
              a + ")R(" + repeat("N", 1000) + "e(NNe",
              a + ")R(" + repeat("K\x01N", 1000) + "u",
              a + ")R(" + repeat("K\x01N", 1000) + "uK\x01Ns"});
  CHECK(rewrite("(K\x01ia\nb\n.") == "(" + a + "K\x01o");
  CHECK(rewrite("ca\nb\n)R}bNa.") == a + ")RNa}b");
}

TEST_CASE("writer: what is shared is memoised, and nothing else") {
  check_same({
      raw("](]q\x00h\x00"
          "e"),
      raw("](\x8c\x01xq\x00h\x00"
          "e"),
      raw("](C\x01xq\x00h\x00h\x00"
          "e"),
      raw("N\x85q\x00h\x00\x86"),
      raw("(K\x01\x91q\x00h\x00\x86"),
      raw("(}q\x00\x8fq\x01h\x00h\x01t"),
      raw("\x8c\x01"
          "aq\x00h\x00\x93q\x01h\x01\x86"),
      raw("\x8c\x01"
          "a\x8c\x01"
          "b\x93)Rq\x00h\x00\x86"),
  });
  // Numbers have no identity worth a memo; the empty tuple has none in CPython.
  CHECK(rewrite("K\x05"
                "2\x86.") == "K\x05K\x05\x86");
  CHECK(rewrite(")2\x86.") == "))\x86");
  CHECK(rewrite("F1.5\n2\x86.").size() == 19);
}

TEST_CASE("writer: slots are handed out in order, past 255 too") {
  std::string expected = "(", gets;
  for (std::uint64_t i = 0; i < 300; ++i) {
    expected += i < 256 ? "]q" + le(i, 1) : "]r" + le(i, 4);
    gets += i < 256 ? "h" + le(i, 1) : "j" + le(i, 4);
  }
  check_same({expected + gets + "t"});
  Tree tree;
  const Id list = tree.container(Tag::list);
  Output output(0);
  Memo memo;
  memo.take();
  write_value(tree, tree.container(Tag::tuple, {list, list}), output, memo, nullptr);
  CHECK(bytes_of(output) == "]q\x01h\x01\x86");
  CHECK(memo.used() == 2);
}

TEST_CASE("writer: cycles") {
  check_same({
      raw("]q\x00h\x00"
          "a"),
      raw("}q\x00K\x01h\x00s"),
      raw("]q\x00]h\x00"
          "aa"),
      raw("\x8c\x01"
          "a\x8c\x01"
          "b\x93)Rq\x00h\x00"
          "b"),
      raw("\x8c\x01"
          "a\x8c\x01"
          "b\x93)Rq\x00}\x8c\x04selfh\x00sb"),
      // Begun inside itself: the inner one stays.
      raw("]q\x00h\x00\x85q\x01"
          "a0h\x01"),
      raw("(]q\x00(h\x00NNNtq\x01"
          "aNNN1h\x01"),
      raw("(\x8c\x01"
          "a\x8c\x01"
          "b\x93)Rq\x00(h\x00\x91q\x01"
          "b1h\x01"),
  });
  // An object that is among its own arguments.
  const std::string pickle =
      raw("ca\nb\n]q\x01\x85Rq\x02h\x01h\x02"
          "a0.");
  const std::string written = rewrite(pickle);
  CHECK(read(written + ".").substr(0, 30) == read(pickle).substr(0, 30));
  CHECK(rewrite(written + ".") == written);
}

TEST_CASE("writer: refuses what pickle.load() could not load, before writing a byte") {
  CHECK(rewrite("](NPa\ne.") == "error unsupported");
  CHECK(rewrite("](N\x82\x05"
                "e.") == "error unsupported");
  CHECK(rewrite("](N\x97"
                "e.") == "error unsupported");
}

TEST_CASE("writer: arrays are written by their owner, once") {
  Tree tree;
  const Id array = tree.array(93), other = tree.array(94);
  CHECK(write(tree, tree.container(Tag::list, {array, other, array})) ==
        raw("](<array 93>q\x00<array 94>h\x00"
            "e"));
}

TEST_CASE("writer: what stands inside of an array is part of the value") {
  Tree tree;
  const Id text = tree.text("t"), list = tree.container(Tag::list, {text});
  const std::string number = std::to_string(list);
  const Id array = tree.array(list);
  CHECK(write(tree, tree.container(Tag::tuple, {text, array, list})) ==
        "\x8c\x01tq" + std::string(1, '\0') + "<array " + number + "]q\x01h" +
            std::string(1, '\0') + "a>h\x01\x87");
  Id deep = list;
  for (int i = 0; i < 300000; ++i) deep = tree.array(deep);
  CHECK(write(tree, deep).size() > 300000);
}

TEST_CASE("writer: any depth, and linear in the tree") {
  // Enough for a stack to overflow, and for what is not linear not to come to its end.
  const std::size_t n = std::getenv("MMAPPICKLE_LONG") == nullptr ? 200000 : 1000000;
  for (const std::string& value :
       {repeat("]", n) + repeat("a", n - 1), "N" + repeat("\x85", n),
        repeat("}N", n) + "N" + repeat("s", n),
        "\x8c\x01"
        "a\x8c\x01"
        "b\x93" +
            repeat(")R", n),
        repeat("(", n) + repeat("\x91", n)}) {
    const bool same = rewrite(value + ".") == value;
    CHECK(same);
  }
  // The billion laughs are as short as they were.
  CHECK(rewrite("]" + repeat("2\x86", 1000) + ".").size() < 15000);
  // One large text a hundred thousand times.
  const std::string text = "X" + le(100000, 4) + std::string(100000, 'x');
  CHECK(rewrite("(" + text + repeat("2", 100000) + "l.").size() < 400000);
}

TEST_CASE("writer: a tuple in a thousand cycles through itself is no trap") {
  // t = ([t], [t], ...): CPython begins t again inside each list.
  const auto tangle = [](std::size_t n) {
    std::string lists, fill;
    for (std::size_t i = 0; i < n; ++i) {
      lists += "]r" + le(i, 4);
      fill += "j" + le(i, 4) + "j" + le(n, 4) + "a0";
    }
    return "(" + lists + "tr" + le(n, 4) + fill + ".";
  };
  CHECK(rewrite(tangle(3)).size() > 10);
  CHECK(rewrite(tangle(50)).size() > 50 * 50);
  CHECK(rewrite(tangle(3000)) == "error unsupported");
}

TEST_CASE("writer: many values of one tree, each as if it were alone") {
  Tree tree;
  ManyWriter writer(tree);
  std::vector<Id> values;
  const Id shared = tree.container(Tag::list, {tree.integer(1)});
  for (int i = 0; i < 50; ++i) {  // the tree grows while its values are written
    const Id pair = tree.container(Tag::tuple, {shared, shared});
    const Id list = tree.container(Tag::list, {pair, tree.integer(i), pair});
    tree.append(list, list);
    values.push_back(list);
    for (const Id value : values) {
      Output output(0);
      Memo memo;
      CHECK(writer.write(value, output, memo));
      CHECK(bytes_of(output) == write(tree, value));
    }
  }
}

TEST_CASE("writer: a value that is refused or too large leaves no trace for the next") {
  Tree tree;
  const Id text = tree.text("text");
  const Id good = tree.container(Tag::list, {text, text});
  const Id bad = tree.container(Tag::list, {good, tree.persistent(text)});
  const std::string whole = write(tree, good);
  ManyWriter writer(tree);
  for (int round = 0; round < 3; ++round) {
    Output refused(0);
    Memo memo;
    CHECK_THROWS_AS(writer.write(bad, refused, memo), Error);
    CHECK(refused.size() == 0);
    for (std::uint64_t limit = 0; limit < whole.size() + 3; ++limit) {
      Output output(0);
      Memo fresh;
      CHECK(writer.write(good, output, fresh, limit) == (limit >= whole.size()));
      if (limit >= whole.size()) CHECK(bytes_of(output) == whole);
    }
  }
}

TEST_CASE("writer: small values of a large tree cost no more than they are") {
  Tree tree;
  std::vector<Id> values;
  for (int i = 0; i < 200000; ++i) {
    values.push_back(tree.container(Tag::tuple, {tree.integer(i)}));
  }
  ManyWriter writer(tree);
  std::uint64_t bytes = 0;
  for (const Id value : values) {  // hours if each looked at the whole tree
    Output output(0);
    Memo memo;
    writer.write(value, output, memo);
    bytes += output.size();
  }
  CHECK(bytes > 3 * values.size());
  // Deep or wide, the limit bounds the work: 10^5 objects that contain each other.
  Id deep = tree.none();
  std::vector<Id> levels;
  for (int i = 0; i < 100000; ++i) {
    deep = tree.container(Tag::tuple, {deep});
    levels.push_back(deep);
  }
  std::size_t written = 0;
  for (const Id level : levels) {
    Output output(0);
    Memo memo;
    written += writer.write(level, output, memo, 100);
  }
  CHECK(written == 99);
}

TEST_CASE("memo: slots that others use are reserved") {
  Memo memo(1);
  CHECK(memo.used() == 0);
  memo.reserve(0);
  CHECK(memo.used() == 0);
  memo.reserve(1);
  CHECK(memo.used() == 1);
  CHECK(memo.take() == 1);
  memo.reserve(7);
  CHECK(memo.used() == 7);
  memo.reserve(3);
  CHECK(memo.used() == 7);
  CHECK(memo.take() == 7);
  CHECK(memo.used() == 8);
}

}  // namespace
}  // namespace mmappickle::pickle
