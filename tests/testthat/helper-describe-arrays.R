# Arrays of every dtype against their descriptions.

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
  if (is.character(d$dtype) && grepl("^.[iu]", d$dtype)) {
    return(differ_whole(x, d, where))
  }
  if (is_python(x)) return(paste0(where, ": a NumPy scalar of dtype ", dtype_text(d), " is inert"))
  differ_array(x, d, context, where, NULL)
}

# (int32's least is NA in an array of R's.)
numpy_whole <- function(d) {
  value <- decode_items(hex_raw(d$hex), d$dtype, 1)$value
  if (is.na(value)) -2^31 else value
}

# As Python's own int.
differ_whole <- function(x, d, where) {
  value <- numpy_whole(d)
  if (abs(value) > 2^53) {
    return(same(is.numeric(x) && abs(as.numeric(x) - value) <= 2^-52 * abs(value), where,
                "other integer"))
  }
  comparers$int(x, list(v = sprintf("%.0f", value)), NULL, where)
}

comparers$masked <- function(x, d, context, where) {
  mask <- if (d$mask$t == "ndarray") hex_raw(d$mask$hex) != 0
  if (!is.null(d$class)) {
    return(same(is_python(x), where, "is no python_object"))
  }
  differ_array(x, d$data, context, where, mask)
}

dtype_text <- function(d) if (is.character(d$dtype)) d$dtype else "structured"

differ_array <- function(x, d, context, where, mask) {
  shape <- vapply(d$shape, as.numeric, 0)
  if (!is.character(d$dtype)) {
    differ_fields <- if (is.null(d$items)) differ_structured else differ_records
    return(differ_fields(x, d, shape, context, where, mask))
  }
  if (d$dtype == "StringDType()") d$dtype <- "|O"
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
  differ_items(x, decode_items(bytes, d$dtype, prod(shape)), shape, context, where, mask)
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
  common <- common_kind(items, logical = TRUE)
  if (!is.null(common)) {
    return(differ_scalars(x, items[places], common, context, where))
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

# Rank 1: a data frame; else a list of arrays. Each column from its bytes. The mask has a
# bool for each item of each field.
differ_structured <- function(x, d, shape, context, where, mask) {
  dtype <- d$dtype
  names <- vapply(dtype$names, identity, "")
  if (!is.list(x) || !identical(names(x), names)) return(paste0(where, ": other columns"))
  if (length(shape) == 1L && !is.data.frame(x)) return(paste0(where, ": no data frame"))
  if (is.null(d$hex)) return(NULL)
  items <- matrix(hex_raw(d$hex), nrow = dtype$itemsize)
  if (!is.null(mask)) mask <- matrix(mask, ncol = ncol(items))
  masked_before <- 0
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
    of_field <- masked_before + seq_len(mask_size(dtype$formats[[at]]))
    masked_before <- max(masked_before, of_field)
    found <- differ_array(x[[at]], column, context, paste0(where, "$", names[[at]]),
                          if (!is.null(mask)) as.vector(mask[of_field, ]))
    if (!is.null(found)) return(found)
  }
  NULL
}

# Bools that the mask of one item has.
mask_size <- function(dtype) {
  if (is.character(dtype)) 1
  else if (!is.null(dtype$base)) mask_size(dtype$base) * prod(unlist(dtype$shape))
  else sum(vapply(dtype$formats, mask_size, 0))
}

# Structured arrays with objects in their fields, described as tuples: each column is what a
# list of its items is.
differ_records <- function(x, d, shape, context, where, mask) {
  if (length(shape) > 1L || !is.null(mask)) {
    return(same(is_python(x), where, "is no python_object"))
  }
  names <- vapply(d$dtype$names, identity, "")
  if (!is.list(x) || !identical(names(x), names)) return(paste0(where, ": other columns"))
  if (length(shape) == 1L && !is.data.frame(x)) return(paste0(where, ": no data frame"))
  for (at in seq_along(names)) {
    inside <- paste0(where, "$", names[[at]])
    column <- lapply(d$items, function(tuple) tuple$items[[at]])
    dtype <- d$dtype$formats[[at]]
    found <- if (is.list(dtype) && is.null(dtype$base)) {
      differ_records(x[[at]], list(dtype = dtype, items = column), shape, context, inside, NULL)
    } else if (length(shape) == 1L) {
      differ_sequence(x[[at]], list(items = column), context, inside)
    } else {
      differ(x[[at]], column[[1L]], context, inside)
    }
    if (!is.null(found)) return(found)
  }
  NULL
}

item_size <- function(dtype) {
  d <- split_dtype(dtype)
  if (d$kind == "U") 4 * d$size else d$size
}

# Python's own arrays; those of characters are text.
comparers$array.array <- function(x, d, context, where) {
  if (d$typecode %in% c("u", "w")) {
    characters <- vapply(d$items, `[[`, "", "v")
    return(same(identical(as.vector(x), characters), where, "other characters"))
  }
  wanted <- vapply(d$items, function(item) {
    if (item$t == "float") float_value(item) else as.numeric(item$v)
  }, 0)
  same(is.numeric(x) && identical(as.numeric(x), wanted), where, "other numbers")
}

# Those with metadata, which a description does not say, are inert.
comparers$dtype <- function(x, d, context, where) {
  if ((is.list(d$dtype) && !is.null(d$dtype$base)) || is_python(x)) {
    return(same(is_python(x, "numpy.dtype"), where, "is no dtype"))
  }
  wanted <- if (is.character(d$dtype)) dtype_shown(split_dtype(d$dtype)) else "^\\[\\('.*'\\)\\]$"
  same(is.character(x) && grepl(wanted, x), where, paste("is no dtype", wanted, "but", x))
}

# A pattern for what str(dtype) gives.
dtype_shown <- function(d) {
  if (d$big || d$kind %in% c("S", "U", "V")) return(paste0(d$kind, d$size))
  bits <- if (!is.na(d$size)) d$size * 8
  switch(d$kind, b = "^bool$", O = "^object$", i = paste0("^int", bits), u = paste0("^uint", bits),
         f = paste0("^float", bits), c = paste0("^complex", bits), M = "^datetime64",
         m = "^timedelta64")
}
