# What pickle.load has to give for an R value, by the table "R to Python": an implementation
# in R of that table alone, in the form in which tests/testthat/python describes values.

# -- descriptions ---------------------------------------------------------------------------

py_none <- list(t = "None")
py_bool <- function(v) list(t = "bool", v = v)
py_int <- function(v) list(t = "int", v = as.character(v))
py_float <- function(x) list(t = "float", x = x)
py_complex <- function(x) list(t = "complex", re = py_float(Re(x)), im = py_float(Im(x)))
py_str <- function(v) list(t = "str", v = enc2utf8(v))
py_bytes <- function(x) list(t = "bytes", hex = raw_hex(x))
py_list <- function(...) list(t = "list", items = list(...))
py_dict <- function(...) {
  values <- list(...)
  list(t = "dict", items = lapply(seq_along(values), function(i) {
    list(py_str(names(values)[[i]]), values[[i]])
  }))
}
# `data`: elements in C order, as bytes.
py_array <- function(dtype, shape, data, fortran = FALSE) {
  list(t = "ndarray", dtype = dtype, shape = as.list(as.integer(shape)), fortran = fortran,
       hex = raw_hex(data))
}
# `data`: likewise, or NULL where it does not matter; what is masked never does.
py_masked <- function(dtype, shape, mask, data = NULL) {
  list(t = "masked", data = list(dtype = dtype, shape = as.list(as.integer(shape))),
       mask = mask, bytes = data)
}
py_objects <- function(shape, ...) {
  list(t = "ndarray", dtype = "|O", shape = as.list(as.integer(shape)), fortran = FALSE,
       items = list(...))
}
f8 <- function(x) writeBin(as.double(x), raw(), endian = "little")
i4 <- function(x) writeBin(as.integer(x), raw(), endian = "little")
i2 <- function(x) writeBin(as.integer(x), raw(), size = 2, endian = "little")
c16 <- function(x) f8(rbind(Re(x), Im(x)))

# -- comparison -----------------------------------------------------------------------------

agrees <- function(d, wanted) is.null(python_difference(d, wanted))

# NULL, or where the two differ and how. Floats go by their bits.
python_difference <- function(d, wanted, where = "") {
  short <- function(x) {
    text <- if (is.list(x)) jsonlite::toJSON(x, auto_unbox = TRUE, digits = NA) else deparse(x)
    substr(paste(text, collapse = " "), 1L, 120L)
  }
  differs <- function() paste0(where, " is ", short(d), ", not ", short(wanted))
  if (!is.list(wanted)) {
    return(if (!identical(d, wanted)) differs())
  }
  if (identical(wanted$t, "any")) {
    return(NULL)
  }
  if (identical(wanted$t, "float")) {
    same <- identical(d$t, "float") &&
      identical(double_bits(float_value(d)), double_bits(wanted$x))
    return(if (!same) differs())
  }
  if (identical(wanted$t, "masked")) {
    return(if (!same_masked(d, wanted)) differs())
  }
  if (length(d) != length(wanted) || !setequal(names(d), names(wanted))) {
    return(differs())
  }
  for (i in seq_along(wanted)) {
    at <- if (is.null(names(wanted))) i else names(wanted)[[i]]
    found <- python_difference(d[[at]], wanted[[i]], paste0(where, "/", at))
    if (!is.null(found)) {
      return(found)
    }
  }
  NULL
}

same_masked <- function(d, wanted) {
  if (!identical(d$t, "masked") || !identical(d$data$dtype, wanted$data$dtype) ||
        !identical(d$data$shape, wanted$data$shape) ||
        !identical(hex_raw(d$mask$hex) != 0, wanted$mask)) {
    return(FALSE)
  }
  if (is.null(wanted$bytes) || !length(wanted$mask)) {
    return(TRUE)
  }
  shown <- function(bytes) matrix(bytes, ncol = length(wanted$mask))[, !wanted$mask]
  identical(shown(hex_raw(d$data$hex)), shown(wanted$bytes))
}

# -- the table ------------------------------------------------------------------------------

# `column`: of a data frame, never a scalar.
python_view <- function(x, column = FALSE) {
  is_time <- is.numeric(unclass(x)) && inherits(x, c("Date", "POSIXct", "difftime"))
  texts <- function() list(t = "list", items = lapply(seq_along(x), function(i) view_text(x[i])))
  if (is.null(x)) py_none
  else if (inherits(x, "python_object")) list(t = "any")
  else if (is.list(x)) view_list(x)
  else if (is_whole_factor(x)) view_factor(x)
  else if (is_time) view_time(x, column)
  else if (is_lone(x) && !column) view_scalar(x)
  else if (is.character(x) && is.null(dim(x))) texts()
  else if (is.raw(x) && is.null(dim(x)) && !column) py_bytes(as.vector(x))
  else view_array(x)
}

