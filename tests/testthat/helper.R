# Files to test with, Python, and what several tests ask for.

# -- stores -----------------------------------------------------------------------------

# A new store that is closed and removed when the test ends.
local_store <- function(..., .local_envir = parent.frame()) {
  m <- mmapdict(withr::local_tempfile(fileext = ".mmdpickle", .local_envir = .local_envir), ...)
  withr::defer(close(m), envir = .local_envir)
  m
}

# Progress is told at each poll, not from a second on.
local_no_quiet <- function(.local_envir = parent.frame()) {
  asNamespace("mmappickle")$progress_quiet(0)
  withr::defer(asNamespace("mmappickle")$progress_quiet(1), envir = .local_envir)
}

new_path <- function(.local_envir = parent.frame()) {
  withr::local_tempfile(fileext = ".mmdpickle", .local_envir = .local_envir)
}

path_of <- function(m) asNamespace("mmappickle")$own(m, ".path")

file_bytes <- function(path) readBin(path, "raw", file.size(path))

# A file with one entry, from the bytes of its value.
write_entry_file <- function(path, key, value, memo_max = 0L, number = 1L) {
  key <- if (is.raw(key)) key else charToRaw(enc2utf8(key))
  size <- 2 + length(key) + length(value) + 8
  writeBin(c(header_bytes(number), as.raw(0x95), u64(size), as.raw(c(0x8c, length(key))),
             key, value, as.raw(0x4a), i32(memo_max), as.raw(c(0x30, 0x88, 0x30)),
             terminator_bytes()), path)
  path
}

header_bytes <- function(number = 0L, version = 1L) {
  c(as.raw(c(0x80, 4, 0x95)), u64(13), as.raw(0x4a), i32(version), as.raw(0x30),
    as.raw(0x4a), i32(number), as.raw(c(0x30, 0x28)))
}
terminator_bytes <- function() c(as.raw(0x95), u64(2), as.raw(c(0x64, 0x2e)))
i32 <- function(x) writeBin(as.integer(x), raw(), endian = "little")
u64 <- function(x) {
  c(writeBin(bitwAnd32(x %% 2^32), raw(), endian = "little"), i32(x %/% 2^32))
}
bitwAnd32 <- function(x) as.integer(if (x >= 2^31) x - 2^32 else x)

hex_raw <- function(hex) {
  if (!nzchar(hex)) {
    return(raw())
  }
  at <- seq(1L, nchar(hex), 2L)
  as.raw(strtoi(substring(hex, at, at + 1L), 16L))
}
raw_hex <- function(x) paste(as.character(x), collapse = "")

# -- the package ---------------------------------------------------------------------------

# What the package exports, each once: mmap_entries() is entries().
exported_functions <- function() {
  names <- getNamespaceExports("mmappickle")
  short <- sub("^mmap_", "", names)
  names[short == names | !short %in% names]
}

# -- fixtures ------------------------------------------------------------------------------

# The project's own copy, unpacked where it is gzipped.
fixture <- function(name, .local_envir = parent.frame()) {
  plain <- testthat::test_path("fixtures", name)
  if (file.exists(plain)) {
    return(plain)
  }
  packed <- paste0(plain, ".gz")
  if (!file.exists(packed)) testthat::skip(paste("no fixture", name))
  path <- withr::local_tempfile(fileext = paste0("-", name), .local_envir = .local_envir)
  connection <- gzfile(packed, "rb")
  on.exit(close(connection))
  bytes <- raw()
  repeat {
    chunk <- readBin(connection, "raw", 1e6)
    if (!length(chunk)) break
    bytes <- c(bytes, chunk)
  }
  writeBin(bytes, path)
  path
}

# A copy that may be written to.
fixture_copy <- function(name, .local_envir = parent.frame()) {
  path <- new_path(.local_envir)
  file.copy(fixture(name), path)
  Sys.chmod(path, "0644")
  path
}

# Folder of the shared fixtures and corpora, or skip.
shared <- function(...) {
  root <- Sys.getenv("MMAPPICKLE_SHARED")
  if (!nzchar(root)) root <- testthat::test_path("..", "..", "..", "shared")
  path <- file.path(root, ...)
  if (!file.exists(path)) testthat::skip("no shared corpora here")
  path
}

read_json <- function(text) jsonlite::fromJSON(text, simplifyVector = FALSE)

# -- Python --------------------------------------------------------------------------------

python <- function() Sys.getenv("MMAPPICKLE_PYTHON", "/usr/bin/python3")

# The Pythons to try: that of all tests, and a second one with another NumPy, if there is
# one (MMAPPICKLE_PYTHON2).
pythons <- function() {
  second <- Sys.getenv("MMAPPICKLE_PYTHON2")
  c(python(), if (nzchar(second)) second)
}

