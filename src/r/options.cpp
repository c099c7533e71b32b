#include "r/options.h"

namespace mmappickle {

pickle::Limits value_limits() {
  pickle::Limits limits;
  static SEXP const depth = Rf_install("mmappickle.max_depth");
  static SEXP const repeated = Rf_install("mmappickle.max_repeated");
  const auto read = [](SEXP option, double& limit) {
    SEXP x = Rf_GetOption1(option);
    if ((TYPEOF(x) != REALSXP && TYPEOF(x) != INTSXP) || Rf_xlength(x) != 1) return;
    const double wanted = Rf_asReal(x);
    if (wanted >= 0) limit = wanted;
  };
  read(depth, limits.depth);
  read(repeated, limits.repeated);
  return limits;
}

}  // namespace mmappickle
