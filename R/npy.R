# NumPy's own files: .npy and .npz.

#' Read and write NumPy's array files
#'
#' `read_npy()` reads the array in a `.npy` file (as `numpy.save` writes it), `read_npz()` those
#' in an `.npz` archive (`numpy.savez`, `numpy.savez_compressed`), `write_npy()` writes a `.npy`
#' file that `numpy.load` reads. What R value an array gives, and the other way round, is as
#' with mmapdict files: see [access] and [ndarray()].
#'
#' Every dtype is read: numbers, texts, times, structured dtypes (as data frames), and arrays
#' of objects, which NumPy pickles, and which are read as [read_pickle()] reads a pickle:
#' nothing in them is executed or imported. The header, in which Python's words stand, is read
#' by rules of its own, and never evaluated.
#'
#' A file given by its path is mapped, not read: arrays of more than 64 KiB come as [views], in
#' the order of C or Fortran, and so do those that lie uncompressed in an `.npz` archive. What
#' becomes of them when the file is changed is told in [read_pickle()]. The parts of an archive
#' that are compressed are unpacked into memory: never more than the archive says that they
#' take, which is at most 1032 times the bytes that are there. Their checksums have to fit
#' (those of what is not compressed are not looked at, as it is not read).
#'
#' Stored again as it is, in an mmapdict or by `write_npy()`, an array has the dtype that it had (in
#' an mmapdict the order, too), whether it came as a view or not.
#'
#' Parts of an archive that are no arrays come as raw vectors.
#'
#' @section What `write_npy()` leaves out:
#' A `.npy` file holds an array and nothing else: names, dim names and other attributes are not
#' written. It cannot say which elements are missing: `NA` in what is no floating-point or time
#' dtype is an error.
#'
#' @param file Path of a file, a connection or a raw vector. (For `read_npy()` also one that
#'   gzip, bzip2 or xz has compressed: it is read whole.)
#' @param dims,int64,uint8,simplify,readers,trusted,order As in [mmapdict()].
#' @return `read_npy()`: the value; of an array of objects of rank 0, as `numpy.save` makes it
#'   of a dict, the object. `read_npz()`: a list of them, named as in the archive,
#'   without `.npy`. `write_npy()`: `x`, invisibly.
#' @section Errors: `mmappickle_error_format` (no such file, or one that is damaged or cut off),
#'   `_io`, `_value` (a wrong argument; what is no array, or has missing elements), `_limit`,
#'   `_stale`. Warnings: `mmappickle_warning_trailing` (bytes behind the array), `_precision`.
#' @examples
#' path <- tempfile(fileext = ".npy")
#' write_npy(matrix(c(1.5, 2, 3, 4), 2), path)
#' read_npy(path)
#'
#' write_npy(ndarray(c(1, 2, 250), "uint8"), path)
#' read_npy(path)
#' @seealso [read_pickle()], [ndarray()]
#' @export
read_npy <- function(file, dims = c("same", "reversed"), int64 = c("double", "integer64"),
                     uint8 = c("integer", "raw"), simplify = TRUE, readers = list(),
                     trusted = NA) {
  need(file)
  flags <- flag_bits(dims, "C", int64, uint8, simplify, trusted)
  npy_read(pickle_source(file), flags, with_registry(check_readers(readers)))
}

#' @rdname read_npy
#' @export
read_npz <- function(file, dims = c("same", "reversed"), int64 = c("double", "integer64"),
                     uint8 = c("integer", "raw"), simplify = TRUE, readers = list(),
                     trusted = NA) {
  need(file)
  flags <- flag_bits(dims, "C", int64, uint8, simplify, trusted)
  npz_read(pickle_source(file), flags, with_registry(check_readers(readers)))
}

#' @rdname read_npy
#' @details `write_npy()` writes a file under a hidden name beside `file`, and renames it when
#'   it is whole; as [write_pickle()] does, it brings it to disk before it replaces an old file,
#'   but waits for nothing where there was none.
#' @param x A vector, matrix or array, a data frame, a view, or what [ndarray()] gives, which
#'   chooses the dtype.
#' @export
write_npy <- function(x, file, dims = c("same", "reversed"), order = c("C", "F")) {
  need(x)
  need(file)
  file <- pickle_path(file, value = x, what = "the path of a file")
  flags <- flag_bits(dims, order, "double", "integer", TRUE)
  marked <- if (inherits(x, c("ndarray", "empty_ndarray"))) x else plain_array(x)
  npy_write(marked, file, flags)
  invisible(x)
}

# An array has no names; those of a data frame's columns are its fields. A vector without them
# forgets the dtype that it has in a file.
plain_array <- function(x) {
  if (!is.atomic(x)) {
    return(ndarray(x))
  }
  is_named <- !is.null(if (is.null(dim(x))) names(x) else dimnames(x))
  dtype <- if (is_named && !is.character(x)) natural_dtype(x)
  if (is_named && is.null(dim(x))) names(x) <- NULL else if (is_named) dimnames(x) <- NULL
  ndarray(x, dtype)
}
