dict <- function(keys, values) {
  structure(list(keys = keys, values = values), class = "python_dict")
}

test_that("they print their items, and never fail", {
  expect_snapshot({
    dict(list(1L, "a", NULL), list(TRUE, 1:3, list()))
    str(dict(list(1L), list(TRUE)))
    dict(as.list(1:12), as.list(1:12))
  })
  expect_length(format(structure(list(), class = "python_dict")), 1L)
})

keys <- list(1L, "text", 2.5, NULL, as.raw(1:3), 3 + 1i, c(1L, 2L), c("a", "b"), list(1L, "x"),
             list(), list(1L, list(2L, "y")), c(NA, 7L), -1e300, "")

test_that("python_dicts are stored with any keys, and come back", {
  m <- local_store()
  zoo <- list(
    dict(keys, as.list(seq_along(keys))),
    dict(list(), list()),
    dict(list("a", "b"), list(1L, 2L)),  # Python's dict is the same as for list(a = 1L, b = 2L)
    dict(list(1L, 2L), list(c(a = 1), structure(1:4, dim = c(2L, 2L)))),
    dict(list(1L), list(dict(list(2L), list(factor(c("x", "y")))))),
    dict(list("a", 1L), list(NULL, NA)),
    dict(list(NA, "a"), list(1L, 2L)),
    dict(list(NA_character_, list(1L, 2L), list("a", NA), c(NA, NA), integer()), as.list(1:5)),
    dict(list(NaN), list("not a number")),
    structure(dict(list(1L), list("a")), note = "kept"),
    structure(dict(list(1L), list("a")), class = c("mine", "python_dict")),
    dict(list(read_pickle(charToRaw("cdecimal\nDecimal\n(V1.5\ntR."))), list(1L))
  )
  for (at in seq_along(zoo)) {
    m[["k"]] <- zoo[[at]]
    expect_identical(m[["k"]], zoo[[at]], label = paste("dict", at))
    m[["l"]] <- list(a = zoo[[at]], b = list(zoo[[at]], 1))
    expect_identical(m[["l"]], list(a = zoo[[at]], b = list(zoo[[at]], 1)),
                     label = paste("dict", at, "in a list"))
  }
})

