# What Python finds in files that R wrote: natural values of the right types, and arrays
# that NumPy maps where entries() says they are.

# Writes `cases` (key, value, Python expression) with a handle, and compares what
# pickle.load gives with the expressions.
expect_in_python <- function(cases, ...) {
  path <- new_path()
  m <- mmapdict(path, ...)
  for (case in cases) {
    if (is.null(case$value)) m[case$key] <- list(NULL) else m[[case$key]] <- case$value
  }
  close(m)
  lines <- vapply(cases, function(case) paste(case$key, case$expected, sep = "\t"), "")
  expected <- withr::local_tempfile(lines = enc2utf8(lines))
  for (python in pythons()) {
    withr::local_envvar(MMAPPICKLE_PYTHON = python)
    out <- run_python(testthat::test_path("python", "expectations.py"), path, expected)
    expect_identical(out, character(), info = python)
  }
}

case <- function(key, value, expected) list(key = key, value = value, expected = expected)

fortran_masked <- paste0(
  "ma.MaskedArray(np.asfortranarray([[1, 3, 5], [0, 4, 6]], 'i4'), ",
  "np.asfortranarray([[0, 0, 0], [1, 0, 0]], bool))"
)

test_that("vectors of length 1 are scalars", {
  require_python()
  expect_in_python(list(
    case("true", TRUE, "True"), case("false", FALSE, "False"),
    case("int", 42L, "42"), case("negative", -.Machine$integer.max, "-(2**31 - 1)"),
    case("float", 1.5, "1.5"), case("whole", 2, "2.0"), case("zero", -0.0, "-0.0"),
    case("inf", -Inf, "float('-inf')"), case("nan", NaN, "float('nan')"),
    case("na real", NA_real_, "NA"), case("tiny", 5e-324, "5e-324"),
    case("complex", complex(real = 1, imaginary = -0.0), "complex(1.0, -0.0)"),
    case("na complex", NA_complex_, "complex(NA, NA)"),
    case("str", "text", "'text'"), case("empty", "", "''"),
    case("utf8", "\u00e9\u20ac\U1d11e", "'\\u00e9\\u20ac\\U0001d11e'"),
    case("latin1", iconv("\u00e9", "UTF-8", "latin1"), "'\\u00e9'"),
    case("long str", strrep("ab", 40000), "'ab' * 40000"),
    case("na logical", NA, "None"), case("na int", NA_integer_, "None"),
    case("na str", NA_character_, "None"), case("none", NULL, "None")
  ))
})

test_that("other vectors are arrays, raw is bytes, text is a list", {
  require_python()
  expect_in_python(list(
    case("double", c(1, -0.0, NaN, NA, Inf), "np.array([1, -0.0, np.nan, NA, np.inf])"),
    case("int", 1:3, "np.array([1, 2, 3], 'i4')"),
    case("sequence", 1:100000, "np.arange(1, 100001, dtype='i4')"),
    case("logical", c(TRUE, FALSE), "np.array([True, False])"),
    case("complex", c(1i, NA_complex_), "np.array([1j, complex(NA, NA)])"),
    case("no double", double(), "np.empty(0)"), case("no int", integer(), "np.empty(0, 'i4')"),
    case("no logical", logical(), "np.empty(0, bool)"),
    case("no complex", complex(), "np.empty(0, 'c16')"),
    case("masked int", c(1L, NA, 3L), "masked([1, 0, 3], [0, 1, 0], 'i4')"),
    case("masked logical", c(NA, TRUE), "masked([0, 1], [1, 0], bool)"),
    case("all masked", c(NA_integer_, NA), "masked([0, 0], [1, 1], 'i4')"),
    case("bytes", as.raw(c(0, 255, 10)), "b'\\x00\\xff\\n'"), case("no bytes", raw(), "b''"),
    case("one byte", as.raw(7), "b'\\x07'"),
    case("long bytes", as.raw(rep(0:255, 300)), "bytes(range(256)) * 300"),
    case("text", c("a", NA, "\u00e9", ""), "['a', None, '\\u00e9', '']"),
    case("no text", character(), "[]"),
    case("kept array", I(1.5), "np.array([1.5])"),
    case("named", c(a = 1, b = 2), "np.array([1.0, 2.0])"),
    case("named one", c(a = 1L), "np.array([1], 'i4')"),
    case("array of one", array(2), "np.array([2.0])")
  ))
})

