test_that("r_object() stores what nothing else can, and opens it only when asked", {
  m <- local_store()
  f <- function(x) x + 1
  m[["f"]] <- r_object(f)
  m[["nested"]] <- list(model = r_object(quote(stop("evaluated"))), n = 1)
  closed <- m[["f"]]
  expect_s3_class(closed, "r_object")
  expect_true(is.raw(closed))
  model <- r_object(list(1, quote(a + b)))
  m[["model"]] <- model
  expect_identical(m[["model"]], model)
  expect_identical(unserialize_r_object(closed)(1), 2)
  expect_identical(unserialize_r_object(m[["nested"]]$model), quote(stop("evaluated")))
  expect_snapshot(print(structure(raw(2000), class = "r_object")))
})

test_that("only an r_object is opened", {
  expect_kind(unserialize_r_object(serialize(1, NULL)), "value")
  expect_kind(unserialize_r_object(structure(list(), class = "r_object")), "value")
})

test_that("Python sees bytes", {
  require_python()
  skip_if_not_installed("jsonlite")
  m <- local_store()
  x <- r_object(1:3)
  m[["x"]] <- x
  got <- python_describe(path_of(m))
  expect_identical(got$x$t, "bytes")
  expect_identical(got$x$hex, raw_hex(unclass(x)))
})
