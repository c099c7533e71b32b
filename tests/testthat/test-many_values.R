# Many values of a kind, one after the other: what one leaves behind is not the next one's.

test_that("records come back with their own names, whatever those before them had", {
  set.seed(29)
  names_of <- list(
    c("a", "b"), c("b", "a"), c("a", "c"), c("a", "b", "c"), "a", "b", NULL, c("x", "y")
  )
  record <- function(depth) {
    names <- sample(names_of, 1)[[1]]
    values <- lapply(seq_len(max(1, length(names))), function(i) {
      if (depth > 0 && runif(1) < 0.3) return(record(depth - 1))
      sample(list(i, i / 2, paste("text", i), TRUE, list(), NULL, c(1.5, 2)), 1)[[1]]
    })
    if (is.null(names)) values else stats::setNames(values, names)
  }
  for (round in 1:40) {
    value <- lapply(1:20, function(i) record(3))
    value <- c(value, rev(value))
    expect_identical(read_pickle(write_pickle(value, NULL)), value)
  }
})

test_that("a string is stored once, however many there are beside it", {
  once <- c(sprintf("text %d", 1:30000), "\u00e4", NA, "")
  pickle <- write_pickle(once, NULL)
  twice <- write_pickle(c(once, rev(once)), NULL)
  expect_identical(read_pickle(twice), c(once, rev(once)))
  # The second time a number of the memo, and the first time that the number is given.
  expect_lt(length(twice), length(pickle) + 2 * 5 * length(once) + 1000)
})

test_that("strings in matrices stand in Python's order, each once", {
  x <- matrix(sprintf("text %d", c(1:6, 1:6)), 3)
  m <- mmapdict(withr::local_tempfile(fileext = ".mmdpickle"))
  m[["x"]] <- x
  expect_identical(m[["x"]], x)
  close(m)
})
