# A file that is cut under views does not end R, and signals that are none of this package's
# business go where they went before it was loaded.

# Runs a script in a process of R of its own: its output, and the status that it ends with.
run_child <- function(lines) {
  script <- withr::local_tempfile(fileext = ".R", lines = lines)
  withr::local_envvar(R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  out <- suppressWarnings(system2(file.path(R.home("bin"), "Rscript"), c("--vanilla", script),
                                  stdout = TRUE, stderr = TRUE))
  list(out = as.vector(out), status = attr(out, "status") %||% 0L)
}

cut_file <- function(path, size) {
  connection <- file(path, "r+b")
  on.exit(close(connection))
  seek(connection, size, rw = "write")
  truncate(connection)
}

ways_of_reading <- function() {
  list(
    sum = function(x) sum(x), arithmetic = function(x) x * 2, comparison = function(x) x == x,
    elements = function(x) for (i in seq(1, length(x), 100)) x[[i]],
    subset = function(x) x[rev(seq_along(x))], materialize = function(x) materialize(x),
    serialize = function(x) serialize(x, NULL), store = function(x) {
      local_store()[["copy"]] <- x
    }
  )
}

test_that("a file that is cut under a view of any kind is `stale`, and R lives", {
  skip_on_os("windows")
  whole <- new_path()
  m <- mmapdict(whole)
  fill_kinds(m, 20000L)
  close(m)
  path <- new_path()
  kind_of <- function(code) {
    class(tryCatch(suppressWarnings(code), error = identity))[[1L]]
  }
  checked <- checklist()
  for (key in names(kinds_of_views(10L))) {
    for (way in names(ways_of_reading())) {
      unlink(path)
      file.copy(whole, path)
      m <- mmapdict(path)
      x <- m[[key]]
      if (is_view(x)) {
        cut_file(path, view_info(x)$offset + 100)
        # Some of the functions do not take some of the types: that is R's own error.
        kinds <- c(kind_of(ways_of_reading()[[way]](x)), kind_of(length(m)),
                   kind_of(materialize(x)))
        checked$check("mmappickle_error_stale" %in% kinds, way, " of ", key, ": ", toString(kinds))
        # told once; the rest of the session goes on
        other <- local_store()
        other[["x"]] <- c(1, 2)
        checked$check(identical(sum(other[["x"]]), 3), way, " of ", key, ": afterwards")
        close(other)
      }
      close(m)
    }
  }
  checked$report()
})

test_that("so it is when Python cuts the file, under a view and between two calls", {
  skip_on_os("windows")
  require_python()
  for (size in c(0, 1, 30, 4096, 40000)) {
    m <- local_store()
    m[["x"]] <- as.double(1:20000)
    m[["s"]] <- ndarray(sprintf("s%d", 1:20000), "U6")
    views <- list(m[["x"]], m[["s"]])
    run_python("import os, sys; os.truncate(sys.argv[1], int(sys.argv[2]))", path_of(m), size)
    # Through the data pointer R reads zeros; whoever asks the view is told.
    total <- tryCatch(sum(views[[1]]), mmappickle_error_stale = function(e) 0)
    expect_true(is.finite(total), label = size)
    expect_kind(materialize(views[[1]]), "stale")
    expect_kind(paste(views[[2]]), "stale")
    expect_error(m[["x"]], class = "mmappickle_error")
    expect_error(m[["y"]] <- 1, class = "mmappickle_error")
    expect_output(print(m), "mmapdict")
    expect_identical(file.size(path_of(m)), size, label = size)
  }
})

# -- signals of others ---------------------------------------------------------------------

test_that("a signal that is sent does what it does without the package", {
  skip_on_os("windows")
  skip_on_cran()
  # Addresses are those of the sender, by chance.
  plain <- function(child) {
    child$out <- gsub("0x[0-9a-f]+|\\(nil\\)", "<address>", child$out)
    child
  }
  bus <- if (Sys.info()[["sysname"]] == "Linux") 7L else 10L
  for (signal in c(bus, 11L)) {
    lines <- sprintf("tools::pskill(Sys.getpid(), %dL); Sys.sleep(1); cat('alive')", signal)
    loaded <- run_child(c("suppressWarnings(loadNamespace('mmappickle'))", "invisible(0)", lines))
    without <- run_child(c("loadNamespace('stats')", "invisible(0)", lines))
    # the traceback names what ran, not what was loaded
    expect_identical(plain(loaded)$status, plain(without)$status)
    expect_identical(grep("caught|cause", plain(loaded)$out, value = TRUE),
                     grep("caught|cause", plain(without)$out, value = TRUE))
    expect_false(any(grepl("alive", loaded$out)))
  }
})

# Another library that answers faults of its own: by a handler of either kind that jumps out.
other_guard <- c(
  "#include <fcntl.h>", "#include <setjmp.h>", "#include <signal.h>", "#include <string.h>",
  "#include <stdlib.h>", "#include <sys/mman.h>", "#include <unistd.h>",
  "#include <Rinternals.h>",
  "static sigjmp_buf back;",
  "static volatile int seen = 0;",
  "static void plain(int s) { ++seen; siglongjmp(back, 1); }",
  "static void informed(int s, siginfo_t *i, void *c) { ++seen; siglongjmp(back, 1); }",
  "SEXP set_handler(SEXP kind) {",
  "  struct sigaction a;", "  memset(&a, 0, sizeof a);",
  "  switch (Rf_asInteger(kind)) {",
  "    case 0: a.sa_handler = SIG_DFL; break;",
  "    case 1: a.sa_handler = SIG_IGN; break;",
  "    case 2: a.sa_handler = plain; break;",
  "    default: a.sa_sigaction = informed; a.sa_flags = SA_SIGINFO;",
  "  }",
  "  sigaction(SIGBUS, &a, NULL);", "  return R_NilValue;", "}",
  "SEXP fault(void) {",
  "  char name[] = \"/tmp/mmappickle-guard-XXXXXX\";", "  int f = mkstemp(name);",
  "  volatile char *p;", "  unlink(name);",
  "  if (ftruncate(f, 8192)) return R_NilValue;",
  "  p = mmap(NULL, 8192, PROT_READ, MAP_SHARED, f, 0);",
  "  if (ftruncate(f, 0)) return R_NilValue;",
  "  if (sigsetjmp(back, 1) == 0) seen += 100 * p[0];",
  "  munmap((void *)p, 8192);", "  close(f);",
  "  return Rf_ScalarInteger(seen);", "}"
)

test_that("a handler that was there before gets the faults that are its own", {
  skip_on_os("windows")
  skip_on_cran()
  folder <- withr::local_tempdir()
  writeLines(other_guard, file.path(folder, "guard.c"))
  withr::with_dir(folder, {
    log <- suppressWarnings(system2(file.path(R.home("bin"), "R"), c("CMD", "SHLIB", "guard.c"),
                                    stdout = TRUE, stderr = TRUE))
  })
  library_file <- file.path(folder, paste0("guard", .Platform$dynlib.ext))
  skip_if(!file.exists(library_file), "no compiler on this platform")
  start <- sprintf("dyn.load('%s')", library_file)
  cut_view <- c(
    "m <- mmapdict(path <- tempfile()); m[['x']] <- as.double(1:20000); x <- m[['x']]",
    "f <- file(path, 'r+b'); invisible(seek(f, 8192, rw = 'write')); invisible(truncate(f))",
    "close(f); stopifnot(is.finite(sum(x)))",
    "stopifnot(inherits(try(materialize(x), silent = TRUE), 'try-error'))"
  )
  for (kind in 2:3) {
    child <- run_child(c(
      start, sprintf("invisible(.Call('set_handler', %dL))", kind), "library(mmappickle)",
      "stopifnot(.Call('fault') == 1L, .Call('fault') == 2L)", cut_view,
      "stopifnot(.Call('fault') == 3L)", "cat('alive')"
    ))
    expect_identical(child$out, "alive", label = paste("handler of kind", kind))
  }
  # ignored: one that is sent is ignored still, a fault ends the process, as the system has it
  sent <- "tools::pskill(Sys.getpid(), 7L); Sys.sleep(0.2)"
  for (package in c("library(mmappickle)", "invisible(0)")) {
    child <- run_child(c(start, "invisible(.Call('set_handler', 1L))", package,
                         if (Sys.info()[["sysname"]] == "Linux") sent, "cat('alive')"))
    expect_identical(child$out, "alive", label = package)
  }
  ends <- lapply(0:1, function(kind) {
    lapply(c("library(mmappickle)", "invisible(0)"), function(package) {
      run_child(c(start, sprintf("invisible(.Call('set_handler', %dL))", kind), package,
                  ".Call('fault')", "cat('alive')"))
    })
  })
  for (end in ends) {
    expect_false(end[[1L]]$status == 0L)
    expect_identical(end[[1L]]$status, end[[2L]]$status)
    expect_false(any(grepl("alive", end[[1L]]$out)))
  }
})
