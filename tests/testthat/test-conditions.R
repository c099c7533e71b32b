ns <- asNamespace("mmappickle")

test_that("errors carry their classes and fields", {
  e <- tryCatch(
    ns$raise_error("io", "No space.", "Delete something.", "/a/b", "k", 12, "ENOSPC"),
    error = identity
  )
  expect_s3_class(
    e, c("mmappickle_error_io", "mmappickle_error", "error", "condition"), exact = TRUE
  )
  expect_identical(conditionMessage(e), "No space.\ni Delete something.")
  expect_identical(e$path, "/a/b")
  expect_identical(e$key, "k")
  expect_identical(e$offset, 12)
  expect_identical(e$cause, "ENOSPC")
})

test_that("what is not known is NULL", {
  e <- tryCatch(ns$raise_error("value", "No."), error = identity)
  expect_identical(conditionMessage(e), "No.")
  for (field in c("path", "key", "offset", "cause")) expect_null(e[[field]])
})

test_that("warnings carry their classes", {
  w <- tryCatch(ns$raise_warning("precision", "Rounded."), warning = identity)
  expect_s3_class(
    w, c("mmappickle_warning_precision", "mmappickle_warning", "warning", "condition"),
    exact = TRUE
  )
})

test_that("errors of the store have the path, and the key where it is known", {
  m <- local_store()
  e <- tryCatch(m[["absent"]], error = identity)
  expect_identical(e$path, path_of(m))
  expect_identical(e$key, "absent")
  e <- tryCatch(m[["k"]] <- sum, error = identity)
  expect_identical(e$key, "k")
})

test_that("each abort function raises its kind", {
  for (kind in c("key", "value", "index", "stale")) {
    abort <- ns[[paste0("abort_", kind)]]
    expect_error(abort("words"), "words", class = paste0("mmappickle_error_", kind))
  }
})

# -- the call of an error is the user's ------------------------------------------------------

call_of <- function(code) {
  condition <- tryCatch(code, error = identity)
  expect_s3_class(condition, "mmappickle_error")
  conditionCall(condition)
}

test_that("the call is what was typed, under the user's own names", {
  store <- local_store()
  store$x <- 1:3
  expect_identical(call_of(store$irs), quote(store$irs))
  expect_identical(call_of(store[["irs"]]), quote(store[["irs"]]))
  expect_identical(call_of(store["x", 7]), quote(store["x", 7]))
  expect_identical(call_of(store["x", 2] <- NA), quote(store["x", 2] <- NA))
  expect_identical(call_of(store$x[2] <- NA), quote(store$x[2] <- NA))
  expect_identical(call_of(store[["x"]][9] <- 1), quote(store$x[9] <- 1))
  expect_identical(call_of(store$f <- sum), quote(store$f <- sum))
  expect_identical(call_of(mmap_get(store, 1)), quote(mmap_get(store, 1)))
  expect_identical(call_of(mmappickle::mmap_get(store, 1)),
                   quote(mmappickle::mmap_get(store, 1)))
  expect_identical(call_of(write_pickle(list(sum))), quote(write_pickle(list(sum))))
  expect_identical(call_of(sum(store)), quote(sum(store)))
  expect_identical(call_of(max(store, 1, na.rm = TRUE)), quote(max(store, 1, na.rm = TRUE)))
  expect_identical(call_of(round(store, 1)), quote(round(store, 1)))
  array <- mmarray(store, "x")
  expect_identical(call_of(array[4]), quote(array[4]))
  expect_identical(call_of(array[1] <- "a"), quote(array[1] <- "a"))
})

test_that("base R's loops are the user's call, other people's functions are not", {
  m <- local_store()
  expect_identical(call_of(lapply("irs", mmap_get, m = m)), quote(lapply("irs", mmap_get, m = m)))
  expect_identical(call_of(lapply("irs", function(k) m[[k]])), quote(m[[k]]))
  f <- function(handle, key) {
    handle$tried <- TRUE
    handle[[key]]
  }
  expect_identical(call_of(f(m, "irs")), quote(handle[[key]]))
  g <- function(handle) handle$x <- sum
  expect_identical(call_of(g(m)), quote(handle$x <- sum))
  expect_identical(call_of(eval(quote(m$irs))), quote(m$irs))
  expect_identical(call_of(with(m, m$irs)), quote(m$irs))
  expect_identical(call_of(local(m$irs)), quote(m$irs))
  expect_identical(call_of(tryCatch(m$irs, warning = identity)), quote(m$irs))
})

