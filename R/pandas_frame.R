# Data frames that Python gets as pandas' own: a graph of calls of what pandas offers its users
# (pandas.DataFrame, Index, Categorical.from_codes ...): 1.5 and 2.3 were tried.
# core/pandas reads the same calls.

#' Store a data frame as a pandas DataFrame
#'
#' `pandas_frame(x)` marks a data frame to be stored as a `pandas.DataFrame`; without it a data
#' frame is a dict of its columns in Python. The mark does nothing until it is stored, alone or
#' inside of other values: `m$k <- pandas_frame(x)`, `write_pickle(pandas_frame(x), path)`.
#' `pandas.read_pickle()` and `pickle.load()` load it, without pyarrow (pandas 1.5 and 2.3 were
#' tried); Python without pandas cannot. R reads it as any [pandas] data frame.
#'
#' @section Columns:
#' | R | pandas | `NA` |
#' | --- | --- | --- |
#' | logical | bool; boolean where there are `NA` | `pandas.NA` |
#' | integer, integer64 | int32, int64; Int32, Int64 where there are `NA` | `pandas.NA` |
#' | double, complex | float64, complex128 | NaN |
#' | character | object | `None` |
#' | factor | category, ordered if it is | missing |
#' | Date | datetime64 (of days before 1678 and after 2262, which pandas 1 does not load) | NaT |
#' | POSIXct, POSIXlt | datetime64 of its zone, to the nanosecond; without one UTC | NaT |
#' | difftime | timedelta64, to the nanosecond | NaT |
#' | raw | uint8 | |
#' | list | object: each item as it is stored by itself | `None` for `NULL` |
#'
#' Other classes of vectors are stored as what they are made of. Columns that are matrices or
#' data frames, and names of columns that repeat, are an error of class
#' `mmappickle_error_value`. Attributes of columns are not stored.
#'
#' @param x A data frame.
#' @param index Which columns are the index: their names. `NULL` (default): those that were the
#'   index of a data frame that was read (the attribute `pandas_index`, see [pandas]), else row
#'   names that are not automatic, under the name that the attribute `name_of_index` says.
#'   `FALSE`: none. Columns `index`, and `level_0` and so on of several, give an index without a
#'   name, as `reset_index()` would name them. Row names and columns that are all whole numbers
#'   give an index of int64.
#' @return An object of class `pandas_frame`.
#' @section Errors: `mmappickle_error_value`: `x` is no data frame, or has columns that pandas
#'   has nothing for; `index` names no columns.
#' @seealso [pandas], [write_pickle()], [python_object()]
#' @examples
#' x <- data.frame(n = c(1L, NA), s = c("a", NA), f = factor(c("u", "v")), row.names = c("r", "s"))
#' path <- tempfile(fileext = ".pkl")
#' write_pickle(pandas_frame(x), path)
#' # In Python: pandas.read_pickle(path)
#' read_pickle(path)
#'
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' m$by_key <- pandas_frame(x, index = "f")
#' m$by_key
#' close(m)
#' @export
pandas_frame <- function(x, index = NULL) {
  need(x)
  if (inherits(x, "pandas_frame")) x <- frame_fields(x)$x
  if (!is.data.frame(x)) {
    abort_argument(x, "x", "a data frame")
  }
  check_frame_names(names(x))
  index <- index_names(x, index)
  for (i in seq_along(x)) check_column(.subset2(x, i), names(x)[[i]], names(x)[[i]] %in% index)
  carrier("pandas_frame", list(x = x, index = index))
}

check_frame_names <- function(names) {
  if (anyNA(names) || anyDuplicated(names)) {
    abort_value(
      "The columns of a pandas_frame must have names, each its own.",
      "names(x) <- make.unique(names(x)) makes them different."
    )
  }
}

# Names of columns; character() for row names, FALSE for none.
index_names <- function(x, index) {
  if (is.null(index)) {
    was <- attr(x, "pandas_index", exact = TRUE)
    return(if (is.character(was) && all(was %in% names(x))) as.vector(was) else character())
  }
  if (identical(index, FALSE)) {
    return(index)
  }
  if (!is.character(index) || !length(index) || !all(index %in% names(x)) ||
        anyDuplicated(index)) {
    abort_argument(index, "index", "names of columns of `x`, or FALSE", nearest_of(index, names(x)))
  }
  as.vector(index)
}

