// The ALTREP methods of string views. Strings are converted all at once, when the first
// of them is asked for by itself: a string made for one element alone would be held by
// nothing, and R's callers do not protect it. A subset holds its own.
#include <algorithm>
#include <climits>

#include "core/base/error.h"
#include "core/numpy/fetch.h"
#include "r/view/access.h"
#include "r/view/positions.h"

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

// Left to R's collector, unprotected.
SEXP new_batch() {
  SEXP owner = PROTECT(R_MakeExternalPtr(nullptr, R_NilValue, R_NilValue));
  R_RegisterCFinalizerEx(owner, finalize_batch, FALSE);
  R_SetExternalPtrAddr(owner, shield([] { return new Batch; }));
  UNPROTECT(1);
  return owner;
}

Batch& batch_of(SEXP owner) { return *static_cast<Batch*>(R_ExternalPtrAddr(owner)); }

// visit_all(visit) visits the elements, in their order. May throw.
template <class VisitAll>
void fill(View& view, Batch& batch, const VisitAll& visit_all) {
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
  visit_all(numpy::as_text(view.array.dtype, take, &escaped));
  if (escaped) note_escaped(view);
}

// The elements at these positions. May throw.
void decode_picked(View& view, const std::uint64_t* at, std::uint64_t n, Batch& batch) {
  fill(view, batch, [&](const numpy::Visit& visit) {
    if (view.file != nullptr) {
      const numpy::Stored stored{view.array, view.place, *view.file};
      numpy::fetch_elements_linear(stored, at, n, visit, {});
      return;
    }
    for (std::uint64_t i = 0; i < n; ++i) {
      const std::uint8_t* mask = numpy::mask_address(view.array, at[i]);
      visit(i, numpy::address(view.array, at[i]), mask != nullptr && *mask != 0);
    }
  });
}

// Elements [begin, begin + n). May throw.
void decode_batch(View& view, std::uint64_t begin, std::uint64_t n, Batch& batch) {
  if (view.file != nullptr) {
    std::vector<std::uint64_t> at(n);
    for (std::uint64_t i = 0; i < n; ++i) at[i] = begin + i;
    return decode_picked(view, at.data(), n, batch);
  }
  fill(view, batch, [&](const numpy::Visit& visit) {
    numpy::visit_elements(view.array, view.axes, begin, n, visit);
  });
}

// As elements of `strings`, from `begin` on.
void put(const Batch& batch, SEXP strings, R_xlen_t begin) {
  const char* text = batch.text.data();
  const auto n = static_cast<R_xlen_t>(batch.lengths.size());
  for (R_xlen_t k = 0; k < n; ++k) {
    const int length = batch.lengths[static_cast<std::size_t>(k)];
    if (length == kMissing) {
      SET_STRING_ELT(strings, begin + k, NA_STRING);
    } else {
      SET_STRING_ELT(strings, begin + k, Rf_mkCharLenCE(text, length, CE_UTF8));
      text += length;
    }
  }
}

SEXP convert(View& view, void (*poll)()) {
  check_current(view);
  const auto count = static_cast<R_xlen_t>(view.count);
  SEXP strings = PROTECT(Rf_allocVector(STRSXP, count));
  SEXP owner = PROTECT(new_batch());
  Batch* batch = &batch_of(owner);
  View* from = &view;
  for (R_xlen_t begin = 0; begin < count; begin += kBatch) {
    if (poll != nullptr) poll();
    shield([=] {
      const auto start = static_cast<std::uint64_t>(begin);
      const std::uint64_t left = from->count - start;
      decode_batch(*from, start, left < kBatch ? left : kBatch, *batch);
    });
    put(*batch, strings, begin);
  }
  finalize_batch(owner);
  check_current(view);
  UNPROTECT(2);
  return strings;
}

// True if so few strings of so many were asked for that these alone are made; always of
// those that are too many for a map.
bool asks_for_few(View& view, R_xlen_t n) {
  constexpr std::uint64_t kShare = 32;
  const std::uint64_t most = view.count / kShare;
  if (view.values != nullptr || view.count == 0) return false;
  if (view.file != nullptr) return true;
  if (view.count <= kBatch) return false;
  view.picked += std::min(static_cast<std::uint64_t>(n), most);
  return view.picked <= most;
}

void put_picked(View& view, SEXP index, SEXP result) {
  check_current(view);
  SEXP owner = PROTECT(new_batch());
  Batch* batch = &batch_of(owner);
  View* from = &view;
  each_positions(index, view.count, [&](std::uint64_t* at, R_xlen_t n, R_xlen_t begin) {
    bool nowhere[kIndexChunk];
    for (R_xlen_t k = 0; k < n; ++k) {
      nowhere[k] = at[k] == kNowhere;
      if (nowhere[k]) at[k] = 0;
    }
    shield([=] { decode_picked(*from, at, static_cast<std::uint64_t>(n), *batch); });
    put(*batch, result, begin);
    for (R_xlen_t k = 0; k < n; ++k) {
      if (nowhere[k]) SET_STRING_ELT(result, begin + k, NA_STRING);
    }
  });
  finalize_batch(owner);
  check_current(view);
  UNPROTECT(1);
}

SEXP subset(SEXP x, SEXP index, SEXP) {
  if (!has_positions(index)) return nullptr;  // R does it, element by element
  View& view = view_behind(x);
  const R_xlen_t n = XLENGTH(index);
  SEXP result = PROTECT(Rf_allocVector(STRSXP, n));
  if (asks_for_few(view, n)) {
    put_picked(view, index, result);
  } else {
    const SEXP* strings = STRING_PTR_RO(converted_strings(x));
    each_positions(index, view.count,
                   [&](const std::uint64_t* at, R_xlen_t m, R_xlen_t begin) {
                     for (R_xlen_t k = 0; k < m; ++k) {
                       SET_STRING_ELT(result, begin + k,
                                      at[k] == kNowhere ? NA_STRING : strings[at[k]]);
                     }
                   });
  }
  UNPROTECT(1);
  return result;
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
  R_set_altvec_Extract_subset_method(c, subset);
  R_set_altstring_Elt_method(c, element);
  R_set_altstring_Set_elt_method(c, set_element);
  R_set_altstring_No_NA_method(c, no_missing);
  return c;
}

}  // namespace mmappickle
