# Single elements, which a view reads by a way of its own for each dtype, are those of its blocks:
# at the edges of what is quick (wide integers, times, NaT), masked, in the other order of bytes,
# across lines, and after the view has values of its own.

expect_same_elements <- function(view, label) {
  blocks <- materialize(view)
  at <- sample(length(blocks), min(length(blocks), 500L))
  alone <- lapply(at, function(i) view[[i]])
  expect_identical(alone, lapply(at, function(i) blocks[[i]]), label = label)
  # R asks for these in its order; attributes and class as of an ordinary vector.
  expect_identical(is.na(view), is.na(blocks), label = label)
  expect_identical(anyNA(view), anyNA(blocks), label = label)
  if (!inherits(view, "integer64")) expect_false(view_info(view)$materialized, label = label)
  c(unclass(view), unclass(view)[0L]) # asks for a pointer: from now on it has its values
  expect_identical(lapply(at, function(i) view[[i]]), alone, label = label)
  expect_identical(anyNA(view), anyNA(blocks), label = label)
}

# Where doubles end to hold all whole numbers, and where blocks end to be quick.
edges <- c(-2^53 + (-1:1), 2^53 + (-1:1), -2^51 + (-1:1), 2^51 + (-1:1), -1:1, -2^62, 2^62)

test_that("wide integers and times are the same alone as in blocks", {
  withr::local_seed(31)
  m <- local_store()
  for (dtype in c("i8", ">i8", "u8", ">u8")) {
    x <- sample(if (grepl("u", dtype)) abs(edges) else edges, 700L, TRUE)
    for (masked in c(FALSE, TRUE)) {
      if (masked) x[sample(700L, 90L)] <- NA
      m[["k"]] <- ndarray(x, dtype)
      suppressWarnings(expect_same_elements(m[["k"]], paste(dtype, masked)))
      whole <- mmap_get(m, "k", int64 = "integer64")
      suppressWarnings(expect_same_elements(whole, paste(dtype, masked, "integer64")))
    }
  }
  for (dtype in c("M8[ns]", ">M8[us]", "M8[ms]", "M8[s]", "M8[25s]", "M8[h]", "M8[D]", "M8[M]",
                  "m8[ns]", ">m8[s]", "m8[W]")) {
    counts <- c(NA, sample(-1e5:1e5, 400L, TRUE))
    step <- if (dtype == "m8[W]") 7 * 86400 else 25 * 3600
    x <- if (grepl("m8", dtype)) as.difftime(counts * step, units = "secs") else
      if (grepl("D|M]", dtype)) as.Date(ISOdate(1970 + counts %% 300, 1, 1)) else
        .POSIXct(counts * step, "UTC")
    m[["k"]] <- ndarray(x, dtype)
    expect_same_elements(m[["k"]], dtype)
  }
})

test_that("across the order of the file, masked or not, too", {
  withr::local_seed(32)
  m <- local_store()
  for (dtype in c("bool", "i1", "u1", ">i2", "u2", "i4", ">u4", "i8", "f2", "f4", ">f8", "c16")) {
    for (dims in list(c(37L, 41L), c(5L, 6L, 7L), c(1L, 9L))) {
      x <- array(sample(0:1, prod(dims), TRUE), dims)
      if (dtype == "bool") storage.mode(x) <- "logical"
      for (masked in c(FALSE, TRUE)) {
        if (masked) x[sample(length(x), 3L)] <- NA
        m[["k"]] <- ndarray(x, dtype, order = "C")
        view <- m[["k"]]
        label <- paste(c(dtype, dims, masked), collapse = " ")
        expect_same_elements(view, label)
        view <- m[["k"]]
        i <- sample(dims[[1L]], 1L)
        row <- if (length(dims) == 2L) view[i, ] else view[i, 2L, ]
        plain <- materialize(view)
        expect_identical(row, if (length(dims) == 2L) plain[i, ] else plain[i, 2L, ], label = label)
      }
    }
  }
})

test_that("text is, and NA in it is found once a pointer to it was given away", {
  m <- local_store()
  m[["k"]] <- ndarray(rep_len(c("a", "", "\u00e4"), 100L), "U3")
  view <- m[["k"]]
  expect_identical(vapply(1:100, function(i) view[[i]], ""), materialize(view))
  expect_false(anyNA(view))
  expect_error(view[[101L]], "out of bounds")
  m[["k"]] <- ndarray(c("a", NA, "b"), "U3")
  expect_true(anyNA(m[["k"]]))
  expect_identical(is.na(m[["k"]]), c(FALSE, TRUE, FALSE))
})

test_that("logicals and integers become doubles as those of ordinary vectors do", {
  withr::local_seed(33)
  m <- local_store()
  for (dtype in c("bool", "i1", ">u2", "i4")) {
    for (dims in list(0L, 1L, 3000L, c(67L, 41L), c(701L, 30L))) {
      x <- sample(c(0:1, if (dtype %in% c("bool", "i4")) NA), prod(dims), TRUE)
      storage.mode(x) <- if (dtype == "bool") "logical" else "integer"
      if (length(dims) > 1L) dim(x) <- dims
      m[["k"]] <- ndarray(x, dtype)
      for (f in list(as.double, sqrt, function(x) x + 1, function(x) x * 2, function(x) {
        storage.mode(x) <- "double"
        x
      })) {
        expect_identical(f(m[["k"]]), f(x), label = paste(c(dtype, dims), collapse = " "))
      }
    }
  }
})
