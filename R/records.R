# Rows of structured arrays of rank 1.

row_positions <- function(subs, info) {
  if (length(subs) > 1L) {
    abort_subscript(
      place_of(info),
      paste0(quoted(info$key), " is a structured array, which has rows alone; ",
             plural(length(subs), "subscript"), " were given."),
      "A column of some rows: m[\"k\", i]$column."
    )
  }
  as.double(locate(subs, info)$axes[[1L]] %||% seq_len(info$dim))
}

read_rows <- function(m, key, subs, info) {
  at <- row_positions(subs, info)
  take_rows(store_get(pointer(m), key, own(m, ".flags"), NULL), at)
}

# Of a structured array as it is read: columns are views, of which only these rows are read.
take_rows <- function(x, at) {
  columns <- lapply(unclass(x), function(column) {
    if (is.data.frame(column)) {
      return(take_rows(column, at))
    }
    rank <- length(dim(column))
    if (!rank) {
      return(column[at])
    }
    index <- rep(list(TRUE), rank)
    # The bytes of V stand before its rows.
    index[[if (is_void(column)) rank else 1L]] <- at
    do.call(`[`, c(list(column), index, drop = FALSE))
  })
  structure(
    columns, names = names(x), row.names = .set_row_names(length(at)), class = "data.frame"
  )
}

is_void <- function(x) startsWith(view_info(x)$dtype %||% "", "|V")

write_rows <- function(m, key, subs, value, info) {
  at <- row_positions(subs, info)
  if (!is.list(value)) {
    abort_value(
      "Rows of a structured array are written as a data frame, or a list, of its columns.",
      path = info$path, key = info$key
    )
  }
  value <- lapply(unclass(value), plain_column)
  records_write(pointer(m), key, at, value, own(m, ".flags"))
  invisible()
}

plain_column <- function(column) {
  if (is.list(column)) lapply(unclass(column), plain_column) else slice_value(column)
}
