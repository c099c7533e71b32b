# What becomes of an index; pickles of pandas 1.5 and 2.3 (python/pandas_cases.py).

read_case_of <- local({
  known <- NULL
  function(name, ...) {
    if (is.null(known)) {
      connection <- gzfile(test_path("fixtures", "pandas.jsonl.gz"))
      on.exit(close(connection))
      known <<- lapply(readLines(connection, warn = FALSE), read_json)
    }
    case <- Find(function(case) case$name == name && case$env == "pandas 2.3", known)
    read_pickle(jsonlite::base64_dec(case$pickle), ...)
  }
})
frame_of <- function(name, ...) read_case_of(paste0("frame_index_", name), ...)
series_of <- function(name, ...) read_case_of(paste0("series_index_", name), ...)

test_that("labels that R can have are row names, ranges are none", {
  skip_if_not_installed("jsonlite")
  expect_identical(attr(frame_of("text"), "row.names"), c("x", "y", "z"))
  expect_identical(attr(frame_of("text"), "name_of_index"), "key")
  expect_identical(frame_of("text")["y", "v"], 2.5)
  expect_identical(attr(frame_of("int"), "row.names"), c("10", "20", "15"))
  expect_identical(frame_of("int")["20", "v"], 2.5)
  expect_identical(attr(frame_of("int_large"), "row.names"), c("1", "2", "1099511627776"))
  expect_identical(attr(frame_of("uint"), "row.names"), c("1", "2", "3"))
  for (name in c("range_other", "range_back", "range_named")) {
    expect_identical(.row_names_info(frame_of(name)), -3L, info = name)
    expect_named(attributes(frame_of(name)), c("names", "row.names", "class"))
  }
})

test_that("other indexes are leading columns, as reset_index() names them", {
  skip_if_not_installed("jsonlite")
  columns <- function(name) {
    x <- frame_of(name)
    expect_identical(.row_names_info(x), -3L, info = name)
    expect_identical(names(x), c(attr(x, "pandas_index"), "v"), info = name)
    expect_null(attr(x, "index"))
    unclass(x)[seq_along(attr(x, "pandas_index"))]
  }
  expect_identical(lapply(columns("int_repeated"), `[`), list(index = c(1, 1, 2)))
  expect_null(attr(frame_of("range_back"), "pandas_index"))
  expect_identical(columns("text_repeated"), list(index = c("x", "y", "x")))
  expect_identical(columns("text_missing"), list(index = c("x", NA, "z")))
  expect_identical(lapply(columns("float"), `[`), list(index = c(0.5, 1, NaN)))
  expect_identical(lapply(columns("bool"), `[`), list(index = c(TRUE, FALSE, TRUE)))
  expect_identical(columns("category"), list(index = factor(c("a", "b", "a"))))
  expect_s3_class(columns("datetime_freq")$when, "POSIXct")
  expect_null(attr(columns("datetime_freq")$when, "name_of_index"))
  expect_identical(columns("multi"), list(k = c("a", "b", "a"), level_1 = c(1, 2, 3)))
  expect_identical(columns("objects"), list(index = list(1L, "a", 2.5)))
  expect_named(columns("multi_intervals"), c("level_0", "level_1"))
})

read_indexes <- function(version) {
  read_pickle(test_path("fixtures", "pandas", paste0("indexes-", version, ".pickle.gz")))
}

test_that("an index without elements is what it would be with some", {
  for (version in c("1.5", "2.3")) {
    x <- read_indexes(version)$empty
    expect_true(all(vapply(x, nrow, 0L) == 0L), info = version)
    for (name in c("range", "objects", "texts", "whole")) {
      expect_identical(x[[name]], data.frame(v = numeric()), info = name)
    }
    expect_named(x$multi, c("k", "level_1", "v"))
    expect_identical(x$times$when, .POSIXct(numeric(), "Europe/Paris"))
    expect_identical(x$floats$index, numeric())
    expect_identical(x$category$index, factor(character(), "a"))
    expect_identical(x$periods$index, character())
    expect_identical(attr(x$periods, "pandas_index"), "index")
  }
})

test_that("whole numbers are row names, whatever holds them", {
  x <- read_indexes("2.3")$whole
  for (name in c("objects", "u8", "nullable")) {
    expect_identical(attr(x[[name]], "row.names"), c("7", "5"), info = name)
  }
  expect_identical(attr(read_indexes("1.5")$whole$objects, "row.names"), c("7", "5"))
  expect_identical(x$missing$index, c(7, NA))
})

test_that("a series of structures keeps its name as a series does", {
  wanted <- structure(data.frame(a = c(1.5, 2.5)), name_of_series = "n")
  x <- read_indexes("2.3")$structs
  x$a <- x$a[]
  expect_identical(x, wanted)
})

test_that("several columns of periods stand in one block", {
  for (version in c("1.5", "2.3")) {
    x <- read_indexes(version)$blocks
    months <- c("2020-01", NA, "1969-03")
    days <- as.Date(c("2020-01-31", NA, "1969-03-31"))
    weekdays <- as.Date(c("2020-01-03", NA, "1969-03-03"))
    wanted <- list(
      m = months, d = days, b = weekdays, m2 = rev(months), d2 = rev(days), b2 = rev(weekdays)
    )
    expect_identical(lapply(x, `[`), wanted, info = version)
  }
})

