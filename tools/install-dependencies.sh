#!/bin/sh
# Installs what a target of the Makefile needs and this machine lacks: Debian's binary
# packages where there are apt and root, else R packages from CRAN and Bioconductor. Says what
# it does; says nothing, and takes a moment, where nothing is missing.
# Usage: tools/install-dependencies.sh TARGET...
set -u

python=${MMAPPICKLE_PYTHON:-/usr/bin/python3}
# What the tests use of R: all that DESCRIPTION suggests, but for what builds vignettes.
for_tests="Rcpp cli testthat withr callr jsonlite bit64 data.table tibble Matrix future mirai"
for_tests="$for_tests DelayedArray BiocParallel SummarizedExperiment sf stars terra zoo xts"
for_tests="$for_tests nanoarrow reticulate purrr vctrs shiny"
r_packages="" # needed in R
peers=""      # to compare with, where they install
tools=""      # needed on the machine, by the names of the functions below

for target in "$@"; do
  case $target in
    build) r_packages="$r_packages Rcpp cli" ;;
    test) r_packages="$r_packages $for_tests knitr rmarkdown"
      tools="$tools pandoc numpy pandas scipy joblib sklearn libpython doctest locales chromium" ;;
    core) tools="$tools numpy doctest locales" ;;
    windows) tools="$tools doctest mingw wine" ;;
    sanitize-r) tools="$tools valgrind" ;;
    demo) r_packages="$r_packages Rcpp cli"
      tools="$tools numpy" ;;
    check) r_packages="$r_packages $for_tests knitr rmarkdown spelling"
      tools="$tools pandoc qpdf numpy pandas scipy joblib sklearn libpython locales" ;;
    bench) r_packages="$r_packages Rcpp cli bench callr withr"
      peers="reticulate hdf5r bigmemory ff rhdf5 fst qs2 filearray"
      tools="$tools numpy h5py" ;;
    counts) r_packages="$r_packages Rcpp cli"
      tools="$tools valgrind strace" ;;
    docs) r_packages="$r_packages Rcpp cli roxygen2 knitr rmarkdown"
      tools="$tools pandoc" ;;
    site) r_packages="$r_packages Rcpp cli knitr rmarkdown pkgdown Matrix future mirai"
      tools="$tools pandoc numpy" ;;
    lint) r_packages="$r_packages Rcpp cli lintr roxygen2"
      tools="$tools clang_format" ;;
    format) tools="$tools clang_format" ;;
    coverage) r_packages="$r_packages $for_tests covr"
      tools="$tools numpy pandas scipy joblib sklearn libpython locales" ;;
    fuzz) tools="$tools clang libfuzzer" ;;
    *) echo "install-dependencies: no such target: $target" >&2; exit 2 ;;
  esac
done

apt_install() {
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" \
    > /dev/null 2>&1
}

say() { echo "install-dependencies: $*"; }
has() { command -v "$1" > /dev/null 2>&1; }

has_tool() {
  case $1 in
    numpy) "$python" -c 'import numpy' > /dev/null 2>&1 ;;
    pandas) "$python" -c 'import pandas' > /dev/null 2>&1 ;;
    scipy) "$python" -c 'import scipy.sparse' > /dev/null 2>&1 ;;
    joblib | sklearn | h5py) "$python" -c "import $1" > /dev/null 2>&1 ;;
    libpython) # which reticulate loads
      "$python" -c 'import ctypes, sysconfig
