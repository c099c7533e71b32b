# The store: keys, changes, vacuum, writers and readers at once, growth with the number of keys.

fill <- function(m, keys) {
  for (i in seq_len(keys)) m[[sprintf("key%07d", i)]] <- 1
  m
}


bench_keys <- function() {
  keys <- 100000
  m <- new_file("keys.mmdpickle")
  path <- scratch("keys.mmdpickle")
  fill(m, keys)
  in_turns(1, "open and names() of 100,000 keys", list(
    ours = function() {
      reader <- mmapdict(path, readonly = TRUE)
      on.exit(close(reader))
      stopifnot(length(names(reader)) == keys)
    },
    "a bare loop" = function() bare_names(path, keys),
    "pickle.load" = py(sprintf("with open('%s', 'rb') as file: pickle.load(file)", path))
  ), c("a bare loop" = 2))

  other <- mmapdict(path, readonly = TRUE)
  on.exit(close(other))
  has_key(other, "key0000001")
  notice <- function() {
    m[["key0000001"]] <- 1
    seconds(function() has_key(other, "key0000001"))
  }
  record(3, "notice a foreign change, a key of 100,000", "30 ns",
    median(replicate(21, notice())) / keys, 30e-9, 1)
}

bench_inserts <- function() {
  n <- 2000
  bare <- scratch("bare.bin")
  on.exit(unlink(bare))
  m <- new_file("inserts.mmdpickle")
  names <- sprintf("key%07d", seq_len(n))
  in_turns(2, "insert one by one", list(
    ours = function() for (k in names) m[[k]] <- 1,
    "the same calls, bare" = function() bare_inserts(bare, n)
  ), c("the same calls, bare" = 1.4), of = n)
  values <- as.list(seq_len(n))
  in_turns(2, "insert 2,000 keys at once, a key", list(
    ours = function() m[names] <- values,
    "one by one" = function() for (k in names) m[[k]] <- 1
  ), c("one by one" = 1 / 3), of = n)
}

bench_vacuum <- function() {
  x <- runif(2^24)
  path <- scratch("vacuum.mmdpickle")
  copy <- scratch("vacuum.copy")
  on.exit(unlink(c(path, copy)))
  prepare <- function() {
    unlink(c(path, copy))
    m <- mmapdict(path)
    for (k in letters[1:8]) m[[k]] <- x
    for (k in letters[1:4]) m[[k]] <- NULL
    close(m)
    writeBin(x, copy)
    for (i in 1:3) {
      file <- file(copy, "ab")
      writeBin(x, file)
      close(file)
    }
    system("sync")
  }
  target <- scratch("vacuum.target")
  on.exit(unlink(target), add = TRUE)
  in_turns(13, "vacuum of 1 GB, half of it dead", list(
    ours = function() {
      m <- mmapdict(path)
      vacuum(m)
      close(m)
    },
    "cp and sync of what lives" = function() {
      system(paste("cp --sparse=never", shQuote(copy), shQuote(target), "&& sync", shQuote(target)))
    }
  ), c("cp and sync of what lives" = 1.15), times = 3, before = prepare)
}

# What a number of processes get done a second together, each at the same file.
done_together <- function(path, writers, readers) {
  go <- scratch("go")
  on.exit(unlink(c(go, paste0(go, seq_len(writers + readers)))))
  work <- function(path, k, writes, go) {
    m <- mmappickle::mmapdict(path, readonly = !writes)
    on.exit(close(m))
    key <- if (writes) paste0("writer", k) else "shared"
    file.create(paste0(go, k))
    while (!file.exists(go)) Sys.sleep(0.001)
    until <- Sys.time() + 2
    n <- 0
    while (Sys.time() < until) {
      if (writes) m[[key]] <- n else m[[key]]
      n <- n + 1
    }
    n / 2
  }
  jobs <- c(rep(TRUE, writers), rep(FALSE, readers))
  running <- lapply(seq_along(jobs), function(k) {
    callr::r_bg(work, list(path, k, jobs[[k]], go), libpath = .libPaths())
  })
  while (!all(file.exists(paste0(go, seq_along(jobs))))) Sys.sleep(0.01)
  file.create(go)
  rates <- vapply(running, function(job) {
    job$wait()
    job$get_result()
  }, 0)
  c(written = sum(rates[jobs]), read = sum(rates[!jobs]))
}

bench_together <- function() {
  m <- new_file("together.mmdpickle")
  path <- scratch("together.mmdpickle")
  m[["shared"]] <- 1
  rate <- function(...) {
    m[["shared"]] <- 1
    vacuum(m)
    done_together(path, ...)
  }
  alone <- rate(1, 0)[["written"]]
  # Seconds a change, so that less is better here, too.
  many <- rate(4, 0)[["written"]]
  record(14, "a change, 4 writers together", "1 writer alone", 1 / many, 1 / alone, 1 / 0.9)
  among <- rate(4, 4)
  record(14, "a change, 4 writers beside 4 readers", "1 writer alone", 1 / among[["written"]],
    1 / alone, 3)
}

bench_scale <- function() {
  for (keys in 10^(3:6)) {
    m <- new_file("scale.mmdpickle")
    path <- scratch("scale.mmdpickle")
    fill(m, keys - 200)
    tell <- function(row, what, f, of = 1, times = 5) {
      in_turns(row, what, list(ours = f), of = of, times = times, size = keys)
    }
    names <- sprintf("more%07d", 1:200)
    tell(16, "insert", function() for (k in names) m[[k]] <- 1, 200)
    look <- sprintf("key%07d", sample(keys - 200, 200))
    tell(16, "look up by name", function() for (k in look) m[[k]], 200)
    places <- sample(keys - 200, 200)
    tell(16, "look up by position", function() for (k in places) m[[k]], 200)
    tell(16, "open and names(), a key", function() {
      reader <- mmapdict(path, readonly = TRUE)
      on.exit(close(reader))
      names(reader)
    }, keys)
    tell(16, "fsck(), a key", function() fsck(path), keys, 3)
    close(m)
  }
}

bench_access <- function() {
  m <- new_file("access.mmdpickle")
  for (size in 2^c(10, 20, 30, 40)) {
    made <- tryCatch(
      {
        m[["x"]] <- empty_ndarray(size / 8)
        TRUE
      },
      mmappickle_error_io = function(e) FALSE # the file system cannot hold it
    )
    if (!made) next
    in_turns(4, 'm[["x"]] of an array', list(ours = function() for (i in 1:200) m[["x"]]),
      of = 200, size = size)
  }
  m[["number"]] <- 1
  m[["list"]] <- list(a = 1, b = "b", c = TRUE)
  m[["frame"]] <- data.frame(a = 1:3, b = c(0.5, 1, 2))
  for (key in c("number", "list", "frame")) {
    in_turns(4, sprintf('m[["k"]] of a %s', key), list(
      ours = function() for (i in 1:200) m[[key]]
    ), of = 200)
  }
}
