#!/bin/sh
# `make test` now and whenever a source has changed, until it is stopped. Started by make.
: "${BUILD:?is set by the Makefile}"
mkdir -p "$BUILD"
while :; do
  touch "$BUILD/watched"
  make --no-print-directory test
  echo "waiting for a change of src, R, inst or tests ..."
  while [ -z "$(find src R inst tests \( -name '*.cpp' -o -name '*.[hR]' -o -name '*.py' \) \
    -newer "$BUILD/watched" | head -n 1)" ]; do
    sleep 1
  done
done
