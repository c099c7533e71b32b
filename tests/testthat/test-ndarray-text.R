# ndarray(): strings, void, objects.

test_that("strings: S and U, of a length or as long as the longest, NA is masked", {
  require_python()
  latin1 <- iconv("\u00e9", "UTF-8", "latin1")
  x <- c("a", "", NA, "bcd", "\u00e9\u20ac", latin1, "\U1f600")
  m <- local_store()
  m[["U"]] <- ndarray(x, "U")
  m[["U5"]] <- ndarray(x, "U5")
  m[["big"]] <- ndarray(x, ">U4")
  m[["S"]] <- ndarray(x, "S")
  m[["S9"]] <- ndarray(x, "S9")
  m[["natural"]] <- ndarray(x)
  m[["matrix"]] <- ndarray(matrix(x[-1], 2), "U3")
  m[["empty"]] <- ndarray(c("", ""), "U0")
  m[["none"]] <- ndarray(character(), "S")
  m[["na"]] <- ndarray(c(NA, NA), "U")
  dtypes <- vapply(seen_by_python(m), `[[`, "", "dtype")
  expect_identical(
    unname(dtypes),
    c("<U3", "<U5", "<U4", "|S5", "|S9", "<U3", "<U3", "<U1", "|S1", "<U1")
  )
  for (key in names(m)[1:6]) {
    expect_identical(m[[key]][], enc2utf8(x), label = key)
    seen <- seen_by_python(m)[[key]]
    expect_identical(seen$mask, is.na(x), label = key)
    expect_identical(seen$value[-3], enc2utf8(x)[-3], label = key)
  }
  expect_identical(m[["matrix"]][, ], matrix(enc2utf8(x[-1]), 2))
  expect_identical(m[["empty"]][], c("", ""))
  expect_identical(m[["none"]][], character())
  expect_identical(m[["na"]][], c(NA_character_, NA_character_))
  invalid <- "\xff"
  for (bad in list("abcd", c("a", "bcd", "\u00e9\u00e9\u00e9\u00e9"), invalid, 1, as.raw(1))) {
    expect_kind(m[["bad"]] <- ndarray(bad, "U3"), "value")
  }
  expect_kind(m[["bad"]] <- ndarray("\u00e9\u00e9", "S3"), "value")
  expect_error(m[["bad"]] <- ndarray(c("a", "abcd"), "U3"), "Element 2, \"abcd\", is too long")
})

test_that("void: a row for each byte of an item", {
  require_python()
  x <- array(as.raw(1:48), c(8, 2, 3))
  for (dims in c("same", "reversed")) {
    m <- local_store(dims = dims)
    m[["V8"]] <- ndarray(x, "V8")
    m[["F"]] <- ndarray(x, "V8", "F")
    m[["V"]] <- ndarray(x[, , 1], "V")
    m[["one"]] <- ndarray(as.raw(1:5), "V5")
    for (key in c("V8", "F")) {
      expect_identical(m[[key]][, , ], x)
      expect_identical(m[key, , 2, 3], x[, 2, 3])
      expect_identical(mmarray(m, key)[8, , ], x[8, , ])
      m[key, , 1, 2] <- as.raw(91:98)
      y <- x
      y[, 1, 2] <- as.raw(91:98)
      expect_identical(m[[key]][, , ], y)
      m[key, 1, , ] <- as.raw(0)
      y[1, , ] <- as.raw(0)
      expect_identical(m[[key]][, , ], y)
      expect_kind(m[key, 1, , ] <- as.raw(1:4), "value")
    }
    expect_identical(m[["V"]][, ], x[, , 1])
    expect_identical(m[["one"]][], as.raw(1:5))
    expect_identical(entries(m)$dtype, c("|V8", "|V8", "|V8", "|V5"))
    expect_identical(entries(m)$order[1:2], c("C", "F"))
    shape <- if (dims == "same") c(2, 3) else c(3, 2)
    seen <- seen_by_python(m)
    expect_identical(seen$V8$shape, shape)
    # Item by item in C order of the shape that Python sees.
    order <- if (dims == "same") c(1, 3, 2) else c(1, 2, 3)
    expect_identical(seen$V8$value, as.vector(aperm(y, order)))
    expect_identical(seen$F$value, seen$V8$value)
    expect_identical(seen$one$shape, numeric())
    for (bad in list(as.raw(1:7), x[1:7, , ], matrix(1:16, 8), "a")) {
      expect_kind(m[["bad"]] <- ndarray(bad, "V8"), "value")
    }
    expect_kind(m[["bad"]] <- ndarray(raw(), "V"), "value")
  }
})

test_that("objects: lists, strings, and whatever else", {
  require_python()
  m <- local_store()
  items <- list(1L, c(a = 1), NULL, "x", NA, list(b = ndarray(1:2, "int8")))
  m[["list"]] <- ndarray(items)
  m[["named"]] <- ndarray(list(a = 1, b = "x"), "object")
  m[["matrix"]] <- ndarray(matrix(items, 2), order = "C")
  m[["F"]] <- ndarray(matrix(items, 2), order = "F")
  m[["chr"]] <- ndarray(c(p = "a", q = NA), "object")
  m[["chrs"]] <- ndarray(matrix(c("a", "b", NA, "d"), 2), "object", "F")
  m[["ints"]] <- ndarray(1:3, "object")
  m[["dates"]] <- ndarray(as.Date(c("2024-01-01", "2024-01-02")), "object")
  back <- materialize(m[["list"]])
  expect_identical(back[1:5], items[1:5])
  expect_identical(back[[6]]$b, 1:2)
  expect_identical(m[["named"]], list(a = 1, b = "x"))
  for (key in c("matrix", "F")) {
    expect_identical(dim(m[[key]]), 2:3)
    expect_identical(materialize(m[[key]][1:5]), items[1:5])
  }
  expect_identical(m[["chr"]], c(p = "a", q = NA))
  expect_identical(m[["chrs"]], matrix(c("a", "b", NA, "d"), 2))
  expect_identical(m[["ints"]], list(1L, 2L, 3L))
  expect_identical(m[["dates"]], as.list(as.Date(c("2024-01-01", "2024-01-02"))))
  out <- run_python(paste(collapse = "\n", c(
    "import pickle, sys",
    "with open(sys.argv[1], 'rb') as f: d = pickle.load(f)",
    "for k in d: print(k, d[k].dtype, d[k].shape, d[k].flags.fnc, repr(d[k].tolist()))"
  )), path_of(m))
  expect_identical(out[c(2, 4:8)], c(
    "named object (2,) False [1.0, 'x']",
    paste("F object (2, 3) True [[1, None, None], [array([1.]), 'x',",
          "{'b': array([1, 2], dtype=int8)}]]"),
    "chr object (2,) False ['a', None]",
    "chrs object (2, 2) True [['a', None], ['b', 'd']]",
    "ints object (3,) False [1, 2, 3]",
    "dates object (2,) False [datetime.date(2024, 1, 1), datetime.date(2024, 1, 2)]"
  ))
})
