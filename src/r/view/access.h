// What the view_*.cpp files share: from an R object to its View, from a View to elements.
#pragma once

#include <cstdio>
#include <type_traits>

#include "r/view/view.h"

// After r/unwind.h, which keeps R's short names out of the way.
#include <R_ext/Altrep.h>

namespace mmappickle {

// Runs code of C++, none of R's, and turns its exceptions into R errors once all C++
// objects are gone: R's errors are jumps that run no destructor, and an exception that
// left an ALTREP method would end R. The caller's own frame, which the jump skips, must
// hold nothing with a destructor either; `body` is checked for that.
template <class Body>
auto shield(Body body) -> decltype(body()) {
  static_assert(std::is_trivially_destructible<Body>::value, "skipped by R's jump");
  char message[512];  // left as it is unless needed: this runs once an element
  try {
    return body();
  } catch (const std::exception& error) {
    std::snprintf(message, sizeof message, "%s", error.what());
  } catch (...) {
    std::snprintf(message, sizeof message, "the view cannot be read");
  }
  Rf_errorcall(R_NilValue, "%s", message);
}

// Where R asks element by element, jumps are what it costs: the usual case takes none.
inline bool likely(bool condition) { return __builtin_expect(condition, true); }

// The View of an object of one of our classes. Null once it was finalised: R objects that
// become garbage together with a view may still reach it from a finalizer of their own.
// R looks for one and the same by the million, and a call of R's takes as long as all
// else that is done for an element: the last one is kept, as long as its pointer is not
// finalised.
struct LastView {
  SEXP pointer;
  View* view;
};
extern LastView last_view;
View* look_up(SEXP pointer);
inline View* live_view(SEXP x) {
  SEXP pointer = R_altrep_data1(x);
  return likely(pointer == last_view.pointer) ? last_view.view : look_up(pointer);
}
[[noreturn]] void raise_gone();
inline View& view_behind(SEXP x) {
  View* view = live_view(x);
  if (view == nullptr) raise_gone();
  return *view;
}

// False once the file's bytes are not those any more that the view was made of. Values
// that were copied stay.
inline bool stands(const View& view) {
  if (view.copied) return true;
  return view.watch->is_current() && (view.own == nullptr || !view.own->damaged());
}
// Raises R's error of kind stale. No C++ object may be alive.
[[noreturn]] void raise_stale(const View& view);
inline void check_current(const View& view) {
  if (!stands(view)) raise_stale(view);
}
// After one element was read.
bool stood_lately(View& view);
inline bool has_stood(View& view) {
  return likely(view.pulse.beats()) || stood_lately(view);
}
inline void check_stood(View& view) {
  if (!has_stood(view)) raise_stale(view);
}

// -- view.cpp --------------------------------------------------------------------------
// Nested assignment duplicates the left-hand side wherever R takes it for referenced: of
// a view with a companion that is another one of the same elements, which is as mutable,
// not a copy of the values. Null for any other view.
SEXP duplicate_of_lhs(SEXP view);

// -- methods.cpp ---------------------------------------------------------------------
// R API: inside protect(), or in an ALTREP method, where R's jump skips nothing; so is
// what duplicate_of_lhs() above and strings.cpp do.
R_xlen_t view_length(SEXP x);
Rboolean inspect_view(SEXP x, int, int, int, void (*)(SEXP, int, int, int));
SEXP serialized_view(SEXP x);
SEXP unserialized_view(SEXP class_of, SEXP state);
R_altrep_class_t class_for(numpy::RType type);
// A new ordinary vector of the view's values, without attributes, not protected. `poll`:
// as poll_interrupt(), from time to time; inside protect() alone, as R must not be jumped
// out of while it waits for an ALTREP method.
SEXP copy_values(SEXP view, void (*poll)() = nullptr);

// -- strings.cpp ---------------------------------------------------------------------
R_altrep_class_t make_string_class(DllInfo* dll, const char* package);
// data2 of a string view, converted now if it was not yet.
SEXP converted_strings(SEXP view, void (*poll)() = nullptr);

// -- elements.cpp --------------------------------------------------------------------
// Fills in the private fields.
void prepare(View& view);
// Elements [begin, begin + n) as R's items. May throw.
void read_run(View& view, std::uint64_t begin, std::uint64_t n, void* to);
// The same, where this may be one of many that go through the view.
void read_next(View& view, std::uint64_t begin, std::uint64_t n, void* to);
// Elements by index, all below view.count. May throw.
void read_picked(View& view, const std::uint64_t* index, std::uint64_t n, void* to);
// One element of any view. `Item` is R's: int, double, Rcomplex, Rbyte. Raises R's
// errors.
template <class Item>
Item any_element(View* view, std::uint64_t i);

// -- quick.cpp -----------------------------------------------------------------------
// Sets view.values, and how single elements are read from now on.
void set_values(View& view, const void* values);

// -- own_memory.cpp ------------------------------------------------------------------
// Maps the values of a large zero-copy view once more, for itself. False: they are to be
// copied.
bool map_own(View& view) noexcept;

// -- pending.cpp --------------------------------------------------------------------
// Remembers a mapping of the view, so that raise_pending() can look after it.
void watch(const View& view, const std::shared_ptr<os::Mapping>& mapping);
// Before the view lets go of its mappings.
void note_end(const View& view) noexcept;
// The user has been told that they are damaged.
void note_told(const View& view);
// True if the conversion of elements may have to be noted. These three: no R API.
bool may_have_to_say(const View& view);
void note_inexact(View& view);
void note_escaped(View& view);

// coerce.cpp, summaries.cpp and extremes.cpp: methods of ALTREP classes.
SEXP as_doubles(SEXP x, int type);
SEXP as_integers(SEXP x, int type);
int has_no_missing(SEXP x);
SEXP sum_of_integers(SEXP x, Rboolean);
SEXP sum_of_reals(SEXP x, Rboolean);
// The least element, or (kMost) the largest. `Item`: int or double.
template <class Item, bool kMost>
SEXP extreme(SEXP x, Rboolean);

}  // namespace mmappickle
