# NumPy arrays over the file, and Python's objects stored, by the real reticulate.

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
      "    y = pickle.load(open(path, 'rb'))[key]",
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
        count <- count + 1L
        if (!py$loaded_as_mapped(path, key, x)) wrong <- c(wrong, paste(basename(path), key))
      }
    }
    list(count, wrong)
  }, list(normalizePath(paths)))
  expect_gt(found[[1L]], 200L)
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

test_that("Python's objects are stored as they are", {
  session <- python_session()
  path <- new_path()
  pickle <- withr::local_tempfile(fileext = ".pickle")
  packages <- run_python(paste(sep = "\n", "import importlib.util",
                               "print('pandas' if importlib.util.find_spec('pandas') else '')"))
  found <- session$run(function(path, pickle, has_pandas) {
    py_run_string(paste(sep = "\n",
      "import collections, datetime, decimal, numpy, pickle, threading",
      "values = {",
      "  'u1': numpy.arange(6, dtype='u1').reshape(2, 3),",
      "  'F': numpy.asfortranarray(numpy.arange(6, dtype='>f4').reshape(2, 3)),",
      "  'strided': numpy.arange(10, dtype='i2')[::3],",
      "  'step': numpy.arange(12).reshape(3, 4)[:, ::2],",
      "  'masked': numpy.ma.MaskedArray([1, 2, 3], [0, 1, 0], 'i2', fill_value=7),",
      "  'masked F': numpy.ma.MaskedArray(numpy.ones((2, 3), 'f4', 'F'), True),",
      "  'rows': numpy.array([(1, 2.5)], [('a', '<i2'), ('b', '>f4')]),",
      "  'objects': numpy.array(['a', None, 3], object), 'scalar': numpy.float32(2.5),",
      "  'zero': numpy.array(7, 'i8'), 'empty': numpy.zeros((0, 2), 'f4'),",
      "  'matrix': numpy.matrix([[1, 2]], 'i1'), 'texts': numpy.array(['a', 'bc']),",
      "  'dict': {'a': numpy.arange(3, dtype='f4'), 1: (1, 2), None: {3}},",
      "  'tuple': (1, 'a', 2.5), 'set': {1, 2}, 'decimal': decimal.Decimal('1.50'),",
      "  'moment': datetime.datetime(2026, 1, 31, 12), 'deque': collections.deque([1, 2]),",
      "  'int': 2 ** 100, 'type': collections.OrderedDict, 'bytes': b'a\\0b', 'text': 'x\\0y',",
      "}",
      "def same(a, b):",
      "    if type(a) is not type(b): return False",
      "    if isinstance(a, numpy.ndarray):  # what is loaded is in the host's byte order",
      "        return (a.dtype.newbyteorder('=') == b.dtype.newbyteorder('=')",
      "                and a.shape == b.shape and a.tolist() == b.tolist()",
      "                and getattr(a, 'fill_value', 0) == getattr(b, 'fill_value', 0)",
      "                and (a.flags.f_contiguous == b.flags.f_contiguous or not b.flags.forc))",
      "    if isinstance(a, dict):",
      "        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)",
      "    if hasattr(a, 'equals'): return a.equals(b) and str(a.dtypes) == str(b.dtypes)",
      "    return a == b"
    ))
    main <- import_main(convert = FALSE)
    if (has_pandas) py_run_string(paste(sep = "\n",
      "import pandas",
      "values['frame'] = pandas.DataFrame({'f': numpy.arange(3, dtype='f4'),",
      "  's': ['a', None, 'c'], 'i': pandas.array([1, None, 3], 'Int8'),",
      "  'c': pandas.Categorical(['x', 'y', 'x']),",
      "  't': pandas.date_range('2026', periods=3, tz='Europe/Zurich')}, index=list('pqr'))",
      "values['series'] = pandas.Series(numpy.arange(3, dtype='u2'), name='n')"
    ))
    m <- mmapdict(path)
    on.exit(close(m))
    keys <- py_to_r(import_builtins(convert = FALSE)$list(main$values$keys()))
    wrong <- character()
    for (key in keys) {
      value <- main$values$get(key)
      m[[key]] <- value
      m[["inside"]] <- list(value, 1)
      write_pickle(value, pickle)
      py_set_attr(main, "key", key)
      py_set_attr(main, "paths", list(path, pickle))
      ok <- py_run_string(paste(sep = "\n",
        "stored = pickle.load(open(paths[0], 'rb'))",
        "ok = [same(stored[key], values[key]), same(stored['inside'][0], values[key]),",
        "      same(pickle.load(open(paths[1], 'rb')), values[key])]"
      ))$ok
      if (!all(unlist(ok))) wrong <- c(wrong, paste(c(key, unlist(ok)), collapse = " "))
    }
    m[["inside"]] <- NULL
    py_run_string("lock = threading.Lock()")
    before <- entries(m)
    kinds <- c(kind_of(m[["lock"]] <- main$lock), kind_of(m[["u1"]] <- list(a = main$lock)))
    list(wrong, kinds, identical(entries(m), before), names(m))
  }, list(path, pickle, "pandas" %in% packages))
  expect_identical(found[1:3], list(
    character(), rep("mmappickle_error_value", 2L), TRUE
  ))
  m <- mmapdict(path)
  withr::defer(close(m))
  table <- entries(m)
  row <- function(key) {
    unlist(table[table$key == key, c("kind", "dtype", "order")], use.names = FALSE)
  }
  expect_identical(row("u1"), c("array", "uint8", "C"))
  expect_identical(row("F"), c("array", ">f4", "F"))
  expect_identical(row("strided"), c("array", "int16", "C"))
  expect_identical(row("masked"), c("masked", "int16", "C"))
  expect_identical(row("masked F"), c("masked", "float32", "F"))
  expect_identical(m[["u1"]], matrix(c(0L, 3L, 1L, 4L, 2L, 5L), 2))
  expect_identical(m[["masked"]], c(1L, NA, 3L))
  expect_identical(m[["rows"]], data.frame(a = 1L, b = 2.5))
  expect_identical(m[["tuple"]], list(1L, "a", 2.5))
})

