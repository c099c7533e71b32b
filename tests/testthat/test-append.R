test_that("the first append makes the entry, the others add to it", {
  m <- local_store()
  expect_invisible(mmap_append(m, "x", c(1, 2)))
  mmap_append(m, "x", 3)
  mmap_append(m, "x", 4:5)
  expect_identical(m[["x"]][], c(1, 2, 3, 4, 5))
  m$x[5] <- 50
  m["x", 1] <- 10
  mmap_append(m, "x", numeric())
  expect_identical(m$x[], c(10, 2, 3, 4, 50))
  expect_identical(entries(m)$shape[[1L]], 5)
  expect_gte(entries(m)$capacity, 5)
  expect_snapshot(said(m$x[6] <- 1))
})

test_that("every type of array grows, beside a plain vector in memory", {
  set.seed(7)
  types <- list(
    float64 = function(n) rnorm(n), int32 = function(n) sample(100L, n, TRUE),
    bool = function(n) sample(c(TRUE, FALSE), n, TRUE), complex128 = function(n) complex(n, 1, 2),
    uint8 = function(n) sample(255L, n, TRUE), float32 = function(n) sample(8, n, TRUE) / 4,
    int64 = function(n) as.double(sample(100L, n, TRUE)), U5 = function(n) sample(letters, n, TRUE),
    S3 = function(n) sample(LETTERS, n, TRUE), `>f8` = function(n) rnorm(n),
    `datetime64[D]` = function(n) as.Date("2024-01-01") + sample(100, n, TRUE),
    `datetime64[ns]` = function(n) as.POSIXct("2024-01-01", "UTC") + sample(100, n, TRUE),
    `timedelta64[s]` = function(n) as.difftime(sample(100, n, TRUE), units = "secs")
  )
  m <- local_store()
  for (dtype in names(types)) {
    wanted <- NULL
    for (i in 1:30) {
      new <- types[[dtype]](sample(0:40, 1L))
      wanted <- if (is.null(wanted)) new else c(wanted, new)
      mmap_append(m, dtype, ndarray(new, dtype))
      if (i %in% c(1, 2, 17, 30)) expect_equal(materialize(m[[dtype]]), wanted, label = dtype)
    }
  }
  expect_identical(nrow(fsck(m)), 0L)
  wanted <- lapply(m[names(types)], materialize)
  vacuum(m)
  expect_equal(lapply(m[names(types)], materialize), wanted)
  expect_true(all(entries(m)$capacity - lengths(wanted) <= 4))
})

test_that("arrays of higher rank grow along Python's first axis, masked ones, too", {
  for (dims in c("same", "reversed")) {
    m <- local_store(dims = dims)
    turn <- function(x) if (dims == "same") x else aperm(x)
    x <- array(1:24, c(4, 2, 3))
    x[2, 1, 2] <- NA
    mmap_append(m, "x", turn(x[1, , , drop = FALSE]))
    expect_error(mmap_append(m, "x", turn(x[2:4, , ])), class = "mmappickle_error_value")
    m[["x"]] <- turn(x[1:2, , ])  # masked, not growing yet
    mmap_append(m, "x", turn(x[3, , , drop = FALSE]))
    mmap_append(m, "x", turn(x[4, , ]))  # one row, without its dimension
    expect_identical(m[["x"]][, , ], turn(x))
    mmap_append(m, "x", turn(x))
    more <- if (dims == "same") c(4L, 0L, 0L) else c(0L, 0L, 4L)
    expect_identical(dim(m[["x"]]), dim(turn(x)) + more)
    expect_identical(entries(m)$kind, "masked")
    mmap_append(m, "y", turn(matrix(1:6, 2)))
    mmap_append(m, "y", c(7L, 8L, 9L))
    expect_identical(m[["y"]][, ], turn(rbind(matrix(1:6, 2), 7:9)))
    expect_error(mmap_append(m, "y", 1:2), class = "mmappickle_error_value")
    expect_error(mmap_append(m, "y", matrix(1:4, 2)), class = "mmappickle_error_value")
  }
})

test_that("growing_ndarray() begins with room that takes no disk", {
  path <- new_path()
  m <- mmapdict(path)
  m[["x"]] <- growing_ndarray(c(0, 1000), "float64", capacity = 10000)
  expect_identical(dim(m[["x"]]), c(0L, 1000L))
  expect_gte(entries(m)$capacity, 10000)
  offset <- entries(m)$offset
  for (i in 1:3) mmap_append(m, "x", rep(i, 1000))
  expect_identical(entries(m)$offset, offset)
  expect_identical(m["x", , 5], c(1, 2, 3))
  skip_on_os(c("windows", "mac"))
  disk <- sub("\\s.*", "", system2("du", c("-k", path), stdout = TRUE))
  expect_lt(as.numeric(disk), 200)
  m[["i"]] <- growing_ndarray(0, "int8", masked = TRUE)
  mmap_append(m, "i", c(1L, NA))
  expect_identical(m[["i"]][], c(1L, NA))
  expect_output(print(growing_ndarray(0, capacity = 1e4)), "room for 10,000 rows")
  expect_error(growing_ndarray(numeric()), class = "mmappickle_error_value")
  expect_error(growing_ndarray(1, capacity = -1), class = "mmappickle_error_value")
  vacuum(m, keep_room = TRUE)
  expect_gte(entries(m)$capacity[[1L]], 10000)
  vacuum(m)
  expect_identical(entries(m)$capacity[[1L]], 3)
})

