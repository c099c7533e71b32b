# How things are measured: side by side, in turns, so that whatever else the machine does
# meets both; medians; and one table in which each row has its target.

results <- new.env()
results$rows <- list()

# Adds a row. `value` has to be at most `target` (NA: no target, for the record).
record <- function(what, value, unit, target, note = "") {
  verdict <- if (is.na(target)) "" else if (value <= target) "ok" else "slow"
  results$rows[[length(results$rows) + 1]] <- data.frame(
    what = what, measured = paste0(format(signif(value, 3)), unit),
    target = if (is.na(target)) "" else paste0("at most ", target, unit),
    result = verdict, note = note
  )
  cat(sprintf("  %-58s %8s%s  %s\n", what, format(signif(value, 3)), unit, verdict))
}

seconds <- function(f) {
  start <- bench::hires_time()
  f()
  bench::hires_time() - start
}

# Medians of `f` and `g`, run in turns `times` times after one run each to warm up.
# `between` runs before each and is not counted.
in_turns <- function(f, g, times = 11, between = function() NULL) {
  f()
  g()
  a <- b <- numeric(times)
  for (i in seq_len(times)) {
    between()
    a[[i]] <- seconds(f)
    between()
    b[[i]] <- seconds(g)
  }
  c(f = median(a), g = median(b))
}

scratch <- function(name) file.path(tempdir(), name)
