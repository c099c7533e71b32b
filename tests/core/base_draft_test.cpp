#include <doctest/doctest.h>

#include <random>

#include "base/draft.h"
#include "base/error.h"
#include "owned_source.h"

using namespace mmappickle;

namespace {

struct Seen {
  std::string bytes;  // what the file would hold from the origin on
  int runs = 0, payloads = 0;
  bool in_order = true;
};

Seen look(const Draft& draft) {
  struct Visitor {
    Seen& seen;
    std::uint64_t next;
    void place(std::uint64_t at, std::uint64_t size) {
      seen.in_order = seen.in_order && at == next && size > 0;
      next = at + size;
    }
    void operator()(std::uint64_t at, Bytes run) {
      place(at, run.size);
      seen.bytes += run.text();
      ++seen.runs;
    }
    void operator()(std::uint64_t at, const Source& source) {
      place(at, source.size());
      std::string bytes(source.size(), '?');
      source.read(0, reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size());
      seen.bytes += bytes;
      ++seen.payloads;
    }
  };
  Seen seen;
  draft.visit(Visitor{seen, draft.origin()});
  return seen;
}

TEST_CASE("draft: is copied whole, sources and all") {
  Draft draft(1000);
  draft.put("head");
  draft.put(
      std::shared_ptr<const Source>(memory_source(Bytes(std::string_view("SOURCE")))));
  draft.put_zeros(2);
  draft.put("tail");
  std::string copy(draft.size(), '?');
  draft.copy_to(reinterpret_cast<std::uint8_t*>(&copy[0]));
  CHECK(copy == std::string("headSOURCE\0\0tail", 16));
  Draft(5).copy_to(nullptr);
}

}  // namespace

TEST_CASE("consecutive small puts are one piece") {
  Draft draft(100);
  draft.put(std::uint8_t{0x95});
  draft.put_le(0x0102, 8);
  draft.put("key");
  draft.put_zeros(2);
  draft.put(Bytes("x"));
  CHECK(draft.at() == 115);
  CHECK(draft.size() == 15);
  const Seen seen = look(draft);
  CHECK(seen.bytes == std::string("\x95\x02\x01\0\0\0\0\0\0key\0\0x", 15));
  CHECK(seen.runs == 1);
  CHECK(seen.in_order);
}

TEST_CASE("payloads stand between buffered runs, and are not read before the visit") {
  std::string payload = "....";
  Draft draft(7);
  draft.put(memory_source(Bytes(payload)));
  draft.put("ab");
  draft.put("cd");
  draft.put(memory_source(Bytes(payload)));
  draft.put(hole_source(3));
  draft.put("e");
  payload = "DATA";
  const Seen seen = look(draft);
  CHECK(seen.bytes == std::string("DATAabcdDATA\0\0\0e", 16));
  CHECK(seen.runs == 2);
  CHECK(seen.payloads == 3);
  CHECK(seen.in_order);
  CHECK(draft.at() == 7 + 16);
}

TEST_CASE("nothing put is no piece") {
  Draft draft(0);
  draft.put("");
  draft.put_zeros(0);
  draft.put(hole_source(0));
  CHECK(draft.size() == 0);
  CHECK(look(draft).in_order);
  CHECK(look(draft).runs + look(draft).payloads == 0);
}

TEST_CASE("patch reaches buffered bytes of every piece, and nothing else") {
  Draft draft(1000);
  draft.put("aaaa");
  draft.put(hole_source(4));
  draft.put("bbbbbbbb");
  draft.patch(1000, 0x31, 1);
  draft.patch(1002, 0x3332, 2);
  draft.patch(1008, 0x3837363534333231, 8);
  CHECK(look(draft).bytes == std::string("1a23\0\0\0\0"
                                         "12345678",
                                         16));
  for (std::uint64_t at : {999, 1001, 1004, 1007, 1009, 1016, 5000}) {
    CAPTURE(at);
    CHECK_THROWS_AS(draft.patch(at, 0, 8), Error);
  }
  CHECK_THROWS_AS(draft.patch(1005, 0, 1), Error);  // in the hole
  CHECK_THROWS_AS(Draft(0).patch(0, 0, 1), Error);
}

TEST_CASE("a draft that leaves the range of offsets is refused") {
  Draft draft(UINT64_MAX - 8);
  draft.put(hole_source(8));
  CHECK_THROWS_AS(draft.put("x"), Error);
  CHECK_THROWS_AS(draft.put_zeros(1), Error);
  CHECK_THROWS_AS(draft.put(hole_source(1)), Error);
  CHECK(draft.size() == 8);
}

TEST_CASE("any order of puts gives the bytes put, each at the place that at() told") {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    Draft draft(random() % 100000);
    std::string expected;
    for (int i = 0; i < 40; ++i) {
      CHECK(draft.at() == draft.origin() + expected.size());
      const std::string part(random() % 30, static_cast<char>('a' + i % 26));
      switch (random() % 4) {
        case 0:
          draft.put(part);
          break;
        case 1:
          draft.put(owned_source(Bytes(part)));
          break;
        case 2:
          draft.put(Bytes(part));
          break;
        default:
          draft.put_zeros(part.size());
          expected += std::string(part.size(), '\0');
          continue;
      }
      expected += part;
    }
    const Seen seen = look(draft);
    CHECK(seen.in_order);
    CHECK(seen.bytes == expected);
  }
}
