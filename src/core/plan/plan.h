// What a value tree becomes in R, found before anything is made: a flat list of plans, in
// which whoever makes the values needs no tree, no stack and no thought of what is shared
// or refers to itself.
//
//     bytes > frame > tree > plan > R value
//
// Shared nodes become one plan that several others refer to; a cycle is cut by a plan
// that says so. A plan's children come before it in Plans::order. What most lists and
// dicts hold, plain values, are links to their nodes, and no plans.
#pragma once

#include <vector>

#include "../base/stable.h"
#include "../metadata/reader.h"
#include "../numpy/array.h"
#include "../pandas/pandas.h"
#include "../python/classes.h"
#include "simplify.h"

namespace mmappickle::plan {

using pickle::Id;
using pickle::kNoId;

// The number of a plan in Plans::plans.
using Number = std::uint32_t;
constexpr Number kNone = UINT32_MAX;

// What a value is made of, and how.
enum class Form : std::uint8_t {
  scalar,   // the node itself: a plain value, a global, an extension code
  vector,   // the items of a sequence, of one type: Plan::simple, Details::sequence
  factor,   // texts, and R metadata with their codes: they must agree
  python,   // an object of Python's own classes (Details::python)
  array,    // Details::array
  objects,  // an array of objects; scalars (Plan::simple, Details::sequence), else
            // children; Details::array says where each stands
  list,     // children: items
  named,    // children: values; Plan::keys: their names
  pairs,    // children: columns; Plan::keys: their names
  dict,     // children: keys, then values; Plan::keys: the keys' nodes
  object,   // inert; children: those of python::object_parts() that there are
  pandas,   // Details::pandas; children: see add_parts() in classify.cpp
  cycle,    // what it refers to is made of it
};

// Whether an inert object, as which the value may turn out, can be stored again.
enum class Storable : std::uint8_t {
  no,       // too deep in other objects
  whole,    // by itself
  part,     // as a part of another inert object, out of a smaller budget
  cut_off,  // no: it refers back to a value that it is part of
};

// 40 bytes; what only some need is in its Details.
struct Plan {
  Form form = Form::scalar;
  Simple simple = Simple::no;
  Storable storable = Storable::no;
  bool inside_attribute = false;  // only there R metadata may say code
  bool kept = false;              // what R would write as something else
  SequenceKind sequence{};        // kept: says of a vector what it was
  Id node = kNoId;                // kNoId: an array entry, which has no node
  Id referred = kNoId;            // the node by which it was met first
  Number parent = kNone;          // the plan that referred to it first
  // Children, in Plans::links: `own` of its form, then R metadata's value, if there is
  // one, then the values of R metadata's attributes.
  std::uint32_t first = 0, count = 0, own = 0;
  std::uint32_t keys = 0;  // named, pairs, dict: the first, in Plans::keys
  std::uint32_t details = kNone;
};
static_assert(sizeof(Plan) == 40, "most values are one plan and nothing else");

struct Details {
  Id items = kNoId;                 // of vector, factor, list ...: the container
  metadata::Members metadata;       // type emptied where it does not fit
  std::uint64_t rows = UINT64_MAX;  // named: a data frame of so many
  Sequence sequence;                // of vector, objects, pandas: if Plan::simple
  const numpy::Array* array = nullptr;
  const pandas::Object* pandas = nullptr;
  python::Recognised python{};
  numpy::Derived derived;  // of an inert object
};

struct Link {
  Link(Number plan, Id node) : plan(plan), node(node) {}
  Number plan;  // kNone: a plain value, is_plain(); only of Form::list and Form::named
                // without details
  Id node;
};

struct Plans {
  std::vector<Plan> plans;    // [0] is the whole value
  std::vector<Number> order;  // in which to make them; the whole value is the last
  std::vector<Link> links;
  std::vector<Id> keys;
  Stable<Details> details;
  Stable<numpy::Array> arrays;
  bool metadata_fits = true;  // false: some of it was ignored

  // Its details, or those of a plan that has none.
  const Details& details_of(const Plan& plan) const {
    static const Details nothing;
    return plan.details == kNone ? nothing : details[plan.details];
  }
  Number child(const Plan& plan, std::uint64_t i) const { return link(plan, i).plan; }
  const Link& link(const Plan& plan, std::uint64_t i) const {
    return links[plan.first + i];
  }
  // The container whose items a plan is made of.
  Id items_of(const Plan& plan) const {
    const Id items = details_of(plan).items;
    return items == kNoId ? plan.node : items;
  }
};

// Whether a pandas value is a list of its parts, rather than a vector.
bool is_list(const Plan& plan, const pandas::Object& value, bool simplify);
// Whether its labels are names of its rows or elements.
bool has_labels(const pandas::Object& value, Index index);
// What follows its items and parts among the children, in this order; kNoId for those
// that are none.
struct PandasChildren {
  Id names, columns, index, name, index_name, attributes;
};
PandasChildren pandas_children(const pandas::Object& value, Index index);
// Whether the index is a column, or several: of a series, too, which is a data frame
// then.
inline bool has_index_column(const pandas::Object& value, Index index) {
  return index == Index::column && pandas_children(value, index).index != kNoId;
}

// Where in the whole value a plan's value stands, for messages: "$id", "[[2]]$x".
std::string place_of(const Plans& plans, const pickle::Tree& tree, Number plan);

}  // namespace mmappickle::plan
