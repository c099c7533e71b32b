# Vectors of the zoo (see helper-zoo.R): every type with its odd elements; factors, dates, times.

# -- vectors ----------------------------------------------------------------------------------

# By its bytes, since the constants 0 and -0 of one function may become one when R compiles it.
double_of <- function(...) readBin(as.raw(c(...)), "double", endian = "big")
minus_zero <- double_of(0x80, 0, 0, 0, 0, 0, 0, 0)
# R's own NA, and NaN of other signs and payloads, beside those that R code can write
nans <- c(
  double_of(0x7f, 0xf8, 0, 0, 0, 0, 0, 0), double_of(0xff, 0xf8, 0, 0, 0, 0, 0, 0),
  double_of(0x7f, 0xf8, 0, 0, 0, 0, 7, 0xa2), double_of(0xff, 0xf8, 0, 0, 0, 0, 7, 0xa2),
  double_of(0x7f, 0xfc, 1, 2, 3, 4, 5, 6)
)
latin1 <- function(x) iconv(x, "UTF-8", "latin1")
as_bytes <- function(...) {
  x <- rawToChar(as.raw(c(...)))
  Encoding(x) <- "bytes"
  x
}
int64 <- function(low, high) {
  bits <- writeBin(as.integer(rbind(low, high)), raw(), endian = "little")
  structure(readBin(bits, "double", length(low), endian = "little"), class = "integer64")
}

zoo_vectors <- function() {
  max <- .Machine$integer.max
  list(
    `NULL` = NULL,
    `logical 0` = logical(), `TRUE` = TRUE, `FALSE` = FALSE, `logical NA` = NA,
    `logical 2` = c(TRUE, FALSE), `logical with NA` = c(NA, TRUE, NA, FALSE),
    `logical all NA` = c(NA, NA), `logical many` = rep(c(TRUE, NA, FALSE, TRUE), 50),
    `integer 0` = integer(), `integer 1` = 7L, `integer zero` = 0L, `integer max` = max,
    `integer min` = -max, `integer NA` = NA_integer_, `integer 2` = c(2L, -1L),
    `integer compact` = 1:20, `integer compact down` = 5:-5,
    `integer with NA` = c(1L, NA, max),
    `integer all NA` = rep(NA_integer_, 3), `integer many` = sample.int(1000L),
    `double 0` = double(), `double 1` = 1.5, `double whole` = 3, `double zero` = 0,
    `double -0` = minus_zero, `double NA` = NA_real_, `double NaN` = NaN, `double Inf` = Inf,
    `double -Inf` = -Inf, `double denormal` = 5e-324, `double max` = .Machine$double.xmax,
    `double 2^53` = 2^53 + 2, `double quiet NA` = nans[[3L]], `double -NaN` = nans[[2L]],
    `double payload` = nans[[5L]], `double 2` = c(0.1, -0.1),
    `double compact` = 1e10:(1e10 + 4),
    `double odd` =
      c(minus_zero, 0, 5e-324, -2.2e-308, .Machine$double.xmax, Inf, -Inf, NA, NaN, nans),
    `double whole 3` = c(1, 2, 3), `double all NA` = c(NA_real_, NA),
    `double many` = rnorm(500),
    `complex 0` = complex(), `complex 1` = 1 - 2i, `complex NA` = NA_complex_,
    `complex -0` = complex(real = minus_zero, imaginary = minus_zero),
    `complex half NA` = complex(real = NA, imaginary = 1),
    `complex odd` =
      complex(real = c(NaN, Inf, NA, minus_zero), imaginary = c(NA, -Inf, NaN, 5e-324)),
    `complex payload` = complex(real = nans, imaginary = rev(nans)),
    `complex many` = complex(real = rnorm(50), imaginary = rnorm(50)),
    `character 0` = character(), `character 1` = "a", `character empty` = "",
    `character NA` = NA_character_, `character "NA"` = c("NA", NA),
    `character 2` = c("a", "b"),
    `character UTF-8` = "\u00e9\u4e2d\U1f600", `character latin1` = latin1("caf\u00e9"),
    `character bytes` = as_bytes(0x66, 0xff, 0x80),
    `character bytes valid` = as_bytes(0xc3, 0xa9),
    `character bytes ascii` = as_bytes(0x61, 0x62),
    `character mixed` = c("a", latin1("\u00fc"), "\u00fc", as_bytes(0xfc), NA, "", "a"),
    `character all NA` = c(NA_character_, NA),
    `character long` = strrep("0123456789abcdef", 4097),
    `character control` = "\001\t\n\r\033\177\"'\\", `character many` = rep(letters, 10),
    `character words` = c("None", "True", "nan", "mmappickle:R", "type", "list"),
    `character UTF-8 long` = c(strrep("\u00e9", 200), strrep("\U1f600", 100)),
    `raw 0` = raw(), `raw 1` = as.raw(0), `raw 2` = as.raw(c(0x80, 2)),
    `raw all` = as.raw(0:255),
    `integer64 0` = int64(integer(), integer()), `integer64 1` = int64(7L, 0L),
    `integer64 -1` = int64(-1L, -1L), `integer64 NA` = int64(0L, NA),
    `integer64 2^53+1` = int64(1L, 2097152L),
    `integer64 odd` = int64(c(0L, 0L, -1L, 1L), c(0L, NA, max, -max)),
    `integer64 all NA` = int64(c(0L, 0L), c(NA, NA))
  )
}

