// What a node becomes.
#include "../base/error.h"
#include "planner.h"
#include "records.h"

namespace mmappickle::plan {

using pickle::Node;
using pickle::Tag;

Id Planner::classify(Plan& plan, Id metadata) {
  const bool as_list = metadata == kAsList;
  if (metadata != kNoId && !as_list) {
    const metadata::Members members = metadata::read_members(tree_, metadata);
    if (!members.fits) note_misfit();
    details(plan).metadata = members;
  }
  switch (tree_[plan.node].tag) {
    case Tag::list:
    case Tag::tuple:
    case Tag::set:
    case Tag::frozenset:
      classify_sequence(plan, plan.node, as_list);
      break;
    case Tag::dict:
      classify_mapping(plan, plan.node);
      break;
    case Tag::object:
      return classify_object(plan, metadata);
    case Tag::persistent:
      plan.form = Form::object;
      break;
    case Tag::global:
    case Tag::array:
      classify_pandas(plan);
      break;
    default:
      break;
  }
  return kNoId;
}

void Planner::classify_mapping(Plan& plan, Id items) {
  if (items != plan.node) details(plan).items = items;
  const bool is_dict = plans_.details_of(plan).metadata.type.text() == "dict";
  plan.form = is_dict ? Form::dict : Form::named;
  const auto rows = rows_.find(items);
  if (rows != rows_.end()) details(plan).rows = rows->second;
  known_keys_ = !is_dict && has_last_keys(items) ? items : kNoId;
  if (known_keys_ != kNoId) return;
  bool is_key = true;
  for (Id id : tree_.items(items)) {
    tree_.poll();
    if (is_key && text_of_key(id) == kNoId) {
      plan.form = Form::dict;
      return;
    }
    is_key = !is_key;
  }
}

// The very keys of the dict before, as in lists of records: nothing is to be looked at.
bool Planner::has_last_keys(Id items) const {
  if (last_named_ == kNone) return false;
  const Plan& last = plans_.plans[last_named_];
  if (tree_[items].size != std::uint64_t{2} * last.own) return false;
  const Id* key = plans_.keys.data() + last.keys;
  bool is_key = true;
  for (Id id : tree_.items(items)) {
    if (is_key && id != *key++) return false;
    is_key = !is_key;
  }
  return true;
}

// The text that a key is, which may be one of NumPy's; kNoId: none that R can hold.
Id Planner::text_of_key(Id key) {
  if (tree_[key].tag != Tag::object) return is_r_text(tree_, key) ? key : kNoId;
  const Scalar scalar = scalars_.of(key, options_.scalars);
  return scalar.kind == Scalar::text && is_r_text(tree_, scalar.node) ? scalar.node
                                                                      : kNoId;
}

Id Planner::classify_object(Plan& plan, Id metadata) {
  numpy::Recognised found = numpy_.recognise(plan.node);
  if (found.found == numpy::Found::damaged) {
    throw Error(ErrorKind::format, "An array is damaged: " + found.problem);
  }
  if (found.found == numpy::Found::records) {
    classify_records(plan, found.array);
    return kNoId;
  }
  const bool scalar = found.found == numpy::Found::scalar && metadata == kNoId;
  if (scalar && classify_scalar(plan, found.array)) return kNoId;
  if (found.found != numpy::Found::nothing) {
    plans_.arrays.emplace_back(std::move(found.array));
    Details& own = details(plan);
    own.array = &plans_.arrays.back();
    plan.form = Form::array;
    if (own.array->objects == kNoId) return kNoId;
    classify_objects(plan);
    return kNoId;
  }
  if (classify_pandas(plan)) return kNoId;
  const python::Recognised known = python_.recognise(plan.node);
  switch (known.kind) {
    case python::Recognised::nothing: {
      plan.form = Form::object;
      numpy::Derived derived = numpy_.derived(plan.node);
      if (derived.array == kNoId) derived = pandas_.derived(plan.node);
      if (derived.array != kNoId) details(plan).derived = derived;
      return kNoId;
    }
    case python::Recognised::same:
      if (classify_made(plan, known, metadata)) return kNoId;
      return classify_same(plan, known.node, metadata);
    default:
      plan.form = Form::python;
      plan.kept = known.clock ||  // which R takes as a difference, or of some zone
                  (known.meaning == numpy::Meaning::datetime && !known.aware);
      details(plan).python = known;
      return kNoId;
  }
}

// A scalar of NumPy's as Python's own: a vector of one. False: as an array.
bool Planner::classify_scalar(Plan& plan, const numpy::Array& array) {
  const bool is_raw = options_.raw_uint8 && array.dtype.itemsize == 1 &&
                      array.dtype.kind == numpy::Kind::unsigned_integer;
  if (is_raw) return false;
  const Id items = tree_.container(Tag::list, {plan.node});
  if (!simplify(plan, items, false)) return false;
  plan.form = Form::vector;
  details(plan).items = items;
  return true;
}

// An array of objects, in `details`: a vector of scalars, if R metadata or the options
// want one.
void Planner::classify_objects(Plan& plan) {
  plan.form = Form::objects;
  const Id items = details(plan).array->objects;
  details(plan).items = items;
  const metadata::Members members = plans_.details_of(plan).metadata;
  if (members.type.size == 0) {
    plan.kept = options_.simplify && simplify(plan, items, true);
    return;
  }
  if (members.type.text() != "character") return;
  for (Id id : tree_.items(items)) {
    const Tag tag = tree_[id].tag;
    const bool may_be_bytes = members.bytes != kNoId && tag == Tag::text;
    if (tag != Tag::none && !is_r_text(tree_, id) && !may_be_bytes) return;
  }
  plan.simple = Simple::character;
}

// The value of another node, shared with all that refer to that: but metadata is applied
// to a value of one's own.
Id Planner::classify_same(Plan& plan, Id node, Id metadata) {
  if (metadata == kNoId || metadata == kAsList) return node;
  const Tag tag = tree_[node].tag;
  if (tag == Tag::dict) {
    classify_mapping(plan, node);
  } else if (pickle::is_container(tag)) {
    classify_sequence(plan, node, false);
  } else {
    plan.node = node;
    if (tag == Tag::object) return classify_object(plan, metadata);  // an array
  }
  return kNoId;
}

// Rank 1: a data frame; rank 0: a list of the one item's fields.
void Planner::classify_records(Plan& plan, const numpy::Array& array) {
  const Id columns =
      columns_of(tree_, array.dtype, array.objects, !array.shape.empty(), rows_);
  if (columns == kNoId) {  // items that do not have the fields of their dtype
    plan.form = Form::object;
    return;
  }
  plan.kept = true;
  classify_mapping(plan, columns);
}

bool Planner::classify_pandas(Plan& plan) {
  const pandas::Object* value = pandas_.recognise(plan.node);
  if (!value) return false;
  plan.form = Form::pandas;
  details(plan).pandas = value;
  if (value->kind == pandas::Type::objects && options_.simplify) {
    simplify(plan, value->list, true);
    plan.kept = false;  // a part of what R writes as something else anyway
  }
  return true;
}

bool is_list(const Plan& plan, const pandas::Object& value, bool simplify) {
  return (value.kind == pandas::Type::objects && plan.simple == Simple::no) ||
         (value.kind == pandas::Type::strings && !value.always_text && !simplify);
}

bool has_labels(const pandas::Object& value, Index index) {
  const pandas::Labels labels = value.labels;
  if (index == Index::drop) return false;
  if (index == Index::attribute) {
    const bool numbers =
        labels == pandas::Labels::range || labels == pandas::Labels::integers;
    return !value.labels_repeat && value.labels_fit &&
           (numbers || labels == pandas::Labels::text);
  }
  // Names of elements may repeat, those of rows may not.
  return (labels == pandas::Labels::text || labels == pandas::Labels::integers) &&
         (!value.has_rows() || !value.labels_repeat);
}

PandasChildren pandas_children(const pandas::Object& value, Index index) {
  PandasChildren children{value.names, value.columns,    kNoId,
                          value.name,  value.index_name, value.attributes};
  const bool dropped =
      value.labels == pandas::Labels::range || value.labels == pandas::Labels::none;
  const bool labelled = value.labels == pandas::Labels::none || has_labels(value, index);
  if (index == Index::attribute) {
    if (!labelled) {
      children.index = value.index;
      children.index_name = kNoId;  // which the index has itself
    }
  } else if (index == Index::drop || (dropped && index == Index::column)) {
    children.index_name = kNoId;
  } else if (!labelled) {
    children.index = value.index_column;
  }
  return children;
}

// Items or parts first, then what pandas_children() says.
void Planner::add_parts(const Plan& plan, const pandas::Object& value) {
  if (is_list(plan, value, options_.simplify)) {
    for (Id item : tree_.items(value.list)) children_.emplace_back(item);
  }
  for (Id part : value.parts) children_.emplace_back(part);
  const PandasChildren more = pandas_children(value, options_.index);
  if (more.names != kNoId) children_.emplace_back(more.names, kAsList);
  for (Id id : {more.columns, more.index, more.name, more.index_name, more.attributes}) {
    if (id != kNoId) children_.emplace_back(id);
  }
}

// [[name or None, column], ...]
bool Planner::are_pairs(Id list) const {
  for (Id pair : tree_.items(list)) {
    if (tree_[pair].tag != Tag::list || tree_[pair].size != 2) return false;
    const Tag name = tree_[tree_.item(pair, 0)].tag;
    if (name != Tag::text && name != Tag::none) return false;
  }
  return true;
}

// Texts, with levels and codes in the metadata. The codes are R's: not looked at yet.
bool Planner::fits_factor(const Plan& plan, Id items) const {
  const metadata::Members& members = plans_.details_of(plan).metadata;
  // A list; one level is a text alone.
  const Id levels = metadata::attribute(tree_, members.attributes, "levels");
  if (members.value == kNoId || levels == kNoId) return false;
  const auto is_text = [&](Id id) {
    return tree_[id].tag == Tag::text || tree_[id].tag == Tag::none;
  };
  const auto are_texts = [&](Id list) {
    for (Id item : tree_.items(list)) {
      if (!is_text(item)) return false;
    }
    return true;
  };
  return are_texts(items) &&
         (tree_[levels].tag == Tag::list ? are_texts(levels) : is_text(levels));
}

}  // namespace mmappickle::plan
