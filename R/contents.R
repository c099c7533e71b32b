# A handle where R wants a list or an environment, and the contents of two files side by side.

#' Compare the contents of files
#'
#' `all.equal(m, n)` compares the values of two handles (or of a handle and a list) key by key,
#' with the tolerance of [all.equal()]; `mmap_diff(m, n)` finds the keys whose values are not
#' [identical()], attributes among them. The order of the keys does not count. One value of each
#' is read at a time. (`identical(m, n)` says whether both are the same handle.)
#'
#' @param target,m A handle, see [mmapdict()].
#' @param current,n A handle, or a list with names.
#' @param ... For `all.equal()`: passed on to it for each value.
#' @return `all.equal()`: `TRUE`, or a character vector that says what differs. `mmap_diff()`: a
#'   data frame with a row for each key that differs and the columns `key` and `difference`:
#'   `"only in m"`, `"only in n"` or `"value"`; without rows if the contents are identical.
#' @examples
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' n <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' m[["a"]] <- c(x = 1, y = 2)
#' m[["b"]] <- "text"
#' n[["a"]] <- c(1, 2)
#' all.equal(m, n)
#' mmap_diff(m, n)
#' close(m)
#' close(n)
#' @method all.equal mmapdict
#' @export
all.equal.mmapdict <- function(target, current, ...) {
  if (!inherits(current, "mmapdict") && !is.list(current)) {
    return(paste0("target is an mmapdict, current is ", a_kind_of(current)))
  }
  out <- compare_contents(target, current, function(key, x, y) {
    same <- all.equal(x, y, ...)
    if (!isTRUE(same)) paste0("Key ", one_line(encodeString(key, quote = "\"")), ": ", same)
  }, "target", "current")
  if (length(out)) out else TRUE
}

#' @rdname all.equal.mmapdict
#' @export
mmap_diff <- function(m, n) {
  check_handle(m)
  if (!inherits(n, "mmapdict") && !is.list(n)) check_handle(n, name = "n")
  differs <- compare_contents(m, n, function(key, x, y) {
    if (!identical(x, y)) list(c(key, "value"))
  }, "m", "n", function(keys, where) lapply(keys, c, paste("only in", where)))
  data.frame(
    key = vapply(differs, `[[`, "", 1L), difference = vapply(differs, `[[`, "", 2L)
  )
}

# What `compare(key, x, y)` says of the keys of both, and `alone(keys, where)` of others.
compare_contents <- function(m, n, compare, name_m, name_n, alone = keys_alone) {
  in_m <- contents(m)
  in_n <- contents(n)
  both <- in_m$shown[in_m$shown %in% in_n$shown]
  differs <- lapply(both, function(key) compare(key, in_m$get(key), in_n$get(key)))
  c(
    alone(setdiff(in_m$shown, both), name_m), alone(setdiff(in_n$shown, both), name_n),
    unlist(differs, recursive = FALSE)
  )
}

keys_alone <- function(keys, where) {
  if (length(keys)) {
    paste0("Only in ", where, ": ", paste(encodeString(keys, quote = "\""), collapse = ", "))
  }
}

# Keys as R shows them, and their values.
contents <- function(x) {
  if (inherits(x, "mmapdict")) {
    keys <- store_keys_raw(pointer(x))
    shown <- store_keys(pointer(x))
    return(list(shown = shown, get = function(key) get_value(x, keys[[match(key, shown)]])))
  }
  shown <- as.character(names(x))
  if (length(shown) < length(x)) abort_value("A list must have names to be compared.")
  list(shown = shown, get = function(key) .subset2(x, match(key, shown)))
}

# -- R's functions on lists and environments --------------------------------------------------

# For ls(), exists(), get() and mget().
#' @export
as.environment.mmapdict <- function(x) values_of(x, emptyenv())

#' @exportS3Method lengths mmapdict
lengths.mmapdict <- function(x, use.names = TRUE) lengths(as.list.mmapdict(x), use.names)

#' @exportS3Method unlist mmapdict
unlist.mmapdict <- function(x, recursive = TRUE, use.names = TRUE) {
  unlist(as.list.mmapdict(x), recursive, use.names)
}

#' @export
rev.mmapdict <- function(x) rev(as.list.mmapdict(x))

#' @export
within.mmapdict <- function(data, expr, ...) {
  abort_value(
    "within() would make a changed copy, and an mmapdict is a file.",
    "with(m, ..) computes; m[[\"k\"]] <- value changes the file."
  )
}

#' @export
Ops.mmapdict <- function(e1, e2) refuse_handle(paste0("`", .Generic, "`"))
#' @export
Math.mmapdict <- function(x, ...) refuse_handle(paste0(.Generic, "()"))
#' @export
Summary.mmapdict <- function(..., na.rm = FALSE) refuse_handle(paste0(.Generic, "()"))

refuse_handle <- function(what) {
  abort_value(
    paste0(what, " is not for an mmapdict, which is a file of values."),
    "m[[\"k\"]] is one of its values; as.list(m) are all."
  )
}

# Where vctrs (purrr, dplyr) asks what an object is made of.
#' @exportS3Method vctrs::vec_proxy
vec_proxy.mmapdict <- function(x, ...) as.list.mmapdict(x)
