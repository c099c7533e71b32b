# Progress of long work, and Ctrl-C at each of its steps: both come from the same polls.

# What a poll says, and what is done at the n-th.
local_polls <- function(at = Inf, do = NULL, .local_envir = parent.frame()) {
  polls <- new.env()
  polls$seen <- numeric()
  withr::local_options(.local_envir = .local_envir, mmappickle.progress = function(fraction) {
    polls$seen <- c(polls$seen, fraction)
    if (length(polls$seen) == at) do()
  })
  local_no_quiet(.local_envir = .local_envir)
  polls
}

# Kinds of long work on a file, each with the least number of polls that it must make.
long_work <- function(path, env = parent.frame()) {
  m <- mmapdict(path)
  withr::defer(close(m), envir = env)
  dir <- dirname(path)
  large <- as.double(1:1.2e6)
  m$large <- large
  m$single <- ndarray(large, "float32")
  m$wide <- ndarray(matrix(large, 1000), "float32", order = "C")
  text <- sprintf("text %d", 1:20000)
  m$text <- text
  m$fixed <- ndarray(text, "U10")
  m[sprintf("k%05d", 1:5000)] <- as.list(1:5000)
  mask <- rep(c(TRUE, FALSE), length.out = 1.2e6)
  many <- as.list(seq_len(2e5))
  many[[1]] <- "text"
  m$many <- many
  named <- stats::setNames(many, paste0("name", seq_along(many)))
  m$named <- named
  pickle <- file.path(dir, "dict.pickle")
  write_pickle(list(a = large, b = as.list(1:20000)), pickle)
  packed <- file.path(dir, "dict.pickle.z")
  writeBin(zlib_of(file_bytes(pickle)), packed)
  list(
    insert = list(1, function() m$new <- large),
    text = list(4, function() m$new <- text),
    list = list(19, function() m$new <- as.list(1:20000)),
    copy = list(1, function() m["new"] <- m["large"]),
    slice = list(2, function() m["large", 1:1.2e6] <- 7),
    across = list(5, function() m["wide", , seq(1, 1200, 4)] <- 7),
    mask = list(2, function() m["large", mask] <- 7),
    read_slice = list(2, function() m["large", 1:1.2e6]),
    read_mask = list(2, function() m["large", mask]),
    read_list = list(15, function() read_pickle(pickle)),
    read_text = list(4, function() m$text),
    # One poll for 65,536 nodes: of the walk over R's list, which asks for each 1,024 items, of
    # reading, planning and building what was read, which asks likewise; and of the others.
    write_many = list(200, function() m$new <- many),
    write_named = list(203, function() m$new <- named),
    read_many = list(50, function() m$many),
    read_named = list(60, function() m$named),
    copy_many = list(2, function() m["new"] <- m["many"]),
    check_many = list(8, function() fsck(path)),
    not_mask = list(5, function() m["large", !mask]),
    left_out = list(9, function() m["large", -seq(1, 1.2e6, 2)]),
    check = list(2, function() m["single", ] <- large),
    new_array = list(2, function() m$new <- ndarray(large, "int32")),
    materialize = list(1, function() materialize(m$single)),
    materialize_text = list(4, function() materialize(m$fixed)),
    transpose = list(1, function() materialize(m$wide)),
    vacuum = list(2, function() {
      m$gone <- 1
      m$gone <- NULL
      vacuum(m)
    }),
    convert = list(1, function() convert_pickle(pickle, file.path(dir, "new"), overwrite = TRUE)),
    write_pickle = list(1, function() write_pickle(large, file.path(dir, "new.pickle"))),
    write_npy = list(1, function() write_npy(large, file.path(dir, "new.npy"))),
    inflate = list(2, function() read_pickle(packed)),
    fsck = list(1, function() fsck(path))
  )
}

# R's memCompress() makes zlib's streams.
zlib_of <- function(bytes) memCompress(bytes, "gzip")

# R 4.6 leaves a signal ignored that was ignored when it started, as jobs in the background do.
takes_ctrl_c <- function() {
  tryCatch({
    tools::pskill(Sys.getpid(), tools::SIGINT)
    Sys.sleep(0.5)
    FALSE
  }, interrupt = function(e) TRUE)
}

test_that("long work polls often, and is whole after Ctrl-C at any of the polls", {
  skip_on_os("windows")  # no signals
  skip_if_not(takes_ctrl_c(), "Ctrl-C was ignored by whoever started the tests")
  path <- new_path()
  work <- long_work(path)
  wrong <- character()
  set.seed(1)
  for (kind in names(work)) {
    polls <- local_polls()
    work[[kind]][[2L]]()
    n <- length(polls$seen)
    if (n < work[[kind]][[1L]]) wrong <- c(wrong, paste(kind, "polls only", n, "times"))
    known <- polls$seen[!is.na(polls$seen)]
    if (any(known < 0 | known > 1)) wrong <- c(wrong, paste(kind, "says no fraction"))
    if (is.unsorted(known)) wrong <- c(wrong, paste(kind, "goes back"))
    if (n == 0) next
    at <- sample(n, 1L)
    polls <- local_polls(at, function() {
      tools::pskill(Sys.getpid(), tools::SIGINT)
      Sys.sleep(0.5)  # where R looks after it
    })
    how <- tryCatch({
      work[[kind]][[2L]]()
      "none"
    }, interrupt = function(e) "interrupt")
    if (how == "none") wrong <- c(wrong, paste(kind, "was not interrupted at poll", at, "of", n))
    if (length(polls$seen) > at) wrong <- c(wrong, paste(kind, "went on"))
    options(mmappickle.progress = FALSE)
    if (any(fsck(path)$harmful)) wrong <- c(wrong, paste(kind, "leaves harm"))
  }
  expect_identical(wrong, character())
})

test_that("of what is read and written in place the fraction is known", {
  m <- local_store()
  m$x <- as.double(1:2e6)
  polls <- local_polls()
  m["x", 1:2e6] <- 1
  expect_gt(max(polls$seen, na.rm = TRUE), 0.4)
  polls$seen <- numeric()
  m["x", 1:2e6]
  expect_gt(max(polls$seen, na.rm = TRUE), 0.4)
})

test_that("progress is shown where someone looks", {
  ns <- asNamespace("mmappickle")
  withr::local_options(knitr.in.progress = NULL, rlang_interactive = NULL)
  expect_true(ns$shows_progress(TRUE))
  expect_false(ns$shows_progress(FALSE))
  withr::local_options(cli.dynamic = FALSE)
  expect_identical(ns$shows_progress(NULL), interactive())
  withr::local_options(cli.dynamic = TRUE)
  expect_true(ns$shows_progress(NULL))
  withr::local_options(knitr.in.progress = TRUE)
  expect_false(ns$shows_progress(NULL))
  expect_true(ns$shows_progress(TRUE))
})

test_that("the bar of cli names the call, and is gone after it", {
  withr::local_options(mmappickle.progress = TRUE)
  local_no_quiet()
  m <- local_store()
  before <- cli::cli_progress_num()
  m$x <- as.double(1:1e6)
  vacuum(m)
  expect_identical(cli::cli_progress_num(), before)
})
