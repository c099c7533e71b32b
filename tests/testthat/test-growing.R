# Arrays that grow, beside plain R: appended to, sliced, moved, opened anew by chance; at the end
# as Python reads them.

# What Python reads: elements in C order; None where they are masked.
python_values <- function(path) {
  code <- paste(
    "import json, pickle, sys, numpy",
    "def plain(x):",
    "    if x.dtype.fields is not None:",
    "        return {name: plain(x[name]) for name in x.dtype.names}",
    "    mask = numpy.ma.getmaskarray(x).ravel().tolist()",
    "    x = numpy.ma.getdata(x).ravel()",
    "    if x.dtype.kind in 'Mm':",
    "        mask = [a or b for a, b in zip(mask, numpy.isnat(x).tolist())]",
    "        x = x.astype('int64') / {'D': 1, 's': 1, 'm': 1e3, 'u': 1e6, 'n': 1e9}[x.dtype.str[4]]",
    "    if x.dtype.kind == 'c': x = numpy.stack([x.real, x.imag], -1).ravel(); mask = [False] * len(x)",
    "    return [None if m else repr(v) if isinstance(v, float) else v for v, m in zip(x.tolist(), mask)]",
    "for unpickler in (pickle.Unpickler, pickle._Unpickler):",
    "    with open(sys.argv[1], 'rb') as file: d = unpickler(file).load()",
    "print(json.dumps({k: {'shape': list(v.shape), 'values': plain(v)} for k, v in d.items()}))",
    sep = "\n"
  )
  read_json(run_python(code, path))
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
  if (is.character(like)) values else if (is.logical(like)) as.logical(values) else as.double(values)
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

# One array, and what was done with it.
walk_growing <- function(path, key, kind, reversed, steps) {
  dims <- if (reversed) "reversed" else "same"
  open <- function() local_mmapdict(path, dims = dims, .local_envir = parent.frame(2L))
  m <- open()
  other <- open()
  marked <- function(x) if (is.null(kind$dtype)) x else ndarray(x, kind$dtype)
  rows <- function(n) growing_rows(kind, n, reversed)
  append_rows <- function(n, to = m, along = 1) {
    x <- rows(n)
    mmap_append(to, key, x, along)
    model <<- if (is.null(model)) x else bind_rows(model, x, reversed)
  }
  model <- rows(3L)
  if (kind$masked) model <- with_na(model)
  mmap_append(m, key, marked(model))
  views <- list()
  acts <- list(
    append = function() append_rows(sample(c(0:4, 40L), 1L)),
    `append by another` = function() append_rows(sample(3L, 1L), other),
    `append along` = function() append_rows(1L, along = max(1L, along_of(model, reversed))),
    `append itself` = function() {
      if (n_rows(model, reversed) > 100L || is.data.frame(model)) return()
      mmap_append(m, key, m[[key]])
      model <<- bind_rows(model, model, reversed)
    },
    slice = function() {
      i <- sample(n_rows(model, reversed), min(3L, n_rows(model, reversed)))
      x <- rows(length(i))
      write_rows(m, key, model, i, x, reversed)
      model <<- put_rows(model, i, x, reversed)
    },
    view = function() {
      views[[length(views) + 1L]] <<- list(seen = m[[key]], rows = n_rows(model, reversed))
    },
    vacuum = function() vacuum(m, keep_room = sample(c(TRUE, FALSE), 1L), force = TRUE),
    upgrade = function() vacuum(m, upgrade = TRUE, force = TRUE),
    reclaim = function() {
      views <<- list() # of which some are of dead entries
      gc()
      reclaim(m, force = TRUE)
    },
    reopen = function() {
      close(m)
      m <<- open()
    },
    move = function() {
      mmap_rename(other, key, "moved")
      mmap_copy(m, m, "moved", key)
      mmap_delete(m, "moved")
    },
    attribute = function() mmap_attr(m, key, "note") <- sample(letters, 1L)
  )
  for (step in seq_len(steps)) {
    name <- sample(names(acts), 1L)
    if (name == "attribute" && is.data.frame(model)) next
    before <- model
    acts[[name]]()
    what <- paste(key, "after", name)
    plain <- function(x) {
      x <- materialize(x)
      if (!is.data.frame(x)) attr(x, "note") <- NULL
      x
    }
    reader <- sample(list(m, other), 1L)[[1L]]
    if (!identical(before, model) || step == steps) {
      expect_equal(plain(reader[[key]]), model, label = what)
    }
    i <- sample(n_rows(model, reversed), min(2L, n_rows(model, reversed)))
    expect_equal(plain(read_rows(reader, key, model, i, reversed)),
                 take_rows(model, i, reversed), label = paste("rows of", what), ignore_attr = "note")
    e <- entries(reader)
    if (!is.data.frame(model)) { # of which the column `value` tells
      extents <- e$shape[e$key == key][[1L]]
      if (reversed) extents <- rev(extents)
      expect_equal(extents[[1L]], n_rows(model, reversed), label = what)
    }
    expect_gte(e$capacity[e$key == key], n_rows(model, reversed))
  }
  # What is written shows in them, as in all views; what is appended does not.
  for (view in views) expect_equal(n_rows(view$seen, reversed), view$rows, info = key)
  model
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
      model[[key]] <- walk_growing(path, key, kinds[[key]], reversed, 10L * longer())
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
append_for_ever_in_python <- paste(
  "import fcntl, os, pickle, sys",
  "sys.path.insert(0, os.path.dirname(sys.argv[1]))",
  "from append import append",
  "path, id = sys.argv[2], int(sys.argv[3])",
  "with open(path, 'rb') as file:",
  "    fcntl.flock(file, fcntl.LOCK_SH)",
  "    x = pickle.load(file)['x'][:, 0]",
  "i = int((x // 1000000 == id).sum())",
  "print(os.getpid(), flush=True)",
  "while True:",
  "    i += 1",
  "    append(path, 'x', [id * 1e6 + i] * 10)",
  sep = "\n"
)

test_that("R and Python append to one array, killed over and over: no row is torn or lost", {
  skip_on_cran()
  skip_on_os("windows")
  skip_if_not_installed("callr")
  require_python()
  path <- new_path()
  m <- local_mmapdict(path)
  m[["x"]] <- growing_ndarray(c(0, 10), capacity = 200000)
  script <- withr::local_tempfile(lines = append_for_ever_in_python, fileext = ".py")
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
  expect_identical(nrow(fsck(m)), 0L)
  loaded <- paste(
    "import pickle, sys",
    "with open(sys.argv[1], 'rb') as file: print(len(pickle.load(file)['x']))",
    sep = "\n"
  )
  expect_identical(as.integer(run_python(loaded, path)), length(x))
})
