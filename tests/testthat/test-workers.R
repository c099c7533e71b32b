# Handles and views in other processes, in saved workspaces, and after their file has changed
# or gone: a handle opens its file anew at its first use, a view travels as its values.

own_library <- function() .libPaths()

# A store of every kind of view, closed when the test ends.
store_of_kinds <- function(..., .local_envir = parent.frame()) {
  m <- local_store(..., .local_envir = .local_envir)
  fill_kinds(m)
  m
}

# All views of a store, and what they hold.
views_in <- function(m) {
  views <- lapply(setNames(nm = names(kinds_of_views())), function(key) m[[key]])
  list(views = views, values = lapply(views, materialize))
}

# What a worker is asked about a handle; `write` is a key that it sets, or "".
ask <- function(m, write = "") {
  kind_of <- function(code) {
    error <- tryCatch({
      code
      NULL
    }, error = identity)
    if (is.null(error)) "none" else class(error)[[1L]]
  }
  dim_seen <- dim(m[["matrix"]])
  class_seen <- class(m[["int64"]])
  made_by <- attr(m[["object"]], "made_by")
  list(
    pid = Sys.getpid(), open = mmappickle::is_open(m), sum = sum(m[["double"]]),
    dim = dim_seen, class = class_seen, made_by = made_by,
    write = kind_of(if (nzchar(write)) m[[write]] <- Sys.getpid())
  )
}

# The options that a handle has to keep on its way.
telling_handle <- function(path, readonly = FALSE) {
  readers <- list("uuid.UUID" = function(object) structure("read", made_by = "reader"))
  mmapdict(path, readonly = readonly, dims = "reversed", int64 = "integer64", readers = readers)
}

# The file of these handles: an entry that each of the options changes.
telling_path <- function(.local_envir = parent.frame()) {
  path <- new_path(.local_envir)
  m <- mmapdict(path)
  m[["double"]] <- c(1, 2, 3)
  m[["matrix"]] <- ndarray(matrix(as.double(1:6), 2), "float64")
  m[["int64"]] <- ndarray(c(1, 2), "int64")
  m[["object"]] <- python_call_of_uuid()
  close(m)
  path
}

python_call_of_uuid <- function() {
  # protocol 0, by hand: uuid.UUID("1")
  read_pickle(charToRaw("cuuid\nUUID\n(S'12345678123456781234567812345678'\ntR."))
}

expect_answer <- function(answer, readonly, label, elsewhere = TRUE) {
  if (elsewhere) expect_false(answer$pid == Sys.getpid(), label = paste(label, "is elsewhere"))
  expect_true(answer$open, label = label)
  expect_identical(answer$sum, 6, label = label)
  expect_identical(answer$dim, c(3L, 2L), label = paste("dims of", label))
  expect_identical(answer$class, "integer64", label = paste("int64 of", label))
  expect_identical(answer$made_by, "reader", label = paste("readers of", label))
  expect_identical(answer$write, if (readonly) "mmappickle_error_readonly" else "none",
                   label = label)
}

# `run(f, arguments)` runs a function in another process. `f` is ask(), or identity() of views.
expect_travels <- function(run, label) {
  path <- telling_path()
  for (readonly in c(FALSE, TRUE)) {
    m <- telling_handle(path, readonly)
    key <- paste("by", label)
    answer <- run(ask, list(m, key))
    expect_answer(answer, readonly, label)
    if (!readonly) expect_identical(m[[key]], as.integer(answer$pid), label = label)
    close(m)
    closed <- run(function(m) tryCatch(length(m), error = function(e) class(e)[[1L]]), list(m))
    expect_identical(closed, "mmappickle_error_closed", label = paste("closed, to", label))
  }
  all <- views_in(store_of_kinds())
  seen <- run(
    function(views) {
      list(views = views, is_view = vapply(views, mmappickle::is_view, NA),
           head = lapply(views, head, 3))
    },
    list(all$views)
  )
  expect_identical(seen$views, all$values, label = label)
  expect_identical(seen$head, lapply(all$values, head, 3), label = label)
}

test_that("handles and views travel to a cluster of sockets", {
  skip_on_cran()
  cluster <- parallel::makePSOCKcluster(2L)
  withr::defer(parallel::stopCluster(cluster))
  parallel::clusterCall(cluster, .libPaths, own_library())
  expect_travels(function(f, arguments) {
    environment(f) <- globalenv()
    answers <- parallel::clusterApply(cluster, 1:2, function(i, f, arguments) {
      if (i == 2L && length(arguments) == 2L) arguments[[2L]] <- ""
      do.call(f, arguments)
    }, f, arguments)
    answers[[1L]]
  }, "a cluster")
})