test_that("arrays keep shape and indices", {
  require_python()
  x <- array(as.double(1:24), 2:4)
  cube <- "np.arange(1, 25, dtype='f8').reshape(4, 3, 2).transpose()"
  cases <- list(
    case("matrix", matrix(as.double(1:6), 2), "np.array([[1., 3., 5.], [2., 4., 6.]])"),
    case("cube", x, paste0("np.ascontiguousarray(", cube, ")")),
    case("int", matrix(1:4, 2), "np.array([[1, 3], [2, 4]], 'i4')"),
    case("logical", matrix(c(TRUE, FALSE), 1), "np.array([[True, False]])"),
    case("complex", matrix(c(1i, 2, 3, 4i), 2), "np.array([[1j, 3], [2, 4j]])"),
    case("raw", matrix(as.raw(1:6), 2), "np.array([[1, 3, 5], [2, 4, 6]], 'u1')"),
    case("masked", matrix(c(1L, NA, 3L, 4L), 2),
         "masked([[1, 3], [0, 4]], [[0, 0], [1, 0]], 'i4')"),
    case("named", matrix(1:2 + 0, 1, dimnames = list("r", c("a", "b"))), "np.array([[1., 2.]])"),
    case("text", matrix(c("a", NA, "c", "d"), 2), "objects((2, 2), ['a', 'c', None, 'd'])"),
    case("list", matrix(list(1, "a", NULL, TRUE), 2), "objects((2, 2), [1.0, None, 'a', True])"),
    case("no rows", matrix(double(), 0, 3), "np.empty((0, 3))"),
    case("rank 1", array(1:3, 3), "np.array([1, 2, 3], 'i4')"),
    case("rank 6", array(as.double(1:64), rep(2, 6)),
         "np.ascontiguousarray(np.arange(1, 65, dtype='f8').reshape((2,) * 6).transpose())"),
    case("large", matrix(as.double(1:250000), 500),
         "np.ascontiguousarray(np.arange(1, 250001, dtype='f8').reshape(500, 500).T)")
  )
  expect_in_python(cases)

  # In Fortran order the same arrays, but for those of objects.
  in_order <- Filter(function(case) !case$key %in% c("text", "list", "masked"), cases)
  in_order <- lapply(in_order, function(case) {
    case(case$key, case$value, paste0("np.asfortranarray(", case$expected, ")"))
  })
  expect_in_python(c(in_order, list(
    case("vector", c(1, 2), "np.array([1., 2.])"),
    case("text", matrix(c("a", NA, "c", "d"), 2), "objects((2, 2), ['a', 'c', None, 'd'])"),
    case("masked", matrix(c(1L, NA, 3L, 4L, 5L, 6L), 2), fortran_masked),
    case("nested", list(matrix(as.double(1:4), 2)), "[np.asfortranarray([[1., 3.], [2., 4.]])]")
  )), order = "F")

  expect_in_python(list(
    case("matrix", matrix(as.double(1:6), 2), "np.array([[1., 2.], [3., 4.], [5., 6.]])"),
    case("cube", x, "np.arange(1, 25, dtype='f8').reshape(4, 3, 2)"),
    case("masked", matrix(c(1L, NA, 3L, 4L), 2),
         "masked([[1, 0], [3, 4]], [[0, 1], [0, 0]], 'i4')"),
    case("raw", matrix(as.raw(1:6), 2), "np.array([[1, 2], [3, 4], [5, 6]], 'u1')"),
    case("vector", c(1, 2), "np.array([1., 2.])"),
    case("fortran", ndarray(matrix(as.double(1:6), 2), order = "F"),
         "np.asfortranarray([[1., 2.], [3., 4.], [5., 6.]])"),
    case("stub", empty_ndarray(c(2, 3), "int16"), "np.zeros((3, 2), 'i2')")
  ), dims = "reversed")
})

