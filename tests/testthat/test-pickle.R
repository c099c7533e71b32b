# -- reading -----------------------------------------------------------------------------

test_that("pickles of each protocol are read, whole or by their opcodes", {
  expect_identical(read_pickle(bytes_of("(dp0\nVa\np1\n(lp2\nI1\naI2\nas.")), list(a = 1:2))
  expect_identical(read_pickle(bytes_of("(I01\nF2.5\nL7L\nNt.")), list(TRUE, 2.5, 7L, NULL))
  expect_identical(read_pickle(bytes_of("]q", 0, "(K", 1, "K", 2, "e.")), 1:2)
  expect_identical(read_pickle(bytes_of(0x80, 2, "U", 2, "ab.")), "ab")
  expect_identical(read_pickle(bytes_of(0x80, 3, "C", 2, 1, 2, ".")), as.raw(1:2))
  expect_identical(
    read_pickle(bytes_of(0x80, 4, 0x95, 6, rep(0, 7), 0x8c, 2, "ab", 0x94, ".")), "ab"
  )
  expect_identical(
    read_pickle(bytes_of(0x80, 5, 0x96, 2, rep(0, 7), 1, 2, ".")), as.raw(1:2)
  )
})

test_that("what Python writes with each protocol is read, arrays too", {
  require_python()
  folder <- withr::local_tempdir()
  run_python(python_script(
    "import pickle, sys, os, numpy",
    "value = {'i': 5, 'big': 2 ** 40, 'f': -1.5, 's': 'caf\\u00e9', 'b': b'\\x00\\xff',",
    "         'l': [1, None, 'x'], 't': (1, 2), 'n': None, 'e': {},",
    "         'a': numpy.arange(20000, dtype='f8').reshape(2, 10000), 'j': numpy.arange(3)}",
    "for p in range(6):",
    "    with open(os.path.join(sys.argv[1], str(p)), 'wb') as f:",
    "        pickle.dump(value, f, protocol=p)"
  ), folder)
  wanted <- list(
    i = 5L, big = 2^40, f = -1.5, s = "caf\u00e9", b = as.raw(c(0, 255)),
    l = list(1L, NULL, "x"), t = 1:2, n = NULL, e = structure(list(), names = character()),
    a = matrix(as.double(0:19999), 2, byrow = TRUE), j = c(0, 1, 2)
  )
  for (protocol in 0:5) {
    path <- file.path(folder, protocol)
    value <- read_pickle(path)
    expect_identical(value, wanted, label = paste("protocol", protocol))
    expect_identical(is_view(value$a), protocol >= 3, label = paste("view,", protocol))
    bytes <- read_pickle(file_bytes(path))
    expect_identical(bytes, wanted)
    expect_false(is_view(bytes$a))
  }
})

test_that("flags and readers are as those of a handle", {
  x <- write_pickle(ndarray(matrix(as.double(1:6), 2), dtype = "uint8"))
  expect_identical(read_pickle(x, dims = "reversed"), matrix(c(1L, 3L, 5L, 2L, 4L, 6L), 3))
  expect_identical(read_pickle(x, uint8 = "raw"), matrix(as.raw(1:6), 2))
  skip_if_not_installed("bit64")
  long <- write_pickle(ndarray(c(1, 2), dtype = "int64"))
  expect_identical(read_pickle(long), c(1, 2))
  expect_identical(read_pickle(long, int64 = "integer64"), bit64::as.integer64(1:2))
  items <- bytes_of("(I1\nI2\nl.")
  expect_identical(read_pickle(items, simplify = FALSE), list(1L, 2L))
  object <- bytes_of("cmy.package\nThing\n(I7\ntR.")
  expect_s3_class(read_pickle(object), "python_object")
  seen <- read_pickle(object, readers = list("my.package.Thing" = function(object) "read"))
  expect_identical(seen, "read")
})

test_that("wrong arguments", {
  x <- write_pickle(1)
  expect_kind(read_pickle(x, all = NA), "value")
  expect_kind(read_pickle(x, dims = "other"), "value")
  expect_kind(read_pickle(x, readers = list(1)), "value")
  expect_kind(read_pickle(1), "value")
  expect_kind(read_pickle(c("a", "b")), "value")
  expect_kind(read_pickle(NULL), "value")
  expect_kind(write_pickle(1, 1), "value")
  expect_kind(write_pickle(1, NA_character_), "value")
  expect_kind(write_pickle(1, order = "D"), "value")
  expect_snapshot(said(read_pickle(list()), write_pickle(1, "")))
})

