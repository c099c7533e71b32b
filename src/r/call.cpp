#include "r/call.h"

namespace mmappickle {

namespace {

// A function of the package's own namespace.
SEXP own_function(const char* name) {
  SEXP package = PROTECT(Rf_mkString("mmappickle"));
  SEXP ns = PROTECT(R_FindNamespace(package));
  SEXP function = Rf_findFun(Rf_install(name), ns);
  UNPROTECT(2);
  return function;
}

}  // namespace

SEXP call_own(const char* name, std::initializer_list<SEXP> arguments) {
  SEXP list = R_NilValue;
  for (const SEXP* a = arguments.end(); a != arguments.begin();) {
    SEXP argument = *--a;
    const bool code = TYPEOF(argument) == SYMSXP || TYPEOF(argument) == LANGSXP;
    if (code) argument = PROTECT(Rf_lang2(R_QuoteSymbol, argument));  // not evaluated
    list = Rf_cons(argument, list);
    if (code) UNPROTECT(1);
    PROTECT(list);
  }
  SEXP call = PROTECT(Rf_lcons(own_function(name), list));
  SEXP out = Rf_eval(call, R_BaseEnv);
  UNPROTECT(static_cast<int>(arguments.size()) + 1);
  return out;
}

bool has_bit64() {
  static const bool has = [] {
    SEXP answer = protect([] { return call_own("has_bit64", {}); });
    return Rf_asLogical(answer) == TRUE;
  }();
  return has;
}

}  // namespace mmappickle
