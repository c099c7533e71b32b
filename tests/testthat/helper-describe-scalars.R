# Numbers, texts, bytes.

comparers$None <- function(x, d, context, where) same(is.null(x), where, "is not NULL")
comparers$bool <- function(x, d, context, where) same(identical(x, d$v), where, "other bool")

int_value <- function(v) {
  number <- as.numeric(v)
  if (abs(number) < 2^31) {
    as.integer(v)
  } else if (abs(number) <= 2^53 && sprintf("%.0f", number) == v) {
    number
  } else if (fits_int64(v) && requireNamespace("bit64", quietly = TRUE)) {
    bit64::as.integer64(v)
  }
}

# Between -(2^63 - 1) and 2^63 - 1, by decimal text.
fits_int64 <- function(v) {
  digits <- sub("^-", "", v)
  nchar(digits) < 19L || (nchar(digits) == 19L && digits <= "9223372036854775807")
}

comparers$int <- function(x, d, context, where) {
  value <- int_value(d$v)
  if (!is.null(value)) {
    return(same(identical(x, value), where, paste("is not", d$v)))
  }
  first_difference(
    same(is_python(x, "builtins.int"), where, "is no python_object int"),
    if (nchar(d$v) < 100L) same(as.character(x) == d$v, where, paste("is not", d$v))
  )
}

float_value <- function(d) {
  if (!is.null(d$bits)) {
    readBin(hex_raw(d$bits), "double", endian = "big")
  } else {
    switch(d$v, inf = Inf, `-inf` = -Inf, as.numeric(d$v))
  }
}
double_bits <- function(x) writeBin(as.vector(unclass(x)), raw(), endian = "little")

comparers$float <- function(x, d, context, where) {
  same(
    is.double(x) && is.null(attributes(x)) && length(x) == 1L &&
      identical(double_bits(x), double_bits(float_value(d))),
    where, paste("is not", d$v)
  )
}

comparers$complex <- function(x, d, context, where) {
  same(
    is.complex(x) && is.null(attributes(x)) && length(x) == 1L &&
      identical(double_bits(c(Re(x), Im(x))), double_bits(c(float_value(d$re), float_value(d$im)))),
    where, "other complex"
  )
}

comparers$str <- function(x, d, context, where) {
  if (!is.null(d$v)) {
    return(same(identical(x, enc2utf8(d$v)), where, paste0("is not \"", d$v, "\"")))
  }
  same(
    is_python(x, "builtins.str") && raw_hex(.subset2(x, "state")) == d$utf8_surrogatepass_hex,
    where, "other bytes of str"
  )
}

comparers$bytes <- comparers$bytearray <- function(x, d, context, where) {
  same(is.raw(x) && is.null(attributes(x)) && raw_hex(x[]) == d$hex, where, "other bytes")
}
