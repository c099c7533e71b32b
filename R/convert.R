#' Make an mmapdict of a pickled dict
#'
#' Converts any Python pickle (protocols 0 to 5) of a dict whose keys are text (NumPy's, too) to a
#' file for [mmapdict()]: arrays become portable (NumPy 1 and 2 load them) and aligned, so that both
#' this package and the Python library map them; all other values stay what they are. Nothing in
#' the pickle is executed or imported.
#'
#' An `OrderedDict`, `defaultdict` or `Counter` becomes a plain dict of the same items in the
#' same order. Values that the dict holds under several keys are stored for each of them. Large
#' arrays are copied from file to file, and need no memory.
#'
#' The new file is written under a hidden name beside `to`, and renamed when it is whole and
#' on disk: on any error, or when it is interrupted, `from` and `to` are as they were. Where
#' `to` is a symbolic link the file that it leads to is replaced; the mode of a file that is
#' replaced is kept. The locks of both files are held, see [mmapdict()].
#'
#' A file that is an mmapdict already is converted, too: what is left are its live entries, with
#' their R attributes and with portable arrays.
#'
#' @param from Path of a file, a connection or a raw vector, as in [read_pickle()].
#' @param to Path of the new file. Default: `from`, which is then replaced. To be given if
#'   `from` is a connection, a raw vector a compressed file or an archive.
#' @param overwrite `TRUE`: replace a file `to` that exists and is not `from`.
#' @param lock_timeout Seconds to wait for a file's lock, as in [mmapdict()].
#' @param encoding What strings of Python 2 are, as in [read_pickle()].
#' @return `to`, invisibly.
#' @section Errors: `mmappickle_error_format` (no pickle, or damaged: with the offset), `_value`
#'   (it holds no dict; a wrong argument), `_key` (a key that is no text, is longer than 255
#'   bytes of UTF-8, or has a lone surrogate), `_unsupported` (a value that `pickle.load` could
#'   not load by itself: persistent ids, extension codes, out-of-band buffers), `_io` (`to`
#'   exists, or has several hard links; no space ...), `_busy` (other processes have the file
#'   open that is to be replaced, or a lock did not come in time). Warning:
#'   `mmappickle_warning_trailing` (bytes behind the pickle were left out).
#' @examples
#' # A pickle as Python's pickle.dump() writes it
#' path <- tempfile(fileext = ".pickle")
#' write_pickle(list(x = c(1.5, 2.5), name = "a"), path)
#'
#' convert_pickle(path)
#' m <- mmapdict(path)
#' entries(m)
#' close(m)
#' @seealso [read_pickle()], and `vacuum(m, upgrade = TRUE)` for files of the Python library
#'   ([vacuum()]).
#' @export
convert_pickle <- function(from, to = from, overwrite = FALSE, lock_timeout = Inf,
                           encoding = "ASCII") {
  need(from)
  encoding <- encoding_of_strings(encoding)
  overwrite <- true_or_false(overwrite, "overwrite")
  lock_timeout <- seconds(lock_timeout, "lock_timeout")
  if (missing(to) && !is.character(from)) {
    abort_value(
      paste0("`to` must be given where `from` is no path, but ", what_is(from), "."),
      "Name the new file."
    )
  }
  source <- pickle_source(from, "from")
  if (missing(to) && nzchar(packing_of(pickle_path(from, "from")))) {
    abort_value(
      paste0("'", from, "' is compressed (", packing_of(pickle_path(from, "from")),
             "), which an mmapdict cannot be."),
      "Name another file for it: `to`."
    )
  }
  path <- file_path(to, "to")
  name <- if (is.character(from)) pickle_path(from) else ""
  pickle_convert(source, name, path, overwrite, lock_timeout, NULL, encoding)
  invisible(to)
}
