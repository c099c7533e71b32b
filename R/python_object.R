# Python values without a counterpart in R: shown, never run.

#' Python objects without a counterpart in R
#'
#' An instance of a class that R does not know comes as an object of class `python_object`: a
#' list that says what the file says of it. Nothing of it is executed or imported. Stored
#' again, it is the same Python object, as long as the class is known there.
#'
#' `as.character()` works where it means something: `Decimal`, `Fraction`, `UUID`, paths, and
#' integers that no type of R's holds; `as.numeric()` for those of them that are numbers
#' (rounded to a double).
#'
#' @section Fields: Those that the object has, of:
#'   \describe{
#'     \item{class}{its name, `"module.Name"`}
#'     \item{how}{how it is made: `"call"`, `"new"`, `"global"` (a function or class, by its
#'       name), `"integer"`, `"text"` and others}
#'     \item{args, keywords}{what it is made from}
#'     \item{state}{its attributes}
#'     \item{items, dict_items}{what is appended to it}
#'   }
#' @param x,object A `python_object`.
#' @param ... Ignored.
#' @return `as.character()`: a string. `as.numeric()`: a number. Errors of class
#'   `mmappickle_error_value` for classes where this has no meaning.
#' @name python_object
NULL

#' @rdname python_object
#' @export
format.python_object <- function(x, ...) {
  text <- if (is_short(x)) tryCatch(python_text(x), error = function(e) NULL)
  paste0(
    "<python_object> ", .subset2(x, "class"),
    if (length(text) == 1L) paste0(" ", shorten(encodeString(text)))
  )
}

#' @rdname python_object
#' @export
print.python_object <- function(x, ...) {
  cat(format.python_object(x), "\n", sep = "")
  for (name in setdiff(names(unclass(x)), "class")) {
    show_parts(name, .subset2(x, name))
  }
  invisible(x)
}

#' @rdname python_object
#' @export
str.python_object <- function(object, ...) {
  cat("", format.python_object(object), "\n")
  invisible()
}

# Of a huge int the digits are not worth their time in a line.
is_short <- function(x) length(.subset2(x, "state")) < 100L

# A part of an object: one line, and one for each of its own parts.
show_parts <- function(name, part) {
  if (!is.list(part) || is.object(part)) {
    cat("  ", name, ": ", brief(part), "\n", sep = "")
    return()
  }
  cat("  ", name, ":", if (!length(part)) " none", "\n", sep = "")
  labels <- names(part) %||% rep("", length(part))
  few <- seq_len(min(length(part), shown_parts))
  for (at in few) {
    label <- if (nzchar(labels[[at]])) paste0(labels[[at]], ": ") else "- "
    cat("    ", label, brief(.subset2(part, at)), "\n", sep = "")
  }
  if (length(part) > shown_parts) {
    cat("    ... and ", count(length(part) - shown_parts), " more\n", sep = "")
  }
}
shown_parts <- 10L

# A value in a few words.
brief <- function(x) {
  if (is.null(x)) "None"
  else if (inherits(x, c("python_object", "python_dict", "mmapdict", "mmarray"))) format(x)
  else if (is.data.frame(x)) paste("data frame", format_shape(dim(x)))
  else if (is.list(x)) paste("list of", length(x))
  else if (is.character(x) && length(x) == 1L) shorten(encodeString(x, quote = "\""))
  else if (is.atomic(x) && length(x) == 1L) format(x)
  else paste(class(x)[[1L]], format_shape(dim(x) %||% length(x)))
}

shorten <- function(text, width = 60L) {
  if (nchar(text, "width") <= width) text else paste0(strtrim(text, width - 3L), "...")
}

# -- what some of them mean ------------------------------------------------------------------

#' @rdname python_object
#' @export
as.character.python_object <- function(x, ...) {
  text <- python_text(x)
  if (is.null(text)) {
    abort_value(paste0("A ", .subset2(x, "class"), " is no text."))
  }
  text
}

#' @rdname python_object
#' @export
as.double.python_object <- function(x, ...) {
  number <- python_number(x)
  if (is.null(number)) {
    abort_value(paste0("A ", .subset2(x, "class"), " is no number."))
  }
  number
}

python_text <- function(x) {
  args <- .subset2(x, "args")
  switch(.subset2(x, "class"),
    "builtins.int" = int_text(.subset2(x, "state")),
    "decimal.Decimal" = first_string(args),
    "fractions.Fraction" = if (length(args) == 2L) {
      paste(vapply(args, whole_text, ""), collapse = "/")
    } else {
      first_string(args)
    },
    "uuid.UUID" = uuid_text(.subset2(x, "state")),
    if (grepl("^pathlib(\\._local)?\\.", .subset2(x, "class"))) path_text(x)
  )
}

