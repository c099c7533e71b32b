# Python dicts that are no named lists.

#' Python dicts whose keys are not all text
#'
#' A dict with keys such as `1` or `("a", 2)` cannot be a named list. It comes as an object of
#' class `python_dict`, a list of two parallel lists.
#'
#' `m$d$values[[2]] <- value` changes a value, as any nested assignment does ([mmap_set()]): the
#' others stay what they are in Python. So do keys, here and in another file, while they are not
#' changed: R shows `("a",)` and a `frozenset` as vectors, and a moment without a zone in UTC.
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

is_dict <- function(x) {
  is.list(x) && is.list(.subset2(x, "keys")) && is.list(.subset2(x, "values"))
}

abort_lie <- function(class) {
  abort_value(paste0("This is no ", class, ", though its class says so."))
}

#' @rdname python_dict
#' @export
format.python_dict <- function(x, ...) {
  if (!is_dict(x)) {
    return(paste0("<python_dict> that is none: of type ", typeof(x)))
  }
  paste0("<python_dict> ", plural(length(.subset2(x, "keys")), "item"))
}

#' @rdname python_dict
#' @export
print.python_dict <- function(x, ...) {
  cat(format.python_dict(x), "\n", sep = "")
  if (!is_dict(x)) {
    return(invisible(x))
  }
  keys <- .subset2(x, "keys")
  for (at in seq_len(min(length(keys), length(.subset2(x, "values")), shown_parts))) {
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
