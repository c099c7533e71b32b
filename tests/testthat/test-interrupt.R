# Ctrl-C in anything long: the session is at its prompt again soon, the file whole, the handle
# good for more.

# In a session of its own, repeats one of these until the interrupt that it sends to itself
# comes, and tells how; then looks at the handle.
interrupted_child <- function(label, path) {
  limited("true", {
    many <- as.double(seq_len(2e6))
    keys <- sprintf("key%05d", seq_len(5000))
    pickle <- paste0(path, "-pickle")
    m <- mmapdict(path)
    changes <- list(
      insert = function() m[["new"]] <- many,
      text = function() m[["new"]] <- as.character(1:2e5),
      copy = function() m["copy"] <- m["large"],
      slice = function() m["large", 1:2000000] <- 7,
      scattered = function() m["large", seq(1, 2e6, 2)] <- 7,
      mask = function() m["large", rep(c(TRUE, FALSE), 1e6)] <- 7,
      list = function() m[["new"]] <- as.list(many[1:1e5]),
      read = function() materialize(m[["single"]]),
      read_slice = function() m["large", seq(1, 2e6, 2)],
      vacuum = function() vacuum(m),
      upgrade = function() vacuum(m, upgrade = TRUE),
      convert = function() convert_pickle(path, pickle, overwrite = TRUE),
      write_pickle = function() write_pickle(many, pickle),
      fsck = function() fsck(path),
      as_list = function() as.list(m),
      entries = function() entries(m),
      append = function() mmap_append(m, "grown", many)
    )
    change <- changes[[label]]
    system(sprintf("(sleep 0.3; kill -INT %d) &", Sys.getpid()))
    began <- Sys.time()
    took <- function() as.numeric(Sys.time() - began, units = "secs")
    # Where no interrupt comes, neither time nor disk are used up.
    how <- tryCatch({
      while (took() < 60 && file.size(path) < 5e9) change()
      "not interrupted"
    }, interrupt = function(e) "interrupted")
    soon <- took() < 30
    m[["after"]] <- 1
    cat(how, if (soon) "soon" else "late", identical(m[["after"]], 1),
        all(c("first", "large", "single", keys) %in% names(m)), "\n")
  }, label = label, path = path)
}

interruptible <- c("insert", "text", "copy", "slice", "scattered", "mask", "list", "read",
                   "read_slice", "vacuum", "upgrade", "convert", "write_pickle", "fsck",
                   "as_list", "entries", "append")

test_that("Ctrl-C in anything long leaves a whole file", {
  skip_on_os("windows")  # no signals
  require_python()
  seed <- new_path()
  m <- mmapdict(seed)
  m[["first"]] <- "stays"
  m[["large"]] <- as.double(seq_len(2e6))
  m[["single"]] <- ndarray(as.double(seq_len(2e6)), dtype = "float32")
  m[sprintf("key%05d", seq_len(5000))] <- as.list(seq_len(5000))
  m[["dead"]] <- 1
  m[["dead"]] <- NULL
  close(m)
  python <- python_files()
  names <- list()
  for (label in interruptible) {
    path <- copy_of(seed)
    run <- interrupted_child(label, path)
    expect_identical(run, list(lines = "interrupted soon TRUE TRUE ", status = 0L),
                     info = label)
    expect_identical(harm_in(path), character(), info = label)
    expect_identical(hidden_in(dirname(path)), character(), info = label)
    names[[label]] <- python$add(path)
    unlink(dirname(path), recursive = TRUE)
  }
  python$look()
  for (label in interruptible) {
    found <- python$found(names[[label]])
    expect_true(all(c("first", "large", "single", "after") %in% keys_of(found)), info = label)
    expect_true(python$sound(names[[label]]), info = label)
  }
})
