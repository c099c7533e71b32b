# NumPy's own files, read and written.

beside <- function(name) testthat::test_path("fixtures", "files", name)
quietly <- function(x) suppressWarnings(x, classes = "mmappickle_warning_precision")

# A .npy file with this header and these data.
npy_of <- function(header, data = raw(), version = 1L, minor = 0L, size = NULL) {
  text <- charToRaw(header)
  size <- size %||% length(text)
  length_bytes <- writeBin(as.integer(size), raw(), endian = "little")
  bytes_of(0x93, "NUMPY", version, minor, length_bytes[seq_len(if (version == 1L) 2 else 4)],
           text, data)
}
header_of <- function(descr = "'<f8'", order = "False", shape = "(3,)") {
  paste0("{'descr': ", descr, ", 'fortran_order': ", order, ", 'shape': ", shape, ", }")
}
three <- writeBin(as.double(1:3), raw(), endian = "little")

test_that("arrays of every dtype are those of a pickle, stored or deflated", {
  wanted <- quietly(read_pickle(beside("arrays.pkl")))
  for (name in c("stored.npz", "deflated.npz")) {
    for (source in list(beside(name), file_bytes(beside(name)))) {
      got <- quietly(read_npz(source))
      expect_identical(got, wanted, label = name)
    }
  }
  expect_identical(quietly(read_npz(beside("stored.npz"), dims = "reversed")),
                   quietly(read_pickle(beside("arrays.pkl"), dims = "reversed")))
  versions <- read_npz(beside("versions.npz"))
  for (version in 1:3) for (name in c("<f8", "fortran", "structured")) {
    key <- paste(name, version)
    expect_identical(versions[[key]], wanted[[name]], label = key)
  }
  expect_identical(versions[["notes.txt"]], charToRaw("no array"))
})

test_that("the field's cases are read", {
  folder <- shared("cases", "colleague")
  matrix <- matrix(as.double(0:5), 2, byrow = TRUE)
  expect_identical(read_npy(file.path(folder, "num.npy")), matrix)
  expect_identical(read_npy(file.path(folder, "dictitem.npy")), list(a = c(0, 1, 2)))
  expect_identical(read_npz(file.path(folder, "z.npz")), list(x = c(0, 1, 2), o = c("a", NA)))
})

test_that("large arrays are views of the file, and of what an archive stores", {
  path <- new_path()
  x <- matrix(as.double(1:30000), 5)
  for (order in c("C", "F")) {
    write_npy(x, path, order = order)
    got <- read_npy(path)
    expect_true(is_view(got))
    expect_identical(view_info(got)[c("offset", "order")], list(offset = 128, order = order))
    expect_identical(got[], x)
  }
  big <- file_bytes(path)
  write_npy(ndarray(1:3, "uint8"), path)
  archive <- withr::local_tempfile(fileext = ".npz")
  stored_zip(archive, list(big.npy = big, small.npy = file_bytes(path)))
  got <- read_npz(archive)
  expect_true(is_view(got$big))
  expect_false(is_view(got$small))
  expect_identical(got$big[], x)
  expect_identical(got$small, 1:3)
  skip_on_os("windows") # a mapped file cannot be changed there
  cat("more", file = archive, append = TRUE)
  expect_kind(sum(got$big), "stale")
})

test_that("what is written NumPy loads, and this package, too", {
  require_python()
  values <- list(
    double = c(1.5, NaN), int = matrix(1:6, 2), flag = c(TRUE, FALSE), complex = 1i,
    raw = as.raw(1:3), text = c("a", "caf\u00e9"), date = as.Date("2020-02-29") + 0:1,
    array = array(1:24 / 2, 2:4),
    frame = data.frame(a = 1:2, b = c(1.5, NaN)), list = list(1, "a", NULL),
    names = structure(data.frame(1, 2), names = c("it's", "caf\u00e9")), empty = numeric()
  )
  marked <- list(ndarray(1:3, "uint8"), ndarray(c(1, 2), ">f4"), ndarray("a", "S3"),
                 ndarray(as.Date("2020-01-01"), "datetime64[s]"),
                 ndarray(matrix(1:4, 2), order = "F"))
  folder <- withr::local_tempdir()
  for (i in seq_along(values)) {
    file <- file.path(folder, paste0(names(values)[i], ".npy"))
    write_npy(values[[i]], file)
    expect_identical(read_npy(file, uint8 = "raw"), values[[i]], label = names(values)[i])
  }
  for (i in seq_along(marked)) write_npy(marked[[i]], file.path(folder, paste0("m", i, ".npy")))
  shown <- run_python(python_script(
    "import numpy as np, sys, os",
    "for name in sorted(os.listdir(sys.argv[1])):",
    "    a = np.load(os.path.join(sys.argv[1], name), allow_pickle=True)",
    "    print(name[:-4], a.dtype.str, a.shape, ascii(a.tolist()))"
  ), folder)
  expect_snapshot(writeLines(shown))
  write_npy(c(a = 1, b = 2), file)
  expect_identical(read_npy(file), c(1, 2))
  write_npy(matrix(1:2, 1, dimnames = list("r", NULL)), file)
  expect_identical(read_npy(file), matrix(1:2, 1))
  for (x in list(c(TRUE, NA), c(1L, NA), ndarray(c("a", NA), "U2"))) {
    expect_kind(write_npy(x, file), "value")
  }
  expect_identical(read_npy(file), matrix(1:2, 1)) # as it was
  expect_kind(write_npy(sum, file), "value")
  expect_kind(read_npy(new_path()), "io")
})

