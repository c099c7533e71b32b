#include "hold.h"

namespace mmappickle::store {

os::Lock lock_file(const os::File& file, os::Sharing sharing, const Options& options) {
  try {
    return os::Lock(file, sharing, os::Wait{options.lock_timeout, options.poll});
  } catch (const Error& error) {
    if (error.kind != ErrorKind::io || sharing == os::Sharing::exclusive) throw;
    if (options.warn_lock) {
      options.warn_lock("the file system gives no locks: '" + file.path() +
                        "' is read without one (" + error.cause + ")");
    }
    return os::Lock();
  }
}

Held hold(const std::string& path, bool writing, const Options& options, os::Seam& seam) {
  constexpr int kAttempts = 100;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    Held held;
    held.file =
        os::File::open(path, writing ? os::Access::write : os::Access::read, seam);
    held.lock = lock_file(
        held.file, writing ? os::Sharing::exclusive : os::Sharing::shared, options);
    bool exists = false;
    const os::Status named = os::status_of(path, exists, seam);
    if (exists && named.identity == held.file.status().identity) return held;
  }
  throw Error(ErrorKind::stale, "'" + path + "' is replaced again and again",
              "Try again when the other processes have finished.");
}

}  // namespace mmappickle::store
