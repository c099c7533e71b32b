// Lists, data frames, and (in attributes) language. R API: enters protect() itself.
#pragma once

#include "r/write/plan.h"

namespace mmappickle::write {

// A list or expression.
void add_items(Context& context, Plan& plan, SEXP list, Role role);

// Whether names can be keys (R's own, of ASCII, not empty, distinct), told without
// memory: false for many.
bool are_few_keys(SEXP names);
// Names that can be a dict's keys: none empty or NA, and distinct as UTF-8.
bool are_keys(const pickle::Tree& tree, SEXP names);
// A dict where the names can be keys, pairs [name, column] where those of a data frame
// cannot, an object array where it has dim, else a list. `origin`: what was at its place
// in the file.
Plan plan_list(Context& context, SEXP x, SEXP attributes, pickle::Id origin);
// A list without attributes, or with names alone that are keys: nothing else is to be
// said of it. False: another.
bool plan_plain_list(Context& context, SEXP x, pickle::Id origin, Plan& plan);
// An object array.
Plan plan_objects(Context& context, SEXP x, SEXP attributes, bool fortran);

bool is_language(SEXP x);
// A call, pairlist or expression: a list of what it is made of. A symbol: a str.
Plan plan_language(Context& context, SEXP x);
Plan plan_symbol(Context& context, SEXP x);
// Of the few environments that every session has; null of others.
const char* environment_name(SEXP x);
Plan plan_environment(Context& context, const char* name);

}  // namespace mmappickle::write
