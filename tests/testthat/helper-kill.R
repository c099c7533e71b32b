# Processes that change files until they are killed, and what the files have to hold then: for
# test-kill.R. What is here runs in sessions of its own, too, and needs nothing but the package.

# -- changes -------------------------------------------------------------------------------

# The n-th change: drawn by n alone, so that who reads the file later knows it, too. `make`
# changes the file of a handle, and gives the handle; `model` does the same to a list. `mixes`
# names a key of whose value a kill may leave some new elements.
nth_change <- function(n) {
  set.seed(n)
  kinds <- c("put", "delete", "slice", "slices", "nested", "append", "vacuum", "upgrade", "convert")
  switch(sample(kinds, 1L, prob = c(20, 3, 5, 2, 3, 6, 2, 1, 1)),
    put = put_change(n, sample(names(value_makers), 1L)),
    delete = delete_change(sample(names(value_makers), 1L)),
    slice = slice_change(sample(50L, 1L), n),
    slices = slice_change(1:50, n + seq_len(50)),
    nested = nested_change(n),
    append = append_change(n),
    vacuum = list(make = function(m) vacuum(m), model = identity),
    upgrade = list(make = function(m) vacuum(m, upgrade = TRUE), model = identity),
    convert = list(make = convert_in_place, model = identity)
  )
}

value_makers <- list(
  scalar = function(n) n + 0.5,
  text = function(n) paste("text", seq_len(n %% 7 + 2)),
  vector = function(n) n + as.double(1:50),
  masked = function(n) c(n, NA, 3L),
  matrix = function(n) matrix(n + as.double(1:12), 3),
  nested = function(n) list(a = c(n, 1, 2), b = list("text", c(TRUE, NA))),
  frame = function(n) data.frame(x = n + c(0.5, 1), y = factor(c("a", "b"))),
  time = function(n) .POSIXct(n * 1000 + 0:1, "Europe/Zurich"),
  named = function(n) c(one = n, two = 2),
  bytes = function(n) as.raw(n %% 256 + rep(0L, 300)),
  stub = function(n) empty_ndarray(c(200, n %% 9 + 50), "int32"),
  large = function(n) n + as.double(1:100000)
)

put_change <- function(n, key) {
  value <- value_makers[[key]](n)
  # What reads from it.
  known <- if (key == "stub") array(0L, c(200, n %% 9 + 50)) else value
  list(
    make = function(m) {
      m[[key]] <- value
      m
    },
    model = function(model) {
      model[[key]] <- known
      model
    }
  )
}

delete_change <- function(key) {
  remove <- function(x) {
    if (key %in% names(x)) x[[key]] <- NULL
    x
  }
  list(make = remove, model = remove)
}

slice_change <- function(at, new) {
  list(
    mixes = if (length(at) > 1L) "vector",
    make = function(m) {
      if ("vector" %in% names(m)) m["vector", at] <- new
      m
    },
    model = function(model) {
      if (!is.null(model$vector)) model$vector[at] <- new
      model
    }
  )
}

nested_change <- function(n) {
  change <- function(x) {
    if ("nested" %in% names(x)) x[["nested"]]$a[2:3] <- c(n, -n)
    x
  }
  list(make = change, model = change)
}

# Often more than there is room for, and never one alone: the model would be written as a scalar.
append_change <- function(n) {
  masked <- n %% 2 == 0
  key <- if (masked) "masked that grows" else "grows"
  rows <- if (masked) c(n, NA, n) else n + as.double(seq_len(n %% 3 * 400 + 2))
  list(
    make = function(m) mmap_append(m, key, rows),
    model = function(model) {
      model[[key]] <- c(model[[key]], rows)
      model
    }
  )
}

convert_in_place <- function(m) {
  path <- asNamespace("mmappickle")$own(m, ".path")
  close(m)
  convert_pickle(path)
  mmapdict(path)
}

# -- processes -------------------------------------------------------------------------------

