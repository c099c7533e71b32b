# pandas' objects, from pickles that pandas 1.5 and 2.3 wrote (python/pandas_cases.py).

pandas_cases <- local({
  known <- NULL
  function() {
    if (is.null(known)) {
      connection <- gzfile(test_path("fixtures", "pandas.jsonl.gz"))
      on.exit(close(connection))
      known <<- lapply(readLines(connection, warn = FALSE), read_json)
    }
    known
  }
})

pandas_case <- function(name, env = "pandas 2.3", protocol = 4) {
  Find(function(case) {
    case$name == name && case$env == env && case$protocol == protocol
  }, pandas_cases())
}

pickle_bytes <- function(case) jsonlite::base64_dec(case$pickle)

read_pandas <- function(name, ...) read_pickle(pickle_bytes(pandas_case(name)), ...)

# The case as a file, which read_pickle() maps.
pandas_file <- function(name, .local_envir = parent.frame()) {
  path <- withr::local_tempfile(fileext = ".pickle", .local_envir = .local_envir)
  writeBin(pickle_bytes(pandas_case(name)), path)
  path
}

test_that("every case is read as pandas has it", {
  skip_if_not_installed("jsonlite")
  outcomes <- vapply(pandas_cases(), function(case) {
    value <- read_pickle(pickle_bytes(case))
    found <- mismatch(value, case$value)
    if (!is.null(found)) paste(case$name, case$env, case$protocol, found)
    else if (is_python(value)) "object"
    else "equal"
  }, "")
  wrong <- setdiff(outcomes, c("equal", "object"))
  expect(!length(wrong), paste(wrong, collapse = "\n"))
  expect_identical(c(table(outcomes)), c(equal = 468L))
})

test_that("every case of the corpus is read as pandas has it", {
  skip_on_cran()
  skip_if_not_installed("jsonlite")
  cases <- Filter(function(case) startsWith(case$name, "pd_"), read_corpus("values"))
  outcomes <- vapply(cases, outcome, "")
  expect_identical(c(table(outcomes)), c(equal = 732L, object = 52L))
})

# The same as value of an entry: read_pickle() copies what is small.
pandas_entry <- function(name, .local_envir = parent.frame()) {
  bytes <- file_bytes(pandas_file(name))
  bytes <- bytes[-(1:2)] # PROTO
  if (bytes[[1L]] == 0x95) bytes <- bytes[-(1:9)] # FRAME
  path <- new_path(.local_envir)
  write_entry_file(path, "k", head(bytes, -1L), memo_max = 1000L)
  m <- mmapdict(path, readonly = TRUE)
  withr::defer(close(m), envir = .local_envir)
  m
}

test_that("columns of blocks are views, in whatever order a block has its values", {
  skip_if_not_installed("jsonlite")
  seen <- 0
  for (name in c("block_c", "block_f", "block_transposed", "block_sliced_rows",
                 "block_sliced_columns", "block_reversed", "block_taken", "block_scattered",
                 "block_one_column", "datetimes_two", "zone_pytz", "nullable_frame_Int32")) {
    x <- pandas_entry(name)[["k"]]
    for (column in x) {
      expect_true(is_view(column), label = name)
      expect_false(view_info(column)$materialized && nrow(x) > 2, label = name)
      seen <- seen + 1
    }
    expect_null(mismatch(x, pandas_case(name)$value), label = name)
  }
  expect_gt(seen, 45)
  series <- pandas_entry("nullable_Float32")[["k"]]
  expect_true(is_view(series))
  expect_identical(series[], c(1, NA, 3))
})

test_that("views of columns read the file, not a copy", {
  skip_if_not_installed("jsonlite")
  m <- pandas_entry("block_one_column")
  x <- m[["k"]]
  at <- view_info(x$x)$offset
  bytes <- file_bytes(path_of(m))
  expect_identical(readBin(bytes[at + 1:80], "double", 10), x$x[1:10])
})

test_that("labels of columns", {
  skip_if_not_installed("jsonlite")
  names_of <- function(name) names(read_pandas(paste0("columns_", name)))
  expect_identical(names_of("range"), c("0", "1"))
  expect_identical(names_of("int"), c("100000", "-2"))
  expect_identical(names_of("float"), c("0.5", "1000000"))
  expect_identical(names_of("repeated"), c("a", "a"))
  expect_identical(names_of("empty"), c("", " "))
  expect_identical(names_of("missing"), c("a", "NA"))
  expect_identical(names_of("mixed"), c("a", "1"))
  expect_identical(names_of("tuples"), c("a.1", "b"))
  expect_identical(names_of("dates"), c("2020-01-01", "2021-06-01"))
  expect_identical(names_of("multi"), c("a.1", "a.2"))
  expect_identical(names_of("utf8"), c("\u00e9", "\u6f22"))
  expect_identical(names(read_pandas("interval_columns")), c("(0, 1]", "(1, 2]"))
})

