#include "r/read/attributes.h"

#include <algorithm>

#include "r/build.h"
#include "r/call.h"
#include "r/class_name.h"
#include "r/text.h"
#include "r/trusted_classes.h"
#include "r/vector.h"
#include "r/view/view.h"

namespace mmappickle {

namespace {

// R gives the number of automatic row names as a sequence, which takes no memory.
double data_frame_rows(SEXP frame) {
  return static_cast<double>(Rf_xlength(Rf_getAttrib(frame, R_RowNamesSymbol)));
}

// The most rows that a column of a frame can stand for. What a class means by its length
// is not asked for: it would be the class's own code.
double most_rows(SEXP column) {
  if (Rf_inherits(column, "data.frame")) return data_frame_rows(column);
  SEXP dim = Rf_getAttrib(column, R_DimSymbol);
  double rows = static_cast<double>(Rf_xlength(column));
  if (TYPEOF(dim) == INTSXP && Rf_xlength(dim) > 0) {
    rows = std::max(rows, static_cast<double>(INTEGER_ELT(dim, 0)));
  }
  for (R_xlen_t i = 0; TYPEOF(column) == VECSXP && i < Rf_xlength(column); ++i) {
    rows = std::max(rows, static_cast<double>(Rf_xlength(VECTOR_ELT(column, i))));
  }
  return rows;
}

// A frame may be as odd as R lets it be, but for more rows than any column has items: a
// number costs a file nothing, and R prints so many. Any number goes with no columns.
bool fits_rows(SEXP frame) {
  const double rows = data_frame_rows(frame);
  if (TYPEOF(frame) != VECSXP) return rows <= static_cast<double>(Rf_xlength(frame));
  double most = Rf_xlength(frame) == 0 ? rows : 0;
  for (R_xlen_t i = 0; i < Rf_xlength(frame); ++i) {
    most = std::max(most, most_rows(VECTOR_ELT(frame, i)));
  }
  return rows <= most;
}

// The same items, or none yet.
bool fits_own(SEXP own, SEXP attribute) {
  if (own == R_NilValue) return true;
  if (TYPEOF(own) != TYPEOF(attribute) || Rf_xlength(own) != Rf_xlength(attribute)) {
    return false;
  }
  for (R_xlen_t i = 0; i < Rf_xlength(own); ++i) {
    if (TYPEOF(own) == STRSXP ? STRING_ELT(own, i) != STRING_ELT(attribute, i)
                              : INTEGER_ELT(own, i) != INTEGER_ELT(attribute, i)) {
      return false;
    }
  }
  return true;
}

bool fits_dim(SEXP value, SEXP dim) {
  if (!Rf_isVector(value) || TYPEOF(dim) != INTSXP || Rf_xlength(dim) == 0) return false;
  if (!fits_own(Rf_getAttrib(value, R_DimSymbol), dim)) return false;
  double product = 1;
  for (R_xlen_t i = 0; i < Rf_xlength(dim); ++i) {
    if (INTEGER_ELT(dim, i) < 0) return false;
    product *= INTEGER_ELT(dim, i);
  }
  return product == static_cast<double>(Rf_xlength(value));
}

// R copies the name of a time zone into 256 bytes on its stack when it shows a time.
constexpr R_xlen_t kLongestZone = 128;
// R looks for methods under names (generic, dot, class) of 512 bytes at most, and nothing
// can be done with a value of a longer class, not even printing it.
constexpr R_xlen_t kLongestClass = 400;

bool are_short(SEXP texts, R_xlen_t longest) {
  if (TYPEOF(texts) != STRSXP) return false;
  for (R_xlen_t i = 0; i < Rf_xlength(texts); ++i) {
    if (Rf_xlength(STRING_ELT(texts, i)) > longest) return false;
  }
  return true;
}

bool names_one_of(SEXP classes, std::initializer_list<const char*> names) {
  for (R_xlen_t i = 0; i < Rf_xlength(classes); ++i) {
    const std::string_view one = CHAR(STRING_ELT(classes, i));
    if (std::find(names.begin(), names.end(), one) != names.end()) return true;
  }
  return false;
}

bool fits_dimnames(SEXP value, SEXP names) {
  SEXP dim = Rf_getAttrib(value, R_DimSymbol);
  if (TYPEOF(names) != VECSXP || TYPEOF(dim) != INTSXP ||
      Rf_xlength(names) != Rf_xlength(dim)) {
    return false;
  }
  for (R_xlen_t i = 0; i < Rf_xlength(names); ++i) {
    SEXP one = VECTOR_ELT(names, i);
    if (one == R_NilValue) continue;
    if (TYPEOF(one) != STRSXP || Rf_xlength(one) != INTEGER_ELT(dim, i)) return false;
  }
  return true;
}

struct Setting {
  SEXP value, symbol, attribute;
  bool failed = false;
};

SEXP set_it(void* data) {
  auto* s = static_cast<Setting*>(data);
  Rf_setAttrib(s->value, s->symbol, s->attribute);
  return R_NilValue;
}

SEXP note_failure(SEXP, void* data) {
  static_cast<Setting*>(data)->failed = true;
  return R_NilValue;
}

// Attributes that R's setter takes, whatever else it has rules for: to have it tried
// costs a thousand times more.
bool is_taken(SEXP value, SEXP symbol, SEXP attribute) {
  if (symbol == R_ClassSymbol) {
    return TYPEOF(attribute) == STRSXP &&
           (TYPEOF(value) == INTSXP || !names_one_of(attribute, {"factor"}));
  }
  return symbol == R_RowNamesSymbol && TYPEOF(value) == VECSXP &&
         (TYPEOF(attribute) == INTSXP || TYPEOF(attribute) == STRSXP);
}

// For what R's own setter may refuse, by rules of its own.
bool set_checked(SEXP value, SEXP symbol, SEXP attribute) {
  Setting setting{value, symbol, attribute};
  R_tryCatchError(set_it, &setting, note_failure, &setting);
  return !setting.failed;
}

bool takes_attributes(SEXP value) {
  switch (TYPEOF(value)) {
    case NILSXP:
    case SYMSXP:
    case ENVSXP:
      return false;
    default:
      return true;
  }
}

// False if the attribute does not fit the value.
bool set_attribute(SEXP value, Bytes name, SEXP attribute, const Flags& flags) {
  if (!takes_attributes(value) || name.size == 0 || !plan::is_r_text(name)) return false;
  PROTECT_INDEX at;
  PROTECT_WITH_INDEX(attribute, &at);
  SEXP symbol = PROTECT(Rf_installTrChar(PROTECT(r_text(name))));
  bool fits = true;
  if (symbol == R_NamesSymbol) {
    fits = TYPEOF(attribute) == STRSXP && Rf_xlength(attribute) == Rf_xlength(value) &&
           (TYPEOF(value) != VECSXP ||
            fits_own(Rf_getAttrib(value, R_NamesSymbol), attribute));
  } else if (symbol == R_DimSymbol) {
    // The shape has said it: attributes of its own are what is new.
    const bool again = Rf_xlength(Rf_getAttrib(value, R_DimSymbol)) > 1;
    if (again && TYPEOF(attribute) == INTSXP && flags.reversed) {
      REPROTECT(attribute = reversed(attribute), at);
    }
    fits = fits_dim(value, attribute);
  } else if (symbol == R_DimNamesSymbol) {
    if (TYPEOF(attribute) == VECSXP && flags.reversed) {
      REPROTECT(attribute = reversed(attribute), at);
    }
    fits = fits_dimnames(value, attribute);
  } else if (symbol == Rf_install("tzone")) {
    fits = TYPEOF(attribute) != STRSXP || are_short(attribute, kLongestZone);
  } else if (symbol == R_ClassSymbol) {
    fits = are_short(attribute, kLongestClass);
    const Restored restored =
        fits ? restored_class(attribute, flags.trust) : Restored::no;
    if (restored == Restored::no) fits = false;
    if (restored == Restored::inert) symbol = inert_class_symbol();
    const bool own =
        restored == Restored::yes &&
        names_one_of(attribute, {"r_object", "python_object", "python_dict"});
    if (own) REPROTECT(attribute = own_class_name(attribute), at);
  } else if (symbol == inert_class_symbol()) {
    fits = false;  // ours alone
  }
  if (fits) {
    const bool checked = symbol == R_ClassSymbol || symbol == R_RowNamesSymbol ||
                         symbol == R_TspSymbol || symbol == Rf_install("comment");
    if (checked && !is_taken(value, symbol, attribute)) {
      fits = set_checked(value, symbol, attribute);
    } else {
      Rf_setAttrib(value, symbol, attribute);
    }
  }
  UNPROTECT(3);
  return fits;
}

}  // namespace

SEXP with_attributes(ReadContext& context, const plan::Plan& plan, SEXP values,
                     SEXP value) {
  const metadata::Members& members = context.plans.details_of(plan).metadata;
  if (members.attributes == pickle::kNoId) return value;
  // R's own TRUE and FALSE are not ours to mark.
  if (TYPEOF(value) == LGLSXP && !view_of(value)) value = Rf_shallow_duplicate(value);
  PROTECT(value);
  const pickle::Tree& tree = context.tree;
  std::uint64_t i = std::uint64_t{plan.own} + (members.value != pickle::kNoId);
  for (pickle::Id pair : tree.items(members.attributes)) {
    SEXP attribute = VECTOR_ELT(values, context.plans.child(plan, i++));
    const Bytes name = tree.bytes_of(tree.item(pair, 0));
    if (!set_attribute(value, name, attribute, context.flags)) {
      context.metadata_fits = false;
    }
  }
  SEXP classes = named_class(value);
  const bool data_frame = has_class(classes, "data.frame");
  const bool fits = !data_frame || fits_rows(value);
  if (!fits || ((data_frame || has_class(classes, "POSIXlt")) && holds_code(value))) {
    // No frame: its rows would be read beyond its columns, or hide what these hold.
    drop_class(value);
    if (!fits) Rf_setAttrib(value, R_RowNamesSymbol, R_NilValue);
    context.metadata_fits = false;
  }
  UNPROTECT(1);
  return value;
}

// data.table would take away the names of the columns, where they lie: of frames and
// lists, which have them by right. So it is shown others.
SEXP with_own_selfref(SEXP table) {
  if (TYPEOF(table) != VECSXP) return table;  // it only says so
  SEXP columns = PROTECT(Rf_shallow_duplicate(table));
  SEXP shown = PROTECT(Rf_allocVector(LGLSXP, 0));
  const R_xlen_t count = Rf_xlength(table);
  for (R_xlen_t i = 0; i < count; ++i) SET_VECTOR_ELT(table, i, shown);
  table = PROTECT(call_own("own_selfref", {table}));
  for (R_xlen_t i = 0; i < count; ++i) SET_VECTOR_ELT(table, i, VECTOR_ELT(columns, i));
  UNPROTECT(3);
  return table;
}

}  // namespace mmappickle
