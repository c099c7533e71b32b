# Beyond one process, and beyond R: workers that each write a part of one array, and what
# entries() tells to whoever maps an array by itself.

# Runs in a worker: each kind of access writes rows of its own, and nothing is set up.
fill_rows <- function(rows, from, to, m) {
  half <- seq_along(rows) %% 2L == 0L
  to[rows[half], ] <- from[rows[half], ] + 1
  m["out", rows[!half], ] <- from[rows[!half], ] + 1
  Sys.getpid()
}
environment(fill_rows) <- globalenv()

# `run(f, rows, ...)` calls f(rows[[i]], ...) in workers, at once.
expect_disjoint <- function(run, label) {
  withr::local_envvar(R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  x <- matrix(stats::rnorm(4000), 400)
  for (order in c("C", "F")) {
    m <- local_store()
    m[["x"]] <- x
    m[["out"]] <- empty_ndarray(dim(x), "float64", order)
    rows <- split(1:400, rep(1:8, each = 50))
    by <- run(fill_rows, unname(rows), mmarray(m, "x"), mmarray(m, "out"), m)
    expect_false(Sys.getpid() %in% unlist(by), label = label)
    expect_identical(m[["out"]][, ], x + 1, label = label)
    part <- run(function(i, a) a[i, ], list(3:4, 7L), mmarray(m, "out"))
    expect_identical(part, list(x[3:4, ] + 1, x[7L, ] + 1), label = label)
    given <- run(function(i, a) a, list(1L), mmarray(m, "out"))[[1L]]
    expect_identical(given[400, ], x[400, ] + 1, label = label)
  }
}

test_that("futures write disjoint parts of one array, and give mmarrays back", {
  skip_on_cran()
  skip_if_not_installed("future")
  before <- future::plan(future::multisession, workers = 2L)
  withr::defer(future::plan(before))
  expect_disjoint(function(f, each, ...) {
    environment(f) <- globalenv()
    futures <- lapply(each, function(part) {
      future::future(do.call(f, given), globals = list(f = f, given = list(part, ...)), seed = NULL)
    })
    lapply(futures, future::value)
  }, "future")
})

test_that("daemons of mirai do", {
  skip_on_cran()
  skip_if_not_installed("mirai")
  withr::local_envvar(R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  mirai::daemons(2L)
  withr::defer(mirai::daemons(0L))
  expect_disjoint(function(f, each, ...) {
    environment(f) <- globalenv()
    tasks <- lapply(each, function(part) {
      mirai::mirai(do.call(f, given), f = f, given = list(part, ...))
    })
    lapply(tasks, function(task) mirai::call_mirai(task)$data)
  }, "mirai")
})

test_that("workers of BiocParallel do", {
  skip_on_cran()
  skip_if_not_installed("BiocParallel")
  withr::local_envvar(R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  workers <- BiocParallel::bpstart(BiocParallel::SnowParam(2L))
  withr::defer(BiocParallel::bpstop(workers))
  expect_disjoint(function(f, each, ...) {
    environment(f) <- globalenv()
    BiocParallel::bplapply(each, f, ..., BPPARAM = workers)
  }, "BiocParallel")
})

# -- mapped by others -----------------------------------------------------------------------------

# Python maps arrays by what entries() says, and compares them with those of pickle.load. (A large
# one is not loaded: its last element is shown.)
mapped_in_python <- function(m, keys = names(m)) {
  rows <- entries(m)[match(keys, entries(m)$key), ]
  arguments <- lapply(seq_along(keys), function(i) {
    list(key = keys[[i]], dtype = rows$dtype[[i]], offset = rows$offset[[i]],
         shape = I(rows$shape[[i]]), order = rows$order[[i]])
  })
  json <- jsonlite::toJSON(arguments, auto_unbox = TRUE, digits = NA)
  table <- withr::local_tempfile(lines = json)
  run_python(testthat::test_path("python", "memmaps.py"), path_of(m), table)
}

test_that("entries() says all that np.memmap asks for", {
  require_python()
  skip_if_not_installed("jsonlite")
  m <- local_store()
  x <- array(as.double(1:24), 2:4)
  for (dtype in c("bool", "int8", "uint16", "int64", "float16", "float32", "float64", "longdouble",
                  "complex64", ">f8", ">i4", ">c8")) {
    for (order in c("C", "F")) {
      m[[paste(dtype, order)]] <- ndarray(if (dtype == "bool") x > 9 else x, dtype, order)
    }
  }
  for (dtype in c("U3", ">U3", "S3")) m[[dtype]] <- ndarray(c("a", "bcd"), dtype)
  m[["V"]] <- ndarray(matrix(as.raw(1:6), 2), "V2")
  m[["days"]] <- as.Date("2024-01-01") + 0:2
  m[["span"]] <- ndarray(as.difftime(1:3, units = "mins"), "timedelta64[s]")
  m[["none"]] <- matrix(0, 0, 3)
  m[["scalar"]] <- empty_ndarray(numeric())
  m[["masked"]] <- matrix(c(1L, NA, 3L, 4L), 2)
  expect_identical(mapped_in_python(m), paste(names(m), "same"))
  large <- local_store()
  large[["before"]] <- empty_ndarray(3e9, "uint8")
  large[["k"]] <- empty_ndarray(c(10, 3e8))
  large["k", 10, 3e8] <- 7
  expect_identical(mapped_in_python(large, "k"), "k 7")
})
