// Lists of all kinds, from the values of their items.
#pragma once

#include "r/read/context.h"
#include "r/read/text.h"
#include "r/read/vector.h"

namespace mmappickle {

// R API: inside protect(). Results are not protected. `values`: of all plans.
SEXP children_of(const plan::Plans& plans, const plan::Plan& plan, SEXP values,
                 std::uint64_t from, std::uint64_t count);
// A list; or the call, pairlist or expression that R metadata make of it.
SEXP list_of(ReadContext& context, VectorReader& vectors, const plan::Plan& plan,
             SEXP values);
// With names; maybe a data frame.
SEXP named_list(ReadContext& context, VectorReader& vectors, TextReader& text,
                const plan::Plan& plan, SEXP values);
SEXP python_dict(const ReadContext& context, const plan::Plan& plan, SEXP values);

}  // namespace mmappickle
