# Views that live on while their file changes: each reads what it read when it was made, but
# for slices that are written in place, whoever changes the file.

# A part of a list, a data frame or an array, as value of a random key.
containers <- function(n) {
  at <- seq_len(n)
  list(
    list = list(a = ndarray(at / 8, "float32"), b = as.double(at), c = list(as.raw(at %% 256L))),
    frame = data.frame(d = at + 0.5, i = at, s = sprintf("s%d", at), b = at %% 2L == 0L,
                       k = factor(letters[at %% 26L + 1L]), t = as.Date("2020-01-01") + at),
    deep = list(list(list(x = matrix(as.double(at), 10L))), "text")
  )
}
some_value <- function() {
  n <- 10L * sample.int(40L, 1L)
  values <- c(kinds_of_views(n), containers(n))
  values[[sample.int(length(values), 1L)]]
}

# Changes that this process and others make alike: `m` is the handle, `key` a key.
change <- function(m, what, key, value) {
  switch(what,
    put = m[[key]] <- value,
    delete = m[[key]] <- NULL,
    vacuum = mmappickle::vacuum(m, force = TRUE),
    upgrade = mmappickle::vacuum(m, force = TRUE, upgrade = TRUE)
  )
  invisible(NULL)
}

# A process that makes changes, and holds views of its own. Closed when the test ends.
other_process <- function(path, .local_envir = parent.frame()) {
  session <- callr::r_session$new()
  withr::defer(session$close(), envir = .local_envir)
  session$run(function(path, change) {
    library(mmappickle)
    change <<- change
    m <<- mmapdict(path)
    held <<- list()
  }, list(path, `environment<-`(change, globalenv())))
  list(
    change = function(what, key, value) {
      session$run(function(...) change(m, ...), list(what, key, value))
    },
    take = function(key) {
      session$run(function(key) {
        x <- m[[key]]
        held <<- c(held, list(list(x = x, was = materialize(x), key = key)))
      }, list(key))
    },
    # Keys of views that read otherwise than when they were taken.
    damaged = function() {
      session$run(function() {
        gc()
        unlist(lapply(held, function(h) if (!identical(h$x, h$was)) h$key))
      })
    }
  )
}

# Where the elements of a view are; NULL if x is none.
place_of <- function(x, generation) {
  info <- view_info(x)
  if (!is.null(info)) paste(generation, format(info$offset, digits = 20))
}

# A random sequence of changes. `slices`: also writes into arrays, which must show in a view
# of the same bytes that was not yet converted, and in no other.
walk <- function(seed, steps, other = NULL, slices = FALSE, path = new_path()) {
  withr::local_seed(seed)
  m <- mmapdict(path)
  withr::defer(close(m))
  held <- list()
  generation <- 0L # of the file: a vacuum makes a new one
  problems <- character()
  done <- character()
  note <- function(...) {
    problems <<- c(problems, paste0("seed ", seed, ", step ", length(done), ": ", ...,
                                    " after ", toString(tail(done, 4))))
  }
  take <- function(key) {
    x <- m[[key]]
    held <<- c(held, list(list(x = x, was = materialize(x), key = key,
                               place = place_of(x, generation))))
  }
  # An ordinary look reads without a pointer; identical() asks for one, and so converts.
  look <- function(h, convert) {
    seen <- if (convert) h$x else materialize(h$x)
    if (!identical(seen, h$was)) note("a view of ", h$key, " reads other values")
  }
  write_slice <- function(key) {
    x <- m[[key]]
    place <- place_of(x, generation)
    if (is.null(place) || !is.numeric(x) && !is.logical(x) || is.object(x)) {
      return()
    }
    i <- sample.int(length(x), min(5L, length(x)))
    j <- sample.int(length(x), length(i))
    # Read before: what is right of the arrow could be a view itself.
    new <- materialize(x)[j]
    if (is.null(dim(x))) m[key, i] <- new else m[[key]][i] <- new
    fresh <- materialize(m[[key]])
    want <- materialize(x)
    want[i] <- new
    if (!identical(fresh, want)) note("a slice of ", key, " reads otherwise than written")
    for (k in seq_along(held)) {
      if (identical(held[[k]]$place, place) && !view_info(held[[k]]$x)$materialized) {
        held[[k]]$was <<- fresh
      }
    }
  }
  for (step in seq_len(steps)) {
    keys <- names(m)
    what <- if (!length(keys)) "put" else sample(
      c("put", "replace", "delete", "vacuum", "upgrade", "take", "look", "gc", "drop", "close",
        "forget", "slice", "theirs", "their view"), 1L,
      prob = c(12, 10, 6, 4, 2, 24, 24, 1, 6, 4, 1, if (slices) 16 else 0,
               if (is.null(other)) c(0, 0) else c(8, 4))
    )
    key <- if (length(keys)) keys[[sample.int(length(keys), 1L)]] else "k"
    done <- c(done, what)
    switch(what,
      put = change(m, "put", sprintf("k%d", sample.int(20L, 1L)), some_value()),
      replace = change(m, "put", key, some_value()),
      delete = change(m, "delete", key, NULL),
      vacuum = , upgrade = {
        change(m, what, key, NULL)
        generation <- generation + 1L
      },
      take = take(key),
      look = if (length(held)) look(held[[sample.int(length(held), 1L)]], runif(1) < 0.3),
      gc = gc(FALSE),
      drop = if (length(held)) held <- held[-sample.int(length(held), 1L)],
      close = {
        close(m)
        m <- mmapdict(path)
      },
      forget = { # the handle is collected, not closed
        m <- NULL
        gc(FALSE)
        m <- mmapdict(path)
      },
      slice = write_slice(key),
      theirs = {
        theirs <- sample(c("put", "put", "delete", "vacuum", "upgrade"), 1L)
        other$change(theirs, key, some_value())
        if (theirs %in% c("vacuum", "upgrade")) generation <- generation + 1L
      },
      `their view` = other$take(key)
    )
  }
  for (h in held) look(h, FALSE)
  for (h in held) look(h, TRUE)
  problems
}

