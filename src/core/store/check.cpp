#include "check.h"

#include <algorithm>

#include "../base/utf8.h"
#include "load.h"
#include "padding.h"
#include "salvage.h"
#include "walk.h"

namespace mmappickle::store {

namespace {

// What a repair does about a finding.
enum class Mend { nothing, drop, lose };

std::string sentence(std::string text) {
  if (text.empty() || text.back() != '.') text += '.';
  return text;
}

class Checker {
 public:
  Checker(Bytes file, const std::function<void()>& poll)
      : file_(file), poll_(poll), salvage_(file, poll) {}

  Checked run() {
    check_header(file_);
    for (std::uint64_t at = kHeaderSize; at < file_.size;) at = look(at);
    if (!ended_) {
      drop_padding();
      find(file_.size, 0, {}, "The file ends without a terminator: it was cut off",
           "A terminator is written.", Mend::drop);
    }
    for (const Index::Slot slot : index_.live()) {
      out_.whole.push_back(index_[slot].frame());
    }
    out_.report.keys = index_.count();
    return std::move(out_);
  }

 private:
  void find(std::uint64_t at, std::uint64_t bytes, std::string_view key,
            const std::string& problem, const char* action, Mend mend,
            bool harmful = true) {
    out_.report.findings.push_back(
        Finding{at, bytes, std::string(key), problem, action, harmful});
    if (mend != Mend::nothing) out_.needs_repair = true;
    if (mend == Mend::lose) out_.lost.emplace_back(at, bytes);
  }

  std::string_view key_of(const Frame& frame) const {
    return file_.slice(frame.key(), frame.key_size).text();
  }

  // Looks at what stands at `at`; gives where to look next.
  std::uint64_t look(std::uint64_t at) {
    Frame frame;
    const char* problem = nullptr;
    const FrameStatus status = parse_frame(file_, at, frame, &problem);
    if (status == FrameStatus::entry) {
      if (poll_) poll_();
      check_entry(frame);
      return frame.end();
    }
    drop_padding();
    if (status == FrameStatus::broken) return check_behind(at, problem);
    ended_ = true;
    check_end(at, status);
    return file_.size;
  }

  void check_entry(const Frame& frame) {
    const std::string_view key = key_of(frame);
    if (frame.state != kLive) return check_dead(frame, key);
    const bool padded = belongs(file_, padding_, frame);
    if (!padded) drop_padding();
    padding_ = Padding{};
    const TextKind kind = classify_text(Bytes(key));
    if (kind == TextKind::invalid) {
      return find(frame.at, frame.length, key,
                  "The key is no valid UTF-8: Python cannot read the file.",
                  "The entry goes to the file of lost parts.", Mend::lose);
    }
    if (kind == TextKind::surrogates) {
      find(frame.at, frame.length, key,
           "The key is no valid UTF-8: the Python library cannot list the keys.",
           "None: store the value under another key, then delete this one.",
           Mend::nothing);
    }
    check_value(frame, key, padded);
  }

  void check_value(const Frame& frame, std::string_view key, bool padded) {
    Loaded loaded(poll_);
    try {
      parse_sound(file_, frame, loaded);
    } catch (const Error& error) {
      return find(frame.at, frame.length, key,
                  sentence("The value cannot be read: " + error.message),
                  "The entry goes to the file of lost parts.", Mend::lose);
    }
    if (loaded.is_array && !loaded.portable) {
      find(
          frame.at, frame.length, key,
          "The array is in the Python library's old form, which pickle.load of NumPy 2.3 "
          "and newer cannot read.",
          "None: vacuum(m, upgrade = TRUE) rewrites it.", Mend::nothing, false);
    } else if (loaded.growth.behind) {
      find(frame.at, frame.length, key,
           "An append to the array was interrupted: the Python library sees its older "
           "length.",
           "None: the next append, or vacuum(), puts it right.", Mend::nothing, false);
    } else if (loaded.portable && !padded) {
      find(frame.at, frame.length, key,
           "The array has lost its padding: its data may be unaligned.",
           "A repair or vacuum() makes it anew.", Mend::nothing, false);
    }
    keep(frame, key);
  }

  // Of two entries of one key the later one counts.
  void keep(const Frame& frame, std::string_view key) {
    const Entry older = index_.add(frame, 0, key);
    if (older.length == 0) return;
    find(older.at, older.length, key, "The key stands again further on.",
         "The older value goes to the file of lost parts.", Mend::lose);
  }

  void check_dead(const Frame& frame, std::string_view key) {
    if (!belongs(file_, padding_, frame)) drop_padding();
    padding_ = Padding{};
    if (is_padding(file_, frame, padding_)) return;
    if (frame.state != kDead) {
      return find(frame.at, frame.length, key,
                  "The state of the entry is neither live nor dead: it is taken as dead.",
                  "The entry goes to the file of lost parts.", Mend::lose);
    }
    bool whole = false;
    try {
      Loaded loaded(poll_);
      parse(file_, frame, loaded);
      whole = loaded.whole;
    } catch (const Error&) {
    }
    if (!whole) {
      find(frame.at, frame.length, key,
           "The dead entry is no valid pickle: Python's pickle.load may fail at it.",
           "It is removed.", Mend::drop);
    }
  }

  // A padding that no entry behind it fits: pickle would take other bytes for its data.
  void drop_padding() {
    if (padding_.swallowed == 0) return;
    find(padding_.at, padding_.length, {},
         "The padding does not fit what stands behind it: Python's pickle.load may fail.",
         "It is removed.", Mend::drop);
    padding_ = Padding{};
  }

  std::uint64_t check_behind(std::uint64_t at, const char* problem) {
    const std::string what = sentence(damaged(at, FrameStatus::broken, problem).message);
    Frame frame;
    if (salvage_.measure(at, frame)) {
      if (frame.state == kLive) {
        find(at, frame.length, key_of(frame), what + " All but its length is whole.",
             "The length is put right.", Mend::drop);
        keep(frame, key_of(frame));
      } else {
        find(at, frame.length, key_of(frame), what, "The dead entry is removed.",
             Mend::drop);
      }
      return frame.end();
    }
    const std::uint64_t next = salvage_.next_whole(at);
    find(at, next - at, {}, what,
         next < file_.size
             ? "It goes to the file of lost parts; the entries behind it are kept."
             : "It goes to the file of lost parts.",
         Mend::lose);
    return next;
  }

  void check_end(std::uint64_t at, FrameStatus status) {
    const std::uint64_t behind = at + kTerminatorSize;
    if (status == FrameStatus::torn) {
      find(at, kTerminatorSize, {}, "The terminator is only half written.",
           "It is written anew.", Mend::drop);
    }
    if (file_.size <= behind) return;
    find(behind, file_.size - behind, {},
         "Bytes stand behind the terminator: the Python library cannot open the file.",
         "They go to the file of lost parts.", Mend::lose);
  }

  const Bytes file_;
  const std::function<void()>& poll_;
  Salvage salvage_;
  Index index_;
  Padding padding_;
  bool ended_ = false;
  Checked out_;
};

}  // namespace

Checked check(Bytes file, const std::function<void()>& poll) {
  return Checker(file, poll).run();
}

}  // namespace mmappickle::store
