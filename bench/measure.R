# How things are measured: side by side, in turns of shuffled order, so that whatever else the
# machine does meets all; medians, with the spread (interquartile range over median); one table in
# which each row has its target: a ratio, ours over theirs, that does not depend on the machine.

results <- new.env()
results$rows <- list()

# One row of the table: `ours` and `theirs` in seconds (or bytes), at a size where costs are
# drawn against sizes.
record <- function(row, what, beside, ours, theirs = NA, target = NA, spread = NA,
                   size = NA, note = "") {
  ratio <- ours / theirs
  verdict <- if (is.na(target) || is.na(ratio)) "" else if (ratio <= target) "ok" else "slow"
  results$rows[[length(results$rows) + 1]] <- data.frame(
    row, what, beside,
    size = size, ours = signif(ours, 4), theirs = signif(theirs, 4), ratio = signif(ratio, 3),
    spread = round(spread, 2), target, result = verdict, note
  )
  cat(sprintf(
    "%3s  %-46s %9s  %-22s %9s %8s %8s  %s\n", row, what, shown(ours), beside, shown(theirs),
    if (is.na(ratio)) "" else paste(format(signif(ratio, 3)), "x"),
    if (is.na(target)) "" else paste0("(", target, ")"), verdict
  ))
}

shown <- function(seconds) {
  if (is.na(seconds)) return("")
  unit <- c(s = 1, ms = 1e-3, us = 1e-6, ns = 1e-9)
  unit <- unit[seconds >= unit | names(unit) == "ns"][1]
  paste(format(signif(seconds / unit, 3)), names(unit))
}

# Of Python functions that time themselves (python.R) the seconds that they tell.
seconds <- function(f) {
  start <- bench::hires_time()
  told <- f()
  all <- bench::hires_time() - start
  if (inherits(told, "seconds")) unclass(told) else all
}

# Runs the functions of a named list in turns, `times` times after one run each to warm up, and
# records the first beside each of the others. Each run does the work `of` times. `before` runs
# ahead of each and is not counted. `targets`: by the names of the others.
in_turns <- function(row, what, functions, targets = numeric(), times = 11, of = 1,
                     before = function() NULL, size = NA, note = "") {
  functions <- Filter(Negate(is.null), functions)
  before()
  functions[[1]]()
  works <- vapply(names(functions), function(name) {
    before()
    tryCatch(
      {
        functions[[name]]()
        TRUE
      },
      error = function(e) {
        cat("     ", name, "cannot do this:", what, conditionMessage(e), "\n")
        FALSE
      }
    )
  }, NA)
  functions <- functions[works]
  taken <- matrix(0, times, length(functions), dimnames = list(NULL, names(functions)))
  for (i in seq_len(times)) {
    for (k in sample(length(functions))) {
      before()
      taken[i, k] <- seconds(functions[[k]])
    }
  }
  middle <- apply(taken, 2, median) / of
  spread <- apply(taken, 2, IQR) / of / middle
  if (length(functions) == 1) {
    record(row, what, "", middle[[1]], spread = spread[[1]], size = size, note = note)
  }
  for (name in names(functions)[-1]) {
    record(row, what, name, middle[[1]], middle[[name]],
      target = if (name %in% names(targets)) targets[[name]] else NA,
      spread = max(spread[[1]], spread[[name]]), size = size, note = note
    )
  }
  invisible(middle)
}

scratch <- function(name) file.path(tempdir(), name)

# A handle of a new file, which is gone with the caller.
new_file <- function(name, ..., frame = parent.frame()) {
  path <- scratch(name)
  unlink(path)
  m <- mmapdict(path, ...)
  withr::defer(
    {
      close(m)
      unlink(path)
    },
    frame
  )
  m
}

has <- function(package) requireNamespace(package, quietly = TRUE)
# f where a package is installed, else NULL: the peer is left out.
if_installed <- function(package, f) if (has(package)) f else NULL
