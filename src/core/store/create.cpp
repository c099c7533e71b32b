#include "create.h"

namespace mmappickle::store {

namespace {

bool present(const std::string& path, os::Status& status) {
  bool exists = false;
  status = os::status_of(path, exists);
  return exists;
}

// The file "<path>.new", made by us, or left by somebody who was killed or is at it.
// False if it was there, and is not any more.
bool open_draft(const std::string& draft, os::Seam& seam, os::File& file) {
  try {
    file = os::File::open(draft, os::Access::create_new, seam);
    return true;
  } catch (const Error& error) {
    if (error.cause != "EEXIST") throw;
  }
  try {
    file = os::File::open(draft, os::Access::write, seam);
    return true;
  } catch (const Error& error) {
    if (error.cause != "ENOENT") throw;
    return false;
  }
}

void fill(os::File& file, const Options& options) {
  file.write_at(0, Bytes(empty_file()));
  if (options.durable) file.sync();
}

// False if another process was faster: to be looked at again.
bool try_create(const std::string& path, const Options& options, os::Seam& seam) {
  const std::string draft = path + ".new";
  os::File file;
  if (!open_draft(draft, seam, file)) return false;
  const os::Lock lock(file, os::Sharing::exclusive,
                      os::Wait{options.lock_timeout, options.poll});
  os::Status status;
  if (!present(draft, status) || status.identity != file.status().identity) return false;
  try {
    if (present(path, status)) {
      os::remove(draft, seam);
      return false;
    }
    fill(file, options);
    if (file.status().size != empty_file().size()) file.truncate(empty_file().size());
    os::rename(draft, path, seam);
  } catch (...) {
    try {
      if (!present(path, status)) os::remove(draft, seam);
    } catch (const Error&) {
    }
    throw;
  }
  if (options.durable) os::sync_folder_of(path, seam);
  return true;
}

void fill_empty(const std::string& path, const Options& options, os::Seam& seam) {
  os::File file = os::File::open(path, os::Access::write, seam);
  const os::Lock lock(file, os::Sharing::exclusive,
                      os::Wait{options.lock_timeout, options.poll});
  if (file.status().size == 0) fill(file, options);
}

}  // namespace

void create(const std::string& path, const Options& options, os::Seam& seam) {
  os::Status status;
  while (!present(path, status)) {
    try {
      if (try_create(path, options, seam)) return;
    } catch (Error& error) {
      error.path = path;  // which the user knows; the words name the other
      throw;
    }
  }
  if (status.regular && status.size == 0) fill_empty(path, options, seam);
}

}  // namespace mmappickle::store