test_that("what is no pickle is an error with the offset", {
  x <- write_pickle(mixed)
  for (n in seq_len(length(x) - 1)) {
    e <- tryCatch(read_pickle(x[seq_len(n)]), error = identity)
    if (!inherits(e, "mmappickle_error_format") || is.null(e$offset) || e$offset > n) {
      fail(paste("cut after", n, "bytes:", paste(class(e), collapse = " ")))
    }
  }
  e <- tryCatch(read_pickle(raw()), error = identity)
  expect_s3_class(e, "mmappickle_error_format")
  expect_identical(e$offset, 0)
  path <- pickle_path_of(bytes_of("N0"))
  e <- tryCatch(read_pickle(path), error = identity)
  expect_s3_class(e, "mmappickle_error_format")
  expect_identical(e$path, path)
  expect_identical(e$offset, 2)
  expect_match(conditionMessage(e), basename(path), fixed = TRUE)
  expect_kind(read_pickle(pickle_path_of(raw())), "format")
  # Lengths are claims.
  expect_kind(read_pickle(bytes_of(0x8e, 255, 255, 255, 255, 255, 255, 255, 127)), "format")
  expect_kind(read_pickle(bytes_of("r", 255, 255, 255, 255, "N.")), "format")
})

test_that("files that cannot be read", {
  folder <- withr::local_tempdir()
  expect_kind(read_pickle(folder), "io")
  e <- tryCatch(read_pickle(file.path(folder, "absent")), error = identity)
  expect_s3_class(e, "mmappickle_error_io")
  expect_identical(e$cause, "ENOENT")
  path <- pickle_path_of(write_pickle(1))
  Sys.chmod(path, "000")
  withr::defer(Sys.chmod(path, "600"))
  e <- as_plain_user(bquote(read_pickle(.(path))))
  expect_s3_class(e, "mmappickle_error_io")
  expect_identical(e$cause, "EACCES")
})

test_that("several pickles, and bytes that are none", {
  one <- write_pickle(1L)
  both <- c(one, write_pickle(list(a = c(1, 2))))
  values <- list(1L, list(a = c(1, 2)))
  expect_identical(read_pickle(both, all = TRUE), values)
  expect_identical(read_pickle(pickle_path_of(both), all = TRUE), values)
  expect_identical(read_pickle(one, all = TRUE), list(1L))
  expect_identical(read_pickle(write_pickle(NULL), all = TRUE), list(NULL))
  expect_warning(value <- read_pickle(both), class = "mmappickle_warning_trailing")
  expect_identical(value, 1L)
  for (junk in list(as.raw(0), write_pickle(c(1, 2))[1:20], raw(1000))) {
    expect_warning(
      value <- read_pickle(c(both, junk), all = TRUE),
      paste(length(junk), "bytes? follows? .* offset", length(both)),
      class = "mmappickle_warning_trailing"
    )
    expect_identical(value, values)
  }
  expect_kind(read_pickle(raw(), all = TRUE), "format")
  expect_snapshot(said(
    read_pickle(c(one, charToRaw("xyz"))),
    read_pickle(c(one, one, as.raw(0)), all = TRUE)
  ))
})

test_that("an mmapdict file gives the list of its values", {
  for (name in c("objects.mmdpickle", "portable-example.mmdpickle", "holes.mmdpickle",
                 "converted-empty.mmdpickle")) {
    m <- suppressWarnings(mmapdict(fixture(name), readonly = TRUE))
    wanted <- suppressWarnings(as.list(m))
    path <- path_of(m)
    expect_identical(suppressWarnings(read_pickle(path)), wanted, label = name)
    expect_identical(suppressWarnings(read_pickle(file_bytes(path))), wanted, label = name)
    close(m)
  }
  m <- local_store()
  for (key in names(mixed)) m[key] <- mixed[key]
  expect_identical(read_pickle(path_of(m)), mixed)
  m[["large"]] <- as.double(1:20000)
  expect_identical(view_info(read_pickle(path_of(m))$large)$key, "large")
  expect_warning(read_pickle(c(file_bytes(path_of(m)), as.raw(1))),
                 class = "mmappickle_warning_trailing")
})

# -- views ----------------------------------------------------------------------------------

