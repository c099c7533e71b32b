#include "layout.h"

#include <algorithm>
#include <climits>
#include <cstring>
#include <string>

#include "../base/error.h"
#include "../files/signature.h"
#include "../numpy/array_form.h"
#include "../pickle/opcodes.h"

namespace mmappickle::store {

namespace op = pickle::op;

namespace {

constexpr char kEmptyFile[] =
    "\x80\x04\x95\x0d\0\0\0\0\0\0\0\x4a\x01\0\0\0\x30\x4a\0\0\0\0\x30\x28"
    "\x95\x02\0\0\0\0\0\0\0\x64\x2e";
constexpr std::uint64_t kVersionOffset = 12;

// The smallest frame of an entry, without its head: key's opcode and size, tail.
constexpr std::uint64_t kSmallestFrame = 2 + kTailSize;

constexpr char kBridgeBytes[] =
    "\x95\x39\0\0\0\0\0\0\0\x8c\x2e"
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    "\x4e\x4a\0\0\0\0\x30\x30\x30";

// A frame whose length is damaged may end where a later entry ends, and hide all between.
// It is found out by a whole tail, with another FRAME behind it, among the first opcodes
// of the value (in an array of any size: what follows its data). The limit keeps the walk
// over the frames independent of the values' sizes. What is short is searched for a FRAME
// first: most values, and what follows an array's data, have none.
bool hides_entries(const Image& whole, std::uint64_t array_head) {
  constexpr int kOpcodes = 64;
  constexpr std::uint64_t kShort = 1024;
  Image value = whole.from(array_head);
  bool searched = false;
  for (int i = 0; i < kOpcodes && value.size() > kTailSize; ++i) {
    if (!searched && value.size() <= kShort) {
      const std::uint64_t n = value.size() - kTailSize;
      if (std::memchr(value.bytes(kTailSize, n).data, op::FRAME, n) == nullptr) {
        return false;
      }
      searched = true;
    }
    if (is_tail(value) && value[8] == op::FRAME) return true;
    op::Instruction next;
    if (!op::read_instruction(value, next)) return false;
    value = value.from(next.size());
  }
  return false;
}

// The first byte that no header has there, or the file's end; kHeaderSize: none.
std::uint64_t first_odd(const Image& file) {
  const Bytes model(empty_file());
  for (std::uint64_t i = 0; i < kHeaderSize; ++i) {
    const bool variable = (i >= kVersionOffset && i < kVersionOffset + 4) ||
                          (i >= kNumberOffset && i < kNumberOffset + 4);
    if (i == file.size() || (!variable && file[i] != model[i])) return i;
  }
  return kHeaderSize;
}

std::int32_t version_of(const Image& file) {
  return load_i32(file.bytes(kVersionOffset, 4).data);
}

bool looks_like_pickle(const Image& file) {
  if (file.size() >= 2 && file[0] == op::PROTO && file[1] <= 5) return true;
  // Protocols 0 and 1 have no mark at the front: an opcode that builds, and STOP.
  return file.size() >= 2 && file[file.size() - 1] == op::STOP &&
         std::string_view("()]}cdltINVSTUXFGJKM").find(static_cast<char>(file[0])) !=
             std::string_view::npos;
}

}  // namespace

const std::string_view kTerminator(kEmptyFile + kHeaderSize, kTerminatorSize);
const std::string_view kBridge(kBridgeBytes, sizeof kBridgeBytes - 1);

std::string_view empty_file() {
  return std::string_view(kEmptyFile, kHeaderSize + kTerminatorSize);
}

bool is_tail(const Image& bytes) {
  if (bytes.size() < kTailSize || bytes[0] != op::BININT) return false;
  const Bytes tail = bytes.bytes(0, kTailSize);
  return tail[5] == op::POP && (tail[6] == kLive || tail[6] == kDead) &&
         tail[7] == op::POP;
}

bool still_stands(const Image& file, Frame& frame, std::string_view key) {
  if (!file.holds(frame.at, frame.length)) return false;
  const Bytes head = file.bytes(frame.at, kEntryHead + key.size());
  frame.state = file[frame.state_at()];
  return head[0] == op::FRAME && load_u64(head.data + 1) == frame.length - kFrameHead &&
         head[9] == op::SHORT_BINUNICODE && head[10] == key.size() &&
         head.from(kEntryHead).text() == key;
}

FrameStatus parse_frame(const Image& file, std::uint64_t at, Frame& frame,
                        const char** problem) {
  *problem = "";
  if (at >= file.size()) return FrameStatus::end;
  const Image all = file.from(at);
  const auto broken = [problem](const char* why) {
    *problem = why;
    return FrameStatus::broken;
  };
  if (all[0] != op::FRAME) return broken("no FRAME stands where an entry should begin");
  if (all.size() < kEntryHead) return broken("the file ends inside the head of an entry");

  static_assert(kEntryHead == kTerminatorSize, "one takes the place of the other");
  const Bytes rest = all.bytes(0, kEntryHead);
  if (rest[9] == op::DICT && rest.starts_with(kTerminator))
    return FrameStatus::terminator;
  const std::uint64_t n = load_u64(rest.data + 1);
  const bool inside = all.holds(kFrameHead, n);
  // pickle stops at DICT STOP, whatever the frame before says.
  if (rest[9] == op::DICT && rest[10] == op::STOP) {
    if (inside && n > kSmallestFrame) return FrameStatus::torn;
    return broken("the terminator is damaged");
  }
  if (rest[9] != op::SHORT_BINUNICODE) {
    return broken("an entry does not begin with its key");
  }
  if (n == 2 && rest[10] == op::STOP &&
      all.from(kEntryHead).starts_with(kBridge.substr(kEntryHead))) {
    return FrameStatus::torn;
  }
  if (!inside) return broken("an entry is longer than the file");
  if (n < kSmallestFrame || rest[10] > n - kSmallestFrame) {
    return broken("a key is longer than its entry");
  }
  frame.at = at;
  frame.length = kFrameHead + n;
  frame.key_size = rest[10];
  frame.state = file[frame.state_at()];
  const Image value = file.slice(frame.value(), frame.end() - frame.value());
  frame.array_head = static_cast<std::uint8_t>(
      numpy::array_head(value.slice(0, value.size() - kTailSize)));
  if (hides_entries(value, frame.array_head)) {
    return broken("an entry is longer than its value, and hides the next one");
  }
  return FrameStatus::entry;
}

bool has_header(const Image& file) {
  return first_odd(file) == kHeaderSize && version_of(file) == kVersion;
}

void check_header(const Image& file) {
  const auto fail = [](const std::string& message, const std::string& hint) {
    throw Error(ErrorKind::format, message, hint, 0);
  };
  if (file.size() == 0) {
    fail("the file is empty",
         "Only a handle that may write and create makes an mmapdict of it.");
  }
  const std::uint64_t odd = first_odd(file);
  if (odd < kHeaderSize) {
    if (odd == file.size()) {
      fail("the file ends inside the header of an mmapdict",
           "Nothing is left that could be read.");
    }
    if (looks_like_pickle(file)) {
      fail("the file is a pickle, but not an mmapdict",
           "convert_pickle() makes an mmapdict of a pickled dict.");
    }
    throw files::not_that(
        file.bytes(0, std::min(file.size(), files::kSignatureSize)), "an mmapdict",
        Error(ErrorKind::format, "the file is neither an mmapdict nor a pickle",
              "Is this the right file?", 0));
  }
  const std::int32_t version = version_of(file);
  if (version != kVersion) {
    fail("the file has version " + std::to_string(version) + " of the mmapdict format",
         "This package reads version " + std::to_string(kVersion) + ".");
  }
}

std::int32_t commit_number(const Image& file) {
  return load_i32(file.bytes(kNumberOffset, 4).data);
}

std::int32_t next_number(std::int32_t number) {
  return number == INT32_MAX ? 0 : number + 1;
}

}  // namespace mmappickle::store
