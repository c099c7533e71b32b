test_that("entries() tells kind, dtype, shape and place", {
  m <- local_store()
  m[["x"]] <- matrix(as.double(1:6), 2)
  m[["u"]] <- ndarray(1:3, "uint8")
  m[["masked"]] <- c(1L, NA)
  m[["text"]] <- "value"
  table <- entries(m)
  expect_s3_class(table, "data.frame")
  expect_identical(names(table), c("key", "kind", "dtype", "shape", "order", "type", "zero_copy",
                                   "bytes", "offset", "mask_offset", "portable", "capacity",
                                   "value"))
  expect_identical(table$value, c("num [2 x 3]", "int [3]", "int [2]", "chr \"value\""))
  expect_identical(table$key, c("x", "u", "masked", "text"))
  expect_identical(table$kind, c("array", "array", "masked", "value"))
  expect_identical(table$dtype, c("float64", "uint8", "int32", NA))
  expect_identical(table$shape, list(c(2, 3), 3, 2, NULL))
  expect_identical(table$order, c("C", "C", "C", NA))
  expect_identical(table$type, c("double", "integer", "integer", NA))
  expect_identical(table$zero_copy, c(FALSE, FALSE, FALSE, NA))
  expect_identical(table$portable, c(TRUE, TRUE, TRUE, NA))
  expect_true(all(table$bytes > 0))
  expect_true(all(table$offset[1:3] %% 64 == 0))
  expect_identical(table$offset[[4]], NA_real_)
  at <- table$offset[[2]]
  expect_identical(file_bytes(path_of(m))[at + 1:3], as.raw(1:3))
  expect_identical(is.na(table$mask_offset), c(TRUE, TRUE, FALSE, TRUE))
  mask <- table$mask_offset[[3]]
  expect_identical(file_bytes(path_of(m))[mask + 1:2], as.raw(0:1))
  for (key in c("x", "u")) {
    expect_identical(view_info(m[[key]])$zero_copy, table$zero_copy[table$key == key])
  }
})

test_that("arrays without a head of the Python library's are told by their opcodes", {
  m <- local_store()
  df <- data.frame(a = c(0.5, 2), b = 3:4, t = c("x", "yy"))
  m[["rows"]] <- ndarray(df)
  m[["grows"]] <- ndarray(df)
  mmap_append(m, "grows", df)
  m[["masked"]] <- ndarray(data.frame(a = c(1L, NA)))
  m[["matrix"]] <- ndarray(list(a = matrix(1:6, 2)), c(a = "int32"))
  m[["objects"]] <- matrix(list(1, "a"), 1)
  m[["inside"]] <- list(a = ndarray(df))
  table <- entries(m)
  expect_identical(entries(m, value = FALSE), table[names(table) != "value"])
  expect_identical(table$kind, c("array", "array", "masked", "array", "value", "value"))
  expect_identical(table$shape, list(2, 4, 2, c(2, 3), NULL, NULL))
  expect_identical(table$type, c(rep("data.frame", 3), "list", NA, NA))
  expect_identical(table$dtype[[1]], "[('a', '<f8'), ('b', '<i4'), ('t', '<U2')]")
  expect_identical(table$value[1:3], paste("data.frame", c("2 x 3", "4 x 3", "2 x 1")))
  expect_true(all(table$portable[1:4]))
  expect_false(any(table$zero_copy[1:4]))
  # The data stand where it says.
  bytes <- file_bytes(path_of(m))
  for (i in 1:2) {
    expect_identical(readBin(bytes[table$offset[[i]] + 1:8], "double"), 0.5)
    expect_identical(readBin(bytes[table$offset[[i]] + 9:12], "integer"), 3L)
  }
  expect_identical(bytes[table$mask_offset[[3]] + 1:2], as.raw(0:1))
  expect_identical(table$offset[5:6], c(NA_real_, NA_real_))
  # Nor does it depend on how much there is.
  m[["long"]] <- empty_ndarray(1e6, list(a = "float64", b = "int8"))
  long <- entries(m)[7, ]
  expect_identical(c(long$kind, long$type), c("array", "data.frame"))
  expect_identical(long$shape[[1]], 1e6)
  shown <- capture.output(print(m, width = 80))
  expect_match(shown, "grows .* structured, capacity", all = FALSE)
  expect_match(shown, "masked .* structured, masked", all = FALSE)
})

test_that("so are those that Python pickled as any value", {
  require_python()
  plain <- withr::local_tempfile(fileext = ".pkl")
  run_python(paste(
    "import numpy as np, pickle, sys",
    "a = np.zeros(3, [('x', '>f4'), ('y', 'S2')])",
    "d = {'fields': a, 'scalar': a[0], 'objects': a.astype([('x', 'O')] * 1 + [('y', 'S2')])}",
    "pickle.dump(d, open(sys.argv[1], 'wb'), 4)", sep = "\n"
  ), plain)
  path <- new_path()
  m <- mmapdict(convert_pickle(plain, path))
  withr::defer(close(m))
  table <- entries(m)
  expect_identical(table$kind, c("array", "value", "value"))
  expect_identical(table$shape, list(3, NULL, NULL))
  expect_identical(table$type, c("data.frame", NA, NA))
})

test_that("shapes follow dims", {
  m <- local_store(dims = "reversed")
  m[["x"]] <- matrix(as.double(1:6), 2)
  table <- entries(m)
  expect_identical(table$shape, list(c(2, 3)))
  expect_identical(table$zero_copy, TRUE)
  plain <- mmapdict(path_of(m), readonly = TRUE)
  withr::defer(close(plain))
  expect_identical(entries(plain)$shape, list(c(3, 2)))
})

test_that("dead entries are shown when asked for", {
  m <- local_store()
  m[["a"]] <- 1
  m[["a"]] <- 2
  m[["x"]] <- c(1, 2, 3)
  expect_identical(entries(m)$key, c("a", "x"))
  table <- entries(m, dead = TRUE)
  expect_true("padding" %in% table$kind)
  expect_identical(table$key[table$live], c("a", "x"))
  expect_identical(sum(table$key == "a" & !table$live), 1L)
  expect_kind(entries(m, dead = NA), "value")
})

test_that("an empty file has no rows", {
  m <- local_store()
  expect_identical(nrow(entries(m)), 0L)
  expect_identical(names(entries(m, dead = TRUE))[[11]], "live")
})

test_that("arrays of the Python library's own form are told from portable ones", {
  m <- mmapdict(fixture_copy("quickstart.mmdpickle"))
  withr::defer(close(m))
  m[["new"]] <- c(1, 2)
  table <- entries(m)
  expect_identical(table$portable[table$kind %in% c("array", "masked")], c(FALSE, TRUE))
  expect_identical(names(entries(m, dead = TRUE))[11:12], c("live", "portable"))
})
