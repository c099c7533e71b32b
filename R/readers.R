# Functions of the user's that turn inert Python objects into R values.

#' Read objects of Python's classes your way
#'
#' An object of a Python class that R does not know is read as an inert [python_object].
#' `readers` says what to make of it: a list of functions, each named by a Python class as
#' `x$class` shows it, `"package.module.Class"`. It is an argument of [mmapdict()], for all that
#' a handle reads, and of [mmap_get()] and [read_pickle()], for one read; none are kept in the
#' session. They go before those that the package brings along, of [sparse] matrices.
#'
#' A reader is called with the `python_object`, and what it gives stands in its place, wherever
#' the object stands in a value. It is called
#' * only for objects that have that very class name, not for subclasses, nor for the class
#'   itself (which is referred to by its name), and never for what R knows anyway;
#' * from the inside out: parts that are objects with readers have been read already;
#' * once for an object that a value refers to several times;
#' * while the file is not locked: it may use the same store.
#'
#' An error in a reader is an error of the read. `mmap_get(m, key, readers = )` takes these in
#' place of the handle's. Nested assignments (`m[["k"]]$a <- 1`) read without them, so that what
#' they leave alone stays what it is in Python; sparse matrices are changed as those of Matrix.
#'
#' The other direction is [as_python()]: a method for the class of what the reader gives says
#' what is stored for it.
#'
#' @name readers
#' @seealso [python_object], [as_python()]
#' @examples
#' # As Python writes an object of a class that holds a circle:
#' # class Circle: def __init__(self, x, y, radius): ...
#' bytes <- c(
#'   as.raw(c(0x80, 0x04)), charToRaw("cgeometry\nCircle\n)"), as.raw(0x81),
#'   charToRaw("}("), charToRaw("V"), charToRaw("x\nK\001Vy\nK\002Vradius\nK\003ub.")
#' )
#' read_pickle(bytes)
#'
#' circle <- function(object) {
#'   structure(list(center = c(object$x, object$y), radius = object$radius), class = "circle")
#' }
#' read_pickle(bytes, readers = list("geometry.Circle" = circle))
#'
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"), readers = list("geometry.Circle" = circle))
#' m[["circles"]] <- list(read_pickle(bytes), read_pickle(bytes))
#' class(m[["circles"]][[1]])
#' class(mmap_get(m, "circles", readers = list())[[1]])
#' close(m)
NULL

# What C++ takes: the user's, and behind them those of the package. (Handles keep the user's
# alone, so that they stay small when they are sent to others.)
with_registry <- function(readers) if (length(readers)) c(readers, registry) else registry

# Those of the package alone, whose values stand for one object each: nested assignment knows
# by the value what it has left alone.
own_readers <- function(readers) {
  if (length(readers)) registry[setdiff(names(registry), names(readers))] else registry
}

check_readers <- function(readers) {
  if (is.null(readers) || identical(readers, list())) {
    return(NULL)
  }
  named <- is.list(readers) && !is.null(names(readers)) && all(nzchar(names(readers)))
  if (!named || anyDuplicated(names(readers)) || !all(vapply(readers, is.function, NA))) {
    abort_argument(
      readers, "readers", "a list of functions, each named by a Python class",
      "readers = list(\"package.module.Class\" = function(object) ..)"
    )
  }
  names(readers) <- enc2utf8(names(readers))
  as.list(readers)
}
