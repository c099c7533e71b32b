// What a node is to become in R.
#include "r/read/decode.h"
#include "core/metadata/names.h"

namespace mmappickle {

using pickle::Id;
using pickle::kNoId;
using pickle::Node;
using pickle::Tag;

Decoder::Plan Decoder::classify(Id id, Id meta) {
  Plan plan;
  plan.id = id;
  plan.meta = meta;
  const Node& node = tree_[id];
  const bool as_list = meta == kAsList;
  if (!as_list) read_metadata(plan);
  switch (node.tag) {
    case Tag::list:
    case Tag::tuple:
    case Tag::set:
    case Tag::frozenset:
      plan.items = id;
      classify_sequence(plan, as_list);
      break;
    case Tag::dict:
      plan.items = id;
      classify_mapping(plan);
      break;
    case Tag::object:
      classify_object(plan);
      break;
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
  return plan;
}

// "character" and the like hold for any sequence of that type, None being NA; "list"
// keeps a list.
void Decoder::classify_sequence(Plan& plan, bool as_list) {
  plan.form = Form::list;
  const std::string_view type = plan.type.text();
  const bool typed = plan.type.size != 0;
  if (as_list || type == "list" || (!flags_.simplify && !typed)) return;
  if (type == "call" || type == "pairlist" || type == "expression") return;
  if (type == "pairs" && are_pairs(plan.items)) {
    plan.form = Form::pairs;
    return;
  }
  if ((type == "factor" && fits_factor(plan)) ||
      (type == "character" && plan.bytes != kNoId)) {
    plan.form = Form::leaf;
    plan.simple = Simple::character;
    return;
  }
  plan.simple = simplified(tree_, plan.items);
  if (typed) {
    const Simple wanted = simple_named(plan.type);
    if (wanted != Simple::no &&
        (plan.simple == wanted || (plan.simple == Simple::no && only_none(plan.items)))) {
      plan.simple = wanted;
    } else {
      misfit();
      plan.type = Bytes();
    }
  }
  if (plan.simple != Simple::no) plan.form = Form::leaf;
}

bool Decoder::only_none(Id sequence) const {
  for (Id item : tree_.items(sequence)) {
    if (tree_[item].tag != Tag::none) return false;
  }
  return true;
}

Simple Decoder::simple_named(Bytes type) {
  if (type.text() == "logical") return Simple::logical;
  if (type.text() == "integer") return Simple::integer;
  if (type.text() == "double") return Simple::real;
  if (type.text() == "character") return Simple::character;
  return Simple::no;
}

void Decoder::classify_mapping(Plan& plan) {
  plan.form = plan.type.text() == "dict" ? Form::dict : Form::named;
  const auto rows = rows_.find(plan.items);
  if (rows != rows_.end()) plan.rows = rows->second;
  bool is_key = true;
  for (Id id : tree_.items(plan.items)) {
    if (is_key && !is_r_text(tree_, id)) {
      plan.form = Form::dict;
      return;
    }
    is_key = !is_key;
  }
}

void Decoder::classify_object(Plan& plan) {
  numpy::Recognised found = recogniser_.recognise(plan.id);
  if (found.found == numpy::Found::damaged) {
    throw Error(ErrorKind::format, "An array is damaged: " + found.problem);
  }
  if (found.found == numpy::Found::records) {
    classify_records(plan, found.array);
    return;
  }
  if (found.found != numpy::Found::nothing) {
    if (found.array.objects != kNoId) {
      plan.form = Form::objects;
      plan.items = found.array.objects;
      plan.simplify =
          plan.type.size == 0 ? flags_.simplify : plan.type.text() == "character";
    } else {
      plan.form = Form::array;
    }
    plan.array = arrays_.size();
    arrays_.push_back(std::move(found.array));
    return;
  }
  if (classify_pandas(plan)) return;
  const Known k = know(tree_, recogniser_, made_, plan.id);
  switch (k.kind) {
    case Known::none:
      plan.form = Form::object;
      return;
    case Known::same:
      classify_same(plan, k.items);
      return;
    default:
      plan.form = Form::leaf;
      plan.known = known_.size();
      known_.push_back(k);
  }
}

// The value of another node, shared with all that refer to that: but metadata is applied
// to a value of one's own.
void Decoder::classify_same(Plan& plan, Id node) {
  const Tag tag = tree_[node].tag;
  plan.form = Form::leaf;
  if (plan.meta == kNoId || plan.meta == kAsList) {
    plan.same = node;
  } else if (tag == Tag::dict) {
    plan.items = node;
    classify_mapping(plan);
  } else if (pickle::is_container(tag)) {
    plan.items = node;
    classify_sequence(plan, false);
  } else {
    plan.id = node;
  }
}

// The members of a metadata dict, each checked for its type; a stray one is a misfit.
void Decoder::read_metadata(Plan& plan) {
  if (plan.meta == kNoId) return;
  Id name = kNoId;
  for (Id id : tree_.items(plan.meta)) {
    if (name == kNoId) {
      name = id;
      continue;
    }
    const Node& node = tree_[id];
    if (tree_.is_text(name, kMetaType) && node.tag == Tag::text) {
      plan.type = tree_.bytes_of(id);
    } else if (tree_.is_text(name, kMetaValue)) {
      plan.value = id;
    } else if (tree_.is_text(name, kMetaBytes) && node.tag == Tag::list) {
      plan.bytes = id;
    } else if (tree_.is_text(name, kMetaChildren) && node.tag == Tag::dict) {
      plan.children = id;
    } else if (tree_.is_text(name, kMetaAttributes) && node.tag == Tag::list &&
               are_attributes(id)) {
      plan.attributes = id;
    } else {
      misfit();
    }
    name = kNoId;
  }
}

// [[name, value], [name, value, metadata], ...]
bool Decoder::are_attributes(Id list) const {
  for (Id pair : tree_.items(list)) {
    const Node& node = tree_[pair];
    if (node.tag != Tag::list || node.size < 2 || node.size > 3) return false;
    if (tree_[tree_.item(pair, 0)].tag != Tag::text) return false;
    if (node.size == 3 && tree_[tree_.item(pair, 2)].tag != Tag::dict) return false;
  }
  return true;
}

// [[name or None, column], ...]
bool Decoder::are_pairs(Id list) const {
  for (Id pair : tree_.items(list)) {
    if (tree_[pair].tag != Tag::list || tree_[pair].size != 2) return false;
    const Tag name = tree_[tree_.item(pair, 0)].tag;
    if (name != Tag::text && name != Tag::none) return false;
  }
  return true;
}

// The value that R metadata has for an attribute, or kNoId.
Id Decoder::attribute(const Plan& plan, const char* name) const {
  if (plan.attributes == kNoId) return kNoId;
  for (Id pair : tree_.items(plan.attributes)) {
    if (tree_.is_text(tree_.item(pair, 0), name)) return tree_.item(pair, 1);
  }
  return kNoId;
}

}  // namespace mmappickle