# One element, and no attribute but those that the Python value says itself.
is_lone <- function(x, own = if (is_int64(x)) "class") {
  length(x) == 1L && !is.raw(x) && !length(setdiff(names(attributes(x)), own))
}
is_int64 <- function(x) is.double(x) && inherits(x, "integer64")

view_scalar <- function(x) {
  if (is_int64(x)) {
    return(if (int64_na(x)) py_none else py_int(int64_text(x)))
  }
  x <- as.vector(x)
  switch(typeof(x),
    logical = if (is.na(x)) py_none else py_bool(x),
    integer = if (is.na(x)) py_none else py_int(x),
    double = py_float(x), complex = py_complex(x), character = view_text(x)
  )
}

# Strings in UTF-8; each byte of others beyond ASCII as Python's surrogateescape has it.
view_text <- function(x) {
  if (is.na(x)) {
    return(py_none)
  }
  if (Encoding(x) != "bytes") {
    return(py_str(enc2utf8(as.vector(x))))
  }
  bytes <- charToRaw(x)
  Encoding(x) <- "UTF-8"
  if (validUTF8(x)) {
    return(list(t = "str", v = as.vector(x)))
  }
  escaped <- lapply(as.integer(bytes), function(b) {
    if (b < 128L) b else c(0xed, 0xb0 + b %/% 64L, 0x80 + b %% 64L)
  })
  list(t = "str", utf8_surrogatepass_hex = raw_hex(as.raw(unlist(escaped))))
}

# Every code has a level.
is_whole_factor <- function(x) {
  is.factor(x) && is.character(levels(x)) &&
    all(unclass(x) %in% c(NA, seq_along(levels(x))))
}

view_factor <- function(x) {
  labels <- as.vector(levels(x))[as.integer(x)]
  list(t = "list", items = lapply(seq_along(labels), function(i) view_text(labels[i])))
}

view_list <- function(x) {
  frame <- inherits(x, "data.frame")
  x <- unclass(x) # the methods of POSIXlt look at other things
  names <- names(x)
  if (!is.null(dim <- attr(x, "dim"))) x <- in_c_order(x)
  items <- unname(lapply(seq_along(x), function(i) python_view(.subset2(x, i), frame)))
  if (!is.null(dim)) {
    return(do.call(py_objects, c(list(dim), items)))
  }
  keys <- lapply(seq_along(names), function(i) view_text(names[i]))
  distinct <- !is.null(names) && !anyNA(names) && all(names != "") && !anyDuplicated(keys) &&
    !any(Encoding(names) == "bytes")
  pairs <- function() Map(function(key, item) list(key, item), keys, items, USE.NAMES = FALSE)
  if (distinct) {
    list(t = "dict", items = pairs())
  } else if (frame && !is.null(names)) {
    list(t = "list", items = lapply(pairs(), function(pair) list(t = "list", items = pair)))
  } else {
    list(t = "list", items = items)
  }
}

# The elements as NumPy has them in C order.
in_c_order <- function(x) {
  dim <- attr(x, "dim")
  order <- if (is.null(dim)) seq_along(x) else as.vector(aperm(array(seq_along(x), dim)))
  attributes(x) <- NULL
  x[order]
}

view_array <- function(x) {
  shape <- attr(x, "dim") %||% length(x)
  wide <- is_int64(x)
  x <- in_c_order(x)
  if (wide) {
    return(view_maskable("<i8", shape, double_bits(x), int64_na(x)))
  }
  switch(typeof(x),
    logical = view_maskable("|b1", shape, as.raw(ifelse(is.na(x), 0L, x)), is.na(x)),
    integer = view_maskable("<i4", shape, i4(x), is.na(x)),
    double = py_array("<f8", shape, f8(x)),
    complex = py_array("<c16", shape, c16(x)),
    raw = py_array("|u1", shape, x),
    character = do.call(py_objects, c(list(shape), lapply(x, view_text)))
  )
}

view_maskable <- function(dtype, shape, bytes, na) {
  if (any(na)) py_masked(dtype, shape, na, bytes) else py_array(dtype, shape, bytes)
}

# -- 64 bits ----------------------------------------------------------------------------------

int64_na <- function(x) {
  bits <- matrix(as.integer(double_bits(x)), 8L)
  colSums(bits[1:7, , drop = FALSE]) == 0 & bits[8L, ] == 128L
}

# In decimal, by long division of the magnitude.
int64_text <- function(x) {
  bytes <- rev(as.integer(double_bits(x)))
  negative <- bytes[[1L]] >= 128L
  if (negative) {
    bytes <- 255L - bytes
    for (i in 8:1) if ((bytes[[i]] <- bytes[[i]] + 1L) < 256L) break else bytes[[i]] <- 0L
  }
  digits <- ""
  repeat {
    rest <- 0L
    for (i in 1:8) {
      value <- rest * 256L + bytes[[i]]
      bytes[[i]] <- value %/% 10L
      rest <- value %% 10L
    }
    digits <- paste0(rest, digits)
    if (all(bytes == 0L)) break
  }
  paste0(if (negative) "-", digits)
}

