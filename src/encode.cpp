#include "encode.h"

#include <algorithm>
#include <unordered_set>

#include "metadata.h"

namespace mmappickle {

using pickle::Id;
using pickle::kNoId;
using pickle::Tag;

Anchor::Anchor() {
  cell_ = protect([] {
    SEXP cell = Rf_cons(R_NilValue, R_NilValue);
    R_PreserveObject(cell);
    return cell;
  });
}

Anchor::~Anchor() { R_ReleaseObject(cell_); }

SEXP Anchor::operator()(SEXP x) {
  if (x == R_NilValue) return x;
  protect([&] {
    PROTECT(x);
    SETCDR(cell_, Rf_cons(x, CDR(cell_)));
    UNPROTECT(1);
    return R_NilValue;
  });
  return x;
}

SEXP attributes_of(SEXP x) {
  return protect([&] {
    static SEXP function = Rf_findFun(Rf_install("attributes"), R_BaseEnv);
    SEXP call = PROTECT(Rf_lang2(function, x));
    SEXP out = Rf_eval(call, R_BaseEnv);
    UNPROTECT(1);
    return out;
  });
}

const void* read_pointer(SEXP x) {
  const void* p = nullptr;
  protect([&] {
    switch (TYPEOF(x)) {
      case LGLSXP:
        p = LOGICAL_RO(x);
        break;
      case INTSXP:
        p = INTEGER_RO(x);
        break;
      case REALSXP:
        p = REAL_RO(x);
        break;
      case CPLXSXP:
        p = COMPLEX_RO(x);
        break;
      case RAWSXP:
        p = RAW_RO(x);
        break;
      default:
        break;
    }
    return R_NilValue;
  });
  return p;
}

numpy::Recipe encode(SEXP x, const Flags& flags) { return Encoder(flags).run(x); }

numpy::Recipe Encoder::run(SEXP x) {
  Encoded value;
  bool have = open(x, value);
  while (!frames_.empty()) {
    Frame& top = frames_.back();
    if (have) {
      top.done.push_back(value);
      have = false;
    } else if (top.done.size() < top.parts.size()) {
      have = open(top.parts[top.done.size()].value, value);
    } else {
      value = finish(top);
      frames_.pop_back();
      have = true;
    }
  }
  recipe_.value = value.value;
  recipe_.metadata = value.meta;
  return std::move(recipe_);
}

namespace {

bool is_class(SEXP classes, const char* name) {
  return TYPEOF(classes) == STRSXP && Rf_xlength(classes) == 1 &&
         std::strcmp(CHAR(STRING_ELT(classes, 0)), name) == 0;
}

SEXP get(SEXP attributes, const char* name) {
  if (attributes == R_NilValue) return R_NilValue;
  SEXP names = Rf_getAttrib(attributes, R_NamesSymbol);
  for (R_xlen_t i = 0; i < Rf_xlength(names); ++i) {
    if (std::strcmp(CHAR(STRING_ELT(names, i)), name) == 0) {
      return VECTOR_ELT(attributes, i);
    }
  }
  return R_NilValue;
}

const char* kind_of(SEXP x) {
  switch (TYPEOF(x)) {
    case CLOSXP:
    case BUILTINSXP:
    case SPECIALSXP:
      return "a function";
    case ENVSXP:
      return "an environment";
    case EXTPTRSXP:
      return "an external pointer";
    case SYMSXP:
    case LANGSXP:
    case EXPRSXP:
    case LISTSXP:
      return "code";
    default:
      return "an object of this type";
  }
}

bool is_ascii(SEXP charsxp) {
  const char* text = CHAR(charsxp);
  return std::all_of(text, text + LENGTH(charsxp), [](char c) { return c > 0; });
}

// Names that can be a dict's keys: none empty or NA, and distinct as UTF-8. R holds equal
// strings once, but for those of different encodings.
bool are_keys(SEXP names) {
  std::unordered_set<SEXP> seen;
  std::unordered_set<std::string> translated;
  for (R_xlen_t i = 0; i < Rf_xlength(names); ++i) {
    SEXP name = STRING_ELT(names, i);
    if (name == NA_STRING || LENGTH(name) == 0) return false;
    if (is_ascii(name) ? !seen.insert(name).second
                       : !translated.insert(utf8_of(name)).second) {
      return false;
    }
  }
  return true;
}

}  // namespace

// Frames are for lists and for whatever has attributes to be kept.
bool Encoder::open(SEXP x, Encoded& out) {
  if (x == R_NilValue) {
    out = {recipe_.tree.none(), kNoId};
    return true;
  }
  switch (TYPEOF(x)) {
    case LGLSXP:
    case INTSXP:
    case REALSXP:
    case CPLXSXP:
    case RAWSXP:
    case STRSXP:
    case VECSXP:
      break;
    default:
      refuse(ErrorKind::value, std::string(kind_of(x)) + " cannot be stored");
  }
  SEXP attributes = borrowed_->anchor(attributes_of(x));
  Frame frame{Form::atomic, x, R_NilValue, {}, 0, {}};
  SEXP classes = get(attributes, "class");
  if (is_class(classes, "empty_ndarray")) {
    out = stub(x);
    return true;
  }
  if (is_class(classes, "mmarray")) {  // stands for its view
    SEXP view = protect([&] { return call_own("whole_view", {x}); });
    return open(borrowed_->anchor(view), out);
  }
  if (is_class(classes, "ndarray")) {
    frame.form = Form::ndarray;
    frame.ndarray = x;
    frame.x = VECTOR_ELT(x, 0);
    if (TYPEOF(frame.x) == VECSXP) {
      refuse(ErrorKind::unsupported, "ndarray() of a list cannot be stored");
    }
    attributes = borrowed_->anchor(attributes_of(frame.x));
    classes = R_NilValue;  // dates and the like are the dtype's business
  }
  const bool is_view = TYPEOF(frame.x) != VECSXP && own_view(frame.x) != nullptr;
  if (TYPEOF(frame.x) == VECSXP) open_list(x, attributes, frame);
  if (attributes != R_NilValue) add_attributes(frame, attributes, is_view);
  if (frame.parts.empty()) {
    out = finish(frame);
    return true;
  }
  frames_.push_back(std::move(frame));
  return false;
}

// Attributes that the value itself does not say, as parts of the frame.
void Encoder::add_attributes(Frame& frame, SEXP attributes, bool is_view) {
  // A view's class is its dtype's, see own_view(); dates in ndarray() likewise.
  const bool own_class = is_view || frame.form == Form::ndarray;
  SEXP classes = get(attributes, "class");
  if (classes != R_NilValue && !own_class && !is_class(classes, "AsIs")) {
    refuse(ErrorKind::unsupported,
           "an object of class \"" + std::string(CHAR(STRING_ELT(classes, 0))) +
               "\" cannot be stored by this version",
           "Store what it is made of: unclass(x), as.character(x), as.list(x).");
  }
  SEXP names = Rf_getAttrib(attributes, R_NamesSymbol);
  for (R_xlen_t i = 0; i < Rf_xlength(names); ++i) {
    const std::string name = CHAR(STRING_ELT(names, i));
    SEXP value = VECTOR_ELT(attributes, i);
    if (name == "names" && frame.form == Form::dict) continue;
    if (name == "dim" && Rf_xlength(value) != 1) continue;  // the shape says it
    if (own_class &&
        (name == "class" || (name == "tzone" && Rf_inherits(frame.x, "POSIXct")) ||
         (name == "units" && Rf_inherits(frame.x, "difftime")))) {
      continue;
    }
    if (name == "dimnames" && flags_.reversed && TYPEOF(value) == VECSXP) {
      value = borrowed_->anchor(protect([&] { return reversed_list(value); }));
    }
    if (name != "names" && name != "dim" && name != "dimnames" && name != "class") {
      refuse(ErrorKind::unsupported,
             "the attribute \"" + name + "\" cannot be stored by this version",
             "Remove it, or store it under a key of its own.");
    }
    frame.parts.push_back({value, STRING_ELT(names, i)});
  }
}

void Encoder::open_list(SEXP x, SEXP attributes, Frame& frame) {
  SEXP names = get(attributes, "names");
  if (get(attributes, "dim") != R_NilValue) {
    frame.form = Form::objects;
  } else if (names != R_NilValue && are_keys(names)) {
    frame.form = Form::dict;
  } else {
    frame.form = Form::list;
  }
  const R_xlen_t n = Rf_xlength(x);
  frame.items = static_cast<std::size_t>(n);
  frame.parts.reserve(frame.items);
  for (R_xlen_t i = 0; i < n; ++i) {
    frame.parts.push_back({VECTOR_ELT(x, i), R_NilValue});
  }
}

Encoder::Encoded Encoder::finish(Frame& frame) {
  Encoded out;
  const char* type = nullptr;
  switch (frame.form) {
    case Form::atomic: {
      const bool keep_array = frame.parts.size() > 0;
      if (!view(frame.x, out)) out = atomic(frame.x, keep_array);
      break;
    }
    case Form::ndarray:
      out = ndarray(frame.x, frame.ndarray);
      break;
    case Form::objects:
      out = objects(frame);
      break;
    default:
      out = list(frame);
      if (frame.form == Form::list && simplified(recipe_.tree, out.value) != Simple::no) {
        type = "list";
      }
  }
  // atomic() and objects() leave the type they need, as a text node, in `meta`.
  std::string own;
  if (out.meta != kNoId) {
    own = std::string(recipe_.tree.text_of(out.meta));
    type = own.c_str();
  }
  out.meta = meta_of(type, &frame);
  return out;
}

Encoder::Encoded Encoder::list(const Frame& frame) {
  pickle::Tree& tree = recipe_.tree;
  const bool dict = frame.form == Form::dict;
  const Id container = tree.container(dict ? Tag::dict : Tag::list);
  std::vector<Id> items;
  items.reserve(frame.items * (dict ? 2 : 1));
  SEXP names = dict ? Rf_getAttrib(frame.x, R_NamesSymbol) : R_NilValue;
  for (std::size_t i = 0; i < frame.items; ++i) {
    if (dict) items.push_back(text_of(STRING_ELT(names, static_cast<R_xlen_t>(i))));
    items.push_back(frame.done[i].value);
  }
  tree.append(container, items.data(), items.size());
  return {container, kNoId};
}

// One node for equal strings, which R holds once, too: the writer then shares them, as
// Python does for its own.
Id Encoder::text_of(SEXP charsxp) {
  if (charsxp == NA_STRING) return recipe_.tree.none();
  Id& node = shared_.emplace(charsxp, kNoId).first->second;
  if (node == kNoId) node = new_text(charsxp);
  return node;
}

Id Encoder::new_text(SEXP charsxp) {
  const std::string text = utf8_of(charsxp);
  Bytes bytes(reinterpret_cast<const std::uint8_t*>(CHAR(charsxp)),
              static_cast<std::uint64_t>(LENGTH(charsxp)));
  if (bytes.text() != text) bytes = recipe_.tree.keep(text);
  if (!is_r_text(bytes)) {
    refuse(ErrorKind::value, "a string is not valid UTF-8",
           "Convert it with iconv(), or store its bytes with charToRaw().");
  }
  return recipe_.tree.text(bytes);
}

// The dict of R metadata, or none: type, attributes, children.
Id Encoder::meta_of(const char* type, const Frame* frame) {
  pickle::Tree& tree = recipe_.tree;
  std::vector<Id> members;
  if (type) {
    members.push_back(tree.text(kMetaType));
    members.push_back(tree.text(Bytes(tree.keep(type))));
  }
  if (frame->parts.size() > frame->items) {
    std::vector<Id> attributes;
    for (std::size_t i = frame->items; i < frame->parts.size(); ++i) {
      std::vector<Id> entry = {text_of(frame->parts[i].name), frame->done[i].value};
      if (frame->done[i].meta != kNoId) entry.push_back(frame->done[i].meta);
      attributes.push_back(tree.container(Tag::list, entry));
    }
    members.push_back(tree.text(kMetaAttributes));
    members.push_back(tree.container(Tag::list, attributes));
  }
  std::vector<Id> children;
  for (std::size_t i = 0; i < frame->items; ++i) {
    if (frame->done[i].meta == kNoId) continue;
    children.push_back(tree.integer(static_cast<std::int64_t>(i)));
    children.push_back(frame->done[i].meta);
  }
  if (!children.empty()) {
    members.push_back(tree.text(kMetaChildren));
    members.push_back(tree.container(Tag::dict, children));
  }
  return members.empty() ? kNoId : tree.container(Tag::dict, members);
}

std::string Encoder::where() const {
  std::string path = "the value";
  for (const Frame& frame : frames_) {
    const std::size_t i = frame.done.size();
    if (i >= frame.parts.size()) continue;
    if (frame.parts[i].name != R_NilValue) {
      path += " attribute \"" + std::string(CHAR(frame.parts[i].name)) + "\"";
      continue;
    }
    SEXP names = Rf_getAttrib(frame.x, R_NamesSymbol);
    const std::string name =
        names == R_NilValue
            ? std::string()
            : std::string(CHAR(STRING_ELT(names, static_cast<R_xlen_t>(i))));
    if (path == "the value") path = "x";
    path += name.empty() ? "[[" + std::to_string(i + 1) + "]]" : "$" + name;
  }
  return path;
}

void Encoder::refuse(ErrorKind kind, const std::string& why, const std::string& hint) {
  throw Error(kind, "Cannot store " + where() + ": " + why + ".", hint);
}

}  // namespace mmappickle
