// The store as R calls it: open, look up, put, delete, list. Each function takes
// the handle's external pointer; see R/mmapdict.R and R/access.R.
#include <cmath>

#include "class_name.h"
#include "core/os/guard.h"
#include "core/store/reclaim.h"
#include "core/store/vacuum.h"
#include "elements.h"
#include "values.h"
#include "views.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

namespace {

void finalize(SEXP pointer) {
  delete static_cast<Handle*>(R_ExternalPtrAddr(pointer));
  R_ClearExternalPtr(pointer);
}

SEXP number(double x) {
  return protect([&] { return Rf_ScalarReal(x); });
}

SEXP flag(bool x) {
  return protect([&] { return Rf_ScalarLogical(x); });
}

// Warnings that sessions left on the handle, and those of the call itself.
SEXP settled(Handle& handle, SEXP value, Warnings warnings) {
  Rcpp::Shield<SEXP> kept(value);
  warnings.insert(warnings.end(), handle.warnings.begin(), handle.warnings.end());
  handle.warnings.clear();
  raise_warnings(warnings);
  return value;
}

// -- nested assignment -----------------------------------------------------------------

void finalize_origin(SEXP pointer) {
  delete static_cast<Origin*>(R_ExternalPtrAddr(pointer));
  R_ClearExternalPtr(pointer);
}

// The pointer keeps `value` alive: R then copies what it changes, so that a part that is
// still at its address is the part that was read.
void give_origin(std::unique_ptr<Origin> origin, SEXP value) {
  SEXP pointer = protect([&] {
    SEXP kept = PROTECT(Rf_list1(value));
    SEXP p = PROTECT(R_MakeExternalPtr(nullptr, R_NilValue, kept));
    R_RegisterCFinalizerEx(p, finalize_origin, TRUE);
    Rf_setAttrib(value, Rf_install("mmappickle_origin"), p);
    UNPROTECT(2);
    return p;
  });
  R_SetExternalPtrAddr(pointer, origin.release());
}

// It serves once. Null for anything else.
Origin* take_origin(SEXP pointer) {
  if (TYPEOF(pointer) != EXTPTRSXP) return nullptr;
  auto* origin = static_cast<Origin*>(R_ExternalPtrAddr(pointer));
  R_ClearExternalPtr(pointer);
  return origin;
}

}  // namespace

// [[Rcpp::init]]
void init_views(DllInfo* dll) {
  os::Guard::install();
  register_view_classes(dll);
  register_class_names(dll);
}

// [[Rcpp::export(rng = false)]]
SEXP store_open(SEXP path, bool readonly, bool create, bool durable,
                double lock_timeout) {
  return enter([&] {
    auto handle = std::make_unique<Handle>();
    Handle* address = handle.get();
    store::Options options;
    options.readonly = readonly;
    options.create = create;
    options.durable = durable;
    options.lock_timeout = std::isfinite(lock_timeout) ? lock_timeout : -1;
    options.poll = poll_interrupt;
    options.warn_lock = [address](const std::string& message) {
      address->warnings.push_back({WarningKind::lock, message});
    };
    SEXP testing =
        protect([] { return Rf_GetOption1(Rf_install("mmappickle.testing_seam")); });
    const bool seam = TYPEOF(testing) == LGLSXP && Rf_asLogical(testing) == TRUE;
    if (seam) handle->seam = std::make_unique<os::FaultySeam>();
    handle->store = store::Store::open(system_path(path), options,
                                       seam ? *handle->seam : os::real_seam());
    SEXP pointer = protect([] {
      SEXP p = PROTECT(R_MakeExternalPtr(nullptr, handle_tag(), R_NilValue));
      R_RegisterCFinalizerEx(p, finalize, TRUE);
      UNPROTECT(1);
      return p;
    });
    R_SetExternalPtrAddr(pointer, handle.release());
    return settled(*address, pointer, {});
  });
}

// [[Rcpp::export(rng = false)]]
SEXP store_close(SEXP ptr) {
  return enter([&] {
    Handle* handle = handle_behind(ptr);
    if (handle && handle->store) handle->store->close();
    return R_NilValue;
  });
}

// [[Rcpp::export(rng = false)]]
SEXP store_is_open(SEXP ptr) {
  const Handle* handle = handle_behind(ptr);
  return flag(handle && handle->store && handle->store->is_open());
}

