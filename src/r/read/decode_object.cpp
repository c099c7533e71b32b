// Objects that stay inert: what they show, how they can be stored again, and what the
// user's readers make of them.
#include "r/read/decode_object.h"

#include <algorithm>

#include "r/class_name.h"
#include "core/base/utf8.h"
#include "core/pickle/opcodes.h"
#include "r/read/decode_known.h"

namespace mmappickle {

using pickle::Id;
using pickle::kNoId;
using pickle::Node;
using pickle::Tag;

const char* const kObjectPart[kObjectParts] = {"callable", "args",  "keywords",
                                               "state",    "items", "dict_items"};

namespace {

// Functions that make instances of the class which is their first argument; the last
// are Cython's.
bool takes_class(const std::string& function) {
  return function == "copyreg._reconstructor" || function == "copyreg.__newobj__" ||
         function == "copyreg.__newobj_ex__" ||
         function == "array._array_reconstructor" ||
         function.find("pandas.core.indexes.") == 0 ||  // _new_Index() and the like
         function.find(".__pyx_unpickle_") != std::string::npos;
}

}  // namespace

// -- what they show ------------------------------------------------------------------

// Of a global its own name; of an object that of its class, as far as the pickle says it,
// else that of the function which makes it.
void Decoder::class_name(Id id) {
  const Node& node = tree_[id];
  if (node.tag == Tag::global) {
    scratch_ = tree_.global_name(id);
  } else {
    scratch_ = callable_name(tree_, node.first);
    const Id arguments = node.second;
    if (takes_class(scratch_) && arguments != kNoId && tree_[arguments].size > 0 &&
        tree_[arguments].tag == Tag::tuple) {
      const std::string name = callable_name(tree_, tree_.item(arguments, 0));
      if (!name.empty()) scratch_ = name;
    }
  }
  static const std::string maker = ".__new__";
  if (scratch_.size() > maker.size() &&
      scratch_.compare(scratch_.size() - maker.size(), maker.size(), maker) == 0) {
    scratch_.resize(scratch_.size() - maker.size());
  }
  if (scratch_.empty()) scratch_ = "object";
  scratch_ = escape_text(Bytes(scratch_));
}

SEXP Decoder::inert(Bytes class_name, const char* how, SEXP state) {
  const bool has_state = state != R_NilValue;
  PROTECT(state);
  SEXP out = PROTECT(Rf_allocVector(VECSXP, has_state ? 3 : 2));
  SEXP names = PROTECT(Rf_allocVector(STRSXP, has_state ? 3 : 2));
  SET_VECTOR_ELT(out, 0, Rf_ScalarString(r_text(class_name)));
  SET_VECTOR_ELT(out, 1, Rf_mkString(how));
  SET_STRING_ELT(names, 0, Rf_mkChar("class"));
  SET_STRING_ELT(names, 1, Rf_mkChar("how"));
  if (has_state) {
    SET_VECTOR_ELT(out, 2, state);
    SET_STRING_ELT(names, 2, Rf_mkChar("state"));
  }
  Rf_setAttrib(out, R_NamesSymbol, names);
  with_own_class(out, "python_object");
  UNPROTECT(3);
  return out;
}

SEXP Decoder::object(const Plan& plan, SEXP box) {
  Id parts[kObjectParts];
  object_parts(plan.id, parts);
  const Node& node = tree_[plan.id];
  const char* how = "call";
  if (node.tag == Tag::persistent) {
    how = "persistent";
    scratch_ = "pickle.persistent_id";
  } else {
    if (node.how != pickle::How::call) {
      how = node.how == pickle::How::instance ? "instance" : "new";
    }
    class_name(plan.id);
  }
  const R_xlen_t own = static_cast<R_xlen_t>(plan.own);
  SEXP out = PROTECT(Rf_allocVector(VECSXP, 2 + own));
  SEXP names = PROTECT(Rf_allocVector(STRSXP, 2 + own));
  SET_VECTOR_ELT(out, 0, Rf_ScalarString(r_text(Bytes(std::string_view(scratch_)))));
  SET_VECTOR_ELT(out, 1, Rf_mkString(how));
  SET_STRING_ELT(names, 0, Rf_mkChar("class"));
  SET_STRING_ELT(names, 1, Rf_mkChar("how"));
  R_xlen_t at = 0;
  for (int i = 0; i < kObjectParts; ++i) {
    if (parts[i] == kNoId) continue;
    SET_VECTOR_ELT(out, 2 + at, VECTOR_ELT(box, at));
    SET_STRING_ELT(names, 2 + at, Rf_mkChar(kObjectPart[i]));
    ++at;
  }
  Rf_setAttrib(out, R_NamesSymbol, names);
  with_own_class(out, "python_object");
  UNPROTECT(2);
  return out;
}

// -- cycles --------------------------------------------------------------------------

void Decoder::enter(Frame& frame) {
  frame.opened = ++clock_;
  if (frame.plan.form == Form::object) ++objects_;
  if (!frame.plan.tracked) return;
  mark(frame.plan.id) |= kOpen;
  seen(frame.plan.id).frame = static_cast<std::uint32_t>(frames_.size() - 1);
}

// `frame` is the topmost one.
void Decoder::leave(const Frame& frame) {
  const std::size_t at = frames_.size() - 1;
  Frame& below = frames_[at - 1];
  unsigned levels = frame.levels;
  if (frame.plan.form == Form::object) {
    --objects_;
    ++levels;
  }
  below.levels = std::max(below.levels, levels);
  const bool cut_off = is_cut_off(frame);
  if (cut_off) below.reach = std::min(below.reach, frame.reach);
  below.extent.add(frame.extent);
  if (at > 1) require_extent(at - 2, below.extent);
  if (frame.plan.tracked && !cut_off) mark(frame.plan.id) |= kWhole;
  if (frame.plan.cached == kNoId) return;
  Seen& kept = seen(frame.plan.cached);
  kept.levels = static_cast<std::uint8_t>(std::min(levels, 255u));
  kept.height = frame.extent.height;
  kept.leaves = static_cast<float>(frame.extent.leaves);
  if (cut_off) cut_off_[frame.plan.cached] = ++clock_;
}

bool Decoder::is_cut_off(const Frame& frame) {
  return frame.reach < frames_.size() - 1 &&
         !(frame.plan.tracked && (mark(frame.plan.id) & kWhole));
}

// A value that was made before. If it was cut off, then all are cut off, too, that
// were not there then: by themselves they would see more of it.
void Decoder::meet_again(Id cached) {
  Frame& top = frames_.back();
  const Seen& kept = seen(cached);
  top.levels = std::max<unsigned>(top.levels, kept.levels);
  add_part({kept.height, kept.leaves});
  const auto found = cut_off_.find(cached);
  if (found == cut_off_.end()) return;
  const auto after = std::upper_bound(
      frames_.begin(), frames_.end(), found->second,
      [](std::uint64_t time, const Frame& frame) { return time < frame.opened; });
  cut(static_cast<std::size_t>(after - frames_.begin()) - 1);
}

void Decoder::cut(std::size_t frame) {
  frames_.back().reach = std::min(frames_.back().reach, frame);
}

// -- how they can be stored again ----------------------------------------------------

bool ObjectPickles::write(Id id, bool inside) {
  std::uint64_t& left = left_[inside];
  opcodes_ = std::make_unique<Draft>(0);
  why_.clear();
  pickle::Memo memo(1);  // as in an entry
  try {
    if (writer_.write(id, *opcodes_, memo, left)) {
      left -= opcodes_->size();
      return true;
    }
    left = 0;
  } catch (const Error& error) {
    why_ = error.message;
  }
  return false;
}

namespace {

// An object that contains more levels of objects has no pickle of its own where it is
// part of another one: each level would have all those below it once more.
constexpr unsigned kMaxLevels = 16;

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

// What encode_python.cpp stores: attribute "pickle", or "unstorable", which says why
// there is none. `frame`: of the value, the topmost one; null: it needed none.
void Decoder::add_pickle(Id id, SEXP value, const Frame* frame) {
  if (!is_python_object(value)) return;
  const std::size_t depth = frames_.size() - (frame ? 2 : 1);
  SEXP raw = R_NilValue;
  scratch_.clear();
  if (depth == 0 && loaded_.pickle.size != 0) {
    raw = raw_of(loaded_.pickle);
  } else if (depth == 0 && loaded_.opcodes.size != 0) {
    raw = empty_pickle(loaded_.opcodes.size);
    std::memcpy(RAW(raw) + 2, loaded_.opcodes.data, loaded_.opcodes.size);
  } else if (frame && is_cut_off(*frame)) {
    scratch_ = "It refers back to a value that it is part of.";
  } else if (id != kNoId) {
    const bool is_object = frame && frame->plan.form == Form::object;
    const bool inside = objects_ > (is_object ? 1u : 0u);
    if (!inside || !frame || frame->levels <= kMaxLevels) raw = pickle_of(id, inside);
  }
  PROTECT(raw);
  if (raw != R_NilValue) {
    Rf_setAttrib(value, Rf_install("pickle"), raw);
  } else if (!scratch_.empty()) {
    SEXP why = PROTECT(Rf_ScalarString(r_text(Bytes(std::string_view(scratch_)))));
    Rf_setAttrib(value, Rf_install("unstorable"), why);
    UNPROTECT(1);
  }
  UNPROTECT(1);
}

// NULL, maybe with a reason in scratch_, if there is none.
SEXP Decoder::pickle_of(Id id, bool inside) {
  if (!pickles_.write(id, inside)) {
    scratch_ = pickles_.why();
    return R_NilValue;
  }
  SEXP raw = empty_pickle(pickles_.opcodes().size());
  pickles_.opcodes().copy_to(RAW(raw) + 2);
  return raw;
}

// -- what readers make of them -------------------------------------------------------

// `value` is protected by the caller. Runs the user's code.
SEXP Decoder::read_object(SEXP value) {
  if (readers_ == R_NilValue || !is_python_object(value)) return value;
  // The class by its name, and what is cut off, are no instances.
  const char* how = CHAR(STRING_ELT(VECTOR_ELT(value, 1), 0));
  if (std::strcmp(how, "global") == 0 || std::strcmp(how, "cycle") == 0) return value;
  if (reader_of_.empty()) {
    SEXP names = Rf_getAttrib(readers_, R_NamesSymbol);
    for (R_xlen_t i = 0; i < Rf_xlength(readers_); ++i) {
      reader_of_[Rf_translateCharUTF8(STRING_ELT(names, i))] = VECTOR_ELT(readers_, i);
    }
  }
  scratch_ = CHAR(STRING_ELT(VECTOR_ELT(value, 0), 0));
  const auto found = reader_of_.find(scratch_);
  if (found == reader_of_.end()) return value;
  return call_own("call_reader", {found->second, value});
}

}  // namespace mmappickle
