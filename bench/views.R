# Views beside the plain vector of the same values; arrays across the order that they lie in.

work_on_views <- list(
  sum = sum, mean = mean, min = min, max = max, range = range, anyNA = anyNA,
  is.na = is.na, "x > 0" = function(x) x > 0, "x + 1" = function(x) x + 1,
  "x[idx]" = function(x) x[sparse], "x[1:k]" = function(x) x[1:(length(x) %/% 2)],
  head = function(x) for (i in 1:100) head(x), "x[5]" = function(x) for (i in 1:1000) x[5],
  "sum(na.rm = TRUE)" = function(x) sum(x, na.rm = TRUE),
  "mean(na.rm = TRUE)" = function(x) mean(x, na.rm = TRUE),
  "min(na.rm = TRUE)" = function(x) min(x, na.rm = TRUE),
  "max(na.rm = TRUE)" = function(x) max(x, na.rm = TRUE)
)
sparse <- NULL

# Each work on a view and on its copy in memory; the view must stay one.
beside_plain <- function(row, m, key, works, targets, label = key) {
  plain <- materialize(m[[key]])
  sparse <<- sample(length(plain), length(plain) %/% 100)
  for (work in works) {
    f <- work_on_views[[work]]
    if (work %in% c("x + 1", "sum", "mean") && is.character(plain)) next
    view <- m[[key]]
    target <- targets[[if (work %in% names(targets)) work else "other"]]
    one_by_one <- is.integer(plain) && work %in% c("mean", "range", "is.na")
    run <- seq_along(plain) # as R has it: two numbers, and methods for the rest
    in_turns(row, paste0(work, " of ", label), list(
      ours = function() f(view), "plain vector" = function() f(plain),
      "R's own 1:n" = if (one_by_one) function() f(run)
    ), c("plain vector" = target), times = 7)
  }
}

bench_views <- function() {
  m <- new_file("views.mmdpickle")
  n <- 1e7
  m[["float64"]] <- runif(n)
  without_na <- grep("na.rm", names(work_on_views), value = TRUE)
  all <- setdiff(names(work_on_views), without_na)
  beside_plain(5, m, "float64", all, list(
    other = 1.05, is.na = 1.2, "x[idx]" = 1.2, "x[1:k]" = 1.2, head = 1.2, "x[5]" = 1.2
  ))
  targets <- list(other = 2, sum = 1.3, mean = 1.3, min = 1.3, max = 1.3, range = 1.3, anyNA = 1.3)
  targets[without_na] <- 1.3
  converted <- list(
    float32 = runif(n), int16 = rep_len(-30000:30000, n), uint8 = rep_len(0:255, n),
    bool = rep_len(c(TRUE, FALSE, TRUE), n), int64 = as.numeric(rep_len(1:1e6, n)),
    float16 = runif(n)
  )
  for (dtype in names(converted)) {
    m[["x"]] <- ndarray(converted[[dtype]], dtype = dtype)
    beside_plain(6, m, "x", all, targets, dtype)
  }
  m[["x"]] <- replace(rep_len(1:1e6, n), 7, NA)
  # With the NA, these are over at the first element that is one.
  works <- c(without_na, setdiff(all, c("sum", "mean", "min", "max", "anyNA")))
  beside_plain(6, m, "x", works, targets, "masked int32")
  m[["x"]] <- as.POSIXct("2024-01-01", tz = "UTC") + seq_len(n)
  works <- c("min", "max", "anyNA", "is.na", "x[idx]", "x[1:k]")
  beside_plain(6, m, "x", works, targets, "datetime64")
  m[["x"]] <- ndarray(rep_len(c("alpha", "beta", "gamma"), 1e6), dtype = "U8")
  beside_plain(6, m, "x", c("anyNA", "is.na", "x[idx]", "x[1:k]"), targets, "text (10^6)")
  for (dtype in c("float32", "int64", "float16")) {
    m[["x"]] <- ndarray(converted[[dtype]], dtype = dtype)
    view <- m[["x"]]
    to <- numeric(n)
    in_turns(6, paste("materialize() of", dtype), list(
      ours = function() materialize(m[["x"]]),
      "memcpy to new memory" = function() bare_copy(converted$float16, numeric(n))
    ), c("memcpy to new memory" = if (dtype == "float16") 3 else 1.5))
  }
}

bench_first_touch <- function() {
  path <- scratch("touch.mmdpickle")
  plain <- scratch("touch.bin")
  on.exit(unlink(c(path, plain)))
  x <- runif(2e7)
  writeBin(x, plain)
  m <- mmapdict(path)
  m[["x"]] <- x
  rm(x)
  in_turns(5, "sum() of 160 MB, touched first", list(
    ours = function() sum(m[["x"]]),
    "R's own map of a file" = function() {
      sum(.Internal(mmap_file(plain, "double", TRUE, FALSE, FALSE)))
    },
    "numpy.memmap, which sums in doubles" =
      py(sprintf("np.memmap('%s', dtype='f8', mode='r').sum()", plain))
  ), c("R's own map of a file" = 1.2))
  close(m)
}

bench_matrix <- function() {
  m <- new_file("matrix.mmdpickle")
  n <- 4000
  plain <- matrix(runif(n * n), n)
  m[["x"]] <- plain
  py_memmap("x", m, scratch("matrix.mmdpickle"), "x", "r")
  stopifnot(entries(m)$order == "C")
  works <- list(
    sum = sum, max = max, mean = mean, anyNA = anyNA, colSums = colSums, rowSums = rowSums,
    "x[, j]" = function(x) for (j in 1:20) x[, j * 7],
    "x[i, ]" = function(x) for (i in 1:20) x[i * 7, ],
    "x[1:1000, 1:1000]" = function(x) x[1:1000, 1:1000]
  )
  in_python <- list(
    "x[, j]" = "for j in range(20): np.array(x[:, j * 7])",
    "x[i, ]" = "for i in range(20): np.array(x[i * 7, :])",
    "x[1:1000, 1:1000]" = "np.asfortranarray(x[:1000, :1000])"
  )
  targets <- list(sum = 1.3, max = 1.3, mean = 1.3, anyNA = 1.3)
  for (work in names(works)) {
    f <- works[[work]]
    of_numpy <- if (work %in% names(in_python)) py(in_python[[work]])
    targets_here <- c(
      "plain matrix" = if (work %in% names(targets)) targets[[work]] else NA, "NumPy" = 4
    )
    view <- m[["x"]]
    in_turns(7, paste(work, "of 4,000 x 4,000 in C order"), list(
      ours = function() f(view), "plain matrix" = function() f(plain), "NumPy" = of_numpy
    ), targets_here, times = 7)
  }
  for (dtype in c("float64", "float32", "uint8")) {
    m[["x"]] <- ndarray(array(seq_len(255), c(n, n)), dtype = dtype)
    py_memmap("x", m, scratch("matrix.mmdpickle"), "x", "r")
    type <- if (dtype == "uint8") "i4" else "f8"
    in_turns(8, paste("materialize() of C order,", dtype), list(
      ours = function() materialize(m[["x"]]),
      "NumPy's asfortranarray" = py(sprintf("np.asfortranarray(x, dtype='%s')", type))
    ), c("NumPy's asfortranarray" = 2), times = 7)
  }
}
