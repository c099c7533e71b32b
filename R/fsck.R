#' Check a file, and repair it
#'
#' Looks at every byte of a file's structure: header, frames, keys, states, values, paddings,
#' duplicates, terminator, what lies behind it, and whole entries behind a broken place.
#' Nothing is written without `repair`.
#'
#' With `repair`, every live entry that is whole (frame, key, value and tail; also where the
#' frame's length alone is wrong) goes to a new file, which is synced and then takes the
#' place of the old one: at every moment one of the two is there. Python's `pickle.load` reads it,
#' and so does the Python library. Bytes that belong to no whole entry are kept in
#' `<path>.lost` (or `.lost-2` and so on: nothing is overwritten), an mmapdict of raw vectors
#' named by their offsets in the damaged file.
#'
#' @param path Path of the file, or a handle.
#' @param repair `TRUE`: repair what was found.
#' @param lock_timeout Seconds to wait for the file's lock, as in [mmapdict()].
#' @param force `TRUE`: repair the file though other processes have it open. What they write
#'   to the old file is lost.
#' @return A data frame of class `mmappickle_fsck` with a row for each finding, none for a
#'   sound file, and the columns
#'   \describe{
#'     \item{at, bytes}{place and size in the file}
#'     \item{key}{of the entry concerned, or `""`}
#'     \item{problem}{what was found}
#'     \item{action}{what a repair does, or did}
#'     \item{harmful}{`FALSE`: a remark}
#'   }
#'   Its attributes `path`, `keys` (number of whole entries), `repaired` (`TRUE` if the file
#'   was replaced) and `lost` (path of the file with what could not be kept, or `""`) are shown by
#'   `print()`.
#' @section Errors: `mmappickle_error_format`: the file is no mmapdict at all. `_busy`: a repair
#'   while other processes have the file open, or no lock in time. `_io` as in [mmapdict()], and
#'   for a repair of a file with several hard links. The file is then as it was.
#' @examples
#' path <- tempfile(fileext = ".mmdpickle")
#' m <- mmapdict(path)
#' m[["a"]] <- 1
#' close(m)
#' fsck(path)
#' @export
fsck <- function(path, repair = FALSE, lock_timeout = Inf, force = FALSE) {
  need(path)
  path <- if (inherits(path, "mmapdict")) own(path, ".path") else path
  path <- file_path(path, "path")
  repair <- true_or_false(repair, "repair")
  report <- fsck_file(
    path, repair, seconds(lock_timeout, "lock_timeout"), true_or_false(force, "force")
  )
  columns <- c("at", "bytes", "key", "problem", "action", "harmful")
  for (text in c("key", "problem", "action")) {
    report[[text]][is.na(report[[text]])] <- ""
  }
  structure(
    report[columns],
    class = c("mmappickle_fsck", "data.frame"),
    row.names = .set_row_names(length(report$at)),
    path = path, keys = report$keys, repaired = report$repaired, lost = report$lost
  )
}

#' @rdname fsck
#' @export
mmap_fsck <- fsck

#' @rdname fsck
#' @param x A report.
#' @param ... Ignored.
#' @export
print.mmappickle_fsck <- function(x, ...) {
  harmful <- sum(x$harmful)
  cat(
    "<fsck> ", attr(x, "path"), ": ",
    if (isTRUE(attr(x, "repaired"))) "repaired" else if (harmful) "damaged" else "sound",
    ", ", plural(attr(x, "keys"), "key"), "\n",
    sep = ""
  )
  for (at in seq_len(nrow(x))) {
    cat(
      if (x$harmful[[at]]) "x " else "i ", "at ", count(x$at[[at]]),
      if (nzchar(x$key[[at]])) paste0(" (", quoted(x$key[[at]]), ")"), ": ", x$problem[[at]],
      if (nzchar(x$action[[at]])) paste0("\n  ", x$action[[at]]), "\n",
      sep = ""
    )
  }
  if (harmful && !isTRUE(attr(x, "repaired"))) {
    cat("fsck(path, repair = TRUE) keeps all entries that are whole.\n")
  }
  if (nzchar(attr(x, "lost") %||% "")) {
    cat("What could not be kept is in ", attr(x, "lost"), "\n", sep = "")
  }
  invisible(x)
}
