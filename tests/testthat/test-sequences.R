# Which sequences are vectors, and that these are again what they were where they are stored.

test_that("random sequences are what the rule says", {
  require_python()
  for (seed in 1) {
    pickles <- withr::local_tempfile()
    described <- withr::local_tempfile()
    run_python(testthat::test_path("python", "sequences.py"), seed, 300, pickles, described)
    values <- suppressWarnings(read_pickle(pickles, all = TRUE))
    wanted <- read_json(paste(readLines(described, warn = FALSE), collapse = ""))
    expect_length(values, length(wanted))
    wrong <- Map(mismatch, values, wanted)
    wrong <- Filter(Negate(is.null), wrong)
    expect_identical(unlist(wrong), NULL, info = paste("seed", seed))
    vectors <- sum(vapply(values, is.atomic, NA))
    expect_gt(vectors, 100)  # the test sees both kinds
    expect_gt(length(values) - vectors, 50)
  }
})

# What Python has: type, dtype and repr of each value, and of its items.
shapes_of <- function(...) {
  lines <- run_python(paste(sep = "\n",
    "import pathlib, pickle, sys",
    "def shape(v):",
    "    items = [shape(i) for i in v] if isinstance(v, (list, tuple)) else repr(v)",
    "    return type(v).__name__, str(getattr(v, 'dtype', '')), items",
    "for path in sys.argv[1:]:",
    "    value = pickle.loads(pathlib.Path(path).read_bytes())",
    "    print('--', *(f'{k} {shape(v)}' for k, v in sorted(value.items())), sep='\\n')"
  ), ...)
  unname(lapply(split(lines, cumsum(lines == "--")), `[`, -1L))
}

test_that("what is stored again unchanged is the same in Python", {
  require_python()
  from <- withr::local_tempfile(fileext = ".pkl")
  for (protocol in c(0, 2, 4)) {
    run_python(paste(sep = "\n",
      "import datetime as dt, pathlib, pickle, sys",
      "import numpy as np",
      "value = {",
      "  'structured': np.array([(1, 2.5), (2, 3.5)], [('a', '<i4'), ('b', '>f8')]),",
      "  'large': np.zeros(20000, [('a', '<i4'), ('n', [('x', '<i2'), ('s', 'S3')])]),",
      "  'offsets': np.zeros(3, np.dtype({'names': ['x', 'y'], 'formats': ['<i2', '<i4'],",
      "                                   'offsets': [4, 0], 'itemsize': 12})),",
      "  'records': np.array([(1, 'x'), (2, None)], [('a', '<i4'), ('b', 'O')]),",
      "  'masked': np.ma.array([1, 2, 3], mask=[0, 1, 0], dtype='f4'),",
      "  'bytes': np.array([b'caf\\xe9', b'caf\\xc3\\xa9', b'a\\\\xe9']),",
      "  'floats': [np.float32(1.5), np.float32(2)], 'texts': [np.str_('a'), None],",
      "  'one': np.int64(7), 'half': np.float16(.5), 'flag': (np.bool_(True), None),",
      "  'naive': dt.datetime(2020, 1, 2, 3), 'clock': (dt.time(1, 2), dt.time(3)),",
      "  'dates': [dt.date(2020, 1, 1), None], 'objects': np.array(['a', None, 1.5][:2], object),",
      "  'int64': np.arange(3), 'fortran': np.asfortranarray([[1., 2.], [3., 4.]])}",
      paste0("pathlib.Path(sys.argv[1]).write_bytes(pickle.dumps(value, ", protocol, "))")
    ), from)
    x <- suppressWarnings(read_pickle(from))
    first <- withr::local_tempfile(fileext = ".mmdpickle")
    second <- withr::local_tempfile(fileext = ".mmdpickle")
    m <- mmapdict(first)
    for (key in names(x)) m[[key]] <- x[[key]]
    again <- mmapdict(second)
    for (key in names(x)) again[[key]] <- suppressWarnings(m[[key]])
    close(m)
    close(again)
    shapes <- shapes_of(from, first, second)
    expect_identical(shapes[[2L]], shapes[[1L]], info = paste("protocol", protocol))
    expect_identical(shapes[[3L]], shapes[[1L]], info = paste("copied", protocol))
  }
})

