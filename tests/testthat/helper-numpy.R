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

decode_unicode <- function(bytes, size, big) {
  if (size == 0) return(character())
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

decode_bytestring <- function(bytes, size) {
  if (size == 0) return(character())
  items <- matrix(bytes, nrow = size)
  apply(items, 2L, function(b) {
    b <- b[seq_len(max(0L, which(b != 0)))]
    if (any(b == 0)) return(NA_character_)
    text <- rawToChar(b)
    Encoding(text) <- "UTF-8"
    if (validUTF8(text)) text else NA_character_
  })
}

unit_seconds <- c(
  W = 604800, D = 86400, h = 3600, m = 60, s = 1, ms = 1e-3, us = 1e-6, ns = 1e-9,
  ps = 1e-12, fs = 1e-15, as = 1e-18
)

# Items in C order as R has them: list(value, type, class, tolerance, escaped).
decode_items <- function(bytes, dtype) {
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
    S = decode_bytestring(bytes, d$size),
    U = decode_unicode(bytes, 4 * d$size, d$big),
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
    value * unit_seconds[[d$unit]] / 86400
  } else {
    value * if (nzchar(d$unit)) unit_seconds[[d$unit]] else 1
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

# From C order to R's, with dim for rank 2 and more.
as_r_array <- function(value, shape, dims) {
  if (length(shape) < 2L) {
    return(value)
  }
  out <- array(value, rev(shape))
  if (dims == "same") aperm(out) else out
}

plain_values <- function(x) {
  if (inherits(x, "difftime")) as.numeric(x, units = "secs") else as.vector(unclass(x))
}

comparers$ndarray <- function(x, d, context, where) {
  if (!is.null(d$class) && !grepl("^numpy\\.", d$class)) {
    return(same(is_python(x), where, "is no python_object"))
  }
  differ_array(x, d, context, where, NULL)
}

comparers$npscalar <- function(x, d, context, where) {
  d$shape <- list()
  if (is_python(x)) return(paste0(where, ": a NumPy scalar of dtype ", dtype_text(d), " is inert"))
  differ_array(x, d, context, where, NULL)
}

comparers$masked <- function(x, d, context, where) {
  mask <- if (d$mask$t == "ndarray" && is.character(d$mask$dtype)) hex_raw(d$mask$hex) != 0
  if (!is.null(d$class)) {
    return(same(is_python(x), where, "is no python_object"))
  }
  differ_array(x, d$data, context, where, mask)
}

dtype_text <- function(d) if (is.character(d$dtype)) d$dtype else "structured"

differ_array <- function(x, d, context, where, mask) {
  shape <- vapply(d$shape, as.numeric, 0)
  if (!is.character(d$dtype)) {
    return(differ_structured(x, d, shape, context, where))
  }
  if (length(shape) > 1L) {
    wanted <- if (context$dims == "same") shape else rev(shape)
    if (!startsWith(d$dtype, "|V") && !identical(as.numeric(dim(x)), wanted)) {
      return(paste0(where, ": dim is ", paste(dim(x), collapse = " x ")))
    }
  } else if (!startsWith(d$dtype, "|V") && !is.null(dim(x))) {
    return(paste0(where, ": a vector has a dim"))
  }
  if (d$dtype == "|O") {
    return(differ_objects(x, d, shape, context, where))
  }
  bytes <- if (!is.null(d$hex)) hex_raw(d$hex)
  if (is.null(bytes)) bytes <- if (!is.null(context$bytes)) context$bytes()
  if (is.null(bytes)) {
    return(same(length(x) == prod(shape), where, "other length"))
  }
  if (startsWith(d$dtype, "|V")) {
    return(differ_void(x, bytes, shape, context, where))
  }
  differ_items(x, decode_items(bytes, d$dtype), shape, context, where, mask)
}

differ_items <- function(x, wanted, shape, context, where, mask) {
  value <- wanted$value
  if (length(x) != length(value)) {
    return(paste0(where, ": length ", length(x), ", not ", length(value)))
  }
  if (!identical(typeof(x), typeof(value))) {
    return(paste0(where, ": of type ", typeof(x), ", not ", typeof(value)))
  }
  if (!is.null(wanted$class) && !inherits(x, wanted$class)) {
    return(paste0(where, ": no ", wanted$class))
  }
  if (is.null(wanted$class) && is.object(x)) {
    return(paste0(where, ": of class ", class(x)[[1L]]))
  }
  look <- rep(TRUE, length(value))
  if (!is.null(mask)) {
    masked <- as.vector(as_r_array(mask, shape, context$dims))
    if (!all(is.na(plain_values(x)[masked]))) return(paste0(where, ": masked elements are not NA"))
    look <- !masked
  }
  if (!is.null(wanted$escaped)) {
    look <- look & !as.vector(as_r_array(wanted$escaped, shape, context$dims))
  }
  value <- as.vector(as_r_array(value, shape, context$dims))[look]
  got <- plain_values(x)[look]
  equal <- if (is.double(value) && wanted$tolerance == 0) {
    identical(double_bits(got), double_bits(value)) || same_numbers(got, value)
  } else if (is.numeric(value) && wanted$tolerance > 0) {
    identical(is.na(got), is.na(value)) &&
      all(abs(got - value) <= wanted$tolerance * abs(value) + 1e-300, na.rm = TRUE)
  } else if (is.complex(value)) {
    same_numbers(Re(got), Re(value)) && same_numbers(Im(got), Im(value))
  } else {
    identical(got, value)
  }
  if (!equal) {
    at <- which(!mapply(identical, as.list(got), as.list(value)))[1L]
    return(paste0(where, ": element ", at, " is ", format(got[at], digits = 17), ", not ",
                  format(value[at], digits = 17)))
  }
  NULL
}

# Equal but for the payloads of NaN, which the decoders here do not keep; zeros have signs.
same_numbers <- function(a, b) {
  identical(is.nan(a) | is.na(a), is.nan(b) | is.na(b)) &&
    all(a == b, na.rm = TRUE) && identical(which(1 / a == -Inf), which(1 / b == -Inf))
}

# The bytes of an item come first.
differ_void <- function(x, bytes, shape, context, where) {
  if (!is.raw(x)) return(paste0(where, ": no raw"))
  rank <- length(shape)
  got <- if (rank > 1L && context$dims == "same") aperm(x, c(1L, rev(seq_len(rank)) + 1L)) else x
  same(identical(as.vector(got), bytes), where, "other bytes")
}

differ_objects <- function(x, d, shape, context, where) {
  items <- d$items %||% list()
  tags <- vapply(items, `[[`, "", "t")
  text <- length(items) > 0 && any(tags == "str") && all(tags %in% c("str", "None")) &&
    all(vapply(items[tags == "str"], function(i) !is.null(i$v), NA))
  places <- as.vector(as_r_array(seq_along(items), shape, context$dims))
  if (text) {
    wanted <- enc2utf8(vapply(items, function(i) i$v %||% NA_character_, ""))[places]
    return(same(identical(as.vector(x), wanted), where, "other text"))
  }
  if (length(items) == 0L) {
    return(same(is.list(x) && !length(x), where, "is no empty list"))
  }
  if (!is.list(x) || length(x) != length(items)) {
    return(paste0(where, ": no list of ", length(items)))
  }
  for (at in seq_along(items)) {
    found <- differ(x[[at]], items[[places[[at]]]], context, paste0(where, "[[", at, "]]"))
    if (!is.null(found)) return(found)
  }
  NULL
}

# Rank 1: a data frame; else a list of arrays. Each column from its bytes.
differ_structured <- function(x, d, shape, context, where) {
  dtype <- d$dtype
  names <- vapply(dtype$names, identity, "")
  if (!is.list(x) || !identical(names(x), names)) return(paste0(where, ": other columns"))
  if (length(shape) == 1L && !is.data.frame(x)) return(paste0(where, ": no data frame"))
  if (is.null(d$hex)) return(NULL)
  items <- matrix(hex_raw(d$hex), nrow = dtype$itemsize)
  for (at in seq_along(names)) {
    format <- dtype$formats[[at]]
    inner <- numeric()
    if (is.list(format) && !is.null(format$base)) {
      inner <- vapply(format$shape, as.numeric, 0)
      format <- format$base
    }
    one <- if (is.list(format)) format$itemsize else item_size(format)
    rows <- dtype$offsets[[at]] + seq_len(one * prod(inner))
    column <- list(
      t = "ndarray", dtype = format, shape = as.list(c(shape, inner)),
      hex = raw_hex(items[rows, ])
    )
    found <- differ_array(x[[at]], column, context, paste0(where, "$", names[[at]]), NULL)
    if (!is.null(found)) return(found)
  }
  NULL
}

item_size <- function(dtype) {
  d <- split_dtype(dtype)
  if (d$kind == "U") 4 * d$size else d$size
}
