#include "r/slice/subscripts.h"

#include <cmath>

#include "core/base/error.h"
#include "r/call.h"
#include "r/interrupt.h"
#include "r/text.h"
#include "r/vector.h"

namespace mmappickle {

namespace {

using Kind = numpy::Subscript::Type;

constexpr R_xlen_t kChunk = 512;
constexpr R_xlen_t kBetweenPolls = 1 << 20;  // elements

// What is a number and the next ones is one range, however R holds it. `all`: so many
// numbers there are.
void take_numbers(numpy::Subscript& out, const double* at, R_xlen_t n, R_xlen_t all,
                  bool& ascends) {
  for (R_xlen_t i = 0; i < n; ++i) {
    if (ascends && out.count > 0 && !(at[i] == out.first + out.count)) {
      ascends = false;
      out.numbers.reserve(static_cast<std::size_t>(all));
      for (double k = 0; k < out.count; ++k) out.numbers.push_back(out.first + k);
    }
    if (!ascends) {
      out.numbers.push_back(at[i]);
    } else if (out.count == 0) {
      out.first = at[i];
      out.count = 1;
      ascends = at[i] == std::trunc(at[i]) && std::fabs(at[i]) < 4503599627370496.0;
      if (!ascends) out.numbers.push_back(at[i]);
    } else {
      ++out.count;
    }
  }
}

// Compact sequences (1:n) are not expanded, hence no pointer.
void take_numeric(numpy::Subscript& out, SEXP x) {
  const R_xlen_t n = Rf_xlength(x);
  bool ascends = true;
  double chunk[kChunk];
  int whole[kChunk];
  for (R_xlen_t begin = 0; begin < n; begin += kChunk) {
    const R_xlen_t m = std::min(kChunk, n - begin);
    if (begin % kBetweenPolls == 0) poll_interrupt();
    protect([&] {
      if (TYPEOF(x) == INTSXP) {
        INTEGER_GET_REGION(x, begin, m, whole);
      } else {
        REAL_GET_REGION(x, begin, m, chunk);
      }
      return R_NilValue;
    });
    for (R_xlen_t i = 0; i < m && TYPEOF(x) == INTSXP; ++i) {
      chunk[i] = whole[i] == NA_INTEGER ? NA_REAL : whole[i];
    }
    take_numbers(out, chunk, m, n, ascends);
  }
  out.kind = ascends && out.count > 0 ? Kind::range : Kind::numbers;
}

void take_integer64(numpy::Subscript& out, SEXP x) {
  const auto* at = static_cast<const std::int64_t*>(read_pointer(x));
  for (R_xlen_t i = 0; i < Rf_xlength(x); ++i) {
    if (i % kBetweenPolls == 0) poll_interrupt();
    out.numbers.push_back(at[i] == numpy::kNaInteger64 ? NA_REAL
                                                       : static_cast<double>(at[i]));
  }
  out.kind = Kind::numbers;
}

void take_logical(numpy::Subscript& out, SEXP x) {
  const auto* at = static_cast<const int*>(read_pointer(x));
  for (R_xlen_t i = 0; i < Rf_xlength(x); ++i) {
    if (i % kBetweenPolls == 0) poll_interrupt();
    out.logicals.push_back(at[i] == NA_LOGICAL ? 2 : at[i] != 0);
  }
  out.kind = Kind::logicals;
}

void take_names(numpy::Subscript& out, SEXP x) {
  read_pointer(x);
  const R_xlen_t n = Rf_xlength(x);
  for (R_xlen_t i = 0; i < n; ++i) {
    if (i % kBetweenPolls == 0) poll_interrupt();
    SEXP name = string_elt(x, i);
    out.missing.push_back(name == NA_STRING);
    out.names.push_back(name == NA_STRING ? "" : utf8_of(name));
  }
  out.kind = Kind::names;
}

}  // namespace

numpy::Subscript subscript_of(SEXP x, const numpy::SubscriptWords& words) {
  numpy::Subscript out;
  if (Rf_isFactor(x)) {
    throw Error(ErrorKind::index, "A factor is no subscript.",
                "as.character() gives its labels, as.integer() its codes.");
  }
  SEXP dim = Rf_getAttrib(x, R_DimSymbol);
  if (TYPEOF(dim) == INTSXP && Rf_xlength(dim) == 2) {
    out.columns =
        static_cast<std::uint64_t>(static_cast<const int*>(read_pointer(dim))[1]);
  }
  switch (TYPEOF(x)) {
    case NILSXP:
      out.kind = Kind::numbers;
      return out;
    case LGLSXP:
      take_logical(out, x);
      return out;
    case INTSXP:
      take_numeric(out, x);
      return out;
    case REALSXP:
      if (Rf_inherits(x, "integer64")) {
        take_integer64(out, x);
      } else {
        take_numeric(out, x);
      }
      return out;
    case STRSXP:
      take_names(out, x);
      return out;
    default:
      break;
  }
  std::string kind;
  protect([&] {
    SEXP text = call_own("a_kind_of", {x});
    kind = CHAR(Rf_asChar(text));
    return R_NilValue;
  });
  throw Error(
      ErrorKind::index,
      "A " + words.what + " must be numbers, logicals or names, not " + kind + ".");
}

std::vector<numpy::Subscript> subscripts_of(SEXP given,
                                            const numpy::SubscriptWords& words) {
  std::vector<numpy::Subscript> out;
  for (R_xlen_t i = 0; i < Rf_xlength(given); ++i) {
    SEXP one = vector_elt(given, i);
    out.push_back(one == R_NilValue ? numpy::Subscript()
                                    : subscript_of(vector_elt(one, 0), words));
  }
  return out;
}

SEXP positions_of(const numpy::Axis& axis) {
  return protect([&] {
    SEXP out = Rf_allocVector(REALSXP, static_cast<R_xlen_t>(axis.count));
    double* to = REAL(out);
    for (std::uint64_t i = 0; i < axis.count; ++i) {
      to[i] = static_cast<double>(axis.at(i)) + 1;
    }
    return out;
  });
}

}  // namespace mmappickle
