#include "padding.h"

#include "../numpy/array_form.h"
#include "../pickle/opcodes.h"

namespace mmappickle::store {

namespace op = pickle::op;

namespace {

constexpr std::uint64_t kAlignment = 64;
// FRAME n 8c 00 NONE and the tail.
constexpr std::uint64_t kSmallestFiller = kEntryHead + 1 + kTailSize;
// From an entry's FRAME up to and with `A`, without its key: with the masked head (29
// bytes) before `A`, and without.
constexpr std::uint64_t kSwallowedMasked = kEntryHead + 29 + 70;
constexpr std::uint64_t kSwallowedPlain = kEntryHead + 70;

constexpr char kDeadTail[] = "\x4a\0\0\0\0\x30\x30\x30";
const std::string_view kFillerTail(kDeadTail, kTailSize);

bool is_filler(const Image& file, const Frame& frame) {
  constexpr std::uint64_t kLargest = 1 + 3 + 255 + kTailSize;
  if (frame.end() - frame.value() > kLargest) return false;
  const Bytes value = file.bytes(frame.value(), frame.end() - frame.value());
  if (value.size < 1 + kTailSize || value[0] != op::NONE) return false;
  const std::uint64_t filling = value.size - 1 - kTailSize;
  if (!value.from(1 + filling).starts_with(kFillerTail)) return false;
  if (filling == 0) return true;
  if (filling < 3 || value[1] != op::SHORT_BINBYTES || value[2] != filling - 3 ||
      value[filling] != op::POP) {
    return false;
  }
  for (std::uint64_t i = 3; i < filling; ++i) {
    if (value[i] != 0) return false;
  }
  return true;
}

}  // namespace

bool is_padding(const Image& file, const Frame& frame, Padding& padding) {
  if (frame.state == kLive || frame.key_size != 0) return false;
  std::uint64_t swallowed = 0;
  const Image inside = file.slice(frame.body(), frame.length - kFrameHead);
  // One that swallows nothing is none: its empty bytes would stand among the keys.
  if (!numpy::is_padding(inside, swallowed) || swallowed == 0) {
    swallowed = 0;
    if (!is_filler(file, frame)) return false;
  }
  padding = Padding{frame.at, frame.length, swallowed};
  return true;
}

bool belongs(const Image& file, const Padding& padding, const Frame& entry) {
  if (padding.length == 0 || padding.at + padding.length != entry.at) return false;
  const std::uint64_t n = padding.swallowed;
  if (n == 0) return true;  // a filler
  if (n != kSwallowedPlain + entry.key_size && n != kSwallowedMasked + entry.key_size) {
    return false;
  }
  return n < entry.length && file[entry.at + n] == op::BINBYTES8;
}

void write_filler(Output& output, std::uint64_t remainder) {
  std::uint64_t size = (remainder - output.at()) % kAlignment;
  if (size == 0) return;
  while (size < kSmallestFiller + 3 && size != kSmallestFiller) size += kAlignment;
  output.put(op::FRAME);
  output.put_le(size - kFrameHead, 8);
  pickle::put_text(output, {});
  output.put(op::NONE);
  if (size > kSmallestFiller) {
    const std::uint64_t zeros = size - kSmallestFiller - 3;
    pickle::put_bytes_head(output, zeros);
    output.put_zeros(zeros);
    output.put(op::POP);
  }
  output.put(kFillerTail);
}

}  // namespace mmappickle::store
