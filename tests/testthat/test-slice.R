# Every subscript is compared with R's own `[` on the same array in memory.

test_that("slices of matrices and arrays are R's", {
  for (dims in c("same", "reversed")) for (order in c("C", "F")) {
    m <- local_store(dims = dims, order = order)
    x <- array(as.double(1:60), c(3, 4, 5))
    m[["x"]] <- x
    check <- function(...) expect_identical(m["x", ...], x[...])
    check(1, 2, 3)
    check(, , )
    check(1, , )
    check(, 2, )
    check(, , 5)
    check(2:3, , 1)
    check(c(3, 1), c(4, 2), c(1, 1))
    check(-1, , 2)
    check(c(-1, -3), -2, )
    check(0, , )
    check(c(0, 2), 1, 1)
    check(TRUE, FALSE, TRUE)
    check(c(TRUE, FALSE, TRUE), c(TRUE, FALSE), )
    check(integer(), , )
    check(NULL, , )
    check(1, , , drop = FALSE)
    check(1, 1, , drop = FALSE)
    check(1, 1, 1, drop = FALSE)
    check(2.9, 1.2, 4.99)
    check(-1.9, , )
    check(3:1, 4:1, 5:1)
  }
})

test_that("linear, matrix and logical subscripts of arrays are R's", {
  for (dims in c("same", "reversed")) {
    m <- local_store(dims = dims)
    x <- matrix(as.double(1:12), 3)
    m[["x"]] <- x
    check <- function(...) expect_identical(m["x", ...], x[...])
    expect_identical(m["x", ], x)
    check(5)
    check(12:1)
    check(-(1:3))
    check(c(0, 7))
    check(x > 6)
    check(c(TRUE, FALSE))
    check(cbind(1:3, c(4, 1, 2)))
    check(cbind(c(1, 0, 3), 2))
    check(rbind(c(3, 4)))
    check(matrix(1:3, 1))
    check(matrix(1:6, 2))
    check(TRUE)
    check(NULL)
  }
})

test_that("slices of vectors are R's", {
  m <- local_store()
  x <- c(a = 1, b = 2, c = 3)
  m[["x"]] <- x
  check <- function(...) expect_identical(m["x", ...], x[...])
  check(2)
  expect_identical(m["x", ], x)
  check("b")
  check(c("c", "a", "c"))
  check(-2)
  check(c(TRUE, FALSE, TRUE))
  check(TRUE)
  check(0)
  check(c(3, 3, 1))
  check(matrix(1:2, 1))
})

test_that("dim names select and are kept as by R", {
  m <- local_store()
  x <- matrix(1:6, 2, dimnames = list(row = c("a", "b"), col = c("x", "y", "z")))
  m[["x"]] <- x
  check <- function(...) expect_identical(m["x", ...], x[...])
  check("a", )
  check(, "z")
  check("b", c("z", "x"))
  check(1, 1)
  check(1, 1, drop = FALSE)
  check(, "x", drop = FALSE)
  check(-1, )
  check(, c(TRUE, FALSE, TRUE))
  check(cbind("a", "z"))
  expect_kind(m["x", "c", ], "index")
  expect_kind(m["x", , NA_character_], "index")
  expect_kind(m["x", , ""], "index")
  expect_kind(m["x", cbind("a", "w")], "index")
  y <- array(1:8, c(2, 2, 2), list(NULL, c("p", "q"), NULL))
  m[["x"]] <- y
  expect_identical(m["x", 1, , 1], y[1, , 1])
  expect_identical(m["x", 1, "p", 1], y[1, "p", 1])
})

test_that("a scalar array and empty arrays have slices", {
  m <- local_store()
  m[["zero"]] <- empty_ndarray(c(0, 3))
  m[["none"]] <- double()
  expect_identical(m["zero", , ], matrix(0, 0, 3))
  expect_identical(m["zero", , 2], double())
  expect_identical(m["none", ], double())
  expect_kind(m["none", 1], "index")
  m["zero", , 1] <- 5
  scalar <- mmapdict(fixture("portable.mmdpickle"), readonly = TRUE)
  withr::defer(close(scalar))
  table <- entries(scalar)
  rank0 <- table$key[lengths(table$shape) == 0 & !is.na(table$dtype)]
  expect_gt(length(rank0), 0)
  expect_identical(scalar[rank0[[1]], 1], scalar[[rank0[[1]]]][1])
  expect_identical(scalar[rank0[[1]], ], scalar[[rank0[[1]]]][])
})

test_that("slices are written as by R's [<-", {
  for (dims in c("same", "reversed")) for (order in c("C", "F")) {
    m <- local_store(dims = dims, order = order)
    x <- array(0, c(3, 4, 5))
    m[["x"]] <- x
    x[2, 3, 4] <- 1
    m["x", 2, 3, 4] <- 1
    x[1, , ] <- 1:20
    m["x", 1, , ] <- 1:20
    x[, -1, c(TRUE, FALSE)] <- c(7, 8, 9)
    m["x", , -1, c(TRUE, FALSE)] <- c(7, 8, 9)
    x[c(3, 1), 2, 5:4] <- 1:4
    m["x", c(3, 1), 2, 5:4] <- 1:4
    x[60:58] <- c(-1, -2, -3)
    m["x", 60:58] <- c(-1, -2, -3)
    x[cbind(1:3, 1, 1)] <- c(11, 12, 13)
    m["x", cbind(1:3, 1, 1)] <- c(11, 12, 13)
    x[x == 7] <- 70
    m["x", m[["x"]] == 7] <- 70
    expect_identical(m[["x"]][], x[])
    x[] <- 1:30
    m["x", ] <- 1:30
    expect_identical(m[["x"]][], x[])
    x[2, 2, 2] <- NA
    m["x", 2, 2, 2] <- NA
    x[integer(), , ] <- 5
    m["x", integer(), , ] <- 5
    expect_identical(m[["x"]][], x[])
  }
})

