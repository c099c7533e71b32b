#!/bin/sh
# The tests of the core (C++, under the sanitizers where the compiler has them) and of the
# package (testthat). The last line is "N passed, N failed": test cases of the core and
# expectations of the package. Fails on any failure, and on any skip where CI forbids
# skips (MMAPPICKLE_REQUIRE_PYTHON).
# T: a part of the names of the test files that are to run, of either suite, or the whole of
# one; these run unsanitized, unless SANITIZE says otherwise, so as to compile in seconds.
# Usage: tools/test.sh [core] [package] [fuzz], started by make.
set -u
: "${BUILD:?is set by the Makefile}"
shared=${MMAPPICKLE_SHARED:-}
[ -z "$shared" ] && [ -d ../shared ] && shared=$(cd ../shared && pwd)
[ -n "$shared" ] && export MMAPPICKLE_SHARED="$shared"
passed=0
failed=0
mkdir -p "$BUILD"
T=${T:-}
fuzz_follows=""

# True if programs built with the sanitizers run here.
sanitizers_work() {
  printf 'int main() { return 0; }\n' > "$BUILD/probe.cpp"
  ${CXX:-g++} -fsanitize=address,undefined "$BUILD/probe.cpp" -o "$BUILD/probe" \
    2> /dev/null && "$BUILD/probe" 2> /dev/null
}

# Turns the shared corpora, where they are, into files that the core's tests read.
corpora() {
  [ -d "${shared:-/nowhere}/corpus" ] || { echo "no shared corpora here: left out"; return; }
  export MMAPPICKLE_CORPUS="$BUILD/corpus"
  mkdir -p "$MMAPPICKLE_CORPUS"
  convert corpus "$shared/corpus" "$MMAPPICKLE_CORPUS"
  convert corpus_files "$shared" "$MMAPPICKLE_CORPUS"
  convert numpy_cases "$MMAPPICKLE_CORPUS" "$shared"
}

# Runs tests/core/$1.py with the other arguments, unless its output is there already.
convert() {
  script=tests/core/$1.py
  done=$MMAPPICKLE_CORPUS/.$1
  shift
  [ "$done" -nt "$script" ] && return
  if "$MMAPPICKLE_PYTHON" "$script" "$@" > "$BUILD/corpus.log" 2>&1; then
    touch "$done"
  else
    tail -n 20 "$BUILD/corpus.log"
    echo "$script failed"
    failed=$((failed + 1))
  fi
}

# Lets Python load what the core's tests say that a killed process may leave.
kill_states() {
  for python in "${MMAPPICKLE_PYTHON:-/usr/bin/python3}" ${MMAPPICKLE_PYTHON2:-}; do
    if [ -z "${MMAPPICKLE_REQUIRE_PYTHON:-}" ] && ! "$python" -c 'import numpy' 2> /dev/null; then
      echo "no Python with NumPy here: the states that kills leave are not loaded"
    elif "$python" tests/core/kill_states.py "$1" > "$BUILD/kill-states.log" 2>&1; then
      passed=$((passed + 1))
      echo "states that kills leave, loaded by $python: $(tail -n 1 "$BUILD/kill-states.log")"
    else
      tail -n 20 "$BUILD/kill-states.log"
      echo "tests/core/kill_states.py failed with $python"
      failed=$((failed + 1))
    fi
  done
  rm -f "$1"
}

# make in tests/core, for these tests. Where harnesses are to follow their build serves both:
# fuzz/run.sh finds all but the harnesses themselves compiled.
core_make() {
  if [ -n "$T" ] && [ -z "$sanitize" ]; then
    set -- OPT=-O0 BUILD="$BUILD/core-dev" "$@"
  elif [ -n "$fuzz_follows" ]; then
    set -- CXX=clang++ CXXFLAGS=-fsanitize=fuzzer-no-link SANITIZE=address,undefined \
      BUILD="$BUILD/fuzz" "$@"
  else
    set -- SANITIZE="$sanitize" BUILD="$BUILD/core" "$@"
  fi
  make --no-print-directory -C tests/core -j"${JOBS:-2}" T="$T" "$@"
}

