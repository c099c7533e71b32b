test_that("values are read by [[, $, and [", {
  m <- local_store()
  m[["a"]] <- 1
  m[["b"]] <- "text"
  expect_identical(m[["a"]], 1)
  expect_identical(m$b, "text")
  expect_identical(m["a"], list(a = 1))
  expect_identical(m[c("b", "a", "b")], list(b = "text", a = 1, b = "text"))
  expect_identical(m[character()], structure(list(), names = character()))
  expect_identical(m[], list(a = 1, b = "text"))
})

test_that("a missing key is an error, for $ and [, too, and names near ones", {
  m <- local_store()
  m[["temperature"]] <- 1
  expect_kind(m[["temprature"]], "key")
  expect_kind(m$temprature, "key")
  expect_kind(m["temprature"], "key")
  expect_error(m[["temprature"]], "temperature")
  expect_kind(m[["b"]] <- m$typo, "key")
})

test_that("names are never completed", {
  m <- local_store()
  m[["alpha"]] <- 1
  expect_kind(m$al, "key")
  expect_kind(m[["al"]], "key")
  expect_kind(m[["al", exact = FALSE]], "key")
})

test_that("fields of the handle are not reached by $ or [[", {
  m <- local_store()
  for (field in c(".ptr", ".path", ".flags", ".closed")) {
    expect_kind(m[[field]], "key")
  }
  expect_kind(m$.ptr, "key")
  m$.ptr <- 5
  expect_identical(m$.ptr, 5)
  expect_identical(names(m), ".ptr")
})

test_that("wrong keys are errors with a class", {
  m <- local_store()
  m[["a"]] <- 1
  for (wrong in list(NA_character_, c("a", "b"), character(), list("a"), NULL, sum, quote(a))) {
    expect_error(m[[wrong]], class = "mmappickle_error")
    expect_error(m[[wrong]] <- 1, class = "mmappickle_error_key")
    expect_error(m[[wrong]] <- NULL, class = "mmappickle_error_key")
  }
  expect_kind(m[["a", "b"]], "index")
  expect_kind(m[["a", 1]], "index")
  expect_kind(m[["a", 1]] <- 2, "index")
  expect_kind(m[[]], "key")
  expect_kind(m[[]] <- 1, "key")
  expect_kind(m[NA_character_], "key")
  expect_kind(m[[factor("a")]], "index")
  expect_identical(as.list(m), list(a = 1))
})

test_that("reading by position and logical is over the names", {
  m <- local_store()
  m[c("a", "b", "c")] <- list(1, 2, 3)
  expect_identical(m[[2]], 2)
  expect_identical(m[2:3], list(b = 2, c = 3))
  expect_identical(m[-1], list(b = 2, c = 3))
  expect_identical(m[c(TRUE, FALSE, TRUE)], list(a = 1, c = 3))
  expect_identical(m[TRUE], as.list(m))
  expect_identical(m[0], structure(list(), names = character()))
  expect_identical(m[[c(FALSE, TRUE, FALSE)]], 2)
  expect_kind(m[[4]], "index")
  expect_kind(m[[1:2]], "index")
  expect_kind(m[[TRUE]], "index")
  expect_kind(m[[NA]], "index")
  expect_kind(m[4], "index")
  expect_kind(m[c(1, NA)], "index")
})

test_that("assignment is by name only", {
  m <- local_store()
  m[["a"]] <- 1
  expect_kind(m[[1]] <- 2, "key")
  expect_kind(m[1] <- list(2), "key")
  expect_kind(m[TRUE] <- list(2), "key")
  expect_kind(m[] <- list(2), "key")
  expect_kind(m[[1]][1] <- 2, "key")
  expect_identical(m[["a"]], 1)
})

test_that("R's functions for lists work", {
  m <- local_store()
  m[c("a", "b", "c")] <- list(1, 2, 3)
  expect_identical(as.list(m), list(a = 1, b = 2, c = 3))
  expect_identical(lapply(m, function(x) x + 1), list(a = 2, b = 3, c = 4))
  expect_identical(sapply(m, identity), c(a = 1, b = 2, c = 3))
  expect_identical(vapply(m, identity, 0), c(a = 1, b = 2, c = 3))
  expect_identical(Filter(function(x) x > 1, m), list(b = 2, c = 3))
  expect_identical(unname(Map(function(x, y) x * y, m, 1:3)), list(1, 4, 9))
  expect_identical(head(m, 2), list(a = 1, b = 2))
  expect_identical(rev(m), list(c = 3, b = 2, a = 1))
  expect_identical(c(m, m), list(m, m))
  seen <- character()
  for (k in names(m)) seen <- c(seen, paste(k, m[[k]]))
  expect_identical(seen, c("a 1", "b 2", "c 3"))
})

