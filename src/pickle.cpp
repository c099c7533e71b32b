// Whole pickles; see R/pickle.R.
#include "r/read/pickle.h"

#include <algorithm>
#include <cstring>

#include "core/files/signature.h"
#include "core/store/plain_pickle.h"
#include "enter.h"
#include "r/text.h"
#include "r/write/write.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

namespace {

constexpr std::uint64_t kBetweenPolls = 8 << 20;

// Where the pieces of an output that begins at 0 go.
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

SEXP raw_of_output(const Output& output) {
  if (output.size() > static_cast<std::uint64_t>(R_XLEN_T_MAX)) {
    throw Error(ErrorKind::limit, "The pickle has more bytes than an R vector.",
                "Write it to a file.");
  }
  Shield out(protect(
      [&] { return Rf_allocVector(RAWSXP, static_cast<R_xlen_t>(output.size())); }));
  output.visit(Copy{RAW(out)});
  return out;
}

}  // namespace

// [[Rcpp::export(rng = false)]]
SEXP pickle_read(SEXP source, bool all, int flags, SEXP readers, int encoding) {
  return enter([&] {
    return read_pickles(source, all, Flags(flags), readers,
                        static_cast<pickle::Encoding>(encoding));
  });
}

// Writes a pickle to `path`; NULL: gives its bytes.
// [[Rcpp::export(rng = false)]]
SEXP pickle_write(SEXP value, SEXP path, int flags) {
  return enter([&] {
    Warnings warnings;
    const numpy::StoredValue stored_value =
        encode(value, Flags(flags), warnings, "value");
    SEXP out = R_NilValue;
    if (path != R_NilValue) {
      store::write_plain_pickle(system_path(path), stored_value, poll_interrupt);
    } else {
      Output output(0);
      store::put_plain_pickle(output, stored_value);
      out = raw_of_output(output);
    }
    Shield kept(out);
    raise_warnings(warnings);
    return out;
  });
}

// What a file or a raw vector is packed with, by its first bytes: "gzip", "bzip2", "xz",
// "lzma", "zlib", "zip", "tar" or "".
// [[Rcpp::export(rng = false)]]
SEXP packing_of(SEXP source) {
  return enter([&] {
    std::uint8_t head[files::kSignatureSize];
    std::uint64_t size = 0;
    if (TYPEOF(source) == RAWSXP) {
      size = std::min(static_cast<std::uint64_t>(Rf_xlength(source)),
                      std::uint64_t{sizeof head});
      protect([&] {
        if (size > 0) std::memcpy(head, RAW_RO(source), size);
        return R_NilValue;
      });
    } else {
      const os::File file = os::File::open(system_path(source), os::Access::read);
      size = file.read_some_at(0, head, sizeof head);
    }
    const files::Format format =
        files::signature_of(mmappickle::Bytes(head, size)).format;
    return protect([&] { return Rf_mkString(files::packing_name(format)); });
  });
}
