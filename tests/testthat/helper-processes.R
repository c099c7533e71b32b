# Other processes on one file: python/peer.py, which does as the Python library does, and
# sessions of R. All of them end by themselves within a minute, whatever happens.

peer_script <- function() normalizePath(testthat::test_path("python", "peer.py"))

longer <- function() if (nzchar(Sys.getenv("MMAPPICKLE_LONG"))) 10L else 1L

# What the peer does, one after another: peer(path, list("set", "a", 1), ...).
peer <- function(path, ...) {
  commands <- vapply(list(...), jsonlite::toJSON, "", auto_unbox = TRUE, digits = NA)
  run_python(peer_script(), path, "do", commands)
  invisible()
}

# A task of the peer in the background; the file that its output goes to.
start_peer <- function(..., .local_envir = parent.frame()) {
  out <- withr::local_tempfile(.local_envir = .local_envir)
  withr::local_envvar(PEER_SECONDS = 60L * longer())
  system2(python(), shQuote(c(peer_script(), ...)), stdout = out, stderr = out, wait = FALSE)
  out
}

# The JSON of its last line, when it is there.
result_of_peer <- function(out) {
  for (i in seq_len(700L * longer())) {
    lines <- readLines(out, warn = FALSE)
    if (length(lines) && startsWith(lines[[length(lines)]], "{")) {
      return(read_json(lines[[length(lines)]]))
    }
    if (any(grepl("Error|lost:", lines))) break
    Sys.sleep(0.1)
  }
  stop("The peer did not end well:\n", paste(lines, collapse = "\n"))
}

start_r <- function(f, ..., .local_envir = parent.frame()) {
  process <- callr::r_bg(f, list(...))
  withr::defer(process$kill(), envir = .local_envir)
  process
}

result_of_r <- function(process) {
  process$wait(70000L * longer())
  if (process$is_alive()) {
    process$kill()
    stop("The session did not end: a deadlock?")
  }
  process$get_result()
}

# True where the package runs under the address sanitizer (tools/sanitize-r.sh).
is_sanitized <- function() grepl("libasan", Sys.getenv("LD_PRELOAD"), fixed = TRUE)

# A store with what a piece of Python makes: a dict named d.
python_store <- function(code, .local_envir = parent.frame()) {
  require_python()
  pickle <- withr::local_tempfile(fileext = ".pkl", .local_envir = .local_envir)
  run_python(paste0("
import sys, pickle, datetime, collections, decimal
import numpy as np
", code, "
with open(sys.argv[1], 'wb') as f:
    pickle.dump(d, f, 4)
"), pickle)
  path <- new_path(.local_envir)
  convert_pickle(pickle, path)
  m <- mmapdict(path)
  withr::defer(close(m), envir = .local_envir)
  m
}
