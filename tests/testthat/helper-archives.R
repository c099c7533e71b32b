# zip archives of files as they are, uncompressed. (Checksums are those of nothing: what is
# not compressed is mapped, and not looked at.)
stored_zip <- function(path, files) {
  n <- function(value, bytes) {
    c(writeBin(as.integer(value), raw(), endian = "little"), raw(4))[seq_len(bytes)]
  }
  out <- directory <- raw()
  for (name in names(files)) {
    size <- n(length(files[[name]]), 4)
    about <- c(n(20, 2), n(0, 8), n(0, 4), size, size, n(nchar(name, "bytes"), 2), n(0, 2))
    directory <- c(directory, charToRaw("PK\001\002"), n(20, 2), about, n(0, 2), n(0, 4), n(0, 4),
                   n(length(out), 4), charToRaw(name))
    out <- c(out, charToRaw("PK\003\004"), about, charToRaw(name), files[[name]])
  }
  end <- c(charToRaw("PK\005\006"), n(0, 4), n(length(files), 2), n(length(files), 2),
           n(length(directory), 4), n(length(out), 4), n(0, 2))
  writeBin(c(out, directory, end), path)
}
