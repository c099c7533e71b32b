# What R stores, R reads back: bit for bit, in a fresh process, over a zoo of values
# (helper-zoo.R); and what Python sees of it (helper-python_view.R).

# Stores every value under its name, in pieces of `m[keys] <- values`. Conditions by key.
store_zoo <- function(m, values) {
  problems <- list()
  for (key in names(values)) {
    note <- function(condition) {
      problems[[key]] <<- c(problems[[key]], paste0(class(condition)[[1L]], ": ",
                                                   conditionMessage(condition)))
    }
    withCallingHandlers(
      tryCatch(m[key] <- values[key], error = note),
      warning = function(w) {
        note(w)
        invokeRestart("muffleWarning")
      }
    )
  }
  problems
}

# In a fresh process: the zoo made anew by the same code, against the file. The names of all
# values that are not the same, with what differs. `reads`: options for mmapdict(); `copy`: a
# file to copy all to first; `unranked`: leave out arrays; `python`: the folder of the fixtures,
# for their values.
compare_zoo <- function(helpers, path, reads, copy = NULL, unranked = FALSE, python = NULL) {
  for (helper in helpers) source(helper)
  wanted <- if (is.null(python)) zoo() else zoo_python(python)
  m <- do.call(mmappickle::mmapdict, c(list(path, readonly = TRUE), reads))
  if (!is.null(copy)) {
    to <- mmappickle::mmapdict(copy)
    to[names(m)] <- m[names(m)]
    close(m)
    m <- to
  }
  same <- function(x, y) {
    identical(x, y, num.eq = FALSE, single.NA = FALSE, attrib.as.set = TRUE,
              ignore.environment = FALSE, ignore.srcref = FALSE)
  }
  bytes <- function(x) is.character(x) && any(Encoding(x) == "bytes")
  # Where two values differ, and how; NULL if they do not. What identical() does not look at:
  # strings of the encoding "bytes", and how row names are kept.
  difference <- function(x, y, where = "x") {
    if (typeof(x) != typeof(y) || length(unclass(x)) != length(unclass(y))) {
      return(paste(where, "is of type", typeof(y), length(y), "not", typeof(x), length(x)))
    }
    if (is.data.frame(x) && !same(.row_names_info(x, 0L), .row_names_info(y, 0L))) {
      return(paste(where, "has other row names:", deparse(.row_names_info(y, 0L))))
    }
    if (!is.name(x) && !is.environment(x)) {
      of_x <- attributes(x)
      of_y <- attributes(y)
      if (!setequal(names(of_x), names(of_y))) {
        return(paste(where, "has the attributes", toString(names(of_y))))
      }
      for (name in names(of_x)) {
        found <- difference(of_x[[name]], of_y[[name]], paste0(where, "@", name))
        if (!is.null(found)) return(found)
      }
    }
    if (is.list(x)) {
      for (i in seq_along(x)) {
        found <- difference(.subset2(x, i), .subset2(y, i), paste0(where, "[[", i, "]]"))
        if (!is.null(found)) return(found)
      }
    }
    if (!same(x, y) || bytes(x) != bytes(y)) paste(where, "has other values")
  }
  ranked <- function(x) {
    length(dim(x)) > 1L && !is.data.frame(x) ||
      any(vapply(attributes(x), ranked, NA)) ||
      is.list(x) && any(vapply(unclass(x), ranked, NA))
  }
  problems <- list()
  for (key in names(wanted)) {
    if (unranked && ranked(wanted[[key]])) next
    problems[[key]] <- tryCatch(
      withCallingHandlers(difference(wanted[[key]], m[[key]]),
                          mmappickle_warning_precision = function(w) {
                            invokeRestart("muffleWarning")
                          }),
      condition = function(c) paste0(class(c)[[1L]], ": ", conditionMessage(c))
    )
  }
  close(m)
  problems
}

in_fresh_process <- function(path, reads = list(), ...) {
  helpers <- list.files(testthat::test_path(), "^helper-zoo", full.names = TRUE)
  callr::r(compare_zoo, list(normalizePath(helpers), normalizePath(path), reads, ...))
}

expect_no_problems <- function(problems, label) {
  shown <- utils::head(problems, 12L)
  lines <- vapply(shown, paste, "", collapse = "; ")
  testthat::expect(
    !length(problems),
    paste0(label, ": ", length(problems), " values\n",
           paste0("  ", names(shown), ": ", lines, collapse = "\n"))
  )
}

other_options <- function() {
  list(simplify = FALSE, uint8 = "raw", order = "F",
       int64 = if (requireNamespace("bit64", quietly = TRUE)) "integer64" else "double")
}

