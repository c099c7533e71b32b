// What the value of a plan is in R, and how large: for brief.cpp.
#pragma once

#include <string>
#include <vector>

#include "brief.h"

namespace mmappickle::plan {

struct Made {
  enum Size : std::uint8_t {
    none,      // has no size: NULL, an object
    elements,  // of a vector: `shape` is its length, or its dim
    items,     // of a list: its length
    rows,      // rows and columns of a data frame
  };
  std::string word;  // "num"
  Size size = none;
  numpy::Shape shape;
  std::string more{};  // ", float64"

  std::uint64_t length() const;
  std::string text() const;
};

// The values of plans, of which R metadata are not asked but for the type.
class Maker {
 public:
  Maker(const Plans& plans, const pickle::Tree& tree, const BriefOptions& options)
      : plans_(plans), tree_(tree), options_(options) {}
  Made made(const Plan& plan) const;
  // The texts, or whole numbers, of a plan that has such; none for others.
  std::vector<std::string_view> texts(const Plan& plan) const;
  std::vector<std::int64_t> integers(const Plan& plan) const;

 private:
  Made scalar(const Plan& plan) const;
  Made python(const Details& details) const;
  Made array(const Details& details) const;
  Made object(const Plan& plan) const;
  Made pandas(const Plan& plan) const;
  Made elements(const char* word, const numpy::Array& array) const;

  const Plans& plans_;
  const pickle::Tree& tree_;
  const BriefOptions& options_;
};

const char* word(Simple type);
const char* word(numpy::RType type, numpy::Meaning meaning);
Made vector_of(std::string word, std::uint64_t length);
Made list_of(std::uint64_t length);
Made inert(const std::string& class_name);  // a python_object
// Rows beyond what a data frame can have leave a list of the columns.
Made frame(std::string word, std::uint64_t rows, std::uint64_t columns);

}  // namespace mmappickle::plan
