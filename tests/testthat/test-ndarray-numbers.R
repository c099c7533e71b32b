# ndarray(): the numbers that each dtype holds, and their limits.

integer_kinds <- expand.grid(bits = c(8, 16, 32, 64), signed = c(TRUE, FALSE))
integer_kinds$dtype <- paste0(
  ifelse(integer_kinds$signed, "int", "uint"), integer_kinds$bits
)
# Least and most as doubles, and the nearest doubles outside.
integer_kinds$least <- with(integer_kinds, ifelse(signed, -2^(bits - 1), 0))
integer_kinds$end <- with(integer_kinds, 2^(bits - signed))
# -2^31 and -2^63 are R's NA in the types that hold them: they do not come back.
lowest <- function(k) {
  if (k$dtype == "int32") k$least + 1 else if (k$dtype == "int64") k$least + 1024 else k$least
}
highest <- function(k) if (k$bits == 64) k$end - 2^(53 - 42) else k$end - 1

test_that("integers hold their range, exactly, in either byte order", {
  require_python()
  m <- local_store()
  for (at in seq_len(nrow(integer_kinds))) {
    k <- integer_kinds[at, ]
    x <- matrix(c(lowest(k), 0, 1, 100, 127, highest(k)), 2)
    big <- sub("u?int", if (k$signed) ">i" else ">u", k$dtype)
    big <- sub("[0-9]+", k$bits / 8, big)
    m[[k$dtype]] <- ndarray(x, k$dtype)
    m[[paste0(k$dtype, " F")]] <- ndarray(x, k$dtype, "F")
    m[[paste0(k$dtype, " big")]] <- ndarray(x, big)
    expect_unchanged_file(m, {
      for (bad in list(k$end, k$least - max(1, 2^(k$bits - 53)), 0.5, Inf, -Inf, NaN)) {
        expect_error(
          m[["bad"]] <- ndarray(c(1, bad, 1, bad), k$dtype),
          "Element 2", class = "mmappickle_error_value"
        )
      }
    })
    expect_equal(as.vector(suppressWarnings(m[[k$dtype]])), as.vector(x), tolerance = 0)
  }
  seen <- seen_by_python(m)
  for (key in names(seen)) {
    k <- integer_kinds[integer_kinds$dtype == sub(" .*", "", key), ]
    expect_identical(seen[[key]]$shape, c(2, 3))
    expect_identical(
      as.numeric(seen[[key]]$value), c(lowest(k), 0, 1, 100, 127, highest(k)), label = key
    )
  }
})

test_that("64-bit integers are exact from integer64 and from doubles", {
  skip_if_not_installed("bit64")
  require_python()
  m <- local_store(int64 = "integer64")
  text <- c("9223372036854775807", "-9223372036854775807", "9007199254740993", NA)
  m[["i"]] <- ndarray(bit64::as.integer64(text), "int64")
  m[["u"]] <- ndarray(bit64::as.integer64(text[c(1, 3, 4)]), "uint64")
  m[["top"]] <- ndarray(c(2^64 - 2048, 2^63), "uint64")
  m[["natural"]] <- ndarray(bit64::as.integer64(text[1:3]))
  out <- run_python(paste(collapse = "\n", c(
    "import pickle, sys",
    "with open(sys.argv[1], 'rb') as f: d = pickle.load(f)",
    "for k in d: print(d[k].dtype, d[k].tolist())"
  )), path_of(m))
  expect_identical(out, c(
    "int64 [9223372036854775807, -9223372036854775807, 9007199254740993, None]",
    "uint64 [9223372036854775807, 9007199254740993, None]",
    "uint64 [18446744073709549568, 9223372036854775808]",
    "int64 [9223372036854775807, -9223372036854775807, 9007199254740993]"
  ))
  expect_identical(as.character(m[["i"]]), text)
  odd <- bit64::as.integer64("9007199254740993")
  expect_kind(m[["bad"]] <- ndarray(odd, "float64"), "value")
  expect_kind(m[["bad"]] <- ndarray(bit64::as.integer64(-1), "uint64"), "value")
})

test_that("bool, from whatever is 0 or 1", {
  require_python()
  m <- local_store()
  inputs <- list(c(TRUE, FALSE, NA), c(1L, 0L, NA), c(1, 0, NA), as.raw(1:0))
  for (at in seq_along(inputs)) m[[letters[at]]] <- ndarray(inputs[[at]], "bool")
  for (bad in list(2, -1, 0.5, 2L, as.raw(2), "TRUE", 1i)) {
    expect_kind(m[["bad"]] <- ndarray(bad, "bool"), "value")
  }
  seen <- seen_by_python(m)
  for (at in seq_along(inputs)) {
    expect_identical(m[[letters[at]]][], as.logical(inputs[[at]]))
    expect_identical(seen[[at]]$dtype, "|b1")
    if (at < 4) expect_identical(seen[[at]]$mask, c(FALSE, FALSE, TRUE))
  }
})

