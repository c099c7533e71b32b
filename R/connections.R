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

read_bytes <- function(connection) {
  chunks <- list()
  size <- 2^16
  repeat {
    chunk <- io_attempt(connection, readBin(connection, "raw", size))
    if (!length(chunk)) break
    chunks[[length(chunks) + 1L]] <- chunk
    size <- min(2 * size, 2^28)
  }
  as.raw(unlist(chunks))
}

# A path, or bytes, of which `packing` was found out; as they are if R does not uncompress it.
uncompressed <- function(source, packing) {
  type <- switch(packing, gzip = "gzip", bzip2 = "bzip2", xz = , lzma = "xz", "")
  if (!nzchar(type)) {
    return(source)
  }
  if (is.raw(source)) {
    return(tryCatch(memDecompress(source, type), error = function(e) {
      raise_error("format", paste0("The bytes are compressed by ", packing, ", and damaged."))
    }))
  }
  connection <- if (type == "xz") xzfile(source) else gzfile(source)
  bytes <- with_connection(connection, "rb", function() read_bytes(connection))
  structure(bytes, path = source) # for errors
}

# In pieces: writeBin() takes fewer than 2^31 bytes at once.
write_bytes <- function(bytes, connection) {
  size <- 2^28
  for (from in seq(1, length(bytes), size)) {
    piece <- if (length(bytes) <= size) bytes
             else bytes[seq(from, min(from + size - 1, length(bytes)))]
    io_attempt(connection, writeBin(piece, connection))
  }
}
