# Views: what R sees of an array in a file, when it is converted, and that nothing R does
# to it gets into the file.

# 600 elements: more than the 512 that R reads at a time.
ordinary <- function(dtype, n = 600L) {
  withr::with_seed(1, switch(dtype,
    float64 = , ">f8" = rnorm(n, sd = 100),
    float32 = , float16 = sample(-1000:1000, n, TRUE) / 8,
    int32 = , ">i2" = , int16 = sample(-30000:30000, n, TRUE),
    uint8 = sample(0:255, n, TRUE),
    bool = sample(c(TRUE, FALSE), n, TRUE),
    complex128 = complex(real = rnorm(n), imaginary = rnorm(n))
  ))
}
zero_copy <- c("float64", "int32")
converted <- c(">f8", "float32", "float16", "int16", ">i2", "uint8", "bool")

# A store with one array "k".
store_with <- function(x, dtype = NULL, order = "C", ..., .local_envir = parent.frame()) {
  m <- local_store(..., .local_envir = .local_envir)
  m[["k"]] <- if (is.null(dtype)) x else ndarray(x, dtype = dtype, order = order)
  m
}

expect_lazy <- function(x, what) {
  expect_false(view_info(x)$materialized, label = paste(what, "materializes"))
}

# All of these read a view without a pointer to its data.
readers <- list(
  sum = sum, mean = mean, min = min, max = max, head = head, summary = summary,
  is.na = is.na, anyNA = anyNA, length = length,
  `x[i]` = function(x) x[c(3, 1, NA, 700, 3)],
  `x[-i]` = function(x) x[-(1:10)],
  `x[1:n]` = function(x) x[2:599],
  `x[logical]` = function(x) x[rep(c(TRUE, FALSE, NA), 200)],
  `x[[i]]` = function(x) x[[600]],
  `for` = function(x) {
    s <- 0
    for (e in x) s <- s + e
    s
  },
  lapply = function(x) lapply(x, identity),
  vapply = function(x) vapply(x, function(e) e * 2, 0)
)

test_that("reading does not materialize a view", {
  for (dtype in c(zero_copy, converted)) {
    want <- ordinary(dtype)
    m <- store_with(want, dtype)
    for (name in names(readers)) {
      x <- m[["k"]]
      what <- paste(name, "of", dtype)
      expect_identical(readers[[name]](x), readers[[name]](want), label = what)
      expect_lazy(x, what)
    }
  }
})

test_that("neither does x[i, j], in whatever order the elements lie", {
  for (dtype in c(zero_copy, converted)) {
    want <- matrix(ordinary(dtype), 20)
    for (order in c("C", "F")) {
      m <- store_with(want, dtype, order)
      x <- m[["k"]]
      what <- paste(dtype, order)
      expect_identical(x[3, 4], want[3, 4], label = what)
      expect_identical(x[2:7, 3:1], want[2:7, 3:1], label = what)
      expect_identical(x[4, ], want[4, ], label = what)
      expect_identical(x[, 30, drop = FALSE], want[, 30, drop = FALSE], label = what)
      expect_identical(x[cbind(1:3, 4:6)], want[cbind(1:3, 4:6)], label = what)
      expect_identical(sum(x), sum(want[]), label = what)
      expect_lazy(x, what)
      expect_identical(view_info(x)$zero_copy, order == "F" && dtype %in% zero_copy,
                       label = what)
    }
  }
})

test_that("a zero-copy view gives its data without being materialized", {
  users <- list(
    range = range, `>` = function(x) x > 3, `==` = function(x) x == x,
    `+` = function(x) x + 1L, `*` = function(x) x * 2L, `-` = function(x) -x,
    `x[x > 3]` = function(x) x[x > 3], sqrt = function(x) sqrt(abs(x)), sort = sort,
    order = order, cumsum = function(x) cumsum(as.numeric(x)), var = var,
    c = function(x) c(x, x), quantile = quantile, ifelse = function(x) ifelse(x > 0, 1, 2)
  )
  for (dtype in zero_copy) {
    want <- ordinary(dtype, 20000L) # less may be copied
    m <- store_with(want, dtype)
    for (name in names(users)) {
      x <- m[["k"]]
      what <- paste(name, "of", dtype)
      expect_identical(users[[name]](x), users[[name]](want), label = what)
      expect_lazy(x, what)
    }
    expect_true(view_info(m[["k"]])$zero_copy)
  }
})

