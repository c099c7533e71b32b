#include "classes.h"

#include <algorithm>
#include <iterator>

namespace mmappickle::metadata {
namespace {

// Each list in the order of the characters' codes: it is searched by halves.
constexpr std::string_view kData[] = {
    "AsIs",          "Date",       "POSIXct",  "POSIXlt", "POSIXt",  "array",
    "data.frame",    "data.table", "difftime", "factor",  "hexmode", "integer64",
    "matrix",        "mts",        "noquote",  "octmode", "ordered", "python_dict",
    "python_object", "r_object",   "table",    "tbl",     "tbl_df",  "ts"};

// clang-format off
constexpr std::string_view kActs[] = {
    "DLLInfo", "MPIcluster", "MPInode", "SOCK0node", "SOCKcluster", "SOCKnode",
    "SavedPlots", "activeConcordance", "aovlist", "bam", "bibentry", "boot",
    "browseVignettes", "check_packages_in_dir", "citation", "connection", "corAR1",
    "corARMA", "corCAR1", "corCompSymm", "corExp", "corGaus", "corIdent", "corLin",
    "corNatural", "corRatio", "corSpatial", "corSpher", "corStruct", "corSymm",
    "coxph", "coxph.penal", "coxphms", "delayedgrob", "ecdf", "envRefClass",
    "fractions", "ftable", "gam", "glmmPQL", "gls", "glsStruct", "gnls",
    "gnlsStruct", "groupedData", "help_files_with_topic", "hsearch", "lda",
    "libraryIQR", "lmList", "lme", "lmeStruct", "lmeStructInt", "loglm", "ls_str",
    "mgcv.version", "mlm", "modelStruct", "multinom", "news_db", "nffGroupedData",
    "nfnGroupedData", "nlme", "nlmeStruct", "nlsList", "nmGroupedData", "nnet",
    "packageDescription", "packageIQR", "packageInfo", "packageStatus", "packages",
    "pdBlocked", "pdCompSymm", "pdDiag", "pdIdent", "pdIdnot", "pdLogChol", "pdMat",
    "pdNatural", "pdSymm", "pdTens", "polr", "qda", "reStruct", "recordedGrob",
    "recordedplot", "rpart", "shingleLevel", "socket", "spawnedMPIcluster",
    "srcfile", "srcfilealias", "srcfilecopy", "srcref", "stepfun",
    "summary.corCompSymm", "summary.corNatural", "summary.corStruct",
    "summary.corSymm", "summary.gls", "summary.lmList", "summary.lme",
    "summary.loglm", "summary.modelStruct", "summary.nlsList",
    "summary.packageStatus", "summary.pdMat", "summary.trellis", "summary.varComb",
    "summary.varFixed", "summary.varFunc", "summary.warnings", "survfit",
    "survfitms", "survreg", "tclArray", "tclObj", "tclVar", "tkProgressBar",
    "trellis", "varComb", "varConstPower", "varConstProp", "varExp", "varFixed",
    "varFunc", "varIdent", "varPower", "vignette", "warnings", "winProgressBar"};
// clang-format on

constexpr std::string_view kMarks[] = {
    "empty_ndarray",         "mmapdict",     "mmappickle_lhs", "mmarray", "ndarray",
    "python.builtin.object", "python_pickle"};

// Whether a list is in order is known when this is compiled.
template <std::size_t n>
constexpr bool ascends(const std::string_view (&list)[n]) {
  for (std::size_t i = 1; i < n; ++i) {
    if (!(list[i - 1] < list[i])) return false;
  }
  return true;
}
static_assert(ascends(kData) && ascends(kActs) && ascends(kMarks));

template <std::size_t n>
bool has(const std::string_view (&list)[n], std::string_view name) {
  return std::binary_search(std::begin(list), std::end(list), name);
}

}  // namespace

ClassKind kind_of_class(std::string_view name) {
  if (has(kData, name)) return ClassKind::data;
  if (has(kActs, name)) return ClassKind::acts;
  if (has(kMarks, name)) return ClassKind::mark;
  return ClassKind::other;
}

}  // namespace mmappickle::metadata
