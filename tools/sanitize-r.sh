#!/bin/sh
# The package under tools that find errors of memory: tests of tests/testthat with the package
# built under the address and undefined-behaviour sanitizers of gcc, then the main paths
# (tools/main-paths.R) under valgrind. The last line gives the result.
# FILTER: a regular expression over the names of the test files.
# PARTS: "sanitizers", "valgrind" or both.
# Usage: tools/sanitize-r.sh, started by make.
set -u
: "${BUILD:?is set by the Makefile}"
filter=${FILTER:-^(views|views-unwritten|live-views|guard|unload|workers|memory|slice|nested|vacuum|access|python_object|pickle|zoo)$}
parts=${PARTS:-sanitizers valgrind}
room=$BUILD/sanitize-r
failed=""
mkdir -p "$room/library"
plain=$BUILD/library

# R's own g++ decides about the flags: what goes for CXXFLAGS goes for each standard, too.
# An empty PKG_LIBS keeps the lines that findings name.
makevars() {
  options="-g1 -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize=vptr"
  for name in CFLAGS CXXFLAGS CXX11FLAGS CXX14FLAGS CXX17FLAGS CXX20FLAGS; do
    echo "$name = $options"
  done
  echo "LDFLAGS = -fsanitize=address,undefined"
  echo "PKG_LIBS ="
}

# A copy of the sources, for objects built so do not go with those of other builds.
install_sanitized() {
  mkdir -p "$room/package/src"
  for part in DESCRIPTION NAMESPACE LICENSE R inst; do
    rm -rf "${room:?}/package/$part"
    cp -R "$part" "$room/package/"
  done
  mkdir -p "$room/package/tests/core"
  cp tests/core/precompiled.h "$room/package/tests/core/" # for tools/dev.mk
  tar -C src --exclude='*.[od]' --exclude='*.so' -cf - . | tar -C "$room/package/src" -xf -
  makevars > "$room/Makevars"
  BUILD=$room PERSONAL_MAKEVARS=$room/Makevars R_MAKEVARS_USER=$PWD/tools/dev.mk \
    MAKEFLAGS=-j${JOBS:-2} R CMD INSTALL --no-docs --no-multiarch --no-test-load --no-byte-compile \
    --library="$room/library" "$room/package" > "$room/install.log" 2>&1 ||
    { grep -E 'rror' "$room/install.log" | head -n 20
      echo "sanitize-r: does not install; all of it is in $room/install.log"
      return 1; }
}

runtime() { readlink -f "$(${CXX:-g++} -print-file-name="$1")"; }

sanitizers() {
  echo "== tests under the address and undefined-behaviour sanitizers"
  install_sanitized || { failed="$failed install"; return; }
  # R itself knows nothing of the sanitizers: their library has to come first.
  LD_PRELOAD="$(runtime libasan.so) $(runtime libstdc++.so)" \
    ASAN_OPTIONS=detect_leaks=0:log_path=$room/report \
    UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1:log_path=$room/report \
    R_LIBS="$room/library:$R_LIBS" \
    Rscript --vanilla tools/test-package.R "$room/counts" "$filter" ||
    failed="$failed tests"
}

valgrind_paths() {
  echo "== the main paths under valgrind"
  R_LIBS="$plain:$R_LIBS" R -d "valgrind -q --error-exitcode=9 --leak-check=full \
    --show-leak-kinds=definite --errors-for-leak-kinds=definite --log-file=$room/valgrind" \
    --vanilla -q --no-echo -f tools/main-paths.R || failed="$failed valgrind"
  cat "$room/valgrind"
}

rm -f "$room"/report* "$room/counts"
case $parts in *sanitizers*) sanitizers ;; esac
case $parts in *valgrind*) valgrind_paths ;; esac
# A process that a test started may have died of a finding without the test's failing.
for report in "$room"/report*; do
  [ -f "$report" ] || continue
  cat "$report"
  failed="$failed $(basename "$report")"
done
if [ -n "$failed" ]; then
  echo "sanitize-r: FAILED ($(echo $failed))"
  exit 1
fi
echo "sanitize-r: no findings"
