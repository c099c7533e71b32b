test_that("a sound file has no findings", {
  m <- local_store()
  m[["a"]] <- 1
  m[["x"]] <- matrix(1:6, 2)
  report <- fsck(path_of(m))
  expect_s3_class(report, c("mmappickle_fsck", "data.frame"), exact = TRUE)
  expect_identical(nrow(report), 0L)
  expect_identical(names(report), c("at", "bytes", "key", "problem", "action", "harmful"))
  expect_identical(attr(report, "keys"), 2)
  expect_false(attr(report, "repaired"))
  expect_identical(nrow(fsck(m)), 0L)
  expect_output(print(report), "sound")
})

test_that("a file that was cut off is reported, and repaired when asked", {
  m <- local_store()
  m[["a"]] <- 1
  m[["b"]] <- "two"
  m[["x"]] <- rnorm(100)
  close(m)
  path <- path_of(m)
  bytes <- file_bytes(path)
  for (cut in c(5, 20, 300, 700)) {
    writeBin(head(bytes, -cut), path)
    report <- fsck(path)
    expect_true(any(report$harmful))
    expect_output(print(report), "damaged")
    expect_identical(file_bytes(path), head(bytes, -cut))
    fixed <- suppressWarnings(fsck(path, repair = TRUE))
    unlink(paste0(path, ".lost"))
    expect_true(attr(fixed, "repaired"))
    expect_identical(sum(fsck(path)$harmful), 0L)
    m <- mmapdict(path)
    expect_identical(m[["a"]], 1)
    expect_identical(m[["b"]], "two")
    m[["c"]] <- 3
    close(m)
  }
})

test_that("what stands behind a broken entry is kept, and the rest beside the file", {
  m <- local_store()
  for (key in c("a", "b", "c")) m[[key]] <- paste("text of", key)
  at <- entries(m)$bytes[[1L]] + 24
  close(m)
  path <- path_of(m)
  bytes <- file_bytes(path)
  bytes[at + 10] <- as.raw(0)
  writeBin(bytes, path)
  expect_kind(mmapdict(path), "format")
  before <- file.info(path)[c("mode", "uid")]
  report <- fsck(path, repair = TRUE)
  withr::defer(unlink(paste0(path, ".lost")))
  expect_true(attr(report, "repaired"))
  expect_identical(attr(report, "lost"), paste0(normalizePath(path), ".lost"))
  expect_output(print(report), "What could not be kept is in")
  expect_identical(file.info(path)[c("mode", "uid")], before)
  m <- mmapdict(path)
  expect_identical(names(m), c("a", "c"))
  expect_identical(m[["c"]], "text of c")
  close(m)
  lost <- mmapdict(attr(report, "lost"), readonly = TRUE)
  expect_identical(names(lost), as.character(at))
  expect_identical(materialize(lost[[1L]]), bytes[(at + 1):(at + length(lost[[1L]]))])
  close(lost)
})

test_that("a repair is busy where others have the file open", {
  skip_on_os(c("windows", "mac"))
  skip_if_not_installed("callr")
  m <- local_store()
  m[["a"]] <- 1
  path <- path_of(m)
  other <- callr::r_session$new()
  withr::defer(other$close())
  other$run(function(path) {
    assign("m", mmappickle::mmapdict(path, readonly = TRUE), globalenv())
    NULL
  }, list(path))
  cat("junk", file = path, append = TRUE)
  bytes <- file_bytes(path)
  expect_kind(fsck(path, repair = TRUE), "busy")
  expect_identical(file_bytes(path), bytes)
  expect_true(attr(fsck(path, repair = TRUE, force = TRUE), "repaired"))
  expect_true(file.exists(lost <- paste0(normalizePath(path), ".lost")))
  unlink(lost)
  expect_identical(m[["a"]], 1)
})

# -- the corpora --------------------------------------------------------------------------

# Repairs the file of each case; `check` looks at what is there then. Python reads all that
# were repaired, with the same keys.
expect_repairs <- function(cases, check, known = character()) {
  folder <- withr::local_tempdir()
  keys <- list()
  untouched <- character()
  failed <- character()
  for (i in seq_along(cases)) {
    case <- cases[[i]]
    path <- file.path(folder, sprintf("%05d", i))
    bytes <- jsonlite::base64_dec(case$file)
    writeBin(bytes, path)
    report <- tryCatch(fsck(path, repair = TRUE, force = TRUE), error = identity)
    unlink(paste0(path, ".lost"))
    if (inherits(report, "error")) {
      harmed <- !inherits(report, "mmappickle_error_format") ||
        !identical(file_bytes(path), bytes) || length(case$must$repair) ||
        length(case$must$recover)
      if (harmed) failed <- c(failed, paste(case$name, conditionMessage(report)))
      unlink(path)
      next
    }
    m <- suppressWarnings(mmapdict(path, readonly = TRUE))
    keys[[basename(path)]] <- names(m)
    problem <- check(m, case)
    if (length(problem)) failed <- c(failed, paste0(case$name, ": ", problem))
    if (any(fsck(path)$harmful)) failed <- c(failed, paste(case$name, "still harmed"))
    close(m)
    if (identical(file_bytes(path), bytes)) untouched <- c(untouched, basename(path))
  }
  found <- lapply(run_python(test_path("python", "keys.py"), folder), read_json)
  for (one in found) {
    name <- cases[[as.integer(one$file)]]$name
    if (is.null(one$error)) {
      if (!setequal(unlist(one$keys), keys[[one$file]])) {
        failed <- c(failed, paste(name, "other keys in Python"))
      }
    } else if (!one$file %in% untouched) {
      # A value that this pickle.load never could make is no concern of a repair. (Since 3.14
      # it refuses frames inside of frames, for one.)
      failed <- c(failed, paste(name, "in Python:", one$error))
    }
  }
  expect_identical(setdiff(failed, known), character())
  length(cases)
}

