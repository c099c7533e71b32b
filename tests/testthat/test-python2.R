# Python 2's str, and what NumPy and datetime pickled as such.

string <- function(...) {  # SHORT_BINSTRING
  bytes <- as.raw(c(...))
  c(charToRaw("U"), as.raw(length(bytes)), bytes)
}
cafe <- c(0x43, 0x61, 0x66, 0xe9)
stop_code <- charToRaw(".")

test_that("strings are what the encoding says", {
  one <- c(string(cafe), stop_code)
  expect_identical(read_pickle(one, encoding = "latin1"), "Caf\u00e9")
  expect_identical(read_pickle(one, encoding = "bytes"), as.raw(cafe))
  expect_s3_class(read_pickle(one), "python_object")
  expect_s3_class(read_pickle(one, encoding = "utf-8"), "python_object")
  utf8 <- c(string(c(0x43, 0xc3, 0xa9)), stop_code)
  expect_identical(read_pickle(utf8, encoding = "utf-8"), "C\u00e9")
  ascii <- c(string(0x61), stop_code)
  expect_identical(read_pickle(ascii), "a")
  expect_identical(read_pickle(ascii, encoding = "latin-1"), "a")
  expect_error(read_pickle(ascii, encoding = "cp1252"), class = "mmappickle_error_value")
})

test_that("so are keys, and what lists and dicts hold", {
  dict <- c(charToRaw("}"), string(cafe), charToRaw("]"), string(cafe), charToRaw("as."))
  x <- read_pickle(dict, encoding = "latin1")
  expect_identical(x, list("Caf\u00e9" = "Caf\u00e9"))
  expect_identical(read_pickle(write_pickle(x)), x)
  expect_identical(read_pickle(dict, encoding = "bytes")$keys, list(as.raw(cafe)))
  to <- withr::local_tempfile(fileext = ".mmdpickle")
  expect_error(convert_pickle(dict, to), class = "mmappickle_error")
  convert_pickle(dict, to, encoding = "latin1")
  m <- local_mmapdict(to)
  expect_identical(as.list(m), x)
})

# numpy.core.multiarray._reconstruct and a state, as NumPy under Python 2 has it.
numpy_array <- c(
  charToRaw("cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K"), as.raw(0),
  charToRaw("t"), string(0x62), charToRaw("tR(K"), as.raw(1), charToRaw("(K"), as.raw(2),
  charToRaw("tcnumpy\ndtype\n("), string(charToRaw("i2")), charToRaw("K"), as.raw(0),
  charToRaw("K"), as.raw(1), charToRaw("tR(K"), as.raw(3), string(0x3c),
  charToRaw("NNNJ"), rep(as.raw(0xff), 4), charToRaw("J"), rep(as.raw(0xff), 4),
  charToRaw("K"), as.raw(0), charToRaw("tbI00\n"), string(0xe9, 0x00, 0xff, 0xff),
  charToRaw("tb"), stop_code
)
naive <- c(
  charToRaw("cdatetime\ndatetime\n("), string(0x07, 0xe4, 0x01, 0x02, 3, 4, 5, 0, 0, 0xe9 - 0x80),
  charToRaw("tR"), stop_code
)

test_that("arrays and times are read in each encoding", {
  for (encoding in c("ASCII", "latin1", "bytes", "utf-8")) {
    expect_identical(read_pickle(numpy_array, encoding = encoding)[], c(233L, -1L),
                     info = encoding)
    expect_identical(format(read_pickle(naive, encoding = encoding)), "2020-01-02 03:04:05",
                     info = encoding)
  }
})

test_that("the colleague's files are read", {
  file <- function(name) shared("cases", "colleague", paste0("py2_latin1_", name, ".pkl"))
  x <- read_pickle(file("strings"), encoding = "latin1")
  expect_true("Caf\u00e9" %in% unlist(x))
  x <- read_pickle(file("key_only"), encoding = "latin1")
  expect_true("caf\u00e9" %in% tolower(names(x)))
  to <- withr::local_tempfile(fileext = ".mmdpickle")
  convert_pickle(file("key_only"), to, encoding = "latin1")
  m <- local_mmapdict(to, readonly = TRUE)
  expect_identical(names(m), names(x))
})
