ns <- asNamespace("mmappickle")

test_that("bits are those of src/r/options.h", {
  bits <- function(dims = "same", order = "C", int64 = "double", uint8 = "integer",
                   simplify = FALSE, trusted = NA) {
    ns$flag_bits(dims, order, int64, uint8, simplify, trusted)
  }
  expect_identical(bits(), 0L)
  expect_identical(bits(dims = "reversed"), 1L)
  expect_identical(bits(uint8 = "raw"), 4L)
  expect_identical(bits(simplify = TRUE), 8L)
  expect_identical(bits(order = "F"), 16L)
  expect_identical(bits(trusted = TRUE), 32L)
  expect_identical(bits(trusted = FALSE), 64L)
  skip_if_not_installed("bit64")
  expect_identical(bits(int64 = "integer64"), 2L)
})

test_that("options of one read change only what they name", {
  m <- local_store(dims = "reversed", uint8 = "raw", order = "F")
  flags <- asNamespace("mmappickle")$own(m, ".flags")
  expect_identical(ns$flags_with(m), flags)
  expect_identical(ns$flags_with(m, dims = "same"), flags - 1L)
  expect_identical(ns$flags_with(m, uint8 = "integer"), flags - 4L)
  expect_identical(ns$flags_with(m, simplify = FALSE), flags - 8L)
  expect_identical(ns$flags_with(m, trusted = TRUE), flags + 32L)
})

test_that("options of a handle reach what it reads and writes", {
  m <- local_store(uint8 = "raw", simplify = FALSE, order = "F")
  m[["u"]] <- ndarray(1:3, "uint8")
  expect_identical(m[["u"]][], as.raw(1:3))
  m[["x"]] <- matrix(1:6, 2)
  expect_identical(entries(m)$order[[2]], "F")
  path <- path_of(m)
  plain <- mmapdict(path, readonly = TRUE)
  withr::defer(close(plain))
  expect_identical(plain[["u"]][], 1:3)
  expect_identical(plain[["x"]][], matrix(1:6, 2))
})

test_that("int64 arrays are doubles or integer64", {
  skip_if_not_installed("bit64")
  m <- local_store(int64 = "integer64")
  m[["i"]] <- ndarray(c(1, -2), "int64")
  expect_identical(m[["i"]][1:2], bit64::as.integer64(c(1, -2)))
  m[["i"]][1] <- bit64::as.integer64("9007199254740993")
  expect_identical(as.character(m[["i"]][1]), "9007199254740993")
  plain <- mmapdict(path_of(m), readonly = TRUE)
  withr::defer(close(plain))
  x <- plain[["i"]]
  expect_warning(
    {
      x[1]
      plain[["i"]]
    },
    class = "mmappickle_warning_precision"
  )
})
