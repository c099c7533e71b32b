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
    said(vacuum(m))
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
