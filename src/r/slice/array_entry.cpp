#include "r/slice/array_entry.h"

#include "core/base/utf8.h"
#include "core/metadata/reader.h"
#include "core/numpy/recognise.h"
#include "r/error.h"

namespace mmappickle {

namespace {

// What the metadata say of the type comes before the user's options, as where the value
// is read whole.
numpy::Choice choice_of(std::string_view type, const Flags& flags) {
  if (type.empty()) return flags.choice();
  numpy::Choice choice;
  choice.raw_uint8 = type == "raw";
  choice.exact_int64 = type == "integer64";
  return choice;
}

}  // namespace

bool find_array(store::Loaded& loaded, ArrayOf& out) {
  if (loaded.is_array) {
    out.stored = loaded.array;
    out.place = loaded.place;
    return true;
  }
  if (loaded.value == pickle::kNoId) return false;
  numpy::Recognised found = numpy::recognise(loaded.tree, loaded.value);
  if (found.found != numpy::Found::array || found.array.objects != pickle::kNoId) {
    return false;
  }
  out.stored = std::move(found.array);
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
    out.array = out.stored.item_bytes(flags.reversed);
    out.target = {numpy::RType::raw, numpy::Meaning::plain, ""};
    out.place.mask = 0;
  } else {
    out.array = out.stored;
    if (!target_of(out.stored.dtype, choice_of(type, flags), out.target)) return out;
  }
  out.is_array = true;
  const bool time = kind == numpy::Kind::datetime || kind == numpy::Kind::timedelta;
  out.is_dressed = time && (!type.empty() || said.value != pickle::kNoId);
  if (flags.reversed) out.array = out.array.reversed();
  if (out.array.shape.empty()) {
    const auto itemsize = static_cast<std::int64_t>(out.array.dtype.itemsize);
    out.array.shape = {1};
    out.array.strides = {itemsize};
    if (out.array.masked) out.array.mask_strides = {1};
  }
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