test_that("Python sees a dict with these keys", {
  require_python()
  m <- local_store()
  m[["k"]] <- dict(keys, as.list(seq_along(keys)))
  m[["text"]] <- dict(list("a"), list(1L))
  expect_identical(run_python("
import pickle, sys
with open(sys.argv[1], 'rb') as f:
    m = pickle.load(f)
expected = [1, 'text', 2.5, None, b'\\1\\2\\3', 3 + 1j, (1, 2), ('a', 'b'), (1, 'x'), (),
            (1, (2, 'y')), (None, 7), -1e300, '']
print(list(m['k']) == expected, list(map(type, m['k'])) == list(map(type, expected)))
print(m['text'])
", path_of(m)), c("True True", "{'a': 1}"))
})

test_that("keys that Python cannot take, or takes as equal, are refused", {
  m <- local_store()
  m[["before"]] <- 1
  expect_unchanged_file(m, expect_snapshot(said(
    m[["k"]] <- dict(list(1L, 1), list("a", "b")),
    m[["k"]] <- dict(list(c(1L, 2L), c(1L, 2L)), list("a", "b")),
    m[["k"]] <- dict(list(list(a = 1)), list("a")),
    m[["k"]] <- dict(list(NA, NULL), list("a", "b")),
    m[["k"]] <- dict(list(c(a = 1)), list("a")),
    m[["k"]] <- dict(list(matrix(1:4, 2)), list("a")),
    m[["k"]] <- dict(list(dict(list(1L), list(1L))), list("a")),
    m[["k"]] <- dict(list(1L), list(sum)),
    m[["k"]] <- dict(list(1L), list()),
    m[["k"]] <- structure(list(keys = 1:2, values = list(1, 2)), class = "python_dict"),
    m[["k"]] <- list(a = structure(list(), class = "python_dict"))
  ), transform = without_paths))
})

test_that("without simplification they come back, too", {
  m <- local_store(simplify = FALSE)
  x <- dict(list(list(1L, 2L), c(3L, 4L)), list("a", "b"))
  m[["k"]] <- x
  expect_identical(m[["k"]], x)
})

test_that("dicts of the fixtures come back", {
  stored <- 0
  for (name in c("objects.mmdpickle", "objects-classes.mmdpickle", "refs.mmdpickle")) {
    m <- mmapdict(fixture(name), readonly = TRUE)
    copy <- local_store()
    for (entry in described_fixture(name)) {
      if (!entry$valid || is.null(entry$key$v)) next
      x <- suppressWarnings(m[[entry$key$v]])
      if (!inherits(x, "python_dict")) next
      refused <- tryCatch({
        copy[["k"]] <- x
        FALSE
      }, mmappickle_error_value = function(e) TRUE)
      if (refused) next
      expect_identical(copy[["k"]], x, label = paste(name, entry$key$v))
      stored <- stored + 1
    }
    close(m)
  }
  expect_gt(stored, 3)
})

test_that("dicts of the same keys are each of their own", {
  rows <- lapply(1:3, function(i) list(id = i, name = "x"))
  x <- read_pickle(write_pickle(rows))
  expect_identical(x, rows)
  names(x[[1]])[1] <- "other"
  x[[2]]$more <- NULL
  expect_identical(x[[3]], rows[[3]])
  expect_identical(lapply(x, names), list(
    c("other", "name"), c("id", "name"), c("id", "name")
  ))
  # what the short way would leave out is kept
  expect_identical(read_pickle(write_pickle(x)), x)
})

test_that("one attribute more, in any place, makes no value another", {
  plain <- list(
    1, 2L, "a", TRUE, NA, NA_character_, 0.5, list(), list(1, "b"), list(a = 1, b = "x")
  )
  same <- function(x) expect_identical(read_pickle(write_pickle(x)), x)
  same(plain)
  for (i in seq_along(plain)) {
    for (more in list(list(mark = "m"), list(class = "of_mine"), list(names = "n"))) {
      if (names(more) == "names" && length(plain[[i]]) != 1L) next
      x <- plain
      attributes(x[[i]]) <- c(attributes(x[[i]]), more)
      same(x)
      same(list(k = x, l = x[[i]]))
    }
  }
  same(structure(list(1, 2), names = c("a", "a")))
  same(structure(list(1, 2), names = c("a", "")))
  same(structure(list(1, 2), names = structure(c("a", "b"), mark = 1)))
  same(setNames(as.list(1:40), c(paste0("k", 1:39), "k1")))
})

test_that("keys that are stored again unchanged are those that Python made", {
  code <- "d = {
    'naive': {datetime.datetime(2020, 1, 1): 1, datetime.datetime(2020, 1, 2): 2},
    'times': {datetime.time(1, 2): 1, np.datetime64('2020-01-01'): 2, np.int8(1): 3},
    'tuples': {('a',): 1, 'a': 2, (1,): 3, 1: 4, (True,): 5, (1.0, 2): 6, ((2,), 3): 7},
    'moments': {(datetime.datetime(2020, 1, 1), 'a'): 1,
      (datetime.datetime(2020, 1, 1), datetime.datetime(2020, 1, 2)): 2},
    'sets': {frozenset([1]): 1, frozenset([1, 2]): 2, frozenset('ab'): 3},
    'ints': {2**40: 1, (2**40, 1): 2}}"
  m <- python_store(code)
  n <- local_store()
  n[["before"]] <- 1
  for (key in names(m)) {
    n[[key]] <- m[[key]]
    expect_identical(n[[key]], m[[key]])
  }
  expect_identical(run_python(paste0("
import sys, pickle, datetime
import numpy as np
", code, "
with open(sys.argv[1], 'rb') as f:
    v = pickle.load(f)
print([k for k in d if list(map(type, v[k])) != list(map(type, d[k])) or
       any(v[k][i] != d[k][i] for i in d[k])])
"), path_of(n)), "[]")
  # What Python cannot hash is a tuple, as any vector.
  read <- python_store("d = {'l': [1, 2], 'n': [np.int8(1), 2]}")
  n[["lists"]] <- structure(
    list(keys = list(read$l, list(read$n, 1L)), values = list("a", "b")), class = "python_dict"
  )
  expect_identical(n[["lists"]]$values, list("a", "b"))
})