# Labels of an index are what Python can have as keys.
check_column <- function(x, name, is_index) {
  single <- function(item) {
    is.null(item) || is.raw(item) || inherits(item, "python_object") ||
      (is.atomic(item) && length(item) == 1L)
  }
  if (is_index && is.list(x) && is.null(dim(x)) && !all(vapply(x, single, NA))) {
    abort_value(
      paste0("Column `", name, "` cannot be an index: it holds more than single values."),
      "index = names other columns; FALSE: none."
    )
  }
  fits <- (is.atomic(x) && !is.null(x) || is.list(x)) && is.null(dim(x))
  if (!fits) {
    abort_value(paste0(
      "Column `", name, "` cannot be one of pandas': it is ",
      if (is.data.frame(x)) "a data frame" else if (!is.null(dim(x))) "a matrix" else what_is(x),
      "."
    ))
  }
  if (inherits(x, "POSIXt") && !all(is_in_reach(as.double(as.POSIXct(x))))) {
    abort_value(
      paste0("Column `", name, "` cannot be one of pandas': not all of its times lie between the ",
             "years 1678 and 2262."),
      "as.Date() of it may be further away."
    )
  }
}

frame_fields <- function(x) {
  fields <- attr(x, "fields", TRUE)
  whole <- is.function(x) && is.list(fields) && identical(names(fields), c("x", "index")) &&
    is.data.frame(fields$x)
  if (!whole) abort_lie("pandas_frame")
  fields
}

#' @export
as_python.pandas_frame <- function(x, ...) {
  fields <- frame_fields(x)
  x <- fields$x
  index <- frame_index(x, fields$index)
  columns <- which(!names(x) %in% fields$index)
  values <- lapply(columns, function(i) pandas_column(.subset2(x, i)))
  dict <- structure(
    list(keys = as.list(names(x)[columns]), values = values), class = own_class("python_dict")
  )
  pandas_call("DataFrame", c(list(dict), if (!is.null(index)) list(index)))
}

# A call of what pandas offers, by its name in there.
pandas_call <- function(name, args, module = "pandas") {
  structure(
    list(class = paste0(module, ".", name), how = "call", args = args),
    pickle = call_pickle(paste0(module, ":", name), "call", list(args = args)),
    class = own_class("python_object")
  )
}

# NULL: 0, 1, 2 ...
frame_index <- function(x, index) {
  if (length(index) > 1L) {
    values <- lapply(unname(as.list(x)[index]), index_column)
    names <- lapply(index, function(name) if (!grepl("^level_[0-9]+$", name)) name)
    return(pandas_call("MultiIndex.from_arrays", list(values, NULL, names)))
  }
  if (is.character(index) && length(index)) {
    name <- if (!index %in% c("index", "level_0")) index
    return(index_call(index_column(x[[index]]), name))
  }
  # (negative: automatic)
  if (identical(index, FALSE) || .row_names_info(x) <= 0L) {
    # Rows that no column tells of.
    rows <- .row_names_info(x, 2L)
    return(if (!length(x) && rows > 0L) index_call(ndarray(seq_len(rows) - 1, "int64"), NULL))
  }
  rows <- attr(x, "row.names")
  whole <- is.integer(rows) || all(grepl("^(0|-?[1-9][0-9]{0,14})$", rows))
  values <- if (whole) ndarray(as.double(rows), "int64") else ndarray(rows, "object")
  name <- attr(x, "name_of_index", exact = TRUE)
  index_call(values, if (is.character(name) && length(name) == 1L) name)
}

index_call <- function(values, name) {
  pandas_call("Index", c(list(values), if (!is.null(name)) list(NULL, FALSE, name)))
}

# Whole numbers are int64, as nearly all of pandas' indexes of numbers are.
index_column <- function(x) {
  whole <- is.numeric(x) && !is.object(x) && all(is.finite(x) & x == trunc(x) & abs(x) < 2^53)
  if (whole) ndarray(as.vector(x), "int64") else pandas_column(x)
}

