keys_in <- function(path) {
  m <- mmapdict(path, readonly = TRUE)
  on.exit(close(m))
  names(m)
}
values_in <- function(path) {
  m <- mmapdict(path, readonly = TRUE)
  on.exit(close(m))
  lapply(as.list(m), materialize)
}
dict <- function(...) bytes_of(0x80, 4, "}(", ..., "u.")
key <- function(text) c(as.raw(0x8c), as.raw(nchar(text, "bytes")), charToRaw(text))

# -- what is converted -----------------------------------------------------------------------

test_that("a pickled dict is converted in place, with what R says of its values", {
  x <- list(
    number = 1.5, text = c(a = "x", b = "y"), matrix = matrix(c(1, 2, 3, 4), 2),
    nested = list(a = c(1, 2), b = I(3L)), none = NULL
  )
  path <- new_pickle()
  write_pickle(x, path)
  expect_identical(expect_invisible(convert_pickle(path)), path)
  expect_identical(values_in(path), x)
  expect_identical(nrow(fsck(path)), 0L)
  m <- mmapdict(path)
  table <- entries(m)
  expect_identical(table$portable, c(NA, NA, TRUE, NA, NA))
  expect_identical(table$offset[[3L]] %% 64, 0)
  expect_true(is_view(m[["matrix"]]))
  m[["more"]] <- 2
  close(m)
  expect_identical(keys_in(path), c(names(x), "more"))
})

