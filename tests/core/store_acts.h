// What the tests of crashes do to a small file (store_history_testing.h), one after
// another.
#pragma once

#include <functional>

#include "../../src/core/store/vacuum.h"
#include "store_testing.h"

namespace mmappickle::store {

struct Act {
  const char* name;
  // `step`: values differ from step to step. Does nothing where it has nothing to do.
  std::function<void(Store&, int step)> make;
  // What a crash may leave besides the old and the new: a part of the new elements of an
  // array; what was moved under its old key, too.
  enum Between { nothing, mixes, moves } between = nothing;
};

inline bool has_key(Store& store, const std::string& key) {
  return Reading(store).index().find(key) != Index::kNone;
}

// The first and the last item of the array "a", one after the other.
inline void overwrite_items(Store& store, int step) {
  if (!has_key(store, "a")) return;
  Writing writing(store);
  const Loaded loaded = writing.load(writing.require("a"));
  if (!loaded.is_array) return;
  const double value = step + 0.25;
  const Bytes bytes(reinterpret_cast<const std::uint8_t*>(&value), sizeof value);
  overwrite(writing, loaded.place.data, bytes);
  overwrite(writing, loaded.place.data + 8 * (loaded.array.count() - 1), bytes);
  writing.sync();
}

inline numpy::StoredValue value_with_metadata(int step) {
  numpy::StoredValue stored_value = integer_value(step);
  stored_value.metadata = stored_value.tree.container(
      pickle::Tag::dict,
      {stored_value.tree.text("type"), stored_value.tree.integer(step)});
  return stored_value;
}

// Each takes the other's place.
inline void swap_keys(Store& store, int) {
  if (!has_key(store, "n") || !has_key(store, "a")) return;
  Writing writing(store);
  writing.copy(writing, {{"n", "a"}, {"a", "n"}}, false, true);
}

// Of an array in the Python library's form.
inline void rename_key(Store& store, int) {
  if (!has_key(store, "o")) return;
  Writing writing(store);
  writing.copy(writing, {{"o", "renamed"}}, true, true);
}

// Of the array "a" of the seed, if it stands there: by a copy the first time, in place
// then.
inline void put_metadata(Store& store, int step) {
  if (!has_key(store, "a")) return;
  numpy::StoredValue stored_value = array_value("float64", {3}, hole_source(24));
  const std::string text(static_cast<std::size_t>(step), 'u');
  stored_value.metadata = stored_value.tree.container(
      pickle::Tag::dict, {stored_value.tree.text("type"),
                          stored_value.tree.text(stored_value.tree.keep(text))});
  Writing(store).put_metadata("a", stored_value);
}

inline std::vector<Act> acts() {
  // Payloads from 64 KiB on are written (or left out) by themselves.
  constexpr std::size_t kLarge = 1 << 16;
  return {
      {"insert", [](Store& s, int step) { put(s, "i", step); }},
      {"insert array",
       [](Store& s, int step) {
         put(s, "v", doubles_value({step + 0.5, 2}));
       }},
      {"insert nested array",
       [](Store& s, int step) { put(s, "d", nested_value({step + 0.5})); }},
      {"insert stub",
       [=](Store& s, int step) {
         const auto count = static_cast<std::uint64_t>(16 + step);
         put(s, "h", array_value("S4096", {count}, hole_source(count * 4096)));
       }},
      {"insert large",
       [=](Store& s, int step) {
         put(s, "l", text_value(std::string(kLarge, static_cast<char>('a' + step))));
       }},
      {"insert masked array",
       [](Store& s, int step) {
         put(s, "m",
             array_value("int32", {2},
                         bytes_source(pickle::le(static_cast<unsigned>(step), 8)),
                         bytes_source(raw("\0\1"))));
       }},
      {"insert with R metadata",
       [](Store& s, int step) { put(s, "r", value_with_metadata(step)); }},
      {"replace by a value", [](Store& s, int step) { put(s, "n", -step); }},
      {"replace by an array",
       [](Store& s, int step) { put(s, "n", doubles_value({-1.0 * step})); }},
      {"delete",
       [](Store& s, int) {
         if (has_key(s, "n")) erase(s, "n");
       }},
      {"append", [](Store& s, int step) { append_to(s, "g", step, false); }},
      {"append masked", [](Store& s, int step) { append_to(s, "w", step, true); }},
      {"slice", overwrite_items, Act::mixes},
      {"swap", swap_keys},
      {"rename", rename_key, Act::moves},
      {"R metadata", put_metadata},
      {"vacuum", [](Store& s, int) { vacuum(s, true, false, {}); }},
      {"upgrade", [](Store& s, int) { vacuum(s, true, true, {}); }},
  };
}

}  // namespace mmappickle::store
