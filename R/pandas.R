# What R's own functions make best of pandas' values; called from C++.

#' How pandas objects come to R
#'
#' Pickled pandas objects, of any version from 0.20 on, are read without Python and without
#' pandas. R has no need to know that package: nothing of it is called.
#'
#' | pandas | R |
#' | --- | --- |
#' | `DataFrame` | data frame; columns of one piece of the file are [views] of it |
#' | `Series` | vector, with its index and its name as below |
#' | `Index` and its kinds | vector; of a `RangeIndex` a sequence |
#' | `MultiIndex` | data frame of its levels |
#' | `Categorical` | factor, ordered if it is |
#' | `IntervalIndex`, series of intervals | data frame: `left`, `right`; attribute `closed` |
#' | nullable integers, floats, booleans; strings | vector with `NA` |
#' | `Timestamp`, arrays of times | `POSIXct` in their zone, in UTC if they have none |
#' | `Timedelta` and arrays of such | `difftime` in seconds |
#' | `NaT`; `NA` | `NA` of class `POSIXct`; `NA` |
#' | strings, `ArrowDtype` and all else that is pyarrow's inside | as below |
#' | `Period` of days; of other spans | `Date`; the text that pandas shows: `"2020Q1"` |
#' | sparse arrays | filled in, up to 64 MiB in all |
#' | `Interval`, offsets, all else | [python_object] |
#'
#' @section Columns and values:
#' Columns of objects are character vectors if all values are text or missing (`None`, `NaN`,
#' `NaT`, `NA`) and one at least is text, else lists; with `simplify = FALSE` always lists,
#' those of a string dtype excepted. The options `int64` and `uint8` hold for columns, too.
#'
#' What has no counterpart in R takes only its own place: a cell that is a Python object is a
#' [python_object] in a column that is a list; of an array of an unknown class (and of a sparse
#' one that is too large) each cell of the column is the whole array, as a `python_object`. A
#' warning of class `mmappickle_warning_inert` names these columns; where [readers] make
#' something else of the objects, there is none. A series of an unknown array is a
#' `python_object` as a whole. So is what is of a class derived from `DataFrame` or `Series`, as
#' geopandas' `GeoDataFrame` is: `x$frame` is its data frame, of a series `x$array` the values.
#'
#' Time zones of the standard library, pytz and dateutil are known by name. Offsets of whole
#' hours are R's `"Etc/GMT-2"` (two hours *east* of UTC); with other offsets, and zones that
#' only their own library knows, the moment is right and shown in UTC.
#'
#' Column names that repeat stay so. Labels that are no text become text as R writes them, the
#' parts of a label of a `MultiIndex` (or of a tuple) joined by points; a missing one is
#' `"NA"`. Likewise the levels of a factor; where two of these would be alike, they are told
#' apart by [make.unique()].
#'
#' @section Indexes:
#' What the argument `index` of [mmapdict()], [mmap_get()] and [read_pickle()] makes of an index:
#'
#' | index | `"column"` (default) | `"attribute"` |
#' | --- | --- | --- |
#' | counts from 0 | nothing | nothing |
#' | another `RangeIndex` | nothing | integers, as of whole numbers |
#' | texts, each once | row names; `names` of a series | likewise |
#' | whole numbers, each once | the same, as text | integers: row names; of a series `index` |
#' | texts, whole numbers that repeat | leading column; `names` of a series | `index` |
#' | `MultiIndex` | leading columns, one for each level | `index`, a data frame |
#' | times, floats, categories, all else | leading column | `index` |
#'
#' (`index`: an attribute of that name.) With `"drop"` it is nothing, whatever it was. An index
#' without elements is what it would be with some; texts and whole numbers are nothing then.
#'
#' Leading columns have the names that pandas' own `reset_index()` gives them: that of the index,
#' else `index`, or `level_0` if there is a column `index`; of a `MultiIndex` those of its
#' levels, else `level_0`, `level_1` ... Names that columns have already are made different by
#' [make.unique()]. Which columns were the index says the attribute `pandas_index`, by their
#' names; [pandas_frame()] makes an index of them again. A series with such an index is a data
#' frame: the columns of its index, then its values, in a column that has its name, else
#' `value`.
#'
#' Other names are attributes, where there are any: `name_of_series`; `name_of_index` of row
#' names, of names, or of an index by itself. `DataFrame.attrs` is the attribute `attrs`.
#'
#' @section Arrow: Arrays, chunked arrays, tables and record batches of pyarrow, by themselves or
#' inside of pandas' objects (as pandas 3 has texts and the labels of columns), are read without
#' Arrow:
#'
#' | Arrow | R |
#' | --- | --- |
#' | integers, floats, booleans; null | as NumPy's; logical `NA` |
#' | decimals | doubles; where digits are lost, with a warning of class `_precision` |
#' | date32, date64 | `Date` |
#' | timestamp | `POSIXct` in its zone, in UTC if it has none |
#' | duration, time of day | `difftime` in seconds |
#' | string, large_string, string_view | character vector |
#' | binary of all kinds | list of raw vectors |
#' | dictionary | factor, ordered if it is |
#' | list of all kinds; map | list of vectors; list of data frames of `key` and `value` |
#' | struct, table, record batch | data frame |
#' | union, run-end encoded, interval, extension types | [python_object] |
#'
#' What is missing is `NA`, in lists `NULL`; a structure that is missing is a row of `NA`.
#' Numbers and times that lie in one piece (one chunk) with nothing missing are [views].
#'
#' @section Stored again: What R made of it is stored as any R value is, as a dict of columns
#' and so on: no longer a pandas object, unless [pandas_frame()] says so. All attributes come
#' back. A [python_object] is stored as it was.
#' @examples
#' # pickle.dumps(pandas.Timestamp("2020-02-29 12:34:56", tz = "Europe/Zurich"), 0)
#' pickled <- paste0(
#'   "cpandas._libs.tslibs.timestamps\n_unpickle_timestamp\n(L1582976096000000000L\nN",
#'   "cpytz\n_p\n(S'Europe/Zurich'\nI3600\nI0\nS'CET'\ntRI10\ntR."
#' )
#' read_pickle(charToRaw(pickled))
#' @seealso [access], [read_pickle()], [pandas_frame()]
#' @name pandas
NULL

