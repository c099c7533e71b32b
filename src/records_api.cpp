// Rows of structured arrays of rank 1, written in place. See R/records.R.
#include <algorithm>

#include "array_entry.h"
#include "core/numpy/slice.h"
#include "encode.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

namespace {

// A field's values on their way into its part of the items.
struct Column {
  std::vector<std::size_t> path;  // of a nested field, from the outside
  std::string what;
  numpy::RValues values;
  numpy::Array array;
  std::vector<numpy::Axis> axes;
};

class Rows {
 public:
  // Before any lock: R's strings are translated.
  Rows(const numpy::Dtype& dtype, SEXP value) { collect(dtype, value, "value", {}); }

  // All is checked before a byte is written.
  void place(const numpy::Array& stored, const std::vector<std::uint64_t>& rows) {
    for (Column& column : columns_) {
      numpy::Array part = stored;
      for (const std::size_t at : column.path) part = part.field(part.dtype.fields[at]);
      const bool items = part.dtype.kind == numpy::Kind::raw;
      column.array = items ? part.item_bytes(false) : part;
      column.axes = numpy::whole(column.array.shape);
      numpy::Axis& axis = column.axes[items ? 1 : 0];
      axis.count = rows.size();
      axis.list = rows.data();
      check(column);
    }
  }
  void write(const numpy::WriteRun& run) const {
    for (const Column& c : columns_) scatter(c.array, c.axes, c.values, run);
  }

 private:
  void collect(const numpy::Dtype& dtype, SEXP value, const std::string& what,
               const std::vector<std::size_t>& path) {
    for (std::size_t i = 0; i < dtype.fields.size(); ++i) {
      const numpy::Field& field = dtype.fields[i];
      SEXP column = column_of(value, field.name, what);
      const std::string name = what + "$" + field.name;
      std::vector<std::size_t> at = path;
      at.push_back(i);
      if (field.dtype.kind == numpy::Kind::structured) {
        if (!field.dtype.subshape.empty()) {
          throw Error(ErrorKind::unsupported,
                      name + " cannot be written by rows: it is an array of structures.");
        }
        collect(field.dtype, column, name, at);
        continue;
      }
      columns_.push_back({std::move(at), name, {}, {}, {}});
      columns_.back().values = r_values(column, strings_.emplace_back(), kept_);
    }
  }

  static SEXP column_of(SEXP value, const std::string& name, const std::string& what) {
    SEXP names =
        TYPEOF(value) == VECSXP ? Rf_getAttrib(value, R_NamesSymbol) : R_NilValue;
    for (R_xlen_t i = 0; i < Rf_xlength(names); ++i) {
      if (utf8_of(string_elt(names, i)) == name) return vector_elt(value, i);
    }
    throw Error(ErrorKind::value, what + " has no column \"" + name + "\".",
                "Rows of a structured array are written as a data frame, or a list, with "
                "all of its columns.");
  }

  static void check(const Column& column) {
    std::uint64_t wanted = 1;
    for (const numpy::Axis& axis : column.axes) wanted *= axis.count;
    const std::uint64_t n = column.values.count;
    if (n != wanted && (n != 1 || column.array.shape.size() > 1)) {
      throw Error(ErrorKind::value, column.what + " has " + std::to_string(n) +
                                        " elements, not " + std::to_string(wanted) + ".");
    }
    check_values(column.array.dtype, column.values,
                 column.array.masked && column.array.mask, column.what);
  }

  std::vector<Column> columns_;
  std::deque<std::vector<mmappickle::Bytes>> strings_;
  std::deque<std::string> kept_;
};

ArrayOf records_of(const store::Reading& reading, const std::string& key,
                   const Flags& flags) {
  store::Loaded loaded = reading.load(reading.require(key));
  return array_of(loaded, flags);
}

}  // namespace

// Their number, or NULL: the entry is no structured array of rank 1.
// [[Rcpp::export(rng = false)]]
SEXP records_count(SEXP ptr, SEXP key, int flags) {
  return enter([&]() -> SEXP {
    const std::string name = key_of(key);
    double n = -1;
    {
      store::Reading reading(store_of(ptr));
      const ArrayOf found = records_of(reading, name, Flags(flags));
      if (found.is_records) n = static_cast<double>(found.stored.shape[0]);
    }
    if (n < 0) return R_NilValue;
    return protect([&] { return Rf_ScalarReal(n); });
  });
}

// `rows`: doubles from 1, in range.
// [[Rcpp::export(rng = false)]]
SEXP records_write(SEXP ptr, SEXP key, SEXP rows, SEXP value, int flags) {
  return enter([&] {
    const std::string name = key_of(key);
    const auto* positions = static_cast<const double*>(read_pointer(rows));
    std::vector<std::uint64_t> at(static_cast<std::size_t>(Rf_xlength(rows)));
    for (std::size_t i = 0; i < at.size(); ++i) {
      at[i] = static_cast<std::uint64_t>(positions[i]) - 1;
    }
    numpy::Dtype dtype;
    {
      store::Reading reading(store_of(ptr));
      const ArrayOf found = records_of(reading, name, Flags(flags));
      if (!found.is_records) not_an_array(name);
      dtype = found.stored.dtype;
    }
    Rows values(dtype, value);
    store::Writing writing(store_of(ptr));
    const numpy::Array stored = records_of(writing, name, Flags(flags)).stored;
    if (!(stored.dtype == dtype) || stored.shape.size() != 1 ||
        std::any_of(at.begin(), at.end(),
                    [&](std::uint64_t row) { return row >= stored.shape[0]; })) {
      throw Error(ErrorKind::stale,
                  "Another process replaced the entry \"" + name + "\" meanwhile.",
                  "Try again.");
    }
    values.place(stored, at);
    values.write([&](const std::uint8_t* to, mmappickle::Bytes bytes) {
      writing.overwrite(to, bytes);
    });
    writing.settle();
    return R_NilValue;
  });
}
