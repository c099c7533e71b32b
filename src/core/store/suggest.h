// The keys that are nearest to one that is not there, else the first of the file.
#pragma once

#include <string>

#include "index.h"

namespace mmappickle::store {

// A sentence for an error's hint. The work is bounded, however many the keys.
std::string suggest(const Index& index, std::string_view key);

}  // namespace mmappickle::store
