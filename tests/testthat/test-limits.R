# Limits that a process may have: size of files, open files, address space.

test_that("a limit on the size of files is an error, not the end of the session", {
  skip_on_os("windows")
  path <- new_path()
  run <- limited("ulimit -f 200", {
    m <- mmapdict(path)
    m[["small"]] <- 1
    said(m[["large"]] <- as.double(1:1e5))
    said(m[["stub"]] <- empty_ndarray(1e6))
    said(m[["small"]] <- as.double(1:1e5))
    said(vacuum(m)) # nothing to do
    said(write_pickle(as.double(1:1e5), paste0(path, "-pickle")))
    said(m[["after"]] <- 2)
    close(m)
  }, path = path)
  expect_identical(run, list(
    lines = c("io EFBIG", "io EFBIG", "io EFBIG", "done", "io EFBIG", "done"), status = 0L
  ))
  m <- mmapdict(path)
  expect_identical(as.list(m), list(small = 1, after = 2))
  m[["large"]] <- as.double(1:1e5)
  m[["gone"]] <- 1
  m[["gone"]] <- NULL
  run <- limited("ulimit -f 200", {
    m <- mmapdict(path)
    said(m["large", 90000] <- 1)
    said(m["large", 1] <- 5)
    said(vacuum(m, force = TRUE))
    said(m[["large"]] <- NULL)
    close(m)
  }, path = path)
  expect_identical(run$lines, c("io EFBIG", "done", "io EFBIG", "io EFBIG"))
  expect_identical(names(m), c("small", "after", "large"))
  expect_identical(m["large", c(1, 2, 90000)], c(5, 2, 90000))
  expect_identical(nrow(fsck(m)), 0L)
  expect_false(file.exists(paste0(path, "-pickle")))
  close(m)
})

test_that("too many open files are an error, and closing some helps", {
  skip_on_os("windows")
  path <- new_path()
  close(mmapdict(path))
  run <- limited("ulimit -n 256", {
    handles <- list()
    failure <- NULL
    while (is.null(failure) && length(handles) < 400) {
      failure <- tryCatch({
        handles <- c(handles, list(mmapdict(path)))
        NULL
      }, error = identity)
    }
    said(stop(failure))
    said(write_pickle(1, paste0(path, "-pickle")))
    said(handles[[1]][["a"]] <- 1)
    close(handles[[1]])
    close(handles[[2]])
    close(handles[[3]])
    m <- mmapdict(path)
    said(m[["b"]] <- 2)
  }, path = path)
  expect_identical(run, list(lines = c("io EMFILE", "io EMFILE", "done", "done"), status = 0L))
  expect_identical(as.list(mmapdict(path)), list(a = 1, b = 2))
})

test_that("a limit on memory is an error", {
  skip_on_os(c("windows", "mac"))
  large <- new_path()
  path <- new_path()
  m <- mmapdict(large)
  m[["stub"]] <- empty_ndarray(5e8)
  close(m)
  run <- limited("ulimit -v 1500000", {
    said(mmapdict(large))
    said(fsck(large))
    said(read_pickle(large))
    m <- mmapdict(path)
    m[["a"]] <- 1
    said(m[["big"]] <- raw(1e8))
    said(m[["stub"]] <- empty_ndarray(5e8))
    said(m[["b"]] <- 2)
  }, large = large, path = path)
  expect_identical(run$status, 0L)
  # A store needs no map of its file, a check and a pickle that is read do.
  expect_identical(run$lines[1:4], c("done", "io ENOMEM", "io ENOMEM", "done"))
  m <- mmapdict(path)
  expect_true(all(c("a", "big") %in% names(m)))
  expect_identical(nrow(fsck(m)), 0L)
  close(m)
})

test_that("a file that is larger than the address space is read, written and vacuumed", {
  skip_on_os(c("windows", "mac"))
  path <- new_path()
  m <- mmapdict(path)
  m[["s"]] <- "text"
  m[["l"]] <- list(1, c(2, 3))
  m[["x"]] <- empty_ndarray(c(1e5, 125000))
  m[["y"]] <- c(a = 1, b = 2)
  m[["old"]] <- rnorm(1e4)
  m[["t"]] <- empty_ndarray(1e9, "S9")
  close(m)
  run <- limited("ulimit -v 650000", {
    m <- mmapdict(path)
    stopifnot(identical(names(m), c("s", "l", "x", "y", "old", "t")), nrow(entries(m)) == 6L)
    invisible(capture.output(print(m)))
    stopifnot(m$s == "text", identical(m$l, list(1, c(2, 3))), m$y[["b"]] == 2)
    m["x", 7, 1:3] <- c(1, 2, 3)
    m["x", 99999:100000, 125000] <- 8:9
    stopifnot(identical(m["x", 7, 1:4], c(1, 2, 3, 0)), m["y", "b"] == 2)
    a <- mmarray(m, "x")
    stopifnot(a[7, 2] == 2, identical(dim(a), c(100000L, 125000L)), sum(a[1:100, 1:100]) == 6)
    x <- m[["x"]]
    stopifnot(is_view(x), x[7, 3] == 3, identical(x[99998:100000, 125000], c(0, 8, 9)))
    m$old <- NULL
    m[["copy"]] <- m[["y"]]
    vacuum(m)
    reclaim(m)
    stopifnot(identical(m["x", 7, 1:4], c(1, 2, 3, 0)), m$copy[["a"]] == 1)
    m["t", c(5, 1e9)] <- c("five", "last")
    stopifnot(identical(m[["t"]][c(1e9, NA, 5, 6)], c("last", NA, "five", "")))
    m[["x"]][7, 4] <- 4
    stopifnot(m["x", 7, 4] == 4, x[7, 3] == 3)
    said(x + 1)
    cat("fine")
  }, path = path)
  expect_identical(run, list(lines = c("simpleError ", "fine"), status = 0L))
  m <- mmapdict(path)
  expect_identical(m["x", 7, 1:4], c(1, 2, 3, 4))
  expect_identical(nrow(fsck(m)), 0L)
  expect_lt(file_blocks(path), 1e6)
})
