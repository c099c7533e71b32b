# R's connections as bytes: for pickles that do not lie in a file of their own.

# Opens the connection for the time of a call, unless it is open.
with_connection <- function(connection, mode, code) {
  writing <- mode == "wb"
  state <- tryCatch(summary(connection), error = function(e) NULL)
  if (is.null(state)) {
    abort_value("The connection is closed for good.", "Make a new one.")
  }
  if (state$opened != "opened") {
    on.exit(close(connection))
    io_attempt(connection, open(connection, mode))
  } else if (state$text != "binary") {
    abort_value(
      paste0("The connection to '", state$description, "' is open in text mode."),
      paste0("Open it in binary mode: open = \"", mode, "\".")
    )
  } else if (state[[if (writing) "can write" else "can read"]] != "yes") {
    abort_value(
      paste0("The connection to '", state$description, "' is not open for ",
             if (writing) "writing." else "reading."),
      paste0("Open it with open = \"", mode, "\".")
    )
  }
  code()
}

# R's connections say by a warning, too, that data are incomplete or cannot be had.
io_attempt <- function(connection, code) {
  refused <- function(condition) {
    raise_error("io", paste0(
      "The connection to '", summary(connection)$description, "' failed: ",
      conditionMessage(condition), "."
    ))
  }
  tryCatch(code, error = refused, warning = refused)
}

# Bytes: R looks for Ctrl-C between calls of readBin() and writeBin(), not within.
between_interrupts <- 2^24

read_bytes <- function(connection) {
  chunks <- list()
  size <- 2^16
  repeat {
    chunk <- io_attempt(connection, readBin(connection, "raw", size))
    if (!length(chunk)) break
    chunks[[length(chunks) + 1L]] <- chunk
    size <- min(2 * size, between_interrupts)
  }
  as.raw(unlist(chunks))
}

# A path, or bytes, of which `packing` was found out; as they are if R does not uncompress it.
uncompressed <- function(source, packing) {
  if (!packing %in% c("gzip", "bzip2", "xz", "lzma")) {
    return(source)
  }
  if (packing == "lzma") {
    return(from_lzma(source))
  }
  if (is.raw(source)) {
    return(tryCatch(memDecompress(source, packing), error = function(e) {
      raise_error("format", paste0("The bytes are compressed by ", packing, ", and damaged."))
    }))
  }
  read_compressed(source, source)
}

# `path`: for errors.
read_compressed <- function(file, path) {
  connection <- gzfile(file)
  bytes <- with_connection(connection, "rb", function() read_bytes(connection))
  structure(bytes, path = path)
}

# R knows only those that name a window of 8 MiB. A window may be larger than it has to be: one
# that is too small, for what looks back further than that, is an error.
from_lzma <- function(source) {
  path <- if (is.raw(source)) "" else source
  bytes <- if (is.raw(source)) source else readBin(source, "raw", file.size(source))
  copy <- tempfile(fileext = ".lzma")
  on.exit(unlink(copy))
  bytes[2:5] <- as.raw(c(0, 0, 0x80, 0))
  writeBin(as.vector(bytes), copy)
  tryCatch(read_compressed(copy, path), mmappickle_error_io = function(e) {
    raise_error("format", "The data are compressed by lzma, and damaged.", path = path)
  })
}

# In pieces; writeBin() takes fewer than 2^31 bytes at once anyway.
write_bytes <- function(bytes, connection) {
  size <- between_interrupts
  for (from in seq(1, length(bytes), size)) {
    piece <- if (length(bytes) <= size) bytes
             else bytes[seq(from, min(from + size - 1, length(bytes)))]
    io_attempt(connection, writeBin(piece, connection))
  }
}
