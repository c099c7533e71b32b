# options(mmappickle.by_reference = TRUE): views are serialized as references to the file.

reference <- function(x) {
  withr::local_options(mmappickle.by_reference = TRUE)
  serialize(x, NULL)
}

some_views <- function(m) {
  m[["double"]] <- as.double(1:10000)
  m[["int"]] <- 1:10000
  m[["f4"]] <- ndarray(as.double(1:10000), "float32")
  m[["i8"]] <- ndarray(as.double(1:10000), "int64")
  m[["bool"]] <- rep(c(TRUE, FALSE), 5000)
  m[["masked"]] <- c(1L, NA, 3L, rep(NA, 9997))
  m[["text"]] <- ndarray(sprintf("t%d", 1:10000), "U8")
  m[["matrix"]] <- matrix(as.double(1:10000), 100, dimnames = list(NULL, 1:100))
  m[["fortran"]] <- ndarray(matrix(as.double(1:10000), 100), order = "F")
  m[["date"]] <- as.Date("2020-01-01") + 0:9999
  m[["time"]] <- as.POSIXct("2020-01-01", tz = "UTC") + 0:9999
  m[["complex"]] <- complex(real = 1:10000, imaginary = 1)
  m[["bytes"]] <- as.raw(0:9999 %% 256)
  m[["void"]] <- ndarray(matrix(as.raw(0:255), 4), "V4")
  m[["nested"]] <- list(as.double(1:10000))
  as.list(m)
}

test_that("a view comes back as a view of the same values, from about 100 bytes", {
  m <- local_store()
  values <- some_views(m)
  values$nested <- values$nested[[1L]]
  sizes <- numeric()
  for (name in names(values)) {
    x <- values[[name]]
    if (!is_view(x)) next
    bytes <- reference(x)
    state <- mmappickle:::view_to_reference(x)
    sizes[[name]] <- length(state) - nchar(path_of(m), "bytes")
    expect_lt(length(bytes), 2000) # R writes dim names and the like itself
    back <- unserialize(bytes)
    expect_true(is_view(back), label = name)
    expect_identical(back, x, label = name)
    expect_identical(view_info(back)$offset, view_info(x)$offset)
  }
  expect_gt(length(sizes), 9L)
  expect_lt(max(sizes), 100)
})

test_that("without the option, in version 2, and of plain pickles it is by value", {
  m <- local_store()
  m[["x"]] <- as.double(1:10000)
  x <- m[["x"]]
  expect_gt(length(serialize(x, NULL)), 80000)
  withr::local_options(mmappickle.by_reference = TRUE)
  expect_gt(length(serialize(x, NULL, version = 2)), 80000)
  expect_lt(length(serialize(x, NULL)), 1000)
  path <- withr::local_tempfile()
  write_pickle(as.double(1:10000), path)
  expect_gt(length(serialize(read_pickle(path), NULL)), 80000)
  withr::local_options(mmappickle.by_reference = NA)
  expect_gt(length(serialize(x, NULL)), 80000)
})

test_that("inside other objects, and with attributes of their own", {
  m <- local_store()
  m[["x"]] <- as.double(1:10000)
  x <- list(a = m[["x"]], b = structure(m[["x"]], units = "m"), c = data.frame(v = m[["x"]]))
  bytes <- reference(x)
  expect_lt(length(bytes), 3000)
  expect_identical(unserialize(bytes), x)
})

test_that("in another process", {
  skip_if_not_installed("callr")
  m <- local_store()
  m[["x"]] <- as.double(1:1e6)
  withr::local_options(mmappickle.by_reference = TRUE)
  # (callr's own serialization is in this process, with the option.)
  out <- callr::r(function(x) c(sum(x), length(serialize(x, NULL)), mmappickle::is_view(x)),
                  list(x = m[["x"]]), env = c(callr::rcmd_safe_env()))
  expect_identical(out[c(1, 3)], c(sum(as.double(1:1e6)), 1))
})

