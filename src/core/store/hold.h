// Files under their lock.
#pragma once

#include "store.h"

namespace mmappickle::store {

// Waits as the options say. Where the file system gives no locks, a reader is warned by
// options.warn_lock and goes on without: what it sees is whole at each moment but for
// vacuum and slices, and is checked at each access. A writer gets the Error.
os::Lock lock_file(const os::File& file, os::Sharing sharing, const Options& options);

struct Held {
  os::File file;
  os::Lock lock;
};
// The file that `path` names, opened and locked, to write or to read. Error of kind stale
// where it is replaced each time.
Held hold(const std::string& path, bool writing, const Options& options, os::Seam& seam);

}  // namespace mmappickle::store
