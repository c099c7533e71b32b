// Integers of any size as text and back; see R/python_text.R.
#include "core/pickle/integers.h"
#include "enter.h"
#include "r/build.h"
#include "r/text.h"
#include "r/vector.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

// Decimal digits of bytes in two's complement, the least significant one first.
// [[Rcpp::export(rng = false)]]
SEXP integer_text(SEXP bytes) {
  return enter([&] {
    const auto size = static_cast<std::uint64_t>(Rf_xlength(bytes));
    const auto* data = static_cast<const std::uint8_t*>(read_pointer(bytes));
    const std::string text =
        pickle::twos_complement_to_decimal(mmappickle::Bytes(data, size));
    return protect([&] { return one_text(text); });
  });
}

// The nearest double.
// [[Rcpp::export(rng = false)]]
SEXP integer_number(SEXP bytes) {
  return enter([&] {
    const auto size = static_cast<std::uint64_t>(Rf_xlength(bytes));
    const auto* data = static_cast<const std::uint8_t*>(read_pointer(bytes));
    const double number =
        pickle::twos_complement_to_double(mmappickle::Bytes(data, size));
    return protect([&] { return Rf_ScalarReal(number); });
  });
}

// [[Rcpp::export(rng = false)]]
SEXP integer_bytes(SEXP text) {
  return enter([&] {
    const std::string digits = utf8_of(string_elt(text, 0));
    const std::string bytes =
        pickle::decimal_to_twos_complement(mmappickle::Bytes(std::string_view(digits)));
    return protect([&] { return raw_of(mmappickle::Bytes(std::string_view(bytes))); });
  });
}
