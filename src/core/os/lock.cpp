// Taking a lock by repeated attempts: a blocking call could be ended neither by a timeout
// nor by the user.
#include "lock.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "native.h"

namespace mmappickle::os {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;
constexpr double kTurn = 0.001;
constexpr double kStandBack = 0.02;  // at most: the other may have been stopped
constexpr double kFirstPause = 0.00002, kLongestPause = 0.005;
// Of the time waited so far.
constexpr double kPause = 0.05;
constexpr int kYields = 4;  // before the first pause: most locks are held for as long

// Where those stand who wait. Courtesy: no failure of it matters.
class Queue {
 public:
  Queue(const File& file, Sharing sharing) : file_(file), sharing_(sharing) {}
  Queue(const Queue&) = delete;
  ~Queue() {
    if (in_) ask(SystemCalls::Queue::leave);
  }
  void enter() { in_ = in_ || ask(SystemCalls::Queue::enter); }
  bool has_others() { return ask(SystemCalls::Queue::look); }

 private:
  bool ask(SystemCalls::Queue what) {
    bool yes = false;
    const bool exclusive = sharing_ == Sharing::exclusive;
    const Outcome outcome = file_.system().queue(file_.native(), exclusive, what, yes);
    return outcome.error == 0 && yes;
  }
  const File& file_;
  const Sharing sharing_;
  bool in_ = false;
};

void let_others_in(const Wait& wait, Queue& queue) {
  Turns& turns = *wait.turns;
  const Clock::time_point now = Clock::now();
  if (Seconds(now - turns.last).count() > kTurn) turns.since = now;
  if (Seconds(now - turns.since).count() <= kTurn || wait.timeout == 0) return;
  for (double waited = 0; waited < kStandBack && queue.has_others();
       waited = Seconds(Clock::now() - now).count()) {
    if (wait.poll) wait.poll();
    std::this_thread::sleep_for(Seconds(kFirstPause));
  }
  turns.since = Clock::now();
}

std::string in_words(double seconds) {
  std::string text = std::to_string(seconds);  // "2.500000"
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() < '0' || text.back() > '9') text.pop_back();
  return text + " s";
}

[[noreturn]] void fail_busy(const std::string& path, double timeout) {
  Error error(ErrorKind::busy,
              timeout > 0
                  ? "the lock on '" + path + "' did not come within " + in_words(timeout)
                  : "'" + path + "' is locked",
              "Another process, or another handle of this one, is using the file: try "
              "again, or give a longer `lock_timeout`.");
  error.path = path;
  throw error;
}

}  // namespace

Lock::Lock(const File& file, Sharing sharing, const Wait& wait) {
  Queue queue(file, sharing);
  if (wait.turns != nullptr) let_others_in(wait, queue);
  const auto start = Clock::now();
  for (int attempt = 0;; ++attempt) {
    const bool exclusive = sharing == Sharing::exclusive;
    const int code = file.system().try_lock(file.native(), exclusive).error;
    if (code == 0) break;
    const std::string_view name = native::error_name(code);
    if (name == "EINTR") continue;
    if (name != "EAGAIN") {
      Error error = io_error("lock", file.path(), code);
      if (error.hint.empty()) {
        error.hint =
            "Without a lock nothing is read or written: copy the file to a file system "
            "that gives locks.";
      }
      throw error;
    }
    const double waited = Seconds(Clock::now() - start).count();
    if (wait.timeout >= 0 && waited >= wait.timeout) {
      fail_busy(file.path(), wait.timeout);
    }
    if (wait.poll) wait.poll();
    if (waited > kTurn) queue.enter();
    const double left = wait.timeout >= 0 ? wait.timeout - waited : kLongestPause;
    const double pause = std::clamp(kPause * waited, kFirstPause, kLongestPause);
    if (attempt < kYields) {
      std::this_thread::yield();
    } else {
      std::this_thread::sleep_for(Seconds(std::min(pause, left)));
    }
  }
  native_ = file.native();
  turns_ = wait.turns;
}

void Lock::give_back() {
  if (!held()) return;
  native::unlock(native_);
  if (turns_ != nullptr) turns_->last = Clock::now();
}

Lock::Lock(Lock&& other) noexcept
    : native_(std::exchange(other.native_, kNoNative)), turns_(other.turns_) {}

Lock& Lock::operator=(Lock&& other) noexcept {
  if (this != &other) {
    give_back();
    native_ = std::exchange(other.native_, kNoNative);
    turns_ = other.turns_;
  }
  return *this;
}

Lock::~Lock() { give_back(); }

}  // namespace mmappickle::os
