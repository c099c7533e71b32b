test_that("connections of each kind are read, opened or not", {
  x <- write_pickle(mixed)
  path <- pickle_path_of(x)
  packed <- list(gzfile = gzfile, bzfile = bzfile, xzfile = xzfile)
  for (kind in names(packed)) {
    file <- withr::local_tempfile()
    write_pickle(mixed, packed[[kind]](file))
    expect_identical(read_pickle(packed[[kind]](file)), mixed, label = kind)
    expect_identical(read_pickle(file), mixed, label = paste("path,", kind))
    connection <- packed[[kind]](file, "rb")
    expect_identical(read_pickle(connection), mixed, label = paste(kind, "opened"))
    expect_true(isOpen(connection))
    close(connection)
  }
  expect_identical(read_pickle(file(path)), mixed)
  root <- if (.Platform$OS.type == "windows") "file:///" else "file://"
  address <- paste0(root, normalizePath(path, "/"))
  expect_identical(read_pickle(url(address)), mixed)
  for (connection in list(rawConnection(x), gzcon(file(path, "rb")))) {
    expect_identical(read_pickle(connection), mixed)
    close(connection)
  }
  skip_on_os("windows")
  expect_identical(read_pickle(pipe(paste("cat", shQuote(path)))), mixed)
})

test_that("a connection is read from where it stands, and left as it was found", {
  connection <- rawConnection(bytes_of("header", write_pickle(1:3)))
  readBin(connection, "raw", 6)
  expect_identical(read_pickle(connection), 1:3)
  expect_kind(read_pickle(connection), "format")
  close(connection)
  before <- nrow(showConnections())
  read_pickle(file(pickle_path_of(write_pickle(1))))
  expect_kind(read_pickle(file(pickle_path_of(raw()))), "format")
  expect_identical(nrow(showConnections()), before)
  large <- as.raw(rep(0:255, 4000))
  connection <- rawConnection(write_pickle(large))
  expect_identical(read_pickle(connection), large)
  close(connection)
})

test_that("connections that cannot be read or written", {
  path <- pickle_path_of(write_pickle(1))
  refused <- function(connection, call, kind) {
    on.exit(close(connection))
    expect_kind(call(connection), kind)
  }
  write <- function(connection) write_pickle(1, connection)
  refused(file(path, "r"), read_pickle, "value")
  refused(textConnection("text"), read_pickle, "value")
  refused(file(withr::local_tempfile(), "wb"), read_pickle, "value")
  refused(file(path, "rb"), write, "value")
  refused(file(withr::local_tempfile(), "w"), write, "value")
  expect_kind(read_pickle(gzfile(file.path(path, "absent"))), "io")
  expect_kind(write_pickle(1, gzfile(file.path(path, "absent"))), "io")
  closed <- file(path, "rb")
  close(closed)
  expect_kind(read_pickle(closed), "value")
  expect_identical(read_pickle(path), 1)
  text <- textConnection("text")
  expect_snapshot(said(read_pickle(text)))
  close(text)
})

test_that("compressed data that are cut off are an error, wherever", {
  x <- write_pickle(as.raw(sample(0:255, 1e5, replace = TRUE)))
  for (type in c("gzip", "bzip2", "xz")) {
    path <- withr::local_tempfile()
    write_pickle(mixed, switch(type, gzip = gzfile, bzip2 = bzfile, xz = xzfile)(path))
    bytes <- file_bytes(path)
    for (size in c(12, 40, length(bytes) %/% 2, length(bytes) - 12)) {
      writeBin(bytes[seq_len(size)], path)
      e <- tryCatch(read_pickle(path), error = identity)
      expect_true(inherits(e, c("mmappickle_error_format", "mmappickle_error_io")),
                  label = paste(type, size))
    }
  }
})
