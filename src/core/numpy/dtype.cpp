#include "dtype.h"

#include <iterator>

#include "../base/nearest.h"

namespace mmappickle::numpy {
namespace {

constexpr const char* kUnits[] = {"generic", "Y",  "M",  "W",  "D",  "h",  "m",
                                  "s",       "ms", "us", "ns", "ps", "fs", "as"};

// The C types are those of 64-bit Unix, on which a long has 8 bytes.
constexpr struct {
  const char* name;
  char kind;
  unsigned itemsize;
} kNames[] = {
    {"bool", 'b', 1},         {"bool_", 'b', 1},       {"bool8", 'b', 1},
    {"int8", 'i', 1},         {"int16", 'i', 2},       {"int32", 'i', 4},
    {"int64", 'i', 8},        {"uint8", 'u', 1},       {"uint16", 'u', 2},
    {"uint32", 'u', 4},       {"uint64", 'u', 8},      {"float16", 'f', 2},
    {"float32", 'f', 4},      {"float64", 'f', 8},     {"float96", 'f', 12},
    {"float128", 'f', 16},    {"complex64", 'c', 8},   {"complex128", 'c', 16},
    {"complex192", 'c', 24},  {"complex256", 'c', 32}, {"longdouble", 'f', 16},
    {"clongdouble", 'c', 32}, {"half", 'f', 2},        {"single", 'f', 4},
    {"double", 'f', 8},       {"float", 'f', 8},       {"float_", 'f', 8},
    {"csingle", 'c', 8},      {"cdouble", 'c', 16},    {"complex", 'c', 16},
    {"complex_", 'c', 16},    {"byte", 'i', 1},        {"ubyte", 'u', 1},
    {"short", 'i', 2},        {"ushort", 'u', 2},      {"intc", 'i', 4},
    {"uintc", 'u', 4},        {"int", 'i', 8},         {"int_", 'i', 8},
    {"uint", 'u', 8},         {"long", 'i', 8},        {"ulong", 'u', 8},
    {"longlong", 'i', 8},     {"ulonglong", 'u', 8},   {"intp", 'i', 8},
    {"uintp", 'u', 8},        {"bytes", 'S', 0},       {"bytes_", 'S', 0},
    {"str", 'U', 0},          {"str_", 'U', 0},        {"unicode", 'U', 0},
    {"unicode_", 'U', 0},     {"void", 'V', 0},        {"object", 'O', 8},
    {"object_", 'O', 8},
};

// Codes of one letter.
constexpr struct {
  char letter, kind;
  unsigned itemsize;
} kLetters[] = {
    {'?', 'b', 1}, {'b', 'i', 1},  {'B', 'u', 1}, {'h', 'i', 2},  {'H', 'u', 2},
    {'i', 'i', 4}, {'I', 'u', 4},  {'l', 'i', 8}, {'L', 'u', 8},  {'q', 'i', 8},
    {'Q', 'u', 8}, {'p', 'i', 8},  {'P', 'u', 8}, {'e', 'f', 2},  {'f', 'f', 4},
    {'d', 'f', 8}, {'g', 'f', 16}, {'F', 'c', 8}, {'D', 'c', 16}, {'G', 'c', 32},
    {'S', 'S', 0}, {'a', 'S', 0},  {'c', 'S', 1}, {'U', 'U', 0},  {'V', 'V', 0},
    {'O', 'O', 8},
};

// True if the letter with this many bytes is a dtype ("f8", not "f3").
bool sized(char letter, std::uint64_t n) {
  switch (letter) {
    case 'b':
      return n == 1;
    case 'i':
    case 'u':
      return n == 1 || n == 2 || n == 4 || n == 8;
    case 'f':
      return n == 2 || n == 4 || n == 8 || n == 12 || n == 16;
    case 'c':
      return n == 8 || n == 16 || n == 24 || n == 32;
    case 'O':
      return n == 4 || n == 8;
    case 'S':
    case 'V':
      return n <= kMaxItemsize;
    case 'U':
      return n <= kMaxItemsize / 4;
    default:
      return false;
  }
}

// Decimal digits of which there is at least one; not past 2^31 - 1.
bool parse_count(std::string_view digits, std::uint64_t& value) {
  if (digits.empty() || digits.size() > 10) return false;
  value = 0;
  for (char c : digits) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value <= kMaxItemsize;
}

// "", "[ns]", "[25s]", "[generic]".
bool parse_unit_brackets(std::string_view s, Dtype& dtype) {
  if (s.empty()) return true;
  if (s.size() < 3 || s.front() != '[' || s.back() != ']') return false;
  s = s.substr(1, s.size() - 2);
  std::size_t digits = 0;
  while (digits < s.size() && s[digits] >= '0' && s[digits] <= '9') ++digits;
  std::uint64_t multiple = 1;
  if (digits > 0 && (!parse_count(s.substr(0, digits), multiple) || multiple == 0)) {
    return false;
  }
  dtype.multiple = static_cast<std::int64_t>(multiple);
  return parse_unit(s.substr(digits), dtype.unit) &&
         (dtype.unit != Unit::generic || digits == 0);
}

bool is_time(const Dtype& d) {
  return d.kind == Kind::datetime || d.kind == Kind::timedelta;
}

// "[25s]", or nothing for a generic unit.
std::string unit_brackets(const Dtype& d) {
  if (d.unit == Unit::generic) return {};
  return "[" + (d.multiple == 1 ? "" : std::to_string(d.multiple)) + name(d.unit) + "]";
}

std::string quoted(const std::string& s) {
  std::string out = "'";
  for (char c : s) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string tuple_text(const std::vector<std::uint64_t>& shape) {
  std::string out = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    out += (i ? ", " : "") + std::to_string(shape[i]);
  }
  return out + (shape.size() == 1 ? ",)" : ")");
}

// A field's format without its sub-array's shape, as str() of a structured dtype has it.
std::string format_text(const Dtype& d) {
  if (d.kind == Kind::structured) return text(d);
  if (d.kind == Kind::boolean) return "'?'";
  std::string s = code(d);
  if (s[0] == '|') s.erase(0, 1);
  return "'" + s + "'";
}

std::string structured_text(const Dtype& d) {
  std::string names, formats, offsets, list;
  for (std::size_t i = 0; i < d.fields.size(); ++i) {
    const Field& f = d.fields[i];
    const std::string comma = i ? ", " : "", format = format_text(f.dtype);
    const bool sub = !f.dtype.subshape.empty();
    const std::string shape = sub ? ", " + tuple_text(f.dtype.subshape) : "";
    list += comma + "(" + quoted(f.name) + ", " + format + shape + ")";
    names += comma + quoted(f.name);
    formats += comma + (sub ? "(" + format + shape + ")" : format);
    offsets += comma + std::to_string(f.offset);
  }
  if (is_packed(d)) return "[" + list + "]";
  return "{'names': [" + names + "], 'formats': [" + formats + "], 'offsets': [" +
         offsets + "], 'itemsize': " + std::to_string(d.base_itemsize()) +
         (d.aligned ? ", 'aligned': True}" : "}");
}

}  // namespace

const char* name(Unit unit) { return kUnits[static_cast<int>(unit)]; }

bool parse_unit(std::string_view s, Unit& unit) {
  for (std::size_t i = 0; i < std::size(kUnits); ++i) {
    if (s == kUnits[i]) {
      unit = static_cast<Unit>(i);
      return true;
    }
  }
  return false;
}

std::uint64_t Dtype::base_itemsize() const {
  std::uint64_t n = itemsize;
  for (std::uint64_t extent : subshape) n = extent ? n / extent : 0;
  return n;
}

bool Dtype::operator==(const Dtype& o) const {
  return kind == o.kind && itemsize == o.itemsize && unit == o.unit &&
         multiple == o.multiple && aligned == o.aligned && subshape == o.subshape &&
         is_host_order(*this) == is_host_order(o) && fields == o.fields;
}

bool has_byte_order(const Dtype& d) {
  switch (d.kind) {
    case Kind::integer:
    case Kind::unsigned_integer:
      return d.base_itemsize() > 1;
    case Kind::floating:
    case Kind::complex:
    case Kind::unicode:
    case Kind::datetime:
    case Kind::timedelta:
      return true;
    default:
      return false;
  }
}

bool is_host_order(const Dtype& d) {
  return !has_byte_order(d) || d.big_endian == kHostIsBigEndian;
}

bool is_packed(const Dtype& d) {
  std::uint64_t at = 0;
  for (const Field& f : d.fields) {
    if (f.offset != at || f.name.empty()) return false;
    at += f.dtype.itemsize;
  }
  return !d.aligned && at == d.base_itemsize();
}

std::string dtype_hint(std::string_view name) {
  constexpr const char* kCommon[] = {
      "bool",       "int8",           "int16",          "int32",
      "int64",      "uint8",          "uint16",         "uint32",
      "uint64",     "float16",        "float32",        "float64",
      "str",        "bytes",          "object",         "complex64",
      "complex128", "datetime64[ns]", "timedelta64[ns]"};
  constexpr const char* kOfR[][2] = {
      {"logical", "bool"},       {"integer", "int32"}, {"numeric", "float64"},
      {"character", "str"},      {"string", "str"},    {"raw", "uint8"},
      {"Date", "datetime64[D]"}, {"list", "object"},   {"POSIXct", "datetime64[ns]"}};
  for (const auto& type : kOfR) {
    if (name == type[0])
      return std::string("NumPy's name for it is \"") + type[1] + "\".";
  }
  Nearest nearest(name);
  for (const char* common : kCommon) nearest.look(common);
  const std::string hint = nearest.hint();
  return !hint.empty()
             ? hint
             : "Use a name of NumPy's: \"float32\", \"uint16\", \">i4\", \"bool\", "
               "\"U10\", \"datetime64[ns]\" ...";
}

bool parse_dtype(std::string_view s, Dtype& dtype) {
  if (s.empty()) return false;
  Dtype d;
  const bool prefixed = std::string_view("<>=|").find(s[0]) != std::string_view::npos;
  if (prefixed) {
    d.big_endian = s[0] == '>';
    s.remove_prefix(1);
    if (s.empty()) return false;
  }
  const auto is = [&](char kind, std::uint64_t itemsize) {
    d.kind = static_cast<Kind>(kind);
    d.itemsize = itemsize;
    if (!has_byte_order(d)) d.big_endian = false;
    dtype = d;
    return true;
  };
  if (!prefixed) {
    for (const auto& known : kNames) {
      if (s == known.name) return is(known.kind, known.itemsize);
    }
  }
  for (const char* time : {"datetime64", "timedelta64", "M8", "m8"}) {
    const std::string_view start(time);
    if (s.substr(0, start.size()) != start || (prefixed && start.size() > 2)) continue;
    if (!parse_unit_brackets(s.substr(start.size()), d)) return false;
    return is(time[0] == 'd' || time[0] == 'M' ? 'M' : 'm', 8);
  }
  if (s.size() == 1) {
    for (const auto& known : kLetters) {
      if (s[0] == known.letter) return is(known.kind, known.itemsize);
    }
    return s == "M" || s == "m" ? is(s[0], 8) : false;
  }
  std::uint64_t n = 0;
  const char letter = s[0] == 'a' ? 'S' : s[0];
  if (!parse_count(s.substr(1), n) || !sized(letter, n)) return false;
  return is(letter, letter == 'U' ? n * 4 : letter == 'O' ? 8 : n);
}

std::string code(const Dtype& d) {
  std::string s(1, !has_byte_order(d) ? '|' : d.big_endian ? '>' : '<');
  const std::uint64_t n = d.base_itemsize();
  switch (d.kind) {
    case Kind::object:
      return s + "O";
    case Kind::structured:
      return s + "V" + std::to_string(n);
    case Kind::unicode:
      return s + "U" + std::to_string(n / 4);
    default:
      break;
  }
  s += static_cast<char>(d.kind) + std::to_string(n);
  return is_time(d) ? s + unit_brackets(d) : s;
}

std::string text(const Dtype& d) {
  if (d.kind == Kind::structured) return structured_text(d);
  if (has_byte_order(d) && d.big_endian) return code(d);
  const std::string bits = std::to_string(d.base_itemsize() * 8);
  switch (d.kind) {
    case Kind::boolean:
      return "bool";
    case Kind::object:
      return "object";
    case Kind::integer:
      return "int" + bits;
    case Kind::unsigned_integer:
      return "uint" + bits;
    case Kind::floating:
      return "float" + bits;
    case Kind::complex:
      return "complex" + bits;
    case Kind::datetime:
      return "datetime64" + unit_brackets(d);
    case Kind::timedelta:
      return "timedelta64" + unit_brackets(d);
    default:
      return code(d);
  }
}

}  // namespace mmappickle::numpy
