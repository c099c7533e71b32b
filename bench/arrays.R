# Arrays on their way to a file.

bench_write <- function() {
  ours <- scratch("write.mmdpickle")
  plain <- scratch("write.bin")
  npy <- scratch("write.npy")
  on.exit(unlink(c(ours, plain, npy)))
  before <- function() unlink(c(ours, plain, npy))
  store <- function(x, ...) {
    m <- mmapdict(ours)
    m[["x"]] <- if (...length()) ndarray(x, ...) else x
    close(m)
  }
  x <- runif(5e7)
  in_turns(10, "write 5 x 10^7 doubles", list(
    ours = function() store(x),
    "a bare pwrite" = function() bare_write(plain, x),
    writeBin = function() writeBin(x, plain),
    fst = if_installed("fst", function() fst::write_fst(data.frame(x), plain, compress = 0)),
    "saveRDS, uncompressed" = function() saveRDS(x, plain, compress = FALSE),
    qs2 = if_installed("qs2", function() qs2::qs_save(x, plain, compress_level = 1L))
  ), c("a bare pwrite" = 1.05, writeBin = 1, fst = 1), times = 5, before = before)
  square <- matrix(x[seq_len(4e7)], 5000)
  in_turns(10, "write a matrix of 4 x 10^7 doubles, C order", list(
    ours = function() store(square),
    "the vector" = function() store(x[seq_along(square)])
  ), c("the vector" = 1.5), times = 5, before = before)
  py_do("x = np.random.rand(20000000)", sprintf("npy = '%s'", npy))
  x <- x[seq_len(2e7)]
  in_turns(10, "write 2 x 10^7 as float32", list(
    ours = function() store(x, dtype = "float32"),
    "NumPy's astype and save" = py("np.save(npy, x.astype('f4'))")
  ), c("NumPy's astype and save" = 1.1), times = 5, before = before)
  i <- seq_len(2e7) + 0L
  whole <- as.numeric(i)
  truth <- i > 5L
  missing <- replace(i, 7, NA)
  int32 <- function() store(i)
  in_turns(10, "write 2 x 10^7 logicals", list(ours = function() store(truth), int32 = int32),
    c(int32 = 1.5), times = 5, before = before)
  in_turns(10, "write 2 x 10^7 as int64",
    list(ours = function() store(whole, dtype = "int64"), int32 = int32),
    c(int32 = 1.5), times = 5, before = before)
  in_turns(10, "write 2 x 10^7 integers with NA", list(
    ours = function() store(missing), int32 = int32
  ), c(int32 = 1.5), times = 5, before = before)
}

bench_growing <- function() {
  rows <- 1000
  row <- matrix(runif(1000), 1)
  bare <- scratch("bare.bin")
  on.exit(unlink(bare))
  m <- new_file("growing.mmdpickle")
  m[["x"]] <- growing_ndarray(c(0, 1000), "float64", capacity = 50000)
  in_turns(21, "append a row of 1,000 doubles", list(
    ours = function() for (i in seq_len(rows)) mmap_append(m, "x", row),
    "a bare pwrite" = function() bare_appends(bare, rows)
  ), c("a bare pwrite" = 3), of = rows)
  block <- function() for (i in 1:500) mmap_append(m, "x", row)
  blocks <- vapply(1:20, function(b) seconds(block), 0)
  record(21, "append: the last 500 of 10^4 beside the first", "the first", blocks[[20]],
    blocks[[1]], 1.3)
}
