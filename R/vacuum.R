#' Give disk space back
#'
#' Rewrites the file without the entries that were deleted or replaced. The new file is written
#' beside the old one, synced, and renamed over it: at every moment one of the two is whole.
#' Views that exist stay valid: they keep the old file alive.
#'
#' In an interactive session, a vacuum that takes longer than a moment shows its progress.
#'
#' @param m A handle that was opened for writing, see [mmapdict()].
#' @param force `TRUE`: also if other processes have the file open. Handles of this package
#'   notice and open the new file; those of the Python library raise an error and have to be
#'   opened again.
#' @return The handle, invisibly.
#' @section Errors: `mmappickle_error_busy` (others have the file open; on Windows also: a view
#'   of it is alive), `_readonly`, `_io` (no space for a second file, several hard links ...). The
#'   old file is then as it was.
#' @examples
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' m[["large"]] <- rnorm(1e5)
#' m[["large"]] <- NULL
#' vacuum(m)
#' close(m)
#' @export
vacuum <- function(m, force = FALSE) {
  check_handle(m)
  force <- true_or_false(force, "force")
  store_vacuum(pointer(m), force, if (interactive()) progress_bar("Vacuum"))
  invisible(m)
}

# function(fraction), for C++. cli shows the bar once it has been going for a while, and
# removes it when the caller ends.
progress_bar <- function(name, .envir = parent.frame()) {
  id <- cli::cli_progress_bar(name, total = 100, .envir = .envir)
  function(fraction) cli::cli_progress_update(set = 100 * fraction, id = id)
}
