# How a handle shows itself: cheap, and never failing, in whatever state it is.

#' Show a handle
#'
#' `print()` shows path, mode, number of keys, size and dead bytes of the file, and a line a
#' key for the first 20: kind, dtype, shape, type in R, and bytes. No value is read. A handle that
#' is closed, or whose file is gone, says so.
#'
#' @param x,object A handle, see [mmapdict()].
#' @param n Number of keys to show.
#' @param ... Ignored.
#' @return `print()`, `str()`: their argument, invisibly. `format()`: one string. `summary()`: an
#'   object of class `summary.mmapdict`, a list with `path`, `readonly`, `keys`, `size` and
#'   `dead` (bytes), `commit`, and `kinds`, a data frame that counts entries and bytes by kind
#'   and dtype.
#' @examples
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' m[["x"]] <- matrix(c(1, 2, 3, 4, 5, 6), 2)
#' m[["text"]] <- "value"
#' m
#' summary(m)
#' close(m)
#' m
#' @export
print.mmapdict <- function(x, ..., n = 20L) {
  cat(header_lines(x), key_lines(x, n), sep = "\n")
  invisible(x)
}

#' @rdname print.mmapdict
#' @export
format.mmapdict <- function(x, ...) {
  info <- state_of(x)
  paste0("<mmapdict> ", info$path, " (", info$state %||% plural(info$keys, "key"), ")")
}

#' @rdname print.mmapdict
#' @export
str.mmapdict <- function(object, ...) {
  cat("", format.mmapdict(object), "\n")
  invisible()
}

#' @rdname print.mmapdict
#' @export
summary.mmapdict <- function(object, ...) {
  info <- store_info(pointer(object))
  table <- entries(object)
  group <- paste(table$kind, ifelse(is.na(table$dtype), "", table$dtype))
  first <- !duplicated(group)
  tally <- function(x) as.vector(tapply(x, factor(group, group[first]), sum))
  info$kinds <- data.frame(
    kind = table$kind[first], dtype = table$dtype[first],
    entries = tally(rep(1, length(group))), bytes = tally(table$bytes)
  )
  structure(info, class = "summary.mmapdict")
}

#' @export
print.summary.mmapdict <- function(x, ...) {
  cat(info_lines(unclass(x)), sep = "\n")
  for (at in seq_len(nrow(x$kinds))) {
    cat(
      "  ", x$kinds$kind[[at]],
      if (!is.na(x$kinds$dtype[[at]])) paste0(" ", x$kinds$dtype[[at]]), ": ",
      plural(x$kinds$entries[[at]], "entry", "entries"), ", ",
      format_bytes(x$kinds$bytes[[at]]), "\n",
      sep = ""
    )
  }
  invisible(x)
}

# store_info() of a handle that can be used, else list(path, state = why it cannot).
state_of <- function(m) {
  path <- own(m, ".path")
  if (own(m, ".closed")) {
    return(list(path = path, state = "closed"))
  }
  tryCatch(
    store_info(pointer(m)),
    error = function(e) list(path = path, state = first_line(conditionMessage(e)))
  )
}

header_lines <- function(m) {
  info <- state_of(m)
  if (is.null(info$state)) info_lines(info) else paste0("<mmapdict> ", info$path, "\n", info$state)
}

info_lines <- function(info) {
  c(
    paste0("<mmapdict> ", info$path),
    paste0(
      if (info$readonly) "read-only" else "read and write", ", ", plural(info$keys, "key"),
      ", ", format_bytes(info$size),
      if (info$dead > 0) paste0(" (", format_bytes(info$dead), " dead)")
    )
  )
}

# A line a key, for the first n of them.
key_lines <- function(m, n) {
  table <- tryCatch(
    if (!own(m, ".closed")) store_entries(pointer(m), FALSE, own(m, ".flags")),
    error = function(e) NULL
  )
  keys <- length(table$key)
  if (!keys) {
    return()
  }
  few <- seq_len(min(keys, n))
  array <- !is.na(table$dtype[few])
  columns <- list(
    shorten_all(encodeString(table$key[few])),
    table$kind[few],
    ifelse(array, table$dtype[few], ""),
    ifelse(array, vapply(table$shape[few], format_shape, ""), ""),
    ifelse(is.na(table$type[few]), "", table$type[few]),
    vapply(table$bytes[few], format_bytes, "")
  )
  lines <- trimws(do.call(paste, c(lapply(columns, format), sep = "  ")), "right")
  c(paste0("  ", lines), if (keys > n) paste0("  ... and ", count(keys - n), " more"))
}

shorten_all <- function(text) vapply(text, shorten, "", width = 40L, USE.NAMES = FALSE)

first_line <- function(text) sub("\n.*", "", text)

# "[2 x 3]", "[5]", "[]" for a scalar array.
format_shape <- function(shape) {
  paste0("[", paste(vapply(as.double(shape), count, ""), collapse = " x "), "]")
}

# In units of 1000: "216 MB".
format_bytes <- function(n) {
  units <- c("B", "kB", "MB", "GB", "TB", "PB", "EB")
  power <- if (n >= 1000) min(floor(log10(n) / 3), length(units) - 1) else 0
  paste(format(signif(n / 1000^power, 3), trim = TRUE), units[[power + 1]])
}

plural <- function(n, one, many = paste0(one, "s")) paste(count(n), if (n == 1) one else many)