expect_no_harm <- function(problems) expect_identical(as.character(unlist(problems)), character())

# For runs by hand: MMAPPICKLE_LONG=1 walks longer.
times <- if (nzchar(Sys.getenv("MMAPPICKLE_LONG"))) 20L else 1L

test_that("views read what they read before, whatever this process does to the file", {
  skip_on_os("windows")
  expect_no_harm(lapply(seq_len(12L * times), walk, steps = 60L))
})

test_that("a slice shows in views that are not converted yet, and in no others", {
  skip_on_os("windows")
  expect_no_harm(lapply(100L + seq_len(8L * times), walk, steps = 60L, slices = TRUE))
})

test_that("views read what they read before, whatever other processes do to the file", {
  skip_on_os("windows")
  skip_on_cran()
  skip_if_not_installed("callr")
  path <- new_path()
  other <- other_process(path)
  expect_no_harm(lapply(200L + seq_len(6L * times), walk, steps = 50L, other = other,
                        path = path))
  expect_null(other$damaged())
})

test_that("a slice that another process writes shows in a read that starts after it", {
  skip_on_os("windows")
  skip_on_cran()
  skip_if_not_installed("callr")
  m <- local_store()
  m[["double"]] <- as.double(1:5000)
  m[["float32"]] <- ndarray(as.double(1:5000), "float32")
  m[["matrix"]] <- matrix(as.double(1:5000), 50)
  lazy <- list(m[["double"]], m[["float32"]], m[["matrix"]])
  converted <- list(m[["float32"]], m[["matrix"]])
  for (x in converted) x == 1
  expect_identical(vapply(lazy, sum, 0), rep(12502500, 3))
  callr::r(function(path) {
    m <- mmappickle::mmapdict(path)
    m["double", 1:10] <- 0
    m["float32", 1:10] <- 0
    m[["matrix"]][1:10] <- 0
  }, list(path_of(m)))
  expect_identical(vapply(lazy, sum, 0), rep(12502445, 3))
  expect_identical(vapply(converted, sum, 0), rep(12502500, 2))
})

test_that("what is taken from a view is ordinary", {
  m <- local_store()
  fill_kinds(m)
  for (key in names(kinds_of_views())) {
    x <- m[[key]]
    for (part in list(x[1:100], x[], x[-1], x[c(TRUE, FALSE)], head(x, 50), rev(x))) {
      expect_false(is_view(part), label = key)
    }
  }
})

# -- many ----------------------------------------------------------------------------------

test_that("100,000 views cost little memory, one mapping and no descriptor", {
  skip_on_os(c("windows", "mac"))
  skip_on_cran()
  m <- local_store()
  m[["double"]] <- as.double(1:1000)
  m[["float32"]] <- ndarray(as.double(1:1000), "float32")
  maps <- function() length(readLines("/proc/self/maps"))
  descriptors <- function() length(list.files("/proc/self/fd"))
  resident <- function() {
    line <- grep("^VmRSS", readLines("/proc/self/status"), value = TRUE)
    as.numeric(gsub("[^0-9]", "", line)) * 1024
  }
  # a thousand at a time: what is read on the way should not count
  keys <- rep(c("double", "float32"), each = 500)
  m[keys]
  gc(FALSE)
  before <- c(maps(), descriptors(), resident())
  views <- unlist(lapply(1:100, function(i) m[keys]), recursive = FALSE)
  # R's own heap makes maps of large vectors, some dozens of them.
  expect_lt(maps() - before[[1]], 200)
  expect_identical(descriptors(), length(list.files("/proc/self/fd")))
  expect_lte(descriptors(), before[[2]])
  # The address sanitizer pads each allocation, and keeps what was freed for a while.
  expect_lt((resident() - before[[3]]) / 1e5, if (is_sanitized()) 8000 else 2000)
  expect_lt(system.time(gc(FALSE))[["elapsed"]], 10)
  expect_identical(sum(views[[1]], views[[1e5]]), 2 * sum(1:1000))
  m[["double"]] <- NULL
  vacuum(m)
  close(m)
  expect_identical(unique(vapply(views[c(1, 777, 5e4, 50001, 1e5)], sum, 0)), sum(1:1000) + 0)
  rm(views)
  # One collection frees them all, a next one what their finalizers held.
  expect_lt(system.time({
    gc(FALSE)
    gc(FALSE)
  })[["elapsed"]], 20)
  expect_false(any(grepl(basename(path_of(m)), readLines("/proc/self/maps"), fixed = TRUE)))
})
