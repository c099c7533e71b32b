// Changes of whole entries that move no data through memory: copied, renamed, deleted,
// given other R metadata. FORMAT vignette, "Commit".
#include <optional>
#include <set>

#include "../base/utf8.h"
#include "context.h"
#include "copy.h"
#include "state.h"

namespace mmappickle::store {

namespace {

[[noreturn]] void fail_twice(std::string_view key) {
  Error error(ErrorKind::key, "the key '" + escape_text(Bytes(key)) + "' is given twice",
              "Name each key once.");
  error.key = key;
  throw error;
}

// Of each pair the one or the other, each only once.
template <class Of>
std::set<std::string> distinct(const Writing::Names& names, Of&& of) {
  std::set<std::string> keys;
  for (const auto& pair : names) {
    if (!keys.insert(of(pair)).second) fail_twice(of(pair));
  }
  return keys;
}

}  // namespace

// For entries that are written live: if the terminator lies in two pages the eleven bytes
// over it may be torn, so that they are those of a bridge, which is committed alone.
Output Writing::behind_bridge() const {
  const std::uint64_t terminator = store_.state_->found.terminator;
  return Output(terminator + (crosses_page(terminator) ? kBridge.size() : 0));
}

void Writing::bridge() {
  Store::State& state = *store_.state_;
  if (!crosses_page(state.found.terminator)) return;
  Output output(state.found.terminator);
  output.put(kBridge);
  output.put(kTerminator);
  append(output, 0, {});
  state.found.dead_bytes += kBridge.size();
}

void Writing::kill(const Entry& entry) {
  Store::State& state = *store_.state_;
  state.fresh = false;
  state.file.write_at(entry.frame().state_at(), Bytes(&kDead, 1));
  state.found.dead_bytes += entry.padding + entry.length;
  state.fresh = true;
}

// What was written live shows with the eleven bytes over the terminator: all at once, and
// for each key before the older entry dies.
void Writing::append_live(Output& output, const std::vector<CopiedEntry>& entries,
                          const std::vector<std::string>& keys,
                          const std::function<void()>& confirm) {
  Store::State& state = *store_.state_;
  output.put(kTerminator);
  check_size(output);
  raise_number();
  bridge();
  append(output, 0, confirm);
  sync();
  std::vector<Entry> older;
  state.fresh = false;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const NewEntry& entry = entries[i].entry;
    const Frame frame{entry.at, entry.length, static_cast<std::uint8_t>(keys[i].size()),
                      kLive};
    older.push_back(state.index.add(frame, entry.padding, keys[i]));
  }
  state.fresh = true;
  for (const Entry& entry : older) {
    if (entry.length > 0) kill(entry);
  }
}

void Writing::copy(const Reading& from, const Names& names, bool overwrite, bool move) {
  Store::State& state = *store_.state_;
  in_context(state.path, {}, [&] {
    renew();
    const auto to = distinct(names, [](const auto& n) { return n.second; });
    std::set<std::string> gone;
    if (move) gone = distinct(names, [](const auto& n) { return n.first; });
    for (const auto& [old_key, key] : names) {
      from.require(old_key);
      check_key(key);
      if (overwrite || gone.count(key) > 0) continue;
      if (state.index.find(key) != Index::kNone) {
        Error error(ErrorKind::key,
                    "there is a key \"" + escape_text(Bytes(key)) + "\" already in '" +
                        state.path + "'",
                    "`overwrite = TRUE` replaces its value.");
        error.key = key;
        throw error;
      }
    }
    if (names.empty()) return;
    Output output = behind_bridge();
    std::vector<CopiedEntry> entries;
    std::vector<std::string> keys;
    for (const auto& [old_key, key] : names) {
      in_context(from.path(), old_key, [&, &old_key = old_key, &key = key] {
        const Frame frame = from.index()[from.require(old_key)].frame();
        entries.push_back(write_copy(output, key, from.file(), from.image(), frame));
        keys.push_back(key);
      });
    }
    append_live(output, entries, keys, {});
    for (const std::string& key : gone) {
      if (to.count(key) > 0) continue;
      const Index::Slot slot = state.index.find(key);
      sync();
      kill(state.index[slot]);
      state.index.remove(slot);
    }
    sync();
  });
}

// Who copies the other way at the same time takes the two locks in the same order.
void copy(Store& from, Store& to, const Writing::Names& names, bool overwrite,
          bool move) {
  bool exists = false;
  const auto identity = [&](const Store& store) {
    return os::status_of(store.path(), exists).identity;
  };
  const os::Identity source = identity(from), target = identity(to);
  std::optional<Reading> reading;
  const auto is_less = [](const os::Identity& a, const os::Identity& b) {
    return std::make_pair(a.device, a.inode) < std::make_pair(b.device, b.inode);
  };
  if (is_less(source, target)) reading.emplace(from);
  Writing writing(to);
  if (is_less(target, source)) reading.emplace(from);
  writing.copy(reading ? *reading : writing, names, overwrite, move);
}

void Writing::erase(const std::vector<std::string>& keys) {
  for (const std::string& key : keys) require(key);
  for (const std::string& key : keys) erase(std::string_view(key));
}

// Never torn by a crash; what fails is taken back.
void Writing::write_in_page(const Output& output) {
  Store::State& state = *store_.state_;
  std::string now(output.size(), '\0'), before = now;
  output.copy_to(reinterpret_cast<std::uint8_t*>(&now[0]));
  const std::uint64_t at = output.origin();
  state.file.read_at(at, reinterpret_cast<std::uint8_t*>(&before[0]), before.size());
  raise_number();
  state.fresh = false;
  try {
    state.file.write_at(at, Bytes(std::string_view(now)));
  } catch (...) {
    try {
      state.file.write_at(at, Bytes(std::string_view(before)));
    } catch (...) {  // the first error says it all
    }
    throw;
  }
  sync();
  state.fresh = true;
}

bool Writing::put_metadata(std::string_view key, const numpy::StoredValue& stored_value) {
  Store::State& state = *store_.state_;
  return in_context(state.path, key, [&] {
    renew();
    const Frame frame = state.index[require(key)].frame();
    if (!is_same_array(stored_value, image(), frame)) return false;
    Output over(0);
    if (write_over(over, stored_value, image(), frame)) {
      if (stored_value.confirm) stored_value.confirm();
      write_in_page(over);
      return true;
    }
    Output output = behind_bridge();
    const CopiedEntry entry =
        write_copy(output, stored_value, state.file, image(), frame);
    append_live(output, {entry}, {std::string(key)}, stored_value.confirm);
    sync();
    return true;
  });
}

}  // namespace mmappickle::store
