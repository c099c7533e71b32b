# Progress of long work, by cli: src/r/progress.h.

#' Progress bars and Ctrl-C
#'
#' Work that takes longer than a second shows by cli that it is going on, and how far it has
#' come where that is known: [vacuum()] and its upgrade, [convert_pickle()], [fsck()], large
#' values and slices on their way from or to a file, compressed files. Nothing is shown in
#' knitr, and in scripts without a terminal; `options(mmappickle.progress = FALSE)` turns it
#' off, `TRUE` on everywhere. A function is called instead of cli, with the fraction that is done
#' or `NA`; it cannot use this package.
#'
#' Ctrl-C ends such work soon, at each of its steps. The file is whole then: values are the old
#' or the new ones. Of a slice that was being written, a part may be new.
#'
#' @name progress
#' @examples
#' options(mmappickle.progress = FALSE)
#' options(mmappickle.progress = NULL)
NULL

# Called from C++, from within the call that is long, maybe while a file is locked.
show_progress <- function(fraction, is_first) {
  wanted <- getOption("mmappickle.progress")
  if (is.function(wanted)) {
    wanted(fraction)
    return()
  }
  if (is_first) {
    bar$id <- if (shows_progress(wanted)) new_bar(is.na(fraction), sys.frame(sys.nframe() - 1L))
  }
  if (is.null(bar$id)) {
    return()
  }
  tryCatch(
    cli::cli_progress_update(set = if (!is.na(fraction)) 100 * fraction, id = bar$id),
    error = function(e) bar$id <- NULL
  )
}
bar <- new.env(parent = emptyenv())

# cli removes the bar when the function of `frame` ends, in whatever way.
new_bar <- function(is_endless, frame) {
  old <- options(cli.progress_show_after = 0)
  on.exit(options(old))
  call <- deparse(users_call_at(sys.nframe() - 2L) %||% quote(mmappickle()))[[1L]]
  cli::cli_progress_bar(
    name = shorten(call, 40L), total = if (is_endless) NA else 100, .envir = frame
  )
}

shows_progress <- function(wanted) {
  if (isTRUE(wanted) || isFALSE(wanted)) {
    return(wanted)
  }
  (interactive() || cli::is_dynamic_tty()) && !isTRUE(getOption("knitr.in.progress"))
}
