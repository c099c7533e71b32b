// Vectors of R as scalars, lists of str, and arrays of every dtype.
#include "encode.h"

namespace mmappickle {

using numpy::Dtype;
using numpy::Meaning;
using numpy::Misfit;
using numpy::NewArray;
using numpy::RType;
using numpy::RValues;
using numpy::Shape;
using pickle::Id;
using pickle::kNoId;
using pickle::Tag;

namespace {

RType r_type(SEXP x) {
  switch (TYPEOF(x)) {
    case LGLSXP:
      return RType::logical;
    case INTSXP:
      return RType::integer;
    case CPLXSXP:
      return RType::complex;
    case RAWSXP:
      return RType::raw;
    case STRSXP:
      return RType::string;
    default:
      return Rf_inherits(x, "integer64") ? RType::integer64 : RType::real;
  }
}

bool any_missing(SEXP x) {
  if (TYPEOF(x) != LGLSXP && TYPEOF(x) != INTSXP) return false;
  const int* p = static_cast<const int*>(read_pointer(x));
  const R_xlen_t n = Rf_xlength(x);
  for (R_xlen_t i = 0; i < n; ++i) {
    if (p[i] == NA_INTEGER) return true;
  }
  return false;
}

double seconds_per_unit(SEXP difftime) {
  SEXP units = Rf_getAttrib(difftime, Rf_install("units"));
  const std::string unit =
      TYPEOF(units) == STRSXP && Rf_xlength(units) == 1 ? CHAR(STRING_ELT(units, 0)) : "";
  return unit == "weeks"   ? 604800
         : unit == "days"  ? 86400
         : unit == "hours" ? 3600
         : unit == "mins"  ? 60
                           : 1;
}

const char* describe(Misfit misfit) {
  switch (misfit) {
    case Misfit::fraction:
      return "has a fraction";
    case Misfit::range:
      return "is out of its range";
    case Misfit::missing:
      return "is NA, which it has not";
    case Misfit::too_long:
      return "is too long";
    case Misfit::not_text:
      return "is not valid UTF-8";
    default:
      return "is of a type that it cannot hold";
  }
}

}  // namespace

RValues r_values(SEXP x, std::vector<Bytes>& strings, std::deque<std::string>& kept) {
  RValues values;
  values.type = r_type(x);
  values.count = static_cast<std::uint64_t>(Rf_xlength(x));
  if (Rf_isFactor(x) || TYPEOF(x) == VECSXP ||
      (TYPEOF(x) != STRSXP && !Rf_isNumeric(x) && TYPEOF(x) != LGLSXP &&
       TYPEOF(x) != CPLXSXP && TYPEOF(x) != RAWSXP)) {
    throw Error(ErrorKind::value,
                std::string("A ") +
                    (Rf_isFactor(x) ? "factor" : Rf_type2char(TYPEOF(x))) +
                    " is no value for the elements of an array.");
  }
  if (Rf_inherits(x, "Date")) values.meaning = Meaning::date;
  if (Rf_inherits(x, "POSIXct")) values.meaning = Meaning::datetime;
  if (Rf_inherits(x, "difftime")) {
    values.meaning = Meaning::difftime;
    values.seconds_per_unit = seconds_per_unit(x);
  }
  if (values.type != RType::string) {
    values.data = read_pointer(x);
    return values;
  }
  strings.reserve(values.count);
  for (R_xlen_t i = 0; i < Rf_xlength(x); ++i) {
    SEXP s = STRING_ELT(x, i);
    if (s == NA_STRING) {
      strings.emplace_back();
      continue;
    }
    std::string text = utf8_of(s);
    Bytes bytes(reinterpret_cast<const std::uint8_t*>(CHAR(s)),
                static_cast<std::uint64_t>(LENGTH(s)));
    if (bytes.text() != text) {
      kept.push_back(std::move(text));
      bytes = Bytes(std::string_view(kept.back()));
    }
    if (bytes.size == 0) bytes = Bytes(std::string_view(""));
    strings.push_back(bytes);
  }
  values.strings = &strings;
  return values;
}

void check_values(const Dtype& dtype, const RValues& values, bool maskable,
                  const std::string& what) {
  const numpy::Check check = check_fit(dtype, values, maskable);
  if (check.misfit == Misfit::none) return;
  std::string message = what + " does not fit " + text(dtype) + ": element " +
                        std::to_string(check.index + 1) + " " + describe(check.misfit) +
                        ".";
  if (check.misfit == Misfit::type) {
    message =
        what + " does not fit " + text(dtype) + ": it is of a type that it cannot hold.";
  }
  throw Error(ErrorKind::value, message,
              "To change the type of the entry, assign the whole value: m[[\"key\"]] <- "
              "value.");
}

numpy::Shape Encoder::shape_of(SEXP x) const {
  SEXP dim = Rf_getAttrib(x, R_DimSymbol);
  if (dim == R_NilValue) return {static_cast<std::uint64_t>(Rf_xlength(x))};
  Shape shape;
  for (R_xlen_t i = 0; i < Rf_xlength(dim); ++i) {
    shape.push_back(static_cast<std::uint64_t>(INTEGER_ELT(dim, i)));
  }
  return shape;
}

Encoder::Encoded Encoder::add_array(NewArray array) {
  const Id id = recipe_.tree.array(recipe_.arrays.size());
  recipe_.arrays.push_back(std::move(array));
  return {id, kNoId};
}

// Vectors without a marker. `keep_array`: it has attributes, so a single element is an
// array, too.
Encoder::Encoded Encoder::atomic(SEXP x, bool keep_array) {
  SEXP dim = Rf_getAttrib(x, R_DimSymbol);
  const bool ranked = dim != R_NilValue;
  if (Rf_xlength(x) == 1 && !ranked && !keep_array && TYPEOF(x) != RAWSXP) {
    return scalar(x);
  }
  pickle::Tree& tree = recipe_.tree;
  switch (TYPEOF(x)) {
    case STRSXP:
      return character(x, dim);
    case RAWSXP: {
      const auto n = static_cast<std::uint64_t>(Rf_xlength(x));
      if (!ranked) {
        Id& node = shared_.emplace(x, kNoId).first->second;
        if (node == kNoId) {
          node = tree.bytes(Bytes(static_cast<const std::uint8_t*>(read_pointer(x)), n));
        }
        return {node, kNoId};
      }
      Encoded out = as_array(x, numpy::natural_dtype(RType::raw), false, flags_.fortran);
      out.meta = tree.text("raw");
      return out;
    }
    default:
      return as_array(x, numpy::natural_dtype(r_type(x)), true, flags_.fortran);
  }
}

Encoder::Encoded Encoder::scalar(SEXP x) {
  pickle::Tree& tree = recipe_.tree;
  switch (TYPEOF(x)) {
    case LGLSXP: {
      const int v = LOGICAL_ELT(x, 0);
      if (v == NA_LOGICAL) return {tree.none(), tree.text("logical")};
      return {tree.boolean(v != 0), kNoId};
    }
    case INTSXP: {
      const int v = INTEGER_ELT(x, 0);
      if (v == NA_INTEGER) return {tree.none(), tree.text("integer")};
      return {tree.integer(v), kNoId};
    }
    case REALSXP: {
      // By its bits: a copy through a register of the x87 would quieten R's NA.
      double v;
      std::memcpy(&v, read_pointer(x), sizeof v);
      return {tree.real(v), kNoId};
    }
    case CPLXSXP: {
      const auto* v = static_cast<const double*>(read_pointer(x));
      const Id parts = tree.container(Tag::tuple, {tree.real(v[0]), tree.real(v[1])});
      return {tree.object(pickle::How::call, tree.global("builtins", "complex"), parts),
              kNoId};
    }
    default: {
      SEXP s = STRING_ELT(x, 0);
      if (s == NA_STRING) return {tree.none(), tree.text("character")};
      return {text_of(s), kNoId};
    }
  }
}

// A list of str; with dim an object array. NA is None.
Encoder::Encoded Encoder::character(SEXP x, SEXP dim) {
  pickle::Tree& tree = recipe_.tree;
  Shape shape = shape_of(x);
  const R_xlen_t n = Rf_xlength(x);
  // Arrays in C order of the shape that Python sees, that is, of R's dims or their
  // reverse.
  std::vector<Id> items(static_cast<std::size_t>(n));
  numpy::Strides strides;
  std::uint64_t bytes = 0;
  numpy::contiguous_strides(shape, 1, flags_.reversed, strides, bytes);
  std::vector<std::uint64_t> at(shape.size(), 0);
  bool any = false;
  for (R_xlen_t i = 0; i < n; ++i) {
    std::int64_t place = 0;
    for (std::size_t a = 0; a < shape.size(); ++a) {
      place += static_cast<std::int64_t>(at[a]) * strides[a];
    }
    SEXP s = STRING_ELT(x, i);
    any = any || s != NA_STRING;
    items[static_cast<std::size_t>(place)] = text_of(s);
    for (std::size_t a = 0; a < shape.size() && ++at[a] == shape[a]; ++a) at[a] = 0;
  }
  const Id list = tree.container(Tag::list, items);
  const Id type = any ? kNoId : tree.text("character");
  if (dim == R_NilValue) return {list, type};
  NewArray array;
  array.dtype.kind = numpy::Kind::object;
  array.shape = flags_.reversed ? Shape(shape.rbegin(), shape.rend()) : shape;
  array.objects = list;
  Encoded out = add_array(std::move(array));
  out.meta = type;
  return out;
}

// A list with dim: an object array.
Encoder::Encoded Encoder::objects(const Frame& frame) {
  const Shape shape = shape_of(frame.x);
  numpy::Strides strides;
  std::uint64_t bytes = 0;
  numpy::contiguous_strides(shape, 1, flags_.reversed, strides, bytes);
  std::vector<Id> items(frame.items);
  std::vector<std::uint64_t> at(shape.size(), 0);
  bool text = frame.items > 0;
  for (std::size_t i = 0; i < frame.items; ++i) {
    std::int64_t place = 0;
    for (std::size_t a = 0; a < shape.size(); ++a) {
      place += static_cast<std::int64_t>(at[a]) * strides[a];
    }
    const Tag tag = recipe_.tree[frame.done[i].value].tag;
    text = text && (tag == Tag::text || tag == Tag::none);
    items[static_cast<std::size_t>(place)] = frame.done[i].value;
    for (std::size_t a = 0; a < shape.size() && ++at[a] == shape[a]; ++a) at[a] = 0;
  }
  NewArray array;
  array.dtype.kind = numpy::Kind::object;
  array.shape = flags_.reversed ? Shape(shape.rbegin(), shape.rend()) : shape;
  array.objects = recipe_.tree.container(Tag::list, items);
  Encoded out = add_array(std::move(array));
  if (text) out.meta = recipe_.tree.text("list");
  return out;
}

// R's values in R's order; the shape is R's dims, or their reverse over the same bytes.
Encoder::Encoded Encoder::as_array(SEXP x, const Dtype& dtype, bool maskable,
                                   bool fortran) {
  borrowed_->strings.emplace_back();
  const RValues values = r_values(x, borrowed_->strings.back(), borrowed_->kept);
  NewArray array;
  array.dtype = dtype;
  const Shape dims = shape_of(x);
  const bool source_order = fortran != flags_.reversed;
  array.shape = flags_.reversed ? Shape(dims.rbegin(), dims.rend()) : dims;
  array.fortran = fortran && dims.size() > 1;
  const bool has_na_type = dtype.kind == numpy::Kind::boolean ||
                           dtype.kind == numpy::Kind::integer ||
                           dtype.kind == numpy::Kind::unsigned_integer;
  const bool masked =
      maskable && has_na_type && values.type != RType::string &&
      (any_missing(x) || values.type == RType::real || values.type == RType::integer64) &&
      check_fit(dtype, values, false).misfit == Misfit::missing;
  check_values(dtype, values, masked, "The value");
  array.data = array_source(dtype, dims, source_order, values);
  if (masked) array.mask = array_source(dtype, dims, source_order, values, true);
  return add_array(std::move(array));
}

}  // namespace mmappickle