test_that("no value is shown in full, no promise forced, no active binding asked", {
  m <- local_store()
  call <- call_of(do.call(mmap_get, list(m, as.double(1:1000))))
  expect_lt(sum(nchar(deparse(call))), 100)
  call <- call_of(do.call("mmap_get", list(m, as.double(1:1000))))
  expect_lt(sum(nchar(deparse(call))), 100)
  f <- function(handle, other) {
    makeActiveBinding("active", function() stop("asked"), environment())
    handle$x <- sum
  }
  expect_identical(call_of(f(m, stop("forced"))), quote(handle$x <- sum))
})

test_that("a warning is of that call, too", {
  m <- local_store()
  warned <- tryCatch(m$x <- structure(1, f = sum), warning = identity)
  expect_identical(conditionCall(warned)[[1L]], quote(`<-`))
})

test_that("bullets are cli's, and plain where nothing is coloured", {
  m <- local_store()
  m$iris <- 1
  text <- function() conditionMessage(tryCatch(m$irs, error = identity))
  withr::local_options(cli.num_colors = 1L, cli.unicode = FALSE)
  expect_match(text(), "\ni Did you mean \"iris\"?", fixed = TRUE)
  withr::local_options(cli.unicode = TRUE)
  expect_match(text(), "\n\u2139 Did you mean", fixed = TRUE)
  withr::local_options(cli.num_colors = 256L)
  expect_true(cli::ansi_has_any(text()))
  expect_match(cli::ansi_strip(text()), "\n\u2139 Did you mean", fixed = TRUE)
})

test_that("the first line is the problem, a reason behind it has a bullet, and so have hints", {
  m <- local_store()
  m$x <- 1:3
  said <- function(code) strsplit(conditionMessage(tryCatch(code, error = identity)), "\n")[[1L]]
  expect_identical(said(m["x", 7])[1:2], c("The subscript 7 is out of range.",
                                           "x \"x\" has 3 elements."))
  expect_identical(said(m$k <- list(f = mean))[1:2], c("Cannot store m$k$f.",
                                                       "x A function cannot be stored."))
  expect_match(said(m$k <- list(f = mean))[[3]], "^i as_python")
  withr::local_options(cli.num_colors = 1L, cli.unicode = TRUE)
  expect_match(said(m["x", 7])[[2]], "^\u2716 ")
  withr::local_options(cli.num_colors = 256L)
  expect_true(cli::ansi_has_any(said(m["x", 7])[[2]]))
})

test_that("a colon in what is quoted parts no message", {
  parted <- ns$problem_and_reason
  whole <- c("`m` must be an mmapdict, not \"x: y\".", "No key 'a: b' (c: d) in `e: f`.",
             "m[[\"a: b\"]] is its value.", "at 12:30 in C:\\x.", "a\xff: b")
  for (message in whole) expect_identical(parted(message), message)
  expect_identical(parted("Cannot open 'a: it\u0027s: b': it is a folder."),
                   c("Cannot open 'a: it\u0027s: b'.", "It is a folder."))
  expect_identical(parted("\"a: \\\"b: \" is no key: x$y is one: so."),
                   c("\"a: \\\"b: \" is no key.", "x$y is one: so."))
  expect_identical(parted("Ein \u00dcbel: \u00e4, \"b\"."), c("Ein \u00dcbel.", "\u00e4, \"b\"."))
  # Whatever a file's name is: no error in place of the error.
  for (message in c(strrep("'\"`([[", 1e4), strrep("': ", 1e4), "", ": ", "a: ", "\n: \n")) {
    expect_type(parted(message), "character")
    expect_s3_class(tryCatch(ns$raise_error("format", message, path = message), error = identity),
                    "mmappickle_error_format")
  }
})

test_that("what a file is to blame for names the file once, in the first line", {
  e <- tryCatch(ns$raise_error("format", "It is cut: no end.", path = "/a/b"), error = identity)
  expect_identical(conditionMessage(e), "It is cut ('/a/b').\nx No end.")
  expect_identical(e$sentence, "It is cut: no end.")
  e <- tryCatch(ns$raise_error("stale", "'/a/b' is gone.", path = "/a/b"), error = identity)
  expect_identical(conditionMessage(e), "'/a/b' is gone.")
})
