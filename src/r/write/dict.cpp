#include "r/write/dict.h"

#include <set>

#include "core/plan/simplify.h"
#include "core/python/keys.h"
#include "r/call.h"
#include "r/vector.h"
#include "r/write/attributes.h"
#include "r/write/kept.h"
#include "r/write/list.h"
#include "r/write/nested.h"
#include "r/write/vector.h"

namespace mmappickle::write {

using pickle::Id;
using pickle::kNoId;
using pickle::Tag;

namespace {

const char* const kKeys =
    "Keys are strings, single numbers, raw vectors, Python objects, and vectors or lists "
    "of such.";

void check_key(const Context& context, const Encoded& key, const std::string& what) {
  if (python::is_hashable(context.tree, key.value)) return;
  context.refuse(ErrorKind::value, what + " is nothing that Python takes as a key",
                 kKeys);
}

// Values first: R metadata counts from the first value on, and goes on with the keys.
std::string value_or_key(SEXP, std::size_t i, std::size_t n) {
  const std::size_t half = n / 2;
  return (i < half ? "$values[[" : "$keys[[") + std::to_string(i % half + 1) + "]]";
}

Encoded encode_dict(Context& context, const std::vector<Encoded>& parts) {
  const std::size_t n = parts.size() / 2;
  std::vector<Id> items;
  std::set<std::string> seen;  // no hash whose collisions a file could choose
  bool all_text = true;
  for (std::size_t i = 0; i < n; ++i) {
    const Encoded& key = parts[n + i];
    const std::string what = "key " + std::to_string(i + 1);
    check_key(context, key, what);
    const std::string canonical = python::canonical_key(context.tree, key.value);
    if (!canonical.empty() && !seen.insert(canonical).second) {
      context.refuse(ErrorKind::value, what + " is equal to another one in Python");
    }
    all_text = all_text && plan::is_r_text(context.tree, key.value);
    items.push_back(key.value);
    items.push_back(parts[i].value);
  }
  Encoded out;
  out.value = context.tree.container(Tag::dict, items);
  if (all_text) out.type = "dict";
  return out;
}

Encoded encode_tuple(Context& context, SEXP x, std::vector<Encoded>& elements) {
  Encoded out;
  std::vector<Id> items;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    check_key(context, elements[i], "element " + std::to_string(i + 1) + " of a key");
    items.push_back(elements[i].value);
  }
  out.value = context.tree.container(Tag::tuple, items);
  const plan::Simple natural = plan::simplified(context.tree, out.value, has_bit64());
  if (TYPEOF(x) == VECSXP) {
    if (natural != plan::Simple::no) out.type = "list";
    return out;
  }
  const plan::Simple wanted = simple_type(x);
  if (wanted == plan::Simple::no) {
    context.refuse(ErrorKind::value, "a key of this kind cannot be a tuple", kKeys);
  }
  if (natural != wanted || !context.flags.simplify) out.type = type_name(x);
  for (Encoded& item : elements) item.metadata = kNoId;  // NA: the type says of what
  return out;
}

}  // namespace

Plan plan_dict(Context& context, SEXP x, SEXP attributes, const Part& part) {
  SEXP names = context.keep(protect([&] { return Rf_getAttrib(x, R_NamesSymbol); }));
  SEXP keys = R_NilValue, values = R_NilValue;
  if (TYPEOF(x) == VECSXP && same_text(names, {"keys", "values"})) {
    keys = vector_elt(x, 0);
    values = vector_elt(x, 1);
  }
  if (TYPEOF(keys) != VECSXP || TYPEOF(values) != VECSXP ||
      Rf_xlength(keys) != Rf_xlength(values) || !has_no_attributes(keys) ||
      !has_no_attributes(values)) {
    context.refuse(ErrorKind::value,
                   "a python_dict is a list of two plain lists of equal length, `keys` "
                   "and `values`");
  }
  Plan plan(x);
  add_items(context, plan, values, Role::item);
  find_origins_by_position(context, part.origin, plan.items);
  add_items(context, plan, keys, Role::key);
  plan.make = [&context](SEXP, std::vector<Encoded>& parts) {
    return encode_dict(context, parts);
  };
  plan.label = value_or_key;
  plan.said = {"names"};
  if (is_class(get_attribute(attributes, "class"), "python_dict")) {
    plan.said.push_back("class");
  }
  return plan;
}

namespace {

bool is_tuple(SEXP x, SEXP attributes) {
  return attributes == R_NilValue && TYPEOF(x) != RAWSXP &&
         (TYPEOF(x) == VECSXP || Rf_xlength(x) != 1);
}

Plan plan_tuple(Context& context, SEXP x) {
  Plan plan(x);
  SEXP list = x;
  if (TYPEOF(x) != VECSXP) {
    list = context.keep(protect([&] {
      SEXP call = PROTECT(Rf_lang2(Rf_install("as.list"), x));
      SEXP out = Rf_eval(call, R_BaseEnv);
      UNPROTECT(1);
      return out;
    }));
  }
  add_items(context, plan, list, Role::key);
  plan.make = [&context](SEXP x, std::vector<Encoded>& elements) {
    return encode_tuple(context, x, elements);
  };
  return plan;
}

// What remembers what it was in Python, if that can be a key.
bool plan_kept_key(Context& context, Objects& objects, SEXP x, SEXP attributes,
                   Plan& plan) {
  if (TYPEOF(x) == VECSXP || !plan_kept(context, objects, x, attributes, plan)) {
    return false;
  }
  std::vector<Encoded> none;
  return python::is_hashable(context.tree, plan.make(plan.x, none).value);
}

}  // namespace

bool plan_key(Context& context, Objects& objects, SEXP x, SEXP attributes, Plan& plan) {
  if (plan_kept_key(context, objects, x, attributes, plan)) return true;
  if (!is_tuple(x, attributes)) return false;
  plan = plan_tuple(context, x);
  return true;
}

}  // namespace mmappickle::write
