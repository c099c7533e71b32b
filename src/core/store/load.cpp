// The value of an entry, as it lies in the file.
#include "load.h"

#include "../base/utf8.h"
#include "../numpy/recognise.h"
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

// True of what arrays are made by that this package writes inside of values.
bool is_ours(const pickle::Tree& tree, pickle::Id id) {
  const pickle::Node& node = tree[id];
  return node.tag == pickle::Tag::object &&
         (tree.is_global(node.first, "numpy", "ndarray") ||
          (tree.is_global(node.first, "numpy.ma", "MaskedArray") &&
           tree.extra_of(id) != nullptr));
}

bool has_data(const numpy::Array& array) {
  return array.objects == pickle::kNoId && array.dtype.whole &&
         array.dtype.itemsize > 0 && array.count() > 0;
}

}  // namespace

std::vector<numpy::Array> own_arrays(Loaded& loaded) {
  std::vector<numpy::Array> arrays;
  if (loaded.is_array) {
    if (has_data(loaded.array)) arrays.push_back(loaded.array);
    return arrays;
  }
  numpy::Recogniser recogniser(loaded.tree);
  for (pickle::Id id = 0; id < loaded.tree.size(); ++id) {
    if (!is_ours(loaded.tree, id)) continue;
    numpy::Recognised found = recogniser.recognise(id);
    if (found.found == numpy::Found::array && has_data(found.array)) {
      arrays.push_back(std::move(found.array));
    }
  }
  return arrays;
}

void parse(Bytes file, const Frame& frame, Loaded& loaded) {
  check_tail(file, frame);
  const Bytes body = file.slice(frame.body(), frame.body_size());
  loaded.bytes = body.size;
  loaded.frame = frame;
  loaded.number = commit_number(file);
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
