# Runs those test files of tests/testthat that no other process has taken, and leaves what became of
# each in FOLDER/NAME.rds. Ends with status 3, so as to be started again, where files remain but
# this process has grown: each garbage collection of R goes through all that the packages
# around have brought, so tests take up to five times as long after them.
# Usage: Rscript tools/test-files.R FOLDER NAME..., started by tools/test-package.R.
arguments <- commandArgs(TRUE)
folder <- arguments[[1]]
files <- arguments[-1]
most_megabytes <- 120

Sys.setenv(NOT_CRAN = "true", TESTTHAT_MAX_FAILS = "Inf")
suppressPackageStartupMessages(library(testthat))
library(mmappickle)

is_broken <- function(result) inherits(result, c("expectation_failure", "expectation_error"))
one_line <- function(text, width) substr(gsub("\\s+", " ", text), 1, width)

# One line on each result of a kind.
told <- function(tests, kind, tell) {
  unlist(lapply(tests, function(test) {
    vapply(Filter(kind, test$results), function(result) tell(test, result), "")
  }))
}

run <- function(name) {
  tests <- test_file(
    file.path("tests", "testthat", paste0("test-", name, ".R")),
    package = "mmappickle", load_package = "installed", reporter = "silent",
    stop_on_failure = FALSE, stop_on_warning = FALSE
  )
  each <- as.data.frame(tests)
  list(
    name = name, seconds = sum(each$real), passed = sum(each$passed),
    failures = told(tests, is_broken, function(test, result) {
      sprintf(
        "%s:%s: %s: %s", test$file, result$srcref[1], test$test,
        one_line(conditionMessage(result), 400)
      )
    }),
    skips = told(tests, function(r) inherits(r, "expectation_skip"), function(test, result) {
      paste0(test$file, ": ", test$test, ": ", conditionMessage(result))
    }),
    warnings = told(tests, function(r) inherits(r, "expectation_warning"), function(test, result) {
      paste0(test$file, ": ", test$test, ": ", one_line(conditionMessage(result), 200))
    }),
    broken = told(tests, is_broken, function(test, result) {
      trace <- if (!is.null(result$trace)) format(result$trace)
      paste(c(
        sprintf("%s:%s: %s", test$file, result$srcref[1], test$test),
        conditionMessage(result), trace
      ), collapse = "\n")
    })
  )
}

for (name in files) {
  if (!dir.create(file.path(folder, name), showWarnings = FALSE)) next
  result <- tryCatch(run(name), error = function(e) {
    # Code outside of tests that fails, a syntax error.
    said <- sprintf("test-%s.R: %s", name, conditionMessage(e))
    list(
      name = name, seconds = 0, passed = 0, failures = one_line(said, 400), broken = said
    )
  })
  if (length(result$broken) > 0) cat(result$broken, sep = "\n\n")
  saveRDS(result, file.path(folder, paste0(name, ".rds")))
  if (sum(gc()[, 2]) > most_megabytes && !all(dir.exists(file.path(folder, files)))) {
    quit(status = 3)
  }
}