// [[Rcpp::export(rng = false)]]
SEXP store_keys(SEXP ptr) {
  return enter([&] {
    Handle& handle = handle_of(ptr);
    std::vector<std::string> keys;
    {
      store::Reading reading(*handle.store);
      for (store::Index::Slot slot : reading.index().live()) {
        keys.emplace_back(reading.index().key(slot));
      }
    }
    SEXP out = character_vector(keys);
    return settled(handle, out, {});
  });
}

// [[Rcpp::export(rng = false)]]
SEXP store_keys_raw(SEXP ptr) {
  return enter([&] {
    std::vector<std::string> keys;
    {
      store::Reading reading(store_of(ptr));
      for (store::Index::Slot slot : reading.index().live()) {
        keys.emplace_back(reading.index().key(slot));
      }
    }
    return protect([&] {
      SEXP x = PROTECT(Rf_allocVector(VECSXP, static_cast<R_xlen_t>(keys.size())));
      for (std::size_t i = 0; i < keys.size(); ++i) {
        SEXP key = Rf_allocVector(RAWSXP, static_cast<R_xlen_t>(keys[i].size()));
        SET_VECTOR_ELT(x, static_cast<R_xlen_t>(i), key);
        if (!keys[i].empty()) std::memcpy(RAW(key), keys[i].data(), keys[i].size());
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
    return settled(handle, number(static_cast<double>(count)), {});
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
    Rcpp::Shield<SEXP> kept(out);
    {
      store::Reading reading(*handle.store);
      for (R_xlen_t i = 0; i < n; ++i) {
        LOGICAL(out)
        [i] = reading.index().find(names[static_cast<std::size_t>(i)]) !=
              store::Index::kNone;
      }
    }
    return settled(handle, out, {});
  });
}

// [[Rcpp::export(rng = false)]]
SEXP store_get(SEXP ptr, SEXP key, int flags, SEXP readers) {
  return enter([&] {
    Handle& handle = handle_of(ptr);
    const std::string name = key_of(key);
    Warnings warnings;
    SEXP value = read_entry(*handle.store, name, [&](store::Loaded& loaded) {
      warnings.clear();
      return decode(loaded, handle.store->path(), name, Flags(flags), readers, warnings);
    });
    return settled(handle, value, warnings);
  });
}

// The value for a nested assignment, with an external pointer to its Origin as attribute
// "mmappickle_origin" where it is a container without R metadata.
// [[Rcpp::export(rng = false)]]
SEXP store_get_nested(SEXP ptr, SEXP key, int flags) {
  return enter([&] {
    Handle& handle = handle_of(ptr);
    const std::string name = key_of(key);
    std::unique_ptr<Origin> origin;
    bool plain = false;
    Warnings warnings;
    Rcpp::Shield<SEXP> value(read_entry(*handle.store, name, [&](store::Loaded& loaded) {
      warnings.clear();
      plain = !loaded.is_array && loaded.metadata == pickle::kNoId &&
              pickle::is_container(loaded.tree[loaded.value].tag);
      origin = std::make_unique<Origin>();
      origin->loaded = std::move(loaded);
      return decode(*origin, handle.store->path(), name, Flags(flags), warnings);
    }));
    if (plain && !Rf_isObject(value)) give_origin(std::move(origin), value);
    return settled(handle, value, warnings);
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
    Rcpp::Shield<SEXP> out(read_entries(
        *handle.store, keys == R_NilValue, names,
        [&](std::vector<store::Loaded>& loaded) {
          warnings.clear();
          Rcpp::Shield<SEXP> list(protect([&] {
            return Rf_allocVector(VECSXP, static_cast<R_xlen_t>(names.size()));
          }));
          for (std::size_t i = 0; i < names.size(); ++i) {
            SET_VECTOR_ELT(list, static_cast<R_xlen_t>(i),
                           decode(loaded[i], handle.store->path(), names[i], Flags(flags),
                                  readers, warnings));
          }
          return static_cast<SEXP>(list);
        }));
    Rcpp::Shield<SEXP> labels(character_vector(names));
    protect([&] { return Rf_setAttrib(out, R_NamesSymbol, labels); });
    return settled(handle, out, warnings);
  });
}

// [[Rcpp::export(rng = false)]]
SEXP store_put(SEXP ptr, SEXP key, SEXP value, int flags, SEXP origin) {
  return enter([&] {
    Handle& handle = handle_of(ptr);
    const std::string name = key_of(key);
    if (handle.store->readonly()) store::Writing refused(*handle.store);
    Warnings warnings;
    try {
      const std::unique_ptr<Origin> from(take_origin(origin));
      const numpy::Recipe recipe = encode(value, Flags(flags), warnings, from.get());
      store::Writing writing(*handle.store);
      writing.put(name, recipe);
    } catch (Error& error) {
      if (error.key.empty()) error.key = name;
      if (error.path.empty()) error.path = handle.store->path();
      throw;
    }
    return settled(handle, R_NilValue, warnings);
  });
}

// [[Rcpp::export(rng = false)]]
SEXP store_erase(SEXP ptr, SEXP key) {
  return enter([&] {
    Handle& handle = handle_of(ptr);
    const std::string name = key_of(key);
    {
      store::Writing writing(*handle.store);
      writing.erase(name);
    }
    return settled(handle, R_NilValue, {});
  });
}

// [[Rcpp::export(rng = false)]]
SEXP store_info(SEXP ptr) {
  return enter([&] {
    Handle& handle = handle_of(ptr);
    double size, dead, keys;
    int commit;
    {
      store::Reading reading(*handle.store);
      size = static_cast<double>(reading.file_size());
      dead = static_cast<double>(reading.dead_bytes());
      keys = static_cast<double>(reading.index().count());
      commit = reading.commit_number();
    }
    // Not Rf_ScalarInteger: -2^31 is a commit number.
    const std::string path = handle.store->path();
    const bool readonly = handle.store->readonly();
    SEXP out = protect([&] {
      const char* names[] = {"path", "readonly", "size", "dead", "keys", "commit", ""};
      SEXP x = PROTECT(Rf_mkNamed(VECSXP, names));
      SET_VECTOR_ELT(x, 0, Rf_ScalarString(r_path(path)));
      SET_VECTOR_ELT(x, 1, Rf_ScalarLogical(readonly));
      SET_VECTOR_ELT(x, 2, Rf_ScalarReal(size));
      SET_VECTOR_ELT(x, 3, Rf_ScalarReal(dead));
      SET_VECTOR_ELT(x, 4, Rf_ScalarReal(keys));
      SET_VECTOR_ELT(x, 5, Rf_ScalarReal(commit));
      UNPROTECT(1);
      return x;
    });
    return settled(handle, out, {});
  });
}

// Keys of the entries that could not be upgraded.
// [[Rcpp::export(rng = false)]]
SEXP store_vacuum(SEXP ptr, bool force, bool upgrade, SEXP progress) {
  return enter([&] {
    Handle& handle = handle_of(ptr);
    const auto report = [&](double fraction) {
      if (progress == R_NilValue) return;
      const Callback callback;
      protect([&] {
        SEXP x = PROTECT(Rf_ScalarReal(fraction));
        SEXP call = PROTECT(Rf_lang2(progress, x));
        Rf_eval(call, R_BaseEnv);
        UNPROTECT(2);
        return R_NilValue;
      });
    };
    std::vector<std::string> left = store::vacuum(*handle.store, force, upgrade, report);
    return settled(handle, character_vector(left), {});
  });
}

// Bytes given back.
// [[Rcpp::export(rng = false)]]
SEXP store_reclaim(SEXP ptr, bool force) {
  return enter([&] {
    Handle& handle = handle_of(ptr);
    std::unordered_set<std::uint64_t> viewed;
    {
      const store::Reading reading(*handle.store);
      viewed = EntryWatch::places_in(reading.status().identity);
    }
    const std::uint64_t bytes = store::reclaim(
        *handle.store, force,
        [&](const store::Range& entry) { return viewed.count(entry.first) > 0; });
    return settled(handle, number(static_cast<double>(bytes)), {});
  });
}

// [[Rcpp::export(rng = false)]]
SEXP store_old_arrays(SEXP ptr) {
  return enter([&] {
    double count;
    {
      const store::Reading reading(store_of(ptr));
      count = static_cast<double>(count_old_arrays(reading));
    }
    return number(count);
  });
}

// [[Rcpp::export(rng = false)]]
SEXP store_flush(SEXP ptr) {
  return enter([&] {
    store_of(ptr).flush();
    return R_NilValue;
  });
}
