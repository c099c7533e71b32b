// What Python in this process is told of arrays, and what it hands over; see
// R/reticulate.R.
#include <cstdlib>
#include <cstring>

#include "enter.h"
#include "r/build.h"
#include "r/handle.h"
#include "r/slice/array_entry.h"
#include "r/text.h"
#include "r/vector.h"
#include "r/write/python_buffer.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

namespace {

// Others find the file by its name.
void require_named(const store::Store& store, const store::Reading& reading) {
  bool exists = false;
  const os::Status named = os::status_of(store.path(), exists);
  if (exists && named.identity == reading.status().identity) return;
  throw Error(ErrorKind::stale, "The file is no longer where it was opened.",
              "Open it where it is now: mmapdict(path).");
}

}  // namespace

// Where an array stands in its file, as numpy.memmap() takes it; NULL of what is no
// array. `mask`: NULL without one, 0 where nothing is masked.
// [[Rcpp::export(rng = false)]]
SEXP array_place(SEXP ptr, SEXP key) {
  return enter([&]() -> SEXP {
    store::Store& store = store_of(ptr);
    const std::string name = key_of(key);
    ArrayOf found;
    os::Identity file;
    {
      store::Reading reading(store);
      store::Loaded loaded = reading.look(reading.require(name));
      if (!find_array(loaded, found)) return R_NilValue;
      require_named(store, reading);
      file = reading.status().identity;
    }
    const numpy::Array& array = found.stored;
    const std::string dtype = numpy::text(array.dtype);
    return protect([&] {
      const char* names[] = {"dtype", "shape", "fortran", "data", "mask", "file", ""};
      SEXP out = PROTECT(Rf_mkNamed(VECSXP, names));
      SET_VECTOR_ELT(out, 0, one_text(dtype));
      SET_VECTOR_ELT(out, 1, extents(array.shape));
      SET_VECTOR_ELT(out, 2, Rf_ScalarLogical(array.f_order() && !array.c_order()));
      SET_VECTOR_ELT(out, 3, Rf_ScalarReal(static_cast<double>(found.place.data)));
      if (array.masked) {
        SET_VECTOR_ELT(out, 4, Rf_ScalarReal(static_cast<double>(found.place.mask)));
      }
      SEXP identity = Rf_allocVector(RAWSXP, sizeof file);
      SET_VECTOR_ELT(out, 5, identity);
      std::memcpy(RAW(identity), &file, sizeof file);
      UNPROTECT(1);
      return out;
    });
  });
}

// `size` bytes at an address in this process, both as Python's digits, which `owner`
// keeps.
// [[Rcpp::export(rng = false)]]
SEXP python_buffer(SEXP owner, SEXP address, SEXP size) {
  return enter([&] {
    const auto number = [](SEXP text) {
      return std::strtoull(utf8_of(string_elt(text, 0)).c_str(), nullptr, 10);
    };
    return write::new_python_buffer(owner, number(address), number(size));
  });
}
