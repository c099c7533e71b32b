# Array entries as Arrow's arrays, by the real nanoarrow.

arrow_of <- function(m, key, ...) nanoarrow::as_nanoarrow_array(mmarray(m, key), ...)
schema_of <- function(x) {
  sub("<nanoarrow_schema (.*)>", "\\1", format(nanoarrow::infer_nanoarrow_schema(x)))
}
r_values <- function(array) as.vector(nanoarrow::convert_array(array))

test_that("numbers, bits, bytes and texts have their own type", {
  skip_if_not_installed("nanoarrow")
  m <- local_store()
  types <- c(
    int8 = "int8", uint8 = "uint8", int16 = "int16", uint16 = "uint16", int32 = "int32",
    uint32 = "uint32", int64 = "int64", uint64 = "uint64", float16 = "half_float",
    float32 = "float", float64 = "double", ">i2" = "int16", ">f4" = "float", ">u8" = "uint64"
  )
  for (dtype in names(types)) {
    m[["x"]] <- ndarray(c(1, 2, 100), dtype)
    a <- mmarray(m, "x")
    expect_identical(schema_of(a), types[[dtype]], info = dtype)
    expect_equal(r_values(nanoarrow::as_nanoarrow_array(a)), c(1, 2, 100), info = dtype)
    m[["none"]] <- ndarray(numeric(), dtype)
    expect_identical(schema_of(mmarray(m, "none")), types[[dtype]], info = dtype)
    expect_length(r_values(arrow_of(m, "none")), 0L)
  }
  m[["b"]] <- rep(c(TRUE, FALSE, FALSE), 7)
  expect_identical(schema_of(mmarray(m, "b")), "bool")
  expect_identical(r_values(arrow_of(m, "b")), rep(c(TRUE, FALSE, FALSE), 7))
  m[["v"]] <- ndarray(matrix(as.raw(1:6), 3), "V3")
  expect_identical(schema_of(mmarray(m, "v")), "fixed_size_binary(3)")
  for (dtype in c("S3", "U4")) {
    m[["s"]] <- ndarray(c("a", "bc", "\u00e9"), dtype)
    expect_identical(schema_of(mmarray(m, "s")), "string")
    expect_identical(r_values(arrow_of(m, "s")), c("a", "bc", "\u00e9"))
  }
  m[["zero"]] <- empty_ndarray(numeric(), "float32")
  expect_identical(r_values(arrow_of(m, "zero")), 0)
})

test_that("times have their unit, and NaT is null", {
  skip_if_not_installed("nanoarrow")
  m <- local_store()
  moments <- function(...) as.POSIXct(c(...), origin = "1970-01-01", tz = "UTC")
  for (unit in c("s", "ms", "us", "ns")) {
    at <- c(if (unit == "s") 1 else 0.5, NA, 86400)
    m[["t"]] <- ndarray(moments(at), paste0("datetime64[", unit, "]"))
    expect_identical(schema_of(mmarray(m, "t")), sprintf("timestamp('%s', '')", unit))
    array <- arrow_of(m, "t")
    expect_identical(as.double(array$null_count), 1)
    expect_equal(as.double(r_values(array)), at)
    m[["d"]] <- ndarray(as.difftime(c(1, NA, 3), units = "secs"),
                        paste0("timedelta64[", unit, "]"))
    expect_identical(schema_of(mmarray(m, "d")), sprintf("duration('%s')", unit))
    expect_equal(as.double(r_values(arrow_of(m, "d"))), c(1, NA, 3))
  }
  m[["full"]] <- ndarray(moments(0.5, 86400), ">M8[ms]")
  expect_identical(as.double(arrow_of(m, "full")$null_count), 0)
  expect_equal(as.double(r_values(arrow_of(m, "full"))), c(0.5, 86400))
  days <- as.Date(c("2026-01-31", NA))
  m[["day"]] <- days
  expect_identical(schema_of(mmarray(m, "day")), "date32")
  expect_identical(nanoarrow::convert_array(arrow_of(m, "day")), days)
  m[["hours"]] <- ndarray(moments(0, 7200), "M8[h]")
  expect_equal(as.double(r_values(arrow_of(m, "hours"))), c(0, 7200))
})

test_that("what is masked is null, by a bitmap over values that stay", {
  skip_if_not_installed("nanoarrow")
  m <- local_store()
  x <- c(NA, 2:20, NA)
  m[["x"]] <- x
  array <- arrow_of(m, "x")
  expect_identical(r_values(array), x)
  m["x", 2] <- 200L
  expect_identical(r_values(array), replace(x, 2, 200L))
  m[["b"]] <- c(TRUE, NA, FALSE)
  expect_identical(r_values(arrow_of(m, "b")), c(TRUE, NA, FALSE))
  m[["f"]] <- matrix(c(1L, NA, 3L, 4L), 2)
  expect_identical(as.list(nanoarrow::convert_array(arrow_of(m, "f"))),
                   list(c(1L, 3L), c(NA, 4L)), ignore_attr = TRUE)
})