test_that("arrays of a file are views, aligned, alone and nested", {
  path <- new_pickle()
  n <- 20000L
  for (value in list(as.double(1:n), list(a = as.double(1:n), b = list(1:n, c(TRUE, NA))),
                     list("x", matrix(as.double(1:n), 2)))) {
    write_pickle(value, path)
    again <- read_pickle(path)
    expect_identical(again, value)
    views <- Filter(is_view, c(list(again), as.list(again), unlist(again, FALSE)))
    expect_gt(length(views), 0)
    for (x in views) expect_identical(view_info(x)$offset %% 64, 0)
  }
  x <- read_pickle(path)[[2]]
  info <- view_info(x)
  expect_true(is_view(x))
  expect_identical(info$path, path)
  expect_identical(info$key, "")
  expect_identical(info$dtype, "float64")
})

test_that("a view outlives its file, and can be written over it", {
  skip_on_os("windows")
  path <- new_pickle()
  wanted <- as.double(1:1e5)
  write_pickle(wanted, path)
  x <- read_pickle(path)
  expect_true(view_info(x)$zero_copy)
  write_pickle(x, path)
  expect_identical(read_pickle(path), wanted)
  unlink(path)
  gc()
  expect_identical(x, wanted)
  x[1] <- 0
  expect_identical(materialize(x)[1:2], c(0, 2))
})

test_that("a file that is cut under a view does not end R", {
  skip_on_os("windows")
  path <- new_pickle()
  write_pickle(as.double(1:1e5), path)
  x <- read_pickle(path)
  connection <- file(path, "r+b")
  seek(connection, 8192, rw = "write")
  truncate(connection)
  close(connection)
  expect_kind(sum(x), "stale")
  expect_kind(materialize(x), "stale")
  expect_kind(read_pickle(path), "format")
})

# -- writing --------------------------------------------------------------------------------

test_that("what is written is read again, from everywhere", {
  path <- new_pickle()
  for (value in c(mixed, list(mixed, NULL, 1:3, NA, "x", raw(), c(a = 1)))) {
    bytes <- write_pickle(value)
    expect_type(bytes, "raw")
    expect_identical(read_pickle(bytes), value)
    expect_invisible(write_pickle(value, path))
    expect_identical(file_bytes(path), bytes)
    expect_identical(read_pickle(path), value)
  }
  expect_identical(withVisible(write_pickle(mixed, path))$value, mixed)
  connection <- rawConnection(raw(), "wb")
  write_pickle(1L, connection)
  write_pickle(mixed, connection)
  expect_identical(read_pickle(rawConnectionValue(connection), all = TRUE), list(1L, mixed))
  close(connection)
})

test_that("metadata counts directly before the end only", {
  x <- write_pickle(NA_integer_)
  expect_identical(read_pickle(x), NA_integer_)
  end <- length(x)
  expect_null(read_pickle(c(x[-end], charToRaw("N0."))))
})

test_that("dims and order as in a handle", {
  path <- new_pickle()
  x <- matrix(as.double(1:20000), 2)
  write_pickle(x, path, order = "F")
  expect_identical(view_info(read_pickle(path))$order, "F")
  expect_identical(read_pickle(path), x)
  write_pickle(x, path, dims = "reversed")
  expect_identical(read_pickle(path, dims = "reversed"), x)
  expect_identical(read_pickle(path), t(x))
  expect_identical(view_info(read_pickle(path))$shape, c(10000, 2))
})

test_that("on an error the old file stays as it was, alone in its folder", {
  folder <- withr::local_tempdir()
  path <- file.path(folder, "file")
  write_pickle("old", path)
  Sys.chmod(path, "640")
  before <- file_bytes(path)
  expect_kind(write_pickle(list(1, sum), path), "value")
  expect_kind(write_pickle(ndarray(c(1, 1e9), dtype = "int8"), path), "value")
  expect_identical(file_bytes(path), before)
  expect_kind(write_pickle(1, folder), "io")
  expect_kind(write_pickle(1, file.path(folder, "no", "file")), "io")
  write_pickle("new", path)
  expect_identical(read_pickle(path), "new")
  expect_identical(list.files(folder, all.files = TRUE, no.. = TRUE), "file")
  skip_on_os("windows")
  expect_identical(format(file.mode(path)), "640")
  Sys.chmod(path, "440")
  e <- as_plain_user(bquote(write_pickle("other", .(path))))
  expect_s3_class(e, "mmappickle_error_io")
  expect_identical(read_pickle(path), "new")
  link <- file.path(folder, "link")
  Sys.chmod(path, "640")
  file.symlink("file", link)
  write_pickle("linked", link)
  expect_identical(Sys.readlink(link), "file")
  expect_identical(read_pickle(path), "linked")
})

