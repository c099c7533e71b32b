# What python_object() is told, checked; and that what it made is never changed.

# "module.Name": identifiers of Python, with a dot between them.
check_python_name <- function(x) {
  one <- is.character(x) && !is.object(x) && length(x) == 1L && !is.na(x) && validUTF8(enc2utf8(x))
  if (!one || !is_python_name(x, "(\\.%s)+")) {
    abort_value(
      paste0("`class` must be the full name of a Python class, not ", what_is(x), "."),
      "With its module: \"decimal.Decimal\", \"builtins.set\", \"pathlib.PosixPath\"."
    )
  }
}

# Identifiers, followed by `more`, where %s is another identifier.
is_python_name <- function(x, more = "") {
  word <- "[\\p{L}_][\\p{L}\\p{N}_]*"
  pattern <- paste0("^", word, sub("%s", word, more, fixed = TRUE), "\\z")
  grepl(pattern, enc2utf8(x), perl = TRUE)
}

check_call_parts <- function(args, keywords, state, items, dict_items, how) {
  parts <- c(length(args), length(keywords), length(items), length(dict_items))
  if (how == "global" && (any(parts > 0L) || !is.null(state))) {
    abort_value("`how` = \"global\" is the class itself, which takes no arguments.")
  }
  check_list(args, "args", named = FALSE)
  check_list(keywords, "keywords", named = TRUE)
  check_list(items, "items", named = FALSE)
  if (!inherits(dict_items, "python_dict")) check_list(dict_items, "dict_items", named = TRUE)
  if (!all(is_python_name(as.character(names(keywords))))) {
    abort_value("The names of `keywords` must be names of arguments in Python.")
  }
}

# An ordinary list where all items have names, each its own, or none has.
check_list <- function(x, name, named) {
  if (is.null(x)) {
    return()
  }
  names <- names(x)
  fits <- if (!named) {
    is.null(names)
  } else {
    length(names) == length(x) && all(nzchar(names)) && !anyNA(names) && !anyDuplicated(names)
  }
  if (!is.list(x) || is.object(x) || !is.null(dim(x)) || !fits) {
    wanted <- if (named) "a list with a name for each item" else "a list without names"
    abort_argument(x, name, wanted)
  }
}

# -- never changed ---------------------------------------------------------------------------

#' @rdname python_object
#' @export
`$<-.python_object` <- function(x, name, value) abort_change()

#' @rdname python_object
#' @export
`[[<-.python_object` <- function(x, i, value) abort_change()

#' @rdname python_object
#' @export
`[<-.python_object` <- function(x, i, value) abort_change()

#' @export
`names<-.python_object` <- function(x, value) abort_change()

#' @export
`length<-.python_object` <- function(x, value) abort_change()

#' @export
`dim<-.python_object` <- function(x, value) abort_change()

#' @export
`dimnames<-.python_object` <- function(x, value) abort_change()

#' @export
`levels<-.python_object` <- function(x, value) abort_change()

# R would compare the fields of which it is made.
#' @export
Ops.python_object <- function(e1, e2) {
  abort_value(
    sprintf("`%s` knows no python_object: it stands for an object of Python's.", .Generic),
    "as.numeric(x) or as.character(x) say what it is; identical(x, y) compares two of them."
  )
}

abort_change <- function() {
  abort_value(
    "A python_object cannot be changed: it stands for an object of Python's.",
    "Store a value of R's own instead, made of its parts (x$state, x$args, as.list(x) ..)."
  )
}
