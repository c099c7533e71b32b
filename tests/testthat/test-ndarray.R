test_that("ndarray() chooses the dtype", {
  m <- local_store()
  stored <- function(...) {
    m[["k"]] <- ndarray(...)
    entries(m)$dtype
  }
  for (dtype in c("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
                  "float16", "float32", "float64", "complex64", "complex128")) {
    expect_identical(stored(c(0, 1), dtype), dtype)
    expect_equal(as.numeric(m[["k"]]), c(0, 1))
  }
  expect_identical(stored(1:3, ">i4"), ">i4")
  expect_identical(m[["k"]][], 1:3)
  expect_identical(stored(1:3, "f4"), "float32")
  expect_identical(stored(c("a", "bc"), "<U5"), "<U5")
  expect_identical(m[["k"]][], c("a", "bc"))
  expect_identical(stored(c("a", "bc"), "S2"), "|S2")
})

test_that("without a dtype it is that of the type", {
  m <- local_store()
  stored <- function(x) {
    m[["k"]] <- ndarray(x)
    list(entries(m)$kind, entries(m)$dtype)
  }
  expect_identical(stored(TRUE), list("array", "bool"))
  expect_identical(stored(1L), list("array", "int32"))
  expect_identical(m[["k"]][], 1L)
  expect_identical(stored(1), list("array", "float64"))
  expect_identical(stored(1i), list("array", "complex128"))
  expect_identical(stored(as.raw(1)), list("array", "uint8"))
  expect_identical(stored(c("a", "b\u00e9c")), list("array", "<U3"))
  expect_identical(m[["k"]][], c("a", "b\u00e9c"))
  expect_identical(stored(c(1L, NA)), list("masked", "int32"))
})

test_that("names and dim are kept", {
  m <- local_store()
  m[["v"]] <- ndarray(c(a = 1, b = 2), "float32")
  expect_identical(m[["v"]][], c(a = 1, b = 2))
  x <- matrix(1:4, 2, dimnames = list(NULL, c("p", "q")))
  m[["m"]] <- ndarray(x, "int8")
  expect_identical(m[["m"]][, ], x)
})

test_that("values that do not fit are refused", {
  m <- local_store()
  m[["k"]] <- 1
  expect_unchanged_file(m, {
    expect_kind(m[["k"]] <- ndarray(256, "uint8"), "value")
    expect_kind(m[["k"]] <- ndarray(-1, "uint8"), "value")
    expect_kind(m[["k"]] <- ndarray(1.5, "int32"), "value")
    expect_kind(m[["k"]] <- ndarray("a", "int32"), "value")
    expect_kind(m[["k"]] <- ndarray("abc", "<U2"), "value")
    expect_kind(m[["k"]] <- ndarray(1i, "float64"), "value")
  })
})

test_that("NA makes a masked array where the dtype has none", {
  m <- local_store()
  m[["k"]] <- ndarray(c(1, NA, 3), "uint8")
  expect_identical(entries(m)$kind, "masked")
  expect_identical(m[["k"]][], c(1L, NA, 3L))
  m[["k"]] <- ndarray(c(1, NA, 3), "float32")
  expect_identical(entries(m)$kind, "array")
})

test_that("wrong arguments are errors of kind value", {
  expect_kind(ndarray(1, "float63"), "value")
  expect_kind(ndarray(1, NA), "value")
  expect_kind(ndarray(1, c("int8", "int16")), "value")
  expect_kind(ndarray(NULL), "value")
  expect_kind(ndarray(sum), "value")
  expect_kind(ndarray(1, "int8", "A"), "value")
  expect_kind(empty_ndarray(-1), "value")
  expect_kind(empty_ndarray(1.5), "value")
  expect_kind(empty_ndarray(NA), "value")
  expect_kind(empty_ndarray("a"), "value")
  expect_kind(empty_ndarray(Inf), "value")
  expect_kind(empty_ndarray(3, "float63"), "value")
})

test_that("order is that of the file", {
  m <- local_store()
  x <- matrix(1:6, 2)
  m[["c"]] <- ndarray(x, order = "C")
  m[["f"]] <- ndarray(x, order = "F")
  expect_identical(entries(m)$order, c("C", "F"))
  expect_identical(entries(m)$zero_copy, c(FALSE, TRUE))
  expect_identical(m[["c"]][], m[["f"]][])
})

test_that("a stub reads as zeros, whatever its shape", {
  m <- local_store()
  for (dim in list(c(2, 3), 5, numeric(), c(0, 4), c(2, 3, 4, 5))) {
    m[["k"]] <- empty_ndarray(dim, "int16")
    x <- m[["k"]]
    expect_identical(length(x), as.integer(prod(dim)))
    expect_true(all(x == 0L))
    if (length(dim) > 1) expect_identical(dim(x), as.integer(dim))
  }
})

test_that("a stub of a terabyte takes a moment and no space", {
  skip_on_cran()
  skip_on_os("windows")
  m <- local_store()
  time <- system.time(m[["tb"]] <- empty_ndarray(c(1e6, 125000)))[["elapsed"]]
  expect_lt(time, 5)
  m["tb", 1e6, 125000] <- 1
  expect_identical(m["tb", 1e6, 125000], 1)
})

test_that("they print what they are", {
  expect_snapshot({
    ndarray(matrix(1:4, 2), "uint8")
    empty_ndarray(c(300, 300, 300))
    empty_ndarray(numeric(), "int8", "F")
  })
})

test_that("the order is the handle's unless it is given", {
  for (dims in c("same", "reversed")) {
    m <- local_store(order = "F", dims = dims)
    x <- matrix(1:6, 2)
    m[["handle"]] <- ndarray(x)
    m[["C"]] <- ndarray(x, order = "C")
    m[["stub"]] <- empty_ndarray(c(2, 3))
    m[["stub C"]] <- empty_ndarray(c(2, 3), order = "C")
    m[["vector"]] <- ndarray(1:3)
    expect_identical(entries(m)$order, c("F", "C", "F", "C", "C"))
    expect_identical(m[["handle"]][, ], x)
  }
})

test_that("it may stand anywhere inside of a value", {
  m <- local_store()
  m[["k"]] <- list(a = list(ndarray(1:3, "uint8")), b = data.frame(x = I(1:2)))
  expect_identical(view_info(m[["k"]]$a[[1]])$dtype, "uint8")
  expect_unchanged_file(m, {
    expect_error(
      m[["k"]] <- list(a = list(1, q = ndarray(c(1, 300), "uint8"))),
      "m\\$k\\$a\\$q does not fit uint8.*Element 2", class = "mmappickle_error_value"
    )
  })
  m[["twice"]] <- ndarray(ndarray(1:3, "int8"), "int16")
  expect_identical(tail(entries(m)$dtype, 1), "int16")
})
