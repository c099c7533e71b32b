#include "r/options.h"

#include <cstdio>

#include "core/base/error.h"

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

void refuse_extent(pickle::Beyond beyond, const pickle::Limits& limits,
                   const std::string& subject) {
  char number[32];
  const bool depth = beyond == pickle::Beyond::depth;
  std::snprintf(number, sizeof number, "%.0f", depth ? limits.depth : limits.repeated);
  if (depth) {
    throw Error(ErrorKind::limit,
                subject + " nested more than " + number + " levels deep.",
                "R's own functions may end the session with such a value. "
                "options(mmappickle.max_depth = ) sets another limit.");
  }
  throw Error(ErrorKind::limit,
              subject + " made of parts that repeat: written out, there are more than " +
                  number + " values.",
              "R's own functions walk through all of them. "
              "options(mmappickle.max_repeated = ) sets another limit.");
}

}  // namespace mmappickle