test_that("a large array is stored from where it lies", {
  skip_if_not(file.exists("/proc/self/status"), "Linux alone tells memory here")
  session <- python_session()
  found <- session$run(function(path) {
    peak <- function() {
      line <- grep("^VmHWM", readLines("/proc/self/status"), value = TRUE)
      as.numeric(gsub("\\D", "", line)) / 1024
    }
    m <- mmapdict(path)
    on.exit(close(m))
    x <- np$ones(25e6L, dtype = "f4")
    before <- peak()
    m[["x"]] <- x
    m[["F"]] <- np$asfortranarray(x$reshape(5L, 5000000L))
    list(peak() - before, length(m[["x"]]), sum(m["x", 24999990:25e6]))
  }, list(new_path()))
  # (The second one is in memory twice, by NumPy.)
  expect_lt(found[[1L]], 150)
  expect_identical(found[-1L], list(25000000L, 11))
})

test_that("what only calls itself pickled by Python names no memory", {
  fake <- function(...) structure(list(...), class = "python_pickle")
  m <- local_store()
  buffer <- as.raw(c(0x80, 5, 0x97, 0x2e))
  for (x in list(
    fake(), fake(1, 2), fake(raw(), list()), fake(as.raw(1:9), list()), fake(buffer, list(1)),
    fake(buffer, list(asNamespace("mmappickle")$pointer(m)))
  )) {
    expect_kind(m[["x"]] <- x, "value")
  }
  expect_kind(m[["x"]] <- fake(buffer, list()), "unsupported")
  m[["x"]] <- fake(as.raw(c(0x80, 4, 0x4b, 7, 0x2e)), list())
  expect_identical(m[["x"]], 7L)
  skip_if_not_installed("reticulate")
  classes <- c("numpy.ndarray", "python.builtin.object")
  # (What tests print of such would end this session.)
  kind_of <- function(code) class(tryCatch(code, error = identity))[[1L]]
  for (make in list(
    function() 1, function() list(1), new.env, function() list2env(list(pyobj = 1)),
    function() kind_of
  )) {
    kinds <- c(kind_of(m[["x"]] <- structure(make(), class = classes)),
               kind_of(m[["x"]] <- structure(1, py_object = make(), class = classes)))
    expect_identical(kinds, rep("mmappickle_error_value", 2L))
  }
  expect_identical(m[["x"]], 7L)
})
