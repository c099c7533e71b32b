# Each named case: its class, and a snapshot of its words.

expect_case <- function(code, kind) {
  error <- tryCatch(code, error = identity)
  expect_s3_class(error, paste0("mmappickle_error_", kind))
  expect_s3_class(error, "mmappickle_error")
  expect_snapshot(cat(conditionMessage(error)), transform = without_paths)
}

test_that("missing key", {
  m <- local_store()
  m[["temperature"]] <- 1
  expect_case(m[["temprature"]], "key")
})

test_that("key longer than 255 bytes of UTF-8", {
  m <- local_store()
  m[[strrep("\u00e9", 127)]] <- 1
  expect_case(m[[strrep("\u00e9", 128)]] <- 1, "key")
  expect_kind(m[[strrep("k", 256)]], "key")
  expect_length(names(m), 1)
})

test_that("key with a NUL", {
  m <- local_store()
  expect_case(m[[as.raw(c(0x61, 0x00, 0x62))]] <- 1, "key")
  expect_identical(length(m), 0L)
})

test_that("key that is no single string", {
  m <- local_store()
  expect_case(m[[c("a", "b")]], "key")
  expect_case(m[[1]] <- 1, "key")
  expect_case(m[[list("a")]] <- 1, "key")
})

test_that("NA key", {
  m <- local_store()
  expect_case(m[[NA_character_]], "key")
  expect_case(m[[NA_character_]] <- 1, "key")
})

test_that("writing read-only", {
  m <- local_store()
  m[["a"]] <- c(1, 2)
  r <- mmapdict(path_of(m), readonly = TRUE)
  withr::defer(close(r))
  expect_unchanged_file(m, {
    expect_case(r[["a"]] <- 1, "readonly")
    expect_case(r[["a"]] <- NULL, "readonly")
    expect_case(r["a", 1] <- 5, "readonly")
    expect_case(r[["a"]][1] <- 5, "readonly")
    expect_case(vacuum(r), "readonly")
    expect_kind(r[["a"]] <- sum, "readonly")
    expect_kind(r[["absent"]] <- NULL, "readonly")
  })
})

test_that("a file that is no pickle", {
  text <- withr::local_tempfile(lines = c("some text", "more text", "and more text"))
  expect_case(mmapdict(text), "format")
  empty <- withr::local_tempfile()
  file.create(empty)
  expect_kind(mmapdict(empty, readonly = TRUE), "format")
})

test_that("a pickle that is no mmapdict", {
  plain <- withr::local_tempfile(fileext = ".pkl")
  # pickle.dumps({'a': 1}, 4)
  writeBin(hex_raw("80049508000000000000007d948c0161944b01732e"), plain)
  expect_case(mmapdict(plain), "format")
  expect_error(mmapdict(plain), "convert_pickle")
})

test_that("another version number", {
  path <- new_path()
  writeBin(c(header_bytes(version = 2L), terminator_bytes()), path)
  expect_case(mmapdict(path), "format")
})

test_that("a truncated header", {
  path <- new_path()
  writeBin(header_bytes()[1:20], path)
  expect_case(mmapdict(path), "format")
})

damaged_file <- function(change, key = "k", value = c(1, 2, 3), .local_envir = parent.frame()) {
  m <- mmapdict(new_path(.local_envir))
  m[[key]] <- value
  offset <- entries(m)$offset
  dead <- entries(m, dead = TRUE)
  close(m)
  bytes <- file_bytes(path_of(m))
  writeBin(change(bytes, offset), path_of(m))
  path_of(m)
}

test_that("an entry whose frame leaves the file", {
  path <- write_entry_file(new_path(), "k", as.raw(c(0x4b, 5)))
  bytes <- file_bytes(path)
  bytes[26:33] <- u64(1e6)
  writeBin(bytes, path)
  expect_case(names(mmapdict(path)), "format")
})

test_that("an entry whose key leaves the file", {
  path <- write_entry_file(new_path(), "k", as.raw(c(0x4b, 5)))
  bytes <- file_bytes(path)
  bytes[35] <- as.raw(200)
  writeBin(bytes, path)
  expect_case(names(mmapdict(path)), "format")
})

array_value <- function(dtype, shape, data, claim = length(data)) {
  text <- function(s) c(as.raw(c(0x8c, nchar(s))), charToRaw(s))
  global <- function(module, name) c(text(module), text(name), as.raw(0x93))
  c(
    global("numpy.core.fromnumeric", "reshape"), global("numpy.core.multiarray", "fromstring"),
    as.raw(0x8e), u64(claim), data, text(dtype), as.raw(c(0x86, 0x52)),
    unlist(lapply(shape, function(n) c(as.raw(0x4a), i32(n)))),
    as.raw(c(0x84 + length(shape), 0x86, 0x52))
  )
}

test_that("an entry whose array length leaves the file", {
  path <- write_entry_file(new_path(), "k", array_value("float64", 3L, raw(24), 1e9))
  expect_case(mmapdict(path)[["k"]], "format")
})

