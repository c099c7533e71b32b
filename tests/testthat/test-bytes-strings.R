# dtype S: bytes, of which some are no text. These are shown with escapes, and stored as they
# were: each item has a text of its own.

items <- list(
  as.raw(c(0x63, 0x61, 0x66, 0xe9)), as.raw(c(0x63, 0x61, 0x66, 0xc3, 0xa9)),
  charToRaw("a\\xe9"), as.raw(c(0xff, 0x00, 0x61)), charToRaw("\\x5c"), charToRaw("plain"),
  as.raw(c(0xed, 0xb2, 0x80)), raw()
)
shown <- c("caf\\xe9", "caf\u00e9", "a\\x5cxe9", "\\xff\\x00a", "\\x5cx5c", "plain",
           "\\xed\\xb2\\x80", "")

local_bytes <- function(env = parent.frame()) {
  m <- local_store(.local_envir = env)
  padded <- unlist(lapply(items, function(x) c(x, raw(8L - length(x)))))
  m[["s"]] <- ndarray(rep("12345678", length(items)), "S8")
  close(m)
  path <- path_of(m)
  bytes <- file_bytes(path)
  at <- grepRaw(strrep("12345678", length(items)), bytes, fixed = TRUE)
  bytes[at + seq_along(padded) - 1L] <- padded
  writeBin(bytes, path)
  list(path = path, at = at, bytes = bytes)
}
data_of <- function(file) file_bytes(file$path)[file$at + seq_len(8L * length(items)) - 1L]

test_that("what is no UTF-8 is shown with escapes, with a warning", {
  file <- local_bytes()
  m <- local_mmapdict(file$path)
  expect_warning(x <- materialize(m[["s"]]), class = "mmappickle_warning_precision")
  expect_identical(x, shown)
  expect_warning(x <- m["s", c(4, 1)], class = "mmappickle_warning_precision")
  expect_identical(x, shown[c(4, 1)])
})

test_that("it is written as the bytes that it was", {
  file <- local_bytes()
  before <- data_of(file)
  m <- local_mmapdict(file$path)
  every <- seq_along(items)
  suppressWarnings(m["s", every] <- m["s", every])
  expect_identical(data_of(file), before)
  suppressWarnings(m["s", every] <- rev(m["s", every]))
  suppressWarnings(expect_identical(materialize(m[["s"]]), rev(shown)))
  suppressWarnings(m["s", every] <- rev(m["s", every]))
  expect_identical(data_of(file), before)
  suppressWarnings(m[["s"]][2] <- "new")
  suppressWarnings(expect_identical(materialize(m[["s"]])[1:3], c(shown[1], "new", shown[3])))
  copied <- mmapdict(withr::local_tempfile())
  withr::defer(close(copied))
  suppressWarnings(copied[["s"]] <- m[["s"]])
  suppressWarnings(expect_identical(materialize(copied[["s"]]), materialize(m[["s"]])))
})
