// Scalars: VectorReader's part for single values.
#include <algorithm>
#include <cstring>

#include "core/numpy/datetime.h"
#include "core/numpy/items.h"
#include "core/pickle/integers.h"
#include "r/build.h"
#include "r/call.h"
#include "r/kept.h"
#include "r/read/vector.h"
#include "r/text.h"

namespace mmappickle {

using pickle::Id;
using pickle::kNoId;
using pickle::Node;
using pickle::Tag;
using plan::Simple;

SEXP integer64_scalar(std::int64_t v) {
  SEXP x = PROTECT(Rf_allocVector(REALSXP, 1));
  std::memcpy(REAL(x), &v, sizeof v);  // not through a double: NaNs might be quietened
  set_meaning(x, numpy::RType::integer64, numpy::Meaning::plain, "");
  UNPROTECT(1);
  return x;
}

namespace {

// NaNs bit for bit.
SEXP real_scalar(const Node& node) {
  SEXP x = Rf_allocVector(REALSXP, 1);
  std::memcpy(REAL(x), &node.real, sizeof node.real);
  return x;
}

// A double that is an int where it is stored again.
SEXP wide_integer(std::int64_t v) {
  SEXP x = PROTECT(Rf_ScalarReal(static_cast<double>(v)));
  SEXP out = keep_sequence_kind(x, plan::SequenceKind::of_int(), R_NilValue);
  UNPROTECT(1);
  return out;
}

}  // namespace

SEXP plain_number(const Node& node) {
  switch (node.tag) {
    case Tag::boolean:
      return Rf_ScalarLogical(node.flag);
    case Tag::integer:
      return plan::integer_type(node, false) == Simple::integer
                 ? Rf_ScalarInteger(static_cast<int>(node.integer))
                 : wide_integer(node.integer);
    case Tag::real:
      return real_scalar(node);
    default:
      return R_NilValue;
  }
}

SEXP VectorReader::scalar(const plan::Plan& plan) {
  const metadata::Members& members = context_.plans.details_of(plan).metadata;
  SEXP thing = named(plan, members);
  if (thing) return thing;
  const Node& node = context_.tree[plan.node];
  switch (node.tag) {
    case Tag::none:
      return none(members.type);
    case Tag::boolean:
      return Rf_ScalarLogical(node.flag);
    case Tag::integer:
      return integer(node, members.type.text() == "integer64");
    case Tag::big_integer:
      return big_integer(plan.node);
    case Tag::real:
      return real_scalar(node);
    case Tag::text:
    case Tag::string:
      return text(plan.node);
    case Tag::bytes:
    case Tag::byte_array:
      return arrays_.bytes(context_.tree.bytes_of(plan.node));
    case Tag::global:
      return objects_.global(plan.node);
    case Tag::extension: {
      SEXP code = PROTECT(Rf_ScalarReal(static_cast<double>(node.integer)));
      SEXP out = inert_object("copyreg.extension", "extension", code);
      UNPROTECT(1);
      return out;
    }
    default:
      throw Error(ErrorKind::format,
                  "The pickle refers to a buffer outside it, which a file cannot hold.");
  }
}

SEXP VectorReader::plain(Id id) {
  const Node node = context_.tree[id];
  const bool is_text = pickle::is_text_tag(node.tag);
  return is_text ? Rf_ScalarString(text_.string(id)) : plain_number(node);
}

// None, which R metadata may call an NA of some type.
SEXP VectorReader::none(Bytes type) {
  if (type.text() == "logical") return Rf_ScalarLogical(NA_LOGICAL);
  if (type.text() == "integer") return Rf_ScalarInteger(NA_INTEGER);
  if (type.text() == "double") return Rf_ScalarReal(NA_REAL);
  if (type.text() == "character") return Rf_ScalarString(NA_STRING);
  if (type.text() == "integer64") return integer64_scalar(numpy::kNaInteger64);
  if (type.size) note_misfit();
  return R_NilValue;
}

SEXP VectorReader::integer(const Node& node, bool as_integer64) {
  if (as_integer64) return integer64_scalar(node.integer);
  switch (plan::integer_type(node, has_bit64())) {
    case Simple::integer:
      return Rf_ScalarInteger(static_cast<int>(node.integer));
    case Simple::real:
      return wide_integer(node.integer);
    case Simple::integer64:
      return integer64_scalar(node.integer);
    default: {
      std::uint8_t le[8];
      store_u64(le, static_cast<std::uint64_t>(node.integer));
      SEXP x = PROTECT(raw_of(Bytes(le, 8)));
      SEXP out = inert_object("builtins.int", "integer", x);
      UNPROTECT(1);
      return out;
    }
  }
}

// Two's complement, least significant byte first; what is too long for that as text.
SEXP VectorReader::big_integer(Id id) {
  const Bytes digits = context_.tree.bytes_of(id);
  const bool text = context_.tree[id].flag;
  const bool decimal = text && digits.size <= pickle::kMaxDecimalDigits;
  if (decimal) digits_ = pickle::decimal_to_twos_complement(digits);
  SEXP x = PROTECT(decimal ? raw_of(Bytes(digits_))
                   : text  ? Rf_ScalarString(r_text(digits))
                           : raw_of(digits));
  SEXP out = inert_object("builtins.int", "integer", x);
  UNPROTECT(1);
  return out;
}

SEXP VectorReader::text(Id id) {
  SEXP plain = text_.plain(id);
  if (plain) return Rf_ScalarString(plain);
  SEXP x = PROTECT(raw_of(context_.tree.bytes_of(id)));
  SEXP out = inert_object("builtins.str", "text", x);
  UNPROTECT(1);
  return out;
}

// What R metadata let a number or a text name: automatic row names, a string in the
// encoding "bytes", code, and the few environments that every session has. Null if it is
// to be read as it is.
SEXP VectorReader::named(const plan::Plan& plan, const metadata::Members& members) {
  const std::string_view type = members.type.text();
  const Node& node = context_.tree[plan.node];
  if (type == "row.names" && node.tag == Tag::integer && node.integer > INT32_MIN &&
      node.integer <= INT32_MAX) {
    SEXP rows = Rf_allocVector(INTSXP, 2);
    INTEGER(rows)[0] = NA_INTEGER;
    INTEGER(rows)[1] = static_cast<int>(node.integer);
    return rows;
  }
  if (node.tag != Tag::text) return nullptr;
  const Bytes text = context_.tree.bytes_of(plan.node);
  if (members.bytes != kNoId && type.empty()) {
    const bool bytes = metadata::Positions(context_.tree, members.bytes).has(0);
    return Rf_ScalarString(text_.string(plan.node, bytes));
  }
  if (type != "symbol" && type != "environment") return nullptr;
  if (!plan.inside_attribute) {
    note_misfit();
    return nullptr;
  }
  if (type == "symbol") {
    if (!plan::is_r_text(text)) return nullptr;
    if (text.size == 0) return R_MissingArg;
    SEXP symbol = Rf_installTrChar(PROTECT(r_text(text)));
    UNPROTECT(1);
    return symbol;
  }
  if (text.text() == "global") return R_GlobalEnv;
  if (text.text() == "base") return R_BaseEnv;
  if (text.text() == "empty") return R_EmptyEnv;
  return nullptr;
}

}  // namespace mmappickle