# Makes one change after the other, from the `first` on, and says so before and after each.
change_on_and_on <- function(path, log, first, durable) {
  said <- file(log, "ab")
  say <- function(what, n) {
    cat(sprintf("%s %d\n", what, n), file = said)
    flush(said)
  }
  m <- mmapdict(path, durable = durable)
  for (n in first + 0:1000000) {
    change <- nth_change(n)
    say("begun", n)
    m <- change$make(m)
    say("done", n)
  }
}

# What a log says in whole lines: the numbers of the changes that were begun, or done.
said_in <- function(log, what) {
  text <- if (file.exists(log)) readChar(log, file.size(log)) else character()
  lines <- regmatches(text, gregexpr("[a-z]+ [0-9]+\n", text))
  lines <- grep(what, unlist(lines), value = TRUE)
  as.integer(gsub("[^0-9]", "", lines))
}

# Runs `expression` in a fork that is killed `delay` seconds after `ready()`.
kill_while <- function(expression, ready = function() TRUE, delay = 0) {
  child <- parallel::mcparallel(expression, silent = TRUE)
  result <- NULL
  while (is.null(result) && !ready()) {
    result <- parallel::mccollect(child, wait = FALSE, timeout = 0.001)[[1L]]
  }
  Sys.sleep(delay)
  tools::pskill(child$pid, tools::SIGKILL)
  if (is.null(result)) result <- suppressWarnings(parallel::mccollect(child))[[1L]]
  if (inherits(result, "try-error")) stop(result)  # it ended by itself, and not well
  invisible(is.null(result))
}

# All values of a file, in memory.
values_in <- function(path) {
  m <- mmapdict(path, readonly = TRUE)
  on.exit({
    close(m)
    gc()  # a view would hold the file: nobody else could replace it
  })
  keys <- names(m)
  values <- lapply(keys, function(key) {
    value <- materialize(m[[key]])
    if (is.list(value)) rapply(value, materialize, how = "replace") else value
  })
  names(values) <- keys
  values
}

write_model <- function(model, path) {
  m <- mmapdict(path)
  on.exit(close(m))
  for (key in names(model)) m[[key]] <- model[[key]]
}

same_values <- function(values, model, without = NULL) {
  keys <- setdiff(names(model), without)
  setequal(setdiff(names(values), without), keys) &&
    all(vapply(keys, function(key) identical(values[[key]], model[[key]]), NA))
}

# The new values of some elements, the old ones of the others.
mixed_values <- function(values, old, new) {
  all(values == old | values == new)
}

# Files that were being made.
hidden_in <- function(folder) list.files(folder, "^[.]mmappickle-", all.files = TRUE)

# A process that changes a file is killed, the next one goes on, `kills` times, from the
# `first` change on. Each time the file is read here, and copied to the folder `states`, with
# what it may hold as files of their own. Gives a row for each kill.
kill_again_and_again <- function(kills, first, states) {
  folder <- tempfile("kill-")
  dir.create(folder)
  on.exit(unlink(folder, recursive = TRUE))
  path <- file.path(folder, "file.mmdpickle")
  model <- list()
  rows <- lapply(seq_len(kills), function(kill) {
    if (kill %% 10L == 1L) {  # the file is to be made
      unlink(path)
      model <<- list()
    }
    set.seed(first + kill)
    durable <- runif(1) < 0.25
    wanted <- if (runif(1) < 0.2) 0L else sample(if (durable) 8L else 20L, 1L)
    delay <- runif(1, 0, 0.004)
    log <- file.path(folder, "log")
    unlink(log)
    kill_while(change_on_and_on(path, log, first, durable),
               function() length(said_in(log, "done")) >= wanted, delay)

    done <- said_in(log, "done")
    under_way <- setdiff(said_in(log, "begun"), done)
    for (n in done) model <<- nth_change(n)$model(model)
    change <- if (length(under_way)) nth_change(under_way) else list(model = identity)
    old <- model
    new <- change$model(old)
    name <- function(what) file.path(states, sprintf("%05d-%s", kill, what))
    row <- data.frame(kill = kill, done = length(done), under_way = length(under_way) > 0L,
                      left = length(hidden_in(folder)), made = file.exists(path),
                      took = "", mixes = length(change$mixes) > 0L)
    unlink(file.path(folder, hidden_in(folder)))
    if (!row$made) {
      row$took <- if (length(old)) "lost" else "old"
      return(row)
    }
    values <- values_in(path)
    row$took <- if (same_values(values, new)) "new"
    else if (same_values(values, old)) "old"
    else if (row$mixes && same_values(values, old, change$mixes) &&
             mixed_values(values[[change$mixes]], old[[change$mixes]], new[[change$mixes]])) "mix"
    else "lost"
    file.copy(path, name("file"))
    write_model(old, name("old"))
    write_model(new, name("new"))
    model <<- if (row$took == "old") old else if (row$took == "mix") values else new
    first <<- max(first, said_in(log, "begun")) + 1L
    row
  })
  do.call(rbind, rows)
}

