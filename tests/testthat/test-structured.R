# Structured arrays in the Python library's own form, which NumPy cannot load: their dtype is
# a text in Python's notation.

unreadable <- function(env = parent.frame()) {
  path <- withr::local_tempfile(fileext = ".mmdpickle", .local_envir = env)
  file.copy(fixture("dtypes-unreadable.mmdpickle"), path)
  path
}
frames <- list(
  structured = data.frame(a = c(1L, 3L), b = c(2.5, 4.5)),
  offsets = data.frame(x = c(0L, 0L), y = c(0L, 0L)),
  aligned = data.frame(a = c(0L, 0L), b = c(0, 0)),
  masked_structured = data.frame(a = 1:2)
)
expect_frames <- function(m) {
  for (key in names(frames)) expect_identical(materialize_all(m[[key]]), frames[[key]], info = key)
  expect_identical(m[["nested"]]$q$s[], 3.5)
  expect_identical(dim(m[["with_subarray"]]$t), c(2L, 3L))
}
materialize_all <- function(x) {
  x[] <- lapply(x, materialize)
  x
}

test_that("they are data frames", {
  m <- suppressWarnings(mmapdict(unreadable()))
  withr::defer(close(m))
  expect_frames(m)
  expect_true(is_view(m[["structured"]]$b))
})

test_that("their rows are read and written in place", {
  path <- unreadable()
  m <- suppressWarnings(mmapdict(path))
  withr::defer(close(m))
  size <- file.size(path)
  expect_identical(m["structured", 2:1]$b, c(4.5, 2.5))
  m["structured", 2] <- data.frame(a = 7L, b = -1)
  expect_identical(materialize_all(m[["structured"]]), data.frame(a = c(1L, 7L), b = c(2.5, -1)))
  expect_identical(file.size(path), size)
  m["structured", 2] <- data.frame(a = 3L, b = 4.5)
  expect_frames(m)
})

test_that("they are sound, stay where they are in a repair, and are healed by an upgrade", {
  path <- unreadable()
  expect_false(any(fsck(path)$harmful))
  bytes <- readBin(path, "raw", 1e5)
  fsck(path, repair = TRUE)
  expect_identical(readBin(path, "raw", 1e5), bytes)
  m <- suppressWarnings(mmapdict(path))
  keys <- names(m)
  vacuum(m, upgrade = TRUE)
  expect_identical(names(m), keys)
  expect_frames(m)
  close(m)
  require_python()
  code <- paste(sep = "\n",
    "import pathlib, pickle, sys",
    "x = pickle.loads(pathlib.Path(sys.argv[1]).read_bytes())",
    "print(x['structured'].tolist(), x['structured'].dtype)",
    "print(x['aligned'].dtype.isalignedstruct, x['offsets'].dtype.fields['x'][1])",
    "print(type(x['masked_structured']).__name__)"
  )
  expect_identical(run_python(code, path), c(
    "[(1, 2.5), (3, 4.5)] [('a', '<i4'), ('b', '<f8')]", "True 4", "MaskedArray"
  ))
})

test_that("a dtype's text that lies is damage, and nothing more", {
  base <- readBin(fixture("dtypes-unreadable.mmdpickle"), "raw", 1e5)
  text <- "[('a', '<i4'), ('b', '<f8')]"
  for (lie in c("[('a', '<i4'), ('b', '<f4')]", "[('a', '<i4'), ('b', 'O')] ",
                "[('a', '<i4'), ('a', '<f8')", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
                "{'names':['a'],'formats':[]}", "[('a', '<i4', (9999999999,))")) {
    at <- grepRaw(text, base, fixed = TRUE)
    bytes <- base
    lie <- formatC(substr(lie, 1L, nchar(text)), width = -nchar(text))
    bytes[at + seq_len(nchar(text)) - 1L] <- charToRaw(lie)
    path <- withr::local_tempfile(fileext = ".mmdpickle")
    writeBin(bytes, path)
    m <- suppressWarnings(mmapdict(path, readonly = TRUE))
    expect_error(m[["structured"]], class = "mmappickle_error_format", info = lie)
    expect_identical(m[["after"]][], 3:4)
    close(m)
  }
})
