#include "r/read/pickle.h"

#include "core/files/content.h"
#include "core/files/torch.h"
#include "core/store/plain_pickle.h"
#include "r/error.h"
#include "r/interrupt.h"
#include "r/read/input.h"
#include "r/read/read.h"
#include "r/text.h"

namespace mmappickle {

namespace {

// The pickle, or all that follow each other; what follows and was not read is warned of.
std::vector<store::PlainPickle> read_all(Bytes bytes, const Input& input, bool all,
                                         Warnings& warnings) {
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

// Those of an mmapdict in `bytes`.
SEXP decode_entries(Bytes bytes, store::PlainPickle& pickle, const Input& input,
                    const Flags& flags, SEXP readers, pickle::Encoding encoding,
                    Warnings& warnings) {
  const std::size_t n = pickle.entries.size();
  Shield out(protect([&] { return Rf_allocVector(VECSXP, static_cast<R_xlen_t>(n)); }));
  for (std::size_t i = 0; i < n; ++i) {
    store::Loaded loaded =
        store::load_entry(bytes, pickle.entries[i], input.mapping, poll_interrupt);
    decode_strings_of(loaded, encoding);
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
  return read_input(source, [&](const Input& input) {
    Warnings warnings;
    const files::Content content(input.bytes, poll_interrupt);
    const Bytes bytes = content.bytes();
    std::vector<store::PlainPickle> pickles = read_all(bytes, input, all, warnings);
    Shield out(protect(
        [&] { return Rf_allocVector(VECSXP, static_cast<R_xlen_t>(pickles.size())); }));
    for (std::size_t i = 0; i < pickles.size(); ++i) {
      store::PlainPickle& pickle = pickles[i];
      decode_strings_of(pickle.value, encoding);
      files::put_tensors(pickle.value.tree, content.beside());
      SET_VECTOR_ELT(
          out, static_cast<R_xlen_t>(i),
          pickle.is_mmapdict
              ? decode_entries(bytes, pickle, input, flags, readers, encoding, warnings)
              : decode_input(pickle.value, input, "", flags, readers, warnings));
      pickle.value = store::Loaded();
    }
    input.require_current();
    raise_warnings(warnings);
    return static_cast<SEXP>(out);
  });
}

SEXP read_again(Bytes bytes, const Flags& flags) {
  Warnings warnings;  // said when it was read first
  store::PlainPickle pickle = store::read_plain_pickle(bytes, 0, nullptr, {});
  return decode(pickle.value, nullptr, "", "", flags, R_NilValue, warnings);
}

}  // namespace mmappickle
