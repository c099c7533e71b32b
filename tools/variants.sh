#!/bin/sh
# Some test files of the package as the machines of CRAN and of users may run them. Each line says
# what was different, and passed or failed. Usage: tools/variants.sh [FILTER]     (after make install)
set -u
filter=${1:-'^(quickstart|slice|print|entries|errors|assign|locales|recipes)$'}
library=${LIBRARY:-$(pwd)/build/library}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# Needed by the tests themselves; all else that is suggested is hidden in the first variant.
cat > "$work/run.R" <<'R'
arguments <- commandArgs(TRUE)
suppressPackageStartupMessages({library(testthat); library(mmappickle)})
order_by_chance <- "random" %in% arguments
reporter <- CheckReporter$new()
files <- find_test_scripts("tests/testthat", filter = arguments[[1]])
if (order_by_chance) {
  seed <- as.integer(Sys.time()) %% 1e6L
  set.seed(seed)
  cat("seed", seed, "\n")
  files <- sample(files)
  ok <- TRUE
  for (file in files) {
    name <- sub("^test-(.*)[.]R$", "^\\1$", basename(file))
    each <- as.data.frame(test_dir("tests/testthat", filter = name, package = "mmappickle",
      load_package = "installed", reporter = "silent", stop_on_failure = FALSE))
    if (sum(each$failed, each$error)) cat("failed:", basename(file), "\n")
    ok <- ok && !sum(each$failed, each$error)
  }
} else {
  each <- as.data.frame(test_dir("tests/testthat", filter = arguments[[1]],
    package = "mmappickle", load_package = "installed", reporter = reporter,
    stop_on_failure = FALSE))
  ok <- !sum(each$failed, each$error)
}
quit(status = as.integer(!ok))
R

try() { # NAME, and what env is to change
  name=$1
  shift
  if env "$@" R_LIBS="$libraries" NOT_CRAN=true Rscript --no-init-file "$work/run.R" "$filter" $extra \
    > "$work/log" 2>&1; then
    echo "ok      $name"
  else
    failed=$((failed + 1))
    echo "FAILED  $name"
    tail -n 30 "$work/log"
  fi
}
extra=""
libraries=$library

# A library with what the package and testthat need, and nothing else.
Rscript --vanilla - "$work/bare" "$library" <<'R'
arguments <- commandArgs(TRUE)
dir.create(arguments[[1]])
needed <- c("testthat", "withr", "Rcpp", "cli")
installed <- installed.packages(lib.loc = c(arguments[[2]], .libPaths()))
needed <- unique(c(needed, unlist(tools::package_dependencies(needed, installed, recursive = TRUE))))
for (package in c("mmappickle", setdiff(needed, rownames(installed.packages(priority = "base"))))) {
  from <- find.package(package, lib.loc = c(arguments[[2]], .libPaths()))
  file.symlink(from, file.path(arguments[[1]], package))
}
R
libraries=$work/bare
try "no suggested package" R_LIBS_SITE="$work/none" R_LIBS_USER="$work/none" \
  MMAPPICKLE_PYTHON=/nonexistent
libraries=$library
try "no Python" MMAPPICKLE_PYTHON=/nonexistent
try "HOME unset" -u HOME
for locale in C C.UTF-8 en_US.ISO-8859-1; do
  localedef -i en_US -f ISO-8859-1 en_US.ISO-8859-1 > /dev/null 2>&1
  try "locale $locale" LC_ALL="$locale"
done
extra=random
try "random order"
extra=""

# In parallel: two at once, in one folder.
env R_LIBS="$library" NOT_CRAN=true Rscript --vanilla "$work/run.R" "$filter" > "$work/other" 2>&1 &
other=$!
try "two at once"
wait $other || { failed=$((failed + 1)); echo "FAILED  the other of two at once"; tail -n 30 "$work/other"; }

# A library that nobody may write to, and a user who is not root.
cp -r "$library" "$work/readonly"
chmod -R a-w,a+rX "$work"
libraries=$work/readonly
if [ "$(id -u)" = 0 ] && command -v setpriv > /dev/null 2>&1; then
  if env R_LIBS="$libraries" NOT_CRAN=true setpriv --bounding-set=-all --inh-caps=-all \
    Rscript --vanilla "$work/run.R" "$filter" > /tmp/variants.$$ 2>&1; then
    echo "ok      read-only library"
  else
    failed=$((failed + 1)); echo "FAILED  read-only library"; tail -n 30 /tmp/variants.$$
  fi
  rm -f /tmp/variants.$$
else
  try "read-only library"
fi
chmod -R u+w "$work"
[ $failed = 0 ] && echo "variants: OK" || echo "variants: FAILED ($failed)"
exit $((failed > 0))