test_that("ndarray() gives any dtype", {
  require_python()
  numbers <- c(
    "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16",
    "float32", "float64", "longdouble", "complex64", "complex128", "clongdouble"
  )
  cases <- lapply(numbers, function(dtype) {
    case(dtype, ndarray(c(1, 0, 100), dtype), sprintf("np.array([1, 0, 100], '%s')", dtype))
  })
  # NumPy gives arrays of the other byte order back in its own.
  cases <- c(cases, lapply(c(">i2", ">i8", ">f4", ">f8", ">c16", ">u4"), function(dtype) {
    case(dtype, ndarray(c(1, 0, 100), dtype),
         sprintf("np.array([1, 0, 100], '%s')", substring(dtype, 2)))
  }))
  expect_in_python(c(cases, list(
    case("bool", ndarray(c(1, 0), "bool"), "np.array([True, False])"),
    case("S", ndarray(c("ab", "", "xyz"), "S3"), "np.array([b'ab', b'', b'xyz'])"),
    case("S5", ndarray(c("ab", ""), "S5"), "np.array([b'ab', b''], 'S5')"),
    case("U", ndarray(c("\u00e9", "", "\U1d11ez"), "U"),
         "np.array(['\\u00e9', '', '\\U0001d11ez'])"),
    case(">U", ndarray(c("ab", "c"), ">U4"), "np.array(['ab', 'c'], 'U4')"),
    case("M8[D]", ndarray(as.Date(c("2020-02-29", NA)), "datetime64[D]"),
         "np.array(['2020-02-29', 'NaT'], 'M8[D]')"),
    case("M8[ms]", ndarray(as.POSIXct(c(0, -1.5, NA), origin = "1970-01-01", tz = "UTC"),
                           "datetime64[ms]"), "np.array([0, -1500, 'NaT'], 'M8[ms]')"),
    case("M8[ns]", ndarray(as.Date("2020-01-02"), "datetime64[ns]"),
         "np.array(['2020-01-02'], 'M8[ns]')"),
    case("m8[s]", ndarray(as.difftime(c(1, NA), units = "hours"), "timedelta64[s]"),
         "np.array([3600, 'NaT'], 'm8[s]')"),
    case("masked int16", ndarray(c(5L, NA), "int16"), "masked([5, 0], [0, 1], 'i2')"),
    case("masked Fortran", ndarray(matrix(c(1L, NA, 3L, 4L, 5L, 6L), 2), "int64", order = "F"),
         sub("'i4'", "'i8'", fortran_masked)),
    case("rounded", ndarray(c(NA, 0.1), "float32"), "np.array([np.nan, 0.1], 'f4')"),
    case("Fortran", ndarray(matrix(as.double(1:6), 2), "float32", order = "F"),
         "np.asfortranarray([[1, 3, 5], [2, 4, 6]], 'f4')"),
    case("Fortran cube", ndarray(array(1:24, 2:4), "uint8", order = "F"),
         "np.arange(1, 25, dtype='u1').reshape(4, 3, 2).transpose()"),
    case("Fortran text", ndarray(matrix(c("a", "b", "c", "d"), 2), "U1", order = "F"),
         "np.asfortranarray([['a', 'c'], ['b', 'd']])")
  )))
})

test_that("stubs are zeros", {
  require_python()
  expect_in_python(list(
    case("double", empty_ndarray(c(3, 4)), "np.zeros((3, 4))"),
    case("rank 0", empty_ndarray(numeric(), "int32"), "np.zeros((), 'i4')"),
    case("rank 1", empty_ndarray(5, "uint8"), "np.zeros(5, 'u1')"),
    case("nothing", empty_ndarray(c(0, 4), "complex64"), "np.zeros((0, 4), 'c8')"),
    case("Fortran", empty_ndarray(c(3, 4), "float32", order = "F"), "np.zeros((3, 4), 'f4', 'F')"),
    case("text", empty_ndarray(2, "U3"), "np.zeros(2, 'U3')"),
    case("times", empty_ndarray(2, "datetime64[s]"), "np.zeros(2, 'M8[s]')"),
    case("large", empty_ndarray(c(1000, 1000)), "np.zeros((1000, 1000))")
  ))
})

