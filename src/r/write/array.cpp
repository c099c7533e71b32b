// Vectors of R as scalars, lists of str, and arrays of every dtype.
#include <algorithm>
#include <cstring>

#include "r/write/encode.h"

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

const char* describe(Misfit misfit) {
  switch (misfit) {
    case Misfit::fraction:
      return "has a fraction";
    case Misfit::range:
      return "is out of its range";
    case Misfit::missing:
      return "is NA, for which it has no value";
    case Misfit::not_a_number:
      return "is NaN, for which it has no value";
    case Misfit::too_long:
      return "is too long";
    case Misfit::not_text:
      return "is not valid UTF-8";
    default:
      return "is of a type that it cannot hold";
  }
}

}  // namespace

RValues r_values(SEXP x, std::vector<Bytes>& strings, std::deque<std::string>& kept,
                 bool plain) {
  RValues values;
  values.type = r_type(x);
  values.count = static_cast<std::uint64_t>(Rf_xlength(x));
  const bool vector = TYPEOF(x) == STRSXP || TYPEOF(x) == REALSXP ||
                      TYPEOF(x) == INTSXP || TYPEOF(x) == LGLSXP ||
                      TYPEOF(x) == CPLXSXP || TYPEOF(x) == RAWSXP;
  if (!vector || (Rf_isFactor(x) && !plain)) {
    throw Error(ErrorKind::value,
                std::string("A ") +
                    (Rf_isFactor(x) ? "factor" : Rf_type2char(TYPEOF(x))) +
                    " is no value for the elements of an array.");
  }
  if (!plain) values.meaning = meaning_of(x);
  if (values.meaning == Meaning::difftime) values.seconds_per_unit = seconds_per_unit(x);
  if (values.type != RType::string) {
    values.data = read_pointer(x);
    return values;
  }
  strings.reserve(values.count);
  for (R_xlen_t i = 0; i < Rf_xlength(x); ++i) {
    SEXP s = string_elt(x, i);
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
                  const std::string& what, const std::string& hint) {
  const numpy::Check check = check_fit(dtype, values, maskable);
  if (check.misfit == Misfit::none) return;
  std::string message = what + " does not fit " + text(dtype) + ": element " +
                        std::to_string(check.index + 1) + " " + describe(check.misfit) +
                        ".";
  if (check.misfit == Misfit::type) {
    message =
        what + " does not fit " + text(dtype) + ": it is of a type that it cannot hold.";
  }
  throw Error(ErrorKind::value, message, hint);
}

numpy::Shape Encoder::shape_of(SEXP x) const {
  SEXP dim = Rf_getAttrib(x, R_DimSymbol);
  if (dim == R_NilValue) return {static_cast<std::uint64_t>(Rf_xlength(x))};
  Shape shape;
  for (R_xlen_t i = 0; i < Rf_xlength(dim); ++i) {
    shape.push_back(static_cast<std::uint64_t>(integer_elt(dim, i)));
  }
  return shape;
}

Encoder::Encoded Encoder::add_array(NewArray array) {
  const Id id = recipe_.tree.array(recipe_.arrays.size());
  recipe_.arrays.push_back(std::move(array));
  Encoded out;
  out.value = id;
  return out;
}

// Vectors without a marker.
Encoder::Encoded Encoder::atomic(const Frame& frame) {
  SEXP x = frame.x;
  if (frame.is_factor) return factor(frame);
  if (frame.meaning != Meaning::plain) {
    return frame.scalar ? time_scalar(frame) : time_array(frame);
  }
  if (frame.scalar) return scalar(x);
  SEXP dim = Rf_getAttrib(x, R_DimSymbol);
  if (TYPEOF(x) == STRSXP) return character(x, dim);
  if (TYPEOF(x) == RAWSXP && dim == R_NilValue && !frame.column) {
    Encoded out;
    Id& node = shared_.emplace(x, kNoId).first->second;
    if (node == kNoId) {
      node = recipe_.tree.bytes(Bytes(static_cast<const std::uint8_t*>(read_pointer(x)),
                                      static_cast<std::uint64_t>(Rf_xlength(x))));
    }
    out.value = node;
    return out;
  }
  const RType type = r_type(x);
  Encoded out = as_array(x, numpy::natural_dtype(type), true, flags_.fortran, true);
  if (type == RType::raw) out.type = "raw";
  if (type == RType::integer64) out.type = "integer64";
  return out;
}

Encoder::Encoded Encoder::scalar(SEXP x) {
  pickle::Tree& tree = recipe_.tree;
  Encoded out;
  const auto missing = [&](const char* type) {
    out.value = tree.none();
    out.type = type;
    return out;
  };
  switch (r_type(x)) {
    case RType::logical:
      if (integer_elt(x, 0) == NA_LOGICAL) return missing("logical");
      out.value = tree.boolean(integer_elt(x, 0) != 0);
      break;
    case RType::integer:
      if (integer_elt(x, 0) == NA_INTEGER) return missing("integer");
      out.value = tree.integer(integer_elt(x, 0));
      break;
    case RType::integer64: {
      std::int64_t v;
      std::memcpy(&v, read_pointer(x), sizeof v);
      if (v == numpy::kNaInteger64) return missing("integer64");
      out.value = tree.integer(v);
      out.type = "integer64";
      break;
    }
    case RType::real: {
      // By its bits: a copy through a register of the x87 would quieten R's NA.
      double v;
      std::memcpy(&v, read_pointer(x), sizeof v);
      out.value = tree.real(v);
      break;
    }
    case RType::complex: {
      const auto* v = static_cast<const double*>(read_pointer(x));
      const Id parts = tree.container(Tag::tuple, {tree.real(v[0]), tree.real(v[1])});
      out.value =
          tree.object(pickle::How::call, tree.global("builtins", "complex"), parts);
      break;
    }
    default:
      if (string_elt(x, 0) == NA_STRING) return missing("character");
      out.value = text_of(string_elt(x, 0));
      out.bytes = byte_positions(x);
  }
  return out;
}

Encoder::Encoded Encoder::as_array(SEXP x, const Dtype& dtype, bool maskable,
                                   bool fortran, bool plain) {
  return add_array(
      elements(x, dtype, maskable, fortran != flags_.reversed, subject(), plain),
      fortran);
}

Encoder::Encoded Encoder::add_array(Elements elements, bool fortran) {
  NewArray array;
  array.dtype = std::move(elements.dtype);
  array.shape = std::move(elements.dims);
  if (flags_.reversed) std::reverse(array.shape.begin(), array.shape.end());
  array.fortran = fortran && array.shape.size() > 1;
  array.data = std::move(elements.data);
  array.mask = std::move(elements.mask);
  return add_array(std::move(array));
}

// R's values in R's order; the shape is R's dims, or their reverse over the same bytes.
Encoder::Encoded Encoder::array_of(SEXP x, const RValues& values, const Dtype& dtype,
                                   bool masked, bool fortran) {
  NewArray array;
  array.dtype = dtype;
  const Shape dims = shape_of(x);
  const bool source_order = fortran != flags_.reversed;
  array.shape = flags_.reversed ? Shape(dims.rbegin(), dims.rend()) : dims;
  array.fortran = fortran && dims.size() > 1;
  array.data = array_source(dtype, dims, source_order, values);
  if (masked) array.mask = array_source(dtype, dims, source_order, values, true);
  return add_array(std::move(array));
}

}  // namespace mmappickle
