#include "follow.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "../numpy/array_form.h"
#include "../os/tick.h"
#include "context.h"
#include "state.h"

namespace mmappickle::store {

namespace {

numpy::Shape shape_of(const Image& file, const Frame& frame) {
  numpy::ArrayEntry entry;
  std::string problem;
  const Image body = file.slice(frame.body(), frame.body_size());
  if (read_array_entry(body, entry, problem) == numpy::HeadKind::array) {
    return entry.array.shape;
  }
  if (numpy::read_growth(body, entry.growth)) return {entry.growth.length};
  return {};
}

// Until the tick that the last change was in is over, whatever is changed meanwhile.
void wait_for_tick(os::Status status, const std::string& path, os::SystemCalls& system,
                   double patience) {
  for (bool exists = true; exists; status = os::status_of(path, exists, system)) {
    const std::int64_t left = os::kTick - os::age(status);
    if (left <= 0 || left > os::kTick || patience <= 0) return;
    const double seconds = std::min(static_cast<double>(left) / 1e9, patience);
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    patience -= seconds;
  }
}

// The options of a Store as they were, in the end.
class LockTimeout {
 public:
  LockTimeout(Options& options, double seconds)
      : options_(options), before_(options.lock_timeout) {
    if (seconds >= 0 && (before_ < 0 || seconds < before_)) {
      options.lock_timeout = seconds;
    }
  }
  bool is_shorter() const { return options_.lock_timeout != before_; }
  LockTimeout(const LockTimeout&) = delete;
  ~LockTimeout() { options_.lock_timeout = before_; }

 private:
  Options& options_;
  const double before_;
};

}  // namespace

Follower::Follower(Store& store) : store_(store) {
  const Store::State& state = *store.state_;
  status_.identity = state.known.identity;
  status_.size = state.known.size;
  status_.mtime_ns = state.known.mtime_ns;
  status_.ctime_ns = state.known.ctime_ns;
  for (const Index::Slot slot : state.index.live()) {
    const Entry& entry = state.index[slot];
    entries_[std::string(state.index.key(slot))] = Seen{entry.at, entry.length, {}};
  }
}

std::vector<KeyChange> Follower::look(double lock_timeout, double patience) {
  Store::State& state = *store_.state_;
  return in_context(state.path, {}, [&]() -> std::vector<KeyChange> {
    bool exists = false;
    const os::Status now = os::status_of(state.path, exists, *state.system);
    if (!exists) return {};
    const bool differs = !os::same_content(status_, now);
    if (begun_ && !differs && (!doubtful_ || os::is_young(now))) return {};
    // The first time always: what is looked at is what later looks are compared with.
    constexpr double kWholeTick = static_cast<double>(os::kTick) / 1e9;
    if (!begun_) patience = std::max(patience, kWholeTick);
    if (differs || !begun_) wait_for_tick(now, state.path, *state.system, patience);
    const LockTimeout timeout(state.options, lock_timeout);
    try {
      const Reading reading(store_);
      return compare(reading);
    } catch (const Error& error) {
      if (error.kind != ErrorKind::busy || !timeout.is_shorter()) throw;
      return {};
    }
  });
}

// A status that may have hidden a change is as good as a change, but for the first time,
// when it hides at most what was there when the handle looked.
std::vector<KeyChange> Follower::compare(const Reading& reading) {
  const Index& index = reading.index();
  const Image file = reading.image();
  const os::Status status = reading.status();
  const bool is_another = status.identity != status_.identity;
  const bool is_written = !os::same_content(status_, status) || (begun_ && doubtful_);
  Entries entries;
  std::vector<KeyChange> changes;
  for (const Index::Slot slot : index.live()) {
    const std::string key(index.key(slot));
    const Entry& entry = index[slot];
    Seen seen{entry.at, entry.length, shape_of(file, entry.frame())};
    const auto before = entries_.find(key);
    if (before == entries_.end()) {
      changes.push_back({key, KeyChange::added});
    } else if (is_another || !(before->second == seen)) {
      changes.push_back({key, KeyChange::replaced});
    } else if (begun_ && before->second.shape != seen.shape) {
      changes.push_back({key, KeyChange::grown});
    }
    entries.emplace(key, std::move(seen));
  }
  for (const auto& [key, seen] : entries_) {
    if (entries.count(key) == 0) changes.push_back({key, KeyChange::removed});
  }
  if (changes.empty() && is_written) changes.push_back({{}, KeyChange::written});
  entries_ = std::move(entries);
  status_ = status;
  doubtful_ = os::is_young(status);
  begun_ = true;
  return changes;
}

std::string state_of_file(const std::string& path, os::SystemCalls& system) {
  bool exists = false;
  const os::Status status = os::status_of(path, exists, system);
  if (!exists) return "absent";
  std::string text;
  for (const auto part : {status.identity.device, status.identity.inode, status.size,
                          static_cast<std::uint64_t>(status.mtime_ns),
                          static_cast<std::uint64_t>(status.ctime_ns)}) {
    text += std::to_string(part) + '-';
  }
  // When the tick is over it is another: what changed in it meanwhile is not missed.
  return text + (os::is_young(status) ? "new" : "old");
}

}  // namespace mmappickle::store
