# Runs tests/testthat against the installed package, in TESTTHAT_CPUS (2) processes beside one
# another, and writes "passed failed" (numbers of expectations) to the file named by its first
# argument. The second, if there is one, is a regular expression for the names of the test files
# that are to run. A skip counts as a failure where CI forbids it: only what the platform itself
# rules out may be skipped there.
arguments <- commandArgs(TRUE)
counts_file <- arguments[[1]]
forbid_skips <- nzchar(Sys.getenv("MMAPPICKLE_REQUIRE_PYTHON"))
# Reasons to skip that hold on any machine of this kind; the shared data may be elsewhere.
allowed <- "platform|[Ww]indows|macOS|root user"
if (!nzchar(Sys.getenv("MMAPPICKLE_SHARED"))) allowed <- paste0(allowed, "|shared corpora")

files <- list.files("tests/testthat", "^test-.*[.]R$")
names <- sub("^test-(.*)[.]R$", "\\1", files)
# The largest first: what is left for one process at the end is short.
names <- names[order(-file.size(file.path("tests/testthat", files)))]
if (length(arguments) > 1) names <- grep(arguments[[2]], names, value = TRUE)
processes <- min(as.integer(Sys.getenv("TESTTHAT_CPUS", "2")), length(names))

# tools/test-files.R until all files are taken; ended otherwise it has said why, and the file that
# it had taken has no result. (By xargs, for what a shell puts into the background ignores Ctrl-C.)
folder <- tempfile("results-")
dir.create(folder)
Sys.setenv(TEST_FILES = paste(
  shQuote(file.path(R.home("bin"), "Rscript")), "--vanilla tools/test-files.R",
  paste(shQuote(c(folder, names)), collapse = " ")
))
again <- paste("for start in", paste(seq_along(names), collapse = " "), "; do
  eval \"$TEST_FILES\"; s=$?
  [ $s -eq 0 ] && break
  [ $s -eq 3 ] || echo \"a process of the tests ended with status $s\"
done")
system2("xargs", c("-P", processes, "-n 1 sh -c", shQuote(again)),
  input = names[seq_len(processes)]
)

results <- lapply(names, function(name) {
  path <- file.path(folder, paste0(name, ".rds"))
  if (file.exists(path)) return(readRDS(path))
  said <- sprintf("test-%s.R: its process ended in the midst of it", name)
  list(name = name, seconds = 0, passed = 0, failures = said)
})
unlink(folder, recursive = TRUE)
all_of <- function(part) unlist(lapply(results, `[[`, part))

by_time <- results[order(-all_of("seconds"))]
for (result in by_time) cat(sprintf("[time] %7.2f s  %s\n", result$seconds, result$name))
reasons <- all_of("skips")
forbidden <- if (forbid_skips) grep(allowed, reasons, value = TRUE, invert = TRUE)
if (length(reasons) > 0) cat("skipped:", reasons, sep = "\n  ")
if (length(forbidden) > 0) cat("skipped, though CI forbids it:", forbidden, sep = "\n  ")
if (length(all_of("warnings")) > 0) cat("warnings:", all_of("warnings"), sep = "\n  ")

# What failed stands again at the very end of a long output (tools/test.sh).
failures <- c(all_of("failures"), forbidden)
writeLines(as.character(failures), paste0(counts_file, ".failures"))
passed <- sum(all_of("passed"))
writeLines(paste(passed, length(failures)), counts_file)
cat(sprintf(
  "package: %d expectations passed, %d failed, %d skipped\n",
  passed, length(failures), length(reasons)
))
quit(status = as.integer(length(failures) > 0))
