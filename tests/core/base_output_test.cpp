#include <doctest/doctest.h>

#include <random>

#include "base/error.h"
#include "base/output.h"
#include "owned_source.h"

using namespace mmappickle;

namespace {

struct Seen {
  std::string bytes;  // what the file would hold from the origin on
  int runs = 0, payloads = 0;
  bool in_order = true;
};

Seen look(const Output& output) {
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
  output.visit(Visitor{seen, output.origin()});
  return seen;
}

TEST_CASE("output: is copied whole, sources and all") {
  Output output(1000);
  output.put("head");
  output.put(
      std::shared_ptr<const Source>(memory_source(Bytes(std::string_view("SOURCE")))));
  output.put_zeros(2);
  output.put("tail");
  std::string copy(output.size(), '?');
  output.copy_to(reinterpret_cast<std::uint8_t*>(&copy[0]));
  CHECK(copy == std::string("headSOURCE\0\0tail", 16));
  Output(5).copy_to(nullptr);
}

}  // namespace

TEST_CASE("consecutive small puts are one piece") {
  Output output(100);
  output.put(std::uint8_t{0x95});
  output.put_le(0x0102, 8);
  output.put("key");
  output.put_zeros(2);
  output.put(Bytes("x"));
  CHECK(output.at() == 115);
  CHECK(output.size() == 15);
  const Seen seen = look(output);
  CHECK(seen.bytes == std::string("\x95\x02\x01\0\0\0\0\0\0key\0\0x", 15));
  CHECK(seen.runs == 1);
  CHECK(seen.in_order);
}

TEST_CASE("payloads stand between buffered runs, and are not read before the visit") {
  std::string payload = "....";
  Output output(7);
  output.put(memory_source(Bytes(payload)));
  output.put("ab");
  output.put("cd");
  output.put(memory_source(Bytes(payload)));
  output.put(hole_source(3));
  output.put("e");
  payload = "DATA";
  const Seen seen = look(output);
  CHECK(seen.bytes == std::string("DATAabcdDATA\0\0\0e", 16));
  CHECK(seen.runs == 2);
  CHECK(seen.payloads == 3);
  CHECK(seen.in_order);
  CHECK(output.at() == 7 + 16);
}

TEST_CASE("nothing put is no piece") {
  Output output(0);
  output.put("");
  output.put_zeros(0);
  output.put(hole_source(0));
  CHECK(output.size() == 0);
  CHECK(look(output).in_order);
  CHECK(look(output).runs + look(output).payloads == 0);
}

TEST_CASE("patch reaches buffered bytes of every piece, and nothing else") {
  Output output(1000);
  output.put("aaaa");
  output.put(hole_source(4));
  output.put("bbbbbbbb");
  output.patch(1000, 0x31, 1);
  output.patch(1002, 0x3332, 2);
  output.patch(1008, 0x3837363534333231, 8);
  CHECK(look(output).bytes == std::string("1a23\0\0\0\0"
                                          "12345678",
                                          16));
  for (std::uint64_t at : {999, 1001, 1004, 1007, 1009, 1016, 5000}) {
    CAPTURE(at);
    CHECK_THROWS_AS(output.patch(at, 0, 8), Error);
  }
  CHECK_THROWS_AS(output.patch(1005, 0, 1), Error);  // in the hole
  CHECK_THROWS_AS(Output(0).patch(0, 0, 1), Error);
}

TEST_CASE("an output that leaves the range of offsets is refused") {
  Output output(UINT64_MAX - 8);
  output.put(hole_source(8));
  CHECK_THROWS_AS(output.put("x"), Error);
  CHECK_THROWS_AS(output.put_zeros(1), Error);
  CHECK_THROWS_AS(output.put(hole_source(1)), Error);
  CHECK(output.size() == 8);
}

TEST_CASE("any order of puts gives the bytes put, each at the place that at() told") {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    Output output(random() % 100000);
    std::string expected;
    for (int i = 0; i < 40; ++i) {
      CHECK(output.at() == output.origin() + expected.size());
      const std::string part(random() % 30, static_cast<char>('a' + i % 26));
      switch (random() % 4) {
        case 0:
          output.put(part);
          break;
        case 1:
          output.put(owned_source(Bytes(part)));
          break;
        case 2:
          output.put(Bytes(part));
          break;
        default:
          output.put_zeros(part.size());
          expected += std::string(part.size(), '\0');
          continue;
      }
      expected += part;
    }
    const Seen seen = look(output);
    CHECK(seen.in_order);
    CHECK(seen.bytes == expected);
  }
}
