// Whole pickles as R calls them; see R/pickle.R.
#include <algorithm>

#include "core/store/plain.h"
#include "file_watch.h"
#include "values.h"
#include "views.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

namespace {

// The bytes of a file, mapped, or of a raw vector, which the caller protects.
struct Input {
  std::shared_ptr<os::Mapping> mapping;
  std::shared_ptr<const FileWatch> watch;  // null: all is to be copied
  mmappickle::Bytes bytes;
  std::string path;  // empty: a raw vector
  os::File file;     // unless `watch` has it
  os::Status opened;

  // False if the file was changed since.
  bool stands() const {
    if (path.empty()) return true;
    if (mapping->damaged()) return false;
    return watch ? watch->stands() : FileWatch::same(opened, file.status());
  }
};

void open(SEXP source, Input& input) {
  if (TYPEOF(source) == RAWSXP) {
    const Rbyte* data = nullptr;
    protect([&] {
      data = RAW_RO(source);
      return R_NilValue;
    });
    input.bytes = mmappickle::Bytes(data, static_cast<std::uint64_t>(Rf_xlength(source)));
    return;
  }
  input.path = system_path(source);
  input.file = os::File::open(input.path, os::Access::read);
  input.opened = input.file.status();
  const std::uint64_t size = input.opened.size;
  input.mapping = os::Mapping::of(input.file, size);
  input.bytes = mmappickle::Bytes(input.mapping->data(), size);
  if (size > kSmall) input.watch = FileWatch::of(input.file, size);
}

// The pickle, or all that follow each other; what follows and was not read is warned of.
std::vector<store::Plain> read_all(const Input& input, bool all, Warnings& warnings) {
  const mmappickle::Bytes bytes = input.bytes;
  if (bytes.size == 0) {
    throw Error(ErrorKind::format, "There is no pickle: there are no bytes.", {}, 0);
  }
  std::vector<store::Plain> pickles;
  std::uint64_t at = 0;
  std::string reason = "read_pickle(all = TRUE) reads them if they are pickles, too.";
  while (at < bytes.size && (all || pickles.empty())) {
    try {
      pickles.push_back(store::read_plain(bytes, at, input.mapping, poll_interrupt));
    } catch (const Error& error) {
      if (pickles.empty()) throw;
      reason = error.message;
      break;
    }
    at = pickles.back().end;
  }
  if (at < bytes.size) {
    const std::uint64_t n = bytes.size - at;
    warnings.push_back({WarningKind::trailing,
                        std::to_string(n) +
                            (n == 1 ? " byte follows the " : " bytes follow the ") +
                            (all ? "last" : "first") + " pickle, from offset " +
                            std::to_string(at) + " on. " + reason});
  }
  return pickles;
}

SEXP decode_value(store::Plain& pickle, const Input& input, const Flags& flags,
                  SEXP readers, Warnings& warnings) {
  try {
    return decode(pickle.value, input.watch, input.path, "", flags, readers, warnings);
  } catch (Error& error) {
    if (error.kind == ErrorKind::limit) error.hint.clear();  // it speaks of slices
    throw;
  }
}

SEXP decode_entries(store::Plain& pickle, const Input& input, const Flags& flags,
                    SEXP readers, Warnings& warnings) {
  const std::size_t n = pickle.entries.size();
  Rcpp::Shield<SEXP> out(
      protect([&] { return Rf_allocVector(VECSXP, static_cast<R_xlen_t>(n)); }));
  for (std::size_t i = 0; i < n; ++i) {
    store::Loaded loaded =
        store::load_entry(input.bytes, pickle.entries[i], input.mapping);
    SET_VECTOR_ELT(out, static_cast<R_xlen_t>(i),
                   decode(loaded, input.watch, input.path, pickle.keys[i], flags, readers,
                          warnings));
  }
  Rcpp::Shield<SEXP> names(character_vector(pickle.keys));
  protect([&] { return Rf_setAttrib(out, R_NamesSymbol, names); });
  return out;
}

constexpr std::uint64_t kBetweenPolls = 8 << 20;

// Where the pieces of a draft that begins at 0 go.
struct Copy {
  std::uint8_t* to;
  void operator()(std::uint64_t at, const mmappickle::Bytes& bytes) const {
    std::memcpy(to + at, bytes.data, bytes.size);
  }
  void operator()(std::uint64_t at, const Source& source) const {
    for (std::uint64_t done = 0; done < source.size();) {
      const std::uint64_t n = std::min(source.size() - done, kBetweenPolls);
      source.read(done, to + at + done, n);
      done += n;
      poll_interrupt();
    }
  }
};

SEXP raw_of(const Draft& draft) {
  if (draft.size() > static_cast<std::uint64_t>(R_XLEN_T_MAX)) {
    throw Error(ErrorKind::limit, "The pickle has more bytes than an R vector.",
                "Write it to a file.");
  }
  Rcpp::Shield<SEXP> out(protect(
      [&] { return Rf_allocVector(RAWSXP, static_cast<R_xlen_t>(draft.size())); }));
  draft.visit(Copy{RAW(out)});
  return out;
}

}  // namespace

