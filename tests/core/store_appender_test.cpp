#include <doctest/doctest.h>

#include <random>

#include "os/file_source.h"
#include "scratch.h"
#include "store/appender.h"

namespace mmappickle::store {
namespace {

constexpr std::uint64_t kBlock = 1 << 16;

// Data in some blocks, zeros in the others; it tells of these only.
class Patchy : public Source {
 public:
  Patchy(std::vector<bool> blocks, std::uint64_t rest, bool in_memory)
      : blocks_(std::move(blocks)), in_memory_(in_memory) {
    bytes_.resize(blocks_.size() * kBlock + rest, 0);
    for (std::size_t i = 0; i < bytes_.size(); ++i) {
      const bool data = i / kBlock >= blocks_.size() || blocks_[i / kBlock];
      if (data) bytes_[i] = static_cast<std::uint8_t>(i * 31 + i / 251);
    }
  }
  std::uint64_t size() const override { return bytes_.size(); }
  Bytes in_memory() const override {
    return in_memory_ ? Bytes(bytes_.data(), bytes_.size()) : Bytes();
  }
  void read(std::uint64_t offset, std::uint8_t* to, std::uint64_t n) const override {
    if (n != 0) std::memcpy(to, bytes_.data() + offset, n);
  }
  Range next_data(std::uint64_t from) const override {
    const auto has = [&](std::uint64_t at) {
      return at / kBlock >= blocks_.size() || blocks_[at / kBlock];
    };
    std::uint64_t begin = from;
    while (begin < size() && !has(begin)) begin = (begin / kBlock + 1) * kBlock;
    begin = std::min(begin, size());
    std::uint64_t end = begin;
    while (end < size() && has(end)) end = (end / kBlock + 1) * kBlock;
    return {begin, std::min(end, size())};
  }
  std::string text() const { return std::string(bytes_.begin(), bytes_.end()); }

 private:
  std::vector<bool> blocks_;
  bool in_memory_;
  std::vector<std::uint8_t> bytes_;
};

TEST_CASE("appender: sources with holes are written as they read") {
  std::mt19937 random(7);
  for (int round = 0; round < 40; ++round) {
    std::vector<bool> blocks(random() % 12);
    for (std::size_t i = 0; i < blocks.size(); ++i) blocks[i] = random() % 3 == 0;
    const Patchy source(blocks, random() % 2 ? random() % kBlock : 0, round % 2 == 0);
    const test::Scratch scratch;
    os::File file = os::File::open(scratch.path(), os::Access::create_new);
    const std::function<void()> poll;
    Appender out(file, 0, poll);
    out.put(Bytes("head"));
    out.put(source);
    CHECK(out.at() == 4 + source.size());
    out.put(Bytes("tail"));
    out.flush();
    CHECK(test::contents(scratch.path()) == "head" + source.text() + "tail");
  }
}

TEST_CASE("appender: large writes end at multiples of what the page cache has in one") {
  constexpr std::uint64_t kPiece = 2 << 20;
  constexpr std::size_t kBlocks = 80;  // 5 MB
  for (const bool in_memory : {true, false}) {
    const test::Scratch scratch;
    os::FaultySystemCalls system;
    system.keep_bytes = false;
    os::File file = os::File::open(scratch.path(), os::Access::create_new, system);
    const std::function<void()> poll;
    Appender out(file, 0, poll);
    out.put(Bytes("head"));
    out.put(Patchy(std::vector<bool>(kBlocks, true), 100, in_memory));
    out.flush();
    int large = 0;
    for (const auto& call : system.log) {
      const std::uint64_t end = call.offset + call.size;
      large += call.size >= kPiece;
      CHECK((call.size < kPiece || end % kPiece == 0 || end == out.at()));
    }
    CHECK(large >= 1);
  }
}

TEST_CASE("appender: what the system does not copy by itself is read and written") {
  std::mt19937 random(3);
  std::string bytes(300000, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  int copied = 0, refused = 0;
  for (const bool mapped : {true, false}) {
    for (std::uint64_t fail_at = 0; fail_at < 4; ++fail_at) {
      for (const char* error : {"EXDEV", "EIO", ""}) {  // "": cut short
        const test::Scratch scratch;
        const auto from = std::make_shared<os::File>(
            os::File::open(scratch.file(bytes, "from"), os::Access::read));
        os::FaultySystemCalls system;
        os::File file = os::File::open(scratch.path(), os::Access::create_new, system);
        system.calls = 0;
        system.fail_at = fail_at;
        system.error = error;
        const std::function<void()> poll;
        Appender out(file, 0, poll, 5);
        try {
          out.put(Bytes(std::string_view("12345")));
          const Bytes all = Bytes(bytes).from(7);
          out.put(mapped ? *os::mapped_source(from, 7, all)
                         : *os::file_source(from, 7, all.size));
          out.put(Bytes(std::string_view("end")));
          out.flush();
        } catch (const Error&) {  // a write failed, not a copy
          ++refused;
          continue;
        }
        ++copied;
        system.fail_at = 0;
        file.write_at(0, out.kept());
        CHECK(test::contents(scratch.path()) == "12345" + bytes.substr(7) + "end");
      }
    }
  }
  CHECK(copied > refused);
}

}  // namespace
}  // namespace mmappickle::store
