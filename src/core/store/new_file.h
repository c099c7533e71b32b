// A file that is being made. Until it is whole it stands in the folder of its target
// under a hidden name of its own, ".mmappickle-<hash of the target's name>-<n>", which is
// short whatever the target is called. It is locked, and begins with kUnfinished instead
// of its first bytes, which are written last of all: so what a killed process left is
// told from a file that is being made (by the lock), and from any other file (by its
// beginning). Nothing else is ever removed, or taken, whatever its name.
//
// (Killed between the last two calls a process leaves a whole file under that name. On a
// file system without locks, what was left stays.)
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "../os/lock.h"
#include "appender.h"

namespace mmappickle::store {

constexpr std::string_view kUnfinished =
    "This file was to become another one, but the R process that wrote it (package "
    "mmappickle) was ended. It can be removed.\n";

class NewFile {
 public:
  // What processes that were killed left for the same target (a resolved path) is
  // removed. With `wait`, a process that is at it is waited for, and a file system that
  // gives no locks is an Error.
  NewFile(const std::string& target, os::SystemCalls& system,
          const std::optional<os::Wait>& wait = {});
  ~NewFile();  // gone, unless it has its place
  NewFile(const NewFile&) = delete;

  // Mode and owner of `like`, unless that is closed.
  void resemble(const os::File& like);
  // All of it, once; `sync`: on disk, too.
  void write(const std::function<void()>& poll, bool sync,
             const std::function<void(Appender&)>& put);
  void replace(const std::string& target);
  // False if there is a file of that name, which stays.
  bool place(const std::string& target);
  void remove() noexcept;  // no error if it cannot be

 private:
  os::SystemCalls& system_;
  std::string name_;  // where it stands
  os::File file_;
  os::Lock lock_;
  bool placed_ = false;
};

}  // namespace mmappickle::store
