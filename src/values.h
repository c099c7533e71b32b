// Values: from what a file holds to R, and from R to what a file is to hold.
#pragma once

#include "core/numpy/recipe.h"
#include "glue.h"

namespace mmappickle {

// -- from the file to R (decode_*.cpp) --------------------------------------------------
// The R value of an entry, R metadata applied. Arrays become views. The lock may be gone:
// `loaded` keeps the bytes. Iterative; nodes that are shared become shared R objects; a
// cycle is cut by a python_object that says so.
// With `keep_mutable` the view of an array is not sealed (the left-hand side of a nested
// assignment).
SEXP decode(store::Loaded& loaded, const std::string& path, const std::string& key,
            const Flags& flags, Warnings& warnings, bool keep_mutable = false);

// -- from R to the file (encode_*.cpp)
// --------------------------------------------------- What stores x. Borrows x's memory:
// x must stay protected until the recipe is written. Error `unsupported` or `value` names
// the path inside x ("x$a[[2]]").
numpy::Recipe encode(SEXP x, const Flags& flags);

// A list (dim names) with its items, and their names, in reverse.
SEXP reversed_list(SEXP list);

// The R vector type of decoded elements, and the pointer that kernels fill.
int sexp_type(numpy::RType type);
void* data_pointer(SEXP x);

// R values of any atomic type as what kernels take; strings are translated to UTF-8 into
// `strings` (latin1 and native converted; invalid: Error value).
numpy::RValues r_values(SEXP x, std::vector<Bytes>& strings,
                        std::deque<std::string>& kept);

}  // namespace mmappickle
