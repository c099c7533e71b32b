#include "replace.h"

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

void replace(const std::string& target, os::SystemCalls& system,
             const std::function<void()>& poll,
             const std::function<void(Appender&)>& put) {
  const os::File old = open_old(target, system);
  NewFile made(target, system);
  made.resemble(old);
  made.write(poll, true, put);
  made.replace(target);
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
                  const std::function<void(Appender&)>& put) {
  try {
    replace(os::resolve(path, system), system, poll, put);
  } catch (Error& error) {
    error.path = path;
    throw;
  }
}

void invalidate(os::File& old, std::int32_t number) {
  std::uint8_t bytes[kTerminatorSize] = {};
  try {
    old.write_at(old.status().size, Bytes(bytes, kTerminatorSize));
    store_le(bytes, static_cast<std::uint32_t>(number), 4);
    old.write_at(kNumberOffset, Bytes(bytes, 4));
  } catch (...) {  // a courtesy
  }
}

}  // namespace mmappickle::store
