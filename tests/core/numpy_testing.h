// What the tests of arrays share.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "base/source.h"
#include "numpy/kernels.h"
#include "numpy/slice.h"

namespace mmappickle::numpy {

inline constexpr double kInf = std::numeric_limits<double>::infinity();
inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Of R, over borrowed values.
template <class T>
RValues values_of(RType type, const std::vector<T>& data) {
  RValues v;
  v.type = type;
  v.count = data.size();
  v.data = data.data();
  return v;
}

inline Dtype dtype_of(std::string_view name) {
  Dtype d;
  if (!parse_dtype(name, d)) throw std::string("no dtype: ") + std::string(name);
  return d;
}

// Of numbers as they lie in memory.
inline Dtype host_dtype_of(std::string_view name) {
  Dtype d = dtype_of(name);
  d.big_endian = kHostIsBigEndian && has_byte_order(d);
  return d;
}

// A contiguous array over borrowed bytes.
inline Array array_of(const Dtype& dtype, const Shape& shape, bool fortran,
                      const std::uint8_t* data) {
  Array a;
  std::uint64_t bytes = 0;
  a.dtype = dtype;
  a.shape = shape;
  a.data = data;
  contiguous_strides(shape, dtype.itemsize, fortran, a.strides, bytes);
  return a;
}

inline std::string read_all(const Source& source) {
  std::string s(source.size(), '\0');
  source.read(0, reinterpret_cast<std::uint8_t*>(&s[0]), s.size());
  return s;
}

// "<f8", "<i4(2,3)", "{a:<i4@0,b:|S3@4}7"
inline std::string describe(const Dtype& d) {
  std::string s;
  if (d.kind == Kind::structured) {
    for (const Field& f : d.fields) {
      s += (s.empty() ? "" : ",") + f.name + ":" + describe(f.dtype) + "@" +
           std::to_string(f.offset);
    }
    s = "{" + s + "}" + std::to_string(d.base_itemsize());
  } else {
    s = code(d);
  }
  std::string shape;
  for (std::uint64_t extent : d.subshape) {
    shape += (shape.empty() ? "" : ",") + std::to_string(extent);
  }
  return shape.empty() ? s : s + "(" + shape + ")";
}

inline std::string hex(std::string_view bytes) {
  std::string s;
  for (unsigned char c : bytes) {
    s += "0123456789abcdef"[c >> 4];
    s += "0123456789abcdef"[c & 15];
  }
  return s;
}

inline std::string unhex(std::string_view digits) {
  const auto value = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string s;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    s += static_cast<char>(value(digits[i]) << 4 | value(digits[i + 1]));
  }
  return s;
}

}  // namespace mmappickle::numpy