is_one_of <- function(value, descriptions) {
  for (description in descriptions) {
    if (is.null(suppressWarnings(mismatch(value, description)))) return(TRUE)
  }
  FALSE
}
text_of <- function(description) description$v %||% ""

test_that("files that the Python library left half-written come back", {
  require_python()
  cases <- read_corpus("interrupted_writes")
  count <- expect_repairs(cases, function(m, case) {
    problems <- character()
    known <- c(case$before, case$after)
    for (key in names(m)) {
      values <- Filter(function(pair) identical(text_of(pair[[1L]]), key), known)
      if (!is_one_of(m[[key]], lapply(values, `[[`, 2L))) {
        problems <- c(problems, paste0("'", key, "' is neither old nor new"))
      }
    }
    for (item in case$must$recover) {
      if (!has_key(m, text_of(item$key))) {
        problems <- c(problems, paste0("'", text_of(item$key), "' is lost"))
      }
    }
    problems
  })
  expect_identical(count, 708L)
})

test_that("what is whole in hostile files comes back", {
  require_python()
  count <- expect_repairs(read_corpus("hostile_files"), function(m, case) {
    problems <- character()
    for (item in case$must$repair) {
      key <- text_of(item$key)
      if (!has_key(m, key) || !is_one_of(m[[key]], list(item$value))) {
        problems <- c(problems, paste0("'", key, "' is lost"))
      }
    }
    problems
  }, known = c(
    # Python's library cannot list such a key; pickle.load reads it, and it stays.
    "key/surrogate still harmed", "key/surrogate other keys in Python",
    "key/nul other keys in Python" # shown with an escape here
  ))
  expect_identical(count, 576L)
})

test_that("what is no mmapdict is an error", {
  path <- withr::local_tempfile(lines = "text")
  expect_kind(fsck(path), "format")
  expect_kind(fsck(tempfile()), "io")
  expect_kind(fsck(1), "value")
  expect_kind(fsck(path, repair = "yes"), "value")
})

test_that("a report prints its findings", {
  report <- structure(
    list(at = c(24, 100), bytes = c(10, 20), key = c("", "k"),
         problem = c("The frame ends beyond the file.", "An array of the old form."),
         action = c("Cut the file.", ""), harmful = c(TRUE, FALSE)),
    class = c("mmappickle_fsck", "data.frame"), row.names = 1:2,
    path = "a.mmdpickle", keys = 3, repaired = FALSE
  )
  expect_snapshot(print(report))
})

test_that("pickle.load reads a file that was repaired, and one written to after that", {
  require_python()
  skip_if_not_installed("jsonlite")
  m <- local_store()
  m[["a"]] <- 1
  m[["x"]] <- rnorm(10)
  m[["b"]] <- "two"
  m[["y"]] <- rnorm(20)
  close(m)
  path <- path_of(m)
  bytes <- file_bytes(path)
  python <- python_files()
  wanted <- list()
  for (size in seq(120, length(bytes) - 1, by = 37)) {
    writeBin(head(bytes, size), path)
    suppressWarnings(fsck(path, repair = TRUE, force = TRUE))
    unlink(paste0(path, ".lost"))
    m <- mmapdict(path)
    keys <- names(m)
    wanted[[python$add(path)]] <- keys
    m[["new"]] <- c(1, 2)
    close(m)
    wanted[[python$add(path)]] <- c(keys, "new")
  }
  python$look()
  expect_gt(length(wanted), 20)
  for (name in names(wanted)) {
    expect_identical(keys_of(python$found(name)), sort(wanted[[name]]), label = name)
    expect_true(python$sound(name), label = name)
  }
})

test_that("what fsck() calls sound can be read: arrays inside of values, too", {
  path <- withr::local_tempfile(fileext = ".mmdpickle")
  m <- local_mmapdict(path)
  m[["good"]] <- list(1, c(1.5, 2.5))
  m[["lies"]] <- list("x", ndarray(c(1.5, 2.5, 3.5), "float64"))
  close(m)
  bytes <- file_bytes(path)
  # the shape (3,) of the one inside
  shape <- charToRaw("K\x03\x85")
  at <- grepRaw(shape, bytes, fixed = TRUE)
  expect_length(at, 1L)
  bytes[at + 1L] <- as.raw(4)
  writeBin(bytes, path)
  m <- mmapdict(path, readonly = TRUE)
  expect_error(m[["lies"]], class = "mmappickle_error_format")
  close(m)
  report <- fsck(path)
  expect_identical(report$key[report$harmful], "lies")
  expect_match(report$problem[report$harmful], "array")
  suppressWarnings(fsck(path, repair = TRUE))
  expect_false(any(fsck(path)$harmful))
  m <- mmapdict(path, readonly = TRUE)
  expect_identical(names(m), "good")
  expect_identical(m[["good"]], list(1, c(1.5, 2.5)))
  close(m)
})
