// What File does the same on every platform: loops, checks, words.
#include "file.h"

#include <algorithm>
#include <utility>

#include "native.h"

namespace mmappickle::os {
namespace {

using native::uninterrupted;

bool cannot_at_all(int code) {
  const std::string_view name = native::error_name(code);
  return name == "EOPNOTSUPP" || name == "ENOTSUP" || name == "ENOSYS";
}

Error refusal(const std::string& path, const char* cause, const std::string& what,
              const char* hint, const char* doing = "open") {
  Error error(
      ErrorKind::io,
      std::string("cannot ") + doing + " '" + path + "': " + what + " (" + cause + ")",
      hint);
  error.cause = cause;
  error.path = path;
  return error;
}

Error no_folder(const std::string& path) {
  return refusal(
      path, "ENOENT", "its folder does not exist",
      "Create the folder first, or check the path; relative paths start at the "
      "working directory.",
      "create");
}

// Refuses what is there but is no file: a folder, and devices and pipes, where the open
// itself may wait for ever.
void check_regular(const std::string& path, const std::string& shown,
                   SystemCalls& system) {
  Status status;
  const Outcome outcome = uninterrupted([&] { return system.status(path, status); });
  if (outcome.error != 0) return;  // the open will say why
  if (status.folder) {
    throw refusal(shown, "EISDIR", "it is a folder", "Give the path of a file.");
  }
  if (!status.regular) {
    throw refusal(shown, "EINVAL", "it is no regular file",
                  "A device or a pipe can be neither mapped nor locked.");
  }
}

[[noreturn]] void fail_open(const std::string& path, Access access, int code) {
  const std::string_view name = native::error_name(code);
  const bool denied = name == "EACCES" || name == "EPERM";
  if (access == Access::create_new) {
    Error error = io_error("create", path, code);
    if (name == "ENOENT" || name == "ENOTDIR") throw no_folder(path);
    if (name == "EEXIST") {
      error.hint = "Open the file that is there, or choose another name.";
    } else if (denied) {
      error.hint = "You may not create files in this folder: check its permissions.";
    }
    throw error;
  }
  if (name == "ENOENT" || name == "ENOTDIR") {
    throw refusal(path, "ENOENT", "there is no such file",
                  "Check the path; relative paths start at the working directory.");
  }
  Error error = io_error("open", path, code);
  if (denied && access == Access::read) {
    error.hint = "You may not read the file: check its permissions and its folders'.";
  } else if (denied) {
    error.hint =
        "You may not write the file: open it with `readonly = TRUE`, or change its "
        "permissions.";
  } else if (name == "EROFS") {
    error.hint =
        "The file system is mounted read-only: open the file with `readonly = TRUE`.";
  }
  throw error;
}

}  // namespace

File File::open(const std::string& path, Access access, SystemCalls& system,
                const std::string& shown) {
  File file;
  file.system_ = &system;
  file.path_ = shown.empty() ? path : shown;
  if (access != Access::create_new) check_regular(path, file.path_, system);
  const Outcome outcome = uninterrupted([&] {
    if (access == Access::create_new) return system.create(path, 0666, file.native_);
    return system.open(path, access == Access::write, file.native_);
  });
  if (outcome.error != 0) {
    file.native_ = kNoNative;
    fail_open(file.path_, access, outcome.error);
  }
  return file;
}

File::File(File&& other) noexcept
    : native_(std::exchange(other.native_, kNoNative)),
      system_(other.system_),
      path_(std::move(other.path_)),
      identity_(other.identity_),
      limit_(other.limit_) {}

File& File::operator=(File&& other) noexcept {
  if (this != &other) {
    close();
    native_ = std::exchange(other.native_, kNoNative);
    system_ = other.system_;
    path_ = std::move(other.path_);
    identity_ = other.identity_;
    limit_ = other.limit_;
  }
  return *this;
}

File::~File() { close(); }

void File::close() noexcept {
  if (is_open()) native::close(std::exchange(native_, kNoNative));
}

Status File::status() const {
  Status status;
  const Outcome outcome = uninterrupted([&] { return system_->status(native_, status); });
  if (outcome.error != 0) fail_io("look at", path_, outcome.error);
  return status;
}

const Identity& File::identity() const {
  if (!identity_) identity_ = status().identity;
  return *identity_;
}

// A file system that does not say what it is counts as one on disk.
bool File::is_alone() const {
  bool yes = false;
  const Outcome outcome = system_->is_alone(native_, yes);
  return outcome.error == 0 && yes && !native::is_used_by_forks(identity());
}

bool File::in_memory() const {
  bool yes = false;
  const Outcome outcome = uninterrupted([&] { return system_->in_memory(native_, yes); });
  return outcome.error == 0 && yes;
}

std::uint64_t File::read_some_at(std::uint64_t offset, std::uint8_t* to,
                                 std::uint64_t n) const {
  std::uint64_t done = 0;
  while (done < n) {
    const std::uint64_t part = std::min(n - done, native::kLargestTransfer);
    const Outcome outcome = uninterrupted(
        [&] { return system_->read_at(native_, to + done, part, offset + done); });
    if (outcome.error != 0) fail_io("read", path_, outcome.error);
    if (outcome.count == 0) break;
    done += outcome.count;
  }
  return done;
}

void File::read_at(std::uint64_t offset, std::uint8_t* to, std::uint64_t n) const {
  const std::uint64_t done = read_some_at(offset, to, n);
  if (done == n) return;
  Error error(ErrorKind::format,
              "'" + path_ + "' ends early: " + std::to_string(n) +
                  " bytes were expected at offset " + std::to_string(offset) + ", " +
                  std::to_string(done) + " are there",
              "The file is damaged or was cut: `fsck()` tells what is left.", offset);
  error.path = path_;
  throw error;
}

std::uint64_t File::limit() const {
  if (limit_ == 0) limit_ = std::max<std::uint64_t>(1, system_->largest_file());
  return limit_;
}

void File::write_at(std::uint64_t offset, Bytes bytes) {
  for (std::uint64_t done = 0; done < bytes.size;) {
    const std::uint64_t at = offset + done;
    if (at >= limit()) fail_io("write to", path_, native::error_code("EFBIG"));
    const std::uint64_t part =
        std::min({bytes.size - done, native::kLargestTransfer, limit() - at});
    const Outcome outcome = uninterrupted(
        [&] { return system_->write_at(native_, bytes.data + done, part, at); });
    if (outcome.error != 0) fail_io("write to", path_, outcome.error);
    if (outcome.count == 0) {  // neither progress nor a reason: do not try for ever
      throw Error(ErrorKind::io, "cannot write to '" + path_ + "': nothing is written",
                  "The disk or the network may be at fault.");
    }
    done += outcome.count;
  }
}

std::uint64_t File::copy_from(const File& from, std::uint64_t at, std::uint64_t offset,
                              std::uint64_t n) {
  std::uint64_t done = 0;
  while (done < n) {
    const Outcome outcome = uninterrupted([&] {
      return system_->copy(from.native_, at + done, native_, offset + done, n - done);
    });
    if (outcome.error != 0 || outcome.count == 0) break;
    done += outcome.count;
  }
  return done;
}

void File::truncate(std::uint64_t size) {
  const Outcome outcome = uninterrupted([&] { return system_->truncate(native_, size); });
  if (outcome.error != 0) fail_io("set the size of", path_, outcome.error);
}

void File::sync() {
  const Outcome outcome = uninterrupted([&] { return system_->sync(native_); });
  if (outcome.error != 0) fail_io("bring to disk", path_, outcome.error);
}

void File::punch(std::uint64_t offset, std::uint64_t n) {
  if (n == 0) return;
  const Outcome outcome =
      uninterrupted([&] { return system_->punch(native_, offset, n); });
  if (outcome.error == 0) return;
  Error error = io_error("give back disk space of", path_, outcome.error);
  if (cannot_at_all(outcome.error)) {
    error.kind = ErrorKind::unsupported;
    error.hint = "This file system has no holes: `vacuum()` gives the space back.";
  }
  throw error;
}

File::Range File::next_data(std::uint64_t from, std::uint64_t size) const {
  if (from >= size) return {size, size};
  const Range range = native::next_data(native_, from, size);
  return {std::min(range.begin, size), std::min(range.end, size)};
}

Status status_of(const std::string& path, bool& exists, SystemCalls& system) {
  Status status;
  const int code = uninterrupted([&] { return system.status(path, status); }).error;
  exists = code == 0;
  if (code != 0) {
    const std::string_view name = native::error_name(code);
    if (name != "ENOENT" && name != "ENOTDIR") fail_io("look at", path, code);
  }
  return status;
}

std::string resolve(const std::string& path, SystemCalls& system) {
  std::string resolved;
  const int code = uninterrupted([&] { return system.resolve(path, resolved); }).error;
  if (code != 0) {
    const Error error = io_error("find", path, code);
    throw error.cause == "ENOENT" || error.cause == "ENOTDIR" ? no_folder(path) : error;
  }
  return resolved;
}

void rename(const std::string& from, const std::string& to, SystemCalls& system) {
  const Outcome outcome = uninterrupted([&] { return system.rename(from, to); });
  if (outcome.error != 0) fail_io("put a new file in the place of", to, outcome.error);
}

bool rename_new(const std::string& from, const std::string& to, SystemCalls& system) {
  const Outcome outcome = uninterrupted([&] { return system.rename_new(from, to); });
  if (outcome.error == 0) return true;
  const std::string_view name = native::error_name(outcome.error);
  if (name == "EEXIST") return false;
  if (name != "EINVAL" && !cannot_at_all(outcome.error)) {
    fail_io("create", to, outcome.error);
  }
  bool exists = false;
  status_of(to, exists, system);
  if (!exists) rename(from, to, system);
  return !exists;
}

void remove(const std::string& path, SystemCalls& system) {
  const Outcome outcome = uninterrupted([&] { return system.remove(path); });
  if (outcome.error != 0) fail_io("remove", path, outcome.error);
}

void sync_folder_of(const std::string& path, SystemCalls& system) {
  const Outcome outcome = uninterrupted([&] { return system.sync_folder(path); });
  if (outcome.error != 0) fail_io("bring to disk the folder of", path, outcome.error);
}

// A system that knows no owners, or lets nobody but root change them, is no failure.
void copy_owner(const File& like, File& file) {
  const Outcome outcome = uninterrupted(
      [&] { return file.system().copy_owner(like.native(), file.native()); });
  if (outcome.error == 0 || cannot_at_all(outcome.error) ||
      native::error_name(outcome.error) == "EPERM") {
    return;
  }
  fail_io("give mode and owner to", file.path(), outcome.error);
}

}  // namespace mmappickle::os
