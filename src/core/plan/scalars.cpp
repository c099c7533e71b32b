#include "scalars.h"

#include <algorithm>

#include "../base/utf8.h"
#include "../numpy/kernels.h"
#include "../pickle/literals.h"

namespace mmappickle::plan {

using numpy::Kind;
using pickle::Id;
using pickle::kNoId;
using pickle::Node;
using pickle::Tag;

bool is_r_text(Bytes text) {
  const TextKind kind = classify_text(text);
  return kind == TextKind::ascii || kind == TextKind::utf8;
}

bool is_r_text(const pickle::Tree& tree, Id id) {
  const Tag tag = tree[id].tag;
  if (tag != Tag::text && tag != Tag::string) return false;
  const TextKind kind = tree.text_kind(id);
  return kind == TextKind::ascii || (tag == Tag::text && kind == TextKind::utf8);
}

namespace {

constexpr std::size_t kMostDigits = 4096;

Simple integer_type(std::int64_t v, bool bit64) {
  constexpr std::int64_t exact = std::int64_t{1} << 53;
  if (v > numpy::kNaInteger && v <= INT32_MAX) return Simple::integer;
  if (v >= -exact && v <= exact) return Simple::real;
  if (v != numpy::kNaInteger64 && bit64) return Simple::integer64;
  return Simple::no;
}

Scalar whole(std::int64_t v, bool bit64) {
  Scalar out;
  out.type = integer_type(v, bit64);
  out.integer = v;
  if (out.type != Simple::no) out.kind = Scalar::whole;
  return out;
}

Scalar of_kind(Scalar::Kind kind, Simple type = Simple::no) {
  Scalar out;
  out.kind = kind;
  out.type = type;
  return out;
}

Scalar number(double v) {
  Scalar out = of_kind(Scalar::real, Simple::real);
  out.number = v;
  return out;
}

Scalar text(Scalar::Kind kind, Id node) {
  Scalar out = of_kind(kind, Simple::character);
  out.node = node;
  return out;
}

// What one of Python's own classes is, but for those that stand for another value.
Scalar python_scalar(const python::Recognised& known) {
  using numpy::Meaning;
  Scalar out;
  out.number = known.number;
  out.zone = known.zone;
  if (known.kind == python::Recognised::zoned) {
    out.kind = Scalar::zoned;
    out.type = Simple::datetime;
    std::copy(known.fields, known.fields + 7, out.fields);
  } else if (known.meaning == Meaning::date) {
    out.kind = Scalar::date;
    out.type = Simple::date;
  } else if (known.meaning == Meaning::datetime) {
    out.kind = known.aware ? Scalar::aware : Scalar::naive;
    out.type = Simple::datetime;
  } else if (known.meaning == Meaning::difftime) {
    out.kind = known.clock ? Scalar::clock : Scalar::duration;
    out.type = Simple::difftime;
  } else if (known.type == numpy::RType::complex) {
    out.kind = Scalar::complex;
    out.type = Simple::complex;
    out.imaginary = known.imaginary;
  }
  return out;
}

// Of a datetime64 or a timedelta64: of one without a unit the number.
Scalar time_scalar(const numpy::Target& target, double value) {
  Scalar out;
  out.number = value;
  out.units = target.units;
  switch (target.meaning) {
    case numpy::Meaning::plain:
      return number(value);
    case numpy::Meaning::date:
      out.kind = Scalar::date;
      out.type = Simple::date;
      return out;
    case numpy::Meaning::datetime:
      out.kind = Scalar::naive;
      out.type = Simple::datetime;
      return out;
    default:
      out.kind = Scalar::duration;
      out.type = Simple::difftime;
      return out;
  }
}

}  // namespace

bool is_plain(const pickle::Tree& tree, Id id) {
  if (id >= pickle::kSmallInts) return true;
  const Node node = tree[id];
  switch (node.tag) {
    case Tag::none:
    case Tag::boolean:
    case Tag::real:
      return true;
    case Tag::integer:
      return integer_type(node, false) != Simple::no;
    case Tag::text:
    case Tag::string:
      return node.size < kLongText && is_r_text(tree, id);
    default:
      return false;
  }
}

Simple integer_type(const Node& node, bool bit64) {
  return node.tag == Tag::integer ? integer_type(node.integer, bit64) : Simple::no;
}

Scalar Scalars::of(Id id, const ScalarOptions& options) {
  const Node& node = tree_[id];
  switch (node.tag) {
    case Tag::none:
      return of_kind(Scalar::missing);
    case Tag::boolean: {
      Scalar out = of_kind(Scalar::logical, Simple::logical);
      out.integer = node.flag;
      return out;
    }
    case Tag::integer:
      return whole(node.integer, options.bit64);
    case Tag::real:
      return number(node.real);
    case Tag::text:
    case Tag::string:
      return text(Scalar::text, id);
    case Tag::global:
      return pandas(id);
    case Tag::object:
      return object(id, options);
    default:
      return {};
  }
}

Scalar Scalars::object(Id id, const ScalarOptions& options) {
  const numpy::Recognised found = numpy_.recognise(id);
  if (found.found == numpy::Found::scalar) return numpy(id, found.array, options);
  if (found.found != numpy::Found::nothing) return {};
  const pickle::Call call(tree_, id);
  if (call.callable() == kNoId) return {};
  if (call.untouched() && call.count() == 0 &&
      (call.is_of("numpy.ma.core", "MaskedConstant") ||
       call.is_of("numpy.ma", "MaskedConstant"))) {
    return of_kind(Scalar::missing);
  }
  double decimal_number = 0;
  if (options.numbers && decimal(id, decimal_number)) return number(decimal_number);
  const python::Recognised known = python_.recognise(id);
  switch (known.kind) {
    case python::Recognised::scalar:
    case python::Recognised::zoned:
      return python_scalar(known);
    case python::Recognised::same:
      return tree_[known.node].tag <= Tag::string ? of(known.node, options) : Scalar();
    case python::Recognised::nothing:
      return pandas(id);
    default:
      return {};
  }
}

// One element of a dtype.
Scalar Scalars::numpy(Id id, const numpy::Array& array, const ScalarOptions& options) {
  const numpy::Dtype& dtype = array.dtype;
  const auto decode = [&](numpy::RType type, void* to) {
    bool inexact = false;
    numpy::decoder(dtype, type)(dtype, array.data, 0, 1, to, &inexact);
    return !inexact;
  };
  numpy::Target target;
  Scalar out;
  if (!target_of(dtype, numpy::Choice(), target)) return out;
  switch (dtype.kind) {
    case Kind::boolean: {
      std::int32_t v = 0;
      decode(numpy::RType::logical, &v);
      out = of_kind(Scalar::logical, Simple::logical);
      out.integer = v;
      return out;
    }
    case Kind::integer:
    case Kind::unsigned_integer: {
      std::int64_t v = 0;
      if (!decode(numpy::RType::integer64, &v)) return out;
      out = whole(v, options.bit64);
      if (options.exact_int64 && dtype.itemsize == 8 && v != numpy::kNaInteger64) {
        out.kind = Scalar::whole;
        out.type = Simple::integer64;
      }
      return out;
    }
    case Kind::floating: {
      double v = 0;
      decode(numpy::RType::real, &v);
      return number(v);
    }
    case Kind::complex: {
      double v[2] = {};
      decode(numpy::RType::complex, v);
      out = of_kind(Scalar::complex, Simple::complex);
      out.number = v[0];
      out.imaginary = v[1];
      return out;
    }
    case Kind::datetime:
    case Kind::timedelta:
      decode(numpy::RType::real, &out.number);
      return time_scalar(target, out.number);
    default:
      break;
  }
  return target.type == numpy::RType::string ? numpy_text(id, array) : out;
}

Scalar Scalars::numpy_text(Id id, const numpy::Array& array) {
  const numpy::Dtype& dtype = array.dtype;
  const bool is_long = dtype.itemsize >= kLongText;
  const auto known = is_long ? texts_.find(id) : texts_.end();
  Id node = known == texts_.end() ? kNoId : known->second;
  if (node == kNoId) {
    bool escaped = false;
    std::string utf8 = decode_string(dtype, array.data, &escaped);
    if (escaped) return {};
    node = tree_.text(tree_.keep(std::move(utf8)));
    if (is_long) texts_[id] = node;
  }
  return text(dtype.kind == Kind::bytes ? Scalar::bytes : Scalar::text, node);
}

Scalar Scalars::pandas(Id id) {
  const pandas::Object* value = pandas_.recognise(id);
  if (!value) return {};
  Scalar out;
  switch (value->kind) {
    case pandas::Type::missing:
      return of_kind(Scalar::missing);
    case pandas::Type::moment:
      if (value->number != value->number) return of_kind(Scalar::missing);
      out = of_kind(value->aware ? Scalar::aware : Scalar::naive, Simple::datetime);
      out.number = value->number;
      out.zone = value->text;
      return out;
    case pandas::Type::duration:
      if (value->number != value->number) return of_kind(Scalar::missing);
      out = of_kind(Scalar::duration, Simple::difftime);
      out.number = value->number;
      return out;
    default:
      return out;
  }
}

// Decimal("1.10"). Parsed anew for each that refers to it, hence of a length.
bool Scalars::decimal(Id id, double& number) const {
  const pickle::Call call(tree_, id);
  std::string_view digits;
  return call.untouched() && call.count() == 1 && call.is_of("decimal", "Decimal") &&
         call.text(0, digits) && digits.size() <= kMostDigits &&
         pickle::parse_real(Bytes(digits), number);
}

}  // namespace mmappickle::plan