test_that("a shape that does not match the bytes", {
  path <- write_entry_file(new_path(), "k", array_value("float64", 4L, raw(24)))
  expect_case(mmapdict(path)[["k"]], "format")
})

test_that("overflowing shapes", {
  path <- write_entry_file(
    new_path(), "k", array_value("float64", rep(.Machine$integer.max, 3), raw(24))
  )
  expect_case(mmapdict(path)[["k"]], "format")
})

test_that("an unknown dtype", {
  path <- write_entry_file(new_path(), "k", array_value("float63", 3L, raw(24)))
  expect_case(mmapdict(path)[["k"]], "format")
  m <- local_store()
  expect_case(m[["k"]] <- ndarray(1:3, "float63"), "value")
  expect_identical(length(m), 0L)
})

test_that("a value that cannot be stored", {
  m <- local_store()
  m[["k"]] <- "old"
  expect_unchanged_file(m, {
    expect_case(m[["k"]] <- list(a = 1, b = list(2, sum)), "value")
    expect_case(m[["k"]] <- methods::new("externalptr"), "value")
    expect_case(m[["k"]] <- new.env(), "value")
  })
  expect_identical(m[["k"]], "old")
})

test_that("a slice out of range", {
  m <- local_store()
  m[["x"]] <- matrix(as.double(1:6), 2)
  expect_unchanged_file(m, {
    expect_case(m["x", 3, 1], "index")
    expect_case(m["x", 1, 4] <- 1, "index")
    expect_case(m[["x"]][7] <- 1, "index")
  })
})

test_that("a slice of the wrong rank, or of no array", {
  m <- local_store()
  m[["x"]] <- matrix(as.double(1:6), 2)
  m[["s"]] <- "text"
  expect_unchanged_file(m, {
    expect_case(m["x", 1, 1, 1], "index")
    expect_case(m["x", 1, 1, 1] <- 5, "index")
    expect_case(m["s", 1], "index")
    expect_case(m[c("x", "s"), 1], "index")
    expect_case(m[, 1], "index")
    expect_case(m["x", i = 1, 1], "index")
    expect_case(m["x", factor("a"), 1], "index")
  })
})

test_that("a value that does not fit the dtype", {
  m <- local_store()
  m[["u"]] <- ndarray(1:3, "uint8")
  expect_unchanged_file(m, {
    expect_case(m["u", 1] <- 256, "value")
    expect_case(m["u", 1] <- 0.5, "value")
    expect_case(m["u", 2:3] <- c(1, NA), "value")
    expect_case(m["u", 1] <- "a", "value")
    expect_case(m["u", ] <- 1:2, "value")
  })
})

test_that("a closed handle", {
  m <- local_store()
  m[["a"]] <- 1
  close(m)
  expect_case(m[["a"]], "closed")
  expect_case(m[["a"]] <- 2, "closed")
})

test_that("a path that is a folder, does not exist, or may not be read", {
  folder <- withr::local_tempdir()
  expect_case(mmapdict(folder), "io")
  expect_case(mmapdict(file.path(folder, "absent.mmdpickle"), readonly = TRUE), "io")
  expect_kind(mmapdict(file.path(folder, "no", "folder.mmdpickle")), "io")
  e <- tryCatch(mmapdict(file.path(folder, "absent"), readonly = TRUE), error = identity)
  expect_identical(e$cause, "ENOENT")
})

test_that("a path that may not be read", {
  path <- new_path()
  close(mmapdict(path))
  Sys.chmod(path, "000")
  withr::defer(Sys.chmod(path, "600"))
  for (readonly in c(FALSE, TRUE)) {
    e <- as_plain_user(bquote(mmapdict(.(path), readonly = .(readonly))))
    expect_identical(e$cause, "EACCES")
    expect_case(stop(e), "io")
  }
})

test_that("a path that may not be written is opened read-only", {
  path <- new_path()
  m <- mmapdict(path)
  m[["a"]] <- 1
  close(m)
  Sys.chmod(path, "444")
  expect_case(stop(as_plain_user(bquote(mmapdict(.(path))))), "io")
  expect_identical(as_plain_user(bquote(mmapdict(.(path), readonly = TRUE)[["a"]])), 1)
})

