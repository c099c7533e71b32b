# Marks that say how something is to be stored as a NumPy array.

#' Choose how an array is stored
#'
#' `ndarray(x, dtype)` marks `x` to be stored as a NumPy array of that dtype; the mark does
#' nothing until it is assigned to a key: `m[["k"]] <- ndarray(1:3, "uint8")`. It also makes an
#' array of a vector of length 1, which otherwise becomes a Python scalar.
#'
#' Values must fit the dtype: fractions and overflow in integers are an error of class
#' `mmappickle_error_value`, and nothing is written. `NA` makes a masked array where the dtype
#' has no value for it.
#'
#' @param x A logical, integer, double, complex, character or raw vector or array, or a list
#'   (dtype `"object"`).
#' @param dtype Name of a NumPy dtype, such as `"uint8"`, `"float32"`, `">i4"`, `"<U7"` or
#'   `"datetime64[ns]"`. Default: that of the type of `x` (bool, int32, float64, complex128,
#'   uint8, U, object).
#' @param order `"C"` (default) or `"F"`: the order of the elements in the file.
#' @return An object of class `ndarray`, with what was given.
#' @section Errors: `mmappickle_error_value`: an unknown dtype, or an `x` of another type.
#' @source NumPy: \url{https://numpy.org/doc/stable/reference/arrays.dtypes.html}
#' @seealso [empty_ndarray()], [assign]
#' @examples
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' m[["test"]] <- ndarray(1:3, dtype = "uint8")
#' m[["test"]][2] <- 4
#' m[["test"]]
#' entries(m)$dtype
#' close(m)
#' @export
ndarray <- function(x, dtype = NULL, order = c("C", "F")) {
  if (inherits(x, "mmarray")) x <- whole_view(x)
  if (is.null(x) || !(is.atomic(x) || is.list(x))) {
    abort_value(paste0("`x` must be a vector or an array, not ", a_kind_of(x), "."))
  }
  dtype <- if (is.null(dtype)) natural_dtype(x) else dtype_name(dtype)
  structure(
    list(x = x, dtype = dtype, order = one_of(order, c("C", "F"), "order")),
    class = "ndarray"
  )
}

dtype_name <- function(dtype) dtype_info(one_string(dtype, "dtype"))$name

natural_dtype <- function(x) {
  if (inherits(x, "integer64")) {
    return("int64")
  }
  switch(typeof(x),
    logical = "bool", integer = "int32", double = "float64", complex = "complex128",
    raw = "uint8", list = "object",
    character = paste0("<U", max(1L, nchar(x[!is.na(x)], "chars")))
  )
}

#' An array of zeros that takes no space
#'
#' `m[["k"]] <- empty_ndarray(dim)` makes an array of that size in the file. It is allocated
#' neither in memory nor, where the file system has sparse files, on disk, and reads as zeros
#' until slices of it are written.
#'
#' @param dim Its dimensions: whole numbers of 0 or more, as R sees them (with
#'   `dims = "reversed"` the reverse of Python's). They may be 2^31 or more.
#' @param dtype Name of a NumPy dtype, as in [ndarray()]. Default: `"float64"`, 8 bytes an
#'   element.
#' @param order `"C"` (default) or `"F"`: the order of the elements in the file.
#' @return An object of class `empty_ndarray`, to be assigned to a key.
#' @section Errors: `mmappickle_error_value`: wrong dimensions, or an unknown dtype.
#' @examples
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' m[["large"]] <- empty_ndarray(c(300, 300, 300))
#' m["large", 1:10, , 3] <- rnorm(3000)
#' m[["large"]] <- NULL
#' vacuum(m)
#' close(m)
#' @export
empty_ndarray <- function(dim, dtype = "float64", order = c("C", "F")) {
  if (!is.numeric(dim) || anyNA(dim) || any(dim < 0 | dim != trunc(dim) | is.infinite(dim))) {
    abort_value("`dim` must be whole numbers of 0 or more.")
  }
  structure(
    list(dim = as.double(dim), dtype = dtype_name(dtype),
         order = one_of(order, c("C", "F"), "order")),
    class = "empty_ndarray"
  )
}

#' @export
format.ndarray <- function(x, ...) {
  x <- unclass(x)
  paste0(
    "<ndarray> ", typeof(x$x), " ", format_shape(dim(x$x) %||% length(x$x)),
    " to be stored as ", x$dtype, ", ", x$order, " order"
  )
}

#' @export
print.ndarray <- function(x, ...) {
  cat(format.ndarray(x), "\n", sep = "")
  print(unclass(x)$x, ...)
  invisible(x)
}

#' @export
format.empty_ndarray <- function(x, ...) {
  x <- unclass(x)
  size <- prod(x$dim) * dtype_info(x$dtype)$itemsize
  paste0(
    "<empty_ndarray> ", format_shape(x$dim), " of ", x$dtype, ", ", x$order, " order, ",
    format_bytes(size)
  )
}

#' @export
print.empty_ndarray <- function(x, ...) {
  cat(format.empty_ndarray(x), "\n", sep = "")
  invisible(x)
}