test_that("what R has changed is stored as R's own", {
  require_python()
  from <- withr::local_tempfile(fileext = ".pkl")
  run_python(paste(sep = "\n",
    "import pathlib, pickle, sys, numpy as np",
    "pathlib.Path(sys.argv[1]).write_bytes(pickle.dumps({",
    "  'x': [np.float32(1.5), np.float32(2)],",
    "  't': np.array([(1, 2.5)], [('a', '<i4'), ('b', '<f8')])}))"
  ), from)
  x <- read_pickle(from)
  x$x[2] <- 7
  x$t$a <- 9L
  to <- withr::local_tempfile(fileext = ".pkl")
  write_pickle(x, to)
  expect_identical(
    shapes_of(to)[[1L]],
    c("t ('dict', '', \"{'a': array([9], dtype=int32), 'b': array([2.5])}\")",
      "x ('ndarray', 'float64', 'array([1.5, 7. ])')")
  )
  expect_identical(unserialize(serialize(read_pickle(from)$x, NULL)), c(1.5, 2))
})

test_that("Decimals are numbers where they are asked for", {
  pickle <- charToRaw(paste0(
    "(lcdecimal\nDecimal\n(V1.10\ntRacdecimal\nDecimal\n(V-2E+3\ntRaNa."
  ))
  expect_identical(read_pickle(pickle, simplify = "numbers"), c(1.1, -2000, NA))
  expect_s3_class(read_pickle(pickle)[[1]], "python_object")
  expect_error(read_pickle(pickle, simplify = "all"), class = "mmappickle_error_value")
})

test_that("keys of NumPy's are keys", {
  require_python()
  from <- withr::local_tempfile(fileext = ".pkl")
  run_python(paste(sep = "\n",
    "import pathlib, pickle, sys, numpy as np",
    "labels, counts = np.unique(['x', 'y', 'x'], return_counts=True)",
    "value = [dict(zip(labels, counts)), {np.int64(3): 1}]",
    "pathlib.Path(sys.argv[1]).write_bytes(pickle.dumps(value))"
  ), from)
  x <- read_pickle(from)
  expect_identical(x[[1]], list(x = 2L, y = 1L))
  expect_identical(x[[2]]$keys, list(3L))
})

test_that("the colleague's files are vectors", {
  colleague <- function(name) read_pickle(shared("cases", "colleague", paste0(name, ".pkl")))
  expect_identical(colleague("np2_history"),
                   list(loss = c(.5, .25), acc = c(.5, .75), epoch = 0:1))
  expect_identical(colleague("np2_unique_counts"), list(x = 2L, y = 1L))
  expect_identical(colleague("np2_labels"), c("cat", "dog"))
  expect_identical(colleague("np_objbool"), c(TRUE, NA, FALSE))
  expect_identical(colleague("np_objnum"), c(1L, 2L, NA))
  expect_identical(colleague("sub_nones"), list(NULL, NULL))
  expect_s3_class(colleague("sub_dates"), "Date", exact = TRUE)
  expect_s3_class(colleague("sub_td"), "difftime", exact = TRUE)
  masked <- colleague("np_masked_rec")
  expect_s3_class(masked, "data.frame", exact = TRUE)
  expect_identical(sum(is.na(masked$v)), 1L)
  mixed <- colleague("pd_mixed_objects")
  expect_identical(mixed$allna, c(NA, NA, NA, NA))
  expect_identical(mixed$flag, c(TRUE, NA, FALSE, TRUE))
  expect_identical(mixed$num, c(10L, 20L, NA, 40L))
  expect_s3_class(mixed$pure, "Date", exact = TRUE)
  expect_s3_class(mixed$tod, "difftime", exact = TRUE)
})
