#!/bin/sh
# Builds the harnesses with clang's libFuzzer, address and undefined-behaviour sanitizers
# and runs each for its share of SECONDS (60). What breaks one is left in build/fuzz/.
# Started by make.
set -u
: "${BUILD:?is set by the Makefile}"
: "${SECONDS_TO_FUZZ:=60}"
work=$BUILD/fuzz
names=$(ls fuzz/fuzz_*.cpp | sed 's|fuzz/fuzz_||; s|[.]cpp$||')
share=$((SECONDS_TO_FUZZ / $(echo "$names" | wc -w) + 1))
mkdir -p "$work"

if ! command -v clang++ > /dev/null 2>&1; then
  echo "fuzz: FAILED (needs clang++ with libFuzzer)"
  exit 1
fi
echo "== building"
make --no-print-directory -s -C tests/core -j"${JOBS:-2}" BUILD="$work" CXX=clang++ \
  SANITIZE=address,undefined CXXFLAGS=-fsanitize=fuzzer-no-link harnesses ||
  { echo "fuzz: FAILED (build)"; exit 1; }

# Corpora from elsewhere, where they are, make more seeds: for longer runs, as they take a
# while to be read.
corpus=${MMAPPICKLE_SHARED:-/nowhere}/corpus
[ "$SECONDS_TO_FUZZ" -gt 100 ] && [ -d "$corpus" ] || corpus=""
"$MMAPPICKLE_PYTHON" fuzz/seeds.py "$work/seeds" tests/testthat/fixtures \
  tests/testthat/fixtures/arrow $corpus || exit 1
bad=""
for name in $names; do
  echo "== fuzz_$name for $share s"
  mkdir -p "$work/corpus_$name"
  if "$work/fuzz_$name" -max_total_time="$share" -max_len=32768 -timeout=10 \
    -rss_limit_mb=2048 -artifact_prefix="$work/$name-" -print_final_stats=1 \
    "$work/corpus_$name" "$work/seeds/$name" > "$work/$name.log" 2>&1; then
    grep -E 'number_of_executed_units|peak_rss_mb' "$work/$name.log"
  else
    tail -n 60 "$work/$name.log"
    bad="$bad $name"
  fi
done
if [ -n "$bad" ]; then
  echo "fuzz: FAILED ($bad ): what broke it is in build/fuzz/"
  exit 1
fi
echo "fuzz: OK (nothing found in $SECONDS_TO_FUZZ s)"
