# pandas' indexes, series and data frames from their descriptions.

# -- indexes ---------------------------------------------------------------------------------

# Kinds of arrays that R has no vector for.
is_foreign <- function(d) {
  d$t %in% c("PeriodArray", "SparseArray", "IntervalArray") ||
    (d$t == "ExtensionArray" && !grepl("^String", d$class))
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

# What the rows are called: list(kind, labels).
described_rows <- function(d, context) {
  d <- resolve_scalar(d, context)
  if (d$t == "RangeIndex") {
    values <- range_values(d)
    if (!length(values) || (values[[1L]] == 0 && d$step == "1")) return(list(kind = "none"))
  } else if (d$t == "Index" && identical(d$data$t, "ndarray")) {
    data <- d$data
    if (data$shape[[1L]] == 0) return(list(kind = "none"))
    if (identical(data$dtype, "|O")) {
      tags <- vapply(data$items, function(i) resolve_scalar(i, context)$t, "")
      texts <- described_texts(d, context)
      if (all(tags == "str") && !anyDuplicated(texts)) {
        return(list(kind = "text", labels = texts))
      }
      return(list(kind = "other"))
    }
    if (!grepl("^.[iu]", data$dtype)) return(list(kind = "other"))
    values <- decode_items(hex_raw(data$hex), data$dtype, data$shape[[1L]])$value
  } else {
    return(list(kind = if (pandas_length(d) == 0) "none" else "other"))
  }
  whole <- !anyNA(values) && all(abs(values) < 2^31) && !anyDuplicated(values)
  if (whole) list(kind = "integers", labels = as.integer(values)) else list(kind = "other")
}

pandas_length <- function(d) {
  data <- d$data %||% d
  if (identical(data$t, "IntervalArray")) return(pandas_length(data$left))
  max(length(d$codes[[1L]]), length(data$i8), length(data$codes), length(data$items),
      length(data$mask), unlist(data$shape))
}

differ_rows <- function(x, d, context, where, text, integers) {
  rows <- described_rows(d, context)
  d <- resolve_scalar(d, context)
  index <- attr(x, "index", exact = TRUE)
  if (rows$kind == "other") {
    return(differ(index, d, context, paste0(where, "@index")))
  }
  first_difference(
    switch(rows$kind,
      text = same(identical(text(x), rows$labels), where, "other names of rows"),
      integers = same(identical(integers(x), rows$labels), where, "other numbers of rows")
    ),
    same(is.null(index) || rows$kind == "integers", where, "has an index"),
    if (!is.null(d$name)) described_name(x, d$name, context, where, "name_of_index")
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
  first_difference(
    differ_values(x, d$data, context, where),
    differ_rows(x, d$index, context, where, names, function(x) attr(x, "index")),
    described_name(x, d$name, context, where, "name_of_series"),
    differ_attrs(x, d, context, where)
  )
}

comparers$DataFrame <- function(x, d, context, where) {
  columns <- lapply(d$data, resolve_scalar, context)
  foreign <- vapply(columns, function(c) is_foreign(c) && c$t != "IntervalArray", NA)
  labels <- resolve_scalar(d$columns, context)
  if (any(foreign) || (labels$t == "Index" && identical(labels$data$t, "PeriodArray"))) {
    return(same(is_python(x, "pandas.core.frame.DataFrame"), where, "is no python_object"))
  }
  if (!is.data.frame(x) || length(x) != length(columns)) {
    return(paste0(where, ": no data frame of ", length(columns)))
  }
  wanted <- if (length(columns)) described_texts(d$columns, context) else character()
  found <- first_difference(
    same(identical(names(x) %||% character(), wanted), where, "other names"),
    differ_rows(x, d$index, context, where, row.names, function(x) attr(x, "row.names")),
    differ_attrs(x, d, context, where)
  )
  if (!is.null(found)) return(found)
  for (at in seq_along(columns)) {
    label <- paste0(where, "[[", at, "]]")
    found <- first_difference(
      same(NROW(x[[at]]) == nrow(x), label, "of another length"),
      differ_values(x[[at]], columns[[at]], context, label)
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