# Labels of columns, or of categories, as text: as R writes them.
pandas_text <- function(labels) {
  text <- if (is.factor(labels)) as.character(labels)
  else if (!is.null(attr(labels, "closed"))) interval_text(labels)
  else if (is.data.frame(labels)) joined_text(lapply(unname(labels), pandas_text))
  else if (is.list(labels)) vapply(labels, label_text, "")
  else if (inherits(labels, "POSIXct")) suppressWarnings(format(labels))
  else if (inherits(labels, "difftime")) paste(number_text(as.vector(labels)), units(labels))
  else if (is.double(labels) && !is.object(labels)) number_text(as.vector(labels))
  else as.character(labels)
  text[is.na(text)] <- "NA"
  text
}

joined_text <- function(parts) do.call(paste, c(parts, sep = "."))

# The shortest of 15 and 17 digits that is the number.
number_text <- function(x) {
  text <- with_point(sprintf("%.15g", x))
  finite <- which(is.finite(x))
  off <- finite[as.numeric(text[finite]) != x[finite]]
  text[off] <- with_point(sprintf("%.17g", x[off]))
  text
}

# Numbers as C writes them, which asks LC_NUMERIC for the decimal point.
with_point <- function(text) {
  sub(Sys.localeconv()[["decimal_point"]], ".", text, fixed = TRUE, useBytes = TRUE)
}

interval_text <- function(x) {
  closed <- attr(x, "closed")
  paste0(
    if (closed %in% c("left", "both")) "[" else "(", pandas_text(x$left), ", ",
    pandas_text(x$right), if (closed %in% c("right", "both")) "]" else ")"
  )
}

