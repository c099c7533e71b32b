#include "replace.h"

#include "../os/lock.h"
#include "layout.h"

namespace mmappickle::store {

namespace {

// The file that is to be replaced, for its mode and owner. Who may not write it may not
// replace it either, though the folder alone would decide that.
os::File open_old(const std::string& path, os::Seam& seam) {
  bool exists = false;
  os::status_of(path, exists, seam);
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

// The new file, "<target>.new-<n>". Locked as long as it is written: so it can be told
// from what was left by a process that was killed. (On a file system without locks it
// cannot be, and what was left stays.)
struct Made {
  os::File file;
  os::Lock lock;
  std::string name;
};

os::Lock try_lock(const os::File& file) {
  try {
    return os::Lock(file, os::Sharing::exclusive, os::Wait{0, {}});
  } catch (const Error&) {
    return os::Lock();
  }
}

bool is_named(const os::File& file, const std::string& name, os::Seam& seam) {
  bool exists = false;
  const os::Status named = os::status_of(name, exists, seam);
  return exists && named.identity == file.status().identity;
}

// True if nobody is at it any more, and it is gone.
bool remove_leftover(const std::string& name, os::Seam& seam) {
  try {
    const os::File file = os::File::open(name, os::Access::write, seam);
    const os::Lock lock = try_lock(file);
    if (!lock.held() || !is_named(file, name, seam)) return false;
    os::remove(name, seam);
    return true;
  } catch (const Error& error) {
    return error.cause == "ENOENT";
  }
}

Made make_new(const std::string& target, os::Seam& seam) {
  constexpr int kMost = 1000;
  for (int n = 1, attempt = 0;; ++attempt) {
    Made made;
    const std::string& name = made.name = target + ".new-" + std::to_string(n);
    try {
      made.file = os::File::open(name, os::Access::create_new, seam);
    } catch (const Error& error) {
      if (error.cause != "EEXIST" || attempt == kMost) throw;
      if (!remove_leftover(name, seam)) ++n;
      continue;
    }
    try {
      made.lock = try_lock(made.file);
      // Between these two lines somebody may have taken it for a leftover.
      if (!is_named(made.file, name, seam)) continue;
    } catch (...) {
      remove_quietly(name, seam);
      throw;
    }
    return made;
  }
}

void replace(const std::string& target, os::Seam& seam,
             const std::function<void(os::File&)>& write) {
  const os::File old = open_old(target, seam);
  Made made = make_new(target, seam);
  try {
    if (old.is_open()) os::copy_owner(old, made.file);
    write(made.file);
    made.file.sync();
    os::rename(made.name, target, seam);
  } catch (...) {
    remove_quietly(made.name, seam);
    throw;
  }
  try {
    os::sync_folder_of(target, seam);
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
    replace(os::resolve(path, seam), seam, write);
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
    os::status_of(path, exists, seam);
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
  } catch (...) {  // a courtesy
  }
}

}  // namespace mmappickle::store
