#include "r/write/vector.h"

#include <cstring>

#include "core/numpy/values.h"
#include "r/trusted_classes.h"
#include "r/values.h"
#include "r/vector.h"
#include "r/write/array.h"
#include "r/write/attributes.h"
#include "r/write/nested.h"
#include "r/write/sequence.h"
#include "r/write/text.h"
#include "r/write/time.h"
#include "r/write/view.h"

namespace mmappickle::write {

using numpy::Meaning;
using numpy::RType;
using pickle::Id;
using pickle::kNoId;
using pickle::Tag;

plan::Simple simple_type(SEXP x) {
  switch (TYPEOF(x)) {
    case LGLSXP:
      return plan::Simple::logical;
    case INTSXP:
      return plan::Simple::integer;
    case REALSXP:
      return plan::Simple::real;
    case STRSXP:
      return plan::Simple::character;
    default:
      return plan::Simple::no;
  }
}

namespace {

// How a vector with its attributes is stored.
struct VectorKind {
  Meaning meaning = Meaning::plain;  // that the Python value has, too
  bool is_factor = false;
  bool is_scalar = false;
  bool is_column = false;
  // The metadata name type, class, zone and units: the Python value does not tell them.
  bool is_named = false;
};

bool is_integer64(SEXP x, SEXP attributes) {
  return TYPEOF(x) == REALSXP &&
         has_class(get_attribute(attributes, "class"), "integer64");
}

// None is all that Python can say of it.
bool is_lone_na(SEXP x) {
  if (Rf_xlength(x) != 1) return false;
  const void* p = read_pointer(x);
  if (TYPEOF(x) == INTSXP) return *static_cast<const int*>(p) == NA_INTEGER;
  return ISNAN(*static_cast<const double*>(p));
}

// With no attributes but the class of its elements.
bool is_scalar(SEXP x, SEXP attributes) {
  if (Rf_xlength(x) != 1 || TYPEOF(x) == RAWSXP) return false;
  if (attributes == R_NilValue) return true;
  if (has_class(get_attribute(attributes, "class"), "AsIs")) return false;
  std::vector<const char*> of_class = time_attributes(meaning_of(x));
  if (is_integer64(x, attributes)) of_class.push_back("class");
  SEXP names = Rf_getAttrib(attributes, R_NamesSymbol);
  for (R_xlen_t i = 0; i < Rf_xlength(names); ++i) {
    if (!contains(of_class, CHAR(string_elt(names, i)))) return false;
  }
  return true;
}

VectorKind kind_of(SEXP x, SEXP attributes, bool column) {
  VectorKind kind;
  kind.is_column = column;
  kind.is_scalar = !column && is_scalar(x, attributes);
  if (attributes == R_NilValue) return kind;
  kind.is_factor = is_factor(x, attributes);
  const Meaning meaning = meaning_of(x);
  if (meaning != Meaning::plain && (whole_view(x) || fits_time(x, meaning, column))) {
    kind.meaning = meaning;
    kind.is_named = !has_default_class(x, attributes, meaning) || is_lone_na(x);
  }
  return kind;
}

Encoded encode_scalar(Context& context, SEXP x) {
  pickle::Tree& tree = context.tree;
  Encoded out;
  const auto missing = [&] {
    out.value = tree.none();
    out.type = type_name(x);
    return out;
  };
  switch (r_type(x)) {
    case RType::logical:
    case RType::integer:
      if (integer_elt(x, 0) == NA_INTEGER) return missing();  // a logical NA, too
      out.value = plain_scalar(context, x);
      break;
    case RType::integer64: {
      const auto v = numpy::value_at<std::int64_t>(read_pointer(x), 0);
      out.value = v == numpy::kNaInteger64 ? tree.none() : tree.integer(v);
      out.type = "integer64";
      break;
    }
    case RType::real:
      out.value = plain_scalar(context, x);
      break;
    case RType::complex: {
      const auto* v = static_cast<const double*>(read_pointer(x));
      const Id parts = tree.container(Tag::tuple, {tree.real(v[0]), tree.real(v[1])});
      out.value =
          tree.object(pickle::How::call, tree.global("builtins", "complex"), parts);
      break;
    }
    default:
      if (string_elt(x, 0) == NA_STRING) return missing();
      out.value = plain_scalar(context, x);
      out.bytes = byte_positions(context, x);
  }
  return out;
}

Encoded encode_bytes(Context& context, SEXP x) {
  Encoded out;
  Id& node = context.nodes[x];
  if (node == kNoId) {
    node = context.tree.bytes(Bytes(static_cast<const std::uint8_t*>(read_pointer(x)),
                                    static_cast<std::uint64_t>(Rf_xlength(x))));
  }
  out.value = node;
  return out;
}

Encoded encode_numbers(Context& context, SEXP x) {
  const RType type = r_type(x);
  Encoding encoding;
  encoding.unclassed = true;
  Encoded out = encode_array(context, x, numpy::natural_dtype(type),
                             context.flags.fortran, encoding);
  if (type == RType::raw) out.type = "raw";
  if (type == RType::integer64) out.type = "integer64";
  return out;
}

Encoded encode_elements_of(Context& context, SEXP x, const VectorKind& kind) {
  if (kind.is_factor) return encode_factor(context, x);
  if (kind.meaning != Meaning::plain) {
    return kind.is_scalar ? encode_time(context, x, kind.meaning)
                          : encode_times(context, x, kind.meaning);
  }
  if (kind.is_scalar) return encode_scalar(context, x);
  if (TYPEOF(x) == STRSXP) return encode_strings(context, x);
  const bool bytes = TYPEOF(x) == RAWSXP && !kind.is_column &&
                     Rf_getAttrib(x, R_DimSymbol) == R_NilValue;
  return bytes ? encode_bytes(context, x) : encode_numbers(context, x);
}

Encoded encode_vector(Context& context, SEXP x, const VectorKind& kind) {
  Encoded out;
  if (!encode_view(context, x, out)) out = encode_elements_of(context, x, kind);
  if (kind.is_named && !out.type) out.type = type_name(x);
  return out;
}

// Names and the like stand behind a sequence as behind an array. (A set has no order.)
bool may_be_sequence(const Context& context, SEXP attributes, const VectorKind& kind,
                     Id origin) {
  if (attributes == R_NilValue) return true;
  const bool is_time = kind.meaning != Meaning::plain && !kind.is_named;
  const Tag tag = context.tree[origin].tag;
  return (tag == Tag::list || tag == Tag::tuple) &&
         (is_time || get_attribute(attributes, "class") == R_NilValue) &&
         get_attribute(attributes, "dim") == R_NilValue;
}

}  // namespace

// What plan_vector() and encode_scalar() would make of it, without a plan.
bool is_plain_scalar(SEXP x) {
  const int type = TYPEOF(x);
  if (type == NILSXP) return true;
  if (type != STRSXP && type != REALSXP && type != INTSXP && type != LGLSXP) return false;
  if (ALTREP(x) || XLENGTH(x) != 1 || attribute_count(x) != 0 || Rf_isS4(x)) return false;
  const bool missing = type == STRSXP    ? string_elt(x, 0) == NA_STRING
                       : type == REALSXP ? false  // a number, too
                       : type == INTSXP  ? integer_elt(x, 0) == NA_INTEGER
                                         : integer_elt(x, 0) == NA_LOGICAL;
  return !missing && !(type == STRSXP && Rf_getCharCE(string_elt(x, 0)) == CE_BYTES);
}

Id plain_scalar(Context& context, SEXP x) {
  pickle::Tree& tree = context.tree;
  switch (TYPEOF(x)) {
    case NILSXP:
      return tree.none();
    case LGLSXP:
      return tree.boolean(integer_elt(x, 0) != 0);
    case INTSXP:
      return tree.integer(integer_elt(x, 0));
    case REALSXP: {
      // By its bits: a copy through a register of the x87 would quieten R's NA.
      double v;
      std::memcpy(&v, read_pointer(x), sizeof v);
      return tree.real(v);
    }
    default:
      return text_of(context, string_elt(x, 0));
  }
}

bool encode_plain_scalar(Context& context, SEXP x, Encoded& out) {
  if (!is_plain_scalar(x)) return false;
  out = Encoded();
  out.value = plain_scalar(context, x);
  return true;
}

Plan plan_vector(Context& context, SEXP x, SEXP attributes, bool column, Id origin) {
  const VectorKind kind = kind_of(x, attributes, column);
  Plan plan =
      plan_of(x, [&context, kind](SEXP x) { return encode_vector(context, x, kind); });
  if (is_sequence(context.tree, origin) &&
      may_be_sequence(context, attributes, kind, origin)) {
    plan.make = [&context, kind, origin](SEXP x, std::vector<Encoded>&) {
      Encoded out;
      const bool kept = keep_sequence(context, x, origin, out);
      return kept ? out : encode_vector(context, x, kind);
    };
  }
  plan.says_dim = !kind.is_factor;
  if (kind.meaning != Meaning::plain && !kind.is_named) {
    plan.said = time_attributes(kind.meaning);
  } else if (is_integer64(x, attributes) &&
             is_class(get_attribute(attributes, "class"), "integer64")) {
    plan.said = {"class"};
  }
  return plan;
}

}  // namespace mmappickle::write
