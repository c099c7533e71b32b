#include "replace.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "layout.h"
#include "new_file.h"

namespace mmappickle::store {

namespace {

// The file that is to be replaced, for its mode and owner. Who may not write it may not
// replace it either, though the folder alone would decide that.
os::File open_old(const std::string& path, os::SystemCalls& system) {
  bool exists = false;
  os::status_of(path, exists, system);
  if (!exists) return os::File();
  try {
    return os::File::open(path, os::Access::write, system);
  } catch (Error& error) {
    if (error.cause == "EINVAL") {
      error.hint = "Only a file can be replaced. A connection writes to anything.";
    } else if (error.cause != "EISDIR") {
      error.hint = "Choose another name, or change the file's permissions.";
    }
    throw;
  }
}

// As far as others could have changed it.
bool is_same(const os::Status& a, const os::Status& b) {
  return a.identity == b.identity && a.size == b.size && a.mtime_ns == b.mtime_ns;
}

// Again and again while the system refuses because somebody has the old file open.
void put_in_place(NewFile& made, const std::string& target, os::SystemCalls& system,
                  const std::function<void()>& let_go) {
  using Clock = std::chrono::steady_clock;
  using Seconds = std::chrono::duration<double>;
  constexpr double kFirstPause = 0.001, kLongestPause = 0.1;
  bool exists = false;
  os::Status before;
  Clock::time_point start;  // of the first refusal
  for (double pause = kFirstPause;; pause = std::min(2 * pause, kLongestPause)) {
    try {
      made.replace(target);
      return;
    } catch (const Error& error) {
      if (error.kind != ErrorKind::busy) throw;
      const bool first = pause == kFirstPause;
      if (!first && Seconds(Clock::now() - start).count() > kPatience) throw;
    }
    if (pause == kFirstPause) {
      start = Clock::now();
      if (let_go) let_go();
      // Not before: closing a file may be what sets its times.
      before = os::status_of(target, exists, system);
    }
    std::this_thread::sleep_for(Seconds(pause));
    if (!is_same(before, os::status_of(target, exists, system))) {
      throw Error(ErrorKind::stale, "the file was changed while it was to be replaced",
                  "Try again.");
    }
  }
}

void replace(const std::string& target, os::SystemCalls& system,
             const std::function<void()>& poll, const std::function<void(Appender&)>& put,
             const std::function<void()>& let_go, Sync sync) {
  os::File old = open_old(target, system);
  NewFile made(target, system);
  made.resemble(old);
  made.write(poll, old.is_open() || sync == Sync::always, put);
  old.close();
  put_in_place(made, target, system, let_go);
  if (sync != Sync::always) return;
  try {
    os::sync_folder_of(target, system);
  } catch (...) {  // the new file is in its place, and whole
  }
}

}  // namespace

void check_alone(const os::Status& status, bool force) {
  if (status.links > 1) {
    throw Error(ErrorKind::io,
                "the file has " + std::to_string(status.links) +
                    " hard links: the others would keep the old content",
                "Remove the other links, or work on a copy of the file.");
  }
  if (force) return;
  check_unused(status,
               "Close it there first: what they write to the old file would be lost.");
}

void check_unused(const os::Status& status, const std::string& hint) {
  const std::vector<std::uint64_t> users = os::users_of(status.identity);
  if (users.empty()) return;
  std::string ids;
  for (const std::uint64_t id : users)
    ids += (ids.empty() ? "" : ", ") + std::to_string(id);
  throw Error(ErrorKind::busy, "other processes have the file open: " + ids, hint);
}

void replace_file(const std::string& path, os::SystemCalls& system,
                  const std::function<void()>& poll,
                  const std::function<void(Appender&)>& put,
                  const std::function<void()>& let_go, Sync sync) {
  try {
    replace(os::resolve(path, system), system, poll, put, let_go, sync);
  } catch (Error& error) {
    error.path = path;
    throw;
  }
}

void invalidate(os::File& old, std::int32_t number) {
  if (!old.is_open()) return;  // let go: nobody else had it open
  std::uint8_t bytes[kTerminatorSize] = {};
  try {
    old.write_at(old.status().size, Bytes(bytes, kTerminatorSize));
    store_le(bytes, static_cast<std::uint32_t>(number), 4);
    old.write_at(kNumberOffset, Bytes(bytes, 4));
  } catch (...) {  // a courtesy
  }
}

}  // namespace mmappickle::store
