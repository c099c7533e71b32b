test_that("vacuum() gives space back and keeps every value", {
  m <- local_store()
  for (i in 1:20) m[[paste0("k", i)]] <- as.double(seq_len(i * 10))
  m[["text"]] <- list(a = "b", c = c(x = 1))
  for (i in seq(1, 20, 2)) m[[paste0("k", i)]] <- NULL
  m[["k2"]] <- matrix(1:4, 2)
  values <- lapply(as.list(m), materialize)
  before <- file.size(path_of(m))
  expect_identical(vacuum(m), m)
  expect_lt(file.size(path_of(m)), before)
  expect_identical(lapply(as.list(m), materialize), values)
  expect_identical(nrow(fsck(m)), 0L)
  expect_false(any(!entries(m, dead = TRUE)$live & entries(m, dead = TRUE)$kind != "padding"))
  m[["after"]] <- 1
  expect_identical(m[["after"]], 1)
})

test_that("views stay valid", {
  skip_on_os("windows")
  m <- local_store()
  m[["dead"]] <- rnorm(1e4)
  m[["x"]] <- c(1, 2, 3)
  x <- m[["x"]]
  m[["dead"]] <- NULL
  vacuum(m)
  expect_identical(sum(x), 6)
  m["x", 1] <- 100
  expect_identical(m[["x"]][], c(100, 2, 3))
  expect_identical(x[], c(1, 2, 3))
})

test_that("sparse parts stay sparse", {
  skip_on_os("windows")
  m <- local_store()
  m[["stub"]] <- empty_ndarray(c(1000, 1000, 100))
  m["stub", 1000, 1000, 100] <- 5
  m[["dead"]] <- 1
  m[["dead"]] <- NULL
  vacuum(m)
  expect_identical(m["stub", 1000, 1000, 100], 5)
  blocks <- system2("du", c("-k", shQuote(path_of(m))), stdout = TRUE)
  expect_lt(as.numeric(sub("\t.*", "", blocks)), 10000)
})

test_that("it is refused read-only, and where others have the file open", {
  m <- local_store()
  m[["a"]] <- 1
  r <- mmapdict(path_of(m), readonly = TRUE)
  withr::defer(close(r))
  expect_kind(vacuum(r), "readonly")
  skip_on_cran()
  skip_on_os("windows")
  skip_if_not_installed("callr")
  ready <- withr::local_tempfile()
  child <- callr::r_bg(function(path, ready) {
    m <- mmappickle::mmapdict(path)
    file.create(ready)
    Sys.sleep(30)
  }, list(path_of(m), ready))
  withr::defer(child$kill())
  for (i in 1:1000) {
    if (file.exists(ready) || !child$is_alive()) break
    Sys.sleep(0.01)
  }
  expect_kind(vacuum(m), "busy")
  vacuum(m, force = TRUE)
  expect_identical(m[["a"]], 1)
})

test_that("arguments are checked", {
  m <- local_store()
  expect_kind(vacuum(m, force = NA), "value")
  expect_kind(vacuum(m, upgrade = "yes"), "value")
})

test_that("progress is told as a fraction", {
  m <- local_store()
  m[["gone"]] <- 1
  m[["a"]] <- rnorm(1e5)
  m[["gone"]] <- NULL
  seen <- numeric()
  report <- function(x) seen <<- c(seen, x)
  withr::local_options(mmappickle.progress = report)
  local_no_quiet()
  vacuum(m)
  seen <- seen[!is.na(seen)]  # before there was anything to do
  expect_gt(length(seen), 0)
  expect_true(all(seen >= 0 & seen <= 1))
  expect_false(is.unsorted(seen))
})

# -- upgrade -----------------------------------------------------------------------------------

# Fixtures whose every value the Python library and this package read.
python_files_of_old <- c(
  "quickstart", "dtypes", "masked", "orders", "objects", "objects-classes", "objects-pandas",
  "keys", "holes", "holes-same-key", "refs", "unaligned", "vacuumed-then-more",
  "converted-p0", "converted-p4", "growing-3", "shapes", "stub", "commit_wrap-min", "empty"
)
old_file <- function(name, .local_envir = parent.frame()) {
  fixture_copy(paste0(name, ".mmdpickle"), .local_envir)
}
# Those with classes that not every Python has.
foreign <- c("objects", "objects-classes", "objects-pandas")

