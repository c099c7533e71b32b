# The room of arrays that grow, what growing leaves behind; the dimension along which it goes.

# The bytes that the array has with its room, and those of its rows.
room_of <- function(m) {
  e <- entries(m)
  list(entry = e$bytes, rows = prod(e$shape[[1L]]) * 8, dead = summary(m)$dead)
}

test_that("of 10^4 appends twice the array's bytes are dead at most, and none on disk", {
  skip_on_os(c("windows", "mac"))
  m <- local_store()
  path <- path_of(m)
  row <- matrix(runif(100), 1)
  for (i in 1:10000) {
    mmap_append(m, "x", row)
    if (i %% 500 && i > 20) next
    room <- room_of(m)
    expect_lte(room$dead, 2 * room$entry + 8192)
    # What is dead and large is empty; of copies below 1 MB there are 3 MB at most.
    expect_lte(allocated(path), room$rows + 3 * 2^20 + 65536, label = paste(i, "rows on disk"))
  }
  expect_gt(room_of(m)$dead, 2^20)
  gc()
  reclaim(m)
  expect_lte(allocated(path), room_of(m)$rows + 32 * 4096)
  expect_identical(m[["x"]][10000, ], row[1, ])
  expect_identical(nrow(fsck(m)), 0L)
})

# Which links of /proc are to the file: its descriptors in all processes.
descriptors_of <- function(path) {
  links <- suppressWarnings(Sys.readlink(Sys.glob("/proc/[0-9]*/fd/*")))
  sum(links == normalizePath(path), na.rm = TRUE)
}

# A file whose array is full, 2.4 MB; how many bytes more it takes on disk when that grows.
full_array <- function(value, .local_envir = parent.frame()) {
  m <- local_store(.local_envir = .local_envir)
  m[["x"]] <- growing_ndarray(c(0, 1000), capacity = 300)
  mmap_append(m, "x", matrix(value, 300, 1000))
  m
}
outgrow <- function(m) {
  gc()
  before <- allocated(path_of(m))
  mmap_append(m, "x", rep(0, 1000))
  allocated(path_of(m)) - before
}

test_that("what somebody views is not emptied; reclaim() gives it back when that ends", {
  skip_on_os(c("windows", "mac"))
  skip_on_cran()
  skip_if_not_installed("callr")
  m <- full_array(1)
  expect_lt(outgrow(m), 2^19)
  # A view of this session, of which a part is looked at later.
  m <- full_array(2)
  view <- m[["x"]]
  expect_gt(outgrow(m), 2^21)
  expect_identical(sum(view[250:300, ]), 2 * 51 * 1000)
  rm(view)
  gc()
  expect_gt(reclaim(m), 2^21)
  # A view by another handle, which is closed.
  m <- full_array(3)
  other <- mmapdict(path_of(m), readonly = TRUE)
  view <- other[["x"]]
  close(other)
  expect_gt(outgrow(m), 2^21)
  expect_identical(sum(view), 3 * 300 * 1000)
  # Another session.
  m <- full_array(4)
  holder <- start_r(function(path) {
    m <- mmappickle::mmapdict(path, readonly = TRUE)
    x <- m[["x"]]
    repeat if (nrow(m[["x"]]) > 300) break else Sys.sleep(0.01)
    sum(x)
  }, path_of(m))
  for (i in 1:600) if (descriptors_of(path_of(m)) > 1L) break else Sys.sleep(0.05)
  expect_gt(outgrow(m), 2^21)
  expect_identical(result_of_r(holder), 4 * 300 * 1000)
  expect_gt(reclaim(m), 2^21)
  expect_identical(nrow(fsck(m)), 0L)
})

test_that("`along` names the dimension that grows, as R counts or as Python does", {
  x <- array(1:24 + 0, c(4, 2, 3))
  for (dims in c("same", "reversed")) {
    m <- local_store(dims = dims)
    turn <- function(x) if (dims == "same") x else aperm(x)
    grows <- if (dims == "same") 1 else 3
    mmap_append(m, "x", turn(x), along = grows)
    mmap_append(m, "x", turn(x), along = grows)
    mmap_append(m, "x", turn(x), along = 1)
    expect_identical(dim(m[["x"]])[[grows]], 12L)
    for (along in c(2, if (dims == "same") 3, 4)) {
      expect_error(mmap_append(m, "x", turn(x), along = along), "first axis of Python's shape",
                   class = "mmappickle_error_value")
      expect_error(mmap_append(m, "new", turn(x), along = along), "first axis of Python's shape",
                   class = "mmappickle_error_value")
    }
    expect_identical(dim(m[["x"]])[[grows]], 12L)
    expect_identical(names(m), "x")
    mmap_append(m, "log", data.frame(n = 1L), along = 1)
    expect_error(mmap_append(m, "log", data.frame(n = 2L), along = 2),
                 class = "mmappickle_error_value")
  }
  m <- local_store()
  mmap_append(m, "x", x)
  expect_snapshot(said(mmap_append(m, "x", x, along = 3)))
})