pandas_column <- function(x) {
  if (is.factor(x)) pandas_categorical(x)
  else if (inherits(x, "POSIXt")) pandas_moments(as.POSIXct(x))
  else if (inherits(x, "Date")) pandas_days(x)
  else if (inherits(x, "difftime")) pandas_durations(x)
  else if (inherits(x, "integer64")) nullable_integer64(x)
  else if (is.list(x)) ndarray(as.list(unname(unclass(x))), "object")
  else if (is.logical(x)) nullable(as.vector(x), "bool", "BooleanArray")
  else if (is.integer(x)) nullable(as.vector(unclass(x)), "int32", "IntegerArray")
  else if (is.character(x)) ndarray(as.vector(x), "object")
  else ndarray(as.vector(unclass(x)))
}

nullable <- function(x, dtype, class) {
  missing <- is.na(x)
  if (!any(missing)) {
    return(ndarray(x, dtype))
  }
  x[missing] <- 0L
  pandas_call(class, list(ndarray(x, dtype), ndarray(missing, "bool")), "pandas.arrays")
}

nullable_integer64 <- function(x) {
  require_bit64() # which has is.na() for it
  nullable(x, "int64", "IntegerArray")
}

# A level that is NA is missing, too.
pandas_categorical <- function(x) {
  codes <- as.integer(x) - 1L
  levels <- levels(x)
  codes[is.na(codes) | is.na(levels)[codes + 1L]] <- -1L
  if (anyNA(levels)) {
    kept <- which(!is.na(levels))
    codes <- match(codes, kept - 1L, nomatch = 0L) - 1L
    levels <- levels[kept]
  }
  dtype <- if (length(levels) < 128L) "int8" else if (length(levels) < 32768L) "int16" else "int32"
  pandas_call("Categorical.from_codes", list(
    ndarray(codes, dtype), ndarray(levels, "object"), is.ordered(x)
  ))
}

# Zones that no one else may know are UTC.
pandas_moments <- function(x) {
  zone <- attr(x, "tzone")
  zone <- if (is.character(zone) && length(zone) && is_zone(zone[[1L]])) zone[[1L]]
  times <- ndarray(.POSIXct(to_nanoseconds(as.double(x)), "UTC"), "datetime64[ns]")
  utc <- pandas_call("DatetimeIndex.tz_localize", list(
    pandas_call("DatetimeIndex", list(times)), "UTC"
  ))
  if (is.null(zone) || zone %in% c("UTC", "Etc/UTC")) utc
  else pandas_call("DatetimeIndex.tz_convert", list(utc, zone))
}

# In their own unit, where all are whole.
pandas_durations <- function(x) {
  unit <- c(secs = "s", mins = "m", hours = "h", days = "D", weeks = "W")[[units(x)]]
  count <- as.double(x)
  whole <- all(count == trunc(count), na.rm = TRUE)
  seconds <- to_nanoseconds(as.double(x, units = "secs"))
  array <- if (whole) ndarray(x, paste0("timedelta64[", unit, "]"))
  else ndarray(.difftime(seconds, "secs"), "timedelta64[ns]")
  in_nanoseconds(array, seconds, "timedelta64[ns]")
}

# The seconds that come back from as many nanoseconds; from 2^23 on those next to any do.
to_nanoseconds <- function(seconds) {
  small <- which(abs(seconds) < 2^23)
  seconds[small] <- round(seconds[small] * 1e9) / 1e9
  seconds
}

pandas_days <- function(x) {
  days <- floor(as.double(x))
  in_nanoseconds(ndarray(.Date(days), "datetime64[D]"), days * 86400, "datetime64[ns]")
}

# What pandas' users expect, and pandas 1 has alone, where that reaches so far (292 years): the
# array keeps the unit for who reads it in R.
in_nanoseconds <- function(array, seconds, dtype) {
  if (all(is_in_reach(seconds))) pandas_call("array", list(array, dtype)) else array
}
is_in_reach <- function(seconds) is.na(seconds) | abs(seconds) < 2^63 / 1e9

#' @export
format.pandas_frame <- function(x, ...) {
  fields <- frame_fields(x)
  paste0(
    "<pandas_frame> data frame ", format_shape(dim(fields$x)),
    if (is.character(fields$index) && length(fields$index)) {
      paste0(", index ", paste(fields$index, collapse = ", "))
    }
  )
}

#' @export
print.pandas_frame <- function(x, ...) {
  cat(format.pandas_frame(x), "\n", sep = "")
  print(frame_fields(x)$x, ...)
  invisible(x)
}

#' @export
dim.pandas_frame <- function(x) dim(frame_fields(x)$x)
