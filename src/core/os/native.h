// What each platform's twin gives to the common bodies of this room: the system calls
// that change no file, and the names of errors. Internal to os/.
#pragma once

#include <string>
#include <string_view>

#include "file.h"

namespace mmappickle::os::native {

// One attempt moves at most this many bytes: macOS refuses more than INT_MAX, Windows
// counts in 32 bits.
constexpr std::uint64_t kLargestTransfer = std::uint64_t{1} << 30;

// Error codes are errno's (on Windows GetLastError()'s), 0 for success.
int open(const std::string& path, bool writing, Native& file);
void close(Native file);
Outcome read_at(Native file, std::uint8_t* to, std::uint64_t n, std::uint64_t offset);
int status(Native file, Status& status);
int status(const std::string& path, Status& status);  // follows links
// See File::next_data(); from < size.
File::Range next_data(Native file, std::uint64_t from, std::uint64_t size);
// See resolve(). A last component that does not exist (yet) stays as it is.
int resolve(const std::string& path, std::string& resolved);
// "a" of "a/b", "/" of "/b", "." of "b".
std::string folder_of(const std::string& path);
// Does not wait: "EAGAIN" if somebody else holds a lock that conflicts.
int try_lock(Native file, bool exclusive);
void unlock(Native file);

// "ENOENT"; empty for a code that is not in the table. On Windows the errno that means
// the same.
std::string_view error_name(int code);
// The system's own words, without final full stop or line break.
std::string error_words(int code);

// As by SIGKILL: no destructor, no atexit handler.
void kill_process();

}  // namespace mmappickle::os::native

namespace mmappickle::os {

// What fail_io() throws.
Error io_error(const std::string& doing, const std::string& path, int code);

}  // namespace mmappickle::os
