// One element of an R vector, as R would show it.
#pragma once

#include <string>

#include "scalars.h"

namespace mmappickle::plan {

// Of what is no text. `units` of a difference: in which to show it, if not empty.
std::string element_text(const Scalar& scalar, std::string_view units);

}  // namespace mmappickle::plan
