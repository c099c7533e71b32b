// Slices of array entries, read and written in place. See R/slice.R.
#include <cmath>

#include "array_entry.h"
#include "core/base/checked.h"
#include "core/numpy/recognise.h"
#include "core/numpy/slice.h"
#include "decode.h"
#include "encode.h"
#include "pace.h"
#include "views.h"

namespace mmappickle {

ArrayOf array_of(store::Loaded& loaded, const Flags& flags) {
  ArrayOf out;
  if (loaded.is_array) {
    out.array = loaded.array;
  } else {
    if (loaded.value == pickle::kNoId) return out;
    numpy::Recognised found = numpy::recognise(loaded.tree, loaded.value);
    if (found.found != numpy::Found::array || found.array.objects != pickle::kNoId) {
      return out;
    }
    out.array = std::move(found.array);
    if (out.array.count() > 0 && !loaded.mapping->holds(out.array.data)) return out;
  }
  out.stored = out.array;
  if (out.array.count() > 0) {
    out.offset = static_cast<std::uint64_t>(out.array.data - loaded.mapping->data());
  }
  const numpy::Kind kind = out.stored.dtype.kind;
  out.is_records = kind == numpy::Kind::structured && out.stored.shape.size() == 1;
  if (kind == numpy::Kind::raw) {
    out.array = out.stored.item_bytes(flags.reversed);
    out.target = {numpy::RType::raw, numpy::Meaning::plain, ""};
  } else if (!target_of(out.stored.dtype, flags.choice(), out.target)) {
    return out;
  }
  out.is_array = true;
  if (flags.reversed) out.array = out.array.reversed();
  if (out.array.shape.empty()) {
    const auto itemsize = static_cast<std::int64_t>(out.array.dtype.itemsize);
    out.array.shape = {1};
    out.array.strides = {itemsize};
    if (out.array.masked) out.array.mask_strides = {1};
  }
  return out;
}

void not_an_array(const std::string& key) {
  throw Error(ErrorKind::index,
              "The entry \"" + key + "\" is no array: it has no slices.",
              "Read the whole value and subset that: m[[\"" + key + "\"]][i].");
}

}  // namespace mmappickle

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

namespace {

struct Located {
  store::Loaded loaded;
  ArrayOf found;
};

Located locate(const store::Reading& reading, const std::string& key,
               const Flags& flags) {
  Located out;
  out.loaded = reading.load(reading.require(key));
  out.found = array_of(out.loaded, flags);
  if (!out.found.is_array) not_an_array(key);
  return out;
}

// A position from R (from 1) as one from 0.
std::uint64_t position(double at, std::uint64_t extent) {
  if (!(at >= 1) || at > static_cast<double>(extent)) {
    throw Error(ErrorKind::index, std::isnan(at)
                                      ? std::string("A subscript is NA.")
                                      : "The subscript " +
                                            std::to_string(static_cast<long long>(at)) +
                                            " is out of range: the extent is " +
                                            std::to_string(extent) + ".");
  }
  return static_cast<std::uint64_t>(at) - 1;
}

// Positions of R, double or integer.
class Positions {
 public:
  explicit Positions(SEXP x) : count(static_cast<std::uint64_t>(Rf_xlength(x))) {
    if (TYPEOF(x) == INTSXP) {
      integers_ = static_cast<const int*>(read_pointer(x));
    } else if (TYPEOF(x) == REALSXP) {
      reals_ = static_cast<const double*>(read_pointer(x));
    } else if (count > 0) {
      throw Error(ErrorKind::index, "A subscript must be numeric here.");
    }
  }
  double operator[](std::uint64_t i) const {
    if (!integers_) return reals_[i];
    return integers_[i] == NA_INTEGER ? NA_REAL : integers_[i];
  }
  const std::uint64_t count;

 private:
  const int* integers_ = nullptr;
  const double* reals_ = nullptr;
};

// Subscripts as axes; a list that is a range becomes one, so that runs merge.
struct Axes {
  std::vector<numpy::Axis> axes;
  std::deque<std::vector<std::uint64_t>> lists;

