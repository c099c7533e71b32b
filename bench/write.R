# Writing 10^8 doubles beside writeBin() of them.
bench_write <- function() {
  cat("writing 10^8 doubles beside writeBin()\n")
  x <- runif(1e8)
  ours <- scratch("write.mmdpickle")
  plain <- scratch("write.bin")
  on.exit(unlink(c(ours, plain)))
  # Each run makes a new file, with the disk at rest.
  rest <- function() {
    unlink(c(ours, plain))
    if (nzchar(Sys.which("sync"))) system("sync")
  }
  times <- in_turns(
    function() {
      m <- mmapdict(ours)
      m[["x"]] <- x
      close(m)
    },
    function() {
      file <- file(plain, "wb")
      writeBin(x, file)
      close(file)
    },
    times = 5, between = rest
  )
  record(
    "writing 10^8 doubles", times[["f"]] / times[["g"]], " x", 1.1,
    sprintf("%.2f s, %.2f s", times[["f"]], times[["g"]])
  )
}
