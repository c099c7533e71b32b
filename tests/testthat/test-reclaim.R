# Dead arrays of every form, and a live one.
with_dead <- function(.local_envir = parent.frame()) {
  m <- local_store(.local_envir = .local_envir)
  m[["live"]] <- as.double(1:50000)
  m[["vector"]] <- as.double(1:50000)
  m[["masked"]] <- c(NA, 1:200000)
  m[["matrix"]] <- matrix(as.double(1:50000), 100)
  m[["nested"]] <- list(a = as.double(1:50000), b = strrep("t", 1e5))
  m[["text"]] <- strrep("t", 1e5)
  m[["replaced"]] <- as.double(1:50000)
  m[["replaced"]] <- 1
  for (key in c("vector", "masked", "matrix", "nested", "text")) m[[key]] <- NULL
  m
}

test_that("space comes back, and nothing else changes", {
  skip_on_os(c("windows", "mac"))
  require_python()
  m <- with_dead()
  path <- path_of(m)
  python <- python_files()
  before <- python$add(path)
  size <- file.size(path)
  disk <- allocated(path)
  bytes <- reclaim(m)
  expect_identical(file.size(path), size)
  expect_identical(disk - allocated(path), bytes)
  expect_gt(bytes, 2.3e6)
  expect_identical(reclaim(m), 0)
  after <- python$add(path)
  python$look()
  expect_identical(python$found(after), python$found(before))
  expect_true(python$sound(after))
  expect_identical(sum(m[["live"]]), sum(as.double(1:50000)))
  expect_identical(nrow(fsck(path)), 0L)
  m[["more"]] <- 1
  expect_setequal(names(m), c("live", "replaced", "more"))
})

test_that("pickle.load of arrays in the Python library's form, after each hole", {
  skip_on_os(c("windows", "mac"))
  require_python()
  path <- fixture_copy("stub.mmdpickle")
  m <- suppressWarnings(mmapdict(path))
  keys <- names(m)
  for (key in keys[-1L]) m[[key]] <- NULL
  folder <- withr::local_tempdir()
  file.copy(path, file.path(folder, "before"))
  expect_gt(reclaim(m), 500000)
  file.copy(path, file.path(folder, "after"))
  found <- lapply(run_python(test_path("python", "keys.py"), folder), read_json)
  expect_identical(unlist(found[[1L]]$keys), keys[[1L]])
  expect_identical(found[[2L]]$keys, found[[1L]]$keys)
})

test_that("what a view shows is left alone", {
  skip_on_os(c("windows", "mac"))
  m <- local_store()
  m[["a"]] <- as.double(1:50000)
  m[["b"]] <- as.double(1:50000)
  m[["n"]] <- list(as.double(1:50000))
  a <- m[["a"]]
  n <- m[["n"]]
  for (key in c("a", "b", "n")) m[[key]] <- NULL
  expect_lt(reclaim(m), 450000)
  expect_identical(sum(a), sum(as.double(1:50000)))
  expect_identical(sum(n[[1L]]), sum(as.double(1:50000)))
  rm(a, n)
  gc()
  expect_gt(reclaim(m), 700000)
})

test_that("wrong arguments, closed and read-only handles", {
  m <- local_store()
  expect_kind(reclaim(1), "value")
  expect_kind(reclaim(m, force = NA), "value")
  expect_kind(reclaim(mmapdict(path_of(m), readonly = TRUE)), "readonly")
  expect_identical(withVisible(reclaim(m))$visible, FALSE)
  close(m)
  expect_kind(reclaim(m), "closed")
})

test_that("busy where another process has the file open", {
  skip_on_os(c("windows", "mac"))
  skip_if_not_installed("callr")
  m <- with_dead()
  other <- callr::r_session$new()
  withr::defer(other$close())
  other$run(function(path) {
    assign("m", mmappickle::mmapdict(path, readonly = TRUE), globalenv())
    NULL
  }, list(path_of(m)))
  error <- expect_kind(reclaim(m), "busy")
  expect_match(conditionMessage(error), as.character(other$get_pid()))
  expect_kind(vacuum(m), "busy")
  expect_gt(reclaim(m, force = TRUE), 1e6)
})
