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

using Seconds = std::chrono::duration<double>;
constexpr double kFirstPause = 0.0001, kLongestPause = 0.02;

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
  const auto start = std::chrono::steady_clock::now();
  for (double pause = kFirstPause;; pause = std::min(2 * pause, kLongestPause)) {
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
    const Seconds waited = std::chrono::steady_clock::now() - start;
    if (wait.timeout >= 0 && waited.count() >= wait.timeout) {
      fail_busy(file.path(), wait.timeout);
    }
    if (wait.poll) wait.poll();
    const double left = wait.timeout >= 0 ? wait.timeout - waited.count() : kLongestPause;
    std::this_thread::sleep_for(Seconds(std::min(pause, left)));
  }
  native_ = file.native();
}

Lock::Lock(Lock&& other) noexcept : native_(std::exchange(other.native_, kNoNative)) {}

Lock& Lock::operator=(Lock&& other) noexcept {
  if (this != &other) {
    if (held()) native::unlock(native_);
    native_ = std::exchange(other.native_, kNoNative);
  }
  return *this;
}

Lock::~Lock() {
  if (held()) native::unlock(native_);
}

}  // namespace mmappickle::os
