// Any bytes as a file: opened, read whole, and checked. Linux
// only: the file lives in memory (memfd) and is opened by its name in /proc.
#include <sys/mman.h>
#include <unistd.h>

#include "../src/core/store/fsck.h"
#include "fuzz.h"

using namespace mmappickle;

namespace {

// False if the file does not open.
bool read_all(const std::string& path) {
  store::Options options;
  options.readonly = true;
  options.create = false;
  try {
    const auto store = store::Store::open(path, options);
    const store::Reading reading(*store);
    store::list_entries(reading, true);
    for (const store::Index::Slot slot : reading.index().live()) {
      try {
        const store::Loaded loaded = reading.load(slot);
        if (loaded.is_array) fuzz::decode_all(loaded.array);
      } catch (const Error& e) {
        if (e.kind != ErrorKind::format && e.kind != ErrorKind::limit) __builtin_trap();
      }
    }
    return true;
  } catch (const Error& e) {
    if (e.kind != ErrorKind::format) __builtin_trap();
    return false;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int file = memfd_create("fuzz", 0);
  if (file < 0 || write(file, data, size) != static_cast<ssize_t>(size)) __builtin_trap();
  const std::string path = "/proc/self/fd/" + std::to_string(file);
  const bool opens = read_all(path);
  try {
    store::fsck(path, false, store::Options{});  // repairs: fuzz_fsck.cpp
  } catch (const Error& e) {
    if (e.kind != ErrorKind::format || opens) __builtin_trap();
  }
  close(file);
  return 0;
}