test_that("a stub is a hole of the file", {
  skip_on_cran()
  skip_on_os(c("windows", "mac"))
  path <- new_pickle()
  write_pickle(empty_ndarray(c(1e5, 1e5)), path)
  expect_gt(file.size(path), 8e10)
  x <- read_pickle(path)
  expect_identical(dim(x), c(100000L, 100000L))
  expect_identical(x[3, 4], 0)
  disk <- system2("du", c("-k", shQuote(path)), stdout = TRUE)
  expect_lt(as.double(sub("\t.*", "", disk)), 1000)
})

test_that("Python loads what is written, with both unpicklers", {
  require_python()
  path <- new_pickle()
  write_pickle(c(mixed, list(fortran = ndarray(matrix(as.double(1:6), 2), order = "F"))), path)
  lines <- run_python(python_script(
    "import pickle, sys, numpy",
    "def check(v):",
    "    assert v['flag'] is True and v['none'] is None and v['int'] == 3 and v['na'] is None",
    "    assert v['text'] == 'caf\\u00e9' and v['bytes'] == bytes(range(256))",
    "    assert v['vector'].dtype == 'f8' and v['vector'].shape == (3,)",
    "    assert v['one'].tolist() == [2.0]",
    "    assert type(v['named']) is numpy.ma.MaskedArray and v['named'].tolist() == [1, None]",
    "    assert v['matrix'].tolist() == [[1, 3, 5], [2, 4, 6]]",
    "    assert v['fortran'].tolist() == [[1, 3, 5], [2, 4, 6]]",
    "    assert v['fortran'].flags.f_contiguous and v['matrix'].flags.writeable",
    "    assert v['empty'] == [] and v['deep'][1][25] == 'z'",
    "for load in pickle.load, lambda f: pickle._Unpickler(f).load():",
    "    with open(sys.argv[1], 'rb') as f:",
    "        check(load(f))",
    "        assert f.read() == b''",
    "print('ok')"
  ), path)
  expect_identical(lines, "ok")
})

test_that("an object that stayed inert is written as it came", {
  for (bytes in list(
    bytes_of("cmy.package\nThing\n(I7\ntR."),
    bytes_of(0x80, 4, 0x95, 17, rep(0, 7), 0x8c, 2, "my", 0x94, 0x8c, 5, "Thing", 0x94, 0x93,
             0x94, ")R", 0x94, "."),
    bytes_of(0x80, 2, "cmy\nThing\nq", 0, ")", 0x81, "q", 1, "}b.")
  )) {
    value <- read_pickle(bytes)
    expect_s3_class(value, "python_object")
    expect_identical(write_pickle(value), bytes)
    expect_identical(read_pickle(write_pickle(list(value, 1)))[[1]], value)
  }
})

# -- corpora -------------------------------------------------------------------------------

test_that("no corpus gives an error of a foreign class", {
  skip_on_cran()
  skip_if_not_installed("jsonlite")
  corpora <- c("values", "pickletester", "serde_pickle", "wild", "ogrek_fuzz",
               "hostile_pickles", "hostile_files")
  counts <- c(value = 0, format = 0, limit = 0)
  for (corpus in corpora) {
    connection <- gzfile(shared("corpus", paste0(corpus, ".jsonl.gz")))
    lines <- readLines(connection)
    close(connection)
    for (line in lines) {
      case <- read_json(line)
      bytes <- jsonlite::base64_dec((case$pickle %||% case$file)[[1L]])
      e <- tryCatch(
        {
          suppressWarnings(read_pickle(bytes, all = TRUE))
          NULL
        },
        error = identity
      )
      kind <- if (is.null(e)) "value" else sub("mmappickle_error_", "", class(e)[[1L]])
      if (!kind %in% names(counts)) {
        fail(paste(corpus, case$name, paste(class(e), collapse = " "), conditionMessage(e)))
      } else {
        counts[[kind]] <- counts[[kind]] + 1
      }
    }
  }
  expect_gt(counts[["value"]], 5000)
  expect_gt(counts[["format"]], 1000)
})
