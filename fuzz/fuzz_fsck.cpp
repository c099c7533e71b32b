// Any bytes as a file that is repaired: what could be read before has the same bytes
// afterwards, and a file without findings is one pickle. Linux only, as fuzz_store.
#include <sys/mman.h>
#include <unistd.h>

#include <map>

#include "../src/core/pickle/reader.h"
#include "../src/core/store/fsck.h"
#include "fuzz.h"

using namespace mmappickle;

namespace {

// The keys that can be read, with the bytes of their values. False: the file does not
// open.
bool read_all(const std::string& path, std::map<std::string, std::string>& values,
              std::string* file = nullptr) {
  store::Options options;
  options.readonly = true;
  options.create = false;
  try {
    const auto store = store::Store::open(path, options);
    const store::Reading reading(*store);
    if (file != nullptr) *file = reading.file().text();
    for (const store::Index::Slot slot : reading.index().live()) {
      try {
        const store::Loaded loaded = reading.load(slot);
        std::string& value = values[std::string(reading.index().key(slot))];
        const numpy::Array& array = loaded.array;
        if (!loaded.is_array) {
          value = loaded.opcodes.text();
        } else if (array.objects == pickle::kNoId && array.c_order()) {
          value = Bytes(array.data, array.count() * array.dtype.itemsize).text();
        }
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
  const int fd = memfd_create("fuzz", 0);
  if (fd < 0 || write(fd, data, size) != static_cast<ssize_t>(size)) __builtin_trap();
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  std::map<std::string, std::string> before, after;
  const bool opened = read_all(path, before);
  std::string file;
  try {
    store::fsck(path, true, store::Options());
    const bool opens = read_all(path, after, &file);
    if (opened && !opens) __builtin_trap();
    for (const auto& item : before) {
      const auto found = after.find(item.first);
      if (found == after.end() || found->second != item.second) __builtin_trap();
    }
    if (opens && store::fsck(path, false, store::Options()).findings.empty()) {
      pickle::Tree tree;
      pickle::read_pickle(tree, Bytes(file));  // an Error is a finding of the fuzzer's
    }
  } catch (const Error& e) {
    // Where entries stand behind the broken place nothing is repaired.
    if (e.kind != ErrorKind::format || opened || !file.empty()) __builtin_trap();
  }
  close(fd);
  return 0;
}
