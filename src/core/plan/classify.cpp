// What a node becomes.
#include "../base/error.h"
#include "planner.h"
#include "records.h"

namespace mmappickle::plan {

using pickle::Node;
using pickle::Tag;

namespace {

Simple simple_named(std::string_view type) {
  if (type == "logical") return Simple::logical;
  if (type == "integer") return Simple::integer;
  if (type == "double") return Simple::real;
  if (type == "character") return Simple::character;
  return Simple::no;
}

bool is_only_none(const pickle::Tree& tree, Id sequence) {
  for (Id item : tree.items(sequence)) {
    if (tree[item].tag != Tag::none) return false;
  }
  return true;
}

}  // namespace

Id Planner::classify(Plan& plan, Id metadata) {
  const bool as_list = metadata == kAsList;
  if (metadata != kNoId && !as_list) {
    const metadata::Members members = metadata::read_members(tree_, metadata);
    if (!members.fits) cast_error();
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

void Planner::classify_sequence(Plan& plan, Id items, bool as_list) {
  plan.form = Form::list;
  const bool typed = plans_.details_of(plan).metadata.type.size != 0;
  if (items != plan.node) details(plan).items = items;
  if (as_list || (!typed && !options_.simplify)) return;
  if (typed) {
    classify_typed(plan, items);
  } else {
    plan.simple = simplified(tree_, items, options_.bit64);
    if (plan.simple != Simple::no) plan.form = Form::vector;
  }
}

// "character" and the like hold for any sequence of that type, None being NA; "list"
// keeps a list.
void Planner::classify_typed(Plan& plan, Id items) {
  metadata::Members& members = details(plan).metadata;
  const std::string_view type = members.type.text();
  if (type == "list" || type == "call" || type == "pairlist" || type == "expression") {
    return;
  }
  if (type == "pairs" && are_pairs(items)) {
    plan.form = Form::pairs;
  } else if (type == "factor" && fits_factor(plan, items)) {
    plan.form = Form::factor;
  } else if (type == "character" && members.bytes != kNoId) {
    plan.simple = Simple::character;
  } else {
    plan.simple = simplified(tree_, items, options_.bit64);
    const Simple wanted = simple_named(type);
    if (wanted != Simple::no && (plan.simple == wanted || (plan.simple == Simple::no &&
                                                           is_only_none(tree_, items)))) {
      plan.simple = wanted;
    } else {
      cast_error();
      members.type = Bytes();
    }
  }
  if (plan.simple != Simple::no) plan.form = Form::vector;
}

void Planner::classify_mapping(Plan& plan, Id items) {
  if (items != plan.node) details(plan).items = items;
  const bool is_dict = plans_.details_of(plan).metadata.type.text() == "dict";
  plan.form = is_dict ? Form::dict : Form::named;
  const auto rows = rows_.find(items);
  if (rows != rows_.end()) details(plan).rows = rows->second;
  bool is_key = true;
  for (Id id : tree_.items(items)) {
    if (is_key && !is_r_text(tree_, id)) {
      plan.form = Form::dict;
      return;
    }
    is_key = !is_key;
  }
}

Id Planner::classify_object(Plan& plan, Id metadata) {
  numpy::Recognised found = numpy_.recognise(plan.node);
  if (found.found == numpy::Found::damaged) {
    throw Error(ErrorKind::format, "An array is damaged: " + found.problem);
  }
  if (found.found == numpy::Found::records) {
    return classify_records(plan, found.array, metadata);
  }
  if (found.found != numpy::Found::nothing) {
    plans_.arrays.push_back(std::move(found.array));
    Details& own = details(plan);
    own.array = &plans_.arrays.back();
    plan.form = Form::array;
    if (own.array->objects == kNoId) return kNoId;
    plan.form = Form::objects;
    own.items = own.array->objects;
    if (are_texts(own)) plan.simple = Simple::character;
    return kNoId;
  }
  if (classify_pandas(plan)) return kNoId;
  const python::Recognised known = python_.recognise(plan.node);
  switch (known.kind) {
    case python::Recognised::nothing:
      plan.form = Form::object;
      return kNoId;
    case python::Recognised::same:
      return classify_same(plan, known.node, metadata);
    default:
      plan.form = Form::python;
      details(plan).python = known;
      return kNoId;
  }
}

// Of an array of objects: texts and None, if R metadata or the options want a character
// vector of such.
bool Planner::are_texts(const Details& objects) const {
  const metadata::Members& members = objects.metadata;
  const bool typed = members.type.text() == "character";
  if (members.type.size == 0 ? !options_.simplify : !typed) return false;
  const bool may_be_bytes = typed && members.bytes != kNoId;
  bool any = typed;
  for (Id id : tree_.items(objects.items)) {
    const Tag tag = tree_[id].tag;
    if (tag == Tag::none) continue;
    any = true;
    if (!is_r_text(tree_, id) && !(may_be_bytes && tag == Tag::text)) return false;
  }
  return any;
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
  }
  return kNoId;
}

// Rank 1: a data frame; rank 0: a list of the one item's fields.
Id Planner::classify_records(Plan& plan, const numpy::Array& array, Id metadata) {
  const Id columns =
      columns_of(tree_, array.dtype, array.objects, !array.shape.empty(), rows_);
  if (columns == kNoId) {
    throw Error(ErrorKind::format,
                "An array is damaged: its items do not have the fields of its dtype.");
  }
  return classify_same(plan, columns, metadata);
}

bool Planner::classify_pandas(Plan& plan) {
  const pandas::Object* value = pandas_.recognise(plan.node);
  if (!value) return false;
  plan.form = Form::pandas;
  details(plan).pandas = value;
  return true;
}

bool is_list(const pandas::Object& value, bool simplify) {
  return value.kind == pandas::Type::objects ||
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
         (value.series || !value.labels_repeat);
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
void Planner::add_parts(const pandas::Object& value) {
  if (is_list(value, options_.simplify)) {
    for (Id item : tree_.items(value.list)) children_.push_back({item, kNoId});
  }
  for (Id part : value.parts) children_.push_back({part, kNoId});
  const PandasChildren more = pandas_children(value, options_.index);
  if (more.names != kNoId) children_.push_back({more.names, kAsList});
  for (Id id : {more.columns, more.index, more.name, more.index_name, more.attributes}) {
    if (id != kNoId) children_.push_back({id, kNoId});
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
