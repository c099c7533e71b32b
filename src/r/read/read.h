// From what a file holds to R. R API: enters protect() itself; the lock may be gone.
#pragma once

#include <memory>
#include <string>

#include "core/store/store.h"
#include "r/options.h"
#include "r/origin.h"
#include "r/unwind.h"
#include "r/view/watch.h"

namespace mmappickle {

// The R value of an entry, R metadata applied. Arrays become views. The lock may be gone:
// `loaded` keeps the bytes. Iterative; nodes that are shared become shared R objects; a
// cycle is cut by a python_object that says so.
// With `keep_mutable` the view of an array is not sealed (the left-hand side of a nested
// assignment).
//
// `readers`: NULL, or a list of R functions named by Python class ("module.Class"), each
// called on the inert python_object of that class; what it gives stands in its place.
SEXP decode(store::Loaded& loaded, const std::string& path, const std::string& key,
            const Flags& flags, SEXP readers, Warnings& warnings,
            bool keep_mutable = false);
// The same of bytes that `watch` is asked about; null: nothing stays in the file.
SEXP decode(store::Loaded& loaded, std::shared_ptr<const Watch> watch,
            const std::string& path, const std::string& key, const Flags& flags,
            SEXP readers, Warnings& warnings, bool keep_mutable = false);
// The same, with the parts' nodes noted in `origin`.
SEXP decode(Origin& origin, std::shared_ptr<const Watch> watch, const std::string& path,
            const std::string& key, const Flags& flags, SEXP readers, Warnings& warnings);

// An array whose elements lie in no file, as R has it: copied.
SEXP decode_elements(const numpy::Array& array, const std::string& path,
                     const std::string& key, const Flags& flags, Warnings& warnings);

}  // namespace mmappickle
