# Python's sequences of plain values, which are vectors in R: stored again, they are the same.

plain_values <- function(...) {
  run_python(testthat::test_path("python", "sequence_kinds.py"), ...)
}

pickled <- function(code) {
  path <- withr::local_tempfile(fileext = ".pkl", .local_envir = parent.frame())
  run_python(paste0(
    "import pathlib, pickle, sys\n",
    "pathlib.Path(sys.argv[1]).write_bytes(pickle.dumps(", code, ", 4))"
  ), path)
  path
}

# repr() of what is under each key.
stored <- function(path) {
  run_python(paste(
    sep = "\n", "import pathlib, pickle, sys",
    "value = pickle.loads(pathlib.Path(sys.argv[1]).read_bytes())",
    "print(*(repr(v) for v in value.values()), sep='\\n')"
  ), path)
}

test_that("random plain values are the same when they are stored again", {
  require_python()
  for (protocol in c(3, 4)) {
    from <- withr::local_tempfile(fileext = ".pkl")
    plain_values("make", 10 + protocol, 400, from, protocol)
    whole <- withr::local_tempfile(fileext = ".pkl")
    again <- withr::local_tempfile(fileext = ".pkl")
    write_pickle(read_pickle(from), whole)
    write_pickle(read_pickle(whole), again)
    expect_identical(readBin(again, "raw", file.size(again)),
                     readBin(whole, "raw", file.size(whole)))
    first <- withr::local_tempfile(fileext = ".mmdpickle")
    convert_pickle(from, first)
    m <- mmapdict(first)
    by_key <- withr::local_tempfile(fileext = ".mmdpickle")
    n <- mmapdict(by_key)
    for (key in names(m)) n[[key]] <- m[[key]]
    close(n)
    together <- withr::local_tempfile(fileext = ".mmdpickle")
    n <- mmapdict(together)
    n[names(m)] <- as.list(m)
    close(n)
    close(m)
    expect_identical(plain_values("compare", from, whole, first, by_key, together), character())
  }
})

test_that("such a vector is R's own in all else", {
  require_python()
  x <- read_pickle(pickled("{'i': (1, 2), 'd': [10, 52.5], 'l': [True, None], 's': {'x'}}"))
  expect_identical(x, list(i = 1:2, d = c(10, 52.5), l = c(TRUE, NA), s = "x"))
  expect_identical(x$d * 2, c(20, 105))
  expect_identical(unserialize(serialize(x, NULL)), x)
  expect_identical(c(x$i, 3L), 1:3)
  expect_identical(data.frame(x$d)[[1L]], c(10, 52.5))
  expect_identical(rev(x$i), 2:1)
  y <- x
  y$i[2L] <- 5L
  y$s[1L] <- "z"
  expect_identical(x[c("i", "s")], list(i = 1:2, s = "x"))
  expect_identical(y[c("i", "s")], list(i = c(1L, 5L), s = "z"))
})

test_that("what R makes of such a vector is stored as R's", {
  require_python()
  x <- read_pickle(pickled("{'i': [1, 2], 'd': [1.5, 2.5], 'n': [10, 52.5]}"))
  to <- withr::local_tempfile(fileext = ".pkl")
  changed <- x$i
  changed[1L] <- 7L
  named <- x$i
  names(named) <- c("a", "b")
  write_pickle(list(
    changed, named, matrix(x$i, 1), x$d + 0, read_pickle(pickled("[1.5, 2.5]")) + 0,
    c(x$i, x$i), unlist(list(x$d)), ndarray(x$i), ndarray(x$d, "float32"), x$n[1:2],
    unserialize(serialize(x$i, NULL))
  ) |> stats::setNames(letters[1:11]), to)
  expect_identical(stored(to), c(
    "array([7, 2], dtype=int32)", "array([1, 2], dtype=int32)", "array([[1, 2]], dtype=int32)",
    "array([1.5, 2.5])", "array([1.5, 2.5])", "array([1, 2, 1, 2], dtype=int32)",
    "array([1.5, 2.5])", "array([1, 2], dtype=int32)", "array([1.5, 2.5], dtype=float32)",
    "array([10. , 52.5])", "array([1, 2], dtype=int32)"
  ))
})

test_that("they keep their kind in lists, dicts and nested assignments", {
  require_python()
  m <- mmapdict(withr::local_tempfile(fileext = ".mmdpickle"))
  path <- pickled("{'a': [[1], [2]], 'b': [(1, 2)] * 3, 'c': {'h': [1], 'i': (1.0, None)}}")
  x <- read_pickle(path)
  m[["x"]] <- list(x$a, x$b, x$c)
  m[["y"]] <- list(p = x$a[[1L]], q = 1)
  m[["y"]]$q <- x$c$i
  m[["y"]]$p <- 5L
  m[["z"]] <- 1:4
  m[["z"]][2:3] <- x$b[[1L]]
  expect_identical(m[["z"]][], c(1L, 1L, 2L, 4L))
  write_pickle(as.list(m)[c("x", "y")], path)
  close(m)
  expect_identical(stored(path), c(
    "[[[1], [2]], [(1, 2), (1, 2), (1, 2)], {'h': [1], 'i': (1.0, None)}]",
    "{'p': [5], 'q': (1.0, None)}"
  ))
})

test_that("lists stay lists where they are not simplified, and one value is one", {
  require_python()
  path <- pickled("{'a': [1], 'b': (1, 2), 'c': 1, 'd': [], 'e': ['x', 'y'], 'f': 'x'}")
  x <- read_pickle(path, simplify = FALSE)
  expect_identical(x$b, list(1L, 2L))
  to <- withr::local_tempfile(fileext = ".pkl")
  write_pickle(x, to)
  expect_identical(stored(to), c("[1]", "[1, 2]", "1", "[]", "['x', 'y']", "'x'"))
  write_pickle(read_pickle(path), to)
  expect_identical(stored(to), c("[1]", "(1, 2)", "1", "[]", "['x', 'y']", "'x'"))
})
