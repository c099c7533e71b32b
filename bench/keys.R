# Many keys: inserts one by one, noticing what another handle wrote, opening and listing.
keys <- 100000

bench_keys <- function() {
  cat("100,000 keys\n")
  path <- scratch("keys.mmdpickle")
  on.exit(unlink(path))
  warm <- mmapdict(scratch("warm.mmdpickle"))
  for (i in 1:2000) warm[[paste0("key", i)]] <- i
  close(warm)

  m <- mmapdict(path)
  gc()
  block <- vapply(seq_len(keys / 1000) - 1, function(b) {
    names <- sprintf("key%06d", b * 1000 + seq_len(1000))
    seconds(function() for (k in names) m[[k]] <- 1)
  }, 0)
  record(
    "100,000 inserts: the last 1,000 beside the first", block[[keys / 1000]] / block[[1]],
    " x", 1.3, sprintf("%.0f us an insert", 1e6 * median(block) / 1000)
  )

  # What m writes is foreign to another handle: it must walk the frames anew.
  other <- mmapdict(path, readonly = TRUE)
  has_key(other, "key000001")
  quiet <- walk <- numeric(15)
  for (i in seq_along(walk)) {
    m[["key000001"]] <- i
    walk[[i]] <- seconds(function() has_key(other, "key000001"))
    quiet[[i]] <- seconds(function() for (j in 1:100) has_key(other, "key000001")) / 100
  }
  record(
    "noticing a foreign change, a key", 1e9 * (median(walk) - median(quiet)) / keys,
    " ns", 100, sprintf("noticing none: %.1f us", 1e6 * median(quiet))
  )
  close(other)
  close(m)

  list_names <- function() {
    m <- mmapdict(path, readonly = TRUE)
    stopifnot(length(names(m)) == keys)
    close(m)
  }
  list_names()
  opened <- median(vapply(1:7, function(i) seconds(list_names), 0))
  loaded <- pickle_load_seconds(path)
  if (is.na(loaded)) {
    record("open + names() of it", 1000 * opened, " ms", NA, "no Python to compare with")
  } else {
    record(
      "open + names() of it beside pickle.load", opened / loaded, " x", 1,
      sprintf("%.0f ms, %.0f ms", 1000 * opened, 1000 * loaded)
    )
  }
}

# Median time of pickle.load in Python, or NA where there is none.
pickle_load_seconds <- function(path) {
  python <- Sys.getenv("MMAPPICKLE_PYTHON", "/usr/bin/python3")
  script <- tempfile(fileext = ".py")
  on.exit(unlink(script))
  writeLines(c(
    "import pickle, statistics, sys, time",
    "times = []",
    "for _ in range(7):",
    "    start = time.perf_counter()",
    "    with open(sys.argv[1], 'rb') as file:",
    "        pickle.load(file)",
    "    times.append(time.perf_counter() - start)",
    "print(statistics.median(times))"
  ), script)
  out <- tryCatch(
    suppressWarnings(system2(python, shQuote(c(script, path)), stdout = TRUE, stderr = FALSE)),
    error = function(e) character()
  )
  if (length(out) == 1) as.numeric(out) else NA
}
