test_that("a file is created unless it is not to be", {
  path <- new_path()
  expect_kind(mmapdict(path, create = FALSE), "io")
  expect_kind(mmapdict(path, readonly = TRUE), "io")
  expect_false(file.exists(path))
  m <- mmapdict(path)
  expect_identical(file.size(path), 35)
  expect_identical(length(m), 0L)
  close(m)
  m <- mmapdict(path, create = FALSE)
  expect_true(is_open(m))
  close(m)
})

test_that("the path is kept absolute", {
  withr::local_dir(withr::local_tempdir())
  m <- mmapdict("a.mmdpickle")
  withr::defer(close(m))
  m[["a"]] <- 1
  expect_match(path_of(m), "^(/|[A-Za-z]:)")
  withr::local_dir(withr::local_tempdir())
  again <- unserialize(serialize(m, NULL))
  expect_identical(again[["a"]], 1)
  close(again)
})

test_that("a handle that came from another session opens its file at the first call, whichever", {
  path <- new_path()
  m <- mmapdict(path, dims = "reversed", readers = list("builtins.thing" = function(x) "read"))
  withr::defer(close(m))
  x <- array(as.double(1:6), c(2, 3))
  m[["x"]] <- x
  m[["grows"]] <- growing_ndarray(0)
  mmap_set(m, "object", python_object("builtins.thing", list(1)))
  calls <- list(
    function(m) expect_identical(materialize(m[["x"]]), x),
    function(m) expect_identical(m$object, "read"),
    function(m) expect_identical(m[["y"]] <- 1, 1),
    function(m) expect_identical(mmap_append(m, "grows", 1), m),
    function(m) expect_identical(m[as.character(1:2)] <- list(1, 2), list(1, 2))
  )
  for (call in calls) {
    again <- unserialize(serialize(m, NULL))
    call(again)
    expect_true(is_open(again))
    close(again)
    expect_kind(call(again), "closed")
  }
  expect_identical(m[["grows"]][], 1)
  broken <- unserialize(serialize(m, NULL))
  attr(broken, "fields") <- list()
  for (call in calls[-5]) expect_error(call(broken), class = "mmappickle_error")
})

test_that("wrong arguments are errors of kind value", {
  path <- new_path()
  for (wrong in list(NULL, NA_character_, "", 1, c("a", "b"), character())) {
    expect_kind(mmapdict(wrong), "value")
  }
  expect_kind(mmapdict(path, readonly = NA), "value")
  expect_kind(mmapdict(path, readonly = TRUE, create = TRUE), "value")
  expect_kind(mmapdict(path, durable = "yes"), "value")
  expect_kind(mmapdict(path, lock_timeout = -1), "value")
  expect_kind(mmapdict(path, lock_timeout = NA), "value")
  expect_kind(mmapdict(path, dims = "other"), "value")
  expect_kind(mmapdict(path, order = "A"), "value")
  expect_kind(mmapdict(path, int64 = "float"), "value")
  expect_kind(mmapdict(path, uint8 = c("raw", "raw")), "value")
  expect_kind(mmapdict(path, simplify = 2), "value")
  expect_false(file.exists(path))
})

test_that("a handle is a reference", {
  m <- local_store()
  same <- m
  m[["a"]] <- 1
  expect_identical(same[["a"]], 1)
  expect_identical(m, same)
  change <- function(m) m[["b"]] <- 2
  change(m)
  expect_identical(names(same), c("a", "b"))
})

test_that("two handles of a file see each other's changes", {
  m <- local_store()
  other <- mmapdict(path_of(m))
  withr::defer(close(other))
  m[["a"]] <- 1
  expect_identical(other[["a"]], 1)
  other[["a"]] <- 2
  other[["b"]] <- "new"
  expect_identical(m[["a"]], 2)
  expect_identical(names(m), c("a", "b"))
  other[["a"]] <- NULL
  expect_identical(names(m), "b")
  vacuum(other, force = TRUE)
  expect_identical(m[["b"]], "new")
  m[["c"]] <- 3
  expect_identical(other[["c"]], 3)
})

