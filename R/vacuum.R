#' Give disk space back
#'
#' Rewrites the file without the entries that were deleted or replaced. The new file is written
#' beside the old one, synced, and renamed over it: at every moment one of the two is whole.
#' Views that exist stay valid: they keep the old file alive.
#'
#' A vacuum that takes longer than a second shows its [progress].
#'
#' @param m A handle that was opened for writing, see [mmapdict()].
#' @section Files of the Python library:
#' The Python library writes arrays in a form that `pickle.load` cannot read with NumPy 2.3 and
#' newer, and reads with a warning from NumPy 2.0 on. (This package and the Python library itself
#' are not concerned.) `vacuum(m, upgrade = TRUE)` rewrites them in the form that this package
#' writes, which NumPy 1 and 2 load and the Python library maps. So are arrays inside other
#' values, in whatever form Python's pickle has them, and the names of array classes that NumPy
#' 2 warns of. The values are the same before and after. (Arrays in another byte order come
#' from `pickle.load` in that of the machine, as they do from any pickle.) Entries that nobody
#' can read are copied as they are, and a warning names them.
#'
#' [mmapdict()] says by a warning of class `mmappickle_warning_upgrade`, once per file and
#' session, that a file that is opened for writing holds such arrays. (R reads them as any
#' other.) `options(mmappickle.upgrade_warning = FALSE)` silences it. Entries that were deleted
#' count, too, as `pickle.load` stumbles over these as well; [entries()] tells which arrays it is
#' about.
#' @param force `TRUE`: also if other processes have the file open. Handles of this package
#'   notice and open the new file; those of the Python library raise an error and have to be
#'   opened again.
#' @param upgrade `TRUE`: arrays that are not in the portable form are rewritten in it.
#' @param keep_room `TRUE`: arrays that [grow][mmap_append] keep the room that they have; else
#'   it is given back, and the next append to them copies them once.
#' @return The handle, invisibly.
#' @section Errors: `mmappickle_error_busy` (others have the file open; on Windows also: a view
#'   of it is alive), `_readonly`, `_io` (no space for a second file, several hard links ...). The
#'   old file is then as it was. Warning: `mmappickle_warning_upgrade` (entries that could not be
#'   read).
#' @examples
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' m[["large"]] <- rnorm(1e5)
#' m[["large"]] <- NULL
#' vacuum(m)
#' vacuum(m, upgrade = TRUE) # nothing to do here: R writes portable arrays
#' close(m)
#' @export
vacuum <- function(m, force = FALSE, upgrade = FALSE, keep_room = FALSE) {
  check_handle(m)
  force <- true_or_false(force, "force")
  upgrade <- true_or_false(upgrade, "upgrade")
  left <- store_vacuum(pointer(m), force, upgrade, true_or_false(keep_room, "keep_room"))
  if (length(left)) {
    raise_warning("upgrade", paste0(
      plural(length(left), "entry", "entries"), " could not be read and ",
      if (length(left) == 1L) "was copied as it is: " else "were copied as they are: ",
      paste(quoted(utils::head(left, 5L)), collapse = ", "), if (length(left) > 5L) " ...", "."
    ))
  }
  invisible(m)
}

#' @rdname vacuum
#' @export
mmap_vacuum <- vacuum

#' Give disk space back in place
#'
#' Punches holes into the file where the data of deleted and replaced arrays lie: the space
#' goes back to the file system at once, without a second copy of the file. The file stays as
#' long as it was, and nothing in it moves. `pickle.load` and the Python library read it as
#' before: the dead arrays are still there for them, filled with zeros.
#'
#' Other deleted values, and the entries themselves, are removed by [vacuum()] only. Arrays
#' that a view of this process still shows are left alone; so is any block (4 KiB) that is not
#' wholly inside the data.
#' @inheritParams vacuum
#' @param force `TRUE`: also if other processes have the file open. Views that they have of
#'   deleted arrays then read zeros.
#' @return The number of bytes that the file takes less on disk, invisibly.
#' @section Errors: `mmappickle_error_unsupported` (the file system has no holes: use
#'   `vacuum()`), `_busy`, `_readonly`, `_io`. It may be interrupted: some holes are punched
#'   then.
#' @seealso [entries()] with `dead = TRUE` lists what is dead.
#' @examples
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' m[["large"]] <- rnorm(1e5)
#' m[["large"]] <- NULL
#' tryCatch(print(reclaim(m)), mmappickle_error_unsupported = function(e) message(e))
#' close(m)
#' @export
reclaim <- function(m, force = FALSE) {
  check_handle(m)
  invisible(store_reclaim(pointer(m), true_or_false(force, "force")))
}

#' @rdname reclaim
#' @export
mmap_reclaim <- reclaim

# Says once per file and session that it holds arrays of the Python library's own form.
warn_of_old_arrays <- function(ptr, path) {
  told <- exists(path, upgrade_told, inherits = FALSE)
  if (told || isFALSE(getOption("mmappickle.upgrade_warning"))) {
    return()
  }
  count <- store_old_arrays(ptr)
  if (count == 0) {
    return()
  }
  assign(path, TRUE, upgrade_told)
  raise_warning(
    "upgrade",
    paste0("'", path, "' holds ", plural(count, "array"), " in the Python library's own form, ",
           "which pickle.load cannot read with NumPy 2.3 and newer."),
    paste0("vacuum(m, upgrade = TRUE) rewrites ", if (count == 1) "it." else "them.")
  )
}
upgrade_told <- new.env(parent = emptyenv())
