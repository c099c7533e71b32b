#include "r/read/array.h"

#include <algorithm>

#include "core/metadata/reader.h"
#include "core/numpy/fetch.h"
#include "r/build.h"
#include "r/new_vector.h"
#include "r/read/object.h"
#include "r/text.h"
#include "r/vector.h"

namespace mmappickle {

using numpy::Array;
using numpy::Kind;
using pickle::Id;

namespace {

constexpr int kMaxNesting = 32;  // of structured dtypes

// Error of kind limit for what is no R vector.
void require_r_vector(const Array& array, const std::string& key) {
  const auto hint = [&key] { return "Read slices: m[\"" + key + "\", i, j]."; };
  for (std::uint64_t extent : array.shape) {
    if (array.shape.size() > 1 && extent > INT32_MAX) {
      throw Error(ErrorKind::limit,
                  "An extent of " + std::to_string(extent) +
                      " is more than a dimension of an R array can have.",
                  hint());
    }
  }
  if (array.count() > static_cast<std::uint64_t>(R_XLEN_T_MAX)) {
    throw Error(ErrorKind::limit, "The array has more elements than an R vector.",
                hint());
  }
}

}  // namespace

SEXP ArrayReader::array(const Array& array, Bytes type) {
  numpy::Choice choice = context_.flags.choice();
  if (type.size) {
    choice.raw_uint8 = type.text() == "raw";
    choice.exact_int64 = type.text() == "integer64";
  }
  switch (array.dtype.kind) {
    case Kind::structured:
      return structured(array, 0);
    case Kind::raw:
      return raw_items(array);
    default:
      return plain(array, choice);
  }
}

SEXP ArrayReader::plain(const Array& stored, const numpy::Choice& choice, View::Of of,
                        bool bare) {
  numpy::Target target;
  if (!target_of(stored.dtype, choice, target)) {
    decoded_ = text(stored.dtype);
    return inert_object("numpy.ndarray", "dtype",
                        Rf_ScalarString(r_text(Bytes(std::string_view(decoded_)))));
  }
  const bool reversed =
      context_.flags.reversed && !rows_first_ && stored.shape.size() > 1;
  if (reversed) turned_ = stored.reversed();
  const Array& array = reversed ? turned_ : stored;
  require_r_vector(array, context_.key);
  const Watch* watch = context_.watch.get();
  const os::Mapping* mapping = context_.mapping();
  const bool mapped = watch && mapping && mapping->holds(array.data) &&
                      (array.mask == nullptr || mapping->holds(array.mask));
  const bool read = context_.loaded.file != nullptr && context_.is_entry();
  // What a file without a protocol has is copied where that is cheap.
  const std::uint64_t bytes = array.count() * array.dtype.itemsize;
  const bool small = watch && watch->entry() == nullptr && bytes <= kSmall;
  const bool nothing = watch && mapping && array.count() == 0;
  if (small || !(mapped || read || nothing)) return copied(array, target, bare);
  SEXP out = view(stored, array, target, of, mapped);
  return dressed(out, array, target, bare);
}

SEXP ArrayReader::view(const Array& stored, const Array& array,
                       const numpy::Target& target, View::Of of, bool mapped) {
  const store::Loaded& loaded = context_.loaded;
  pending_.reset(new View);
  pending_->of = of;
  pending_->type = target.type;
  pending_->mapping = loaded.mapping;
  pending_->watch = context_.watch;
  pending_->path = context_.path;
  pending_->key = context_.key;
  pending_->whole = whole_;
  if (mapped) pending_->offset = loaded.mapping->offset_of(array.data);
  if (loaded.file != nullptr && context_.is_entry()) {
    pending_->file = loaded.file;
    pending_->place = loaded.place;
    if (of == View::Of::items) pending_->place.mask = 0;
    if (whole_) {  // a field
      pending_->place.data = reinterpret_cast<std::uintptr_t>(stored.data);
      pending_->place.mask =
          of == View::Of::items ? 0 : reinterpret_cast<std::uintptr_t>(stored.mask);
    }
    pending_->offset = pending_->place.data;
  }
  // (An entry that is an array is looked at when it is used.)
  if (!context_.is_entry() || context_.watch->entry() == nullptr) {
    pending_->inexact = rounds(array, target.type);
  }
  pending_->array = array;
  if (pending_->file) pending_->array.data = pending_->array.mask = nullptr;
  pending_->reversed = &array != &stored;
  return make_view(std::move(pending_));
}

SEXP ArrayReader::dressed(SEXP x, const Array& array, const numpy::Target& target,
                          bool bare) {
  PROTECT(x);
  if (array.shape.size() > 1) set_dim(x, array.shape);
  if (!bare) set_meaning(x, target.type, target.meaning, target.units);
  UNPROTECT(1);
  return x;
}

void ArrayReader::note_rounded() {
  context_.rounded.emplace_back(context_.current, fields_);
}

// Looks at all of them.
bool ArrayReader::rounds(const Array& array, numpy::RType type) {
  if (!may_round(array.dtype, type)) return false;
  constexpr std::uint64_t kChunk = 1024;
  double chunk[kChunk];
  axes_ = numpy::whole(array.shape);
  const std::uint64_t count = array.count();
  bool inexact = false;
  for (std::uint64_t at = 0; at < count && !inexact; at += kChunk) {
    gather(array, axes_, at, std::min(kChunk, count - at), type, chunk, &inexact);
  }
  if (inexact) note_rounded();
  return inexact;
}

// Elements that lie in no file, or are better not kept there.
SEXP ArrayReader::copied(const Array& array, const numpy::Target& target, bool bare) {
  const R_xlen_t n = static_cast<R_xlen_t>(array.count());
  axes_ = numpy::whole(array.shape);
  SEXP out = PROTECT(new_vector(static_cast<SEXPTYPE>(sexp_type(target.type)), n));
  if (target.type == numpy::RType::string) {
    for (R_xlen_t i = 0; i < n; ++i) {
      const auto at = static_cast<std::uint64_t>(i);
      if (array.mask != nullptr && *mask_address(array, at) != 0) {
        SET_STRING_ELT(out, i, NA_STRING);
        continue;
      }
      bool escaped = false;
      decoded_ = decode_string(array.dtype, address(array, at), &escaped);
      SET_STRING_ELT(out, i, r_text(Bytes(std::string_view(decoded_))));
      context_.escaped = context_.escaped || escaped;
    }
  } else if (n > 0) {
    bool inexact = false;
    gather(array, axes_, 0, static_cast<std::uint64_t>(n), target.type, data_pointer(out),
           &inexact);
    if (inexact) note_rounded();
  }
  dressed(out, array, target, bare);
  UNPROTECT(1);
  return out;
}

SEXP ArrayReader::codes(const Array& array) {
  numpy::Target integer;
  integer.type = numpy::RType::integer;
  return copied(array, integer, true);
}

// Bytes without meaning: a raw array whose first extent is the item's.
SEXP ArrayReader::raw_items(const Array& array) {
  numpy::Choice raw;
  raw.raw_uint8 = true;
  // In the file's order of axes, which plain() may turn round.
  items_ = array.item_bytes(context_.flags.reversed && !rows_first_);
  return plain(items_, raw, View::Of::items);
}

SEXP ArrayReader::bytes(Bytes bytes) {
  const os::Mapping* mapping = context_.mapping();
  if (!mapping || bytes.size == 0 || !mapping->holds(bytes.data)) return raw_of(bytes);
  items_ = Array();
  items_.dtype.kind = Kind::unsigned_integer;
  items_.dtype.itemsize = 1;
  items_.shape = {bytes.size};
  items_.strides = {1};
  items_.data = bytes.data;
  numpy::Choice raw;
  raw.raw_uint8 = true;
  return plain(items_, raw, View::Of::bytes);
}

// Rank 1: a data frame of mapped columns; else a named list of arrays.
SEXP ArrayReader::structured(const Array& given, int depth) {
  if (depth > kMaxNesting) {
    throw Error(ErrorKind::limit, "A structured dtype is nested too deeply.");
  }
  const R_xlen_t n = static_cast<R_xlen_t>(given.dtype.fields.size());
  SEXP out = PROTECT(Rf_allocVector(VECSXP, n));
  SEXP names = PROTECT(Rf_allocVector(STRSXP, n));
  // The rows of a data frame's columns come first, whatever `dims` says.
  const bool rows_first = rows_first_;
  if (depth == 0) {
    const bool read = context_.loaded.file != nullptr && context_.is_entry();
    whole_ =
        std::make_shared<Array>(read ? at_place(given, context_.loaded.place) : given);
  }
  const Array& array = depth == 0 ? *whole_ : given;
  if (array.shape.size() == 1) rows_first_ = true;
  for (R_xlen_t i = 0; i < n; ++i) {
    const numpy::Field& field = array.dtype.fields[static_cast<std::size_t>(i)];
    SET_STRING_ELT(names, i, r_text(Bytes(std::string_view(field.name))));
    columns_.emplace_back(array.field(field));
    const Array& column = columns_.back();
    const std::size_t outside = fields_.size();
    fields_ += "$" + field.name;
    SEXP value;
    if (column.dtype.kind == Kind::structured) {
      value = structured(column, depth + 1);
    } else if (column.dtype.kind == Kind::object) {
      value = inert_object("numpy.ndarray", "dtype", R_NilValue);
    } else {
      value = this->array(column, Bytes());
      if (view_of(value)) seal(value);
    }
    SET_VECTOR_ELT(out, i, value);
    columns_.pop_back();
    fields_.resize(outside);
  }
  rows_first_ = rows_first;
  Rf_setAttrib(out, R_NamesSymbol, names);
  if (array.shape.size() == 1) make_data_frame(out, array.shape[0]);
  if (depth == 0) whole_.reset();
  UNPROTECT(2);
  return out;
}

SEXP ArrayReader::objects(const plan::Plan& plan, SEXP values) {
  const plan::Details& details = context_.plans.details_of(plan);
  const bool reversed = context_.flags.reversed && details.array->shape.size() > 1;
  if (reversed) turned_ = details.array->reversed();
  const Array& array = reversed ? turned_ : *details.array;
  const std::uint64_t n = array.count();
  SEXP out = PROTECT(Rf_allocVector(VECSXP, static_cast<R_xlen_t>(n)));
  for (std::uint64_t i = 0; i < n; ++i) {
    // object_strides are in items, so an address is a position in the list
    const std::uint64_t from = reinterpret_cast<std::uintptr_t>(address(array, i)) -
                               reinterpret_cast<std::uintptr_t>(array.data);
    SET_VECTOR_ELT(out, static_cast<R_xlen_t>(i),
                   VECTOR_ELT(values, context_.plans.child(plan, from)));
  }
  if (array.shape.size() > 1) set_dim(out, array.shape);
  UNPROTECT(1);
  return out;
}

}  // namespace mmappickle
