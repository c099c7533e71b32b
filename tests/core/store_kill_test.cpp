// The process may be killed at any moment of any sequence of up to three operations:
// every prefix of the writes, and every torn write, reads as before or as after the
// operation that was under way, and is healed by the next writer.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <unordered_map>

#include "store_history_testing.h"

namespace mmappickle::store {
namespace {

// One state: the calls that were made, the last of which maybe in part only.
struct Crash {
  std::size_t calls = 0;       // made whole
  std::optional<Call> torn{};  // and then this part of one
  std::size_t from = 0;        // where in its call it begins
};

// What a kill may leave of one write. Behind `end`, where no reader looks, any part: half
// of it stands for that. Before it a write inside one page is never torn (the page cache
// takes it whole under the page's lock); one over several may be, at their borders.
std::vector<Crash> torn(const Call& call, std::size_t n, std::uint64_t end) {
  if (call.name != "write_at" || call.bytes.size() < 2) return {};
  const std::size_t size = call.bytes.size();
  if (call.offset >= end) return {{n, part_of(call, 0, size / 2), 0}};
  const std::size_t first = kPage - call.offset % kPage;
  if (size <= first) return {};
  return {{n, part_of(call, 0, first), 0},
          {n, part_of(call, first, size - first), first}};
}

std::vector<Crash> crashes_of(const Change& change) {
  std::vector<Crash> crashes;
  Disk disk(change.before);
  for (std::size_t n = 0; n <= change.log.size(); ++n) {
    crashes.push_back({n});
    if (n == change.log.size()) break;
    const bool seen = disk.writes_to_named() && change.before;
    for (const Crash& crash : torn(change.log[n], n, seen ? change.before->size() : 0)) {
      crashes.push_back(crash);
    }
    disk.apply(change.log[n]);
  }
  return crashes;
}

// For tests/core/kill_states.py: the same states, to be loaded by Python.
class Export {
 public:
  Export() {
    const char* path = std::getenv("MMAPPICKLE_KILL_STATES");
    if (path == nullptr) return;
    out_.open(path, std::ios::binary | std::ios::app);
    put("history");  // bases are numbered anew
  }

  void begin(const Change& change) {
    if (!out_.is_open()) return;
    const std::size_t base = base_of(change.before ? *change.before : *change.after);
    put("change " + std::to_string(base) + " " + std::to_string(change.between) + " " +
        change.name);
    renames_ = std::any_of(change.log.begin(), change.log.end(),
                           [](const Call& call) { return call.name == "rename"; });
    if (renames_) return put_bytes("after", *change.after);
    for (const Call& call : change.log) {
      REQUIRE(call.name == "write_at");
      put_bytes("write " + std::to_string(call.offset),
                Bytes(call.bytes.data(), call.bytes.size()).text());
    }
  }
  // The states that are the file before or the one after go without saying.
  void state(const Crash& crash) {
    if (!out_.is_open() || renames_) return;
    const std::size_t size = crash.torn ? crash.torn->bytes.size() : 0;
    put("state " + std::to_string(crash.calls) + " " + std::to_string(crash.from) + " " +
        std::to_string(size));
  }

 private:
  // Numbered from 0 as they come in the file.
  std::size_t base_of(const std::string& file) {
    const auto [at, is_new] =
        bases_.try_emplace(std::hash<std::string>()(file), bases_.size());
    if (is_new) put_bytes("base", file);
    return at->second;
  }
  void put(const std::string& line) { out_ << line << '\n'; }
  void put_bytes(const std::string& line, std::string_view bytes) {
    put(line + " " + std::to_string(bytes.size()));
    out_ << bytes;
  }

  std::ofstream out_;
  std::unordered_map<std::size_t, std::size_t> bases_;
  bool renames_ = false;
};

class Histories {
 public:
  // All sequences of up to `depth` operations from `file` on.
  void grow(const std::string& file, int depth) {
    for (const Act& act : acts_) {
      const Change change = record(act, depth, file, false);
      if (change.log.empty()) continue;
      check(change);
      if (depth > 1) grow(*change.after, depth - 1);
    }
  }

  void check(const Change& change) {
    ++changes;
    const std::string& before = change.before ? *change.before : *change.after;
    bool bridged = false;
    for (const Call& call : change.log) {
      bridged = bridged || (call.bytes.size() == kTerminatorSize &&
                            call.offset % kPage > kPage - kTerminatorSize);
    }
    bridges += bridged;
    const Seen old = seen_in(before), now = seen_in(*change.after);
    bool begun = false;
    Disk disk(change.before);
    std::size_t applied = 0;
    for (const Crash& crash : crashes_of(change)) {
      for (; applied < crash.calls; ++applied) disk.apply(change.log[applied]);
      Disk crashed = disk;
      if (crash.torn) crashed.apply(*crash.torn);
      ++states;
      if (crash.calls == change.log.size() && crashed.named() != change.after) {
        FAIL_CHECK(change.name << ": not all is in the log");
      }
      if (!crashed.named()) {
        if (change.before) FAIL_CHECK(change.name << ": the file is gone");
        continue;
      }
      const std::size_t distinct = known_.size();
      const Seen seen = seen_in(*crashed.named());
      if (!is_either(seen, old, now, change.between)) {
        FAIL_CHECK(change.name << ", after call " << crash.calls
                               << (crash.torn ? ", torn: " : ": ") << seen.problem);
      }
      if (known_.size() == distinct && crash.calls != change.log.size()) continue;
      if (!begun) out_.begin(change);
      begun = true;
      out_.state(crash);
    }
  }

  std::size_t distinct() const { return known_.size(); }
  int changes = 0, states = 0, bridges = 0;

 private:
  // What is seen in the same bytes is the same, however they came about.
  Seen seen_in(const std::string& file) {
    const auto [at, is_new] = known_.try_emplace(std::hash<std::string>()(file));
    if (is_new) at->second = look_at_state(file, scratch_.path());
    return at->second;
  }

  const std::vector<Act> acts_ = acts();
  const Scratch scratch_;
  std::unordered_map<std::size_t, Seen> known_;
  Export out_;
};

void report(const Histories& histories) {
  MESSAGE(histories.changes << " changes, " << histories.bridges << " with a bridge, "
                            << histories.states << " states, " << histories.distinct()
                            << " of them distinct");
}

// All sequences from a file on whose terminator stands far from a page's end; across it;
// so that it is across it behind an insert (of 22 bytes), or behind two. Of three where
// bridges come in the midst of them (elsewhere in long runs), of two everywhere.
TEST_CASE("killed at any moment of three operations") {
  const bool all = std::getenv("MMAPPICKLE_LONG") != nullptr;
  Histories histories;
  int expected = 0;
  const auto grow = [&](std::uint64_t terminator, int depth) {
    histories.grow(seed_file(terminator), depth);
    expected += depth > 2 ? 2000 : 150;
  };
  grow(500, all ? 3 : 2);
  grow(4090, all ? 3 : 2);
  grow(4090 - 22, 3);
  grow(4090 - 44, all ? 3 : 2);
  report(histories);
  CHECK(histories.changes > expected);
  CHECK(histories.bridges > 100);
}

TEST_CASE("killed at any moment of a creation and two operations") {
  Histories histories;
  const Change creation = record_creation(false);
  histories.check(creation);
  histories.grow(*creation.after, 2);
  report(histories);
  CHECK(histories.changes > 90);
}

}  // namespace
}  // namespace mmappickle::store
