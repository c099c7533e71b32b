# What python_objects of some classes are as text and as numbers.

#' @rdname python_object
#' @export
as.character.python_object <- function(x, ...) {
  check_object(x)
  text <- python_text(x)
  if (is.null(text)) {
    abort_value(paste0("A ", .subset2(x, "class"), " is no text."))
  }
  text
}

#' @rdname python_object
#' @export
as.double.python_object <- function(x, ...) {
  check_object(x)
  number <- python_number(x)
  if (is.null(number)) {
    abort_value(paste0("A ", .subset2(x, "class"), " is no number."))
  }
  number
}

#' @rdname python_object
#' @export
as.integer.python_object <- function(x, ...) as.integer(as.double.python_object(x))

#' @rdname python_object
#' @export
as.logical.python_object <- function(x, ...) as.logical(as.double.python_object(x))

# NULL for what is no text.
python_text <- function(x) {
  class <- .subset2(x, "class")
  args <- .subset2(x, "args")
  if (identical(.subset2(x, "how"), "global")) {
    return(class)
  }
  switch(class,
    "builtins.int" = int_text(.subset2(x, "state")),
    "decimal.Decimal" = first_string(args),
    "fractions.Fraction" = if (length(args) == 2L) {
      paste(vapply(args, whole_text, ""), collapse = "/")
    } else {
      first_string(args)
    },
    "uuid.UUID" = uuid_text(.subset2(x, "state")),
    "zoneinfo.ZoneInfo" = , "zoneinfo.ZoneInfo._unpickle" = first_string(args),
    "builtins.getattr" = member_text(args),
    "_operator.or_" = flags_text(args), # as Python 3.11 has those of an enum.Flag
    "collections.UserString" = first_string(.subset2(x, "state")),
    if (grepl("^pathlib(\\._local)?\\.", class)) path_text(x) else scalar_text(only_value(x))
  )
}

# NULL for what is no number.
python_number <- function(x) {
  class <- .subset2(x, "class")
  if (identical(.subset2(x, "how"), "global")) {
    return(NULL)
  }
  state <- .subset2(x, "state")
  if (class == "builtins.int" && is.raw(state)) {
    return(integer_number(state))
  }
  if (class %in% c("builtins.int", "decimal.Decimal", "fractions.Fraction")) {
    text <- python_text(x)
    parts <- suppressWarnings(as.numeric(strsplit(text %||% "", "/", fixed = TRUE)[[1L]]))
    if (length(parts) == 2L) parts <- parts[[1L]] / parts[[2L]]
    return(if (length(parts) == 1L) parts)
  }
  value <- .subset2(x, "array") %||% only_value(x)
  if (is_int(value) || is.numeric(value) || is.logical(value)) as.numeric(value)
}

# The value that an object is made from and that it stands for: of a member of an
# enumeration, an exception, an instance of a subclass of str, int or float.
only_value <- function(x) {
  bare <- setdiff(names(unclass(x)), c("class", "how", "args"))
  # a subclass may have attributes beside its value
  if (identical(.subset2(x, "how"), "new") && is_members(.subset2(x, "state"))) {
    bare <- setdiff(bare, "state")
  }
  if (startsWith(.subset2(x, "class"), "builtins.")) bare <- setdiff(bare, "state")
  value <- base_value(x)
  if (is.null(value)) {
    args <- .subset2(x, "args")
    if (length(args) == 1L && !length(bare) && is.list(args)) value <- args[[1L]]
  }
  text <- is.character(value) && length(value) == 1L
  number <- is_int(value) || ((is.numeric(value) || is.logical(value)) && length(value) == 1L &&
    (!is.object(value) || inherits(value, "integer64")))
  # these stand for something else than the number
  apart <- grepl("^(ipaddress|itertools|operator|datetime)\\.", .subset2(x, "class"))
  if (text || (number && !apart)) value
}

# What an instance of a subclass of str, list ... holds where protocols 0 and 1 say it:
# copyreg._reconstructor(class, base, value).
base_value <- function(x) {
  args <- .subset2(x, "args")
  is_class <- function(at) {
    inherits(args[[at]], "python_object") && identical(.subset2(args[[at]], "how"), "global")
  }
  if (is.list(args) && length(args) == 3L && is_class(1L) && is_class(2L)) args[[3L]]
}

# The items of what is like a list, there.
base_items <- function(x) {
  base <- if (!is.null(base_value(x))) .subset2(.subset2(x, "args")[[2L]], "class")
  if (isTRUE(base %in% paste0("builtins.", c("list", "tuple", "set", "frozenset", "dict")))) {
    base_value(x)
  }
}

is_int <- function(x) {
  inherits(x, "python_object") && identical(.subset2(x, "class"), "builtins.int") &&
    identical(.subset2(x, "how"), "integer")
}

scalar_text <- function(value) {
  if (is_int(value)) python_text(value)
  else if (is.character(value)) value
  else if (!is.null(value)) {
    with_point(format(value, digits = 17L, scientific = FALSE, decimal.mark = "."))
  }
}

first_string <- function(args) {
  text <- if (length(args)) args[[1L]]
  if (is.character(text) && length(text) == 1L) text
}

# getattr(class, "name"): a member of an enumeration, a method.
member_text <- function(args) {
  owner <- if (length(args) == 2L) args[[1L]]
  if (inherits(owner, "python_object") && is.character(args[[2L]])) {
    owner <- python_text(owner)
    if (!is.null(owner)) paste0(owner, ".", args[[2L]])
  }
}

flags_text <- function(args) {
  parts <- lapply(args, function(x) if (inherits(x, "python_object")) python_text(x))
  if (length(parts) == 2L && all(lengths(parts) == 1L)) paste(unlist(parts), collapse = "|")
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
  digits <- if (!is.null(int)) whole_text(int)
  if (length(digits) != 1L || !grepl("^[0-9]{1,39}$", digits)) {
    return(NULL)
  }
  bytes <- c(integer_bytes(digits), raw(16L))[1:16]
  hex <- paste(as.character(rev(bytes)), collapse = "")
  at <- c(1L, 9L, 13L, 17L, 21L)
  paste(substring(hex, at, c(at[-1L] - 1L, 32L)), collapse = "-")
}

# An int that no type of R's holds: decimal text, or the bytes of its two's complement, least
# significant first. NULL if it is too long.
int_text <- function(state) {
  if (is.character(state) || is.null(state)) {
    return(state)
  }
  if (is.raw(state) && length(state) <= longest_int) integer_text(state)
}

# Bytes, of more digits than are ever shown: to turn them into decimal takes the square of it.
longest_int <- 41600L