ctypes.CDLL(sysconfig.get_config_var("INSTSONAME"))' > /dev/null 2>&1 ;;
    doctest) printf '#include <doctest/doctest.h>\n' | "${CXX:-c++}" -E -x c++ - > /dev/null 2>&1 ;;
    locales) has localedef && [ -d /usr/share/i18n/charmaps ] || [ "$(uname)" != Linux ] ;;
    pandoc) has pandoc ;;
    qpdf) has qpdf ;;
    mingw) has x86_64-w64-mingw32-g++-posix ;;
    wine | chromium) has "$1" ;;
    clang_format) has clang-format ;;
    clang) has clang++ ;;
    valgrind | strace) has "$1" ;;
    libfuzzer) ls "$(clang++ -print-resource-dir 2> /dev/null)"/lib/*/libclang_rt.fuzzer* \
      > /dev/null 2>&1 ;;
  esac
}

debian_name() {
  case $1 in
    numpy | pandas | scipy | joblib | sklearn | h5py) echo "python3-$1" ;;
    libpython) "$python" -c 'import sys; print("libpython%d.%d" % sys.version_info[:2])' ;;
    doctest) echo doctest-dev ;;
    clang_format) echo clang-format ;;
    mingw) echo g++-mingw-w64-x86-64-posix ;;
    wine) echo "wine wine64" ;;
    libfuzzer) # of the version that `clang` depends on
      apt-cache depends clang 2> /dev/null |
        sed -n 's/.*Depends: clang-\([0-9]*\)$/libclang-rt-\1-dev/p' ;;
    *) echo "$1" ;;
  esac
}

missing_r() {
  [ -z "$r_packages$peers" ] && return
  Rscript - $r_packages $peers <<'R'
wanted <- unique(commandArgs(TRUE))
found <- vapply(wanted, function(p) length(find.package(p, quiet = TRUE)) > 0, NA)
cat(wanted[!found])
R
}
missing_tools() {
  for tool in $tools; do has_tool "$tool" || echo "$tool"; done | sort -u | tr '\n' ' '
}

has Rscript || { say "R is missing: install R 4.2 or newer" >&2; exit 1; }
need_r=$(missing_r)
need_tools=$(missing_tools)
[ -z "$need_r$need_tools" ] && exit 0

if has apt-get && [ "$(id -u)" = 0 ]; then
  say "missing:$(printf ' %s' $need_r $need_tools)"
  say "apt-get update"
  apt-get update -qq > /dev/null 2>&1 || say "apt-get update failed; going on with the lists that are there"
  wanted=""
  for tool in $need_tools; do wanted="$wanted $(debian_name "$tool")"; done
  # R packages of Debian serve only Debian's own R.
  case $(R RHOME) in
    /usr/lib/R)
      for package in $need_r; do
        name=$(echo "$package" | tr '[:upper:]' '[:lower:]')
        for name in "r-cran-$name" "r-bioc-$name"; do
          apt-cache show "$name" > /dev/null 2>&1 && wanted="$wanted $name"
        done
      done ;;
  esac
  say "apt-get install$(printf ' %s' $wanted)"
  apt_install $wanted || for name in $wanted; do # one that fails should not stop the rest
    apt_install "$name" || say "apt could not install $name"
  done
  need_r=$(missing_r)
  need_tools=$(missing_tools)
fi

if [ -n "$need_r" ]; then
  say "from CRAN or Bioconductor:$(printf ' %s' $need_r)"
  PEERS="$peers" Rscript - $need_r <<'R' || exit 1
repos <- getOption("repos")
if (is.null(repos) || !"CRAN" %in% names(repos) || repos[["CRAN"]] == "@CRAN@") {
  repos <- c(CRAN = "https://cloud.r-project.org")
}
options(repos = repos)
setRepositories(ind = 1:2) # Bioconductor of this R, too
repos <- getOption("repos")
# The first library that is not the build's own, which `make clean` removes.
library <- setdiff(.libPaths(), file.path(getwd(), "build", "library"))[[1]]
if (file.access(library, 2) != 0) {
  library <- strsplit(Sys.getenv("R_LIBS_USER"), .Platform$path.sep)[[1]][[1]]
  dir.create(library, recursive = TRUE, showWarnings = FALSE)
}
wanted <- commandArgs(TRUE)
# (whose index may be out of reach where nothing of it is wanted)
suppressWarnings(
  install.packages(wanted, lib = library, repos = repos, quiet = TRUE, Ncpus = 2)
)
.libPaths(library)
found <- vapply(wanted, function(p) length(find.package(p, quiet = TRUE)) > 0, NA)
peers <- strsplit(Sys.getenv("PEERS"), " ")[[1]]
needed <- setdiff(wanted[!found], peers)
if (length(needed)) stop("not installed: ", paste(needed, collapse = " "), call. = FALSE)
for (peer in intersect(wanted[!found], peers)) {
  cat("install-dependencies: left out of what is compared with:", peer, "\n")
}
R
fi

# Without apt and root only the user can install these. Each target says for itself what it
# cannot do without them.
for tool in $need_tools; do
  say "still missing: $(debian_name "$tool") (Debian's name); install it by hand"
done
exit 0
