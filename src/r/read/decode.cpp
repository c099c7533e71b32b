#include "r/read/decode.h"

#include <unordered_map>

#include "r/read/keys.h"
#include "core/metadata/names.h"
#include "r/view/view.h"

namespace mmappickle {

using pickle::Id;
using pickle::kNoId;
using pickle::Node;
using pickle::Tag;

SEXP decode(store::Loaded& loaded, const std::string& path, const std::string& key,
            const Flags& flags, SEXP readers, Warnings& warnings, bool keep_mutable) {
  return decode(loaded, EntryWatch::of(loaded), path, key, flags, readers, warnings,
                keep_mutable);
}

SEXP decode(store::Loaded& loaded, std::shared_ptr<const Watch> watch,
            const std::string& path, const std::string& key, const Flags& flags,
            SEXP readers, Warnings& warnings, bool keep_mutable) {
  Decoder decoder(loaded, path, key, flags, readers, warnings, std::move(watch));
  SEXP value = protect([&] {
    return decoder.run(loaded.value, loaded.metadata,
                       loaded.is_array ? &loaded.array : nullptr, keep_mutable);
  });
  decoder.warn();
  return value;
}

SEXP decode_elements(const numpy::Array& array, const std::string& path,
                     const std::string& key, const Flags& flags, Warnings& warnings) {
  store::Loaded none;
  Decoder decoder(none, path, key, flags, R_NilValue, warnings, nullptr);
  SEXP value = protect([&] { return decoder.elements(array); });
  decoder.warn();
  return value;
}

SEXP Decoder::run(Id value, Id metadata, const numpy::Array* array, bool keep_mutable) {
  entry_array_ = array;
  keep_mutable_ = keep_mutable;
  SEXP root = PROTECT(Rf_allocVector(VECSXP, 4));  // the value; the caches
  root_ = root;
  children_.push_back({value, metadata});
  Plan whole;
  whole.own = 1;
  frames_.push_back(Frame{whole, 0, 0, 1, root});
  while (frames_.size() > 1 || frames_[0].next < frames_[0].last) {
    Frame& top = frames_.back();
    if (top.next < top.last) {
      const std::size_t i = top.next++;
      SEXP box = top.box;  // opening a frame may move `top`
      const R_xlen_t slot = static_cast<R_xlen_t>(i - top.first);
      SEXP v = open(children_[i].id, children_[i].meta);
      if (v) {
        SET_VECTOR_ELT(box, slot, v);
        if (nodes_) nodes_->emplace(v, children_[i].id);
      }
    } else {
      finishing_ = true;
      SEXP v = PROTECT(finish(top));
      finishing_ = false;
      const Plan plan = top.plan;
      leave(top);
      children_.resize(top.first);
      if (plan.form == Form::named || plan.form == Form::pairs ||
          plan.form == Form::dict) {
        keys_.resize(plan.keys);
      }
      frames_.pop_back();
      const Frame& below = frames_.back();
      SET_VECTOR_ELT(below.box, static_cast<R_xlen_t>(below.next - 1 - below.first), v);
      if (plan.tracked) mark(plan.id) &= static_cast<std::uint8_t>(~kOpen);
      if (plan.cached != kNoId) remember(plan.cached, v, plan.cache);
      if (nodes_) nodes_->emplace(v, children_[below.next - 1].id);
      UNPROTECT(1);
    }
  }
  UNPROTECT(1);
  return VECTOR_ELT(root, 0);
}

void Decoder::remember(Id id, SEXP value, Cache kind) {
  if (value == R_NilValue) {
    if (kind != Cache::dressed) mark(id) |= kNull;
    return;
  }
  const int place = static_cast<int>(kind);
  SEXP cache = VECTOR_ELT(root_, place);
  const std::size_t room =
      cache == R_NilValue ? 0 : static_cast<std::size_t>(Rf_xlength(cache));
  if (id >= room) {  // nodes are made along the way, too
    const std::size_t size = std::max(tree_.size(), 2 * room);
    SEXP grown = Rf_allocVector(VECSXP, static_cast<R_xlen_t>(size));
    for (std::size_t i = 0; i < room; ++i) {
      SET_VECTOR_ELT(grown, static_cast<R_xlen_t>(i),
                     VECTOR_ELT(cache, static_cast<R_xlen_t>(i)));
    }
    SET_VECTOR_ELT(root_, place, grown);
    cache = grown;
  }
  SET_VECTOR_ELT(cache, id, value);
}

SEXP Decoder::remembered(Id id, Cache kind) const {
  SEXP cache = VECTOR_ELT(root_, static_cast<int>(kind));
  const bool known =
      cache != R_NilValue && id < static_cast<std::size_t>(Rf_xlength(cache));
  return known ? VECTOR_ELT(cache, id) : R_NilValue;
}

Decoder::Seen& Decoder::seen(Id id) {
  if (seen_.size() <= id) seen_.resize(tree_.size());
  return seen_[id];
}

std::uint8_t& Decoder::mark(Id id) { return seen(id).marks; }

// The value of a node that was made before, or null.
SEXP Decoder::met(Id node, Cache cache) {
  if (cache != Cache::dressed && (mark(node) & kNull)) return R_NilValue;
  SEXP value = remembered(node, cache);
  if (value == R_NilValue) return nullptr;
  meet_again(node);
  return value;
}

// Each container's items are made into a value with metadata once. False: they were.
bool Decoder::dress(Id node) {
  if (node == kNoId || tree_[node].size == 0) return true;
  const bool first = !(mark(node) & kDressed);
  mark(node) |= kDressed;
  return first;
}

// Each node without metadata is made once, and each metadata node applied to one value:
// what a file shares costs nothing more, whatever it refers to how often.
SEXP Decoder::open(Id id, Id meta) {
  opened_ += 1;
  const bool entry_array = entry_array_ && frames_.size() == 1;
  bool dressed = meta != kNoId && meta != kAsList;
  if (dressed && (mark(meta) & kUsed)) {
    SEXP value = seen(meta).value == id ? met(meta, Cache::dressed) : nullptr;
    if (value) return value;
    misfit();
    meta = kNoId;
    dressed = false;
  } else if (dressed) {
    mark(meta) |= kUsed;
    seen(meta).value = id;
  }
  const bool tracked = !entry_array && may_be_shared(id);
  const Tag tag = entry_array ? Tag::object : tree_[id].tag;
  const bool as_list = meta == kAsList && pickle::is_container(tag) && tag != Tag::dict;
  if (tracked && (mark(id) & kOpen)) {
    cut(seen(id).frame);
    add_part(pickle::Extent());
    return inert("cycle", "cycle", R_NilValue);
  }
  const Id cached = dressed ? meta : tracked ? id : kNoId;
  const Cache cache = dressed ? Cache::dressed : as_list ? Cache::lists : Cache::plain;
  if (cached != kNoId && !dressed) {
    SEXP value = met(cached, cache);
    if (value) return value;
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
    if (plan.same != kNoId) return open(plan.same, kNoId);  // never an object: one step
    if (dressed && !dress(plan.items)) {
      misfit();
      return open(id, kNoId);
    }
  }
  plan.inside = inside_attribute();
  const std::size_t first = children_.size();
  add_children(plan);
  if (children_.size() == first && (plan.form == Form::leaf || plan.form == Form::array ||
                                    plan.form == Form::pandas)) {
    SEXP value = PROTECT(natural(plan, R_NilValue));
    add_pickle(plan.id, value, nullptr);
    value = PROTECT(sealed(read_object(value)));
    if (cached != kNoId) remember(cached, value, cache);
    add_part(pickle::Extent());
    UNPROTECT(2);
    return value;
  }
  plan.tracked = tracked;
  plan.cached = cached;
  plan.cache = cache;
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
    case Tag::text:
    case Tag::string:
    case Tag::big_integer:
      return tree_[id].size >= kLongText;
    default:
      return false;
  }
}