test_that("upgrade makes old arrays portable, and keeps every value", {
  for (name in python_files_of_old) {
    path <- old_file(name)
    m <- mmapdict(path)
    before <- readings(m)
    keys <- names(m)
    expect_identical(expect_invisible(vacuum(m, upgrade = TRUE)), m)
    expect_identical(names(m), keys, info = name)
    table <- entries(m, dead = TRUE)
    expect_true(all(table$portable %in% c(NA, TRUE)), info = name)
    expect_true(all(table$offset[!is.na(table$offset)] %% 64 == 0), info = name)
    expect_identical(mmappickle:::store_old_arrays(mmappickle:::pointer(m)), 0, info = name)
    expect_identical(differing(before, readings(m)), character(), info = name)
    expect_identical(nrow(fsck(m)), 0L, info = name)
    # Nothing is left for a second upgrade.
    bytes <- file_bytes(path)
    vacuum(m, upgrade = TRUE)
    expect_identical(file_bytes(path)[-(19:22)], bytes[-(19:22)], info = name)
    close(m)
  }
})

test_that("upgrade leaves what Python loads as it was, NumPy's old names aside", {
  require_python()
  names <- setdiff(python_files_of_old, foreign)
  copies <- function(env) vapply(names, old_file, "", .local_envir = env)
  before <- copies(environment())
  after <- copies(environment())
  for (path in after) {
    m <- mmapdict(path)
    vacuum(m, upgrade = TRUE)
    close(m)
  }
  numpy <- run_python("import numpy; print(numpy.__version__)")
  loads_old <- package_version(sub("[a-z].*$", "", numpy)) < "2.3"
  expect_same_in_python(if (loads_old) before else "-", after)
  for (python in pythons()[-1L]) {  # cannot load the old ones
    withr::local_envvar(MMAPPICKLE_PYTHON = python)
    expect_same_in_python("-", after)
  }
})

test_that("upgrade rewrites arrays inside of values", {
  require_python()
  path <- new_path()
  # Entries as the Python library writes them: plain opcodes, with memo slots by number.
  run_python(python_script(
    "import pickle, struct, sys, warnings, numpy as np",
    "warnings.simplefilter('ignore')",
    "a = np.arange(3.)",
    "values = {'list': [a, a, 'x'], 'records': np.rec.array([(1, 2.)], names='x,y'),",
    "          'objects': np.array([a, None], object), 'masked': {'m': np.ma.array([1, 2])},",
    "          'matrix': [np.matrix([[1]])], 'plain': [1, 'x'], 'scalar': np.float32(1.5)}",
    "def frame(b): return b'\\x95' + struct.pack('<Q', len(b)) + b",
    "head = b'J' + struct.pack('<i', 1) + b'0J' + struct.pack('<i', 7) + b'0('",
    "out = b'\\x80\\x04' + frame(head)",
    "for key, value in values.items():",
    "    p = pickle._dumps(value, protocol=3)[2:-1]",
    "    out += frame(b'\\x8c' + bytes([len(key)]) + key.encode() + p + b'J' +",
    "                 struct.pack('<i', 255) + b'0\\x880')",
    "open(sys.argv[1], 'wb').write(out + frame(b'd.'))"
  ), path)
  before <- new_path()
  file.copy(path, before)
  m <- mmapdict(path)
  withr::defer(close(m))
  values <- readings(m)
  vacuum(m, upgrade = TRUE)
  expect_identical(differing(values, readings(m)), character())
  expect_identical(view_info(m[["list"]][[1]])$offset %% 64, 0)
  expect_same_in_python(before, path)
})

test_that("upgrade keeps R's attributes", {
  m <- mmapdict(old_file("quickstart"))
  withr::defer(close(m))
  values <- list(
    a = c(x = 1, y = 2), l = list(p = c(u = 1L), q = matrix(1:4 + 0, 2, dimnames = list(NULL, 1:2)))
  )
  for (key in names(values)) m[[key]] <- values[[key]]
  vacuum(m, upgrade = TRUE)
  expect_identical(lapply(m[names(values)], materialize), values)
})

