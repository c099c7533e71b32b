#!/bin/sh
# Checks that change nothing: format of C++, style of R, and that all that is generated
# agrees with its source. Arguments: the C++ files. Started by make.
set -u
: "${BUILD:?is set by the Makefile}"
failed=""
check() { # name, command...
  name=$1
  shift
  if "$@" > "$BUILD/lint.log" 2>&1; then
    echo "$name: ok"
  else
    tail -n 40 "$BUILD/lint.log"
    echo "$name: FAILED"
    failed="$failed $name"
  fi
}

check clang-format clang-format --dry-run -Werror "$@"
check borders Rscript --vanilla tools/borders.R
check headers sh tools/headers.sh src/core src/r
check objects Rscript --vanilla tools/objects.R --check
check lintr Rscript --vanilla tools/lint.R
# roxygen2 and compileAttributes on a copy: what they write must be there already.
copy=$BUILD/lint-copy
rm -rf "$copy"
mkdir -p "$copy"
exports=$(find src -maxdepth 1 -name '*.cpp' -o -maxdepth 1 -name '*.h')
tar cf - DESCRIPTION NAMESPACE R man $exports | tar xf - -C "$copy"
check attributes sh -c 'cd "$0" && Rscript --vanilla -e "Rcpp::compileAttributes()" &&
  diff -u "$1/R/RcppExports.R" R/RcppExports.R &&
  diff -u "$1/src/RcppExports.cpp" src/RcppExports.cpp' "$copy" "$PWD"
check roxygen2 sh -c 'cd "$0" && Rscript --vanilla "$1/tools/docs.R" help &&
  diff -ru "$1/man" man && diff -u "$1/NAMESPACE" NAMESPACE' "$copy" "$PWD"

if [ -n "$failed" ]; then
  echo "lint: FAILED ($failed )"
  exit 1
fi
echo "lint: OK"
