# pandas' indexes, series and data frames from their descriptions.

# -- indexes ---------------------------------------------------------------------------------

# Kinds of arrays that R has no vector for.
is_foreign <- function(d) {
  d$t == "ExtensionArray" && !grepl("^String", d$class)
}

range_values <- function(d) {
  start <- as.numeric(d$start)
  step <- as.numeric(d$step)
  count <- max(0, ceiling((as.numeric(d$stop) - start) / step))
  start + step * (seq_len(count) - 1)
}

described_name <- function(x, d, context, where, attribute) {
  d <- resolve_scalar(d, context)
  name <- attr(x, attribute, exact = TRUE)
  if (d$t == "None") same(is.null(name), where, "has a name")
  else differ(name, d, context, paste0(where, "@", attribute))
}

comparers$Index <- function(x, d, context, where) {
  if (is_foreign(d$data)) {
    class <- if (is_python(x)) .subset2(x, "class") else class(x)[[1L]]
    return(same(is_python(x) && endsWith(class, paste0(".", d$class)), where,
                paste("names", class, "for", d$class)))
  }
  first_difference(
    differ_values(x, d$data, context, where),
    described_name(x, d$name, context, where, "name_of_index")
  )
}

comparers$RangeIndex <- function(x, d, context, where) {
  first_difference(
    same(is.numeric(x) && identical(as.numeric(x), range_values(d)), where, "other range"),
    described_name(x, d$name, context, where, "name_of_index")
  )
}

comparers$MultiIndex <- function(x, d, context, where) {
  if (!is.data.frame(x) || length(x) != length(d$levels)) {
    return(paste0(where, ": no data frame of ", length(d$levels)))
  }
  for (at in seq_along(d$levels)) {
    name <- resolve_scalar(d$names[[at]], context)
    wanted <- switch(name$t, None = paste0("level_", at - 1L), str = name$v)
    found <- first_difference(
      if (!is.null(wanted)) same(names(x)[[at]] == wanted, where, "other names"),
      same(identical(
        pandas_texts_of(x[[at]]),
        described_texts(d$levels[[at]], context)[replace(
          unlist(d$codes[[at]]) + 1L, unlist(d$codes[[at]]) < 0, NA
        )]
      ), paste0(where, "[[", at, "]]"), "other values")
    )
    if (!is.null(found)) return(found)
  }
  NULL
}

# Values of a level, as text.
pandas_texts_of <- function(x) {
  text <- mmappickle:::pandas_text(if (is.data.frame(x)) x else unname(x))
  text[is.na(if (is.data.frame(x)) x[[1L]] else x)] <- NA
  text
}

# Labels as text; NA for those whose text these rules do not tell.
described_texts <- function(d, context) {
  d <- resolve_scalar(d, context)
  if (d$t == "RangeIndex") {
    return(sprintf("%.0f", range_values(d)))
  }
  if (d$t == "MultiIndex") {
    columns <- Map(function(level, code) {
      described_texts(level, context)[replace(unlist(code) + 1L, unlist(code) < 0, NA)]
    }, d$levels, d$codes)
    columns <- lapply(columns, function(text) ifelse(is.na(text), "NA", text))
    return(do.call(paste, c(unname(columns), sep = ".")))
  }
  data <- resolve_scalar(d$data, context)
  switch(data$t,
    ndarray = array_texts(data, context),
    ExtensionArray = vapply(data$items, item_text, "", context),
    Categorical = described_texts(data$categories, context)[unlist(data$codes) + 1L],
    DatetimeArray = format(.POSIXct(
      as.numeric(unlist(data$i8)) / 1e9,
      r_zone(if (grepl(",", data$dtype)) sub("^.*, (.*)\\]$", "\\1", data$dtype))
    )),
    PeriodArray = format(.Date(as.numeric(unlist(data$i8)))),
    IntervalArray = {
      texts <- lapply(data[c("left", "right")], function(end) {
        end <- resolve_scalar(end, context)
        described_texts(if (end$t == "Index") end else list(t = "Index", data = end), context)
      })
      paste0(
        if (data$closed %in% c("left", "both")) "[" else "(", texts$left, ", ", texts$right,
        if (data$closed %in% c("right", "both")) "]" else ")"
      )
    }
  )
}

array_texts <- function(data, context) {
  if (identical(data$dtype, "|O")) {
    return(vapply(data$items, item_text, "", context))
  }
  value <- decode_items(hex_raw(data$hex), data$dtype, as.numeric(data$shape[[1L]]))$value
  if (is.double(value)) mmappickle:::number_text(value) else as.character(value)
}

item_text <- function(d, context) {
  d <- resolve_scalar(d, context)
  switch(d$t,
    str = enc2utf8(d$v), int = d$v, float = mmappickle:::number_text(float_value(d)),
    bool = as.character(d$v), None = , `NA` = , NaT = "NA",
    tuple = paste(vapply(d$items, item_text, "", context), collapse = "."),
    Timestamp = format(.POSIXct(as.numeric(d$ns) / 1e9, r_zone(d$tz))),
    stop("no text for a label of kind ", d$t)
  )
}

# -- series and data frames -------------------------------------------------------------------

