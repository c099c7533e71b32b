# Compares R values with descriptions of Python values (fixtures/README.md) by the rules of
# the type tables, decoding the bytes of arrays by code of its own.
#
# mismatch() gives NULL, or a text that says where and how the two differ.

# `dims`, `simplify`: as the handle. `bytes`: function() giving the data of the entry's
# array, for arrays that the description gives by digest only.
mismatch <- function(x, d, dims = "same", bytes = NULL) {
  context <- list2env(list(
    dims = dims, bytes = bytes, by_id = described_ids(d), open = character()
  ))
  differ(x, d, context, "x")
}

expect_described <- function(x, d, dims = "same", label = "value", bytes = NULL) {
  found <- tryCatch(
    mismatch(x, d, dims, bytes),
    error = function(e) paste("comparison failed:", conditionMessage(e))
  )
  testthat::expect(is.null(found), paste0(label, ": ", found))
}

described_ids <- function(d) {
  found <- new.env()
  walk <- function(d) {
    if (!is.list(d)) return()
    if (!is.null(d$id) && !identical(d$t, "ref")) assign(as.character(d$id), d, envir = found)
    for (part in d) walk(part)
  }
  walk(d)
  found
}

same <- function(ok, where, what) if (!isTRUE(ok)) paste0(where, ": ", what)

differ <- function(x, d, context, where) {
  if (identical(d$t, "ref")) {
    id <- as.character(d$id)
    if (id %in% context$open) {
      return(same(is_python(x), where, "a cycle is no python_object"))
    }
    d <- context$by_id[[id]]
  }
  if (!is.null(d$id)) {
    context$open <- c(context$open, as.character(d$id))
    on.exit(context$open <- setdiff(context$open, as.character(d$id)))
  }
  compare <- comparers[[d$t]]
  if (is.null(compare)) differ_object(x, d, context, where) else compare(x, d, context, where)
}

# The first difference among several.
first_difference <- function(...) {
  for (check in list(...)) if (!is.null(check)) return(check)
  NULL
}

is_python <- function(x, class = NULL) {
  inherits(x, "python_object") && (is.null(class) || .subset2(x, "class") %in% class)
}

# -- scalars -----------------------------------------------------------------------------------

comparers <- list()
comparers$None <- function(x, d, context, where) same(is.null(x), where, "is not NULL")
comparers$bool <- function(x, d, context, where) same(identical(x, d$v), where, "other bool")

int_value <- function(v) {
  number <- as.numeric(v)
  if (abs(number) < 2^31) {
    as.integer(v)
  } else if (abs(number) <= 2^53 && sprintf("%.0f", number) == v) {
    number
  } else if (fits_int64(v) && requireNamespace("bit64", quietly = TRUE)) {
    bit64::as.integer64(v)
  }
}

# Between -(2^63 - 1) and 2^63 - 1, by decimal text.
fits_int64 <- function(v) {
  digits <- sub("^-", "", v)
  nchar(digits) < 19L || (nchar(digits) == 19L && digits <= "9223372036854775807")
}

comparers$int <- function(x, d, context, where) {
  value <- int_value(d$v)
  if (!is.null(value)) {
    return(same(identical(x, value), where, paste("is not", d$v)))
  }
  first_difference(
    same(is_python(x, "builtins.int"), where, "is no python_object int"),
    if (nchar(d$v) < 100L) same(as.character(x) == d$v, where, paste("is not", d$v))
  )
}

float_value <- function(d) {
  if (!is.null(d$bits)) {
    readBin(hex_raw(d$bits), "double", endian = "big")
  } else {
    switch(d$v, inf = Inf, `-inf` = -Inf, as.numeric(d$v))
  }
}
double_bits <- function(x) writeBin(as.vector(unclass(x)), raw(), endian = "little")

comparers$float <- function(x, d, context, where) {
  same(
    is.double(x) && is.null(attributes(x)) && length(x) == 1L &&
      identical(double_bits(x), double_bits(float_value(d))),
    where, paste("is not", d$v)
  )
}

comparers$complex <- function(x, d, context, where) {
  same(
    is.complex(x) && is.null(attributes(x)) && length(x) == 1L &&
      identical(double_bits(c(Re(x), Im(x))), double_bits(c(float_value(d$re), float_value(d$im)))),
    where, "other complex"
  )
}

comparers$str <- function(x, d, context, where) {
  if (!is.null(d$v)) {
    return(same(identical(x, enc2utf8(d$v)), where, paste0("is not \"", d$v, "\"")))
  }
  same(
    is_python(x, "builtins.str") && raw_hex(.subset2(x, "state")) == d$utf8_surrogatepass_hex,
    where, "other bytes of str"
  )
}

comparers$bytes <- comparers$bytearray <- function(x, d, context, where) {
  same(is.raw(x) && is.null(attributes(x)) && raw_hex(x[]) == d$hex, where, "other bytes")
}

# -- containers ------------------------------------------------------------------------------