void Decoder::push(const Plan& plan, std::size_t first) {
  const std::size_t n = children_.size() - first;
  if (frames_.size() == 1) limits_ = value_limits();
  require_extent(frames_.size() - 1, pickle::Extent::container());
  SEXP box = Rf_allocVector(VECSXP, static_cast<R_xlen_t>(n));
  const Frame& below = frames_.back();
  SET_VECTOR_ELT(below.box, static_cast<R_xlen_t>(below.next - 1 - below.first), box);
  frames_.push_back(Frame{plan, first, first, first + n, box});
  enter(frames_.back());
}

// Of the topmost frame's value.
void Decoder::add_part(const pickle::Extent& part) {
  Frame& top = frames_.back();
  top.extent.add(part);
  if (frames_.size() > 1) require_extent(frames_.size() - 2, top.extent);
}

// `around`: frames below that of the value.
void Decoder::require_extent(std::size_t around, const pickle::Extent& extent) const {
  const pickle::Beyond found =
      beyond(limits_, static_cast<double>(around), extent, opened_);
  if (found != pickle::Beyond::nothing) {
    refuse_extent(found, limits_, "The value" + of_key(key_) + " is");
  }
}

SEXP Decoder::finish(const Frame& frame) {
  SEXP value;
  PROTECT_INDEX at;
  PROTECT_WITH_INDEX(value = natural(frame.plan, frame.box), &at);
  add_pickle(frame.plan.id, value, &frame);
  const std::uint64_t children = frame.last - frame.first;
  if (children > frame.plan.own) {
    REPROTECT(value = with_attributes(frame, value), at);
    if (Rf_isObject(value) && Rf_inherits(value, "data.table")) {
      REPROTECT(value = call_own("own_selfref", {value}), at);
    }
  }
  REPROTECT(value = read_object(value), at);
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
    case Form::pairs:
      add_columns(plan);
      break;
    case Form::pandas:
      add_parts(plan);
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
          static_cast<std::uint64_t>(at.integer) >= plan.own) {
        misfit();
        continue;
      }
      const auto place = static_cast<std::uint64_t>(at.integer);
      children_[first + (skip + place) % plan.own].meta = id;
    }
  }
  if (plan.value != kNoId) children_.push_back({plan.value, kNoId});
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
    std::string name = canonical_key(tree_, key);
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

void Decoder::add_columns(Plan& plan) {
  plan.keys = keys_.size();
  for (Id pair : tree_.items(plan.items)) {
    keys_.push_back(tree_.item(pair, 0));
    children_.push_back({tree_.item(pair, 1), kNoId});
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
      if (plan.items != kNoId && plan.type.text() == "factor") return factor(plan, box);
      if (plan.meta != kNoId) {
        SEXP typed = named_thing(plan);
        if (!typed) typed = time_scalar(plan, box);
        if (typed) return typed;
      }
      return leaf(plan);
    case Form::array:
      making_entry_ = entry_array_ != nullptr && plan.array == 0;
      if (plan.meta != kNoId) {
        SEXP typed = time_array(plan, box);
        if (typed) return typed;
      }
      return array(arrays_[plan.array], plan.type);
    case Form::objects:
      return object_array(plan, box);
    case Form::list:
      return language(plan, items_of(plan, box));
    case Form::named:
    case Form::pairs:
      return named_list(plan, box);
    case Form::dict:
      return python_dict(plan, box);
    case Form::object:
      return object(plan, box);
    case Form::pandas:
      return pandas_value(plan, box);
  }
  return R_NilValue;
}

}  // namespace mmappickle
