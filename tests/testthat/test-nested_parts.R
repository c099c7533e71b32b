# Nested assignment to parts of what R has no list of the same form for: dicts whose keys are not
# all text, object arrays of several dimensions, sets of protocols before 4; and to objects that
# one node of the file is a part of in several places.

# Whether Python finds what `expected` says under the key, to the types.
expect_python <- function(m, key, expected) {
  expect_identical(run_python(paste0("
import sys, pickle, collections, decimal, datetime
import numpy as np
from collections import OrderedDict, defaultdict, Counter, deque
def told(v):
    kind = type(v).__name__
    if isinstance(v, dict):
        return [kind, getattr(v, 'default_factory', None)] + [(told(k), told(v[k])) for k in v]
    if isinstance(v, (list, tuple, deque)):
        return [kind, getattr(v, 'maxlen', None)] + [told(x) for x in v]
    if isinstance(v, np.ndarray):
        return [kind, v.dtype.str, v.tolist()]
    return [kind, sorted(v) if isinstance(v, (set, frozenset)) else repr(v)]
with open(sys.argv[1], 'rb') as f:
    found = told(pickle.load(f)[sys.argv[2]])
expected = told(", expected, ")
print('as expected' if found == expected else repr(found) + ' is not ' + repr(expected))
"), path_of(m), key), "as expected", label = expected)
}

test_that("values of dicts with other keys than text stay what they are, and so do the dicts", {
  m <- python_store("d = {
    'd': {1: np.array([1, 2], 'u1'), (1, 2): [1, 2], None: (1, 'a'), b'k': {1, 2},
      2.5: {'x': np.array([1.5], 'f2')}, 7: collections.OrderedDict([(1, [1, 2]), ('a', (1, 2))])},
    'o': collections.OrderedDict([(3, [1, 2]), ('a', (1, 2))]),
    'f': collections.defaultdict(list, {1: (1, 2)}),
    'c': collections.Counter([1, 1, 2])}")
  m$d$values[[1]][2] <- 9L
  m$d$values[[2]][1] <- 5L
  m$d$values[[3]][[2]] <- "z"
  m$d$values[[4]][1] <- 9L
  m$d$values[[5]]$x[1] <- 2
  m$d$values[[6]]$values[[1]][2] <- 8L
  m$d$values[[6]]$values[[2]][2] <- 8L
  expect_python(m, "d", "{1: np.array([1, 9], 'u1'), (1, 2): [5, 2], None: (1, 'z'), b'k': {9, 2},
    2.5: {'x': np.array([2.], 'f2')}, 7: OrderedDict([(1, [1, 8]), ('a', (1, 8))])}")
  m$o$values[[1]][1] <- 9L
  m$o$keys[[1]] <- "key"
  expect_python(m, "o", "OrderedDict([('key', [9, 2]), ('a', (1, 2))])")
  m$f$values[[1]][1] <- 5L
  expect_python(m, "f", "defaultdict(list, {1: (5, 2)})")
  m$c$values[[2]] <- 7L
  expect_python(m, "c", "Counter({1: 2, 2: 7})")
  expect_null(attr(m$o, "mmappickle_origin"))
})

test_that("keys and values that are left alone are not touched", {
  m <- python_store("d = {'d': {np.int8(1): np.float32(1.5), (2, np.int64(3)): (1, 2),
    datetime.date(2020, 1, 1): {'t': (1, 'a'), 'n': np.int16(4)}, 'x': 1,
    frozenset([1]): decimal.Decimal('1.5'), 4: datetime.datetime(2020, 1, 1)}}")
  m$d$values[[4]] <- 2L
  rest <- "frozenset([1]): decimal.Decimal('1.5'), 4: datetime.datetime(2020, 1, 1)}"
  expect_python(m, "d", paste("{np.int8(1): np.float32(1.5), (2, np.int64(3)): (1, 2),
    datetime.date(2020, 1, 1): {'t': (1, 'a'), 'n': np.int16(4)}, 'x': 2,", rest))
  m$d$values[[3]]$t[[1]] <- 9L
  expect_python(m, "d", paste("{np.int8(1): np.float32(1.5), (2, np.int64(3)): (1, 2),
    datetime.date(2020, 1, 1): {'t': (9, 'a'), 'n': np.int16(4)}, 'x': 2,", rest))
})

test_that("an empty tuple, and the empty deque that is made from one, are told by their places", {
  m <- python_store("q = collections.deque
d = {'t': {'x': (), 'q': q([], 9), 's': 1}, 'q': {'q': q([], 9), 'x': (), 's': 1},
  'l': [(), q([], 9), 1, 'a'], 'd': {1: q([], 9), 2: (), 3: 1}, 'e': q([], 3)}")
  m$t$s <- 2L
  expect_python(m, "t", "{'x': (), 'q': deque([], 9), 's': 2}")
  m$q$s <- 2L
  expect_python(m, "q", "{'q': deque([], 9), 'x': (), 's': 2}")
  m$l[[3]] <- 2L
  expect_python(m, "l", "[(), deque([], 9), 2, 'a']")
  m$d$values[[3]] <- 2L
  expect_python(m, "d", "{1: deque([], 9), 2: (), 3: 2}")
  m$e[[1]] <- 5L
  expect_python(m, "e", "deque([5], 3)")
  m$q$q[[1]] <- "x"
  expect_python(m, "q", "{'q': deque(['x'], 9), 'x': (), 's': 2}")
})

test_that("sets of protocols before 4, which are made of lists, stay sets", {
  path <- new_path()
  for (protocol in 0:4) {
    pickle <- withr::local_tempfile()
    run_python("
import sys, pickle
d = {'s': {1, 2}, 'f': frozenset('ab'),
     'd': {'m': {1}, 'f': frozenset([1]), 'b': bytearray(b'abc')}}
with open(sys.argv[1], 'wb') as f:
    pickle.dump(d, f, int(sys.argv[2]))", pickle, protocol)
    convert_pickle(pickle, path, overwrite = TRUE)
    m <- local_mmapdict(path)
    m$s[m$s == 1L] <- 9L
    expect_python(m, "s", "{9, 2}")
    m$f[m$f == "a"] <- "z"
    expect_python(m, "f", "frozenset('zb')")
    m$d$m[2] <- 5L
    m$d$f[[1]] <- "y"
    m$d$b[1] <- charToRaw("z")
    expect_python(m, "d", "{'m': {1, 5}, 'f': frozenset('y'), 'b': bytearray(b'zbc')}")
    m$d$m[[2]] <- list(1)
    expect_python(m, "d", "{'m': [1, [1.]], 'f': frozenset('y'), 'b': bytearray(b'zbc')}")
    close(m)
  }
})

test_that("what is in an object array of several dimensions stays what it is", {
  code <- "
def filled(o):
    o[0, 0] = (1, 2)
    o[0, 1] = np.float32(1.5)
    o[1, 0] = np.arange(3, dtype='u1')
    o[1, 1] = collections.OrderedDict(a=(1, 2))
    return o
def told(o):
    return o.shape, [(type(x).__name__, getattr(x, 'dtype', None), repr(x)) for x in o.flat]
o = filled(np.empty((2, 2), object))"
  m <- python_store(paste0(code, "
d = {'o': o, 't': o.T, 'd': {'o': o.copy(), 's': 1}}"))
  reversed <- local_mmapdict(path_of(m), dims = "reversed")
  m$o[[1, 1]][2] <- 7L
  m$o[[2, 1]][1] <- 9L
  reversed$o[[2, 2]]$a[1] <- 5L
  m$t[[1, 1]][1] <- 4L
  m$d$o[[1, 2]] <- "z"
  reversed$d$o[[1, 2]][3] <- 9L
  expect_identical(run_python(paste0("
import sys, pickle, collections
import numpy as np", code, "
with open(sys.argv[1], 'rb') as f:
    d = pickle.load(f)
o[0, 0] = (1, 7)
o[1, 0][0] = 9
o[1, 1] = collections.OrderedDict(a=(5, 2))
print(told(d['o']) == told(o))
t = filled(np.empty((2, 2), object)).T
t[0, 0] = (4, 2)
print(told(d['t']) == told(t))
o = filled(np.empty((2, 2), object))
o[0, 1] = 'z'
o[1, 0][2] = 9
print(told(d['d']['o']) == told(o))"), path_of(m)), rep("True", 3L))
})
