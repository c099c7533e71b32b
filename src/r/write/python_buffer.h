// Objects of the Python that runs in this process (R/reticulate.R): a pickle of its own
// making, and the memory that it refers to. R API: enters protect() itself.
#pragma once

#include "r/write/plan.h"

namespace mmappickle::write {

// Memory of Python's, which `owner` keeps: an external pointer. No other R value names
// memory, whatever a file says of it; one from another session names none.
SEXP new_python_buffer(SEXP owner, std::uint64_t address, std::uint64_t size);

// A "python_pickle": its parts are the raw vector and the list of these pointers.
Plan plan_pickled(Context& context, SEXP x);
// Arrays in what was pickled get the form in which they can be mapped.
void finish_pickled(Context& context);

}  // namespace mmappickle::write