test_that("handles and views travel to callr's processes", {
  skip_on_cran()
  skip_if_not_installed("callr")
  session <- callr::r_session$new()
  withr::defer(session$close())
  expect_travels(function(f, arguments) {
    environment(f) <- globalenv()
    session$run(f, arguments)
  }, "callr")
})

test_that("handles and views come through a fork", {
  skip_on_os("windows")
  skip_on_cran()
  expect_travels(function(f, arguments) {
    answers <- parallel::mclapply(1:2, function(i) if (i == 1L) do.call(f, arguments),
                                  mc.cores = 2L)
    answers[[1L]]
  }, "a fork")
})

test_that("handles and views travel to futures", {
  skip_on_cran()
  skip_if_not_installed("future")
  withr::local_envvar(R_LIBS = paste(own_library(), collapse = .Platform$path.sep))
  before <- future::plan(future::multisession, workers = 2L)
  withr::defer(future::plan(before))
  expect_travels(function(f, arguments) {
    environment(f) <- globalenv()
    future::value(future::future(do.call(f, arguments), seed = NULL,
                                 globals = list(f = f, arguments = arguments)))
  }, "a future")
})

test_that("handles and views travel to mirai's daemons", {
  skip_on_cran()
  skip_if_not_installed("mirai")
  withr::local_envvar(R_LIBS = paste(own_library(), collapse = .Platform$path.sep))
  mirai::daemons(1L)
  withr::defer(mirai::daemons(0L))
  expect_travels(function(f, arguments) {
    environment(f) <- globalenv()
    task <- mirai::mirai(do.call(f, arguments), f = f, arguments = arguments)
    mirai::call_mirai(task)$data
  }, "mirai")
})

# -- saved ---------------------------------------------------------------------------------

# All ways in which R writes an object; each gives a function that reads it again.
ways_of_saving <- function() {
  by_serialize <- function(...) {
    function(x) {
      bytes <- serialize(x, NULL, ...)
      function() unserialize(bytes)
    }
  }
  by_file <- function(write, read) {
    function(x) {
      path <- tempfile()
      write(x, path)
      function() {
        read(path)
      }
    }
  }
  load_x <- function(path) {
    e <- new.env()
    load(path, e)
    e$x
  }
  list(
    serialize = by_serialize(), `version 2` = by_serialize(version = 2),
    little = by_serialize(xdr = FALSE), ascii = by_serialize(ascii = TRUE),
    `ascii, version 2` = by_serialize(ascii = TRUE, version = 2),
    saveRDS = by_file(saveRDS, readRDS),
    `saveRDS, plain` = by_file(function(x, path) saveRDS(x, path, compress = FALSE), readRDS),
    `saveRDS, xz` = by_file(function(x, path) saveRDS(x, path, compress = "xz"), readRDS),
    save = by_file(function(x, path) save(x, file = path), load_x),
    `save, ascii` = by_file(function(x, path) save(x, file = path, ascii = TRUE), load_x),
    `save, version 2` = by_file(function(x, path) save(x, file = path, version = 2), load_x)
  )
}

# R puts a wrapper of its own in front of a view that it would have to copy to set attributes.
wrapped <- function(x) {
  attr(x, "note") <- "mine"
  x
}

test_that("saved views are their values, also when the file is gone", {
  skip_on_os("windows")
  for (way in names(ways_of_saving())) {
    m <- store_of_kinds()
    all <- views_in(m)
    e <- new.env(parent = emptyenv())
    e$views <- all$views
    saved <- ways_of_saving()[[way]](list(
      views = all$views, deep = list(list(all$views)), env = e,
      frame = list2DF(lapply(all$views[c("double", "float32")], `dim<-`, NULL)),
      wrapped = lapply(all$views, wrapped)
    ))
    close(m)
    unlink(path_of(m))
    again <- saved()
    want <- all$values
    expect_identical(again$views, want, label = way)
    expect_false(any(vapply(again$views, is_view, NA)), label = way)
    expect_identical(again$deep[[1]][[1]], want, label = way)
    expect_identical(again$env$views, want, label = way)
    expect_identical(again$wrapped, lapply(want, wrapped), label = way)
    expect_identical(again$frame$float32, want$float32, label = way)
  }
})

