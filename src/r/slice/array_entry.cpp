#include "r/slice/array_entry.h"

#include <algorithm>
#include <iterator>

#include "core/base/utf8.h"
#include "core/metadata/reader.h"
#include "core/store/grow.h"
#include "r/error.h"

namespace mmappickle {

namespace {

// Whether R's class of the array may have a `[` that takes more than elements: zoo has an
// index beside them. Of those named here it keeps the attributes that it keeps of none.
bool subsets_itself(const pickle::Tree& tree, const metadata::Members& said) {
  constexpr std::string_view kPlain[] = {"Date",      "POSIXct", "POSIXt",  "difftime",
                                         "integer64", "AsIs",    "noquote", "hexmode",
                                         "octmode",   "table",   "matrix",  "array"};
  if (said.attributes == pickle::kNoId) return false;
  const pickle::Id classes = metadata::attribute(tree, said.attributes, "class");
  const auto is_other = [&](pickle::Id name) {
    return tree[name].tag != pickle::Tag::text ||
           std::find(std::begin(kPlain), std::end(kPlain), tree.text_of(name)) ==
               std::end(kPlain);
  };
  if (classes == pickle::kNoId) return false;
  if (tree[classes].tag != pickle::Tag::list) return is_other(classes);
  for (pickle::Id name : tree.items(classes)) {
    if (is_other(name)) return true;
  }
  return false;
}

// What the metadata say of the type comes before the user's options, as where the value
// is read whole.
numpy::Choice choice_of(std::string_view type, const Flags& flags) {
  if (type.empty()) return flags.choice();
  numpy::Choice choice;
  choice.raw_uint8 = type == "raw";
  choice.exact_int64 = type == "integer64";
  return choice;
}

// The array as the user sees it.
void see(ArrayOf& out, const Flags& flags) {
  const bool raw = out.stored.dtype.kind == numpy::Kind::raw;
  out.array = raw ? out.stored.item_bytes(flags.reversed) : out.stored;
  if (flags.reversed) out.array = out.array.reversed();
}

}  // namespace

bool find_array(store::Loaded& loaded, ArrayOf& out) {
  if (!store::find_array(loaded, out.stored)) return false;
  if (loaded.is_array) {
    out.place = loaded.place;
    return true;
  }
  const numpy::Array& array = out.stored;
  if (array.count() == 0) return true;
  if (!loaded.mapping->holds(array.data)) return false;
  out.place.data = loaded.mapping->offset_of(array.data);
  if (array.masked && array.mask != nullptr) {
    if (!loaded.mapping->holds(array.mask)) return false;
    out.place.mask = loaded.mapping->offset_of(array.mask);
  }
  return true;
}

ArrayOf array_of(store::Loaded& loaded, const Flags& flags) {
  ArrayOf out;
  if (!find_array(loaded, out)) return out;
  const metadata::Members said = metadata::read_members(loaded.tree, loaded.metadata);
  const std::string_view type = said.type.text();
  const numpy::Kind kind = out.stored.dtype.kind;
  out.is_records = kind == numpy::Kind::structured && out.stored.shape.size() == 1;
  if (kind == numpy::Kind::raw) {
    out.target = {numpy::RType::raw, numpy::Meaning::plain, ""};
    out.place.mask = 0;
  } else if (!target_of(out.stored.dtype, choice_of(type, flags), out.target)) {
    return out;
  }
  out.is_array = true;
  const bool time = kind == numpy::Kind::datetime || kind == numpy::Kind::timedelta;
  out.is_dressed = (time && (!type.empty() || said.value != pickle::kNoId)) ||
                   subsets_itself(loaded.tree, said);
  see(out, flags);
  if (out.array.shape.empty()) {
    const auto itemsize = static_cast<std::int64_t>(out.array.dtype.itemsize);
    out.array.shape = {1};
    out.array.strides = {itemsize};
    if (out.array.masked) out.array.mask_strides = {1};
  }
  return out;
}

ArrayOf rows_behind(const ArrayOf& array, const numpy::Growth& growth, std::uint64_t rows,
                    const Flags& flags) {
  ArrayOf out = array;
  numpy::Array& stored = out.stored;
  stored.shape[0] = rows;
  std::uint64_t size = 0;
  const auto lay = [&](std::uint64_t itemsize, numpy::Strides& strides,
                       std::uint64_t at) {
    numpy::contiguous_strides(stored.shape, itemsize, false, strides, size);
    return rows == 0 ? at : at + growth.length * (size / rows);
  };
  out.place.data = lay(stored.dtype.itemsize, stored.strides, growth.data_at);
  if (growth.mask_at != 0) {
    out.place.mask =
        lay(mask_itemsize(stored.dtype), stored.mask_strides, growth.mask_at);
  }
  see(out, flags);
  return out;
}

void SessionFile::check() const {
  if (!map_ || !map_->damaged()) return;
  throw Error(ErrorKind::stale, "The file was cut while the slice was read.",
              "Try again.");
}

void not_an_array(const std::string& key, const store::Loaded& loaded) {
  using pickle::Tag;
  const Tag tag =
      loaded.value == pickle::kNoId ? Tag::none : loaded.tree[loaded.value].tag;
  const bool single = tag == Tag::boolean || tag == Tag::integer || tag == Tag::real;
  const std::string value = in_r(key);
  throw Error(
      ErrorKind::index,
      "The entry \"" + escape_text(Bytes(key)) + "\" is " +
          (single ? "a single value, not an array" : "no array") + ": it has no slices.",
      value + " is its value." +
          (single
               ? " " + value + " <- I(" + value + ") stores it as an array of length 1."
               : ""));
}

}  // namespace mmappickle
