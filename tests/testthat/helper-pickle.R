# Pickles to test with: bytes, files, a value with something of everything.

pickle_path_of <- function(bytes, .local_envir = parent.frame()) {
  path <- withr::local_tempfile(fileext = ".pickle", .local_envir = .local_envir)
  writeBin(bytes, path)
  path
}
bytes_of <- function(...) {
  unlist(lapply(list(...), function(x) if (is.character(x)) charToRaw(x) else as.raw(x)))
}
new_pickle <- function(.local_envir = parent.frame()) {
  withr::local_tempfile(fileext = ".pickle", .local_envir = .local_envir)
}

python_script <- function(...) {
  withr::local_tempfile(fileext = ".py", lines = c(...), .local_envir = parent.frame())
}

mixed <- list(
  flag = TRUE, none = NULL, int = 3L, na = NA_integer_, text = "caf\u00e9",
  vector = c(1.5, NA, -0), one = I(2), named = c(a = 1L, b = NA),
  matrix = matrix(c(1, 2, 3, 4, 5, 6), 2, dimnames = list(NULL, c("x", "y", "z"))),
  bytes = as.raw(0:255), empty = list(), deep = list(list(c(1, 2, 3)), letters)
)
