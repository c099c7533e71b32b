#include "replace.h"

namespace mmappickle::store {

namespace {

// The file that is to be replaced, for its mode and owner. Who may not write it may not
// replace it either, though the folder alone would decide that.
os::File open_old(const std::string& path, os::Seam& seam) {
  bool exists = false;
  os::status_of(path, exists);
  if (!exists) return os::File();
  try {
    return os::File::open(path, os::Access::write, seam);
  } catch (Error& error) {
    if (error.cause == "EINVAL") {
      error.hint = "Only a file can be replaced. A connection writes to anything.";
    } else if (error.cause != "EISDIR") {
      error.hint = "Choose another name, or change the file's permissions.";
    }
    throw;
  }
}

// What a process that was killed left under our name.
void remove_leftover(const std::string& path, os::Seam& seam) {
  bool exists = false;
  os::status_of(path, exists);
  if (exists) os::remove(path, seam);
}

void remove_quietly(const std::string& path, os::Seam& seam) {
  try {
    remove_leftover(path, seam);
  } catch (const Error&) {
  }
}

void replace(const std::string& target, os::Seam& seam,
             const std::function<void(os::File&)>& write) {
  const std::string fresh = target + ".new-" + std::to_string(os::process_id());
  const os::File old = open_old(target, seam);
  remove_leftover(fresh, seam);
  try {
    os::File file = os::File::open(fresh, os::Access::create_new, seam);
    if (old.is_open()) os::copy_owner(old, file);
    write(file);
    file.sync();
    os::rename(fresh, target, seam);
  } catch (...) {
    remove_quietly(fresh, seam);
    throw;
  }
  try {
    os::sync_folder_of(target, seam);
  } catch (const Error&) {  // the new file is in its place, and whole
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
  const std::vector<std::uint64_t> users = os::users_of(status.identity);
  if (users.empty()) return;
  std::string ids;
  for (const std::uint64_t id : users)
    ids += (ids.empty() ? "" : ", ") + std::to_string(id);
  throw Error(ErrorKind::busy, "other processes have the file open: " + ids,
              "Close it there first: what they write to the old file would be lost.");
}

void replace_file(const std::string& path, os::Seam& seam,
                  const std::function<void(os::File&)>& write) {
  try {
    replace(os::resolve(path), seam, write);
  } catch (Error& error) {
    error.path = path;  // the words name the new file where they mean it
    throw;
  }
}

}  // namespace mmappickle::store
