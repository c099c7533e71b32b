# Marks that say how something is to be stored as a NumPy array.

#' Choose how an array is stored
#'
#' `ndarray(x, dtype)` marks `x` to be stored as a NumPy array of that dtype; the mark does
#' nothing until it is assigned to a key: `m[["k"]] <- ndarray(1:3, "uint8")`, alone or inside
#' of a list. It also makes an array of a vector of length 1, which otherwise becomes a Python
#' scalar.
#'
#' Values must fit the dtype, that is, come back the same (save rounding to the nearest in
#' float16, float32 and complex64): fractions and overflow in integers, strings that are too
#' long, times that fall between two ticks of the unit are an error of class
#' `mmappickle_error_value` that names the first such element, and nothing is written.
#'
#' @section Dtypes:
#' | dtype | from | `NA` |
#' | --- | --- | --- |
#' | `bool`, `int8` to `uint64` | logical, integer, double, raw, integer64 | masked; not `NaN` |
#' | `float16` to `longdouble`, `complex64` to `clongdouble` | the same; complex | NaN |
#' | `S`, `U` (as long as the longest string), `S9`, `U9` | character | masked |
#' | `datetime64[ns]` and any other unit | Date, POSIXct, POSIXlt | NaT |
#' | `timedelta64[s]` and any other unit | difftime | NaT |
#' | `V`, `V8` | a raw array with a row for each byte of an item | |
#' | `object` | a list, or any vector | None in strings |
#' | structured: a named vector of dtypes | data frame, or list of arrays of one shape | masked |
#'
#' A masked array is an array of `numpy.ma`. `">i4"` and the like are in the other byte order.
#' longdouble is that of the x86-64 processors: 80 bits in 16 bytes.
#'
#' A data frame becomes a structured array of rank 1, with a field for each column. `dtype`
#' may name some or all of its columns, `c(a = "int8", b = "float32")`; the others get their
#' natural dtype. A column that is a matrix gives a sub-array, one that is a data frame a
#' nested structure (its dtypes: a list inside of a list). A list of arrays of the same
#' dimensions becomes a structured array of these dimensions if `dtype` has names. Row names
#' and attributes of columns are not stored.
#'
#' Names and dim names are kept, as R metadata. NumPy arrays of rank 0 are read as vectors of
#' length 1; [empty_ndarray()] with `dim = numeric()` makes one.
#'
#' @param x A logical, integer, double, complex, character or raw vector or array, a list, a
#'   data frame, a view or an [mmarray()].
#' @param dtype Name of a NumPy dtype, such as `"uint8"`, `"float32"`, `">i4"`, `"<U7"` or
#'   `"datetime64[ns]"`; for columns a named vector or list of such. Default: of a view that of
#'   its file, else that of the type of `x` (bool, int32, int64 for integer64, float64,
#'   complex128, uint8, U, datetime64\[D\], datetime64\[ns\], timedelta64\[ns\], object; of
#'   data frames by column).
#' @param order `"C"` or `"F"`: the order of the elements in the file. `NULL` (default): as the
#'   handle's `order`, see [mmapdict()].
#' @return An object of class `ndarray`, with what was given.
#' @section Errors: `mmappickle_error_value`: an unknown dtype, or an `x` of another type.
#' @source NumPy: \url{https://numpy.org/doc/stable/reference/arrays.dtypes.html}
#' @seealso [empty_ndarray()], [mmap_set()]
#' @examples
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' m[["test"]] <- ndarray(1:3, dtype = "uint8")
#' m[["test"]][2] <- 4
#' m[["test"]]
#' entries(m)$dtype
#' m[["when"]] <- ndarray(as.Date("2024-02-29"), "datetime64[s]")
#' m[["cars"]] <- ndarray(cars, c(speed = "uint8"))
#' m[["cars"]][1:3, ]
#' close(m)
#' @export
ndarray <- function(x, dtype = NULL, order = NULL) {
  need(x)
  if (inherits(x, "mmarray")) x <- whole_view(x)
  if (inherits(x, "ndarray")) x <- mark_fields(x)$x
  if (inherits(x, "POSIXlt")) x <- as.POSIXct(x)
  check_markable(x)
  dtype <- if (is.data.frame(x) || names_fields(dtype)) {
    field_dtypes(x, dtype)
  } else if (is.null(dtype)) {
    natural_dtype(x)
  } else {
    dtype_name(dtype)
  }
  if (identical(dtype, "object") && !is.list(x) && !is.character(x)) x <- objects_of(x)
  if (is.list(x) && is.character(dtype) && dtype != "object") {
    abort_value(
      paste0("A list cannot be stored as an array of dtype ", dtype, "."),
      "Lists are stored as \"object\", columns by a named dtype: c(a = \"int32\")."
    )
  }
  carrier("ndarray", list(x = x, dtype = dtype, order = order_or_null(order)))
}

