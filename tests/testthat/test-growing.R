# Arrays that grow, beside plain R: appended to, sliced, moved, opened anew by chance; at the end
# as Python reads them.

python_values <- function(path) {
  read_json(run_python(test_path("python", "plain_values.py"), path))
}

# The model as that: one vector for each column.
model_values <- function(x, reversed) {
  if (is.data.frame(x)) {
    return(lapply(x, model_values, reversed))
  }
  if (!is.null(dim(x)) && !reversed) x <- aperm(x)
  if (is.complex(x)) {
    return(as.vector(rbind(Re(x), Im(x))))
  }
  if (inherits(x, "difftime")) units(x) <- "secs"
  if (is.logical(x) || is.character(x)) as.vector(x) else as.double(x)
}

as_model <- function(values, like) {
  if (is.list(like)) {
    return(Map(as_model, values[names(like)], like))
  }
  values <- vapply(values, function(v) if (is.null(v)) NA_character_ else as.character(v), "")
  values[values %in% c("nan", "inf", "-inf")] <-
    c(nan = "NaN", inf = "Inf", `-inf` = "-Inf")[values[values %in% c("nan", "inf", "-inf")]]
  if (is.character(like)) {
    return(values)
  }
  if (is.logical(like)) as.logical(values) else as.double(values)
}

expect_python_sees <- function(path, model, reversed) {
  seen <- python_values(path)
  expect_setequal(names(seen), names(model))
  for (key in names(model)) {
    wanted <- model_values(model[[key]], reversed)
    found <- as_model(seen[[key]]$values, wanted)
    # NaN and NA of doubles are one for JSON.
    expect_equal(found, wanted, label = paste("in Python", key), tolerance = 1e-12,
                 ignore_attr = TRUE)
    expect_equal(seen[[key]]$shape[[1L]], n_rows(model[[key]], reversed), info = key)
  }
}

# One array and what is done with it: a walk has handles, the model and views.
new_walk <- function(path, key, kind, reversed, envir) {
  w <- new.env()
  w$open <- function() {
    local_mmapdict(path, dims = if (reversed) "reversed" else "same", .local_envir = envir)
  }
  w$m <- w$open()
  w$other <- w$open()
  w$rows <- function(n) growing_rows(kind, n, reversed)
  w$append <- function(n, to = w$m, along = 1) {
    x <- w$rows(n)
    mmap_append(to, key, x, along)
    w$model <- bind_rows(w$model, x, reversed)
  }
  w$count <- function() n_rows(w$model, reversed)
  w$views <- list()
  w$model <- w$rows(3L)
  if (kind$masked) w$model <- with_na(w$model)
  mmap_append(w$m, key, if (is.null(kind$dtype)) w$model else ndarray(w$model, kind$dtype))
  w
}

walk_acts <- function(w, key, reversed) {
  list(
    append = function() w$append(sample(c(0:4, 40L), 1L)),
    `append by another` = function() w$append(sample(3L, 1L), w$other),
    `append along` = function() w$append(1L, along = max(1L, along_of(w$model, reversed))),
    `append itself` = function() {
      if (w$count() > 100L || is.data.frame(w$model)) {
        return()
      }
      mmap_append(w$m, key, w$m[[key]])
      w$model <- bind_rows(w$model, w$model, reversed)
    },
    slice = function() {
      i <- sample(w$count(), min(3L, w$count()))
      x <- w$rows(length(i))
      write_rows(w$m, key, w$model, i, x, reversed)
      w$model <- put_rows(w$model, i, x, reversed)
    },
    view = function() {
      w$views[[length(w$views) + 1L]] <- list(seen = w$m[[key]], rows = w$count())
    },
    vacuum = function() vacuum(w$m, keep_room = sample(c(TRUE, FALSE), 1L), force = TRUE),
    upgrade = function() vacuum(w$m, upgrade = TRUE, force = TRUE),
    reclaim = function() {
      w$views <- list() # of which some are of dead entries
      gc()
      reclaim(w$m, force = TRUE)
    },
    reopen = function() {
      close(w$m)
      w$m <- w$open()
    },
    move = function() {
      mmap_rename(w$other, key, "moved")
      mmap_copy(w$m, w$m, "moved", key)
      mmap_delete(w$m, "moved")
    },
    attribute = function() {
      if (!is.data.frame(w$model)) mmap_attr(w$m, key, "note") <- sample(letters, 1L)
    }
  )
}

