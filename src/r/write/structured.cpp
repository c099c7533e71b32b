#include "r/write/structured.h"

#include "r/text.h"
#include "r/vector.h"
#include "r/write/array.h"
#include "r/write/ndarray.h"

namespace mmappickle::write {

namespace {

bool are_columns(SEXP x, SEXP names) {
  if (TYPEOF(x) != VECSXP || Rf_xlength(x) != Rf_xlength(names)) return false;
  SEXP given = Rf_getAttrib(x, R_NamesSymbol);
  if (TYPEOF(given) != STRSXP || Rf_xlength(given) != Rf_xlength(names)) return false;
  read_pointer(given);
  read_pointer(names);
  for (R_xlen_t i = 0; i < Rf_xlength(names); ++i) {
    if (utf8_of(string_elt(given, i)) != utf8_of(string_elt(names, i))) return false;
  }
  return true;
}

// `dtypes` names each column of x, in its order, or else this is no mark of ndarray().
numpy::Elements encode_records(Context& context, SEXP x, SEXP dtypes, bool in_r_order,
                               const std::string& subject, int depth) {
  if (depth >= numpy::kMaxDtypeDepth) {
    throw Error(ErrorKind::limit, "A structured dtype is nested too deeply.");
  }
  const bool data_frame = Rf_inherits(x, "data.frame");
  SEXP names = Rf_getAttrib(dtypes, R_NamesSymbol);
  if (!are_columns(x, names)) {
    throw Error(ErrorKind::value, subject + " has not the columns that its dtype names.",
                "Mark the value anew: ndarray(x, dtype).");
  }
  numpy::Records records;
  for (R_xlen_t i = 0; i < Rf_xlength(dtypes); ++i) {
    const std::string name = utf8_of(string_elt(names, i));
    const std::string what = (subject == "The value" ? "x" : subject) + "$" + name;
    SEXP column = vector_elt(x, i), dtype = vector_elt(dtypes, i);
    Encoding encoding;
    // Row by row: then what is folded into an item is together.
    encoding.in_r_order = in_r_order && !data_frame;
    records.add(
        name,
        TYPEOF(dtype) == VECSXP
            ? encode_records(context, column, dtype, encoding.in_r_order, what, depth + 1)
            : encode_elements(context, column, marked_dtype(dtype), encoding, what),
        data_frame, what);
  }
  return records.finish(subject);
}

}  // namespace

Encoded encode_structured(Context& context, SEXP x, SEXP dtypes, bool fortran) {
  const numpy::Layout layout = context.layout(fortran);
  return add_array(context,
                   new_array(encode_records(context, x, dtypes, layout.in_r_order(),
                                            context.subject(), 0),
                             layout));
}

}  // namespace mmappickle::write
