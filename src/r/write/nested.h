// Nested assignment to a value that is no array: what it leaves alone stays the node of
// the file that it was, and a list, tuple or set that it changes stays one while the new
// value fits. R API: enters protect() itself.
#pragma once

#include "core/plan/simplify.h"
#include "r/origin.h"
#include "r/write/plan.h"

namespace mmappickle::write {

// Takes the tree of what was read: what is made goes into it, too.
void begin_nested(Context& context, Origin& origin);
// Arrays inside of what was left alone: aligned again, so that they can be mapped.
void finish_nested(Context& context, const Origin& origin);

// A part that was left alone: true, and its node.
bool is_unchanged(const Origin& origin, SEXP x, Encoded& out);

// A list, tuple or set; not kNoId.
bool is_sequence(const pickle::Tree& tree, pickle::Id id);

// What was in the places of these items, where their whole was `origin` (or kNoId). Of a
// dict the places of its values.
void find_origins_by_position(const Context& context, pickle::Id origin,
                              std::vector<Part>& items);
void find_origins_by_name(const Context& context, pickle::Id origin, SEXP names,
                          std::vector<Part>& items);

// An element of a vector as an item of a sequence of that kind.
pickle::Id element(Context& context, SEXP x, R_xlen_t i, plan::SequenceKind kind);
// A list where a sequence of that kind was.
void keep_kind(Context& context, pickle::Tag kind, Encoded& list);

}  // namespace mmappickle::write
