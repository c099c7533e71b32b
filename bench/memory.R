# Anonymous memory above what an R session of its own holds, while it works on an array of
# 2 x 10^7 doubles (160 MB): the most that is seen. Linux.

memory_works <- list(
  "open, names()" = list(\(m) names(m), 0), "sum of float64" = list(\(m) sum(m[["f8"]]), 0),
  "range of float32" = list(\(m) range(m[["f4"]]), 0),
  "colSums of C order" = list(\(m) colSums(m[["C"]]), 0),
  "rowSums of C order" = list(\(m) rowSums(m[["C"]]), 0),
  "float32 + 1" = list(\(m) m[["f4"]] + 1, 1),
  "materialize()" = list(\(m) materialize(m[["f8"]]), 1),
  "a column" = list(\(m) m["C", , 7], 0),
  'm["f8", 1:1e7] <- 0' = list(\(m) m["f8", 1:1e7] <- 0, 0),
  "vacuum()" = list(\(m) vacuum(m), 0)
)

anonymous <- function(pid) {
  status <- tryCatch(
    suppressWarnings(readLines(file.path("/proc", pid, "status"))),
    error = function(e) "RssAnon 0"
  )
  as.numeric(sub("[^0-9]*([0-9]+).*", "\\1", grep("^RssAnon", status, value = TRUE))) * 1024
}

bench_memory <- function() {
  if (!file.exists("/proc/self/status")) return(cat("memory: Linux only\n"))
  path <- scratch("memory.mmdpickle")
  on.exit(unlink(path))
  m <- mmapdict(path)
  x <- matrix(runif(2e7), 5000)
  m[["C"]] <- x
  m[["f8"]] <- c(x)
  m[["f4"]] <- ndarray(c(x), dtype = "float32")
  close(m)
  rm(x)
  for (what in names(memory_works)) {
    job <- callr::r_bg(function(path, work, go) {
      library(mmappickle)
      m <- mmapdict(path)
      m[["C"]]
      gc()
      file.create(paste0(go, ".ready"))
      while (!file.exists(go)) Sys.sleep(0.01)
      result <- work(m)
      Sys.sleep(0.2)
      invisible()
    }, list(path, memory_works[[what]][[1]], go <- scratch("go")), libpath = .libPaths())
    while (!file.exists(paste0(go, ".ready")) && job$is_alive()) Sys.sleep(0.01)
    base <- anonymous(job$get_pid())
    file.create(go)
    most <- base
    while (job$is_alive()) most <- max(most, anonymous(job$get_pid()))
    job$get_result() # or its error
    unlink(c(go, paste0(go, ".ready")))
    target <- memory_works[[what]][[2]]
    more <- max(0, most - base) / 1.6e8
    # In arrays of 160 MB: 0.1 for what R's own work takes.
    results$rows[[length(results$rows) + 1]] <- data.frame(
      row = 15, what = what, beside = "the array", size = NA, ours = round(more * 1.6e8),
      theirs = 1.6e8, ratio = round(more, 2), spread = NA, target = target + 0.1,
      result = if (more <= target + 0.1) "ok" else "slow", note = "bytes of memory"
    )
    cat(sprintf(" 15  %-46s %.2f of the array (%g)\n", what, more, target))
  }
}