  Axes(SEXP subscripts, const numpy::Shape& shape, const std::string& key) {
    const auto n = static_cast<std::size_t>(Rf_xlength(subscripts));
    if (n != shape.size()) {
      throw Error(ErrorKind::index, "The entry \"" + key + "\" has " +
                                        std::to_string(shape.size()) +
                                        " dimensions, not " + std::to_string(n) + ".");
    }
    for (std::size_t a = 0; a < n; ++a) {
      numpy::Axis axis;
      SEXP subscript = vector_elt(subscripts, static_cast<R_xlen_t>(a));
      if (subscript == R_NilValue) {
        axis.count = shape[a];
      } else {
        axis = list_of(Positions(subscript), shape[a]);
      }
      axes.push_back(axis);
    }
  }
  std::uint64_t count() const {
    std::uint64_t product = 1;
    for (const numpy::Axis& axis : axes) {
      if (!checked_multiply(product, axis.count, product)) return UINT64_MAX;
    }
    return product;
  }

 private:
  numpy::Axis list_of(const Positions& positions, std::uint64_t extent) {
    std::vector<std::uint64_t> list(positions.count);
    for (std::uint64_t i = 0; i < positions.count; ++i) {
      list[i] = position(positions[i], extent);
    }
    numpy::Axis axis;
    axis.count = positions.count;
    if (list.empty()) return axis;
    axis.start = list[0];
    axis.step = list.size() > 1 ? static_cast<std::int64_t>(list[1] - list[0]) : 1;
    for (std::size_t i = 1; i < list.size(); ++i) {
      if (static_cast<std::int64_t>(list[i] - list[i - 1]) != axis.step) {
        lists.push_back(std::move(list));
        axis.list = lists.back().data();
        break;
      }
    }
    return axis;
  }
};

std::vector<std::uint64_t> linear(SEXP index, std::uint64_t count) {
  const Positions positions(index);
  std::vector<std::uint64_t> out(positions.count);
  for (std::uint64_t i = 0; i < positions.count; ++i) {
    out[i] = position(positions[i], count);
  }
  return out;
}

// What a slice's values are read into; strings wait here until the lock is gone.
struct Reader {
  numpy::Target target;
  numpy::Dtype dtype;
  std::uint64_t count = 0;
  SEXP vector = R_NilValue;
  std::vector<std::string> strings;
  std::vector<bool> missing;
  bool inexact = false, escaped = false;

