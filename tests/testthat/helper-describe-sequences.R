# Which sequences are vectors: the rule of core/plan/simplify.h once more, from descriptions.

# The kind of scalar that an item is: "" for what is none, NA for what is missing.
scalar_kind <- function(d) {
  zone <- function(tz) if (is.list(tz)) paste(unlist(tz), collapse = " ") else as.character(tz)
  switch(d$t,
    None = , `NA` = , NaT = , masked_constant = NA_character_,
    bool = "logical",
    int = if (is.null(int_value(d$v))) "" else "number",
    float = "number",
    str = if (is.null(d$v)) "" else "text",
    complex = "complex",
    date = "date",
    datetime = switch(d$tz$t,
      None = "naive",
      timezone = , zoneinfo = paste("aware", zone(d$tz[c("t", "offset_us", "key")])),
      ""
    ),
    Timestamp = if (is.null(d$tz)) "naive" else paste("aware", zone(d$tz)),
    timedelta = , Timedelta = "duration",
    time = if (d$tz$t == "None") "clock" else "",
    npscalar = if (is.character(d$dtype)) numpy_kind(d$dtype, d$hex) else "",
    ""
  )
}

numpy_kind <- function(dtype, hex) {
  code <- sub("^[<>|=]", "", dtype)
  plain <- code %in% c("M8", "m8")  # without a unit
  switch(substr(code, 1L, 1L),
    b = "logical", i = , u = , f = "number", c = "complex",
    U = if (holds_text(code_points(hex, startsWith(dtype, ">")))) "text" else "",
    S = if (holds_text(utf8_points(hex_raw(hex)))) "bytes" else "",
    M = if (plain) "number" else if (grepl("\\[[0-9]*[YMWD]\\]$", code)) "date" else "naive",
    m = if (plain) "number" else "duration", ""
  )
}

code_points <- function(hex, big) {
  colSums(item_bytes(hex_raw(hex), 4, big) * 256^(0:3))
}
utf8_points <- function(bytes) {
  while (length(bytes) && bytes[[length(bytes)]] == 0L) bytes <- bytes[-length(bytes)]
  if (any(bytes == 0L)) return(0)
  text <- rawToChar(bytes)
  if (!validUTF8(text) || grepl("\\\\x[0-9a-f]{2}", text, useBytes = TRUE)) 0 else utf8ToInt(text)
}
# What an R string can hold, NULs at the end aside.
holds_text <- function(points) {
  points <- points[seq_len(max(0L, which(points != 0)))]
  all(points > 0 & points <= 0x10ffff & !(points >= 0xd800 & points <= 0xdfff))
}

# Not-a-number is a missing value, but among numbers.
is_nan <- function(d) identical(d$t, "float") && d$v == "nan"

# The kind of all; NULL if they stay a list. `logical`: so are items that are all missing.
common_kind <- function(items, logical = FALSE) {
  kinds <- vapply(items, scalar_kind, "")
  nan <- vapply(items, is_nan, NA)
  told <- unique(kinds[!is.na(kinds) & !nan])
  if (!length(told)) {
    return(if (any(nan)) "number" else if (logical && length(items) > 0L) "logical")
  }
  if (length(told) != 1L || !nzchar(told)) {
    return(NULL)
  }
  # Whole numbers beyond the exact doubles mix with no others.
  float <- vapply(items, function(d) d$t == "float" || grepl("^.f", d$dtype %||% ""), NA)
  wide <- vapply(items, function(d) d$t == "int" && abs(as.numeric(d$v)) > 2^53, NA)
  if (told == "number" && any(float) && any(wide)) NULL else told
}

is_missing_of <- function(d, kind) is.na(scalar_kind(d)) || (is_nan(d) && kind != "number")

# Each element is what the item is by itself; numbers by their value.
differ_scalars <- function(x, items, kind, context, where) {
  if (is.list(x) || length(x) != length(items)) {
    return(paste0(where, ": no vector of ", length(items)))
  }
  for (at in seq_along(items)) {
    d <- items[[at]]
    one <- x[at]
    names(one) <- NULL
    spot <- paste0(where, "[", at, "]")
    found <- if (is_missing_of(d, kind)) {
      same(is.na(one), spot, "is not NA")
    } else if (kind == "number" && d$t %in% c("int", "float")) {
      wanted <- if (d$t == "int") as.numeric(d$v) else float_value(d)
      same(identical(as.numeric(one), wanted) || is.nan(wanted) && is.nan(one), spot,
           "other number")
    } else if (kind == "number" && grepl("^.[iu]", d$dtype)) {
      same(as.numeric(one) == numpy_whole(d), spot, "other number")
    } else {
      differ(one, d, context, spot)
    }
    if (!is.null(found)) return(found)
  }
  NULL
}
