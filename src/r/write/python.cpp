// What came from Python and has no counterpart in R: python_object, stored as the pickle
// that it carries (decode_object.cpp), and python_dict.
#include <unordered_set>

#include "core/python/keys.h"
#include "r/write/encode.h"

namespace mmappickle {

using pickle::Id;
using pickle::kNoId;
using pickle::Standing;
using pickle::Tag;

// False: x is neither, nor a dict's key that has to be a tuple.
bool Encoder::open_python(Frame& frame, SEXP attributes) {
  SEXP classes = get_attribute(attributes, "class");
  if (frame.form != Form::atomic) return false;
  if (has_class(classes, "python_object")) {
    open_object(frame, attributes);
  } else if (has_class(classes, "python_dict")) {
    open_dict(frame);
  } else if (is_key() && attributes == R_NilValue && TYPEOF(frame.x) != RAWSXP &&
             (TYPEOF(frame.x) == VECSXP || Rf_xlength(frame.x) != 1)) {
    open_tuple(frame);
  } else {
    return false;
  }
  return true;
}

// Attributes that the Python value says itself.
bool Encoder::is_said(const Frame& frame, SEXP attributes,
                      const std::string& name) const {
  if (name == "names" && (frame.form == Form::dict || frame.form == Form::pairs)) {
    return true;
  }
  if (frame.form != Form::object && frame.form != Form::python_dict) return false;
  if (name == "names") return true;
  const char* own = frame.form == Form::object ? "python_object" : "python_dict";
  if (name == "class") return is_class(get_attribute(attributes, "class"), own);
  return frame.form == Form::object && name == "pickle" && frame.object.comes_back;
}

// -- python_object -------------------------------------------------------------------

namespace {

// A piece of writing is the same as these bytes.
bool is_same(const Draft& draft, Bytes bytes) {
  if (draft.size() != bytes.size) return false;
  bool same = true;
  draft.visit([&](std::uint64_t at, const auto& piece) {
    Bytes there;
    if constexpr (std::is_same_v<std::decay_t<decltype(piece)>, Bytes>) {
      there = piece;
    } else {
      there = piece.in_memory();
    }
    same = same &&
           std::memcmp(there.data, bytes.data + (at - draft.origin()), there.size) == 0;
  });
  return same;
}

const char* const kWhole =
    "Store the whole object that it is a part of. An object that was made by hand, not "
    "read, cannot be stored.";

}  // namespace

void Encoder::open_object(Frame& frame, SEXP attributes) {
  frame.form = Form::object;
  SEXP raw = get_attribute(attributes, "pickle");
  if (TYPEOF(raw) != RAWSXP) {
    SEXP x = frame.x;
    if (TYPEOF(x) == VECSXP && Rf_xlength(x) == 2 &&
        is_class(vector_elt(x, 1), "cycle")) {
      refuse(ErrorKind::value,
             "it stands for a value that it is itself a part of, which R cannot hold");
    }
    SEXP why = get_attribute(attributes, "unstorable");
    if (TYPEOF(why) == STRSXP && Rf_xlength(why) == 1) {
      std::string reason = utf8_of(string_elt(why, 0));
      if (!reason.empty() && reason.back() == '.') reason.pop_back();
      refuse(ErrorKind::value, "this Python object cannot be pickled: " + reason);
    }
    refuse(ErrorKind::value, "this Python object carries no pickle of its own", kWhole);
  }
  const auto found = objects_.find(raw);
  frame.object = found == objects_.end() ? read_object(raw) : found->second;
  if (frames_.empty() && frame.object.standing == Standing::anywhere) {
    recipe_.opcodes = frame.object.opcodes;
    recipe_.memo = frame.object.memo;
  }
  // Names, class and pickle: there is nothing to add.
  const bool bare = Rf_xlength(attributes) == 3 &&
                    is_class(get_attribute(attributes, "class"), "python_object");
  if (frames_.empty() && bare && frame.object.standing != Standing::nowhere) {
    recipe_.pickle = frame.object.all;
  }
}

Encoder::Object Encoder::read_object(SEXP raw) {
  Object object;
  object.all = Bytes(static_cast<const std::uint8_t*>(read_pointer(raw)),
                     static_cast<std::uint64_t>(Rf_xlength(raw)));
  pickle::Pickle found;
  try {
    found = pickle::read_pickle(recipe_.tree, object.all);
  } catch (const Error& error) {
    if (error.kind != ErrorKind::format) throw;
  }
  if (found.root == kNoId || found.consumed != object.all.size ||
      found.metadata != kNoId) {
    refuse(ErrorKind::value, "its attribute \"pickle\" is no pickle");
  }
  object.node = found.root;
  object.standing = found.standing;
  object.opcodes = found.opcodes;
  object.memo = found.memo;
  object.comes_back = comes_back(object);
  objects_.emplace(raw, object);
  return object;
}

// Whether reading gives the object with this very pickle: by itself it is stored byte for
// byte, inside of other values it is written anew. Else the pickle rides behind it.
bool Encoder::comes_back(const Object& object) {
  if (!object.all.starts_with("\x80\x04")) return false;
  if (frames_.empty() && object.standing == Standing::anywhere) return true;
  if (!object_writer_) {
    object_writer_ = std::make_unique<pickle::ManyWriter>(recipe_.tree);
  }
  Draft draft(0);
  pickle::Memo memo(1);
  try {
    object_writer_->write(object.node, draft, memo);
  } catch (const Error& error) {
    std::string reason = error.message;
    if (!reason.empty() && reason.back() == '.') reason.pop_back();
    refuse(error.kind, "this Python object cannot be pickled: " + reason, error.hint);
  }
  return is_same(draft, object.opcodes);
}

// -- python_dict ---------------------------------------------------------------------

// Values first: R metadata counts from the first value on, and goes on with the keys.
void Encoder::open_dict(Frame& frame) {
  frame.form = Form::python_dict;
  SEXP x = frame.x;
  SEXP names = borrowed_->anchor(protect([&] { return Rf_getAttrib(x, R_NamesSymbol); }));
  SEXP keys = R_NilValue, values = R_NilValue;
  if (TYPEOF(x) == VECSXP && same_text(names, {"keys", "values"})) {
    keys = vector_elt(x, 0);
    values = vector_elt(x, 1);
  }
  if (TYPEOF(keys) != VECSXP || TYPEOF(values) != VECSXP ||
      Rf_xlength(keys) != Rf_xlength(values) || attributes_of(keys) != R_NilValue ||
      attributes_of(values) != R_NilValue) {
    refuse(ErrorKind::value,
           "a python_dict is a list of two plain lists of equal length, `keys` and "
           "`values`");
  }
  for (SEXP list : {values, keys}) {
    for (R_xlen_t i = 0; i < Rf_xlength(list); ++i) {
      frame.parts.push_back({vector_elt(list, i), R_NilValue, false});
    }
  }
  frame.items = frame.parts.size();
}

// The next value to be opened is a key, or part of one.
bool Encoder::is_key() const {
  if (frames_.empty()) return false;
  const Frame& top = frames_.back();
  const std::size_t at = top.done.size();
  return at < top.items && (top.form == Form::tuple ||
                            (top.form == Form::python_dict && at >= top.items / 2));
}

// A list or vector as a key.
void Encoder::open_tuple(Frame& frame) {
  frame.form = Form::tuple;
  SEXP x = frame.x;
  if (TYPEOF(x) != VECSXP) {
    x = borrowed_->anchor(protect([&] {
      SEXP call = PROTECT(Rf_lang2(Rf_install("as.list"), x));
      SEXP list = Rf_eval(call, R_BaseEnv);
      UNPROTECT(1);
      return list;
    }));
  }
  for (R_xlen_t i = 0; i < Rf_xlength(x); ++i) {
    frame.parts.push_back({vector_elt(x, i), R_NilValue, false});
  }
  frame.items = frame.parts.size();
}

namespace {

// What a tuple's metadata calls an R vector, null for those that a tuple cannot be.
const char* tuple_type(SEXP x, Simple& simple) {
  switch (TYPEOF(x)) {
    case LGLSXP:
      simple = Simple::logical;
      return "logical";
    case INTSXP:
      simple = Simple::integer;
      return "integer";
    case REALSXP:
      simple = Simple::real;
      return "double";
    case STRSXP:
      simple = Simple::character;
      return "character";
    default:
      return nullptr;
  }
}

const char* const kKeys =
    "Keys are strings, single numbers, raw vectors, Python objects, and vectors or lists "
    "of such.";

}  // namespace

Encoder::Encoded Encoder::tuple(Frame& frame) {
  Encoded out;
  std::vector<Id> items;
  for (std::size_t i = 0; i < frame.items; ++i) {
    check_key(frame.done[i], "element " + std::to_string(i + 1) + " of a key");
    items.push_back(frame.done[i].value);
  }
  out.value = recipe_.tree.container(Tag::tuple, items);
  const Simple natural = simplified(recipe_.tree, out.value, has_bit64());
  if (TYPEOF(frame.x) == VECSXP) {
    if (natural != Simple::no) out.type = "list";
    return out;
  }
  Simple wanted = Simple::no;
  const char* type = tuple_type(frame.x, wanted);
  if (!type) refuse(ErrorKind::value, "a key of this kind cannot be a tuple", kKeys);
  if (natural != wanted || !flags_.simplify) out.type = type;
  for (Encoded& item : frame.done) item.meta = kNoId;  // NA: the type says of what
  return out;
}

void Encoder::check_key(const Encoded& key, const std::string& what) {
  if (pickle::is_hashable_tag(recipe_.tree[key.value].tag)) return;
  refuse(ErrorKind::value, what + " is nothing that Python takes as a key", kKeys);
}

Encoder::Encoded Encoder::dict(const Frame& frame) {
  const std::size_t n = frame.items / 2;
  std::vector<Id> items;
  std::unordered_set<std::string> seen;
  bool all_text = true;
  for (std::size_t i = 0; i < n; ++i) {
    const Encoded& key = frame.done[n + i];
    check_key(key, "key " + std::to_string(i + 1));
    const std::string canonical = python::canonical_key(recipe_.tree, key.value);
    if (!canonical.empty() && !seen.insert(canonical).second) {
      refuse(ErrorKind::value,
             "key " + std::to_string(i + 1) + " is equal to another one in Python");
    }
    all_text = all_text && is_r_text(recipe_.tree, key.value);
    items.push_back(key.value);
    items.push_back(frame.done[i].value);
  }
  Encoded out;
  out.value = recipe_.tree.container(Tag::dict, items);
  if (all_text) out.type = "dict";
  return out;
}

}  // namespace mmappickle
