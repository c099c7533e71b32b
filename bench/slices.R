# Slices of a matrix of 5,000 x 5,000 doubles, read and written, in both orders; NumPy's memmap
# beside, and other R packages that keep matrices in files.

slice_peers <- function(n) {
  list(
    bigmemory = if_installed("bigmemory", function() {
      bigmemory::filebacked.big.matrix(n, n,
        backingfile = "big.bin", backingpath = tempdir(), descriptorfile = "big.desc"
      )
    }),
    ff = if_installed("ff", function() {
      ff::ff(0, dim = c(n, n), filename = scratch("slices.ff"))
    }),
    filearray = if_installed("filearray", function() {
      unlink(scratch("slices.farr"), recursive = TRUE)
      a <- filearray::filearray_create(scratch("slices.farr"), c(n, n), partition_size = 1L)
      a[] <- 0
      a
    })
  )
}

bench_slices <- function() {
  n <- 5000
  m <- new_file("slices.mmdpickle")
  path <- scratch("slices.mmdpickle")
  x <- matrix(runif(n * n), n)
  m[["C"]] <- x
  m[["F"]] <- ndarray(x, order = "F")
  py_memmap("c", m, path, "C")
  py_memmap("f", m, path, "F")
  others <- lapply(Filter(Negate(is.null), slice_peers(n)), function(make) make())
  # Places of one's own for each run, so that none is warm.
  next_place <- local({
    at <- 0
    function() at <<- (at + 101) %% (n - 1000)
  })
  random <- cbind(sample(n, 1e4, TRUE), sample(n, 1e4, TRUE))
  py_do(sprintf("ri = np.array([%s]); rj = np.array([%s])",
    paste(random[, 1] - 1, collapse = ","), paste(random[, 2] - 1, collapse = ",")))
  mask <- seq_len(n) %% 100 == 0
  py_do("mask = np.arange(1, 5001) % 100 == 0; place = 0")
  kinds <- list(
    "a column" = list(\(x, p) x[, p + 1], \(x, p, v) `[<-`(x, , p + 1, value = v),
      "%s[:, place]", seq_len(n) / n, 3),
    "a row" = list(\(x, p) x[p + 1, ], \(x, p, v) `[<-`(x, p + 1, , value = v),
      "%s[place, :]", seq_len(n) / n, 3),
    "a block of 1000 x 1000" = list(
      \(x, p) x[p + 1:1000, p + 1:1000], \(x, p, v) `[<-`(x, p + 1:1000, p + 1:1000, value = v),
      "%s[place:place + 1000, place:place + 1000]", matrix(0.5, 1000, 1000), 4
    ),
    "100 rows" = list(\(x, p) x[p + 1:100, ], \(x, p, v) `[<-`(x, p + 1:100, , value = v),
      "%s[place:place + 100, :]", matrix(0.5, 100, n), 4),
    "1 % of the columns by a mask" = list(\(x, p) x[, mask], \(x, p, v) `[<-`(x, , mask, value = v),
      "%s[:, mask]", matrix(0.5, n, sum(mask)), 4),
    "10^4 random elements" = list(\(x, p) x[random], \(x, p, v) `[<-`(x, random, value = v),
      "%s[ri, rj]", runif(1e4), 3)
  )
  ours <- list(
    "a column" = \(k, p) m[k, , p + 1], "a row" = \(k, p) m[k, p + 1, ],
    "a block of 1000 x 1000" = \(k, p) m[k, p + 1:1000, p + 1:1000],
    "100 rows" = \(k, p) m[k, p + 1:100, ], "1 % of the columns by a mask" = \(k, p) m[k, , mask],
    "10^4 random elements" = \(k, p) m[k, random]
  )
  ours_written <- list(
    "a column" = \(k, p, v) m[k, , p + 1] <- v, "a row" = \(k, p, v) m[k, p + 1, ] <- v,
    "a block of 1000 x 1000" = \(k, p, v) m[k, p + 1:1000, p + 1:1000] <- v,
    "100 rows" = \(k, p, v) m[k, p + 1:100, ] <- v,
    "1 % of the columns by a mask" = \(k, p, v) m[k, , mask] <- v,
    "10^4 random elements" = \(k, p, v) m[k, random] <- v
  )
  place <- 0
  before <- function() {
    place <<- next_place()
    py_do(sprintf("place = %d", as.integer(place)))
  }
  for (kind in names(kinds)) {
    one <- kinds[[kind]]
    for (order in c("C", "F")) {
      code <- sprintf(one[[3]], tolower(order))
      targets <- c("numpy.memmap" = one[[5]], bigmemory = 2, ff = 1, filearray = 1)
      in_turns(9, sprintf("%s, %s order, read", kind, order), c(
        list(
          ours = function() ours[[kind]](order, place),
          "numpy.memmap" = py(sprintf("np.array(%s)", code))
        ),
        lapply(others, function(other) function() one[[1]](other, place))
      ), targets, times = 7, before = before)
      py_do(sprintf("v = np.array(%s)", code))
      in_turns(9, sprintf("%s, %s order, written", kind, order), c(
        list(
          ours = function() ours_written[[kind]](order, place, one[[4]]),
          "numpy.memmap" = py(sprintf("%s = v", code))
        ),
        lapply(others, function(other) function() one[[2]](other, place, one[[4]]))
      ), replace(targets, "numpy.memmap", 3), times = 7, before = before)
    }
  }
  m[["v"]] <- runif(1000)
  times <- 300
  small <- function(what, f, microseconds) {
    middle <- in_turns(9, what, list(
      ours = f, 'm[["v"]]' = function() for (i in seq_len(times)) m[["v"]]
    ), of = times)
    record(9, what, sprintf("%d us", microseconds), middle[["ours"]], microseconds * 1e-6, 1)
  }
  small('m["v", 5]', function() for (i in seq_len(times)) m["v", 5], 25)
  small('m["v", 5] <- 1', function() for (i in seq_len(times)) m["v", 5] <- 1, 30)
  small('m[["v"]][5] <- 1', function() for (i in seq_len(times)) m[["v"]][5] <- 1, 40)
}
