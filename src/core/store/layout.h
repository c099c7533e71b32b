// The parts of the file by their bytes: header, entry, terminator (FORMAT vignette).
#pragma once

#include <string_view>

#include "../base/image.h"

namespace mmappickle::store {

constexpr std::uint64_t kHeaderSize = 24;
constexpr std::uint64_t kNumberOffset = 18;  // of the commit number, int32
constexpr std::uint64_t kTerminatorSize = 11;
constexpr std::int32_t kVersion = 1;
constexpr std::uint64_t kMaxKeySize = 255;
constexpr std::uint64_t kFrameHead = 9;  // FRAME and its length
// The tail of an entry: BININT memo max, POP, state, POP.
constexpr std::uint64_t kTailSize = 8;
// FRAME, length, SHORT_BINUNICODE, key's size: what overwrites a terminator.
constexpr std::uint64_t kEntryHead = 11;
constexpr std::uint8_t kLive = 0x88;   // NEWTRUE
constexpr std::uint8_t kDead = 0x30;   // POP
constexpr std::uint64_t kPage = 4096;  // a write inside one page is never torn

extern const std::string_view kTerminator;  // FRAME 2, DICT, STOP
// A whole dead entry whose first 11 bytes differ from the terminator's in two single
// bytes, each harmless alone: goes first where these 11 bytes lie in two pages.
extern const std::string_view kBridge;

// The 11 bytes over a terminator must not be torn; inside one page they never are.
inline bool crosses_page(std::uint64_t terminator) {
  return terminator % kPage > kPage - kTerminatorSize;
}

// A frame that was found whole. Offsets are the file's.
struct Frame {
  std::uint64_t at = 0;      // of its FRAME opcode
  std::uint64_t length = 0;  // whole, with the 9 bytes of its head
  std::uint8_t key_size = 0;
  std::uint8_t state = kDead;
  std::uint8_t array_head = 0;  // size of the array's head that the value begins with
  std::uint64_t end() const { return at + length; }
  std::uint64_t key() const { return at + kEntryHead; }
  std::uint64_t value() const { return key() + key_size; }
  std::uint64_t value_size() const { return length - kEntryHead - key_size - kTailSize; }
  std::uint64_t state_at() const { return end() - 2; }
  // From the key's opcode up to memo max: what readers of values take.
  std::uint64_t body() const { return at + kFrameHead; }
  std::uint64_t body_size() const { return length - kFrameHead - kTailSize; }
};

enum class FrameStatus {
  entry,       // a whole entry
  terminator,  // the terminator stands here
  torn,        // a half-written terminator: FRAME n 64 2e, or FRAME 2 and a bridge
  broken,      // neither: `problem` says why
  end,         // the file ends here, without terminator
};
// True if an entry's tail, live or dead, stands at the front of `bytes`.
bool is_tail(const Image& bytes);

// True if `frame`, which was found whole, still stands in the file: with the length and
// the key that it had. Its state is as it is now.
bool still_stands(const Image& file, Frame& frame, std::string_view key);

// What stands at `at` of the whole file.
FrameStatus parse_frame(const Image& file, std::uint64_t at, Frame& frame,
                        const char** problem);

// each(frame) of the entries from the header on, as far as they are whole.
template <class Each>
void each_entry(const Image& file, Each&& each) {
  Frame frame;
  const char* problem = nullptr;
  for (std::uint64_t at = kHeaderSize;
       parse_frame(file, at, frame, &problem) == FrameStatus::entry; at = frame.end()) {
    each(frame);
  }
}

// Error of kind format if the first 24 bytes are no header of version 1: not a pickle, a
// pickle that is no mmapdict (hint: convert_pickle), another version, truncated.
void check_header(const Image& file);
bool has_header(const Image& file);  // false: there is such an error
std::int32_t commit_number(const Image& file);
// After 2^31 - 1 comes 0; negative numbers go on.
std::int32_t next_number(std::int32_t number);
// Header with number 0 and terminator: a new file.
std::string_view empty_file();

}  // namespace mmappickle::store
