#include "r/write/kept.h"

#include "core/numpy/recognise.h"
#include "core/store/plain_pickle.h"
#include "r/call.h"
#include "r/kept.h"
#include "r/read/pickle.h"
#include "r/text.h"
#include "r/trusted_classes.h"
#include "r/vector.h"
#include "r/view/compare.h"
#include "r/write/array.h"
#include "r/write/attributes.h"
#include "r/write/nested.h"
#include "r/write/view.h"

namespace mmappickle::write {

using pickle::Id;
using pickle::kNoId;

namespace {

Bytes bytes_of(SEXP pickle) {
  return {static_cast<const std::uint8_t*>(read_pointer(pickle)),
          static_cast<std::uint64_t>(Rf_xlength(pickle))};
}

// R code may have changed it in place: then the pickle is read to another value.
bool is_still(bool reversed, SEXP x, SEXP keeper, SEXP pickle) {
  const Flags flags(kept_flags(keeper));
  const bool turned = flags.reversed != reversed;
  if (turned && Rf_getAttrib(x, R_DimSymbol) != R_NilValue) return false;
  Shield again(read_again(bytes_of(pickle), flags));
  // identical(num.eq = FALSE, single.NA = FALSE): to the bit.
  constexpr int kBits = 1, kMissingBits = 2, kEnvironments = 16;
  bool same = false;
  protect([&] {
    same = R_compute_identical(x, again, kBits | kMissingBits | kEnvironments);
    return R_NilValue;
  });
  return same;
}

Encoded encode_copy(Context& context, const numpy::Array& array) {
  return add_array(context, copy_of(array));
}

// Of an array of the node's kind, which is then aligned and mapped; else the node itself.
Encoded encode_node(Context& context, Id node) {
  const numpy::Recognised found = numpy::recognise(context.tree, node);
  const numpy::Array& array = found.array;
  Encoded out;
  out.value = node;
  if (found.found != numpy::Found::array || array.objects != kNoId ||
      array.fill != kNoId || !array.subclass.empty() || !array.dtype.whole) {
    return out;
  }
  return encode_copy(context, array);
}

// Whether the columns are views of the fields of `array`, a part of `whole`, in order.
bool shows_fields(SEXP x, const numpy::Array& array, const numpy::Array* whole) {
  const std::vector<numpy::Field>& fields = array.dtype.fields;
  SEXP names = Rf_getAttrib(x, R_NamesSymbol);
  if (TYPEOF(x) != VECSXP || TYPEOF(names) != STRSXP ||
      static_cast<std::size_t>(Rf_xlength(x)) != fields.size()) {
    return false;
  }
  for (R_xlen_t i = 0; i < Rf_xlength(x); ++i) {
    const numpy::Field& field = fields[static_cast<std::size_t>(i)];
    if (utf8_of(string_elt(names, i)) != field.name) return false;
    const numpy::Array part = array.field(field);
    SEXP column = vector_elt(x, i);
    if (part.dtype.kind == numpy::Kind::structured) {
      if (!shows_fields(column, part, whole)) return false;
      continue;
    }
    const View* view = whole_view(column);
    if (!view || view->whole.get() != whole || view->file ||
        !shows_its_file(column, *view))
      return false;
    const numpy::Array shown = file_array(*view);
    if (shown.data != part.data || shown.strides != part.strides ||
        shown.shape != part.shape) {
      return false;
    }
  }
  return true;
}

// Of a structured array that is mapped.
bool plan_structured(Context& context, SEXP x, SEXP attributes, Plan& plan) {
  const View* view = first_view(x);
  if (!view || !view->whole || view->file) return false;
  const std::shared_ptr<const numpy::Array> whole = view->whole;
  const bool data_frame = is_class(get_attribute(attributes, "class"), "data.frame");
  const bool turned = whole->shape.size() > 1 && view->reversed != context.flags.reversed;
  if (data_frame != (whole->shape.size() == 1) || turned ||
      Rf_xlength(attributes) != (data_frame ? 3 : 1) ||
      !shows_fields(x, *whole, whole.get())) {
    return false;
  }
  if (data_frame) {
    SEXP rows = context.keep(protect([&] { return call_own("automatic_rows", {x}); }));
    if (rows == R_NilValue) return false;
  }
  require_current(view->watch.get());
  context.watch(view->watch);
  SEXP kept = context.keep(x);
  plan = plan_of(R_NilValue,
                 [&context, whole, kept](SEXP) { return encode_copy(context, *whole); });
  plan.ignored = {"names", "class", "row.names"};
  return true;
}

}  // namespace

bool is_kept_sequence(SEXP x) {
  return ALTREP(x) && kept_sequence_kind(x) && attribute_count(x) == 0;
}

Encoded encode_kept_sequence(Context& context, SEXP x) {
  const plan::SequenceKind kind = kept_sequence_kind(x);
  const std::uint8_t* floats = kept_floats(x);
  SEXP values = kept_values(x);
  const auto* ints =
      TYPEOF(values) == INTSXP ? static_cast<const int*>(read_pointer(values)) : nullptr;
  pickle::Tree& tree = context.tree;
  const auto item = [&](std::size_t i) {
    tree.poll();
    if (ints) return ints[i] == NA_INTEGER ? tree.none() : tree.integer(ints[i]);
    const bool is_float = floats && (floats[i / 8] >> (i % 8) & 1);
    return element(context, values, static_cast<R_xlen_t>(i),
                   is_float ? plan::SequenceKind() : kind);
  };
  const auto n = static_cast<std::size_t>(XLENGTH(values));
  Encoded out;
  out.value = kind.is_sequence() ? tree.container(kind.container(), n, item) : item(0);
  return out;
}

bool plan_kept(Context& context, Objects& objects, SEXP x, SEXP attributes, Plan& plan) {
  if (TYPEOF(x) == VECSXP && plan_structured(context, x, attributes, plan)) return true;
  if (is_kept_sequence(x)) {
    plan = plan_of(x, [&context](SEXP x) { return encode_kept_sequence(context, x); });
    return true;
  }
  SEXP keeper = TYPEOF(x) == VECSXP ? Rf_getAttrib(x, R_NamesSymbol) : x;
  SEXP pickle = kept_pickle(keeper);
  if (pickle == R_NilValue || !is_still(context.flags.reversed, x, keeper, pickle)) {
    return false;
  }
  const Id node = objects.node_of(context.keep(pickle));
  plan =
      plan_of(R_NilValue, [&context, node](SEXP) { return encode_node(context, node); });
  // The pickle says them.
  plan.ignored = {"dim", "class", "tzone", "units", "names", "row.names"};
  return true;
}

std::string kept_dtype(SEXP x) {
  Shield pickle(kept_pickle(x));
  if (pickle == R_NilValue || !is_still(Flags(kept_flags(x)).reversed, x, x, pickle)) {
    return {};
  }
  store::PlainPickle read = store::read_plain_pickle(bytes_of(pickle), 0, nullptr, {});
  if (read.value.is_array) return numpy::text(read.value.array.dtype);
  const numpy::Recognised found = numpy::recognise(read.value.tree, read.value.value);
  return found.found == numpy::Found::array ? numpy::text(found.array.dtype)
                                            : std::string();
}

}  // namespace mmappickle::write
