# What entries() and print() tell of a value without reading it, beside the value as it is read.

is_long_frame <- function(x, told) is.data.frame(x) && grepl("?", told, fixed = TRUE)

# Problems with a told text; character() if it agrees. Where it says less than the value it has to
# be vague, but never wrong.
disagreement <- function(told, of, x) {
  problem <- function(ok, what) if (!isTRUE(ok)) paste0(told, ": ", what) else character()
  is <- function(class) problem(class(x)[[1L]] == class, paste("is of class", class(x)[[1L]]))
  if (is.na(told)) return(character())
  if (told == "sequence") return(problem(is.atomic(x) || is.list(x), "is no sequence"))
  if (told == "dict") return(problem(is.list(x), "is no dict"))
  if (is.na(of)) return(problem(!is.null(x), "is NULL"))
  shape <- told_shape(told)
  # (some packages give a dist a dim())
  dims <- if (is.null(dim(x)) || inherits(x, "dist")) length(x) else dim(x)
  words <- c(
    logi = "logical", int = "integer", num = "double", cplx = "complex", chr = "character",
    raw = "raw", list = "list", dict = "list"
  )
  if (of == "NULL") return(problem(is.null(x), "is not NULL"))
  if (of == "DataFrame") {
    fits <- is.data.frame(x) && identical(as.double(dim(x)), shape)
    return(problem(fits, "is no such frame"))
  }
  if (of == "python_object") {
    name <- sub("^python_object ([^ ]*).*$", "\\1", told)
    same <- inherits(x, "python_object") && .subset2(x, "class") == name
    return(problem(same, "is another object"))
  }
  c(
    if (of %in% names(words)) {
      problem(typeof(x) == words[[of]] && !is.object(x), paste("is", typeof(x)))
    } else {
      is(of)
    },
    if (of == "dict") problem(length(x) == 0L || !is.null(names(x)), "has no names"),
    if (of == "python_dict") problem(length(x$keys) == shape, "has another length")
    else if (is_long_frame(x, told)) problem(nrow(x) == shape[[1L]], "rows")
    else if (is.factor(x)) problem(length(x) == shape, "is of another length")
    else if (length(shape) && !grepl("^data.frame [a-z]", told)) {
      problem(identical(as.double(dims), shape), "is of another shape")
    },
    if (grepl(" levels?$", told)) {
      levels <- gsub(",", "", sub("^.*, ([0-9,]+) levels?$", "\\1", told))
      problem(as.double(levels) == nlevels(x), "has other levels")
    }
  )
}

# c(2, 3) of "num [2 x 3]", "data.frame 2 x 3"; 1 of what is shown itself; numeric() if untold.
told_shape <- function(told) {
  numbers <- function(pattern) {
    found <- regmatches(told, regexec(pattern, told))[[1L]]
    if (length(found)) {
      suppressWarnings(as.double(strsplit(gsub(",", "", found[[2L]]), " x ", fixed = TRUE)[[1L]]))
    }
  }
  n <- "[0-9][0-9,]*"
  # In this order: a text that is shown may look like anything.
  if (grepl("^(logi|int|num|cplx|chr|integer64|Date|POSIXct|difftime) [^[l]", told)) 1
  else numbers(paste0("^[^ ]+ (", n, "), ", n, " levels?$")) %||%
    numbers(paste0("^[^ ]+ (", n, ")$")) %||%
    numbers(paste0("^[^ ]+ (", n, " x (", n, "|[?]))$")) %||%
    numbers(paste0(" of (", n, ")$")) %||%
    numbers(paste0(" \\[(", n, "( x ", n, ")*)\\]$")) %||% numeric()
}
`%||%` <- function(x, y) if (is.null(x)) y else x

# Problems of all entries of a handle.
disagreements <- function(m) {
  ns <- asNamespace("mmappickle")
  table <- ns$store_entries(ns$pointer(m), FALSE, ns$own(m, ".flags"), Inf, TRUE)
  told <- entries(m)$value
  of <- ifelse(grepl("^(.g.Matrix|.sparseVector)", told), sub(" .*", "", told), table$of)
  of[grepl("^(dok|lil)_", told)] <- NA
  unlist(lapply(seq_along(told), function(i) {
    x <- tryCatch(suppressWarnings(m[[i]]), mmappickle_error = identity)
    if (inherits(x, "error")) {
      return(if (!told[[i]] %in% c(NA, "damaged") && inherits(x, "mmappickle_error_format")) {
        paste0(table$key[[i]], ": ", told[[i]], ", but ", conditionMessage(x))
      })
    }
    found <- disagreement(told[[i]], of[[i]], x)
    if (length(found)) paste0(table$key[[i]], ": ", found)
  }))
}

options_of_handles <- list(
  list(), list(dims = "reversed", simplify = FALSE, uint8 = "raw"),
  list(int64 = "integer64", simplify = "numbers", index = "attribute"),
  list(trusted = FALSE, index = "drop"), list(trusted = TRUE)
)
expect_told <- function(path, handles = options_of_handles) {
  for (options in handles) {
    m <- do.call(mmapdict, c(list(path, readonly = TRUE), options))
    expect_identical(disagreements(m), NULL, info = path)
    close(m)
  }
}

# How many of the values are told more of than Python's word.
told_of <- function(m) mean(!is.na(told_words(m)))
told_words <- function(m) {
  ns <- asNamespace("mmappickle")
  ns$store_entries(ns$pointer(m), FALSE, ns$own(m, ".flags"), Inf, TRUE)$of
}

test_that("entries() agrees with the values of every fixture", {
  for (name in names(described_fixtures())) expect_told(fixture(name), options_of_handles[1:2])
})

test_that("entries() agrees with the values of the tables of types", {
  path <- new_path()
  convert_pickle(system.file("types", "python-to-r.pickle", package = "mmappickle"), path)
  expect_told(path)
  pandas <- new_path()
  convert_pickle(system.file("types", "python-to-r-pandas.pickle", package = "mmappickle"), pandas)
  expect_told(pandas)
  m <- local_store()
  rows <- as.data.frame(read.dcf(system.file("types", "r-to-python.dcf", package = "mmappickle")))
  for (code in rows$R[is.na(rows$Needs)]) {
    m[substr(code, 1, 250)] <- list(eval(parse(text = code), globalenv()))
  }
  expect_told(path_of(m))
  expect_gt(told_of(m), 0.95)
})

test_that("entries() agrees with R values of every kind", {
  m <- local_store()
  values <- zoo()
  for (key in names(values)) try(suppressWarnings(m[key] <- values[key]), silent = TRUE)
  expect_gt(length(m), 2000)
  expect_told(path_of(m), options_of_handles[1L])
  expect_gt(told_of(m), 0.95)
})

test_that("entries() agrees with pandas' and SciPy's objects", {
  require_python()
  path <- new_path()
  pickled <- withr::local_tempfile(fileext = ".pickle")
  run_python(testthat::test_path("python", "told.py"), pickled)
  convert_pickle(pickled, path)
  expect_told(path)
  m <- mmapdict(path, readonly = TRUE)
  withr::defer(close(m))
  expect_gt(told_of(m), 0.85)
})
