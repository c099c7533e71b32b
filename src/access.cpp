// Keys and values; see R/access.R.
#include "r/build.h"
#include "r/own.h"
#include "r/read/entries.h"
#include "r/read/read.h"
#include "r/slice/subscripts.h"
#include "r/text.h"
#include "r/vector.h"
#include "results.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

namespace {

// The keys of a file, taken from the index under the lock.
class Keys {
 public:
  explicit Keys(const store::Reading& reading) {
    const store::Index& index = reading.index();
    ends_.reserve(index.count());
    bytes_.reserve(index.key_bytes());
    for (store::Index::Slot slot = index.first_from(0); slot != store::Index::kNone;
         slot = index.first_from(slot + 1)) {
      bytes_ += index.key(slot);
      ends_.push_back(bytes_.size());
    }
  }
  R_xlen_t count() const { return static_cast<R_xlen_t>(ends_.size()); }
  mmappickle::Bytes operator[](R_xlen_t i) const {
    const auto at = static_cast<std::size_t>(i);
    const std::size_t begin = at == 0 ? 0 : ends_[at - 1];
    return mmappickle::Bytes(bytes_).slice(begin, ends_[at] - begin);
  }

 private:
  std::string bytes_;
  std::vector<std::size_t> ends_;
};

SEXP value_of(Handle& handle, SEXP key, const Flags& flags, SEXP readers) {
  const std::string name = key_of(key);
  Warnings warnings;
  SEXP value = read_entry(*handle.store, name, [&](Entries::One& one) {
    warnings.clear();
    return decode(one.loaded, one.watch, handle.store->path(), name, flags, readers,
                  warnings);
  });
  return with_warnings(handle, value, warnings);
}

}  // namespace

// [[Rcpp::export(rng = false)]]
SEXP store_keys(SEXP ptr) {
  return enter([&] {
    Handle& handle = handle_of(ptr);
    const Keys keys{store::Reading(*handle.store)};
    SEXP out = protect([&] {
      SEXP x = PROTECT(Rf_allocVector(STRSXP, keys.count()));
      for (R_xlen_t i = 0; i < keys.count(); ++i) SET_STRING_ELT(x, i, r_text(keys[i]));
      UNPROTECT(1);
      return x;
    });
    return with_warnings(handle, out);
  });
}

// [[Rcpp::export(rng = false)]]
SEXP store_keys_raw(SEXP ptr) {
  return enter([&] {
    const Keys keys{store::Reading(store_of(ptr))};
    return protect([&] {
      SEXP x = PROTECT(Rf_allocVector(VECSXP, keys.count()));
      for (R_xlen_t i = 0; i < keys.count(); ++i) {
        const mmappickle::Bytes bytes = keys[i];
        SEXP key = Rf_allocVector(RAWSXP, static_cast<R_xlen_t>(bytes.size));
        SET_VECTOR_ELT(x, i, key);
        if (bytes.size != 0) std::memcpy(RAW(key), bytes.data, bytes.size);
      }
      UNPROTECT(1);
      return x;
    });
  });
}

// The exact key at a position, from 1; the caller keeps in range. NULL if there is none.
// [[Rcpp::export(rng = false)]]
SEXP store_key_at(SEXP ptr, double at) {
  return enter([&]() -> SEXP {
    std::string key;
    {
      store::Reading reading(store_of(ptr));
      if (!(at >= 1) || at > static_cast<double>(reading.index().count())) {
        return R_NilValue;
      }
      const auto n = static_cast<std::size_t>(at) - 1;
      key = reading.index().key(reading.index().nth(n));
    }
    return protect([&] {
      SEXP out = Rf_allocVector(RAWSXP, static_cast<R_xlen_t>(key.size()));
      if (!key.empty()) std::memcpy(RAW(out), key.data(), key.size());
      return out;
    });
  });
}

// [[Rcpp::export(rng = false)]]
SEXP store_count(SEXP ptr) {
  return enter([&] {
    Handle& handle = handle_of(ptr);
    std::size_t count;
    {
      store::Reading reading(*handle.store);
      count = reading.index().count();
    }
    return with_warnings(handle, number(static_cast<double>(count)));
  });
}

