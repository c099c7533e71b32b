# Measures the package beside its peers, all in one run, and holds the figures against
# their targets. Run by `make bench`, from the root of the project; temporary files (up to
# 2 GB, and a sparse one of 1 TB) go to R's tempdir(). Arguments name parts to run: keys,
# access, sum, write, peers (all of them by default).
library(mmappickle)
for (part in c("measure", "keys", "access", "sum", "write", "peers")) {
  source(file.path("bench", paste0(part, ".R")))
}
parts <- list(
  keys = bench_keys, access = bench_access, sum = bench_sum, write = bench_write,
  peers = bench_peers
)
chosen <- commandArgs(TRUE)
if (length(chosen) == 0) chosen <- names(parts)
stopifnot(chosen %in% names(parts))

cat(
  R.version.string, "on", Sys.info()[["sysname"]], Sys.info()[["machine"]], "with",
  parallel::detectCores(), "cores\n"
)
for (part in chosen) parts[[part]]()

table <- do.call(rbind, results$rows)
cat("\n| what | measured | target | | |\n| --- | --- | --- | --- | --- |\n")
cat(sprintf(
  "| %s | %s | %s | %s | %s |\n",
  table$what, table$measured, table$target, table$result, table$note
), sep = "")
slow <- sum(table$result == "slow")
met <- sum(table$result == "ok")
cat(sprintf("\nbench: %s (%d targets met, %d missed)\n", if (slow) "SLOW" else "OK", met, slow))
quit(status = as.integer(slow > 0))
