#include "made.h"

#include <algorithm>
#include <cmath>

#include "../base/number_text.h"
#include "../pickle/inert.h"
#include "../python/object.h"

namespace mmappickle::plan {

using numpy::Kind;
using numpy::Meaning;
using numpy::RType;
using pickle::Node;
using pickle::Tag;

namespace {

const char* word(RType type) {
  switch (type) {
    case RType::logical:
      return "logi";
    case RType::integer:
      return "int";
    case RType::complex:
      return "cplx";
    case RType::raw:
      return "raw";
    case RType::integer64:
      return "integer64";
    case RType::string:
      return "chr";
    default:
      return "num";
  }
}

}  // namespace

const char* word(RType type, Meaning meaning) {
  switch (meaning) {
    case Meaning::date:
      return "Date";
    case Meaning::datetime:
      return "POSIXct";
    case Meaning::difftime:
      return "difftime";
    default:
      return word(type);
  }
}

Made vector_of(std::string word, std::uint64_t length) {
  return {std::move(word), Made::elements, {length}};
}
Made list_of(std::uint64_t length) { return {"list", Made::items, {length}}; }
Made inert(const std::string& name) { return {"python_object " + name, Made::none, {}}; }

Made frame(std::string word, std::uint64_t rows, std::uint64_t columns) {
  if (rows > INT32_MAX) return list_of(columns);
  return {std::move(word), Made::rows, {rows, columns}};
}

const char* word(Simple type) {
  switch (type) {
    case Simple::logical:
      return "logi";
    case Simple::integer:
      return "int";
    case Simple::integer64:
      return "integer64";
    case Simple::character:
      return "chr";
    case Simple::complex:
      return "cplx";
    case Simple::date:
      return "Date";
    case Simple::datetime:
      return "POSIXct";
    case Simple::difftime:
      return "difftime";
    default:
      return "num";
  }
}

std::uint64_t Made::length() const {
  if (size == none) return 0;
  std::uint64_t product = 1;
  for (const std::uint64_t extent : shape) product *= extent;
  return product;
}

std::string Made::text() const {
  std::string extents;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) extents += " x ";
    extents += with_commas(shape[i]);
  }
  switch (size) {
    case elements:
      return word + " [" + extents + "]";
    case items:
      return word + " of " + extents;
    case rows:
      return word + " " + extents + more;
    default:
      return word;
  }
}

Made Maker::made(const Plan& plan) const {
  const Details& details = plans_.details_of(plan);
  switch (plan.form) {
    case Form::scalar:
      return scalar(plan);
    case Form::vector:
      return vector_of(word(plan.simple), tree_[plans_.items_of(plan)].size);
    case Form::factor:
      return vector_of("int", tree_[plans_.items_of(plan)].size);
    case Form::python:
      return python(details);
    case Form::array:
      return array(details);
    case Form::objects:
      if (plan.simple != Simple::no) return elements(word(plan.simple), *details.array);
      if (details.array->shape.size() < 2) return list_of(plan.own);
      return elements("list", *details.array);
    case Form::list:
    case Form::pairs:
      return list_of(plan.own);
    case Form::named:
      if (details.rows != UINT64_MAX) return frame("data.frame", details.rows, plan.own);
      return {"dict", Made::items, {plan.own}};
    case Form::dict:
      return {"python_dict", Made::items, {plan.own / 2}};
    case Form::object:
      return object(plan);
    case Form::pandas:
      return pandas(plan);
    case Form::cycle:
      return inert("cycle");
  }
  return {};
}

Made Maker::scalar(const Plan& plan) const {
  const metadata::Members& members = plans_.details_of(plan).metadata;
  const std::string_view type = members.type.text();
  const Node& node = tree_[plan.node];
  switch (node.tag) {
    case Tag::none:
      return type == "logical"     ? vector_of("logi", 1)
             : type == "integer"   ? vector_of("int", 1)
             : type == "double"    ? vector_of("num", 1)
             : type == "character" ? vector_of("chr", 1)
             : type == "integer64" ? vector_of("integer64", 1)
                                   : Made{"NULL", Made::none, {}};
    case Tag::boolean:
      return vector_of("logi", 1);
    case Tag::integer: {
      const Simple simple = type == "integer64"
                                ? Simple::integer64
                                : integer_type(node, options_.plan.scalars.bit64);
      return simple == Simple::no ? inert("builtins.int") : vector_of(word(simple), 1);
    }
    case Tag::big_integer:
      return inert("builtins.int");
    case Tag::real:
      return vector_of("num", 1);
    case Tag::text:
    case Tag::string: {
      const bool text = is_r_text(tree_, plan.node) ||
                        (node.tag == Tag::text && members.bytes != kNoId && type.empty());
      return text ? vector_of("chr", 1) : inert("builtins.str");
    }
    case Tag::bytes:
    case Tag::byte_array:
      return vector_of("raw", node.size);
    case Tag::global:
      return inert(python::class_name(tree_, plan.node));
    case Tag::extension:
      return inert("copyreg.extension");
    default:
      return {};
  }
}

Made Maker::python(const Details& details) const {
  const python::Recognised& object = details.python;
  if (object.kind == python::Recognised::range) {
    const double last = object.start + object.step * (object.count - 1);
    const bool integers =
        object.count == 0 ||
        std::max(std::fabs(object.start), std::fabs(last)) <= double{INT32_MAX};
    return vector_of(integers ? "int" : "num", static_cast<std::uint64_t>(object.count));
  }
  if (object.kind == python::Recognised::zoned) return vector_of("POSIXct", 1);
  const std::string_view type = details.metadata.type.text();
  if (object.meaning != Meaning::plain && (type == "integer" || type == "double")) {
    return vector_of(type == "integer" ? "int" : "num", 1);
  }
  return vector_of(word(object.type, object.meaning), 1);
}

