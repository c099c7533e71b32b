// Views made, looked up, and turned into ordinary vectors.
#include <cstring>

#include "r/call.h"
#include "r/interrupt.h"
#include "r/text.h"
#include "r/vector.h"
#include "r/view/access.h"

namespace mmappickle {

namespace {

void finalize(SEXP pointer) {
  if (pointer == last_view.pointer) last_view = {nullptr, nullptr};
  std::unique_ptr<View> view(static_cast<View*>(R_ExternalPtrAddr(pointer)));
  R_ClearExternalPtr(pointer);
  if (view != nullptr) note_end(*view);
}

bool is_own(SEXP x) {
  if (!ALTREP(x)) return false;
  switch (TYPEOF(x)) {
    case LGLSXP:
      return R_altrep_inherits(x, class_for(numpy::RType::logical));
    case INTSXP:
      return R_altrep_inherits(x, class_for(numpy::RType::integer));
    case REALSXP:
      return R_altrep_inherits(x, class_for(numpy::RType::real));
    case CPLXSXP:
      return R_altrep_inherits(x, class_for(numpy::RType::complex));
    case RAWSXP:
      return R_altrep_inherits(x, class_for(numpy::RType::raw));
    case STRSXP:
      return R_altrep_inherits(x, class_for(numpy::RType::string));
    default:
      return false;
  }
}

// The ALTREP object of ours that x is, or that R's wrapper x stands in front of (R wraps
// a vector of 64 or more elements whose attributes are set; altclasses.c). R names no
// test for its wrappers; they are known by what they hold: a vector of their own type in
// data1, sortedness and "no NA" in data2. They must not be asked for a data pointer:
// since R 4.6 that copies the wrapped vector. A wrapper that was written to holds a copy,
// no view.
SEXP own_object(SEXP x) {
  if (!ALTREP(x)) return nullptr;
  if (is_own(x)) return x;
  SEXP inner = R_altrep_data1(x), metadata = R_altrep_data2(x);
  if (inner == nullptr || TYPEOF(inner) != TYPEOF(x) || !is_own(inner)) return nullptr;
  if (metadata == nullptr || TYPEOF(metadata) != INTSXP || ALTREP(metadata) ||
      XLENGTH(metadata) != 2) {
    return nullptr;
  }
  const int no_missing = INTEGER_RO(metadata)[1];
  if (no_missing != 0 && no_missing != 1) return nullptr;
  return XLENGTH(x) == XLENGTH(inner) ? inner : nullptr;
}

}  // namespace

LastView last_view = {nullptr, nullptr};

View* look_up(SEXP pointer) {
  auto* view = static_cast<View*>(R_ExternalPtrAddr(pointer));
  if (view != nullptr) last_view = {pointer, view};
  return view;
}

void raise_gone() { Rf_errorcall(R_NilValue, "mmappickle: the view is gone"); }

bool stood_lately(View& view) {
  const bool stood = view.copied || (view.watch->was_current_lately() &&
                                     (view.own == nullptr || !view.own->damaged()));
  if (stood) view.pulse = view.copied ? Pulse::steady() : view.watch->pulse();
  return stood;
}

// Evaluates R code from inside an ALTREP method, as any error with calling handlers does.
void raise_stale(const View& view) {
  const bool cut = (view.mapping != nullptr && view.mapping->damaged()) ||
                   (view.own != nullptr && view.own->damaged());
  if (cut) note_told(view);
  const Watch& watch = *view.watch;
  SEXP kind = PROTECT(Rf_mkString("stale"));
  SEXP message = PROTECT(Rf_mkString(cut ? "The view's file was cut while it was mapped."
                                         : watch.what_happened()));
  SEXP hint = PROTECT(Rf_mkString(cut ? watch.what_to_do_if_cut() : watch.what_to_do()));
  SEXP path = PROTECT(Rf_ScalarString(r_path(view.path)));
  SEXP key = PROTECT(Rf_ScalarString(r_text(Bytes(view.key))));
  call_own("raise_error", {kind, message, hint, path, key});
  UNPROTECT(5);
  Rf_error("raise_error() returned");  // it never does
}

SEXP make_view(std::unique_ptr<View> view) {
  prepare(*view);
  watch(*view, view->mapping);
  static bool heard = false;  // what views note, at the end of each top-level call
  const bool listen = !heard && may_have_to_say(*view);
  heard = heard || listen;
  return protect([&view, listen] {
    if (listen) call_own("warn_after_calls", {});
    SEXP pointer = PROTECT(R_MakeExternalPtr(nullptr, R_NilValue, R_NilValue));
    R_RegisterCFinalizerEx(pointer, finalize, FALSE);
    const numpy::RType type = view->type;
    R_SetExternalPtrAddr(pointer, view.release());
    SEXP x = R_new_altrep(class_for(type), pointer, R_NilValue);
    UNPROTECT(1);
    return x;
  });
}

SEXP duplicate_of_lhs(SEXP view) {
  SEXP companion = R_ExternalPtrProtected(R_altrep_data1(view));
  if (companion == R_NilValue || has_own_memory(view)) return nullptr;
  SEXP pointer = PROTECT(R_MakeExternalPtr(nullptr, R_NilValue, companion));
  R_RegisterCFinalizerEx(pointer, finalize, FALSE);
  SEXP same =
      PROTECT(R_new_altrep(class_for(view_behind(view).type), pointer, R_NilValue));
  const View* own = &view_behind(view);
  shield([=] { R_SetExternalPtrAddr(pointer, new View(*own)); });
  UNPROTECT(2);
  return same;
}

void seal(SEXP view) { MARK_NOT_MUTABLE(view); }

void set_companion(SEXP view, SEXP companion) {
  R_SetExternalPtrProtected(R_altrep_data1(view), companion);
}

SEXP companion_of(SEXP view) {
  SEXP own = own_object(view);
  return own == nullptr ? R_NilValue : R_ExternalPtrProtected(R_altrep_data1(own));
}

const View* view_of(SEXP x) {
  SEXP own = own_object(x);
  return own == nullptr ? nullptr : live_view(own);
}

bool is_materialized(SEXP x) {
  SEXP own = own_object(x);
  return own != nullptr && R_altrep_data2(own) != R_NilValue;
}

bool has_own_memory(SEXP x) {
  const View* view = view_of(x);
  return is_materialized(x) || (view != nullptr && view->own != nullptr);
}

bool shows_map(const View& view) {
  if (!view.copied && view.own == nullptr) return true;
  return view.pointer != nullptr &&
         std::memcmp(view.values, view.pointer, view.count * numpy::r_size(view.type)) ==
             0;
}

numpy::Array file_array(const View& view) {
  numpy::Array array = view.array;
  if (view.of == View::Of::items) {
    array.dtype.kind = numpy::Kind::raw;
    array.dtype.itemsize = array.shape.front();
    array.shape.erase(array.shape.begin());
    array.strides.erase(array.strides.begin());
  }
  return view.reversed ? array.reversed() : array;
}

SEXP materialize(SEXP x) {
  return protect([x] {
    SEXP own = own_object(x);
    if (own == nullptr) return x;
    SEXP copy = PROTECT(copy_values(own, poll_interrupt));
    DUPLICATE_ATTRIB(copy, x);
    UNPROTECT(1);
    return copy;
  });
}

}  // namespace mmappickle