core() {
  echo "== core: C++ tests"
  if ! printf '#include <doctest/doctest.h>\n' | ${CXX:-g++} -E -x c++ - > /dev/null 2>&1; then
    echo "doctest's header is missing (Debian: doctest-dev)"
    [ "${CORE_TESTS:-yes}" = no ] && return
    echo "core tests cannot run; CORE_TESTS=no leaves them out"
    failed=$((failed + 1))
    return
  fi
  sanitize=${SANITIZE:-}
  if [ -z "$sanitize$T" ] && sanitizers_work; then sanitize=address,undefined; fi
  if [ -n "$T" ] && [ -z "$(core_make -s tests)" ]; then
    echo "no such file here"
    return
  fi
  [ -n "$fuzz_follows" ] && sanitize=address,undefined
  echo "sanitizers: ${sanitize:-none}"
  corpora
  if ! sh tools/headers.sh src/core; then
    echo "core: the headers do not go together"
    failed=$((failed + 1))
  fi
  if ! core_make all > "$BUILD/core-build.log" 2>&1; then
    grep -E 'error|Error|undefined' "$BUILD/core-build.log" | head -n 40
    echo "core: does not compile; all of it is in build/core-build.log"
    failed=$((failed + 1))
    return
  fi
  rm -f "$BUILD/kill-states"
  MMAPPICKLE_KILL_STATES="$BUILD/kill-states" $(core_make -s program) > "$BUILD/core.log" 2>&1
  status=$?
  summary=$(grep -a '^\[doctest\] test cases:' "$BUILD/core.log" | tail -n 1)
  numbers=$(printf '%s' "$summary" |
    sed -n 's/.*|  *\([0-9]*\) passed *|  *\([0-9]*\) failed.*/\1 \2/p')
  if [ -z "$numbers" ]; then
    tail -n 60 "$BUILD/core.log"
    echo "core: no result (exit status $status); all of it is in build/core.log"
    failed=$((failed + 1))
    return
  fi
  good=${numbers% *}
  bad=${numbers#* }
  # Cases that a system cannot run are left out there, none where CI runs.
  left_out=$(printf '%s' "$summary" | sed -n 's/.*|  *\([0-9]*\) skipped.*/\1/p')
  if [ -z "$T" ] && [ -n "${MMAPPICKLE_REQUIRE_PYTHON:-}" ] && [ "${left_out:-0}" -ne 0 ]; then
    echo "core: $left_out cases skipped, though CI forbids it"
    bad=$((bad + left_out))
  fi
  # A sanitizer's finding ends the run with a status, maybe with all cases passed.
  if [ "$status" -ne 0 ]; then
    [ "$bad" -eq 0 ] && bad=1
    tail -n 80 "$BUILD/core.log"
  fi
  passed=$((passed + good))
  failed=$((failed + bad))
  grep -a '^\[time\]' "$BUILD/core.log"
  echo "$summary"
  [ -n "$T" ] || kill_states "$BUILD/kill-states"
}

# The test files of the package that T means, as a regular expression.
filter() {
  if [ -f "tests/testthat/test-$T.R" ]; then echo "^$T\$"; else echo "$T"; fi
}

package() {
  echo "== package: testthat"
  if [ -n "$T" ] && ! ls tests/testthat | sed -n 's/^test-\(.*\)\.R$/\1/p' | grep -q "$(filter)"; then
    echo "no such file here"
    return
  fi
  if ! make --no-print-directory install; then
    failed=$((failed + 1))
    return
  fi
  rm -f "$BUILD/package.counts"
  Rscript --vanilla tools/test-package.R "$BUILD/package.counts" ${T:+"$(filter)"}
  if [ -f "$BUILD/package.counts" ]; then
    read -r good bad < "$BUILD/package.counts"
    passed=$((passed + good))
    failed=$((failed + bad))
  else
    echo "package: the tests did not come to their end"
    failed=$((failed + 1))
  fi
}

# A minute of the harnesses: what breaks one is a failure.
fuzz() {
  echo "== fuzz"
  if SECONDS_TO_FUZZ=60 sh fuzz/run.sh; then
    passed=$((passed + $(ls fuzz/fuzz_*.cpp | wc -l)))
  else
    failed=$((failed + 1))
  fi
}

# What calls cost in instructions, allocations and system calls.
counts() {
  echo "== counts"
  if Rscript --vanilla bench/counts.R; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
  fi
}

# The package's tests, and beside them all that needs no R; what the latter say comes at the end.
side_by_side() {
  case " $* " in *" fuzz "*) with_fuzz=fuzz ;; *) with_fuzz="" ;; esac
  rm -f "$BUILD/beside"
  (
    [ -n "$with_fuzz" ] && command -v clang++ > /dev/null && fuzz_follows=yes
    core
    [ -n "$with_fuzz" ] && fuzz
    echo "$passed $failed" > "$BUILD/beside"
  ) > "$BUILD/beside.log" 2>&1 &
  package
  case " $* " in *" counts "*) counts ;; esac
  wait
  cat "$BUILD/beside.log"
  if read -r good bad < "$BUILD/beside"; then
    passed=$((passed + good))
    failed=$((failed + bad))
  else
    echo "core: the tests did not come to their end"
    failed=$((failed + 1))
  fi
}

rm -f "$BUILD/package.counts.failures"
case " $* " in
  *" core package "*)
    if [ -z "$T" ]; then side_by_side "$@"; else for part in "$@"; do "$part"; done; fi ;;
  *) for part in "$@"; do "$part"; done ;;
esac
if [ -s "$BUILD/package.counts.failures" ]; then
  echo "what failed in the package:"
  cat "$BUILD/package.counts.failures"
fi
echo "$passed passed, $failed failed" | tee "$BUILD/test.result"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
