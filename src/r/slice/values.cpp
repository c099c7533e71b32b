#include "r/slice/values.h"

#include "r/call.h"
#include "r/text.h"
#include "r/values.h"
#include "r/vector.h"
#include "r/view/view.h"

namespace mmappickle {

namespace {

// True if x may read from the bytes of that entry.
bool may_share(SEXP x, const os::Identity& file, const store::Frame& entry) {
  if (!ALTREP(x)) return false;
  const View* view = view_of(x);
  if (view == nullptr) return true;  // another package's, of whatever
  if (view->mapping == nullptr || is_materialized(x)) return false;
  const std::uint64_t end = view->offset + view->count * view->array.dtype.itemsize;
  return view->mapping->identity() == file && view->offset < entry.end() &&
         end > entry.at;
}

}  // namespace

SliceValues::SliceValues(SEXP x) : x_(x), is_list_(TYPEOF(x) == VECSXP) {
  if (!is_list_) {
    values_ = r_values(x, strings_, kept_);
    return;
  }
  SEXP names = Rf_getAttrib(x, R_NamesSymbol);
  read_pointer(names);
  for (R_xlen_t i = 0; i < Rf_xlength(names); ++i) {
    columns_.emplace_back(utf8_of(string_elt(names, i)),
                          std::make_unique<SliceValues>(vector_elt(x, i)));
  }
}

const numpy::RValues& SliceValues::vector() const {
  if (!is_list_) return values_;
  throw Error(ErrorKind::value,
              "The values written into an array must be an atomic vector, not a list.");
}

const SliceValues* SliceValues::column(const std::string& name) const {
  for (const auto& column : columns_) {
    if (column.first == name) return column.second.get();
  }
  return nullptr;
}

void SliceValues::detach(const os::Identity& file, const store::Frame& entry) {
  for (auto& column : columns_) column.second->detach(file, entry);
  if (is_list_ || values_.data == nullptr || !may_share(x_, file, entry)) return;
  const auto* from = static_cast<const std::uint8_t*>(values_.data);
  copy_.assign(from, from + values_.count * numpy::r_size(values_.type));
  values_.data = copy_.data();
}

}  // namespace mmappickle
