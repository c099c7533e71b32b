// What an mmarray knows of its array; see R/mmarray.R.
#include "enter.h"
#include "r/build.h"
#include "r/handle.h"
#include "r/info.h"
#include "r/read/read.h"
#include "r/slice/array_entry.h"
#include "r/text.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

// [[Rcpp::export(rng = false)]]
SEXP store_array(SEXP ptr, SEXP key, int flags) {
  return enter([&]() -> SEXP {
    Handle& handle = handle_of(ptr);
    const std::string name = key_of(key);
    store::Loaded loaded;
    {
      store::Reading reading(*handle.store);
      loaded = reading.look(reading.require(name));
      if (loaded.is_array) loaded.file = hole_source(0);  // of which nothing is read
    }
    const ArrayOf found = array_of(loaded, Flags(flags));
    if (!found.is_array) return R_NilValue;
    const numpy::Array& array = found.array;
    // Names and the like come from the view itself, which reads no data; R cannot make
    // one of an extent beyond its dims.
    bool viewable = true;
    for (std::uint64_t extent : array.shape) {
      viewable = viewable && (array.shape.size() == 1 || extent <= INT32_MAX);
    }
    Warnings warnings;
    SEXP view = viewable ? decode(loaded, handle.store->path(), name, Flags(flags),
                                  R_NilValue, warnings)
                         : R_NilValue;
    Shield kept(view);
    const numpy::Array& stored = found.stored;
    const std::string dtype = numpy::text(stored.dtype);
    const double bytes =
        static_cast<double>(stored.count()) * static_cast<double>(stored.dtype.itemsize);
    return protect([&] {
      const char* names[] = {"dim",  "dimnames", "names",  "dtype",  "shape", "order",
                             "type", "class",    "masked", "offset", "bytes", ""};
      SEXP x = PROTECT(Rf_mkNamed(VECSXP, names));
      SET_VECTOR_ELT(x, 0, extents(array.shape));
      if (view != R_NilValue) {
        SET_VECTOR_ELT(x, 1, Rf_getAttrib(view, R_DimNamesSymbol));
        SET_VECTOR_ELT(
            x, 2,
            array.shape.size() == 1 ? Rf_getAttrib(view, R_NamesSymbol) : R_NilValue);
        SET_VECTOR_ELT(x, 7, Rf_getAttrib(view, R_ClassSymbol));
      }
      SET_VECTOR_ELT(x, 3, one_text(dtype));
      SET_VECTOR_ELT(x, 4, extents(stored.shape));
      SET_VECTOR_ELT(x, 5, Rf_mkString(order_of(stored)));
      SET_VECTOR_ELT(x, 6, Rf_mkString(type_of(found.target.type)));
      SET_VECTOR_ELT(x, 8, Rf_ScalarLogical(array.masked));
      SET_VECTOR_ELT(x, 9, Rf_ScalarReal(static_cast<double>(found.place.data)));
      SET_VECTOR_ELT(x, 10, Rf_ScalarReal(bytes));
      UNPROTECT(1);
      return x;
    });
  });
}
