# How a handle shows itself: cheap, and never failing, in whatever state it is.

#' Show a handle
#'
#' `print()` shows path, mode, number of keys, size and dead bytes of the file, and a line a
#' key for the first `n`: what its value is in R, how it is stored, and its bytes. No value is
#' read: see [entries()], "What is told of values". Lines are cut to the width of the console;
#' colours are those of package cli (`options(cli.num_colors = 1)` turns them off). `str()` does
#' so with a line a key, as of a list. A handle that is closed, or whose file is gone, was
#' replaced by something else or cannot be read, says so.
#'
#' @param x,object A handle, see [mmapdict()].
#' @param n Number of keys to show.
#' @param width Width of the lines, in columns.
#' @param list.len,nest.lev,indent.str,comp.str,max.level As of [utils::str()].
#' @param ... Ignored.
#' @return `print()`, `str()`: their argument, invisibly. `format()`: one string. `summary()`: an
#'   object of class `summary.mmapdict`, a list with `path`, `readonly`, `keys`, `size` and
#'   `dead` (bytes), `commit`, and `kinds`, a data frame that counts entries and bytes by kind,
#'   dtype and type in R; of a handle that cannot be used `path` and `state`, a sentence.
#' @examples
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' m[["x"]] <- matrix(c(1, 2, 3, 4, 5, 6), 2)
#' m[["text"]] <- "value"
#' m
#' str(m)
#' summary(m)
#' close(m)
#' m
#' @export
print.mmapdict <- function(x, ..., n = 20L, width = getOption("width")) {
  info <- state_of(x)
  cat(info_lines(info, is_new(x)), key_lines(x, info, n, width), sep = "\n")
  if (!identical(own(x, ".new"), "")) set_own(x, ".new", "")
  invisible(x)
}

# Whether opening made the file, and no other has taken its place since.
is_new <- function(m) {
  made <- own(m, ".new")
  is_string(made) &&
    identical(made, tryCatch(identity_of(own(m, ".path")), error = function(e) ""))
}

#' @rdname print.mmapdict
#' @export
format.mmapdict <- function(x, ...) {
  info <- state_of(x)
  state <- info$state %||%
    paste0(if (isTRUE(info$gone)) "the file is gone, ", plural(info$keys, "key"))
  paste0("<mmapdict> ", one_line(info$path), " (", state, ")")
}

#' @rdname print.mmapdict
#' @export
str.mmapdict <- function(object, ..., list.len = 99L, nest.lev = 0L, comp.str = "$ ",
                         indent.str = paste(rep.int(" ", max(0L, nest.lev + 1L)), collapse = ".."),
                         max.level = NA) {
  cat("", format.mmapdict(object), "\n")
  if (!is.na(max.level) && nest.lev >= max.level) {
    return(invisible())
  }
  table <- first_entries(object, list.len)
  if (length(table$key)) {
    width <- getOption("width")
    keys <- padded(cut_off(one_line(table$key), max(8L, width %/% 2L)))
    lines <- paste0(indent.str, comp.str, keys, ": ", shown_values(table))
    cat(cut_off(lines, width), sep = "\n")
  }
  if (isTRUE(state_of(object)$keys > length(table$key))) {
    cat(indent.str, "[list output truncated]\n")
  }
  invisible()
}

#' @rdname print.mmapdict
#' @export
summary.mmapdict <- function(object, ...) {
  info <- state_of(object)
  if (is.null(info$state)) {
    table <- store_entries(pointer(object), FALSE, own(object, ".flags"), Inf, TRUE)
    table$of[is.na(table$of)] <- ifelse(table$kind[is.na(table$of)] == "damaged", "damaged", "?")
    inert <- table$of == "python_object"  # some are read as values of other packages
    table$of[inert] <- sub(" .*", "", in_r(table$brief[inert], own(object, ".readers")))
    group <- paste(table$kind, table$dtype, table$of)
    first <- !duplicated(group)
    tally <- function(x) as.vector(tapply(x, factor(group, group[first]), sum))
    info$kinds <- data.frame(
      kind = table$kind[first], dtype = table$dtype[first], type = table$of[first],
      entries = tally(rep(1, length(group))), bytes = tally(table$bytes)
    )
  }
  structure(info, class = "summary.mmapdict")
}

