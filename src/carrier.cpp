// Class attributes that bring the package along; see R/carrier.R.
#include "enter.h"
#include "r/class_name.h"

// [[Rcpp::export(rng = false)]]
SEXP own_class(SEXP names) {
  return mmappickle::enter([&] {
    return mmappickle::protect([&] {
      if (TYPEOF(names) != STRSXP) Rf_error("a class is named by text");
      return mmappickle::own_class_name(names);
    });
  });
}
