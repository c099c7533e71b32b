// The walk over an R value.
#include "r/write/encode.h"

#include "r/call.h"

namespace mmappickle {

using pickle::Id;
using pickle::kNoId;

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

numpy::Recipe encode(SEXP x, const Flags& flags, Warnings& warnings, Origin* origin) {
  return Encoder(flags, warnings, origin).run(x);
}

numpy::Recipe Encoder::run(SEXP x) {
  Encoded value;
  bool have = false;
  Id origin = kNoId;
  protect([&] {
    limits_ = value_limits();
    return R_NilValue;
  });
  if (origin_) {
    recipe_.tree = std::move(origin_->loaded.tree);
    borrowed_->mapping = origin_->loaded.mapping;
    watches_.push_back(EntryWatch::of(origin_->loaded));
    origin = origin_->loaded.value;
  }
  for (bool first = true; first || !frames_.empty(); first = false) {
    try {
      if (first) {
        have = open(x, false, origin, value);
        if (have) break;
        continue;
      }
      Frame& top = frames_.back();
      if (top.done.size() < top.parts.size()) {
        const std::size_t i = top.done.size();
        const Part part = top.parts[i];
        have = open(part.value, part.column,
                    i < top.item_origins.size() ? top.item_origins[i] : kNoId, value);
        if (part.rows) {
          value.type = "row.names";
          value.meta = meta_of(Frame(), value);
        }
      } else {
        value = finish(top);
        last_ = top.extent;
        frames_.pop_back();
        have = true;
      }
    } catch (const Error& error) {
      if (!drop(error)) throw;
      value = Encoded();
      last_ = pickle::Extent();
      have = true;
    }
    if (have && !frames_.empty()) {
      Frame& top = frames_.back();
      top.done.push_back(value);
      top.extent.add(last_);
      require_extent(frames_.size() - 1, top.extent);
    }
    have = false;
  }
  require_extent(0, last_);
  recipe_.value = value.value;
  recipe_.metadata = value.meta;
  if (origin_) finish_nested();
  if (!watches_.empty())
    recipe_.confirm = [watches = std::move(watches_)] {
      for (const auto& watch : watches) require_standing(watch.get());
    };
  return std::move(recipe_);
}

bool Encoder::inside_attribute() const {
  if (frames_.empty()) return false;
  const Frame& top = frames_.back();
  return top.inside_attribute || top.parts[top.done.size()].name != R_NilValue;
}

namespace {

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
    case S4SXP:
      return "an S4 object";
    default:
      return Rf_isS4(x) ? "an S4 object" : "an object of this type";
  }
}

bool is_vector(SEXP x) {
  switch (TYPEOF(x)) {
    case LGLSXP:
    case INTSXP:
    case REALSXP:
    case CPLXSXP:
    case RAWSXP:
    case STRSXP:
    case VECSXP:
      return true;
    default:
      return false;
  }
}

bool is_language(SEXP x) {
  const int type = TYPEOF(x);
  return type == SYMSXP || type == LANGSXP || type == LISTSXP || type == EXPRSXP;
}

}  // namespace

// True: `out` is what was made of it before.
bool Encoder::share(SEXP x, Frame& frame, Encoded& out) {
  if (frame.column || frame.origin != kNoId || is_key() || !MAYBE_SHARED(x)) return false;
  // Code may stand in an attribute only.
  frame.shared = reinterpret_cast<std::uintptr_t>(x) | frame.inside_attribute;
  const auto found = often_.find(frame.shared);
  if (found == often_.end() || found->second.count < kOften) return false;
  out = found->second.encoded;
  last_ = found->second.extent;
  return true;
}

// `around`: frames below that of the value.
void Encoder::require_extent(std::size_t around, const pickle::Extent& extent) const {
  const pickle::Beyond found =
      beyond(limits_, static_cast<double>(around), extent, opened_);
  if (found != pickle::Beyond::nothing) {
    refuse_extent(found, limits_, "Cannot store " + where() + ": it is");
  }
}

