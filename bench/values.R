# Values that are no arrays: read and written beside CPython's pickle, and reticulate.

# What Python code makes, and the targets of reading and writing it.
python_values <- list(
  "10^6 ints" = list("list(range(10 ** 6))", 0.5, 1),
  "10^6 strings" = list("['text %d' % i for i in range(10 ** 6)]", 1.1, 1.1),
  "10^5 dicts of 4" = list(
    "[{'a': i, 'b': i / 2, 'c': 'text', 'd': True} for i in range(10 ** 5)]", 0.8, 3
  ),
  "10^5 nested lists" = list("[[i, [i, 'a', [True]]] for i in range(10 ** 5)]", 0.3, 3)
)

bench_values <- function() {
  path <- scratch("value.pkl")
  copy <- scratch("copy.pkl")
  on.exit(unlink(c(path, copy)))
  if (!python_start()) return(invisible())
  py_do(sprintf("path = '%s'", path))
  for (what in names(python_values)) {
    of <- python_values[[what]]
    py_do(
      paste("x =", of[[1]]), "data = pickle.dumps(x, 4)",
      "with open(path, 'wb') as file: written = file.write(data)"
    )
    in_turns(11, paste("read", what), list(
      ours = function() read_pickle(path), "pickle.loads" = py("pickle.loads(data)"),
      reticulate = function() reticulate::py_load_object(path),
      "a bare loop that makes R's objects" = if (what != "10^6 ints") function() bare_objects(what)
    ), c("pickle.loads" = of[[2]], reticulate = 0.25), times = 5)
    value <- read_pickle(path)
    in_turns(12, paste("write", what), list(
      ours = function() write_pickle(value, copy), "pickle.dumps" = py("pickle.dumps(x, 4)")
    ), c("pickle.dumps" = of[[3]]), times = 5)
    rm(value)
    gc()
  }
  small <- scratch("small.pkl")
  in_turns(12, "write one number to a file", list(
    ours = function() for (i in 1:20) write_pickle(1, small),
    "saveRDS, uncompressed" = function() for (i in 1:20) saveRDS(1, small, compress = FALSE)
  ), of = 20)
}

bench_frames <- function() {
  n <- 1e6
  frame <- data.frame(
    i = seq_len(n), x = runif(n), s = sprintf("name %d", seq_len(n) %% 5000),
    b = rep_len(c(TRUE, FALSE), n)
  )
  path <- scratch("frame.mmdpickle")
  plain <- scratch("frame.peer")
  on.exit(unlink(c(path, plain)))
  store <- function() {
    unlink(path)
    m <- mmapdict(path)
    m[["frame"]] <- frame
    close(m)
  }
  read <- function() {
    m <- mmapdict(path, readonly = TRUE)
    on.exit(close(m))
    frame <- m[["frame"]]
    # Views are read, too.
    c(sum(frame$i), sum(frame$x), nchar(frame$s[[n]]), sum(frame$b))
  }
  used <- function(frame) c(sum(frame$i), sum(frame$x), nchar(frame$s[[n]]), sum(frame$b))
  for (peer in c("fst", "qs2", "RDS")) {
    write <- switch(peer,
      fst = if_installed("fst", function() fst::write_fst(frame, plain, compress = 0)),
      qs2 = if_installed("qs2", function() qs2::qs_save(frame, plain, compress_level = 1L)),
      RDS = function() saveRDS(frame, plain, compress = FALSE)
    )
    if (is.null(write)) next
    get <- switch(peer,
      fst = function() used(fst::read_fst(plain)), qs2 = function() used(qs2::qs_read(plain)),
      RDS = function() used(readRDS(plain))
    )
    beside <- function(f) stats::setNames(list(f), peer)
    in_turns(12, "write a frame of 10^6 rows", c(list(ours = store), beside(write)),
      stats::setNames(1, peer), times = 5)
    in_turns(12, "read a frame of 10^6 rows", c(list(ours = read), beside(get)),
      stats::setNames(1, peer), times = 5)
  }
}