# Looked for once a session: it takes NumPy a while to be imported.
has_python <- local({
  found <- list()
  function() {
    if (is.null(found[[python()]])) {
      found[[python()]] <<- nzchar(Sys.which(python())) &&
        suppressWarnings(system2(python(), c("-c", shQuote("import numpy")),
                                 stdout = FALSE, stderr = FALSE)) == 0L
    }
    found[[python()]]
  }
})

require_python <- function() {
  testthat::skip_on_cran()
  if (!has_python()) {
    if (nzchar(Sys.getenv("MMAPPICKLE_REQUIRE_PYTHON"))) {
      stop("Python with NumPy is required here: ", python())
    }
    testthat::skip("no Python with NumPy")
  }
}

# Runs a script; warnings are errors. Its output, a line an element.
run_python <- function(script, ...) {
  if (!file.exists(script)) {
    file <- withr::local_tempfile(fileext = ".py", lines = script)
  } else {
    file <- script
  }
  out <- suppressWarnings(system2(
    python(), c("-W", "error", shQuote(file), shQuote(c(...))),
    stdout = TRUE, stderr = TRUE
  ))
  status <- attr(out, "status")
  if (!is.null(status) && status != 0L) {
    stop("Python failed:\n", paste(out, collapse = "\n"))
  }
  as.vector(out)
}

# What pickle.load gives for a file: a list of descriptions by key.
python_describe <- function(path) {
  lines <- run_python(testthat::test_path("python", "describe_small.py"), path)
  entries <- lapply(lines, read_json)
  values <- lapply(entries, `[[`, "value")
  names(values) <- vapply(entries, function(e) e$key$v %||% "", "")
  values
}

`%||%` <- function(x, y) if (is.null(x)) y else x

# The value or condition of an expression in a process that obeys file permissions: this one,
# or, for root, a child without privileges (the user stays, so that it may read the library).
as_plain_user <- function(expression) {
  skip_on_os("windows")
  probe <- withr::local_tempfile(lines = "")
  Sys.chmod(probe, "000")
  if (file.access(probe, 4) != 0) {
    return(tryCatch(eval(expression), error = identity))
  }
  skip_if(!nzchar(Sys.which("setpriv")), "no setpriv on this platform to leave the root user with")
  out <- withr::local_tempfile()
  script <- withr::local_tempfile(fileext = ".R", lines = c(
    "library(mmappickle)",
    paste0("value <- tryCatch(", deparse1(expression), ", error = identity)"),
    paste0("saveRDS(value, ", deparse1(out), ")")
  ))
  withr::local_envvar(R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  system2(
    "setpriv", c("--bounding-set=-all", "--inh-caps=-all", file.path(R.home("bin"), "Rscript"),
                 "--vanilla", shQuote(script)),
    stdout = FALSE, stderr = FALSE
  )
  readRDS(out)
}

# -- expectations ----------------------------------------------------------------------------

expect_kind <- function(object, kind) {
  testthat::expect_error(object, class = paste0("mmappickle_error_", kind))
}

# Words of an error, the paths of this machine taken out.
without_paths <- function(lines) {
  lines <- gsub("[^ \"'(]*/(file)?[0-9a-z]+[^/ ]*\\.mmdpickle", "<path>", lines)
  gsub("(/[^/ \"']+)*/Rtmp[^/ ]*/[^ \"']*[^ \"'.,:]", "<path>", lines)
}

expect_unchanged_file <- function(m, code) {
  before <- file_bytes(path_of(m))
  force(code)
  expect_identical(file_bytes(path_of(m)), before)
}

# Descriptions of what the fixtures hold, by file name.
described_fixtures <- local({
  known <- NULL
  function() {
    if (is.null(known)) {
      connection <- gzfile(testthat::test_path("fixtures", "expected.json.gz"))
      on.exit(close(connection))
      known <<- jsonlite::fromJSON(
        paste(readLines(connection, warn = FALSE), collapse = "\n"), simplifyVector = FALSE
      )
    }
    known
  }
})
described_fixture <- function(name) described_fixtures()[[name]]$entries

# What each call says in its error or warning, in the same form under all versions of testthat.
said <- function(...) {
  for (call in eval(substitute(alist(...)))) {
    condition <- tryCatch(
      {
        eval(call, parent.frame())
        simpleCondition("says nothing")
      },
      condition = identity
    )
    cat(conditionMessage(condition), "\n\n", sep = "")
  }
}

# NaN of any bits as NA, for what passed a type that keeps no payload.
na_for_nan <- function(x) {
  if (is.double(x) || is.complex(x)) x[is.na(x)] <- NA
  x
}