test_that("lists are lists and dicts, all that is in them is natural, too", {
  require_python()
  deep <- 1L
  for (level in 1:50) deep <- list(deep)
  expect_in_python(list(
    case("empty", list(), "[]"), case("list", list(1, "a", NULL), "[1.0, 'a', None]"),
    case("integers", list(1L, 2L), "[1, 2]"),
    case("dict", list(a = 1L, b = "x", `odd name` = NULL), "{'a': 1, 'b': 'x', 'odd name': None}"),
    case("no names", setNames(list(), character()), "{}"),
    case("names twice", list(a = 1L, a = 2L), "[1, 2]"),
    case("some names", list(a = 1L, 2L), "[1, 2]"),
    case("arrays", list(x = c(1, 2), y = list(m = matrix(1:6, 2), n = c(1L, NA))),
         paste0("{'x': np.array([1., 2.]), 'y': {'m': np.array([[1, 3, 5], [2, 4, 6]], 'i4'), ",
                "'n': masked([1, 0], [0, 1], 'i4')}}")),
    case("Fortran", list(ndarray(matrix(as.double(1:4), 2), order = "F")),
         "[np.asfortranarray([[1., 3.], [2., 4.]])]"),
    case("dtypes", list(ndarray(1:2, "uint8"), ndarray("a", "S1"), ndarray(1, ">f8")),
         "[np.array([1, 2], 'u1'), np.array([b'a']), np.array([1.0])]"),
    case("raw", list(as.raw(1:3), matrix(as.raw(1:2), 1)),
         "[b'\\x01\\x02\\x03', np.array([[1, 2]], 'u1')]"),
    case("text", list(c("a", NA), character()), "[['a', None], []]"),
    case("stub", list(empty_ndarray(c(2, 2), "int8")), "[np.zeros((2, 2), 'i1')]"),
    case("deep", deep, paste0(strrep("[", 50), "1", strrep("]", 50))),
    case("many", as.list(1:3000), "list(range(1, 3001))")
  ))
})

test_that("keys", {
  require_python()
  expect_in_python(list(
    case("\u00e9", 1L, "1"), case("", 2L, "2"), case("\U1d11e", 3L, "3"),
    case(strrep("k", 255), c(1, 2), "np.array([1., 2.])"),
    case(strrep("\u20ac", 85), 5L, "5"), case("a b", c(NA, 1L), "masked([0, 1], [1, 0], 'i4')")
  ))
})

# Python maps all arrays where entries() says they are.
expect_mapped <- function(m, ...) {
  listed <- entries(m)
  listed <- listed[listed$kind %in% c("array", "masked"), ]
  shapes <- vapply(listed$shape, function(shape) {
    paste(format(shape, scientific = FALSE, trim = TRUE), collapse = ",")
  }, "")
  lines <- paste(listed$key, listed$dtype, shapes, listed$order,
                 format(listed$offset, scientific = FALSE, trim = TRUE), sep = "\t")
  file <- withr::local_tempfile(lines = lines)
  for (python in pythons()) {
    withr::local_envvar(MMAPPICKLE_PYTHON = python)
    out <- run_python(testthat::test_path("python", "mapped.py"), path_of(m), file, ...)
    expect_identical(out, character(), info = python)
  }
}

test_that("NumPy maps the arrays, and what it writes R reads", {
  require_python()
  m <- local_store()
  stored <- list(
    double = c(1, NA, NaN, -0.0), matrix = matrix(as.double(1:6), 2), int = 1:100000,
    cube = array(1:24, 2:4), masked = matrix(c(1L, NA, 3L, 4L), 2), logical = c(TRUE, FALSE, FALSE),
    complex = matrix(1:4 + 2i, 2), raw = matrix(as.raw(1:6), 3)
  )
  for (key in names(stored)) m[[key]] <- stored[[key]]
  m[["fortran"]] <- ndarray(stored$matrix, order = "F")
  m[["fortran cube"]] <- ndarray(stored$cube, "int16", order = "F")
  m[["big"]] <- ndarray(stored$matrix, ">f8")
  m[["text"]] <- ndarray(c("a", "bc", "\u00e9"), "U")
  m[["half"]] <- ndarray(stored$matrix, "float16")
  m[["stub"]] <- empty_ndarray(c(20, 30))
  m["stub", 1, 1] <- 5
  expect_mapped(m)
  before <- lapply(as.list(m), materialize)
  # An odd number of Pythons turns each array round once.
  withr::local_envvar(MMAPPICKLE_PYTHON2 = "")
  expect_mapped(m, "flip")
  for (key in setdiff(names(m), "masked")) {
    wanted <- before[[key]]
    wanted[] <- rev(wanted)
    expect_identical(materialize(m[[key]]), wanted, info = key)
  }
  # The data of a masked array are mapped, the mask stays where it is.
  expect_identical(m[["masked"]][c(1, 2, 4)], c(4L, NA, 1L))
  expect_identical(m["stub", 20, 30], 5)

  # And the other way: R writes in place, Python finds it.
  for (key in c("matrix", "fortran", "big", "half")) m[key, 2, 3] <- 77
  m[["int"]][99999] <- -5L
  expect_mapped(m)
  script <- withr::local_tempfile(fileext = ".py", lines = c(
    "import pickle, sys",
    "with open(sys.argv[1], 'rb') as file: d = pickle.load(file)",
    "print([float(d[k][1, 2]) for k in ('matrix', 'fortran', 'big', 'half')], d['int'][99998])"
  ))
  expect_identical(run_python(script, path_of(m)), "[77.0, 77.0, 77.0, 77.0] -5")
})

