// What each platform's twin gives to the common bodies of this room beside the system
// calls: the calls that cannot fail in a way that matters, and the names of errors.
// Internal to os/.
#pragma once

#include <string>
#include <string_view>

#include "file.h"

namespace mmappickle::os::native {

// One attempt moves at most this many bytes: macOS refuses more than INT_MAX, Windows
// counts in 32 bits.
constexpr std::uint64_t kLargestTransfer = std::uint64_t{1} << 30;

void close(Native file);
void unlock(Native file);
// See File::next_data(); from < size.
File::Range next_data(Native file, std::uint64_t from, std::uint64_t size);
// "a" of "a/b", "/" of "/b", "." of "b".
std::string folder_of(const std::string& path);

// "ENOENT"; empty for a code that is not in the table. On Windows the errno that means
// the same.
std::string_view error_name(int code);
// The first code of that name, or 0.
int error_code(std::string_view name);
// The system's own words, without final full stop or line break.
std::string error_words(int code);

// As by SIGKILL: no destructor, no atexit handler.
void kill_process();

// Whether a process that came from this one by a fork has the file open or mapped. True
// where the system cannot tell.
bool is_used_by_forks(const Identity& identity);

// Repeats a call that a signal interrupted.
template <class Call>
Outcome uninterrupted(Call&& call) {
  for (;;) {
    const Outcome outcome = call();
    if (outcome.error == 0 || error_name(outcome.error) != "EINTR") return outcome;
  }
}

}  // namespace mmappickle::os::native

namespace mmappickle::os {

// What fail_io() throws.
Error io_error(const std::string& doing, const std::string& path, int code);

}  // namespace mmappickle::os
