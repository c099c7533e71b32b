# mmap_wait() and mmap_state(): what others change.

told <- function(changes) {
  keys <- changes$key
  keys[is.na(keys)] <- "?"
  paste(keys, changes$change)
}

test_that("what was changed since the last call is told, once", {
  path <- new_path()
  writer <- local_mmapdict(path)
  writer[["a"]] <- c(1, 2, 3)
  m <- local_mmapdict(path, readonly = TRUE)
  none <- mmap_wait(m, 0)
  expect_identical(none, data.frame(
    key = character(),
    change = factor(character(), c("added", "removed", "replaced", "grown", "written"))
  ))
  writer[["b"]] <- 1
  expect_identical(told(mmap_wait(m)), "b added")
  expect_identical(nrow(mmap_wait(m, 0.1)), 0L)
  writer[["b"]] <- 2
  writer[["c"]] <- 2
  writer[["a"]] <- NULL
  expect_setequal(told(mmap_wait(m)), c("b replaced", "c added", "a removed"))
  writer[["x"]] <- c(1, 2)
  mmap_wait(m)
  writer["x", 1] <- 9
  expect_identical(mmap_wait(m), data.frame(
    key = NA_character_,
    change = factor("written", c("added", "removed", "replaced", "grown", "written"))
  ))
  vacuum(writer, force = TRUE)
  expect_setequal(told(mmap_wait(m)), paste(names(writer), "replaced"))
})

test_that("what was there a moment before the first call is no change", {
  path <- new_path()
  writer <- local_mmapdict(path)
  for (i in 1:3) {
    writer[["a"]] <- c(1, 2, 3)
    writer["a", 2] <- i
    m <- local_mmapdict(path, readonly = TRUE)
    expect_identical(nrow(mmap_wait(m, 0)), 0L)
    expect_identical(nrow(mmap_wait(m, 0.06, 0.01)), 0L)
  }
})

test_that("the first call tells what changed since the handle last looked", {
  path <- new_path()
  writer <- local_mmapdict(path)
  m <- local_mmapdict(path, readonly = TRUE)
  writer[["a"]] <- 1
  expect_identical(told(mmap_wait(m)), "a added")
  other <- local_mmapdict(path, readonly = TRUE)
  writer[["b"]] <- 1
  expect_identical(names(other), c("a", "b"))
  writer[["b"]] <- 2
  expect_identical(told(mmap_wait(other)), "b replaced")
  expect_identical(told(mmap_wait(m)), "b added")
  # What its own handle changes is a change.
  expect_identical(nrow(mmap_wait(writer, 0)), 0L)
  writer[["c"]] <- 2
  expect_identical(told(mmap_wait(writer)), "c added")
})

test_that("a follower loses nothing of what another session does, however fast", {
  skip_on_cran()
  skip_if_not_installed("callr")
  path <- new_path()
  writer <- local_mmapdict(path)
  m <- local_mmapdict(path, readonly = TRUE)
  mmap_wait(m, 0)
  session <- start_r(function(path) {
    m <- mmappickle::mmapdict(path)
    set.seed(1)
    for (i in 1:300) {
      key <- sample(letters[1:5], 1L)
      if (i %% 7 == 0) m[[key]] <- NULL else m[[key]] <- i
      if (i %% 50 == 0) mmappickle::vacuum(m, force = TRUE)
      if (i %% 20 == 0) Sys.sleep(0.05)
    }
    m[["end"]] <- TRUE
  }, path)
  model <- list()
  repeat {
    changes <- mmap_wait(m, 60, 0.005)
    expect_gt(nrow(changes), 0L)
    # What is read may be newer than what was told: then it is told again.
    for (key in changes$key[!is.na(changes$key)]) model[[key]] <- mmap_get(m, key, default = NULL)
    if ("end" %in% changes$key) break
  }
  result_of_r(session)
  while (nrow(changes <- mmap_wait(m, 0.2))) {
    for (key in changes$key[!is.na(changes$key)]) model[[key]] <- mmap_get(m, key, default = NULL)
  }
  now <- as.list(m)
  expect_identical(model[order(names(model))], now[order(names(now))])
})

