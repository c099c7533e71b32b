# The Python library's vacuum: it moves the live entries down inside the file, writes a
# terminator, cuts the file, and sets the commit number to 0 (from 0 to 1).
vacuum_in_place <- function(path) {
  bytes <- file_bytes(path)
  number <- readBin(bytes[19:22], "integer", endian = "little")
  frames <- frames_of(bytes)
  live <- frames[frames$live, ]
  kept <- unlist(Map(function(at, size) bytes[at + seq_len(size)], live$at, live$size))
  number <- if (number == 0) 1L else 0L
  new <- c(header_bytes(number)[1:18], bytes[19:22], as.raw(c(0x30, 0x28)), kept,
           terminator_bytes())
  connection <- file(path, "r+b")
  on.exit(close(connection))
  seek(connection, 0, rw = "write")
  writeBin(new, connection)
  truncate(connection)
  flush(connection)
  seek(connection, 18, rw = "write")
  writeBin(number, connection, endian = "little")
}

# Place and size of each entry, padding entries among them (which are dead).
frames_of <- function(bytes) {
  at <- 24
  found <- list()
  while (!identical(bytes[at + 10:11], as.raw(c(0x64, 0x2e)))) {
    size <- 9 + sum(as.integer(bytes[at + 2:9]) * 256^(0:7))
    live <- bytes[[at + size - 1]] == as.raw(0x88)
    found <- c(found, list(data.frame(at = at, size = size, live = live)))
    at <- at + size
  }
  do.call(rbind, found)
}
