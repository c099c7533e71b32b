#include "extent.h"

#include <cstdio>

#include "../base/error.h"

namespace mmappickle::pickle {

void refuse_extent(Beyond beyond, const Limits& limits, const std::string& subject) {
  char number[32];
  const bool depth = beyond == Beyond::depth;
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

}  // namespace mmappickle::pickle
