# Garbage is collected all the time: what the package has not protected is gone then. (Under the
# sanitizers and valgrind: `make sanitize-r`.)

# In a process of its own, whose heap is small: each collection looks at all of it. Names of
# the paths that gave another result than without.
tortured <- function(helpers, folder, step) {
  library(mmappickle)
  for (helper in helpers) source(helper)
  run <- function(f, path) {
    value <- suppressWarnings(f(path))
    # what reads lazily is read here
    serialize(value, NULL)
  }
  paths <- main_paths()
  other <- character()
  for (name in names(paths)) {
    # compiled and loaded before
    for (i in 1:2) want <- run(paths[[name]], file.path(folder, paste0(name, i, ".mmdpickle")))
    gctorture2(step, inhibit_release = FALSE)
    seen <- try(run(paths[[name]], file.path(folder, paste0(name, 3, ".mmdpickle"))), silent = TRUE)
    gctorture2(0)
    if (!identical(seen, want)) other <- c(other, name)
  }
  other
}

# Every allocation of R fails, as far as `by` goes: what R jumps over then must not be C++'s.
without_memory <- function(path, by) {
  # Lets R run out of memory ever later in f(), until it does no more: counts what failed. Nodes
  # are what nearly every allocation takes.
  starved <- function(f, from, by) {
    attempt <- function(n) {
      taken <- vector("pairlist", n)
      tryCatch(f(), finally = length(taken))
      TRUE
    }
    mem.maxNSize(gc()[1, 3]) # as many as there are, none more
    on.exit(mem.maxNSize(Inf))
    failed <- 0L
    left <- from
    repeat {
      used <- gc()
      free <- max(0, used[1, 3] - used[1, 1] - left)
      message <- tryCatch(attempt(free), error = conditionMessage)
      if (isTRUE(message)) return(failed)
      if (!grepl("memory|cannot allocate", message)) stop(message)
      failed <- failed + 1L
      left <- left + by
    }
  }
  library(mmappickle)
  m <- mmapdict(path)
  x <- list(a = 1, b = list(2L, "x", NULL), c = c(u = 1, v = 2), d = matrix(list(1, "a"), 1L),
            f = factor(c("a", "b")), t = as.character(1:9), e = structure(1, u = quote(f(x))))
  y <- structure(as.double(1:99), dim = c(a = 9L, b = 11L))
  m[["x"]] <- x
  m[["y"]] <- y
  paths <- list(
    put = function() m[["x"]] <- x, get = function() m[["x"]], view = function() m[["y"]],
    info = function() view_info(m[["y"]]), names = function() mmapdict(path)[c("x", "y")],
    slice = function() m["y", 2:3, ], change = function() m["y", 1, ] <- 1:11 + 0
  )
  failed <- integer()
  for (name in names(paths)) {
    for (i in 1:2) paths[[name]]() # compiled before
    failed[[name]] <- starved(paths[[name]], length(failed) %% by, by)
    m[["y"]] <- y
    stopifnot(identical(m[["x"]], x), identical(m[["y"]] + 0, y), !nrow(fsck(path)))
  }
  failed
}

test_that("an allocation that fails is an error, and nothing else is lost", {
  skip_on_cran()
  skip_if_not_installed("callr")
  long <- nzchar(Sys.getenv("MMAPPICKLE_LONG"))
  failed <- callr::r(without_memory, list(new_path(), if (long) 1 else 61))
  expect_true(all(failed > 0L), info = failed)
})

test_that("the main paths give the same while garbage is collected all the time", {
  skip_on_cran()
  skip_if_not_installed("callr")
  helpers <- normalizePath(testthat::test_path(c("helper-kinds.R", "helper-main_paths.R")))
  long <- nzchar(Sys.getenv("MMAPPICKLE_LONG"))
  # Every allocation takes minutes.
  other <- callr::r(tortured, list(helpers, withr::local_tempdir(), if (long) 1 else 100))
  expect_identical(other, character())
})
