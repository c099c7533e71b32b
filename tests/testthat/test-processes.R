# R and Python, writers and readers, on one file at once. Values tell by themselves whether
# they are whole: n, a run of n, and the sum (see python/peer.py).

# A session that changes keys of its own by chance. What it knows to be in the file in the
# end, and by how much it raised the number.
r_worker <- function(path, owner, keys, changes, seed) {
  set.seed(seed)
  m <- mmappickle::mmapdict(path)
  known <- list()
  raised <- board <- 0
  for (n in seq_len(changes)) {
    key <- paste0(owner, "-", sample.int(keys, 1L))
    array <- paste0("array-", key)
    turn <- runif(1)
    raised <- raised + 1
    if (turn < 0.45) {
      run <- rep(as.double(n), sample.int(300L, 1L) + 1L)
      m[[key]] <- list(owner = owner, key = key, n = n, run = run, sum = sum(run))
      known[[key]] <- n
    } else if (turn < 0.6) {
      m[[array]] <- rep(as.double(n), sample.int(3000L, 1L) + 1L)
      known[[array]] <- n
    } else if (turn < 0.75 && length(known)) {
      key <- sample(names(known), 1L)
      m[[key]] <- NULL
      known[[key]] <- NULL
    } else {
      raised <- raised - 1
      board <- n
      m["board", as.integer(substring(owner, 2L)) * 16L + 1:16] <- n
    }
    there <- mmappickle::has_key(m, as.character(names(known)))
    if (!all(there)) stop("lost: ", toString(names(known)[!there]))
  }
  list(known = known, raised = raised, board = board)
}

# Reads values over and over, in both ways. What was not whole.
r_watcher <- function(path, stop) {
  m <- mmappickle::mmapdict(path, readonly = TRUE)
  problems <- character()
  seen <- 0
  look <- function(key, value) {
    seen <<- seen + 1
    whole <- if (startsWith(key, "array-")) {
      length(unique(as.double(value))) == 1L
    } else if (is.list(value)) {
      value$key == key && all(value$run == value$n) && sum(value$run) == value$sum
    } else {
      TRUE
    }
    if (!isTRUE(whole)) problems <<- c(problems, key)
  }
  repeat {
    last <- file.exists(stop)
    for (key in names(m)) {
      # its owner may delete it meanwhile
      value <- tryCatch(m[[key]], mmappickle_error_key = function(e) NULL)
      if (!is.null(value)) look(key, value)
    }
    values <- as.list(m)
    for (key in names(values)) look(key, values[[key]])
    if (last || length(problems) > 5) break
  }
  list(seen = seen, problems = problems)
}

expect_nothing_lost <- function(path, workers, raised_before) {
  m <- mmapdict(path)
  withr::defer(close(m))
  in_python <- read_json(run_python(peer_script(), path, "show"))
  known <- do.call(c, lapply(workers, `[[`, "known"))
  expect_setequal(names(m), c("board", names(known)))
  expect_setequal(names(in_python$numbers), names(known))
  expect_identical(in_python$problems, list())
  for (key in names(known)) {
    value <- m[[key]]
    n <- if (is.list(value)) value$n else unique(as.double(value))
    expect_true(n == known[[key]], label = key)
    expect_true(in_python$numbers[[key]] == known[[key]], label = paste(key, "in Python"))
    if (is.list(value)) expect_identical(value$run + 0, rep(n + 0, length(value$run)))
  }
  raised <- sum(vapply(workers, function(w) as.double(w$raised), 0))
  expect_identical(as.double(commit_number(m)), raised_before + raised)
  expect_false(any(fsck(path)$harmful))
  wanted <- c(rep(0, 16L), rep(vapply(workers, function(w) as.double(w$board), 0), each = 16L))
  expect_identical(as.double(m[["board"]]), wanted)
  expect_identical(as.double(in_python$board), wanted)
}

# `r`, `python`: how many workers of each.
stress <- function(r, python, watchers, changes, seed) {
  path <- new_path()
  m <- mmapdict(path)
  m[["board"]] <- double(16L * (r + python + 1L))
  before <- as.double(commit_number(m))
  close(m)
  stop_file <- withr::local_tempfile()
  here <- environment()
  changes <- changes * longer()
  sessions <- lapply(seq_len(r), function(i) {
    start_r(r_worker, path, paste0("w", i), 12L, changes, seed + i,
            .local_envir = here)
  })
  peers <- lapply(r + seq_len(python), function(i) {
    start_peer(path, "work", paste0("w", i), 12L, changes, seed + i, .local_envir = here)
  })
  r_watch <- start_r(r_watcher, path, stop_file)
  python_watch <- lapply(watchers, function(how) {
    start_peer(path, "watch", stop_file, how, .local_envir = here)
  })
  workers <- c(lapply(sessions, result_of_r), lapply(peers, result_of_peer))
  file.create(stop_file)
  watched <- c(list(result_of_r(r_watch)), lapply(python_watch, result_of_peer))
  for (watch in watched) {
    expect_gt(watch$seen, 0)
    expect_identical(as.character(watch$problems), character())
  }
  expect_nothing_lost(path, workers, before)
}

test_that("R and Python write and read at once", {
  skip_on_os("windows")
  skip_if_not_installed("callr")
  require_python()
  # its arrays are of the old form, which pickle.load() of NumPy 2.3 cannot read
  suppressWarnings(stress(r = 2L, python = 2L, "locked", changes = 300L, seed = 1L))
})

test_that("pickle.load without any lock reads a committed state while sessions of R write", {
  skip_on_os("windows")
  skip_if_not_installed("callr")
  require_python()
  stress(r = 2L, python = 0L, c("plain", "plain"), changes = 400L, seed = 11L)
})
