#include "r/read/object.h"

#include <cstring>

#include "core/numpy/slice.h"
#include "core/pickle/opcodes.h"
#include "core/python/object.h"
#include "core/store/plain_pickle.h"
#include "r/build.h"
#include "r/call.h"
#include "r/class_name.h"
#include "r/kept.h"
#include "r/text.h"

namespace mmappickle {

using pickle::Id;
using pickle::kNoId;
using pickle::Node;
using pickle::Tag;

// -- what they show ------------------------------------------------------------------

namespace {

// The first two members, and room for more.
SEXP object_list(SEXP class_name, const char* how, R_xlen_t more) {
  PROTECT(class_name);
  SEXP out = PROTECT(Rf_allocVector(VECSXP, 2 + more));
  SEXP names = PROTECT(Rf_allocVector(STRSXP, 2 + more));
  SET_VECTOR_ELT(out, 0, Rf_ScalarString(class_name));
  SET_VECTOR_ELT(out, 1, Rf_mkString(how));
  SET_STRING_ELT(names, 0, Rf_mkChar("class"));
  SET_STRING_ELT(names, 1, Rf_mkChar("how"));
  Rf_setAttrib(out, R_NamesSymbol, names);
  UNPROTECT(3);
  return out;
}

}  // namespace

SEXP inert_object(Bytes class_name, const char* how, SEXP state) {
  const bool has_state = state != R_NilValue;
  PROTECT(state);
  SEXP out = PROTECT(object_list(r_text(class_name), how, has_state));
  if (has_state) {
    SET_VECTOR_ELT(out, 2, state);
    SET_STRING_ELT(Rf_getAttrib(out, R_NamesSymbol), 2, Rf_mkChar("state"));
  }
  with_own_class(out, "python_object");
  UNPROTECT(2);
  return out;
}

SEXP ObjectReader::global(Id id) {
  text_ = python::class_name(context_.tree, id);
  return inert_object(Bytes(text_), "global", R_NilValue);
}

SEXP ObjectReader::object(const plan::Plan& plan, SEXP values) {
  Id parts[python::kObjectParts];
  python::object_parts(context_.tree, plan.node, context_.plans.details_of(plan).derived,
                       parts);
  const Node& node = context_.tree[plan.node];
  const char* how = "call";
  if (node.tag == Tag::persistent) {
    how = "persistent";
    text_ = "pickle.persistent_id";
  } else {
    if (node.how != pickle::How::call) {
      how = node.how == pickle::How::instance ? "instance" : "new";
    }
    text_ = python::class_name(context_.tree, plan.node);
  }
  SEXP out = PROTECT(object_list(r_text(Bytes(text_)), how, plan.own));
  SEXP names = Rf_getAttrib(out, R_NamesSymbol);
  R_xlen_t at = 0;
  for (int i = 0; i < python::kObjectParts; ++i) {
    if (parts[i] == kNoId) continue;
    const plan::Number child = context_.plans.child(plan, static_cast<std::uint64_t>(at));
    SET_VECTOR_ELT(out, 2 + at, VECTOR_ELT(values, child));
    SET_STRING_ELT(names, 2 + at, Rf_mkChar(python::kObjectPart[i]));
    ++at;
  }
  with_own_class(out, "python_object");
  UNPROTECT(1);
  return out;
}

// -- how they can be stored again ----------------------------------------------------

namespace {

// Room for so many opcodes between PROTO and STOP.
SEXP empty_pickle(std::uint64_t size) {
  SEXP raw = Rf_allocVector(RAWSXP, static_cast<R_xlen_t>(size + 3));
  RAW(raw)[0] = pickle::op::PROTO;
  RAW(raw)[1] = 4;
  RAW(raw)[size + 2] = pickle::op::STOP;
  return raw;
}

bool is_python_object(SEXP x) {
  return TYPEOF(x) == VECSXP && Rf_isObject(x) && Rf_inherits(x, "python_object");
}

}  // namespace

// Of an array that was in no pickle, as in a file of NumPy's.
void ObjectReader::pickle_array(const numpy::Array& array) {
  numpy::StoredValue value;
  value.value = value.tree.array(0);
  value.arrays.push_back(copy_of(array));
  made_.emplace(0);
  store::put_plain_pickle(*made_, value);
}

// NULL, maybe with a reason in text_, if there is none.
SEXP ObjectReader::pickle_of(const plan::Plan& plan, plan::ObjectPickles& pickles) {
  const store::Loaded& loaded = context_.loaded;
  const bool whole_value = plan.parent == plan::kNone;
  if (whole_value && loaded.is_array && plan.node == kNoId) {
    pickle_array(loaded.array);
    SEXP raw = Rf_allocVector(RAWSXP, static_cast<R_xlen_t>(made_->size()));
    made_->copy_to(RAW(raw));
    return raw;
  }
  if (whole_value && loaded.pickle.size != 0) return raw_of(loaded.pickle);
  if (whole_value && loaded.opcodes.size != 0) {
    SEXP raw = empty_pickle(loaded.opcodes.size);
    std::memcpy(RAW(raw) + 2, loaded.opcodes.data, loaded.opcodes.size);
    return raw;
  }
  if (plan.storable == plan::Storable::cut_off) {
    text_ = "It refers back to a value that it is part of.";
    return R_NilValue;
  }
  if (plan.node == kNoId || plan.storable == plan::Storable::no) return R_NilValue;
  if (!pickles.write(plan.node, plan.storable == plan::Storable::part)) {
    text_ = pickles.why();
    return R_NilValue;
  }
  SEXP raw = empty_pickle(pickles.opcodes().size());
  pickles.opcodes().copy_to(RAW(raw) + 2);
  return raw;
}

void ObjectReader::add_pickle(const plan::Plan& plan, SEXP value) {
  if (!is_python_object(value)) return;
  text_.clear();
  SEXP raw = PROTECT(pickle_of(plan, pickles_));
  if (raw != R_NilValue) {
    Rf_setAttrib(value, Rf_install("pickle"), raw);
  } else if (!text_.empty()) {
    SEXP why = PROTECT(Rf_ScalarString(r_text(Bytes(text_))));
    Rf_setAttrib(value, Rf_install("unstorable"), why);
    UNPROTECT(1);
  }
  UNPROTECT(1);
}

SEXP ObjectReader::keep(const plan::Plan& plan, SEXP value) {
  SEXP raw = PROTECT(pickle_of(plan, kept_));
  SEXP out = raw == R_NilValue ? value : keep_pickle(value, raw, context_.flags.bits);
  UNPROTECT(1);
  return out;
}

// -- what readers make of them -------------------------------------------------------

namespace {

// A field of an object, which may be none: R metadata can give any list that class.
SEXP text_at(SEXP object, R_xlen_t i) {
  SEXP field = i < Rf_xlength(object) ? VECTOR_ELT(object, i) : R_NilValue;
  return TYPEOF(field) == STRSXP && Rf_xlength(field) == 1 ? STRING_ELT(field, 0)
                                                           : R_NilValue;
}

}  // namespace

SEXP ObjectReader::call_reader(SEXP value) {
  if (readers_ == R_NilValue || !is_python_object(value)) return value;
  SEXP name = text_at(value, 0);
  SEXP how = text_at(value, 1);
  if (name == R_NilValue || how == R_NilValue) return value;
  // The class by its name, and what is cut off, are no instances.
  if (std::strcmp(CHAR(how), "global") == 0 || std::strcmp(CHAR(how), "cycle") == 0) {
    return value;
  }
  // R has each string once: the names are UTF-8, as the class is.
  SEXP names = Rf_getAttrib(readers_, R_NamesSymbol);
  for (R_xlen_t i = 0; i < Rf_xlength(readers_); ++i) {
    if (STRING_ELT(names, i) != name) continue;
    SEXP reversed = PROTECT(Rf_ScalarLogical(context_.flags.reversed));
    SEXP out = call_own("call_reader", {VECTOR_ELT(readers_, i), value, reversed});
    UNPROTECT(1);
    return out;
  }
  return value;
}

}  // namespace mmappickle