test_that("headers are read by their rules: all that NumPy writes, nothing else", {
  expect_identical(read_npy(npy_of(header_of(), three)), c(1, 2, 3))
  good <- list(
    header_of(shape = "(3L,)"), "{\"shape\":(3,),'fortran_order':True,'descr':'<f8'}",
    header_of("'<f\\x38'"), header_of(shape = "( 3 , )"), paste0(header_of(), "   \n")
  )
  for (header in good) expect_identical(read_npy(npy_of(header, three)), c(1, 2, 3), label = header)
  padded <- header_of("[('a', '|u1'), ('', '|V7'), (('title', 'b'), '<f8')]", shape = "(1,)")
  expect_identical(read_npy(npy_of(padded, c(three[1:8], three[9:16]))), data.frame(a = 0L, b = 2))
  bad <- c(
    header_of(shape = "(4,)"), header_of(shape = "(3)"), header_of(shape = "[3]"),
    header_of(shape = "(-3,)"), header_of(shape = "(3.0,)"), header_of(shape = "(03,)"),
    header_of(shape = "(True,)"), header_of(shape = "(99999999999999999999,)"),
    header_of(shape = "(4294967296, 4294967296)"), header_of(order = "None"),
    header_of(order = "0"), header_of("'<f9'"), header_of("'float'+'64'"),
    header_of("__import__('os').system('touch PWNED')"), header_of("('<f8', (2,))"),
    header_of("[('a', '<f8'), ('a', '<f8')]", shape = "(1,)"), header_of("[('a',)]"),
    header_of("'V0'", shape = "(99999999,)"), header_of("'<f8', 'more': 1"),
    header_of("'\\u00e9'"), header_of(paste0(strrep("[", 5000), strrep("]", 5000))), "{}", "",
    "1", "{'descr': '<f8'",
    sub("descr", "shape", header_of()), paste0(header_of(), "x"), header_of("'<f8"),
    header_of(paste0("[('a', ", strrep("[('a', ", 40), "'u1'", strrep(")]", 41)))
  )
  for (header in bad) expect_kind(read_npy(npy_of(header, three)), "format")
  expect_false(file.exists("PWNED"))
  expect_kind(read_npy(npy_of(header_of(), three, version = 4L)), "format")
  expect_kind(read_npy(npy_of(header_of(), three, minor = 1L)), "format")
  expect_kind(read_npy(npy_of(header_of(), three, size = 9999L)), "format")
  expect_kind(read_npy(npy_of(header_of(), three, version = 3L, size = -1L)), "format")
  expect_kind(read_npy(npy_of(header_of("'\xff'"), three, version = 3L)), "format")
  whole <- npy_of(header_of(), three)
  cut <- vapply(seq_len(length(whole) - 1L), function(size) {
    inherits(tryCatch(read_npy(whole[seq_len(size)]), error = identity), "mmappickle_error_format")
  }, NA)
  expect_true(all(cut))
  expect_warning(read_npy(c(whole, whole)), class = "mmappickle_warning_trailing")
})

test_that("an array keeps its dtype, however small it is, in a file of either kind", {
  folder <- withr::local_tempdir()
  run_python("
import sys, os, numpy as np
os.chdir(sys.argv[1])
for n in (3, 20000):
    np.save('f4_%d.npy' % n, np.arange(n, dtype='f4'))
    np.savez('all_%d.npz' % n, u1=np.arange(n).astype('u1'), M=np.arange(n).astype('M8[s]'),
             F=np.asfortranarray(np.ones((n, 2), '>i2')), s=np.array([b'a'] * n))", folder)
  m <- local_store()
  again <- file.path(folder, "again.npy")
  dtype <- function(x) {
    write_npy(x, again)
    sub(".*'descr': '([^']*)'.*", "\\1", rawToChar(readBin(again, "raw", 60L)[11:60]))
  }
  for (n in c(3, 20000)) {
    x <- read_npy(file.path(folder, sprintf("f4_%d.npy", n)))
    expect_identical(dtype(x), "<f4")
    expect_identical(dtype(ndarray(x)), "<f4")
    parts <- read_npz(file.path(folder, sprintf("all_%d.npz", n)))
    expect_identical(vapply(parts, dtype, ""), c(u1 = "|u1", M = "<M8[s]", F = ">i2", s = "|S1"))
    m[["x"]] <- x
    m[names(parts)] <- parts
    m[["list"]] <- list(parts$u1, x)
    table <- entries(m)
    expect_identical(table$dtype[match(c("x", names(parts)), table$key)],
                     c("float32", "uint8", "datetime64[s]", ">i2", "|S1"))
    expect_identical(table$order[table$key == "F"], "F")
    expect_identical(view_info(m[["list"]][[1]])$dtype, "uint8")
    # A view of a file, with names or without.
    expect_identical(dtype(m[["u1"]]), "|u1")
    names(m[["u1"]]) <- seq_len(n)
    expect_identical(dtype(m[["u1"]]), "|u1")
    # What was changed is what R has.
    x[2] <- 0.1
    expect_identical(dtype(x), "<f8")
    expect_identical(read_npy(again), x)
  }
  from_memory <- read_npy(readBin(file.path(folder, "f4_3.npy"), "raw", 1000L))
  expect_identical(dtype(from_memory), "<f4")
})
