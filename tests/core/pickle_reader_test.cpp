#include <doctest/doctest.h>

#include "pickle_testing.h"

namespace mmappickle::pickle {
namespace {

TEST_CASE("reader: protocols, frames, unknown opcodes") {
  check_reads({
      {raw("\x80\x00N."), "N"},
      {"\x80\x05N.", "N"},
      {"\x80\x06N.", "error@0"},
      {"N\x80\x02.", "N"},
      {raw("\x95\x02\x00\x00\x00\x00\x00\x00\x00N."), "N"},
      {raw("\x95\x00\x00\x00\x00\x00\x00\x00\x00N."), "N"},
      {raw("\x95\x03\x00\x00\x00\x00\x00\x00\x00N."), "error@0"},
      {"\x95\xff\xff\xff\xff\xff\xff\xff\xffN.", "error@0"},
  });
  const std::string known =
      "(.012FIJKLMNPQRSTUVXabcd}eghijl]opqrst)uGBC\x80\x81\x82\x83\x84\x85\x86\x87\x88"
      "\x89\x8a\x8b\x8c\x8d\x8e\x8f\x90\x91\x92\x93\x94\x95\x96\x97\x98";
  CHECK(known.size() == 68);
  for (int c = 0; c < 256; ++c) {
    const std::string pickle = "N" + std::string(1, static_cast<char>(c));
    Tree tree;
    std::string message;
    try {
      read_pickle(tree, Bytes(std::string_view(pickle)));
    } catch (const Error& e) {
      message = e.message;
    }
    CAPTURE(c);
    const bool unknown = message.find("unknown opcode 0x") != std::string::npos;
    CHECK(unknown == (known.find(static_cast<char>(c)) == std::string::npos));
  }
}

TEST_CASE("reader: says what is wrong, and where") {
  Tree tree;
  try {
    read_pickle(tree, Bytes("NN\x05"), 100);
    FAIL("no error");
  } catch (const Error& e) {
    CHECK(e.kind == ErrorKind::format);
    CHECK(e.offset == 102);
    CHECK(e.message == "Invalid pickle: unknown opcode 0x05 (at offset 102).");
    CHECK_FALSE(e.hint.empty());
  }
}

TEST_CASE("reader: stops behind STOP") {
  Tree tree;
  const Pickle p = read_pickle(tree, Bytes("K\x05.garbage"));
  CHECK(p.consumed == 3);
  CHECK(tree[p.root].integer == 5);
}

TEST_CASE("reader: every argument cut at every byte is an error") {
  const std::vector<std::string> whole = {"I12\n",
                                          "L12L\n",
                                          "F1.5\n",
                                          "S'ab'\n",
                                          "Vab\n",
                                          "K\x01",
                                          "M\x01\x02",
                                          "J\x01\x02\x03\x04",
                                          "\x8a\x02\x01\x02",
                                          raw("\x8b\x02\x00\x00\x00\x01\x02"),
                                          "G12345678",
                                          "U\x02"
                                          "ab",
                                          raw("T\x02\x00\x00\x00"
                                              "ab"),
                                          "C\x02"
                                          "ab",
                                          raw("B\x02\x00\x00\x00"
                                              "ab"),
                                          raw("\x8e\x02\x00\x00\x00\x00\x00\x00\x00"
                                              "ab"),
                                          raw("\x96\x02\x00\x00\x00\x00\x00\x00\x00"
                                              "ab"),
                                          "\x8c\x02"
                                          "ab",
                                          raw("X\x02\x00\x00\x00"
                                              "ab"),
                                          raw("\x8d\x02\x00\x00\x00\x00\x00\x00\x00"
                                              "ab"),
                                          "ca\nb\n",
                                          "Pa\n",
                                          "\x82\x01",
                                          "\x83\x01\x02",
                                          "\x84\x01\x02\x03\x04"};
  for (const std::string& argument : whole) {
    CAPTURE(argument);
    CHECK(read(argument + ".").substr(0, 5) != "error");
    for (std::size_t n = 0; n < argument.size(); ++n) {
      CHECK(read("N" + argument.substr(0, n)) == "error@1");
    }
  }
}

TEST_CASE("reader: lengths are claims") {
  for (const char opcode : std::string("XBT\x8b")) {
    for (const std::uint64_t size :
         {4u, 0x10000u, 0x7fffffffu, 0x80000000u, 0xffffffffu}) {
      CHECK(read(std::string(1, opcode) + le(size, 4) + "ab.") == "error@0");
    }
  }
  for (const char opcode : std::string("\x8d\x8e\x96\x95")) {
    for (const std::uint64_t size :
         {std::uint64_t{4}, std::uint64_t{1} << 32, std::uint64_t{INT64_MAX},
          std::uint64_t{1} << 63, UINT64_MAX, UINT64_MAX - 8}) {
      CHECK(read(std::string(1, opcode) + le(size, 8) + "ab.") == "error@0");
    }
  }
}

TEST_CASE("reader: nests a million deep") {
  CHECK(root_tag(repeat("]", kMillion) + repeat("a", kMillion - 1) + ".") == Tag::list);
  CHECK(root_tag(repeat("(", kMillion) + repeat("l", kMillion) + ".") == Tag::list);
  CHECK(root_tag("N" + repeat("\x85", kMillion) + ".") == Tag::tuple);
  CHECK(root_tag(repeat("(", kMillion) + repeat("t", kMillion) + ".") == Tag::tuple);
  CHECK(root_tag(repeat("}N", kMillion) + "N" + repeat("s", kMillion) + ".") ==
        Tag::dict);
  CHECK(root_tag("ca\nb\n" + repeat(")R", kMillion) + ".") == Tag::object);
  CHECK(root_tag("ca\nb\n" + repeat(")\x81", kMillion) + ".") == Tag::object);
  CHECK(root_tag("N" + repeat("Q", kMillion) + ".") == Tag::persistent);
  CHECK(read(repeat("(", kMillion) + ".") == "error@1000000");
}

TEST_CASE("reader: what is shared is one node") {
  Tree tree;
  // The billion laughs: 2^1000 items.
  const std::string laughs = "]" + repeat("2\x86", 1000) + ".";
  read_pickle(tree, Bytes(std::string_view(laughs)));
  CHECK(tree.size() < 1100);
  Tree second;
  const std::string dups = "((K\x05" + repeat("2", kMillion) + "l.";
  const Pickle p = read_pickle(second, Bytes(std::string_view(dups)));
  CHECK(second.size() < 10);
  CHECK(second[p.root].size == kMillion + 1);
}

std::string read_one_entry(const std::string& bytes) {
  Tree tree;
  try {
    const EntryValue e = read_entry(tree, Bytes(std::string_view(bytes)));
    Dump dump(tree);
    return dump(e.key) + " " + dump(e.value) +
           (e.metadata == kNoId ? "" : " " + dump(e.metadata));
  } catch (const Error& e) {
    return "error@" + std::to_string(e.offset);
  }
}

const std::string kMetadata = "\x8c\x0cmmappickle:R";

TEST_CASE("reader: an entry is a key with a value") {
  CHECK(read_one_entry("\x8c\x01kN") == "s6b N");
  CHECK(read_one_entry(raw("\x8c\x01k]q\x00h\x00"
                           "a0\x8c\x00")) == "s6b s");
  CHECK(read_one_entry("\x8c\x01kN0N") == "s6b N");
  // The key may be dropped and pushed again; nothing lies below it.
  CHECK(read_one_entry("\x8c\x01kNN000\x8c\x01jK\x05") == "s6a i5");
  CHECK(read_one_entry("\x8c\x01kNN0000\x8c\x01jK\x05") == "error@8");
  for (const char* bad : {"", "\x8c\x01k", "\x8c\x01kNN", "\x8c\x01k(N", "\x8c\x01kN.",
                          "NN", "\x8c\x01k\x80\x04N", "\x8c\x02kN"}) {
    CAPTURE(bad);
    CHECK(read_one_entry(bad).substr(0, 5) == "error");
  }
}

TEST_CASE("reader: R metadata is what is pushed and popped last") {
  CHECK(read_one_entry("\x8c\x01kN" + kMetadata +
                       "K\x01}\x87"
                       "0") == "s6b N {}");
  CHECK(read_one_entry("\x8c\x01kN" + kMetadata +
                       "K\x01}\x8c\x01"
                       "aNs\x87"
                       "0") == "s6b N {s61:N}");
  // not the last thing, no tuple, another version, another name, no dict, no text
  for (const std::string& other : {kMetadata + "K\x01}\x87"
                                               "0N0",
                                   kMetadata + "0",
                                   kMetadata + "K\x02}\x87"
                                               "0",
                                   std::string("\x8c\x0cmmappickle:XK\x01}\x87"
                                               "0"),
                                   kMetadata + "K\x01N\x87"
                                               "0",
                                   std::string("U\x0cmmappickle:RK\x01}\x87"
                                               "0"),
                                   kMetadata + "K\x01\x86"
                                               "0",
                                   kMetadata + "\x88}\x87"
                                               "0",
                                   std::string("(0")}) {
    CAPTURE(other);
    CHECK(read_one_entry("\x8c\x01kN" + other) == "s6b N");
  }
}

TEST_CASE("reader: the portable array entry, without its padding") {
  // The worked example of the format's specification, from the key to the value's end.
  const std::string entry =
      raw("\x8c\x01"
          "a\x8c\x16numpy.core.fromnumeric\x8c\x07reshape\x93"
          "\x8c\x15numpy.core.multiarray\x8c\x0a"
          "fromstring\x93"
          "\x8e\x18\x00\x00\x00\x00\x00\x00\x00"
          "\x00\x00\x00\x00\x00\x00\xf0\x3f\x00\x00\x00\x00\x00\x00\x00\x40"
          "\x00\x00\x00\x00\x00\x00\x08\x40"
          "\x8c\x07"
          "float64\x88"
          "0K\x03\x85"
          "00q\x00"
          "0000"
          "\x8c\x01"
          "a\x8c\x05numpy\x8c\x07ndarray\x93K\x00\x85\x85R"
          "(K\x01K\x03\x85\x8c\x05numpy\x8c\x05"
          "dtype\x93\x8c\x07"
          "float64\x85R\x89h\x00tb");
  const std::string data = "b000000000000f03f00000000000000400000000000000840";
  CHECK(read_one_entry(entry) ==
        "s61 ?call(?numpy.ndarray ((i0))) state=(i1,(i3),?call(?numpy.dtype "
        "(s666c6f61743634)),F," +
            data + ")");
}

// -- where the opcodes of a value may stand --------------------------------------------

struct Stands {
  std::string pickle;
  Placement placement;
  std::string opcodes;
  std::uint32_t memo = 0;
};

TEST_CASE("reader: says where a pickle's opcodes may stand") {
  const std::vector<Stands> cases = {
      {"N.", Placement::anywhere, "N"},
      {"\x80\x04N.", Placement::anywhere, "N"},
      {"\x80\x02]q\x05K\x01"
       "a.",
       Placement::anywhere,
       "]q\x05K\x01"
       "a",
       6},
      {"(lp12\n.", Placement::anywhere, "(lp12\n", 13},
      {"\x80\x02"
       "cmod\nname\n.",
       Placement::anywhere, "cmod\nname\n"},
      {"S'text'\n.", Placement::anywhere, "S'text'\n"},
      // in a pickle of its own
      {raw("\x95\x02\0\0\0\0\0\0\0N."), Placement::alone, ""},
      {"N\x80\x04.", Placement::alone, ""},
      {"]\x94.", Placement::alone, ""},
      {raw("\x96\x01\0\0\0\0\0\0\0a."), Placement::alone, ""},
      {"C\x01"
       "a\x98.",
       Placement::alone, ""},
      {"c__builtin__\nset\n.", Placement::alone, ""},
      {"]r\xff\xff\xff\x7f.", Placement::alone, ""},
      {"NN.", Placement::alone, ""},
      {"(N.", Placement::alone, ""},
      // nowhere
      {"Pid\n.", Placement::nowhere, ""},
      {"NQ.", Placement::nowhere, ""},
      {"\x82\x01.", Placement::nowhere, ""},
      {"\x97.", Placement::nowhere, ""},
      {"U\x01\xff.", Placement::nowhere, ""},
      {"S'\\xff'\n.", Placement::nowhere, ""},
      {"]\x94NQ0.", Placement::nowhere, ""},
  };
  for (const Stands& c : cases) {
    CAPTURE(hex_of(Bytes(c.pickle)));
    Tree tree;
    const Pickle found = read_pickle(tree, Bytes(c.pickle));
    CHECK(found.placement == c.placement);
    if (c.placement != Placement::anywhere) continue;
    CHECK(found.opcodes.text() == c.opcodes);
    CHECK(found.memo == c.memo);
  }
}

TEST_CASE("reader: R metadata are no part of a value's opcodes") {
  for (const std::string& value : {std::string("K\x05"),
                                   std::string("]q\x01K\x05"
                                               "a"),
                                   std::string("N0K\x05"), std::string("(K\x05l")}) {
    Tree tree;
    const std::string pickle = "\x80\x04" + value + kMetadata +
                               "K\x01}\x87"
                               "0" +
                               ".";
    const Pickle found = read_pickle(tree, Bytes(pickle));
    CHECK(found.metadata != kNoId);
    CHECK(found.opcodes.text() == value);
    const std::string body = "\x8c\x01k" + value + kMetadata +
                             "K\x01}\x87"
                             "0";
    const EntryValue entry = read_entry(tree, Bytes(body));
    CHECK(entry.metadata != kNoId);
    CHECK(entry.opcodes.text() == value);
    const std::string plain = "\x8c\x01k" + value;
    CHECK(read_entry(tree, Bytes(plain)).opcodes.text() == value);
  }
}

TEST_CASE("reader: an entry's value that is not by itself has no opcodes") {
  for (const std::string& body : {
           std::string("\x8c\x01k0\x8c\x01kN"),  // pops the key
           std::string("\x8c\x01k2"),            // is the key
           std::string("\x8c\x01kq\x01h\x01"),   // remembers the key
           std::string("\x8c\x01k]\x94"),        // MEMOIZE
           std::string("\x8c\x01kPid\n"),
       }) {
    CAPTURE(hex_of(Bytes(body)));
    Tree tree;
    CHECK(read_entry(tree, Bytes(body)).opcodes.size == 0);
  }
  Tree tree;
  const std::string body =
      "\x8c\x01k]q\x01h\x01"
      "a";
  CHECK(read_entry(tree, Bytes(body)).opcodes.text() ==
        "]q\x01h\x01"
        "a");
}

}  // namespace
}  // namespace mmappickle::pickle
