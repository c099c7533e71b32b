# Growing arrays by chance, beside plain R: each kind has values, a dtype and how many of its
# dimensions are rows.

growing_kinds <- function() {
  maybe <- function(x) replace(x, sample(length(x), length(x) %/% 4L), NA)
  from <- function(...) {
    values <- c(...)
    function(n) values[sample(length(values), n, TRUE)]
  }
  table <- function(n) {
    data.frame(
      t = as.POSIXct("2024-01-01", tz = "UTC") + seq_len(n), level = from("info", "warn")(n),
      n = from(1L, -7L)(n), x = from(0.5, NA, Inf)(n), ok = from(TRUE, FALSE)(n)
    )
  }
  kind <- function(make, dtype = NULL, row = integer(), masked = FALSE, from = NULL) {
    list(make = make, dtype = dtype, row = row, masked = masked)
  }
  list(
    doubles = kind(from(1.5, -0, NA, NaN, Inf)),
    integers = kind(from(1:9), "int16"),
    masked = kind(function(n) maybe(from(1:9)(n)), "int32", masked = TRUE),
    logical = kind(from(TRUE, FALSE)),
    `masked logical` = kind(function(n) maybe(from(TRUE, FALSE)(n)), "bool", masked = TRUE),
    complex = kind(from(1i, 2 + 0.5i)),
    float32 = kind(from(0.25, -8, Inf), "float32"),
    big = kind(from(1, -3), ">f8"),
    texts = kind(from("a", "\u00e9\u4e2d", ""), "U4"),
    `masked texts` = kind(function(n) maybe(from("a", "bcd")(n)), "U4", masked = TRUE),
    days = kind(from(as.Date("2024-02-29"), as.Date(NA)), "datetime64[D]"),
    times = kind(from(as.POSIXct("2024-02-29 12:00:00.5", tz = "UTC")), "datetime64[ms]"),
    spans = kind(function(n) as.difftime(from(1, 3600)(n), units = "secs"), "timedelta64[s]"),
    matrix = kind(from(1.5, NA, 2), row = 3L),
    `masked matrix` = kind(function(n) maybe(from(1:9)(n)), "int32", row = 2L, masked = TRUE),
    stack = kind(from(0, 0.5), "float32", row = c(2L, 3L)),
    `complex stack` = kind(from(1i, 2), row = c(2L, 2L)),
    table = kind(table),
    `masked table` = kind(function(n) transform(table(n), n = maybe(n), level = maybe(level)),
      masked = TRUE)
  )
}

# `n` rows of a kind as the user of a handle with these `dims` has them.
growing_rows <- function(kind, n, reversed) {
  x <- kind$make(n * prod(kind$row))
  if (!length(kind$row)) {
    return(x)
  }
  array(x, if (reversed) c(rev(kind$row), n) else c(n, kind$row))
}

n_rows <- function(x, reversed) {
  if (is.null(dim(x))) length(x) else dim(x)[[if (is.data.frame(x)) 1L else along_of(x, reversed)]]
}
along_of <- function(x, reversed) if (reversed) length(dim(x)) else 1L

# Rows i of x; rows behind rows.
take_rows <- function(x, i, reversed) {
  if (is.data.frame(x)) {
    return(`rownames<-`(x[i, ], NULL))
  }
  if (is.null(dim(x))) {
    return(x[i])
  }
  subscripts <- rep(list(TRUE), length(dim(x)))
  subscripts[[along_of(x, reversed)]] <- i
  do.call(`[`, c(list(x), subscripts, drop = FALSE))
}
bind_rows <- function(x, y, reversed) {
  if (is.data.frame(x)) {
    return(rbind(x, y))
  }
  if (is.null(dim(x))) {
    return(c(x, y))
  }
  turned <- function(a) if (reversed) a else aperm(a)
  both <- c(turned(x), turned(y))
  extents <- if (reversed) dim(x) else rev(dim(x))
  extents[[length(extents)]] <- n_rows(x, reversed) + n_rows(y, reversed)
  turned(array(both, extents))
}
put_rows <- function(x, i, y, reversed) {
  if (is.data.frame(x) || is.null(dim(x))) {
    if (is.data.frame(x)) x[i, ] <- y else x[i] <- y
    return(x)
  }
  subscripts <- rep(list(TRUE), length(dim(x)))
  subscripts[[along_of(x, reversed)]] <- i
  do.call(`[<-`, c(list(x), subscripts, list(value = y)))
}

# Through `[` of the handle.
read_rows <- function(m, key, x, i, reversed) {
  if (is.data.frame(x) || is.null(dim(x))) {
    return(m[key, i])
  }
  subscripts <- rep(list(TRUE), length(dim(x)))
  subscripts[[along_of(x, reversed)]] <- i
  do.call(`[`, c(list(m, key), subscripts, drop = FALSE))
}
write_rows <- function(m, key, x, i, y, reversed) {
  if (is.data.frame(x) || is.null(dim(x))) {
    m[key, i] <- y
    return(invisible())
  }
  subscripts <- rep(list(TRUE), length(dim(x)))
  subscripts[[along_of(x, reversed)]] <- i
  do.call(`[<-`, c(list(m, key), subscripts, list(value = y)))
  invisible()
}