# Shared values written out again.
without_references <- function(d) {
  by_id <- described_ids(d)
  plain <- function(d) {
    if (!is.list(d)) return(d)
    if (identical(d$t, "ref")) return(plain(by_id[[as.character(d$id)]]))
    d$id <- NULL
    d[] <- lapply(d, plain)
    d
  }
  plain(d)
}

test_that("every value of the zoo is identical in a fresh process", {
  skip_on_cran()
  skip_if_not_installed("callr")
  values <- zoo()
  ways <- list(default = list(), others = other_options(), reversed = list(dims = "reversed"))
  here <- environment()
  paths <- lapply(ways, function(options) {
    m <- do.call(local_store, c(options, list(.local_envir = here)))
    expect_no_problems(store_zoo(m, values), "not stored without a condition")
    flush(m)
    path_of(m)
  })
  check <- function(written, read, ...) {
    expect_no_problems(in_fresh_process(paths[[written]], ways[[read]], ...),
                       paste("written by", written, "options, read by", read))
  }
  check("default", "default")
  check("default", "others")
  check("default", "reversed", unranked = TRUE)
  check("others", "others")
  check("others", "default")
  check("reversed", "reversed")
  check("reversed", "default", unranked = TRUE)
  check("default", "default", copy = new_path())
  message("zoo: ", length(values), " values, stored by 3 sets of options, read by 8")
})

test_that("what R reads of Python's values it can store, and reads again", {
  skip_on_cran()
  skip_if_not_installed("callr")
  folder <- normalizePath(testthat::test_path("fixtures"))
  values <- zoo_python(folder)
  m <- local_store()
  # A value that is part of itself: refused.
  refused <- c("objects rec_list", "objects rec_dict", "objects rec_tuple",
               "objects rec_tuple5", "objects-classes rec_two_objects")
  problems <- store_zoo(m, values)
  expect_setequal(names(problems), refused)
  expect_match(unlist(problems), "^mmappickle_error_value")
  problems <- in_fresh_process(path_of(m), python = folder)
  expect_no_problems(problems[setdiff(names(problems), refused)], "values of Python")
  message("zoo: ", length(values), " values of Python")
})

test_that("what attributes cannot hold is dropped, with a warning that names it", {
  m <- local_store()
  cases <- zoo_dropping()
  for (key in names(cases)) {
    case <- cases[[key]]
    warned <- character()
    withCallingHandlers(m[[key]] <- case$x, mmappickle_warning_dropped = function(w) {
      warned <<- c(warned, conditionMessage(w))
      invokeRestart("muffleWarning")
    })
    expect_length(warned, length(case$what))
    for (name in case$what) {
      expect_true(any(grepl(paste0("\"", name, "\""), warned, fixed = TRUE)), info = key)
    }
    expect_true(identical(m[[key]], case$kept), info = key)
  }
})

test_that("values that cannot be stored are refused by their path", {
  m <- local_store()
  m[["k"]] <- 1
  cases <- zoo_refused()
  expect_unchanged_file(m, for (at in seq_along(cases)) {
    error <- expect_kind(m[["k"]] <- cases[[at]], "value")
    expect_match(conditionMessage(error), names(cases)[[at]], fixed = TRUE, info = at)
  })
})

test_that("Python sees what the table says", {
  require_python()
  skip_if_not_installed("jsonlite")
  values <- zoo()
  m <- local_store()
  store_zoo(m, values)
  views <- lapply(values, python_view)
  compare <- function(got) {
    problems <- list()
    for (key in names(values)) {
      problems[[key]] <- python_difference(got[[key]], views[[key]])
    }
    problems
  }
  for (python in pythons()) {
    withr::local_envvar(MMAPPICKLE_PYTHON = python)
    problems <- compare(python_describe(path_of(m)))
    expect_no_problems(problems, paste("for pickle.load of", python))
  }
  message("zoo: ", length(values), " values as pickle.load gives them")
})

test_that("the shared describer agrees about the zoo", {
  require_python()
  skip_if_not_installed("jsonlite")
  tool <- shared("tools", "describe.py")
  values <- zoo()
  m <- local_store()
  store_zoo(m, values)
  got <- lapply(run_python(tool, "--mmapdict", path_of(m)), function(line) read_json(line))
  problems <- list()
  for (entry in got) {
    d <- without_references(entry$value)
    problems[[entry$key$v]] <- python_difference(d, python_view(values[[entry$key$v]]))
  }
  expect_length(got, length(values))
  expect_no_problems(problems, "for the shared describer")
})