# Kills a process `kills` times while it runs `step` again and again; `check` gives a problem,
# or "", after each.
kill_steps <- function(kills, step, check, longest) {
  vapply(seq_len(kills), function(kill) {
    set.seed(kill)
    kill_while(repeat step(), delay = runif(1, 0, longest))
    check()
  }, "")
}

# Kills while write_pickle(), convert_pickle() and fsck() are at work on a file.
kill_replacing <- function(kills) {
  folder <- tempfile("kill-")
  dir.create(folder)
  on.exit(unlink(folder, recursive = TRUE))
  path <- function(name) file.path(folder, name)
  in_words <- function(expression) tryCatch(expression, error = conditionMessage)
  is_one_of <- function(value, ...) if (list(value) %in% list(...)) "" else "other values"

  one <- list(a = as.double(1:20000), b = "one")
  other <- list(a = as.double(20000:1), b = "other", c = 1:10)
  write_pickle(one, path("plain"))
  written <- kill_steps(kills, function() {
    write_pickle(other, path("plain"))
    write_pickle(one, path("plain"))
  }, function() in_words(is_one_of(materialize_all(read_pickle(path("plain"))), one, other)), 0.01)

  convert_pickle(path("plain"), path("converted"))
  write_pickle(one, path("plain one"))
  write_pickle(other, path("plain other"))
  converted <- kill_steps(kills, function() {
    for (from in c("plain one", "plain other")) {
      convert_pickle(path(from), path("converted"), overwrite = TRUE)
      convert_pickle(path("converted"))
    }
  }, function() in_words(is_one_of(values_in(path("converted")), one, other)), 0.01)

  # Doubled keys, and half an entry at the end.
  m <- mmapdict(path("sound"))
  for (i in 1:300) m[[paste0("key", i)]] <- c(i, 0.5)
  close(m)
  m <- values_in(path("sound"))
  bytes <- readBin(path("sound"), "raw", file.size(path("sound")))
  entries <- bytes[seq(25, length(bytes) - 11)]
  broken <- c(bytes[1:24], entries, entries, entries[1:40])
  repaired <- kill_steps(kills, function() {
    if (!file.exists(path("broken"))) {
      writeBin(broken, path("making"))
      file.rename(path("making"), path("broken"))
    }
    fsck(path("broken"), repair = TRUE)
    unlink(path("broken"))
  }, function() {
    if (!file.exists(path("broken"))) return("")
    problem <- in_words({
      fsck(path("broken"), repair = TRUE)
      if (any(fsck(path("broken"))$harmful)) "not repaired"
      else is_one_of(values_in(path("broken")), m)
    })
    unlink(path("broken"))
    problem
  }, 0.02)
  list(written = written, converted = converted, repaired = repaired)
}

materialize_all <- function(x) rapply(x, materialize, how = "replace")
