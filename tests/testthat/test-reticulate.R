# NumPy arrays over the file, by the real reticulate.

test_that("every array is mapped in its own dtype, shape and order", {
  session <- python_session()
  for (dims in c("same", "reversed")) {
    found <- session$run(function(path, dims) {
      m <- mmapdict(path, dims = dims)
      on.exit(close(m))
      py_run_string(paste(sep = "\n",
        "import numpy",
        "arrays = {}",
        "for t in ['i1','u1','>i2','u4','i8','>u8','f2','f4','>f8','longdouble','c8','?',",
        "          'S3','U4','M8[ms]','m8[s]','V3',[('a','<i2'),('b','>f4',(2,)),('c','U2')],",
        "          {'names':['p','q'],'formats':['i1','f8'],'offsets':[2,8],'itemsize':24}]:",
        "    flat = numpy.arange(12 * numpy.dtype(t).itemsize, dtype='u1') % 2",
        "    flat = flat.view(t)",
        "    arrays[str(t)] = flat.reshape(3, 4)",
        "    arrays[str(t) + ' F'] = numpy.asfortranarray(flat.reshape(3, 4))",
        "    arrays[str(t) + ' 1'] = flat[:5].copy()",
        "arrays['0-d'] = numpy.array(3.5, 'f4')",
        "arrays['empty'] = numpy.zeros((0, 3), 'f4')",
        "arrays['empty S'] = numpy.zeros(3, 'S')"
      ))
      arrays <- import_main(convert = FALSE)$arrays
      keys <- py_to_r(import_builtins(convert = FALSE)$list(arrays$keys()))
      for (key in seq_along(keys)) {
        m[[paste(key)]] <- arrays$get(keys[[key]])
      }
      wrong <- character()
      for (key in seq_along(keys)) {
        ok <- same_in_python(
          paste("x.dtype == y.dtype and x.shape == y.shape and x.tobytes('A') == y.tobytes('A')",
                "and x.flags.f_contiguous == y.flags.f_contiguous and x.flags.writeable",
                "and (x.size == 0 or x.dtype.itemsize == 0 or type(x) is numpy.memmap)"),
          x = numpy_memmap(m, paste(key)), y = arrays$get(keys[[key]])
        )
        if (!ok) wrong <- c(wrong, keys[[key]])
      }
      list(length(keys), wrong)
    }, list(new_path(), dims))
    expect_identical(found, list(60L, character()), info = dims)
  }
})

test_that("arrays of the Python library's own files are mapped as Python loads them", {
  session <- python_session()
  paths <- list.files(test_path("fixtures"), "[.]mmdpickle$", full.names = TRUE)
  paths <- paths[!grepl("unreadable", paths)] # by NumPy
  found <- session$run(function(paths) {
    py_run_string(paste(sep = "\n",
      "import pickle",
      "def loaded_as_mapped(path, key, x):",
      "    try:",
      "        y = pickle.load(open(path, 'rb'))[key]",
      "    except Exception:  # NumPy 2.3 and newer cannot load the library's form",
      "        return None",
      "    return x.shape == y.shape and repr(x.tolist()) == repr(y.tolist())"
    ))
    count <- 0L
    wrong <- character()
    for (path in paths) {
      m <- tryCatch(mmapdict(path, readonly = TRUE), mmappickle_error = function(e) NULL)
      keys <- if (!is.null(m)) names(m)
      for (key in keys[!grepl("\\x00", keys, fixed = TRUE)]) {
        x <- tryCatch(numpy_memmap(m, key), mmappickle_error_index = function(e) NULL)
        if (is.null(x)) next
        same <- py$loaded_as_mapped(path, key, x)
        if (is.null(same)) next
        count <- count + 1L
        if (!same) wrong <- c(wrong, paste(basename(path), key))
      }
    }
    all_load <- utils::compareVersion(as.character(np$`__version__`), "2.3") < 0
    list(count, wrong, all_load)
  }, list(normalizePath(paths)))
  expect_gt(found[[1L]], if (found[[3L]]) 200L else 0L)
  expect_identical(found[[2L]], character())
})

