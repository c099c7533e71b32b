// The ALTREP methods of number and raw views: one template over R's item.
//
// Rules that hold in all of them: no C++ exception leaves a method (shield()); where R
// may jump (allocation, other objects' methods), no object with a destructor is alive;
// Length, Dataptr_or_null and Inspect never fail. R has switched its garbage collector
// off inside Dataptr; PROTECT is there for the other callers. Most sums are left to R:
// the order of its additions tells in the last bit.
#include <R_ext/Rdynload.h>

#include <algorithm>
#include <climits>

#include "core/os/guard.h"
#include "r/call.h"
#include "r/new_vector.h"
#include "r/text.h"
#include "r/vector.h"
#include "r/view/access.h"
#include "r/view/positions.h"

namespace mmappickle {

namespace {

// What R calls the things of each of its vector types.
template <SEXPTYPE Type>
struct Vector;
template <>
struct Vector<LGLSXP> {
  using Item = int;
  static Item* data(SEXP x) { return LOGICAL(x); }
  static Item missing() { return NA_LOGICAL; }
};
template <>
struct Vector<INTSXP> {
  using Item = int;
  static Item* data(SEXP x) { return INTEGER(x); }
  static Item missing() { return NA_INTEGER; }
};
template <>
struct Vector<REALSXP> {
  using Item = double;
  static Item* data(SEXP x) { return REAL(x); }
  static Item missing() { return NA_REAL; }
};
template <>
struct Vector<CPLXSXP> {
  using Item = Rcomplex;
  static Item* data(SEXP x) { return COMPLEX(x); }
  static Item missing() {
    Item item;
    item.r = item.i = NA_REAL;
    return item;
  }
};
template <>
struct Vector<RAWSXP> {
  using Item = Rbyte;
  static Item* data(SEXP x) { return RAW(x); }
  static Item missing() { return 0; }
};

// Elements between two polls: so many that a transposition reads whole lines of memory.
constexpr std::uint64_t kBetweenPolls = 1 << 23;

// Rcpp writes through pointers that it got to read only: no two vectors share one.
bool has_own_values(const View& view) { return view.copied || view.own != nullptr; }

template <SEXPTYPE Type>
SEXP new_copy(View& view, void (*poll)() = nullptr) {
  SEXP copy = PROTECT(new_vector(Type, static_cast<R_xlen_t>(view.count)));
  auto* to = Vector<Type>::data(copy);
  View* from = &view;
  check_current(view);
  const std::uint64_t step = poll == nullptr ? view.count : kBetweenPolls;
  for (std::uint64_t begin = 0; begin < from->count; begin += step) {
    const std::uint64_t n = std::min(step, from->count - begin);
    if (poll != nullptr) poll();
    shield([=] { read_run(*from, begin, n, to + begin); });
  }
  check_current(view);  // it may have gone under the copy
  UNPROTECT(1);
  return copy;
}

template <SEXPTYPE Type>
[[gnu::noinline]] void* own_data_pointer(SEXP x, View& view) {
  if (!has_own_values(view) && !map_own(view)) {
    SEXP copy = PROTECT(new_copy<Type>(view));
    R_set_altrep_data2(x, copy);
    set_values(view, Vector<Type>::data(copy));
    view.copied = true;
    UNPROTECT(1);
  }
  check_current(view);
  check_stood(view);
  return const_cast<void*>(view.values);
}

// c() asks for each element anew.
template <SEXPTYPE Type>
void* data_pointer(SEXP x, Rboolean) {
  View& view = view_behind(x);
  if (likely(has_own_values(view) && view.pulse.beats())) {
    return const_cast<void*>(view.values);
  }
  return own_data_pointer<Type>(x, view);
}

const void* data_pointer_or_null(SEXP x) {
  const View* view = live_view(x);
  return view == nullptr || !stands(*view) ? nullptr : view->values;
}

// The bytes are asked after they were read: see Watch.
template <SEXPTYPE Type>
typename Vector<Type>::Item element(SEXP x, R_xlen_t i) {
  using Item = typename Vector<Type>::Item;
  return view_behind(x).template element<Item>(static_cast<std::uint64_t>(i));
}

template <SEXPTYPE Type>
R_xlen_t region(SEXP x, R_xlen_t begin, R_xlen_t n, typename Vector<Type>::Item* to) {
  View* view = &view_behind(x);
  const auto left = static_cast<R_xlen_t>(view->count) - begin;
  if (n > left) n = left;
  if (n <= 0) return 0;
  shield([=] {
    read_next(*view, static_cast<std::uint64_t>(begin), static_cast<std::uint64_t>(n),
              to);
  });
  check_current(*view);
  return n;
}

bool ascend_by_one(const std::uint64_t* at, R_xlen_t n) {
  for (R_xlen_t k = 1; k < n; ++k) {
    if (at[k] != at[0] + static_cast<std::uint64_t>(k)) return false;
  }
  return at[0] != kNowhere && at[n - 1] != kNowhere;
}

// The elements at these positions. May throw.
template <SEXPTYPE Type>
void pick(View& view, std::uint64_t* at, R_xlen_t n, typename Vector<Type>::Item* to) {
  using Item = typename Vector<Type>::Item;
  const auto count = static_cast<std::uint64_t>(n);
  if (ascend_by_one(at, n)) return read_run(view, at[0], count, to);
  if (const auto* values = static_cast<const Item*>(view.values)) {
    for (R_xlen_t k = 0; k < n; ++k) {
      to[k] = at[k] == kNowhere ? Vector<Type>::missing() : values[at[k]];
    }
    return;
  }
  bool nowhere[kIndexChunk], any = false;
  for (R_xlen_t k = 0; k < n; ++k) {
    any |= nowhere[k] = at[k] == kNowhere;
    if (nowhere[k]) at[k] = 0;
  }
  if (view.count > 0) read_picked(view, at, count, to);
  for (R_xlen_t k = 0; any && k < n; ++k) {
    if (nowhere[k]) to[k] = Vector<Type>::missing();
  }
}

template <SEXPTYPE Type>
SEXP subset(SEXP x, SEXP index, SEXP) {
  if (!has_positions(index)) return nullptr;  // R does it, element by element
  View* view = &view_behind(x);
  SEXP result = PROTECT(new_vector(Type, XLENGTH(index)));
  auto* to = Vector<Type>::data(result);
  each_positions(index, view->count, [&](std::uint64_t* at, R_xlen_t n, R_xlen_t begin) {
    shield([=] { pick<Type>(*view, at, n, to + begin); });
    check_stood(*view);
  });
  check_current(*view);
  UNPROTECT(1);
  return result;
}

// R adds the attributes.
template <SEXPTYPE Type>
SEXP duplicate(SEXP x, Rboolean) {
  if (SEXP same = duplicate_of_lhs(x)) return same;
  return new_copy<Type>(view_behind(x));
}

template <SEXPTYPE Type>
void set_vector_methods(R_altrep_class_t c) {
  R_set_altrep_Length_method(c, view_length);
  R_set_altrep_Duplicate_method(c, duplicate<Type>);
  R_set_altrep_Inspect_method(c, inspect_view);
  R_set_altrep_Serialized_state_method(c, serialized_view);
  R_set_altrep_Unserialize_method(c, unserialized_view);
  R_set_altvec_Dataptr_method(c, data_pointer<Type>);
  R_set_altvec_Dataptr_or_null_method(c, data_pointer_or_null);
  R_set_altvec_Extract_subset_method(c, subset<Type>);
}

R_altrep_class_t logical_class, integer_class, real_class, complex_class, raw_class,
    string_class;

constexpr const char* kPackage = "mmappickle";

}  // namespace

// NULL: by value. R writes the attributes in both cases. Not asked in a serialization of
// version 2.
SEXP serialized_view(SEXP x) {
  SEXP wanted = Rf_GetOption1(Rf_install("mmappickle.by_reference"));
  if (TYPEOF(wanted) != LGLSXP || Rf_asLogical(wanted) != TRUE) return nullptr;
  SEXP state = call_own("view_to_reference", {x});
  return state == R_NilValue ? nullptr : state;
}

SEXP unserialized_view(SEXP, SEXP state) {
  return call_own("view_from_reference", {state});
}

R_xlen_t view_length(SEXP x) {
  const View* view = live_view(x);
  return view == nullptr ? 0 : static_cast<R_xlen_t>(view->count);
}

Rboolean inspect_view(SEXP x, int, int, int, void (*)(SEXP, int, int, int)) {
  const View* view = live_view(x);
  Rprintf("mmappickle view%s%s\n",
          view != nullptr && view->pointer != nullptr ? " (zero copy)" : "",
          R_altrep_data2(x) != R_NilValue ? " (materialized)" : "");
  return TRUE;
}

R_altrep_class_t class_for(numpy::RType type) {
  switch (type) {
    case numpy::RType::logical:
      return logical_class;
    case numpy::RType::integer:
      return integer_class;
    case numpy::RType::complex:
      return complex_class;
    case numpy::RType::raw:
      return raw_class;
    case numpy::RType::string:
      return string_class;
    case numpy::RType::real:
    case numpy::RType::integer64:
      break;
  }
  return real_class;
}

SEXP copy_values(SEXP view, void (*poll)()) {
  switch (TYPEOF(view)) {
    case LGLSXP:
      return new_copy<LGLSXP>(view_behind(view), poll);
    case INTSXP:
      return new_copy<INTSXP>(view_behind(view), poll);
    case REALSXP:
      return new_copy<REALSXP>(view_behind(view), poll);
    case CPLXSXP:
      return new_copy<CPLXSXP>(view_behind(view), poll);
    case RAWSXP:
      return new_copy<RAWSXP>(view_behind(view), poll);
    default:
      return Rf_duplicate(converted_strings(view, poll));
  }
}

void register_view_classes(DllInfo* dll) {
  os::Guard::install();

  logical_class = R_make_altlogical_class("mmappickle_logical", kPackage, dll);
  set_vector_methods<LGLSXP>(logical_class);
  R_set_altrep_Coerce_method(logical_class, as_doubles);
  R_set_altlogical_Elt_method(logical_class, element<LGLSXP>);
  R_set_altlogical_Get_region_method(logical_class, region<LGLSXP>);
  R_set_altlogical_No_NA_method(logical_class, has_no_missing);

  integer_class = R_make_altinteger_class("mmappickle_integer", kPackage, dll);
  set_vector_methods<INTSXP>(integer_class);
  R_set_altrep_Coerce_method(integer_class, as_doubles);
  R_set_altinteger_Elt_method(integer_class, element<INTSXP>);
  R_set_altinteger_Get_region_method(integer_class, region<INTSXP>);
  R_set_altinteger_No_NA_method(integer_class, has_no_missing);
  R_set_altinteger_Sum_method(integer_class, sum_of_integers);
  R_set_altinteger_Min_method(integer_class, extreme<int, false>);
  R_set_altinteger_Max_method(integer_class, extreme<int, true>);

  real_class = R_make_altreal_class("mmappickle_real", kPackage, dll);
  set_vector_methods<REALSXP>(real_class);
  R_set_altrep_Coerce_method(real_class, as_integers);
  R_set_altreal_Elt_method(real_class, element<REALSXP>);
  R_set_altreal_Get_region_method(real_class, region<REALSXP>);
  R_set_altreal_No_NA_method(real_class, has_no_missing);
  R_set_altreal_Sum_method(real_class, sum_of_reals);
  R_set_altreal_Min_method(real_class, extreme<double, false>);
  R_set_altreal_Max_method(real_class, extreme<double, true>);

  complex_class = R_make_altcomplex_class("mmappickle_complex", kPackage, dll);
  set_vector_methods<CPLXSXP>(complex_class);
  R_set_altcomplex_Elt_method(complex_class, element<CPLXSXP>);
  R_set_altcomplex_Get_region_method(complex_class, region<CPLXSXP>);

  raw_class = R_make_altraw_class("mmappickle_raw", kPackage, dll);
  set_vector_methods<RAWSXP>(raw_class);
  R_set_altraw_Elt_method(raw_class, element<RAWSXP>);
  R_set_altraw_Get_region_method(raw_class, region<RAWSXP>);

  string_class = make_string_class(dll, kPackage);
}

}  // namespace mmappickle