#' @export
print.summary.mmapdict <- function(x, ..., width = getOption("width")) {
  kinds <- x$kinds
  cat(info_lines(unclass(x)), sep = "\n")
  if (NROW(kinds) > 0L) {
    columns <- list(
      type = one_line(kinds$type), stored = stored_as(kinds),
      entries = vapply(kinds$entries, plural, "", "entry", "entries"),
      size = vapply(kinds$bytes, format_bytes, "")
    )
    cat(in_columns(columns, width, 1L, c(TRUE, TRUE, FALSE, FALSE)), sep = "\n")
  }
  invisible(x)
}

# store_info() of a handle that can be used, else list(path, state = why it cannot, kind).
state_of <- function(m) {
  path <- own(m, ".path")
  if (own(m, ".closed")) {
    return(list(path = path, state = "closed", kind = "closed"))
  }
  tryCatch(
    {
      info <- suppressWarnings(store_info(pointer(m)))
      # What this process has of it can be read on.
      if (!file.exists(path)) c(info, gone = TRUE) else info
    },
    error = function(e) {
      kind <- sub("^mmappickle_error_", "", class(e)[[1L]])
      list(path = path, state = one_line(sentence_of(e)), kind = kind)
    }
  )
}

info_lines <- function(info, new = FALSE) {
  path <- paste0("<mmapdict> ", one_line(info$path))
  if (!is.null(info$state)) {
    return(c(path, info$state))
  }
  c(path, paste0(
    if (isTRUE(info$gone)) "the file is gone, ", if (new) "new file, ",
    if (info$readonly) "read-only" else "read and write", ", ",
    plural(info$keys, "key"), ", ", format_bytes(info$size),
    if (info$dead > 0) paste0(" (", format_bytes(info$dead), " dead)")
  ))
}

# The first entries of a handle, no others are looked at; none of one that cannot be read.
first_entries <- function(m, n) {
  tryCatch(
    suppressWarnings({
      if (own(m, ".closed")) return(NULL)
      table <- store_entries(pointer(m), FALSE, own(m, ".flags"), as.double(n), TRUE)
      table$value <- brief_texts(table, own(m, ".readers"))
      table
    }),
    error = function(e) NULL
  )
}

key_lines <- function(m, info, n, width) {
  table <- if (is.null(info$state)) first_entries(m, n)
  few <- length(table$key)
  more <- if (is.null(info$state)) info$keys - few else 0
  if (few == 0L) {
    return()
  }
  columns <- list(
    key = cut_off(one_line(table$key), max(8L, min(40L, width %/% 3L))),
    value = shown_values(table), stored = stored_as(table),
    size = vapply(table$bytes, format_bytes, "")
  )
  grey <- list(value = style_values, stored = cli::col_grey, size = cli::col_grey)
  c(
    in_columns(columns, width, 2L, c(TRUE, TRUE, TRUE, FALSE), grey),
    if (more > 0) cut_off(paste0("  ", ellipsis(), " and ", plural(more, "more key")), width)
  )
}

shown_values <- function(table) ifelse(is.na(table$value), "?", table$value)

# The type in colour, what is quoted or a number not.
style_values <- function(text) {
  type <- sub("^([^ ]*).*$", "\\1", text)
  colour <- ifelse(type == "damaged", cli::col_red(type), cli::col_blue(type))
  paste0(colour, substring(text, nchar(type) + 1L))
}

# "float64", "int32, masked", "structured"; of values nothing.
stored_as <- function(table) {
  masked <- ifelse(table$kind == "masked", ", masked", "")
  dtype <- sub("^[[{].*", "structured", table$dtype)
  stored <- ifelse(is.na(dtype), "", paste0(dtype, masked))
  grows <- which(!is.na(table$capacity))
  room <- paste("capacity", vapply(table$capacity[grows], count, ""))
  stored[grows] <- paste0(stored[grows], ifelse(nzchar(stored[grows]), ", ", ""), room)
  stored
}

padded <- function(text) {
  paste0(text, strrep(" ", max(0L, nchar(text, "width")) - nchar(text, "width")))
}

# "[2 x 3]", "[5]", "[]" for a scalar array.
format_shape <- function(shape) {
  paste0("[", paste(vapply(as.double(shape), count, ""), collapse = " x "), "]")
}

# In units of 1000: "216 MB".
format_bytes <- function(n) {
  units <- c("B", "kB", "MB", "GB", "TB", "PB", "EB")
  power <- if (n >= 1000) min(floor(log10(n) / 3), length(units) - 1) else 0
  shown <- format(signif(n / 1000^power, 3), digits = 15L, scientific = FALSE, trim = TRUE)
  paste(shown, units[[power + 1]])
}

plural <- function(n, one, many = paste0(one, "s")) paste(count(n), if (n == 1) one else many)
