# What is packed is unpacked, and what is no pickle at all is told by what it is.

beside <- function(name) testthat::test_path("fixtures", "files", name)
small <- list(a = c(0, 1, 2), b = "x")

# Sizes at which bytes that are cut off are not refused.
read_though_cut <- function(read, bytes, sizes) {
  refused <- vapply(sizes, function(size) {
    error <- tryCatch(read(bytes[seq_len(size)]), error = identity)
    inherits(error, "mmappickle_error_format")
  }, NA)
  sizes[!refused]
}
# Places at which a changed byte gives another value, or an error that is not ours.
misread_where_changed <- function(read, bytes, wanted, places, masks) {
  sound <- vapply(places, function(at) {
    all(vapply(masks, function(mask) {
      bytes[at] <- xor(bytes[at], as.raw(mask))
      got <- tryCatch(read(bytes), mmappickle_error_format = function(e) wanted)
      identical(got, wanted)
    }, NA))
  }, NA)
  places[!sound]
}

test_that("zipped and tarred pickles are read, as pandas writes them", {
  packed <- c("small.pkl.zip", "stored.pkl.zip", "zip64.zip", "small.pkl.tar.gz",
              "pandas.pkl.bz2", "pandas.pkl.xz")
  for (name in packed) {
    expect_identical(read_pickle(beside(name)), small, label = name)
    expect_identical(read_pickle(file_bytes(beside(name))), small, label = paste("raw", name))
    connection <- file(beside(name), raw = TRUE)
    expect_identical(read_pickle(connection), small, label = paste("file", name))
    path <- new_path()
    convert_pickle(beside(name), path)
    m <- mmapdict(path)
    expect_identical(m[["a"]][], small$a, label = name)
    close(m)
    copy <- new_path()
    file.copy(beside(name), copy)
    expect_kind(convert_pickle(copy), "value")
    expect_identical(file_bytes(copy), file_bytes(beside(name)))
  }
  tar <- memDecompress(file_bytes(beside("small.pkl.tar.gz")), "gzip")
  expect_identical(read_pickle(pickle_path_of(tar)), small)
  expect_identical(read_pickle(shared("cases", "colleague", "c.pkl.zip")), small)
})

test_that("what an archive holds uncompressed is mapped", {
  folder <- withr::local_tempdir()
  x <- list(x = as.double(1:20000))
  write_pickle(x, file.path(folder, "x.pkl"))
  stored_zip(file.path(folder, "x.zip"), list(x.pkl = file_bytes(file.path(folder, "x.pkl"))))
  withr::with_dir(folder, utils::tar("x.tar", "x.pkl", tar = "internal"))
  for (name in c("x.zip", "x.tar")) {
    got <- read_pickle(file.path(folder, name))
    expect_true(is_view(got$x), label = name)
    expect_identical(got$x[], x$x)
  }
})

test_that("archives of several files, or of none, or encrypted say so", {
  expect_error(read_pickle(beside("two.zip")), "2 files", class = "mmappickle_error_format")
  expect_error(read_pickle(beside("stored.npz")), "read_npz()", fixed = TRUE)
  expect_error(read_npy(beside("stored.npz")), "read_npz()", fixed = TRUE)
  bytes <- file_bytes(beside("stored.pkl.zip"))
  entry <- grepRaw("PK\001\002", bytes, fixed = TRUE)
  bytes[entry + 8L] <- as.raw(1L)
  expect_error(read_pickle(bytes), "encrypted", class = "mmappickle_error_format")
})

test_that("zip archives that lie or were cut off are an error", {
  for (name in c("small.pkl.zip", "zip64.zip")) {
    bytes <- file_bytes(beside(name))
    expect_identical(read_though_cut(read_pickle, bytes, 4:(length(bytes) - 1L)), integer())
    from <- grepRaw("PK\001\002", bytes, fixed = TRUE)
    bad <- misread_where_changed(read_pickle, bytes, small, from:length(bytes), c(1L, 0x80L))
    expect_identical(bad, integer())
  }
  bytes <- file_bytes(beside("versions.npz"))
  sizes <- seq(4L, length(bytes) - 1L, by = 29L)
  expect_identical(read_though_cut(read_npz, bytes, sizes), integer())
})

test_that("an archive gives no more bytes than it says, nor says more than it can have", {
  bytes <- file_bytes(beside("small.pkl.zip"))
  entry <- grepRaw("PK\001\002", bytes, fixed = TRUE)
  says <- function(size) {
    bytes[entry + 24:27] <- writeBin(as.integer(size), raw(), endian = "little")
    bytes
  }
  size <- readBin(bytes[entry + 24:27], "integer", endian = "little")
  expect_identical(read_pickle(says(size)), small)
  for (lie in c(0, 1, size - 1, size + 1, 1e6, 2^31 - 1)) {
    expect_kind(read_pickle(says(lie)), "format")
  }
})

test_that("tar archives that lie or were cut off are an error", {
  tar <- memDecompress(file_bytes(beside("small.pkl.tar.gz")), "gzip")
  expect_identical(read_pickle(tar), small)
  end <- max(which(tar != 0)) # STOP
  sizes <- c(seq(1L, 511L, by = 10L), seq(512L, end - 1L, by = 3L))
  expect_identical(read_though_cut(read_pickle, tar, sizes), integer())
  places <- c(125:136, 149:156, 258:262)
  places <- c(places, places + 1024L) # of pax's header, and of the file's
  expect_identical(misread_where_changed(read_pickle, tar, small, places, c(1L, 7L)), integer())
})

