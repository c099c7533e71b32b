# What a vector is that came out of a file.

#' Views
#'
#' An array that is read from a file comes as a *view*: a vector that reads straight from the
#' file when it is used. `is_view()` tells one, `view_info()` says where it reads from,
#' `materialize()` makes an ordinary vector of it.
#'
#' A view whose bytes in the file are R's bytes needs no copy (`zero_copy`). Others (float32,
#' int16, bool, another byte order, C order with `dims = "same"` ...) are converted as they
#' are read, and whole, in memory, once some code asks for all of it (`materialized`).
#' Changing a view in R changes a copy, never the file.
#'
#' @param x Any object.
#' @return `is_view()`: `TRUE` or `FALSE`. `view_info()`: `NULL` if `x` is no view, else a
#'   list:
#'   \describe{
#'     \item{path, key}{file and entry (`""` for a plain pickle, see [read_pickle()])}
#'     \item{offset}{place of the first data byte in the file}
#'     \item{dtype, shape, order}{NumPy's name of the dtype; the shape in Python; `"C"` or `"F"`}
#'     \item{zero_copy}{`TRUE` if the file's bytes are R's}
#'     \item{materialized}{`TRUE` if the values were converted into memory}
#'     \item{mapped_bytes}{bytes of the file that the view shows}
#'   }
#'   `materialize()`: `x` as an ordinary vector with the same attributes, a snapshot that later
#'   writes do not change. In a list all views are replaced; anything else is given back.
#' @examples
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' m[["x"]] <- c(1, 2, 3)
#' x <- m[["x"]]
#' is_view(x)
#' str(view_info(x))
#' is_view(materialize(x))
#' close(m)
#' @name views
NULL

#' @rdname views
#' @export
is_view <- function(x) view_is(x)

#' @rdname views
#' @export
view_info <- function(x) view_info_raw(x)

#' @rdname views
#' @export
materialize <- function(x) {
  if (view_is(x)) {
    return(view_materialize(x))
  }
  if (inherits(x, "mmarray")) {
    return(view_materialize(whole_view(x)))
  }
  if (is.list(x)) {
    attributes <- attributes(x)
    x <- lapply(unclass(x), materialize)
    attributes(x) <- attributes
  }
  x
}
