test_that("vacuum() gives space back and keeps every value", {
  m <- local_store()
  for (i in 1:20) m[[paste0("k", i)]] <- as.double(seq_len(i * 10))
  m[["text"]] <- list(a = "b", c = c(x = 1))
  for (i in seq(1, 20, 2)) m[[paste0("k", i)]] <- NULL
  m[["k2"]] <- matrix(1:4, 2)
  values <- lapply(as.list(m), materialize)
  before <- file.size(path_of(m))
  expect_identical(vacuum(m), m)
  expect_lt(file.size(path_of(m)), before)
  expect_identical(lapply(as.list(m), materialize), values)
  expect_identical(nrow(fsck(m)), 0L)
  expect_false(any(!entries(m, dead = TRUE)$live & entries(m, dead = TRUE)$kind != "padding"))
  m[["after"]] <- 1
  expect_identical(m[["after"]], 1)
})

test_that("views stay valid", {
  skip_on_os("windows")
  m <- local_store()
  m[["dead"]] <- rnorm(1e4)
  m[["x"]] <- c(1, 2, 3)
  x <- m[["x"]]
  m[["dead"]] <- NULL
  vacuum(m)
  expect_identical(sum(x), 6)
  m["x", 1] <- 100
  expect_identical(m[["x"]][], c(100, 2, 3))
  expect_identical(x[], c(1, 2, 3))
})

test_that("sparse parts stay sparse", {
  skip_on_os("windows")
  m <- local_store()
  m[["stub"]] <- empty_ndarray(c(1000, 1000, 100))
  m["stub", 1000, 1000, 100] <- 5
  m[["dead"]] <- 1
  m[["dead"]] <- NULL
  vacuum(m)
  expect_identical(m["stub", 1000, 1000, 100], 5)
  blocks <- system2("du", c("-k", shQuote(path_of(m))), stdout = TRUE)
  expect_lt(as.numeric(sub("\t.*", "", blocks)), 10000)
})

test_that("it is refused read-only, and where others have the file open", {
  m <- local_store()
  m[["a"]] <- 1
  r <- mmapdict(path_of(m), readonly = TRUE)
  withr::defer(close(r))
  expect_kind(vacuum(r), "readonly")
  skip_on_cran()
  skip_on_os("windows")
  skip_if_not_installed("callr")
  ready <- withr::local_tempfile()
  child <- callr::r_bg(function(path, ready) {
    m <- mmappickle::mmapdict(path)
    file.create(ready)
    Sys.sleep(30)
  }, list(path_of(m), ready))
  withr::defer(child$kill())
  for (i in 1:1000) {
    if (file.exists(ready) || !child$is_alive()) break
    Sys.sleep(0.01)
  }
  expect_kind(vacuum(m), "busy")
  vacuum(m, force = TRUE)
  expect_identical(m[["a"]], 1)
})

test_that("arguments are checked", {
  m <- local_store()
  expect_kind(vacuum(m, force = NA), "value")
})

test_that("progress is told as a fraction", {
  m <- local_store()
  m[["a"]] <- rnorm(1e5)
  seen <- numeric()
  report <- function(x) seen <<- c(seen, x)
  asNamespace("mmappickle")$store_vacuum(.subset2(m, ".ptr"), FALSE, report)
  expect_true(all(seen >= 0 & seen <= 1))
  expect_false(is.unsorted(seen))
})
