# pandas' scalars and arrays from their descriptions, by the rules of ?pandas.

comparers$Timestamp <- function(x, d, context, where) {
  first_difference(
    differ_times(x, d$ns, "POSIXct", where),
    same(identical(attr(x, "tzone"), r_zone(d$tz)), where, "is in another zone")
  )
}
comparers$Timedelta <- function(x, d, context, where) differ_times(x, d$ns, "difftime", where)
comparers$NaT <- function(x, d, context, where) {
  same(inherits(x, "POSIXct") && length(x) == 1L && is.na(x), where, "is no NA of POSIXct")
}
comparers[["NA"]] <- function(x, d, context, where) same(identical(x, NA), where, "is not NA")

# A description has the zone's name, or its own text for what has none.
r_zone <- function(tz) {
  if (is.null(tz) || tz %in% c("UTC", "tzutc()")) {
    return("UTC")
  }
  forms <- c("^UTC([+-])([0-9]{2}):([0-9]{2})$", "^pytz\\.FixedOffset\\((-?[0-9]+)\\)$",
             "^tzoffset\\(.*, (-?[0-9]+)\\)$")
  offset <- regmatches(tz, regexec(paste(forms, collapse = "|"), tz))[[1L]]
  if (!length(offset)) {
    return(sub("')$", "", sub("^tzfile\\('(.*zoneinfo/)?", "", tz)))
  }
  hours <- if (nzchar(offset[[5L]])) as.numeric(offset[[5L]]) / 60
  else if (nzchar(offset[[6L]])) as.numeric(offset[[6L]]) / 3600
  else as.numeric(paste0(offset[[2L]], 1)) *
    (as.numeric(offset[[3L]]) + as.numeric(offset[[4L]]) / 60)
  if (hours == 0 || hours %% 1 != 0) "UTC" else sprintf("Etc/GMT%+d", -as.integer(hours))
}

# Counts, as decimal text, of a unit of seconds.
differ_times <- function(x, counts, class, where, unit = "ns") {
  counts <- unlist(counts)
  nat <- counts == "-9223372036854775808"
  if (!inherits(x, class) || length(x) != length(counts)) {
    return(paste0(where, ": no ", class, " of ", length(counts)))
  }
  wanted <- as.numeric(counts) * seconds_in_unit[[unit]]
  got <- if (class == "difftime") as.numeric(x, units = "secs") else as.numeric(x)
  first_difference(
    same(identical(as.vector(is.na(got)), as.vector(nat)), where, "NaT elsewhere"),
    same(all(abs(got - wanted)[!nat] <= 4e-16 * abs(wanted[!nat])), where, "other times")
  )
}

# -- arrays --------------------------------------------------------------------------------

# The values of an array (a column, a series, an index), attributes of its index aside.
differ_values <- function(x, d, context, where) {
  d <- resolve_scalar(d, context)
  switch(d$t,
    ndarray = if (identical(d$dtype, "|O")) differ_labels(x, d$items, context, where)
    else differ_array(x, d, context, where, NULL),
    ExtensionArray = differ_labels(x, d$items, context, where, text = TRUE),
    comparers[[d$t]](x, d, context, where)
  )
}

is_missing <- function(d) d$t %in% c("None", "NA", "NaT") || (d$t == "float" && d$v == "nan")

# Objects: character, if all are texts or missing.
differ_labels <- function(x, items, context, where, text = FALSE) {
  items <- lapply(items, resolve_scalar, context)
  missing <- vapply(items, is_missing, NA)
  texts <- vapply(items, function(d) d$t == "str" && !is.null(d$v), NA)
  if (all(missing | texts) && (any(texts) || text)) {
    wanted <- rep(NA_character_, length(items))
    wanted[texts] <- enc2utf8(vapply(items[texts], `[[`, "", "v"))
    return(same(identical(as.vector(x), wanted), where, "other texts"))
  }
  common <- common_kind(items, logical = TRUE)
  if (!is.null(common)) {
    return(differ_scalars(x, items, common, context, where))
  }
  if (!is.list(x) || length(x) != length(items)) {
    return(paste0(where, ": no list of ", length(items)))
  }
  for (at in seq_along(items)) {
    found <- differ(x[[at]], items[[at]], context, paste0(where, "[[", at, "]]"))
    if (!is.null(found)) return(found)
  }
  NULL
}

comparers$Categorical <- function(x, d, context, where) {
  codes <- as.integer(unlist(d$codes)) + 1L
  codes[codes == 0L] <- NA
  first_difference(
    same(is.factor(x) && is.ordered(x) == d$ordered, where, "no (ordered) factor"),
    same(identical(as.integer(unname(x)), codes), where, "other codes"),
    same(identical(levels(x), described_texts(d$categories, context)), where, "other levels")
  )
}

comparers$DatetimeArray <- function(x, d, context, where) {
  parts <- regmatches(d$dtype, regexec("^datetime64\\[([a-z]+)(, (.*))?\\]$", d$dtype))[[1L]]
  first_difference(
    differ_times(x, d$i8, "POSIXct", where, parts[[2L]]),
    same(identical(attr(x, "tzone"), r_zone(if (nzchar(parts[[4L]])) parts[[4L]])), where,
         "is in another zone")
  )
}

comparers$TimedeltaArray <- function(x, d, context, where) {
  unit <- sub("^timedelta64\\[([a-z]+)\\]$", "\\1", d$dtype)
  differ_times(x, d$i8, "difftime", where, unit)
}

comparers$Nullable <- function(x, d, context, where) {
  differ_array(x, d$data, context, where, as.logical(unlist(d$mask)))
}

comparers$ExtensionArray <- function(x, d, context, where) {
  if (is_foreign(d)) same(is_python(x), where, "is no python_object")
  else differ_labels(x, d$items, context, where, text = TRUE)
}

comparers$IntervalArray <- function(x, d, context, where) {
  first_difference(
    same(is.data.frame(x) && identical(names(x), c("left", "right")), where, "no left, right"),
    same(identical(attr(x, "closed"), d$closed), where, "other ends"),
    differ_ends(x$left, d$left, context, paste0(where, "$left")),
    differ_ends(x$right, d$right, context, paste0(where, "$right"))
  )
}
differ_ends <- function(x, d, context, where) {
  d <- resolve_scalar(d, context)
  if (d$t == "Index") differ_values(x, d$data, context, where)
  else differ_values(x, d, context, where)
}

comparers$Interval <- function(x, d, context, where) {
  same(is_python(x), where, "an Interval is not inert")
}

# What they are, python/pandas_frames.py knows by pandas' own text.
comparers$PeriodArray <- function(x, d, context, where) {
  nat <- unlist(d$i8) == "-9223372036854775808"
  class <- if (d$freq %in% c("D", "B")) "Date" else "character"
  same(inherits(x, class) && identical(as.vector(is.na(x)), as.vector(nat)), where,
       paste("no", class, "for periods"))
}
comparers$Period <- function(x, d, context, where) {
  comparers$PeriodArray(x, list(i8 = d$ordinal, freq = d$freq), context, where)
}

comparers$SparseArray <- function(x, d, context, where) {
  there <- unlist(d$indices) + 1L
  fill <- differ_fill(x[setdiff(seq_along(x), there)], d$fill_value, context)
  first_difference(
    same(is.atomic(x) && length(x) == d$length, where, "is not filled in"),
    same(fill, where, "other values between"),
    differ_values(x[there], d$values, context, where)
  )
}
differ_fill <- function(x, d, context) {
  d <- resolve_scalar(d, context)
  if (is_missing(d)) all(is.na(x)) else all(x == as.numeric(d$v))
}