# The kind of vector that items simplify to, NULL if none.
simple_kind <- function(items) {
  tags <- vapply(items, `[[`, "", "t")
  kinds <- unique(tags[tags != "None"])
  if (!length(kinds) || !all(kinds %in% c("bool", "int", "float", "str"))) {
    return(NULL)
  }
  values <- lapply(items[tags == "int"], function(d) int_value(d$v))
  wide <- vapply(values, function(v) inherits(v, "integer64"), NA)
  if (any(vapply(values, is.null, NA))) {
    return(NULL)
  }
  if (setequal(kinds, c("int", "float"))) {
    return(if (!any(wide)) "double")
  }
  if (length(kinds) > 1L) {
    return(NULL)
  }
  if (kinds == "int") {
    if (any(wide)) return("integer64")
    return(if (all(vapply(values, is.integer, NA))) "integer" else "double")
  }
  if (kinds == "str" && !all(vapply(items[tags == "str"], function(d) !is.null(d$v), NA))) {
    return(NULL)
  }
  switch(kinds, bool = "logical", float = "double", str = "character")
}

simple_vector <- function(items, kind) {
  na <- vapply(items, function(d) d$t == "None", NA)
  value <- function(d) switch(d$t, int = as.numeric(d$v), float = float_value(d), d$v)
  switch(kind,
    integer64 = {
      out <- bit64::as.integer64(rep(NA, length(items)))
      out[!na] <- bit64::as.integer64(vapply(items[!na], `[[`, "", "v"))
      out
    },
    {
      out <- rep(as.vector(NA, kind), length(items))
      for (at in which(!na)) out[[at]] <- as.vector(value(items[[at]]), kind)
      if (kind == "character") enc2utf8(out) else out
    }
  )
}

differ_sequence <- function(x, d, context, where) {
  items <- lapply(d$items, resolve_scalar, context)
  kind <- simple_kind(items)
  if (!is.null(kind)) {
    wanted <- simple_vector(items, kind)
    same_bits <- identical(class(x), class(wanted)) && length(x) == length(wanted) &&
      (if (is.double(wanted)) identical(double_bits(x), double_bits(wanted))
       else identical(x, wanted))
    return(same(same_bits, where, paste("other", kind, "vector")))
  }
  if (!is.list(x) || is.object(x) || length(x) != length(items)) {
    return(paste0(where, ": no list of ", length(items)))
  }
  for (at in seq_along(items)) {
    found <- differ(x[[at]], d$items[[at]], context, paste0(where, "[[", at, "]]"))
    if (!is.null(found)) return(found)
  }
  NULL
}

resolve_scalar <- function(d, context) {
  if (identical(d$t, "ref")) context$by_id[[as.character(d$id)]] else d
}
comparers$list <- comparers$tuple <- comparers$deque <- differ_sequence

# Sets have no order: each item is found once.
comparers$set <- comparers$frozenset <- function(x, d, context, where) {
  kind <- simple_kind(d$items)
  if (!is.null(kind)) {
    wanted <- simple_vector(d$items, kind)
    same <- identical(class(x), class(wanted)) && length(x) == length(wanted) &&
      setequal(as.character(x), as.character(wanted))
    return(same(same, where, paste("other set of", kind)))
  }
  if (!is.list(x) || length(x) != length(d$items)) {
    return(paste0(where, ": no list of ", length(d$items)))
  }
  left <- seq_along(x)
  for (item in d$items) {
    hit <- Filter(function(at) is.null(differ(x[[at]], item, context, where)), left)
    if (!length(hit)) return(paste0(where, ": an item of the set is missing"))
    left <- setdiff(left, hit[[1L]])
  }
  NULL
}

comparers$dict <- comparers$OrderedDict <- comparers$Counter <- comparers$defaultdict <-
  function(x, d, context, where) {
    if (!is.null(d$state)) {
      return(same(is_python(x), where, "is no python_object"))
    }
    keys <- lapply(d$items, `[[`, 1L)
    values <- lapply(d$items, `[[`, 2L)
    if (all(vapply(keys, function(k) k$t == "str" && !is.null(k$v), NA))) {
      wanted <- enc2utf8(vapply(keys, `[[`, "", "v"))
      if (!is.list(x) || is.object(x) || !identical(names(x), wanted)) {
        return(paste0(where, ": other names"))
      }
      got <- x
    } else {
      if (!inherits(x, "python_dict") || length(x$keys) != length(keys)) {
        return(paste0(where, ": no python_dict of ", length(keys)))
      }
      for (at in seq_along(keys)) {
        found <- differ(x$keys[[at]], keys[[at]], context, paste0(where, "$keys[[", at, "]]"))
        if (!is.null(found)) return(found)
      }
      got <- x$values
    }
    for (at in seq_along(values)) {
      found <- differ(got[[at]], values[[at]], context, paste0(where, "[[", at, "]]"))
      if (!is.null(found)) return(found)
    }
    NULL
  }

