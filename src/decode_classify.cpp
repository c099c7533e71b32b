// What a node is to become in R.
#include "decode.h"
#include "metadata.h"

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
    default:
      break;
  }
  return plan;
}

// "character" and the like hold for any sequence of that type, None being NA; "list"
// keeps a list.
void Decoder::classify_sequence(Plan& plan, bool as_list) {
  plan.form = Form::list;
  const bool typed = plan.type.size != 0;
  if (as_list || plan.type.text() == "list" || (!flags_.simplify && !typed)) return;
  plan.simple = simplified(tree_, plan.items);
  if (typed) {
    const Simple wanted = simple_named(plan.type);
    if (wanted != Simple::no &&
        (plan.simple == wanted || (plan.simple == Simple::no && only_none(plan.items)))) {
      plan.simple = wanted;
    } else {
      misfit();
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
  plan.form = Form::named;
  bool is_key = true;
  for (Id id : tree_.items(plan.items)) {
    if (is_key && (tree_[id].tag != Tag::text || !is_r_text(tree_.bytes_of(id)))) {
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
  if (found.found != numpy::Found::nothing) {
    if (found.array.objects != kNoId) {
      plan.form = Form::objects;
      plan.items = found.array.objects;
      plan.simplify = flags_.simplify || plan.type.text() == "character";
    } else {
      plan.form = Form::array;
    }
    plan.array = arrays_.size();
    arrays_.push_back(std::move(found.array));
    return;
  }
  Known k = know(tree_, recogniser_, plan.id);
  switch (k.kind) {
    case Known::none:
      plan.form = Form::object;
      return;
    case Known::sequence:
      plan.items = k.items;
      classify_sequence(plan, false);
      return;
    case Known::mapping:
      plan.items = k.items;
      classify_mapping(plan);
      return;
    default:
      plan.form = Form::leaf;
      plan.known = known_.size();
      known_.push_back(k);
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

}  // namespace mmappickle
