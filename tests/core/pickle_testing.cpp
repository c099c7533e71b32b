// Compiled with optimisation, as the tests are not: asked for many megabytes.
#include "pickle_testing.h"

namespace mmappickle::pickle {

std::string hex_of(Bytes bytes) {
  static const char kDigits[] = "0123456789abcdef";
  std::string hex(2 * bytes.size, '\0');
  char* to = hex.data();
  for (const std::uint8_t *p = bytes.data, *end = p + bytes.size; p != end; ++p) {
    *to++ = kDigits[*p >> 4];
    *to++ = kDigits[*p & 15];
  }
  return hex;
}

}  // namespace mmappickle::pickle
