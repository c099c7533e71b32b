# Measures the package beside its peers, all in one run, and holds the ratios against their
# targets. Run by `make bench`, from the root of the project; temporary files (up to 2 GB, and a
# sparse one of 1 TB) go to R's tempdir(). Arguments name parts to run, all of them by default;
# the results stand in the table that README and vignette("performance") show.
library(mmappickle)
for (part in setdiff(list.files("bench", "[.]R$"), c("run.R", "counts.R", "counts_work.R"))) {
  source(file.path("bench", part))
}
Rcpp::sourceCpp("bench/bare.cpp")
parts <- list(
  keys = bench_keys, inserts = bench_inserts, access = bench_access,
  first_touch = bench_first_touch, views = bench_views, matrix = bench_matrix,
  slices = bench_slices, write = bench_write, values = bench_values, frames = bench_frames,
  vacuum = bench_vacuum, together = bench_together, memory = bench_memory,
  growing = bench_growing, append = bench_append, peers = bench_peers, scale = bench_scale
)
chosen <- commandArgs(TRUE)
whole <- length(chosen) == 0
if (whole) chosen <- names(parts)
stopifnot(chosen %in% names(parts))

machine <- paste(
  R.version.string, "on", Sys.info()[["sysname"]], Sys.info()[["machine"]], "with",
  parallel::detectCores(), "cores"
)
cat(machine, "\nrow  what, ours, beside, theirs, ours over theirs (at most)\n")
for (part in chosen) {
  done <- tryCatch(parts[[part]](), error = function(e) e)
  if (inherits(done, "error")) {
    record(part, "the part failed", "", NA, note = conditionMessage(done))
    results$failed <- TRUE
    cat("     FAILED:", conditionMessage(done), "\n")
  }
  gc()
}

table <- do.call(rbind, results$rows)
table$machine <- machine
published <- "vignettes/performance.csv"
if (!whole && !isTRUE(results$failed)) { # in the place of the rows of the same work
  all <- utils::read.csv(published)
  again <- all$what %in% table$what & all$beside %in% table$beside
  at <- if (any(again)) which(again)[[1]] - 1 else nrow(all)
  kept <- all[!again, ]
  table <- rbind(utils::head(kept, at), table, kept[seq_len(nrow(kept)) > at, ])
}
if (!isTRUE(results$failed)) utils::write.csv(table, published, row.names = FALSE, na = "")
table <- do.call(rbind, results$rows)
slow <- sum(table$result == "slow")
met <- sum(table$result == "ok")
ended <- if (isTRUE(results$failed)) "FAILED" else if (slow) "SLOW" else "OK"
cat(sprintf("\nbench: %s (%d targets met, %d missed)\n", ended, met, slow))
quit(status = as.integer(ended != "OK"))
