# Those who look on while others write: what changed, and whether anything did.

#' Wait until a file changes
#'
#' `mmap_wait()` returns when anything in the file was changed, by whoever it was: another R
#' session, Python's library, NumPy through a map of the file, this handle itself. It tells what.
#'
#' It reports what changed since the last `mmap_wait()` on this handle that reported something
#' (changes that are made between two calls come with the second), the first time since the
#' handle last looked at the file: when it was opened, or in the last call that read or wrote. So
#' a viewer calls it in a loop. One that reads before its first call calls
#' `mmap_wait(m, timeout = 0)` before that: whatever is changed from then on is reported.
#'
#' Each `interval` seconds the system is asked for the file's size and times, and that is all it
#' costs: the file is neither read nor locked until they have changed. Then the keys are
#' compared, under the lock that readers take. Where the clock of the file system could give two
#' changes the same time (within 20 ms at most), `mmap_wait()` lets that time pass, up to
#' `interval`, before it returns (the first call up to 20 ms, whatever its `timeout`): so what it
#' tells is exact, but where somebody writes all the time, of whom a last `"written"` may be told
#' twice. A slice that is written after the handle was last used, less than 20 ms before the first
#' call, is not told. Events of R (windows that are resized, the package later) go on
#' while it waits; Ctrl-C ends it.
#'
#' While the file is absent, as it may be for a moment when it is replaced, nothing has changed.
#'
#' `mmap_state()` is for those who have a loop of their own, as `shiny::reactivePoll()`: a
#' small value that is another one when the file was changed, or another one took its place. It
#' takes one system call and no lock. After a change it may differ once more within 20 ms,
#' without a further one.
#' @param m A handle, see [mmapdict()].
#' @param timeout Seconds to wait at most. `0`: only look.
#' @param interval Seconds between two looks.
#' @param x A handle, or the path of a file.
#' @return `mmap_wait()`: a data frame with a row for each change, none when the time is over:
#'   \describe{
#'     \item{key}{character}
#'     \item{change}{a factor: `"added"`, `"removed"`; `"replaced"` (by another value, or
#'       moved, as all are by [vacuum()]: what was read before is the old one); `"grown"` (the array
#'       is still in its place, but its shape is another); `"written"` (the elements of some
#'       array: which one cannot be told, `key` is `NA`)}
#'   }
#'   `"written"` stands for whatever changes no key, so for a change of R metadata in place, too.
#'   It is told only where nothing else is: a slice that was written beside a value
#'   that was added shows in no row of its own.
#'
#'   `mmap_state()`: one string.
#' @section Errors: `mmappickle_error_busy` (no lock within the handle's `lock_timeout`),
#'   `_closed`, `_format` (the file is no mmapdict any more), `_io`.
#' @seealso `system.file("examples", "viewer.R", package = "mmappickle")`, a viewer of images
#'   that another process adds; `viewer-shiny.R` beside it does so with shiny.
#' @examples
#' path <- tempfile(fileext = ".mmdpickle")
#' writer <- mmapdict(path)
#' m <- mmapdict(path, readonly = TRUE)
#' state <- mmap_state(m)
#' writer[["a"]] <- 1
#' mmap_wait(m)
#' mmap_wait(m, timeout = 0.1)
#' state == mmap_state(m)
#' close(m)
#' close(writer)
#' @export
mmap_wait <- function(m, timeout = Inf, interval = 0.05) {
  check_handle(m)
  timeout <- seconds(timeout, "timeout")
  interval <- seconds(interval, "interval")
  end <- now() + timeout
  repeat {
    left <- max(0, end - now())
    changes <- store_follow(pointer(m), left, min(interval, left))
    left <- end - now()
    if (length(changes) || left <= 0) {
      return(change_table(changes))
    }
    # At least a millisecond: a follower with nothing else to do leaves the machine to others.
    Sys.sleep(max(0.001, min(interval, left)))
  }
}

now <- function() proc.time()[["elapsed"]]

# `changes`: a named integer vector.
change_table <- function(changes) {
  data.frame(
    key = if (length(changes)) names(changes) else character(),
    change = factor(change_words[as.integer(changes)], change_words)
  )
}
change_words <- c("added", "removed", "replaced", "grown", "written")

#' @rdname mmap_wait
#' @export
mmap_state <- function(x) {
  need(x)
  if (inherits(x, "mmapdict")) store_state(pointer(x)) else file_state(file_path(x, "x"))
}
