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

test_that("dicts and lists of other classes stay of these, and so does what is in them", {
  m <- python_store("d = {'o': collections.OrderedDict(a=1, b=[1, 2], u=np.array([1, 2], 'u1')),
       'f': collections.defaultdict(list, a=(1, 2)), 'q': collections.deque([1, 2], 3),
       'x': {'q': collections.deque(['a', 'b']), 'o': collections.OrderedDict(z=1)}}")
  m$o$b[1] <- 9L
  m$o$u[1] <- 200L
  # (Python 3.12 writes the items as a dict.)
  expect_match(python_repr(m, "o"), paste0(
    "^OrderedDict\\(.*'a'[,:] 1.*'b'[,:] \\[9, 2\\].*'u'[,:] ",
    "array\\(\\[200,   2\\], dtype=uint8\\).*\\) OrderedDict$"
  ))
  names(m$o)[1] <- "first"
  expect_match(python_repr(m, "o"), "^OrderedDict\\(.*'first'[,:] 1")
  m$f$a[2] <- 5L
  m$f$b <- "x"
  expect_identical(
    python_repr(m, "f"), "defaultdict(<class 'list'>, {'a': (1, 5), 'b': 'x'}) defaultdict"
  )
  m$q[1] <- 7L
  expect_identical(python_repr(m, "q"), "deque([7, 2], maxlen=3) deque")
  m$q[4] <- 1L # longer than it may be
  expect_identical(python_repr(m, "q"), "[7, 2, None, 1] list")
  m$x$q[1] <- "c"
  m$x$o$y <- list(1L)
  expect_match(python_repr(m, "x"), "{'q': deque(['c', 'b']), 'o': OrderedDict(", fixed = TRUE)
  expect_identical(m$x$o, list(z = 1L, y = list(1L)))
})

test_that("what R keeps beside a value does not keep the kinds from staying", {
  m <- python_store("d = {'d': {'t': (1, 'a'), 'l': [1, 2], 'u': np.array([1, 2], 'u1'),
       's': np.array([(1, 2.5)], [('a', 'i2'), ('b', 'f4')]), 'n': (1, 2)}}")
  names(m$d$l) <- c("x", "y")
  attr(m$d$u, "unit") <- "K"
  m$d$t[[1]] <- 7L
  m$d$u[2] <- 200L
  m$d$l[2] <- 5L
  m$d$s[1, "a"] <- 9L
  expect_identical(m$d$l, c(x = 1L, y = 5L))
  expect_identical(attr(m$d$u, "unit"), "K")
  expect_identical(python_repr(m, "d"), paste0(
    "{'t': (7, 'a'), 'l': [1, 5], 'u': array([  1, 200], dtype=uint8), ",
    "'s': array([(9, 2.5)], dtype=[('a', '<i2'), ('b', '<f4')]), 'n': (1, 2)} dict"
  ))
})

test_that("names of a list or tuple are R's alone", {
  m <- python_store("d = {'l': [1, 2], 't': ('a', 'b'), 'o': np.array(['a', 1], object)}")
  names(m$l) <- c("x", "y")
  names(m$t)[2] <- "y"
  attr(m$o, "unit") <- "K"
  expect_identical(m$l, c(x = 1L, y = 2L))
  expect_identical(m$t, structure(c("a", "b"), names = c(NA, "y")))
  expect_identical(m$o, structure(list("a", 1L), unit = "K"))
  expect_identical(python_repr(m, "l"), "[1, 2] list")
  expect_identical(python_repr(m, "t"), "('a', 'b') tuple")
  expect_identical(python_repr(m, "o"), "['a' 1] ndarray")
})