# What a mark carries; src/r/write/ndarray.cpp checks it closely.
mark_fields <- function(x) {
  fields <- attr(x, "fields", TRUE)
  whole <- is.function(x) && is.list(fields) &&
    identical(names(fields)[2:3], c("dtype", "order")) && is_dtype(fields$dtype) &&
    (!inherits(x, "empty_ndarray") || is.numeric(fields$dim)) &&
    (is.null(fields$order) || is.character(fields$order))
  if (!whole) abort_lie(mark_name(x))
  fields
}

is_dtype <- function(dtype) {
  if (is.list(dtype)) {
    length(dtype) && are_fields(names(dtype)) && all(vapply(dtype, is_dtype, NA))
  } else {
    is.character(dtype) && length(dtype) == 1L && !is.na(dtype)
  }
}

# A part of what is to be stored, and the dtype of what is left of it.
#' @export
`[.ndarray` <- function(x, ...) {
  fields <- mark_fields(x)
  part <- fields$x[...]
  dtype <- fields$dtype
  ndarray(part, if (is.list(dtype)) dtype[names(part)] else dtype, fields$order)
}

# The fields by name. What is put into them is looked at when it is stored.
#' @export
`[[.ndarray` <- function(x, i, ...) mark_fields(x)[[field_name(i)]]

#' @export
`$.ndarray` <- function(x, name) mark_fields(x)[[field_name(name)]]

#' @export
`[[<-.ndarray` <- function(x, i, ..., value) {
  fields <- as.list(attr(x, "fields", TRUE))
  fields[[field_name(i)]] <- value
  attr(x, "fields") <- fields
  x
}

#' @export
`$<-.ndarray` <- function(x, name, value) {
  x[[name]] <- value
  x
}

#' @export
`[[.empty_ndarray` <- `[[.ndarray`

#' @export
`$.empty_ndarray` <- `$.ndarray`

#' @export
`[[<-.empty_ndarray` <- `[[<-.ndarray`

#' @export
`$<-.empty_ndarray` <- `$<-.ndarray`

field_name <- function(i) {
  fields <- c("x", "dim", "dtype", "order")
  if (!is_string(i) || !i %in% fields) {
    abort_value(
      paste0("A mark has the fields ", one_of_words(quoted(fields)), ", not ", what_is(i), "."),
      nearest_of(i, fields)
    )
  }
  i
}

# Tracebacks and viewers ask for these, of whatever it is.
marked_value <- function(x) {
  fields <- attr(x, "fields", TRUE)
  if (is.list(fields)) .subset2(fields, "x")
}

#' @export
length.ndarray <- function(x) length(marked_value(x))

#' @export
dim.ndarray <- function(x) dim(marked_value(x))

#' @export
names.ndarray <- function(x) names(marked_value(x))

check_markable <- function(x) {
  plain_list <- is.list(x) && (!is.object(x) || is.data.frame(x) || inherits(x, "AsIs"))
  if (is.null(x) || !(is.atomic(x) || plain_list)) {
    abort_argument(x, "x", "a vector or an array")
  }
  if (is.factor(x)) {
    abort_value(
      "A factor has no dtype.", "as.character() gives its labels, as.integer() its codes."
    )
  }
}

order_or_null <- function(order) if (!is.null(order)) one_of(order, c("C", "F"), "order")

