# With the real package: mmarrays as seeds and sinks of DelayedArray, workers of BiocParallel,
# assays of SummarizedExperiment.

delayed <- function(m, key) DelayedArray::DelayedArray(mmarray(m, key))

float32 <- function(x) {
  m <- local_store()
  m[["k"]] <- ndarray(x, "float32")
  m[["k"]][, ]
}

# An R session of its own, which loads nothing but what it is given brings along.
in_new_session <- function(lines, ..., memory = NULL) {
  script <- withr::local_tempfile(lines = lines, fileext = ".R")
  withr::local_envvar(R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  run <- paste(shQuote(c(file.path(R.home("bin"), "Rscript"), "--vanilla", script, ...)),
               collapse = " ")
  if (!is.null(memory)) run <- paste("ulimit -v", memory, "&&", run)
  suppressWarnings(system2("sh", c("-c", shQuote(run)), stdout = TRUE, stderr = TRUE))
}

test_that("a seed says what it is, whatever its order and dimensions", {
  skip_if_not_installed("DelayedArray")
  x <- array(as.double(1:24), 2:4, list(c("a", "b"), NULL, letters[1:4]))
  for (dims in c("same", "reversed")) {
    for (order in c("C", "F")) {
      m <- local_store(dims = dims)
      m[["x"]] <- ndarray(x, "float32", order)
      d <- delayed(m, "x")
      expect_identical(dimnames(d), dimnames(x))
      expect_identical(DelayedArray::type(d), "double")
      expect_identical(DelayedArray::path(d), path_of(m))
      expect_false(DelayedArray::is_sparse(d))
      expect_identical(as.array(d), x)
      expect_identical(as.array(aperm(d)[, 3:2, ] * 2), aperm(x)[, 3:2, ] * 2)
      expect_identical(DelayedArray::colSums(d[1, , ]), colSums(x[1, , ]))
    }
  }
})

test_that("blocks are those of an array in memory", {
  skip_if_not_installed("DelayedArray")
  m <- local_store(int64 = "integer64")
  x <- array(1:60, 3:5)
  of_types <- list(
    double = ndarray(x, "float64"), integer = ndarray(x, "int16", "F"), logical = x > 30L,
    character = ndarray(array(as.character(x), dim(x)), "U2"), complex = ndarray(x, "complex64"),
    double = ndarray(x, "int64"), double = structure(as.double(x), dim = dim(x), class = "Date")
  )
  indexes <- list(
    list(NULL, NULL, NULL), list(2L, NULL, 5:1), list(c(3L, 3L, 1L), 4:1, c(2L, 2L)),
    list(integer(), NULL, 1L), list(integer(), integer(), integer()), list(NULL, 2:3, 4L)
  )
  for (i in seq_along(of_types)) {
    type <- names(of_types)[[i]]
    m[["k"]] <- of_types[[i]]
    a <- mmarray(m, "k")
    expect_identical(DelayedArray::type(a), type)
    memory <- array(as.vector(if (type %in% c("logical")) x > 30L else x, type), dim(x))
    for (index in indexes) {
      expect_identical(DelayedArray::extract_array(a, index),
                       DelayedArray::extract_array(memory, index), label = type)
    }
  }
  m[["masked"]] <- c(1L, NA, 3L)
  expect_identical(DelayedArray::extract_array(mmarray(m, "masked"), list(NULL)),
                   array(c(1L, NA, 3L)))
  m[["scalar"]] <- empty_ndarray(numeric())
  expect_identical(DelayedArray::extract_array(mmarray(m, "scalar"), list(NULL)), array(0))
  m[["none"]] <- matrix(0, 0, 3)
  expect_identical(as.matrix(delayed(m, "none")), matrix(0, 0, 3))
})

test_that("a chunk lies together in the file", {
  skip_if_not_installed("DelayedArray")
  m <- local_store()
  r <- local_store(dims = "reversed")
  chunk <- function(m, dim, order = "C", dtype = "float64") {
    m[["k"]] <- empty_ndarray(dim, dtype, order)
    DelayedArray::chunkdim(delayed(m, "k"))
  }
  expect_identical(chunk(m, c(3, 4)), c(3L, 4L))
  expect_identical(chunk(m, c(1e4, 1e4)), c(13L, 10000L))
  expect_identical(chunk(m, c(1e4, 1e4), "F"), c(10000L, 13L))
  expect_identical(chunk(r, c(1e4, 1e4)), c(10000L, 13L))
  expect_identical(chunk(m, c(2, 1e7), dtype = "uint8"), c(1L, 1048576L))
  expect_identical(chunk(m, c(100, 100, 100)), c(13L, 100L, 100L))
  expect_identical(chunk(m, c(0, 5)), c(0L, 5L))
})

test_that("extents that DelayedArray cannot have are an error of ours", {
  skip_if_not_installed("DelayedArray")
  m <- local_store()
  m[["k"]] <- empty_ndarray(c(3, 2^31), "uint8")
  expect_kind(delayed(m, "k"), "limit")
})

test_that("path<- and seed<- find the same array in a file that was moved, and no other", {
  skip_if_not_installed("DelayedArray")
  m <- local_store(dims = "reversed")
  m[["k"]] <- matrix(as.double(1:6), 2)
  a <- mmarray(m, "k")
  d <- log1p(delayed(m, "k"))
  want <- as.matrix(d)
  elsewhere <- new_path()
  file.copy(path_of(m), elsewhere)
  m[["k"]] <- NULL
  expect_error(as.matrix(d), "There is no key") # (newer versions wrap it in an error of theirs)
  DelayedArray::path(a) <- elsewhere
  expect_identical(DelayedArray::path(a), normalizePath(elsewhere))
  DelayedArray::seed(d) <- a
  expect_identical(DelayedArray::path(d), normalizePath(elsewhere))
  expect_identical(as.matrix(d), want)
  expect_kind(DelayedArray::path(a) <- path_of(m), "key")
  m[["k"]] <- matrix(as.double(1:6), 3)
  expect_kind(DelayedArray::path(a) <- path_of(m), "stale")
  expect_error(DelayedArray::path(a) <- new_path(), class = "mmappickle_error_io")
  expect_kind(DelayedArray::path(a) <- 5, "value")
  expect_identical(as.matrix(d), want)
})

test_that("write_mmarray() stores what looks like an array, by blocks", {
  skip_if_not_installed("DelayedArray")
  m <- local_store()
  x <- matrix(rnorm(600), 20, dimnames = list(NULL, paste0("c", 1:30)))
  m[["x"]] <- x
  withr::defer(suppressMessages(DelayedArray::setAutoBlockSize(before)))
  before <- DelayedArray::getAutoBlockSize()
  suppressMessages(DelayedArray::setAutoBlockSize(700))
  a <- write_mmarray(exp(delayed(m, "x")), m, "exp")
  expect_s3_class(a, "mmarray")
  expect_identical(m[["exp"]][, ], exp(x))
  write_mmarray(t(delayed(m, "x")[20:1, ]), m, "turned", "float32", "F")
  expect_equal(m[["turned"]][, ], t(x[20:1, ]), tolerance = 1e-6)
  last <- entries(m)[3, ]
  expect_identical(list(last$dtype, last$order), list("float32", "F"))
  sparse <- Matrix::rsparsematrix(30, 20, 0.1)
  expect_identical(write_mmarray(sparse, m, "sparse")[, ], as.matrix(unname(sparse)) + 0)
  expect_identical(write_mmarray(delayed(m, "x") > 0, m, "logical")[, ], x > 0)
  expect_identical(write_mmarray(array(1:24, 2:4), m, "plain", "int8")[, , ], array(1:24, 2:4))
  expect_identical(write_mmarray(a, m, "again", "float32", "F")[1, 1:2], float32(exp(x))[1, 1:2])
  expect_identical(write_mmarray(1:3, m, "vector")[], 1:3)
  text <- DelayedArray::DelayedArray(matrix(c("a", "bc"), 1))
  expect_identical(write_mmarray(text, m, "text", "U2")[1, ], c("a", "bc"))
  keys <- names(m)
  missing <- DelayedArray::DelayedArray(matrix(c(1L, NA), 1))
  error <- expect_kind(write_mmarray(missing, m, "k"), "value")
  expect_match(conditionMessage(error), "`dtype`", fixed = TRUE)
  expect_identical(conditionCall(error)[[1L]], quote(write_mmarray))
  expect_kind(write_mmarray(text, m, "k"), "value")
  expect_kind(write_mmarray(text, m, "k", "U1"), "value")
  expect_kind(write_mmarray(delayed(m, "x"), m, "k", "int8"), "value")
  expect_kind(write_mmarray(list(1), m, "k"), "value")
  expect_kind(write_mmarray(mean, m, "k"), "value")
  expect_kind(write_mmarray(1:3, m, "x"), "key")
  expect_identical(names(m), keys)
  expect_identical(write_mmarray(missing, m, "k", "float64")[1, ], c(1, NA))
})

test_that("empty arrays have names", {
  m <- local_store()
  r <- local_store(dims = "reversed")
  names <- list(c("a", "b"), NULL)
  for (store in list(m, r)) {
    store[["k"]] <- empty_ndarray(c(2, 3), dimnames = names)
    expect_identical(dimnames(store[["k"]]), names)
    expect_identical(dimnames(mmarray(store, "k")), names)
    store["k", "b", 2] <- 5
    expect_identical(store[["k"]]["b", ], c(0, 5, 0))
  }
  m[["v"]] <- empty_ndarray(2, "int8", dimnames = list(c("a", "b")))
  expect_identical(m[["v"]][], c(a = 0L, b = 0L))
  expect_kind(empty_ndarray(2, c(a = "int8"), dimnames = list(c("a", "b"))), "value")
  expect_kind(empty_ndarray(2, dimnames = list("a")), "value")
  expect_kind(empty_ndarray(2, dimnames = c("a", "b")), "value")
  expect_kind(empty_ndarray(c(2, 2), dimnames = list(c("a", "b"))), "value")
})

test_that("an mmarray is a sink", {
  skip_if_not_installed("DelayedArray")
  m <- local_store()
  m[["out"]] <- empty_ndarray(c(40, 30))
  sink <- mmarray(m, "out")
  expect_true(methods::is(sink, "RealizationSink"))
  grid <- DelayedArray::RegularArrayGrid(dim(sink), c(7L, 30L))
  sink <- DelayedArray::sinkApply(sink, function(sink, viewport) {
    DelayedArray::write_block(sink, viewport, array(DelayedArray::currentBlockId(), dim(viewport)))
  }, grid = grid)
  DelayedArray::close(sink)
  expect_identical(m[["out"]][, 30], as.double(1 + (0:39) %/% 7))
  expect_identical(as.matrix(methods::as(sink, "DelayedArray")), m[["out"]][, ])
})

test_that("workers of BiocParallel read and write blocks without a set-up", {
  skip_on_cran()
  skip_if_not_installed("DelayedArray")
  skip_if_not_installed("BiocParallel")
  withr::local_envvar(R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  m <- local_store()
  x <- matrix(rnorm(600), 20)
  m[["x"]] <- x
  m[["out"]] <- empty_ndarray(dim(x))
  workers <- BiocParallel::bpstart(BiocParallel::SnowParam(2L))
  withr::defer(BiocParallel::bpstop(workers))
  grid <- DelayedArray::RegularArrayGrid(dim(x), c(5L, 30L))
  sums <- DelayedArray::blockApply(delayed(m, "x"), sum, grid = grid, BPPARAM = workers)
  expect_equal(unlist(sums), vapply(1:4, function(i) sum(x[5 * i - 4:0, ]), 0))
  task <- function(rows, from, to) {
    to[rows, ] <- 2 * from[rows, ]
    Sys.getpid()
  }
  environment(task) <- globalenv()
  rows <- split(1:20, rep(1:4, each = 5))
  by <- BiocParallel::bplapply(rows, task, mmarray(m, "x"), mmarray(m, "out"), BPPARAM = workers)
  expect_false(Sys.getpid() %in% unlist(by))
  expect_identical(m[["out"]][, ], 2 * x)
})

test_that("assays of a SummarizedExperiment stay in the file, also when it is saved", {
  skip_on_cran()
  skip_if_not_installed("SummarizedExperiment")
  m <- local_store()
  counts <- matrix(as.double(1:12), 4, dimnames = list(paste0("g", 1:4), c("a", "b", "c")))
  m[["counts"]] <- counts
  assays <- list(counts = delayed(m, "counts"), plain = mmarray(m, "counts"))
  se <- SummarizedExperiment::SummarizedExperiment(assays)
  expect_identical(dimnames(se), dimnames(counts))
  for (name in names(assays)) {
    part <- SummarizedExperiment::assay(se[c("g3", "g1"), 2:3], name)
    expect_identical(as.matrix(part), counts[c("g3", "g1"), 2:3])
  }
  saved <- withr::local_tempfile()
  saveRDS(se, saved)
  expect_lt(file.size(saved), 5000)
  seen <- in_new_session(c(
    "se <- readRDS(commandArgs(TRUE))",
    "assay <- SummarizedExperiment::assay(se)",
    "cat(class(assay), isNamespaceLoaded('mmappickle'), sum(assay), assay['g2', 'c'])"
  ), saved)
  expect_identical(tail(seen, 1L), "DelayedMatrix TRUE 78 10")
})

test_that("an array may be larger than the address space", {
  skip_on_cran()
  skip_on_os(c("windows", "mac"))
  skip_if_not_installed("DelayedArray")
  skip_if(is_sanitized(), "the sanitizer takes address space of its own")
  m <- local_store()
  m[["k"]] <- empty_ndarray(c(3e5, 1e4))
  m["k", 300000, 9999:10000] <- c(1, 2)
  seen <- in_new_session(c(
    "library(mmappickle)",
    "m <- mmapdict(commandArgs(TRUE))",
    "d <- DelayedArray::DelayedArray(mmarray(m, 'k'))",
    "cat(sum(d[299000:300000, ]), as.matrix(d[c(300000, 1), 10000:9999]), nrow(d))"
  ), path_of(m), memory = "2000000")
  expect_identical(tail(seen, 1L), "3 2 0 1 0 300000")
})
