#include <doctest/doctest.h>

#include "../../src/core/store/layout.h"
#include "store_testing.h"

namespace mmappickle::store {
namespace {

std::string problem_at(const std::string& file, std::uint64_t at, FrameStatus expected) {
  Frame frame;
  const char* problem = nullptr;
  CHECK(static_cast<int>(parse_frame(Bytes(file), at, frame, &problem)) ==
        static_cast<int>(expected));
  return problem;
}

Error header_error(const std::string& file) {
  return error_of([&] { check_header(Bytes(file)); });
}

TEST_CASE("an empty file is the Python library's") {
  CHECK(empty_file() == raw("\x80\x04\x95\x0d\0\0\0\0\0\0\0J\x01\0\0\0"
                            "0J\0\0\0\0"
                            "0(\x95\x02\0\0\0\0\0\0\0d."));
  CHECK_NOTHROW(check_header(Bytes(empty_file())));
  CHECK(commit_number(Bytes(empty_file())) == 0);
  problem_at(std::string(empty_file()), 24, FrameStatus::terminator);
}

TEST_CASE("the parts of an entry") {
  const std::string file =
      header_bytes() + entry_bytes("key", "K\x05") + terminator_bytes();
  Frame frame;
  const char* problem = nullptr;
  REQUIRE(parse_frame(Bytes(file), 24, frame, &problem) == FrameStatus::entry);
  CHECK(frame.at == 24);
  CHECK(frame.length == 11 + 3 + 2 + 8);
  CHECK(frame.key() == 35);
  CHECK(frame.value() == 38);
  CHECK(frame.value_size() == 2);
  CHECK(frame.state_at() == frame.end() - 2);
  CHECK(frame.state == kLive);
  CHECK(file.substr(frame.body(), frame.body_size()) == "\x8c\x03keyK\x05");
  problem_at(file, frame.end(), FrameStatus::terminator);
  problem_at(file, file.size(), FrameStatus::end);
}

TEST_CASE("frames that are no entries are broken, whatever their length claims") {
  const std::string good =
      header_bytes() + entry_bytes("key", "K\x05") + terminator_bytes();
  for (const std::uint64_t n :
       std::vector<std::uint64_t>{0, 1, 2, 9, 12, 40, 1u << 20, std::uint64_t{1} << 63,
                                  UINT64_MAX, UINT64_MAX - 8, UINT64_MAX - 23}) {
    std::string file = good;
    file.replace(25, 8, pickle::le(n, 8));
    CAPTURE(n);
    CHECK(problem_at(file, 24, FrameStatus::broken) != "");
  }
  std::string file = good;
  file[24] = '\x94';
  CHECK(problem_at(file, 24, FrameStatus::broken).find("FRAME") != std::string::npos);
  file = good;
  file[33] = 'X';
  CHECK(problem_at(file, 24, FrameStatus::broken).find("key") != std::string::npos);
  file = good;
  file[34] = '\xff';
  CHECK(problem_at(file, 24, FrameStatus::broken).find("key") != std::string::npos);
  for (std::size_t size = 25; size < 48; ++size) {
    problem_at(good.substr(0, size), 24, FrameStatus::broken);
  }
}

TEST_CASE("a frame that hides the next entry is broken") {
  for (const std::string& value : std::vector<std::string>{"K\x05",
                                                           raw("]q\0(K\x01K\x02"
                                                               "e"),
                                                           "\x8c\x02hi", "G12345678"}) {
    const std::string first = entry_bytes("a", value), second = entry_bytes("b", "N");
    std::string file = header_bytes() + first + second + terminator_bytes();
    problem_at(file, 24, FrameStatus::entry);
    file.replace(25, 8, pickle::le(first.size() + second.size() - 9, 8));
    CHECK(problem_at(file, 24, FrameStatus::broken).find("hides") != std::string::npos);
  }
  // Bytes that look like it inside a text do not count.
  const std::string text =
      raw("J\0\0\0\0"
          "0\x88"
          "0\x95");
  const std::string file =
      header_bytes() + entry_bytes("a", "\x8c\x09" + text) + terminator_bytes();
  problem_at(file, 24, FrameStatus::entry);
}

TEST_CASE("half-written terminators") {
  const std::string entry = entry_bytes("key", "K\x05", false);
  const std::string head = entry.substr(0, 9) + "d.", rest = entry.substr(11);
  problem_at(header_bytes() + head + rest + terminator_bytes(), 24, FrameStatus::torn);
  const std::string bridge(kBridge);
  CHECK(bridge.size() == 66);
  problem_at(header_bytes() + bridge + terminator_bytes(), 24, FrameStatus::entry);
  problem_at(header_bytes() + bridge.substr(0, 9) + "d." + bridge.substr(11) +
                 terminator_bytes(),
             24, FrameStatus::torn);
  problem_at(header_bytes() + terminator_bytes().substr(0, 9) + bridge.substr(9) +
                 terminator_bytes(),
             24, FrameStatus::torn);
  // Nothing stands behind these: they are damaged.
  for (const int n : {0, 1, 3, 11, 60}) {
    problem_at(header_bytes() + "\x95" + pickle::le(n, 8) + "d.", 24,
               FrameStatus::broken);
  }
}

TEST_CASE("headers of other files say what they are") {
  CHECK(header_error("").message.find("empty") != std::string::npos);
  for (std::size_t size = 1; size < kHeaderSize; ++size) {
    const Error error = header_error(header_bytes().substr(0, size));
    CHECK(error.kind == ErrorKind::format);
    CHECK(error.message.find("ends inside the header") != std::string::npos);
  }
  for (const std::string& pickled :
       {raw("\x80\x04}."), raw("\x80\x02}q\0."), std::string("(dp0\n."),
        std::string("I1\n."), raw("\x80\x04\x95\x03\0\0\0\0\0\0\0}\x94.")}) {
    const Error error = header_error(pickled);
    CHECK(error.message.find("is a pickle") != std::string::npos);
    CHECK(error.hint.find("convert_pickle") != std::string::npos);
  }
  CHECK(header_error("hello, world").message.find("text") != std::string::npos);
  std::string other(empty_file());
  other[12] = 2;
  CHECK(header_error(other).message.find("version 2 ") != std::string::npos);
  CHECK(header_error(other).hint.find("version 1") != std::string::npos);
}

TEST_CASE("commit numbers wrap as the format says") {
  CHECK(next_number(0) == 1);
  CHECK(next_number(INT32_MAX) == 0);
  CHECK(next_number(-1) == 0);
  CHECK(next_number(INT32_MIN) == INT32_MIN + 1);
}

}  // namespace
}  // namespace mmappickle::store
