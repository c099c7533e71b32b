// Numbers for people to read, the same in every locale.
#pragma once

#include <cstdint>
#include <string>

namespace mmappickle {

// As R shows it, with so many significant digits: "2.5", "1e+300", "NaN", "-Inf".
std::string number_text(double number, int digits);

// "1,234,567"; of a double the whole part.
std::string with_commas(std::uint64_t number);
std::string with_commas(double number);

}  // namespace mmappickle