test_that("what NumPy writes through a map is told, and what Python's library does", {
  skip_on_cran()
  require_python()
  path <- new_path()
  writer <- local_mmapdict(path)
  writer[["a"]] <- c(1, 2, 3)
  m <- local_mmapdict(path, readonly = TRUE)
  mmap_wait(m, 0)
  peer(path, list("set", "p", 1))
  expect_identical(told(mmap_wait(m, 10)), "p added")
  script <- withr::local_tempfile(fileext = ".py")
  offset <- entries(m)$offset[[match("a", names(m))]]
  writeLines(c(
    "import sys, numpy",
    "a = numpy.memmap(sys.argv[1], dtype='f8', mode='r+', offset=int(sys.argv[2]), shape=3)",
    "a[1] = 7"
  ), script)
  run_python(script, path, format(offset))
  expect_identical(told(mmap_wait(m, 10)), "? written")
  expect_identical(as.double(m[["a"]]), c(1, 7, 3))
})

test_that("a file that is away for a moment has not changed yet", {
  path <- new_path()
  writer <- mmapdict(path)
  writer[["a"]] <- 1
  close(writer)
  m <- local_mmapdict(path, readonly = TRUE)
  mmap_wait(m, 0)
  away <- paste0(path, "-away")
  skip_on_os("windows") # a file that is open keeps its name
  file.rename(path, away)
  expect_identical(nrow(mmap_wait(m, 0.1)), 0L)
  expect_identical(mmap_state(path), "absent")
  with_mmapdict(path, function(m) m[["b"]] <- 1)
  expect_setequal(told(mmap_wait(m, 10)), c("a removed", "b added"))
})

test_that("a lock that somebody holds ends neither the wait nor the time", {
  skip_on_cran()
  skip_if_not_installed("callr")
  require_python()
  path <- new_path()
  writer <- local_mmapdict(path)
  m <- local_mmapdict(path, readonly = TRUE)
  mmap_wait(m, 0)
  writer[["a"]] <- 1
  script <- withr::local_tempfile(fileext = ".py")
  writeLines(c(
    "import sys, fcntl, time",
    "with open(sys.argv[1], 'r+b') as file:",
    "    fcntl.flock(file, fcntl.LOCK_EX)",
    "    open(sys.argv[2], 'w').close()",
    "    time.sleep(1.5)"
  ), script)
  held <- withr::local_tempfile()
  system2(python(), shQuote(c(script, path, held)), wait = FALSE)
  while (!file.exists(held)) Sys.sleep(0.01)
  expect_identical(nrow(mmap_wait(m, 0.1)), 0L)
  expect_identical(told(mmap_wait(m, 20)), "a added")
})

test_that("Ctrl-C ends the wait", {
  skip_on_cran()
  skip_on_os("windows")
  skip_if_not_installed("callr")
  path <- new_path()
  close(mmapdict(path))
  for (interval in c(0.05, 30)) {
    ready <- withr::local_tempfile()
    session <- start_r(function(path, ready, interval) {
      m <- mmappickle::mmapdict(path, readonly = TRUE)
      mmappickle::mmap_wait(m, 0)
      file.create(ready)
      tryCatch(mmappickle::mmap_wait(m, 60, interval), interrupt = function(e) "ended")
    }, path, ready, interval)
    while (!file.exists(ready)) Sys.sleep(0.01)
    Sys.sleep(0.2)
    began <- Sys.time()
    session$interrupt()
    expect_identical(result_of_r(session), "ended")
    expect_lt(as.double(Sys.time() - began, units = "secs"), 10)
  }
})

test_that("the state differs when the file was changed, of a handle as of a path", {
  path <- new_path()
  m <- local_mmapdict(path)
  m[["a"]] <- c(1, 2)
  Sys.sleep(0.05)
  state <- mmap_state(m)
  expect_type(state, "character")
  expect_identical(mmap_state(path), state)
  m["a", 1] <- 3
  expect_false(identical(mmap_state(m), state))
  expect_error(mmap_state(1), class = "mmappickle_error_value")
  expect_error(mmap_wait(m, NA), class = "mmappickle_error_value")
  expect_error(mmap_wait(path), "mmapdict(", fixed = TRUE, class = "mmappickle_error_value")
  close(m)
  expect_error(mmap_state(m), class = "mmappickle_error_closed")
  expect_error(mmap_wait(m), class = "mmappickle_error_closed")
})
