// With `durable`: the power may fail at any moment of any sequence of up to two
// operations. Of the calls since the last sync any may be missing on disk, whatever came
// later: the file still reads as before or as after the operation that was under way.
#include <doctest/doctest.h>

#include <set>

#include "store_history_testing.h"

namespace mmappickle::store {
namespace {

// What the disk may take, or lose, by itself: a page of a write, if these are few; a page
// at either end and the rest of a larger write.
std::vector<Call> pieces_of(const Call& call) {
  constexpr std::size_t kFew = 3;
  if (call.name != "write_at") return {call};
  std::vector<Call> pages = pages_of(call);
  if (pages.size() <= kFew) return pages;
  const std::size_t first = pages.front().bytes.size(), last = pages.back().bytes.size();
  return {pages.front(), part_of(call, first, call.bytes.size() - first - last),
          pages.back()};
}

bool is_sync(const Call& call) {
  return call.name == "sync" || call.name == "sync_folder";
}

// All states that the disk may be in if the power fails in the course of these calls. A
// sync is good for its file, or its folder, alone: names are on disk by the latter.
class Losses {
 public:
  explicit Losses(const Change& change) {
    Disk disk(change.before);
    std::vector<Call> pending;
    for (const Call& call : change.log) {
      if (!is_sync(call)) {
        for (const Call& piece : pieces_of(call)) pending.push_back(piece);
        continue;
      }
      add_subsets(disk, pending);
      std::vector<Call> left;
      for (const Call& piece : pending) {
        if ((piece.name == "rename") == (call.name == "sync_folder")) {
          disk.apply(piece);
        } else {
          left.push_back(piece);
        }
      }
      pending = left;
    }
    add_subsets(disk, pending);
    synced = pending.empty();
  }

  std::set<Content> states;
  bool synced = false;   // nothing was left for a sync to come
  std::size_t most = 0;  // pieces of which any may be missing

 private:
  void add_subsets(const Disk& disk, const std::vector<Call>& pending) {
    most = std::max(most, pending.size());
    REQUIRE(pending.size() < 12);
    for (std::size_t kept = 0; kept < std::size_t{1} << pending.size(); ++kept) {
      Disk crashed = disk;
      bool named = true;  // the new file has a name, under which its writes find it
      for (std::size_t i = 0; i < pending.size(); ++i) {
        const bool is_kept = (kept >> i & 1) != 0;
        if (pending[i].name == "create") named = is_kept;
        if (is_kept && named) crashed.apply(pending[i]);
      }
      states.insert(crashed.named());
    }
  }
};

class Histories {
 public:
  void grow(const std::string& file, int depth) {
    for (const Act& act : acts_) {
      const Change change = record(act, depth, file, true);
      if (change.log.empty()) continue;
      check(change);
      if (depth > 1) grow(*change.after, depth - 1);
    }
  }

  // A write fails, the change is undone, and the power fails while that is done.
  void check_failures(const std::string& file) {
    for (const Act& act : acts_) {
      const Change whole = record(act, 1, file, true);
      for (std::uint64_t n = 1;; ++n) {
        Change change = record(act, 1, file, true, n);
        if (!change.failed) break;
        REQUIRE(n < 20);
        change.name += ", failed";
        check(change, *whole.after, false);
      }
    }
  }

  void check(const Change& change) { check(change, *change.after, true); }
  // `after`: as the file is to be in the end. `settles`: all is on disk then.
  void check(const Change& change, const std::string& after, bool settles) {
    ++changes;
    const std::string& before = change.before ? *change.before : after;
    const Seen old = seen_in(before), now = seen_in(after);
    const Losses losses(change);
    most = std::max(most, losses.most);
    const bool vacuums = change.name == "vacuum" || change.name == "upgrade";
    if (settles && !vacuums && !losses.synced) {
      FAIL_CHECK(change.name << " returns before all is on disk");
    }
    for (const Content& state : losses.states) {
      ++states;
      if (!state) {
        if (change.before) FAIL_CHECK(change.name << ": the file is gone");
        continue;
      }
      const Seen seen = seen_in(*state);
      if (!is_either(seen, old, now, change.between)) {
        FAIL_CHECK(change.name << ": " << seen.problem);
      }
      if (state != change.before && state != change.after) heal(*state);
    }
  }

  std::size_t distinct() const { return known_.size(); }
  int changes = 0, states = 0, healings = 0;
  std::size_t most = 0;

 private:
  // The power fails again, while what the first failure left is healed, and written to.
  void heal(const std::string& state) {
    const auto [at, is_new] = healed_.insert(std::hash<std::string>()(state));
    if (!is_new) return;
    const Act next{"heal, insert", [](Store& s, int) { put(s, "next", 7); }};
    const Change change = record(next, 0, state, true);
    ++healings;
    const Seen old = seen_in(state), now = seen_in(*change.after);
    for (const Content& left : Losses(change).states) {
      ++states;
      const Seen seen = seen_in(*left);
      if (!is_either(seen, old, now, Act::nothing)) {
        FAIL_CHECK("healing: " << seen.problem);
      }
    }
  }

  Seen seen_in(const std::string& file) {
    const auto [at, is_new] = known_.try_emplace(std::hash<std::string>()(file));
    if (is_new) at->second = look_at_state(file, scratch_.path(), true);
    return at->second;
  }

  const std::vector<Act> acts_ = acts();
  const Scratch scratch_;
  std::map<std::size_t, Seen> known_;
  std::set<std::size_t> healed_;
};

void report(const Histories& histories) {
  MESSAGE(histories.changes << " changes, " << histories.healings << " healings, "
                            << histories.states << " states, " << histories.distinct()
                            << " of them distinct; at most " << histories.most
                            << " pieces between two syncs");
}

TEST_CASE("the power fails at any moment of two durable operations") {
  for (const std::uint64_t terminator : {500, 4090, 4090 - 22}) {
    Histories histories;
    histories.grow(seed_file(terminator), 2);
    report(histories);
    CHECK(histories.changes > 100);
    CHECK(histories.healings > 300);
  }
}

TEST_CASE("the power fails while a durable operation that failed is undone") {
  for (const std::uint64_t terminator : {500, 4090}) {
    Histories histories;
    histories.check_failures(seed_file(terminator));
    report(histories);
    CHECK(histories.changes > 40);
  }
}

TEST_CASE("the power fails at any moment of a creation and two operations") {
  Histories histories;
  const Change creation = record_creation(true);
  histories.check(creation);
  histories.grow(*creation.after, 2);
  report(histories);
}

}  // namespace
}  // namespace mmappickle::store