  Reader(const ArrayOf& found, std::uint64_t count)
      : target(found.target), dtype(found.array.dtype), count(count) {
    if (count > static_cast<std::uint64_t>(R_XLEN_T_MAX)) {
      throw Error(ErrorKind::limit, "The slice has more elements than an R vector.");
    }
    vector = protect([&] {
      return Rf_allocVector(sexp_type(target.type), static_cast<R_xlen_t>(count));
    });
  }
  // Whether the entry is still what the vector was made for.
  bool suits(const ArrayOf& found) const { return found.array.dtype == dtype; }
  bool is_text() const { return target.type == numpy::RType::string; }
  void element(const std::uint8_t* at, bool masked) {
    missing.push_back(masked);
    strings.push_back(masked ? std::string() : decode_string(dtype, at, &escaped));
  }
  SEXP finish(const std::string& key, Warnings& warnings) {
    protect([&] {
      if (is_text()) {
        for (std::uint64_t i = 0; i < count; ++i) {
          const std::string& s = strings[i];
          SET_STRING_ELT(
              vector, static_cast<R_xlen_t>(i),
              missing[i] ? NA_STRING : r_text(mmappickle::Bytes(std::string_view(s))));
        }
      }
      set_meaning(vector, target.type, target.meaning, target.units);
      return R_NilValue;
    });
    if (inexact) warnings.push_back(rounded(key));
    if (escaped) warnings.push_back(mmappickle::escaped(key));
    return vector;
  }
};

// Looks twice: the vector is made between two looks, as R may not run under a lock.
template <class Count, class Fill>
SEXP read_elements(SEXP ptr, SEXP key, const Flags& flags, const Count& count,
                   const Fill& fill) {
  Handle& handle = handle_of(ptr);
  const std::string name = key_of(key);
  Located first;
  {
    store::Reading reading(*handle.store);
    first = locate(reading, name, flags);
  }
  Reader reader(first.found, count(first.found, name));
  Rcpp::Shield<SEXP> kept(reader.vector);
  {
    store::Reading reading(*handle.store);
    const Located second = locate(reading, name, flags);
    if (!reader.suits(second.found) ||
        second.found.array.shape != first.found.array.shape) {
      throw Error(ErrorKind::stale,
                  "Another process replaced the entry \"" + name + "\" meanwhile.",
                  "Read it again.");
    }
    fill(second.found.array, reader);
  }
  Warnings warnings;
  SEXP out = reader.finish(name, warnings);
  warnings.insert(warnings.end(), handle.warnings.begin(), handle.warnings.end());
  handle.warnings.clear();
  raise_warnings(warnings);
  return out;
}

// R's rule: the values' count divides the slice's.
void check_recycling(std::uint64_t values, std::uint64_t slice) {
  if (slice == 0 && values <= 1) return;
  if (values == 0) {
    throw Error(ErrorKind::value, "The replacement has length zero.");
  }
  if (slice % values != 0) {
    throw Error(ErrorKind::value, "The slice has " + std::to_string(slice) +
                                      " elements, the value " + std::to_string(values) +
                                      ": not a multiple.");
  }
}

template <class Count, class Scatter>
SEXP write_elements(SEXP ptr, SEXP key, SEXP value, const Flags& flags,
                    const Count& count, const Scatter& scatter) {
  Handle& handle = handle_of(ptr);
  const std::string name = key_of(key);
  std::vector<mmappickle::Bytes> strings;
  std::deque<std::string> kept;
  try {
    const numpy::RValues values = r_values(value, strings, kept);
    store::Writing writing(*handle.store);
    const Located located = locate(writing, name, flags);
    const numpy::Array& array = located.found.array;
    const std::uint64_t n = count(located.found, name);
    check_recycling(values.count, n);
    if (n > 0) {
      check_values(array.dtype, values, array.masked && array.mask, "The value",
                   "To change the type of the entry, assign the whole value: "
                   "m[[\"key\"]] <- value.");
      Pace pace;
      scatter(array, values, [&](const std::uint8_t* at, mmappickle::Bytes bytes) {
        pace.step(bytes.size);
        writing.overwrite(at, bytes);
      });
      writing.settle();
    }
  } catch (Error& error) {
    if (error.key.empty()) error.key = name;
    if (error.path.empty()) error.path = handle.store->path();
    throw;
  }
  return R_NilValue;
}

}  // namespace

// [[Rcpp::export(rng = false)]]
SEXP slice_read(SEXP ptr, SEXP key, SEXP axes, int flags) {
  return enter([&] {
    std::unique_ptr<Axes> chosen;
    SEXP out = read_elements(
        ptr, key, Flags(flags),
        [&](const ArrayOf& found, const std::string& name) {
          chosen = std::make_unique<Axes>(axes, found.array.shape, name);
          return chosen->count();
        },
        [&](const numpy::Array& array, Reader& reader) {
          if (reader.is_text()) {
            visit_elements(array, chosen->axes, 0, reader.count,
                           [&](std::uint64_t, const std::uint8_t* at, bool masked) {
                             reader.element(at, masked);
                           });
          } else {
            gather(array, chosen->axes, 0, reader.count, reader.target.type,
                   data_pointer(reader.vector), &reader.inexact);
          }
        });
    Rcpp::Shield<SEXP> kept(out);
    if (chosen->axes.size() > 1) {
      for (const numpy::Axis& axis : chosen->axes) {
        if (axis.count > INT32_MAX) {
          throw Error(
              ErrorKind::limit,
              "The slice has an extent of 2^31 or more, which no dimension of an R "
              "array can have.");
        }
      }
      protect([&] {
        SEXP dim =
            PROTECT(Rf_allocVector(INTSXP, static_cast<R_xlen_t>(chosen->axes.size())));
        for (std::size_t a = 0; a < chosen->axes.size(); ++a) {
          INTEGER(dim)[a] = static_cast<int>(chosen->axes[a].count);
        }
        Rf_setAttrib(out, R_DimSymbol, dim);
        UNPROTECT(1);
        return R_NilValue;
      });
    }
    return out;
  });
}

