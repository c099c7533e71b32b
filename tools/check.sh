#!/bin/sh
# R CMD build and R CMD check --as-cran; fails on any error, warning or note but those that
# say nothing about the package: a first submission, and a clock that cannot be asked.
# Started by make.
set -u
: "${BUILD:?is set by the Makefile}"
work=$BUILD/check
rm -rf "$work"
mkdir -p "$work"

# What a user gets: without the private library of the build.
unset R_LIBS
# These ask servers that not every machine reaches.
export _R_CHECK_CRAN_INCOMING_REMOTE_=false
export _R_CHECK_SYSTEM_CLOCK_=FALSE
export _R_CHECK_FORCE_SUGGESTS_="${_R_CHECK_FORCE_SUGGESTS_:-true}"
export MAKEFLAGS="-j${JOBS:-2}"
# The manual as PDF wants LaTeX, with the fonts of R's style.
manual="--no-manual"
command -v pdflatex > /dev/null 2>&1 && kpsewhich inconsolata.sty > /dev/null 2>&1 && manual=""

root=$(pwd)
cd "$work" || exit 1
echo "== R CMD build"
R CMD build "$root" > build.log 2>&1 || { cat build.log; echo "check: FAILED (build)"; exit 1; }
tarball=$(ls mmappickle_*.tar.gz)
size=$(wc -c < "$tarball")
echo "$tarball: $size bytes"
echo "== R CMD check --as-cran $manual"
R CMD check --as-cran $manual "$tarball"

log=mmappickle.Rcheck/00check.log
[ -f "$log" ] || { echo "check: FAILED (no log)"; exit 1; }
# The sections that end in NOTE, WARNING or ERROR, less the harmless ones.
bad=$(awk '
  /^\* / { if (keep) printf "%s", text; text = ""; keep = 0 }
  { text = text $0 "\n" }
  /\.\.\.( \[[^]]*\])? (NOTE|WARNING|ERROR)$/ { keep = 1 }
  /^ *(ERROR|WARNING)$/ { keep = 1 }
  /unable to verify current time/ { keep = 0 }
  END { if (keep) printf "%s", text }' "$log" |
  awk '
  /^\* checking CRAN incoming feasibility/ { skip = 1; next }
  /^\* / { skip = 0 }
  skip && (/^Maintainer:/ || /^New submission$/ || /^ *$/) { next }
  { print }')
if [ "$size" -gt 5000000 ]; then bad="$bad
the built package is larger than 5 MB"; fi
status=$(grep '^Status:' "$log")
[ -n "$status" ] || bad="$bad
the check did not come to its end"
if [ -n "$bad" ]; then
  printf '%s\n' "$bad"
  echo "check: FAILED ($status)"
  exit 1
fi
echo "check: OK ($status, nothing but what concerns a first submission)"
