# m[["k"]] of float64 arrays from 1 KB to 1 TB: the time must not depend on the size. The
# file is sparse; file systems that cannot hold 1 TB get what they can.
bench_access <- function() {
  cat("m[[\"k\"]] of float64 arrays\n")
  path <- scratch("access.mmdpickle")
  on.exit(unlink(path))
  m <- mmapdict(path)
  sizes <- c("1 KB" = 2^10, "1 MB" = 2^20, "1 GB" = 2^30, "1 TB" = 2^40)
  times <- numeric()
  for (size in names(sizes)) {
    made <- tryCatch(
      {
        m[[size]] <- empty_ndarray(sizes[[size]] / 8)
        TRUE
      },
      mmappickle_error_io = function(e) FALSE
    )
    if (!made) {
      cat("  the file system cannot hold", size, "\n")
      next
    }
    get <- function() m[[size]]
    get()
    times[[size]] <- as.numeric(bench::mark(get(), min_time = 0.5, check = FALSE)$median)
    record(paste0("m[[\"k\"]] of ", size), 1e6 * times[[size]], " us", 20)
  }
  record("m[[\"k\"]]: the slowest beside the fastest", max(times) / min(times), " x", 1.3)
  close(m)
}