# One label of a kind of its own; a tuple's parts are joined as those of a MultiIndex are.
label_text <- function(x, nested = FALSE) {
  if (is.null(x)) "NA"
  else if (inherits(x, "python_object")) format(x)
  else if (is.atomic(x) && length(x) > 0L) paste(pandas_text(x), collapse = ".")
  else if (nested || is.object(x) || !is.list(x)) class(x)[[1L]]
  else paste(vapply(x, label_text, "", nested = TRUE), collapse = ".")
}

# codes: from 0, -1 is missing. Categories that R would write alike are told apart; or
# (repeated) they are one, and missing ones are NA.
pandas_factor <- function(codes, categories, ordered, repeated = FALSE) {
  codes[codes < 0L] <- NA
  codes <- codes + 1L
  levels <- pandas_text(categories)
  if (repeated) {
    texts <- replace(levels, is.na(categories), NA)
    levels <- unique(texts[!is.na(texts)])
    codes <- match(texts, levels)[codes]
  } else {
    levels <- make.unique(levels)
  }
  structure(codes, levels = levels, class = c(if (ordered) "ordered", "factor"))
}

# Lists of some of the items each: from where (0 is the first), how many; -1 is None.
pandas_lists <- function(items, starts, sizes) {
  out <- vector("list", length(starts))
  some <- chooser(items)
  for (i in which(sizes >= 0L)) out[[i]] <- some(items, starts[[i]] + seq_len(sizes[[i]]))
  out
}

# What gives some elements, or rows.
chooser <- function(x) {
  if (is.data.frame(x)) some_rows else `[`
}

some_rows <- function(x, rows) {
  structure(lapply(x, function(column) chooser(column)(column, rows)),
    class = "data.frame", row.names = .set_row_names(length(rows))
  )
}

pandas_intervals <- function(left, right, closed) {
  structure(
    list(left = left, right = right),
    class = "data.frame", row.names = .set_row_names(length(left)), closed = closed
  )
}

# A MultiIndex: its levels as columns, by the names that pandas' reset_index() gives them.
pandas_levels <- function(levels, codes, names) {
  columns <- Map(function(level, code) {
    code[code < 0L] <- NA
    if (!is.data.frame(level)) {
      return(level[code + 1L])
    }
    out <- lapply(level, `[`, code + 1L)
    structure(out,
      class = "data.frame", row.names = .set_row_names(length(code)),
      closed = attr(level, "closed")
    )
  }, unname(levels), codes)
  unnamed <- vapply(names, is.null, NA)
  labels <- vapply(names, label_text, "")
  labels[unnamed] <- paste0("level_", seq_along(names) - 1L)[unnamed]
  structure(
    columns,
    names = labels, class = "data.frame", row.names = .set_row_names(length(codes[[1L]]))
  )
}

# A data frame or a series (x) with its index as leading columns, by the names that pandas'
# reset_index() gives them. `name`: that of the series.
pandas_indexed <- function(x, index, index_name, is_levels, is_series, name) {
  columns <- if (is_series) {
    structure(list(x), names = if (is.null(name)) "value" else label_text(name))
  } else {
    structure(as.list(unclass(x)), row.names = NULL)
  }
  labels <- if (is_levels) names(index)
  else if (!is.null(index_name)) label_text(index_name)
  else if ("index" %in% names(columns)) "level_0" else "index"
  labels <- utils::tail(make.unique(c(names(columns), labels)), length(labels))
  index <- if (is_levels) as.list(unclass(index)) else list(index)
  out <- c(structure(index, names = labels, row.names = NULL), columns)
  rows <- if (is.data.frame(x)) .row_names_info(x, 2L) else NROW(x)
  structure(out,
    class = if (rows <= .Machine$integer.max) "data.frame",
    row.names = if (rows <= .Machine$integer.max) .set_row_names(rows), pandas_index = labels
  )
}
