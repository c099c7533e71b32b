# Views and mmarrays that are stored: bytes go from file to file.

bytes_of_array <- function(m, key) {
  info <- view_info(m[[key]])
  n <- info$mapped_bytes
  connection <- file(path_of(m), "rb")
  on.exit(close(connection))
  seek(connection, info$offset)
  readBin(connection, "raw", n)
}

dtypes <- c(
  "bool", "int8", ">i2", "int32", "int64", "uint8", "uint16", "uint32", ">u8", "float16",
  "float32", ">f8", "float128", "complex64", ">c16", "complex256", "S3", "U3", ">U2", "V5",
  "datetime64[D]", "datetime64[25s]", ">M8[ns]", "timedelta64[W]", "timedelta64[us]"
)

values_for <- function(dtype) {
  d <- dtype_info(dtype)
  switch(d$kind,
    S = , U = c("a", "bc", "", "de", "f", "a"),
    V = matrix(as.raw(1:30), 5),
    M = if (dtype == "datetime64[D]") as.Date("2024-01-01") + 0:5
        else .POSIXct(c(0:4, NA) * 25, "UTC"),
    m = as.difftime(c(0:4, NA), units = "weeks"),
    c(0, 1, 1, 0, 0, 1)
  )
}

shaped <- function(x, dim) {
  if (is.raw(x)) dim <- c(nrow(x), dim)
  dim(x) <- dim
  x
}

test_that("views and mmarrays of every dtype keep dtype, order and bytes", {
  for (dtype in dtypes) {
    for (order in c("C", "F")) {
      from <- local_store()
      to <- local_store(order = "F")
      x <- shaped(values_for(dtype), c(2, 3))
      from[["x"]] <- ndarray(x, dtype, order)
      to[["view"]] <- from[["x"]]
      to[["list"]] <- list(from[["x"]])
      to[["mmarray"]] <- mmarray(from, "x")
      table <- entries(to)[c(1, 3), ]
      expect_identical(table$dtype, rep(entries(from)$dtype, 2), label = dtype)
      expect_identical(table$order, rep(order, 2), label = paste(dtype, order))
      for (key in c("view", "mmarray")) {
        expect_identical(bytes_of_array(to, key), bytes_of_array(from, "x"), label = dtype)
      }
      wanted <- materialize(from[["x"]])
      expect_identical(materialize(to[["view"]]), wanted, label = dtype)
      expect_identical(materialize(to[["mmarray"]]), wanted, label = dtype)
      expect_identical(materialize(to[["list"]][[1]]), wanted, label = dtype)
      expect_identical(view_info(to[["list"]][[1]])$dtype, table$dtype[[1]], label = dtype)
    }
  }
})

test_that("a view that was converted into memory is copied by its bytes, too", {
  # Python's: values that R cannot hold exactly.
  from <- mmapdict(fixture("dtypes.mmdpickle"), readonly = TRUE) |> suppressWarnings()
  withr::defer(close(from))
  to <- local_store()
  for (key in names(from)) {
    x <- suppressWarnings(from[[key]])
    if (!is_view(x)) next
    suppressWarnings({
      if (is.character(x)) x[1] else if (!is.raw(x)) invisible(sort(unclass(x)))
      if (!is.raw(x)) rev(x)
      to[[key]] <- x
    })
    expect_identical(view_info(to[[key]])$dtype, view_info(x)$dtype, label = key)
    expect_identical(bytes_of_array(to, key), bytes_of_array(from, key), label = key)
  }
})

test_that("a snapshot is stored, not what its file has become", {
  m <- local_store()
  m[["x"]] <- ndarray(c(1, 2, 3), "float32")
  x <- m[["x"]]
  sum(rev(x))
  sort(x)
  m["x", 2] <- 20
  now <- x[]
  m[["y"]] <- x
  expect_identical(m[["y"]][], now)
  expect_identical(entries(m)$dtype, c("float32", "float32"))
  m[["s"]] <- ndarray(c("a", "b"), "U1")
  s <- m[["s"]]
  expect_identical(s[1], "a")
  m["s", 1] <- "z"
  m[["t"]] <- s
  expect_identical(m[["t"]][], c("a", "b"))
})

