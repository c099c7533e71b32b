// Pickled dicts to mmapdicts as R calls it; see R/convert.R.
#include "core/store/convert.h"

#include <cmath>

#include "enter.h"
#include "r/handle.h"
#include "r/text.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

// `source`: the path of a file, or a raw vector, which is the content of the file `name`
// ("" where there is none). `system`: NULL, or a handle opened for
// tests, through whose system calls the work is done. The number of keys.
// [[Rcpp::export(rng = false)]]
SEXP pickle_convert(SEXP source, SEXP name, SEXP to, bool overwrite, double lock_timeout,
                    SEXP system, int encoding) {
  return enter([&] {
    store::ConvertOptions options;
    options.encoding = static_cast<pickle::Encoding>(encoding);
    options.overwrite = overwrite;
    options.lock_timeout = std::isfinite(lock_timeout) ? lock_timeout : -1;
    options.poll = poll_interrupt;
    os::SystemCalls& calls =
        system == R_NilValue ? os::real_system_calls() : *handle_of(system).system;
    const std::string target = system_path(to);
    store::Converted made;
    if (TYPEOF(source) == RAWSXP) {
      const Rbyte* data = nullptr;
      protect([&] {
        data = RAW_RO(source);
        return R_NilValue;
      });
      options.source = system_path(name);
      const mmappickle::Bytes bytes(data, static_cast<std::uint64_t>(Rf_xlength(source)));
      made = store::convert_bytes(bytes, target, options, calls);
    } else {
      made = store::convert_file(system_path(source), target, options, calls);
    }
    Warnings warnings;
    if (made.trailing > 0) {
      warnings.push_back({WarningKind::trailing,
                          std::to_string(made.trailing) +
                              " bytes follow the pickle, from offset " +
                              std::to_string(made.end) + " on: they were left out."});
    }
    Shield out(protect([&] { return Rf_ScalarReal(static_cast<double>(made.keys)); }));
    raise_warnings(warnings);
    return static_cast<SEXP>(out);
  });
}
