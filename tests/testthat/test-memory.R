# Garbage is collected all the time: what the package has not protected is gone then. (Under the
# sanitizers and valgrind: `make sanitize-r`.)

# In a process of its own, whose heap is small: each collection looks at all of it. Names of
# the paths that gave another result than without.
tortured <- function(helpers, folder, step) {
  library(mmappickle)
  for (helper in helpers) source(helper)
  run <- function(f, path) {
    value <- suppressWarnings(f(path))
    # what reads lazily is read here
    serialize(value, NULL)
  }
  paths <- main_paths()
  other <- character()
  for (name in names(paths)) {
    # compiled and loaded before
    for (i in 1:2) want <- run(paths[[name]], file.path(folder, paste0(name, i, ".mmdpickle")))
    gctorture2(step, inhibit_release = FALSE)
    seen <- try(run(paths[[name]], file.path(folder, paste0(name, 3, ".mmdpickle"))), silent = TRUE)
    gctorture2(0)
    if (!identical(seen, want)) other <- c(other, name)
  }
  other
}

test_that("the main paths give the same while garbage is collected all the time", {
  skip_on_cran()
  skip_if_not_installed("callr")
  helpers <- normalizePath(testthat::test_path(c("helper-kinds.R", "helper-main_paths.R")))
  long <- nzchar(Sys.getenv("MMAPPICKLE_LONG"))
  # Every allocation takes minutes.
  other <- callr::r(tortured, list(helpers, withr::local_tempdir(), if (long) 1 else 100))
  expect_identical(other, character())
})
