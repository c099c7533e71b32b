# Array entries as arrays of Arrow, by nanoarrow. Whoever takes these (arrow, DuckDB, polars,
# pyarrow ...) reads the file's bytes.

#' Arrow arrays that read from a file
#'
#' With the package nanoarrow, `nanoarrow::as_nanoarrow_array(mmarray(m, "k"))` gives the array
#' entry `k` to whatever takes arrays of Arrow, in its own type and without a copy.
#'
#' | dtype | Arrow | |
#' | --- | --- | --- |
#' | int8 to int64, uint8 to uint64, float16, float32, float64 | the same | no copy |
#' | datetime64, timedelta64 of s, ms, us, ns | timestamp without a zone, duration | no copy |
#' | V | fixed_size_binary | no copy |
#' | bool | bool | copied: eight to a byte |
#' | datetime64 of D | date32 | converted, by way of R's values |
#' | S, U, other units, long doubles | as nanoarrow converts R's values | converted |
#'
#' What is masked, and NaT, is null: the bitmap that says so is made, the values stay where
#' they are. Arrays in another byte order, and those of several dimensions in Fortran's order, are
#' copied. An array of several dimensions becomes lists of a fixed size, as Python indexes it:
#' of a matrix each item is a row (of `a[i]` in Python), whatever `dims` says.
#'
#' Values come from the file when they are looked at, and follow what is written there in place, as
#' in [views]; they stay as long as something holds the Arrow array, also after [close()]. If the
#' file is cut by others, zeros are read, and the next call of this package is an error of class
#' `mmappickle_error_stale`.
#'
#' A view (`m[["k"]]`) and a data frame of views are R vectors, which nanoarrow takes in R's types
#' (float32 as double). A structured array, `m[["k"]]`, is such a data frame.
#'
#' @param x An [mmarray()].
#' @param schema What Arrow type to give; `NULL` (default): that of the table. Another one is made
#'   of R's values, by nanoarrow.
#' @param ... Passed on to nanoarrow where R's values are converted.
#' @return An object of class `nanoarrow_array`; `nanoarrow_schema`.
#' @section Errors: `mmappickle_error_value`: complex numbers, and texts of several dimensions,
#'   which have no Arrow type here; `_limit`; `_stale`.
#' @examplesIf requireNamespace("nanoarrow", quietly = TRUE)
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' m[["x"]] <- ndarray(c(1, 2.5, 3), "float32")
#' nanoarrow::as_nanoarrow_array(mmarray(m, "x"))
#' close(m)
#' @name nanoarrow
#' @exportS3Method nanoarrow::as_nanoarrow_array
as_nanoarrow_array.mmarray <- function(x, ..., schema = NULL) {
  check_same_array(x)
  ptr <- pointer(field(x, "handle"))
  own <- arrow_schema(array_to_arrow(ptr, field(x, "key"), NULL))
  wanted <- if (is.null(schema)) own else nanoarrow::as_nanoarrow_schema(schema)
  if (is.null(own) || format(wanted) != format(own)) {
    return(nanoarrow::as_nanoarrow_array(arrow_values(x), ..., schema = schema))
  }
  array <- nanoarrow::nanoarrow_allocate_array()
  filled <- arrow_schema(array_to_arrow(ptr, field(x, "key"), array))
  nanoarrow::nanoarrow_array_set_schema(array, filled)
  array
}

#' @rdname nanoarrow
#' @exportS3Method nanoarrow::infer_nanoarrow_schema
infer_nanoarrow_schema.mmarray <- function(x, ...) {
  check_same_array(x)
  own <- arrow_schema(array_to_arrow(pointer(field(x, "handle")), field(x, "key"), NULL))
  own %||% nanoarrow::infer_nanoarrow_schema(arrow_values(x), ...)
}

# What has no type of its own there: R's values.
arrow_values <- function(x) {
  value <- whole_view(x)
  several <- length(field(x, "shape")) > 1L
  if (is.complex(value) || (several && is.null(array_to_arrow(
    pointer(field(x, "handle")), field(x, "key"), NULL
  )))) {
    abort_value(
      paste0("Arrow has no type for an array of dtype ", field(x, "dtype"),
             if (several) " and several dimensions", "."),
      if (is.complex(value)) "Store Re() and Im() beside each other, as float64."
      else "Give it one column at a time: x[, 1]."
    )
  }
  value
}

arrow_schema <- function(info) {
  if (is.null(info)) {
    return(NULL)
  }
  bits <- 8 * info$itemsize
  type <- switch(info$elements,
    boolean = "bool", bytes = "fixed_size_binary",
    number = switch(info$kind,
      i = paste0("int", bits), u = paste0("uint", bits),
      f = c("half_float", "float", "double")[[match(bits, c(16, 32, 64))]]
    ),
    time = if (info$kind == "M") "timestamp" else "duration"
  )
  make <- getExportedValue("nanoarrow", paste0("na_", type))
  schema <- switch(info$elements,
    bytes = make(info$itemsize), time = make(info$unit), make()
  )
  if (any(info$shape[-1L] == 0)) {
    abort_value("nanoarrow has no lists of no items.", "Drop the dimensions of extent 0.")
  }
  if (any(info$shape[-1L] > .Machine$integer.max)) {
    raise_error("limit", "Arrow's lists of a fixed size have less than 2^31 items.")
  }
  for (extent in rev(info$shape[-1L])) schema <- nanoarrow::na_fixed_size_list(schema, extent)
  schema
}
