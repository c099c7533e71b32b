test_that("a sound file has no findings", {
  m <- local_store()
  m[["a"]] <- 1
  m[["x"]] <- matrix(1:6, 2)
  report <- fsck(path_of(m))
  expect_s3_class(report, c("mmappickle_fsck", "data.frame"), exact = TRUE)
  expect_identical(nrow(report), 0L)
  expect_identical(names(report), c("at", "bytes", "key", "problem", "action", "harmful"))
  expect_identical(attr(report, "keys"), 2)
  expect_false(attr(report, "repaired"))
  expect_identical(nrow(fsck(m)), 0L)
  expect_output(print(report), "sound")
})

test_that("a file that was cut off is reported, and repaired when asked", {
  m <- local_store()
  m[["a"]] <- 1
  m[["b"]] <- "two"
  m[["x"]] <- rnorm(100)
  close(m)
  path <- path_of(m)
  bytes <- file_bytes(path)
  for (cut in c(5, 20, 300, 700)) {
    writeBin(head(bytes, -cut), path)
    report <- fsck(path)
    expect_true(any(report$harmful))
    expect_output(print(report), "damaged")
    expect_identical(file_bytes(path), head(bytes, -cut))
    fixed <- suppressWarnings(fsck(path, repair = TRUE))
    expect_true(attr(fixed, "repaired"))
    expect_identical(sum(fsck(path)$harmful), 0L)
    m <- mmapdict(path)
    expect_identical(m[["a"]], 1)
    expect_identical(m[["b"]], "two")
    m[["c"]] <- 3
    close(m)
  }
})

test_that("what is no mmapdict is an error", {
  path <- withr::local_tempfile(lines = "text")
  expect_kind(fsck(path), "format")
  expect_kind(fsck(tempfile()), "io")
  expect_kind(fsck(1), "value")
  expect_kind(fsck(path, repair = "yes"), "value")
})

test_that("a report prints its findings", {
  report <- structure(
    list(at = c(24, 100), bytes = c(10, 20), key = c("", "k"),
         problem = c("The frame ends beyond the file.", "An array of the old form."),
         action = c("Cut the file.", ""), harmful = c(TRUE, FALSE)),
    class = c("mmappickle_fsck", "data.frame"), row.names = 1:2,
    path = "a.mmdpickle", keys = 3, repaired = FALSE
  )
  expect_snapshot(print(report))
})

test_that("pickle.load reads a file that was repaired, and one written to after that", {
  require_python()
  skip_if_not_installed("jsonlite")
  m <- local_store()
  m[["a"]] <- 1
  m[["x"]] <- rnorm(10)
  m[["b"]] <- "two"
  m[["y"]] <- rnorm(20)
  close(m)
  path <- path_of(m)
  bytes <- file_bytes(path)
  for (size in seq(120, length(bytes) - 1, by = 37)) {
    writeBin(head(bytes, size), path)
    suppressWarnings(fsck(path, repair = TRUE))
    m <- mmapdict(path)
    keys <- names(m)
    expect_identical(names(python_describe(path)) %||% character(), keys, label = size)
    m[["new"]] <- c(1, 2)
    close(m)
    expect_identical(names(python_describe(path)), c(keys, "new"), label = size)
  }
})