test_that("the tensors of a file of torch.save() are arrays", {
  got <- read_pickle(beside("state.pt"))
  expect_identical(got$weight, matrix(0:5 / 2, 2, byrow = TRUE))
  expect_identical(got$turned, t(got$weight))
  expect_identical(got[c("last", "one", "steps", "bias", "mask")], list(
    last = c(2, 2.5), one = 2.5, steps = 7, bias = c(1.5, -1), mask = c(TRUE, FALSE)
  ))
  expect_identical(dim(got$empty), c(0L, 3L))
  expect_s3_class(got$strided, "python_object") # of strides that NumPy's pickles do not have
  case <- read_pickle(shared("cases", "colleague", "torch_new.pt"))
  expect_true(is.double(case$weight))
  expect_length(case$weight, 4L)
})

test_that("storages that are missing, or smaller than their tensors, are an error", {
  bytes <- file_bytes(beside("state.pt"))
  places <- grepRaw("model/data/0", bytes, fixed = TRUE, all = TRUE)
  renamed <- bytes
  for (at in places) renamed[at + 11L] <- charToRaw("9")
  expect_error(read_pickle(renamed), "storage is missing", class = "mmappickle_error_format")
  # (2, 3), strides (3, 1), of six numbers, made (3, 3)
  larger <- bytes
  larger[grepRaw(as.raw(c(0x4b, 2, 0x4b, 3, 0x86)), bytes, fixed = TRUE) + 1L] <- as.raw(3L)
  expect_error(read_pickle(larger), "larger than its storage", class = "mmappickle_error_format")
  sizes <- seq(1L, length(bytes) - 1L, by = 17L)
  expect_identical(read_though_cut(read_pickle, bytes, sizes), integer())
})

foreign <- list(
  "HDF5" = c(0x89, charToRaw("HDF\r\n"), 0x1a, 0x0a, raw(100)),
  "R's own serialization" = serialize(1:3, NULL),
  "R's own serialization" = serialize(1:3, NULL, xdr = FALSE),
  "R's own serialization" = serialize(1:3, NULL, ascii = TRUE),
  "Parquet" = c(charToRaw("PAR1"), raw(20)), "Arrow file" = c(charToRaw("ARROW1"), raw(20)),
  "SQLite" = c(charToRaw("SQLite format 3"), raw(20)), "text" = charToRaw("Dear colleague,\nhere"),
  "JSON" = charToRaw("{\"a\": [1, 2]}"), "JSON" = charToRaw(" [1, 2]"),
  "HTML" = charToRaw("\n<!DOCTYPE HTML><html>"), "HTML" = charToRaw("<HTML>"),
  "Git LFS" = charToRaw("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n"),
  "Zstandard" = as.raw(c(0x28, 0xb5, 0x2f, 0xfd, 0, 1, 2, 3)), "text" = charToRaw("a,b\n1,2\n"),
  "LZ4" = as.raw(c(4, 0x22, 0x4d, 0x18, 0, 1, 2, 3)), "R data file" = charToRaw("RDX3\nX\n")
)

test_that("what is no pickle is told by what it is, by all readers", {
  for (i in seq_along(foreign)) {
    path <- pickle_path_of(as.raw(foreign[[i]]))
    readers <- list(read_pickle, read_npy, read_npz, mmapdict,
                    function(x) convert_pickle(x, new_path()),
                    function(x) read_pickle(file_bytes(x)))
    for (read in readers) {
      error <- tryCatch(read(path), error = identity)
      expect_s3_class(error, "mmappickle_error_format")
      expect_match(conditionMessage(error), names(foreign)[i], fixed = TRUE)
    }
  }
  # Inside of what is compressed, too, with the name of the file.
  path <- withr::local_tempfile(fileext = ".rds")
  saveRDS(1:3, path)
  error <- tryCatch(read_pickle(path), error = identity)
  expect_match(conditionMessage(error), "readRDS", fixed = TRUE)
  expect_identical(error$path, path)
})

test_that("files of the package's own kinds are told to those who take another one for them", {
  told <- function(read, name, hint) {
    expect_error(read(beside(name)), hint, fixed = TRUE, class = "mmappickle_error_format")
  }
  told(mmapdict, "zlib.joblib", "compressed by zlib")
  told(mmapdict, "gzip.joblib", "read_pickle() reads a compressed pickle")
  told(mmapdict, "small.pkl.zip", "zip archive")
  told(mmapdict, "small.pkl", "convert_pickle()")
  told(read_npy, "small.pkl", "read_pickle() reads it")
  told(read_npz, "small.pkl", "read_pickle() reads it")
  npy <- pickle_path_of(raw())
  write_npy(1:3, npy)
  for (read in list(mmapdict, read_pickle, read_npz)) {
    expect_error(read(npy), "read_npy()", fixed = TRUE)
  }
  expect_error(convert_pickle(write_pickle(list(1, "a")), new_path()), "a list",
               class = "mmappickle_error_value")
  torch <- shared("cases", "colleague", "torch_new.pt")
  expect_error(read_npz(torch), NA)
})

test_that("a damaged pickle of protocol 0 is not taken for a text", {
  cut <- charToRaw("(dp0\nS'a'\np1\nI1\n")
  expect_error(read_pickle(cut), "Invalid pickle", class = "mmappickle_error_format")
})
