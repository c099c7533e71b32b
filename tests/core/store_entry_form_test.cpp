#include <doctest/doctest.h>

#include <cstdlib>

#include "../../src/core/store/entry_form.h"
#include "store_testing.h"

namespace mmappickle::store {
namespace {

// The worked example of the format's description: {'n': 5, 'a': array([1., 2., 3.])}.
constexpr char kExample[] =
    "\x80\x04\x95\x0d\0\0\0\0\0\0\0\x4a\x01\0\0\0\x30\x4a\x02\0\0\0\x30\x28"
    "\x95\x0d\0\0\0\0\0\0\0\x8c\x01n\x4b\x05\x4a\0\0\0\0\x30\x88\x30"
    "\x95\x2e\0\0\0\0\0\0\0\x8c\0NC\x1f"
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    "0\x8e\x52\0\0\0\0\0\0\0"
    "\x95\xc6\0\0\0\0\0\0\0\x8c\x01"
    "a"
    "\x8c\x16numpy.core.fromnumeric\x8c\x07reshape\x93"
    "\x8c\x15numpy.core.multiarray\x8c\x0a"
    "fromstring\x93"
    "\x8e\x18\0\0\0\0\0\0\0"
    "\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\0\x40\0\0\0\0\0\0\x08\x40"
    "\x8c\x07"
    "float64\x88\x30K\x03\x85\x30\x30q\0\x30\x30\x30\x30"
    "\x8c\x01"
    "a\x8c\x05numpy\x8c\x07ndarray\x93K\0\x85\x85R"
    "(K\x01K\x03\x85\x8c\x05numpy\x8c\x05"
    "dtype\x93\x8c\x07"
    "float64\x85R\x89h\0tb"
    "\x4a\x01\0\0\0\x30\x88\x30"
    "\x95\x02\0\0\0\0\0\0\0\x64\x2e";

TEST_CASE("the worked example, byte for byte") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  put(*store, "n", 5);
  put(*store, "a", doubles_value({1, 2, 3}));
  // On a big-endian machine doubles are stored as they are there, and called ">f8".
  const bool same = !numpy::kHostIsBigEndian;
  if (same) {
    CHECK(pickle::hex_of(Bytes(contents(scratch.path()))) ==
          pickle::hex_of(Bytes(raw(kExample))));
  }
  const Reading reading(*store);
  CHECK(reading.dead_bytes() == 0);
  const Loaded loaded = reading.load(reading.require("a"));
  CHECK(loaded.portable);
  CHECK(loaded.array.data - loaded.mapping->data() == 192);
  const auto listings = list_entries(reading, true);
  REQUIRE(listings.size() == 3);
  CHECK(listings[1].padding);
  CHECK_FALSE(listings[1].live);
  CHECK(listings[2].bytes == 55u + (same ? 207 : 199));
}

TEST_CASE("an output knows where entry and state will be, wherever it begins") {
  for (std::uint64_t origin = 24; origin < 24 + 130; ++origin) {
    for (const numpy::StoredValue& stored_value :
         {integer_value(7), doubles_value({1, 2}), nested_value({1, 2}),
          text_value("x")}) {
      Output output(origin);
      const NewEntry entry = write_entry(output, "key", stored_value);
      CHECK(entry.at == origin + entry.padding);
      CHECK(output.at() == entry.at + entry.length);
      CHECK(entry.state_at == output.at() - 2);
      std::string file(origin, '\0');
      output.visit([&](std::uint64_t at, const auto& piece) {
        CHECK(at == file.size());
        if constexpr (std::is_same_v<std::decay_t<decltype(piece)>, Bytes>) {
          file += piece.text();
        } else {
          file += piece.in_memory().text();
        }
      });
      Frame frame;
      const char* problem = nullptr;
      CHECK(parse_frame(Bytes(file), entry.at, frame, &problem) == FrameStatus::entry);
      CHECK(frame.state == kDead);
      CHECK(frame.end() == file.size());
    }
  }
}

TEST_CASE("R metadata ride behind the value, and come back") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  const auto with_metadata = [](numpy::StoredValue stored_value) {
    stored_value.metadata = stored_value.tree.container(
        pickle::Tag::dict,
        {stored_value.tree.text("class"), stored_value.tree.text("thing")});
    return stored_value;
  };
  put(*store, "n", with_metadata(integer_value(1)));
  put(*store, "a", with_metadata(doubles_value({1, 2})));
  put(*store, "d", with_metadata(nested_value({1, 2})));
  const Reading reading(*store);
  for (const std::string& key : {std::string("n"), std::string("a"), std::string("d")}) {
    const Loaded loaded = reading.load(reading.require(key));
    REQUIRE(loaded.metadata != pickle::kNoId);
    CHECK(pickle::Dump(loaded.tree)(loaded.metadata) == "{s636c617373:s7468696e67}");
    CHECK(loaded.is_array == (key == "a"));
  }
}

TEST_CASE("opcodes stand for a value byte for byte, in front of its metadata") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  const std::string opcodes =
      "]q\x07(K\x05h\x07"
      "e";
  numpy::StoredValue stored_value = integer_value(1);
  stored_value.opcodes = Bytes(opcodes);
  stored_value.memo = 8;
  const pickle::Id twice = stored_value.tree.text("twice");
  stored_value.metadata = stored_value.tree.container(pickle::Tag::dict, {twice, twice});
  put(*store, "k", stored_value);
  const Reading reading(*store);
  const Loaded loaded = reading.load(reading.require("k"));
  CHECK(loaded.opcodes.text() == opcodes);
  CHECK(pickle::Dump(loaded.tree)(loaded.metadata) == "{s7477696365:s7477696365}");
  // The value uses slots up to 7, the metadata slot 8.
  const Image image = reading.image();
  const std::string file(image.bytes(0, image.size()).text());
  const std::size_t tail = file.size() - kTerminatorSize - kTailSize;
  CHECK(file[tail] == 'J');
  CHECK(file[tail + 1] == 9);
}

}  // namespace
}  // namespace mmappickle::store
