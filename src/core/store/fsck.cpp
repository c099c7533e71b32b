#include "fsck.h"

#include <algorithm>

#include "../base/utf8.h"
#include "context.h"
#include "load.h"
#include "padding.h"
#include "walk.h"

namespace mmappickle::store {

namespace {

// What a repair changes.
struct Plan {
  std::vector<std::uint64_t> dead;  // state bytes to be marked dead
  bool cut = false;                 // the file ends at `terminator`, which is written
  std::uint64_t terminator = 0;
  bool anything() const { return cut || !dead.empty(); }
};

class Check {
 public:
  Check(Bytes file, const std::function<void()>& poll) : file_(file), poll_(poll) {}

  void run() {
    check_header(file_);
    Frame frame;
    const char* problem = nullptr;
    std::uint64_t at = kHeaderSize;
    Step step;
    while ((step = look_at(file_, at, frame, &problem)) == Step::entry) {
      if (poll_) poll_();
      look_at_entry(frame);
      at = frame.end();
    }
    report.keys = index_.count();
    look_at_end(at, step, problem);
  }

  Report report;
  Plan plan;

 private:
  void find(std::uint64_t at, std::uint64_t bytes, std::string_view key,
            const std::string& problem, const char* action, bool harmful = true) {
    report.findings.push_back(
        Finding{at, bytes, std::string(key), problem, action, harmful});
  }

  void look_at_entry(const Frame& frame) {
    const std::string_view key = file_.slice(frame.key(), frame.key_size).text();
    if (frame.state != kLive) return look_at_dead(frame, key);
    const bool padded = belongs(file_, padding_, frame);
    if (!padded) drop_padding();
    padding_ = Padding{};
    const TextKind kind = classify_text(Bytes(key));
    if (kind == TextKind::invalid) {
      return find(frame.at, frame.length, key,
                  "The key is no valid UTF-8: Python cannot read the file.",
                  "None: delete the key, then vacuum() the file.");
    }
    if (kind == TextKind::surrogates) {
      find(frame.at, frame.length, key,
           "The key is no valid UTF-8: the Python library cannot list the keys.",
           "None: store the value under another key, then delete this one.");
    }
    Loaded loaded;
    try {
      parse(file_, frame, loaded);
    } catch (const Error& error) {
      find(frame.at, frame.length, key,
           "The value cannot be read: " + error.message + ".",
           "The entry is marked dead.");
      plan.dead.push_back(frame.state_at());
      return;
    }
    if (loaded.is_array && !loaded.portable) {
      find(
          frame.at, frame.length, key,
          "The array is in the Python library's old form, which pickle.load of NumPy 2.3 "
          "and newer cannot read.",
          "None: vacuum(m, upgrade = TRUE) rewrites it.", false);
    } else if (loaded.portable && !padded) {
      find(frame.at, frame.length, key,
           "The array has lost its padding: its data may be unaligned.",
           "None: vacuum() makes it anew.", false);
    }
    const Entry older = index_.add(frame, 0, key);
    if (older.length == 0) return;
    find(older.at, older.length, key, "The key stands again further on.",
         "The older entry is marked dead.");
    plan.dead.push_back(older.frame().state_at());
  }

  void look_at_dead(const Frame& frame, std::string_view key) {
    if (!belongs(file_, padding_, frame)) drop_padding();
    padding_ = Padding{};
    if (is_padding(file_, frame, padding_)) return;
    if (frame.state != kDead) {
      find(frame.at, frame.length, key,
           "The state of the entry is neither live nor dead: it is taken as dead.",
           "None: vacuum() removes it.");
      return;
    }
    try {
      Loaded loaded;
      parse(file_, frame, loaded);
    } catch (const Error&) {
      find(frame.at, frame.length, key,
           "The dead entry is no valid pickle: Python's pickle.load may fail at it.",
           "None: vacuum() removes it.");
    }
  }

  // A padding that no entry behind it fits: pickle would take other bytes for its data.
  void drop_padding() {
    if (padding_.swallowed == 0) return;
    find(padding_.at, padding_.length, {},
         "The padding does not fit the entry behind it: Python's pickle.load may fail.",
         "None: vacuum() removes it.");
  }

