# What else people keep arrays in, for an array of 10^7 doubles: a slice of 1,000 read from a
# closed file, one value changed on disk, the whole written. Peers that are not installed are left
# out. Each uses its plain settings without compression (qs2: the least), and reads values that
# lie side by side in its file; they take turns. The files stay in the system's cache: what is
# measured is the work.
bench_peers <- function() {
  x <- matrix(runif(1e7), 4000)
  there <- Filter(function(peer) {
    all(vapply(peer$needs, requireNamespace, NA, quietly = TRUE))
  }, peers())
  path <- function(peer) scratch(paste0("peer.", peer$ending))
  on.exit(unlink(vapply(there, path, "")))
  actions <- list(
    "written" = function(peer) peer$write(path(peer), x),
    "1,000 read" = function(peer) peer$read(path(peer), 1:1000),
    "one changed" = function(peer) {
      if (!is.null(peer$change)) return(peer$change(path(peer), 0.5))
      whole <- peer$whole(path(peer))
      whole[7, 7] <- 0.5
      peer$write(path(peer), whole)
    }
  )
  for (what in names(actions)) {
    works <- lapply(there, function(peer) function() actions[[what]](peer))
    names(works) <- vapply(there, function(peer) peer$name, "")
    for (peer in there) actions[["written"]](peer)
    in_turns("P", paste0("10^7 doubles: ", what), works,
      times = 7,
      before = if (what == "written") {
        function() unlink(vapply(there, path, ""))
      } else {
        function() NULL
      }
    )
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
    name = "ours", ending = "mmdpickle", needs = character(),
    write = function(path, x) with_file(path, function(m) m[["x"]] <- x),
    read = function(path, i) with_file(path, function(m) m["x", 7, i]),
    change = function(path, v) with_file(path, function(m) m["x", 7, 7] <- v)
  )
}

hdf5_peer <- function() {
  with_file <- function(path, mode, f) {
    h <- hdf5r::H5File$new(path, mode)
    on.exit(h$close())
    f(h)
  }
  list(
    name = "HDF5 (hdf5r)", ending = "h5", needs = "hdf5r",
    write = function(path, x) {
      with_file(path, "w", function(h) {
        h$create_dataset("x", x, chunk_dims = NULL, gzip_level = NULL)$close()
      })
    },
    read = function(path, i) {
      with_file(path, "r", function(h) {
        x <- h[["x"]]
        on.exit(x$close())
        x[i, 7]
      })
    },
    change = function(path, v) {
      with_file(path, "r+", function(h) {
        x <- h[["x"]]
        on.exit(x$close())
        x[7, 7] <- v
      })
    }
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
    write = function(path, x) {
      pickle(path, "wb", function(pickle, file) {
        pickle$dump(reticulate::r_to_py(x), file, protocol = 4L)
      })
    },
    read = function(path, i) read(path)[i, 7],
    whole = read
  )
}
