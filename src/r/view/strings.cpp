// The ALTREP methods of string views. Strings are converted all at once, when the first
// of them is asked for: a string made for one element alone would be held by nothing, and
// R's callers do not protect it.
#include <climits>

#include "core/base/error.h"
#include "core/numpy/fetch.h"
#include "r/view/access.h"

namespace mmappickle {

namespace {

// Strings on their way to R, a batch at a time. Owned by the conversion's external
// pointer, not by a stack frame: making R's strings may jump.
struct Batch {
  std::string text;          // one after another
  std::vector<int> lengths;  // bytes; kMissing: NA
};
constexpr int kMissing = -1;
constexpr std::uint64_t kBatch = 4096;  // strings

void finalize_batch(SEXP pointer) {
  delete static_cast<Batch*>(R_ExternalPtrAddr(pointer));
  R_ClearExternalPtr(pointer);
}

// May throw.
void decode_batch(View& view, std::uint64_t begin, std::uint64_t n, Batch& batch) {
  batch.text.clear();
  batch.lengths.clear();
  bool escaped = false;
  const numpy::VisitText take = [&](std::uint64_t, const std::string* s) {
    if (s == nullptr) {
      batch.lengths.push_back(kMissing);
      return;
    }
    if (s->size() > INT_MAX) {
      throw Error(ErrorKind::limit, "a string of more than 2^31 - 1 bytes");
    }
    batch.text += *s;
    batch.lengths.push_back(static_cast<int>(s->size()));
  };
  const numpy::Visit visit = numpy::as_text(view.array.dtype, take, &escaped);
  if (view.file == nullptr) {
    numpy::visit_elements(view.array, view.axes, begin, n, visit);
  } else {
    const numpy::Stored stored{view.array, view.place, *view.file};
    std::vector<std::uint64_t> index(n);
    for (std::uint64_t i = 0; i < n; ++i) index[i] = begin + i;
    numpy::fetch_elements_linear(stored, index.data(), n, visit, {});
  }
  if (escaped) note_escaped(view);
}

SEXP convert(View& view, void (*poll)()) {
  check_current(view);
  const auto count = static_cast<R_xlen_t>(view.count);
  SEXP strings = PROTECT(Rf_allocVector(STRSXP, count));
  SEXP owner = PROTECT(R_MakeExternalPtr(nullptr, R_NilValue, R_NilValue));
  R_RegisterCFinalizerEx(owner, finalize_batch, FALSE);
  auto* batch = shield([] { return new Batch; });
  R_SetExternalPtrAddr(owner, batch);
  View* from = &view;
  for (R_xlen_t begin = 0; begin < count; begin += kBatch) {
    if (poll != nullptr) poll();
    shield([=] {
      const auto start = static_cast<std::uint64_t>(begin);
      const std::uint64_t left = from->count - start;
      decode_batch(*from, start, left < kBatch ? left : kBatch, *batch);
    });
    const char* text = batch->text.data();
    const auto n = static_cast<R_xlen_t>(batch->lengths.size());
    for (R_xlen_t k = 0; k < n; ++k) {
      const int length = batch->lengths[static_cast<std::size_t>(k)];
      if (length == kMissing) {
        SET_STRING_ELT(strings, begin + k, NA_STRING);
      } else {
        SET_STRING_ELT(strings, begin + k, Rf_mkCharLenCE(text, length, CE_UTF8));
        text += length;
      }
    }
  }
  finalize_batch(owner);
  check_current(view);
  UNPROTECT(2);
  return strings;
}

SEXP element(SEXP x, R_xlen_t i) {
  const View* view = live_view(x);
  if (likely(view != nullptr && view->values != nullptr &&
             static_cast<std::uint64_t>(i) < view->count)) {
    return static_cast<const SEXP*>(view->values)[i];
  }
  SEXP strings = converted_strings(x);
  if (i >= XLENGTH(strings)) Rf_errorcall(R_NilValue, "subscript out of bounds");
  return STRING_ELT(strings, i);
}

// The converted strings for code that may change them.
SEXP handed_strings(SEXP x) {
  SEXP strings = converted_strings(x);
  if (View* view = live_view(x)) view->handed = true;
  return strings;
}

// Only code that breaks R's rules gets here: the file and other views stay as they are.
void set_element(SEXP x, R_xlen_t i, SEXP value) {
  SET_STRING_ELT(handed_strings(x), i, value);
}

void* data_pointer(SEXP x, Rboolean) {
  return const_cast<SEXP*>(STRING_PTR_RO(handed_strings(x)));
}

const void* data_pointer_or_null(SEXP x) {
  SEXP strings = R_altrep_data2(x);
  return strings == R_NilValue ? nullptr : STRING_PTR_RO(strings);
}

SEXP duplicate(SEXP x, Rboolean) {
  if (SEXP same = duplicate_of_lhs(x)) return same;
  return Rf_duplicate(converted_strings(x));
}

// 1: no element is NA.
int no_missing(SEXP x) {
  const View* view = live_view(x);
  return view != nullptr && !view->array.masked && !view->handed;
}

}  // namespace

SEXP converted_strings(SEXP view, void (*poll)()) {
  SEXP strings = R_altrep_data2(view);
  if (strings != R_NilValue) return strings;
  View& own = view_behind(view);
  strings = PROTECT(convert(own, poll));
  R_set_altrep_data2(view, strings);
  own.values = STRING_PTR_RO(strings);
  own.copied = true;
  UNPROTECT(1);
  return strings;
}

R_altrep_class_t make_string_class(DllInfo* dll, const char* package) {
  const R_altrep_class_t c = R_make_altstring_class("mmappickle_string", package, dll);
  R_set_altrep_Length_method(c, view_length);
  R_set_altrep_Duplicate_method(c, duplicate);
  R_set_altrep_Inspect_method(c, inspect_view);
  R_set_altrep_Serialized_state_method(c, serialized_view);
  R_set_altrep_Unserialize_method(c, unserialized_view);
  R_set_altvec_Dataptr_method(c, data_pointer);
  R_set_altvec_Dataptr_or_null_method(c, data_pointer_or_null);
  R_set_altstring_Elt_method(c, element);
  R_set_altstring_Set_elt_method(c, set_element);
  R_set_altstring_No_NA_method(c, no_missing);
  return c;
}

}  // namespace mmappickle
