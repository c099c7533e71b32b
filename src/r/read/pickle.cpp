#include "r/read/pickle.h"

#include <memory>

#include "core/store/plain_pickle.h"
#include "r/error.h"
#include "r/interrupt.h"
#include "r/read/read.h"
#include "r/text.h"
#include "r/view/file_watch.h"
#include "r/view/view.h"

namespace mmappickle {

namespace {

// The bytes of a file, mapped, or of a raw vector, which the caller protects.
struct Input {
  std::shared_ptr<os::Mapping> mapping;
  std::shared_ptr<const FileWatch> watch;  // null: all is to be copied
  Bytes bytes;
  std::string path;  // empty: a raw vector
  os::File file;     // unless `watch` has it
  os::Status opened;
  pickle::Encoding encoding = pickle::Encoding::ascii;

  // False if the file was changed since.
  bool is_current() const {
    if (path.empty()) return true;
    if (mapping->damaged()) return false;
    return watch ? watch->is_current() : FileWatch::same(opened, file.status());
  }
};

void open(SEXP source, Input& input) {
  if (TYPEOF(source) == RAWSXP) {
    const Rbyte* data = nullptr;
    protect([&] {
      data = RAW_RO(source);
      return R_NilValue;
    });
    input.bytes = Bytes(data, static_cast<std::uint64_t>(Rf_xlength(source)));
    return;
  }
  input.path = system_path(source);
  input.file = os::File::open(input.path, os::Access::read);
  input.opened = input.file.status();
  const std::uint64_t size = input.opened.size;
  input.mapping = os::Mapping::of(input.file, size);
  input.bytes = Bytes(input.mapping->data(), size);
  if (size > kSmall) input.watch = FileWatch::of(input.file, size);
}

// The pickle, or all that follow each other; what follows and was not read is warned of.
std::vector<store::PlainPickle> read_all(const Input& input, bool all,
                                         Warnings& warnings) {
  const Bytes bytes = input.bytes;
  if (bytes.size == 0) {
    throw Error(ErrorKind::format, "There is no pickle: there are no bytes.", {}, 0);
  }
  std::vector<store::PlainPickle> pickles;
  std::uint64_t at = 0;
  std::string reason = "read_pickle(all = TRUE) reads them if they are pickles, too.";
  while (at < bytes.size && (all || pickles.empty())) {
    try {
      pickles.push_back(
          store::read_plain_pickle(bytes, at, input.mapping, poll_interrupt));
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

// Python 2's strings; then the pickle as it is would be read to another value.
void decode_strings_of(store::Loaded& loaded, pickle::Encoding encoding) {
  if (!pickle::decode_strings(loaded.tree, encoding)) return;
  loaded.pickle = loaded.opcodes = Bytes();
}

SEXP decode_value(store::PlainPickle& pickle, const Input& input, const Flags& flags,
                  SEXP readers, Warnings& warnings) {
  decode_strings_of(pickle.value, input.encoding);
  try {
    return decode(pickle.value, input.watch, input.path, "", flags, readers, warnings);
  } catch (Error& error) {
    if (error.kind == ErrorKind::limit) error.hint.clear();  // it speaks of slices
    throw;
  }
}

SEXP decode_entries(store::PlainPickle& pickle, const Input& input, const Flags& flags,
                    SEXP readers, Warnings& warnings) {
  const std::size_t n = pickle.entries.size();
  Shield out(protect([&] { return Rf_allocVector(VECSXP, static_cast<R_xlen_t>(n)); }));
  for (std::size_t i = 0; i < n; ++i) {
    store::Loaded loaded =
        store::load_entry(input.bytes, pickle.entries[i], input.mapping);
    decode_strings_of(loaded, input.encoding);
    SET_VECTOR_ELT(out, static_cast<R_xlen_t>(i),
                   decode(loaded, input.watch, input.path, pickle.keys[i], flags, readers,
                          warnings));
  }
  Shield names(character_vector(pickle.keys));
  protect([&] { return Rf_setAttrib(out, R_NamesSymbol, names); });
  return out;
}

}  // namespace

SEXP read_pickles(SEXP source, bool all, const Flags& flags, SEXP readers,
                  pickle::Encoding encoding) {
  Input input;
  input.encoding = encoding;
  Warnings warnings;
  try {
    open(source, input);
    std::vector<store::PlainPickle> pickles = read_all(input, all, warnings);
    Shield out(protect(
        [&] { return Rf_allocVector(VECSXP, static_cast<R_xlen_t>(pickles.size())); }));
    for (std::size_t i = 0; i < pickles.size(); ++i) {
      const auto decode_one = pickles[i].is_mmapdict ? decode_entries : decode_value;
      SET_VECTOR_ELT(out, static_cast<R_xlen_t>(i),
                     decode_one(pickles[i], input, flags, readers, warnings));
      pickles[i].value = store::Loaded();
    }
    if (!input.is_current()) {
      throw Error(ErrorKind::stale, "the file was changed while it was read",
                  "Try again.");
    }
    raise_warnings(warnings);
    return static_cast<SEXP>(out);
  } catch (Error& error) {
    if (error.path.empty()) error.path = input.path;
    throw;
  }
}

SEXP read_again(Bytes bytes, const Flags& flags) {
  Warnings warnings;  // said when it was read first
  store::PlainPickle pickle = store::read_plain_pickle(bytes, 0, nullptr, {});
  return decode(pickle.value, nullptr, "", "", flags, R_NilValue, warnings);
}

}  // namespace mmappickle
