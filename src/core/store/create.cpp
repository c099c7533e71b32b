#include "create.h"

#include "replace.h"

namespace mmappickle::store {

namespace {

bool present(const std::string& path, os::Status& status, os::Seam& seam) {
  bool exists = false;
  status = os::status_of(path, exists, seam);
  return exists;
}

// The file "<path>.new", made by us, or left by somebody who was killed or is at it.
// False if it was there, and is not any more.
bool open_draft(const std::string& draft, os::Seam& seam, os::File& file, bool& made) {
  try {
    file = os::File::open(draft, os::Access::create_new, seam);
    made = true;
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

// True if the file holds nothing but the beginning of what we write.
bool is_draft(const os::File& file) {
  std::uint8_t bytes[64];
  static_assert(sizeof bytes > kHeaderSize + kTerminatorSize);
  const std::uint64_t n = file.read_some_at(0, bytes, sizeof bytes);
  return Bytes(empty_file()).starts_with(Bytes(bytes, n).text());
}

void fill(os::File& file, const Options& options) {
  file.write_at(0, Bytes(empty_file()));
  if (options.durable) file.sync();
}

// False if another process was faster: to be looked at again.
bool finish_draft(const std::string& draft, os::File& file, const std::string& path,
                  const Options& options, os::Seam& seam) {
  const os::Lock lock(file, os::Sharing::exclusive,
                      os::Wait{options.lock_timeout, options.poll});
  os::Status status;
  if (!present(draft, status, seam) || status.identity != file.status().identity)
    return false;
  if (!is_draft(file)) {
    throw Error(ErrorKind::io, "cannot create the file: '" + draft + "' is in the way",
                "It is made first, then renamed. Move it away, or choose another name.");
  }
  try {
    if (present(path, status, seam)) {
      os::remove(draft, seam);
      return false;
    }
    fill(file, options);
    os::rename(draft, path, seam);
  } catch (...) {
    try {
      if (!present(path, status, seam)) os::remove(draft, seam);
    } catch (const Error&) {
    }
    throw;
  }
  return true;
}

bool try_create(const std::string& path, const Options& options, os::Seam& seam) {
  const std::string draft = path + ".new";
  os::File file;
  bool made = false;
  if (!open_draft(draft, seam, file, made)) return false;
  try {
    return finish_draft(draft, file, path, options, seam);
  } catch (const Error& error) {
    // What the system would not even let us lock or look at, nobody else has filled.
    if (made && !error.cause.empty()) remove_quietly(draft, seam);
    throw;
  }
}

void fill_empty(const std::string& path, const Options& options, os::Seam& seam) {
  os::File file = os::File::open(path, os::Access::write, seam);
  const os::Lock lock(file, os::Sharing::exclusive,
                      os::Wait{options.lock_timeout, options.poll});
  if (file.status().size > 0) return;
  try {
    fill(file, options);
  } catch (...) {
    try {
      file.truncate(0);
    } catch (const Error&) {
    }
    throw;
  }
}

}  // namespace

void create(const std::string& path, const Options& options, os::Seam& seam) {
  constexpr int kAttempts = 1000;
  os::Status status;
  for (int attempt = 1; !present(path, status, seam); ++attempt) {
    if (attempt > kAttempts) {
      throw Error(
          ErrorKind::io,
          "cannot create the file: '" + path + ".new' can be neither made nor used",
          "Look whether it is a broken link, and remove it.");
    }
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
