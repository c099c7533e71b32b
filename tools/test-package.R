# Runs tests/testthat against the installed package and writes "passed failed" (numbers of
# expectations) to the file named by its first argument. The second, if there is one, is a regular
# expression for the names of the test files that are to run. A skip counts as a failure where CI
# forbids it: only what the platform itself rules out may be skipped there.
counts_file <- commandArgs(TRUE)[[1]]
filter <- if (length(commandArgs(TRUE)) > 1) commandArgs(TRUE)[[2]]
forbid_skips <- nzchar(Sys.getenv("MMAPPICKLE_REQUIRE_PYTHON"))
# Reasons to skip that hold on any machine of this kind; the shared data may be elsewhere.
allowed <- "platform|[Ww]indows|macOS|root user"
if (!nzchar(Sys.getenv("MMAPPICKLE_SHARED"))) allowed <- paste0(allowed, "|shared corpora")

Sys.setenv(NOT_CRAN = "true", TESTTHAT_MAX_FAILS = "Inf")
suppressPackageStartupMessages(library(testthat))
library(mmappickle)
options(testthat.progress.max_fails = Inf)

results <- test_dir(
  "tests/testthat",
  filter = filter, package = "mmappickle", load_package = "installed",
  reporter = if (interactive()) "progress" else CheckReporter$new(),
  stop_on_failure = FALSE, stop_on_warning = FALSE
)

each <- as.data.frame(results)
reasons <- unlist(lapply(results, function(test) {
  skips <- Filter(function(r) inherits(r, "expectation_skip"), test$results)
  vapply(skips, function(r) {
    paste0(test$file, ": ", test$test, ": ", conditionMessage(r))
  }, "")
}))
forbidden <- if (forbid_skips) grep(allowed, reasons, value = TRUE, invert = TRUE)

by_file <- aggregate(cbind(passed, failed, real) ~ file, each, sum)
by_file <- by_file[order(-by_file$real), ]
cat("\n", sprintf("[time] %7.2f s  %s\n", by_file$real, by_file$file), sep = "")
if (length(reasons) > 0) cat("skipped:", reasons, sep = "\n  ")
if (length(forbidden) > 0) cat("skipped, though CI forbids it:", forbidden, sep = "\n  ")
warned <- each[each$warning > 0, ]
if (nrow(warned) > 0) cat("warnings in:", unique(warned$file), sep = "\n  ")

# What failed stands again at the very end of a long output (tools/test.sh).
failures <- unlist(lapply(results, function(test) {
  kinds <- c("expectation_failure", "expectation_error")
  broken <- Filter(function(r) inherits(r, kinds), test$results)
  vapply(broken, function(r) {
    said <- substr(gsub("\\s+", " ", conditionMessage(r)), 1, 400)
    sprintf("%s:%s: %s: %s", test$file, r$srcref[1], test$test, said)
  }, "")
}))
writeLines(c(failures, forbidden), paste0(counts_file, ".failures"))

bad <- sum(each$failed) + sum(each$error) + length(forbidden)
writeLines(paste(sum(each$passed), bad), counts_file)
cat(sprintf(
  "package: %d expectations passed, %d failed, %d skipped\n",
  sum(each$passed), bad, length(reasons)
))
quit(status = as.integer(bad > 0))