test_that("names, length and completion follow the file", {
  m <- local_store()
  expect_identical(names(m), character())
  expect_identical(length(m), 0L)
  for (k in c("beta", "alpha", "all")) m[[k]] <- 1
  expect_identical(names(m), c("beta", "alpha", "all"))
  expect_identical(length(m), 3L)
  expect_identical(utils::.DollarNames(m, "^al"), c("alpha", "all"))
  m[["beta"]] <- 2
  expect_identical(names(m), c("alpha", "all", "beta"))
})

test_that("with() reads what is used, when it is used", {
  m <- local_store()
  m[["a"]] <- c(1, 2, 3)
  m[["b"]] <- 10
  outside <- 5
  expect_identical(with(m, sum(a) + b + outside), 21)
  expect_identical(with(m, {
    a <- 0
    a + b
  }), 10)
  expect_identical(m[["a"]][], c(1, 2, 3))
  expect_error(with(m, absent), "absent")
  f <- function(a) with(m, a)
  expect_identical(f(0)[], c(1, 2, 3))
})

test_that("mmap_get() has a default and options for one read", {
  m <- local_store()
  m[["m"]] <- matrix(1:6, 2)
  m[["u"]] <- ndarray(1:3, "uint8")
  m[["i"]] <- ndarray(c(1, 2), "int64")
  m[["l"]] <- list(1L, 2L)
  expect_identical(mmap_get(m, "absent", default = "d"), "d")
  expect_identical(mmap_get(m, "m", default = stop("not evaluated"))[], matrix(1:6, 2))
  # A reader of one's own that misses another key.
  fails <- list("decimal.Decimal" = function(object) mmap_get(m, "another"))
  m[["number"]] <- python_object("decimal.Decimal", list("1"))
  expect_kind(mmap_get(m, "number", default = 1, readers = fails), "key")
  expect_kind(mmap_get(m, "absent"), "key")
  expect_kind(mmap_get(m, NA_character_, default = 1), "key")
  expect_identical(dim(mmap_get(m, "m", dims = "reversed")), c(3L, 2L))
  expect_identical(mmap_get(m, "u", uint8 = "raw")[], as.raw(1:3))
  expect_kind(mmap_get(m, "u", uint8 = "other"), "value")
  expect_identical(mmap_get(m, "l", simplify = FALSE), list(1L, 2L))
  skip_if_not_installed("bit64")
  expect_identical(mmap_get(m, "i", int64 = "integer64")[1], bit64::as.integer64(1))
  expect_identical(m[["i"]][], c(1, 2))
})

test_that("has_key() takes several keys", {
  m <- local_store()
  m[["a"]] <- 1
  expect_identical(has_key(m, "a"), TRUE)
  expect_identical(has_key(m, c("a", "b")), c(TRUE, FALSE))
  expect_identical(has_key(m, character()), logical())
  expect_identical(has_key(m, charToRaw("a")), TRUE)
  expect_kind(has_key(m, 1), "key")
  expect_kind(has_key(m, NA_character_), "key")
})

test_that("odd keys are reached", {
  m <- mmapdict(fixture_copy("keys.mmdpickle"))
  withr::defer(close(m))
  values <- as.list(m)
  expect_identical(names(values), names(m))
  package <- asNamespace("mmappickle")
  with_nul <- package$store_keys_raw(package$own(m, ".ptr"))
  with_nul <- Filter(function(k) any(k == 0), with_nul)
  expect_gt(length(with_nul), 0)
  expect_true(has_key(m, with_nul[[1]]))
  at <- match(TRUE, !has_key(m, names(m)))
  expect_identical(m[[with_nul[[1]]]], values[[at]])
  expect_identical(m[[at]], values[[at]])
  n <- length(m)
  m[[with_nul[[1]]]] <- NULL
  expect_identical(length(m), n - 1L)
})

test_that("keys in other encodings are taken as UTF-8", {
  m <- local_store()
  latin <- "\xe9t\xe9"
  Encoding(latin) <- "latin1"
  m[[latin]] <- 1
  expect_identical(names(m), "\u00e9t\u00e9")
  expect_identical(m[["\u00e9t\u00e9"]], 1)
  expect_identical(m[[latin]], 1)
})
