test_that("a handle prints its state and its keys", {
  m <- local_store()
  m[["x"]] <- matrix(as.double(1:6), 2)
  m[["masked"]] <- c(1L, NA, 3L)
  m[["u8"]] <- ndarray(1:3, "uint8")
  m[["text"]] <- "value"
  m[["gone"]] <- 1
  m[["gone"]] <- NULL
  expect_snapshot({
    m
    cat(format(m))
    str(m)
    str(list(m = m))
    str(list(m = m), max.level = 1)
    summary(m)
    list(m)
  }, transform = without_paths)
})

# Of most kinds, with keys that terminals must not be given as they are.
store_of_kinds <- function(.local_envir = parent.frame()) {
  m <- local_store(.local_envir = .local_envir)
  m[["chr"]] <- "hello"
  m[["a text of\nlines"]] <- "one\ntwo \"quoted\" \\"
  m[["escape \033[31m"]] <- "\033[2J"
  m[["wide \u6f22\u5b57\u6f22\u5b57"]] <- "\u6f22\u5b57"
  m[["right to left \u202e"]] <- c("a", "b")
  long <- "a key that is very long, longer than there is room for it in a console"
  m[[long]] <- strrep("long ", 50)
  m[["num"]] <- 3.5
  m["none"] <- list(NULL)
  m[["list"]] <- list(1, "a")
  m[["dict"]] <- list(a = 1, b = "x")
  m[["frame"]] <- data.frame(x = 1:3, y = letters[1:3])
  m[["factor"]] <- factor(c("a", "b", "a"))
  m[["date"]] <- as.Date("2024-02-29")
  m[["time"]] <- as.POSIXct("2024-02-29 12:30", tz = "UTC")
  m[["diff"]] <- as.difftime(90, units = "mins")
  m[["class"]] <- structure(list(a = 1), class = "own")
  m[["object"]] <- python_object("decimal.Decimal", list("1.50"))
  m[["array"]] <- array(1L, c(2, 3, 4))
  m[["masked"]] <- c(TRUE, NA)
  m
}

test_that("all kinds of values are told, on consoles of any width", {
  m <- store_of_kinds()
  for (width in c(100L, 60L, 30L, 12L)) {
    withr::local_options(width = width, cli.unicode = TRUE)
    expect_snapshot(print(m, n = 50), transform = without_paths)
    lines <- capture.output(print(m, n = 50))[-(1:2)]
    expect_lte(max(nchar(lines, "width")), max(width, 22L))
    expect_false(any(grepl(paste0("[", "\033", intToUtf8(0x202e), "]"), lines)))
  }
})

test_that("colours are cli's, and there are none without", {
  m <- store_of_kinds()
  withr::local_options(cli.unicode = TRUE)
  withr::with_options(list(cli.num_colors = 256L), {
    expect_snapshot(print(m, n = 4), transform = without_paths)
    coloured <- capture.output(print(m, n = 50))
  })
  plain <- capture.output(print(m, n = 50))
  expect_identical(cli::ansi_strip(coloured), plain)
  expect_false(identical(coloured, plain))
})

test_that("prints without UTF-8", {
  m <- store_of_kinds()
  withr::local_options(cli.unicode = FALSE, width = 60L)
  expect_snapshot(print(m, n = 3), transform = without_paths)
  withr::local_options(cli.unicode = NULL)
  path <- path_of(m)
  lines <- callr::r(function(path) {
    m <- mmappickle::mmapdict(path, readonly = TRUE)
    utils::capture.output(print(m, n = 50), utils::str(m), print(summary(m)))
  }, list(path), env = c(LC_ALL = "C", LANGUAGE = "en"))
  expect_true(all(grepl("^[ -~]*$", lines)))
  expect_match(lines, "\\\\u6f22|U\\+6F22", all = FALSE)
})

test_that("many keys are cut off", {
  m <- local_store()
  for (i in 1:25) m[[paste0("key", i)]] <- i
  lines <- capture.output(print(m))
  expect_length(lines, 23)
  expect_match(lines[[23]], "and 5 more keys")
  expect_length(capture.output(print(m, n = 3)), 6)
  capture.output(expect_invisible(print(m)))
  expect_match(capture.output(str(m, list.len = 3)), "list output truncated", all = FALSE)
  expect_length(capture.output(str(m, list.len = 3)), 5)
})

test_that("a long key leaves room for what its value is", {
  m <- local_store()
  m[[strrep("long", 20)]] <- 1L
  for (width in c(20L, 40L, 80L)) {
    withr::local_options(width = width)
    shown <- capture.output(str(m))[[2L]]
    expect_match(shown, "^ [$] long.*: int")
    expect_lte(nchar(shown, "width"), width)
  }
})

test_that("only the entries that are shown are looked at", {
  ns <- asNamespace("mmappickle")
  m <- local_store()
  for (i in 1:25) m[[paste0("key", i)]] <- i
  expect_length(ns$store_entries(ns$pointer(m), FALSE, 0L, 3, TRUE)$key, 3)
  expect_identical(ns$first_entries(m, 2)$value, c("int 1", "int 2"))
})