test_that("data frames grow as structured arrays, all columns at once", {
  m <- local_store()
  row <- function(i) {
    data.frame(
      time = as.POSIXct("2024-01-01", "UTC") + i, level = c("info", "warn")[i %% 2 + 1], n = i,
      ok = i > 2
    )
  }
  mmap_append(m, "log", ndarray(row(1L), c(level = "U8")))
  for (i in 2:60) mmap_append(m, "log", row(i))
  expect_equal(materialize(m[["log"]]$n), 1:60)
  expect_equal(as.data.frame(lapply(m[["log"]], materialize)), row(1:60))
  expect_error(mmap_append(m, "log", transform(row(1L), level = "far too long")),
               "U40", class = "mmappickle_error_value")
  expect_error(mmap_append(m, "log", row(1L)[1:2]), class = "mmappickle_error_value")
  expect_error(mmap_append(m, "log", 1), class = "mmappickle_error_value")
  expect_error(mmap_append(m, "log", transform(row(1L), n = NA)), class = "mmappickle_error_value")
  expect_length(m[["log"]]$n, 60L)
  m[["log"]][2, ] <- row(9L)
  expect_equal(m[["log"]]$n[2], 9L)
  m[["dict"]] <- row(1L)
  expect_snapshot(said(mmap_append(m, "dict", row(2L))))
  # With a mask from the beginning NA may come later.
  m[["masked"]] <- ndarray(transform(row(1:2), n = c(NA, 2L)))
  mmap_append(m, "masked", transform(row(3L), n = NA))
  expect_identical(materialize(m[["masked"]]$n), c(NA, 2L, NA))
})

test_that("what does not fit is refused, and nothing is written", {
  m <- local_store()
  mmap_append(m, "i", 1:3)
  mmap_append(m, "u", "abc")
  before <- file_bytes(path_of(m))
  for (x in list(1.5, 1e10, NA, "a", list(1), mean, NULL, factor("a"), data.frame(a = 1))) {
    expect_error(mmap_append(m, "i", x), class = "mmappickle_error")
  }
  expect_error(mmap_append(m, "u", "abcd"), "U40", class = "mmappickle_error_value")
  expect_error(mmap_append(m, "new", list(1, 2)), class = "mmappickle_error_value")
  expect_error(mmap_append(m, "new", c(a = 1)), class = "mmappickle_error_value")
  for (along in list(2, 0, NA, 1:2, "1", NULL)) {
    expect_error(mmap_append(m, "i", 1, along = along), class = "mmappickle_error_value")
    expect_error(mmap_append(m, "new", 1, along = along), class = "mmappickle_error_value")
  }
  expect_error(mmap_append(m, c("i", "u"), 1), class = "mmappickle_error_key")
  expect_identical(file_bytes(path_of(m)), before)
  m[["value"]] <- list(1, "a")
  m[["one"]] <- 1
  m[["named"]] <- c(a = 1, b = 2)
  expect_error(mmap_append(m, "value", 1), class = "mmappickle_error_index")
  expect_error(mmap_append(m, "one", 1), class = "mmappickle_error_index")
  expect_error(mmap_append(m, "named", 1), class = "mmappickle_error_value")
  close(m)
  expect_error(mmap_append(m, "i", 1), class = "mmappickle_error_closed")
  expect_error(mmap_append(mmapdict(path_of(m), readonly = TRUE), "i", 1),
               class = "mmappickle_error_readonly")
})

test_that("views keep their length, also where the array moves away", {
  m <- local_store()
  mmap_append(m, "x", c(1, 2, 3))
  old <- m[["x"]]
  n <- mmapdict(path_of(m))
  for (i in 1:2000) mmap_append(if (i %% 2) m else n, "x", i)
  expect_identical(old[], c(1, 2, 3))
  expect_identical(m[["x"]][], c(1, 2, 3, 1:2000))
  expect_identical(n[["x"]][], m[["x"]][])
  # What is appended is a view of the array itself.
  mmap_append(m, "x", m[["x"]])
  mmap_append(m, "x", m[["x"]])
  expect_identical(m[["x"]][], rep(c(1, 2, 3, 1:2000), 4L))
  size <- file.size(path_of(m))
  expect_lt(summary(m)$dead, 2 * size)
  n[["copy"]] <- m[["x"]]
  mmap_append(n, "copy", 1)
  expect_length(n[["copy"]], 4L * 2003L + 1L)
})

