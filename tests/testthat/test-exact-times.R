# datetime64 and timedelta64 of each unit are the doubles nearest to what they say.

double_bits_of <- function(x) {
  apply(matrix(as.character(writeBin(x, raw())), 8L), 2L, paste, collapse = "")
}

test_that("ticks are rounded once", {
  require_python()
  path <- withr::local_tempfile(fileext = ".pkl")
  run_python(testthat::test_path("python", "exact_times.py"), 1, path)
  for (x in list(read_pickle(path))) {
    for (dtype in names(x)) {
      shown <- as.vector(unclass(x[[dtype]][[1]]))
      attributes(shown) <- NULL
      wanted <- as.vector(x[[dtype]][[2]])
      expect_identical(which(double_bits_of(shown) != double_bits_of(wanted)), integer(),
                       info = dtype)
    }
  }
})
