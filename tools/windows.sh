#!/bin/sh
# Windows without Windows: core and tests compiled by mingw and run under Wine; the files
# that need R, of which there is none here, go through mingw's parser. A warning is a
# failure. What Wine lacks the tests ask by plain calls of the system (tests/core/abilities.h,
# os_windows_test.cpp) and say. The last line is the result.
# T: a part of the names of the test files that are to run.
# Usage: tools/windows.sh, started by make.
set -u
: "${BUILD:?is set by the Makefile}"
there=$BUILD/windows
compiler=x86_64-w64-mingw32-g++-posix
program=$there/core-tests${T:+-$T}.exe
mkdir -p "$there/include"

finish() {
  echo "windows: $*"
  exit 1
}

for tool in $compiler wine; do
  command -v $tool > /dev/null || finish "$tool is missing"
done
[ -d /usr/include/doctest ] || finish "doctest's header is missing"
ln -sfn /usr/include/doctest "$there/include/doctest" # that folder alone: the rest is Linux's

echo "== core and tests: $compiler"
make --no-print-directory -C tests/core -j"${JOBS:-2}" T="${T:-}" \
  CXX="${CCACHE:-} $compiler" OPT=-O0 BUILD="$there" CPPFLAGS="-I$there/include" \
  LDFLAGS="-static -s" PROGRAM="$program" all > "$there/build.log" 2>&1 || {
  grep -E 'error|undefined' "$there/build.log" | head -n 40
  finish "the core does not compile; all of it is in build/windows/build.log"
}

echo "== files of the package: $compiler -fsyntax-only"
# R's headers last of all: their folder may be that of the system's.
find src -name '*.cpp' ! -path 'src/core/*' | sort |
  xargs -P "${JOBS:-2}" -n 4 $compiler -std=c++17 -Isrc -Wall -fsyntax-only \
    -isystem "$(Rscript -e 'cat(system.file("include", package = "Rcpp"))')" \
    -idirafter "$(Rscript -e 'cat(R.home("include"))')" > "$there/glue.log" 2>&1 || {
  head -n 40 "$there/glue.log"
  finish "the package's files do not compile; all of it is in build/windows/glue.log"
}
if grep -h 'warning:' "$there/build.log" "$there/glue.log"; then
  finish "warnings"
fi
echo "$(find src -name '*.cpp' ! -path 'src/core/*' | wc -l) files of the package are sound"

# What `make test` has made of the shared corpora.
[ -d "$BUILD/corpus" ] && export MMAPPICKLE_CORPUS="$BUILD/corpus"
[ -d ../shared ] && export MMAPPICKLE_SHARED="${MMAPPICKLE_SHARED:-$(cd ../shared && pwd)}"

echo "== tests: $(wine --version)"
# One of its own, and no display.
WINEPREFIX=$there/wine WINEDEBUG=-all DISPLAY='' timeout "${SECONDS_AT_MOST:-3600}" \
  wine "$program" ${ARGS:-} > "$there/tests.log" 2> "$there/wine.log"
status=$?
tr -d '\r' < "$there/tests.log" > "$there/tests.txt"
summary=$(grep -a '^\[doctest\] test cases:' "$there/tests.txt" | tail -n 1)
if [ -z "$summary" ] || [ "$status" -ne 0 ]; then
  tail -n 60 "$there/tests.txt"
  finish "FAILED (exit status $status): ${summary:-no result}; all of it is in build/windows/tests.txt"
fi
grep -a 'as Wine does\|is busy here' "$there/tests.txt" | sed 's/^ *MESSAGE: /of Wine: /'
echo "windows: $(echo "$summary" | sed 's/^\[doctest\] test cases: *//; s/  */ /g')"
