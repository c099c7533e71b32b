#include "r/read/list.h"

#include "r/build.h"
#include "r/class_name.h"
#include "r/interrupt.h"

namespace mmappickle {

SEXP children_of(const plan::Plans& plans, const plan::Plan& plan, SEXP values,
                 std::uint64_t from, std::uint64_t count) {
  SEXP list = PROTECT(Rf_allocVector(VECSXP, static_cast<R_xlen_t>(count)));
  for (std::uint64_t i = 0; i < count; ++i) {
    SET_VECTOR_ELT(list, static_cast<R_xlen_t>(i),
                   VECTOR_ELT(values, plans.child(plan, from + i)));
  }
  UNPROTECT(1);
  return list;
}

namespace {

constexpr std::uint32_t kBetweenPolls = 4096;  // items

// Of a list or dict, in which plain values have no plans.
SEXP items_of(ReadContext& context, VectorReader& vectors, const plan::Plan& plan,
              SEXP values) {
  SEXP list = PROTECT(Rf_allocVector(VECSXP, plan.own));
  for (std::uint32_t i = 0; i < plan.own; ++i) {
    const plan::Link& link = context.plans.link(plan, i);
    const bool plain = link.plan == plan::kNone;
    SEXP value = plain ? vectors.plain(link.node) : VECTOR_ELT(values, link.plan);
    SET_VECTOR_ELT(list, i, value);
    if (plain && context.nodes) context.nodes->emplace(value, link.node);
    if ((i + 1) % kBetweenPolls == 0) poll_interrupt();
  }
  UNPROTECT(1);
  return list;
}

}  // namespace

SEXP list_of(ReadContext& context, VectorReader& vectors, const plan::Plan& plan,
             SEXP values) {
  const std::string_view type = context.plans.details_of(plan).metadata.type.text();
  const bool call = type == "call", expression = type == "expression";
  if (!call && !expression && type != "pairlist") {
    return items_of(context, vectors, plan, values);
  }
  if (!plan.inside_attribute) {
    context.metadata_fits = false;
    return items_of(context, vectors, plan, values);
  }
  const auto item = [&](std::uint64_t i) {
    return VECTOR_ELT(values, context.plans.child(plan, i));
  };
  if (expression) {
    SEXP out = PROTECT(Rf_allocVector(EXPRSXP, plan.own));
    for (std::uint32_t i = 0; i < plan.own; ++i) SET_VECTOR_ELT(out, i, item(i));
    UNPROTECT(1);
    return out;
  }
  SEXP out = R_NilValue;
  for (std::uint32_t i = plan.own; i-- > 0;) {
    PROTECT(out);
    out = call && i == 0 ? Rf_lcons(item(i), out) : Rf_cons(item(i), out);
    UNPROTECT(1);
  }
  return out;
}

namespace {

SEXP names_of(const ReadContext& context, TextReader& text, const plan::Plan& plan) {
  SEXP names = PROTECT(Rf_allocVector(STRSXP, plan.own));
  metadata::Positions bytes(context.tree, context.plans.details_of(plan).metadata.bytes);
  for (std::uint32_t i = 0; i < plan.own; ++i) {
    SET_STRING_ELT(names, i,
                   text.string(context.plans.keys[plan.keys + i], bytes.has(i)));
  }
  UNPROTECT(1);
  return names;
}

}  // namespace

SEXP named_list(ReadContext& context, VectorReader& vectors, TextReader& text,
                const plan::Plan& plan, SEXP values) {
  const bool bare = plan.details == plan::kNone;
  SEXP list = PROTECT(items_of(context, vectors, plan, values));
  SEXP names = bare ? text.last_names(context.plans, plan) : nullptr;
  const bool known = names != nullptr;
  PROTECT(names = known ? names : names_of(context, text, plan));
  if (bare && !known) text.keep_names(plan, names);
  Rf_setAttrib(list, R_NamesSymbol, names);
  const std::uint64_t rows = context.plans.details_of(plan).rows;
  if (rows != UINT64_MAX) make_data_frame(list, rows);
  UNPROTECT(2);
  return list;
}

SEXP python_dict(const ReadContext& context, const plan::Plan& plan, SEXP values) {
  const std::uint64_t n = plan.own / 2;
  const char* names[] = {"keys", "values", ""};
  SEXP out = PROTECT(Rf_mkNamed(VECSXP, names));
  SET_VECTOR_ELT(out, 0, children_of(context.plans, plan, values, 0, n));
  SET_VECTOR_ELT(out, 1, children_of(context.plans, plan, values, n, n));
  with_own_class(out, "python_dict");
  UNPROTECT(1);
  return out;
}

}  // namespace mmappickle