test_that("keys that are texts of NumPy's are texts", {
  m <- python_store("d = dict(zip(*np.unique(['a', 'caf\u00e9', 'a'], return_counts=True)))")
  expect_named(m, c("a", "caf\u00e9"))
  expect_identical(m$a, 2L)
  expect_identical(run_python("
import sys, pickle
with open(sys.argv[1], 'rb') as f:
    print([type(k).__name__ for k in pickle.load(f)])", path_of(m)), "['str', 'str']")
})

test_that("it is read from paths, connections and raw vectors", {
  x <- list(a = c(1, 2, 3), b = "text")
  bytes <- write_pickle(x)
  from <- pickle_path_of(bytes)
  to <- new_path()
  for (source in list(from, bytes, "file", "gz")) {
    if (identical(source, "file")) source <- file(from)
    if (identical(source, "gz")) {
      packed <- new_pickle()
      write_pickle(x, gzfile(packed))
      source <- packed
    }
    convert_pickle(source, to, overwrite = TRUE)
    expect_identical(values_in(to), x)
  }
  expect_identical(file_bytes(from), bytes)
  # These have no place to put an mmapdict.
  expect_kind(convert_pickle(packed), "value")
  expect_kind(convert_pickle(bytes), "value")
  connection <- rawConnection(bytes)
  expect_kind(convert_pickle(connection), "value")
  close(connection)
  expect_identical(read_pickle(packed), x)
})

test_that("keys keep their order; of one that repeats the last value counts", {
  to <- new_path()
  convert_pickle(dict(key("z"), "N", key("a"), "K", 1, key("z"), "K", 2), to)
  expect_identical(values_in(to), list(z = 2L, a = 1L))
  convert_pickle(bytes_of("(dp0\nVa\nI1\nsV\\u00e9\nNs."), to, overwrite = TRUE)
  expect_identical(keys_in(to), c("a", "\u00e9"))
  convert_pickle(bytes_of("}."), to, overwrite = TRUE)
  expect_identical(keys_in(to), character())
})

test_that("an mmapdict keeps its values and is healed", {
  m <- local_store()
  m[["gone"]] <- c(1, 2)
  m[["a"]] <- c(x = 1, y = 2)
  m[["l"]] <- list(c(1, 2), "b")
  m[["gone"]] <- NULL
  values <- lapply(as.list(m), materialize)
  connection <- file(path_of(m), "ab")
  writeBin(as.raw(1:100), connection)  # of a writer that was killed
  close(connection)
  convert_pickle(path_of(m))
  expect_identical(lapply(as.list(m), materialize), values)
  expect_identical(nrow(fsck(m)), 0L)
  expect_true(all(entries(m, dead = TRUE)$kind %in% c("array", "value", "padding")))
  m[["b"]] <- 1
  expect_identical(names(m), c("a", "l", "b"))
})

test_that("large arrays go from file to file; sparse ones stay sparse", {
  skip_on_os("windows")
  m <- local_store()
  m[["stub"]] <- empty_ndarray(c(1000, 1000, 100))
  to <- new_path()
  convert_pickle(path_of(m), to)
  expect_identical(file.size(to), file.size(path_of(m)))
  blocks <- system2("du", c("-k", shQuote(to)), stdout = TRUE)
  expect_lt(as.numeric(sub("\t.*", "", blocks)), 10000)
})

# -- what is refused ---------------------------------------------------------------------------

test_that("errors leave both files as they were", {
  to <- new_path()
  refused <- function(bytes, kind, words = "") {
    error <- expect_kind(convert_pickle(bytes, to), kind)
    expect_match(conditionMessage(error), words, fixed = TRUE)
    expect_false(file.exists(to))
    path <- pickle_path_of(bytes)
    expect_identical(expect_kind(convert_pickle(path), kind)$path, path)
    expect_identical(file_bytes(path), bytes)
    expect_identical(list.files(dirname(path), basename(path)), basename(path))
  }
  refused(bytes_of("]K", 1, "a."), "value", "no dict")
  refused(bytes_of("cm\nC\n)R."), "value", "m.C")
  refused(dict("K", 7, "N"), "key", "int 7")
  refused(dict("C", 1, "a", "N"), "key", "bytes 'a'")
  refused(dict(key("fine"), "N", "N", "N"), "key", "None")
  refused(dict("X", 0, 1, 0, 0, strrep("k", 256), "N"), "key", "256 bytes")
  refused(dict(as.raw(c(0x8c, 3, 0xed, 0xa0, 0x80)), "N"), "key", "\\ud800")
  refused(dict(key("p"), "Pid\n"), "unsupported", "persistent id")
  refused(bytes_of(0x80, 4, "}(", key("a")), "format")
  refused(charToRaw("nothing of the kind"), "format")
  expect_kind(convert_pickle(raw(), to), "format")
  expect_identical(expect_kind(convert_pickle(dict(key("p"), "Pid\n"), to), "unsupported")$key, "p")
})

test_that("a file that is there is replaced only if that was said", {
  from <- pickle_path_of(dict(key("a"), "K", 1))
  to <- pickle_path_of(charToRaw("something"))
  error <- expect_kind(convert_pickle(from, to), "io")
  expect_match(conditionMessage(error), "overwrite = TRUE", fixed = TRUE)
  expect_identical(file_bytes(to), charToRaw("something"))
  convert_pickle(from, to, overwrite = TRUE)
  expect_identical(keys_in(to), "a")
  expect_kind(convert_pickle(from, tempdir(), overwrite = TRUE), "io")
  expect_kind(convert_pickle(from, file.path(tempdir(), "no", "folder")), "io")
  expect_kind(convert_pickle(file.path(tempdir(), "absent"), to), "io")
  expect_kind(convert_pickle(from, to, overwrite = NA), "value")
  expect_kind(convert_pickle(from, c("a", "b")), "value")
  expect_kind(convert_pickle(1), "value")
  expect_kind(convert_pickle(from, to, lock_timeout = -1), "value")
})

test_that("trailing bytes are told of", {
  from <- pickle_path_of(c(dict(key("a"), "K", 1), charToRaw("more")))
  to <- new_path()
  expect_warning(convert_pickle(from, to), "4 bytes follow the pickle",
                 class = "mmappickle_warning_trailing")
  expect_identical(keys_in(to), "a")
})

test_that("mmapdict() says how a plain pickle is opened", {
  path <- pickle_path_of(write_pickle(list(a = c(1, 2))))
  expect_match(conditionMessage(expect_kind(mmapdict(path), "format")), "convert_pickle()",
               fixed = TRUE)
  convert_pickle(path)
  expect_identical(keys_in(path), "a")
})

test_that("links are followed, modes kept", {
  skip_on_os("windows")
  path <- pickle_path_of(dict(key("a"), "K", 1))
  Sys.chmod(path, "0640")
  link <- new_pickle()
  file.symlink(path, link)
  convert_pickle(link)
  expect_identical(Sys.readlink(link), path)
  expect_identical(format(file.mode(path)), "640")
  expect_identical(keys_in(path), "a")
  file.link(path, hard <- new_pickle())
  expect_kind(convert_pickle(path), "io")
})

test_that("locks of others are waited for", {
  skip_on_os("windows")
  require_python()
  path <- pickle_path_of(dict(key("a"), "K", 1))
  ready <- withr::local_tempfile()
  release <- withr::local_tempfile()
  script <- python_script(
    "import fcntl, os, sys, time",
    "f = open(sys.argv[1], 'r+b')",
    "fcntl.flock(f, fcntl.LOCK_EX)",
    "open(sys.argv[2], 'w').close()",
    "for i in range(6000):",
    "    if os.path.exists(sys.argv[3]): break",
    "    time.sleep(0.01)"
  )
  system2(python(), shQuote(c(script, path, ready, release)), wait = FALSE)
  withr::defer(file.create(release))
  for (i in 1:1000) {
    if (file.exists(ready)) break
    Sys.sleep(0.01)
  }
  expect_kind(convert_pickle(path, new_path(), lock_timeout = 0), "busy")
  expect_kind(convert_pickle(path, lock_timeout = 0), "busy")
  file.create(release)
  # Gone or not: others that have the file open are in the way of replacing it.
  for (i in 1:1000) {
    done <- tryCatch(convert_pickle(path, lock_timeout = 10), mmappickle_error_busy = identity)
    if (is.character(done)) break
    Sys.sleep(0.01)
  }
  expect_identical(keys_in(path), "a")
})

# -- faults ------------------------------------------------------------------------------------

test_that("any system call may fail: the files are as they were", {
  skip_on_os("windows")  # other numbers of errors
  bytes <- write_pickle(list(a = as.double(1:50000), b = list(1, "x")))
  m <- testing_handle(new_path())
  withr::defer(close(m))
  convert <- function(from, to) {
    mmappickle:::pickle_convert(from, "", to, TRUE, Inf, mmappickle:::pointer(m), 0L)
  }
  for (partial in c(FALSE, TRUE)) for (in_place in c(TRUE, FALSE)) {
    folder <- withr::local_tempdir()
    from <- file.path(folder, "from")
    to <- if (in_place) from else file.path(folder, "to")
    for (n in 1:50) {
      writeBin(bytes, from)
      if (!in_place) writeBin(charToRaw("old"), to)
      fail_calls(m, fail_at = n, error = "ENOSPC", partial = partial)
      failure <- tryCatch(convert(from, to), error = identity)
      if (!inherits(failure, "error")) break
      expect_s3_class(failure, "mmappickle_error_io")
      expect_identical(file_bytes(from), bytes)
      if (!in_place) expect_identical(file_bytes(to), charToRaw("old"))
      expect_setequal(list.files(folder), unique(basename(c(from, to))))
    }
    expect_gt(n, 4)
    fail_calls(m)
    convert(from, to)
    expect_identical(keys_in(to), c("a", "b"))
  }
})

# -- Python --------------------------------------------------------------------------------------

test_that("Python finds the same values in pickles of every protocol, converted", {
  require_python()
  for (python in pythons()) {
    withr::local_envvar(MMAPPICKLE_PYTHON = python)
    folder <- withr::local_tempdir()
    run_python(testthat::test_path("python", "dict_pickles.py"), folder)
    from <- list.files(folder, "pickle$", full.names = TRUE)
    to <- sub("pickle$", "mmdpickle", from)
    expect_gt(length(from), 10)
    Map(convert_pickle, from, to)
    expect_same_in_python(from, to)
    for (path in to) {
      expect_identical(nrow(fsck(path)), 0L, info = path)
      m <- mmapdict(path, readonly = TRUE)
      table <- entries(m)
      expect_true(all(table$portable %in% c(NA, TRUE)), info = path)
      expect_true(all(table$offset[!is.na(table$offset)] %% 64 == 0), info = path)
      if (grepl("protocol", path)) {
        kinds <- split(table$key, table$kind)
        expect_setequal(kinds$array, c(
          "?", "i1", "u2", "i4", "i8", "u8", "f2", "f4", "f8", "g", "c8", "c16", "S3", "U4", "V5",
          "M8[ns]", "m8[25s]", "M8[D]", "M8", "fortran", "transposed", "rank_0", "empty", "large",
          "records", "aligned", "gaps"
        ))
        expect_setequal(kinds$masked, c(
          "mask", "mask_fortran", "fill", "fill_int", "fill_date", "fill_bytes", "no_mask",
          "mask_of_records", paste0("mask_", c("f2", "f4", "c8", "u8", "i1", "S3", "U2", "?"))
        ))
        expect_identical(table$order[table$key == "fortran"], "F")
      }
      close(m)
      # In place it comes to the same.
      same <- sub("mmdpickle$", "pickle", path)
      convert_pickle(same)
      expect_identical(file_bytes(same), file_bytes(path))
    }
  }
})

test_that("R reads the same values before and after", {
  require_python()
  folder <- withr::local_tempdir()
  run_python(testthat::test_path("python", "dict_pickles.py"), folder)
  from <- file.path(folder, paste0("protocol_", 0:5, ".pickle"))
  as_read <- function(values) {
    values[c("cycle", "holds_itself", "dtype", "titles", "recarray", "matrix", "chararray")] <- NULL
    lapply(values, materialize)
  }
  for (path in from) {
    suppressWarnings(before <- as_read(read_pickle(path)))
    convert_pickle(path)
    expect_identical(suppressWarnings(as_read(values_in(path))), before, info = path)
  }
})
