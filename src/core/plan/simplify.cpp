#include "simplify.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "../numpy/values.h"

namespace mmappickle::plan {

using pickle::Id;
using pickle::Tag;

namespace {

class Rule {
 public:
  Rule(Scalars& scalars, const ScalarOptions& options)
      : scalars_(scalars), options_(options) {}

  // False: a list.
  bool take(Id id) {
    if (id >= pickle::kSmallInts && kind_ == Scalar::whole) return true;
    const pickle::Node& node = scalars_.tree()[id];
    switch (node.tag) {  // what is like the items before it, as most are
      case Tag::real:
        if (kind_ != Scalar::real) break;
        see(node.real);
        return true;
      case Tag::integer: {
        if (kind_ != Scalar::whole) break;
        const Simple type = integer_type(node, options_.bit64);
        whole_ = std::max(whole_, type);
        return type != Simple::no;
      }
      case Tag::text:
        if (kind_ != Scalar::text) break;
        return is_r_text(scalars_.tree(), id);
      default:
        break;
    }
    const Scalar item = scalars_.of(id, options_);
    const Tag tag = scalars_.tree()[id].tag;
    if (tag > Tag::string) out_.plain = false;
    if (tag == Tag::none) out_.nones = true;
    switch (item.kind) {
      case Scalar::none:
        return false;
      case Scalar::missing:
        return true;
      case Scalar::real:
        see(item.number);
        if (item.number != item.number) return true;
        break;
      case Scalar::whole:
        whole_ = std::max(whole_, item.type);
        break;
      case Scalar::text:
      case Scalar::bytes:
        if (!is_r_text(scalars_.tree(), item.node)) return false;
        break;
      default:
        break;
    }
    if (kind_ == Scalar::missing) {
      kind_ = item.kind;
      out_.type = item.type;
      out_.zone = item.zone;
      out_.units = item.units;
      return true;
    }
    if (std::strcmp(out_.units, item.units) != 0) out_.units = "secs";
    if (is_number(kind_) && is_number(item.kind)) {
      if (item.kind == Scalar::real) kind_ = Scalar::real;
      return true;
    }
    return kind_ == item.kind && out_.zone.text() == item.zone.text();
  }

  Sequence finish(bool none_is_logical, bool any) {
    if (kind_ == Scalar::missing && nan_) kind_ = Scalar::real;
    if (kind_ == Scalar::whole && nan_) kind_ = Scalar::real;
    switch (kind_) {
      case Scalar::missing:
        out_.type = none_is_logical && any ? Simple::logical : Simple::no;
        break;
      case Scalar::whole:
        out_.type = whole_;
        break;
      case Scalar::real:
        out_.type = whole_ == Simple::integer64 ? Simple::no : Simple::real;
        break;
      default:
        break;
    }
    out_.zoned = kind_ == Scalar::zoned;
    const bool real = out_.type == Simple::real;
    out_.ints = real && whole_ != Simple::no;
    out_.floats = (out_.ints && whole_float_) || (out_.nones && na_);
    // A NaN that is NA, and what is not without attributes.
    if ((nan_ && !real) || out_.type == Simple::integer64) out_.plain = false;
    return out_;
  }

 private:
  static bool is_number(Scalar::Kind kind) {
    return kind == Scalar::whole || kind == Scalar::real;
  }
  void see(double v) {
    nan_ = nan_ || v != v;
    na_ = na_ || numpy::is_na(v);
    whole_float_ = whole_float_ || is_whole(v);
  }

  Scalars& scalars_;
  const ScalarOptions& options_;
  Sequence out_;
  Scalar::Kind kind_ = Scalar::missing;
  Simple whole_ = Simple::no;      // the widest of the ints
  bool nan_ = false, na_ = false;  // a float was: R's NA is one, too
  bool whole_float_ = false;
};

}  // namespace

bool is_whole(double v) {
  constexpr double exact = 9007199254740992.0;  // 2^53
  return v >= -exact && v <= exact && v == std::trunc(v) && !(v == 0 && std::signbit(v));
}

Sequence simplified(Scalars& scalars, Id sequence, const ScalarOptions& options,
                    bool none_is_logical) {
  Rule rule(scalars, options);
  bool any = false;
  for (Id id : scalars.tree().items(sequence)) {
    scalars.tree().poll();
    if (!rule.take(id)) return {};
    any = true;
  }
  return rule.finish(none_is_logical, any);
}

Simple simplified(pickle::Tree& tree, Id sequence, bool bit64, bool none_is_logical) {
  // An item that no vector has is found before anything is made that looks at objects.
  for (Id id : tree.items(sequence)) {
    if (pickle::is_container(tree[id].tag)) return Simple::no;
  }
  numpy::Recogniser numpy(tree);
  python::Recogniser python(tree, numpy);
  pandas::Recogniser pandas(tree, numpy);
  Scalars scalars(tree, numpy, python, pandas);
  ScalarOptions options;
  options.bit64 = bit64;
  return simplified(scalars, sequence, options, none_is_logical).type;
}

}  // namespace mmappickle::plan
