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

void check_tail(const Image& entry, const Frame& frame) {
  const Bytes tail = entry.bytes(frame.length - kTailSize, kTailSize);
  if (tail[0] != op::BININT || tail[5] != op::POP || tail[7] != op::POP) {
    fail(frame, "it does not end as entries end");
  }
}

// True of what arrays are made by that this package writes inside of values.
bool is_ours(const pickle::Tree& tree, pickle::Id id) {
  const pickle::Node& node = tree[id];
  return node.tag == pickle::Tag::object &&
         (tree.is_global(node.first, "numpy", "ndarray") ||
          tree.is_global(node.first, "numpy", "array") ||
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

namespace {

// `shift`: from Image::at() to offsets of the file.
void set_growth(const numpy::Growth& growth, std::uint64_t shift, Loaded& loaded) {
  if (!growth.grows) return;
  loaded.growth = growth;
  for (std::uint64_t* at : {&loaded.growth.data_at, &loaded.growth.mask_at,
                            &loaded.growth.length_at, &loaded.growth.head_length_at}) {
    if (*at != 0) *at += shift;
  }
}

// Of a value that is no array entry: if it is an array that grows, by its opcodes and by
// what they make.
void find_growth(const Image& entry, const Frame& frame, Loaded& loaded) {
  numpy::Growth growth;
  const Image body = entry.slice(frame.body() - frame.at, frame.body_size());
  if (!numpy::read_growth(body, growth)) return;
  const numpy::Recognised found = numpy::recognise(loaded.tree, loaded.value);
  if (found.found != numpy::Found::array) return;
  const numpy::Array& array = found.array;
  const auto stands_at = [&](const std::uint8_t* data, std::uint64_t at) {
    return data == nullptr ? at == 0 : data == entry.data() + (at - entry.at());
  };
  if (array.shape.empty() || array.shape[0] != growth.length ||
      !stands_at(array.data, growth.data_at) || !stands_at(array.mask, growth.mask_at)) {
    return;
  }
  set_growth(growth, frame.at - entry.at(), loaded);
}

// True for an array entry: all of `loaded` is filled in then.
bool parse_array(const Image& bytes, const Frame& frame, std::int32_t number,
                 Loaded& loaded) {
  check_tail(bytes, frame);
  const Image body = bytes.slice(frame.body() - frame.at, frame.body_size());
  loaded.bytes = body.size();
  loaded.frame = frame;
  loaded.number = number;
  // Most that are none begin as none: nothing is made for them.
  const Image value = bytes.slice(frame.value() - frame.at, frame.value_size());
  if (numpy::array_head(value) == 0) return false;
  numpy::ArrayEntry entry;
  std::string problem;
  const numpy::HeadKind kind = numpy::read_array_entry(body, entry, problem);
  if (kind == numpy::HeadKind::damaged) fail(frame, problem);
  if (kind != numpy::HeadKind::array) return false;
  loaded.is_array = true;
  loaded.portable = entry.portable;
  loaded.whole = entry.whole;
  loaded.array = std::move(entry.array);
  set_growth(entry.growth, frame.at - bytes.at(), loaded);
  loaded.place.data = frame.at + (entry.data_at - bytes.at());
  if (loaded.array.masked) loaded.place.mask = frame.at + (entry.mask_at - bytes.at());
  if (entry.metadata.size == 0) return true;
  // As it would stand behind a value, without the array before it.
  std::string kept(kEmptyKeyAndNone);
  kept += entry.metadata.text();
  const Bytes opcodes = loaded.tree.keep(std::move(kept));
  loaded.metadata = pickle::read_entry(loaded.tree, opcodes, frame.at).metadata;
  return true;
}

}  // namespace

void parse(Bytes file, const Frame& frame, Loaded& loaded) {
  parse(file.slice(frame.at, frame.length), frame, commit_number(file), loaded);
}

void parse_sound(Bytes file, const Frame& frame, Loaded& loaded) {
  parse(file, frame, loaded);
  if (loaded.is_array) return;
  const std::string damage = numpy::damage_in(loaded.tree, loaded.value);
  if (!damage.empty()) {
    throw Error(ErrorKind::format, "an array in it is damaged: " + damage, {}, frame.at);
  }
}

namespace {

// Of an entry that parse_array() knows to be no array entry.
void parse_value(Bytes entry, const Frame& frame, Loaded& loaded) {
  const Bytes body = entry.slice(frame.body() - frame.at, frame.body_size());
  const pickle::EntryValue value = pickle::read_entry(loaded.tree, body, frame.body());
  const std::string_view key = entry.slice(kEntryHead, frame.key_size).text();
  if (!loaded.tree.is_text(value.key, key) ||
      loaded.tree.extra_of(value.key) != nullptr) {
    fail(frame, "its opcodes do not leave the key as it is");
  }
  loaded.value = value.value;
  loaded.metadata = value.metadata;
  loaded.opcodes = value.opcodes;
  find_growth(entry, frame, loaded);
}

}  // namespace

void parse(Bytes entry, const Frame& frame, std::int32_t number, Loaded& loaded) {
  if (!parse_array(entry, frame, number, loaded)) parse_value(entry, frame, loaded);
}

// Read through a map, the holes of a file in memory would be filled. The system looks for
// them page by page: it is asked once for each state of the file, not by each small
// slice. (Templates, as State is a private name.)
template <class State>
bool fills_holes(State& state, std::uint64_t from, std::uint64_t end) {
  if (!state.in_memory) return false;
  const bool is_known = state.solid_at == state.known.number &&
                        state.solid.begin <= from && end <= state.solid.end;
  if (is_known) return false;
  const os::File::Range data = state.file.next_data(from, end);
  if (data.begin != from || data.end != end) return true;
  state.solid = data;
  state.solid_at = state.known.number;
  return false;
}

// Where the array's data lie in a map; or in the file, to be read, where no map of them
// can be had, or none should be.
template <class State>
void map_array(State& state, Loaded& loaded) {
  numpy::Array& array = loaded.array;
  const std::uint64_t from = loaded.place.data;
  try {
    if (!fills_holes(state, from, loaded.frame.end()))
      loaded.mapping = state.map_of(loaded.frame);
  } catch (const Error& error) {
    if (error.kind != ErrorKind::io) throw;
  }
  array.data = array.mask = nullptr;
  if (loaded.mapping) {
    array.data = loaded.mapping->at(from);
    if (loaded.place.mask != 0) array.mask = loaded.mapping->at(loaded.place.mask);
  } else {
    loaded.file = state.source();
  }
}

Loaded Reading::load(Index::Slot slot) const { return checked(slot, true); }
Loaded Reading::look(Index::Slot slot) const { return checked(slot, false); }

std::shared_ptr<const os::Mapping> Reading::map_to_read(const Frame& frame) const {
  Store::State& state = *store_.state_;
  if (!state.map || !state.map->covers(frame.at, frame.length)) return nullptr;
  if (fills_holes(state, frame.at, frame.end())) return nullptr;
  return state.map;
}

Loaded Reading::checked(Index::Slot slot, bool for_views) const {
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
    const Frame frame = state.index[slot].frame();
    const Image entry = state.image().slice(frame.at, frame.length);
    Loaded loaded(state.options.poll);
    if (!parse_array(entry, frame, state.known.number, loaded)) {
      loaded.mapping = state.map_of(frame);
      parse_value(Bytes(loaded.mapping->at(frame.at), frame.length), frame, loaded);
    } else if (for_views) {
      map_array(state, loaded);
    } else {
      loaded.array.data = loaded.array.mask = nullptr;
    }
    loaded.witness = state.witness_of(frame);
    return loaded;
  });
}

}  // namespace mmappickle::store