test_that("arrays inside other values are aligned, too", {
  require_python()
  m <- local_store()
  for (n in 1:70) {
    m[[strrep("k", n)]] <- list(c(1, 2), a = strrep("x", n), b = list(matrix(1:6, 2)), 3L)
  }
  vacuum(m)
  script <- withr::local_tempfile(fileext = ".py", lines = c(
    "import pickle, sys",
    "with open(sys.argv[1], 'rb') as file: data = file.read()",
    "for key, value in pickle.loads(data).items():",
    "    for array in value[0], value[2][0]:",
    "        at = data.find(array.tobytes())",
    "        while at >= 0 and at % 64: at = data.find(array.tobytes(), at + 1)",
    "        if at < 0: print(key)"
  ))
  expect_identical(run_python(script, path_of(m)), character())
})

test_that("views of every dtype are stored as they are", {
  require_python()
  bytes_at <- function(path, entries) {
    size <- vapply(entries$dtype, function(d) mmappickle:::dtype_info(d)$itemsize, 0) *
      vapply(entries$shape, prod, 0)
    Map(function(offset, size) {
      connection <- file(path, "rb")
      on.exit(close(connection))
      seek(connection, offset)
      readBin(connection, "raw", size)
    }, entries$offset, size)
  }
  for (name in c("portable", "dtypes", "orders", "masked", "unaligned", "shapes")) {
    path <- fixture(paste0(name, ".mmdpickle"))
    from <- mmapdict(path, readonly = TRUE)
    listed <- entries(from)
    large <- vapply(listed$shape, function(n) any(n >= 2^31), NA)
    # Bytes without meaning (V) are raw matrices in R, which NumPy knows as uint8.
    listed <- listed[listed$kind %in% c("array", "masked") & !large & !is.na(listed$type), ]
    to <- local_store()
    for (key in listed$key) to[[key]] <- suppressWarnings(from[[key]])
    close(from)
    copied <- entries(to)
    row.names(copied) <- row.names(listed) <- NULL
    same <- c("key", "kind", "dtype", "shape", "order", "type")
    expect_identical(as.list(copied)[same], as.list(listed)[same], info = name)
    expect_identical(bytes_at(path_of(to), copied), bytes_at(path, listed), info = name)
    expect_mapped(to)
  }
})

test_that("all values are read under one lock while another process deletes and inserts", {
  skip_on_cran()
  m <- local_store()
  m[["stays"]] <- 1
  stop <- withr::local_tempfile()
  other <- callr::r_bg(function(path, stop) {
    m <- mmappickle::mmapdict(path)
    while (!file.exists(stop)) {
      m[["comes"]] <- c(1, 2)
      m[["comes"]] <- NULL
    }
    TRUE
  }, list(path = path_of(m), stop = stop))
  withr::defer(other$kill())
  seen <- c(stays = 0L, `stays comes` = 0L)
  end <- Sys.time() + 60
  while (min(seen) < 100L && Sys.time() < end) {
    keys <- paste(names(as.list(m)), collapse = " ")
    if (!keys %in% names(seen)) break
    seen[[keys]] <- seen[[keys]] + 1L
  }
  expect_true(all(seen >= 100L), label = paste("keys seen:", keys))
  file.create(stop)
  other$wait(10000)
  expect_true(other$get_result())
})
