// For the tests of crashes: operations on a small file, what they write, and the states
// that a crash may leave.
#pragma once

#include <optional>

#include "../../src/core/numpy/form_bytes.h"
#include "store_acts.h"

namespace mmappickle::store {

// Keeps the calls as FaultySystemCalls does, but waits for no disk.
class Recorder : public os::FaultySystemCalls {
 public:
  os::Outcome sync(os::Native) override { return note("sync"); }
  os::Outcome sync_folder(const std::string&) override { return note("sync_folder"); }

 private:
  os::Outcome note(const char* name) {
    log.push_back(Call{name, 0, 0, {}, {}, {}});
    return {};
  }
};

using Call = os::FaultySystemCalls::Call;
using Content = std::optional<std::string>;  // of a file; none: it is not there

// An array in the Python library's form: of float64, (2,).
inline std::string old_array_entry(const std::string& key) {
  return entry_bytes(key, std::string(numpy::kA) + "\x8e" + pickle::le(16, 8) +
                              std::string(16, '?') +
                              raw("\x8c\7float64\x86RK\2\x85\x86R"));
}

// What the operations start from, with its terminator at `terminator`: live entries, an
// old one, a dead one that fills.
inline std::string seed_file(std::uint64_t terminator) {
  const Scratch scratch;
  const std::string path =
      scratch.file(header_bytes() + old_array_entry("o") + terminator_bytes());
  const auto store = Store::open(path, Options{});
  put(*store, "n", 1);
  put(*store, "a", doubles_value({1, 2, 3}));
  std::string file = contents(path);
  file.resize(file.size() - kTerminatorSize);
  const std::size_t rest = terminator - file.size() - entry_bytes("f", "").size() - 5;
  file += entry_bytes("f", "B" + pickle::le(rest, 4) + std::string(rest, '\0'), false);
  REQUIRE(file.size() == terminator);
  return file + terminator_bytes();
}

// -- recording -------------------------------------------------------------------------

// Of one operation. `before` and `after`: the file under its name.
struct Change {
  std::string name;
  Act::Between between = Act::nothing;
  Content before, after;
  std::vector<Call> log;
  bool failed = false;
};

// With `fail_at` that call fails, and what is undone then is part of it.
inline Change record(const Act& act, int step, const Content& before, bool durable,
                     std::uint64_t fail_at = 0) {
  const Scratch scratch;
  if (before) scratch.file(*before);
  Options options;
  options.durable = durable;
  Recorder system;
  const auto store = Store::open(scratch.path(), options, system);
  system.log.clear();
  system.calls = 0;
  system.fail_at = fail_at;
  try {
    act.make(*store, step);
  } catch (const Error&) {
    if (fail_at == 0) throw;
  }
  const bool failed = fail_at != 0 && system.calls >= fail_at;
  return {act.name, act.between, before, contents(scratch.path()), system.log, failed};
}

// The file is made by opening it.
inline Change record_creation(bool durable) {
  const Scratch scratch;
  Options options;
  options.durable = durable;
  Recorder system;
  Store::open(scratch.path(), options, system);
  return {"creation", Act::nothing, {}, contents(scratch.path()), system.log, false};
}

// -- replaying -------------------------------------------------------------------------

// The file under its name, and one that is being made and has a name of its own; writes
// go to the newest, until it is renamed: then to the old file, which has lost its name.
class Disk {
 public:
  explicit Disk(Content named) : named_(std::move(named)) {}

  const Content& named() const { return named_; }

  void apply(const Call& call) {
    if (call.name == "create") {
      fresh_ = std::string();
    } else if (call.name == "rename") {
      renamed_ = true;
      std::swap(named_, fresh_);
    } else if (call.name == "write_at") {
      write(call.offset, Bytes(call.bytes.data(), call.bytes.size()).text());
    } else if (call.name == "remove") {
      REQUIRE(!renamed_);
      fresh_.reset();
    } else if (call.name == "truncate") {
      target().resize(call.size);
    } else {
      REQUIRE((call.name == "sync" || call.name == "sync_folder" ||
               call.name == "copy_owner"));
    }
  }

  // True if what is written goes to the file under its name.
  bool writes_to_named() const { return !fresh_; }

 private:
  std::string& target() { return fresh_ ? *fresh_ : *named_; }
  void write(std::uint64_t offset, std::string_view bytes) {
    std::string& file = target();
    if (file.size() < offset + bytes.size()) file.resize(offset + bytes.size());
    file.replace(offset, bytes.size(), bytes);
  }

