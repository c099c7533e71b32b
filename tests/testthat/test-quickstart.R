# The quick start of the README, line by line.

test_that("the quick start works as it is written", {
  path <- new_path()
  m <- mmapdict(path)
  withr::defer(close(m))
  m[["a_sample_key"]] <- "value"
  m[["other_key"]] <- c(1, 2, 3)
  expect_identical(m[["a_sample_key"]], "value")
  expect_identical(m[["other_key"]][3], 3)
  m[["a_sample_key"]] <- NULL
  expect_identical(names(m), "other_key")

  m2 <- mmapdict(path, readonly = TRUE)
  withr::defer(close(m2))
  expect_identical(m2[["other_key"]], c(1, 2, 3))
  expect_kind(m2[["other_key"]] <- "a", "readonly")

  m[["test"]] <- ndarray(1:3, dtype = "uint8")
  expect_identical(entries(m)$dtype, c("float64", "uint8"))
  size <- file.size(path)
  m[["test"]][2] <- 4
  expect_identical(m[["test"]][], c(1L, 4L, 3L))
  m["test", 2] <- 5
  m["test", 2] <- 4
  expect_identical(m[["test"]][], c(1L, 4L, 3L))
  expect_identical(file.size(path), size)
  expect_identical(entries(m)$dtype, c("float64", "uint8"))
  expect_true(is_view(m[["test"]]))

  m[["test_large"]] <- empty_ndarray(c(300, 300, 300))
  expect_gt(file.size(path), 216e6)
  values <- rnorm(3000)
  m["test_large", 1:10, , 3] <- values
  expect_identical(as.vector(m["test_large", 1:10, , 3]), values)
  expect_identical(m["test_large", 11, 1, 3], 0)
  m[["test_large"]] <- NULL
  vacuum(m)
  expect_lt(file.size(path), 2000)
  expect_identical(names(m), c("other_key", "test"))
  expect_identical(m2[["test"]][], c(1L, 4L, 3L))
})

test_that("a stub of 216 MB is allocated neither in memory nor on disk", {
  skip_on_os("windows")
  m <- local_store()
  m[["large"]] <- empty_ndarray(c(300, 300, 300))
  blocks <- system2("du", c("-k", shQuote(path_of(m))), stdout = TRUE)
  expect_lt(as.numeric(sub("\t.*", "", blocks)), 1000)
})

test_that("a second process reads what the first one wrote, and both write", {
  skip_on_cran()
  skip_if_not_installed("callr")
  m <- local_store()
  m[["other_key"]] <- c(1, 2, 3)
  seen <- callr::r(function(path) {
    m <- mmappickle::mmapdict(path)
    m[["from_child"]] <- "here"
    list(sum(m[["other_key"]]), names(m))
  }, list(path_of(m)))
  expect_identical(seen, list(6, c("other_key", "from_child")))
  expect_identical(m[["from_child"]], "here")
})

test_that("a NumPy memmap sees a value that R writes in place", {
  require_python()
  m <- local_store()
  m[["test"]] <- ndarray(1:3, dtype = "uint8")
  offset <- entries(m)$offset
  script <- "
import sys, time, numpy
a = numpy.memmap(sys.argv[1], 'uint8', 'r+', int(sys.argv[2]), (3,))
assert a.tolist() == [1, 2, 3], a
open(sys.argv[3], 'w').close()
for i in range(1000):
    if a[1] == 4:
        break
    time.sleep(0.01)
print(a.tolist())
a[2] = 9
a.flush()
"
  skip_if_not_installed("callr")
  ready <- withr::local_tempfile()
  file <- withr::local_tempfile(fileext = ".py", lines = script)
  child <- callr::r_bg(
    function(python, arguments) system2(python, arguments, stdout = TRUE, stderr = TRUE),
    list(python(), shQuote(c("-W", "error", file, path_of(m), offset, ready)))
  )
  for (i in 1:1000) {
    if (file.exists(ready) || !child$is_alive()) break
    Sys.sleep(0.01)
  }
  m[["test"]][2] <- 4
  child$wait(20000)
  expect_identical(child$get_result(), "[1, 4, 3]")
  expect_identical(m[["test"]][], c(1L, 4L, 9L))
})
