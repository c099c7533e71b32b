// Scalars, simple sequences, and objects that stay inert.
#include <cmath>

#include "core/base/utf8.h"
#include "decode.h"
#include "views.h"

namespace mmappickle {

using pickle::Id;
using pickle::kNoId;
using pickle::Node;
using pickle::Tag;

namespace {

SEXP with_class(SEXP x, std::initializer_list<const char*> classes) {
  PROTECT(x);
  SEXP cls = PROTECT(Rf_allocVector(STRSXP, static_cast<R_xlen_t>(classes.size())));
  R_xlen_t i = 0;
  for (const char* c : classes) SET_STRING_ELT(cls, i++, Rf_mkChar(c));
  Rf_setAttrib(x, R_ClassSymbol, cls);
  UNPROTECT(2);
  return x;
}

SEXP raw_of(Bytes bytes) {
  SEXP raw = Rf_allocVector(RAWSXP, static_cast<R_xlen_t>(bytes.size));
  if (bytes.size) std::memcpy(RAW(raw), bytes.data, bytes.size);
  return raw;
}

double exact(std::int64_t v) {  // int64's bits, as bit64 has them
  double d;
  std::memcpy(&d, &v, sizeof d);
  return d;
}

}  // namespace

void set_meaning(SEXP x, numpy::RType type, numpy::Meaning meaning, const char* units) {
  PROTECT(x);
  if (type == numpy::RType::integer64) {
    with_class(x, {"integer64"});
  } else if (meaning == numpy::Meaning::date) {
    with_class(x, {"Date"});
  } else if (meaning == numpy::Meaning::datetime) {
    with_class(x, {"POSIXct", "POSIXt"});
    Rf_setAttrib(x, Rf_install("tzone"), PROTECT(Rf_mkString(*units ? units : "UTC")));
    UNPROTECT(1);
  } else if (meaning == numpy::Meaning::difftime) {
    with_class(x, {"difftime"});
    Rf_setAttrib(x, Rf_install("units"), PROTECT(Rf_mkString(units)));
    UNPROTECT(1);
  }
  UNPROTECT(1);
}

SEXP Decoder::leaf(const Plan& plan) {
  if (plan.known != SIZE_MAX) return known(known_[plan.known]);
  if (plan.items != kNoId) return vector_of(plan.items, plan.simple);
  const Node& node = tree_[plan.id];
  switch (node.tag) {
    case Tag::none:
      return missing(plan.type);
    case Tag::boolean:
      return Rf_ScalarLogical(node.flag);
    case Tag::integer:
      switch (integer_type(node)) {
        case Simple::integer:
          return Rf_ScalarInteger(static_cast<int>(node.integer));
        case Simple::real:
          return Rf_ScalarReal(static_cast<double>(node.integer));
        case Simple::integer64: {
          SEXP x = PROTECT(Rf_ScalarReal(exact(node.integer)));
          set_meaning(x, numpy::RType::integer64, numpy::Meaning::plain, "");
          UNPROTECT(1);
          return x;
        }
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
      // decimal digits as text, or two's complement bytes, least significant first
      SEXP x = PROTECT(node.flag ? Rf_ScalarString(r_text(tree_.bytes_of(plan.id)))
                                 : raw_of(tree_.bytes_of(plan.id)));
      SEXP out = inert("builtins.int", "integer", x);
      UNPROTECT(1);
      return out;
    }
    case Tag::real:
      return Rf_ScalarReal(node.real);
    case Tag::text:
    case Tag::string: {
      const Bytes text = tree_.bytes_of(plan.id);
      if (node.tag == Tag::text ? is_r_text(text)
                                : classify_text(text) == TextKind::ascii) {
        return Rf_ScalarString(r_text(text));
      }
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
      return inert("pickle.PickleBuffer", "buffer", R_NilValue);
  }
}

// None, which R metadata may call an NA of some type.
SEXP Decoder::missing(Bytes type) {
  if (type.text() == "logical") return Rf_ScalarLogical(NA_LOGICAL);
  if (type.text() == "integer") return Rf_ScalarInteger(NA_INTEGER);
  if (type.text() == "double") return Rf_ScalarReal(NA_REAL);
  if (type.text() == "character") return Rf_ScalarString(NA_STRING);
  if (type.size) misfit();
  return R_NilValue;
}

SEXP Decoder::vector_of(Id sequence, Simple type) {
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
      for (Id id : tree_.items(sequence)) {
        SET_STRING_ELT(
            out, i++,
            tree_[id].tag == Tag::none ? NA_STRING : r_text(tree_.bytes_of(id)));
      }
  }
  UNPROTECT(1);
  return out;
}

// Mapped where the bytes lie in the file.
SEXP Decoder::bytes(Bytes bytes) {
  if (!mapping_ || bytes.size == 0 || !mapping_->holds(bytes.data)) return raw_of(bytes);
  numpy::Array array;
  array.dtype.kind = numpy::Kind::unsigned_integer;
  array.dtype.itemsize = 1;
  array.shape = {bytes.size};
  array.strides = {1};
  array.data = bytes.data;
  numpy::Choice raw;
  raw.raw_uint8 = true;
  return plain_array(std::move(array), raw);
}

SEXP Decoder::known(const Known& k) {
  switch (k.kind) {
    case Known::raw:
      return bytes(k.bytes);
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

void Decoder::class_name(Id id) {
  const Node& node = tree_[id];
  Id named = id;
  if (node.tag == Tag::object) {
    named = node.first;
    // copyreg._reconstructor(cls, base, state), copyreg.__newobj__(cls, ...)
    if ((tree_.is_global(named, "copyreg", "_reconstructor") ||
         tree_.is_global(named, "copy_reg", "_reconstructor") ||
         tree_.is_global(named, "copyreg", "__newobj__")) &&
        node.second != kNoId && tree_[node.second].tag == Tag::tuple &&
        tree_[node.second].size > 0) {
      named = tree_.item(node.second, 0);
    } else if (named != kNoId && tree_[named].tag == Tag::object &&
               tree_.is_global(tree_[named].first, "builtins", "getattr") &&
               tree_.item(tree_[named].second, 0) != kNoId) {
      named = tree_.item(tree_[named].second, 0);  // getattr(ZoneInfo, "_unpickle")(...)
    }
  }
  scratch_ = named == kNoId ? std::string() : tree_.global_name(named);
  if (scratch_.empty()) scratch_ = "object";
  scratch_ = escape_text(Bytes(scratch_));
}

SEXP Decoder::inert(Bytes class_name, const char* how, SEXP state) {
  const bool has_state = state != R_NilValue;
  PROTECT(state);
  SEXP out = PROTECT(Rf_allocVector(VECSXP, has_state ? 3 : 2));
  SEXP names = PROTECT(Rf_allocVector(STRSXP, has_state ? 3 : 2));
  SET_VECTOR_ELT(out, 0, Rf_ScalarString(r_text(class_name)));
  SET_VECTOR_ELT(out, 1, Rf_mkString(how));
  SET_STRING_ELT(names, 0, Rf_mkChar("class"));
  SET_STRING_ELT(names, 1, Rf_mkChar("how"));
  if (has_state) {
    SET_VECTOR_ELT(out, 2, state);
    SET_STRING_ELT(names, 2, Rf_mkChar("state"));
  }
  Rf_setAttrib(out, R_NamesSymbol, names);
  with_class(out, {"python_object"});
  UNPROTECT(3);
  return out;
}

SEXP Decoder::object(const Plan& plan, SEXP box) {
  Id parts[kObjectParts];
  object_parts(plan.id, parts);
  const Node& node = tree_[plan.id];
  const char* how = "call";
  if (node.tag == Tag::persistent) {
    how = "persistent";
    scratch_ = "pickle.persistent_id";
  } else {
    if (node.how != pickle::How::call) {
      how = node.how == pickle::How::instance ? "instance" : "new";
    }
    class_name(plan.id);
  }
  const R_xlen_t own = static_cast<R_xlen_t>(plan.own);
  SEXP out = PROTECT(Rf_allocVector(VECSXP, 2 + own));
  SEXP names = PROTECT(Rf_allocVector(STRSXP, 2 + own));
  SET_VECTOR_ELT(out, 0, Rf_ScalarString(r_text(Bytes(std::string_view(scratch_)))));
  SET_VECTOR_ELT(out, 1, Rf_mkString(how));
  SET_STRING_ELT(names, 0, Rf_mkChar("class"));
  SET_STRING_ELT(names, 1, Rf_mkChar("how"));
  R_xlen_t at = 0;
  for (int i = 0; i < kObjectParts; ++i) {
    if (parts[i] == kNoId) continue;
    SET_VECTOR_ELT(out, 2 + at, VECTOR_ELT(box, at));
    SET_STRING_ELT(names, 2 + at, Rf_mkChar(kObjectPart[i]));
    ++at;
  }
  Rf_setAttrib(out, R_NamesSymbol, names);
  with_class(out, {"python_object"});
  UNPROTECT(2);
  return out;
}

}  // namespace mmappickle