// [[Rcpp::export(rng = false)]]
SEXP store_has(SEXP ptr, SEXP keys) {
  return enter([&] {
    Handle& handle = handle_of(ptr);
    const R_xlen_t n = Rf_xlength(keys);
    std::vector<std::string> names;
    for (R_xlen_t i = 0; i < n; ++i) {
      if (TYPEOF(keys) == VECSXP) {
        names.push_back(key_of(vector_elt(keys, i)));
      } else {
        SEXP s = string_elt(keys, i);
        if (s == NA_STRING) throw Error(ErrorKind::key, "A key must not be NA.");
        names.push_back(utf8_of(s));
      }
    }
    SEXP out = protect([&] { return Rf_allocVector(LGLSXP, n); });
    Shield kept(out);
    {
      store::Reading reading(*handle.store);
      for (R_xlen_t i = 0; i < n; ++i) {
        LOGICAL(out)
        [i] = reading.index().find(names[static_cast<std::size_t>(i)]) !=
              store::Index::kNone;
      }
    }
    return with_warnings(handle, out);
  });
}

// [[Rcpp::export(rng = false)]]
SEXP store_get(SEXP ptr, SEXP key, int flags, SEXP readers) {
  return enter([&] { return value_of(handle_of(ptr), key, Flags(flags), readers); });
}

// A list of the value; NULL if there is no such key. (To ask for the key first would be a
// session of its own, before which or after which another process may take it away.)
// [[Rcpp::export(rng = false)]]
SEXP store_find(SEXP ptr, SEXP key, int flags, SEXP readers) {
  return enter([&] {
    key_of(key);  // whose errors are another thing
    try {
      Shield value(value_of(handle_of(ptr), key, Flags(flags), readers));
      return protect([&] {
        SEXP out = Rf_allocVector(VECSXP, 1);
        SET_VECTOR_ELT(out, 0, value);
        return out;
      });
    } catch (const Error& error) {
      if (error.kind != ErrorKind::key) throw;
      return R_NilValue;
    }
  });
}

// The value of a key of an mmapdict, read as the handle says.
// [[Rcpp::export(get_value, rng = false)]]
SEXP store_get_value(SEXP m, SEXP key) {
  return enter([&] {
    const Own own = own_of(m);
    const Shield pointer(own.pointer), readers(with_registry(own.readers));
    return value_of(handle_of(pointer), key, own.flags, readers);
  });
}

// A named list of values, all read under one lock. `keys` NULL: every key.
// [[Rcpp::export(rng = false)]]
SEXP store_get_many(SEXP ptr, SEXP keys, int flags, SEXP readers) {
  return enter([&] {
    Handle& handle = handle_of(ptr);
    std::vector<std::string> names;
    for (R_xlen_t i = 0; i < Rf_xlength(keys); ++i) {
      if (TYPEOF(keys) == VECSXP) {
        names.push_back(key_of(vector_elt(keys, i)));
        continue;
      }
      if (string_elt(keys, i) == NA_STRING) {
        throw Error(ErrorKind::key, "A key must not be NA.");
      }
      names.push_back(utf8_of(string_elt(keys, i)));
    }
    Warnings warnings;
    Shield out(read_entries(
        *handle.store, keys == R_NilValue, names, [&](std::list<Entries::One>& entries) {
          warnings.clear();
          Shield list(protect([&] {
            return Rf_allocVector(VECSXP, static_cast<R_xlen_t>(names.size()));
          }));
          std::size_t i = 0;
          for (Entries::One& one : entries) {
            SET_VECTOR_ELT(list, static_cast<R_xlen_t>(i),
                           decode(one.loaded, one.watch, handle.store->path(), names[i],
                                  Flags(flags), readers, warnings));
            ++i;
          }
          return static_cast<SEXP>(list);
        }));
    Shield labels(character_vector(names));
    protect([&] { return Rf_setAttrib(out, R_NamesSymbol, labels); });
    return with_warnings(handle, out, warnings);
  });
}

// Positions, from 1, that a subscript `i` names among the n keys of a file.
// [[Rcpp::export(rng = false)]]
SEXP key_positions(SEXP i, double n) {
  return enter([&] {
    numpy::SubscriptWords words;
    words.what = "position";
    words.at = "the file";
    words.of = "keys";
    numpy::Lists lists;
    return positions_of(resolve(subscript_of(i, words), static_cast<std::uint64_t>(n),
                                nullptr, words, lists));
  });
}
