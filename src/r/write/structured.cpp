#include "r/write/structured.h"

#include "core/base/checked.h"
#include "core/numpy/slice.h"
#include "r/text.h"
#include "r/vector.h"
#include "r/write/array.h"
#include "r/write/ndarray.h"

namespace mmappickle::write {

using numpy::Dtype;
using numpy::FieldBytes;
using numpy::Kind;

namespace {

// Of a data frame's column all dimensions but the first belong to the item.
void fold(numpy::Shape& dims, Dtype& dtype) {
  if (dims.size() < 2) return;
  dtype.subshape.assign(dims.begin() + 1, dims.end());
  for (std::uint64_t extent : dtype.subshape) {
    if (!checked_multiply(dtype.itemsize, extent, dtype.itemsize)) {
      dtype.itemsize = UINT64_MAX;
    }
  }
  dims.resize(1);
}

std::uint64_t count_of(const numpy::Shape& dims) {
  std::uint64_t count = 1;
  for (std::uint64_t extent : dims) count *= extent;
  return count;
}

bool are_columns(SEXP x, SEXP names) {
  if (TYPEOF(x) != VECSXP || Rf_xlength(x) != Rf_xlength(names)) return false;
  SEXP own = Rf_getAttrib(x, R_NamesSymbol);
  if (TYPEOF(own) != STRSXP || Rf_xlength(own) != Rf_xlength(names)) return false;
  read_pointer(own);
  read_pointer(names);
  for (R_xlen_t i = 0; i < Rf_xlength(names); ++i) {
    if (utf8_of(string_elt(own, i)) != utf8_of(string_elt(names, i))) return false;
  }
  return true;
}

// One column, or the records in it.
Elements encode_field(Context& context, SEXP x, SEXP dtype, bool r_order,
                      const std::string& subject, int depth);

// What the fields of an array add up to.
class Fields {
 public:
  void add(const std::string& name, Elements values, const std::string& subject) {
    if (out_.dtype.fields.empty()) out_.dims = values.dims;
    if (values.dims != out_.dims) {
      throw Error(ErrorKind::value, subject +
                                        " has not as many elements as the columns before "
                                        "it, or other dimensions.");
    }
    const std::uint64_t itemsize = values.dtype.itemsize;
    if (itemsize > numpy::kMaxItemsize - out_.dtype.itemsize) {
      throw Error(ErrorKind::limit, "The items of a structured array are too large.");
    }
    data_.push_back({std::move(values.data), itemsize, out_.dtype.itemsize});
    const std::uint64_t mask = mask_itemsize(values.dtype);
    masked_ = masked_ || values.mask;
    if (!values.mask) values.mask = hole_source(count_of(out_.dims) * mask);
    masks_.push_back({std::move(values.mask), mask, mask_size_});
    mask_size_ += mask;
    numpy::Field field;
    field.name = name;
    field.offset = out_.dtype.itemsize;
    field.dtype = std::move(values.dtype);
    out_.dtype.fields.push_back(std::move(field));
    out_.dtype.itemsize += itemsize;
  }

  Elements finish(const std::string& subject) {
    if (out_.dtype.itemsize == 0) {
      throw Error(ErrorKind::value, subject + " has items of no bytes.");
    }
    const std::uint64_t count = count_of(out_.dims);
    out_.data = field_source(count, out_.dtype.itemsize, std::move(data_));
    if (masked_) out_.mask = field_source(count, mask_size_, std::move(masks_));
    return std::move(out_);
  }

 private:
  Elements out_ = empty();
  std::vector<FieldBytes> data_, masks_;
  std::uint64_t mask_size_ = 0;
  bool masked_ = false;

  static Elements empty() {
    Elements none;
    none.dtype.kind = Kind::structured;
    none.dtype.itemsize = 0;
    return none;
  }
};

// `dtypes` names each column of x, in its order, or else this is no mark of ndarray().
Elements encode_records(Context& context, SEXP x, SEXP dtypes, bool r_order,
                        const std::string& subject, int depth) {
  if (depth >= numpy::kMaxDtypeDepth) {
    throw Error(ErrorKind::limit, "A structured dtype is nested too deeply.");
  }
  const bool data_frame = Rf_inherits(x, "data.frame");
  SEXP names = Rf_getAttrib(dtypes, R_NamesSymbol);
  if (!are_columns(x, names)) {
    throw Error(ErrorKind::value, subject + " has not the columns that its dtype names.",
                "Mark the value anew: ndarray(x, dtype).");
  }
  Fields fields;
  for (R_xlen_t i = 0; i < Rf_xlength(dtypes); ++i) {
    const std::string name = utf8_of(string_elt(names, i));
    const std::string what = (subject == "The value" ? "x" : subject) + "$" + name;
    // Row by row: then what is folded into an item stands together.
    Elements values = encode_field(context, vector_elt(x, i), vector_elt(dtypes, i),
                                   r_order && !data_frame, what, depth + 1);
    if (data_frame) fold(values.dims, values.dtype);
    fields.add(name, std::move(values), what);
  }
  return fields.finish(subject);
}

Elements encode_field(Context& context, SEXP x, SEXP dtype, bool r_order,
                      const std::string& subject, int depth) {
  if (TYPEOF(dtype) == VECSXP) {
    return encode_records(context, x, dtype, r_order, subject, depth);
  }
  Encoding encoding;
  encoding.r_order = r_order;
  Elements values = encode_elements(context, x, marked_dtype(dtype), encoding, subject);
  if (values.dtype.kind == Kind::object) {
    throw Error(ErrorKind::value,
                subject + " cannot be a field: fields hold no objects.");
  }
  return values;
}

}  // namespace

Encoded encode_structured(Context& context, SEXP x, SEXP dtypes, bool fortran) {
  Elements records = encode_records(context, x, dtypes, in_r_order(context, fortran),
                                    context.subject(), 0);
  return add_array(context, std::move(records), fortran);
}

}  // namespace mmappickle::write
