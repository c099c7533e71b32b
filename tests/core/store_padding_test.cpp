#include <doctest/doctest.h>

#include "../../src/core/store/fsck.h"
#include "../../src/core/store/padding.h"
#include "store_testing.h"

namespace mmappickle::store {
namespace {

std::string bytes_of(const Output& output) {
  std::string bytes;
  output.visit([&](std::uint64_t, const auto& piece) {
    if constexpr (std::is_same_v<std::decay_t<decltype(piece)>, Bytes>)
      bytes += piece.text();
  });
  return bytes;
}

TEST_CASE("a filler reaches every remainder from everywhere, and is known again") {
  for (std::uint64_t origin = 24; origin < 24 + 64; ++origin) {
    for (std::uint64_t remainder = 0; remainder < 64; ++remainder) {
      Output output(origin);
      write_filler(output, remainder);
      CHECK(output.at() % 64 == remainder);
      CHECK(output.size() < 64 + 23);
      if (output.size() == 0) continue;
      const std::string live = entry_bytes("k", "N");
      const std::string file =
          std::string(origin, 'x') + bytes_of(output) + live + terminator_bytes();
      Frame frame, next;
      const char* problem = nullptr;
      REQUIRE(parse_frame(Bytes(file), origin, frame, &problem) == FrameStatus::entry);
      CHECK(frame.end() == output.at());
      Padding padding;
      REQUIRE(is_padding(Bytes(file), frame, padding));
      REQUIRE(parse_frame(Bytes(file), frame.end(), next, &problem) ==
              FrameStatus::entry);
      CHECK(belongs(Bytes(file), padding, next));
      CHECK_FALSE(is_padding(Bytes(file), next, padding));
    }
  }
}

TEST_CASE("other dead entries are no padding") {
  for (const std::string& value : {std::string("K\x05"),
                                   raw("C\x02\0\0"
                                       "0"),
                                   raw("NC\x02\0\x01"
                                       "0"),
                                   raw("NC\x02\0\0"
                                       "N"),
                                   raw("NC\x03\0\0"
                                       "0"),
                                   std::string("NN"), raw("N\x8e\x52\0\0\0\0\0\0")}) {
    const std::string file = header_bytes() + entry_bytes("", value, false) +
                             entry_bytes("k", "N") + terminator_bytes();
    Frame frame;
    const char* problem = nullptr;
    REQUIRE(parse_frame(Bytes(file), 24, frame, &problem) == FrameStatus::entry);
    Padding padding;
    CHECK_FALSE(is_padding(Bytes(file), frame, padding));
  }
}

TEST_CASE("a padding that swallows nothing is none: pickle would have a key too many") {
  const std::string inside = raw("\x8c\0N\x8e\0\0\0\0\0\0\0\0");
  const std::string file = header_bytes() + entry_bytes("n", "K\x05") + "\x95" +
                           pickle::le(inside.size(), 8) + inside + terminator_bytes();
  const Scratch scratch;
  const std::string path = scratch.file(file);
  CHECK(values_of(path) == Values{{"n", "i5"}});
  CHECK(fsck(path, false, Options{}).findings.size() == 1);
}

TEST_CASE("a padding belongs to the entry it was made for only") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  put(*store, "a", doubles_value({1}));
  std::string file = contents(scratch.path());
  Frame padding_frame, frame;
  const char* problem = nullptr;
  REQUIRE(parse_frame(Bytes(file), 24, padding_frame, &problem) == FrameStatus::entry);
  REQUIRE(parse_frame(Bytes(file), padding_frame.end(), frame, &problem) ==
          FrameStatus::entry);
  Padding padding;
  REQUIRE(is_padding(Bytes(file), padding_frame, padding));
  CHECK(padding.swallowed == 82);
  CHECK(belongs(Bytes(file), padding, frame));
  padding.swallowed = 83;
  CHECK_FALSE(belongs(Bytes(file), padding, frame));
  padding.swallowed = 82;
  padding.at += 1;
  CHECK_FALSE(belongs(Bytes(file), padding, frame));
  // Deleted, both are dead.
  erase(*store, "a");
  CHECK(Reading(*store).dead_bytes() == contents(scratch.path()).size() - 35);
  const auto other = Store::open(scratch.path(), readonly_options());
  CHECK(Reading(*other).dead_bytes() == Reading(*store).dead_bytes());
}

}  // namespace
}  // namespace mmappickle::store
