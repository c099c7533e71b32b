# How values are read and written, as bits of one integer: C++ (src/glue.h) has the same
# numbers.

flag_reversed <- 1L
flag_integer64 <- 2L
flag_raw <- 4L
flag_simplify <- 8L
flag_fortran <- 16L

flag_bits <- function(dims, order, int64, uint8, simplify) {
  dims <- one_of(dims, c("same", "reversed"), "dims")
  order <- one_of(order, c("C", "F"), "order")
  int64 <- one_of(int64, c("double", "integer64"), "int64")
  uint8 <- one_of(uint8, c("integer", "raw"), "uint8")
  if (int64 == "integer64") require_bit64()
  flag_reversed * (dims == "reversed") + flag_integer64 * (int64 == "integer64") +
    flag_raw * (uint8 == "raw") + flag_simplify * true_or_false(simplify, "simplify") +
    flag_fortran * (order == "F")
}

# The handle's bits, but for what one call says otherwise. NULL: as the handle.
flags_with <- function(m, dims = NULL, int64 = NULL, uint8 = NULL, simplify = NULL) {
  bits <- own(m, ".flags")
  has <- function(bit) bitwAnd(bits, bit) != 0L
  flag_bits(
    dims = dims %||% if (has(flag_reversed)) "reversed" else "same",
    order = if (has(flag_fortran)) "F" else "C",
    int64 = int64 %||% if (has(flag_integer64)) "integer64" else "double",
    uint8 = uint8 %||% if (has(flag_raw)) "raw" else "integer",
    simplify = simplify %||% has(flag_simplify)
  )
}

`%||%` <- function(x, y) if (is.null(x)) y else x

# -- checks of arguments: each gives the value, or an error of kind value ---------------

# match.arg() with a condition of ours; the whole default stands for its first element.
one_of <- function(x, choices, name) {
  if (identical(x, choices)) {
    return(choices[[1L]])
  }
  if (!is.character(x) || length(x) != 1L || !x %in% choices) {
    abort_value(paste0(
      "`", name, "` must be ", paste0('"', choices, '"', collapse = " or "), "."
    ))
  }
  x
}

true_or_false <- function(x, name) {
  if (!is.logical(x) || length(x) != 1L || is.na(x)) {
    abort_value(paste0("`", name, "` must be TRUE or FALSE."))
  }
  as.vector(x)
}

one_string <- function(x, name) {
  if (!is.character(x) || length(x) != 1L || is.na(x) || !nzchar(x)) {
    abort_value(paste0("`", name, "` must be a single string that is not empty."))
  }
  x
}

require_bit64 <- function() {
  if (!has_bit64()) {
    abort_value(
      "int64 = \"integer64\" needs the package bit64, which is not installed.",
      "Install it by install.packages(\"bit64\")."
    )
  }
}
