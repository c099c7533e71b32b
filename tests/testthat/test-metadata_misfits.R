# R metadata that does not fit its value: ignored, with a warning, and R can do with the
# value whatever it does with others.

lying <- function(value, metadata) {
  x <- NULL
  expect_warning(
    x <- read_pickle(with_metadata(lying_values[[value]], metadata)),
    class = "mmappickle_warning_metadata"
  )
  x
}

rows_of <- function(n) list(is = n, meta = list(type = "row.names"))

test_that("a data frame has no more rows than its columns have items", {
  plain <- list(a = 1:2, b = c("x", "y", "z"))
  for (n in list(-2147483647L, 2147483647L, -4L)) {
    claim <- attributes_that_lie(class = "data.frame", row.names = rows_of(n))
    expect_identical(lying("dict", claim), plain)
  }
  class <- list("tbl_df", "tbl", "data.frame")
  claim <- attributes_that_lie(row.names = rows_of(-2147483647L), class = class)
  expect_identical(lying("dict", claim), plain)
  claim <- attributes_that_lie(class = "data.frame", row.names = rows_of(-4L))
  expect_identical(lying("ints", claim), c(1L, 2L, 99L))
})

test_that("data frames of any columns come back", {
  frames <- list(
    data.frame(), data.frame(row.names = 1:3), data.frame(a = 1:3, row.names = c("x", "y", "z")),
    data.frame(a = integer()), datasets::mtcars, datasets::iris[0L, ],
    data.frame(a = I(list(1, "b")), m = I(matrix(1:4, 2L))),
    local({
      x <- data.frame(a = 1:2)
      x$lt <- as.POSIXlt(c("2024-01-01", "2024-01-02"), tz = "UTC")
      x$frame <- data.frame(b = 3:4, c = c("x", NA))
      x$version <- numeric_version(c("1.2.3", "1"))
      x
    })
  )
  for (x in frames) {
    read <- NULL
    expect_no_warning(read <- read_pickle(write_pickle(x)))
    expect_identical(read, x)
  }
})

test_that("what is no factor stays what it is", {
  expect_identical(lying("ints", list(type = "factor")), c(1L, 2L, 99L))
  expect_identical(lying("doubles", list(type = "factor")), c(1.5, -1e300, 3))
  expect_identical(lying("texts", list(type = "factor")), c("a", "b", "c"))
})

test_that("calls have no dimensions", {
  claim <- c(list(type = "call"), attributes_that_lie(dim = 3L))
  x <- attr(lying("ints", attributes_that_lie(u = list(is = list(1L, 2L, 99L), meta = claim))), "u")
  expect_type(x, "language")
  expect_null(attributes(x))
})

test_that("names of classes and of time zones are of a length that R can take", {
  expect_identical(lying("ints", attributes_that_lie(class = strrep("x", 401L))), c(1L, 2L, 99L))
  x <- structure(1:3, class = strrep("x", 400L))
  expect_identical(read_pickle(write_pickle(x)), x)
  expect_output(print(x))
  x <- lying("doubles", attributes_that_lie(
    class = list("POSIXct", "POSIXt"), tzone = strrep("x", 300L)
  ))
  expect_null(attr(x, "tzone"))
  expect_type(format(x), "character")
})

test_that("no value of a file is what the package marks for writing", {
  for (class in c("ndarray", "empty_ndarray", "mmarray")) {
    for (value in c("ints", "dict", "text")) {
      x <- lying(value, attributes_that_lie(class = class))
      expect_null(attr(x, "class"))
      expect_identical(read_pickle(write_pickle(x)), x)
    }
  }
})
