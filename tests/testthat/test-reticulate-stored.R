# Python's objects stored as they are, by the real reticulate.

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
