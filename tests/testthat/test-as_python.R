# How classes of the user's are stored.

local_method <- function(class, method, .local_envir = parent.frame()) {
  table <- asNamespace("mmappickle")[[".__S3MethodsTable__."]]
  name <- paste0("as_python.", class)
  assign(name, method, envir = table)
  withr::defer(rm(list = name, envir = table), envir = .local_envir)
}

test_that("a method says what is stored, at any depth, and the result is not asked again", {
  local_method("my_points", function(x, ...) {
    structure(list(n = length(unclass(x)), again = TRUE), class = "my_points")
  })
  points <- structure(list(1, 2, 3), class = "my_points")
  m <- local_store()
  m[["a"]] <- points
  stored <- structure(list(n = 3L, again = TRUE), class = "my_points")
  expect_identical(m[["a"]], stored)
  m[["b"]] <- list(x = 1, y = list(points))
  expect_identical(m[["b"]], list(x = 1, y = list(stored)))
  m[["c"]] <- structure(1:2, where = points)
  expect_identical(attr(m[["c"]], "where"), stored)
})

test_that("what is no vector can be stored by a method", {
  local_method("function", function(x, ...) paste(deparse(x), collapse = "\n"))
  local_method("environment", function(x, ...) sort(ls(x)))
  local_method("call", function(x, ...) deparse(x))
  e <- new.env()
  assign("v", 1, e)
  m <- local_store()
  m[["f"]] <- list(f = function(x) x + 1, e = e, call = quote(stop("evaluated")))
  value <- m[["f"]]
  expect_match(value$f, "x + 1", fixed = TRUE)
  expect_identical(value$e, "v")
  expect_identical(value$call, "stop(\"evaluated\")")
})

test_that("S4 objects are stored by a method for one of their classes", {
  methods::setClass("ZooBase", representation(x = "numeric"), where = environment())
  methods::setClass("Zoo", contains = "ZooBase", where = environment())
  object <- methods::new("Zoo", x = c(1, 2))
  m <- local_store()
  expect_kind(m[["s4"]] <- object, "value")
  local_method("ZooBase", function(x, ...) list(x = x@x))
  m[["s4"]] <- object
  expect_identical(m[["s4"]], list(x = c(1, 2)))
})

test_that("an error of a method passes, and nothing is written", {
  local_method("my_points", function(x, ...) stop("no such points"))
  m <- local_store()
  m[["a"]] <- 1
  expect_unchanged_file(m, {
    expect_error(m[["a"]] <- structure(list(), class = "my_points"), "no such points")
  })
  expect_identical(m[["a"]], 1)
})

test_that("without a method nothing but vectors is stored, and the place is named", {
  m <- local_store()
  for (x in list(mean, new.env(), quote(a + b), quote(a), expression(a), y ~ x)) {
    error <- expect_kind(m[["a"]] <- list(b = list(1, x)), "value")
    expect_match(conditionMessage(error), "m$a$b[[2]]", fixed = TRUE)
  }
  expect_length(m, 0L)
})

test_that("POSIXct alone knows the offset of its zone", {
  expect_identical(utc_offset(as.POSIXct("2020-07-01", tz = "Europe/Zurich")), 7200)
  expect_identical(utc_offset(as.POSIXct("2020-01-01", tz = "America/New_York")), -18000)
  expect_identical(utc_offset(.POSIXct(0, "UTC")), 0)
})

test_that("data.table's pointer to itself is set anew", {
  skip_if_not_installed("data.table")
  x <- data.table::data.table(a = 1:3, b = letters[1:3])
  m <- local_store()
  m[["x"]] <- x
  value <- m[["x"]]
  expect_identical(value, x)
  expect_silent(data.table::set(value, j = "c", value = 4:6))
  expect_identical(value$c, 4:6)
  expect_identical(names(m[["x"]]), c("a", "b"))
})

test_that("columns of a data.table keep the names that data.table would take away", {
  skip_if_not_installed("data.table")
  x <- data.table::data.table(a = 1:3)
  x[["list"]] <- list(p = 1, q = "x", r = 2)
  x[["table"]] <- data.table::data.table(b = 1:3, c = c(0.5, 1, 2))
  x[["frame"]] <- data.frame(d = 1:3)
  m <- local_store()
  m[["x"]] <- list(x, x)
  for (value in m[["x"]]) {
    expect_identical(lapply(value, names), lapply(x, names))
    expect_silent(data.table::set(value, j = "e", value = 4:6))
    expect_silent(data.table::set(value[["table"]], j = "e", value = 4:6))
    expect_named(value[["table"]], c("b", "c", "e"))
  }
})

test_that("a tibble comes back as one, its columns mapped", {
  skip_if_not_installed("tibble")
  x <- tibble::tibble(a = c(1, 2), b = list(1L, "x"), c = factor(c("u", NA)))
  m <- local_store()
  m[["x"]] <- x
  expect_identical(m[["x"]], x)
  expect_identical(tibble::add_column(m[["x"]], d = 1:2), tibble::add_column(x, d = 1:2))
  expect_true(is_view(m[["x"]]$a))
})
