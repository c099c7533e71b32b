#' Check a file, and repair it
#'
#' Looks at every byte of a file's structure: header, frames, keys, states, values, paddings,
#' duplicates, terminator, and what lies behind it. With `repair`, what can be repaired is: a
#' tail that was cut off is removed up to the last whole entry, and damaged or doubled
#' entries are marked dead. Nothing is written without `repair`.
#'
#' @param path Path of the file, or a handle.
#' @param repair `TRUE`: repair what was found. Keep a copy of a file that matters.
#' @param lock_timeout Seconds to wait for the file's lock, as in [mmapdict()].
#' @return A data frame of class `mmappickle_fsck` with a row for each finding, none for a
#'   sound file, and the columns
#'   \describe{
#'     \item{at, bytes}{place and size in the file}
#'     \item{key}{of the entry concerned, or `""`}
#'     \item{problem}{what was found}
#'     \item{action}{what a repair does, or did}
#'     \item{harmful}{`FALSE`: a remark}
#'   }
#'   Its attributes `path`, `keys` (number of whole entries) and `repaired` (`TRUE` if the file
#'   was changed) are shown by `print()`.
#' @section Errors: `mmappickle_error_format`: the file is no mmapdict at all. `_io`, `_busy`
#'   as in [mmapdict()].
#' @examples
#' path <- tempfile(fileext = ".mmdpickle")
#' m <- mmapdict(path)
#' m[["a"]] <- 1
#' close(m)
#' fsck(path)
#' @export
fsck <- function(path, repair = FALSE, lock_timeout = Inf) {
  path <- if (inherits(path, "mmapdict")) .subset2(path, ".path") else path
  path <- path.expand(one_string(path, "path"))
  repair <- true_or_false(repair, "repair")
  report <- fsck_file(path, repair, seconds(lock_timeout, "lock_timeout"))
  columns <- c("at", "bytes", "key", "problem", "action", "harmful")
  for (text in c("key", "problem", "action")) {
    report[[text]][is.na(report[[text]])] <- ""
  }
  structure(
    report[columns],
    class = c("mmappickle_fsck", "data.frame"),
    row.names = .set_row_names(length(report$at)),
    path = path, keys = report$keys, repaired = report$repaired
  )
}

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
    cat("fsck(path, repair = TRUE) repairs what can be. Keep a copy of what matters.\n")
  }
  invisible(x)
}
