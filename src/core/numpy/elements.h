// R's values as the arrays of a stored value. No R here: what is R's are the order of the
// elements, first index fastest, and dims that Python may see in reverse.
#pragma once

#include <functional>
#include <string>

#include "../base/error.h"
#include "kernels.h"
#include "slice.h"
#include "stored_value.h"

namespace mmappickle::numpy {

// How an array is laid out.
struct Layout {
  bool reversed = false;  // Python's shape is R's dims in reverse
  bool fortran = false;
  // The file has the elements in the order in which R has them.
  bool in_r_order() const { return fortran != reversed; }
};

// Error of kind value that names the first element of `subject` that does not fit. `poll`
// as of check_fit().
void check_values(const Dtype& dtype, const RValues& values, bool maskable,
                  const std::string& subject, const std::function<void()>& poll = {});
// That error, for what check_fit() found.
Error misfit(const Dtype& dtype, const RValues& values, const Check& check,
             const std::string& subject);

// A vector's elements as items of a dtype.
struct Elements {
  Dtype dtype;  // S, U and V with their length
  Shape dims;   // R's; of V without the first, an item's bytes
  std::shared_ptr<const Source> data, mask;
};
// NA is masked where the dtype has none and `maskable`, or in any dtype
// (`always_masked`). `subject`: what errors are about.
Elements encode_elements(const Dtype& dtype, Shape dims, const RValues& values,
                         bool in_r_order, bool maskable, const std::string& subject,
                         const std::function<void()>& poll = {},
                         bool always_masked = false);
// V: the first dimension are the bytes of an item. `bytes` null: not raw, which is an
// error.
Elements encode_void(const Dtype& dtype, Shape dims, const std::uint8_t* bytes,
                     bool in_r_order, const std::string& subject);

// Columns as the fields of a structured array.
class Records {
 public:
  Records();
  // `of_rows`: all dimensions but the first belong to the item.
  void add(const std::string& name, Elements column, bool of_rows,
           const std::string& subject);
  Elements finish(const std::string& subject);

 private:
  Elements out_;
  std::vector<FieldBytes> data_, masks_;
  std::uint64_t mask_size_ = 0;
  bool masked_ = false;
};

// `elements` are layout.in_r_order(), or else in the order of C.
NewArray new_array(Elements elements, const Layout& layout);
// Of a list node, whose items are in the order of C.
NewArray object_array(const Shape& dims, pickle::Id list, const Layout& layout);

// Goes through the elements of R's dims, and says where each of them is in the order of C
// of Python's shape.
class PythonPlaces {
 public:
  PythonPlaces(Shape dims, bool reversed);
  std::size_t next();

 private:
  Shape dims_, at_;
  Strides strides_;
};

}  // namespace mmappickle::numpy
