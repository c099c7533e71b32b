# Nested assignment keeps what an array is in Python, and gives R what R's own assignment gives.

arrays_in_python <- "
st = np.array([(1, 2.5, b'ab'), (3, 4.5, b'c'), (5, 6.5, b'd')],
              [('a', 'i2'), ('b', 'f4'), ('c', 'S2')])
d = {
  'u1': np.array([3, 1, 2], 'u1'), 'i8': np.arange(6, dtype='i8').reshape(2, 3),
  'be': np.array([3, 1, 2], '>i2'), 'f2': np.array([3, 1.5], 'f2'),
  'S': np.array([b'abc', b'b']), 'U': np.array([['ab', 'c'], ['d', 'e']]),
  'D': np.array(['2024-02', '2023-01'], 'M8[M]'), 's': np.array(['2024-02-29'] * 2, 'M8[s]'),
  'h': np.array([3, 1], 'm8[h]'), 'F': np.asfortranarray(np.arange(6, dtype='i2').reshape(2, 3)),
  'ma': np.ma.array([3, 1, 2], mask=[0, 1, 0], dtype='i2'), 'zero': np.array(5, 'i2'),
  'st': st, 'matrix': np.array([[(1, 2.5), (3, 4)]], [('a', 'i2'), ('b', 'f4')]),
  'sub': np.array([(1, [2, 3]), (4, [5, 6])], [('a', 'u1'), ('p', 'f4', (2,))]),
  'deep': np.array([(1, (2, 3)), (4, (5, 6))], [('a', 'u1'), ('p', [('x', 'i2'), ('y', 'f4')])]),
  'mst': np.ma.array([(1, 2.5), (3, 4.5)], mask=[(0, 1), (0, 0)], dtype=[('a', 'i2'), ('b', 'f4')]),
  'when': np.array([('2024-01-01', 1), ('2024-01-02', 2)], [('a', 'M8[D]'), ('v', 'u1')]),
  'obj': np.array(['a', 1, None, 2.5], object), 'texts': np.array(['a', 'b', None], object),
  'in': {'u1': np.array([3, 1, 2], 'u1'), 'st': st, 'M': np.array(['2024-02-29'], 'M8[s]')},
  'l': [np.array([3, 1], 'u1'), 'x'], 't': (3, 1, 2), 'ints': [3, 1, 2]}
"
numbered <- function(x) paste0("n", seq_along(x))
# What is done to X.
changes <- alist(
  names = names(X) <- numbered(X), one = names(X)[1] <- "q", dim = dim(X) <- length(X),
  matrix = dim(X) <- c(length(X), 1L), attr = attr(X, "unit") <- "K",
  dimnames = dimnames(X) <- lapply(dim(X), function(n) letters[seq_len(n)]),
  comment = comment(X) <- "c", class = class(X) <- c("mine", class(X)),
  rows = row.names(X) <- letters[seq_len(nrow(X))], column = X$a <- X$a, element = X$a[1] <- X$a[2],
  cell = X[1, "a"] <- 7L, na = X[1, "a"] <- NA, big = X[1, "a"] <- 100000L,
  half = X[1, "a"] <- 0.5, new = X$new <- c(0.5, 1), text = X$c[2] <- "longer", drop = X$a <- NULL,
  swap = X[1] <- X[2], row = X[2, ] <- X[1, ], more = X[nrow(X) + 1L, ] <- X[1, ],
  first = X[[1]] <- X[[2]], item = attr(X[[1]], "unit") <- "K", inner = X$u1[2] <- 200L,
  inner_names = names(X$u1) <- numbered(X$u1), inner_cell = X$st[1, "a"] <- 7L,
  inner_time = X$M[1] <- X$M[1], delete = X[[1]] <- NULL, append = X[[length(X) + 1L]] <- X[[1]]
)
with_x <- function(code, x) eval(substitute(substitute(CODE, list(X = x)), list(CODE = code)))
# Without views, or what R remembers of Python's kinds.
plain <- function(x) unserialize(serialize(x, NULL))