# Its elements, with its dimensions and names.
objects_of <- function(x) {
  out <- as.list(as.vector(x))
  if (is.object(x)) out <- lapply(seq_along(x), function(i) unname(x[i]))
  dim(out) <- dim(x)
  if (is.null(dim(x))) names(out) <- names(x) else dimnames(out) <- dimnames(x)
  out
}

#' An array of zeros that takes no space
#'
#' `m[["k"]] <- empty_ndarray(dim)` makes an array of that size in the file. It is allocated
#' neither in memory nor, where the file system has sparse files, on disk, and reads as zeros
#' until slices of it are written. A copy of it, in the same or another file, is as sparse.
#'
#' @param dim Its dimensions: whole numbers of 0 or more, as R sees them (with
#'   `dims = "reversed"` the reverse of Python's). They may be 2^31 or more. `numeric()`: an
#'   array of rank 0, which has one element.
#' @param dtype Name of a NumPy dtype, as in [ndarray()], or a named vector or list of such
#'   for a structured array. Default: `"float64"`, 8 bytes an element.
#' @param order `"C"` or `"F"`: the order of the elements in the file. `NULL` (default): as the
#'   handle's `order`, see [mmapdict()].
#' @param dimnames The names along its dimensions, as in [array()]; `NULL`: none.
#' @return An object of class `empty_ndarray`, to be assigned to a key.
#' @section Errors: `mmappickle_error_value`: wrong dimensions, names that do not fit
#'   them, or an unknown dtype.
#' @examples
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' m[["large"]] <- empty_ndarray(c(300, 300, 300))
#' m["large", 1:10, , 3] <- rnorm(3000)
#' m[["large"]] <- NULL
#' vacuum(m)
#' close(m)
#' @export
empty_ndarray <- function(dim, dtype = "float64", order = NULL, dimnames = NULL) {
  need(dim)
  check_whole(dim, "dim", if (is.character(dim)) "The dimensions come first, then the dtype.")
  fields <- list(dim = as.double(dim), dtype = stub_dtype(dtype), order = order_or_null(order))
  if (!is.null(dimnames) && !(is.list(dimnames) && all(vapply(dimnames, is.null, NA)))) {
    if (is.list(fields$dtype)) abort_value("A structured array has no `dimnames`.")
    fields$names <- stub_names(dimnames, dim)
  }
  carrier("empty_ndarray", fields)
}

# The attribute that an array with these dimensions has in R.
stub_names <- function(dimnames, dim) {
  fits <- is.list(dimnames) && length(dimnames) == length(dim) &&
    all(lengths(dimnames) == dim | vapply(dimnames, is.null, NA))
  if (!fits) {
    abort_value("`dimnames` must be a list with the names along each dimension, or NULL.")
  }
  dimnames[] <- lapply(dimnames, function(names) if (!is.null(names)) as.character(names))
  if (length(dim) == 1L) list(names = dimnames[[1L]]) else list(dimnames = dimnames)
}

#' @export
format.ndarray <- function(x, ...) {
  x <- mark_fields(x)
  what <- if (is.data.frame(x$x)) "data frame" else typeof(x$x)
  paste0(
    "<ndarray> ", what, " ", format_shape(dim(x$x) %||% length(x$x)),
    " to be stored as ", format_dtype(x$dtype), format_order(x$order)
  )
}

#' @export
print.ndarray <- function(x, ...) {
  cat(format.ndarray(x), "\n", sep = "")
  print(mark_fields(x)$x, ...)
  invisible(x)
}

#' @export
format.empty_ndarray <- function(x, ...) {
  x <- mark_fields(x)
  paste0(
    "<empty_ndarray> ", format_shape(x$dim), " of ", format_dtype(x$dtype),
    format_order(x$order), ", ", format_bytes(prod(x$dim) * dtype_size(x$dtype)),
    if (!is.null(x$growth)) paste0(", grows, with room for ", plural(x$growth[[1L]], "row"))
  )
}

#' @export
print.empty_ndarray <- function(x, ...) {
  cat(format.empty_ndarray(x), "\n", sep = "")
  invisible(x)
}