test_that("names of index columns give way to those of columns", {
  frame <- function(x, index, index_name = NULL, levels = FALSE) {
    pandas_indexed(x, index, index_name, levels, FALSE, NULL)
  }
  x <- data.frame(index = 1:2, v = 3:4)
  expect_named(frame(x, c("a", "a")), c("level_0", "index", "v"))
  expect_named(frame(x, c("a", "a"), "v"), c("v.1", "index", "v"))
  expect_named(frame(x[1L], c("a", "a"), 7L), c("7", "index"))
  levels <- data.frame(v = 1:2, w = 1:2)
  expect_named(frame(x, levels, NULL, TRUE), c("v.1", "w", "index", "v"))
  none <- frame(structure(list(), class = "data.frame", row.names = 1:2), c("a", "a"))
  expect_identical(none, data.frame(index = c("a", "a")), ignore_attr = "pandas_index")
})

test_that("a series has names, or is a data frame", {
  skip_if_not_installed("jsonlite")
  expect_identical(series_of("text")[], c(x = 1.5, y = 2.5, z = 3.5), ignore_attr = TRUE)
  expect_named(series_of("text"), c("x", "y", "z"))
  expect_named(series_of("text_repeated"), c("x", "y", "x"))
  expect_named(series_of("int"), c("10", "20", "15"))
  expect_named(series_of("range_other"), NULL)
  expect_identical(attr(series_of("text"), "name_of_series"), "s")
  x <- series_of("datetime_freq")
  expect_named(x, c("when", "s"))
  expect_identical(attr(x, "pandas_index"), "when")
  expect_identical(x$s[], c(1.5, 2.5, 3.5))
  expect_null(attr(x, "name_of_series"))
  expect_named(series_of("multi"), c("k", "level_1", "s"))
  expect_named(read_case_of("zone_index_zoneinfo"), c("index", "value"))
})

test_that("index = \"attribute\" and \"drop\"", {
  skip_if_not_installed("jsonlite")
  frame <- function(name) frame_of(name, index = "attribute")
  expect_identical(attr(frame("text"), "row.names"), c("x", "y", "z"))
  expect_identical(attr(frame("text"), "name_of_index"), "key")
  expect_identical(attr(frame("int"), "row.names"), c(10L, 20L, 15L))
  expect_identical(attr(frame("range_back"), "row.names"), 2:0)
  expect_identical(.row_names_info(frame("range_named")), -3L)
  expect_identical(attr(frame("int_repeated"), "index"), c(1, 1, 2), ignore_attr = TRUE)
  expect_identical(attr(frame("text_missing"), "index"), c("x", NA, "z"))
  expect_identical(attr(frame("float"), "index")[], c(0.5, 1, NaN))
  expect_s3_class(attr(frame("datetime"), "index"), "POSIXct")
  expect_identical(
    attr(frame("multi"), "index"),
    data.frame(k = c("a", "b", "a"), level_1 = c(1, 2, 3))
  )
  series <- function(name) series_of(name, index = "attribute")
  expect_named(series("text_repeated"), NULL)
  expect_identical(attr(series("text_repeated"), "index"), c("x", "y", "x"))
  expect_identical(attr(series("int"), "index"), c(10L, 20L, 15L))
  for (name in c("text", "int", "range_back", "float", "datetime", "multi", "text_repeated")) {
    expect_named(attributes(frame_of(name, index = "drop")), c("names", "row.names", "class"))
    expect_identical(.row_names_info(frame_of(name, index = "drop")), -3L)
    expect_named(series_of(name, index = "drop"), NULL)
    expect_null(attr(series_of(name, index = "drop"), "index"))
  }
  expect_kind(frame_of("text", index = "no"), "value")
})

test_that("a handle has the option, and a read its own", {
  skip_if_not_installed("jsonlite")
  path <- withr::local_tempfile(fileext = ".mmdpickle")
  m <- mmapdict(path)
  m[["k"]] <- pandas_frame(data.frame(k = c(2.5, 1.5), v = 1:2), index = "k")
  expect_named(m[["k"]], c("k", "v"))
  expect_named(mmap_get(m, "k", index = "drop"), "v")
  expect_identical(
    as.vector(attr(mmap_get(m, "k", index = "attribute"), "index")), c(2.5, 1.5)
  )
  close(m)
  m <- mmapdict(path, index = "drop")
  expect_named(m$k, "v")
  expect_named(as.list(m)$k, "v")
  expect_named(mmap_get(m, "k", index = "column"), c("k", "v"))
  expect_named(mmap_get(m, "k"), "v")
  close(m)
})

test_that("the index is part of the rows: filter, order, rbind", {
  cases <- shared("cases", "colleague")
  read <- function(name) read_pickle(file.path(cases, paste0("pd_", name, ".pkl")))
  x <- read("dup_index")
  expect_named(x, c("index", "one", "two"))
  expect_identical(x[order(-x$one), ]$index, c("d", "c", "a", "a"))
  expect_identical(rbind(x, x[1, ])$index, c("a", "a", "c", "d", "a"))
  x <- read("multiindex")
  expect_identical(lapply(x, `[`), list(
    g = c("a", "a", "b", "b"), n = c(1, 2, 1, 2), v = c(0, 1, 2, 3)
  ))
  x <- read("tz_index")
  expect_named(x, c("when", "v"))
  expect_identical(attr(x$when, "tzone"), "US/Eastern")
  expect_identical(format(x$when), c("2020-03-28", "2020-03-29", "2020-03-30"))
})
