// Array entries as Arrow's arrays; see R/nanoarrow.R.
#include "core/arrow/export.h"
#include "enter.h"
#include "r/build.h"
#include "r/handle.h"
#include "r/slice/array_entry.h"
#include "r/text.h"
#include "r/view/entry_watch.h"
#include "r/view/pending.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

namespace {

// An entry's array in maps of its own: who is given the pointer, and breaks Arrow's rules
// by writing there, writes into a private copy.
struct Mapped {
  numpy::Array array;
  std::shared_ptr<os::Mapping> data, mask;
  std::shared_ptr<const EntryWatch> watch;
};

std::shared_ptr<os::Mapping> map_part(const store::Reading& reading, std::uint64_t at,
                                      std::uint64_t size) {
  if (size == 0) return nullptr;
  return os::Mapping::of_range(reading.file(), at, size, true);
}

// False: no array, or none with a type of Arrow's.
bool find(store::Store& store, const std::string& key, bool is_wanted, Mapped& out) {
  store::Reading reading(store);
  store::Loaded loaded = reading.look(reading.require(key));
  ArrayOf found;
  if (!find_array(loaded, found)) return false;
  out.array = found.stored;
  numpy::Array& array = out.array;
  if (arrow::elements_of(array.dtype) == arrow::Elements::none) return false;
  if (!is_wanted) return true;
  out.watch = EntryWatch::of(loaded);
  out.data = map_part(reading, found.place.data, array.count() * array.dtype.itemsize);
  if (out.data != nullptr) array.data = out.data->at(found.place.data);
  array.mask = nullptr;
  if (array.masked && found.place.mask != 0) {
    out.mask = map_part(reading, found.place.mask, array.count());
    if (out.mask != nullptr) array.mask = out.mask->at(found.place.mask);
  }
  return true;
}

void require_whole(const Mapped& mapped, ArrowArray* out) {
  const bool cut = (mapped.data != nullptr && mapped.data->damaged()) ||
                   (mapped.mask != nullptr && mapped.mask->damaged());
  if (!cut && (mapped.watch == nullptr || mapped.watch->is_current())) return;
  out->release(out);
  throw Error(ErrorKind::stale, "The array was moved or cut off while it was read.",
              "Try again; if that fails, run fsck().");
}

const char* name_of(arrow::Elements elements) {
  switch (elements) {
    case arrow::Elements::boolean:
      return "boolean";
    case arrow::Elements::number:
      return "number";
    case arrow::Elements::time:
      return "time";
    default:
      return "bytes";
  }
}

ArrowArray* empty_array(SEXP pointer) {
  void* at = TYPEOF(pointer) == EXTPTRSXP && Rf_inherits(pointer, "nanoarrow_array")
                 ? R_ExternalPtrAddr(pointer)
                 : nullptr;
  auto* array = static_cast<ArrowArray*>(at);
  if (array == nullptr || array->release != nullptr) {
    throw Error(ErrorKind::value, "This is no array of nanoarrow's to be filled in.");
  }
  return array;
}

}  // namespace

// What type of Arrow's the array of an entry has; NULL if there is none. Fills in the
// array of nanoarrow's, unless that is NULL.
// [[Rcpp::export(rng = false)]]
SEXP array_to_arrow(SEXP ptr, SEXP key, SEXP array) {
  return enter([&]() -> SEXP {
    store::Store& store = store_of(ptr);
    ArrowArray* out = array == R_NilValue ? nullptr : empty_array(array);
    Mapped mapped;
    if (!find(store, key_of(key), out != nullptr, mapped)) return R_NilValue;
    if (out != nullptr) {
      watch(store.path(), mapped.data);
      watch(store.path(), mapped.mask);
      arrow::export_array(mapped.array, mapped.data, poll_interrupt, out);
      require_whole(mapped, out);
    }
    const numpy::Dtype& dtype = mapped.array.dtype;
    const char kind = static_cast<char>(dtype.kind);
    return protect([&] {
      const char* names[] = {"elements", "kind", "itemsize", "unit", "shape", ""};
      SEXP x = PROTECT(Rf_mkNamed(VECSXP, names));
      SET_VECTOR_ELT(x, 0, Rf_mkString(name_of(arrow::elements_of(dtype))));
      SET_VECTOR_ELT(x, 1, one_text(std::string_view(&kind, 1)));
      SET_VECTOR_ELT(x, 2, Rf_ScalarReal(static_cast<double>(dtype.itemsize)));
      SET_VECTOR_ELT(x, 3, Rf_mkString(numpy::name(dtype.unit)));
      SET_VECTOR_ELT(x, 4, extents(mapped.array.shape));
      UNPROTECT(1);
      return x;
    });
  });
}
