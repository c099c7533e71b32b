test_that("a handle prints its state and its keys", {
  m <- local_store()
  m[["x"]] <- matrix(as.double(1:6), 2)
  m[["masked"]] <- c(1L, NA, 3L)
  m[["u8"]] <- ndarray(1:3, "uint8")
  m[["text"]] <- "value"
  m[["gone"]] <- 1
  m[["gone"]] <- NULL
  expect_snapshot({
    m
    cat(format(m))
    str(m)
    str(list(m = m))
    summary(m)
    list(m)
  }, transform = without_paths)
})

test_that("many keys are cut off", {
  m <- local_store()
  for (i in 1:25) m[[paste0("key", i)]] <- i
  lines <- capture.output(print(m))
  expect_length(lines, 23)
  expect_match(lines[[23]], "and 5 more")
  expect_length(capture.output(print(m, n = 3)), 6)
  expect_invisible(print(m))
})

test_that("printing never fails, in any state of a handle", {
  path <- new_path()
  m <- mmapdict(path)
  expect_output(print(m), "0 keys")
  r <- mmapdict(path, readonly = TRUE)
  expect_output(print(r), "read-only")
  saved <- serialize(m, NULL)
  expect_output(print(unserialize(saved)), "0 keys")
  close(m)
  close(r)
  for (closed in list(m, r)) {
    expect_output(print(closed), "closed")
    expect_match(format(closed), "closed")
    expect_output(str(closed), "closed")
  }
  unlink(path)
  gone <- unserialize(saved)
  expect_output(print(gone), "mmapdict")
  expect_match(format(gone), "mmapdict")
  expect_output(str(gone), "mmapdict")
  m <- mmapdict(path)
  writeBin(charToRaw("rubbish"), path)
  expect_output(print(m), "mmapdict")
  expect_output(str(m), "mmapdict")
  close(m)
})

test_that("every fixture prints", {
  for (name in names(described_fixtures())) {
    m <- mmapdict(fixture(name), readonly = TRUE)
    lines <- capture.output(print(m), str(m), print(summary(m)))
    expect_gt(length(lines), 3)
    for (key in head(names(m), 60)) {
      value <- tryCatch(suppressWarnings(m[[key]]), mmappickle_error = identity)
      if (inherits(value, c("python_object", "python_dict"))) {
        expect_output(print(value), "<python_")
        expect_output(str(value), "<python_")
      }
    }
    close(m)
  }
})

test_that("sizes and shapes are told in short", {
  ns <- asNamespace("mmappickle")
  expect_identical(ns$format_bytes(0), "0 B")
  expect_identical(ns$format_bytes(999), "999 B")
  expect_identical(ns$format_bytes(1000), "1 kB")
  expect_identical(ns$format_bytes(216e6), "216 MB")
  expect_identical(ns$format_bytes(1.5e12), "1.5 TB")
  expect_identical(ns$format_shape(c(2, 3)), "[2 x 3]")
  expect_identical(ns$format_shape(numeric()), "[]")
  expect_identical(ns$format_shape(2^31), "[2,147,483,648]")
})
