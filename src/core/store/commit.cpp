// Changes, each committed by one small write: FORMAT vignette, "Commit".
#include <type_traits>
#include <utility>

#include "appender.h"
#include "context.h"
#include "entry_form.h"
#include "state.h"

namespace mmappickle::store {

namespace {

void write_byte(os::File& file, std::uint64_t at, std::uint8_t byte) {
  file.write_at(at, Bytes(&byte, 1));
}

Store& writable(Store& store) {
  if (store.readonly()) {
    throw Error(ErrorKind::readonly, "'" + store.path() + "' is open read-only",
                "Open it with `readonly = FALSE` to change it.");
  }
  return store;
}

}  // namespace

void check_size(const Output& output) {
  constexpr std::uint64_t kLargestFile = INT64_MAX;  // offsets are signed in the system
  if (output.at() <= kLargestFile) return;
  throw Error(ErrorKind::limit, "the file would be larger than files can be",
              "Store less in one value.");
}

Writing::Writing(Store& store)
    : Reading(in_context(store.path(), {}, [&]() -> Store& { return writable(store); }),
              os::Sharing::exclusive) {
  in_context(store.path(), {}, [&] { heal(); });
}

// Our own writes need no new walk, here or in the next session.
Writing::~Writing() {
  Store::State& state = *store_.state_;
  if (!state.file.is_open()) {  // let go
    try {
      state.open_file();
    } catch (...) {  // stays closed
    }
    return;
  }
  if (!changed_ || !state.fresh || state.doubtful) return;
  try {
    state.remember();
  } catch (...) {
    state.fresh = false;
  }
}

void Writing::let_go() {
  Store::State& state = *store_.state_;
  state.fresh = false;
  state.map.reset();
  state.overwriter.reset();
  state.header.reset();
  state.shared_source.reset();
  lock_ = os::Lock();
  state.file.close();
}

void Writing::renew() {
  Store::State& state = *store_.state_;
  if (state.fresh && !state.doubtful) return;
  state.walk_again();
  heal();
}

void Writing::heal() {
  Store::State& state = *store_.state_;
  const std::uint64_t end = state.found.terminator + kTerminatorSize;
  if (!state.found.torn && state.size == end && state.found.duplicates.empty()) return;
  raise_number();
  state.fresh = false;
  if (state.found.torn) restore_terminator(state.found.terminator);
  if (state.size != end) {
    try {
      state.cut(end);
    } catch (const Error& error) {
      // Mapped by somebody (Windows). Behind the terminator it is in nobody's way: the
      // next session that finds it tries again.
      if (error.kind != ErrorKind::busy) throw;
    }
  }
  for (const std::uint64_t state_at : state.found.duplicates) {
    write_byte(state.file, state_at, kDead);
  }
  sync();
  state.found.torn = false;
  state.found.duplicates.clear();
  state.fresh = true;
}

// What follows it may be cut off only once it is on disk: cut off first, half a
// terminator would be a frame that is longer than the file.
void Writing::restore_terminator(std::uint64_t at) {
  Store::State& state = *store_.state_;
  state.file.write_at(at, Bytes(kTerminator));
  sync();
}

void Writing::raise_number() {
  Store::State& state = *store_.state_;
  changed_ = true;
  state.fresh = false;
  const std::int32_t number = next_number(state.known.number);
  std::uint8_t bytes[4];
  store_le(bytes, static_cast<std::uint32_t>(number), 4);
  state.file.write_at(kNumberOffset, Bytes(bytes, sizeof bytes));
  state.known.number = number;
  state.fresh = true;
}

// Steps 2 to 4. `output` begins at the terminator with the 11 bytes that go over it, and
// ends with a new one. `state_at` 0: no state is to change, all shows with step 3.
void Writing::append(const Output& output, std::uint64_t state_at,
                     const std::function<void()>& confirm) {
  Store::State& state = *store_.state_;
  const std::uint64_t terminator = output.origin();
  bool behind = true;  // all that was written stands behind the terminator
  state.fresh = false;
  try {
    Bytes head;
    Appender out(state.file, terminator + kTerminatorSize, state.options.poll);
    output.visit([&](std::uint64_t at, const auto& piece) {
      if constexpr (std::is_same_v<std::decay_t<decltype(piece)>, Bytes>) {
        if (at == terminator) {
          head = piece.slice(0, kTerminatorSize);
          out.put(piece.from(kTerminatorSize));
          return;
        }
      }
      out.put(piece);
    });
    out.flush();
    if (confirm) confirm();
    sync();
    behind = false;
    state.file.write_at(terminator, head);
    if (state_at != 0) {
      sync();
      write_byte(state.file, state_at, kLive);
    }
  } catch (...) {
    try {
      if (!behind) restore_terminator(terminator);
      state.cut(terminator + kTerminatorSize);
      state.fresh = true;
    } catch (...) {  // the next session finds out what stands there, and heals it
    }
    throw;
  }
  state.size = output.at();
  state.found.terminator = output.at() - kTerminatorSize;
  state.fresh = true;
}

void Writing::put(std::string_view key, const numpy::StoredValue& stored_value) {
  Store::State& state = *store_.state_;
  in_context(state.path, key, [&] {
    check_key(key);
    renew();
    Output output(state.found.terminator);
    if (crosses_page(output.origin())) output.put(kBridge);
    const std::uint64_t bridge = output.size();
    const NewEntry entry = write_entry(output, key, stored_value);
    output.put(kTerminator);
    check_size(output);
    raise_number();
    append(output, entry.state_at, stored_value.confirm);
    state.fresh = false;
    state.found.dead_bytes += bridge;
    const Frame frame{entry.at, entry.length, static_cast<std::uint8_t>(key.size()),
                      kLive};
    const Entry older = state.index.add(frame, entry.padding, key);
    if (older.length > 0) {
      state.found.dead_bytes += older.padding + older.length;
      // Of these two bytes the second alone on disk would leave the key without a value.
      sync();
      write_byte(state.file, older.frame().state_at(), kDead);
    }
    sync();
    state.fresh = true;
  });
}

void Writing::erase(std::string_view key) {
  Store::State& state = *store_.state_;
  in_context(state.path, key, [&] {
    renew();
    const Index::Slot slot = require(key);
    const Entry entry = state.index[slot];
    raise_number();
    state.fresh = false;
    write_byte(state.file, entry.frame().state_at(), kDead);
    state.found.dead_bytes += entry.padding + entry.length;
    state.index.remove(slot);
    sync();
    state.fresh = true;
  });
}

void Writing::overwrite(const Runs& runs) {
  Store::State& state = *store_.state_;
  in_context(state.path, {}, [&] {
    const std::uint64_t end = state.found.terminator;
    for (std::size_t i = 0; i < runs.count; ++i) {
      const Run& run = runs.begin[i];
      for (const std::uint64_t at : {run.at, run.place(run.count - 1)}) {
        if (at < kHeaderSize || at > end || run.size > end - at) {
          throw Error(ErrorKind::stale, "the array is not in the file any more",
                      "Read it again, and try once more.");
        }
      }
    }
    const bool moved = std::exchange(changed_, true);
    state.overwriter.write(state.file, state.known.identity, state.size, runs, moved);
  });
}

// The trailer's length is the commit: until then nobody reads the rows. The head's, by
// which the Python library maps, may stay behind.
void Writing::set_length(std::string_view key, const numpy::Growth& growth,
                         std::uint64_t length) {
  Store::State& state = *store_.state_;
  in_context(state.path, key, [&] {
    const auto write = [&](std::uint64_t at, std::uint64_t n) {
      std::uint8_t bytes[4];
      store_le(bytes, static_cast<std::uint32_t>(n), 4);
      state.file.write_at(at, Bytes(bytes, sizeof bytes));
    };
    sync();
    raise_number();
    try {
      write(growth.length_at, length);
    } catch (...) {
      try {
        write(growth.length_at, growth.length);  // of which a part may be overwritten
      } catch (...) {
      }
      throw;
    }
    if (growth.head_length_at != 0) write(growth.head_length_at, length);
    sync();
  });
}

void Writing::sync() {
  Store::State& state = *store_.state_;
  if (!state.options.durable) return;
  in_context(state.path, {}, [&] { state.file.sync(); });
}

}  // namespace mmappickle::store
