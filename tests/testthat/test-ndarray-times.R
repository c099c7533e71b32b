# ndarray(): dates, times and differences.

test_that("times of every unit", {
  require_python()
  m <- local_store()
  seconds <- c(W = 604800, D = 86400, h = 3600, m = 60, s = 1, ms = 1e-3, us = 1e-6, ns = 1e-9,
               ps = 1e-12, fs = 1e-15, as = 1e-18)
  # Rounded once: n * 1e-9 would be rounded twice.
  in_seconds <- function(n, unit) {
    s <- seconds[[unit]]
    if (s >= 1) n * s else n / as.numeric(sprintf("%.0e", 1 / s))
  }
  for (unit in names(seconds)) {
    for (big in c(FALSE, TRUE)) {
      n <- c(0, 1, -3, 7, NA)
      name <- function(kind, code) {
        if (big) paste0(">", code, "8[", unit, "]") else paste0(kind, "64[", unit, "]")
      }
      t <- .POSIXct(in_seconds(n, unit), "Europe/Paris")
      d <- as.difftime(in_seconds(n, unit), units = "secs")
      if (unit != "s" && seconds[[unit]] > 1) units(d) <- "mins"
      key <- paste(unit, big)
      m[[paste("t", key)]] <- ndarray(t, name("datetime", "M"))
      m[[paste("d", key)]] <- ndarray(d, name("timedelta", "m"))
      if (seconds[[unit]] > 1e-3) {
        expect_kind(
          m[["bad"]] <- ndarray(t + seconds[[unit]] / 2, name("datetime", "M")), "value"
        )
      }
      for (bad in list(1, 1L, "2024-01-01", TRUE, as.difftime(1, units = "secs"))) {
        expect_kind(m[["bad"]] <- ndarray(bad, name("datetime", "M")), "value")
      }
      expect_kind(m[["bad"]] <- ndarray(Sys.Date(), name("timedelta", "m")), "value")
    }
  }
  for (key in names(m)) {
    n <- c(0, 1, -3, 7, NA)
    unit <- strsplit(key, " ")[[1L]][[2L]]
    x <- m[[key]]
    wanted <- in_seconds(n, unit)
    got <- if (inherits(x, "difftime")) as.numeric(x, units = "secs")
           else as.numeric(x) * if (inherits(x, "Date")) 86400 else 1
    expect_equal(got, wanted, tolerance = 1e-15, label = key)
    expect_identical(is.na(x), is.na(n))
  }
  out <- run_python(paste(collapse = "\n", c(
    "import pickle, sys",
    "with open(sys.argv[1], 'rb') as f: d = pickle.load(f)",
    "for k in d: print(d[k].dtype.str, d[k].astype('int64').tolist())"
  )), path_of(m))
  expect_identical(
    unique(sub("^[^ ]* ", "", out)), "[0, 1, -3, 7, -9223372036854775808]"
  )
  expect_setequal(sub("\\].*", "]", out), c(outer(
    c("<M8[", "<m8["), paste0(names(seconds), "]"), paste0
  )))
})

test_that("dates by day, month and year; multiples of a unit", {
  require_python()
  m <- local_store()
  m[["Y"]] <- ndarray(as.Date(c("1969-01-01", "2024-01-01", NA)), "datetime64[Y]")
  m[["M"]] <- ndarray(as.Date(c("1969-12-01", "2024-02-01")), "datetime64[M]")
  m[["D"]] <- ndarray(as.Date(c("0001-01-01", "9999-12-31")))
  m[["s"]] <- ndarray(as.Date("2024-02-29"), "datetime64[s]")
  m[["25s"]] <- ndarray(.POSIXct(c(50, -25), "UTC"), "datetime64[25s]")
  m[["lt"]] <- ndarray(as.POSIXlt("2024-02-29 12:00:00", tz = "UTC"), "datetime64[h]")
  m[["ns"]] <- ndarray(.POSIXct(c(1700000000.123456, NA), "UTC"))
  out <- run_python(paste(collapse = "\n", c(
    "import pickle, sys",
    "with open(sys.argv[1], 'rb') as f: d = pickle.load(f)",
    "for k in d: print(k, [str(x) for x in d[k]])"
  )), path_of(m))
  expect_identical(out[1:6], c(
    "Y ['1969', '2024', 'NaT']", "M ['1969-12', '2024-02']", "D ['0001-01-01', '9999-12-31']",
    "s ['2024-02-29T00:00:00']", "25s ['1970-01-01T00:00:50', '1969-12-31T23:59:35']",
    "lt ['2024-02-29T12']"
  ))
  expect_identical(unclass(m[["ns"]])[1], 1700000000.123456)
  for (bad in list("2024-01-02", "2024-02-01")) {
    expect_error(
      m[["bad"]] <- ndarray(as.Date(c("2024-01-01", bad)), "datetime64[Y]"), "Element 2"
    )
  }
  expect_kind(m[["bad"]] <- ndarray(.POSIXct(26, "UTC"), "datetime64[25s]"), "value")
  expect_kind(m[["bad"]] <- ndarray(as.Date("2300-01-01"), "datetime64[ns]"), "value")
  expect_kind(m[["bad"]] <- ndarray(.POSIXct(Inf, "UTC"), "datetime64[s]"), "value")
})
