# A handle stays open while a second program changes the file between its calls, so that
# size, commit number and time come round again. Each call sees the file as it is.

number_of <- function(value, length = 20L) list(n = value, text = strrep("x", length))

# The peer changes the file of an open handle that knows its keys; in the end it looks as
# before by all but its content.
come_round <- function(m, ...) {
  path <- path_of(m)
  names(m)
  before <- list(size = file.size(path), number = commit_number(m))
  mtime <- mtime_ns(path)
  peer(path, ..., list("touch", mtime))
  expect_identical(file.size(path), before$size)
  number <- readBin(file_bytes(path)[19:22], "integer", endian = "little")
  expect_identical(number, as.integer(before$number))
}

# As text: a double does not hold it.
mtime_ns <- function(path) {
  run_python("import os, sys; print(os.stat(sys.argv[1]).st_mtime_ns)", path)
}

# Three entries a, b and c, the last one in the place of a deleted one; the number is 1.
started <- function(.local_envir = parent.frame(), ...) {
  path <- new_path(.local_envir)
  close(mmapdict(path))
  peer(path, list("set", "a", 1), list("set", "b", 2), list("set", "z", 0),
       list("delete", "z"), list("vacuum"), list("set", "c", 3))
  m <- mmapdict(path, ...)
  withr::defer(close(m), envir = .local_envir)
  m
}

python_values <- function(path) {
  script <- paste0(
    "import json, sys\nsys.path.insert(0, ", deparse1(dirname(peer_script())), ")\n",
    "import peer\nprint(json.dumps(peer.Peer(sys.argv[1]).locked_load()))"
  )
  read_json(run_python(script, path))
}

test_that("keys that change while size, number and time do not", {
  skip_on_os("windows")
  require_python()
  looks <- list(
    names = function(m) names(m), entries = function(m) entries(m)$key,
    list = function(m) names(as.list(m)),
    has = function(m) c("a", "b", "c", "d")[has_key(m, c("a", "b", "c", "d"))]
  )
  for (look in looks) {
    m <- started()
    come_round(m, list("delete", "c"), list("vacuum"), list("set", "d", 4))
    expect_identical(look(m), c("a", "b", "d"))
    expect_identical(m[["d"]], 4L)
    expect_kind(m[["c"]], "key")
  }
})

test_that("values that change in their place", {
  skip_on_os("windows")
  require_python()
  m <- started()
  come_round(m, list("delete", "c"), list("vacuum"), list("set", "c", 5))
  expect_identical(m[["c"]], 5L)
  expect_identical(as.list(m)$c, 5L)
})

test_that("entries that change their places", {
  skip_on_os("windows")
  require_python()
  m <- started()
  come_round(m, list("delete", "a"), list("delete", "b"), list("delete", "c"), list("vacuum"),
             list("set", "b", 6), list("set", "a", 7), list("set", "c", 8),
             list("set_number", 1))
  expect_identical(m[["a"]], 7L)
  expect_identical(m[["b"]], 6L)
  expect_identical(names(m), c("b", "a", "c"))
})

test_that("writes go where the file ends and to the entries that are there", {
  skip_on_os("windows")
  require_python()
  # Same size, other lengths: the state byte of an entry lies elsewhere then.
  changes <- list(
    replace = function(m) m[["c"]] <- 9L, delete = function(m) m[["c"]] <- NULL,
    insert = function(m) m[["e"]] <- 9L, nested = function(m) m[["c"]]$n <- 9L
  )
  for (name in names(changes)) {
    path <- new_path()
    close(mmapdict(path))
    peer(path, list("set", "c", number_of(3, 20L)), list("set", "b", number_of(2, 40L)),
         list("set_number", 2))
    m <- mmapdict(path)
    come_round(m, list("delete", "c"), list("delete", "b"), list("vacuum"),
               list("set", "b", number_of(4, 30L)), list("set", "c", number_of(5, 30L)))
    changes[[name]](m)
    wanted <- list(b = number_of(4L, 30L), c = number_of(5L, 30L))
    wanted <- switch(name,
      replace = modifyList(wanted, list(c = 9L)), delete = wanted["b"],
      insert = c(wanted, e = 9L), nested = modifyList(wanted, list(c = list(n = 9L)))
    )
    expect_identical(python_values(path)[names(wanted)], wanted)
    expect_identical(as.list(m)[names(wanted)], wanted)
    expect_setequal(names(m), names(wanted))
    expect_false(any(fsck(path)$harmful))
    close(m)
  }
})

test_that("slices and arrays that stay open", {
  skip_on_os("windows")
  require_python()
  path <- new_path()
  close(mmapdict(path))
  peer(path, list("array", "x", 1:10), list("array", "y", 11:20), list("set_number", 2))
  m <- suppressWarnings(mmapdict(path))
  withr::defer(close(m))
  x <- mmarray(m, "x")
  expect_identical(x[2:3], c(2, 3))
  come_round(m, list("delete", "x"), list("delete", "y"), list("vacuum"),
             list("array", "y", 31:40), list("array", "x", 41:50))
  expect_identical(m["x", 2:3], c(42, 43))
  expect_identical(x[2:3], c(42, 43))
  expect_identical(m["y", 1], 31)
  come_round(m, list("delete", "x"), list("delete", "y"), list("vacuum"),
             list("array", "x", 51:60), list("array", "y", 61:70))
  x[2] <- -1
  m["y", 3] <- -2
  expect_identical(as.double(m[["x"]]), replace(51:60 + 0, 2, -1))
  expect_identical(as.double(m[["y"]]), replace(61:70 + 0, 3, -2))
  peer(path, list("slice", "x", 0, I(-5)))
  expect_identical(x[1], -5)
  expect_false(any(fsck(path)$harmful))
})

test_that("another file under the path: by vacuum elsewhere, by rename, by deletion", {
  skip_on_os("windows")
  require_python()
  m <- started()
  names(m)
  callr::r(function(path) {
    m <- mmappickle::mmapdict(path)
    m[["d"]] <- 4L
    m[["a"]] <- NULL
    mmappickle::vacuum(m, force = TRUE)
  }, list(path_of(m)))
  expect_identical(names(m), c("b", "c", "d"))
  m[["e"]] <- 5L

  other <- started()
  peer(path_of(other), list("set", "from", "other"))
  file.rename(path_of(other), path_of(m))
  expect_identical(names(m), c("a", "b", "c", "from"))
  m[["e"]] <- 5L
  expect_identical(python_values(path_of(m))$e, 5L)

  # the same inode where the file system gives it again
  for (round in 1:3) {
    names(m)
    file.remove(path_of(m))
    expect_kind(m[["f"]] <- 1L, "stale")
    close(mmapdict(path_of(m)))
    expect_identical(names(m), character())
    m[["f"]] <- round
    expect_identical(python_values(path_of(m)), list(f = round))
  }
})
