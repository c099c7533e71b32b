# Files without a protocol: a pickle that is written anew, in place, under what read_pickle()
# gave. An error of class _stale, or the values that were read; never others.

write_in_place <- function(bytes, path) { # as open(path, "wb") does
  connection <- file(path, "wb")
  writeBin(bytes, connection)
  close(connection)
}
patch <- function(path, at, bytes) { # no size changes
  connection <- file(path, "r+b")
  seek(connection, at, rw = "write")
  writeBin(bytes, connection)
  close(connection)
}

kinds <- function(n) {
  list(
    double = as.double(seq_len(n)), int = seq_len(n),
    f4 = ndarray(as.double(seq_len(n)), "float32"),
    text = ndarray(sprintf("t%d", seq_len(n)), "U8"), bool = rep_len(c(TRUE, FALSE), n),
    matrix = matrix(as.double(seq_len(n)), 2L), raw = as.raw(seq_len(n) %% 256L),
    deep = list(list(as.double(seq_len(n))))
  )
}
reads <- list(
  element = function(x) x[[3L]], subset = function(x) x[c(5, 2)], whole = function(x) x[],
  compare = function(x) x == x[[1L]], copy = materialize, `for` = function(x) {
    for (e in x) last <- e
    last
  },
  store = function(x) write_pickle(x), serialize = function(x) serialize(x, NULL)
)

test_that("values that were read small stay, whatever becomes of the file", {
  path <- withr::local_tempfile()
  write_pickle(kinds(500L), path)
  x <- read_pickle(path)
  was <- unserialize(serialize(x, NULL))
  write_in_place(as.raw(0:255), path)
  expect_identical(x, was)
  expect_false(is_view(x$double))
})

test_that("large ones are stale in every way of reading, once the file was changed", {
  skip_on_os("windows") # a mapped file cannot be cut there
  path <- withr::local_tempfile()
  n <- 70000L
  changes <- list(
    rewritten = function() write_in_place(write_pickle(rev(kinds(n))), path),
    patched = function() patch(path, 1000, as.raw(1:9)),
    longer = function() cat("more", file = path, append = TRUE),
    cut = function() write_in_place(raw(), path)
  )
  for (change in names(changes)) {
    write_pickle(kinds(n), path)
    x <- read_pickle(path)
    x$deep <- x$deep[[1L]][[1L]]
    for (key in names(x)) expect_true(is_view(x[[key]]), label = key)
    kept <- x$f4
    kept > 3 # converted before: that stays
    was <- kept[]
    changes[[change]]()
    Sys.sleep(0.02) # single elements are not asked anew in each tick of the clock
    for (key in names(x)) {
      if (key == "f4") next
      for (read in names(reads)) {
        error <- tryCatch(reads[[read]](x[[key]]), error = identity)
        expect_s3_class(error, "mmappickle_error_stale")
        expect_false(grepl("fsck|Python library", conditionMessage(error)))
      }
      expect_identical(error$path, path)
    }
    expect_identical(kept[], was)
  }
})

test_that("a file of the same size and content time, but another change time, is told", {
  skip_on_os("windows")
  path <- withr::local_tempfile()
  write_pickle(as.double(1:20000), path)
  x <- read_pickle(path)
  time <- file.mtime(path)
  patch(path, 1000, as.raw(1:9))
  Sys.setFileTime(path, time)
  expect_kind(x[3:4], "stale")
})

test_that("a file that is replaced, removed or linked keeps what was read", {
  skip_on_os("windows")
  path <- withr::local_tempfile()
  write_pickle(as.double(1:20000), path)
  x <- read_pickle(path)
  file.link(path, other <- withr::local_tempfile())
  expect_identical(x[3:4], c(3, 4))
  write_pickle(as.double(20000:1), path)
  expect_identical(x[[4L]], 4)
  unlink(other)
  expect_identical(sum(x), sum(as.double(1:20000)))
})

test_that("one change at a time is noticed between two elements", {
  skip_on_os("windows")
  path <- withr::local_tempfile()
  for (i in 1:20) {
    write_pickle(as.double(1:20000) + i, path)
    x <- read_pickle(path)
    expect_identical(x[[7L]], 7 + i)
    patch(path, 90000, as.raw(1:9))
    # Within a tick of the clock single elements are not asked again.
    expect_kind(x[7:8], "stale")
    expect_kind(x[[7L]], "stale")
  }
})

test_that("many files are read; more than there are descriptors for are copied", {
  path <- withr::local_tempfile()
  write_pickle(as.double(1:10000), path)
  Sys.sleep(0.03)
  values <- lapply(1:1100, function(i) read_pickle(path))
  views <- vapply(values, is_view, NA)
  expect_true(views[[1L]])
  expect_lt(sum(views), 500)
  expect_identical(unique(vapply(values, sum, 0)), sum(as.double(1:10000)))
  rm(values)
  gc()
  expect_true(is_view(read_pickle(path)))
})
