# Structured arrays: data frames in, data frames out, rows read and written in place.

records <- function() {
  x <- data.frame(
    i = c(1L, NA, 3L), f = c(1.5, NA, -2), s = c("a", NA, "\u00e9\u00e8"),
    d = as.Date("2024-02-28") + c(0, NA, 2), b = c(TRUE, FALSE, NA), z = 1:3 + 2i
  )
  x$t <- .POSIXct(c(0, 1e9, NA), "UTC")
  x$l <- as.difftime(c(1, NA, 3), units = "hours")
  x$m <- matrix(1:6, 3)
  x$n <- data.frame(u = c(0.5, 1, 2), v = c("x", "y", "zz"))
  x
}

# Plain vectors, differences in seconds.
plain <- function(x) {
  if (is.data.frame(x)) {
    lapply(unclass(x), plain)[names(x)]
  } else if (inherits(x, "difftime")) {
    as.numeric(x, units = "secs")
  } else {
    x[seq_along(x)]
  }
}

test_that("a data frame becomes a structured array and comes back", {
  for (dims in c("same", "reversed")) {
    m <- local_store(dims = dims)
    m[["k"]] <- ndarray(records())
    x <- m[["k"]]
    expect_s3_class(x, "data.frame")
    expect_identical(plain(x), plain(records()))
    expect_identical(dim(x$m), c(3L, 2L))
    expect_true(is_view(x$f))
  }
})

test_that("Python sees fields of the natural dtypes, or of those given", {
  require_python()
  m <- local_store()
  m[["natural"]] <- ndarray(records())
  m[["given"]] <- ndarray(
    records()[c(1, 3), c("i", "s", "m", "n")],
    list(i = ">i2", s = "S5", m = "float32", n = list(u = "float16"))
  )
  m[["big"]] <- ndarray(data.frame(a = seq_len(3e5), b = 0.5))
  m[["empty"]] <- ndarray(records()[0, ])
  out <- run_python(paste(collapse = "\n", c(
    "import pickle, sys",
    "with open(sys.argv[1], 'rb') as f: d = pickle.load(f)",
    "a = d['natural']",
    "print(a.dtype.descr)",
    "print(*(a.mask[k].tolist() for k in 'isb'), a.mask['f'].any())",
    "print(a.data['m'].tolist(), a.data['n']['v'].tolist(), a.data['d'].tolist())",
    "a = d['given']",
    "print(type(a).__name__, a.dtype.descr, a['m'].tolist(), a[['i', 's', 'n']].tolist())",
    "a = d['big']",
    "print(a.dtype.descr, int(a['a'].sum()), float(a['b'].sum()))",
    "print(d['empty'].shape, d['empty'].dtype == d['natural'].dtype)"
  )), path_of(m))
  expect_identical(out[[1L]], paste0(
    "[('i', '<i4'), ('f', '<f8'), ('s', '<U2'), ('d', '<M8[D]'), ('b', '|b1'), ",
    "('z', '<c16'), ('t', '<M8[ns]'), ('l', '<m8[ns]'), ('m', '<i4', (2,)), ",
    "('n', [('u', '<f8'), ('v', '<U2')])]"
  ))
  expect_identical(
    out[[2L]], "[False, True, False] [False, True, False] [False, False, True] False"
  )
  expect_identical(out[[3L]], paste(
    "[[1, 4], [2, 5], [3, 6]] ['x', 'y', 'zz']",
    "[datetime.date(2024, 2, 28), None, datetime.date(2024, 3, 1)]"
  ))
  expect_identical(out[[4L]], paste0(
    "ndarray [('i', '>i2'), ('s', '|S5'), ('m', '<f4', (2,)), ('n', [('u', '<f2'), ",
    "('v', '<U2')])] [[1.0, 4.0], [3.0, 6.0]] ",
    "[(1, b'a', (0.5, 'x')), (3, b'\\xc3\\xa9\\xc3\\xa8', (2.0, 'zz'))]"
  ))
  expect_identical(out[[5L]], "[('a', '<i4'), ('b', '<f8')] 45000150000 150000.0")
  expect_identical(out[[6L]], "(0,) False")
})

test_that("a list of arrays becomes a structured array of their dimensions", {
  a <- array(1:24, 2:4)
  x <- list(a = a, b = a / 2, v = array(as.raw(seq_len(72)), c(3, 2:4)))
  for (dims in c("same", "reversed")) {
    for (order in c("C", "F")) {
      m <- local_store(dims = dims)
      m[["k"]] <- ndarray(x, c(a = "int16", b = ">f4", v = "V3"), order)
      y <- m[["k"]]
      expect_false(is.data.frame(y))
      expect_identical(y$a[, , ], a)
      expect_identical(y$b[, , ], a / 2)
      expect_identical(y$v[, , , ], x$v)
    }
  }
})