test_that("close() is final, may be repeated, and leaves views alive", {
  m <- local_store()
  m[["a"]] <- c(1, 2, 3)
  view <- m[["a"]]
  close(m)
  expect_false(is_open(m))
  expect_silent(close(m))
  expect_identical(sum(view), 6)
  expect_kind(m[["a"]], "closed")
  expect_kind(m[["a"]] <- 1, "closed")
  expect_kind(m$a, "closed")
  expect_kind(names(m), "closed")
  expect_kind(length(m), "closed")
  expect_kind(entries(m), "closed")
  expect_kind(vacuum(m), "closed")
  expect_kind(flush(m), "closed")
  expect_kind(m[["a"]][1] <- 2, "closed")
})

test_that("a handle from a saved workspace opens its file anew", {
  m <- local_store(int64 = "double", dims = "reversed")
  m[["x"]] <- matrix(1:6, 2)
  saved <- withr::local_tempfile()
  saveRDS(list(m = m), saved)
  again <- readRDS(saved)$m
  expect_true(is_open(again))
  expect_identical(again[["x"]][, ], matrix(1:6, 2))
  again[["y"]] <- 1
  expect_identical(m[["y"]], 1)
  close(again)
  expect_false(is_open(again))
  expect_kind(again[["x"]], "closed")
})

test_that("the file of a saved open handle that is gone is an error of kind io", {
  path <- new_path()
  m <- mmapdict(path)
  again <- unserialize(serialize(m, NULL))
  close(m)
  unlink(path)
  expect_kind(again[["a"]], "io")
  expect_false(file.exists(path))
})

test_that("a handle works after a fork", {
  skip_on_os("windows")
  skip_on_cran()
  m <- local_store()
  m[["a"]] <- c(1, 2, 3)
  seen <- parallel::mclapply(1:2, function(i) {
    m[[paste0("child", i)]] <- sum(m[["a"]]) + i
    has_key(m, "a")
  }, mc.cores = 2)
  expect_identical(seen, list(TRUE, TRUE))
  expect_setequal(names(m), c("a", "child1", "child2"))
  expect_identical(m[["child2"]], 8)
})

test_that("local_mmapdict() closes at the end of the caller, also by an error", {
  path <- new_path()
  kept <- NULL
  f <- function(fail) {
    kept <<- local_mmapdict(path)
    kept[["a"]] <- 1
    if (fail) stop("oh")
    is_open(kept)
  }
  expect_true(f(FALSE))
  expect_false(is_open(kept))
  expect_error(f(TRUE), "oh")
  expect_false(is_open(kept))
})

test_that("the commit number grows by one with each change", {
  m <- local_store()
  start <- commit_number(m)
  m[["a"]] <- 1
  expect_identical(commit_number(m), start + 1)
  m[["a"]] <- 2
  m[["a"]] <- NULL
  expect_identical(commit_number(m), start + 3)
})

test_that("commit numbers may be negative and wrap around", {
  for (name in c("max", "min", "minus1", "past_max", "past_minus1")) {
    m <- mmapdict(fixture_copy(paste0("commit_wrap-", name, ".mmdpickle")))
    number <- commit_number(m)
    m[["new"]] <- 1
    wanted <- if (number == 2147483647) 0 else number + 1
    expect_identical(commit_number(m), wanted)
    expect_identical(m[["new"]], 1)
    close(m)
  }
})

test_that("flush() and durable handles work", {
  m <- local_store(durable = TRUE)
  m[["a"]] <- 1:10
  expect_null(flush(m))
  expect_identical(m[["a"]][], 1:10)
})

test_that("functions that want a handle say so", {
  for (f in list(is_open, commit_number, entries, vacuum, function(m) mmap_get(m, "a"),
                 function(m) mmap_set(m, "a", 1), function(m) has_key(m, "a"),
                 function(m) mmarray(m, "a"))) {
    expect_kind(f("path"), "value")
    expect_kind(f(new.env()), "value")
  }
})

test_that("fields of the handle cannot be changed or added", {
  m <- local_store()
  expect_error(assign("other", 1, envir = m))
  expect_error(assign(".path", "x", envir = m))
})
