# Blocks of elements, whatever their dtype, order of bytes, mask and layout in the file, give what
# an ordinary vector gives, to the last bit: sums (whose order counts), kinds of NaN, signs of zero.

# More than a block, than the 512 elements that R reads at a time, than a tile of lines side by
# side; and none, one, and some.
layouts <- list(
  none = 0L, one = 1L, some = 37L, many = 2003L, `0 x 3` = c(0L, 3L), `1 x 7` = c(1L, 7L),
  matrix = c(67L, 41L), tall = c(701L, 3L), wide = c(3L, 701L), `rank 3` = c(13L, 11L, 9L),
  `rank 4` = c(5L, 9L, 1L, 33L)
)

# Numbers of a dtype with what is special in it.
special_numbers <- function(dtype, n) {
  base <- sub("^[<>]", "", dtype)
  some <- function(x) {
    out <- sample(x, n, TRUE)
    out[runif(n) < 0.9] <- x[[1L]]
    out
  }
  whole <- sample.int(100L, n, TRUE)
  switch(base,
    i1 = sample(-128:127, n, TRUE), u1 = sample(0:255, n, TRUE), i2 = sample(-32768:32767, n, TRUE),
    u2 = sample(0:65535, n, TRUE), i4 = whole * .Machine$integer.max %/% 100L,
    u4 = whole * 4e7, i8 = some(c(1, -3, 2^51, -2^51, 2^53, -2^52 - 1)) * whole,
    u8 = some(c(1, 2^51, 2^52 + 1, 2^53)) * whole,
    f2 = some(c(1, 0, -0, Inf, NaN, 2^-24, 65504)), f4 = some(c(0.5, -0, 0, NaN, -Inf, NA)),
    f8 = some(c(0.1, 0, -0, NaN, NA, 1e300)), bool = whole > 50L,
    c8 = , c16 = complex(real = some(c(0.5, NaN, 0)), imaginary = whole)
  )
}

# What R asks a view for in one way or another.
asked <- list(
  sum = sum, `sum, na.rm` = function(x) sum(x, na.rm = TRUE), mean = mean,
  min = function(x) if (!is.complex(x)) min(x), max = function(x) if (!is.complex(x)) max(x),
  `min, na.rm` = function(x) if (!is.complex(x)) min(x, na.rm = TRUE),
  `max, na.rm` = function(x) if (!is.complex(x)) max(x, na.rm = TRUE), prod = prod, anyNA = anyNA,
  is.na = is.na, head = function(x) head(c(x[1L], x[length(x)])), rev = rev,
  `x[i]` = function(x) x[c(NA, 0, rev(seq_along(x)), length(x) + 1)],
  `x[sorted]` = function(x) x[seq_along(x)], sums = function(x) c(sum(x), mean(x), sum(x)),
  `x[lgl]` = function(x) x[c(TRUE, FALSE, NA)],
  `x[[i]]` = function(x) if (length(x)) x[[length(x)]],
  duplicate = function(x) x[]
)

expect_same_answers <- function(view, plain, label) {
  same <- function(a, b) identical(a, b, num.eq = FALSE, single.NA = FALSE)
  wrong <- Filter(function(name) {
    quietly <- function(x) suppressWarnings(asked[[name]](x))
    !same(quietly(view()), quietly(plain))
  }, names(asked))
  expect_identical(wrong, character(), label = label)
  expect_true(same(materialize(view()), plain), label = label)
}

test_that("blocks of every dtype and layout are what the elements are", {
  withr::local_seed(20)
  m <- local_store()
  dtypes <- c("i1", "u1", "i2", ">i2", "u2", "i4", ">i4", "u4", ">u4", "i8", ">i8", "u8", ">u8",
              "f2", ">f2", "f4", ">f4", "f8", ">f8", "bool", "c8", ">c8", "c16", ">c16")
  for (dtype in dtypes) {
    for (name in sample(names(layouts), 3L)) {
      for (order in c("C", "F")) {
        dims <- layouts[[name]]
        x <- special_numbers(dtype, prod(dims))
        if (length(dims) > 1L) dim(x) <- dims
        key <- paste(dtype, name, order)
        m[[key]] <- ndarray(x, dtype, order = order)
        # Floats and R's own kinds of NA come back as NumPy has them: NA is a NaN of its own.
        plain <- x
        elements <- m[[key]]
        plain[] <- vapply(seq_along(x), function(i) elements[[i]], x[NA_integer_])
        expect_same_answers(function() m[[key]], plain, key)
        if (length(dims) > 1L) {
          turned <- function() mmap_get(m, key, dims = "reversed")
          expect_same_answers(turned, aperm(plain), paste(key, "reversed"))
        }
      }
    }
  }
})