comparers$range <- function(x, d, context, where) {
  start <- as.numeric(d$start)
  step <- as.numeric(d$step)
  n <- max(0, ceiling((as.numeric(d$stop) - start) / step))
  if (any(abs(c(start, as.numeric(d$stop))) > 2^53)) {
    return(same(is_python(x), where, "is no python_object"))
  }
  if (n == 0) {
    return(same(identical(x, integer()), where, "is not empty"))
  }
  last <- start + (n - 1) * step
  same(
    is.numeric(x) && length(x) == n && x[[1L]] == start && x[[n]] == last &&
      (n > 1e6 || all(x == start + step * (seq_len(n) - 1))) &&
      is.integer(x) == (max(abs(c(start, last))) < 2^31),
    where, "other range"
  )
}

# -- dates -------------------------------------------------------------------------------------

comparers$date <- function(x, d, context, where) {
  same(inherits(x, "Date") && length(x) == 1L && format(x, "%Y-%m-%d") == d$v ||
         identical(unclass(x), as.numeric(as.Date(d$v))), where, paste("is not", d$v))
}

# Seconds since the epoch of an ISO text in a zone.
iso_seconds <- function(v, zone = "UTC") {
  fraction <- as.numeric(paste0("0", substring(v, 20L)))
  days <- as.numeric(as.Date(substr(v, 1L, 10L)))
  clock <- as.numeric(substring(v, c(12, 15, 18), c(13, 16, 19)))
  utc <- days * 86400 + sum(clock * c(3600, 60, 1))
  if (zone == "UTC") {
    return(utc + fraction)
  }
  as.numeric(as.POSIXct(substr(v, 1L, 19L), zone, "%Y-%m-%dT%H:%M:%S")) + fraction
}

comparers$datetime <- function(x, d, context, where) {
  if (!inherits(x, "POSIXct")) {
    known <- c("None", "timezone", "zoneinfo")
    return(same(is_python(x) && !d$tz$t %in% known, where, "is no POSIXct"))
  }
  zone <- if (d$tz$t == "zoneinfo") d$tz$key else "UTC"
  offset <- if (d$tz$t == "timezone") as.numeric(d$tz$offset_us) / 1e6 else 0
  wanted <- iso_seconds(d$v, zone) - offset
  # the second of two moments that the clock shows twice
  near <- function(seconds) abs(as.numeric(x) - seconds) < 1e-5
  ok <- near(wanted) || (d$fold == 1 && near(wanted + 3600))
  first_difference(
    same(ok, where, paste("is not", d$v)),
    if (d$tz$t == "None") same(attr(x, "tzone") == "UTC", where, "is not in UTC"),
    if (d$tz$t == "zoneinfo") same(attr(x, "tzone") == zone, where, "is in another zone")
  )
}

comparers$time <- function(x, d, context, where) {
  if (d$tz$t != "None") {
    return(same(is_python(x), where, "is no python_object"))
  }
  clock <- as.numeric(strsplit(d$v, ":")[[1L]])
  same(inherits(x, "difftime") &&
         abs(as.numeric(x, units = "secs") - sum(clock * c(3600, 60, 1))) < 1e-6,
       where, paste("is not", d$v))
}

comparers$timedelta <- function(x, d, context, where) {
  wanted <- d$days * 86400 + d$seconds + d$microseconds / 1e6
  same(inherits(x, "difftime") &&
         abs(as.numeric(x, units = "secs") - wanted) <= 1e-15 * abs(wanted),
       where, "other timedelta")
}

# -- everything else -----------------------------------------------------------------------------

# A python_object that names its class. Objects that are made by a call name what is called.
differ_object <- function(x, d, context, where) {
  if (!is_python(x)) {
    return(paste0(where, ": a ", d$t, " is no python_object but ", class(x)[[1L]]))
  }
  called <- if (is.list(d$func)) {
    if (identical(d$func$t, "global")) d$func$name else "object"
  }
  class <- .subset2(x, "class")
  # Names before Python or NumPy moved the module. What Python itself writes as a look-up or a
  # call (enum members, methods, types without a name) names what is called.
  plain <- function(name) {
    name <- sub("^numpy\\._core\\.", "numpy.core.", name)
    name <- sub("^_operator\\.", "operator.", name)
    sub("^pathlib\\._local\\.", "pathlib.", name)
  }
  wanted <- switch(d$t,
    object = , exception = , namedtuple = , path = c(d$class, called),
    enum = c(d$class, "builtins.getattr", "operator.or_"),
    global = c(d$name, "builtins.getattr", "builtins.type"),
    Decimal = "decimal.Decimal", Fraction = "fractions.Fraction", UUID = "uuid.UUID",
    slice = "builtins.slice", Ellipsis = "builtins.Ellipsis",
    NotImplemented = "builtins.NotImplemented", timezone = "datetime.timezone",
    zoneinfo = c("zoneinfo.ZoneInfo", "zoneinfo.ZoneInfo._unpickle"),
    array.array = c("array.array", "array._array_reconstructor"), dtype = "numpy.dtype"
  )
  same(is.null(wanted) || plain(class) %in% wanted, where,
       paste("names", class, "for", paste(wanted, collapse = " or ")))
}