test_that("what nobody can read is copied as it is, and named", {
  path <- old_file("dtypes-unreadable")
  bytes <- file_bytes(path)
  for (dtype in c("[('a', '<i4'), ('b', '<f8')]", "[('t', '<i2', (3,))]")) {
    at <- grepRaw(dtype, bytes, fixed = TRUE)
    bytes[at] <- charToRaw("?")
  }
  writeBin(bytes, path)
  m <- mmapdict(path)
  withr::defer(close(m))
  damaged <- entries(m)$key[entries(m)$kind == "damaged"]
  expect_gt(length(damaged), 1L)
  good <- setdiff(names(m), damaged)
  before <- lapply(m[good], materialize)
  warning <- expect_warning(vacuum(m, upgrade = TRUE), class = "mmappickle_warning_upgrade")
  expect_match(conditionMessage(warning), "could not be read")
  expect_match(conditionMessage(warning), paste0("\"", damaged[[1L]], "\""), fixed = TRUE)
  expect_identical(lapply(m[good], materialize), before)
  expect_identical(entries(m)$key[entries(m)$kind == "damaged"], damaged)
})

test_that("opening a file with old arrays says so, once per file and session", {
  withr::local_options(mmappickle.upgrade_warning = TRUE)
  path <- old_file("holes")
  other <- old_file("quickstart")
  expect_upgrade <- function(code, words) {
    warning <- expect_warning(code, class = "mmappickle_warning_upgrade")
    expect_match(conditionMessage(warning), words, fixed = TRUE)
    expect_match(conditionMessage(warning), "vacuum(m, upgrade = TRUE)", fixed = TRUE)
    expect_match(conditionMessage(warning), "NumPy 2.3", fixed = TRUE)
  }
  # R reads them: who only reads has nothing to do.
  old <- expect_no_warning(mmapdict(path, readonly = TRUE))
  live <- sum(entries(old)$portable %in% FALSE)
  all <- sum(entries(old, dead = TRUE)$portable %in% FALSE)
  expect_gt(all, live)
  close(old)
  expect_upgrade(close(mmapdict(path)), paste("holds", all, "arrays in"))
  expect_no_warning(close(mmapdict(path)))
  expect_upgrade(close(mmapdict(other)), "holds 1 array in")
  expect_no_warning(close(mmapdict(other)))
  third <- old_file("holes")
  expect_upgrade(m <- mmapdict(third), paste("holds", all, "arrays in"))
  vacuum(m, upgrade = TRUE)
  close(m)
  # A copy that this session does not know yet: upgraded, there is nothing to say.
  fourth <- new_path()
  file.copy(third, fourth)
  expect_no_warning(close(mmapdict(fourth)))
  # Portable files, and those with the option, are silent.
  expect_no_warning(close(mmapdict(old_file("portable-example"))))
  withr::local_options(mmappickle.upgrade_warning = FALSE)
  expect_no_warning(close(mmapdict(old_file("holes"))))
})

test_that("a dead array counts, one that lost its padding does not", {
  m <- mmapdict(old_file("quickstart"))
  count <- function(m) mmappickle:::store_old_arrays(mmappickle:::pointer(m))
  key <- entries(m)$key[entries(m)$portable %in% FALSE]
  m[[key]] <- NULL
  expect_identical(count(m), 1)
  vacuum(m)
  expect_identical(count(m), 0)
  m[["x"]] <- c(1, 2)
  expect_identical(count(m), 0)
  close(m)
})

file_inode <- function(path) {
  sub(" .*", "", trimws(system2("ls", c("-i", shQuote(path)), stdout = TRUE)))
}

test_that("where there is nothing to do, nothing is done", {
  skip_on_os("windows")
  m <- local_store()
  m[["a"]] <- matrix(1:6, 2)
  m[["b"]] <- list(1, "x", rnorm(100))
  m[["c"]] <- "text"
  m[["b"]] <- NULL
  vacuum(m)
  for (upgrade in c(FALSE, TRUE)) {
    inode <- file_inode(path_of(m))
    number <- commit_number(m)
    bytes <- file_bytes(path_of(m))
    vacuum(m, upgrade = upgrade)
    expect_identical(file_inode(path_of(m)), inode)
    expect_identical(commit_number(m), number)
    expect_identical(file_bytes(path_of(m)), bytes)
  }
  m[["c"]] <- "other"
  inode <- file_inode(path_of(m))
  size <- file.size(path_of(m))
  vacuum(m)
  expect_false(identical(file_inode(path_of(m)), inode))
  expect_lt(file.size(path_of(m)), size)
})
