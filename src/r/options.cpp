#include "r/options.h"

namespace mmappickle {

pickle::Limits value_limits() {
  pickle::Limits limits;
  const auto read = [](const char* option, double& limit) {
    SEXP x = Rf_GetOption1(Rf_install(option));
    if ((TYPEOF(x) != REALSXP && TYPEOF(x) != INTSXP) || Rf_xlength(x) != 1) return;
    const double wanted = Rf_asReal(x);
    if (wanted >= 0) limit = wanted;
  };
  read("mmappickle.max_depth", limits.depth);
  read("mmappickle.max_repeated", limits.repeated);
  return limits;
}

}  // namespace mmappickle