test_that("data frames of views are saved whole", {
  skip_on_os("windows")
  m <- local_store()
  frame <- data.frame(
    f = rnorm(200), i = 1:200, b = rep(c(TRUE, FALSE), 100), s = sprintf("s%d", 1:200),
    d = as.Date("2020-01-01") + 0:199, t = as.POSIXct("2020-01-01", tz = "UTC") + 0:199,
    k = factor(rep(c("u", "v"), 100))
  )
  m[["frame"]] <- frame
  read <- m[["frame"]]
  bytes <- serialize(read, NULL)
  again <- unserialize(serialize(list(read), NULL, version = 2))[[1L]]
  close(m)
  unlink(path_of(m))
  expect_identical(unserialize(bytes), frame)
  expect_identical(again, frame)
})

test_that("handles are saved by every way and open the file anew", {
  for (way in names(ways_of_saving())) {
    path <- telling_path()
    m <- telling_handle(path)
    r <- telling_handle(path, readonly = TRUE)
    saved <- ways_of_saving()[[way]](list(m = m, r = r, list(m)))
    again <- saved()
    expect_answer(ask(again$m, "w"), FALSE, way, elsewhere = FALSE)
    expect_answer(ask(again$r, "w"), TRUE, way, elsewhere = FALSE)
    # a handle that stands twice in what was saved is one
    close(again$m)
    expect_false(is_open(again[[3L]][[1L]]), label = way)
    expect_true(is_open(m), label = way)
    saved <- ways_of_saving()[[way]](again$m)
    expect_kind(saved()[["double"]], "closed")
    expect_false(is_open(saved()), label = way)
    for (handle in list(again$r, m, r)) close(handle)
  }
})

# -- workspaces ----------------------------------------------------------------------------

# Runs R with a script in a folder, without --vanilla: .RData there is loaded at the start.
run_in_folder <- function(folder, lines, arguments = character()) {
  script <- file.path(folder, "script.R")
  writeLines(lines, script)
  withr::local_envvar(R_LIBS = paste(own_library(), collapse = .Platform$path.sep))
  withr::local_dir(folder)
  out <- suppressWarnings(system2(
    file.path(R.home("bin"), "R"),
    c("--no-echo", "--no-site-file", "--no-init-file", "--no-environ", arguments,
      "-f", "script.R"),
    stdout = TRUE, stderr = TRUE
  ))
  list(out = as.vector(out), status = attr(out, "status") %||% 0L)
}

test_that("a workspace with handles and views is loaded at the start of R", {
  skip_on_cran()
  folder <- withr::local_tempdir()
  path <- file.path(folder, "x.mmdpickle")
  made <- run_in_folder(folder, arguments = "--no-restore", c(
    "library(mmappickle)",
    "m <- mmapdict('x.mmdpickle', dims = 'reversed')",
    "m[['x']] <- ndarray(matrix(as.double(1:6), 2), 'float32')",
    "closed <- mmapdict('x.mmdpickle', readonly = TRUE); close(closed)",
    "gone <- mmapdict('gone.mmdpickle')",
    "rubbish <- mmapdict('rubbish.mmdpickle')",
    "x <- m[['x']]; l <- list(m, x)",
    "save.image()"
  ))
  expect_identical(made$status, 0L, label = paste(made$out, collapse = "\n"))
  unlink(file.path(folder, "gone.mmdpickle"))
  writeBin(charToRaw("rubbish"), file.path(folder, "rubbish.mmdpickle"))
  seen <- run_in_folder(folder, arguments = "--no-save", c(
    "loaded <- 'mmappickle' %in% loadedNamespaces()",
    "kind <- function(code) tryCatch({ code; 'none' }, error = function(e) class(e)[[1]])",
    "stopifnot(identical(dim(x), 2:3), identical(x[], l[[2]][]))",
    "library(mmappickle)",
    "for (h in list(m, closed, gone, rubbish)) { print(h); str(h); format(h); is_open(h) }",
    "stopifnot(identical(m[['x']][], x[]), is_view(m[['x']]), !is_view(x))",
    "m[['y']] <- 1L",
    "stopifnot(identical(l[[1]][['y']], 1L))",
    "stopifnot(kind(closed[['x']]) == 'mmappickle_error_closed')",
    "stopifnot(kind(gone[['x']]) == 'mmappickle_error_io', !file.exists('gone.mmdpickle'))",
    "stopifnot(kind(rubbish[['x']]) == 'mmappickle_error_format')",
    "for (h in list(m, closed, gone, rubbish)) close(h)",
    "cat('all is well\\n')"
  ))
  expect_identical(tail(seen$out, 1), "all is well", label = paste(seen$out, collapse = "\n"))
  # a workspace that is saved again, never used, is the same
  again <- run_in_folder(folder, arguments = "--save", "invisible(0)")
  expect_identical(again$status, 0L)
  last <- run_in_folder(folder, arguments = "--no-save", "cat(mmappickle::is_open(m))")
  expect_identical(tail(last$out, 1), "TRUE", label = paste(last$out, collapse = "\n"))
})

