// A file replaced as a whole, or not at all.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "appender.h"

namespace mmappickle::store {

// The new file (new_file.h) is written by `put`, synced (see Sync), and renamed over the
// old one, or to where there was none; mode and owner stay, and links to the file lead to
// the new one. On any error the old file is as it was, and the new one is gone. Error of
// kind io for an old file that may not be written. `poll` as of Appender.
//
// Where the system replaces no file that is open or mapped (Windows, unless all who have
// it open allow it), the caller's own maps must be gone when `put` returns; `let_go`, if
// there is one, is called on the first refusal and closes the caller's handle, and with
// that gives up the lock. Who then comes in between has the file open, and the next
// attempts are refused, too; or has closed it again, which is seen by the file's times:
// Error of kind stale. After attempts for kPatience an Error of kind busy.
//
// A loss of power leaves the old file or the new one. Where there was none, and `sync` is
// for the old file alone, nothing is waited for: it may take the new file, or some of it.
enum class Sync : std::uint8_t { always, for_old };
constexpr double kPatience = 1;  // seconds: virus scanners and indexers are quicker
void replace_file(const std::string& path, os::SystemCalls& system,
                  const std::function<void()>& poll,
                  const std::function<void(Appender&)>& put,
                  const std::function<void()>& let_go = {}, Sync sync = Sync::always);

// Error of kind io for a file with several hard links: the others would keep the old
// content. Of kind busy where other processes have the file open, unless `force`.
void check_alone(const os::Status& status, bool force);
// Of that the processes alone; `hint`: what the matter is with them.
void check_unused(const os::Status& status, const std::string& hint);

// For those who still have open a file that was replaced, and do not look whether it was:
// the number is raised, and at zeros behind the terminator the Python library raises an
// error.
void invalidate(os::File& old, std::int32_t number);

}  // namespace mmappickle::store