test_that("a masked array keeps the fill value that Python gave to it", {
  require_python()
  m <- local_store()
  path <- path_of(m)
  begin <- paste(
    "import pickle, sys, numpy, numpy.ma",
    "t = numpy.array([(1, 2.5), (3, 4.5)], [('a', 'i4'), ('b', 'f8')])",
    "d = {'i': numpy.ma.MaskedArray([1, 2], [0, 1], fill_value=-9),",
    "     'f': numpy.ma.MaskedArray(numpy.ones((2, 3)), False, fill_value=-1.5),",
    "     'u': numpy.ma.MaskedArray(['a', 'b'], [0, 1], fill_value='?'),",
    "     'd': numpy.ma.MaskedArray(numpy.array(['2024-01-01'], 'M8[D]'), [0],",
    "                               fill_value=numpy.datetime64('1999-01-01')),",
    "     't': numpy.ma.MaskedArray(t, [(0, 1), (0, 0)], fill_value=(-1, -2.5)),",
    "     'own': numpy.ma.MaskedArray([1., 2.], [0, 1])}",
    "pickle.dump(d, open(sys.argv[1], 'wb'), 4)",
    sep = "\n"
  )
  pickled <- withr::local_tempfile(fileext = ".pickle")
  run_python(begin, pickled)
  converted <- withr::local_tempfile(fileext = ".mmdpickle")
  convert_pickle(pickled, converted)
  from <- local_mmapdict(converted, readonly = TRUE)
  mmap_copy(from, m)
  for (i in 1:700) {
    mmap_append(m, "i", c(5L, NA))
    if (i > 3) next
    mmap_append(m, "f", matrix(0, 1, 3))
    mmap_append(m, "u", "c")
    mmap_append(m, "d", as.Date("2024-02-02"))
    mmap_append(m, "t", data.frame(a = 5L, b = NA))
    mmap_append(m, "own", NA)
  }
  check <- paste(
    "import pickle, sys",
    "def check(path):",
    "    for unpickler in (pickle.Unpickler, pickle._Unpickler):",
    "        with open(path, 'rb') as file: d = unpickler(file).load()",
    "        assert len(d['i']) == 1402 and d['i'][-1:].mask[0], d['i']",
    "        assert d['i'].fill_value == -9 and d['f'].fill_value == -1.5",
    "        assert d['u'].fill_value == '?' and str(d['d'].fill_value) == '1999-01-01'",
    "        assert d['t'].fill_value.tolist() == (-1, -2.5), d['t'].fill_value",
    "        assert d['own']._fill_value is None and d['own'].fill_value == 1e20",
    "check(sys.argv[1])",
    sep = "\n"
  )
  run_python(check, path)
  # Under other keys, trimmed, with metadata, stored anew: the same.
  mmap_rename(m, c("i", "f"), c("f", "i"))
  mmap_rename(m, c("i", "f"), c("f", "i"))
  attr(m[["f"]], "unit") <- "K"
  vacuum(m)
  mmap_append(m, "f", c(1, 2, 3))
  run_python(check, path)
  expect_identical(nrow(fsck(m)), 0L)
})

test_that("what has no head, masked and structured arrays, is followed, sliced and converted", {
  m <- local_store()
  other <- local_mmapdict(path_of(m), readonly = TRUE)
  mmap_append(m, "v", c(1L, NA))
  mmap_append(m, "t", data.frame(a = 1:2, b = c("x", "y")))
  mmap_append(m, "m", matrix(c(1L, NA, 3L, 4L), 2))
  mmap_wait(other, 0)
  mmap_append(m, "v", 5L)
  mmap_append(m, "t", data.frame(a = 3L, b = "z"))
  mmap_append(m, "m", c(NA, 9L))
  changes <- mmap_wait(other)
  expect_setequal(changes$key, c("v", "t", "m"))
  expect_identical(unique(as.character(changes$change)), "grown")
  expect_identical(mmarray(other, "v")[2:3], c(NA, 5L))
  expect_identical(mmarray(other, "m")[3, ], c(NA, 9L))
  expect_identical(other["m", 2:3, 1], c(NA_integer_, NA))
  expect_identical(other["t", 3], data.frame(a = 3L, b = "z"))
  copy <- withr::local_tempfile(fileext = ".mmdpickle")
  convert_pickle(path_of(m), copy)
  n <- local_mmapdict(copy)
  mmap_append(n, "m", c(7L, NA))
  expect_identical(n[["m"]][, ], rbind(other[["m"]][, ], c(7L, NA)))
  expect_true(all(entries(n)$capacity > 3))
  skip_if_not_installed("DelayedArray")
  seed <- methods::as(mmarray(other, "m"), "DelayedArray")
  expect_identical(as.matrix(seed), other[["m"]][, ])
})
