#include "r/write/list.h"

#include <algorithm>
#include <set>
#include <unordered_set>

#include "core/base/utf8.h"
#include "core/plan/simplify.h"
#include "r/call.h"
#include "r/text.h"
#include "r/trusted_classes.h"
#include "r/vector.h"
#include "r/write/array.h"
#include "r/write/attributes.h"
#include "r/write/nested.h"
#include "r/write/text.h"
#include "r/write/view.h"

namespace mmappickle::write {

using pickle::Id;
using pickle::kNoId;
using pickle::Tag;

bool are_few_keys(SEXP names) {
  constexpr R_xlen_t kFew = 16;
  const R_xlen_t n = Rf_xlength(names);
  if (n > kFew || ALTREP(names)) return false;
  SEXP seen[kFew];
  for (R_xlen_t i = 0; i < n; ++i) {
    seen[i] = string_elt(names, i);
    const Bytes bytes(
        std::string_view(CHAR(seen[i]), static_cast<std::size_t>(LENGTH(seen[i]))));
    if (seen[i] == NA_STRING || bytes.size == 0 || Rf_getCharCE(seen[i]) == CE_BYTES ||
        !is_ascii(bytes) || std::find(seen, seen + i, seen[i]) != seen + i) {
      return false;
    }
  }
  return true;
}

// R holds equal strings once, but for those of different encodings.
bool are_keys(const pickle::Tree& tree, SEXP names) {
  if (are_few_keys(names)) return true;
  std::unordered_set<SEXP> seen;
  std::set<std::string> translated;  // no hash whose collisions a file could choose
  for (R_xlen_t i = 0; i < Rf_xlength(names); ++i) {
    tree.poll();
    SEXP name = string_elt(names, i);
    if (name == NA_STRING || LENGTH(name) == 0 || Rf_getCharCE(name) == CE_BYTES) {
      return false;
    }
    const Bytes bytes(
        std::string_view(CHAR(name), static_cast<std::size_t>(LENGTH(name))));
    if (classify_text(bytes) == TextKind::ascii
            ? !seen.insert(name).second
            : !translated.insert(utf8_of(name)).second) {
      return false;
    }
  }
  return true;
}

namespace {

bool is_data_frame(SEXP attributes) {
  return has_class(get_attribute(attributes, "class"), "data.frame");
}

std::vector<Id> values_of(const std::vector<Encoded>& items) {
  std::vector<Id> values;
  values.reserve(items.size());
  for (const Encoded& item : items) values.push_back(item.value);
  return values;
}

Encoded encode_dict(Context& context, SEXP names, const std::vector<Encoded>& items) {
  std::vector<Id> pairs;
  pairs.reserve(2 * items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    pairs.push_back(text_of(context, string_elt(names, static_cast<R_xlen_t>(i))));
    pairs.push_back(items[i].value);
  }
  Encoded out;
  out.value = context.tree.container(Tag::dict, pairs);
  return out;
}

// A data frame whose names are no keys: [[name, column], ...].
Encoded encode_pairs(Context& context, SEXP names, const std::vector<Encoded>& items) {
  std::vector<Id> pairs;
  for (std::size_t i = 0; i < items.size(); ++i) {
    SEXP name = string_elt(names, static_cast<R_xlen_t>(i));
    pairs.push_back(
        context.tree.container(Tag::list, {text_of(context, name), items[i].value}));
  }
  Encoded out;
  out.value = context.tree.container(Tag::list, pairs);
  out.type = "pairs";
  out.bytes = byte_positions(context, names);
  return out;
}

Encoded encode_list(Context& context, const char* type,
                    const std::vector<Encoded>& items) {
  Encoded out;
  out.value = context.tree.container(Tag::list, values_of(items));
  out.type = type;
  if (!type && plan::simplified(context.tree, out.value, has_bit64()) != plan::Simple::no)
    out.type = "list";
  return out;
}

Encoded encode_objects(Context& context, SEXP x, bool fortran,
                       std::vector<Encoded>& items) {
  const numpy::Shape dims = dims_of(x);
  numpy::PythonPlaces places(dims, context.flags.reversed);
  std::vector<Encoded> placed(items.size());
  for (const Encoded& item : items) placed[places.next()] = item;
  items = std::move(placed);  // the metadata counts them as Python does
  const Id list = context.tree.container(Tag::list, values_of(items));
  Encoded out = add_array(context, object_array(dims, list, context.layout(fortran)));
  const bool simple =
      plan::simplified(context.tree, list, has_bit64(), true) != plan::Simple::no;
  if (simple) out.type = "list";
  return out;
}

}  // namespace

void add_items(Context& context, Plan& plan, SEXP list, Role role) {
  const R_xlen_t n = Rf_xlength(list);
  plan.items.reserve(plan.items.size() + static_cast<std::size_t>(n));
  for (R_xlen_t i = 0; i < n; ++i) {
    SEXP item = vector_elt(list, i);
    plan.items.push_back({ALTREP(list) ? context.keep(item) : item, role});
  }
}

namespace {

Plan plan_named(Context& context, SEXP x, SEXP names, Role role, Id origin) {
  Plan plan(x);
  add_items(context, plan, x, role);
  plan.make = [&context, names](SEXP, std::vector<Encoded>& items) {
    return encode_dict(context, names, items);
  };
  find_origins_by_name(context, origin, names, plan.items);
  return plan;
}

Plan plan_unnamed(Context& context, SEXP x, Role role, Id origin) {
  Plan plan(x);
  add_items(context, plan, x, role);
  plan.make = [&context, origin](SEXP, std::vector<Encoded>& items) {
    Encoded out = encode_list(context, nullptr, items);
    if (is_sequence(context.tree, origin)) {
      keep_kind(context, context.tree[origin].tag, out);
    }
    return out;
  };
  find_origins_by_position(context, origin, plan.items);
  return plan;
}

}  // namespace

Plan plan_list(Context& context, SEXP x, SEXP attributes, Id origin) {
  if (get_attribute(attributes, "dim") != R_NilValue) {
    return plan_objects(context, x, attributes, false);
  }
  const bool data_frame = is_data_frame(attributes);
  const Role role = data_frame ? Role::column : Role::item;
  SEXP names = Rf_getAttrib(x, R_NamesSymbol);  // POSIXlt and the like: of their own
  const bool named = TYPEOF(names) == STRSXP;
  if (named && are_keys(context.tree, names)) {
    Plan plan = plan_named(context, x, names, role, origin);
    plan.said = {"names"};
    return plan;
  }
  if (!named || !data_frame) return plan_unnamed(context, x, role, origin);
  Plan plan(x);
  add_items(context, plan, x, role);
  plan.said = {"names"};
  plan.make = [&context, names](SEXP, std::vector<Encoded>& items) {
    return encode_pairs(context, names, items);
  };
  return plan;
}

bool plan_plain_list(Context& context, SEXP x, Id origin, Plan& plan) {
  if (TYPEOF(x) != VECSXP || ALTREP(x) || Rf_isObject(x) || Rf_isS4(x)) return false;
  const R_xlen_t count = attribute_count(x);
  if (count == 0) {
    plan = plan_unnamed(context, x, Role::item, origin);
    return true;
  }
  SEXP names = count == 1 ? Rf_getAttrib(x, R_NamesSymbol) : R_NilValue;
  if (TYPEOF(names) != STRSXP || ALTREP(names) || attribute_count(names) != 0 ||
      first_view(x) || !are_keys(context.tree, names)) {
    return false;
  }
  plan = plan_named(context, x, names, Role::item, origin);
  return true;
}

Plan plan_objects(Context& context, SEXP x, SEXP attributes, bool fortran) {
  Plan plan(x);
  add_items(context, plan, x, is_data_frame(attributes) ? Role::column : Role::item);
  plan.make = [&context, fortran](SEXP x, std::vector<Encoded>& items) {
    return encode_objects(context, x, fortran, items);
  };
  return plan;
}

bool is_language(SEXP x) {
  const int type = TYPEOF(x);
  return type == SYMSXP || type == LANGSXP || type == LISTSXP || type == EXPRSXP;
}

// The tags are names.
Plan plan_language(Context& context, SEXP x) {
  Plan plan(x);
  const char* type = TYPEOF(x) == EXPRSXP   ? "expression"
                     : TYPEOF(x) == LANGSXP ? "call"
                                            : "pairlist";
  if (TYPEOF(x) == EXPRSXP) {
    add_items(context, plan, x, Role::item);
  } else {
    for (SEXP cell = x; cell != R_NilValue; cell = CDR(cell)) {
      plan.items.push_back({CAR(cell)});
    }
  }
  // Where code was parsed from is no part of it.
  plan.ignored = {"srcref", "srcfile", "wholeSrcref"};
  plan.make = [&context, type](SEXP, std::vector<Encoded>& items) {
    return encode_list(context, type, items);
  };
  if (TYPEOF(x) != LANGSXP) return plan;  // attributes() tells a pairlist's names itself
  SEXP names = context.keep(protect([&] { return Rf_getAttrib(x, R_NamesSymbol); }));
  if (names == R_NilValue) return plan;
  static SEXP name = protect([] { return PRINTNAME(R_NamesSymbol); });
  plan.attributes.push_back({names, Role::attribute, name});
  return plan;
}

Plan plan_symbol(Context& context, SEXP x) {
  return plan_of(x, [&context](SEXP x) {
    Encoded out;
    out.value = text_of(context, PRINTNAME(x));
    out.type = "symbol";
    return out;
  });
}

const char* environment_name(SEXP x) {
  return x == R_GlobalEnv  ? "global"
         : x == R_BaseEnv  ? "base"
         : x == R_EmptyEnv ? "empty"
                           : nullptr;
}

Plan plan_environment(Context& context, const char* name) {
  return plan_of(R_NilValue, [&context, name](SEXP) {
    Encoded out;
    out.value = context.metadata.word(name);
    out.type = "environment";
    return out;
  });
}

}  // namespace mmappickle::write