test_that("factors", {
  skip_if_not_installed("jsonlite")
  expect_identical(
    read_pandas("categorical"), factor(c("b", "a", NA, "b"), levels = c("a", "b"))
  )
  expect_identical(levels(read_pandas("categorical_int")), c("2", "100000"))
  expect_identical(
    levels(read_pandas("categorical_float")),
    c("0.1", "0.3", "0.30000000000000004", "2", "1e+20")
  )
  expect_identical(
    read_pandas("cut"),
    factor(c("(0, 3]", "(3, 6]", "(6, 10]", NA), ordered = TRUE)
  )
  expect_identical(levels(read_pandas("cut_left"))[[1L]], "[0, 3)")
  twins <- pandas_factor(0:2, list(1L, "1", 1), FALSE)
  expect_identical(levels(twins), c("1", "1.1", "1.2"))
})

test_that("options hold for columns", {
  skip_if_not_installed("jsonlite")
  skip_if_not_installed("bit64")
  expect_identical(
    read_pandas("dtype_int64_large", int64 = "integer64")[],
    bit64::as.integer64(c("9007199254740992", "-4611686018427387904", "4611686018427387904"))
  )
  expect_identical(read_pandas("dtype_uint8", uint8 = "raw")$a[], as.raw(c(0, 1, 1)))
  expect_identical(read_pandas("mixed", simplify = FALSE)$s, list("x", "y", "z"))
  expect_identical(read_pandas("string", simplify = FALSE)[1:2], c("a", NA))
  reversed <- read_pandas("block_c", dims = "reversed")
  expect_identical(lapply(reversed, `[`), lapply(read_pandas("block_c"), `[`))
})

test_that("intervals are their ends", {
  skip_if_not_installed("jsonlite")
  x <- read_pandas("interval_column")
  expect_identical(lapply(x$x, `[`), list(left = c(0, 1), right = c(1, 2)))
  expect_identical(attr(x$x, "closed"), "right")
  m <- mmapdict(test_path("fixtures", "objects-pandas.mmdpickle"), readonly = TRUE)
  withr::defer(close(m))
  x <- m$pd_intervalindex
  expect_identical(list(x$left, x$right), list(c(0, 1.5), c(1.5, 3)))
  expect_identical(attr(x, "closed"), "left")
})

test_that("labels of intervals are names of rows, which may not repeat", {
  require_python()
  skip_if(system2(python(), c("-c", shQuote("import pandas")), stderr = FALSE) != 0L, "no pandas")
  path <- withr::local_tempfile(fileext = ".pickle")
  read <- function(labels, ...) {
    run_python(sprintf(
      "import pandas as pd; pd.Series(pd.interval_range(0, 2, name='n'), index=%s).to_pickle('%s')",
      labels, path
    ))
    read_pickle(path, ...)
  }
  x <- read("['a', 'b']")
  expect_identical(dimnames(x), list(c("a", "b"), c("left", "right")))
  expect_identical(attr(x, "name_of_series"), "n")
  expect_identical(row.names(read("[5, 6]")), c("5", "6"))
  expect_identical(row.names(read("[5, 6]", index = "attribute")), c("5", "6"))
  x <- read("['a', 'a']")
  expect_identical(names(x), c("index", "n"))
  expect_identical(names(x$n), c("left", "right"))
  x <- read("['a', 'a']", index = "attribute")
  expect_identical(attr(x, "index"), c("a", "a"))
  expect_identical(names(read("['a', 'b']", index = "drop")), c("left", "right"))
})

test_that("damaged pickles give errors of ours, inert objects, or whole data frames", {
  skip_if_not_installed("jsonlite")
  skip_on_cran()
  outcomes <- character()
  for (name in c("mixed", "categorical_ordered", "nullable_frame_Int8", "frame_index_multi")) {
    bytes <- pickle_bytes(pandas_case(name))
    for (at in seq(12L, length(bytes), by = 5L)) {
      damaged <- bytes
      damaged[[at]] <- xor(damaged[[at]], as.raw(c(1, 128, 3)[[at %% 3L + 1L]]))
      outcomes <- c(outcomes, tryCatch({
        x <- suppressWarnings(read_pickle(damaged))
        if (is.data.frame(x)) expect_true(all(vapply(x, NROW, 1L) == nrow(x)))
        class(x)[[1L]]
      }, mmappickle_error = function(e) "error"))
    }
  }
  expect_true(all(c("error", "python_object", "data.frame") %in% outcomes))
})

test_that("a long text that stands many times is made once", {
  skip_if_not_installed("jsonlite")
  x <- read_pandas("long_strings")
  expect_identical(nchar(x), rep(c(1000L, 70000L), 3))
})

test_that("what was read is stored and read again", {
  skip_if_not_installed("jsonlite")
  m <- local_store()
  for (name in c("mixed", "zone_pytz", "cut", "frame_index_multi", "series_index_text",
                 "nullable_frame_Int64", "interval_column", "attrs", "columns_repeated",
                 "period_column", "frame_index_float")) {
    x <- read_pandas(name)
    m[["k"]] <- x
    expect_identical(m[["k"]], x, label = name)
  }
})
