test_that("what is out of range, NA or of the wrong kind is an error of kind index", {
  m <- local_store()
  m[["x"]] <- matrix(1:6, 2)
  m[["v"]] <- c(1, 2, 3)
  m[["s"]] <- "text"
  m[["l"]] <- list(1, "a")
  before <- file_bytes(path_of(m))
  expect_kind(m["x", 3, 1], "index")
  expect_kind(m["x", 1, 4], "index")
  expect_kind(m["x", 7], "index")
  expect_kind(m["v", 4], "index")
  expect_kind(m["v", 2^40], "index")
  expect_kind(m["v", Inf], "index")
  expect_kind(m["v", NA], "index")
  expect_kind(m["v", NA_real_], "index")
  expect_kind(m["v", c(1, NaN)], "index")
  expect_kind(m["v", c(-1, 1)], "index")
  expect_kind(m["v", c(TRUE, FALSE, TRUE, TRUE)], "index")
  expect_kind(m["x", c(TRUE, NA), 1], "index")
  expect_kind(m["x", 1, 1, 1], "index")
  expect_kind(m["v", 1, 1], "index")
  expect_kind(m["x", cbind(1, 5)], "index")
  expect_kind(m["x", cbind(-1, 1)], "index")
  expect_kind(m["x", cbind(NA, 1)], "index")
  expect_kind(m["v", "a"], "index")
  expect_kind(m["x", "a"], "index")
  expect_kind(m["v", factor("a")], "index")
  expect_kind(m["v", list(1)], "index")
  expect_kind(m["v", sum], "index")
  expect_kind(m["v", 1i], "index")
  expect_kind(m["s", 1], "index")
  expect_kind(m["l", 1], "index")
  expect_kind(m["absent", 1], "key")
  expect_kind(m[c("x", "v"), 1], "index")
  expect_kind(m[, 1], "index")
  expect_kind(m[1, 1], "index")
  expect_kind(m[NA_character_, 1], "index")
  expect_kind(m["x", i = 1, 2], "index")
  expect_kind(m["x", 1, 2, exact = TRUE], "index")
  expect_kind(m["x", 1, 2, drop = NA], "value")
  expect_kind(m["v", 4] <- 1, "index")
  expect_kind(m["x", 3, 1] <- 1L, "index")
  expect_kind(m["x", 1, 1, 1] <- 1L, "index")
  expect_kind(m["s", 1] <- "a", "index")
  expect_kind(m[, 1] <- 1, "index")
  expect_kind(m["absent", 1] <- 1, "key")
  expect_kind(m["x", j = 1, 2] <- 1, "index")
  expect_identical(file_bytes(path_of(m)), before)
})

test_that("subscripts of classes are taken by their numbers", {
  m <- local_store()
  m[["v"]] <- c(10, 20, 30)
  expect_identical(m["v", structure(2, class = "mine")], 20)
  skip_if_not_installed("bit64")
  expect_identical(m["v", bit64::as.integer64(3)], 30)
})

test_that("positions are R's, for any subscript and extent", {
  m <- local_store()
  for (extent in c(1, 2, 5)) {
    x <- as.double(seq_len(extent))
    names(x) <- letters[seq_len(extent)]
    m[["x"]] <- x
    for (i in list(1, -1, 0, TRUE, FALSE, c(-1, 0), c(0, 1), -0.5, 1.9, -1.9, -7, integer(),
                   NULL, c(1, 1), -seq_len(extent), rep(TRUE, extent), "a", c("a", "a"), -1e9,
                   seq_len(extent), rev(seq_len(extent)), -extent, c(-1, -extent))) {
      expect_identical(m["x", i], x[i], label = deparse(i))
    }
  }
})

test_that("a left-out subscript is told from a given one, also through functions", {
  f <- function(...) asNamespace("mmappickle")$subscripts(...)
  expect_identical(f(1, , NULL), list(list(1), NULL, list(NULL)))
  expect_identical(f(), list())
  expect_identical(f(, ), list(NULL, NULL))
  m <- local_store()
  m[["x"]] <- matrix(1:6, 2)
  g <- function(m, i, j) m["x", i, j]
  expect_identical(g(m, 1), c(1L, 3L, 5L))
  expect_identical(g(m, , 2), 3:4)
})
