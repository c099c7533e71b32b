# sum() of views beside sum() of the same values as an ordinary vector.
bench_sum <- function() {
  cat("sum() of a view beside sum() of the vector, 2e7 elements\n")
  n <- 2e7
  values <- list(
    float64 = runif(n), float32 = runif(n),
    int16 = rep_len(-30000:30000, n), uint8 = rep_len(0:255, n),
    bool = rep_len(c(TRUE, FALSE, TRUE), n)
  )
  for (dtype in names(values)) {
    path <- scratch("sum.mmdpickle")
    m <- mmapdict(path)
    m[["x"]] <- ndarray(values[[dtype]], dtype = dtype)
    view <- m[["x"]]
    memory <- materialize(view)
    times <- in_turns(function() sum(view), function() sum(memory), times = 21)
    stopifnot(is_view(view), identical(sum(view), sum(memory)))
    record(
      paste("sum of a", dtype, "view"), times[["f"]] / times[["g"]], " x",
      if (dtype == "float64") 1.05 else 1.3,
      sprintf("%.1f ms, %.1f ms", 1000 * times[["f"]], 1000 * times[["g"]])
    )
    values[[dtype]] <- NULL
    rm(view, memory)
    close(m)
    unlink(path)
    gc()
  }
}
