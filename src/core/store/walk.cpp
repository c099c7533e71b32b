#include "walk.h"

#include <utility>

#include "../base/error.h"
#include "../base/prefetch.h"
#include "../numpy/array_form.h"
#include "../pickle/opcodes.h"
#include "padding.h"

namespace mmappickle::store {

Error damaged(std::uint64_t at, FrameStatus status, const char* problem) {
  const std::string what = status == FrameStatus::end
                               ? "the file ends without a terminator: it was cut off"
                               : problem;
  return Error(ErrorKind::format,
               "the file is damaged at offset " + std::to_string(at) + ": " + what,
               "fsck(path) reports what is left, and fsck(path, repair = TRUE) repairs "
               "what can be.",
               at);
}

namespace {

// A sum over entries: of runs that join it is the sum of theirs.
std::uint64_t digest_of(std::uint64_t at, std::uint64_t length) {
  return (at ^ (length << 32 | length >> 32)) * 0x9e3779b97f4a7c15;
}

// True if the entries of the run, which lies in memory, have the lengths that they had,
// and none is live.
bool is_dead_still(Bytes run, const DeadRun& known) {
  std::uint64_t digest = 0;
  for (std::uint64_t at = 0; at < run.size;) {
    const std::uint64_t left = run.size - at;
    const std::uint8_t* head = run.data + at;
    if (left < kFrameHead || head[0] != pickle::op::FRAME) return false;
    const std::uint64_t n = load_u64(head + 1);
    if (n < kTailSize || n > left - kFrameHead) return false;
    const std::uint64_t length = kFrameHead + n;
    if (head[length - 2] == kLive) return false;
    digest += digest_of(known.begin + at, length);
    at += length;
  }
  return digest == known.digest;
}

class Walker {
 public:
  Walker(const Image& file, Index& index, const Walk& before, bool dead_stay)
      : file_(file),
        index_(index),
        known_(index.first_from(0)),
        dead_(before.dead),
        dead_stay_(dead_stay) {}

  // False where the file is another one than what the index knows, but for entries that
  // died and what was appended: then nothing counts that was found.
  bool run() {
    for (std::uint64_t at = kHeaderSize;;) {
      const Meeting meeting = meet_known(at);
      if (meeting == Meeting::as_known) continue;
      if (meeting == Meeting::differs) return false;
      if (pass_dead(at)) continue;
      const FrameStatus status = parse_frame(file_, at, frame_, &problem_);
      if (status == FrameStatus::terminator || status == FrameStatus::torn) {
        found.dead_bytes += padding_.length;  // in no run: an entry may come behind it
        found.terminator = at;
        found.torn = status == FrameStatus::torn;
        settle();
        return known_ == Index::kNone;
      }
      if (status != FrameStatus::entry) throw damaged(at, status, problem_);
      if (frame_.state == kLive && known_ != Index::kNone) return false;
      take();
      at = frame_.end();
    }
  }

  Walk found;

 private:
  enum class Meeting { nothing, as_known, differs };

  // The frame before, if it is a padding, serves none: what follows it is not its entry.
  void drop_padding() {
    if (padding_.length == 0) return;
    const Padding padding = std::exchange(padding_, Padding{});
    add_dead(padding.at, padding.length, 0);
  }

  void add_dead(std::uint64_t at, std::uint64_t length, std::uint64_t bare_heads) {
    add_dead(DeadRun{at, at + length, bare_heads, digest_of(at, length)});
  }

  void add_dead(const DeadRun& run) {
    found.dead_bytes += run.end - run.begin;
    found.bare_heads += run.bare_heads;
    if (found.dead.empty() || found.dead.back().end != run.begin) {
      found.dead.push_back(run);
      return;
    }
    DeadRun& last = found.dead.back();
    last.end = run.end;
    last.bare_heads += run.bare_heads;
    last.digest += run.digest;
  }

  // Passes by what was dead when it was walked over last.
  bool pass_dead(std::uint64_t& at) {
    while (next_dead_ < dead_.size() && dead_[next_dead_].begin < at) ++next_dead_;
    if (next_dead_ == dead_.size() || dead_[next_dead_].begin != at) return false;
    const DeadRun& run = dead_[next_dead_];
    const std::uint64_t length = run.end - run.begin;
    if (!file_.holds(at, length)) return false;
    if (!dead_stay_) {
      if (file_.data() == nullptr) return false;
      if (!is_dead_still(file_.bytes(at, length), run)) return false;
    }
    drop_padding();
    add_dead(run);
    at = run.end;
    return true;
  }