test_that("what Python writes is in the file, and what is written there Python sees", {
  session <- python_session()
  path <- new_path()
  session$run(function(path) {
    m <<- mmapdict(path)
    m[["x"]] <- ndarray(matrix(c(1, 2, 3, 4), 2), "float32")
    m[["i"]] <- c(1L, NA, 3L)
    m[["t"]] <- ndarray(as.Date("2026-01-31"), "datetime64[D]")
    m[["rows"]] <- ndarray(data.frame(a = 1:2, s = c("a", "b")), c(a = "int16", s = "U3"))
    x <<- numpy_memmap(m, "x")
    i <<- numpy_memmap(m, "i")
    days <- numpy_memmap(m, "t")
    rows <<- numpy_memmap(m, "rows")
    py_set_item(x, tuple(0L, 1L), 30)
    py_set_item(i, 0L, np$ma$masked)
    py_set_item(i, 1L, 20L)
    py_set_item(days, 0L, "2026-02-01")
    py_set_item(rows, 1L, tuple(7L, "xyz"))
    NULL
  }, list(path))
  m <- mmapdict(path)
  expect_identical(m[["x"]], matrix(c(1, 2, 30, 4), 2))
  expect_identical(m[["i"]], c(NA, 20L, 3L))
  expect_identical(m[["t"]], as.Date("2026-02-01"))
  expect_identical(m[["rows"]]$a, c(1L, 7L))
  expect_identical(m[["rows"]]$s, c("a", "xyz"))
  m["x", 1, 1] <- 50
  m["i", 3] <- NA
  close(m)
  shown <- session$run(function() c(repr(x$item(0L)), repr(i$tolist())))
  expect_identical(shown, c("50.0", "[None, 20, None]"))
  # Of a read-only handle nothing can be written.
  found <- session$run(function(path) {
    m <- mmapdict(path, readonly = TRUE)
    on.exit(close(m))
    maps <- list(numpy_memmap(m, "x"), numpy_memmap(m, "i"), numpy_memmap(m, "rows"))
    c(
      vapply(maps, function(map) {
        tryCatch(py_set_item(map, 0L, 1L), error = function(e) {
          if (grepl("read-only", conditionMessage(e))) "refused" else conditionMessage(e)
        })
      }, ""),
      repr(numpy_memmap(m, "x")$mode)
    )
  }, list(path))
  expect_identical(found, c("refused", "refused", "refused", "'r'"))
})

test_that("maps lie beyond 2 GB, and keep what they were made of", {
  session <- python_session()
  found <- session$run(function(path) {
    m <- mmapdict(path)
    on.exit(close(m))
    m[["large"]] <- empty_ndarray(c(5, 1e9), "uint8")
    m[["next"]] <- 1:3
    x <- numpy_memmap(m, "large")
    py_set_item(x, tuple(-1L, -1L), 77L)
    i <- numpy_memmap(m, "next")
    m[["next"]] <- NULL
    vacuum(m)
    list(m["large", 5, 1e9], repr(x[4L]$item(999999999L)), repr(i$tolist()))
  }, list(new_path()))
  expect_identical(found, list(77L, "77", "[1, 2, 3]"))
})

