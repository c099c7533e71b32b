// What entries and views are, without reading a value. See R/entries.R and R/views.R.
#include "array_entry.h"
#include "core/base/utf8.h"
#include "core/store/fsck.h"
#include "decode.h"
#include "elements.h"
#include "views.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

namespace {

SEXP text(std::string_view s) { return Rf_ScalarString(r_text(mmappickle::Bytes(s))); }

SEXP extents(const numpy::Shape& shape) {
  SEXP x = Rf_allocVector(REALSXP, static_cast<R_xlen_t>(shape.size()));
  for (std::size_t i = 0; i < shape.size(); ++i) {
    REAL(x)[i] = static_cast<double>(shape[i]);
  }
  return x;
}

const char* order_of(const numpy::Array& array) {
  return array.f_order() && !array.c_order() ? "F" : "C";
}

const char* type_of(numpy::RType type) {
  switch (type) {
    case numpy::RType::logical:
      return "logical";
    case numpy::RType::integer:
      return "integer";
    case numpy::RType::complex:
      return "complex";
    case numpy::RType::raw:
      return "raw";
    case numpy::RType::integer64:
      return "integer64";
    case numpy::RType::string:
      return "character";
    default:
      return "double";
  }
}

const char* type_of(const numpy::Target& target) {
  switch (target.meaning) {
    case numpy::Meaning::date:
      return "Date";
    case numpy::Meaning::datetime:
      return "POSIXct";
    case numpy::Meaning::difftime:
      return "difftime";
    default:
      return type_of(target.type);
  }
}

// Whether a view hands out the file's own bytes.
bool is_zero_copy(const numpy::Array& array, const numpy::Target& target,
                  std::uint64_t offset) {
  const std::uint64_t size = numpy::r_size(target.type);
  return size > 0 && !array.masked && same_layout(array.dtype, target.type) &&
         (array.f_order() || (array.shape.size() <= 1 && array.c_order())) &&
         offset % (size == 16 ? 8 : size) == 0;
}

struct Row {
  std::string key, kind = "value", dtype, order, type;
  numpy::Shape shape;
  bool live = true, has_array = false, zero_copy = false, portable = false;
  double bytes = 0, at = 0, offset = 0;
};

// The head of an array entry tells all; other values are not looked into.
void describe(Row& row, const Image& body, const Flags& flags) {
  numpy::ArrayEntry entry;
  std::string problem;
  const numpy::HeadKind kind = read_array_entry(body, entry, problem);
  if (kind == numpy::HeadKind::damaged) row.kind = "damaged";
  if (kind != numpy::HeadKind::array) return;
  row.kind = entry.array.masked ? "masked" : "array";
  row.has_array = true;
  row.portable = entry.portable;
  row.dtype = text(entry.array.dtype);
  row.order = order_of(entry.array);
  row.offset = static_cast<double>(entry.data_at);
  const numpy::Array seen =
      flags.reversed ? entry.array.reversed() : std::move(entry.array);
  row.shape = seen.shape;
  numpy::Target target;
  if (seen.dtype.kind == numpy::Kind::raw) row.type = "raw";
  if (!target_of(seen.dtype, flags.choice(), target)) return;
  row.type = type_of(target);
  row.zero_copy = is_zero_copy(seen, target, entry.data_at);
}

std::vector<Row> rows_of(store::Store& store, bool dead, const Flags& flags) {
  std::vector<Row> rows;
  store::Reading reading(store);
  const Image file = reading.image();
  for (const store::Listing& listed : list_entries(reading, dead)) {
    Row row;
    row.key = listed.key;
    row.live = listed.live;
    row.at = static_cast<double>(listed.at);
    row.bytes = static_cast<double>(listed.bytes);
    store::Frame frame;
    const char* problem = nullptr;
    if (listed.padding) {
      row.kind = "padding";
    } else if (look_at(file, listed.at, frame, &problem) == store::Step::entry) {
      describe(row, file.slice(frame.body(), frame.body_size()), flags);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

// Columns from rows: `fill` sets element i from its row.
template <class Rows, class Fill>
void column(SEXP frame, int at, SEXPTYPE type, const Rows& rows, Fill&& fill) {
  SEXP x = Rf_allocVector(type, static_cast<R_xlen_t>(rows.size()));
  SET_VECTOR_ELT(frame, at, x);
  for (std::size_t i = 0; i < rows.size(); ++i)
    fill(x, static_cast<R_xlen_t>(i), rows[i]);
}

void set_text(SEXP x, R_xlen_t i, std::string_view s) {
  SET_STRING_ELT(x, i, s.empty() ? NA_STRING : r_text(mmappickle::Bytes(s)));
}

}  // namespace

// [[Rcpp::export(rng = false)]]
SEXP store_entries(SEXP ptr, bool dead, int flags) {
  return enter([&] {
    const std::vector<Row> rows = rows_of(store_of(ptr), dead, Flags(flags));
    return protect([&] {
      const char* names[] = {"key",   "live",     "kind",      "dtype", "shape",
                             "order", "type",     "zero_copy", "bytes", "offset",
                             "at",    "portable", ""};
      SEXP out = PROTECT(Rf_mkNamed(VECSXP, names));
      column(out, 0, STRSXP, rows, [](SEXP x, R_xlen_t i, const Row& r) {
        SET_STRING_ELT(x, i, r_text(mmappickle::Bytes(std::string_view(r.key))));
      });
      column(out, 1, LGLSXP, rows, [](SEXP x, R_xlen_t i, const Row& r) {
        LOGICAL(x)[i] = r.live;
      });
      column(out, 2, STRSXP, rows,
             [](SEXP x, R_xlen_t i, const Row& r) { set_text(x, i, r.kind); });
      column(out, 3, STRSXP, rows,
             [](SEXP x, R_xlen_t i, const Row& r) { set_text(x, i, r.dtype); });
      column(out, 4, VECSXP, rows, [](SEXP x, R_xlen_t i, const Row& r) {
        if (r.has_array) SET_VECTOR_ELT(x, i, extents(r.shape));
      });
      column(out, 5, STRSXP, rows,
             [](SEXP x, R_xlen_t i, const Row& r) { set_text(x, i, r.order); });
      column(out, 6, STRSXP, rows,
             [](SEXP x, R_xlen_t i, const Row& r) { set_text(x, i, r.type); });
      column(out, 7, LGLSXP, rows, [](SEXP x, R_xlen_t i, const Row& r) {
        LOGICAL(x)[i] = r.has_array ? r.zero_copy : NA_LOGICAL;
      });
      column(out, 8, REALSXP, rows, [](SEXP x, R_xlen_t i, const Row& r) {
        REAL(x)[i] = r.bytes;
      });
      column(out, 9, REALSXP, rows, [](SEXP x, R_xlen_t i, const Row& r) {
        REAL(x)[i] = r.has_array ? r.offset : NA_REAL;
      });
      column(out, 10, REALSXP, rows, [](SEXP x, R_xlen_t i, const Row& r) {
        REAL(x)[i] = r.at;
      });
      column(out, 11, LGLSXP, rows, [](SEXP x, R_xlen_t i, const Row& r) {
        LOGICAL(x)[i] = r.has_array ? r.portable : NA_LOGICAL;
      });
      UNPROTECT(1);
      return out;
    });
  });
}

// [[Rcpp::export(rng = false)]]
SEXP store_array(SEXP ptr, SEXP key, int flags) {
  return enter([&]() -> SEXP {
    Handle& handle = handle_of(ptr);
    const std::string name = key_of(key);
    store::Loaded loaded;
    {
      store::Reading reading(*handle.store);
      loaded = reading.look(reading.require(name));
      if (loaded.is_array) loaded.file = hole_source(0);  // of which nothing is read
    }
    const ArrayOf found = array_of(loaded, Flags(flags));
    if (!found.is_array) return R_NilValue;
    const numpy::Array& array = found.array;
    // Names and the like come from the view itself, which reads no data; R cannot make
    // one of an extent beyond its dims.
    bool viewable = true;
    for (std::uint64_t extent : array.shape) {
      viewable = viewable && (array.shape.size() == 1 || extent <= INT32_MAX);
    }
    Warnings warnings;
    SEXP view = viewable ? decode(loaded, handle.store->path(), name, Flags(flags),
                                  R_NilValue, warnings)
                         : R_NilValue;
    Rcpp::Shield<SEXP> kept(view);
    const numpy::Array& stored = found.stored;
    const std::string dtype = numpy::text(stored.dtype);
    const double bytes =
        static_cast<double>(stored.count()) * static_cast<double>(stored.dtype.itemsize);
    return protect([&] {
      const char* names[] = {"dim",  "dimnames", "names",  "dtype",  "shape", "order",
                             "type", "class",    "masked", "offset", "bytes", ""};
      SEXP x = PROTECT(Rf_mkNamed(VECSXP, names));
      SET_VECTOR_ELT(x, 0, extents(array.shape));
      if (view != R_NilValue) {
        SET_VECTOR_ELT(x, 1, Rf_getAttrib(view, R_DimNamesSymbol));
        SET_VECTOR_ELT(
            x, 2,
            array.shape.size() == 1 ? Rf_getAttrib(view, R_NamesSymbol) : R_NilValue);
        SET_VECTOR_ELT(x, 7, Rf_getAttrib(view, R_ClassSymbol));
      }
      SET_VECTOR_ELT(x, 3, text(dtype));
      SET_VECTOR_ELT(x, 4, extents(stored.shape));
      SET_VECTOR_ELT(x, 5, Rf_mkString(order_of(stored)));
      SET_VECTOR_ELT(x, 6, Rf_mkString(type_of(found.target.type)));
      SET_VECTOR_ELT(x, 8, Rf_ScalarLogical(array.masked));
      SET_VECTOR_ELT(x, 9, Rf_ScalarReal(static_cast<double>(found.place.data)));
      SET_VECTOR_ELT(x, 10, Rf_ScalarReal(bytes));
      UNPROTECT(1);
      return x;
    });
  });
}

// [[Rcpp::export(rng = false)]]
SEXP fsck_file(SEXP path, bool repair, double lock_timeout, bool force) {
  return enter([&] {
    store::Options options;
    options.lock_timeout = R_FINITE(lock_timeout) ? lock_timeout : -1;
    options.poll = poll_interrupt;
    Warnings warnings;
    options.warn_lock = [&](const std::string& message) {
      warnings.push_back({WarningKind::lock, message});
    };
    const store::Report report =
        store::fsck(system_path(path), repair, options, os::real_seam(), force);
    const auto& findings = report.findings;
    SEXP out = protect([&] {
      using store::Finding;
      const char* names[] = {"at",      "bytes", "key",      "problem", "action",
                             "harmful", "keys",  "repaired", "lost",    ""};
      SEXP x = PROTECT(Rf_mkNamed(VECSXP, names));
      column(x, 0, REALSXP, findings, [](SEXP c, R_xlen_t i, const Finding& f) {
        REAL(c)[i] = static_cast<double>(f.at);
      });
      column(x, 1, REALSXP, findings, [](SEXP c, R_xlen_t i, const Finding& f) {
        REAL(c)[i] = static_cast<double>(f.bytes);
      });
      column(x, 2, STRSXP, findings,
             [](SEXP c, R_xlen_t i, const Finding& f) { set_text(c, i, f.key); });
      column(x, 3, STRSXP, findings,
             [](SEXP c, R_xlen_t i, const Finding& f) { set_text(c, i, f.problem); });
      column(x, 4, STRSXP, findings,
             [](SEXP c, R_xlen_t i, const Finding& f) { set_text(c, i, f.action); });
      column(x, 5, LGLSXP, findings, [](SEXP c, R_xlen_t i, const Finding& f) {
        LOGICAL(c)[i] = f.harmful;
      });
      SET_VECTOR_ELT(x, 6, Rf_ScalarReal(static_cast<double>(report.keys)));
      SET_VECTOR_ELT(x, 7, Rf_ScalarLogical(report.repaired));
      SET_VECTOR_ELT(x, 8, Rf_ScalarString(r_path(report.lost)));
      UNPROTECT(1);
      return x;
    });
    Rcpp::Shield<SEXP> kept(out);
    raise_warnings(warnings);
    return out;
  });
}

// [[Rcpp::export(rng = false)]]
SEXP dtype_info(SEXP name) {
  return enter([&] {
    numpy::Dtype dtype;
    const std::string given = utf8_of(string_elt(name, 0));
    if (!parse_dtype(given, dtype)) {
      throw Error(ErrorKind::value, "\"" + given + "\" is no dtype that can be stored.",
                  "Use a name of NumPy's: \"float32\", \"uint16\", \">i4\", \"bool\", "
                  "\"U10\", \"datetime64[ns]\" ...");
    }
    const std::string canonical = numpy::text(dtype);
    numpy::Target target;
    const bool vector = target_of(dtype, numpy::Choice(), target);
    const char kind = static_cast<char>(dtype.kind);
    return protect([&] {
      const char* names[] = {"name", "itemsize", "kind", "type", ""};
      SEXP out = PROTECT(Rf_mkNamed(VECSXP, names));
      SET_VECTOR_ELT(out, 0, text(canonical));
      SET_VECTOR_ELT(out, 1, Rf_ScalarReal(static_cast<double>(dtype.itemsize)));
      SET_VECTOR_ELT(out, 2, text(std::string_view(&kind, 1)));
      SET_VECTOR_ELT(out, 3, vector ? Rf_mkString(type_of(target)) : R_NilValue);
      UNPROTECT(1);
      return out;
    });
  });
}
