#include "describer.h"

#include <algorithm>
#include <cstdlib>

#include "../base/number_text.h"
#include "../base/utf8.h"
#include "element_text.h"

namespace mmappickle::plan {

namespace {

constexpr std::size_t kLongestValue = 256;
constexpr std::size_t kLongestClass = 400;  // see r/read/attributes.cpp

bool has(const std::vector<std::string_view>& texts, std::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

const char* word_of_type(std::string_view type) {
  return type == "character" ? "chr"
         : type == "list"    ? "list"
         : type == "integer" ? "int"
         : type == "double"  ? "num"
         : type == "logical" ? "logi"
                             : "";
}

std::string factor_text(const Made& made, std::string name, const numpy::Shape& levels) {
  if (made.size != Made::none) name += " " + with_commas(made.length());
  if (!levels.empty()) {
    name += ", " + with_commas(levels[0]) + (levels[0] == 1 ? " level" : " levels");
  }
  return name;
}

}  // namespace

Brief Describer::brief(Id value, Id metadata, const numpy::Array* array) {
  planner_.run(value, metadata, array);
  root_ = &plans_.plans[0];
  Brief out;
  Made made = maker_.made(*root_);
  const std::vector<std::string_view> classes = restored_classes(made);
  set_dim(made);
  set_value(out, made, classes);
  out.type = made.word.substr(0, made.word.find(' '));
  out.text = classes.empty() ? with_levels(made) : classed(made, classes);
  if (!classes.empty()) out.type = std::string(classes[0]);
  return out;
}

Brief Describer::brief(const Brief& known, Id metadata) {
  planner_.run(tree_.none(), metadata);
  root_ = &plans_.plans[0];
  const std::string_view type = plans_.details_of(*root_).metadata.type.text();
  Made made;
  if (known.text == "dict") {
    made.word = "dict";
  } else if (known.text == "sequence") {
    made.word = type == "factor" ? "int" : word_of_type(type);
  }
  const std::vector<std::string_view> classes = restored_classes(made);
  if (made.word.empty() || (made.word == "dict" && classes.empty())) return known;
  Brief out;
  out.type = classes.empty() ? made.word : std::string(classes[0]);
  out.text = classes.empty() ? made.word : classed(made, classes);
  return out;
}

const Plan* Describer::attribute(std::string_view name) const {
  const metadata::Members& members = plans_.details_of(*root_).metadata;
  if (members.attributes == kNoId) return nullptr;
  std::uint64_t i = std::uint64_t{root_->own} + (members.value != kNoId);
  for (Id pair : tree_.items(members.attributes)) {
    if (i >= root_->count) break;
    const Number child = plans_.child(*root_, i++);
    if (tree_.text_of(tree_.item(pair, 0)) == name) return &plans_.plans[child];
  }
  return nullptr;
}

std::vector<std::string_view> Describer::texts(std::string_view name) const {
  const Plan* plan = attribute(name);
  return plan ? maker_.texts(*plan) : std::vector<std::string_view>();
}

std::vector<std::string_view> Describer::restored_classes(const Made& made) const {
  const std::vector<std::string_view> classes = texts("class");
  if (made.word == "NULL") return {};
  for (const std::string_view name : classes) {
    if (name.size() > kLongestClass || !is_r_text(Bytes(name)) ||
        !metadata::restores(options_.trust, metadata::kind_of_class(name)) ||
        metadata::kind_of_class(name) == metadata::ClassKind::mark) {
      return {};
    }
  }
  if (has(classes, "factor") && made.word != "int") return {};
  if (has(classes, "data.frame") && !fits_rows(made)) return {};
  // One that names a package would load it.
  const Plan* plan = attribute("class");
  const Id own = plan ? plans_.details_of(*plan).metadata.attributes : kNoId;
  const bool package =
      own != kNoId && metadata::attribute(tree_, own, "package") != kNoId;
  if (package && options_.trust != metadata::Trust::all) return {};
  return classes;
}

std::uint64_t Describer::rows() const {
  const Plan* plan = attribute("row.names");
  if (!plan) return 0;
  if (plans_.details_of(*plan).metadata.type.text() != "row.names") {
    return maker_.made(*plan).length();
  }
  const std::vector<std::int64_t> counted = maker_.integers(*plan);
  return counted.empty() ? 0 : static_cast<std::uint64_t>(std::llabs(counted[0]));
}

bool Describer::fits_rows(const Made& made) const {
  if (made.size != Made::items) return true;
  std::uint64_t most = made.shape[0] == 0 ? rows() : 0;
  for (std::uint32_t i = 0; i < root_->own; ++i) {
    const Number child = plans_.child(*root_, i);
    const Made column = child == kNone ? Made() : maker_.made(plans_.plans[child]);
    if (column.size == Made::items || column.size == Made::rows) return true;
    most = std::max(most, column.size == Made::none ? 1 : column.length());
  }
  return rows() <= most;
}

void Describer::set_dim(Made& made) const {
  const Plan* plan = attribute("dim");
  if (!plan || (made.size != Made::elements && made.size != Made::items)) return;
  numpy::Shape shape;
  std::uint64_t product = 1;
  for (const std::int64_t extent : maker_.integers(*plan)) {
    if (extent < 0 || extent > INT32_MAX) return;
    shape.push_back(static_cast<std::uint64_t>(extent));
    if (extent > 0 && product > UINT64_MAX / shape.back()) return;
    product *= shape.back();
  }
  if (shape.empty() || product != made.length() || made.shape.size() > 1) return;
  made.size = Made::elements;
  made.shape = std::move(shape);
}

void Describer::set_value(Brief& out, const Made& made,
                          const std::vector<std::string_view>& classes) {
  const bool one = made.size == Made::elements && made.shape == numpy::Shape{1} &&
                   attribute("dim") == nullptr;
  if (!one || made.word == "raw") return;
  Id node = root_->node;
  if (root_->form == Form::vector) {
    node = tree_.item(plans_.items_of(*root_), 0);
  } else if (root_->form != Form::scalar && root_->form != Form::python) {
    return;
  }
  const Scalar scalar = planner_.scalar(node);
  if (scalar.kind == Scalar::none) return;
  const bool timely = scalar.kind >= Scalar::date;
  if (timely ? !classes.empty() && made.word != "num" && made.word != "int"
             : !classes.empty()) {
    return;
  }
  out.has_value = true;
  out.is_text = scalar.kind == Scalar::text || scalar.kind == Scalar::bytes;
  if (!out.is_text) {
    const std::vector<std::string_view> units = texts("units");
    out.value = element_text(scalar, units.size() == 1 ? units[0] : "");
    return;
  }
  std::string_view text = tree_.text_of(scalar.node);
  if (text.size() > kLongestValue) {
    std::size_t size = kLongestValue;
    while (size > 0 && is_utf8_inside(static_cast<std::uint8_t>(text[size]))) --size;
    text = text.substr(0, size);
  }
  out.value = text;
}

// A factor of pandas' has its levels as a part.
std::string Describer::with_levels(const Made& made) const {
  if (made.word != "factor" && made.word != "ordered") return made.text();
  const Plan& levels = plans_.plans[plans_.child(*root_, 0)];
  return factor_text(made, made.word, maker_.made(levels).shape);
}

std::string Describer::classed(Made made,
                               const std::vector<std::string_view>& classes) const {
  const std::string name(classes[0]);
  if (has(classes, "factor")) {
    const Plan* levels = attribute("levels");
    return factor_text(made, name, levels ? maker_.made(*levels).shape : numpy::Shape{});
  }
  if (has(classes, "data.frame") && made.size == Made::items) {
    return Made{name, Made::rows, {rows(), made.shape[0]}}.text();
  }
  if (has(classes, "data.frame") && made.word == "dict") {
    return name + " " + with_commas(rows()) + " x ?";
  }
  const bool simple = has(classes, "Date") || has(classes, "POSIXct") ||
                      has(classes, "difftime") || has(classes, "integer64");
  if (simple && made.size == Made::elements) {
    made.word = name;
    return made.text();
  }
  if (has(classes, "POSIXlt")) return name;
  if (made.word == "dict") made.word = "list";
  return made.word == name ? made.text() : name + " " + made.text();
}

}  // namespace mmappickle::plan