# Puts each change of each array under a key of its own, as "array|change".
change_all <- function(m, changes) {
  results <- list()
  for (key in names(m)) for (name in names(changes)) {
    own <- paste0(key, "|", name)
    before <- plain(m[[key]])
    env <- list2env(list(x = before, m = m), parent = environment())
    as_in_r <- tryCatch({
      suppressWarnings(eval(with_x(changes[[name]], quote(x)), env))
      TRUE
    }, error = function(e) FALSE)
    mmap_copy(m, m, key, own)
    done <- tryCatch({
      suppressWarnings(eval(with_x(changes[[name]], bquote(m[[.(own)]])), env))
      TRUE
    }, error = function(e) FALSE)
    results[[own]] <- list(done = done, as_in_r = as_in_r, before = before, want = env$x,
                           got = plain(m[[own]]))
  }
  results
}

kinds_in_python <- function(m) {
  lines <- run_python("
import sys, pickle
import numpy as np
def kind(x):
    if isinstance(x, np.ndarray):
        masked = 'masked ' if isinstance(x, np.ma.MaskedArray) else ''
        return masked + str(x.dtype).replace(' ', '') + str(x.shape).replace(' ', '')
    if isinstance(x, dict):
        return 'dict(' + ','.join(k + '=' + kind(v) for k, v in x.items()) + ')'
    if isinstance(x, (list, tuple)):
        return type(x).__name__ + '(' + ','.join(map(kind, x)) + ')'
    return type(x).__name__
with open(sys.argv[1], 'rb') as f:
    for key, value in pickle.load(f).items():
        print(key + ' ' + kind(value))
", path_of(m))
  parts <- regmatches(lines, regexpr(" ", lines), invert = TRUE)
  structure(vapply(parts, `[[`, "", 2L), names = vapply(parts, `[[`, "", 1L))
}

test_that("R gets what its own assignment gives, or an error and the value as it was", {
  m <- python_store(arrays_in_python)
  results <- change_all(m, changes)
  for (own in names(results)) {
    result <- results[[own]]
    # A slice that does not fit is an error, as elsewhere.
    if (result$done && result$as_in_r) expect_identical(result$got, result$want, info = own)
    if (!result$done) expect_identical(result$got, result$before, info = own)
    if (result$done && !result$as_in_r) fail(paste(own, "is an error in R"))
  }
  expect_gt(sum(vapply(results, function(r) r$done && r$as_in_r, NA)), 300)
})

test_that("Python sees the dtype that it was, while the values fit", {
  m <- python_store(arrays_in_python)
  was <- kinds_in_python(m)
  results <- change_all(m, changes)
  is <- kinds_in_python(m)
  done <- names(results)[vapply(results, function(r) r$done && r$as_in_r, NA)]
  changed <- function(name) paste0(setdiff(names(was), c("l", "t", "ints", "in")), "|", name)
  # Names, attributes and cells that fit leave all as it was,
  for (name in c("one", "attr", "comment", "rows", "column", "element", "cell", "row")) {
    for (own in intersect(changed(name), done)) {
      key <- sub("\\|.*", "", own)
      if (key == "when" && name == "cell") next  # a date, or a new column
      renamed <- name == "one" && grepl("[", was[[key]], fixed = TRUE)
      if (!renamed) expect_identical(is[[own]], was[[key]], info = own)
    }
  }
  # dimensions the dtype.
  for (own in intersect(c(changed("dim"), changed("matrix")), done)) {
    key <- sub("\\|.*", "", own)
    if (is.list(results[[own]]$before)) next
    expect_identical(sub("\\(.*", "", is[[own]]), sub("\\(.*", "", was[[key]]), info = own)
  }
  st <- function(a, b = "<f4", c = "S2", n = 3) {
    sprintf("[('a','%s'),('b','%s'),('c','%s')](%d,)", a, b, c, n)
  }
  expected <- c(
    "st|cell" = st("<i2"), "st|na" = paste("masked", st("<i2")), "st|big" = st("<i4"),
    "st|half" = st("<f8"), "st|text" = st("<i2", c = "S6"), "st|more" = st("<i2", n = 4),
    "st|drop" = "[('b','<f4'),('c','S2')](3,)", "st|one" = sub("'a'", "'q'", st("<i2")),
    "st|swap" = st("<f4"), "mst|cell" = is[["mst|attr"]], "l|item" = "list(uint8(2,),str)",
    "in|inner" = was[["in"]], "in|inner_names" = was[["in"]], "in|inner_cell" = was[["in"]],
    "in|inner_time" = was[["in"]], "obj|delete" = "object(3,)", "obj|append" = "object(5,)",
    "texts|one" = "object(3,)", "t|names" = "tuple(int,int,int)", "ints|attr" = "list(int,int,int)"
  )
  expect_identical(is[names(expected)], expected)
})

test_that("what is not changed stays, to the bit", {
  m <- python_store("
d = {'st': np.array([(1, 2**60 + 1, '2024-01-01T00:00:00.123456789', 0.1, b'x')] * 3,
       [('a', 'i2'), ('i', 'i8'), ('t', 'M8[ns]'), ('g', 'longdouble'), ('c', 'S2')]),
     'i': np.array([2**60 + 1, 3, 4, 5]), 'm': np.arange(6).reshape(2, 3) + 2**60}
for name in ('i', 't', 'g'):
    d['expect_' + name] = d['st'][name]")
  suppressWarnings(m$st[1, "a"] <- 7L)
  suppressWarnings(dim(m$i) <- c(2L, 2L))
  suppressWarnings(dim(m$m) <- 6L)
  out <- run_python("
import sys, pickle
with open(sys.argv[1], 'rb') as f:
    d = pickle.load(f)
print(*(bool((d['st'][n] == d['expect_' + n]).all()) for n in 'itg'), d['st']['a'].tolist())
print((d['i'] - 2**60).tolist(), (d['m'] - 2**60).tolist())", path_of(m))
  expect_identical(out, c(
    "True True True [7, 1, 1]",
    "[[1, -1152921504606846972], [-1152921504606846973, -1152921504606846971]] [0, 3, 1, 4, 2, 5]"
  ))
})

test_that("a handle with reversed dimensions has the same elements", {
  m <- python_store("d = {'u1': np.arange(6, dtype='u1').reshape(2, 3)}")
  x <- mmapdict(path_of(m), dims = "reversed")
  before <- plain(x$u1)
  dim(x$u1) <- c(2L, 3L)
  dim(before) <- c(2L, 3L)
  expect_identical(plain(x$u1), before)
  expect_identical(kinds_in_python(x)[["u1"]], "uint8(3,2)")
  close(x)
})

test_that("an array that grows shorter or longer keeps its dtype", {
  m <- python_store(arrays_in_python)
  length(m$u1) <- 2L
  expect_identical(m$u1[], c(3L, 1L))
  length(m$be) <- 5L
  expect_identical(m$be[], c(3L, 1L, 2L, NA, NA))
  length(m$D) <- 3L
  expect_identical(m$D[], as.Date(c("2024-02-01", "2023-01-01", NA)))
  length(m$f2) <- 3L
  expect_identical(is.na(m$f2), c(FALSE, FALSE, TRUE))
  expect_identical(
    kinds_in_python(m)[c("u1", "be", "D", "f2")],
    c(u1 = "uint8(2,)", be = "masked int16(5,)", D = "datetime64[M](3,)", f2 = "float16(3,)")
  )
})

test_that("a mask of floats stays", {
  m <- python_store(arrays_in_python)
  m$mst[2, "a"] <- 7L
  expect_identical(m$mst$b[], c(NA, 4.5))
  m$mst[2, "b"] <- NA
  expect_identical(m$mst$b[], c(NA_real_, NA))
  out <- run_python("
import sys, pickle
with open(sys.argv[1], 'rb') as f:
    print(pickle.load(f)['mst']['b'].mask.tolist())", path_of(m))
  expect_identical(out, "[True, True]")
})

test_that("what no structured array holds is stored by the plain rules", {
  m <- python_store(arrays_in_python)
  m$st$a <- factor(c("u", "v", "u"))
  expect_identical(m$st$a, factor(c("u", "v", "u")))
  attr(m$sub$a, "unit") <- "K"
  expect_identical(attr(m$sub$a, "unit"), "K")
  expect_match(kinds_in_python(m)[["sub"]], "^dict")
})