# -- classes of R's own -----------------------------------------------------------------------

zoo_factors <- function() {
  odd <- function(codes, levels, ...) structure(codes, levels = levels, class = "factor", ...)
  abc <- factor(c("b", "a", NA, "b"), levels = c("a", "b", "c"))
  list(
    `factor` = abc, `factor 0` = factor(character()), `factor 0 with levels` = abc[0],
    `factor 1` = factor("a"), `factor NA` = factor(NA), `factor NA of levels` = abc[3],
    `factor ordered` = factor(c("lo", "hi", "lo"), c("lo", "mid", "hi"), ordered = TRUE),
    `factor NA level` = addNA(abc), `factor NA level unused` = addNA(abc)[c(1, 2)],
    `factor with names` = setNames(abc, c("w", "x", "y", "z")), `factor unused` = abc[2],
    `factor of numbers` = factor(c(2.5, 1, 2.5)), `factor of text like None` = factor("None"),
    `factor of a latin1 level` = factor(latin1("\u00e9")),
    `factor empty level` = factor(c("", "a")),
    `factor compact codes` = odd(1:3, c("a", "b", "c")),
    `factor repeated level` = odd(c(1L, 2L, 1L), c("a", "a")),
    `factor codes out of range` = odd(c(0L, 3L, -1L, NA), c("a", "b")),
    `factor without levels` = structure(c(1L, 2L), class = "factor"),
    `factor with dim` = `dim<-`(factor(c("a", "b", "a", "b")), c(2L, 2L)),
    `factor named levels` = odd(c(2L, 1L), c(x = "a", y = "b")),
    `factor with contrasts` = `contrasts<-`(factor(c("a", "b")), value = contr.sum(2)),
    `factor subclass` = structure(2:1, levels = c("a", "b"), class = c("own", "factor"))
  )
}

zoo_dates <- function() {
  date <- function(x, ...) structure(x, class = "Date", ...)
  list(
    `Date` = as.Date("2024-02-29"), `Date 0` = date(double()), `Date 2` = date(c(0, 19000)),
    `Date integer` = date(19782L), `Date integer 2` = date(c(1L, NA)),
    `Date NA` = date(NA_real_),
    `Date NaN` = date(NaN), `Date Inf` = date(Inf), `Date with Inf` = date(c(1, -Inf, NA)),
    `Date integer NA` = date(NA_integer_), `Date integer 0` = date(integer()),
    `Date fraction` = date(19782.75), `Date fractions` = date(c(-0.5, 0.25, 1)),
    `Date year 10000` = as.Date("9999-12-31") + 1, `Date year -5` = date(-721000),
    `Date far` = date(c(1e7, -1e7, 1e15)), `Date beyond` = date(c(1e300, 0)),
    `Date odd` = date(c(NA, NaN, nans, minus_zero, 0)), `Date -0` = date(minus_zero),
    `Date named` = setNames(date(c(1, 2)), c("a", "b")),
    `Date named 1` = setNames(date(1), "a"),
    `Date compact` = date(1:10), `Date subclass` = structure(1, class = c("own", "Date")),
    `Date attribute` = date(1, source = "here"),
    `Date matrix` = `dim<-`(date(1:4 + 0), c(2L, 2L)),
    `Date logical` = date(NA), `Date text` = date("a"), `Date list` = date(list(1, 2)),
    `Date of years` = date(seq(-719162, 2932896, length.out = 40) %/% 1)
  )
}

time_of <- function(x, ...) structure(x, class = c("POSIXct", "POSIXt"), ...)

