# Slices of many parts, which are stored through a map of the file or, into holes, written one
# by one: against R's own `[<-` on the same array in memory.

kinds <- list(
  float64 = function(n) runif(n),
  float32 = function(n) as.double(sample(1000L, n, TRUE)),
  int16 = function(n) sample(1000L, n, TRUE),
  ">i4" = function(n) sample(1000L, n, TRUE),
  bool = function(n) sample(c(TRUE, FALSE), n, TRUE),
  complex128 = function(n) complex(real = runif(n), imaginary = runif(n))
)

some_subscript <- function(n) {
  switch(sample(5L, 1L),
    sample(n, sample(n, 1L)),
    sample(n, sample(n, 1L), TRUE),
    sample(c(TRUE, FALSE), n, TRUE),
    -sample(n, 1L),
    seq.int(sample(n, 1L), sample(n, 1L))
  )
}

# Each way to say where: by rows and columns, by position, by a matrix of subscripts, by a mask.
write_somewhere <- function(m, x, draw) {
  d <- dim(x)
  switch(sample(4L, 1L), {
    i <- some_subscript(d[[1L]])
    j <- some_subscript(d[[2L]])
    v <- draw(length(x[i, j]))
    x[i, j] <- v
    m["x", i, j] <- v
  }, {
    at <- sample(length(x), 200L, TRUE)
    v <- draw(200L)
    x[at] <- v
    m["x", at] <- v
  }, {
    at <- cbind(sample(d[[1L]], 100L, TRUE), sample(d[[2L]], 100L, TRUE))
    v <- draw(100L)
    x[at] <- v
    m[["x"]][at] <- v
  }, {
    at <- array(sample(c(TRUE, FALSE), length(x), TRUE), d)
    v <- draw(1L)
    x[at] <- v
    m["x", at] <- v
  })
  x
}

test_that("many elements are written where R writes them, and read where R reads them", {
  set.seed(5)
  for (order in c("C", "F")) for (dims in c("same", "reversed")) for (dtype in names(kinds)) {
    m <- local_store(order = order, dims = dims)
    draw <- kinds[[dtype]]
    x <- matrix(draw(70L * 53L), 70L)
    m[["before"]] <- 1:10
    m[["x"]] <- ndarray(x, dtype)
    m[["after"]] <- 1:10
    for (round in 1:8) {
      x <- write_somewhere(m, x, draw)
      expect_identical(m["x", ], x)
      i <- some_subscript(70L)
      j <- some_subscript(53L)
      expect_identical(m["x", i, j, drop = FALSE], x[i, j, drop = FALSE])
      at <- cbind(sample(70L, 50L, TRUE), sample(53L, 50L, TRUE))
      expect_identical(m["x", at], x[at])
    }
    expect_identical(m[["before"]], 1:10)
    expect_identical(m[["after"]], 1:10)
  }
})

test_that("many masked elements are written with their masks", {
  set.seed(6)
  for (order in c("C", "F")) {
    m <- local_store(order = order)
    draw <- function(n) sample(c(NA, 1:100), n, TRUE)
    x <- matrix(draw(70L * 53L), 70L)
    m[["x"]] <- x
    for (round in 1:10) {
      x <- write_somewhere(m, x, draw)
      expect_identical(m["x", ], x)
    }
  }
})

test_that("an array of zeros that takes no space is written part by part", {
  set.seed(7)
  for (order in c("C", "F")) {
    m <- local_store(order = order)
    m[["x"]] <- empty_ndarray(c(300, 200), "float64")
    x <- matrix(0, 300L, 200L)
    for (round in 1:6) {
      x <- write_somewhere(m, x, kinds$float64)
      expect_identical(m["x", ], x)
    }
  }
})

test_that("another handle, and a view that was read before, see what was stored", {
  m <- local_store(order = "F")
  x <- matrix(as.double(1:40000), 200L)
  m[["x"]] <- x
  other <- mmapdict(path_of(m), readonly = TRUE)
  view <- other[["x"]]
  for (value in c(5, 6)) {
    rows <- c(3L, 77L, 150L)
    m["x", rows, ] <- value
    x[rows, ] <- value
    expect_identical(other["x", ], x)
    expect_identical(view[rows, ], x[rows, ])
  }
  close(other)
})

test_that("the file's time moves with every slice", {
  m <- local_store()
  m[["x"]] <- matrix(0, 100L, 100L)
  for (round in 1:3) {
    Sys.setFileTime(path_of(m), as.POSIXct("2001-01-01", tz = "UTC"))
    m["x", , 5L] <- runif(100)
    expect_gt(as.numeric(file.mtime(path_of(m))), as.numeric(as.POSIXct("2002-01-01")))
  }
})