test_that("floats and complex numbers of every size, in either byte order", {
  require_python()
  x <- c(0, -0, 1, -1.5, 2^-14, 65504, Inf, -Inf, NaN, NA, 0.1, 1 / 3, 1e-8)
  sizes <- c(float16 = 2, float32 = 4, float64 = 8, float128 = 16)
  limits <- c(float16 = 65520, float32 = (2 - 2^-24) * 2^127)
  m <- local_store()
  for (dtype in names(sizes)) {
    m[[dtype]] <- ndarray(x, dtype)
    m[[paste0(">", dtype)]] <- ndarray(x, paste0(">f", sizes[[dtype]]))
    m[[paste("int", dtype)]] <- ndarray(c(1:3, NA), dtype)
    if (dtype %in% names(limits)) {
      end <- limits[[dtype]]
      expect_error(m[["bad"]] <- ndarray(c(1, end), dtype), "Element 2")
      expect_kind(m[["bad"]] <- ndarray(-end, dtype), "value")
    }
    z <- complex(real = x, imaginary = rev(x))
    wide <- paste0("complex", 16 * sizes[[dtype]])
    if (dtype != "float16") {
      m[[wide]] <- ndarray(z, wide)
      m[[paste0(">", wide)]] <- ndarray(z, paste0(">c", 2 * sizes[[dtype]]))
    }
    expect_kind(m[["bad"]] <- ndarray(1i, dtype), "value")
    expect_kind(m[["bad"]] <- ndarray("1", dtype), "value")
  }
  precision <- c(`2` = 2^-11, `4` = 2^-24, `8` = 0, `16` = 0)
  close_to <- function(a, b, size) {
    same <- (is.na(a) & is.na(b)) | a == b |
      abs(a - b) <= precision[[as.character(size)]] * abs(b) + if (size == 2) 2^-25 else 0
    all(same) && identical(1 / a[b == 0 & !is.na(b)], 1 / b[b == 0 & !is.na(b)])
  }
  seen <- seen_by_python(m)
  for (key in names(seen)) {
    got <- seen[[key]]$value
    size <- split_dtype(seen[[key]]$dtype)$size
    here <- as.vector(m[[key]])
    if (startsWith(key, "int")) {
      expect_identical(na_for_nan(got), c(1, 2, 3, NA), label = key)
      expect_identical(is.na(here), c(FALSE, FALSE, FALSE, TRUE))
    } else if (is.complex(got)) {
      for (part in list(Re, Im)) {
        expect_true(close_to(part(got), part(z), size / 2), label = key)
        expect_true(close_to(part(here), part(z), size / 2), label = key)
      }
    } else {
      expect_true(close_to(got, x, size), label = key)
      expect_true(close_to(here, x, size), label = key)
      if (size >= 8) {
        expect_identical(is.nan(here), is.nan(x))  # NA apart from NaN
      }
    }
  }
})

test_that("slices of every dtype are written by the same rules", {
  m <- local_store()
  write <- function(dtype, initial, value, wanted = value) {
    m[["k"]] <- ndarray(initial, dtype)
    m["k", 2] <- value
    expect_identical(materialize(m["k", 2]), wanted, label = dtype)
    expect_identical(materialize(m["k", 1]), materialize(m[["k"]][1]), label = dtype)
  }
  for (dtype in integer_kinds$dtype) {
    wanted <- if (dtype %in% c("int64", "uint64", "uint32")) 7 else 7L
    write(dtype, c(1, 2, 3), 7, wanted)
    write(dtype, c(1, NA, 3), 7L, wanted)
    write(dtype, c(1, NA, 3), NA, wanted[NA])
    expect_kind(m["k", 2] <- 0.5, "value")
    expect_kind(m["k", 2] <- NaN, "value")
    m[["k"]] <- ndarray(1:3, dtype)
    expect_kind(m["k", 2] <- NA, "value")
  }
  for (dtype in c("float16", ">f4", "float64", "float128")) write(dtype, 1:3, 0.5)
  for (dtype in c("complex64", ">c16", "complex256")) write(dtype, 1:3, 1 - 2i)
  write("bool", c(TRUE, NA), FALSE)
  write("U3", c("a", "b"), "\u00e9\u00e8z")
  write("S4", c("a", NA), "\u00e9\u00e8")
  write(">U3", c("a", NA, "c"), NA, NA_character_)
  write("datetime64[D]", as.Date("2024-01-01") + 0:2, as.Date("1999-12-31"))
  write("datetime64[M]", as.Date("2024-01-01") + c(0, NA), as.Date("1999-12-01"))
  write(">M8[ms]", .POSIXct(1:3, "UTC"), .POSIXct(5.25, "UTC"))
  write("datetime64[s]", .POSIXct(1:3, "UTC"), as.Date("1970-01-02"), .POSIXct(86400, "UTC"))
  write("datetime64[s]", .POSIXct(1:3, "UTC"), as.POSIXlt("1970-01-02", tz = "UTC"),
        .POSIXct(86400, "UTC"))
  write("timedelta64[h]", as.difftime(1:3, units = "hours"), as.difftime(120, units = "mins"),
        as.difftime(2, units = "hours"))
  write("timedelta64[h]", as.difftime(1:3, units = "hours"), NA,
        as.difftime(NA_real_, units = "hours"))
  expect_kind(m["k", 1] <- as.difftime(90, units = "mins"), "value")
  expect_kind(m["k", 1] <- 1, "value")
})
