// NumPy's dtypes: parsed from their names, printed as NumPy prints them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "../base/bytes.h"

namespace mmappickle::numpy {

enum class Kind : char {
  boolean = 'b',
  integer = 'i',
  unsigned_integer = 'u',
  floating = 'f',  // itemsize 2, 4, 8, 16 (x87 80-bit in 16; see kernels.h)
  complex = 'c',   // itemsize 8, 16, 32
  bytes = 'S',
  unicode = 'U',  // itemsize 4 a character
  raw = 'V',      // void without fields
  datetime = 'M',
  timedelta = 'm',
  object = 'O',
  structured = 's',  // void with fields
};

// Units of datetime64 and timedelta64, finest last. `generic`: no unit.
enum class Unit : std::uint8_t { generic, Y, M, W, D, h, m, s, ms, us, ns, ps, fs, as };

const char* name(Unit unit);  // "ns"
bool parse_unit(std::string_view name, Unit& unit);

// NumPy's own limit of an item, and ours for what a file may nest.
constexpr std::uint64_t kMaxItemsize = INT32_MAX;
constexpr int kMaxDtypeDepth = 32;

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
constexpr bool kHostIsBigEndian = true;
#else
constexpr bool kHostIsBigEndian = false;
#endif

struct Field;

struct Dtype {
  Kind kind = Kind::floating;
  bool big_endian = false;     // see has_byte_order()
  std::uint64_t itemsize = 8;  // bytes of one element, sub-array included
  Unit unit = Unit::generic;
  std::int64_t multiple = 1;  // datetime64[25s]: 25
  std::vector<Field> fields;  // structured: in NumPy's order
  bool aligned = false;       // structured: made with align=True
  // False where a pickle says more of the dtype than stands here: titles of fields,
  // metadata, a scalar type of its own (numpy.record). Does not count for ==.
  bool whole = true;
  // The shape of a sub-array (a field's format only); itemsize counts all of it.
  std::vector<std::uint64_t> subshape;

  bool operator==(const Dtype& o) const;
  // Bytes of one item of the sub-array, itemsize where there is none.
  std::uint64_t base_itemsize() const;
};

struct Field {
  std::string name;  // UTF-8
  Dtype dtype;
  std::uint64_t offset = 0;
  bool operator==(const Field& o) const {
    return name == o.name && dtype == o.dtype && offset == o.offset;
  }
};

// From a name as numpy.dtype() takes it: "float64", "f8", ">i2", "|S3", "<U7", "bool",
// "datetime64[25s]", "M8[ns]", "longdouble", "float128", "V8", "O", "object" ... No
// prefix and '=', which are NumPy's for the byte order of the machine that wrote the
// file, mean little-endian: one file says the same on every machine. False for anything
// else (no structured dtypes here). Extents and multiples that overflow: false.
bool parse_dtype(std::string_view name, Dtype& dtype);
// What to write in place of a name that is none: the nearest, or that of R's type.
std::string dtype_hint(std::string_view name);

// str(dtype) of a little-endian machine, on every one: "float64", ">f4", "<U7", "|S3",
// "datetime64[ns]", "bool", "|V8", "object". Structured: dtype.descr in Python's
// notation.
std::string text(const Dtype& dtype);
// dtype.str: "<f8", "|b1", "<M8[ns]", "|O".
std::string code(const Dtype& dtype);

bool has_byte_order(const Dtype& dtype);  // not bool, int8, uint8, S, V, object
bool is_host_order(const Dtype& dtype);   // true where there is none
// Structured: fields lie end to end, each with a name, so that their list says all.
bool is_packed(const Dtype& dtype);

}  // namespace mmappickle::numpy
