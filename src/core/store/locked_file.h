// Files under their lock: the one way to open, lock, and see that the path still names
// what was opened.
#pragma once

#include "store.h"

namespace mmappickle::store {

struct LockedFile {
  os::File file;
  os::Lock lock;
  // See replace_file().
  void let_go() {
    lock = os::Lock();
    file.close();
  }
};
// The file that `path` names, to write or to read. Error of kind stale where it is
// replaced each time. Waits as the options say. Where the file system gives no locks, a
// reader is warned by options.warn_lock and goes on without: what it sees is whole at
// each moment but for vacuum and slices, and is checked at each access. A writer gets the
// Error.
LockedFile open_locked(const std::string& path, bool writing, const Options& options,
                       os::SystemCalls& system);

// The same for a file that is open (to write, unless options.readonly). It becomes the
// one that the path names now; if that is none, the lock is on the one that it was. On
// any Error it is as it was.
struct Relocked {
  os::Lock lock;
  os::Status status;  // of that file, under the lock
  bool is_another = false;
  bool is_gone = false;
};
Relocked lock_again(os::File& file, const std::string& path, os::Sharing sharing,
                    const Options& options, os::Turns& turns, os::SystemCalls& system);

bool is_named(const os::File& file, const std::string& path, os::SystemCalls& system);

}  // namespace mmappickle::store
