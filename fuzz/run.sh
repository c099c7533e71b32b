#!/bin/sh
# Builds the harnesses with clang's libFuzzer, address and undefined-behaviour sanitizers
# and runs each for its share of SECONDS (60). What breaks one is left in build/fuzz/.
# Started by make.
set -u
: "${BUILD:?is set by the Makefile}"
: "${SECONDS_TO_FUZZ:=60}"
work=$BUILD/fuzz
names="pickle recognise plan entry store fsck reference"
share=$(((SECONDS_TO_FUZZ + 6) / 7))
flags="-std=c++17 -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined
  -fno-omit-frame-pointer"
mkdir -p "$work/objects"

if ! command -v clang++ > /dev/null 2>&1; then
  echo "fuzz: FAILED (needs clang++ with libFuzzer)"
  exit 1
fi
echo "== building"
for source in $(find src/core -name '*.cpp'); do
  object=$work/objects/$(echo "$source" | tr / _).o
  # Any newer header rebuilds all: simple, and the core is small.
  if [ ! -f "$object" ] || [ -n "$(find src/core -newer "$object" \( -name '*.h' -o \
    -path "$source" \) | head -n 1)" ]; then
    echo "$source $object"
  fi
done | xargs -r -P "${JOBS:-2}" -n 2 sh -c \
  'clang++ '"$(echo $flags)"' -fsanitize=fuzzer-no-link -c "$0" -o "$1"' ||
  { echo "fuzz: FAILED (build)"; exit 1; }
for name in $names; do echo "$name"; done | xargs -P "${JOBS:-2}" -n 1 sh -c \
  'clang++ '"$(echo $flags)"' -fsanitize=fuzzer "fuzz/fuzz_$0.cpp" '"$work"'/objects/*.o \
  -o '"$work"'/fuzz_$0' || { echo "fuzz: FAILED (build)"; exit 1; }

# Corpora from elsewhere, where they are, make more seeds: for longer runs, as they take a
# while to be read.
corpus=${MMAPPICKLE_SHARED:-/nowhere}/corpus
[ "$SECONDS_TO_FUZZ" -gt 100 ] && [ -d "$corpus" ] || corpus=""
"$MMAPPICKLE_PYTHON" fuzz/seeds.py "$work/seeds" tests/testthat/fixtures $corpus || exit 1
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