pickle::Extent extent_of(SEXP x) {
  struct Level {
    SEXP list;
    R_xlen_t next;
    pickle::Extent extent;
  };
  if (TYPEOF(x) != VECSXP) return {};
  std::unordered_map<SEXP, pickle::Extent> known;
  std::vector<Level> levels{{x, 0, pickle::Extent::container()}};
  while (true) {
    Level& top = levels.back();
    if (top.next == Rf_xlength(top.list)) {
      const pickle::Extent extent = top.extent;
      known.emplace(top.list, extent);
      levels.pop_back();
      if (levels.empty()) return extent;
      levels.back().extent.add(extent);
      continue;
    }
    SEXP item = vector_elt(top.list, top.next++);
    const auto found = known.find(item);
    if (TYPEOF(item) != VECSXP) {
      top.extent.add(pickle::Extent());
    } else if (found != known.end()) {
      top.extent.add(found->second);
    } else {
      levels.push_back({item, 0, pickle::Extent::container()});
    }
  }
}

bool Encoder::open(SEXP x, bool column, Id origin, Encoded& out) {
  opened_ += 1;
  last_ = pickle::Extent();
  if (origin_ && untouched(x, out)) {
    last_ = extent_of(x);
    return true;
  }
  Frame frame;
  frame.origin = origin;
  frame.column = column;
  frame.inside_attribute = inside_attribute();
  if (share(x, frame, out)) return true;
  if (frame.inside_attribute && TYPEOF(x) == ENVSXP && environment(x, out)) return true;
  if (Rf_isObject(x) || !is_vector(x)) {
    // A class of the user's says how it is stored.
    x = borrowed_->anchor(protect([&] { return call_own("python_form", {x}); }));
  }
  if (x == R_NilValue) {
    out = Encoded();
    out.value = recipe_.tree.none();
    return true;
  }
  if (Rf_isObject(x)) {
    if (open_marked(x, frame, out)) return true;
    if (frame.form == Form::ndarray) x = frame.x;
  }
  const bool code = frame.inside_attribute && is_language(x);
  if (Rf_isS4(x) || !(code || is_vector(x))) {
    refuse(
        ErrorKind::value, std::string(kind_of(x)) + " cannot be stored",
        "as_python() methods say how a class is stored; r_object(x) stores what R alone "
        "is to read.");
  }
  if (TYPEOF(x) == SYMSXP) {
    out = symbol(x);
    out.meta = meta_of(frame, out);
    return true;
  }
  SEXP attributes = borrowed_->anchor(attributes_of(x));
  frame.x = x;
  if (is_of_session(x, attributes)) {
    refuse(ErrorKind::value,
           "it is a handle, a number that means something in this session alone");
  }
  if (open_python(frame, attributes)) {
  } else if (TYPEOF(frame.x) == VECSXP) {
    open_list(frame, attributes);
  } else if (is_language(x)) {
    open_language(frame);
  }
  add_attributes(frame, attributes);
  if (frame.origin != kNoId) find_origins(frame);
  const bool contains = !frame.parts.empty() || TYPEOF(frame.x) == VECSXP;
  if (contains) require_extent(frames_.size(), frame.extent);
  if (!contains) frame.shared = 0;
  if (frame.parts.empty()) {
    out = finish(frame);
    if (contains) last_ = frame.extent;
    return true;
  }
  frames_.push_back(std::move(frame));
  return false;
}

Encoder::Encoded Encoder::finish(Frame& frame) {
  Encoded out;
  switch (frame.form) {
    case Form::atomic:
      if (sequence(frame, out)) break;
      if (!view(frame.x, out)) out = atomic(frame);
      if (frame.bare && !out.type) {
        out.type = TYPEOF(frame.x) == INTSXP ? "integer" : "double";
      }
      break;
    case Form::ndarray:
      out = ndarray(frame.x, frame.ndarray);
      break;
    case Form::objects:
      out = objects(frame);
      break;
    case Form::pairs:
      out = pairs(frame);
      break;
    case Form::object:
      out.value = frame.object.node;
      frame.extent = extent_of(frame.x);
      break;
    case Form::python_dict:
      out = dict(frame);
      break;
    case Form::tuple:
      out = tuple(frame);
      break;
    default:
      out = list(frame);
      if (frame.origin != kNoId) keep_kind(frame, out);
  }
  out.meta = meta_of(frame, out);
  if (frame.shared != 0) {
    Often& often = often_[frame.shared];
    ++often.count;
    often.encoded = out;
    often.extent = frame.extent;
  }
  return out;
}

}  // namespace mmappickle
