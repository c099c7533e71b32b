#include "r/write/former.h"

#include <utility>

#include "core/numpy/kernels.h"
#include "r/call.h"
#include "r/text.h"
#include "r/trusted_classes.h"
#include "r/values.h"
#include "r/vector.h"
#include "r/view/compare.h"
#include "r/write/array.h"
#include "r/write/attributes.h"
#include "r/write/list.h"
#include "r/write/nested.h"
#include "r/write/structured.h"
#include "r/write/text.h"
#include "r/write/time.h"
#include "r/write/view.h"

namespace mmappickle::write {

using numpy::Array;
using numpy::Dtype;
using numpy::Elements;
using numpy::Kind;
using numpy::Meaning;
using pickle::Id;
using pickle::kNoId;
using pickle::Tag;

Former::Former(Context& context, const Origin& origin)
    : context_(context),
      origin_(origin),
      root_(origin.loaded.value),
      recogniser_(context.tree),
      python_(context.tree, recogniser_) {
  if (!origin.loaded.is_array) return;
  root_ = context.tree.none();  // stands for it: arrays of entries have no node
  known_.emplace(root_, origin.loaded.array);
}

const Array* Former::at(Id origin) {
  if (origin == kNoId) return nullptr;
  const bool is_object = context_.tree[origin].tag == Tag::object;
  if (!is_object && (origin != root_ || known_.empty())) return nullptr;
  const auto [found, is_new] = known_.try_emplace(origin);
  if (is_new && is_object) {
    numpy::Recognised array = recogniser_.recognise(origin);
    if (array.found == numpy::Found::array) found->second = std::move(array.array);
  }
  return found->second ? &*found->second : nullptr;
}

namespace {

// Attributes of these names alone.
bool has_only(SEXP attributes, const std::vector<const char*>& allowed) {
  SEXP names = Rf_getAttrib(attributes, R_NamesSymbol);
  for (R_xlen_t i = 0; i < Rf_xlength(names); ++i) {
    if (!contains(allowed, CHAR(string_elt(names, i)))) return false;
  }
  return true;
}

// The attributes that an array of the dtype says itself, if R reads one as a vector of
// x's type, class, zone and units. False: it does not.
bool is_read_as(const Context& context, SEXP x, SEXP attributes, const Dtype& dtype,
                std::vector<const char*>& said) {
  if (!Rf_isVectorAtomic(x) || Rf_isFactor(x)) return false;
  if (dtype.kind == Kind::raw) return TYPEOF(x) == RAWSXP;
  numpy::Target target;
  if (!target_of(dtype, context.flags.choice(), target)) return false;
  if (target.type != r_type(x) || target.meaning != meaning_of(x)) return false;
  said = time_attributes(target.meaning);
  if (target.type == numpy::RType::integer64) said = {"class"};
  return target.meaning == Meaning::plain ||
         has_class_of(attributes, target.meaning, target.units);
}

// Error of kind value where they do not fit; text gets the length that it needs.
Elements encode_again(Context& context, SEXP x, const Dtype& dtype,
                      const Encoding& encoding, const std::string& subject) {
  try {
    return encode_elements(context, x, dtype, encoding, subject);
  } catch (const Error& error) {
    const bool text = dtype.kind == Kind::bytes || dtype.kind == Kind::unicode;
    if (error.kind != ErrorKind::value || !text) throw;
    Dtype longer = dtype;
    longer.itemsize = 0;
    return encode_elements(context, x, longer, encoding, subject);
  }
}

[[noreturn]] void misfit(const std::string& subject) {
  throw Error(ErrorKind::value, subject + " is no field of an array.");
}

const numpy::Field* field_named(const Dtype& dtype, const std::string& name) {
  for (const numpy::Field& field : dtype.fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

Dtype item_dtype(const Dtype& dtype) {
  Dtype item = dtype;
  item.itemsize = dtype.base_itemsize();
  item.subshape.clear();
  return item;
}

Dtype natural_dtype_of(SEXP x) {
  if (TYPEOF(x) != STRSXP) return numpy::natural_dtype(r_type(x), meaning_of(x));
  Dtype dtype;
  dtype.kind = Kind::unicode;
  dtype.itemsize = 0;  // as long as the longest
  return dtype;
}

// A column: of the dtype of its field (may be null) while it fits that, else of its own.
Elements encode_column(Context& context, SEXP x, const numpy::Field* field,
                       const Encoding& encoding, const std::string& subject) {
  SEXP attributes = context.keep(attributes_of(x));
  std::vector<const char*> said;
  const auto is_all_said = [&](const Dtype& dtype) {
    if (!is_read_as(context, x, attributes, dtype, said)) return false;
    said.push_back("dim");
    return has_only(attributes, said);
  };
  Elements out;
  if (view_elements(context, x, encoding.in_r_order, out) &&
      (!field || item_dtype(field->dtype) == out.dtype)) {
    if (!is_all_said(out.dtype)) misfit(subject);
    return out;
  }
  if (field && is_all_said(item_dtype(field->dtype))) {
    try {
      return encode_again(context, x, item_dtype(field->dtype), encoding, subject);
    } catch (const Error& error) {
      if (error.kind != ErrorKind::value) throw;
    }
  }
  if (out.data && is_all_said(out.dtype)) return out;
  if (!Rf_isVectorAtomic(x) || !is_all_said(natural_dtype_of(x))) misfit(subject);
  return encode_elements(context, x, natural_dtype_of(x), encoding, subject);
}

bool is_frame(SEXP attributes) {
  return has_class(get_attribute(attributes, "class"), "data.frame");
}

// What a structured array of rank 1 is read as.
bool is_plain_frame(Context& context, SEXP x, SEXP attributes) {
  if (!is_class(get_attribute(attributes, "class"), "data.frame")) return false;
  return context.keep(protect([&] { return call_own("automatic_rows", {x}); })) !=
         R_NilValue;
}

// A data frame, or a list of arrays of the same dimensions, as a structured array.
Elements encode_columns(Context& context, SEXP x, SEXP attributes, const Dtype& former,
                        Encoding encoding, const std::string& subject, int depth) {
  SEXP names = Rf_getAttrib(x, R_NamesSymbol);
  if (depth >= numpy::kMaxDtypeDepth || TYPEOF(x) != VECSXP || Rf_xlength(x) == 0 ||
      TYPEOF(names) != STRSXP) {
    misfit(subject);
  }
  read_pointer(names);
  const bool frame = is_frame(attributes);
  if (!frame && get_attribute(attributes, "class") != R_NilValue) misfit(subject);
  if (!are_keys(context.tree, names)) misfit(subject);
  // Row by row: then what is folded into an item is together.
  if (frame) encoding.in_r_order = false;
  numpy::Records records;
  for (R_xlen_t i = 0; i < Rf_xlength(x); ++i) {
    const std::string name = utf8_of(string_elt(names, i));
    const std::string what = subject + "$" + name;
    const numpy::Field* field = field_named(former, name);
    SEXP column = vector_elt(x, i);
    if (TYPEOF(column) == VECSXP) {
      SEXP of_column = context.keep(attributes_of(column));
      if (!has_only(of_column, {"names", "class", "row.names"})) misfit(what);
      if (is_frame(of_column) && !is_plain_frame(context, column, of_column))
        misfit(what);
      records.add(
          name,
          encode_columns(context, column, of_column, field ? field->dtype : Dtype(),
                         encoding, what, depth + 1),
          frame, what);
    } else {
      records.add(name, encode_column(context, column, field, encoding, what), frame,
                  what);
    }
  }
  Elements out = records.finish(subject);
  if (frame != (out.dims.size() == 1)) misfit(subject);
  return out;
}

}  // namespace

bool Former::plan(SEXP x, SEXP attributes, Id origin, Plan& plan) {
  const Array* former = at(origin);
  if (!former) return false;
  if (whole_view(x)) return plan_left(x, attributes, origin, plan);
  if (former->objects != kNoId) return plan_objects_again(x, attributes, *former, plan);
  const bool structured = former->dtype.kind == Kind::structured;
  const numpy::Layout layout = context_.layout(former->f_order() && !former->c_order());
  Encoding encoding;
  encoding.in_r_order = layout.in_r_order();
  encoding.masked = former->masked;
  std::vector<const char*> said;
  Elements elements;
  try {
    if (structured) {
      elements = encode_columns(context_, x, attributes, former->dtype, encoding,
                                context_.subject(), 0);
      said = {"names"};
    } else {
      if (!is_read_as(context_, x, attributes, former->dtype, said)) return false;
      elements = encode_again(context_, x, former->dtype, encoding, context_.subject());
    }
  } catch (const Error& error) {
    if (error.kind != ErrorKind::value && error.kind != ErrorKind::limit) throw;
    return false;
  }
  if (former->shape.empty() && elements.dims.size() == 1 && elements.dims[0] == 1 &&
      get_attribute(attributes, "dim") == R_NilValue) {
    elements.dims.clear();
  }
  numpy::NewArray array = new_array(std::move(elements), layout);
  if (array.mask && array.dtype == former->dtype) array.fill = former->fill;
  Encoded out = add_array(context_, std::move(array));
  if (!structured) out.type = type_beyond_options(former->dtype, r_type(x));
  plan = Plan(x);
  plan.make = [out](SEXP, std::vector<Encoded>&) { return out; };
  plan.said = std::move(said);
  if (structured && is_frame(attributes) && is_plain_frame(context_, x, attributes)) {
    plan.ignored = {"class", "row.names"};
  }
  return true;
}

// What was left alone stays the node that it was, where that says more than a view's
// bytes.
bool Former::plan_left(SEXP x, SEXP attributes, Id origin, Plan& plan) {
  const Array& former = *at(origin);
  const View& view = *whole_view(x);
  if (context_.tree[origin].tag != Tag::object || view.file ||
      (former.fill == kNoId && former.subclass.empty())) {
    return false;
  }
  const Array shown = file_array(view);
  std::vector<const char*> said;
  if (shown.data != former.data || shown.shape != former.shape ||
      shown.strides != former.strides || !shows_its_file(x, view) ||
      !is_read_as(context_, x, attributes, former.dtype, said)) {
    return false;
  }
  require_current(view.watch.get());
  context_.watch(view.watch);
  Encoded out;
  out.value = origin;
  out.type = type_beyond_options(former.dtype, r_type(x));
  plan = Plan(x);
  plan.make = [out](SEXP, std::vector<Encoded>&) { return out; };
  plan.said = std::move(said);
  return true;
}

// What was in the places of the items of an object array of the same dimensions.
void Former::find_origins(const Array& objects, std::vector<Part>& items) {
  std::vector<Id> before;
  for (Id item : context_.tree.items(objects.objects)) before.push_back(item);
  for (std::size_t i = 0; i < items.size(); ++i) {
    // its strides are in items: an address is a position in the list
    const std::uint64_t from = reinterpret_cast<std::uintptr_t>(address(objects, i)) -
                               reinterpret_cast<std::uintptr_t>(objects.data);
    items[i].origin = before[from];
  }
}

// An array of objects of rank 1 stays one, as do those of more dimensions by the plain
// rule, which says nothing of what was in them.
bool Former::plan_objects_again(SEXP x, SEXP attributes, const Array& former,
                                Plan& plan) {
  if (get_attribute(attributes, "class") != R_NilValue) return false;
  const bool has_dim = get_attribute(attributes, "dim") != R_NilValue;
  if (has_dim && TYPEOF(x) == VECSXP) {
    const bool turned = context_.flags.reversed;
    const Array array = turned ? former.reversed() : former;
    if (array.shape != dims_of(x)) return false;
    plan = plan_objects(context_, x, attributes, false);
    find_origins(array, plan.items);
    return true;
  }
  if (has_dim || former.shape.size() != 1) return false;
  if (TYPEOF(x) == STRSXP) {
    if (byte_positions(context_, x) != kNoId) return false;
    plan =
        plan_of(x, [this](SEXP x) { return encode_string_objects(context_, x, false); });
    return true;
  }
  if (TYPEOF(x) != VECSXP) return false;
  plan = plan_objects(context_, x, attributes, false);
  find_origins_by_position(context_, former.objects, plan.items);
  return true;
}

}  // namespace mmappickle::write
