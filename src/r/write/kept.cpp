#include "r/write/kept.h"

#include "core/numpy/recognise.h"
#include "r/call.h"
#include "r/kept.h"
#include "r/read/pickle.h"
#include "r/vector.h"
#include "r/write/array.h"

namespace mmappickle::write {

using pickle::Id;
using pickle::kNoId;

namespace {

// R code may have changed it in place: then the pickle is read to another value.
bool is_still(const Context& context, SEXP x, SEXP pickle) {
  const Flags flags(kept_flags(x));
  const bool turned = flags.reversed != context.flags.reversed;
  if (turned && Rf_getAttrib(x, R_DimSymbol) != R_NilValue) return false;
  const Bytes bytes(static_cast<const std::uint8_t*>(read_pointer(pickle)),
                    static_cast<std::uint64_t>(Rf_xlength(pickle)));
  Shield again(read_again(bytes, flags));
  return Rf_asLogical(protect([&] { return call_own("is_same", {x, again}); })) == TRUE;
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
  numpy::NewArray copy;
  copy.dtype = array.dtype;
  copy.shape = array.shape;
  copy.fortran = array.f_order() && !array.c_order();
  copy.data = copy_source(array, copy.fortran);
  if (array.masked) copy.mask = copy_source(array, copy.fortran, true);
  return add_array(context, std::move(copy));
}

}  // namespace

bool plan_kept(Context& context, Objects& objects, SEXP x, Plan& plan) {
  SEXP pickle = kept_pickle(x);
  if (pickle == R_NilValue || !is_still(context, x, pickle)) return false;
  const Id node = objects.node_of(context.keep(pickle));
  plan = plan_of(R_NilValue, [&context, node](SEXP) { return encode_node(context, node); });
  plan.ignored = {"dim", "class", "tzone", "units"};  // the pickle says them
  return true;
}

}  // namespace mmappickle::write