test_that("rows are read and written in place", {
  x <- records()
  for (dims in c("same", "reversed")) {
    m <- local_store(dims = dims)
    m[["k"]] <- ndarray(x)
    expect_identical(plain(m["k", 2:3]), plain(`rownames<-`(x[2:3, ], NULL)))
    expect_identical(plain(m["k", -1]), plain(x[-1, ]))
    expect_identical(plain(m["k", c(TRUE, FALSE, TRUE)]), plain(x[c(1, 3), ]))
    expect_identical(plain(m["k", ]), plain(x))
    expect_identical(dim(m["k", 0]), c(0L, 10L))
    expect_identical(attr(m["k", 3], "row.names"), 1L)
    offset <- view_info(m[["k"]]$i)$offset
    m["k", c(1, 3)] <- x[c(3, 2), ]
    y <- x[c(3, 2, 2), ]
    expect_identical(plain(m[["k"]]), plain(y))
    expect_identical(view_info(m[["k"]]$i)$offset, offset)
    one <- as.list(x[1, ])
    one$i <- 77
    one$s <- NA
    one$z <- 5
    m["k", 2] <- one
    expect_identical(m[["k"]]$i[2], 77L)
    expect_identical(m[["k"]]$s[2], NA_character_)
    expect_identical(m[["k"]]$z[2], 5 + 0i)
  }
})

test_that("rows of void fields", {
  m <- local_store()
  v <- matrix(as.raw(1:12), 4)
  m[["k"]] <- ndarray(list(a = 1:3, v = v), c(a = "int32", v = "V4"))
  expect_identical(m["k", 2:3]$v, v[, 2:3])
  m["k", 2] <- list(a = 9L, v = matrix(as.raw(101:104), 4))
  expect_identical(m["k", 2]$v, matrix(as.raw(101:104), 4))
  expect_identical(m[["k"]]$a[], c(1L, 9L, 3L))
})

test_that("rows that do not fit change nothing", {
  m <- local_store()
  m[["k"]] <- ndarray(data.frame(a = 1:3, s = c("x", "y", "z")), c(a = "int8"))
  expect_unchanged_file(m, {
    expect_kind(m["k", 1] <- list(a = 300, s = "x"), "value")
    expect_kind(m["k", 1] <- list(a = 1, s = "too long"), "value")
    expect_kind(m["k", 1] <- list(a = 1), "value")
    expect_kind(m["k", 1] <- list(a = 1, s = factor("x")), "value")
    expect_kind(m["k", 1] <- 1, "value")
    expect_kind(m["k", 1] <- NULL, "value")
    expect_kind(m["k", 1:3] <- list(a = 1:2, s = "x"), "value")
    expect_kind(m["k", 1] <- list(a = NA, s = "x"), "value")  # no mask
    expect_kind(m["k", 4] <- list(a = 1, s = "x"), "index")
    expect_kind(m["k", 4], "index")
    expect_kind(m["k", 1, 1], "index")
    expect_kind(mmarray(m, "k"), "index")
  })
  m["k", 2:3] <- list(a = 7, s = "w")
  expect_identical(m[["k"]]$a[], c(1L, 7L, 7L))
  expect_identical(m[["k"]]$s[], c("x", "w", "w"))
})

test_that("a structured stub is filled row by row", {
  m <- local_store()
  m[["k"]] <- empty_ndarray(5, c(a = "int32", s = "U3"))
  expect_identical(plain(m[["k"]]), list(a = integer(5), s = character(5)))
  m["k", 4] <- list(a = 8L, s = "abc")
  expect_identical(m[["k"]]$s[], c("", "", "", "abc", ""))
  m[["nested"]] <- empty_ndarray(c(2, 2), list(p = "float64", q = list(r = "int8")))
  expect_identical(m[["nested"]]$q$r[, ], matrix(0L, 2, 2))
})

test_that("what is no set of columns is refused", {
  m <- local_store()
  m[["k"]] <- 1
  df <- data.frame(a = 1:2)
  expect_unchanged_file(m, {
    expect_kind(ndarray(df, c(b = "int8")), "value")
    expect_kind(ndarray(df, "int8"), "value")
    expect_kind(ndarray(df, list(a = "int8", "x")), "value")
    expect_kind(ndarray(data.frame()), "value")
    expect_kind(ndarray(data.frame(a = factor("x"))), "value")
    expect_kind(ndarray(`names<-`(data.frame(1, 2), c("a", "a"))), "value")
    expect_kind(ndarray(data.frame(a = I(list(1)))), "value")
    expect_kind(ndarray(df, c(a = "object")), "value")
    expect_kind(m[["k"]] <- ndarray(list(a = 1:2, b = 1:3), c(a = "int8")), "value")
    expect_kind(m[["k"]] <- ndarray(data.frame(a = 1.5), c(a = "int8")), "value")
    expect_kind(empty_ndarray(3, c(a = "U")), "value")
  })
  df <- data.frame(a = c(1, 300))
  expect_error(m[["k"]] <- ndarray(df, c(a = "int8")), "m\\$k\\$a.*Element 2")
  expect_error(m[["k"]] <- list(p = ndarray(data.frame(a = 300), c(a = "int8"))), "m\\$k\\$p\\$a")
})