test_that("masked ones, too", {
  withr::local_seed(21)
  m <- local_store()
  for (dtype in c("i1", "u2", "i4", ">i4", "u4", "i8", "bool")) {
    for (name in names(layouts)) {
      for (share in sample(c(0, 0.001, 0.5, 1), 2L)) {
        dims <- layouts[[name]]
        x <- if (dtype == "i8") as.double(sample.int(9L, prod(dims), TRUE)) else
          special_numbers(dtype, prod(dims))
        x[runif(length(x)) < share] <- NA
        if (length(dims) > 1L) dim(x) <- dims
        m[["k"]] <- ndarray(x, dtype, order = sample(c("C", "F"), 1L))
        expect_same_answers(function() m[["k"]], x, paste("masked", dtype, name, share))
      }
    }
  }
})

test_that("times are the nearest numbers, in blocks or alone", {
  withr::local_seed(22)
  m <- local_store()
  steps <- c(ns = 0.25, us = 0.5, s = 1, `25s` = 25, h = 3600, D = 1)
  for (unit in names(steps)) {
    x <- c(NA, 0, round(runif(700L, -1, 1) * 4e6) * steps[[unit]])
    times <- if (unit == "D") .Date(x) else .POSIXct(x, "UTC")
    m[["k"]] <- ndarray(times, sprintf("M8[%s]", unit))
    view <- m[["k"]]
    expect_identical(vapply(seq_along(x), function(i) as.numeric(view[[i]]), 0), x, label = unit)
    expect_identical(materialize(m[["k"]]), times, label = unit)
    expect_identical(c(min(m[["k"]], na.rm = TRUE)), min(times, na.rm = TRUE), label = unit)
    expect_identical(m[["k"]][702:1], times[702:1], label = unit)
  }
})

# What has no NA is told in the order of memory, unless R's order shows in the answer.
test_that("the least and the largest are R's, whatever stands first", {
  withr::local_seed(23)
  m <- local_store()
  sets <- list(
    signs = c(0, -0), below = c(-1, -0, 0, -2), above = c(0, -0, 3), far = c(1, Inf, -Inf),
    near = c(0.5, 2, -7), edges = c(65504, -65504, 2^-14, 2^-24, -2^-24), below_all = c(-2^-24, -3),
    missing = c(1, NaN, -2), nowhere = c(NaN, -NaN), whole = c(-3, 5, 100), counts = c(0, 1, 2)
  )
  bits <- function(x) list(typeof(x), x, if (is.double(x)) 1 / x)
  for (name in c("none", "one", "some", "many", "matrix", "tall", "wide", "rank 3")) {
    for (set in names(sets)) {
      fits <- if (set %in% c("whole", "counts")) c("i1", "i4", "i8", ">i8")
      for (dtype in c("f2", ">f2", "f4", ">f4", "f8", fits)) {
        x <- sample(sets[[set]], prod(layouts[[name]]), TRUE)
        if (length(layouts[[name]]) > 1L) dim(x) <- layouts[[name]]
        m[["k"]] <- ndarray(x, dtype, order = sample(c("C", "F"), 1L))
        if (dtype %in% c("i1", "i4")) storage.mode(x) <- "integer"
        answers <- function(x) {
          without <- function(f) function(x) f(x, na.rm = TRUE)
          all <- list(min, max, anyNA, sum, without(min), without(max), without(sum))
          lapply(all, function(f) bits(suppressWarnings(f(x))))
        }
        expect_identical(answers(m[["k"]]), answers(x), label = paste(name, set, dtype))
      }
    }
  }
  # Whole numbers and times of 64 bits, before they are converted; what is rounded is told.
  for (dtype in c("M8[ns]", ">M8[us]", "M8[25s]")) {
    times <- as.POSIXct("2024-01-01", tz = "UTC") + sample(c(-4e5, 25, 50, 1e6), 90L, TRUE)
    for (x in list(times, replace(times, 7L, NA), replace(times, 1:90, NA))) {
      dim(x) <- c(9L, 10L)
      m[["k"]] <- ndarray(x, dtype, order = sample(c("C", "F"), 1L))
      expect_identical(c(min(m[["k"]]), max(m[["k"]])), c(min(x), max(x)), label = dtype)
      rest <- function(x) suppressWarnings(c(min(x, na.rm = TRUE), max(x, na.rm = TRUE)))
      expect_identical(rest(m[["k"]]), rest(x), label = dtype)
    }
  }
  m[["k"]] <- ndarray(c(2^62, 1, -2^62), "i8")
  expect_identical(c(min(m[["k"]]), max(m[["k"]])), c(-2^62, 2^62))
  m[["k"]] <- ndarray(c(2^63, 1), "u8")
  expect_identical(c(min(m[["k"]]), max(m[["k"]])), c(1, 2^63))
})

