# What else people keep arrays in, for an array of 10^7 doubles: a slice of 1,000 read from a
# closed file, one value changed on disk, the whole written. Peers that are not installed are left
# out. Each uses its plain settings without compression, and reads values that lie side by
# side in its file. The files stay in the system's cache: what is measured is the work.
bench_peers <- function() {
  cat("an array of 10^7 doubles, beside peers\n")
  x <- matrix(runif(1e7), 4000)
  row <- 1:1000
  for (peer in peers()) {
    if (!all(vapply(peer$needs, requireNamespace, NA, quietly = TRUE))) next
    path <- scratch(paste0("peer.", peer$ending))
    median_ms <- function(f, times, before = function() NULL) {
      f()
      1e3 * median(vapply(seq_len(times), function(i) {
        before()
        seconds(f)
      }, 0))
    }
    write_ms <- median_ms(function() peer$write(path, x), 3, function() unlink(path))
    read_ms <- median_ms(function() peer$read(path, row), 5)
    change_ms <- if (is.null(peer$change)) {
      median_ms(function() peer$write(path, x), 3) + median_ms(function() peer$whole(path), 3)
    } else {
      median_ms(function() peer$change(path, 0.5), 11)
    }
    record(paste0(peer$name, ": 1,000 of 10^7"), read_ms, " ms", NA)
    record(paste0(peer$name, ": one changed"), change_ms, " ms", NA,
           if (is.null(peer$change)) "reads all, writes all" else "")
    record(paste0(peer$name, ": written"), write_ms, " ms", NA)
    unlink(path)
  }
}

peers <- function() list(mmappickle_peer(), hdf5_peer(), rds_peer(), qs2_peer(), reticulate_peer())

mmappickle_peer <- function() {
  with_file <- function(path, f) {
    m <- mmapdict(path)
    on.exit(close(m))
    f(m)
  }
  list(
    name = "mmappickle", ending = "mmdpickle", needs = character(),
    write = function(path, x) with_file(path, function(m) m[["x"]] <- x),
    read = function(path, i) with_file(path, function(m) m["x", 7, i]),
    change = function(path, v) with_file(path, function(m) m["x", 7, 7] <- v)
  )
}

hdf5_peer <- function() {
  with_file <- function(path, mode, f) {
    h <- hdf5r::H5File$new(path, mode)
    on.exit(h$close_all())
    f(h)
  }
  list(
    name = "HDF5 (hdf5r)", ending = "h5", needs = "hdf5r",
    write = function(path, x) with_file(path, "w", function(h) {
      h$create_dataset("x", x, chunk_dims = NULL, gzip_level = NULL)
    }),
    read = function(path, i) with_file(path, "r", function(h) h[["x"]][i, 7]),
    change = function(path, v) with_file(path, "r+", function(h) h[["x"]][7, 7] <- v)
  )
}

rds_peer <- function() {
  list(
    name = "RDS", ending = "rds", needs = character(),
    write = function(path, x) saveRDS(x, path, compress = FALSE),
    read = function(path, i) readRDS(path)[i, 7],
    whole = function(path) readRDS(path)
  )
}

qs2_peer <- function() {
  list(
    name = "qs2", ending = "qs2", needs = "qs2",
    write = function(path, x) qs2::qs_save(x, path, compress_level = 1L),
    read = function(path, i) qs2::qs_read(path)[i, 7],
    whole = function(path) qs2::qs_read(path)
  )
}

# Python's own pickle, in the process, its array converted as a call from R gives it.
reticulate_peer <- function() {
  pickle <- function(path, mode, f) {
    file <- reticulate::import_builtins()$open(path, mode)
    on.exit(file$close())
    f(reticulate::import("pickle"), file)
  }
  read <- function(path) pickle(path, "rb", function(pickle, file) pickle$load(file))
  list(
    name = "reticulate", ending = "pkl", needs = "reticulate",
    write = function(path, x) pickle(path, "wb", function(pickle, file) {
      pickle$dump(reticulate::r_to_py(x), file, protocol = 4L)
    }),
    read = function(path, i) read(path)[i, 7],
    whole = read
  )
}
