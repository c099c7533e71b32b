# joblib's dumps: the same values as a pickle of them, mapped where they stand.

beside <- function(name) testthat::test_path("fixtures", "files", name)
quietly <- function(x) suppressWarnings(x, classes = "mmappickle_warning_precision")

test_that("dumps are read like the pickles of the same values, however they are compressed", {
  wanted <- quietly(read_pickle(beside("values.pkl")))
  expect_gt(length(wanted), 35L)
  for (kind in c("plain", "older", "zlib", "gzip", "bz2", "lzma", "xz")) {
    path <- beside(paste0(kind, ".joblib"))
    got <- quietly(read_pickle(path))
    expect_identical(got, wanted, label = kind)
    expect_identical(quietly(read_pickle(file_bytes(path))), wanted, label = paste("raw", kind))
  }
  dims <- quietly(read_pickle(beside("plain.joblib"), dims = "reversed"))
  expect_identical(dims, quietly(read_pickle(beside("values.pkl"), dims = "reversed")))
})

test_that("so are those that joblib at hand makes", {
  require_python()
  for (python in pythons()) {
    withr::local_envvar(MMAPPICKLE_PYTHON = python)
    if (system2(python, c("-c", shQuote("import joblib, pandas")), stderr = FALSE) != 0L) next
    folder <- withr::local_tempdir()
    run_python(testthat::test_path("python", "files_beside.py"), folder)
    wanted <- quietly(read_pickle(file.path(folder, "values.pkl")))
    for (kind in c("plain", "zlib", "gzip", "bz2", "lzma", "xz")) {
      path <- file.path(folder, paste0(kind, ".joblib"))
      expect_identical(quietly(read_pickle(path)), wanted, label = paste(python, kind))
    }
  }
})

test_that("a model of scikit-learn at hand has its numbers within reach", {
  require_python()
  for (python in pythons()) {
    withr::local_envvar(MMAPPICKLE_PYTHON = python)
    if (system2(python, c("-c", shQuote("import joblib, sklearn")), stderr = FALSE) != 0L) next
    folder <- withr::local_tempdir()
    run_python(testthat::test_path("python", "model.py"), folder)
    for (name in c("model.pkl", "model.joblib", "model_xz.joblib")) {
      x <- quietly(read_pickle(file.path(folder, name)))
      steps <- x$model$steps
      expect_identical(vapply(steps, `[[`, "", 1L), c("scale", "fit", "trees"), label = name)
      expect_equal(steps[[1]][[2]]$mean_[], x$mean[], tolerance = 0, label = name)
      expect_identical(steps[[2]][[2]]$coef_[], x$coef[], label = name)
      expect_identical(steps[[3]][[2]]$n_estimators, 3L, label = name)
      expect_identical(x$data$target_names, c("no", "yes"), label = name)
      expect_identical(dim(x$data$data), c(20L, 3L), label = name)
      expect_identical(x$scores, x$scores_list, label = name)
    }
  }
})

test_that("the field's cases are read", {
  plain <- read_pickle(shared("cases", "colleague", "jl_plain.joblib"))
  expect_identical(dim(plain$X), c(150L, 4L))
  expect_length(plain$y, 150L)
  expect_identical(plain$X, read_pickle(shared("cases", "colleague", "jl_zlib.joblib"))$X)
})

# A dump of one array: its wrapper, padding, elements.
dump_of <- function(data, shape = c(1, 3), dtype = "f8", order = "C", padding = 3L,
                    says = "K\020", tail = ".") {
  number <- function(n) bytes_of("J", writeBin(as.integer(n), raw(), endian = "little"))
  text <- function(x) bytes_of("U", nchar(x), x)
  bytes_of(
    c(0x80, 2), "cjoblib.numpy_pickle\nNumpyArrayWrapper\n)", 0x81, "}(",
    text("subclass"), "cnumpy\nndarray\n", text("shape"), "(", unlist(lapply(shape, number)),
    "t", text("order"), text(order),
    text("dtype"), "cnumpy\ndtype\n", text(dtype), 0x85, "R",
    text("numpy_array_alignment_bytes"), says, "ub",
    if (!is.na(padding)) c(padding, rep(0xff, padding)), data, tail
  )
}
elements <- function(n) writeBin(as.double(seq_len(n)), raw(), endian = "little")

