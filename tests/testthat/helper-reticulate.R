# A session of R with Python inside: reticulate starts one Python in a process, for good. All
# tests share it.

python_inside <- new.env()

python_session <- function() {
  skip_if_not_installed("callr")
  skip_if_not_installed("reticulate")
  require_python()
  session <- python_inside$session
  if (!is.null(session) && session$is_alive()) {
    return(session)
  }
  session <- callr::r_session$new(callr::r_session_options(
    env = c(RETICULATE_PYTHON = python(), callr::rcmd_safe_env())
  ))
  withr::defer(session$close(), envir = testthat::teardown_env())
  python_inside$session <- session
  session$run(function() {
    library(mmappickle)
    library(reticulate)
    options(mmappickle.upgrade_warning = FALSE)
    # What Python says of an object.
    repr <<- function(x) py_to_r(import_builtins(convert = FALSE)$repr(x))
    np <<- import("numpy", convert = FALSE)
    kind_of <<- function(code) class(tryCatch(code, error = identity))[[1L]]
    same_in_python <<- function(code, ...) {
      values <- list(...)
      for (name in names(values)) py_set_attr(import_main(), name, values[[name]])
      py_run_string(paste0("same = bool(", code, ")"))$same
    }
    NULL
  })
  session
}
