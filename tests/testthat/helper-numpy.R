# Arrays of NumPy from their descriptions: dtype, shape and bytes in C order.

# list(kind, size, big, unit, multiple) of a dtype.str.
split_dtype <- function(dtype) {
  pattern <- "^([<>|=])([a-zA-Z])([0-9]*)(\\[([0-9]*)([a-zA-Z]+)\\])?$"
  part <- regmatches(dtype, regexec(pattern, dtype))[[1L]]
  list(
    big = part[[2L]] == ">", kind = part[[3L]], size = as.numeric(part[[4L]]),
    multiple = if (nzchar(part[[6L]])) as.numeric(part[[6L]]) else 1, unit = part[[7L]]
  )
}

# One column of bytes an item, least significant first.
item_bytes <- function(bytes, size, big) {
  items <- matrix(as.integer(bytes), nrow = size)
  if (big) items[rev(seq_len(size)), , drop = FALSE] else items
}

whole_number <- function(items, signed) {
  value <- colSums(items * 256^(seq_len(nrow(items)) - 1))
  if (signed) value - (items[nrow(items), ] >= 128) * 256^nrow(items) else value
}

# Signed 64 bits, rounded once: high and low half are exact.
int64_double <- function(items, signed) {
  whole_number(items[5:8, , drop = FALSE], signed) * 2^32 +
    whole_number(items[1:4, , drop = FALSE], FALSE)
}

# Binary floating point from sign, exponent and fraction; `explicit`: with integer bit.
binary_float <- function(items, exponent_bits, fraction_bits) {
  low_bits <- rep(1:8, nrow(items)) + rep(32 * (seq_len(nrow(items)) - 1), each = 8)
  bits <- apply(items, 2L, function(byte) as.integer(intToBits(byte))[low_bits])
  bits <- matrix(bits, nrow = 8L * nrow(items))
  fraction <- colSums(bits[seq_len(fraction_bits), , drop = FALSE] *
                        2^(seq_len(fraction_bits) - 1 - fraction_bits))
  exponent <- colSums(bits[fraction_bits + seq_len(exponent_bits), , drop = FALSE] *
                        2^(seq_len(exponent_bits) - 1))
  sign <- 1 - 2 * bits[fraction_bits + exponent_bits + 1L, ]
  bias <- 2^(exponent_bits - 1) - 1
  value <- ifelse(exponent == 0, fraction * 2^(1 - bias), (1 + fraction) * 2^(exponent - bias))
  special <- exponent == 2^exponent_bits - 1
  value[special] <- ifelse(fraction[special] == 0, Inf, NaN)
  sign * value
}

# x87's 80 bits in 16 bytes, to the nearest double.
extended_float <- function(items) {
  mantissa <- whole_number(items[5:8, , drop = FALSE], FALSE) * 2^32 +
    whole_number(items[1:4, , drop = FALSE], FALSE)
  top <- whole_number(items[9:10, , drop = FALSE], FALSE)
  exponent <- top %% 2^15 - 16383 - 63
  value <- mantissa * 2^pmax(pmin(exponent, 1000), -1000)
  value <- value * 2^(exponent - pmax(pmin(exponent, 1000), -1000))
  special <- top %% 2^15 == 2^15 - 1
  value[special] <- ifelse(items[8L, special] == 128 &
                             colSums(items[1:7, special, drop = FALSE]) == 0, Inf, NaN)
  ifelse(top >= 2^15, -1, 1) * value
}

decode_float <- function(bytes, size, big) {
  items <- item_bytes(bytes, size, big)
  switch(as.character(size),
    `2` = binary_float(items, 5L, 10L),
    `4` = binary_float(items, 8L, 23L),
    `8` = readBin(bytes, "double", length(bytes) / 8, endian = if (big) "big" else "little"),
    `16` = extended_float(items)
  )
}

decode_unicode <- function(bytes, size, big, count) {
  if (size == 0 || count == 0) return(rep("", count))
  points <- matrix(whole_number(item_bytes(bytes, 4L, big), FALSE), nrow = size / 4)
  apply(points, 2L, function(p) {
    last <- max(0L, which(p != 0))
    p <- p[seq_len(last)]
    if (any(p == 0 | (p >= 0xd800 & p < 0xe000) | p > 0x10ffff)) {
      NA_character_  # R cannot hold it: escaped, in whatever way
    } else {
      intToUtf8(p)
    }
  })
}

