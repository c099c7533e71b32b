# Rows of 1,000 doubles added to an array one by one, beside what others do for that.

bench_append <- function() {
  rows <- 1000
  row <- matrix(runif(1000), 1)
  m <- new_file("append.mmdpickle")
  path <- scratch("append.mmdpickle")
  h5 <- scratch("append.h5")
  on.exit(unlink(h5))
  begin <- function() {
    unlink(h5)
    mmap_delete(m, intersect("x", names(m)))
    vacuum(m)
  }
  in_turns(21, "append a row of 1,000 doubles, from none on", list(
    ours = function() for (i in seq_len(rows)) mmap_append(m, "x", row),
    "HDF5 (h5py), resize, write, flush" = h5py_appends(h5, rows),
    "bigmemory, room made before" = bigmemory_appends(rows, row)
  ), of = rows, times = 5, before = begin)
  # The whole again each time: of fewer rows.
  few <- 100
  in_turns(21, "append a row of 1,000 doubles, 100 times", list(
    ours = function() for (i in seq_len(few)) mmap_append(m, "x", row),
    "m$log <- rbind(m$log, row)" = function() {
      m$x <- row
      for (i in 2:few) m$x <- rbind(m$x, row)
    }
  ), of = few, times = 5, before = begin)
  bench_latency(path)
}

# A row by resize(), written and flushed, as a reader with SWMR needs it.
h5py_appends <- function(path, rows) {
  if (!python_start() || !reticulate::py_module_available("h5py")) return(NULL)
  py_do("import h5py", "row = np.random.random(1000)")
  py(
    sprintf("file = h5py.File('%s', 'w', libver='latest')", path),
    "x = file.create_dataset('x', (0, 1000), 'f8', maxshape=(None, 1000), chunks=(64, 1000))",
    "file.swmr_mode = True",
    sprintf("for i in range(%d):", rows),
    "  x.resize(i + 1, 0)",
    "  x[i] = row",
    "  x.flush()",
    "file.close()"
  )
}

# Has no append: the matrix has all of its rows from the beginning.
bigmemory_appends <- function(rows, row) {
  if (!has("bigmemory")) return(NULL)
  function() {
    unlink(Sys.glob(scratch("append.big*")))
    x <- bigmemory::filebacked.big.matrix(
      1000, rows, "double",
      backingfile = "append.big", descriptorfile = "append.big.desc", backingpath = tempdir()
    )
    for (i in seq_len(rows)) x[, i] <- as.vector(row)
  }
}

# From the commit in another session to mmap_wait() returning here.
bench_latency <- function(path) {
  interval <- 0.05
  writer <- callr::r_bg(function(path) {
    m <- mmappickle::mmapdict(path)
    for (i in 1:40) {
      Sys.sleep(0.1)
      mmappickle::mmap_append(m, "time", as.numeric(Sys.time()))
    }
  }, list(path))
  m <- mmapdict(path, readonly = TRUE)
  on.exit(close(m))
  mmap_wait(m, 0)
  late <- numeric()
  while (length(late) < 30 && writer$is_alive()) {
    changed <- mmap_wait(m, 5, interval)
    now <- as.numeric(Sys.time())
    if (nrow(changed)) late <- c(late, now - max(m[["time"]]))
  }
  writer$kill()
  record(21, "from an append to mmap_wait() in another session", "2 intervals of 50 ms",
    median(late), 2 * interval, 1)
}
