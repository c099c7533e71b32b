#include "salvage.h"

#include <vector>

#include "../base/error.h"
#include "../base/utf8.h"
#include "../pickle/opcodes.h"
#include "load.h"

namespace mmappickle::store {

namespace op = pickle::op;

namespace {

// Looks and bytes of values for each byte of the file.
constexpr std::uint64_t kLooks = 32;
constexpr std::uint64_t kBetweenPolls = 1 << 16;

bool ends_here(Bytes file, std::uint64_t at) {
  return at == file.size || file[at] == op::FRAME;
}

}  // namespace

Salvage::Salvage(Bytes file, const std::function<void()>& poll)
    : file_(file), poll_(poll), budget_(kLooks * file.size + kBetweenPolls) {}

bool Salvage::spend(std::uint64_t work) {
  if (work > budget_) {
    budget_ = 0;
    return false;
  }
  if (poll_ && budget_ / kBetweenPolls != (budget_ - work) / kBetweenPolls) poll_();
  budget_ -= work;
  return true;
}

bool Salvage::measure(std::uint64_t at, Frame& frame) {
  if (!file_.holds(at, kEntryHead) || file_[at] != op::FRAME ||
      file_[at + 9] != op::SHORT_BINUNICODE) {
    return false;
  }
  frame.at = at;
  frame.key_size = file_[at + 10];
  if (!file_.holds(at, kEntryHead + frame.key_size)) return false;
  Bytes rest = file_.from(frame.value());
  while (rest.size >= kTailSize && spend(1)) {
    const std::uint64_t here = file_.size - rest.size;
    if (is_tail(rest) && ends_here(file_, here + kTailSize)) {
      frame.length = here + kTailSize - at;
      frame.state = file_[frame.state_at()];
      return is_whole(frame);
    }
    op::Instruction next;
    if (!op::read_instruction(rest, next)) return false;
    rest = rest.from(next.size());
  }
  return false;
}

bool Salvage::is_whole(const Frame& frame) {
  if (frame.state != kLive && frame.state != kDead) return false;
  if (classify_text(file_.slice(frame.key(), frame.key_size)) == TextKind::invalid) {
    return false;
  }
  if (!spend(frame.length)) return false;
  try {
    Loaded loaded(poll_);
    parse_sound(file_, frame, loaded);
    return true;
  } catch (const Error&) {
    return false;
  }
}

bool Salvage::leads_on(const Frame& frame) {
  std::vector<std::uint64_t> walked{frame.at};
  Frame next;
  const char* problem = nullptr;
  std::uint64_t at = frame.end();
  bool leads = false;
  for (;;) {
    const auto found = seen_.find(at);
    if (found != seen_.end()) {
      leads = found->second;
      break;
    }
    if (!spend(1)) break;
    const FrameStatus status = parse_frame(file_, at, next, &problem);
    if (status != FrameStatus::entry) {
      leads = status != FrameStatus::terminator || at + kTerminatorSize == file_.size;
      break;
    }
    walked.push_back(at);
    at = next.end();
  }
  for (const std::uint64_t place : walked) seen_[place] = leads;
  return leads;
}

std::uint64_t Salvage::next_whole(std::uint64_t at) {
  Frame frame;
  const char* problem = nullptr;
  while (++at < file_.size) {
    const void* found = std::memchr(file_.data + at, op::FRAME, file_.size - at);
    if (found == nullptr) break;
    at = static_cast<std::uint64_t>(static_cast<const std::uint8_t*>(found) - file_.data);
    if (!spend(1)) break;
    if (parse_frame(file_, at, frame, &problem) != FrameStatus::entry) continue;
    if (leads_on(frame) && is_whole(frame)) return at;
  }
  return file_.size;
}

}  // namespace mmappickle::store