  // A padding goes with its entry: alone it would make data of the terminator.
  void look_at_end(std::uint64_t found, Step step, const char* problem) {
    const bool orphan = padding_.swallowed != 0;
    const std::uint64_t at = orphan ? padding_.at : found;
    plan.terminator = at;
    const std::uint64_t rest = file_.size - at;
    if (step == Step::terminator && orphan) {
      plan.cut = true;
      find(at, rest, {},
           "A padding stands before no entry: Python's pickle.load takes the terminator "
           "for data.",
           "The file ends in front of it.");
      return;
    }
    if (step == Step::terminator) {
      if (rest == kTerminatorSize) return;
      plan.cut = true;
      find(at + kTerminatorSize, rest - kTerminatorSize, {},
           "Bytes stand behind the terminator: the Python library cannot open the file.",
           "They are cut off.");
      return;
    }
    if (step == Step::torn) {
      plan.cut = true;
      find(at, rest, {}, "The terminator is only half written.",
           "It is written anew, and what stands behind it is cut off.");
      return;
    }
    const std::string what = damaged(found, step, problem).message;
    const std::uint64_t later = step == Step::broken ? next_whole(found) : file_.size;
    if (later < file_.size) {
      find(at, rest, {},
           what + "; whole entries stand behind it, from offset " +
               std::to_string(later) + " on.",
           "None yet: this version repairs the end of a file only.");
      return;
    }
    plan.cut = true;
    find(at, rest, {}, what + ".",
         "The file is cut here, behind the last whole entry, and gets a terminator.");
  }

  // Where the first whole entry behind `at` begins that another entry or a terminator
  // follows; the file's size if there is none.
  std::uint64_t next_whole(std::uint64_t at) const {
    constexpr std::uint8_t kFrame = 0x95;
    Frame frame;
    const char* problem = nullptr;
    while (++at < file_.size) {
      const void* found = std::memchr(file_.data + at, kFrame, file_.size - at);
      if (found == nullptr) break;
      at = static_cast<std::uint64_t>(static_cast<const std::uint8_t*>(found) -
                                      file_.data);
      if (look_at(file_, at, frame, &problem) != Step::entry) continue;
      if (frame.state != kLive && frame.state != kDead) continue;
      Frame next;
      const Step step = look_at(file_, frame.end(), next, &problem);
      if (step == Step::entry || step == Step::terminator) return at;
    }
    return file_.size;
  }

  const Bytes file_;
  const std::function<void()>& poll_;
  Index index_;
  Padding padding_;
};

// Number first, so that whoever has the file open looks anew; then the end; then the
// rest.
void repair_file(os::File& file, Bytes bytes, const Plan& plan) {
  std::uint8_t number[4];
  store_le(number, static_cast<std::uint32_t>(next_number(commit_number(bytes))), 4);
  file.write_at(kNumberOffset, Bytes(number, sizeof number));
  if (plan.cut) {
    const std::uint64_t end = plan.terminator + kTerminatorSize;
    file.write_at(plan.terminator, Bytes(kTerminator));
    if (bytes.size > end) file.truncate(end);
  }
  for (const std::uint64_t at : plan.dead) file.write_at(at, Bytes(&kDead, 1));
  file.sync();
}

}  // namespace

Report fsck(const std::string& path, bool repair, const Options& options,
            os::Seam& seam) {
  return in_context(path, {}, [&] {
    os::File file =
        os::File::open(path, repair ? os::Access::write : os::Access::read, seam);
    const os::Lock lock(file, os::Sharing::exclusive,
                        os::Wait{options.lock_timeout, options.poll});
    const std::uint64_t size = file.status().size;
    const std::shared_ptr<os::Mapping> mapping = os::Mapping::of(file, size);
    const Bytes bytes(mapping->data(), size);
    Check check(bytes, options.poll);
    check.run();
    if (repair && check.plan.anything()) {
      repair_file(file, bytes, check.plan);
      check.report.repaired = true;
    }
    return check.report;
  });
}

}  // namespace mmappickle::store