python_number <- function(x) {
  text <- if (!grepl("^(uuid|pathlib)", .subset2(x, "class"))) python_text(x)
  if (is.null(text)) {
    return(NULL)
  }
  parts <- suppressWarnings(as.numeric(strsplit(text, "/", fixed = TRUE)[[1L]]))
  if (length(parts) == 2L) parts[[1L]] / parts[[2L]] else parts
}

first_string <- function(args) {
  text <- if (length(args)) args[[1L]]
  if (is.character(text) && length(text) == 1L) text
}

# An int in decimal, whatever type it has in R.
whole_text <- function(x) {
  if (inherits(x, "python_object")) as.character(x) else format(x, scientific = FALSE)
}

# Python 3.11 and before write a path as its parts, 3.12 and later as the arguments it had.
path_text <- function(x) {
  parts <- unlist(.subset2(x, "args"))
  if (is.null(parts)) parts <- "."
  windows <- grepl("Windows", .subset2(x, "class"))
  if (is.character(parts)) {
    separator <- if (windows) "\\" else "/"
    rooted <- endsWith(parts[[1L]], separator)
    if (rooted && length(parts) > 1L) {
      paste0(parts[[1L]], paste(parts[-1L], collapse = separator))
    } else {
      paste(parts, collapse = separator)
    }
  }
}

uuid_text <- function(state) {
  int <- if (is.list(state)) state[["int"]]
  if (is.null(int)) {
    return(NULL)
  }
  hex <- hex_of_decimal(whole_text(int), 32L)
  at <- c(1L, 9L, 13L, 17L, 21L)
  paste(substring(hex, at, c(at[-1L] - 1L, 32L)), collapse = "-")
}

hex_of_decimal <- function(decimal, width) {
  digits <- change_base(as.integer(strsplit(decimal, "")[[1L]]), 10L, 16L)
  padded <- c(integer(max(0L, width - length(digits))), digits)
  paste(c(0:9, letters[1:6])[padded + 1L], collapse = "")
}

# An int that no type of R's holds: decimal text, or the bytes of its two's complement, least
# significant first.
int_text <- function(state) {
  if (is.character(state) || is.null(state)) {
    return(state)
  }
  bytes <- as.integer(state)
  negative <- length(bytes) > 0L && bytes[[length(bytes)]] >= 128L
  if (negative) bytes <- negated(bytes)
  digits <- change_base(rev(bytes), 256L, 10L)
  paste0(if (negative) "-", paste(digits, collapse = ""))
}

# Of two's complement bytes, least significant first.
negated <- function(bytes) {
  inverse <- 255L - bytes
  at <- match(TRUE, inverse < 255L)
  inverse[seq_len(at - 1L)] <- 0L
  inverse[[at]] <- inverse[[at]] + 1L
  inverse
}

# Digits from one base to another, most significant first, by long division.
change_base <- function(digits, from, to) {
  out <- integer()
  while (length(digits)) {
    rest <- 0L
    for (at in seq_along(digits)) {
      whole <- rest * from + digits[[at]]
      digits[[at]] <- whole %/% to
      rest <- whole %% to
    }
    out <- c(rest, out)
    leading <- match(TRUE, digits > 0L, nomatch = length(digits) + 1L)
    digits <- digits[seq_len(length(digits) - leading + 1L) + leading - 1L]
  }
  if (length(out)) out else 0L
}

# -- dicts -----------------------------------------------------------------------------------

#' Python dicts whose keys are not all text
#'
#' A dict with keys such as `1` or `("a", 2)` cannot be a named list. It comes as an object of
#' class `python_dict`, a list of two parallel lists.
#'
#' @section Fields:
#'   \describe{
#'     \item{keys}{a list of the keys, in order}
#'     \item{values}{a list of the values}
#'   }
#' @param x,object A `python_dict`.
#' @param ... Ignored.
#' @name python_dict
NULL

#' @rdname python_dict
#' @export
format.python_dict <- function(x, ...) {
  paste0("<python_dict> ", plural(length(.subset2(x, "keys")), "item"))
}

#' @rdname python_dict
#' @export
print.python_dict <- function(x, ...) {
  cat(format.python_dict(x), "\n", sep = "")
  keys <- .subset2(x, "keys")
  for (at in seq_len(min(length(keys), shown_parts))) {
    cat("  ", brief(.subset2(keys, at)), ": ", brief(.subset2(.subset2(x, "values"), at)),
        "\n", sep = "")
  }
  if (length(keys) > shown_parts) {
    cat("  ... and ", count(length(keys) - shown_parts), " more\n", sep = "")
  }
  invisible(x)
}

#' @rdname python_dict
#' @export
str.python_dict <- function(object, ...) {
  cat("", format.python_dict(object), "\n")
  invisible()
}
