# What a vector is that came out of a file.

#' Views
#'
#' An array that is read from a file comes as a *view*: a vector that reads straight from the
#' file when it is used. `is_view()` tells one, `view_info()` says where it reads from,
#' `materialize()` makes an ordinary vector of it.
#'
#' A view whose bytes in the file are R's bytes needs no copy (`zero_copy`). Others (float32,
#' int16, bool, another byte order, C order with `dims = "same"` ...) are converted as they
#' are read, and whole, in memory, once some code asks for all of it (`materialized`). Of text, a
#' few elements of many (`head(x)`, `x[1:10]`) are made by themselves; one alone (`x[[3]]`), or more
#' of them, make all. Changing a view in R changes a copy, never the file.
#'
#' Compiled code that writes through a data pointer changes the one vector whose pointer it
#' took: `data.table::set()`, `:=` and `setkey()`, a function of Rcpp that does `x[0] = 99`,
#' `.C()`, LAPACK in place. Such code gets memory of the view's own (a copy of up to 64 KiB, a
#' private map of larger data); the file, other views of the entry, and what is read from the
#' file later stay as they are. Of such a vector no longer all follows the file: a slice that is
#' written there later may show or not. Slices, `mmarray()` and copies to other keys or files never
#' read such memory: they read the file.
#'
#' A view keeps its file's bytes: after the entry is deleted or replaced, after `close()`, after
#' [vacuum()] of this package. Two things that others may do take them away: cutting the file,
#' and the Python library's `vacuum()`, which moves entries inside the file. Reading such a
#' view is an error of class `mmappickle_error_stale`; values that were materialized before stay.
#' Views of plain pickles ([read_pickle()]) go stale when their file is changed at all.
#' (Where R itself reads through the data pointer while the file is being cut, it sees zeros, and
#' the next call of the package raises the error.)
#'
#' @section Other systems than Linux:
#' On Linux and Windows a view shows slices that are written to its file after it was made. On
#' **macOS** the system promises that of no private map: which of the later slices an old view
#' shows is left open, and may differ from page to page. Read the entry again
#' (`x <- m[["x"]]`) after it was written to, by whatever process; what is read then is what
#' the file holds. `mmarray()` and `m["x", ...]` always read the file as it is. Disk space
#' comes back in whole blocks there, as on Linux (see [reclaim()]): what dead arrays take of the
#' first and the last block stays until [vacuum()].
#'
#' On **Windows** no file is replaced while somebody has it mapped: [vacuum()], `fsck(repair =
#' TRUE)` and all that writes a whole file anew are errors of class `mmappickle_error_busy` there
#' while a view of the old file is alive, in any process. Remove the views
#' (`rm(x); gc()`), or make them ordinary vectors with `materialize()`, and try again.
#'
#' @section Serialization:
#' `saveRDS()`, `save()`, `serialize()` and with them `parallel`, `callr`, `future` and `mirai`
#' write a view's values in full, so that what they write stands for itself. With
#' `options(mmappickle.by_reference = TRUE)` in the process that writes, a reference of about
#' 100 bytes and the file's path goes instead (and R's own attributes), and becomes a view of the
#' same file again where it is read, if the package is installed there and the file has that path.
#' A reference names an entry, which is read as any other; one from a stranger reads nothing
#' but arrays of files that are mmapdicts.
#' A file that is not there is an error of class `mmappickle_error_io`; one that was replaced or
#' vacuumed, or whose entry has changed, of class `mmappickle_error_stale`. (What is compared is the
#' file's inode, the commit number, the place of the entry and a checksum over its first and its
#' last 32 KiB. Slices that others write in the middle show, as in any view.) Use it for workers on
#' the same machine, not for archives.
#'
#' @param x Any object.
#' @return `is_view()`: `TRUE` or `FALSE`. `view_info()`: `NULL` if `x` is no view, else an
#'   object of class `view_info`, a list that prints as a sheet:
#'   \describe{
#'     \item{path, key}{file and entry (`""` for a plain pickle, see [read_pickle()])}
#'     \item{offset}{place of the first data byte in the file}
#'     \item{dtype, shape, order}{NumPy's name of the dtype; the shape in Python; `"C"` or `"F"`}
#'     \item{zero_copy}{`TRUE` if the file's bytes are R's}
#'     \item{materialized}{`TRUE` if the values were converted or copied into memory}
#'     \item{mapped_bytes}{bytes of the file that the view shows}
#'   }
#'   `materialize()`: `x` as an ordinary vector with the same attributes, a snapshot that later
#'   writes do not change. In a list all views are replaced; anything else is given back.
#' @examples
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' m[["x"]] <- c(1, 2, 3)
#' x <- m[["x"]]
#' is_view(x)
#' view_info(x)
#' is_view(materialize(x))
#' close(m)
#' @name views
NULL

#' @rdname views
#' @export
is_view <- function(x) {
  need(x)
  view_is(x)
}

#' @rdname views
#' @export
mmap_is_view <- is_view

#' @rdname views
#' @export
view_info <- function(x) {
  need(x)
  info <- view_info_raw(x)
  if (!is.null(info)) class(info) <- own_class("view_info")
  info
}

#' @export
format.view_info <- function(x, ...) {
  shown <- lapply(unclass(x), function(field) {
    if (is.logical(field)) if (field) "yes" else "no"
    else if (is.character(field)) one_line(field)
    else paste(vapply(field, count, ""), collapse = " x ")
  })
  shown$mapped_bytes <- format_bytes(x$mapped_bytes)
  paste0(padded(sub("_", " ", names(shown))), "  ", shown)
}

#' @export
print.view_info <- function(x, ...) {
  cat("<view>", paste0("  ", format(x)), sep = "\n")
  invisible(x)
}

#' @rdname views
#' @export
mmap_view_info <- view_info

#' @rdname views
#' @export
materialize <- function(x) {
  need(x)
  if (view_is(x)) {
    return(view_materialize(x))
  }
  if (inherits(x, "mmarray")) {
    return(view_materialize(whole_view(x)))
  }
  if (is.list(x)) {
    attributes <- attributes(x)
    x <- lapply(unclass(x), materialize)
    attributes(x) <- attributes
  }
  x
}

#' @rdname views
#' @export
mmap_materialize <- materialize
