#!/bin/sh
# Builds the harnesses with clang's libFuzzer, address and undefined-behaviour sanitizers
# and runs each for its share of SECONDS (60). What breaks one is left in build/fuzz/.
# Started by make.
set -u
: "${BUILD:?is set by the Makefile}"
: "${SECONDS_TO_FUZZ:=60}"
work=$BUILD/fuzz
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
for name in pickle entry store; do
  clang++ $flags -fsanitize=fuzzer "fuzz/fuzz_$name.cpp" "$work"/objects/*.o \
    -o "$work/fuzz_$name" || { echo "fuzz: FAILED (build of fuzz_$name)"; exit 1; }
done

"$MMAPPICKLE_PYTHON" fuzz/seeds.py tests/testthat/fixtures "$work/seeds" || exit 1
bad=""
for name in pickle entry store; do
  echo "== fuzz_$name for $((SECONDS_TO_FUZZ / 3)) s"
  mkdir -p "$work/corpus_$name"
  if "$work/fuzz_$name" -max_total_time=$((SECONDS_TO_FUZZ / 3)) -max_len=32768 -timeout=10 \
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