test_that("a file that has moved or changed is an error, never another vector", {
  path <- new_path()
  m <- mmapdict(path)
  m[["gone"]] <- 1
  m[["x"]] <- as.double(1:10000)
  bytes <- reference(m[["x"]])
  # Other entries may come and go.
  m[["more"]] <- 2
  m[["gone"]] <- NULL
  expect_identical(unserialize(bytes)[[7L]], 7)
  # Replaced: the old bytes are still there.
  m[["x"]] <- as.double(10000:1)
  expect_kind(unserialize(bytes), "stale")
  bytes <- reference(m[["x"]])
  # A slice at either end.
  m["x", 1] <- -1
  expect_kind(unserialize(bytes), "stale")
  bytes <- reference(m[["x"]])
  vacuum(m)
  expect_kind(unserialize(bytes), "stale")
  bytes <- reference(m[["x"]])
  close(m)
  file.rename(path, moved <- new_path())
  expect_kind(unserialize(bytes), "io")
  file.copy(moved, path)
  expect_kind(unserialize(bytes), "stale")
})

test_that("a file made anew with the same layout is told from the old one", {
  path <- new_path()
  make <- function(seed) {
    unlink(path)
    m <- mmapdict(path)
    m[["x"]] <- seed + as.double(1:100000)
    m
  }
  m <- make(1)
  bytes <- reference(m[["x"]])
  close(m)
  rm(m)
  for (seed in 2:5) {
    m <- make(seed)
    expect_kind(unserialize(bytes), "stale")
    close(m)
  }
})

test_that("bytes that are no reference are an error, and read nothing outside", {
  m <- local_store()
  m[["x"]] <- as.double(1:1000)
  m[["m"]] <- c(1L, NA, 3L)
  for (key in c("x", "m")) {
    state <- mmappickle:::view_to_reference(m[[key]])
    for (n in seq_along(state)) {
      expect_s3_class(
        tryCatch(mmappickle:::view_from_reference(head(state, n - 1L)), error = identity),
        "mmappickle_error"
      )
      for (new in as.raw(c(0, 1, 0x7f, 0x80, 0xff))) {
        changed <- state
        changed[[n]] <- new
        found <- tryCatch(mmappickle:::view_from_reference(changed), error = identity)
        if (inherits(found, "condition")) expect_s3_class(found, "mmappickle_error")
        else sum(found, na.rm = TRUE)
      }
    }
  }
  expect_kind(mmappickle:::view_from_reference("text"), "format")
  expect_kind(mmappickle:::view_from_reference(raw()), "format")
})

test_that("a reference reaches no array but those of its entry, and these as they are", {
  skip_on_os("windows")
  skip_if_not_installed("bit64")
  m <- local_store()
  m[["secret"]] <- rep(42, 5000)
  m[["x"]] <- list(a = as.double(1:5000), b = ndarray(matrix(as.raw(0:255), 4), "V4"))
  m[["y"]] <- as.double(1:5000)
  # The parts of a reference, to be put together anew.
  items_of <- function(x) read_pickle(mmappickle:::view_to_reference(x))
  put <- function(x) {
    if (is.raw(x)) {
      return(c(as.raw(c(0x43, length(x))), x))
    }
    bits <- as.double(unclass(bit64::as.integer64(x)))
    c(as.raw(c(0x8a, 8)), writeBin(bits, raw(), endian = "little"))
  }
  back <- function(items) {
    bytes <- c(as.raw(c(0x80, 4, 0x28)), unlist(lapply(items, put)), as.raw(c(0x74, 0x2e)))
    tryCatch(mmappickle:::view_from_reference(bytes), error = identity)
  }
  x <- items_of(m[["x"]]$a)
  b <- items_of(m[["x"]]$b)
  secret <- items_of(m[["secret"]])
  expect_length(x, 10L)
  expect_identical(back(x)[], as.double(1:5000))
  expect_identical(back(secret)[], rep(42, 5000))
  # key, place, content and part of another entry, one by one and in any mixture
  for (n in 1:4) {
    for (take in utils::combn(c(3L, 6L, 7L, 8L), n, simplify = FALSE)) {
      mixed <- x
      mixed[take] <- secret[take]
      found <- back(mixed)
      if (n == 4L) next # a reference to the other entry
      expect_s3_class(found, "mmappickle_error")
    }
  }
  # a part of the same entry, as of another type
  expect_identical(c(back(b)[]), as.raw(0:255))
  for (type in 0:8) {
    for (reversed in 0:1) {
      for (items in list(x, b)) {
        items[9:10] <- list(type, reversed)
        found <- back(items)
        if (!inherits(found, "mmappickle_error")) expect_true(length(found[]) %in% c(256L, 5000L))
      }
    }
  }
})
