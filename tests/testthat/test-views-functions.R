# Every function of base, stats and utils gives for a view what it gives for a plain copy, and
# changes no file: helper-views-functions.R finds and calls them, in a session of its own.

test_that("R's functions take views for what they are", {
  skip_on_cran()
  skip_if_not_installed("callr")
  # All calls take minutes; CI makes one in thirty of them, the same ones each time.
  long <- nzchar(Sys.getenv("MMAPPICKLE_LONG"))
  given <- Sys.getenv("MMAPPICKLE_SEED")
  seed <- if (nzchar(given)) as.integer(given) else 1L
  files <- test_path(c("helper.R", "helper-views-functions.R"))
  found <- callr::r(function(files, folder, part, seed) {
    library(mmappickle)
    for (file in files) source(file)
    compare_functions(folder, part, seed)
  }, list(normalizePath(files), normalizePath(withr::local_tempdir()), if (long) 1 else 0.03, seed),
  timeout = if (long) 7200 else 600)
  expect_identical(found$wrong, character(), label = paste("with the seed", seed))
  expect_gt(found$counts[["functions"]], if (long) 1000L else 500L)
  expect_gt(found$counts[["values"]], if (long) 100000L else 1000L)
})
