# How values are read and written, as bits of one integer: C++ (src/r/options.h) has the same
# numbers.

flag_reversed <- 1L
flag_integer64 <- 2L
flag_raw <- 4L
flag_simplify <- 8L
flag_fortran <- 16L
flag_trusted <- 32L
flag_foreign <- 64L
flag_numbers <- 128L
flag_index_attribute <- 1024L
flag_index_drop <- 2048L

flag_bits <- function(dims, order, int64, uint8, simplify, trusted = NA, index = "column") {
  dims <- one_of(dims, c("same", "reversed"), "dims")
  order <- one_of(order, c("C", "F"), "order")
  int64 <- one_of(int64, c("double", "integer64"), "int64")
  uint8 <- one_of(uint8, c("integer", "raw"), "uint8")
  index <- one_of(index, c("column", "attribute", "drop"), "index")
  if (int64 == "integer64") require_bit64()
  flag_reversed * (dims == "reversed") + flag_integer64 * (int64 == "integer64") +
    flag_raw * (uint8 == "raw") + flag_simplify * simplify_or_not(simplify) +
    flag_numbers * identical(simplify, "numbers") +
    flag_fortran * (order == "F") +
    flag_index_attribute * (index == "attribute") + flag_index_drop * (index == "drop") +
    if (is.na(trusted_or_not(trusted))) 0L else if (trusted) flag_trusted else flag_foreign
}

# The handle's bits, but for what one call says otherwise. NULL: as the handle.
flags_with <- function(m, dims = NULL, int64 = NULL, uint8 = NULL, simplify = NULL,
                       trusted = NULL, index = NULL) {
  bits <- own(m, ".flags")
  has <- function(bit) bitwAnd(bits, bit) != 0L
  flag_bits(
    dims = dims %||% if (has(flag_reversed)) "reversed" else "same",
    order = if (has(flag_fortran)) "F" else "C",
    int64 = int64 %||% if (has(flag_integer64)) "integer64" else "double",
    uint8 = uint8 %||% if (has(flag_raw)) "raw" else "integer",
    simplify = simplify %||% if (has(flag_numbers)) "numbers" else has(flag_simplify),
    trusted = trusted %||% if (has(flag_trusted)) TRUE else if (has(flag_foreign)) FALSE else NA,
    index = index %||% if (has(flag_index_attribute)) "attribute"
    else if (has(flag_index_drop)) "drop" else "column"
  )
}

`%||%` <- function(x, y) if (is.null(x)) y else x

require_bit64 <- function() {
  if (!has_bit64()) {
    abort_value(
      "int64 = \"integer64\" needs the package bit64, which is not installed.",
      "Install it by install.packages(\"bit64\")."
    )
  }
}
