#include "replace.h"

#include <filesystem>

#include "../os/lock.h"
#include "layout.h"

namespace mmappickle::store {

namespace {

constexpr char kDraft[] = ".new-";  // and the process's id

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

// Locked as long as it is written, so that it can be told from what was left by a process
// that was killed. File systems without locks keep what is left.
os::Lock lock_draft(const os::File& file) {
  try {
    return os::Lock(file, os::Sharing::exclusive, os::Wait{0, {}});
  } catch (const Error&) {
    return os::Lock();
  }
}

bool is_draft_of(const std::string& name, const std::string& target) {
  const std::string prefix = target + kDraft;
  return name.size() > prefix.size() && name.compare(0, prefix.size(), prefix) == 0 &&
         name.find_first_not_of("0123456789", prefix.size()) == std::string::npos;
}

void remove_leftovers(const std::string& target, const std::string& own, os::Seam& seam) {
  namespace fs = std::filesystem;
  const fs::path path = fs::u8path(target);
  const std::string name = path.filename().u8string();
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::error_code failed;
  std::vector<std::string> drafts;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end;
       at.increment(failed)) {
    if (is_draft_of(at->path().filename().u8string(), name)) {
      drafts.push_back(at->path().u8string());
    }
  }
  for (const std::string& draft : drafts) {
    try {
      const os::File file = os::File::open(draft, os::Access::write, seam);
      const os::Lock lock = lock_draft(file);
      if (lock.held() || draft == own) os::remove(draft, seam);
    } catch (const Error&) {  // somebody was faster, or may do what we may not
    }
  }
}

void replace(const std::string& target, os::Seam& seam,
             const std::function<void(os::File&)>& write) {
  const os::File old = open_old(target, seam);
  const std::string draft = target + kDraft + std::to_string(os::process_id());
  remove_leftovers(target, draft, seam);
  os::Lock lock;
  new_file(draft, old, seam, [&](os::File& file) {
    lock = lock_draft(file);
    write(file);
    file.sync();
    os::rename(draft, target, seam);
    lock = os::Lock();
  });
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

void new_file(const std::string& path, const os::File& like, os::Seam& seam,
              const std::function<void(os::File&)>& write) {
  os::File file = os::File::open(path, os::Access::create_new, seam);
  try {
    if (like.is_open()) os::copy_owner(like, file);
    write(file);
  } catch (...) {
    remove_quietly(path, seam);
    throw;
  }
}

void remove_quietly(const std::string& path, os::Seam& seam) {
  try {
    bool exists = false;
    os::status_of(path, exists);
    if (exists) os::remove(path, seam);
  } catch (const Error&) {
  }
}

void retire(os::File& old, std::int32_t number) {
  std::uint8_t bytes[kTerminatorSize] = {};
  try {
    old.write_at(old.status().size, Bytes(bytes, kTerminatorSize));
    store_le(bytes, static_cast<std::uint32_t>(number), 4);
    old.write_at(kNumberOffset, Bytes(bytes, 4));
  } catch (const Error&) {
  }
}

}  // namespace mmappickle::store