# What is summed without R's order of additions is exact, or left to R.
test_that("sums are R's, however large", {
  withr::local_seed(24)
  m <- local_store()
  expect_sums <- function(x, dtype, label) {
    m[["k"]] <- ndarray(x, dtype, order = sample(c("C", "F"), 1L))
    if (dtype %in% c("i4", ">i4", "i2", "u2")) storage.mode(x) <- "integer"
    sums <- function(x) list(sum(x), sum(x, na.rm = TRUE), sum(x, x), mean(x))
    expect_identical(sums(m[["k"]]), sums(materialize(m[["k"]])), label = label)
    expect_equal(sums(m[["k"]]), sums(x), label = label, tolerance = 1e-12)
  }
  whole <- list(i2 = 15, u2 = 16, i4 = 31, `>i4` = 31, u4 = 32, i8 = 62, `>i8` = 62, u8 = 63.9)
  for (dtype in names(whole)) {
    for (n in c(1L, 15L, 100L, 4096L, 5000L)) {
      powers <- c(3, 10, 31, 36, 40, 41, 42, 45, 50, 53, 60, 70)
      for (power in unique(pmin(powers, whole[[dtype]]))) {
        x <- trunc(runif(n, if (grepl("u", dtype)) 0 else -1, 1) * (2^power - 1))
        x[sample(n, 1L)] <- 2^trunc(power) - 1
        expect_sums(x, dtype, paste(dtype, n, power))
        one_sided <- abs(x)
        one_sided[seq_len(n %/% 2)] <- 2^trunc(power) - 1
        expect_sums(one_sided, dtype, paste(dtype, n, power, "above"))
        if (!dtype %in% c("i2", "u2")) {
          expect_sums(replace(x, sample(n, 1L), NA), dtype, paste(dtype, n, power, "masked"))
        }
      }
    }
  }
  for (n in c(10L, 8000L, 9000L, 20000L)) { # 2^29 are 8195 times the largest
    x <- replace(rep(65504, n), 3L, 2^-24)
    expect_sums(x, "f2", paste("f2", n))
    expect_sums(-x, ">f2", paste("-f2", n))
    expect_sums(x * c(1, -1), "f2", paste("both f2", n))
  }
})

test_that("what a run reads ahead is not shown to the next one", {
  m <- local_store()
  for (dims in list(c(600L, 700L), c(60L, 70L, 80L))) {
    x <- array(as.double(seq_len(prod(dims))), dims)
    m[["k"]] <- x
    view <- m[["k"]]
    last <- prod(dims) # where a tile is held when the sum ends
    for (at in c(1L, 600L, last %/% 2L, last)) {
      expect_identical(sum(view), sum(x))
      m["k", at] <- x[at] <- x[at] + 0.5
      expect_identical(mean(view), mean(x))
      expect_identical(c(max(view), view[[at]]), c(max(x), x[[at]]))
      expect_false(anyNA(view))
      m["k", at] <- x[at] <- NA # anyNA() leaves its run unfinished
      expect_true(anyNA(view))
      m["k", at] <- x[at] <- at
      expect_false(anyNA(view))
      expect_identical(sum(view), sum(x))
    }
    expect_false(view_info(view)$materialized)
  }
})

test_that("doubles become integers as R makes them, with R's warnings", {
  m <- local_store()
  with_warnings <- function(code) {
    told <- character()
    value <- withCallingHandlers(code, warning = function(w) {
      told <<- c(told, conditionMessage(w))
      invokeRestart("muffleWarning")
    })
    list(value, told)
  }
  edge <- c(NA, NaN, -0, 0.9, -0.9, 2147483646.7, 2147483647, -2147483647)
  beyond <- c(2147483647.2, 2147483648, -2147483647.9, -2147483648, Inf, -Inf, 1e300)
  for (x in c(list(edge, double(), c(a = 1.5, b = NA)), as.list(beyond))) {
    x <- if (length(x) == 1L) c(runif(1500), x) else x
    m[["k"]] <- x
    view <- m[["k"]]
    expect_identical(with_warnings(as.integer(view)), with_warnings(as.integer(x)))
    same <- function(x) {
      storage.mode(x) <- "integer"
      x
    }
    expect_identical(with_warnings(same(view)), with_warnings(same(x)))
  }
  x <- matrix(c(1.5, NA, -2^20, 0), 2L, dimnames = list(c("a", "b"), NULL))
  m[["k"]] <- ndarray(x, "float32") # C order: its elements are converted
  view <- m[["k"]]
  expect_identical(as.integer(view), as.integer(x))
})

test_that("large results are asked for in huge pages", {
  skip_if_not(
    dir.exists("/sys/kernel/mm/transparent_hugepage"), "the platform has no huge pages"
  )
  asks <- function() sum(grepl("^VmFlags:.* hg( |$)", readLines("/proc/self/smaps")))
  m <- local_store()
  x <- matrix(as.double(seq_len(3e6)), 1000L)
  m[["k"]] <- x
  before <- asks()
  copies <- lapply(1:3, function(i) materialize(m[["k"]]))
  expect_gt(asks(), before)
  expect_identical(copies[[3L]], x)
})
