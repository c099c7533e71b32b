# Checks of arguments: each gives the value as it is used, or an error that says what the
# argument must be and what was given. Conditions: R/conditions.R.

# `need(path)`: of an argument without a default.
need <- function(x) {
  if (missing(x)) abort_value(paste0("The argument `", substitute(x), "` is missing."))
}

# `what`: what the argument `name` must be.
abort_argument <- function(x, name, what, hint = "") {
  abort_value(paste0("`", name, "` must be ", what, ", not ", what_is(x), "."), hint)
}

# match.arg() with a condition of ours; the whole default stands for its first element.
one_of <- function(x, choices, name) {
  if (identical(x, choices)) {
    return(choices[[1L]])
  }
  if (!is.character(x) || length(x) != 1L || !x %in% choices) {
    abort_argument(x, name, one_of_words(quoted(choices)), nearest_of(x, choices))
  }
  x
}

# "a", "b" or "c"
one_of_words <- function(words) {
  n <- length(words)
  paste0(paste(words[-n], collapse = ", "), " or ", words[[n]])
}

# "Did you mean ..?", "" where no choice is near.
nearest_of <- function(x, choices) {
  one <- is.character(x) && length(x) == 1L && !is.na(x) && Encoding(x) != "bytes"
  if (one && length(choices)) nearest_hint(enc2utf8(x), enc2utf8(choices)) else ""
}

true_or_false <- function(x, name) {
  if (!is_flag(x)) abort_argument(x, name, "TRUE or FALSE")
  as.vector(x)
}

is_flag <- function(x, na = FALSE) is.logical(x) && length(x) == 1L && (na || !is.na(x))

simplify_or_not <- function(x) {
  if (identical(x, "numbers")) {
    return(TRUE)
  }
  if (!is_flag(x)) {
    abort_argument(x, "simplify", "TRUE, FALSE or \"numbers\"", nearest_of(x, "numbers"))
  }
  as.vector(x)
}

trusted_or_not <- function(x) {
  if (!is_flag(x, na = TRUE)) abort_argument(x, "trusted", "TRUE, FALSE or NA")
  as.vector(x)
}

one_string <- function(x, name, what = "a single string", hint = "") {
  if (!is_string(x)) abort_argument(x, name, what, hint)
  x
}

is_string <- function(x) is.character(x) && length(x) == 1L && !is.na(x) && nzchar(x)

# Whole numbers of 0 or more, below 2^63; of several the first that is none is named.
check_whole <- function(x, name, hint = "") {
  what <- "whole numbers, 0 or more"
  if (!is.numeric(x)) abort_argument(x, name, what, hint %||% "")
  wrong <- which(is.na(x) | x < 0 | x != trunc(x) | x >= 2^63)
  if (!length(wrong)) {
    return(invisible())
  }
  element <- as.vector(x)[[wrong[[1L]]]]
  if (is.finite(element) && element >= 2^63) what <- paste(what, "and below 2^63")
  if (length(x) == 1L) abort_argument(element, name, what)
  abort_value(paste0(
    "`", name, "` must be ", what, ", but element ", wrong[[1L]], " is ", what_is(element), "."
  ))
}

seconds <- function(x, name) {
  if (!is.numeric(x) || length(x) != 1L || is.na(x) || x < 0) {
    abort_argument(x, name, "a number of seconds, 0 or more")
  }
  as.double(x)
}

# A path as C++ takes it.
file_path <- function(x, name, what = "the path of a file", hint = "") {
  x <- one_string(x, name, what, hint)
  # R's own functions take what is marked as native, too; what the locale has no letters for is
  # UTF-8 in the file system, as for C++.
  if (Encoding(x) == "bytes" || is_not_native(x)) Encoding(x) <- "unknown"
  # path.expand() would translate what it has nothing to do with.
  if (charToRaw(x)[[1L]] == charToRaw("~")) path.expand(x) else x
}

is_not_native <- function(x) {
  .Platform$OS.type == "unix" && Encoding(x) == "UTF-8" && is.na(iconv(x, "UTF-8", ""))
}

# `key`: the argument behind it, for who gives both in the wrong order.
check_handle <- function(m, key, name = "m") {
  if (missing(m)) abort_value(paste0("The argument `", name, "` is missing."), opens_one())
  if (!inherits(m, "mmapdict")) {
    swapped <- !missing(key) && inherits(key, "mmapdict")
    abort_argument(m, name, "an mmapdict", if (swapped) {
      "The handle comes first, then the key."
    } else {
      opens_one(if (is_string(m) && file.exists(file_path(m, name))) quoted(m) else "path")
    })
  }
  m
}

opens_one <- function(path = "path") paste0("mmapdict(", path, ") opens one.")

# One string or one raw vector; whether it can be a key C++ says.
check_key <- function(key) {
  if (missing(key)) abort_key("The argument `key` is missing.")
  if (!is.raw(key) && !(is.character(key) && length(key) == 1L && !is.na(key))) {
    abort_key(paste0("A key must be a single string, not ", what_is(key), "."),
              several_at_once(key))
  }
  key
}

several_at_once <- function(key) {
  if (is.character(key) && length(key) > 1L) "Several values at once: m[c(\"a\", \"b\")]." else ""
}

# -- what was given ------------------------------------------------------------------------

# In a few words: a short value itself, else what it is.
what_is <- function(x) {
  if (is.null(x)) "NULL"
  else if (is.function(x) && is.object(x)) an(class(x)[[1L]])
  else if (is.function(x)) "a function"
  else if (is.data.frame(x)) "a data frame"
  else if (is.factor(x)) "a factor"
  else if (inherits(x, "connection")) "a connection"
  else if (inherits(x, "formula")) "a formula"
  else if (is.object(x)) paste("an object of class", class(x)[[1L]])
  else if (is.atomic(x)) what_vector(x)
  else if (is.list(x)) paste("a list of length", length(x))
  else if (is.environment(x)) "an environment"
  else if (is.symbol(x)) "a symbol"
  else if (is.language(x)) "a call"
  else paste("of type", typeof(x))
}

what_vector <- function(x) {
  if (length(x) == 1L && is.null(dim(x)) && !is.raw(x)) {
    text <- if (is.character(x) && !is.na(x)) quoted(x) else format(x, digits = 15L)
    return(if (identical(x, "")) "an empty string" else shorten(text, 40L))
  }
  kind <- if (is.double(x)) "numeric" else typeof(x)
  if (is.null(dim(x))) paste(an(kind), "vector of length", length(x))
  else paste(an(kind), if (length(dim(x)) == 2L) "matrix" else "array")
}

an <- function(noun) paste(if (grepl("^([aeiou]|mm)", noun)) "an" else "a", noun)

# For where a value's own text says little.
a_kind_of <- function(x) {
  if (is.atomic(x) && !is.object(x) && length(x) == 1L) {
    paste(an(if (is.double(x)) "numeric" else typeof(x)), "vector")
  } else {
    what_is(x)
  }
}
