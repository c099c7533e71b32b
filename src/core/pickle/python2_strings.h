// Python 2's str, which was bytes and text alike: what pickle.load makes of it by its
// argument `encoding`.
#pragma once

#include "tree.h"

namespace mmappickle::pickle {

enum class Encoding : std::uint8_t {
  ascii,   // text if ASCII; others stay what they are, and inert
  latin1,  // text
  bytes,   // bytes
  utf8,    // text if valid
};

// Makes these strings of the tree what the encoding says. False if there was none to
// change. What NumPy and datetime pickled as such is read in each encoding, as they do.
bool decode_strings(Tree& tree, Encoding encoding);

}  // namespace mmappickle::pickle
