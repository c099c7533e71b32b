// The value of an entry, as it lies in the file.
#include "load.h"

#include "../base/utf8.h"
#include "../pickle/opcodes.h"
#include "../pickle/reader.h"
#include "context.h"
#include "state.h"

namespace mmappickle::store {

namespace op = pickle::op;

namespace {

const std::string_view kEmptyKeyAndNone("\x8c\0N", 3);

// `problem`: a phrase or a sentence.
[[noreturn]] void fail(const Frame& frame, std::string problem) {
  if (problem.size() > 1 && problem[0] >= 'A' && problem[0] <= 'Z' && problem[1] >= 'a') {
    problem[0] = static_cast<char>(problem[0] - 'A' + 'a');
  }
  throw Error(
      ErrorKind::format,
      "the entry at offset " + std::to_string(frame.at) + " is damaged: " + problem,
      "fsck(path) reports what is wrong with the file.", frame.at);
}

void check_tail(Bytes file, const Frame& frame) {
  const Bytes tail = file.slice(frame.end() - kTailSize, kTailSize);
  if (tail[0] != op::BININT || tail[5] != op::POP || tail[7] != op::POP) {
    fail(frame, "it does not end as entries end");
  }
}

}  // namespace

void parse(Bytes file, const Frame& frame, Loaded& loaded) {
  check_tail(file, frame);
  const Bytes body = file.slice(frame.body(), frame.body_size());
  loaded.bytes = body.size;
  numpy::ArrayEntry entry;
  std::string problem;
  const numpy::HeadKind kind = numpy::read_array_entry(body, entry, problem);
  if (kind == numpy::HeadKind::damaged) fail(frame, problem);
  if (kind == numpy::HeadKind::array) {
    loaded.is_array = true;
    loaded.portable = entry.portable;
    loaded.array = std::move(entry.array);
    if (entry.metadata.size == 0) return;
    // As it would stand behind a value, without the array before it.
    std::string bytes(kEmptyKeyAndNone);
    bytes += entry.metadata.text();
    const Bytes kept = loaded.tree.keep(std::move(bytes));
    loaded.metadata = pickle::read_entry(loaded.tree, kept, frame.at).metadata;
    return;
  }
  const pickle::EntryValue value = pickle::read_entry(loaded.tree, body, frame.body());
  const std::string_view key = file.slice(frame.key(), frame.key_size).text();
  if (!loaded.tree.is_text(value.key, key) ||
      loaded.tree.extra_of(value.key) != nullptr) {
    fail(frame, "its opcodes do not leave the key as it is");
  }
  loaded.value = value.value;
  loaded.metadata = value.metadata;
  loaded.opcodes = value.opcodes;
}

Loaded Reading::load(Index::Slot slot) const {
  Store::State& state = *store_.state_;
  const std::string key(state.index.key(slot));
  return in_context(state.path, key, [&] {
    if (!state.stands(slot)) {
      state.fresh = false;  // the next session looks at the file anew
      throw Error(ErrorKind::stale,
                  "the entry of '" + escape_text(Bytes(key)) +
                      "' was changed while the file was read",
                  "Try again.");
    }
    const Entry& entry = state.index[slot];
    Loaded loaded;
    loaded.mapping = state.view_of(entry);
    parse(Bytes(loaded.mapping->data(), state.size), entry.frame(), loaded);
    return loaded;
  });
}

}  // namespace mmappickle::store
