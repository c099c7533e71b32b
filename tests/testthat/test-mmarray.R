test_that("an mmarray tells its size and reads parts", {
  m <- local_store()
  x <- matrix(as.double(1:6), 2, dimnames = list(c("a", "b"), NULL))
  m[["x"]] <- x
  a <- mmarray(m, "x")
  expect_identical(dim(a), c(2L, 3L))
  expect_identical(dimnames(a), dimnames(x))
  expect_identical(length(a), 6L)
  expect_identical(nrow(a), 2L)
  expect_identical(a[2, ], x[2, ])
  expect_identical(a["a", 2:3], x["a", 2:3])
  expect_identical(a[, 1, drop = FALSE], x[, 1, drop = FALSE])
  expect_identical(a[], x)
  expect_identical(a[5], x[5])
  expect_identical(a[[2, 3]], 6)
  expect_identical(as.array(a)[, ], x)
  expect_identical(as.vector(a), as.vector(x))
  expect_identical(as.vector(a, "integer"), as.vector(x, "integer"))
})

test_that("rank 1 has a dim", {
  m <- local_store()
  m[["v"]] <- c(a = 1, b = 2)
  a <- mmarray(m, "v")
  expect_identical(dim(a), 2L)
  expect_identical(dimnames(a), list(c("a", "b")))
  expect_identical(names(a), c("a", "b"))
  expect_identical(a["b"], c(b = 2))
  expect_identical(as.array(a), array(c(1, 2), 2, list(c("a", "b"))))
})

test_that("what is assigned goes to the file", {
  m <- local_store()
  m[["x"]] <- ndarray(matrix(1:6, 2), "uint8")
  a <- mmarray(m, "x")
  a[2, 1] <- 20
  a[1, ] <- 7
  expect_identical(m[["x"]][], matrix(c(7L, 20L, 7L, 4L, 7L, 6L), 2))
  expect_unchanged_file(m, {
    expect_kind(a[3, 1] <- 1, "index")
    expect_kind(a[1] <- 300, "value")
    expect_kind(a[[1]] <- 1, "index")
    expect_kind(a$x <- 1, "index")
    expect_kind(a$x, "index")
  })
  expect_s3_class(a, "mmarray")
})

test_that("it is small when serialized and opens the file anew", {
  m <- local_store()
  m[["x"]] <- rnorm(1e5)
  a <- mmarray(m, "x")
  bytes <- serialize(a, NULL)
  expect_lt(length(bytes), 5000)
  again <- unserialize(bytes)
  expect_identical(again[1:5], a[1:5])
})

test_that("an entry that was replaced by another array is stale, by the same is not", {
  m <- local_store()
  m[["x"]] <- c(1, 2, 3)
  a <- mmarray(m, "x")
  m[["x"]] <- c(4, 5, 6)
  expect_identical(a[1], 4)
  m[["x"]] <- c(1, 2)
  expect_kind(a[1], "stale")
  expect_kind(a[1] <- 1, "stale")
  m[["x"]] <- "text"
  expect_kind(a[1], "stale")
  m[["x"]] <- NULL
  expect_kind(a[1], "key")
})

test_that("only arrays have one", {
  m <- local_store()
  m[["s"]] <- "text"
  expect_kind(mmarray(m, "s"), "index")
  expect_kind(mmarray(m, "absent"), "key")
  expect_kind(mmarray(m, 1), "key")
})

test_that("an mmarray is stored as its array", {
  m <- local_store()
  m[["x"]] <- ndarray(matrix(1:6, 2), "int16", "F")
  m[["y"]] <- mmarray(m, "x")
  m[["z"]] <- m[["x"]]
  table <- entries(m)
  expect_identical(table$dtype, rep("int16", 3))
  expect_identical(table$order, rep("F", 3))
  expect_identical(m[["y"]][], matrix(1:6, 2))
})

test_that("dims of 2^31 and more are doubles", {
  m <- local_store()
  m[["huge"]] <- empty_ndarray(c(3, 2^31), "uint8")
  a <- mmarray(m, "huge")
  expect_identical(dim(a), c(3, 2^31))
  expect_identical(length(a), 3 * 2^31)
  expect_identical(a[3, 2^31], 0L)
  expect_kind(as.array(a), "limit")
})

test_that("print, format and str are one or two lines", {
  m <- local_store()
  m[["x"]] <- matrix(c(1, 2), 1)
  a <- mmarray(m, "x")
  expect_snapshot({
    print(a)
    format(a)
    str(a)
    str(list(a = a))
  }, transform = without_paths)
  path <- path_of(m)
  file.rename(path, paste0(path, "-moved"))
  expect_output(print(a), "in .* \\(the file is gone\\)$")
  file.rename(paste0(path, "-moved"), path)
  expect_output(print(a), "mmdpickle$")
  close(m)
  expect_output(print(a), "mmarray.*\\(closed\\)$")
  expect_kind(a[1], "closed")
})

test_that("arrays of every dtype can be read and written in part", {
  cases <- list(
    bool = c(TRUE, FALSE, NA), int8 = c(1L, -5L, NA), `>u2` = 1:3, float16 = c(0.5, NA, 2),
    complex64 = 1:3 + 1i, S2 = c("a", NA, "bc"), `>U3` = c("a", "\u00e9", ""),
    `datetime64[D]` = as.Date("2024-01-01") + c(0, NA, 5),
    `datetime64[us]` = .POSIXct(c(1, 2.5, NA), "UTC"),
    `timedelta64[m]` = as.difftime(c(1, NA, 3), units = "mins")
  )
  for (dims in c("same", "reversed")) {
    m <- local_store(dims = dims)
    for (dtype in names(cases)) {
      x <- cases[[dtype]]
      stored <- x
      dim(stored) <- c(1, 3)
      if (!is.object(x)) dimnames(stored) <- list("r", c("a", "b", "c"))
      m[["k"]] <- ndarray(stored, dtype)
      a <- mmarray(m, "k")
      expect_identical(dim(a), c(1L, 3L))
      part <- a[1, 2:3]
      names(part) <- NULL
      expect_identical(na_for_nan(part), na_for_nan(x[2:3]), label = dtype)
      a[1, 2] <- x[1]
      a[1, 3:2] <- x[c(1, 3)]
      part <- a[1, ]
      names(part) <- NULL
      expect_identical(part, x[c(1, 3, 1)], label = dtype)
    }
    m[["v"]] <- ndarray(matrix(as.raw(1:6), 2), "V2")
    a <- mmarray(m, "v")
    expect_identical(dim(a), 2:3)
    a[, 2] <- as.raw(8:9)
    expect_identical(a[, 2:3], matrix(as.raw(c(8, 9, 5, 6)), 2))
    m[["v"]][1, ] <- as.raw(7)
    expect_identical(a[1, ], as.raw(c(7, 7, 7)))
    expect_identical(as.array(a)[, ], a[, ])
  }
})