without_note <- function(x) {
  x <- materialize(x)
  if (!is.data.frame(x)) attr(x, "note") <- NULL
  x
}

walk_growing <- function(path, key, kind, reversed, steps) {
  w <- new_walk(path, key, kind, reversed, environment())
  acts <- walk_acts(w, key, reversed)
  for (step in seq_len(steps)) {
    before <- w$model
    name <- sample(names(acts), 1L)
    acts[[name]]()
    what <- paste(key, "after", name)
    reader <- sample(list(w$m, w$other), 1L)[[1L]]
    if (!identical(before, w$model) || step == steps) {
      expect_equal(without_note(reader[[key]]), w$model, label = what)
    }
    i <- sample(w$count(), min(2L, w$count()))
    expect_equal(
      without_note(read_rows(reader, key, w$model, i, reversed)),
      take_rows(w$model, i, reversed),
      label = paste("rows of", what)
    )
    e <- entries(reader)
    if (!is.data.frame(w$model)) { # of which the column `value` tells
      extents <- e$shape[e$key == key][[1L]]
      if (reversed) extents <- rev(extents)
      expect_equal(extents[[1L]], w$count(), label = what)
    }
    expect_gte(e$capacity[e$key == key], w$count())
  }
  # What is written shows in them, as in all views; what is appended does not.
  for (view in w$views) expect_equal(n_rows(view$seen, reversed), view$rows, info = key)
  w$model
}

# The first rows settle that there is a mask.
with_na <- function(x) {
  if (is.data.frame(x)) x[1L, c("n", "level")] <- NA else x[1L] <- NA
  x
}

test_that("whatever is done with arrays that grow, they are as plain R's, and Python reads them", {
  withr::local_seed(21)
  kinds <- growing_kinds()
  for (reversed in c(FALSE, TRUE)) {
    path <- new_path()
    model <- list()
    for (key in names(kinds)) {
      if (reversed && !length(kinds[[key]]$row)) next
      model[[key]] <- walk_growing(path, key, kinds[[key]], reversed, 8L * longer())
    }
    m <- local_mmapdict(path)
    expect_identical(nrow(fsck(m)), 0L)
    if (has_python()) expect_python_sees(path, model, reversed)
  }
})

# Rows of ten times the same number: who it is, and how many it has added.
append_for_ever <- function(path, id) {
  m <- mmappickle::mmapdict(path)
  seen <- m["x", , 1]
  i <- sum(seen %/% 1e6 == id)
  repeat mmappickle::mmap_append(m, "x", rep(id * 1e6 + (i <- i + 1), 10))
}
test_that("R and Python append to one array, killed over and over: no row is torn or lost", {
  skip_on_cran()
  skip_on_os("windows")
  skip_if_not_installed("callr")
  require_python()
  path <- new_path()
  m <- local_mmapdict(path)
  m[["x"]] <- growing_ndarray(c(0, 10), capacity = 200000)
  script <- normalizePath(test_path("python", "append_for_ever.py"))
  own <- system.file("examples", "append.py", package = "mmappickle", mustWork = TRUE)
  sum_of <- function(id) sum(m["x", , 1] %/% 1e6 == id)
  for (round in seq_len(3L * longer())) {
    before <- c(sum_of(1), sum_of(2))
    out <- withr::local_tempfile()
    system2(python(), shQuote(c("-B", script, own, path, 2)), stdout = out, wait = FALSE)
    session <- start_r(append_for_ever, path, 1)
    for (i in 1:600) {
      if (all(c(sum_of(1), sum_of(2)) >= before + 10)) break
      Sys.sleep(0.02)
    }
    tools::pskill(session$get_pid(), tools::SIGKILL)
    tools::pskill(as.integer(readLines(out)), tools::SIGKILL)
    x <- m[["x"]][, ]
    expect_true(all(x == x[, 1L])) # those that come now are behind these
  }
  session$wait(1000)
  Sys.sleep(0.1)
  m[["more"]] <- 1 # heals
  x <- m["x", , 1]
  for (id in 1:2) {
    added <- x[x %/% 1e6 == id] %% 1e6
    expect_gte(length(added), 30L)
    expect_identical(added, as.double(seq_along(added)))
  }
  expect_false(any(fsck(m)$harmful)) # the length that the library sees may be an older one
  loaded <- paste(
    "import pickle, sys",
    "with open(sys.argv[1], 'rb') as file: print(len(pickle.load(file)['x']))",
    sep = "\n"
  )
  expect_identical(as.integer(run_python(loaded, path)), length(x))
})
