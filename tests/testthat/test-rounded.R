# 64-bit integers that no double holds: whoever reads them is told, of which part of which file,
# and in time.

beyond <- function() bit64::as.integer64(c("9007199254740993", "5", "-9007199254740993"))
within <- function() bit64::as.integer64(c("9007199254740992", "5", "-9007199254740992"))
int64 <- function(x, n = 1L) ndarray(rep(x, n), "int64")
precision <- "mmappickle_warning_precision"

expect_told <- function(object, ...) {
  w <- tryCatch(object, warning = identity)
  expect_s3_class(w, precision)
  for (text in c(...)) expect_match(conditionMessage(w), text, fixed = TRUE)
}

test_that("arrays and columns of plain pickles are looked at when they are read", {
  skip_if_not_installed("bit64")
  path <- withr::local_tempfile()
  for (n in c(1L, 5000L)) { # copied, and mapped
    write_pickle(list(ok = int64(within(), n), id = int64(beyond(), n)), path)
    expect_told(read_pickle(path), "`$id`", path)
    write_pickle(list(1, list(a = int64(beyond(), n))), path)
    expect_told(read_pickle(path), "`[[2]]$a`", path)
    write_pickle(int64(beyond(), n), path)
    expect_told(read_pickle(path), path)
    write_pickle(data.frame(x = 1:3, id = beyond()), path)
    expect_no_warning(read_pickle(path)) # marked as integer64
    write_pickle(list(ok = int64(within(), n)), path)
    expect_no_warning(x <- read_pickle(path))
    expect_no_warning(sum(x$ok))
    write_pickle(list(id = int64(beyond(), n)), path)
    expect_no_warning(x <- read_pickle(path, int64 = "integer64"))
    expect_identical(x$id[1:3], beyond())
    # Once: what was looked at is not told again.
    suppressWarnings(x <- read_pickle(path), precision)
    sum(x$id)
    expect_no_warning(is_view(x$id))
    expect_no_warning(view_info(x$id))
  }
})

test_that("so are the parts of a store's values, whatever they are in", {
  skip_if_not_installed("bit64")
  m <- local_store()
  m[["list"]] <- list(a = list(id = int64(beyond(), 5000L)))
  m[["records"]] <- ndarray(list(x = c(1, 2, 3), id = beyond()), list(x = "f8", id = "i8"))
  m[["unsigned"]] <- list(u = ndarray(c(2^53, 5), "uint64"))
  expect_told(m[["list"]], "`$a$id`", "\"list\"", path_of(m))
  expect_told(m[["records"]], "`$id`", "\"records\"", path_of(m))
  expect_told(as.list(m), "`$")
  expect_no_warning(m[["unsigned"]])
  expect_no_warning(mmap_get(m, "list", int64 = "integer64"))
})

test_that("an array entry is looked at when it is used; the next call tells", {
  skip_if_not_installed("bit64")
  m <- local_store()
  m[["big"]] <- int64(beyond(), 5000L)
  expect_no_warning(x <- m[["big"]])
  expect_no_warning(sum(x))
  expect_told(names(m), "\"big\"", path_of(m))
  expect_no_warning(names(m))
})

# What R prints on its error stream, for a script that is run as `how` says.
said <- function(how, path) {
  code <- c(
    "suppressMessages(library(mmappickle))",
    sprintf("m <- mmapdict('%s', readonly = TRUE)", normalizePath(path, "/")),
    "x <- m[['big']]",
    "message('before')",
    "found <- match(2^53, x)",
    "message('after')",
    "invisible(5)"
  )
  switch(how,
    file = {
      script <- withr::local_tempfile(lines = code, fileext = ".R")
      arguments <- shQuote(script)
    },
    expression = arguments <- c(rbind("-e", shQuote(code))),
    stdin = {
      script <- withr::local_tempfile(lines = code, fileext = ".R")
      arguments <- NULL
    }
  )
  if (how == "stdin") {
    system2(file.path(R.home("bin"), "R"), c("--vanilla", "--no-echo"), stdin = script,
            stdout = TRUE, stderr = TRUE)
  } else {
    system2(file.path(R.home("bin"), "Rscript"), c("--vanilla", arguments), stdout = TRUE,
            stderr = TRUE)
  }
}

test_that("without any next call, the end of the top-level call tells", {
  skip_on_cran()
  skip_if_not_installed("bit64")
  m <- local_store()
  m[["big"]] <- int64(beyond(), 5000L)
  withr::local_envvar(R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  for (how in c("file", "expression", "stdin")) {
    out <- said(how, path_of(m))
    wanted <- c("^before", "Integers of \"big\" in ", "^after")
    at <- vapply(wanted, function(x) grep(x, out)[1L], 0L)
    expect_false(anyNA(at), label = paste(how, paste(out, collapse = "\n")))
    expect_false(is.unsorted(at), label = how)
  }
})
