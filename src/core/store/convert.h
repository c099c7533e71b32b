// Any pickled dict to an mmapdict.
#pragma once

#include "../pickle/python2_strings.h"
#include "store.h"

namespace mmappickle::store {

struct ConvertOptions {
  bool overwrite = false;    // `to` may be there already
  double lock_timeout = -1;  // as Options
  std::function<void()> poll{};
  pickle::Encoding encoding = pickle::Encoding::ascii;  // of Python 2's str
  std::string source{};  // where the bytes of convert_bytes() come from, for errors
};

struct Converted {
  std::uint64_t keys = 0;
  // Of bytes that follow the pickle: where they begin, and how many they are.
  std::uint64_t end = 0, trailing = 0;
};

// The dict (or OrderedDict, defaultdict, Counter) in the file `from` becomes the mmapdict
// `to`, which may be the same file: it is written whole beside it, synced and renamed.
// Its arrays are portable, large ones are copied from file to file. Keys keep their
// order; of one that repeats the last value counts. Of an mmapdict the live entries are
// taken, with their R metadata.
//
// On any error both files are as they were. Error of kind format for what is no pickle,
// or a damaged mmapdict; value: no dict; key: a key that is no text, or none for an
// mmapdict; io: `to` is there, or has several hard links; busy: others have `to` open;
// unsupported: a value that pickle.load() could not load.
Converted convert_file(const std::string& from, const std::string& to,
                       const ConvertOptions& options,
                       os::SystemCalls& system = os::real_system_calls());
// The same for bytes in memory.
Converted convert_bytes(Bytes from, const std::string& to, const ConvertOptions& options,
                        os::SystemCalls& system = os::real_system_calls());

}  // namespace mmappickle::store
