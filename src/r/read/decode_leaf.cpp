// Scalars and simple sequences.
#include <cmath>

#include "core/base/utf8.h"
#include "core/pickle/integers.h"
#include "r/read/decode_known.h"
#include "r/view/view.h"

namespace mmappickle {

using pickle::Id;
using pickle::kNoId;
using pickle::Node;
using pickle::Tag;

namespace {

double exact(std::int64_t v) {  // int64's bits, as bit64 has them
  double d;
  std::memcpy(&d, &v, sizeof d);
  return d;
}

SEXP integer64(std::int64_t v) {
  SEXP x = PROTECT(Rf_allocVector(REALSXP, 1));
  std::memcpy(REAL(x), &v, sizeof v);  // not through a double: NaNs might be quietened
  set_meaning(x, numpy::RType::integer64, numpy::Meaning::plain, "");
  UNPROTECT(1);
  return x;
}

}  // namespace

SEXP Decoder::leaf(const Plan& plan) {
  if (plan.known != SIZE_MAX) return known(known_[plan.known]);
  if (plan.items != kNoId) return vector_of(plan, plan.simple);
  const Node& node = tree_[plan.id];
  switch (node.tag) {
    case Tag::none:
      return missing(plan.type);
    case Tag::boolean:
      return Rf_ScalarLogical(node.flag);
    case Tag::integer:
      if (plan.type.text() == "integer64") return integer64(node.integer);
      switch (integer_type(node)) {
        case Simple::integer:
          return Rf_ScalarInteger(static_cast<int>(node.integer));
        case Simple::real:
          return Rf_ScalarReal(static_cast<double>(node.integer));
        case Simple::integer64:
          return integer64(node.integer);
        default: {
          std::uint8_t le[8];
          store_le(le, static_cast<std::uint64_t>(node.integer), 8);
          SEXP x = PROTECT(raw_of(Bytes(le, 8)));
          SEXP out = inert("builtins.int", "integer", x);
          UNPROTECT(1);
          return out;
        }
      }
    case Tag::big_integer: {
      // two's complement, least significant byte first; what is too long for that as text
      const Bytes digits = tree_.bytes_of(plan.id);
      const bool decimal = node.flag && digits.size <= pickle::kMaxDecimalDigits;
      if (decimal) scratch_ = pickle::decimal_to_twos_complement(digits);
      SEXP x = PROTECT(decimal     ? raw_of(Bytes(std::string_view(scratch_)))
                       : node.flag ? Rf_ScalarString(r_text(digits))
                                   : raw_of(digits));
      SEXP out = inert("builtins.int", "integer", x);
      UNPROTECT(1);
      return out;
    }
    case Tag::real:
      return Rf_ScalarReal(node.real);
    case Tag::text:
    case Tag::string: {
      const Bytes text = tree_.bytes_of(plan.id);
      if (is_r_text(tree_, plan.id)) return Rf_ScalarString(r_text(text));
      SEXP x = PROTECT(raw_of(text));
      SEXP out = inert("builtins.str", "text", x);
      UNPROTECT(1);
      return out;
    }
    case Tag::bytes:
    case Tag::byte_array:
      return bytes(tree_.bytes_of(plan.id));
    case Tag::global:
      class_name(plan.id);
      return inert(Bytes(std::string_view(scratch_)), "global", R_NilValue);
    case Tag::extension: {
      SEXP x = PROTECT(Rf_ScalarReal(static_cast<double>(node.integer)));
      SEXP out = inert("copyreg.extension", "extension", x);
      UNPROTECT(1);
      return out;
    }
    default:
      throw Error(ErrorKind::format,
                  "The pickle refers to a buffer outside it, which a file cannot hold.");
  }
}

// None, which R metadata may call an NA of some type.
SEXP Decoder::missing(Bytes type) {
  if (type.text() == "logical") return Rf_ScalarLogical(NA_LOGICAL);
  if (type.text() == "integer") return Rf_ScalarInteger(NA_INTEGER);
  if (type.text() == "double") return Rf_ScalarReal(NA_REAL);
  if (type.text() == "character") return Rf_ScalarString(NA_STRING);
  if (type.text() == "integer64") return integer64(numpy::kNaInteger64);
  if (type.size) misfit();
  return R_NilValue;
}

SEXP Decoder::vector_of(const Plan& plan, Simple type) {
  const Id sequence = plan.items;
  const R_xlen_t n = static_cast<R_xlen_t>(tree_[sequence].size);
  R_xlen_t i = 0;
  SEXP out = R_NilValue;
  switch (type) {
    case Simple::logical:
      out = PROTECT(Rf_allocVector(LGLSXP, n));
      for (Id id : tree_.items(sequence)) {
        LOGICAL(out)[i++] = tree_[id].tag == Tag::none ? NA_LOGICAL : tree_[id].flag;
      }
      break;
    case Simple::integer:
      out = PROTECT(Rf_allocVector(INTSXP, n));
      for (Id id : tree_.items(sequence)) {
        const Node& node = tree_[id];
        INTEGER(out)
        [i++] = node.tag == Tag::none ? NA_INTEGER : static_cast<int>(node.integer);
      }
      break;
    case Simple::real:
    case Simple::integer64:
      out = PROTECT(Rf_allocVector(REALSXP, n));
      for (Id id : tree_.items(sequence)) {
        const Node& node = tree_[id];
        double& x = REAL(out)[i++];
        if (type == Simple::integer64) {
          x = exact(node.tag == Tag::none ? numpy::kNaInteger64 : node.integer);
        } else if (node.tag == Tag::none) {
          x = NA_REAL;
        } else if (node.tag == Tag::integer) {
          x = static_cast<double>(node.integer);
        } else {
          x = node.real;
        }
      }
      if (type == Simple::integer64) {
        set_meaning(out, numpy::RType::integer64, numpy::Meaning::plain, "");
      }
      break;
    default:
      out = PROTECT(Rf_allocVector(STRSXP, n));
      Positions bytes(tree_, plan.bytes);
      for (Id id : tree_.items(sequence)) {
        SET_STRING_ELT(out, i,
                       text_or_bytes(id, bytes.has(static_cast<std::uint64_t>(i))));
        ++i;
      }
  }
  UNPROTECT(1);
  return out;
}

// Mapped where the bytes lie in the file.
SEXP Decoder::bytes(Bytes bytes) {
  if (!mapping_ || bytes.size == 0 || !mapping_->holds(bytes.data)) return raw_of(bytes);
  items_ = numpy::Array();
  items_.dtype.kind = numpy::Kind::unsigned_integer;
  items_.dtype.itemsize = 1;
  items_.shape = {bytes.size};
  items_.strides = {1};
  items_.data = bytes.data;
  numpy::Choice raw;
  raw.raw_uint8 = true;
  return plain_array(items_, raw, View::Of::bytes);
}

SEXP Decoder::known(const Known& k) {
  switch (k.kind) {
    case Known::range: {
      SEXP from = PROTECT(Rf_ScalarReal(k.start));
      SEXP by = PROTECT(Rf_ScalarReal(k.step));
      SEXP count = PROTECT(Rf_ScalarReal(k.count));
      SEXP out = call_own("python_range", {from, by, count});
      UNPROTECT(3);
      return out;
    }
    case Known::zoned: {
      SEXP fields = PROTECT(Rf_allocVector(REALSXP, 7));
      std::copy(k.fields, k.fields + 7, REAL(fields));
      SEXP zone = PROTECT(Rf_ScalarString(r_text(k.zone)));
      SEXP out = call_own("python_zoned", {fields, zone});
      UNPROTECT(2);
      return out;
    }
    default:
      break;
  }
  SEXP out;
  if (k.type == numpy::RType::complex) {
    Rcomplex z;
    z.r = k.number;
    z.i = k.imaginary;
    out = PROTECT(Rf_ScalarComplex(z));
  } else {
    out = PROTECT(Rf_ScalarReal(k.number));
  }
  scratch_.assign(k.zone.text());
  set_meaning(out, k.type, k.meaning,
              k.meaning == numpy::Meaning::difftime ? "secs" : scratch_.c_str());
  UNPROTECT(1);
  return out;
}

}  // namespace mmappickle