# What a handle shows of itself, in each way.
shown_by <- function(m) {
  list(
    capture.output(print(m)), capture.output(str(m)), format(m), capture.output(print(summary(m))),
    capture.output(print(list(m)))
  )
}
expect_shows <- function(m, what, open = FALSE, keys = if (open) names(m) else character()) {
  for (shown in shown_by(m)) expect_match(paste(shown, collapse = "\n"), what)
  expect_identical(is_open(m), open)
  expect_identical(utils::.DollarNames(m, ""), keys)
}

test_that("a handle says in what state it is, and never fails", {
  path <- new_path()
  m <- mmapdict(path)
  m[["a"]] <- 1
  r <- mmapdict(path, readonly = TRUE)
  expect_shows(m, "1 key", open = TRUE)
  expect_output(print(r), "read-only")
  saved <- serialize(m, NULL)
  expect_shows(unserialize(saved), "1 key", open = TRUE)
  close(m)
  expect_shows(m, "closed")
  copy <- new_path()
  file.copy(path, copy)
  unlink(path)
  if (.Platform$OS.type == "unix") {
    expect_shows(r, "the file is gone", keys = "a")
    expect_identical(r[["a"]], 1)
    expect_shows(unserialize(saved), "[Nn]o such file|does not exist|no file")
    expect_kind(names(unserialize(saved)), "io")
    writeBin(charToRaw("rubbish that is no pickle"), path)
    expect_shows(r, "mmapdict")
    writeBin(file_bytes(copy)[1:20], path)
    expect_shows(r, "mmapdict")
    dir.create(other <- withr::local_tempfile())
    unlink(path)
    file.rename(other, path)
    expect_shows(r, "mmapdict")
    unlink(path, recursive = TRUE)
    file.copy(copy, path)
    expect_shows(r, "1 key", open = TRUE)
  }
  close(r)
})

test_that("a file that was cut off says so", {
  path <- new_path()
  m <- mmapdict(path)
  m[["a"]] <- as.list(1:1000)
  writeBin(file_bytes(path)[1:200], path)
  expect_no_error(shown_by(m))
  close(m)
})

test_that("the first print says that a file is new", {
  path <- new_path()
  expect_silent(m <- mmapdict(path))
  expect_output(print(m), "new file")
  expect_false(any(grepl("new file", capture.output(print(m)))))
  again <- mmapdict(path)
  expect_false(any(grepl("new file", capture.output(print(again)))))
  close(again)
  close(m)
})

test_that("a file that another process put in the place of a new one is not called new", {
  path <- new_path()
  m <- mmapdict(path)
  other <- new_path()
  close(mmapdict(other))
  skip_on_os("windows") # what is open cannot be replaced
  file.rename(other, path)
  expect_false(any(grepl("new file", capture.output(print(m)))))
  expect_false(any(grepl("new file", capture.output(print(m)))))
  close(m)
})

test_that("an interactive session is told of a new file once", {
  skip_on_os("windows")  # there is no --interactive
  path <- new_path()
  code <- c(
    sprintf(".libPaths(%s)", paste(deparse(.libPaths()), collapse = "")),
    sprintf("path <- \"%s\"", path),
    "catch <- function(x) tryCatch(x, mmappickle_message_new_file = conditionMessage)",
    "x <- mmappickle::mmapdict(path)", "y <- mmappickle::mmapdict(path)",
    "catch(mmappickle::mmapdict(paste0(path, 1)))",
    "options(mmappickle.new_file_message = FALSE)", "z <- mmappickle::mmapdict(paste0(path, 2))"
  )
  withr::defer(unlink(paste0(path, 1:2)))
  R <- file.path(R.home("bin"), "R")
  out <- system2(R, c("--interactive", "--vanilla", "-q", "--no-readline"), input = code,
                 stdout = TRUE, stderr = TRUE)
  told <- grep("New file: ", out, value = TRUE)
  expect_length(told, 2)
  expect_match(told[[1]], path, fixed = TRUE)
  expect_match(told[[2]], "^\\[1\\]")
})

test_that("every fixture prints", {
  for (name in names(described_fixtures())) {
    m <- mmapdict(fixture(name), readonly = TRUE)
    lines <- capture.output(print(m), str(m), print(summary(m)))
    expect_gt(length(lines), 3)
    for (key in head(names(m), 60)) {
      value <- tryCatch(suppressWarnings(m[[key]]), mmappickle_error = identity)
      if (inherits(value, c("python_object", "python_dict"))) {
        expect_output(print(value), "<python_")
        expect_output(str(value), "<python_")
      }
    }
    close(m)
  }
})

test_that("view_info() prints as a sheet", {
  m <- local_store()
  m[["x"]] <- matrix(as.double(1:6), 2)
  info <- view_info(m[["x"]])
  expect_s3_class(info, "view_info")
  expect_identical(info$key, "x")
  expect_snapshot(info, transform = function(x) sub("path  .*", "path  <path>", x))
})

test_that("sizes and shapes are told in short", {
  ns <- asNamespace("mmappickle")
  expect_identical(ns$format_bytes(0), "0 B")
  expect_identical(ns$format_bytes(999), "999 B")
  expect_identical(ns$format_bytes(1000), "1 kB")
  expect_identical(ns$format_bytes(216e6), "216 MB")
  expect_identical(ns$format_bytes(1.5e12), "1.5 TB")
  expect_identical(ns$format_shape(c(2, 3)), "[2 x 3]")
  expect_identical(ns$format_shape(numeric()), "[]")
  expect_identical(ns$format_shape(2^31), "[2,147,483,648]")
})
