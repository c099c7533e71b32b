// Arrays of every dtype as views, data frames or lists.
#include "r/read/decode.h"
#include "r/view/view.h"

namespace mmappickle {

using numpy::Array;
using numpy::Kind;
using pickle::Id;
using pickle::Tag;

namespace {
constexpr int kMaxNesting = 32;  // of structured dtypes
}

// R metadata's type comes before the user's options.
SEXP Decoder::array(const Array& array, Bytes type) {
  numpy::Choice choice = flags_.choice();
  if (type.size) {
    choice.raw_uint8 = type.text() == "raw";
    choice.exact_int64 = type.text() == "integer64";
  }
  switch (array.dtype.kind) {
    case Kind::structured:
      return structured(array, 0);
    case Kind::raw:
      return void_array(array);
    default:
      return plain_array(array, choice);
  }
}

SEXP Decoder::plain_array(const Array& stored, const numpy::Choice& choice, View::Of of,
                          bool bare) {
  numpy::Target target;
  if (!target_of(stored.dtype, choice, target)) {
    scratch_ = text(stored.dtype);
    return inert("numpy.ndarray", "dtype",
                 Rf_ScalarString(r_text(Bytes(std::string_view(scratch_)))));
  }
  const bool reversed = flags_.reversed && stored.shape.size() > 1;
  if (reversed) turned_ = stored.reversed();
  const Array& array = reversed ? turned_ : stored;
  for (std::uint64_t extent : array.shape) {
    if (array.shape.size() > 1 && extent > INT32_MAX) {
      throw Error(ErrorKind::limit,
                  "An extent of " + std::to_string(extent) +
                      " is more than a dimension of an R array can have.",
                  "Read slices: m[\"" + key_ + "\", i, j].");
    }
  }
  if (array.count() > static_cast<std::uint64_t>(R_XLEN_T_MAX)) {
    throw Error(ErrorKind::limit, "The array has more elements than an R vector.",
                "Read slices: m[\"" + key_ + "\", i, j].");
  }
  const bool mapped = watch_ && mapping_ && mapping_->holds(array.data);
  const bool read = loaded_.file != nullptr && making_entry_;  // not mapped
  // What a file without a protocol has is copied where that is cheap.
  const std::uint64_t bytes = array.count() * array.dtype.itemsize;
  const bool small = watch_ && watch_->entry() == nullptr && bytes <= kSmall;
  const bool nothing = watch_ && mapping_ && array.count() == 0;
  if (small || !(mapped || read || nothing)) {
    return copied_array(array, target, bare);
  }
  const bool ranked = array.shape.size() > 1;
  pending_.reset(new View);
  pending_->of = of;
  pending_->type = target.type;
  pending_->mapping = mapping_;
  pending_->watch = watch_;
  pending_->path = path_;
  pending_->key = key_;
  if (mapped) pending_->offset = mapping_->offset_of(array.data);
  if (read) {
    pending_->file = loaded_.file;
    pending_->place = loaded_.place;
    if (of == View::Of::items) pending_->place.mask = 0;
    pending_->offset = loaded_.place.data;
  }
  // (An entry that is an array is looked at when it is used.)
  if (!making_entry_ || watch_->entry() == nullptr)
    pending_->inexact = rounds(array, target.type);
  pending_->array = array;
  pending_->reversed = reversed;
  SEXP view = PROTECT(make_view(std::move(pending_)));
  if (ranked) set_dim(view, array.shape);
  if (!bare) set_meaning(view, target.type, target.meaning, target.units);
  UNPROTECT(1);
  return view;
}

// Looks at all of them.
bool Decoder::rounds(const Array& array, numpy::RType type) {
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
SEXP Decoder::copied_array(const Array& array, const numpy::Target& target, bool bare) {
  const R_xlen_t n = static_cast<R_xlen_t>(array.count());
  axes_ = numpy::whole(array.shape);
  SEXP out = PROTECT(Rf_allocVector(sexp_type(target.type), n));
  if (target.type == numpy::RType::string) {
    for (R_xlen_t i = 0; i < n; ++i) {
      const auto at = static_cast<std::uint64_t>(i);
      if (array.mask != nullptr && *mask_address(array, at) != 0) {
        SET_STRING_ELT(out, i, NA_STRING);
        continue;
      }
      bool escaped = false;
      scratch_ = decode_string(array.dtype, address(array, at), &escaped);
      SET_STRING_ELT(out, i, r_text(Bytes(std::string_view(scratch_))));
    }
  } else if (n > 0) {
    bool inexact = false;
    gather(array, axes_, 0, static_cast<std::uint64_t>(n), target.type, data_pointer(out),
           &inexact);
    if (inexact) note_rounded();
  }
  if (array.shape.size() > 1) set_dim(out, array.shape);
  if (!bare) set_meaning(out, target.type, target.meaning, target.units);
  UNPROTECT(1);
  return out;
}

// Bytes without meaning: a raw array whose first extent is the item's.
SEXP Decoder::void_array(const Array& array) {
  numpy::Choice raw;
  raw.raw_uint8 = true;
  // In the file's order of axes, which plain_array() may turn round.
  items_ = array.item_bytes(flags_.reversed);
  return plain_array(items_, raw, View::Of::items);
}

// Rank 1: a data frame of mapped columns; else a named list of arrays.
SEXP Decoder::structured(const Array& array, int depth) {
  if (depth > kMaxNesting) {
    throw Error(ErrorKind::limit, "A structured dtype is nested too deeply.");
  }
  const R_xlen_t n = static_cast<R_xlen_t>(array.dtype.fields.size());
  SEXP out = PROTECT(Rf_allocVector(VECSXP, n));
  SEXP names = PROTECT(Rf_allocVector(STRSXP, n));
  // The rows of a data frame's columns come first, whatever `dims` says.
  const bool reversed = flags_.reversed;
  if (array.shape.size() == 1) flags_.reversed = false;
  for (R_xlen_t i = 0; i < n; ++i) {
    const numpy::Field& field = array.dtype.fields[static_cast<std::size_t>(i)];
    SET_STRING_ELT(names, i, r_text(Bytes(std::string_view(field.name))));
    arrays_.push_back(array.field(field));
    const Array& column = arrays_.back();
    const std::size_t outside = fields_.size();
    fields_ += "$" + field.name;
    SEXP value;
    if (column.dtype.kind == Kind::structured) {
      value = structured(column, depth + 1);
    } else if (column.dtype.kind == Kind::object) {
      value = inert("numpy.ndarray", "dtype", R_NilValue);
    } else {
      value = this->array(column, Bytes());
      if (view_of(value)) seal(value);
    }
    SET_VECTOR_ELT(out, i, value);
    arrays_.pop_back();
    fields_.resize(outside);
  }
  flags_.reversed = reversed;
  Rf_setAttrib(out, R_NamesSymbol, names);
  if (array.shape.size() == 1) make_data_frame(out, array.shape[0]);
  UNPROTECT(2);
  return out;
}

// Character where all items are str or None, else a list; dim of rank 2 and more. The
// items stand in the order of the array (C's unless its strides say Fortran's).
SEXP Decoder::object_array(const Plan& plan, SEXP box) {
  const Array* array = &arrays_[plan.array];
  arrays_.push_back(flags_.reversed && array->shape.size() > 1 ? array->reversed()
                                                               : *array);
  array = &arrays_.back();
  const std::uint64_t n = array->count();
  bool character = plan.simplify;
  const bool typed = plan.type.text() == "character";
  bool any = typed;
  for (Id id : tree_.items(plan.items)) {
    const Tag tag = tree_[id].tag;
    any = any || tag != Tag::none;
    character = character && (tag == Tag::none || is_r_text(tree_, id) ||
                              (typed && tag == Tag::text && plan.bytes != pickle::kNoId));
  }
  character = character && any;
  SEXP out =
      PROTECT(Rf_allocVector(character ? STRSXP : VECSXP, static_cast<R_xlen_t>(n)));
  Positions bytes(tree_, plan.bytes);
  for (std::uint64_t i = 0; i < n; ++i) {
    // object_strides are in items, so an address is a position in the list
    const R_xlen_t from =
        static_cast<R_xlen_t>(reinterpret_cast<std::uintptr_t>(address(*array, i)) -
                              reinterpret_cast<std::uintptr_t>(array->data));
    SEXP item = VECTOR_ELT(box, from);
    if (character && bytes.has(i)) {
      SET_STRING_ELT(
          out, static_cast<R_xlen_t>(i),
          text_or_bytes(tree_.item(plan.items, static_cast<std::uint64_t>(from)), true));
    } else if (character) {
      SET_STRING_ELT(out, static_cast<R_xlen_t>(i),
                     TYPEOF(item) == STRSXP ? STRING_ELT(item, 0) : NA_STRING);
    } else {
      SET_VECTOR_ELT(out, static_cast<R_xlen_t>(i), item);
    }
  }
  if (array->shape.size() > 1) set_dim(out, array->shape);
  arrays_.pop_back();
  UNPROTECT(1);
  return out;
}

}  // namespace mmappickle
