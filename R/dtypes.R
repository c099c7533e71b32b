# dtypes as users name them: a name, or a list of such by field.

# The name as NumPy prints it.
dtype_name <- function(dtype, first = "The value comes first: ndarray(x, dtype).") {
  info <- dtype_info(one_string(
    dtype, "dtype", "the name of a dtype",
    if (is.character(dtype)) "" else paste("Such as \"float32\".", first)
  ))
  if (info$kind %in% c("f", "c") && info$itemsize %in% c(12, 24)) {
    abort_value(
      paste0(info$name, " is a dtype of 32-bit systems: Python could not load the file."),
      "The long double of 64-bit systems is \"float128\", or \"complex256\"."
    )
  }
  info$name
}

natural_dtype <- function(x) {
  time <- if (inherits(x, "Date")) {
    "datetime64[D]"
  } else if (inherits(x, "POSIXct")) {
    "datetime64[ns]"
  } else if (inherits(x, "difftime")) {
    "timedelta64[ns]"
  }
  told <- view_info(x)$dtype %||% if (is.atomic(x)) dtype_kept(x)
  if (!is.null(told) && is.null(time) == !grepl("datetime64|timedelta64|M8|m8", told)) {
    return(dtype_name(told))
  }
  if (!is.null(time)) {
    return(time)
  }
  if (inherits(x, "integer64")) {
    return("int64")
  }
  switch(typeof(x),
    logical = "bool", integer = "int32", double = "float64", complex = "complex128",
    raw = "uint8", list = "object",
    character = paste0("<U", max(1L, nchar(x, "chars", allowNA = TRUE), na.rm = TRUE))
  )
}

# A dtype for each column: the given one or the natural.
field_dtypes <- function(x, given, name = "x") {
  fields <- names(x)
  if (!is.list(x) || !length(x) || !are_fields(fields)) {
    abort_value(paste0(
      "A structured array is made of columns with distinct names; `", name, "` is ",
      if (is.list(x) && length(x)) "a list whose names are not that" else what_is(x), "."
    ))
  }
  check_fields(given, fields, name)
  dtypes <- lapply(fields, function(field) {
    column <- .subset2(x, field)
    dtype <- if (field %in% names(given)) given[[field]]
    where <- paste0(name, "$", field)
    if (is.factor(column)) {
      abort_value(paste0("`", where, "` is a factor, which has no dtype."),
                  "as.character() gives its labels, as.integer() its codes.")
    }
    if (is.data.frame(column) || is.list(dtype)) {
      return(field_dtypes(column, dtype, where))
    }
    dtype <- if (is.null(dtype)) natural_dtype(column) else dtype_name(dtype)
    if (!is.atomic(column) || dtype == "object") {
      abort_value(paste0("`", where, "` cannot be a field: fields hold no objects."))
    }
    dtype
  })
  names(dtypes) <- fields
  dtypes
}

are_fields <- function(names) {
  !is.null(names) && !anyNA(names) && all(nzchar(names)) && !anyDuplicated(names)
}

# A dtype by field, not the name of one.
names_fields <- function(dtype) {
  (is.character(dtype) || is.list(dtype)) && !is.null(names(dtype))
}

check_fields <- function(dtype, fields, name) {
  ok <- is.null(dtype) || (names_fields(dtype) && are_fields(names(dtype)))
  if (!ok) {
    abort_value(
      paste0("The dtype of `", name, "` must be a vector or list of dtypes with names."),
      "For instance c(a = \"int32\", b = \"float64\")."
    )
  }
  other <- setdiff(names(dtype), fields)
  if (length(other)) {
    abort_value(
      paste0("`", name, "` has no column ", quoted(other[[1L]]), "."),
      nearest_of(other[[1L]], fields)
    )
  }
}

# That of an array without values: S, U and V need a length.
stub_dtype <- function(dtype) {
  if (names_fields(dtype)) {
    check_fields(dtype, names(dtype), "dtype")
    return(lapply(as.list(dtype), stub_dtype))
  }
  dtype <- dtype_name(dtype, "The dimensions come first, then the dtype.")
  if (dtype_info(dtype)$itemsize == 0) {
    abort_value(paste0("The dtype ", dtype, " needs a length here, such as \"U10\"."))
  }
  dtype
}

dtype_size <- function(dtype) {
  if (is.list(dtype)) sum(vapply(dtype, dtype_size, 0)) else dtype_info(dtype)$itemsize
}

format_dtype <- function(dtype) {
  if (!is.list(dtype)) {
    return(dtype)
  }
  fields <- paste0(names(dtype), ": ", vapply(dtype, format_dtype, ""))
  paste0("{", paste(fields, collapse = ", "), "}")
}

format_order <- function(order) if (is.null(order)) "" else paste0(", ", order, " order")