zoo_times <- function() {
  time <- time_of
  now <- 1708900000.25
  list(
    `POSIXct no tz` = time(now), `POSIXct empty tz` = time(now, tzone = ""),
    `POSIXct UTC` = time(now, tzone = "UTC"),
    `POSIXct zone` = time(now, tzone = "Europe/Paris"),
    `POSIXct summer` = time(1720000000, tzone = "America/New_York"),
    `POSIXct half hours` = time(now, tzone = "Asia/Kolkata"),
    `POSIXct local mean time` = time(-3e9, tzone = "Europe/Amsterdam"),
    `POSIXct clock back` = time(c(1698539400, 1698543000), tzone = "Europe/Paris"),
    `POSIXct in clock back` = time(1698543000, tzone = "Europe/Paris"),
    `POSIXct unknown zone` = time(now, tzone = "Mars/Base"),
    `POSIXct zone of a number` = time(now, tzone = 5),
    `POSIXct zones of no text` = time(c(now, NA), tzone = list(1L, NULL)),
    `POSIXct zone missing` = time(now, tzone = NA_character_),
    `POSIXct three zones` = time(now, tzone = c("", "CET", "CEST")),
    `POSIXct GMT` = time(0, tzone = "GMT"), `POSIXct fixed` = time(now, tzone = "Etc/GMT-2"),
    `POSIXct 0` = time(double(), tzone = "UTC"), `POSIXct integer` = time(1708900000L),
    `POSIXct integers` = time(c(0L, NA, 1708900000L), tzone = "UTC"),
    `POSIXct sub-microsecond` = time(1708900000.1234567, tzone = "UTC"),
    `POSIXct nanoseconds` = time(c(0.123456789, 1e-9, 1 / 3), tzone = "UTC"),
    `POSIXct sub-nanosecond` = time(c(1e-10, 1e-300, -1e-10), tzone = "UTC"),
    `POSIXct NA` = time(NA_real_), `POSIXct NaN` = time(NaN, tzone = "UTC"),
    `POSIXct Inf` = time(Inf, tzone = "UTC"), `POSIXct with Inf` = time(c(0, -Inf)),
    `POSIXct odd` = time(c(NA, NaN, nans, minus_zero, 0)),
    `POSIXct before` = time(c(-0.5, -1e9, -1e-3)),
    `POSIXct year 10000` = time(253402300800, tzone = "UTC"),
    `POSIXct year 10000 and now` = time(c(253402300800, 0)),
    `POSIXct year -5` = time(-6.23e10, tzone = "UTC"),
    `POSIXct named` = setNames(time(c(1, 2)), c("a", "b")),
    `POSIXct named 1` = setNames(time(1), "a"),
    `POSIXct attribute` = time(1, note = "x"),
    `POSIXct many` = time(1.7e9 + rnorm(50), tzone = "UTC"),
    `POSIXct old class` = structure(1, class = c("POSIXt", "POSIXct")),
    `POSIXct alone` = structure(c(1, 2), class = "POSIXct"),
    `POSIXlt UTC` = as.POSIXlt(time(now, tzone = "UTC")),
    `POSIXlt zone` = as.POSIXlt(time(c(now, NA), tzone = "Europe/Paris")),
    `POSIXlt 0` = as.POSIXlt(time(double(), tzone = "UTC")),
    `difftime weeks` = as.difftime(2, units = "weeks"),
    `difftime days` = as.difftime(1.5, units = "days"),
    `difftime hours` = as.difftime(c(1, NA), units = "hours"),
    `difftime mins` = as.difftime(c(1, 1 / 3), units = "mins"),
    `difftime secs` = as.difftime(0.1, units = "secs"),
    `difftime 0` = as.difftime(double(), units = "mins"),
    `difftime NA` = as.difftime(NA_real_, units = "days"),
    `difftime Inf` = as.difftime(c(1, Inf), units = "secs"),
    `difftime odd` =
      structure(c(NaN, nans, minus_zero, 5e-324), class = "difftime", units = "hours"),
    `difftime integer` = structure(5L, class = "difftime", units = "days"),
    `difftime integers` = structure(c(5L, NA), class = "difftime", units = "weeks"),
    `difftime named` = structure(c(a = 1), class = "difftime", units = "secs"),
    `difftime without units` = structure(1, class = "difftime"),
    `difftime other units` = structure(c(1, 2), class = "difftime", units = "years"),
    `difftime far` = as.difftime(c(1e6, 1), units = "weeks"),
    `difftime matrix` =
      structure(1:4 + 0.5, class = "difftime", units = "mins", dim = c(2L, 2L))
  )
}
