# Views whose bytes the Python library's vacuum moves, or somebody cuts off: an error of
# class _stale, or the old values; never others, never a crash.

# A file whose arrays all move down when it is vacuumed in place, those of equal size onto
# one another.
moving_store <- function(.local_envir = parent.frame()) {
  path <- new_path(.local_envir)
  m <- mmapdict(path)
  m[["gone"]] <- as.double(1:1000)
  for (i in 1:4) m[[paste0("arr", i)]] <- i + as.double(1:1000)
  m[["int"]] <- 1:1000
  m[["f4"]] <- ndarray(as.double(1:1000), "float32")
  m[["bool"]] <- rep(c(TRUE, FALSE), 500)
  m[["text"]] <- ndarray(sprintf("text %d", 1:1000), "U12")
  m[["matrix"]] <- matrix(as.double(1:1000), 20)
  m[["nested"]] <- list(a = as.double(1:1000), b = list(1:1000))
  m[["frame"]] <- data.frame(x = as.double(1:1000), y = 1:1000)
  m[["bytes"]] <- as.raw(1:1000 %% 256)
  m[["gone"]] <- NULL
  m
}

leaves <- function(x) if (is.list(x)) unlist(lapply(x, leaves), FALSE) else list(x)

test_that("a view whose bytes were moved is stale in every way of reading", {
  skip_on_os("windows") # there a mapped file cannot be cut
  m <- moving_store()
  values <- as.list(m)
  # (Strings among ordinary vectors are read at once.)
  views <- Filter(is_view, unlist(lapply(values, leaves), FALSE))
  expect_gt(length(views), 12L)
  reads <- list(
    sum = function(x) if (is.numeric(x)) sum(x) else x[[1L]], element = function(x) x[[3L]],
    subset = function(x) x[2:5], whole = function(x) x[], compare = function(x) x == x[[1L]],
    copy = function(x) materialize(x), identical = function(x) identical(x, rev(x)),
    serialize = function(x) serialize(x, NULL), store = function(x) m[["copy"]] <- x
  )
  vacuum_in_place(path_of(m))
  for (name in names(views)) {
    for (read in names(reads)) {
      error <- tryCatch(reads[[read]](views[[name]]), error = identity)
      expect_s3_class(error, "mmappickle_error_stale")
      expect_identical(error$path, path_of(m))
    }
  }
  expect_false("copy" %in% names(m))
  # Read again, all is there.
  expect_identical(sum(m[["arr1"]]), sum(1 + as.double(1:1000)))
  expect_identical(m[["nested"]]$b[[1L]], 1:1000)
})

test_that("what was materialised before, and what did not move, stays", {
  skip_on_os("windows")
  m <- local_store()
  m[["first"]] <- as.double(1:1000)
  m[["gone"]] <- 1
  m[["f4"]] <- ndarray(as.double(1:1000), "float32")
  m[["gone"]] <- NULL
  f4 <- m[["f4"]]
  f4 > 3
  expect_true(view_info(f4)$materialized)
  vacuum_in_place(path_of(m))
  expect_identical(sum(f4), sum(1:1000) + 0)
  m[["copy"]] <- f4
  expect_identical(m[["copy"]][1:3], c(1, 2, 3))
})

test_that("an entry of the same key and size in the same place is told", {
  skip_on_os("windows")
  m <- local_store()
  m[["a"]] <- as.double(1:1000)
  old <- m[["a"]]
  m[["a"]] <- as.double(1:1000) * 2
  expect_identical(old[[2L]], 2)
  vacuum_in_place(path_of(m))
  expect_kind(old[[2L]], "stale")
  expect_identical(m[["a"]][[2L]], 4)
})

test_that("appends, deletes and a vacuum of this package leave views as they are", {
  m <- local_store()
  for (i in 1:3) m[[paste0("k", i)]] <- as.double(1:1000) * i
  views <- as.list(m)
  m[["k1"]] <- NULL
  m[["k2"]] <- 5
  m[["more"]] <- as.double(1:5000)
  vacuum(m)
  for (i in 1:3) expect_identical(sum(views[[i]]), sum(as.double(1:1000) * i))
})

test_that("a file cut under a view is an error, at once where a method is called", {
  skip_on_os("windows")
  m <- local_store()
  m[["x"]] <- ndarray(as.double(1:1e6), "float32")
  m[["y"]] <- as.double(1:1e6)
  x <- m[["x"]]
  y <- m[["y"]]
  connection <- file(path_of(m), "r+b")
  seek(connection, 5000, rw = "write")
  truncate(connection)
  close(connection)
  expect_kind(x[[9e5]], "stale")
  expect_kind(sum(x), "stale")
  # A data pointer is read by R itself: what was cut off is zeros there, and the next call
  # of the package, or of a method, says so.
  total <- tryCatch(sum(y), error = identity)
  expect_true(inherits(total, "mmappickle_error_stale") || is.numeric(total))
  expect_kind(y[[9e5]], "stale")
  # The file itself is broken now, which is another matter.
  expect_kind(names(m), "format")
})
