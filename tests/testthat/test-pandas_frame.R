# Data frames stored as pandas' own (python/pandas_frames.py has the same in pandas).

day <- as.Date(c("2020-02-29", NA, "1969-12-31"))
moments <- as.POSIXct(c("2020-03-29 00:30:00.25", NA, "1965-01-01 00:00:00"), tz = "UTC")
in_zone <- function(x, zone) structure(x, tzone = zone)
all_columns <- function() {
  x <- data.frame(
    l = c(TRUE, FALSE, TRUE), i = 1:3, d = c(1.5, NaN, -Inf), z = c(1 + 2i, 0i, 0i),
    s = c("a", NA, "\u00e9\u6f22"), ln = c(TRUE, NA, FALSE), n = c(1L, NA, 3L),
    f = factor(c("u", NA, "v"), levels = c("v", "u")),
    o = factor(c("lo", "hi", "lo"), levels = c("lo", "hi"), ordered = TRUE),
    day = day, local = in_zone(moments, "Europe/Zurich"), utc = moments,
    hours = as.difftime(c(1, NA, 3), units = "hours"),
    part = as.difftime(c(1.5, NA, 3), units = "hours"),
    thirds = as.difftime(c(1 / 3, NA, -20000), units = "secs"), raw = as.raw(c(0, 255, 1))
  )
  x$list <- list(1L, "x", NULL)
  x
}
rows_alone <- function(n) {
  structure(list(), names = character(), class = "data.frame", row.names = .set_row_names(n))
}
with_rows <- function(x, rows, ...) structure(x, row.names = rows, ...)
table_of <- function() {
  data.frame(g = c("a", "a", "b"), when = in_zone(moments, "Asia/Tokyo"),
             index = c(1.5, 2.5, 3.5), v = 1:3)
}
stored_frames <- function() {
  list(
    plain = pandas_frame(all_columns()),
    rows = pandas_frame(with_rows(all_columns(), c("r", "s", "t"), name_of_index = "who")),
    numbers = pandas_frame(with_rows(all_columns(), c(10L, 20L, 15L))),
    by_text = pandas_frame(table_of(), "g"), by_time = pandas_frame(table_of(), "when"),
    unnamed = pandas_frame(table_of(), "index"),
    by_two = pandas_frame(table_of(), c("g", "when")),
    no_columns = pandas_frame(data.frame(row.names = c("a", "b"))),
    rows_alone = pandas_frame(rows_alone(3)),
    no_rows = pandas_frame(data.frame(a = integer(), s = character()))
  )
}

test_that("pandas loads what it would have made itself", {
  require_python()
  folder <- withr::local_tempdir()
  frames <- stored_frames()
  for (name in names(frames)) {
    write_pickle(frames[[name]], file.path(folder, paste0(name, ".pkl")))
  }
  for (python in pythons()) {
    withr::local_envvar(MMAPPICKLE_PYTHON = python)
    skip_if(system2(python, c("-c", shQuote("import pandas")), stderr = FALSE) != 0L, "no pandas")
    out <- run_python(test_path("python", "pandas_frames.py"), "check", folder)
    expect_identical(out, character(), info = python)
  }
})

# What comes back otherwise: hours that are no whole ones, bytes.
as_read <- function(x) {
  if (!is.null(x$part) && nrow(x)) x$part <- structure(x$part * 3600, units = "secs")
  if (!is.null(x$thirds) && nrow(x)) x$thirds[1] <- 0.333333333
  if (!is.null(x$raw)) x$raw <- as.integer(x$raw)
  # One number alone tells the type of its column.
  if (nrow(x) == 1L && identical(x$list, list(1L))) x$list <- 1L
  x
}
expect_back <- function(value, x) {
  value[] <- lapply(value, function(column) if (is_view(column)) column[] else column)
  expect_identical(value, x)
}

test_that("it reads back, from pickles and from stores, alone and inside of lists", {
  m <- local_store()
  x <- all_columns()
  frames <- list(
    x, with_rows(x, c("r", "s", "t"), name_of_index = "who"), x[1, , drop = FALSE],
    x[0, !names(x) %in% c("s", "part")],
    data.frame(row.names = c("a", "b")), rows_alone(3), data.frame()
  )
  for (frame in frames) {
    if (nrow(frame) == 1L) row.names(frame) <- NULL
    wanted <- as_read(frame)
    expect_back(read_pickle(write_pickle(pandas_frame(frame))), wanted)
    m[["k"]] <- pandas_frame(frame)
    expect_back(m[["k"]], wanted)
    m[["k"]] <- list(a = 1, b = list(pandas_frame(frame)))
    expect_back(m[["k"]]$b[[1]], wanted)
  }
  y <- read_pickle(write_pickle(pandas_frame(with_rows(x, c(10L, 20L, 15L)))))
  expect_identical(attr(y, "row.names"), c("10", "20", "15"))
  y <- read_pickle(write_pickle(pandas_frame(table_of(), c("g", "when"))))
  expect_named(y, c("g", "when", "index", "v"))
  expect_identical(attr(y, "pandas_index"), c("g", "when"))
  expect_identical(y$when, in_zone(moments, "Asia/Tokyo"))
})

test_that("what was stored once is read for ever", {
  x <- read_pickle(test_path("fixtures", "pandas", "stored.pickle.gz"))
  before <- all_columns()
  before$thirds <- NULL
  expect_back(x$rows, as_read(with_rows(before, c("r", "s", "t"), name_of_index = "who")))
  y <- table_of()[c("g", "when", "index", "v")]
  expect_back(x$by_two, structure(y, pandas_index = c("g", "when")))
})