test_that("a subscript that repeats: the last value stays", {
  m <- local_store()
  m[["v"]] <- c(0, 0)
  m["v", c(1, 1, 2)] <- c(5, 6, 7)
  expect_identical(m[["v"]][], c(6, 7))
})

test_that("a slice keeps dtype, shape and place; only its bytes change", {
  m <- local_store()
  m[["x"]] <- ndarray(1:5, "int16")
  before <- file_bytes(path_of(m))
  table <- entries(m)
  m["x", 2:3] <- c(100L, -200L)
  after <- file_bytes(path_of(m))
  changed <- which(before != after)
  expect_true(all(changed > table$offset + 2 & changed <= table$offset + 6))
  expect_identical(entries(m), table)
  expect_identical(m[["x"]][], c(1L, 100L, -200L, 4L, 5L))
})

test_that("what does not fit is an error of kind value, and nothing is written", {
  m <- local_store()
  m[["u8"]] <- ndarray(1:3, "uint8")
  m[["i4"]] <- 1:3
  m[["b"]] <- c(TRUE, FALSE, TRUE)
  m[["f4"]] <- ndarray(c(1, 2, 3), "float32")
  m[["s"]] <- ndarray(c("a", "bcd"), "<U3")
  m[["f8"]] <- matrix(1:4 + 0.5, 2)
  before <- file_bytes(path_of(m))
  expect_kind(m["u8", 1] <- 256, "value")
  expect_kind(m["u8", 1] <- -1, "value")
  expect_kind(m["u8", 1] <- 1.5, "value")
  expect_kind(m["u8", 1:2] <- c(1, NA), "value")
  expect_kind(m["u8", 1] <- "a", "value")
  expect_kind(m["i4", 1] <- 2^31, "value")
  expect_kind(m["i4", 1] <- NA, "value")
  expect_kind(m["b", 1] <- NA, "value")
  expect_kind(m["b", 1] <- 2L, "value")
  expect_kind(m["s", 1] <- "long", "value")
  expect_kind(m["s", 1] <- 1, "value")
  expect_kind(m["f8", 1, ] <- 1:3, "value")
  expect_kind(m["f8", 1:3] <- 1:2, "value")
  expect_kind(m["f8", 1] <- 1:2, "value")
  expect_kind(m["f8", 1] <- numeric(), "value")
  expect_kind(m["f8", 1] <- NULL, "value")
  expect_kind(m["f8", 1] <- list(1), "value")
  expect_kind(m["f8", 1] <- "1", "value")
  expect_kind(m["f8", 1] <- 1i, "value")
  expect_kind(m["f8", 1] <- factor("a"), "value")
  expect_kind(m["f8", 1] <- sum, "value")
  expect_identical(file_bytes(path_of(m)), before)
  m["u8", 1] <- 255
  m["f4", 1] <- 0.1
  expect_identical(m[["u8"]][], c(255L, 2L, 3L))
  expect_equal(m[["f4"]][1], 0.1, tolerance = 1e-7)
})

test_that("NA in masked arrays sets the mask, a value clears it", {
  m <- local_store()
  m[["x"]] <- c(1L, NA, 3L)
  m["x", 1] <- NA
  expect_identical(m[["x"]][], c(NA, NA, 3L))
  m["x", 1:2] <- 8:9
  expect_identical(m[["x"]][], c(8L, 9L, 3L))
  expect_identical(entries(m)$kind, "masked")
})

test_that("dates are written as dates, NA as NaT", {
  m <- mmapdict(fixture_copy("dtypes.mmdpickle"))
  withr::defer(close(m))
  table <- entries(m)
  day <- table$key[table$dtype %in% "datetime64[D]"][[1]]
  m[day, 1] <- as.Date("2020-02-29")
  expect_identical(format(m[day, 1]), "2020-02-29")
  m[[day]][1] <- NA
  expect_identical(is.na(m[day, 1]), TRUE)
})

test_that("extents of 2^31 and more have slices", {
  m <- local_store()
  m[["huge"]] <- empty_ndarray(c(2, 2^31 + 5), "uint8")
  m["huge", 2, 2^31 + 4] <- 7
  expect_identical(m["huge", , 2^31 + 3:5], matrix(c(0L, 0L, 0L, 7L, 0L, 0L), 2))
  expect_identical(m["huge", 2 * (2^31 + 4)], 7L)
  expect_kind(m["huge", 1, 2^31 + 6], "index")
  expect_kind(m[["huge"]], "limit")
})

test_that("a slice reads no more than it needs", {
  m <- local_store()
  m[["huge"]] <- empty_ndarray(c(1e6, 1e6))
  expect_identical(m["huge", c(1, 1e6), c(1, 5e5, 1e6)], matrix(0, 2, 3))
  m["huge", 1e6, 1e6] <- 1
  expect_identical(m["huge", 1e6, 1e6], 1)
})

test_that("an mmarray or a view can be the value of a slice", {
  m <- local_store()
  m[["x"]] <- matrix(1:4, 2)
  m[["y"]] <- matrix(0L, 2, 2)
  m["y", ] <- m[["x"]]
  expect_identical(m[["y"]][], matrix(1:4, 2))
  m["y", ] <- 0L
  m["y", ] <- mmarray(m, "x")
  expect_identical(m[["y"]][], matrix(1:4, 2))
})
