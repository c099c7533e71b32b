# Whole entries renamed, deleted, copied, given other attributes; a handle for the time of a call.

#' Rename, copy and delete values
#'
#' `mmap_rename()` gives values other keys, `mmap_copy()` copies them to another file or to other
#' keys, `mmap_delete()` deletes several. The bytes go from file to file, not through R's memory,
#' and what is sparse stays sparse; values are not even read.
#'
#' Each of them takes the lock once. If a key is missing, or there already, nothing is done. All
#' copies show at the same moment, or none do. So keys can take each other's
#' places: `mmap_rename(m, c("a", "b"), c("b", "a"))` is one change, which a crash cannot halve. A
#' key that is given up, as `"a"` in `mmap_rename(m, "a", "c")`, is deleted just after the copy
#' shows: a crash between leaves the value under both keys.
#'
#' A renamed value is a new entry at the end of the file. The space of the old one is given back by
#' [vacuum()], or at once by [reclaim()].
#' @param m,from,to Handles, see [mmapdict()]; `from` and `to` may be the same one. For
#'   `mmap_rename()`: `from` the keys, `to` the keys that they get instead, as many.
#' @param keys Keys that are to be copied or deleted: a character vector, the raw vector of a key's
#'   bytes, or a list of such. `NULL`: all keys of `from`.
#' @param new_keys The keys that the copies get, as many.
#' @param overwrite `TRUE`: values that have the new keys already are replaced.
#' @return The handle (`mmap_copy()`: `to`), invisibly.
#' @section Errors: `mmappickle_error_key` (a key is missing, given twice, or there already),
#'   `_readonly`, `_value`, `_format` (the entry is damaged), `_io`, `_busy`, `_closed`.
#' @seealso [mmap_set()], [mmap_attr()]
#' @examples
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' m[c("a", "b")] <- list(c(1, 2, 3), "text")
#' mmap_rename(m, "a", "x")
#' mmap_rename(m, c("x", "b"), c("b", "x"))
#' m[["b"]]
#' mmap_copy(m, m, "x", "copy")
#' other <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' mmap_copy(m, other)
#' mmap_delete(m, c("x", "copy"))
#' names(m)
#' names(other)
#' close(m)
#' close(other)
#' @export
mmap_rename <- function(m, from, to, overwrite = FALSE) {
  check_handle(m, from)
  need(from)
  need(to)
  from <- several_keys(from, "from")
  to <- new_keys_for(from, several_keys(to, "to"), "to")
  store_copy(pointer(m), pointer(m), from, to, true_or_false(overwrite, "overwrite"), TRUE)
  invisible(m)
}

#' @rdname mmap_rename
#' @export
mmap_copy <- function(from, to, keys = NULL, new_keys = keys, overwrite = FALSE) {
  check_handle(from, name = "from")
  check_handle(to, name = "to")
  overwrite <- true_or_false(overwrite, "overwrite")
  keys <- if (is.null(keys)) store_keys_raw(pointer(from)) else several_keys(keys, "keys")
  new_keys <- if (is.null(new_keys)) keys else several_keys(new_keys, "new_keys")
  store_copy(
    pointer(to), pointer(from), keys, new_keys_for(keys, new_keys, "new_keys"), overwrite, FALSE
  )
  invisible(to)
}

#' @rdname mmap_rename
#' @export
mmap_delete <- function(m, keys) {
  check_handle(m, keys)
  need(keys)
  store_delete(pointer(m), several_keys(keys, "keys"))
  invisible(m)
}

# As a list of what key_of() takes.
several_keys <- function(x, name) {
  if (is.raw(x)) x <- list(x)
  fits <- is.character(x) && !anyNA(x) ||
    is.list(x) && !is.object(x) && all(vapply(x, is_key, NA))
  if (!fits) abort_key(paste0("`", name, "` must be keys, that is, strings, not ", what_is(x), "."))
  as.list(x)
}

is_key <- function(x) is.raw(x) || is.character(x) && length(x) == 1L && !is.na(x)

new_keys_for <- function(keys, new_keys, name) {
  if (length(keys) != length(new_keys)) {
    abort_key(paste0(
      plural(length(keys), "key"), " cannot become ", length(new_keys), "."
    ), paste0("`", name, "` has a key for each."))
  }
  new_keys
}

#' Attributes of stored values
#'
#' `mmap_attr(m, key, name) <- value` is `attr(m[[key]], name) <- value`, and so is that: of
#' an array only the R metadata behind the data in the file are exchanged, however large it is.
#'
#' The first time the array is copied, from file to file, to have room for R metadata behind it.
#' From then on they are changed in place, by one small write that a crash cannot halve, as long as
#' they take about 200 bytes more than that first time at most. Attributes that Python sees
#' (`dim`), and those of values that are no arrays, are stored with the whole value.
#' @param m A handle, see [mmapdict()].
#' @param key A key.
#' @param name Name of the attribute: one string. Not completed.
#' @param value The new value; `NULL` removes the attribute.
#' @return The attribute, `NULL` if there is none; of the assignment the handle.
#' @section Errors: As of [access] and [mmap_set()].
#' @examples
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' m[["temperature"]] <- c(271.5, 280, 290)
#' mmap_attr(m, "temperature", "unit") <- "K"
#' mmap_attr(m, "temperature", "unit")
#' m[["temperature"]]
#' close(m)
#' @export
mmap_attr <- function(m, key, name) {
  check_handle(m, key)
  check_key(key)
  attr(get_value(m, key), one_string(name, "name"), exact = TRUE)
}

#' @rdname mmap_attr
#' @export
`mmap_attr<-` <- function(m, key, name, value) {
  check_handle(m, key)
  check_key(key)
  name <- one_string(name, "name")
  x <- m
  attr(x[[key]], name) <- value
  m
}

#' Open an mmapdict for one call
#'
#' `with_mmapdict(path, \(m) ...)` opens the file, gives the handle to the function, and closes it
#' when that returns, also by an error or Ctrl-C.
#'
#' The code is a function, as for `withr::with_tempfile()` it would be an expression: so the handle
#' has the name that you give it, no variable of yours is hidden or left over, and values are
#' returned. Inside of a function [local_mmapdict()] does the same until its end.
#' @param path,... As for [mmapdict()].
#' @param code A function of one argument, the handle.
#' @return What the function returns. Arrays among that are views, which stay valid.
#' @examples
#' path <- tempfile(fileext = ".mmdpickle")
#' with_mmapdict(path, function(m) m[["a"]] <- c(1, 2, 3))
#' with_mmapdict(path, function(m) sum(m[["a"]]), readonly = TRUE)
#' @export
with_mmapdict <- function(path, code, ...) {
  need(path)
  need(code)
  if (!is.function(code)) {
    abort_argument(
      code, "code", "a function of the handle", "with_mmapdict(path, function(m) m[[\"a\"]])"
    )
  }
  m <- mmapdict(path, ...)
  on.exit(close.mmapdict(m))
  code(m)
}
