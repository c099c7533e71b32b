# What pyarrow pickles, by itself and inside of pandas' objects (python/arrow_cases.py).

read_lines_of_json <- function(...) {
  connection <- gzfile(test_path("fixtures", ...)) # xz, too
  on.exit(close(connection))
  lapply(readLines(connection, warn = FALSE), read_json)
}

arrow_cases <- local({
  known <- NULL
  function() {
    if (is.null(known)) known <<- read_lines_of_json("arrow", "cases.jsonl.xz")
    known
  }
})

hex_bytes <- function(hex) {
  as.raw(strtoi(substring(hex, seq(1, nchar(hex), 2), seq(2, nchar(hex), 2)), 16L))
}

arrow_bytes <- function(name) {
  hex_bytes(Find(function(case) case$name == name, arrow_cases())$pickle)
}

read_arrow <- function(name, ...) read_pickle(arrow_bytes(name), ...)

test_that("every type, form and container is read as Arrow has it", {
  skip_if_not_installed("jsonlite")
  cases <- Filter(function(case) !grepl("^(rounded|inert|NUL|a foreign)", case$name), arrow_cases())
  expect_gt(length(cases), 400)
  wrong <- Filter(function(case) {
    value <- read_pickle(hex_bytes(case$pickle))
    !identical(value, eval(parse(text = case$r, encoding = "UTF-8", keep.source = FALSE)))
  }, cases)
  names <- vapply(wrong, function(case) paste(case$name, case$protocol), "")
  expect(!length(wrong), paste(names, collapse = "\n"))
})

test_that("pandas' objects are what they are without Arrow inside", {
  skip_if_not_installed("jsonlite")
  plain <- list()
  for (case in read_lines_of_json("pandas.jsonl.gz")) {
    plain[[paste(case$env, case$name)]] <- case$pickle
  }
  cases <- read_lines_of_json("arrow", "pandas3.jsonl.xz")
  expect_gt(length(cases), 100)
  wrong <- Filter(function(case) {
    with <- read_pickle(hex_bytes(case$pickle))
    without <- read_pickle(jsonlite::base64_dec(plain[[paste("pandas 2.3", case$name)]]))
    !identical(with, without) && !(is_python(with) && is_python(without))
  }, cases)
  expect_identical(vapply(wrong, `[[`, "", "name"), character())
})

test_that("decimals with more digits than doubles have are rounded, with a warning", {
  skip_if_not_installed("jsonlite")
  expect_warning(
    value <- read_arrow("rounded"), "`\\$d`.*more digits",
    class = "mmappickle_warning_precision"
  )
  expect_identical(value$d, c(12345678901234567.89, 0.1, NA, 9007199254740992))
})

test_that("types without a counterpart in R stay inert", {
  skip_if_not_installed("jsonlite")
  inert <- Filter(function(case) startsWith(case$name, "inert"), arrow_cases())
  expect_length(inert, 5L)
  for (case in inert) {
    value <- read_pickle(hex_bytes(case$pickle))
    expect_s3_class(value, "python_object")
    expect_identical(value$class, "pyarrow.lib._restore_array")
  }
})

test_that("a column without a counterpart takes only itself", {
  skip_if_not_installed("jsonlite")
  expect_warning(
    value <- read_arrow("a foreign column"), "`\\$u`",
    class = "mmappickle_warning_inert"
  )
  expect_s3_class(value, "data.frame")
  expect_identical(value$x, c(1, 2))
  expect_length(value$u, 2L)
  expect_s3_class(value$u[[1L]], "python_object")
})

test_that("a text that no R string holds makes a list", {
  skip_if_not_installed("jsonlite")
  value <- read_arrow("NUL inside")
  expect_s3_class(value[[1L]], "python_object")
  expect_identical(value[2:3], list("c", NULL))
})

test_that("the options for integers hold for what Arrow has", {
  skip_if_not_installed("jsonlite")
  skip_if_not_installed("bit64")
  value <- read_arrow("table int64 nulls", int64 = "integer64")$y
  expect_s3_class(value, "integer64")
  expect_identical(is.na(value), seq_along(value) %in% c(2, 9))
})

# A chunked array of doubles, in protocol 3; `valid`: the bitmap of each chunk, or NULL.
chunked_doubles <- function(chunks, valid) {
  call <- function(name, ...) {
    c(charToRaw(paste0("cpyarrow.lib\n", name, "\n(")), ..., charToRaw("tR"))
  }
  sized <- function(opcode, x) c(charToRaw(opcode), writeBin(length(x), raw()), x)
  buffer <- function(x) call("py_buffer", sized("B", x))
  type <- call("type_for_alias", sized("X", charToRaw("double")))
  array <- function(x, bits) {
    members <- c(
      charToRaw("("), type, charToRaw(sprintf("I%d\nI-1\nI0\n(", length(x))),
      if (is.null(bits)) charToRaw("N") else buffer(bits),
      buffer(writeBin(x, raw())), charToRaw("l(lNt")
    )
    call("_restore_array", members)
  }
  arrays <- do.call(c, lapply(chunks, array, bits = valid))
  c(
    as.raw(c(0x80, 3)),
    call("chunked_array", charToRaw("("), arrays, charToRaw("l"), type), charToRaw(".")
  )
}

test_that("numbers of one piece without nulls are mapped", {
  x <- as.double(1:10000)
  read <- function(...) {
    path <- new_path(parent.frame())
    writeBin(chunked_doubles(...), path)
    read_pickle(path)
  }
  whole <- read(list(x), NULL)
  expect_true(is_view(whole))
  expect_identical(view_info(whole)$dtype, "float64")
  expect_identical(whole[], x)
  with_nulls <- read(list(x), as.raw(c(0xfe, rep(0xff, 1249))))
  expect_identical(with_nulls, c(NA, x[-1L]))
  expect_identical(read(list(x, x), NULL), c(x, x))
})

test_that("the files of colleagues are data frames", {
  skip_on_cran()
  folder <- shared("cases", "colleague")
  read <- function(name) read_pickle(file.path(folder, name))
  expect_identical(
    read("pandas3_default.pkl"),
    data.frame(name = c("Ann", NA, "C\u00e9"), x = c(1, 2, 3))
  )
  expect_identical(read("pandas3_cols_only.pkl"), data.frame(a = c(1, 2), b = c(3, 4)))
  expect_identical(read("pandas3_index.pkl"), data.frame(x = c(1, 2), row.names = c("a", "b")))
  day <- c(18262, NA)
  expect_identical(
    read("arrow_types.pkl"),
    data.frame(
      f = c(1.5, NA), b = c(TRUE, NA), t = .POSIXct(day * 86400, "UTC"), d = .Date(day),
      s = c("x", NA)
    )
  )
  expect_identical(read("pa_table.pkl"), data.frame(a = c(1, 2), s = c("x", NA)))
})