test_that("several dimensions are lists of a fixed size, as Python indexes them", {
  skip_if_not_installed("nanoarrow")
  for (dims in c("same", "reversed")) {
    m <- local_store(dims = dims)
    for (order in c("C", "F")) {
      x <- matrix(c(1, 2, 3, 4, 5, 6), 2)
      m[["x"]] <- ndarray(if (dims == "same") x else t(x), "float32", order = order)
      a <- mmarray(m, "x")
      expect_identical(schema_of(a), "fixed_size_list(3)<item: float>")
      expect_identical(lapply(nanoarrow::convert_array(nanoarrow::as_nanoarrow_array(a)), identity),
                       list(c(1, 3, 5), c(2, 4, 6)))
    }
  }
  m <- local_store()
  m[["cube"]] <- array(1:24, 2:4)
  array <- arrow_of(m, "cube")
  expect_identical(unlist(nanoarrow::convert_array(array)), as.vector(aperm(array(1:24, 2:4))))
  m[["none"]] <- ndarray(matrix(0, 0, 3), "int8")
  expect_identical(as.double(arrow_of(m, "none")$length), 0)
  m[["bits"]] <- matrix(c(TRUE, FALSE, FALSE, TRUE, TRUE, TRUE), 2)
  expect_identical(nanoarrow::convert_array(arrow_of(m, "bits"))[[2]], c(FALSE, TRUE, TRUE))
})

test_that("an array follows its file without a copy, and outlives handle and name", {
  skip_if_not_installed("nanoarrow")
  skip_on_os("windows")
  for (dtype in c("float32", "uint8", "int64", "datetime64[ms]")) {
    path <- new_path()
    m <- mmapdict(path)
    value <- function(n) {
      if (startsWith(dtype, "d")) as.POSIXct(n, origin = "1970-01-01", tz = "UTC") else n
    }
    m[["x"]] <- ndarray(value(c(1, 2, 3)), dtype)
    array <- arrow_of(m, "x")
    m["x", 1] <- value(9)
    expect_equal(as.double(r_values(array)), c(9, 2, 3), info = dtype)
    m[["x"]] <- NULL
    close(m)
    rm(m)
    unlink(path)
    gc()
    expect_equal(as.double(r_values(array)), c(9, 2, 3), info = dtype)
  }
  # 5 GB, of which nothing is read
  m <- local_store()
  m[["large"]] <- empty_ndarray(5e9, "uint8")
  expect_identical(as.double(arrow_of(m, "large")$length), 5e9)
  m[["cut"]] <- ndarray(rep(1, 1e5), "float32")
  array <- arrow_of(m, "cut")
  con <- file(path_of(m), "r+b")
  seek(con, entries(m)$offset[[2]] + 8192, rw = "write")
  truncate(con)
  close(con)
  x <- r_values(array)
  expect_identical(x[[length(x)]], 0)
  expect_kind(write_pickle(1), "stale")
})

test_that("a batch of several arrays is made without a copy", {
  skip_if_not_installed("nanoarrow")
  m <- local_store()
  m[["a"]] <- ndarray(c(1, 2), "float32")
  m[["b"]] <- c(1L, NA)
  columns <- lapply(c(a = "a", b = "b"), function(key) arrow_of(m, key))
  types <- nanoarrow::na_struct(lapply(columns, nanoarrow::infer_nanoarrow_schema))
  batch <- nanoarrow::nanoarrow_array_modify(nanoarrow::nanoarrow_array_init(types), list(
    length = 2, null_count = 0, buffers = list(NULL), children = columns
  ))
  rm(columns)
  gc()
  expect_identical(as.data.frame(nanoarrow::convert_array(batch)),
                   data.frame(a = c(1, 2), b = c(1L, NA)))
  m["a", 1] <- 10
  expect_identical(nanoarrow::convert_array(batch)$a, c(10, 2))
  frame <- data.frame(x = c(1.5, 2), s = c("a", "b"))
  m[["frame"]] <- frame
  m[["rows"]] <- ndarray(frame, c(x = "float32", s = "S1"))
  for (key in c("frame", "rows")) {
    array <- nanoarrow::as_nanoarrow_array(m[[key]])
    expect_identical(as.data.frame(nanoarrow::convert_array(array)), frame)
  }
})

test_that("another type is made of R's values, and what has none is an error", {
  skip_if_not_installed("nanoarrow")
  m <- local_store()
  m[["x"]] <- ndarray(c(1, 2), "float32")
  array <- arrow_of(m, "x", schema = nanoarrow::na_double())
  expect_identical(schema_of(array), "double")
  expect_identical(r_values(array), c(1, 2))
  expect_identical(schema_of(arrow_of(m, "x", schema = nanoarrow::na_float())), "float")
  m[["z"]] <- 1i * (1:2)
  m[["s"]] <- ndarray(matrix("a"), "U2")
  m[["e"]] <- ndarray(matrix(0, 2, 0), "int8")
  for (key in c("z", "s", "e")) expect_kind(arrow_of(m, key), "value")
  m[["wide"]] <- empty_ndarray(c(0, 2^31), "int8")
  expect_kind(arrow_of(m, "wide"), "limit")
  a <- mmarray(m, "x")
  m[["x"]] <- 1:9
  expect_kind(nanoarrow::as_nanoarrow_array(a), "stale")
  expect_error(asNamespace("mmappickle")$array_to_arrow(
    asNamespace("mmappickle")$pointer(m), "x", nanoarrow::as_nanoarrow_array(1L)
  ), class = "mmappickle_error_value")
})
