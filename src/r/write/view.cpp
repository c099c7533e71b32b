#include "r/write/view.h"

#include <algorithm>

#include "core/os/file_source.h"
#include "r/values.h"
#include "r/vector.h"
#include "r/view/compare.h"
#include "r/write/array.h"
#include "r/write/attributes.h"

namespace mmappickle::write {

using numpy::Meaning;
using numpy::NewArray;
using numpy::RType;

namespace {

// The numbers of x mean what those of its file mean; a zone is only a way to show them.
bool has_file_meaning(SEXP x, const View& view) {
  numpy::Choice choice;
  choice.exact_int64 = view.type == RType::integer64;
  choice.raw_uint8 = view.type == RType::raw;
  numpy::Target target;
  if (!target_of(view.array.dtype, choice, target)) return false;
  if (target.meaning != meaning_of(x) || Rf_isFactor(x)) return false;
  if ((target.type == RType::integer64) !=
      static_cast<bool>(Rf_inherits(x, "integer64"))) {
    return false;
  }
  return target.meaning != Meaning::difftime ||
         same_text(Rf_getAttrib(x, Rf_install("units")), {target.units});
}

// The same bytes, with the holes of the file that they lie in, if that is still there.
std::shared_ptr<const Source> with_holes(std::shared_ptr<const Source> source,
                                         const View& view) {
  constexpr std::uint64_t kMayBeSparse = 1 << 16;
  const Bytes bytes = source->in_memory();
  if (bytes.size < kMayBeSparse || !view.mapping->holds(bytes.data)) return source;
  try {
    auto file =
        std::make_shared<const os::File>(os::File::open(view.path, os::Access::read));
    if (file->status().identity != view.mapping->identity()) return source;
    const std::uint64_t offset = view.mapping->offset_of(bytes.data);
    return os::mapped_source(std::move(file), offset, bytes);
  } catch (const Error&) {  // moved away, or no longer to be read
    return source;
  }
}

// As Python is to see it.
numpy::Array new_array(const Context& context, const View& view) {
  const numpy::Array array = file_array(view);
  return view.reversed == context.flags.reversed ? array : array.reversed();
}

// What is mapped or in memory.
NewArray copy_mapped(const View& view, const numpy::Array& array, bool fortran) {
  NewArray out;
  out.fortran = fortran;
  out.data = with_holes(copy_source(array, fortran), view);
  if (array.masked) out.mask = with_holes(copy_source(array, fortran, true), view);
  return out;
}

// What is read from the file, in the order that it has there.
NewArray copy_file(const View& view, const numpy::Array& array) {
  NewArray out;
  out.fortran = array.f_order() && !array.c_order();
  const std::uint64_t count = array.count();
  out.data = part_source(view.file, view.place.data, count * array.dtype.itemsize);
  if (view.place.mask != 0) out.mask = part_source(view.file, view.place.mask, count);
  return out;
}

}  // namespace

const char* type_beyond_options(const numpy::Dtype& dtype, RType type) {
  if (dtype.kind != numpy::Kind::integer && dtype.kind != numpy::Kind::unsigned_integer) {
    return nullptr;
  }
  if (dtype.itemsize == 8) return type == RType::integer64 ? "integer64" : "double";
  if (dtype.itemsize > 1 || dtype.kind == numpy::Kind::integer) return nullptr;
  return type == RType::raw ? "raw" : "integer";
}

const View* whole_view(SEXP x) {
  const View* view = TYPEOF(x) == VECSXP ? nullptr : view_of(x);
  if (!view || view->of == View::Of::bytes || !has_file_meaning(x, *view)) return nullptr;
  const std::size_t rank = view->array.shape.size();
  SEXP dim = Rf_getAttrib(x, R_DimSymbol);
  const bool fits = rank > 1    ? dims_of(x) == view->array.shape
                    : rank == 1 ? Rf_xlength(dim) <= 1  // of a 1-d array: an attribute
                                : dim == R_NilValue;
  return fits ? view : nullptr;
}

namespace {

// A view with other dims than its array: R's elements, as they are, in R's order.
bool encode_reshaped(Context& context, SEXP x, Encoded& out) {
  const View* view = TYPEOF(x) == VECSXP ? nullptr : view_of(x);
  if (!view || view->of != View::Of::array || view->file || !has_file_meaning(x, *view) ||
      !shows_its_file(x, *view)) {
    return false;
  }
  require_current(view->watch.get());
  context.watch(view->watch);
  NewArray array = copy_mapped(*view, view->array, true);
  array.dtype = view->array.dtype;
  array.shape = dims_of(x);
  array.fortran = !context.flags.reversed;
  if (context.flags.reversed) std::reverse(array.shape.begin(), array.shape.end());
  out = add_array(context, std::move(array));
  out.type = type_beyond_options(view->array.dtype, view->type);
  return true;
}

}  // namespace

bool encode_view(Context& context, SEXP x, Encoded& out) {
  const View* view = whole_view(x);
  if (!view) return encode_reshaped(context, x, out);
  const numpy::Array array = new_array(context, *view);
  out = copy_view(context, x, *view, array.f_order() && !array.c_order());
  out.type = type_beyond_options(view->array.dtype, view->type);
  return true;
}

Encoded copy_view(Context& context, SEXP x, const View& view, bool fortran) {
  const numpy::Array array = new_array(context, view);
  fortran = fortran && array.shape.size() > 1;
  // What is read from the file, not mapped, is copied in its own order alone.
  const bool turned = view.file != nullptr && fortran && !array.f_order();
  if (turned || !shows_its_file(x, view)) {
    Encoding encoding;
    encoding.maskable = array.masked;
    return encode_array(context, x, array.dtype, fortran, encoding);
  }
  require_current(view.watch.get());
  context.watch(view.watch);
  NewArray out = view.file ? copy_file(view, array) : copy_mapped(view, array, fortran);
  out.dtype = array.dtype;
  out.shape = array.shape;
  return add_array(context, std::move(out));
}

bool view_elements(Context& context, SEXP x, bool in_r_order, numpy::Elements& out) {
  const View* view = whole_view(x);
  if (!view || view->of != View::Of::array || view->file || !shows_its_file(x, *view)) {
    return false;
  }
  require_current(view->watch.get());
  context.watch(view->watch);
  out.dtype = view->array.dtype;
  out.dims = view->array.shape;
  out.data = copy_source(view->array, in_r_order);
  if (view->array.masked) out.mask = copy_source(view->array, in_r_order, true);
  return true;
}

const View* first_view(SEXP x) {
  while (TYPEOF(x) == VECSXP && Rf_xlength(x) > 0) x = vector_elt(x, 0);
  return view_of(x);
}

}  // namespace mmappickle::write
