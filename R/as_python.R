# How classes of R's are stored, where their author says so.

#' How a class is stored
#'
#' A method of `as_python()` for a class says what is stored in place of its objects, wherever
#' they stand in a value: alone, in lists and data frames, in attributes. What it gives is
#' stored by the usual rules ([mmap_set()]); it may hold objects of other classes that have
#' methods, too. Without a method an S3 object is stored as what it is made of, with its
#' class and attributes in the R metadata, so that R gets the same object back.
#'
#' A method is right where Python users are to see something better than R's insides, or where
#' an object (of S4, an environment, a function, an external pointer) cannot be stored
#' otherwise. What R reads is what was stored: the method decides whether an object can be made
#' of it again (see [readers] for the other direction). What only Python has, a `Decimal` or a
#' sparse matrix, is made by [python_object()].
#'
#' @param x An R object.
#' @param ... For methods.
#' @return A value that can be stored. The default method gives `x` itself.
#' @seealso [readers], [r_object()], [python_object()]
#' @examples
#' # Points with a coordinate reference system, in the manner of sf.
#' points <- structure(
#'   list(list(x = 8.5, y = 47.4), list(x = 7.4, y = 46.9)),
#'   crs = structure(list(epsg = 4326L), class = "my_crs"),
#'   class = "my_points"
#' )
#' as_python.my_points <- function(x, ...) {
#'   coordinates <- t(vapply(unclass(x), function(p) c(p$x, p$y), c(0, 0)))
#'   list(crs = paste0("EPSG:", attr(x, "crs")$epsg), coordinates = coordinates)
#' }
#' # In a package: S3method(as_python, my_points) in NAMESPACE.
#' registerS3method("as_python", "my_points", as_python.my_points)
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' m[["points"]] <- points
#' m[["points"]]
#' close(m)
#' @export
as_python <- function(x, ...) {
  need(x)
  UseMethod("as_python")
}

#' @rdname as_python
#' @export
as_python.default <- function(x, ...) x

# What C++ stores for an object, or for what is no vector. What a method gives is not asked
# again.
python_form <- function(x) {
  if (inherits(x, "mmarray")) {
    whole_view(x)
  } else if (inherits(x, "mmapdict")) {
    abort_value(
      "A handle is no value that a file could hold.",
      "Its values: as.list(m), or m[names] <- other[names]."
    )
  } else {
    # Methods for classes of S4 are found by what the class extends: its package says that.
    package <- if (isS4(x)) attr(class(x), "package")
    if (!is.null(package)) requireNamespace(package, quietly = TRUE)
    as_python(x)
  }
}

# -- asked by C++ about R's own classes ---------------------------------------------------------

# The number of automatic row names as R keeps it (negative where they are compact), NULL if
# there are others.
automatic_rows <- function(x) {
  rows <- .row_names_info(x, 0L)
  if (is.integer(rows) && length(rows) == 2L && is.na(rows[[1L]])) rows[[2L]]
}

# Seconds by which the clock of a POSIXct's zone is ahead of UTC.
utc_offset <- function(x) {
  zone <- attr(x, "tzone")
  zone <- if (is.character(zone) && length(zone) && !is.na(zone[[1L]])) zone[[1L]] else ""
  if (zone %in% c("UTC", "GMT")) {
    return(0)
  }
  offset <- as.POSIXlt(.POSIXct(as.double(x)), tz = zone)$gmtoff
  if (length(offset) && !is.na(offset)) as.double(offset) else 0
}

# data.table keeps a pointer to itself, which it wants to be true. What a file only calls one
# stays as it is.
own_selfref <- function(x) {
  if (!isNamespaceLoaded("data.table")) {
    return(x)
  }
  tryCatch(getExportedValue("data.table", "setalloccol")(x), error = function(e) x)
}
