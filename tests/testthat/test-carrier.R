# Objects of the package in sessions that have not loaded it.

# One of each kind.
one_of_each <- function(m) {
  list(
    handle = m, mmarray = mmarray(m, "x"),
    object = read_pickle(charToRaw("cdecimal\nDecimal\n(V1.50\ntR.")),
    dict = read_pickle(charToRaw("(dI1\nI2\ns.")), r_object = r_object(1),
    ndarray = ndarray(1:3, "int8"), empty_ndarray = empty_ndarray(3), summary = summary(m)
  )
}

store_of_numbers <- function(.local_envir = parent.frame()) {
  m <- local_store(.local_envir = .local_envir)
  m[["x"]] <- c(10, 20, 30)
  m[["o"]] <- c("a", "b")
  m
}

# Lines of R in a session that has loaded nothing; what it prints.
bare_session <- function(lines, ..., libraries = .libPaths()) {
  script <- withr::local_tempfile(fileext = ".R", lines = lines)
  withr::local_envvar(R_LIBS = paste(libraries, collapse = .Platform$path.sep))
  suppressWarnings(system2(
    file.path(R.home("bin"), "Rscript"), c("--vanilla", shQuote(c(script, ...))),
    stdout = TRUE, stderr = TRUE
  ))
}

# What a task asks of them, without the package's name.
ask_all <- function(x, frame, f) {
  list(
    sum = sum(x$handle$x), length = length(x$handle), names = names(x$handle),
    slice = x$handle["x", 2], inner = x$handle[["x"]][3], dim = dim(x$mmarray),
    part = x$mmarray[2:3], mean = mean(x$mmarray), number = as.numeric(x$object),
    printed = utils::capture.output(print(x$dict), print(x$r_object), print(x$ndarray)),
    frame = sum(frame$handle[[1L]]$x), closure = f(), loaded = "mmappickle" %in% loadedNamespaces()
  )
}

answers_of <- function(x) {
  frame <- data.frame(row = 1L)
  frame$handle <- list(x$handle)
  f <- local({
    m <- x$handle
    function() m[["o"]]
  }, envir = list2env(list(x = x), parent = globalenv()))
  environment(ask_all) <- globalenv()
  list(task = ask_all, arguments = list(x, frame, f))
}

test_that("what the package gives out brings it to other sessions", {
  skip_on_cran()
  for (package in c("callr", "future", "mirai")) skip_if_not_installed(package)
  m <- store_of_numbers()
  it <- answers_of(one_of_each(m))
  want <- do.call(it$task, it$arguments)
  expect_identical(want$sum, 60)
  libraries <- paste(.libPaths(), collapse = .Platform$path.sep)
  withr::local_envvar(R_LIBS = libraries)

  expect_identical(callr::r(it$task, it$arguments), want, label = "callr")

  cluster <- parallel::makePSOCKcluster(1L)
  withr::defer(parallel::stopCluster(cluster))
  parallel::clusterCall(cluster, .libPaths, .libPaths())
  expect_identical(parallel::clusterApply(cluster, list(it), function(it) {
    do.call(it$task, it$arguments)
  })[[1L]], want, label = "a cluster")
  expect_identical(parallel::parSapply(cluster, 1L, function(i, m) sum(m$x), m), 60)

  before <- future::plan(future::multisession, workers = 2L)
  withr::defer(future::plan(before))
  seen <- future::future(do.call(task, arguments), globals = it, packages = NULL, seed = NULL)
  expect_identical(future::value(seen), want, label = "a future")

  mirai::daemons(1L)
  withr::defer(mirai::daemons(0L))
  seen <- mirai::call_mirai(mirai::mirai(do.call(task, arguments), .args = it))$data
  expect_identical(seen, want, label = "mirai")
})

test_that("each kind alone brings the package from a file", {
  skip_on_cran()
  m <- store_of_numbers()
  folder <- withr::local_tempdir()
  each <- one_of_each(m)
  for (kind in names(each)) saveRDS(each[[kind]], file.path(folder, kind))
  for (kind in c("handle", "mmarray", "ndarray")) {
    saveRDS(each[[kind]], file.path(folder, paste(kind, "of version 2")), version = 2)
  }
  shown <- lapply(dir(folder, full.names = TRUE), function(path) {
    c(basename(path), utils::capture.output(print(readRDS(path))))
  })
  lines <- c(
    "for (path in dir(commandArgs(TRUE), full.names = TRUE)) {",
    "  cat(basename(path), sep = '\\n')", "  print(readRDS(path))",
    "  stopifnot(isNamespaceLoaded('mmappickle'))", "  unloadNamespace('mmappickle')", "}"
  )
  expect_identical(bare_session(lines, folder), unlist(shown))
})

test_that("where the package is not installed, handles and arrays are errors", {
  skip_on_cran()
  m <- store_of_numbers()
  path <- withr::local_tempfile()
  for (version in 2:3) {
    saveRDS(one_of_each(m), path, version = version)
    lines <- c(
      "x <- readRDS(commandArgs(TRUE))",
      "stopifnot(!'mmappickle' %in% rownames(installed.packages()))",
      "wrong <- function(code) !inherits(try(code, silent = TRUE), 'try-error')",
      "h <- x$handle; a <- x$mmarray; n <- x$ndarray",
      "print(c(wrong(h$x), wrong(h[['x']]), wrong(h['x', 1]), wrong(h['x']), wrong(sum(h$x)),",
      "  wrong(a[1]), wrong(a[[1]]), wrong(a$x), wrong(sum(a)), wrong(a + 1), wrong(a[1] <- 2),",
      "  wrong(h$x <- 1), wrong(h[['x']] <- 1), wrong(get('x', h)),",
      "  wrong(n[1]), wrong(n$x), wrong(h()), wrong(as.numeric(a)), wrong(rep(a, 2))))"
    )
    out <- bare_session(lines, path, libraries = character())
    told <- grepl("mmappickle", out)
    expect_true(version == 2 || any(told))
    answers <- unlist(strsplit(grep("^ *\\[", out, value = TRUE), " +"))
    expect_identical(sum(answers == "FALSE"), 19L, label = paste(out, collapse = "\n"))
  }
})

test_that("objects are otherwise what they were", {
  m <- store_of_numbers()
  each <- one_of_each(m)
  for (kind in names(each)) {
    x <- each[[kind]]
    expect_true(is.character(class(x)))
    expect_identical(class(x), paste0(class(x)))
    expect_lt(length(serialize(x, NULL)), if (kind == "summary") 4000 else 3000)
    expect_no_error(utils::capture.output(print(x), str(x), format(x), dput(x)))
  }
  for (kind in c("object", "dict", "r_object")) {
    x <- each[[kind]]
    expect_identical(unserialize(serialize(x, NULL)), x)
    expect_identical(eval(parse(text = deparse(x))), x)
    m[["k"]] <- list(x)
    expect_identical(m[["k"]][[1L]], x)
    y <- x
    class(y) <- c(class(y), "more")
    expect_identical(class(y), c(class(x), "more"))
    oldClass(y)[[1L]] <- "other"
    expect_identical(class(y), c("other", "more"))
    expect_identical(class(x), paste0(class(each[[kind]])))
  }
  # the fields of a handle are not reached by what asks environments
  for (f in list(function(m) get(".ptr", m), function(m) eval(quote(.path), m))) {
    expect_error(f(m))
  }
  expect_identical(ls(m, all.names = TRUE), sort(names(m)))
})
