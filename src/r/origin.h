// What a nested assignment began with.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "core/store/store.h"
#include "r/unwind.h"

namespace mmappickle {

// What a nested assignment (m[["k"]]$a[2] <- v) began with: the entry, and which node of
// it each part of its R value stands for. What the assignment leaves alone is written as
// that node (but what has R metadata, which it would lose), and what it changes
// keeps its kind (list, tuple, set, array of a dtype) where it still fits.
struct Origin {
  store::Loaded loaded;
  std::unordered_map<SEXP, pickle::Id> nodes;  // of values that are alive
  std::vector<SEXP> left;                      // only while it is made
};

// Gives `value` (R API: enters protect() itself) an external pointer to it, as attribute
// "mmappickle_origin".
void give_origin(std::unique_ptr<Origin> origin, SEXP value);
// The pointer alone. Not protected.
SEXP pointer_to(std::unique_ptr<Origin> origin, SEXP value);
// What such a pointer has: it serves once. Null for anything else.
Origin* take_origin(SEXP pointer);

}  // namespace mmappickle