test_that("handles may see dimensions in reverse on either side", {
  x <- matrix(as.double(1:6), 2, dimnames = list(c("a", "b"), NULL))
  for (from_dims in c("same", "reversed")) {
    for (to_dims in c("same", "reversed")) {
      for (order in c("C", "F")) {
        from <- local_store(dims = from_dims)
        to <- local_store(dims = to_dims)
        from[["x"]] <- ndarray(x, "float32", order)
        from[["v"]] <- ndarray(array(as.raw(1:24), c(4, 2, 3)), "V4", order)
        from[["n"]] <- ndarray(matrix(c(1:5, NA), 2), "int16", order)
        for (key in names(from)) {
          to[[key]] <- from[[key]]
          expect_identical(materialize(to[[key]]), materialize(from[[key]]))
          expect_identical(bytes_of_array(to, key), bytes_of_array(from, key))
        }
      }
    }
  }
})

test_that("masks are copied", {
  from <- local_store()
  to <- local_store()
  from[["i"]] <- ndarray(c(1, NA, 3), "uint8")
  from[["s"]] <- ndarray(matrix(c("a", NA), 1), "U3")
  for (key in names(from)) {
    to[[key]] <- from[[key]]
    expect_identical(entries(to)[entries(to)$key == key, "kind"], "masked")
    expect_identical(materialize(to[[key]]), materialize(from[[key]]))
  }
})

test_that("ndarray() of a view keeps its dtype, and what R cannot show of it", {
  m <- local_store(int64 = "double")
  skip_if_not_installed("bit64")
  x <- bit64::as.integer64(c("9007199254740993", "-9223372036854775807"))
  m[["x"]] <- ndarray(x, "int64")
  view <- suppressWarnings(m[["x"]])
  m[["y"]] <- ndarray(view, order = "C")
  m[["z"]] <- ndarray(mmarray(m, "x"))
  for (key in c("y", "z")) {
    expect_identical(unclass(mmap_get(m, key, int64 = "integer64"))[], unclass(x))
  }
  m[["m"]] <- ndarray(matrix(1:6, 2), "int8")
  m[["f"]] <- ndarray(m[["m"]], order = "F")
  expect_identical(tail(entries(m)$order, 1), "F")
  expect_identical(tail(entries(m)$dtype, 1), "int8")
  expect_identical(m[["f"]][, ], matrix(1:6, 2))
})

test_that("a raw view of a uint8 array stays an array, one of bytes stays bytes", {
  m <- local_store(uint8 = "raw")
  m[["a"]] <- ndarray(as.raw(1:3), "uint8")
  m[["b"]] <- as.raw(1:3)
  m[["a2"]] <- m[["a"]]
  m[["b2"]] <- m[["b"]]
  expect_identical(entries(m)$kind, c("array", "value", "array", "value"))
  expect_identical(m[["a2"]][], as.raw(1:3))
  expect_identical(m[["b2"]][], as.raw(1:3))
})

test_that("sparse arrays stay sparse, wherever they are copied to", {
  skip_on_cran()
  skip_on_os(c("windows", "mac"))
  allocated <- function(m) {
    as.numeric(system2("stat", c("-c", "%b", shQuote(path_of(m))), stdout = TRUE)) * 512
  }
  m <- local_store()
  m[["k"]] <- empty_ndarray(c(1e6, 1e5), "uint8")
  m["k", 5e5, 7] <- 9
  m["k", 1e6, 1e5] <- 8
  skip_if(allocated(m) > 1e7, "this file system has no sparse files")
  to <- local_store()
  to[["view"]] <- m[["k"]]
  to[["mmarray"]] <- mmarray(m, "k")
  to[["list"]] <- list(a = m[["k"]])
  m[["own"]] <- m[["k"]]
  expect_lt(allocated(to), 1e7)
  expect_lt(allocated(m), 1e7)
  for (x in list(to["view", 5e5, 7], to["mmarray", 5e5, 7], m["own", 5e5, 7])) {
    expect_identical(x, 9L)
  }
  expect_identical(to[["list"]]$a[1e6, 1e5], 8L)
  expect_identical(to["view", 1e6, 1e5], 8L)
  expect_identical(to["view", 5e5 + 1, 7], 0L)
})

test_that("a view whose file is gone is stored from memory", {
  skip_on_os("windows")
  from <- local_store()
  from[["x"]] <- as.double(1:1e5)
  x <- from[["x"]]
  unlink(path_of(from))
  to <- local_store()
  to[["x"]] <- x
  expect_identical(to[["x"]][], as.double(1:1e5))
})