  // What the index knows to begin at `at`, its padding first; passes by it.
  Meeting meet_known(std::uint64_t& at) {
    if (known_ == Index::kNone) return Meeting::nothing;
    const Entry& entry = index_[known_];
    const std::uint64_t begin = entry.at - entry.padding;
    if (at != begin) return at < begin ? Meeting::nothing : Meeting::differs;
    Frame frame = entry.frame();
    fetch_ahead();
    if (!still_stands(file_, frame, index_.key(known_))) return Meeting::differs;
    if (frame.state != kLive) {
      index_.remove(known_);
      known_ = index_.first_from(known_);
      return Meeting::nothing;
    }
    const Image value = file_.slice(frame.value(), frame.value_size());
    frame.array_head = static_cast<std::uint8_t>(numpy::array_head(value));
    Padding padding = padding_;
    if (entry.padding != 0 && !find_padding(frame, entry.padding, padding)) {
      return Meeting::differs;
    }
    if (belongs(file_, padding, frame) != (entry.padding != 0)) return Meeting::differs;
    if (is_bare(frame, padding) != entry.bare) return Meeting::differs;
    drop_padding();
    if (entry.bare) ++found.bare_heads;
    at = frame.end();
    known_ = index_.first_from(known_ + 1);
    return Meeting::as_known;
  }

  // Of large entries each head and each tail lies in a page of its own, far from all that
  // is in the processor's cache: the index knows early where the next ones are.
  void fetch_ahead() const {
    constexpr Index::Slot kAhead = 8;
    const Index::Slot next = index_.first_from(known_ + kAhead);
    if (next == Index::kNone || file_.data() == nullptr) return;
    const Entry& entry = index_[next];
    if (file_.holds(entry.at, entry.length)) {
      prefetch(file_.data() + entry.at);
      prefetch(file_.data() + entry.frame().state_at());
    }
  }

  bool find_padding(const Frame& entry, std::uint64_t length, Padding& padding) {
    Frame frame;
    frame.at = entry.at - length;
    frame.length = length;
    return still_stands(file_, frame, {}) && is_padding(file_, frame, padding);
  }

  // `padding`: what serves the entry.
  static bool is_bare(const Frame& frame, const Padding& padding) {
    return frame.array_head != 0 && padding.swallowed == 0;
  }

  void take() {
    if (!belongs(file_, padding_, frame_)) drop_padding();
    const bool bare = is_bare(frame_, padding_);
    if (frame_.state == kLive) return add(bare);
    drop_padding();
    if (!is_padding(file_, frame_, padding_)) add_dead(frame_.at, frame_.length, bare);
  }

  void add(bool bare) {
    if (bare) ++found.bare_heads;
    const std::string_view key = file_.bytes(frame_.key(), frame_.key_size).text();
    index_.append(frame_, padding_.length, key, bare);
    padding_ = Padding{};
  }

  void settle() {
    index_.settle([this](const Entry& older) {
      found.dead_bytes += older.padding + older.length;
      found.duplicates.push_back(older.frame().state_at());
    });
  }

  const Image& file_;
  Index& index_;
  Index::Slot known_;                 // the next one that the index has
  const std::vector<DeadRun>& dead_;  // of the walk before
  const bool dead_stay_;
  std::size_t next_dead_ = 0;
  Padding padding_;  // the frame before, if it is one, and counts for nothing yet
  Frame frame_;
  const char* problem_ = nullptr;
};

}  // namespace

Walk walk(const Image& file, Index& index, const Walk& before, bool dead_stay) {
  try {
    check_header(file);
    Walker again(file, index, before, dead_stay);
    if (again.run()) return std::move(again.found);
    index.clear();
    const Walk nothing;
    Walker anew(file, index, nothing, false);
    anew.run();
    return std::move(anew.found);
  } catch (...) {
    index.clear();
    throw;
  }
}

}  // namespace mmappickle::store
