# Each key of each file that the Python library wrote, against what pickle.load gives.

key_of_description <- function(key) {
  if (!is.null(key$v)) enc2utf8(key$v) else hex_raw(key$utf8_surrogatepass_hex)
}

walk_file <- function(path, entries, dims, label) {
  m <- mmapdict(path, readonly = TRUE, dims = dims)
  on.exit(close(m))
  live <- Filter(function(e) e$valid && e$kind != "padding", entries)
  expect_identical(length(m), length(live), label = paste(label, "length"))
  bytes <- NULL
  data_of <- function(e) {
    function() {
      if (is.null(e$data_offset) || is.null(e$value$nbytes)) return(NULL)
      if (is.null(bytes)) bytes <<- file_bytes(path)
      bytes[e$data_offset + seq_len(e$value$nbytes)]
    }
  }
  for (e in live) {
    key <- key_of_description(e$key)
    where <- paste0(label, " ", dims, " ", if (is.raw(key)) raw_hex(key) else key)
    # what a view before had to round is told by the next call
    expect_true(suppressWarnings(has_key(m, key)), label = paste(where, "is there"))
    if (!is.null(e$pickle_load)) {
      # Python cannot load it: any value or an error of ours
      value <- try(m[[key]], silent = TRUE)
      next
    }
    big <- vapply(e$value$shape, function(n) as.numeric(n), 0)
    if (e$value$t == "ndarray" && length(big) > 1 && any(big >= 2^31)) {
      expect_error(m[[key]], class = "mmappickle_error_limit", label = where)
      next
    }
    value <- tryCatch(suppressWarnings(m[[key]]), error = identity)
    if (inherits(value, "error")) {
      expect(FALSE, paste0(where, ": ", conditionMessage(value)))
      next
    }
    suppressWarnings(expect_described(value, e$value, dims, where, data_of(e)))
  }
  if (dims == "same") walk_entries(m, live, label)
}

walk_entries <- function(m, live, label) {
  table <- entries(m)
  kinds <- vapply(live, function(e) if (e$kind == "generic") "value" else e$kind, "")
  bad <- vapply(live, function(e) !is.null(e$pickle_load), NA)
  expect_identical(table$kind[!bad], kinds[!bad], label = paste(label, "kinds"))
  for (at in which(kinds != "value" & !bad)) {
    d <- live[[at]]$value
    shape <- as.numeric(unlist(if (d$t == "masked") d$data$shape else d$shape))
    expect_identical(table$shape[[at]], shape, label = paste(label, table$key[[at]], "shape"))
    expect_identical(table$offset[[at]], as.numeric(live[[at]]$data_offset),
                     label = paste(label, table$key[[at]], "offset"))
  }
}

test_that("the project's fixtures are read as Python reads them, for both dims", {
  skip_if_not_installed("jsonlite")
  files <- described_fixtures()
  expect_gt(length(files), 30)
  for (name in names(files)) for (dims in c("same", "reversed")) {
    walk_file(fixture(name), files[[name]]$entries, dims, name)
  }
})

test_that("all shared fixtures are read as Python reads them, for both dims", {
  skip_on_cran()
  skip_if_not_installed("jsonlite")
  expected <- jsonlite::fromJSON(shared("fixtures", "expected.json"), simplifyVector = FALSE)
  for (name in setdiff(names(expected), names(described_fixtures()))) {
    path <- shared("fixtures", name)
    if (!endsWith(path, ".mmdpickle")) path <- paste0(path, ".mmdpickle")
    for (dims in c("same", "reversed")) walk_file(path, expected[[name]]$entries, dims, name)
  }
})

test_that("integers of 64 bits are exact as integer64, bytes raw where asked for", {
  skip_if_not_installed("bit64")
  skip_if_not_installed("jsonlite")
  m <- mmapdict(fixture("dtypes.mmdpickle"), readonly = TRUE, int64 = "integer64", uint8 = "raw")
  withr::defer(close(m))
  seen <- 0
  for (e in described_fixture("dtypes.mmdpickle")) {
    if (!e$valid || !identical(e$value$t, "ndarray") || !is.character(e$value$dtype)) next
    if (e$value$dtype %in% c("<i8", ">i8")) {
      x <- m[[e$key$v]]
      expect_s3_class(x, "integer64")
      bytes <- hex_raw(e$value$hex)
      endian <- if (startsWith(e$value$dtype, ">")) "big" else "little"
      wanted <- readBin(bytes, "double", length(bytes) / 8, endian = endian)
      expect_identical(double_bits(x), double_bits(wanted), label = e$key$v)
      seen <- seen + 1
    }
    if (e$value$dtype == "|u1") {
      expect_identical(raw_hex(m[[e$key$v]][]), e$value$hex, label = e$key$v)
      seen <- seen + 1
    }
  }
  expect_gt(seen, 2)
})

test_that("what is read of a fixture is written and read again", {
  skip_if_not_installed("jsonlite")
  again <- local_store()
  copied <- 0
  for (name in c("objects.mmdpickle", "dtypes.mmdpickle", "masked.mmdpickle", "orders.mmdpickle")) {
    m <- mmapdict(fixture(name), readonly = TRUE)
    for (e in described_fixture(name)) {
      if (!e$valid || is.null(e$key$v)) next
      value <- suppressWarnings(m[[e$key$v]])
      no <- function(e) FALSE
      stored <- tryCatch({
        again["k"] <- list(value)
        TRUE
      }, mmappickle_error_unsupported = no, mmappickle_error_value = no)
      if (stored) {
        expect_identical(suppressWarnings(again[["k"]]), value, label = paste(name, e$key$v))
        copied <- copied + 1
      }
    }
    close(m)
  }
  expect_gt(copied, 100)
})