test_that("a converted view is materialized by code that wants a pointer, and stays right", {
  for (dtype in c(">f8", "float32", "int16", "uint8")) {
    want <- ordinary(dtype)
    m <- store_with(want, dtype)
    x <- m[["k"]]
    expect_false(view_info(x)$zero_copy)
    expect_identical(x == x, rep(TRUE, 600L))
    expect_true(view_info(x)$materialized)
    expect_identical(x[1:600], want)
    expect_identical(sum(x), sum(want))
    expect_identical(x, want)
  }
})

test_that("nothing that R does to a view changes the file or other views", {
  for (dtype in c(zero_copy, converted, "complex128")) {
    want <- ordinary(dtype)
    m <- store_with(want, dtype)
    before <- file_bytes(path_of(m))
    m[["k"]] * 2
    -m[["k"]]
    suppressWarnings(sqrt(m[["k"]]))
    m[["k"]]^2
    m[["k"]] + m[["k"]]
    x <- m[["k"]]
    x <- x * 2
    y <- z <- m[["k"]]
    y[1] <- 0
    expect_false(is_view(y), label = dtype)
    expect_identical(z[1], want[1], label = dtype)
    f <- function(a) {
      a[5] <- a[1]
      a
    }
    f(m[["k"]])
    f(z)
    if (!is.complex(want)) {
      abs(m[["k"]])
      m[["k"]] %% 2
      round(m[["k"]])
      exp(m[["k"]] / 1000)
      sort(m[["k"]])
      sort(z)
      !m[["k"]]
    }
    names(z) <- seq_along(z)
    dim(y) <- c(20L, 30L)
    expect_identical(file_bytes(path_of(m)), before, label = dtype)
    expect_identical(materialize(m[["k"]]), want, label = dtype)
  }
})

test_that("an assignment to a view's element keeps its attributes", {
  want <- matrix(ordinary("int16"), 20)
  m <- store_with(want, "int16", "F")
  x <- m[["k"]]
  x[2, 3] <- 7L
  want[2, 3] <- 7L
  expect_identical(x, want)
  expect_identical(m[["k"]][], matrix(ordinary("int16"), 20))
})

test_that("a compiled function that writes into its argument does not reach the file", {
  skip_on_cran()
  skip_if(!nzchar(Sys.which(strsplit(tools::Rcmd("config CXX", stdout = TRUE), " ")[[1]][1])))
  scribble <- NULL
  Rcpp::cppFunction("void scribble(SEXP x) {
    if (TYPEOF(x) == REALSXP) REAL(x)[0] = -1; else INTEGER(x)[0] = -1;
  }", env = environment())
  for (dtype in c(zero_copy, converted)) {
    want <- ordinary(dtype)
    m <- store_with(want, dtype)
    before <- file_bytes(path_of(m))
    scribble(m[["k"]])
    expect_identical(file_bytes(path_of(m)), before, label = dtype)
    if (dtype %in% converted) expect_identical(materialize(m[["k"]]), want, label = dtype)
  }
})

test_that("subscripts of all kinds give what they give for ordinary vectors", {
  for (dtype in c("float64", "float32", "bool", "complex128")) {
    want <- ordinary(dtype)
    m <- store_with(want, dtype)
    x <- m[["k"]]
    for (i in list(integer(), 0L, 1:600, 600:1, c(1L, NA), c(600L, 601L), 1e9, c(1.9, 2.1),
                   NA_real_, c(-1, -600), rep(TRUE, 601), rep(7L, 2000), c(513:520, 1:3))) {
      expect_identical(x[i], want[i], label = paste(dtype, deparse(i)[1]))
    }
    expect_lazy(x, dtype)
  }
})

test_that("masked elements are NA however they are read", {
  want <- ordinary("int32")
  want[c(1, 5, 600)] <- NA
  m <- local_store()
  m[["k"]] <- want
  x <- m[["k"]]
  expect_true(anyNA(x))
  expect_identical(is.na(x), is.na(want))
  expect_identical(sum(x, na.rm = TRUE), sum(want, na.rm = TRUE))
  expect_identical(x[[5]], NA_integer_)
  expect_identical(x[c(4, 5)], want[c(4, 5)])
  expect_identical(materialize(x), want)
  expect_identical(x, want)
})