test_that("another file in the place of this one is `stale`, and one after a vacuum is not", {
  skip_on_os("windows")
  session <- python_session()
  found <- session$run(function(path) {
    m <- mmapdict(path)
    on.exit(close(m))
    m[["gone"]] <- 1:9
    m[["x"]] <- c(1, 2)
    m[["gone"]] <- NULL
    a <- mmarray(m, "x")
    n <- mmapdict(path)
    vacuum(n)
    close(n)
    after <- repr(numpy_memmap(m, "x")$tolist())
    m[["x"]] <- c(1, 2, 3)
    moved <- kind_of(r_to_py(a))
    kinds <- c(kind_of(numpy_memmap(m, "absent")), kind_of(numpy_memmap(m, 1)))
    m[["text"]] <- "a"
    kinds <- c(kinds, kind_of(numpy_memmap(m, "text")), kind_of(numpy_memmap(3, "x")))
    m[["objects"]] <- ndarray(list("a", 1), "object")
    kinds <- c(kinds, kind_of(numpy_memmap(m, "objects")))
    unlink(path)
    c(after, moved, kinds, kind_of(numpy_memmap(m, "x")))
  }, list(new_path()))
  expect_identical(found, c(
    "[1.0, 2.0]", paste0("mmappickle_error_", c("stale", "key", "key", "index", "value", "index",
                                                "stale"))
  ))
})

test_that("mmarrays and handles are what Python's functions take", {
  session <- python_session()
  found <- session$run(function(path) {
    m <- mmapdict(path)
    on.exit(close(m))
    m[["x"]] <- ndarray(c(1, 2, 3), "float32")
    m[["i"]] <- c(1L, NA, 3L)
    m[["one"]] <- 2.5
    m[["none"]] <- list(NULL)
    m["missing"] <- list(NA)
    m[["list"]] <- list(a = 1L, b = "text", c = c("x", NA), d = c(TRUE, NA))
    m[["frame"]] <- data.frame(n = c(1L, NA), l = c(NA, TRUE), s = c(NA, "s"))
    m[["objects"]] <- ndarray(list("a", 1L), "object")
    builtins <- import_builtins(convert = FALSE)
    dict <- r_to_py(m)
    py_set_item(dict["x"], 0L, 10)
    list(
      import("numpy")$mean(mmarray(m, "x")), py_to_r(builtins$len(m)),
      repr(builtins$type(dict)), repr(dict$keys()), m[["x"]],
      repr(dict["i"]$tolist()), repr(dict["one"]), repr(dict["none"]), repr(dict["missing"]),
      repr(dict["list"]["c"]), repr(dict["list"]["d"]$tolist()), repr(dict["list"]["b"]),
      repr(dict["frame"]$values$tolist()), repr(dict["objects"])
    )
  }, list(new_path()))
  keys <- c("x", "i", "one", "none", "missing", "list", "frame", "objects")
  expect_identical(found, list(
    5, 8L, "<class 'dict'>", paste0("dict_keys([", paste0("'", keys, "'", collapse = ", "), "])"),
    c(10, 2, 3), "[1, None, 3]", "2.5", "[None]", "None", "['x', None]", "[True, None]", "'text'",
    "[[1.0, None, None], [nan, True, 's']]", "['a', 1]"
  ))
})

test_that("a view with NA is a masked array where Python can be told", {
  session <- python_session()
  found <- session$run(function(path) {
    m <- mmapdict(path)
    on.exit(close(m))
    m[["i"]] <- c(1L, NA, 3L)
    m[["l"]] <- c(TRUE, NA)
    m[["m"]] <- matrix(c(1L, NA, 3L, 4L), 2)
    m[["whole"]] <- 1:3
    c(
      repr(r_to_py(m[["i"]])$tolist()), repr(r_to_py(m[["l"]])$tolist()),
      repr(r_to_py(m[["m"]])$tolist()), repr(r_to_py(m[["whole"]])),
      # As reticulate has it, for any vector of R's.
      repr(r_to_py(c(1L, NA))), repr(r_to_py(matrix(1:2))), repr(r_to_py(c(TRUE, FALSE))),
      # What is not asked for its class, nobody can tell: documented.
      repr(np$asarray(m[["i"]])[1L]), repr(np$ma$asarray(mmarray(m, "i"))$tolist())
    )
  }, list(new_path()))
  expect_identical(found[-8L], c(
    "[1, None, 3]", "[True, None]", "[[1, 3], [None, 4]]", "[1, 2, 3]", "[1, -2147483648]",
    "array([[1],\n       [2]], dtype=int32)", "[True, False]", "[1, None, 3]"
  ))
})
