# Whole pickles, outside of stores.

#' Read and write pickles
#'
#' `read_pickle()` reads any Python pickle of the protocols 0 to 5, `write_pickle()` writes
#' one that `pickle.load` reads. What R value a Python value gives, and the other way round,
#' is as with mmapdict files (see [access] and [mmap_set()]): `read_pickle(write_pickle(x))` is
#' identical to `x` for whatever [mmapdict()] stores.
#'
#' Nothing in a pickle is ever executed or imported: what Python would build by calling a
#' class or function comes as the R value that it is known to stand for, or as an inert
#' [python_object]. Which R classes a pickle that R wrote may give to values says `trusted`; see
#' the section "Classes" of [mmapdict()].
#'
#' @section Files, connections, raw vectors:
#' A file given by its path is mapped, not read: its arrays of more than 64 KiB come as [views]
#' that stay valid when the file is replaced or removed later. (`view_info()` has an empty
#' `key` for them.) Once the file itself was changed, as Python's `open(path, "wb")` does, to
#' read them is an error of class `mmappickle_error_stale` (a change of the file's owner, mode
#' or own name may be taken for one): read it again, or take a snapshot by [materialize()]
#' before. (Where R itself reads through the data pointer while the file is being changed, it
#' sees what is there; `x[[i]]` may, in the first few milliseconds.) The file stays open as
#' long as such views live; of more than 200 files at a time, and of those that are being
#' written to, all is copied.
#'
#' What a pickle is packed in is recognized by its first bytes: compression by gzip, bzip2, xz,
#' lzma or zlib (that is read whole), and zip and tar archives of one file, as pandas writes
#' them (what lies in them uncompressed is mapped). A file in a zip archive gives no more bytes
#' than the archive says that it has, which is at most 1032 times those that are there. Dumps
#' of joblib, in which arrays stand raw, are read like pickles, their arrays mapped; so are
#' files of `torch.save` (since PyTorch 1.6): tensors come as arrays (of bfloat16, and of strides
#' that are neither C's nor Fortran's, as inert objects). What is none of these is told by what
#' it is.
#'
#' A connection is read from where it stands to its end, and must be blocking; what is not yet
#' open is opened, and closed again. One that is open has to be so in binary mode. What comes
#' from a connection or a raw vector is copied into memory.
#'
#' No lock is taken: a file that changes while it is read is an error of class
#' `mmappickle_error_stale`. One that others may write to at the same time is read by [mmapdict()];
#' an mmapdict file that nobody writes to is a pickle like any other, of a dict: it gives the
#' named list of its values.
#'
#' @section Several pickles:
#' Python programs may write one pickle after the other to the same file. `read_pickle()` gives
#' the first, and warns if anything follows; with `all = TRUE` it gives all of them, and
#' warns of bytes at the end that are no pickle.
#'
#' @param file For `read_pickle()`: the path of a file, a connection (`gzfile()`, `url()`,
#'   `pipe()`, `rawConnection()` ...) or a raw vector. For `write_pickle()`: a path, a
#'   connection, or `NULL` (default), which gives the bytes as a raw vector.
#' @param all `TRUE`: all pickles up to the end, as a list. `FALSE` (default): the first.
#' @param dims,int64,uint8,simplify,readers,trusted,index,order As in [mmapdict()].
#' @param encoding What strings of Python 2 (`str`, which was bytes and text alike) are, as in
#'   Python's `pickle.load`: `"ASCII"` (default): text, if they are ASCII, else a
#'   [python_object]; `"latin1"`, `"utf-8"`: text in that encoding; `"bytes"`: raw vectors. Arrays
#'   and times that Python 2 pickled are read with each of them.
#' @return `read_pickle()`: the value; with `all = TRUE`, a list of values. `write_pickle()`:
#'   a raw vector if `file` is `NULL`, else `value`, invisibly.
#' @section Errors: `mmappickle_error_format` (no pickle, or one that is damaged or cut off:
#'   with the offset), `_io` (the file does not exist, may not be read or written, a connection
#'   fails ...), `_value` (a wrong argument, or a value that cannot be stored), `_limit`.
#'   `_stale` (the file was changed while it was read).
#'   Warnings: `mmappickle_warning_trailing` (bytes behind the pickle that were not read, with
#'   their number and offset), `_precision` (64-bit integers beyond 2^53 were rounded; it says in
#'   which parts), `_inert` (columns of a data frame hold Python's objects; it says which).
#' @examples
#' path <- tempfile(fileext = ".pickle")
#' write_pickle(list(a = 1L, b = c(1.5, 2.5), c = "text"), path)
#' read_pickle(path)
#'
#' # From Python: pickle.dumps({"x": (1, 2.5, None)})
#' bytes <- as.raw(c(
#'   0x80, 0x04, 0x7d, 0x8c, 0x01, 0x78, 0x4b, 0x01, 0x47, 0x40, 0x04, 0, 0, 0, 0, 0, 0, 0x4e,
#'   0x87, 0x73, 0x2e
#' ))
#' read_pickle(bytes)
#'
#' # Compressed
#' packed <- tempfile(fileext = ".pickle.gz")
#' write_pickle(letters, gzfile(packed))
#' read_pickle(packed)
#' @seealso [mmapdict()]
#' @export
read_pickle <- function(file, all = FALSE, dims = c("same", "reversed"),
                        int64 = c("double", "integer64"), uint8 = c("integer", "raw"),
                        simplify = TRUE, readers = list(), trusted = NA,
                        index = c("column", "attribute", "drop"),
                        encoding = "ASCII") {
  need(file)
  all <- true_or_false(all, "all")
  flags <- flag_bits(dims, "C", int64, uint8, simplify, trusted, index)
  readers <- with_registry(check_readers(readers))
  values <- pickle_read(
    pickle_source(file), all, flags, readers, encoding_of_strings(encoding)
  )
  if (all) values else values[[1L]]
}

