# Parts of pandas' data frames that R has no vector for (python/pandas_frames.py): each takes
# only its own place.

versions <- c("1.5", "2.3")
parts_path <- function(version) {
  test_path("fixtures", "pandas", paste0("parts-", version, ".pickle.gz"))
}
read_parts <- function(version, ...) {
  suppressWarnings(read_pickle(parts_path(version), ...), classes = "mmappickle_warning_inert")
}

# The warnings of a read, as text.
said <- function(code) {
  messages <- character()
  withCallingHandlers(code, mmappickle_warning_inert = function(w) {
    messages <<- c(messages, conditionMessage(w))
    invokeRestart("muffleWarning")
  })
  messages
}

test_that("periods are dates, or what pandas calls them, as column, index and scalar", {
  for (version in versions) {
    x <- read_parts(version)
    for (frequency in names(x$texts)) {
      info <- paste(version, frequency)
      texts <- c(x$texts[[frequency]], NA)
      p <- x$periods[[frequency]]
      days <- frequency %in% c("B", "D")
      expect_identical(inherits(p$p, "Date"), days, info = info)
      expect_identical(as.character(p$p), texts, info = info)
      expect_identical(p$v[], as.double(0:4), info = info)
      expect_identical(x$indexes[[frequency]]$index, p$p, info = info)
      expect_named(x$indexes[[frequency]], c("index", "v"))
      scalars <- x$scalars[[frequency]]
      expect_identical(vapply(scalars[1:4], as.character, ""), texts[1:4], info = info)
      expect_identical(inherits(scalars[[1]], "Date"), days, info = info)
    }
  }
})

test_that("sparse arrays are filled in", {
  for (version in versions) {
    x <- read_parts(version)
    expect_identical(lapply(x$sparse, `[`), list(
      integer = c(0, 0, 3, 0), block = c(0, 1, 2, 0), missing = c(NaN, 1.5, NaN, NaN),
      flag = c(FALSE, TRUE, FALSE, FALSE), small = c(7L, 7L, 1L, 7L),
      text = c("n", "n", "y", "n"), none = c(0, 0, 0, 0)
    ), info = version)
    expect_identical(x$sparse_series, c(a = 0, b = 2), info = version)
  }
})

test_that("an array of an unknown class takes its column alone", {
  for (version in versions) {
    x <- read_parts(version)
    expect_identical(x$measured$a[], c(1, 2))
    expect_identical(x$measured$c, c("x", "y"))
    expect_type(x$measured$b, "list")
    for (cell in x$measured$b) {
      expect_identical(.subset2(cell, "class"), "lab.Measure")
      expect_identical(cell$values[], c(1.5, 2.5))
    }
    expect_identical(dim(x$measured_alone), c(2L, 1L))
    expect_identical(dim(x$measured[2, ]), c(1L, 3L))
    read <- function(object) object$values[]
    read <- read_parts(version, readers = list(lab.Measure = read))
    expect_identical(read$measured$b, list(c(1.5, 2.5), c(1.5, 2.5)))
  }
})

test_that("an unknown index is a column of its own", {
  for (version in versions) {
    x <- read_parts(version)
    expect_named(x$odd, c("who", "v"))
    expect_identical(x$odd$v[], c(1, 2))
    expect_identical(.subset2(x$odd$who[[1]], "class"), "lab.Odd")
    expect_named(x$odd_series, c("who", "value"))
    way <- read_parts(version, index = "attribute")
    expect_named(way$odd, "v")
    expect_s3_class(attr(way$odd, "index"), "python_object")
    expect_named(read_parts(version, index = "drop")$odd, "v")
  }
})

test_that("labels of columns in an unknown index leave the columns what they are", {
  skip_if_not_installed("jsonlite")
  connection <- gzfile(test_path("fixtures", "pandas.jsonl.gz"))
  withr::defer(close(connection))
  cases <- lapply(readLines(connection, warn = FALSE), read_json)
  frames <- Filter(function(case) grepl("^frame_index_int", case$name), cases)
  tried <- 0L
  for (case in frames) {
    bytes <- jsonlite::base64_dec(case$pickle)
    at <- grepRaw("_new_Index", bytes, fixed = TRUE) # of the columns, which come first
    if (!length(at)) next
    tried <- tried + 1L
    known <- suppressWarnings(read_pickle(bytes, index = "drop"))
    bytes[at + 1:3] <- charToRaw("odd")
    expect_warning(odd <- read_pickle(bytes, index = "drop"), "labels of columns",
                   class = "mmappickle_warning_inert")
    expect_named(odd, paste0("V", seq_along(known)), info = case$name)
    expect_identical(unname(as.list(odd)), unname(as.list(known)), info = case$name)
  }
  expect_gt(tried, 3L)
})