# -- files that change behind a saved handle -------------------------------------------------

# What stands at the path at first use, the error to expect ("" for none).
replacements <- function() {
  other <- function(path) {
    m <- mmapdict(path)
    m[["other"]] <- 1
    close(m)
  }
  write <- function(bytes) function(path) writeBin(bytes, path)
  list(
    "gone" = list(kind = "io", put = function(path) NULL),
    "a folder" = list(kind = "io", put = function(path) dir.create(path)),
    "empty" = list(kind = "format", put = write(raw())),
    "text" = list(kind = "format", put = write(charToRaw("some words, no pickle\n"))),
    "a plain pickle" = list(kind = "format", put = function(path) write_pickle(list(a = 1), path)),
    "half of it" = list(kind = "", put = function(path) {
      other(path)
      bytes <- file_bytes(path)
      writeBin(bytes[seq_len(length(bytes) %/% 2)], path)
    }),
    "another mmapdict" = list(kind = "", put = other)
  )
}

test_that("a handle whose file was replaced by something else says so at first use", {
  for (what in names(replacements())) {
    case <- replacements()[[what]]
    for (readonly in c(FALSE, TRUE)) {
      path <- telling_path()
      m <- telling_handle(path, readonly)
      saved <- serialize(m, NULL)
      close(m)
      unlink(path)
      case$put(path)
      before <- if (file.exists(path) && !dir.exists(path)) file_bytes(path)
      fresh <- function() unserialize(saved)
      for (show in list(print, str, function(x) cat(format(x)), function(x) cat(is_open(x)))) {
        expect_output(show(fresh()), ".")
      }
      error <- tryCatch(fresh()[["double"]], error = identity)
      kinds <- c("mmappickle_error_key", "mmappickle_error_format", "mmappickle_error_stale")
      if (nzchar(case$kind)) kinds <- paste0("mmappickle_error_", case$kind)
      expect_true(inherits(error, kinds),
                  label = paste0(what, ": ", paste(class(error), collapse = " ")))
      expect_identical(if (!is.null(before)) file_bytes(path), before, label = what)
      again <- fresh()
      try(length(again), silent = TRUE)
      expect_null(close(again))
      expect_null(close(fresh()))
      unlink(path, recursive = TRUE)
    }
  }
})

test_that("a handle with an entry of each kind whose file goes away never fails to show itself", {
  skip_on_os("windows")
  m <- store_of_kinds()
  views <- views_in(m)
  unlink(path_of(m))
  for (show in list(print, str, function(x) cat(format(x)), function(x) cat(is_open(x)),
                    function(x) print(list(a = x)), function(x) str(list(a = x)))) {
    expect_output(show(m), ".")
  }
  # An open file can be read as long as somebody has it, but what is written is lost.
  expect_identical(materialize(m[["double"]]), views$values$double)
  expect_kind(m[["new"]] <- 1, "stale")
  expect_false(file.exists(path_of(m)))
  for (key in names(views$views)) {
    expect_identical(materialize(views$views[[key]]), views$values[[key]], label = key)
  }
})

test_that("an mmarray opens its file anew, and never shows what is not its array", {
  m <- local_store()
  m[["x"]] <- ndarray(matrix(as.double(1:6), 2), "float32")
  saved <- serialize(mmarray(m, "x"), NULL)
  expect_identical(unserialize(saved)[2, 3], 6)
  m[["x"]] <- "a text"
  expect_error(unserialize(saved)[2, 3], class = "mmappickle_error")
  expect_output(print(unserialize(saved)), ".")
  m[["x"]] <- NULL
  expect_error(unserialize(saved)[2, 3], class = "mmappickle_error")
  m[["x"]] <- ndarray(matrix(as.double(1:8), 4), "float32")
  expect_error(unserialize(saved)[2, 3], class = "mmappickle_error")
  expect_output(print(unserialize(saved)), ".")
  expect_output(str(unserialize(saved)), ".")
})