# A process that holds the file's lock until it is killed.
local_lock <- function(path, .local_envir = parent.frame()) {
  require_python()
  skip_if_not_installed("callr")
  ready <- withr::local_tempfile(.local_envir = .local_envir)
  script <- withr::local_tempfile(fileext = ".py", .local_envir = .local_envir, lines = "
import fcntl, sys, time
f = open(sys.argv[1], 'r+b')
fcntl.flock(f, fcntl.LOCK_EX)
open(sys.argv[2], 'w').close()
time.sleep(60)
")
  child <- callr::r_bg(
    function(command, arguments) system2(command, arguments),
    list(python(), shQuote(c(script, path, ready)))
  )
  withr::defer(child$kill_tree(), envir = .local_envir)
  for (i in 1:1000) {
    if (file.exists(ready) || !child$is_alive()) break
    Sys.sleep(0.01)
  }
  child
}

test_that("a lock that does not come within lock_timeout", {
  skip_on_os("windows")
  m <- local_store(lock_timeout = 0.2)
  m[["a"]] <- c(1, 2)
  local_lock(path_of(m))
  bytes <- file_bytes(path_of(m))
  started <- proc.time()[["elapsed"]]
  expect_case(m[["a"]], "busy")
  expect_lt(proc.time()[["elapsed"]] - started, 5)
  expect_case(m[["b"]] <- 1, "busy")
  expect_kind(m["a", 1] <- 5, "busy")
  expect_kind(m[["a"]][1] <- 5, "busy")
  expect_kind(names(m), "busy")
  expect_identical(file_bytes(path_of(m)), bytes)
})

test_that("Ctrl-C while waiting for the lock", {
  skip_on_os("windows")
  skip_on_cran()
  m <- local_store()
  m[["a"]] <- 1
  close(m)
  local_lock(path_of(m))
  run <- limited("true", {
    system(sprintf("(sleep 1; kill -INT %d) &", Sys.getpid()))
    cat(tryCatch({
      m <- mmapdict(path)
      m[["b"]] <- 2
      "written"
    }, interrupt = function(e) "interrupted", error = conditionMessage))
  }, path = path_of(m))
  expect_identical(run, list(lines = "interrupted", status = 0L))
})

# A library whose flock() fails as on a file system without locks, for LD_PRELOAD.
refusing_flock <- function(.local_envir = parent.frame()) {
  skip_on_cran()
  skip_if_not_installed("callr")
  skip_if_not(Sys.info()[["sysname"]] == "Linux", "flock() can be replaced on this platform")
  folder <- withr::local_tempdir(.local_envir = .local_envir)
  writeLines(c(
    "#include <errno.h>",
    "int flock(int file, int operation) { errno = ENOLCK; return -1; }"
  ), file.path(folder, "flock.c"))
  library <- file.path(folder, "flock.so")
  arguments <- c("CMD", "SHLIB", "-o", library, file.path(folder, "flock.c"))
  system2(file.path(R.home("bin"), "R"), arguments, stdout = FALSE, stderr = FALSE)
  skip_if_not(file.exists(library), "a C compiler is on this platform")
  library
}

test_that("a lock that the file system refuses: no lock, no write", {
  library <- refusing_flock()
  path <- new_path()
  m <- mmapdict(path)
  m[["a"]] <- c(1, 2)
  close(m)
  bytes <- file_bytes(path)
  seen <- callr::r(function(path) {
    said <- function(code) {
      tryCatch(code, error = function(e) list(class(e)[[1]], conditionMessage(e), e$cause))
    }
    m <- said(mmappickle::mmapdict(path))
    write <- if (inherits(m, "mmapdict")) said(m[["b"]] <- 2) else m
    r <- suppressWarnings(mmappickle::mmapdict(path, readonly = TRUE))
    warned <- NULL
    value <- withCallingHandlers(r[["a"]][], warning = function(w) {
      warned <<- class(w)[[1]]
      invokeRestart("muffleWarning")
    })
    list(write = write, value = value, warned = warned)
  }, list(path), env = c(LD_PRELOAD = library))
  expect_identical(seen$write[[1]], "mmappickle_error_io")
  expect_identical(seen$write[[3]], "ENOLCK")
  expect_snapshot(cat(seen$write[[2]]), transform = without_paths)
  expect_identical(file_bytes(path), bytes)
  expect_identical(seen$value, c(1, 2))
})

test_that("a reader goes on without a lock that is refused, with a warning", {
  library <- refusing_flock()
  path <- new_path()
  m <- mmapdict(path)
  m[["a"]] <- c(1, 2)
  close(m)
  warned <- callr::r(function(path) {
    classes <- character()
    withCallingHandlers({
      m <- mmappickle::mmapdict(path, readonly = TRUE)
      m[["a"]]
      m[["a"]]
    }, warning = function(w) {
      classes <<- c(classes, class(w)[[1]])
      invokeRestart("muffleWarning")
    })
    classes
  }, list(path), env = c(LD_PRELOAD = library))
  expect_identical(unique(warned), "mmappickle_warning_lock")
})

test_that("strings in the encoding \"bytes\" are refused as others are", {
  x <- "\xff"
  Encoding(x) <- "bytes"
  m <- local_store()
  expect_kind(mmap_get(x, "k"), "value")
  expect_kind(entries(x), "value")
  expect_kind(m[[x]], "key")
  expect_kind(read_pickle(write_pickle(1), encoding = x), "value")
  expect_kind(ndarray(1, x), "value")
  expect_kind(mmapdict(tempfile(), order = x), "value")
})

test_that("a call at whose end a handle is to be closed is an environment", {
  path <- tempfile()
  expect_kind(local_mmapdict(path, .local_envir = 1), "value")
  expect_false(file.exists(path))
})
