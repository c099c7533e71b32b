# Nothing piles up: descriptors, maps, memory.

# `n` times, and again: what this process holds more after it than before. Memory counts where
# it grows in both: the heap of R grows in steps, a leak grows always.
grown <- function(n, code) {
  code <- substitute(code)
  envir <- parent.frame()
  run <- function(n) for (i in seq_len(n)) eval(code, envir)
  held <- function() {
    gc()
    gc()
    status <- readLines("/proc/self/status")
    resident <- as.numeric(sub("\\D*(\\d+).*", "\\1", grep("VmRSS", status, value = TRUE)))
    c(files = length(list.files("/proc/self/fd")),
      maps = length(readLines("/proc/self/maps")), kb = resident)
  }
  run(n / 10)
  before <- held()
  run(n)
  between <- held()
  run(n)
  pmin(between - before, held() - between)
}

expect_flat <- function(grown) {
  testthat::expect_lte(grown[["files"]], 0)
  testthat::expect_lte(grown[["maps"]], 2)
  testthat::expect_lt(grown[["kb"]], 2048)
}

test_that("nothing piles up", {
  skip_on_cran()
  skip_on_os(c("windows", "mac", "solaris"))  # no /proc
  many <- if (nzchar(Sys.getenv("MMAPPICKLE_LONG"))) 1e5 else 2000
  path <- new_path()
  m <- mmapdict(path)
  m[["x"]] <- as.double(1:1000)
  m[["text"]] <- c("some", "text")
  absent <- new_path()
  foreign <- withr::local_tempfile(lines = "no pickle")
  expect_flat(grown(many, close(mmapdict(path))))
  expect_flat(grown(many, mmapdict(path, readonly = TRUE)))
  expect_flat(grown(many, m[["x"]]))
  expect_flat(grown(many, sum(m[["x"]][1:10])))
  expect_flat(grown(many, m[["text"]]))
  expect_flat(grown(many / 5, try(mmapdict(absent, readonly = TRUE), silent = TRUE)))
  expect_flat(grown(many / 5, try(mmapdict(foreign), silent = TRUE)))
  expect_flat(grown(many / 10, try(read_pickle(foreign), silent = TRUE)))
  expect_flat(grown(many / 10, try(m[["new"]] <- globalenv(), silent = TRUE)))
  expect_flat(grown(many / 50, vacuum(mmap_set(m, "x", as.double(1:1000)), force = TRUE)))
})