  Content named_, fresh_;
  bool renamed_ = false;
};

// A part of a write.
inline Call part_of(const Call& call, std::size_t from, std::size_t count) {
  Call part = call;
  part.offset += from;
  part.size = count;
  const auto begin = call.bytes.begin() + static_cast<std::ptrdiff_t>(from);
  part.bytes.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
  return part;
}

// The pieces of a write that lie in one page each.
inline std::vector<Call> pages_of(const Call& call) {
  std::vector<Call> pages;
  for (std::size_t at = 0; at < call.bytes.size();) {
    const std::size_t n =
        std::min<std::size_t>(kPage - (call.offset + at) % kPage, call.bytes.size() - at);
    pages.push_back(part_of(call, at, n));
    at += n;
  }
  return pages;
}

// -- reading ---------------------------------------------------------------------------

// A text that is not too long to be kept thousands of times.
inline std::string digest(const std::string& text) {
  if (text.size() < 500) return text;
  return std::to_string(text.size()) + "#" +
         std::to_string(std::hash<std::string>()(text));
}

// What pickle.load() finds in these bytes, each value as text. Error if it is no dict.
inline Values plain_values(const std::string& file) {
  pickle::Tree tree;
  const pickle::Pickle found = pickle::read_pickle(tree, Bytes(file));
  REQUIRE(tree[found.root].tag == pickle::Tag::dict);
  Values values;
  pickle::Dump dump(tree);
  std::string key;
  bool is_value = false;
  for (const pickle::Id item : tree.items(found.root)) {
    if (is_value) {
      const std::string grown = growing_text(tree, item);
      values[key] = digest(grown.empty() ? dump(item) : grown);
    } else {
      key = tree.text_of(item);
    }
    is_value = !is_value;
  }
  return values;
}

// True if the frames lead from the header to the last 11 bytes of the file, which are the
// terminator: as the Python library walks.
inline bool frames_lead_to_end(const std::string& file) {
  std::uint64_t at = kHeaderSize;
  while (at + kTerminatorSize < file.size() && file[at] == '\x95') {
    at += kFrameHead + load_u64(Bytes(file).data + at + 1);
  }
  return file.size() >= kTerminatorSize && at == file.size() - kTerminatorSize &&
         file.substr(at) == kTerminator;
}

// The same keys; each character of each value from one of the two.
inline bool is_mix(const Values& values, const Values& one, const Values& other) {
  if (values.size() != one.size() || values.size() != other.size()) return false;
  for (const auto& [key, text] : values) {
    if (one.count(key) == 0 || other.count(key) == 0) return false;
    const std::string &a = one.at(key), &b = other.at(key);
    if (text.size() != a.size() || text.size() != b.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != a[i] && text[i] != b[i]) return false;
    }
  }
  return true;
}

// Of the keys that have R metadata.
inline Values metadata_of(Store& store) {
  const Reading reading(store);
  Values found;
  for (const Index::Slot slot : reading.index().live()) {
    const Loaded loaded = reading.look(slot);
    if (loaded.metadata == pickle::kNoId) continue;
    found[std::string(reading.index().key(slot))] =
        " with " + pickle::Dump(loaded.tree)(loaded.metadata);
  }
  return found;
}

// A file as all readers see it, and as it is when it was healed.
struct Seen {
  std::string problem;  // empty if each could read it
  Values plain, store;
};

// Lets a store read the file, and put one more key.
inline Seen look_at_state(const std::string& file, const std::string& path,
                          bool durable = false) {
  Seen seen;
  const auto fail = [&](const std::string& what) {
    seen.problem += (seen.problem.empty() ? "" : "; ") + what;
  };
  try {
    seen.plain = plain_values(file);
    std::filesystem::remove(path);  // cheaper than to cut it
    std::ofstream(path, std::ios::binary) << file;
    Recorder system;
    system.keep_bytes = false;
    Options options;
    options.durable = durable;
    const auto store = Store::open(path, options, system);
    seen.store = values_of(*store);
    const Values metadata = metadata_of(*store);
    for (auto& [key, value] : seen.store) {
      if (value.compare(0, 5, "error") == 0) fail(key + " cannot be read");
      value = digest(value) + (metadata.count(key) ? metadata.at(key) : "");
    }
    for (const Call& call : system.log) {
      if (call.name != "sync_folder") fail(call.name + " by a reader");
    }
    if (contents(path) != file) fail("a reader has changed the file");
    put(*store, "more", 7);
    const std::string healed = contents(path);
    if (!frames_lead_to_end(healed))
      fail("when healed, the frames do not lead to the end");
    Values more = seen.plain;
    more["more"] = "i7";
    if (plain_values(healed) != more) fail("when healed, other values");
  } catch (const Error& error) {
    fail(error.message);
  }
  return seen;
}

// True if what was seen is the file before the change or after it, for every reader.
inline bool is_either(const Seen& seen, const Seen& before, const Seen& after,
                      Act::Between between) {
  if (!seen.problem.empty()) return false;
  if (seen.plain == before.plain && seen.store == before.store) return true;
  if (seen.plain == after.plain && seen.store == after.store) return true;
  switch (between) {
    case Act::nothing:
      return false;
    case Act::mixes:
      return is_mix(seen.plain, before.plain, after.plain) &&
             is_mix(seen.store, before.store, after.store);
    case Act::moves: {
      Seen both = after;
      both.plain.insert(before.plain.begin(), before.plain.end());
      both.store.insert(before.store.begin(), before.store.end());
      return seen.plain == both.plain && seen.store == both.store;
    }
  }
  return false;
}

}  // namespace mmappickle::store