decode_bytestring <- function(bytes, size, count) {
  if (size == 0 || count == 0) return(rep("", count))
  items <- matrix(bytes, nrow = size)
  apply(items, 2L, function(b) {
    b <- b[seq_len(max(0L, which(b != 0)))]
    if (any(b == 0)) return(NA_character_)
    text <- rawToChar(b)
    Encoding(text) <- "UTF-8"
    if (validUTF8(text)) text else NA_character_
  })
}

seconds_in_unit <- c(
  W = 604800, D = 86400, h = 3600, m = 60, s = 1, ms = 1e-3, us = 1e-6, ns = 1e-9,
  ps = 1e-12, fs = 1e-15, as = 1e-18
)

# So many items in C order as R has them: list(value, type, class, tolerance, escaped).
decode_items <- function(bytes, dtype, count) {
  d <- split_dtype(dtype)
  out <- list(tolerance = 0)
  items <- function() item_bytes(bytes, d$size, d$big)
  out$value <- switch(d$kind,
    b = as.vector(bytes != 0),
    i = if (d$size == 8) {
      out$tolerance <- 0
      int64_double(items(), TRUE)
    } else {
      v <- whole_number(items(), TRUE)
      v[v == -2^31] <- NA
      as.integer(v)
    },
    u = if (d$size == 8) int64_double(items(), FALSE)
        else if (d$size == 4) whole_number(items(), FALSE)
        else as.integer(whole_number(items(), FALSE)),
    f = decode_float(bytes, d$size, d$big),
    c = {
      parts <- decode_float(bytes, d$size / 2, d$big)
      odd <- seq(1, length.out = length(parts) / 2, by = 2)
      complex(real = parts[odd], imaginary = parts[odd + 1])
    },
    S = decode_bytestring(bytes, d$size, count),
    U = decode_unicode(bytes, 4 * d$size, d$big, count),
    M = , m = decode_time(item_bytes(bytes, 8, d$big), d)
  )
  if (d$kind %in% c("M", "m")) {
    out$tolerance <- 4e-16
    out$class <- time_class(d)
  }
  if (d$kind %in% c("S", "U")) out$escaped <- is.na(out$value)
  out
}

time_class <- function(d) {
  if (!nzchar(d$unit)) NULL
  else if (d$kind == "m") "difftime"
  else if (d$unit %in% c("Y", "M", "W", "D")) "Date"
  else "POSIXct"
}

# Days for Date, seconds else; NaT is NA.
decode_time <- function(items, d) {
  value <- int64_double(items, TRUE)
  nat <- colSums(items != c(rep(0L, 7), 128L)) == 0
  value <- value * d$multiple
  out <- if (d$unit %in% c("Y", "M")) {
    months <- value * if (d$unit == "Y") 12 else 1
    if (d$kind == "M") {
      first_of_month(1970 + months %/% 12, months %% 12)
    } else {
      months * 365.2425 / 12 * 86400  # NumPy's mean month
    }
  } else if (d$kind == "M" && d$unit %in% c("W", "D")) {
    value * seconds_in_unit[[d$unit]] / 86400
  } else {
    value * if (nzchar(d$unit)) seconds_in_unit[[d$unit]] else 1
  }
  out[nat] <- NA
  out
}

# Days from 1970-01-01 to the first of a month (0 is January), in the Gregorian calendar of
# all years.
first_of_month <- function(year, month) {
  before <- function(y) 365 * y + (y - 1) %/% 4 - (y - 1) %/% 100 + (y - 1) %/% 400
  leap <- (year %% 4 == 0 & year %% 100 != 0) | year %% 400 == 0
  start <- cumsum(c(0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30))
  month[is.na(month)] <- 0
  before(year) - before(1970) + start[month + 1] + (leap & month >= 2)
}

# What pickle.load gives: list(dtype, value, mask), elements in R's order.
seen_by_python <- function(m) {
  lapply(python_describe(path_of(m)), function(d) {
    mask <- if (identical(d$t, "masked")) hex_raw(d$mask$hex) != 0
    if (!is.null(mask)) d <- d$data
    shape <- vapply(d$shape, as.numeric, 0)
    value <- if (startsWith(d$dtype, "|V")) {
      hex_raw(d$hex)
    } else {
      as_r_array(decode_items(hex_raw(d$hex), d$dtype, prod(shape))$value, shape, "same")
    }
    if (!is.null(mask)) mask <- as.vector(as_r_array(mask, shape, "same"))
    list(dtype = d$dtype, shape = shape, value = as.vector(value), mask = mask)
  })
}