// [[Rcpp::export(rng = false)]]
SEXP slice_write(SEXP ptr, SEXP key, SEXP axes, SEXP value, int flags) {
  return enter([&] {
    std::unique_ptr<Axes> chosen;
    return write_elements(
        ptr, key, value, Flags(flags),
        [&](const ArrayOf& found, const std::string& name) {
          chosen = std::make_unique<Axes>(axes, found.array.shape, name);
          return chosen->count();
        },
        [&](const numpy::Array& array, const numpy::RValues& values,
            const numpy::WriteRun& write) {
          scatter(array, chosen->axes, values, write);
        });
  });
}

// [[Rcpp::export(rng = false)]]
SEXP linear_read(SEXP ptr, SEXP key, SEXP index, int flags) {
  return enter([&] {
    std::vector<std::uint64_t> chosen;
    return read_elements(
        ptr, key, Flags(flags),
        [&](const ArrayOf& found, const std::string&) {
          chosen = linear(index, found.array.count());
          return static_cast<std::uint64_t>(chosen.size());
        },
        [&](const numpy::Array& array, Reader& reader) {
          if (!reader.is_text()) {
            gather_linear(array, chosen.data(), chosen.size(), reader.target.type,
                          data_pointer(reader.vector), &reader.inexact);
            return;
          }
          numpy::Array mask = array;  // the mask as an array of bytes
          mask.data = array.mask;
          mask.strides = array.mask_strides;
          for (std::uint64_t at : chosen) {
            const bool masked = array.masked && array.mask && *address(mask, at);
            reader.element(address(array, at), masked);
          }
        });
  });
}

// [[Rcpp::export(rng = false)]]
SEXP linear_write(SEXP ptr, SEXP key, SEXP index, SEXP value, int flags) {
  return enter([&] {
    std::vector<std::uint64_t> chosen;
    return write_elements(
        ptr, key, value, Flags(flags),
        [&](const ArrayOf& found, const std::string&) {
          chosen = linear(index, found.array.count());
          return static_cast<std::uint64_t>(chosen.size());
        },
        [&](const numpy::Array& array, const numpy::RValues& values,
            const numpy::WriteRun& write) {
          scatter_linear(array, chosen.data(), chosen.size(), values, write);
        });
  });
}

// [[Rcpp::export(rng = false)]]
SEXP lhs_view(SEXP ptr, SEXP key, int flags, SEXP companion) {
  return enter([&]() -> SEXP {
    Handle& handle = handle_of(ptr);
    const std::string name = key_of(key);
    if (handle.store->readonly()) store::Writing refused(*handle.store);
    Warnings warnings;
    SEXP view = read_entry(*handle.store, name, [&](store::Loaded& loaded) {
      if (!array_of(loaded, Flags(flags)).is_array) return R_NilValue;
      return decode(loaded, handle.store->path(), name, Flags(flags), R_NilValue,
                    warnings, true);
    });
    Rcpp::Shield<SEXP> kept(view);
    if (!view_of(view)) return R_NilValue;
    protect([&] {
      set_companion(view, companion);
      SEXP old = Rf_getAttrib(view, R_ClassSymbol);
      const R_xlen_t n = Rf_xlength(old);
      SEXP classes = PROTECT(Rf_allocVector(STRSXP, n + 1));
      SET_STRING_ELT(classes, 0, Rf_mkChar("mmappickle_lhs"));
      for (R_xlen_t i = 0; i < n; ++i) SET_STRING_ELT(classes, i + 1, string_elt(old, i));
      Rf_setAttrib(view, R_ClassSymbol, classes);
      UNPROTECT(1);
      return R_NilValue;
    });
    return view;
  });
}

// [[Rcpp::export(rng = false)]]
SEXP lhs_companion(SEXP x) { return view_of(x) ? companion_of(x) : R_NilValue; }
