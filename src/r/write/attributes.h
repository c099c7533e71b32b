// Attribute lists. R API: enters protect() itself; results are not protected.
#pragma once

#include <initializer_list>

#include "core/numpy/kernels.h"
#include "r/write/plan.h"

namespace mmappickle::write {

// attributes(x) as a list with names, or NULL.
SEXP attributes_of(SEXP x);
// The attribute of that name, or NULL.
SEXP get_attribute(SEXP attributes, const char* name);
bool same_text(SEXP x, std::initializer_list<const char*> texts);
bool contains(const std::vector<const char*>& names, const char* name);
// class(x) is just this.
bool is_class(SEXP classes, const char* name);
// What says a value in another way does not say the attributes that it has in turn.
bool has_no_attributes(SEXP attribute);
// A connection and the like: a number that names something of this session.
bool is_of_session(SEXP x, SEXP attributes);

// Those that the R metadata has to name.
std::vector<Part> kept_attributes(Context& context, const Plan& plan, SEXP attributes);

// What says how a value is built; it is never left out.
bool is_structure(const char* name);
// What packages hang on values, and make anew where they need it.
bool is_scaffolding(const char* name);

}  // namespace mmappickle::write
