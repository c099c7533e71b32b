# Whatever else R can serialize: bytes that only an explicit call opens.

#' Store an R object as bytes
#'
#' `r_object(x)` marks an object that has no form in Python (a function, an environment, a
#' fitted model with its code) to be stored as the bytes of `serialize(x)`. Python sees
#' `bytes`. Reading gives the mark back, still closed; `unserialize_r_object()` opens it.
#'
#' @section Security: R's own `unserialize()` can run code that the bytes bring along
#'   (CVE-2024-27322 was one way of several). So nothing in a file is unserialized unless you
#'   ask for it: open only what you trust. All other values are read without running anything.
#'
#' @param x `r_object()`: any R object; of an external pointer in it nothing is stored, with a
#'   warning of class `mmappickle_warning_dropped`. `unserialize_r_object()`: what `r_object()`
#'   gave.
#' @param ... Ignored.
#' @return `r_object()`: a raw vector of class `r_object`. `unserialize_r_object()`: the object.
#' @section Errors: `mmappickle_error_value`: `x` is no `r_object`, or its bytes are none of
#'   R's.
#' @source \url{https://nvd.nist.gov/vuln/detail/CVE-2024-27322}
#' @seealso [as_python()]
#' @examples
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' m[["model"]] <- r_object(lm(dist ~ speed, cars))
#' m[["model"]]
#' coef(unserialize_r_object(m[["model"]]))
#' close(m)
#' @export
r_object <- function(x) {
  need(x)
  lost <- FALSE
  kept <- null_pointer
  bytes <- serialize(x, NULL, refhook = function(reference) {
    if (is_handle_fields(reference)) {
      kept <<- .subset2(reference, ".ptr")  # a handle opens its file anew
    } else if (is_pointer(reference) && !identical(reference, kept)) {
      lost <<- TRUE
    }
    NULL
  })
  if (lost) {
    raise_warning("dropped", paste0(
      "The object holds a pointer to memory of this session, which is not stored.\n",
      "i Where its package has a function that packs such objects (terra::wrap()), store that."
    ))
  }
  structure(bytes, class = "r_object")
}

is_pointer <- function(x) typeof(x) == "externalptr" && !identical(x, null_pointer)

#' @rdname r_object
#' @export
unserialize_r_object <- function(x) {
  need(x)
  if (!inherits(x, "r_object") || !is.raw(x)) {
    abort_argument(x, "x", "an r_object")
  }
  tryCatch(
    unserialize(as.vector(unclass(x))),
    error = function(e) abort_value(paste("R cannot open this r_object:", sentence_of(e)))
  )
}

#' @export
format.r_object <- function(x, ...) {
  if (!is.raw(x)) abort_lie("r_object")
  paste0("<r_object> ", format_bytes(length(x)))
}

#' @rdname r_object
#' @export
print.r_object <- function(x, ...) {
  cat(format.r_object(x), "\n", sep = "")
  cat("unserialize_r_object(x) opens it, and can run code: only if you trust it.\n")
  invisible(x)
}
