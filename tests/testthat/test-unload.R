# The package is unloaded, detached and loaded again under living views and handles: they are
# read and freed by code of its shared object, which has to stay.

test_that("views and handles outlive the package's namespace, which can be loaded again", {
  skip_on_cran()
  skip_if_not_installed("callr")
  seen <- callr::r(function(path, kinds) {
    library(mmappickle)
    m <- mmapdict(path)
    source(kinds)
    fill_kinds(m)
    views <- lapply(setNames(nm = names(m)), function(key) m[[key]])
    was <- lapply(views, materialize)
    lazy <- lapply(setNames(nm = names(m)), function(key) m[[key]])
    detach("package:mmappickle")
    unloadNamespace("mmappickle")
    gone <- !"mmappickle" %in% loadedNamespaces()
    gc()
    same <- mapply(identical, views, was)
    printed <- length(capture.output(str(views), print(lapply(views, head))))
    saved <- identical(unserialize(serialize(views, NULL)), was)
    # collected while the package is not there
    views <- NULL
    gc()
    handle <- utils::capture.output(print.default(m))
    again <- requireNamespace("mmappickle", quietly = TRUE)
    library(mmappickle)
    kept <- mapply(identical, lazy, was)
    is <- vapply(lazy, is_view, NA)
    fresh <- identical(materialize(m[["double"]]), was$double)
    m[["new"]] <- lazy$float32
    stored <- identical(m[["new"]][], was$float32)
    close(m)
    for (i in 1:3) {
      unloadNamespace("mmappickle")
      loadNamespace("mmappickle")
    }
    m <- mmappickle::mmapdict(path)
    x <- m[["float32"]]
    rm(m, lazy)
    gc()
    list(gone = gone, same = all(same), printed = printed > 0, saved = saved, again = again,
         kept = all(kept), is = is[c("double", "float32", "strings")], fresh = fresh,
         stored = stored, last = identical(x[], was$float32))
  }, list(new_path(), normalizePath(testthat::test_path("helper-kinds.R"))))
  expect_identical(seen$is, c(double = TRUE, float32 = TRUE, strings = TRUE))
  seen$is <- NULL
  expect_true(all(unlist(seen)), label = paste(names(seen)[!unlist(seen)], collapse = ", "))
})

test_that("everything is removed and collected with mappings alive, and at the end of R", {
  skip_on_cran()
  skip_if_not_installed("callr")
  count <- callr::r(function(path, kinds) {
    library(mmappickle)
    source(kinds)
    for (i in 1:3) {
      m <- mmapdict(path)
      fill_kinds(m)
      views <- lapply(setNames(nm = names(m)), function(key) m[[key]])
      e <- new.env()
      e$self <- e
      e$views <- views
      reg.finalizer(e, function(e) try(lapply(e$views, sum), silent = TRUE), onexit = TRUE)
      rm(list = setdiff(ls(), c("path", "kinds", "i", "fill_kinds", "kinds_of_views")))
      gc()
    }
    m <- mmapdict(path)
    # left for the end of the process, with a finalizer that still reads them
    held <- new.env(parent = globalenv())
    held$views <- lapply(setNames(nm = names(m)), function(key) m[[key]])
    assign("held", held, globalenv())
    reg.finalizer(held, function(e) {
      try(lapply(e$views, function(x) x[1]), silent = TRUE)
    }, onexit = TRUE)
    length(m)
  }, list(new_path(), normalizePath(testthat::test_path("helper-kinds.R"))))
  expect_identical(count, length(kinds_of_views()))
})
