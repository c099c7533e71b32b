// Whole pickles, in files or anywhere: read as pickle.load reads them, and written. No
// sessions and no locks: what is read is what stands there now.
#pragma once

#include "../pickle/reader.h"
#include "store.h"

namespace mmappickle::store {

// One pickle. That of an mmapdict is read entry by entry, as sessions do; its values are
// loaded one at a time by load_entry(). Any other is one value.
struct PlainPickle {
  bool is_mmapdict = false;
  std::vector<std::string> keys;  // of an mmapdict, in file order, and
  std::vector<Frame> entries;     // where they stand
  Loaded value;                   // else
  std::uint64_t end = 0;          // offset of the first byte behind it
};

// A pickle, or a dump of joblib's, as pickle::read_pickle(). What is something else is
// told by its beginning.
pickle::Pickle read_any_pickle(pickle::Tree& tree, Bytes bytes, std::uint64_t at);

// The pickle at `at`. The values point into `bytes`, which `mapping` (may be null) keeps
// alive. Error of kind format, with the offset, if there is none. `poll` as in Options.
PlainPickle read_plain_pickle(Bytes bytes, std::uint64_t at,
                              const std::shared_ptr<os::Mapping>& mapping,
                              const std::function<void()>& poll);

// The value of one of the entries that read_plain_pickle() found in these bytes.
Loaded load_entry(Bytes bytes, const Frame& entry,
                  const std::shared_ptr<os::Mapping>& mapping,
                  const std::function<void()>& poll);

// PROTO 4, the value, R metadata behind it as in an entry, STOP.
void put_plain_pickle(Output& output, const numpy::StoredValue& stored_value);

// The same as a file in the place of `path`: on any error what was there stays.
void write_plain_pickle(const std::string& path, const numpy::StoredValue& stored_value,
                        const std::function<void()>& poll,
                        os::SystemCalls& system = os::real_system_calls());

}  // namespace mmappickle::store