test_that("large arrays of a dump are views of the file, in either order", {
  for (order in c("C", "F")) {
    path <- pickle_path_of(dump_of(elements(20000), c(4, 5000), order = order))
    x <- read_pickle(path)
    expect_true(is_view(x))
    expect_identical(x[], matrix(as.double(1:20000), 4, byrow = order == "C"))
    expect_identical(view_info(x)$offset, file.size(path) - 20000 * 8 - 1)
  }
  skip_on_os("windows") # a mapped file cannot be cut there
  writeBin(raw(10), path)
  expect_kind(x[1], "stale")
})

test_that("shape, dtype, order and padding that lie are an error", {
  expect_identical(read_pickle(dump_of(elements(3))), matrix(as.double(1:3), 1))
  expect_identical(read_pickle(dump_of(elements(3), says = "N", padding = NA)),
                   matrix(as.double(1:3), 1))
  huge <- 2^31 - 1
  lies <- list(
    dump_of(elements(3), c(huge, huge)), dump_of(elements(3), c(huge, huge, huge)),
    dump_of(elements(3), c(1, 4)), dump_of(elements(3), -1),
    dump_of(elements(3), 3, "V2147483647"), dump_of(elements(3), 3, "f7"),
    dump_of(elements(3), 3, "f16"), dump_of(elements(3), huge, "V0"),
    dump_of(elements(3), order = "X"), dump_of(elements(3), rep(1, 65)),
    dump_of(raw(), padding = NA, tail = raw()), dump_of(elements(3), says = "N"),
    dump_of(elements(2)), dump_of(elements(4)), dump_of(raw(), 3, "O"),
    dump_of(elements(3), padding = 200L)[-(100:300)]
  )
  for (i in seq_along(lies)) expect_kind(read_pickle(lies[[i]]), "format")
})

test_that("a dump that was cut off is an error, wherever", {
  refused <- function(bytes, sizes) {
    all(vapply(sizes, function(size) {
      inherits(tryCatch(read_pickle(bytes[seq_len(size)]), error = identity),
               "mmappickle_error_format")
    }, NA))
  }
  bytes <- file_bytes(beside("plain.joblib"))
  expect_true(refused(bytes, c(seq_len(300L), seq(301L, length(bytes) - 1L, by = 97L))))
  small <- dump_of(elements(3))
  expect_true(refused(small, seq_len(length(small) - 1L)))
  packed <- file_bytes(beside("zlib.joblib"))
  expect_true(refused(packed, c(3:40, length(packed) - 1:8)))
})

test_that("a compressed dump that was changed does not come through", {
  packed <- file_bytes(beside("zlib.joblib"))
  set.seed(1)
  for (at in sample(length(packed), 50L)) {
    changed <- packed
    changed[at] <- xor(changed[at], as.raw(bitwShiftL(1L, sample(0:7, 1L))))
    expect_kind(read_pickle(changed), "format")
  }
})

test_that("dumps of joblib 0.9, with arrays in files beside them, and those of others are inert", {
  for (class in c("joblib.numpy_pickle\nNDArrayWrapper", "joblib.numpy_pickle\nZNDArrayWrapper",
                  "other\nNumpyArrayWrapper")) {
    bytes <- bytes_of(c(0x80, 2), "c", class, "\n)", 0x81, "}b.")
    x <- read_pickle(bytes)
    expect_s3_class(x, "python_object")
    expect_identical(x$class, sub("\n", ".", class, fixed = TRUE))
  }
})

test_that("a dump of a dict becomes an mmapdict", {
  path <- new_path()
  convert_pickle(beside("plain.joblib"), path)
  convert_pickle(beside("zlib.joblib"), other <- new_path())
  m <- mmapdict(path)
  n <- mmapdict(other)
  wanted <- quietly(read_pickle(beside("values.pkl")))
  for (key in names(m)) {
    expect_identical(quietly(materialize(m[[key]])), wanted[[key]], label = key)
    expect_identical(quietly(materialize(n[[key]])), wanted[[key]], label = key)
  }
  expect_setequal(names(m), names(wanted))
  close(m)
  close(n)
  expect_kind(convert_pickle(beside("zlib.joblib")), "value")
})