# What the rows are called: list(kind, labels, repeats).
described_rows <- function(d, context) {
  d <- resolve_scalar(d, context)
  if (d$t == "RangeIndex") {
    return(list(kind = "none"))
  }
  other <- list(kind = if (pandas_length(d) == 0) "none" else "other", repeats = TRUE)
  if (d$t != "Index" || !identical(d$data$t, "ndarray")) {
    return(other)
  }
  data <- d$data
  if (data$shape[[1L]] == 0) return(list(kind = "none"))
  if (identical(data$dtype, "|O")) {
    tags <- vapply(data$items, function(i) resolve_scalar(i, context)$t, "")
    if (any(tags != "str")) return(other)
    labels <- described_texts(d, context)
  } else if (grepl("^.[iu]", data$dtype)) {
    labels <- described_texts(d, context)
    if (identical(labels, as.character(seq_along(labels) - 1L))) return(list(kind = "none"))
  } else {
    return(other)
  }
  list(kind = "labels", labels = labels, repeats = anyDuplicated(labels) > 0L)
}

pandas_length <- function(d) {
  data <- d$data %||% d
  if (identical(data$t, "IntervalArray")) return(pandas_length(data$left))
  max(length(d$codes[[1L]]), length(data$i8), length(data$codes), length(data$items),
      length(data$mask), unlist(data$shape))
}

# The leading columns that an index has become; `names`: those of the other columns.
differ_pandas_index <- function(x, d, context, where, names) {
  d <- resolve_scalar(d, context)
  labels <- attr(x, "pandas_index", exact = TRUE)
  if (!is.character(labels) || !identical(labels, base::names(x)[seq_along(labels)])) {
    return(paste0(where, ": does not say which columns are the index"))
  }
  columns <- unclass(x)[seq_along(labels)]
  if (d$t == "MultiIndex") {
    return(comparers$MultiIndex(
      structure(columns, class = "data.frame", row.names = .set_row_names(nrow(x))), d, context,
      paste0(where, "@index")
    ))
  }
  name <- resolve_scalar(d$name, context)
  wanted <- switch(name$t, None = if ("index" %in% names) "level_0" else "index", str = name$v)
  first_difference(
    same(length(labels) == 1L, where, "has not one index"),
    if (!is.null(wanted)) same(labels %in% c(wanted, paste0(wanted, ".1")), where, "other name"),
    if (is_foreign(d$data)) {
      same(all(vapply(columns[[1L]], is_python, NA)), where, "an index that is not inert")
    } else {
      differ_values(columns[[1L]], d$data, context, paste0(where, "@index"))
    }
  )
}

differ_attrs <- function(x, d, context, where) {
  attrs <- attr(x, "attrs", exact = TRUE)
  if (is.null(d$attrs)) same(is.null(attrs), where, "has attrs")
  else differ(attrs, d$attrs, context, paste0(where, "@attrs"))
}

comparers$Series <- function(x, d, context, where) {
  if (is_foreign(d$data)) {
    return(same(is_python(x, "pandas.core.series.Series"), where, "is no python_object"))
  }
  rows <- described_rows(d$index, context)
  if (rows$kind == "other") {
    if (!is.data.frame(x)) {
      return(paste0(where, ": no data frame"))
    }
    return(first_difference(
      differ_pandas_index(x, d$index, context, where, character()),
      differ_values(x[[length(x)]], d$data, context, where),
      differ_attrs(x, d, context, where)
    ))
  }
  intervals <- d$data$t == "IntervalArray"
  labels <- if (!intervals) names(x) else if (.row_names_info(x) > 0L) row.names(x)
  first_difference(
    differ_values(x, d$data, context, where),
    same(identical(labels, rows$labels), where, "other names"),
    if (rows$kind == "labels") {
      described_name(x, resolve_scalar(d$index, context)$name, context, where, "name_of_index")
    },
    described_name(x, d$name, context, where, "name_of_series"),
    differ_attrs(x, d, context, where)
  )
}

comparers$DataFrame <- function(x, d, context, where) {
  columns <- lapply(d$data, resolve_scalar, context)
  wanted <- if (length(columns)) described_texts(d$columns, context) else character()
  rows <- described_rows(d$index, context)
  indexed <- rows$kind == "other" || (rows$kind == "labels" && rows$repeats)
  before <- if (indexed) length(attr(x, "pandas_index")) else 0L
  if (!is.data.frame(x) || length(x) != before + length(columns)) {
    return(paste0(where, ": no data frame of ", length(columns)))
  }
  found <- first_difference(
    same(identical(as.character(names(x))[before + seq_along(columns)], wanted), where,
         "other names"),
    if (indexed) {
      differ_pandas_index(x, d$index, context, where, wanted)
    } else if (rows$kind == "labels") {
      first_difference(
        same(identical(attr(x, "row.names"), rows$labels), where, "other names of rows"),
        described_name(x, resolve_scalar(d$index, context)$name, context, where, "name_of_index")
      )
    } else {
      same(.row_names_info(x) <= 0L, where, "has names of rows")
    },
    differ_attrs(x, d, context, where)
  )
  if (!is.null(found)) return(found)
  for (at in seq_along(columns)) {
    label <- paste0(where, "[[", at, "]]")
    column <- x[[before + at]]
    inert <- is_foreign(columns[[at]])
    found <- first_difference(
      same(NROW(column) == nrow(x), label, "of another length"),
      if (inert) same(all(vapply(column, is_python, NA)), label, "is not inert")
      else differ_values(column, columns[[at]], context, label)
    )
    if (!is.null(found)) return(found)
  }
  NULL
}

# The class alone is told of what a guarded CPython does not load.
comparers$opaque <- function(x, d, context, where) {
  pandas <- identical(d$of, "pandas.core.frame.DataFrame") && is.data.frame(x)
  if (pandas) NULL else differ_object(x, d, context, where)
}