test_that("what does not fit the kind is stored by the plain rules", {
  m <- python_store("d = {'t': (1, 2), 's': {1, 2}, 'u': (1, 2)}")
  m$t[1] <- 1i
  expect_identical(m$t, c(1i, 2))
  expect_identical(python_repr(m, "t"), "(1j, (2+0j)) tuple")
  dim(m$t) <- c(1L, 2L)
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

kinds_in_python <- "
import array, warnings
warnings.simplefilter('ignore')  # of matrix
d = {'f': [np.float32(1.5), np.float64(2.5), np.int8(3)], 's': (np.str_('a'), np.str_('b')),
  'i': [np.int8(1), None, np.int64(3)], 'l': [np.bool_(True), False], 'c': [1 + 2j, 3j],
  'date': [datetime.date(2020, 1, 1), datetime.date(2020, 1, 2)],
  'naive': [datetime.datetime(2020, 1, 1), datetime.datetime(2020, 1, 2, 3)],
  'aware': (datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc),) * 2,
  'span': [datetime.timedelta(1), datetime.timedelta(seconds=5)],
  'days': {datetime.date(2020, 1, 1), datetime.date(2020, 1, 2)},
  'b': bytearray(b'abc'), 'n': collections.Counter('aab'), 'r': array.array('h', [1, 2]),
  'd': {'o': 1, 'm': np.matrix([[1, 2]], dtype='i2'), 'b': bytearray(b'abc'),
    'ma': np.ma.array([1, 2], mask=[0, 1], dtype='i2', fill_value=-9),
    'rec': np.rec.array([(1, 2.5)], dtype=[('a', 'i2'), ('b', 'f4')]),
    'l': [np.float32(1.5), 2]}}"
described <- function(m, key) {
  run_python("
import pickle, sys, warnings
import numpy as np
warnings.simplefilter('ignore')
def told(x):
    name = type(x).__name__
    if isinstance(x, np.ndarray):
        fill = '|%s' % x.fill_value if isinstance(x, np.ma.MaskedArray) else ''
        return '%s %s %s%s' % (name, x.dtype.str, x.tolist(), fill)
    if isinstance(x, dict):
        return name + '{' + ', '.join(k + ': ' + told(v) for k, v in x.items()) + '}'
    if isinstance(x, (list, tuple, set)):
        return name + '[' + ', '.join(map(told, sorted(x) if name == 'set' else x)) + ']'
    return '%s %s' % (name, x)
with open(sys.argv[1], 'rb') as f:
    print(told(pickle.load(f)[sys.argv[2]]))", path_of(m), key)
}

test_that("items of a sequence that are not changed stay the scalars that they were", {
  m <- python_store(kinds_in_python)
  m$f[1] <- 9.5
  expect_identical(described(m, "f"), "list[float 9.5, float64 2.5, int8 3]")
  m$s[2] <- "z"
  expect_identical(described(m, "s"), "tuple[str_ a, str z]")
  m$i[1] <- 7L
  expect_identical(described(m, "i"), "list[int 7, NoneType None, int64 3]")
  m$l[2] <- TRUE
  expect_identical(described(m, "l"), "list[bool_ True, bool True]")
  m$c[1] <- 5i
  expect_identical(described(m, "c"), "list[complex 5j, complex 3j]")
  m$d$l[2] <- 7
  expect_match(described(m, "d"), "l: list[float32 1.5, float 7.0]", fixed = TRUE)
  m <- python_store("d = {'e': [decimal.Decimal('1.5'), decimal.Decimal('2')]}")
  n <- local_mmapdict(path_of(m), simplify = "numbers")
  n$e[2] <- 7
  expect_identical(described(m, "e"), "list[Decimal 1.5, float 7.0]")
})

test_that("lists of dates, times and differences stay lists of these", {
  m <- python_store(kinds_in_python)
  m$date[3] <- as.Date("2021-01-01")
  expect_identical(described(m, "date"), "list[date 2020-01-01, date 2020-01-02, date 2021-01-01]")
  m$date[2] <- NA
  expect_identical(m$date, as.Date(c("2020-01-01", NA, "2021-01-01")))
  expect_match(described(m, "date"), "NoneType None")
  m$naive[1] <- as.POSIXct("2021-01-01 00:00:01.5", tz = "UTC")
  expect_identical(
    described(m, "naive"), "list[datetime 2021-01-01 00:00:01.500000, datetime 2020-01-02 03:00:00]"
  )
  m$aware[1] <- as.POSIXct("2021-01-01", tz = "UTC")
  expect_identical(
    described(m, "aware"),
    "tuple[datetime 2021-01-01 00:00:00+00:00, datetime 2020-01-01 00:00:00+00:00]"
  )
  m$span[1] <- as.difftime(2, units = "mins")
  expect_identical(described(m, "span"), "list[timedelta 0:02:00, timedelta 0:00:05]")
  # What Python's have no place for is stored by the plain rules.
  m$date[1] <- .Date(0.5)
  expect_identical(m$date, .Date(c(0.5, NA, 18628)))
  m$naive[1] <- .POSIXct(1e-9, tz = "UTC")
  expect_identical(as.numeric(m$naive[1]), 1e-9)
  expect_identical(m$days[order(m$days)], as.Date(c("2020-01-01", "2020-01-02")))
})

test_that("a bytearray and a Counter stay such; an array.array keeps its dtype", {
  m <- python_store(kinds_in_python)
  m$b[1] <- as.raw(0x7a)
  expect_identical(described(m, "b"), "bytearray bytearray(b'zbc')")
  m$n$a <- 5L
  expect_identical(described(m, "n"), "Counter{a: int 5, b: int 1}")
  m$r[1] <- 7L
  expect_identical(described(m, "r"), "ndarray <i2 [7, 2]")
  m$d$b[1] <- as.raw(0x7a)
  expect_match(described(m, "d"), "b: bytearray bytearray(b'zbc')", fixed = TRUE)
})

test_that("arrays keep their class and the value that fills masks, beside what is changed", {
  m <- python_store(kinds_in_python)
  before <- described(m, "d")
  m$d$o <- 2L
  expect_identical(described(m, "d"), sub("o: int 1", "o: int 2", before, fixed = TRUE))
  m$d$ma[1] <- 7L
  expect_match(described(m, "d"), "ma: MaskedArray <i2 [7, None]|-9", fixed = TRUE)
  attr(m$d$ma, "unit") <- "K"
  names(m$d$ma) <- c("a", "b")
  m$d$o <- 3L
  expect_identical(m$d$ma, structure(c(7L, NA), unit = "K", names = c("a", "b")))
  told <- described(m, "d")
  expect_match(told, "ma: MaskedArray <i2 [7, None]|-9", fixed = TRUE)
  expect_match(told, "m: matrix <i2 [[1, 2]]", fixed = TRUE)
})

test_that("whatever is left alone stays, beside R metadata, too", {
  m <- python_store("
import pandas as pd
f = pd.DataFrame({'a': [1, 2]}, index=['u', 'v'])
x = [f, f.a, f.index, np.array([b'abc'], 'V3')[0], np.arange(3, dtype='i2'), np.float32(1.5),
  datetime.date(2020, 1, 1), collections.deque([1], 3), {'f': f, 't': (1, 'a')}, {2: 3}]
d = {'l': x + [1], 'd': {'n': 1, 'x': x, 'f': f, 's': f.a, 'o': {'p': 1}}}")
  told <- function() {
    out <- run_python("
import pickle, sys
with open(sys.argv[1], 'rb') as f:
    d = pickle.load(f)
for x in (d['l'][:-1], d['d']['x'], [d['d']['f'], d['d']['s']]):
    print([(type(v).__name__, str(v), str(getattr(v, 'dtype', ''))) for v in x])", path_of(m))
    out
  }
  before <- told()
  m$l[[11]] <- 2L
  m$d$n <- 2L
  expect_identical(told(), before)
  attr(m$l, "unit") <- "K"
  attr(m$d$o, "unit") <- "K"
  m$d$n <- factor("a")
  m$l[[11]] <- 3L
  m$d$o$p <- 2L
  expect_identical(told(), before)
  expect_identical(attr(m$l, "unit"), "K")
  expect_identical(m$d$o, structure(list(p = 2L), unit = "K"))
  expect_identical(m$d$n, factor("a"))
  expect_identical(nrow(fsck(path_of(m))), 0L)
})

test_that("where sequences are read as lists, a vector in the place of one is none", {
  m <- python_store("d = {'l': [1, 2], 'd': {'t': ('a', 'b'), 'x': [1, 'a']}}")
  n <- local_mmapdict(path_of(m), simplify = FALSE)
  n$d$t <- c("u", "v")
  n$d$x <- c(1, 2)
  n$d$new <- letters[1:3]
  n$l[[1]] <- c("p", "q")
  expect_identical(n$d, list(t = c("u", "v"), x = c(1, 2), new = letters[1:3]))
  n$d$x[1] <- 5
  expect_identical(n$d, list(t = c("u", "v"), x = c(5, 2), new = letters[1:3]))
  expect_identical(n$l, list(c("p", "q"), 2L))
  n$l[[2]] <- 3L
  expect_identical(n$l, list(c("p", "q"), 3L))
})
