#include "decode.h"

#include <unordered_map>

#include "metadata.h"
#include "views.h"

namespace mmappickle {

using pickle::Id;
using pickle::kNoId;
using pickle::Node;
using pickle::Tag;

SEXP r_text(Bytes utf8) {
  return Rf_mkCharLenCE(reinterpret_cast<const char*>(utf8.data),
                        static_cast<int>(utf8.size), CE_UTF8);
}

const char* const kObjectPart[kObjectParts] = {"callable", "args",  "keywords",
                                               "state",    "items", "dict_items"};

SEXP decode(store::Loaded& loaded, const std::string& path, const std::string& key,
            const Flags& flags, Warnings& warnings, bool keep_mutable) {
  Decoder decoder(loaded.tree, loaded.mapping, path, key, flags, warnings);
  return in_r([&] {
    return decoder.run(loaded.value, loaded.metadata,
                       loaded.is_array ? &loaded.array : nullptr, keep_mutable);
  });
}

SEXP Decoder::run(Id value, Id metadata, const numpy::Array* array, bool keep_mutable) {
  entry_array_ = array;
  keep_mutable_ = keep_mutable;
  SEXP root = PROTECT(Rf_allocVector(VECSXP, 2));  // the value; the cache
  root_ = root;
  children_.push_back({value, metadata});
  frames_.push_back(Frame{Plan{}, 0, 0, 1, root});
  while (frames_.size() > 1 || frames_[0].next < frames_[0].last) {
    Frame& top = frames_.back();
    if (top.next < top.last) {
      const std::size_t i = top.next++;
      SEXP box = top.box;  // opening a frame may move `top`
      const R_xlen_t slot = static_cast<R_xlen_t>(i - top.first);
      SEXP v = open(children_[i].id, children_[i].meta);
      if (v) SET_VECTOR_ELT(box, slot, v);
    } else {
      SEXP v = PROTECT(finish(top));
      const Plan plan = top.plan;
      children_.resize(top.first);
      if (plan.form == Form::named || plan.form == Form::dict) keys_.resize(plan.keys);
      frames_.pop_back();
      const Frame& below = frames_.back();
      SET_VECTOR_ELT(below.box, static_cast<R_xlen_t>(below.next - 1 - below.first), v);
      if (plan.tracked) mark(plan.id) &= static_cast<std::uint8_t>(~kOpen);
      if (plan.cached) remember(plan.id, v);
      UNPROTECT(1);
    }
  }
  UNPROTECT(1);
  return VECTOR_ELT(root, 0);
}

void Decoder::remember(Id id, SEXP value) {
  if (VECTOR_ELT(root_, 1) == R_NilValue) {
    SET_VECTOR_ELT(root_, 1, Rf_allocVector(VECSXP, static_cast<R_xlen_t>(tree_.size())));
  }
  SEXP cache = VECTOR_ELT(root_, 1);
  if (id < static_cast<std::size_t>(Rf_xlength(cache))) SET_VECTOR_ELT(cache, id, value);
}

std::uint8_t& Decoder::mark(Id id) {
  if (marks_.size() <= id) marks_.resize(tree_.size(), 0);
  return marks_[id];
}

// Each node without metadata is made once, and each metadata node applied once: what a
// file shares costs nothing more, whatever it refers to how often.
SEXP Decoder::open(Id id, Id meta) {
  const bool entry_array = entry_array_ && frames_.size() == 1;
  if (meta != kNoId && meta != kAsList) {
    if (mark(meta) & kUsed) {
      misfit();
      meta = kNoId;
    } else {
      mark(meta) |= kUsed;
    }
  }
  const bool tracked = !entry_array && may_be_shared(id);
  const bool cached =
      tracked && (meta == kNoId || (meta == kAsList && tree_[id].tag == Tag::object));
  if (tracked && (mark(id) & kOpen)) return inert("cycle", "cycle", R_NilValue);
  if (cached && VECTOR_ELT(root_, 1) != R_NilValue) {
    SEXP cache = VECTOR_ELT(root_, 1);
    if (id < static_cast<std::size_t>(Rf_xlength(cache)) &&
        VECTOR_ELT(cache, id) != R_NilValue) {
      return VECTOR_ELT(cache, id);
    }
  }
  Plan plan;
  if (entry_array) {
    plan.form = Form::array;
    plan.array = arrays_.size();
    arrays_.push_back(*entry_array_);
    plan.meta = meta;
    read_metadata(plan);
  } else {
    plan = classify(id, meta);
  }
  const std::size_t first = children_.size();
  add_children(plan);
  if (children_.size() == first && plan.form != Form::list && plan.form != Form::named &&
      plan.form != Form::dict && plan.form != Form::object &&
      plan.form != Form::objects) {
    SEXP value = PROTECT(sealed(natural(plan, R_NilValue)));
    if (cached) remember(id, value);
    UNPROTECT(1);
    return value;
  }
  plan.tracked = tracked;
  plan.cached = cached;
  push(plan, first);
  return nullptr;
}

bool Decoder::may_be_shared(Id id) const {
  switch (tree_[id].tag) {
    case Tag::list:
    case Tag::tuple:
    case Tag::set:
    case Tag::frozenset:
    case Tag::dict:
    case Tag::object:
    case Tag::persistent:
    case Tag::bytes:
    case Tag::byte_array:
      return true;
    default:
      return false;
  }
}

void Decoder::push(const Plan& plan, std::size_t first) {
  const std::size_t n = children_.size() - first;
  SEXP box = Rf_allocVector(VECSXP, static_cast<R_xlen_t>(n));
  const Frame& below = frames_.back();
  SET_VECTOR_ELT(below.box, static_cast<R_xlen_t>(below.next - 1 - below.first), box);
  if (plan.tracked) mark(plan.id) |= kOpen;
  frames_.push_back(Frame{plan, first, first, first + n, box});
}

SEXP Decoder::finish(const Frame& frame) {
  SEXP value = PROTECT(natural(frame.plan, frame.box));
  const std::uint64_t children = frame.last - frame.first;
  if (children > frame.plan.own) value = with_attributes(frame, value);
  value = sealed(value);
  UNPROTECT(1);
  return value;
}

SEXP Decoder::sealed(SEXP value) {
  const bool keep = keep_mutable_ && frames_.size() <= 2;
  if (!keep && view_of(value)) seal(value);
  return value;
}

void Decoder::add_children(Plan& plan) {
  const std::size_t first = children_.size();
  switch (plan.form) {
    case Form::list:
    case Form::objects:
      for (Id item : tree_.items(plan.items)) children_.push_back({item, kNoId});
      break;
    case Form::named:
    case Form::dict:
      add_pairs(plan);
      break;
    case Form::object: {
      Id parts[kObjectParts];
      object_parts(plan.id, parts);
      for (Id part : parts) {
        if (part != kNoId) children_.push_back({part, kAsList});
      }
      break;
    }
    default:
      break;
  }
  plan.own = children_.size() - first;
  if (plan.children != kNoId) {
    // {position: metadata}
    Id position = kNoId;
    const std::uint64_t skip = plan.form == Form::dict ? plan.own / 2 : 0;
    for (Id id : tree_.items(plan.children)) {
      if (position == kNoId) {
        position = id;
        continue;
      }
      const Node& at = tree_[position];
      position = kNoId;
      if (at.tag != Tag::integer || at.integer < 0 || tree_[id].tag != Tag::dict ||
          static_cast<std::uint64_t>(at.integer) >= plan.own - skip) {
        misfit();
        continue;
      }
      children_[first + skip + static_cast<std::uint64_t>(at.integer)].meta = id;
    }
  }
  if (plan.attributes != kNoId) {
    for (Id pair : tree_.items(plan.attributes)) {
      const std::uint64_t n = tree_[pair].size;
      children_.push_back({tree_.item(pair, 1), n > 2 ? tree_.item(pair, 2) : kNoId});
    }
  }
}

// Keys that repeat: the last value counts, at the first one's place, as in Python.
void Decoder::add_pairs(Plan& plan) {
  std::unordered_map<std::string, std::size_t> seen;
  std::vector<Id> values;
  plan.keys = keys_.size();
  Id key = kNoId;
  for (Id id : tree_.items(plan.items)) {
    if (key == kNoId) {
      key = id;
      continue;
    }
    std::string name = canonical_key(key);
    if (name.empty()) name = "?" + std::to_string(values.size());
    const auto found = seen.emplace(std::move(name), values.size());
    if (found.second) {
      keys_.push_back(key);
      values.push_back(id);
    } else {
      values[found.first->second] = id;
    }
    key = kNoId;
  }
  if (plan.form == Form::dict) {
    for (std::size_t i = plan.keys; i < keys_.size(); ++i) {
      children_.push_back({keys_[i], kNoId});
    }
  }
  for (Id id : values) children_.push_back({id, kNoId});
}

// Equal for keys that Python takes as equal; empty for what is only equal to itself.
std::string Decoder::canonical_key(Id id) const {
  const Node& node = tree_[id];
  switch (node.tag) {
    case Tag::none:
      return "n";
    case Tag::boolean:
      return node.flag ? "i1" : "i0";
    case Tag::integer:
      return "i" + std::to_string(node.integer);
    case Tag::real:
      if (node.real >= -9.2e18 && node.real <= 9.2e18 &&
          node.real == static_cast<double>(static_cast<std::int64_t>(node.real))) {
        return "i" + std::to_string(static_cast<std::int64_t>(node.real));
      }
      if (node.real != node.real) return {};
      return "r" + std::string(reinterpret_cast<const char*>(&node.real), 8);
    case Tag::text:
    case Tag::string:
      return "t" + std::string(tree_.text_of(id));
    case Tag::bytes:
      return "b" + std::string(tree_.text_of(id));
    default:
      return {};
  }
}

void Decoder::object_parts(Id id, Id* parts) const {
  for (int i = 0; i < kObjectParts; ++i) parts[i] = kNoId;
  const Node& node = tree_[id];
  if (node.tag == Tag::persistent) {
    parts[3] = node.first;
    return;
  }
  if (node.first != kNoId && tree_[node.first].tag != Tag::global) parts[0] = node.first;
  parts[1] = node.second;
  if (const pickle::Extra* extra = tree_.extra_of(id)) {
    parts[2] = extra->keywords;
    parts[3] = extra->state;
    parts[4] = extra->items;
    parts[5] = extra->dict_items;
  }
}

SEXP Decoder::natural(const Plan& plan, SEXP box) {
  switch (plan.form) {
    case Form::leaf:
      return leaf(plan);
    case Form::array:
      return array(arrays_[plan.array], plan.type);
    case Form::objects:
      return object_array(plan, box);
    case Form::list:
      return items_of(plan, box);
    case Form::named: {
      SEXP list = PROTECT(items_of(plan, box));
      SEXP names = PROTECT(Rf_allocVector(STRSXP, static_cast<R_xlen_t>(plan.own)));
      for (std::uint64_t i = 0; i < plan.own; ++i) {
        SET_STRING_ELT(names, static_cast<R_xlen_t>(i),
                       r_text(tree_.bytes_of(keys_[plan.keys + i])));
      }
      Rf_setAttrib(list, R_NamesSymbol, names);
      UNPROTECT(2);
      return list;
    }
    case Form::dict:
      return python_dict(plan, box);
    case Form::object:
      return object(plan, box);
  }
  return R_NilValue;
}

// The box itself where it holds nothing but the items, else a copy of its head.
SEXP Decoder::items_of(const Plan& plan, SEXP box) {
  const R_xlen_t own = static_cast<R_xlen_t>(plan.own);
  if (box != R_NilValue && Rf_xlength(box) == own) return box;
  SEXP list = PROTECT(Rf_allocVector(VECSXP, own));
  for (R_xlen_t i = 0; i < own; ++i) SET_VECTOR_ELT(list, i, VECTOR_ELT(box, i));
  UNPROTECT(1);
  return list;
}

SEXP Decoder::python_dict(const Plan& plan, SEXP box) {
  const R_xlen_t n = static_cast<R_xlen_t>(plan.own / 2);
  SEXP out = PROTECT(Rf_allocVector(VECSXP, 2));
  for (int part = 0; part < 2; ++part) {
    SEXP list = Rf_allocVector(VECSXP, n);
    SET_VECTOR_ELT(out, part, list);
    for (R_xlen_t i = 0; i < n; ++i)
      SET_VECTOR_ELT(list, i, VECTOR_ELT(box, part * n + i));
  }
  SEXP names = PROTECT(Rf_allocVector(STRSXP, 2));
  SET_STRING_ELT(names, 0, Rf_mkChar("keys"));
  SET_STRING_ELT(names, 1, Rf_mkChar("values"));
  Rf_setAttrib(out, R_NamesSymbol, names);
  SEXP cls = PROTECT(Rf_mkString("python_dict"));
  Rf_setAttrib(out, R_ClassSymbol, cls);
  UNPROTECT(3);
  return out;
}

}  // namespace mmappickle
