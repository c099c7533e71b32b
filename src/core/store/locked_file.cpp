#include "locked_file.h"

namespace mmappickle::store {

namespace {

enum class Named { it, another, nothing };
// `status`: the file's, where it is the one that is named.
Named named_by(const std::string& path, const os::File& file, os::SystemCalls& system,
               os::Status& status) {
  bool exists = false;
  status = os::status_of(path, exists, system);
  if (!exists) return Named::nothing;
  return status.identity == file.identity() ? Named::it : Named::another;
}

os::Lock lock_file(const os::File& file, os::Sharing sharing, const Options& options,
                   os::Turns* turns) {
  try {
    return os::Lock(file, sharing, os::Wait{options.lock_timeout, options.poll, turns});
  } catch (const Error& error) {
    if (error.kind != ErrorKind::io || sharing == os::Sharing::exclusive) throw;
    if (options.warn_lock) {
      options.warn_lock("the file system gives no locks: '" + file.path() +
                        "' is read without one (" + error.cause + ")");
    }
    return os::Lock();
  }
}

// `file` may be closed: then it is opened first. On any Error it is as it was.
Relocked lock_named(os::File& file, const std::string& path, os::Access access,
                    os::Sharing sharing, const Options& options, os::Turns* turns,
                    os::SystemCalls& system) {
  constexpr int kAttempts = 100;
  os::File opened;
  for (int attempt = 0; attempt <= kAttempts; ++attempt) {
    Relocked locked;
    locked.is_another = !file.is_open() || attempt > 0;
    if (locked.is_another) opened = os::File::open(path, access, system);
    const os::File& current = locked.is_another ? opened : file;
    locked.lock = lock_file(current, sharing, options, turns);
    const Named named = named_by(path, current, system, locked.status);
    locked.is_gone = named == Named::nothing;
    if (named == Named::another || (locked.is_gone && locked.is_another)) continue;
    if (locked.is_another) file = std::move(opened);
    if (locked.is_gone) locked.status = file.status();
    return locked;
  }
  throw Error(ErrorKind::stale, "'" + path + "' is replaced again and again",
              "Try again when the other processes have finished.");
}

}  // namespace

bool is_named(const os::File& file, const std::string& path, os::SystemCalls& system) {
  os::Status status;
  return named_by(path, file, system, status) == Named::it;
}

LockedFile open_locked(const std::string& path, bool writing, const Options& options,
                       os::SystemCalls& system) {
  LockedFile opened;
  opened.lock =
      lock_named(opened.file, path, writing ? os::Access::write : os::Access::read,
                 writing ? os::Sharing::exclusive : os::Sharing::shared, options, nullptr,
                 system)
          .lock;
  return opened;
}

Relocked lock_again(os::File& file, const std::string& path, os::Sharing sharing,
                    const Options& options, os::Turns& turns, os::SystemCalls& system) {
  const os::Access access = options.readonly ? os::Access::read : os::Access::write;
  return lock_named(file, path, access, sharing, options, &turns, system);
}

}  // namespace mmappickle::store
