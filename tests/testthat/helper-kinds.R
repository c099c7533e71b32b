# A value for every way in which a view gets its elements: what test-workers.R,
# test-live-views.R and test-memory.R look at.

# More than the 64 elements from which on R wraps vectors, and, if `n` is large, than the 4096
# strings that are converted at a time.
kinds_of_views <- function(n = 120L) {
  at <- seq_len(n)
  small <- (at * 37L) %% 251L - 120L
  real <- small / 8
  list(
    double = as.double(at) + 0.5, integer = at, complex = complex(real = at, imaginary = -real),
    raw = as.raw(at %% 256L), bytes = ndarray(as.raw(at %% 256L), "uint8"),
    `big endian` = ndarray(real, ">f8"), float32 = ndarray(real, "float32"),
    float16 = ndarray(real, "float16"), int16 = ndarray(small, "int16"),
    int8 = ndarray(small %/% 2L, "int8"), uint32 = ndarray(as.double(at), "uint32"),
    int64 = ndarray(as.double(small), "int64"), bool = ndarray(at %% 3L == 0L, "bool"),
    complex64 = ndarray(complex(real = real, imaginary = real), "complex64"),
    strided = matrix(as.double(at), 10L), `strided int` = matrix(at, 10L),
    `column-major` = ndarray(matrix(as.double(at), 10L), order = "F"),
    `strided float32` = ndarray(array(real, c(5L, 2L, n %/% 10L)), "float32"),
    masked = replace(at, c(1L, 7L, n), NA), `masked int16` =
      ndarray(replace(small, c(2L, n), NA), "int16"),
    `masked matrix` = matrix(replace(at, 5L, NA), 10L),
    strings = ndarray(sprintf("s%d \u00e9", at), "U12"), bytestrings =
      ndarray(sprintf("s%d", at), "S12"),
    `masked strings` = ndarray(replace(sprintf("s%d", at), 3L, NA), "U8"),
    dates = as.Date("2020-01-01") + at, times = as.POSIXct("2020-01-01", tz = "UTC") + at * 1e5,
    spans = as.difftime(as.double(at), units = "mins"), factor = factor(letters[at %% 26L + 1L])
  )
}

fill_kinds <- function(m, n = 120L) {
  values <- kinds_of_views(n)
  m[names(values)] <- values
  invisible(values)
}