namespace {

// What a sparse matrix of SciPy's says of its shape: its state, or the keywords by which
// it is called (of a functools.partial: in the state of that).
Id sparse_shape(const pickle::Tree& tree, Id object) {
  const auto extra_of = [&tree](Id id) {
    const pickle::Extra* extra = tree.extra_of(id);
    return extra ? *extra : pickle::Extra();
  };
  const pickle::Extra extra = extra_of(object);
  const Id partial = tree[object].first;
  const Id state = tree[partial].tag == Tag::object ? extra_of(partial).state : kNoId;
  const Id keywords = state != kNoId ? tree.item(state, 2) : kNoId;
  for (const Id dict : {extra.state, extra.keywords, keywords}) {
    for (const char* name : {"_shape", "shape"}) {
      const Id shape = pickle::member(tree, dict, name);
      if (shape != kNoId) return shape;
    }
  }
  // Or the second argument, a tuple that is made of a list.
  const Id tuple = tree.item(tree[object].second, 1);
  if (tuple == kNoId || tree[tuple].tag != Tag::object) return tuple;
  const bool made = tree.is_global(tree[tuple].first, "builtins", "tuple");
  return made ? tree.item(tree[tuple].second, 0) : kNoId;
}

}  // namespace

Made Maker::object(const Plan& plan) const {
  if (tree_[plan.node].tag == Tag::persistent) return inert("pickle.persistent_id");
  const std::string name = python::class_name(tree_, plan.node);
  Made made = inert(name);
  if (name.compare(0, 13, "scipy.sparse.") != 0) return made;
  const Id shape = sparse_shape(tree_, plan.node);
  if (shape == kNoId) return made;
  for (Id extent : tree_.items(shape)) {
    if (tree_[extent].tag != Tag::integer || tree_[extent].integer < 0) return made;
    made.shape.push_back(static_cast<std::uint64_t>(tree_[extent].integer));
  }
  if (made.shape.empty() || made.shape.size() > 2) return made;
  made.size = Made::rows;
  // Its indices are integers; what else there is are the numbers.
  for (const numpy::Array& array : plans_.arrays) {
    const Kind kind = array.dtype.kind;
    if (kind == Kind::integer || kind == Kind::unsigned_integer) continue;
    made.more = ", " + numpy::text(array.dtype);
    break;
  }
  return made;
}

// With R's order of dimensions.
Made Maker::elements(const char* word, const numpy::Array& array) const {
  if (array.shape.size() < 2) return vector_of(word, array.count());
  Made made{word, Made::elements, array.shape};
  if (options_.reversed) std::reverse(made.shape.begin(), made.shape.end());
  return made;
}

Made Maker::array(const Details& details) const {
  const numpy::Array& array = *details.array;
  const std::string_view type = details.metadata.type.text();
  if (array.dtype.kind == Kind::structured) {
    const std::uint64_t fields = array.dtype.fields.size();
    return array.shape.size() == 1 ? frame("data.frame", array.shape[0], fields)
                                   : list_of(fields);
  }
  if (array.dtype.kind == Kind::raw) {
    return elements("raw", array.item_bytes(options_.reversed));
  }
  numpy::Choice choice{options_.exact_int64, options_.plan.raw_uint8};
  if (!type.empty()) choice = {type == "integer64", type == "raw"};
  numpy::Target target;
  if (!target_of(array.dtype, choice, target)) return inert("numpy.ndarray");
  if (target.meaning != Meaning::plain && !type.empty()) {
    return elements(type == "integer" ? "int" : "num", array);
  }
  return elements(word(target.type, target.meaning), array);
}

std::vector<std::string_view> Maker::texts(const Plan& plan) const {
  std::vector<std::string_view> out;
  if (plan.form == Form::scalar && tree_[plan.node].tag == Tag::text) {
    out.push_back(tree_.text_of(plan.node));
  } else if (plan.form == Form::vector && plan.simple == Simple::character) {
    for (Id item : tree_.items(plans_.items_of(plan))) out.push_back(tree_.text_of(item));
  }
  return out;
}

std::vector<std::int64_t> Maker::integers(const Plan& plan) const {
  std::vector<std::int64_t> out;
  const numpy::Array* array = plans_.details_of(plan).array;
  if (plan.form == Form::scalar && tree_[plan.node].tag == Tag::integer) {
    out.push_back(tree_[plan.node].integer);
  } else if (plan.form == Form::vector && plan.simple == Simple::integer) {
    for (Id item : tree_.items(plans_.items_of(plan))) {
      if (tree_[item].tag == Tag::integer) out.push_back(tree_[item].integer);
    }
  } else if (plan.form == Form::array && array->dtype.kind == Kind::integer &&
             array->shape.size() == 1 && array->shape[0] <= numpy::kMaxRank) {
    out.resize(array->shape[0]);
    bool inexact = false;
    const numpy::Decode decode = decoder(array->dtype, RType::integer64);
    if (decode == nullptr || out.empty()) return {};
    decode(array->dtype, array->data, array->strides[0], out.size(), out.data(),
           &inexact);
  }
  return out;
}

}  // namespace mmappickle::plan
