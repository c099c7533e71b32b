#include "r/view/file_watch.h"

#include <time.h>

#include <chrono>
#include <thread>

#include "core/os/tick.h"

namespace mmappickle {

namespace {

constexpr int kMostFiles = 200;  // of the 256 to 1,024 descriptors of a process
int files = 0;

// Some milliseconds long; costs no system call.
std::int64_t tick() {
#ifdef CLOCK_MONOTONIC_COARSE
  timespec now;
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1000000000 + now.tv_nsec;
#else
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count() / 4;
#endif
}

}  // namespace

std::shared_ptr<const FileWatch> FileWatch::of(os::File& file, std::uint64_t size) {
  if (files >= kMostFiles) return nullptr;
  constexpr int kAttempts = 3;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const os::Status status = file.status();
    if (status.size != size) return nullptr;
    const std::int64_t left = os::kTick - os::age(status);
    if (left <= 0) {
      return std::shared_ptr<const FileWatch>(new FileWatch(std::move(file), status));
    }
    if (left > os::kTick) return nullptr;  // from the future: the clocks differ
    std::this_thread::sleep_for(std::chrono::nanoseconds(left));
  }
  return nullptr;
}

FileWatch::FileWatch(os::File file, const os::Status& status)
    : file_(std::move(file)), seen_(status) {
  ++files;
}

FileWatch::~FileWatch() { --files; }

bool FileWatch::is_current() const {
  if (changed_) return false;
  looked_ = tick();  // before the look: what changes meanwhile is found by the next one
  try {
    const os::Status now = file_.status();
    changed_ = !os::same_content(seen_, now);
    seen_ = now;
  } catch (const Error&) {
    changed_ = true;
  }
  return !changed_;
}

bool FileWatch::look() const {
  return changed_ ? false : looked_ == tick() || is_current();
}

const char* FileWatch::what_happened() const {
  return "The file was changed after this was read from it.";
}

const char* FileWatch::what_to_do() const { return "Read the file again."; }

}  // namespace mmappickle
