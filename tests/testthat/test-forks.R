# An open handle in forks and beside others of the same process. The forks are made in
# sessions of their own: forking one that uses processx leaves zombies.

in_session <- function(f, ...) {
  skip_on_os("windows")  # no fork there
  skip_on_cran()
  skip_if_not_installed("callr")
  result_of_r(start_r(f, ...))
}

test_that("children and the parent write at once through a handle made before the fork", {
  path <- new_path()
  seen <- in_session(function(path) {
    m <- mmappickle::mmapdict(path)
    m[["x"]] <- as.double(1:5000)
    m[["shared"]] <- double(60)
    view <- m[["x"]]
    before <- mmappickle::commit_number(m)
    work <- function(child) {
      for (n in 1:40) {
        m[[sprintf("child%d-%d", child, n)]] <- list(n = n, run = rep(n + 0, 100))
        if (n %% 4 == 0) m[[sprintf("child%d-%d", child, n - 3)]] <- NULL
        m["shared", (child - 1) * 20 + 1:20] <- n
        stopifnot(sum(view) == 12502500, m[["x"]][5000] == 5000)
      }
      "done"
    }
    jobs <- lapply(1:3, function(child) parallel::mcparallel(work(child)))
    for (n in 1:40) m[[sprintf("parent-%d", n)]] <- n
    ended <- unlist(parallel::mccollect(jobs), use.names = FALSE)
    list(ended = ended, view = sum(view), raised = mmappickle::commit_number(m) - before)
  }, path)
  expect_identical(seen$ended, rep("done", 3L))
  expect_identical(seen$view, 12502500)
  expect_identical(as.double(seen$raised), 3 * 50 + 40)
  m <- mmapdict(path)
  withr::defer(close(m))
  kept <- setdiff(1:40, seq(1L, 37L, 4L))
  of_children <- outer(kept, 1:3, function(n, child) sprintf("child%d-%d", child, n))
  expect_setequal(names(m), c("x", "shared", of_children, sprintf("parent-%d", 1:40)))
  for (n in kept) {
    for (child in 1:3) {
      value <- m[[sprintf("child%d-%d", child, n)]]
      expect_true(value$n == n && all(value$run == n))
    }
  }
  expect_identical(as.double(m[["shared"]]), rep(40, 60))
  expect_identical(nrow(fsck(path)), 0L)
})

test_that("a view of a parent is read by children while the file is rewritten", {
  path <- new_path()
  sums <- in_session(function(path) {
    m <- mmappickle::mmapdict(path)
    m[["dead"]] <- double(1000)
    m[["x"]] <- as.double(1:5000)
    view <- m[["x"]]
    m[["dead"]] <- NULL
    job <- parallel::mcparallel({
      Sys.sleep(0.3)
      c(sum(view), sum(m[["x"]]))
    })
    mmappickle::vacuum(m, force = TRUE)
    m[["x"]] <- double(10)
    c(parallel::mccollect(job)[[1L]], sum(view), sum(m[["x"]]))
  }, path)
  expect_identical(sums, c(12502500, 0, 12502500, 0))
})

test_that("a handle lives on where threads of another package are at work", {
  skip_if_not_installed("data.table")
  seen <- in_session(function(path) {
    data.table::setDTthreads(2L)
    m <- mmappickle::mmapdict(path)
    for (n in 1:20) {
      frame <- data.table::data.table(g = rep(1:50, 400), v = as.double(seq_len(20000)))
      m[["frame"]] <- frame
      sums <- data.table::as.data.table(m[["frame"]])[, list(v = sum(v)), by = "g"]
      m[["sums"]] <- sums$v
      stopifnot(identical(as.double(m[["sums"]]), sums$v), sum(sums$v) == 200010000)
    }
    mmappickle::commit_number(m)
  }, new_path())
  expect_identical(as.integer(seen), 40L)
})

test_that("handles of one process on one file, of several options, one closed", {
  m <- local_store(lock_timeout = 5)
  others <- list(
    mmapdict(path_of(m), readonly = TRUE, lock_timeout = 5),
    mmapdict(path_of(m), dims = "reversed", lock_timeout = 5),
    mmapdict(path_of(m), durable = TRUE, simplify = FALSE, lock_timeout = 5)
  )
  withr::defer(lapply(others, close))
  for (n in 1:30) {
    writer <- c(list(m), others[-1L])[[n %% 3L + 1L]]
    writer[["x"]] <- matrix(n + as.double(1:6), 2L)
    for (handle in c(list(m), others)) {
      expect_identical(sum(handle[["x"]]), 6 * n + 21)
      expect_identical(names(handle), "x")
    }
  }
  view <- others[[2L]][["x"]]
  close(others[[2L]])
  m[["y"]] <- 1
  expect_identical(others[[1L]][["y"]], 1)
  expect_identical(sum(view), 201)
  others[[3L]][["y"]] <- NULL
  expect_identical(names(m), "x")
})

# Code of the user that runs inside a call of the package must find no lock held there.
test_that("a session never waits for itself", {
  m <- local_store(lock_timeout = 5)
  path <- path_of(m)
  calls <- 0L
  use <- function() {
    calls <<- calls + 1L
    other <- mmapdict(path, lock_timeout = 5)
    other[["note"]] <- calls
    m[["own"]] <- calls
    close(other)
    m[["own"]]
  }
  # finalizers, at any allocation
  withr::defer(gctorture(FALSE))
  for (n in 1:5) {
    local({
      e <- new.env()
      reg.finalizer(e, function(e) use())
    })
    gctorture(TRUE)
    m[["value"]] <- list(a = 1, b = "two")
    value <- m[["value"]]
    gctorture(FALSE)
    expect_identical(value, list(a = 1, b = "two"))
  }
  gc()
  expect_gte(calls, 5L)
  expect_identical(m[["note"]], calls)
  # methods of as_python() and readers
  registerS3method("as_python", "waits_for_itself", function(x, ...) use(),
                   envir = asNamespace("mmappickle"))
  m[["big"]] <- double(2e5)
  # what shows the progress of a vacuum may run anything: a key that is written then must
  # not be lost with the old file
  asked <- list()
  ask <- function(fraction) {
    asked <<- list(
      write = tryCatch(m[["late"]] <- 1, error = identity),
      read = tryCatch(m[["value"]], error = identity),
      close = tryCatch(close(m), error = identity),
      other = tryCatch(mmapdict(path, lock_timeout = 0), error = identity)
    )
  }
  withr::local_options(mmappickle.progress = ask)
  local_no_quiet()
  vacuum(m, force = TRUE)
  expect_named(asked, c("write", "read", "close", "other"))
  for (what in asked) expect_s3_class(what, "mmappickle_error_busy")
  m[["converted"]] <- list(structure(list(), class = "waits_for_itself"))
  expect_identical(m[["converted"]][[1L]], calls)
  expect_identical(nrow(fsck(path)), 0L)
})