test_that("sums of small integers are R's, doubles where they are too large", {
  for (dtype in c("int8", "uint8", "int16", "uint16")) {
    for (n in c(0L, 1L, 31L, 4096L, 5000L)) {
      want <- rep(c(100L, 3L), length.out = n)
      m <- store_with(want, dtype)
      x <- m[["k"]]
      expect_identical(sum(x), sum(want), label = paste(dtype, n))
      expect_identical(sum(x, x), sum(want, want), label = paste(dtype, n))
    }
  }
  want <- rep(65535L, 40000L)
  x <- store_with(want, "uint16")[["k"]]
  expect_identical(sum(x), sum(want))
  expect_lazy(x, "sum")
})

test_that("strings are converted at first access", {
  want <- c("a", "", "h\u00e9", "\U1d11e", "abcdefg")
  m <- store_with(want, "U7")
  x <- m[["k"]]
  expect_true(is_view(x))
  expect_lazy(x, "a look")
  expect_identical(x[3], want[3])
  expect_true(view_info(x)$materialized)
  expect_identical(x, want)
  expect_identical(nchar(x), nchar(want))
  expect_identical(toupper(x), toupper(want))
  x[2] <- "b"
  expect_identical(m[["k"]][2], "")
  expect_identical(materialize(m[["k"]]), want)
})

test_that("few strings of many are made alone, and all of them once that pays", {
  n <- 10000L
  want <- sprintf("%d \u00e9", seq_len(n))
  want[seq(1, n, 7)] <- ""
  missing <- want
  missing[c(3, 5000)] <- NA
  kinds <- list(
    list(want, "U8"), list(enc2utf8(want), "S9"), list(missing, "U8"),
    list(matrix(want, 100), "U8"), list(matrix(missing, 100), "S9", "F")
  )
  for (kind in kinds) {
    m <- do.call(store_with, unname(kind))
    plain <- kind[[1]]
    x <- m[["k"]]
    take <- function(i, what) {
      expect_identical(m[["k"]][i], plain[i], label = what)
      y <- m[["k"]]
      lapply(y[1], nchar)
      nchar(y)
      expect_identical(y[i], plain[i], label = paste(what, "of what is converted"))
    }
    expect_identical(x[1:3], plain[1:3])
    i <- c(5000, NA, 3, 3, 0, n + 1, 1e15, NaN)
    expect_identical(x[i], c(plain[c(5000, NA, 3, 3)], NA, NA, NA))
    expect_identical(x[200:30], plain[200:30])
    expect_lazy(x, "few strings")
    take(2:9999, "most")
    take(-(1:10), "all but some")
    take(rep(c(TRUE, NA, FALSE, FALSE, FALSE), 2000), "a mask")
    for (seed in 1:5) {
      i <- withr::with_seed(seed, sample(c(NA, 1:10100), 10^(seed - 1), TRUE))
      take(i, paste("seed", seed))
    }
    for (i in 1:30) expect_identical(x[(i * 50):(i * 60)], plain[(i * 50):(i * 60)])
    expect_true(view_info(x)$materialized)
  }
  x <- store_with(want, "U8")[["k"]]
  gctorture(TRUE)
  y <- x[c(9999, NA, 1:20)]
  gctorture(FALSE)
  expect_identical(y, want[c(9999, NA, 1:20)])
})

test_that("strings survive garbage collection at every allocation", {
  m <- store_with(sprintf("string %d", 1:50), "S10")
  x <- m[["k"]]
  gctorture(TRUE)
  y <- x[1:50]
  gctorture(FALSE)
  expect_identical(y, sprintf("string %d", 1:50))
})

test_that("views serialize as values", {
  for (dtype in c(zero_copy, converted, "complex128")) {
    want <- matrix(ordinary(dtype), 20)
    m <- store_with(want, dtype)
    x <- m[["k"]]
    y <- unserialize(serialize(x, NULL))
    expect_identical(y, want, label = dtype)
    expect_false(is_view(y), label = dtype)
    expect_identical(unserialize(serialize(list(x), NULL, xdr = FALSE)), list(want))
  }
})

test_that("materialize() gives an ordinary vector and leaves the view lazy", {
  want <- matrix(ordinary("float32"), 20)
  m <- store_with(want, "float32")
  x <- m[["k"]]
  y <- materialize(x)
  expect_identical(y, want)
  expect_false(is_view(y))
  expect_lazy(x, "materialize()")
  m["k", 1, 1] <- 0
  expect_identical(y, want)
  expect_identical(materialize(1:3), 1:3)
  expect_null(materialize(NULL))
  list_of <- materialize(list(a = x, b = "b"))
  expect_false(is_view(list_of$a))
  expect_named(list_of, c("a", "b"))
})