# Two's complement of high * unit + low, little-endian; NA: NaT.
int64_bytes <- function(high, low, unit) {
  na <- is.na(high)
  high[na] <- low[na] <- 0
  out <- matrix(0, 8L, length(high))
  for (i in seq_len(8L)) {
    value <- high %% 256 * unit + low
    out[i, ] <- value %% 256
    low <- value %/% 256
    high <- high %/% 256
  }
  out[, na] <- c(0, 0, 0, 0, 0, 0, 0, 128)
  as.raw(out)
}

# -- dates and times --------------------------------------------------------------------------

# Whole units and the parts of one, rounded to the nearest; NA stays NA.
parts_of <- function(seconds, per_second) {
  whole <- floor(seconds)
  part <- round((seconds - whole) * per_second)
  over <- !is.na(part) & part >= per_second
  whole[over] <- whole[over] + 1
  part[over] <- 0
  list(whole = whole, part = part)
}

view_time <- function(x, column) {
  value <- as.double(in_c_order(unclass(x)))
  value[is.nan(value)] <- NA
  shape <- attr(x, "dim") %||% length(x)
  lone <- !column && is_lone(x, c("class", "tzone", "units"))
  if (lone && is.na(value)) {
    return(py_none)
  }
  if (inherits(x, "Date")) {
    day <- floor(value)
    if (lone && day >= -719162 && day <= 2932896) {
      return(list(t = "date", v = iso_day(day)))
    }
    if (!lone && !any(abs(value) >= 2^63, na.rm = TRUE)) {
      return(py_array("<M8[D]", shape, int64_bytes(day, day * 0, 1)))
    }
    return(view_number(x, lone))
  }
  moment <- inherits(x, "POSIXct")
  unit <- if (moment) 1 else unit_seconds(attr(x, "units"))
  if (lone && is.finite(value)) {
    found <- if (moment) lone_moment(value, zone_of(x))
             else lone_difference(value * unit)
    if (!is.null(found)) {
      return(found)
    }
  }
  seconds <- value * unit
  if (lone || any(abs(seconds) > 9223372036.854774, na.rm = TRUE)) {
    return(view_number(x, lone))
  }
  ns <- parts_of(seconds, 1e9)
  py_array(if (moment) "<M8[ns]" else "<m8[ns]", shape, int64_bytes(ns$whole, ns$part, 1e9))
}

# What no date or time of Python's holds: the number.
view_number <- function(x, lone) {
  if (lone) py_float(as.double(x)) else py_array("<f8", attr(x, "dim") %||% length(x),
                                                 f8(in_c_order(unclass(x))))
}

unit_seconds <- function(units) {
  switch(units %||% "", weeks = 604800, days = 86400, hours = 3600, mins = 60, 1)
}

# Years of four digits, which R leaves short.
iso_day <- function(day) {
  lt <- as.POSIXlt(structure(day, class = "Date"))
  sprintf("%04d-%02d-%02d", as.integer(lt$year) + 1900L, as.integer(lt$mon) + 1L,
          as.integer(lt$mday))
}

zone_of <- function(x) {
  zone <- attr(x, "tzone")[1L]
  if (is.character(zone)) zone
}

# An aware datetime, by the clock of the zone at that moment.
lone_moment <- function(seconds, zone) {
  us <- parts_of(seconds, 1e6)
  moment <- structure(us$whole, class = c("POSIXct", "POSIXt"))
  clock <- suppressWarnings(unclass(as.POSIXlt(moment, tz = zone %||% "")))
  if (clock$year < -1899 || clock$year > 8099) {
    return(NULL)
  }
  epoch <- as.POSIXlt(structure(0, class = c("POSIXct", "POSIXt")), tz = "UTC")
  shown <- c("year", "mon", "mday", "hour", "min", "sec")
  fields <- unclass(epoch)
  fields[shown] <- clock[shown]
  local <- as.double(as.POSIXct(`attributes<-`(fields, attributes(epoch))))
  list(
    t = "datetime",
    v = sprintf("%sT%02d:%02d:%02d.%06d", iso_day(local %/% 86400), as.integer(clock$hour),
                as.integer(clock$min), as.integer(clock$sec), as.integer(us$part)),
    fold = list(t = "any"),
    tz = list(t = "timezone", offset_us = sprintf("%.0f", (local - us$whole) * 1e6),
              name = list(t = "any"))
  )
}

lone_difference <- function(seconds) {
  us <- parts_of(seconds, 1e6)
  days <- us$whole %/% 86400
  if (abs(days) > 999999999) {
    return(NULL)
  }
  list(t = "timedelta", days = as.integer(days), seconds = as.integer(us$whole %% 86400),
       microseconds = as.integer(us$part))
}