test_that("Python sees each length, and what Python wrote through its map stays", {
  require_python()
  m <- local_store()
  mmap_append(m, "x", matrix(1:4 + 0, 2))
  mmap_append(m, "log", data.frame(n = 1L, t = "a"))
  mmap_append(m, "masked", c(1L, NA))
  mmap_append(m, "x", c(5, 6))
  mmap_append(m, "log", data.frame(n = 2L, t = "b"))
  mmap_append(m, "masked", c(NA, 7L))
  code <- paste(
    "import pickle, sys, numpy, warnings",
    "warnings.simplefilter('error')",
    "for unpickler in (pickle.Unpickler, pickle._Unpickler):",
    "    with open(sys.argv[1], 'rb') as file:",
    "        d = unpickler(file).load()",
    "    x = d['x']",
    "    assert x.tolist() == [[1, 3], [2, 4], [5, 6]], x",
    "    assert x.flags.writeable and x.flags.owndata and x.flags.c_contiguous",
    "    assert d['log'].tolist() == [(1, 'a'), (2, 'b')], d['log']",
    "    assert d['masked'].tolist() == [1, None, None, 7], d['masked']",
    sep = "\n"
  )
  script <- withr::local_tempfile(lines = code, fileext = ".py")
  expect_identical(system2(python(), c(script, path_of(m))), 0L)
})

test_that("two sessions append to one array, a third one reads", {
  skip_on_cran()
  skip_if_not_installed("callr")
  m <- local_store()
  write <- function(path, id) {
    m <- mmappickle::mmapdict(path)
    for (i in 1:300) mmappickle::mmap_append(m, "x", id * 1000 + rep(i, 5))
    close(m)
  }
  writers <- list(start_r(write, path_of(m), 1), start_r(write, path_of(m), 2))
  repeat {
    alive <- any(vapply(writers, function(w) w$is_alive(), NA))
    x <- mmap_get(m, "x", numeric())[]
    rows <- matrix(x, 5L)
    if (length(x) %% 5L || any(rows == 0) || any(rows != rep(rows[1L, ], each = 5L))) break
    if (!alive) break
  }
  lapply(writers, result_of_r)
  x <- m[["x"]][]
  expect_length(x, 3000L)
  expect_identical(x[x >= 2000], 2000 + rep(1:300, each = 5L))
  expect_identical(x[x < 2000], 1000 + rep(1:300, each = 5L))
  expect_identical(nrow(fsck(m)), 0L)
})

test_that("Python writes through its own map while R appends", {
  skip_on_os("windows")
  require_python()
  m <- local_store()
  m[["x"]] <- growing_ndarray(c(4, 10), capacity = 600)
  offset <- entries(m)$offset
  code <- paste(
    "import numpy, sys",
    "x = numpy.memmap(sys.argv[1], 'float64', 'r+', int(sys.argv[2]), (4, 10))",
    "for i in range(20000): x[i % 4] = i",
    sep = "\n"
  )
  script <- withr::local_tempfile(lines = code, fileext = ".py")
  system2(python(), c(script, path_of(m), format(offset)), wait = FALSE)
  for (i in 1:500) mmap_append(m, "x", rep(i, 10))
  for (i in 1:600) if (m["x", 4, 10] == 19999) break else Sys.sleep(0.05)
  expect_identical(m["x", 1:4, 1], c(19996, 19997, 19998, 19999))
  expect_identical(m["x", 5:504, 7], as.double(1:500))
  expect_identical(entries(m)$offset, offset)
})

test_that("under other keys, with other attributes and in other files it goes on growing", {
  m <- local_store()
  other <- local_store()
  m[["x"]] <- growing_ndarray(c(0, 3), "float64", capacity = 10)
  mmap_append(m, "x", matrix(1:6, 2))
  mmap_append(m, "masked", c(1L, NA))
  mmap_append(m, "log", data.frame(n = 1:2, t = c("a", "b")))
  for (pad in c("", strrep("k", 60), strrep("k", 200))) {
    to <- paste0(c("x", "masked", "log"), "2", pad)
    mmap_copy(m, m, c("x", "masked", "log"), to)
    mmap_append(m, to[[1]], c(7, 8, 9))
    mmap_append(m, to[[2]], NA)
    mmap_append(m, to[[3]], data.frame(n = 3L, t = "c"))
    expect_equal(m[[to[[1]]]], rbind(matrix(1:6, 2), 7:9))
    expect_identical(m[[to[[2]]]], c(1L, NA, NA))
    expect_identical(m[[to[[3]]]], data.frame(n = 1:3, t = c("a", "b", "c")))
    capacity <- entries(m)$capacity
    names(capacity) <- entries(m)$key
    expect_identical(capacity[[to[[1]]]], 10)
    expect_true(all(capacity[to] > 2))
    mmap_delete(m, to)
  }
  mmap_rename(m, "x", "y")
  mmap_attr(m, "y", "unit") <- "K"
  expect_identical(entries(m)$capacity[entries(m)$key == "y"], 10)
  attr(m[["y"]], "unit") <- "mK"
  mmap_append(m, "y", c(7, 8, 9))
  expect_equal(m[["y"]], structure(rbind(matrix(1:6, 2), 7:9), unit = "mK"))
  mmap_copy(m, other, "y")
  mmap_append(other, "y", c(0, 0, 0))
  expect_identical(dim(other[["y"]]), c(4L, 3L))
  expect_identical(nrow(fsck(m)), 0L)
  expect_identical(nrow(fsck(other)), 0L)
})
