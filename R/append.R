# Arrays that grow in place: src/r/slice/append.h.

#' Arrays that grow
#'
#' `mmap_append(m, "k", x)` adds `x` behind the last element of the array `k`, in place: to a
#' vector elements, to an array of more dimensions rows (slices along the dimension in which it
#' grows), to a table rows. What is there is neither copied nor moved, and the new length shows
#' by one write of four bytes: whoever reads the file, also after a crash at any moment, finds
#' the array with all of `x` or without it.
#'
#' The first append makes the entry, and settles dtype and extents, for which
#' [`ndarray(x, dtype)`][ndarray] says more than `x` itself. `growing_ndarray()` makes one that
#' has no rows yet, and room for so many, which takes no disk before it is used. An array that is
#' there already becomes one that grows at its first append, which copies it once.
#'
#' A growing array has room behind its last row. When that is used up, it is copied, from file
#' to file, to where there is room for half of its rows again: n rows cost time in proportion to
#' n, however few of them each append adds. The copy before is emptied at once, as by
#' [reclaim()], if it has 1 MB or more and nobody can see it: no view of this session, and no
#' other handle or process that has the file open (which Linux tells; elsewhere it stays). What
#' stays are dead bytes, at most twice as many as the array has with its room, that [reclaim()]
#' and [vacuum()] give back; vacuum() takes the room, too, unless it is told `keep_room = TRUE`.
#' [entries()] says the capacity of such arrays, in rows.
#'
#' In R the array grows along its first dimension; with `dims = "reversed"`, where R has the
#' dimensions of Python in reverse, along the last. In Python it is the first axis of the shape.
#' `x` may be one row (a vector for a matrix, an array of a dimension less) or several, with the
#' array's own extents but for that one. Nothing is recycled.
#'
#' A data frame becomes a structured array: all columns of its new rows show, or none does. Text
#' has a fixed width there, that of the longest in the first append if no dtype says otherwise:
#' `ndarray(x, c(message = "U200"))`. (A data frame that was stored by `m[["k"]] <- df` is a dict
#' of columns, which do not grow; `m[["k"]] <- ndarray(df)` stores it as one array.)
#'
#' @section Who else has the file open:
#' Values that were read before keep their length: `m[["k"]]` gives the new one. Appends of several
#' processes come one after the other. Python's `pickle.load` gives an ordinary array of the
#' present length; the Python library mmappickle maps it (masked and structured arrays it
#' loads), and sees a new length at its next access. Python appends with `append.py`, a file of
#' 100 lines that needs nothing but NumPy:
#' `system.file("examples", "append.py", package = "mmappickle")`. Where a reader of a whole
#' value holds no lock, as `pickle.load` itself does not, rows that came while it read may be
#' zeros, as with
#' [slices]; with the shared lock, as R and that library read, they never are.
#'
#' An append that is interrupted by Ctrl-C or an error leaves the array at its old length.
#'
#' @section What fits:
#' As in [slices]: `x` has to fit the dtype of the array, or nothing is appended. `NA` in integers
#' and texts needs a masked array: one whose first rows had an `NA`, or
#' `growing_ndarray(masked = TRUE)`. A fill value that Python gave to such an array stays with
#' it. Arrays with names, or names of their rows, do not grow.
#'
#' @param m A handle that was opened for writing, see [mmapdict()].
#' @param key The key: one string.
#' @param x A vector, an array, a data frame, a view, or one of these with a dtype,
#'   [`ndarray(x, dtype)`][ndarray].
#' @param along The dimension along which the array grows: 1, the first axis of Python's shape.
#'   With `dims = "reversed"` the number of the last dimension in R names it, too. No other
#'   dimension grows: its slices do not stand one behind the other in the file.
#' @return `mmap_append()`: the handle, invisibly. `growing_ndarray()`: an object of class
#'   `empty_ndarray`, to be assigned to a key.
#' @section Errors: `mmappickle_error_value` (does not fit: dtype, extents), `_index` (the entry
#'   is no array with rows), `_limit` (2^31 rows), `_readonly`, `_io`, `_busy`, `_closed`.
#' @seealso [slices] change elements in place; `vignette("growing")`
#' @examples
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' for (i in 1:3) mmap_append(m, "squares", i^2)
#' m[["squares"]]
#'
#' # Lines of 1,000 pixels, with room for 500
#' m[["image"]] <- growing_ndarray(c(0, 1000), "uint16", capacity = 500)
#' mmap_append(m, "image", sample(65535, 1000))
#' mmap_append(m, "image", matrix(0, 2, 1000))
#' dim(m[["image"]])
#'
#' # A log
#' line <- data.frame(time = Sys.time(), level = "info", message = "started")
#' mmap_append(m, "log", ndarray(line, c(level = "U8", message = "U80")))
#' mmap_append(m, "log", data.frame(time = Sys.time(), level = "warning", message = "slow"))
#' m[["log"]]
#' entries(m)[c("key", "shape", "capacity")]
#' close(m)
#' @export
mmap_append <- function(m, key, x, along = 1) {
  check_handle(m, key)
  check_key(key)
  need(x)
  if (is.null(x)) abort_argument(x, "x", "a vector, an array or a data frame")
  if (!is.numeric(along) || length(along) != 1L || is.na(along)) {
    abort_argument(along, "along", "the number of a dimension")
  }
  along <- as.double(along)
  if (is.raw(key)) key <- new_key(key)
  marked <- is.object(x) && inherits(x, "ndarray")
  rows <- if (marked) mark_fields(x)$x else x
  dims <- if (is.object(rows) && is.data.frame(rows)) nrow(rows) else dim(rows)
  if (!is.null(dims)) dims <- as.double(dims)
  value <- slice_value(rows)
  # Another process may make the entry, or delete it, meanwhile.
  first <- NULL
  while (!store_append(m, key, value, dims, along)) {
    if (is.null(first)) first <- if (marked) x else ndarray(x)
    if (store_append_first(m, key, first, along)) break
  }
  invisible(m)
}

#' @rdname mmap_append
#' @param dim The dimensions at first, usually with an extent of 0 in the one that grows, as R sees
#'   them: whole numbers, at least one. Rows that it has from the beginning are zeros.
#' @param dtype As of [empty_ndarray()].
#' @param capacity How many rows are to have room without a copy.
#' @param masked `TRUE`: the array has a mask, and takes `NA` whatever its dtype.
#' @export
growing_ndarray <- function(dim, dtype = "float64", capacity = 0, masked = FALSE) {
  fields <- mark_fields(empty_ndarray(dim, dtype, "C"))
  if (!length(fields$dim)) abort_argument(dim, "dim", "one or more whole numbers")
  if (!is.numeric(capacity) || length(capacity) != 1L || is.na(capacity) || capacity < 0 ||
        capacity != trunc(capacity) || capacity > .Machine$integer.max) {
    abort_argument(capacity, "capacity", "a whole number of rows below 2^31")
  }
  fields$growth <- c(as.double(capacity), true_or_false(masked, "masked"))
  carrier("empty_ndarray", fields)
}
