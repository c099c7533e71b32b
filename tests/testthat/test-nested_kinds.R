# Nested assignment to a value that is no array: list, tuple and set stay what they are, and
# what is left alone is written back as it was.

python_repr <- function(m, key) {
  shown <- run_python("
import sys, pickle
with open(sys.argv[1], 'rb') as f:
    v = pickle.load(f)[sys.argv[2]]
print(sorted(v, key=repr) if isinstance(v, (set, frozenset)) else v, type(v).__name__)
", path_of(m), key)
  # as Python 3.12 and later have it
  sub("OrderedDict({'x': (1, 2)})", "OrderedDict([('x', (1, 2))])", shown, fixed = TRUE)
}

test_that("a list, tuple or set stays one", {
  m <- python_store("d = {'t': (1, 2.5, 3), 'l': [1, 2, 3], 's': {1, 2, 3}, 'f': frozenset('ab'),
       'b': [True, None], 'x': ['a', 'b'], 'n': [(1, 2), [3, 4]]}")
  m$t[2] <- 9.5
  expect_identical(python_repr(m, "t"), "(1, 9.5, 3) tuple")
  m[["l"]][1] <- 7L
  expect_identical(python_repr(m, "l"), "[7, 2, 3] list")
  m$l[5] <- 1L
  expect_identical(python_repr(m, "l"), "[7, 2, 3, None, 1] list")
  m$s[2] <- 10L
  expect_match(python_repr(m, "s"), "10.* set$")
  m$f[1] <- "z"
  expect_match(python_repr(m, "f"), "'z'.* frozenset$")
  m$b[2] <- FALSE
  expect_identical(python_repr(m, "b"), "[True, False] list")
  m$x[1] <- "c"
  expect_identical(python_repr(m, "x"), "['c', 'b'] list")
  m$n[[1]][2] <- 20L
  expect_identical(python_repr(m, "n"), "[(1, 20), [3, 4]] list")
})

test_that("what does not fit the kind is stored by the plain rules", {
  m <- python_store("d = {'t': (1, 2), 's': {1, 2}, 'u': (1, 2)}")
  m$t[1] <- 1i
  expect_identical(m$t, c(1i, 2))
  expect_match(python_repr(m, "t"), "ndarray$")
  m$s[[2]] <- list(c(1, 2))
  expect_match(python_repr(m, "s"), "list$")
  names(m$u) <- c("a", "b")
  expect_identical(m$u, c(a = 1L, b = 2L))
})

test_that("a set stays one while Python can hash what is in it", {
  m <- python_store("d = {'s': {decimal.Decimal('1.5'), (1, 2.5), (3, 'a')},
       'l': [(1, [2, 'b'])], 't': (decimal.Decimal('1.5'), 2)}")
  m$s[[1]] <- 5L
  expect_match(python_repr(m, "s"), "set$")
  m$s[[1]] <- m$l[[1]]
  expect_match(python_repr(m, "s"), "list$")
  m$t[[2]] <- python_object("decimal.Decimal", list("2.5"))
  expect_identical(python_repr(m, "t"), "(Decimal('1.5'), Decimal('2.5')) tuple")
})

test_that("the parts that are left alone are not touched", {
  m <- python_store("d = {'d': {'a': [1, 2], 'b': (3, 4), 'c': decimal.Decimal('1.5'),
       'n': datetime.datetime(2020, 1, 1), 'o': collections.OrderedDict(x=(1, 2)),
       'big': 2**70, 'arr': np.arange(3.0), 'in': [np.arange(4, dtype='int16'), (1,)]}}")
  m$d$a[1] <- 5L
  expect_identical(python_repr(m, "d"), paste0(
    "{'a': [5, 2], 'b': (3, 4), 'c': Decimal('1.5'), ",
    "'n': datetime.datetime(2020, 1, 1, 0, 0), 'o': OrderedDict([('x', (1, 2))]), ",
    "'big': 1180591620717411303424, 'arr': array([0., 1., 2.]), ",
    "'in': [array([0, 1, 2, 3], dtype=int16), (1,)]} dict"
  ))
  expect_true(is_view(m$d$arr))
  expect_true(view_info(m$d$arr)$zero_copy)
  m$d$b <- NULL
  m$d$new <- c(1, 2)
  names(m[["d"]])[1] <- "renamed"
  value <- m$d
  expect_identical(names(value), c("renamed", "c", "n", "o", "big", "arr", "in", "new"))
  expect_null(attr(value, "mmappickle_origin"))
  expect_match(python_repr(m, "d"), "'renamed': [5, 2], 'c': Decimal", fixed = TRUE)
})

test_that("a value that R stored keeps its attributes", {
  m <- local_store()
  x <- list(a = factor(c("u", "v")), b = as.Date("2020-01-01"), c = list(1, 2))
  m[["x"]] <- x
  m[["x"]]$d <- 5
  x$d <- 5
  expect_identical(m[["x"]], x)
  m[["df"]] <- data.frame(a = 1:3)
  m[["df"]]$b <- c("x", "y", "z")
  expect_identical(m[["df"]], data.frame(a = 1:3, b = c("x", "y", "z")))
  m[["df"]][2, "a"] <- 20L
  expect_identical(m[["df"]]$a, c(1L, 20L, 3L))
})

test_that("an assignment that fails leaves no trace, nor does the value that was read", {
  m <- python_store("d = {'t': (1, 2), 'n': None, 'e': []}")
  expect_error(m$t[[5, 5]] <- 1)
  m$t <- list(1L, "a")
  expect_identical(python_repr(m, "t"), "[1, 'a'] list")
  m$n[["a"]] <- 1L
  expect_identical(m$n, list(a = 1L))
  m$e[["a"]] <- 1L
  expect_identical(python_repr(m, "e"), "{'a': 1} dict")
})