// A list of the values of the pickles in a file (its path) or a raw vector: of the first,
// or of all.
// [[Rcpp::export(rng = false)]]
SEXP pickle_read(SEXP source, bool all, int flags, SEXP readers) {
  return enter([&] {
    Input input;
    Warnings warnings;
    try {
      open(source, input);
      std::vector<store::Plain> pickles = read_all(input, all, warnings);
      Rcpp::Shield<SEXP> out(protect(
          [&] { return Rf_allocVector(VECSXP, static_cast<R_xlen_t>(pickles.size())); }));
      for (std::size_t i = 0; i < pickles.size(); ++i) {
        const auto decode_one = pickles[i].is_mmapdict ? decode_entries : decode_value;
        SET_VECTOR_ELT(out, static_cast<R_xlen_t>(i),
                       decode_one(pickles[i], input, Flags(flags), readers, warnings));
        pickles[i].value = store::Loaded();
      }
      if (!input.stands()) {
        throw Error(ErrorKind::stale, "the file was changed while it was read",
                    "Try again.");
      }
      raise_warnings(warnings);
      return static_cast<SEXP>(out);
    } catch (Error& error) {
      if (error.path.empty()) error.path = input.path;
      throw;
    }
  });
}

// Writes a pickle to `path`; NULL: gives its bytes.
// [[Rcpp::export(rng = false)]]
SEXP pickle_write(SEXP value, SEXP path, int flags) {
  return enter([&] {
    Warnings warnings;
    const numpy::Recipe recipe = encode(value, Flags(flags), warnings);
    SEXP out = R_NilValue;
    if (path != R_NilValue) {
      store::write_plain(system_path(path), recipe, poll_interrupt);
    } else {
      Draft draft(0);
      store::put_plain(draft, recipe);
      out = raw_of(draft);
    }
    Rcpp::Shield<SEXP> kept(out);
    raise_warnings(warnings);
    return out;
  });
}

// True for a file that gzip, bzip2 or xz has compressed, by its first bytes.
// [[Rcpp::export(rng = false)]]
SEXP is_compressed(SEXP path) {
  return enter([&] {
    const os::File file = os::File::open(system_path(path), os::Access::read);
    std::uint8_t head[10];
    const mmappickle::Bytes bytes(head, file.read_some_at(0, head, sizeof head));
    const bool bzip2 = bytes.size >= 10 && bytes.starts_with("BZh") &&
                       (std::memcmp(head + 4, "1AY&SY", 6) == 0 ||
                        std::memcmp(head + 4, "\x17rE8P\x90", 6) == 0);
    const bool compressed = bzip2 || bytes.starts_with("\x1f\x8b") ||
                            bytes.starts_with({"\xfd"
                                               "7zXZ\0",
                                               6});
    return protect([&] { return Rf_ScalarLogical(compressed); });
  });
}