test_that("a view whose attributes were changed in R is one still", {
  set <- function(v) {
    attr(v, "note") <- "mine"
    v
  }
  for (dtype in c("float64", "float32")) {
    want <- ordinary(dtype)
    m <- store_with(want, dtype)
    x <- set(m[["k"]])
    expect_true(is_view(x), label = dtype)
    expect_lazy(x, dtype)
    expect_identical(attr(materialize(x), "note"), "mine")
    expect_false(is_view(materialize(x)))
    x[1] <- 3
    expect_false(is_view(x), label = dtype)
    expect_identical(materialize(m[["k"]]), want, label = dtype)
  }
})

test_that("is_view() is FALSE and view_info() NULL for anything else", {
  for (x in list(NULL, 1:10, 1, "a", as.character(1:100), list(), mean, globalenv())) {
    expect_false(is_view(x))
    expect_null(view_info(x))
  }
  wrapped <- rnorm(100)
  attr(wrapped, "a") <- 1
  expect_false(is_view(wrapped))
})

test_that("view_info() says where a view reads from", {
  want <- matrix(ordinary("int16"), 20)
  m <- store_with(want, "int16")
  info <- view_info(m[["k"]])
  expect_identical(normalizePath(info$path), normalizePath(path_of(m)))
  expect_identical(info$key, "k")
  expect_identical(info$dtype, "int16")
  expect_identical(info$shape, c(20, 30))
  expect_identical(info$order, "C")
  expect_identical(info$mapped_bytes, 1200)
  connection <- file(path_of(m), "rb")
  seek(connection, info$offset)
  bytes <- readBin(connection, "integer", 3, size = 2, endian = "little")
  close(connection)
  expect_identical(bytes, want[1, 1:3])
})

test_that("dims = \"reversed\" is zero copy for C order", {
  want <- matrix(ordinary("float64"), 20)
  m <- store_with(want, "float64")
  x <- mmap_get(m, "k", dims = "reversed")
  expect_identical(materialize(x), t(want))
  expect_identical(dim(x), c(30L, 20L))
  expect_true(view_info(x)$zero_copy)
  expect_identical(view_info(x)$shape, c(20, 30))
})

test_that("a view outlives its handle", {
  want <- ordinary("float64")
  m <- store_with(want, "float64")
  x <- m[["k"]]
  close(m)
  gc()
  expect_identical(sum(x), sum(want))
  expect_identical(materialize(x), want)
})

test_that("a view keeps its bytes when the entry is replaced or deleted", {
  want <- ordinary("float64")
  m <- store_with(want, "float64")
  x <- m[["k"]]
  m[["k"]] <- rev(want)
  expect_identical(materialize(x), want)
  y <- m[["k"]]
  m[["k"]] <- NULL
  expect_identical(materialize(x), want)
  expect_identical(materialize(y), rev(want))
})

test_that("arrays that Python left unaligned are read right", {
  m <- mmapdict(fixture("unaligned.mmdpickle"), readonly = TRUE)
  withr::defer(close(m))
  for (key in names(m)) {
    x <- m[[key]]
    if (!is_view(x) || !is.numeric(x)) next
    y <- materialize(x)
    expect_identical(x, y, label = key)
    expect_identical(sum(x), sum(y), label = key)
  }
})

test_that("a finalizer may still reach a view that became garbage with it", {
  m <- store_with(ordinary("float32"), "float32")
  for (i in 1:20) local({
    e <- new.env()
    e$x <- m[["k"]]
    reg.finalizer(e, function(e) try(sum(e$x) + length(e$x), silent = TRUE))
  })
  expect_no_error({
    gc()
    gc()
  })
})

test_that("a file that is cut under a view does not end R: the next call says so", {
  skip_on_os("windows")
  m <- store_with(as.double(1:1e5), "float64")
  x <- m[["k"]]
  connection <- file(path_of(m), "r+b")
  seek(connection, 8192, rw = "write")
  truncate(connection)
  close(connection)
  expect_true(is.finite(sum(x)))
  expect_true(is_view(x))
  expect_error(materialize(x), class = "mmappickle_error_stale")
  expect_error(m[["k"]], class = "mmappickle_error")
})