#' @rdname read_pickle
#' @details `write_pickle()` writes a file under a hidden name beside `file`, and renames it
#'   when it is whole: on any error the old file stays as it was. Before it takes the place of
#'   an old file it is on disk, so that a loss of power leaves the one or the other. For a file
#'   where there was none nothing is waited for: a loss of power soon after may take it, or some
#'   of it. The pickle has protocol 4. Its arrays are portable (NumPy 1 and 2), and aligned, so that
#'   `read_pickle(path)` maps
#'   them.
#' @param value Any R value that [mmapdict()] stores.
#' @export
write_pickle <- function(value, file = NULL, dims = c("same", "reversed"),
                         order = c("C", "F")) {
  need(value)
  flags <- flag_bits(dims, order, "double", "integer", TRUE)
  if (is.null(file)) {
    return(pickle_write(value, NULL, flags))
  }
  if (inherits(file, "connection")) {
    with_connection(file, "wb", function() {
      write_bytes(pickle_write(value, NULL, flags), file)
    })
  } else {
    pickle_write(value, pickle_path(file, value = value), flags)
  }
  invisible(value)
}

# The number of pickle::Encoding (src/core/pickle/python2_strings.h).
encoding_of_strings <- function(encoding) {
  known <- c("ascii", "latin1", "bytes", "utf8")
  one <- if (is_string(encoding) && Encoding(encoding) != "bytes") {
    match(gsub("[-_]", "", tolower(encoding)), known)
  }
  if (is.null(one) || is.na(one)) {
    names <- c("ASCII", "latin1", "bytes", "utf-8")
    abort_argument(encoding, "encoding", one_of_words(quoted(names)), nearest_of(encoding, names))
  }
  one - 1L
}

# What C++ reads from: a path, or bytes. It knows archives and zlib's streams, and R the
# other ways of compression.
pickle_source <- function(file, name = "file") {
  source <- if (inherits(file, "connection")) {
    with_connection(file, "rb", function() read_bytes(file))
  } else if (is.raw(file)) {
    file
  } else {
    pickle_path(file, name, what = "a path, a connection or a raw vector")
  }
  uncompressed(source, packing_of(source))
}

# `value`: the argument before it, for who gives both in the wrong order.
pickle_path <- function(file, name = "file", value = NULL, what = "a path or a connection") {
  swapped <- !is.character(file) && is_string(value)
  file_path(file, name, what, if (swapped) {
    "The value comes first, then the path."
  } else {
    ""
  })
}