test_that("what it is inside of is assigned to", {
  m <- local_store()
  m[["k"]] <- list(df = pandas_frame(all_columns()), z = 1)
  m[["k"]]$df$i <- 4:6
  x <- all_columns()
  x$i <- 4:6
  expect_back(m[["k"]]$df, as_read(x))
  m[["k"]]$z <- 2
  expect_back(m[["k"]]$df, as_read(x))
})

test_that("what was an index becomes one again", {
  skip_if_not_installed("jsonlite")
  require_python()
  connection <- gzfile(test_path("fixtures", "pandas.jsonl.gz"))
  withr::defer(close(connection))
  cases <- lapply(readLines(connection, warn = FALSE), read_json)
  cases <- Filter(function(case) {
    case$env == "pandas 1.5" && grepl("^frame_index_", case$name) &&
      !grepl("interval|object|uint|tuple_name|datetime|dates", case$name)
  }, cases)
  skip_if(system2(python(), c("-c", shQuote("import pandas")), stderr = FALSE) != 0L, "no pandas")
  folder <- withr::local_tempdir()
  for (case in cases) {
    before <- file.path(folder, paste0(case$name, ".before"))
    writeBin(jsonlite::base64_dec(case$pickle), before)
    write_pickle(pandas_frame(read_pickle(before)), sub("before$", "after", before))
  }
  script <- test_path("python", "pandas_frames.py")
  expect_identical(run_python(script, "same", folder), character())
  expect_gt(length(cases), 10)
})

test_that("columns that are views, classes, long factors", {
  m <- local_store()
  m[["x"]] <- data.frame(a = c(1.5, 2), b = 3:4)
  m[["y"]] <- pandas_frame(m[["x"]])
  expect_identical(lapply(m[["y"]], `[`), list(a = c(1.5, 2), b = 3:4))
  back <- function(x) read_pickle(write_pickle(pandas_frame(data.frame(x = I(x)))))$x[]
  long <- factor(sample(sprintf("l%d", 1:300), 500, TRUE), levels = sprintf("l%d", 1:300))
  expect_identical(back(long), long)
  expect_identical(back(structure(c(1, 2), class = "unit", unit = "m")), c(1, 2))
  expect_identical(back(addNA(factor(c("a", NA)))), factor(c("a", NA)))
  expect_identical(back(as.POSIXlt(moments)), moments)
  expect_identical(back(in_zone(moments, "Nowhere/Land")), moments)
  expect_identical(back(in_zone(moments, NULL)), moments)
  skip_if_not_installed("bit64")
  large <- bit64::as.integer64(c("9007199254740993", NA))
  x <- read_pickle(write_pickle(pandas_frame(data.frame(x = large))), int64 = "integer64")
  expect_identical(x$x[], large)
})

test_that("what pandas has nothing for is refused", {
  expect_kind(pandas_frame(1:3), "value")
  expect_kind(pandas_frame(list(a = 1)), "value")
  x <- data.frame(a = 1:2, b = 3:4)
  expect_kind(pandas_frame(setNames(x, c("a", "a"))), "value")
  expect_kind(pandas_frame(setNames(x, c("a", NA))), "value")
  expect_kind(pandas_frame(x, "c"), "value")
  expect_kind(pandas_frame(x, c("a", "a")), "value")
  expect_kind(pandas_frame(x, 1L), "value")
  expect_kind(pandas_frame(x, character()), "value")
  x$l <- list(1, c("a", "b"))
  expect_kind(pandas_frame(x, "l"), "value")
  expect_kind(pandas_frame(structure(x, pandas_index = c("a", "l"))), "value")
  x$m <- matrix(1:4, 2)
  expect_kind(pandas_frame(x), "value")
  x$m <- data.frame(c = 1:2)
  expect_kind(pandas_frame(x), "value")
})

test_that("times that pandas cannot hold are refused by the name of their column", {
  far <- as.POSIXct(c("1500-01-01", "2020-01-01"), tz = "UTC")
  error <- expect_kind(pandas_frame(data.frame(a = 1:2, when = far)), "value")
  expect_match(conditionMessage(error), "`when`", fixed = TRUE)
  for (x in list(.POSIXct(Inf), .POSIXct(2^63 / 1e9))) {
    expect_kind(pandas_frame(data.frame(when = x)), "value")
  }
  expect_s3_class(pandas_frame(data.frame(when = .POSIXct(c(NA, 9e9, -9e9)))), "pandas_frame")
})

test_that("labels of an index may be objects and bytes", {
  labels <- list(python_object("decimal.Decimal", list("1.5")), as.raw(1:3), "a", NULL)
  x <- data.frame(v = 1:4)
  x$k <- labels
  y <- suppressWarnings(read_pickle(write_pickle(pandas_frame(x, "k"))))
  expect_identical(as.numeric(y$k[[1]]), 1.5)
  expect_identical(lapply(y$k[2:4], identity), labels[2:4])
  expect_identical(attr(y, "pandas_index"), "k")
})

test_that("a mark shows what it is", {
  x <- pandas_frame(data.frame(a = 1:2, b = 3:4), "a")
  expect_identical(format(x), "<pandas_frame> data frame [2 x 2], index a")
  expect_output(print(x), "<pandas_frame>", fixed = TRUE)
  expect_identical(dim(x), c(2L, 2L))
  expect_identical(format(pandas_frame(x)), "<pandas_frame> data frame [2 x 2]")
  expect_kind(format(structure(1, class = "pandas_frame")), "value")
})

test_that("index = FALSE leaves row names out", {
  x <- data.frame(a = 1:2, row.names = c("r", "s"))
  y <- read_pickle(write_pickle(pandas_frame(x, FALSE)))
  expect_identical(.row_names_info(y), -2L)
})
