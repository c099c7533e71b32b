#include "r/write/array.h"

#include "r/interrupt.h"
#include "r/values.h"
#include "r/vector.h"

namespace mmappickle::write {

numpy::Shape dims_of(SEXP x) {
  SEXP dim = Rf_getAttrib(x, R_DimSymbol);
  if (dim == R_NilValue) return {static_cast<std::uint64_t>(Rf_xlength(x))};
  numpy::Shape dims;
  for (R_xlen_t i = 0; i < Rf_xlength(dim); ++i) {
    dims.push_back(static_cast<std::uint64_t>(integer_elt(dim, i)));
  }
  return dims;
}

numpy::Elements encode_elements(Context& context, SEXP x, const numpy::Dtype& dtype,
                                const Encoding& encoding, const std::string& subject) {
  if (dtype.kind == numpy::Kind::raw) {
    const void* bytes = TYPEOF(x) == RAWSXP ? read_pointer(x) : nullptr;
    return encode_void(dtype, dims_of(x), static_cast<const std::uint8_t*>(bytes),
                       encoding.in_r_order, subject);
  }
  std::vector<Bytes>& strings = context.memory.strings.emplace_back();
  const numpy::RValues values =
      r_values(x, strings, context.memory.texts, encoding.unclassed);
  return encode_elements(dtype, dims_of(x), values, encoding.in_r_order,
                         encoding.maskable, subject, poll_interrupt, encoding.masked);
}

Encoded add_array(Context& context, numpy::NewArray array) {
  Encoded out;
  out.value = context.tree.array(context.stored_value.arrays.size());
  context.stored_value.arrays.push_back(std::move(array));
  return out;
}

Encoded encode_array(Context& context, SEXP x, const numpy::Dtype& dtype, bool fortran,
                     Encoding encoding) {
  const numpy::Layout layout = context.layout(fortran);
  encoding.in_r_order = layout.in_r_order();
  return add_array(
      context,
      new_array(encode_elements(context, x, dtype, encoding, context.subject()), layout));
}

}  // namespace mmappickle::write
