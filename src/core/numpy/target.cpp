// What a dtype becomes in R, and what R's types become.
#include "datetime.h"
#include "items.h"

namespace mmappickle::numpy {

double na_real() { return bits_as<double>(kNaRealBits); }

std::uint64_t r_size(RType type) {
  switch (type) {
    case RType::logical:
    case RType::integer:
      return 4;
    case RType::real:
    case RType::integer64:
      return 8;
    case RType::complex:
      return 16;
    case RType::raw:
      return 1;
    case RType::string:
      return 0;
  }
  return 0;
}

bool target_of(const Dtype& dtype, const Choice& choice, Target& target) {
  const auto is = [&](RType type) {
    target = Target();
    target.type = type;
    return true;
  };
  switch (dtype.kind) {
    case Kind::boolean:
      return is(RType::logical);
    case Kind::integer:
      if (dtype.itemsize <= 4) return is(RType::integer);
      return is(choice.exact_int64 ? RType::integer64 : RType::real);
    case Kind::unsigned_integer:
      if (dtype.itemsize == 1 && choice.raw_uint8) return is(RType::raw);
      if (dtype.itemsize <= 2) return is(RType::integer);
      return is(dtype.itemsize == 8 && choice.exact_int64 ? RType::integer64
                                                          : RType::real);
    case Kind::floating:
      return is(RType::real);
    case Kind::complex:
      return is(RType::complex);
    case Kind::bytes:
    case Kind::unicode:
      return is(RType::string);
    case Kind::datetime:
    case Kind::timedelta:
      target = TimeScale(dtype).target();
      return true;
    case Kind::raw:
    case Kind::object:
    case Kind::structured:
      return false;
  }
  return false;
}

bool same_layout(const Dtype& dtype, RType type) {
  if (!is_host_order(dtype)) return false;
  switch (type) {
    case RType::integer:
      return dtype.kind == Kind::integer && dtype.itemsize == 4;
    case RType::real:
      return dtype.kind == Kind::floating && dtype.itemsize == 8;
    case RType::complex:
      return dtype.kind == Kind::complex && dtype.itemsize == 16;
    case RType::raw:
      return dtype.kind == Kind::unsigned_integer && dtype.itemsize == 1;
    case RType::integer64:
      return dtype.kind == Kind::integer && dtype.itemsize == 8;
    case RType::logical:
    case RType::string:
      return false;
  }
  return false;
}

Dtype natural_dtype(RType type, Meaning meaning) {
  Dtype d;
  const auto is = [&](Kind kind, std::uint64_t itemsize) {
    d.kind = kind;
    d.itemsize = itemsize;
    d.big_endian = has_byte_order(d) && kHostIsBigEndian;
  };
  switch (meaning) {
    case Meaning::plain:
      break;
    case Meaning::date:
      is(Kind::datetime, 8);
      d.unit = Unit::D;
      return d;
    case Meaning::datetime:
    case Meaning::difftime:
      is(meaning == Meaning::datetime ? Kind::datetime : Kind::timedelta, 8);
      d.unit = Unit::ns;
      return d;
  }
  switch (type) {
    case RType::logical:
      is(Kind::boolean, 1);
      break;
    case RType::integer:
      is(Kind::integer, 4);
      break;
    case RType::real:
      is(Kind::floating, 8);
      break;
    case RType::complex:
      is(Kind::complex, 16);
      break;
    case RType::raw:
      is(Kind::unsigned_integer, 1);
      break;
    case RType::integer64:
      is(Kind::integer, 8);
      break;
    case RType::string:
      is(Kind::object, 8);
      break;
  }
  return d;
}

}  // namespace mmappickle::numpy
