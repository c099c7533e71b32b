// Any bytes as a file that is repaired: what could be read before has the same bytes
// afterwards, and a file without findings is one pickle. Linux only.
#include <unistd.h>

#include <fstream>
#include <map>

#include "../src/core/base/utf8.h"
#include "../src/core/numpy/recognise.h"
#include "../src/core/pickle/reader.h"
#include "../src/core/store/fsck.h"
#include "../src/core/store/grow.h"
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
    if (file != nullptr) *file = reading.image().bytes(0, reading.file_size()).text();
    for (const store::Index::Slot slot : reading.index().live()) {
      try {
        store::Loaded loaded = reading.load(slot);
        // An array inside that cannot be read: a repair sets the entry aside.
        if (!loaded.is_array && !numpy::damage_in(loaded.tree, loaded.value).empty()) {
          continue;
        }
        std::string& value = values[std::string(reading.index().key(slot))];
        numpy::Array array = loaded.array;
        // One that grows is written anew, with another filling.
        const bool grows = !loaded.is_array && loaded.growth.grows;
        if (grows && !store::find_array(loaded, array)) continue;
        if (!loaded.is_array && !grows) {
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
  // A repair makes a new file beside it, hence no memfd.
  static const std::string path = "/dev/shm/mmappickle-fuzz-" + std::to_string(getpid());
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  std::map<std::string, std::string> before, after;
  const bool opened = read_all(path, before);
  std::string file;
  try {
    const store::Report report =
        store::fsck(path, true, {}, os::real_system_calls(), true);
    if (!report.lost.empty()) unlink(report.lost.c_str());
    if (!read_all(path, after, &file)) __builtin_trap();
    for (const auto& [key, value] : before) {
      if (classify_text(Bytes(key)) == TextKind::invalid) continue;  // set aside
      const auto found = after.find(key);
      if (found == after.end() || found->second != value) __builtin_trap();
    }
    if (store::fsck(path, true, {}, os::real_system_calls(), true).repaired)
      __builtin_trap();
    if (store::fsck(path, false, {}).findings.empty()) {
      pickle::Tree tree;
      pickle::read_pickle(tree, Bytes(file));  // an Error is a finding of the fuzzer's
    }
  } catch (const Error& e) {
    if (e.kind != ErrorKind::format || opened || !file.empty()) __builtin_trap();
  }
  unlink(path.c_str());
  return 0;
}