test_that("one warning names all columns that hold Python's objects", {
  bytes <- function(x) write_pickle(x)
  for (version in versions) {
    x <- read_parts(version)
    path <- parts_path(version)
    messages <- said(read_pickle(path))
    expect_length(messages, 1L)
    for (place in c("`$measured$b`", "`$measured_alone$b`", "`$odd$who`")) {
      expect_match(messages, place, fixed = TRUE)
    }
    class <- function(object) NULL
    quiet <- list(
      lab.Measure = class, lab.Odd = class,
      pandas._libs.interval.Interval = class, pandas._libs.tslibs.offsets.Hour = class
    )
    expect_identical(said(read_pickle(path, readers = quiet)), character())
    expect_s3_class(x$cells$i[[1]], "python_object")
    expect_identical(x$cells$p, list("2020-01", "x"))
  }
})

test_that("a frame with inert columns is stored and read again", {
  m <- local_store()
  x <- read_parts("2.3")
  for (name in c("measured", "odd", "cells")) {
    m[["k"]] <- x[[name]]
    expect_identical(m[["k"]], x[[name]], info = name)
  }
})

test_that("the field's frames with parts of their own", {
  cases <- shared("cases", "colleague")
  read <- function(name) read_pickle(file.path(cases, paste0("pd_", name, ".pkl")))
  x <- read("dummies_sparse")
  expect_identical(lapply(x, `[`), list(
    a = c(1L, 0L, 0L, 1L), b = c(0L, 1L, 0L, 0L), c = c(0L, 0L, 1L, 0L)
  ))
  x <- read("period_col")
  expect_identical(x$q, c("2020Q1", "2020Q2", "2020Q3"))
  expect_identical(x$v[], c(1, 2, 3))
  x <- read("period_index")
  expect_identical(x$index, c("2020-01", "2020-02", "2020-03"))
  expect_identical(x$v[], c(1, 2, 3))
  messages <- NULL
  x <- withCallingHandlers(read("int_overflow"), mmappickle_warning_precision = function(w) {
    messages <<- c(messages, conditionMessage(w))
    invokeRestart("muffleWarning")
  })
  expect_length(messages, 1L)
  expect_match(messages, "`$id`, `$u`", fixed = TRUE)
  expect_identical(x$id[], c(2^53, 2^62))
  expect_identical(x$u[], c(2^64, 0))
})

test_that("an instance of a derived class has what pandas' own would be as a part", {
  for (version in versions) {
    path <- test_path("fixtures", "pandas", paste0("indexes-", version, ".pickle.gz"))
    stored <- read_pickle(path)
    wanted <- data.frame(a = c(1, 2), b = c("x", "y"), row.names = c("r", "s"))
    for (x in list(stored$derived$frame, read_pickle(stored$old))) {
      expect_s3_class(x, "python_object")
      expect_identical(x$class, "lab.Places", info = version)
      expect_named(x, c("class", "how", "frame", "state", "crs"))
      frame <- x$frame
      frame[] <- lapply(frame, `[`)
      expect_identical(frame, wanted)
      expect_identical(x$crs, "EPSG:4326")
      expect_identical(names(as.list(x)), c("frame", "crs"))
      expect_output(print(x), "frame: data frame [2 x 2]", fixed = TRUE)
      expect_identical(read_pickle(write_pickle(x))$state, x$state)
    }
    x <- stored$derived$series
    expect_identical(x$class, "lab.Heights")
    expect_identical(x$array[["q"]], 2.5)
    expect_identical(as.numeric(x), c(1.5, 2.5))
    expect_named(stored$derived$plain, c("class", "how", "array"))
    expect_identical(stored$derived$plain$array, c("u", NA))
    counted <- read_pickle(path, readers = list("lab.Places" = function(x) nrow(x$frame)))
    expect_identical(counted$derived$frame, 2L)
  }
})
