#include "plain_pickle.h"

#include "../files/signature.h"
#include "../numpy/joblib.h"
#include "../pickle/opcodes.h"
#include "appender.h"
#include "entry_form.h"
#include "load.h"
#include "replace.h"
#include "walk.h"

namespace mmappickle::store {

namespace op = pickle::op;

namespace {

// False if `bytes` begin with no mmapdict, or with one that is not sound: then they are
// to be read as any pickle.
bool find_entries(Bytes bytes, const std::function<void()>& poll, PlainPickle& plain) {
  constexpr std::size_t kBetweenPolls = 1 << 12;
  if (!has_header(bytes)) return false;
  try {
    Index index;
    const Walk found = walk(bytes, index);
    if (found.torn) return false;
    for (const Index::Slot slot : index.live()) {
      if (poll && plain.keys.size() % kBetweenPolls == 0) poll();
      plain.keys.emplace_back(index.key(slot));
      plain.entries.push_back(index[slot].frame());
      load_entry(bytes, plain.entries.back(), nullptr, poll);  // to see that it can be
    }
    plain.end = found.terminator + kTerminatorSize;
    plain.is_mmapdict = true;
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

pickle::Pickle read_any_pickle(pickle::Tree& tree, Bytes bytes, std::uint64_t at) {
  numpy::JoblibArrays arrays(tree);
  try {
    return pickle::read_pickle(tree, bytes.from(at), at, arrays.reader());
  } catch (const Error& error) {
    if (at != 0 || error.kind != ErrorKind::format) throw;
    throw files::no_pickle(bytes, error);
  }
}

PlainPickle read_plain_pickle(Bytes bytes, std::uint64_t at,
                              const std::shared_ptr<os::Mapping>& mapping,
                              const std::function<void()>& poll) {
  PlainPickle plain;
  if (at == 0 && find_entries(bytes, poll, plain)) return plain;
  plain = PlainPickle();
  plain.value = Loaded(poll);
  Loaded& loaded = plain.value;
  const pickle::Pickle found = read_any_pickle(loaded.tree, bytes, at);
  loaded.value = found.root;
  loaded.metadata = found.metadata;
  loaded.mapping = mapping;
  loaded.bytes = found.consumed;
  if (found.placement == pickle::Placement::anywhere) loaded.opcodes = found.opcodes;
  if (found.placement != pickle::Placement::nowhere && found.metadata == pickle::kNoId) {
    loaded.pickle = bytes.slice(at, found.consumed);
  }
  plain.end = at + found.consumed;
  return plain;
}

Loaded load_entry(Bytes bytes, const Frame& entry,
                  const std::shared_ptr<os::Mapping>& mapping,
                  const std::function<void()>& poll) {
  Loaded loaded(poll);
  loaded.mapping = mapping;
  parse(bytes, entry, loaded);
  return loaded;
}

void put_plain_pickle(Output& output, const numpy::StoredValue& stored_value) {
  if (stored_value.pickle.size != 0) {
    return output.put(std::shared_ptr<const Source>(memory_source(stored_value.pickle)));
  }
  output.put(op::PROTO);
  output.put(std::uint8_t{4});
  pickle::Memo memo;
  ValueWriter writer(stored_value);
  write_value(output, stored_value, memo, writer);
  write_metadata(output, stored_value, memo, writer);
  output.put(op::STOP);
}

void write_plain_pickle(const std::string& path, const numpy::StoredValue& stored_value,
                        const std::function<void()>& poll, os::SystemCalls& system) {
  Output output(0);
  put_plain_pickle(output, stored_value);
  const auto put = [&](Appender& out) {
    out.put(output);
    if (stored_value.confirm) stored_value.confirm();
  };
  replace_file(path, system, poll, put, {}, Sync::for_old);
}

}  // namespace mmappickle::store
