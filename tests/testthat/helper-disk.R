# Disks that are small, full or read-only, and sessions with limits.

# A file system of its own in memory, gone when the test ends; tests that need one want the
# rights to mount it.
local_disk <- function(size = "3m", .local_envir = parent.frame()) {
  testthat::skip_on_os(c("windows", "mac", "solaris"))
  folder <- withr::local_tempdir(.local_envir = .local_envir)
  if (!mounted("-t", "tmpfs", "-o", paste0("size=", size), "tmpfs", folder)) {
    testthat::skip("this platform lets only the root user mount a disk")
  }
  withr::defer(system2("umount", c("-l", folder), stdout = FALSE, stderr = FALSE),
               envir = .local_envir)
  folder
}

mounted <- function(...) {
  nzchar(Sys.which("mount")) &&
    system2("mount", c(...), stdout = FALSE, stderr = FALSE) == 0L
}

# Takes all the room that is left on a disk; free_disk() gives it back.
# The error of an expression, or NULL.
failure_of <- function(expression) {
  out <- tryCatch(expression, error = identity)
  if (inherits(out, "error")) out
}

fill_disk <- function(folder) {
  system2("dd", c("if=/dev/zero", paste0("of=", file.path(folder, "ballast")), "bs=4096"),
          stdout = FALSE, stderr = FALSE)
}
free_disk <- function(folder) unlink(file.path(folder, "ballast"))

# Runs code in an R session of its own, after a command of the shell that sets a limit. What it
# writes, a line an element (R writes an empty one on Ctrl-C), and the status that it ends with:
# 124 for one that had to be ended after two minutes.
limited <- function(limit, code, ...) {
  values <- list(...)
  script <- withr::local_tempfile(fileext = ".R", lines = c(
    "library(mmappickle)",
    "said <- function(code) cat(tryCatch({ code; 'done' }, error = function(e)",
    "  paste(sub('mmappickle_error_', '', class(e)[[1L]]), e$cause)), '\\n', sep = '')",
    paste(names(values), "<-", vapply(values, deparse1, "")),
    deparse(substitute(code))
  ))
  withr::local_envvar(R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  command <- paste(limit, "&& exec", heeding_interrupts,
                   shQuote(file.path(R.home("bin"), "Rscript")), "--vanilla", shQuote(script),
                   "2>&1")
  out <- suppressWarnings(
    system2("sh", c("-c", shQuote(command)), stdout = TRUE, timeout = 120 * longer())
  )
  list(lines = out[nzchar(out)], status = attr(out, "status") %||% 0L)
}

# Before a command: Ctrl-C is what it is at a terminal. A job in the background ignores it, all
# that it starts inherit that, and newer versions of R leave it so.
heeding_interrupts <- if (nzchar(Sys.which("perl"))) {
  paste("perl -e", shQuote("$SIG{INT} = 'DEFAULT'; exec @ARGV"))
} else {
  ""
}

# Bytes that a file takes on its disk.
file_blocks <- function(path) {
  512 * as.numeric(system2("stat", c("-c", "%b", shQuote(path)), stdout = TRUE))
}

# Bytes that a file takes on disk.
allocated <- function(path) {
  as.numeric(system2("stat", c("-c", "%b", shQuote(path)), stdout = TRUE)) * 512
}
