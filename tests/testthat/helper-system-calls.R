# Changes recorded through the system calls of tests, replayed call by call, and looked at by Python
# and by this package: what test-system-calls.R and test-faults.R share.

# -- changes --------------------------------------------------------------------------------

# A store in a folder of its own, with an entry of each kind that the changes meet, closed.
seed_store <- function(path) {
  m <- mmapdict(path)
  m[["first"]] <- "stays"
  m[["array"]] <- c(1.5, 2.5, 3.5)
  m[["matrix"]] <- matrix(as.double(1:6), 2)
  m[["masked"]] <- c(1L, NA, 3L)
  m[["fortran"]] <- ndarray(matrix(as.double(1:6), 2), order = "F")
  m[["gone"]] <- c(9, 8, 7)
  m[["gone"]] <- NULL
  m[["text"]] <- c("some", "text")
  close(m)
  path
}

# A copy of a file in a folder of its own.
copy_of <- function(seed) {
  folder <- tempfile("calls-")
  dir.create(folder)
  path <- file.path(folder, "copy.mmdpickle")
  file.copy(seed, path)
  path
}

values <- list(
  scalar = 1.5, list = list(1L, "b", NULL), vector = c(1, 2, NaN),
  matrix = matrix(as.double(1:12), 3), masked = c(7L, NA, 9L), bytes = as.raw(0:200),
  fortran = ndarray(matrix(c(0.5, 1.5, 2.5, 3.5, 4.5, 5.5), 2), order = "F"),
  nested = list(a = c(1, 2, 3), b = list(c(TRUE, FALSE), "text")),
  stub = empty_ndarray(c(70, 90), "int32"), long = as.double(1:300000)
)
long_key <- strrep("k", 255)

set_value <- function(key, value) {
  force(key)
  force(value)
  function(m) m[[key]] <- value
}

changes <- c(
  setNames(lapply(values, set_value, key = "new"), paste("insert", names(values))),
  setNames(lapply(values, set_value, key = "array"), paste("replace by", names(values))),
  list(
    "insert, 255 bytes of key" = set_value(long_key, c(1, 2)),
    "insert, empty key" = set_value("", c(1, 2)),
    "replace a masked array" = set_value("masked", 1L),
    "replace a value" = set_value("text", "other"),
    "delete a value" = set_value("text", NULL),
    "delete an array" = set_value("array", NULL),
    "delete the first" = set_value("first", NULL),
    "slice of a vector" = function(m) m["array", 2] <- -1,
    "slice of a matrix" = function(m) m["matrix", 2, ] <- c(10, 20, 30),
    "slice in Fortran order" = function(m) m["fortran", , 2] <- c(10, 20),
    "slice by nested assignment" = function(m) m[["array"]][2:3] <- c(-1, -2),
    "vacuum" = function(m) vacuum(m)
  )
)

# The handle, with what is internal to it.
testing_handle <- function(path, ...) {
  withr::local_options(mmappickle.testing_system_calls = TRUE)
  mmapdict(path, ...)
}
fail_calls <- function(m, fail_at = 0, error = "", kill_at = 0, partial = FALSE) {
  mmappickle:::fail_system_calls(mmappickle:::pointer(m), fail_at, error, kill_at, partial)
}
log_of <- function(m) mmappickle:::changing_system_calls(mmappickle:::pointer(m))
names_of <- function(log) vapply(log, `[[`, "", "name")

# The calls that a change makes, and the file's bytes before and after it.
record <- function(change, path = seed_store(new_path()), ...) {
  m <- testing_handle(path, ...)
  on.exit(close(m))
  fail_calls(m)
  before <- file_bytes(path)
  change(m)
  list(path = path, before = before, log = log_of(m), after = file_bytes(path))
}

# -- replaying ---------------------------------------------------------------------------------

# A file system: contents by path. `target` is the path of the file that writes go to: the
# newest that was made, until it is renamed; then the old one, which has lost its name.
replay <- function(system, call) {
  at <- system$target
  switch(call$name,
    write_at = system$files[[at]] <-
      overwritten(system$files[[at]], call$offset, call$bytes),
    truncate = system$files[[at]] <- resized(system$files[[at]], call$size),
    punch = system$files[[at]] <-
      overwritten(system$files[[at]], call$offset, raw(call$size)),
    create = {
      system$files[[call$path]] <- raw()
      system$target <- call$path
    },
    rename = {
      system$files[["(nameless)"]] <- system$files[[call$to]] %||% raw()
      system$files[[call$to]] <- system$files[[call$path]]
      system$files[[call$path]] <- NULL
      system$target <- "(nameless)"
    },
    remove = system$files[[call$path]] <- NULL,
    sync = , sync_folder = , copy_owner = NULL,
    stop("an unknown call: ", call$name)
  )
  system
}

overwritten <- function(bytes, offset, new) {
  bytes <- resized(bytes, max(length(bytes), offset + length(new)))
  bytes[offset + seq_along(new)] <- new
  bytes
}

resized <- function(bytes, size) {
  c(bytes[seq_len(min(length(bytes), size))],
    raw(max(0, size - length(bytes))))
}

page <- 4096

# What a crash may leave of one write. Behind the end of what readers see, any part of it:
# half of it stands for that. In the midst of the file a write that stays inside one page is
# never torn (the page cache takes it whole under the page's lock, the disk gets
# whole pages or at least whole sectors); one that crosses a page's border may be torn there.
torn <- function(call, end) {
  size <- length(call$bytes)
  part <- function(which) {
    call$offset <- call$offset + which[[1L]] - 1
    call$bytes <- call$bytes[which]
    call
  }
  if (call$name != "write_at" || size < 2L) {
    return(list())
  }
  if (call$offset >= end) {
    return(list(part(seq_len(size %/% 2))))
  }
  first <- page - call$offset %% page
  if (size <= first) list() else list(part(seq_len(first)), part((first + 1):size))
}

# All states of the file in the course of a recorded change: NULL where there is no file.
states_of <- function(recorded) {
  system <- list(files = list(), target = recorded$path)
  system$files[[recorded$path]] <- recorded$before
  states <- list("0" = system$files[[recorded$path]])
  for (n in seq_along(recorded$log)) {
    call <- recorded$log[[n]]
    # Until the rename nobody sees the file that is being made.
    end <- if (system$target == recorded$path) length(recorded$before) else 0
    for (piece in torn(call, end)) {
      states <- c(states, list(replay(system, piece)$files[[recorded$path]]))
      names(states)[[length(states)]] <- paste0(n, " torn")
    }
    system <- replay(system, call)
    states <- c(states, list(system$files[[recorded$path]]))
    names(states)[[length(states)]] <- as.character(n)
  }
  states
}

# -- looking at the files ------------------------------------------------------------------

# What Python finds in many files: one process for all of them. add() gives a name for some
# bytes, look() lets Python load all of them, then found() gives the entries of one as text,
# sorted by key, or the error.
python_files <- function(.local_envir = parent.frame()) {
  folder <- withr::local_tempdir(.local_envir = .local_envir)
  count <- 0L
  report <- NULL
  add <- function(bytes) {
    count <<- count + 1L
    name <- sprintf("%06d", count)
    if (is.character(bytes)) file.copy(bytes, file.path(folder, name))
    else writeBin(bytes, file.path(folder, name))
    name
  }
  look <- function() {
    lines <- run_python(testthat::test_path("python", "prefixes.py"), folder)
    found <- lapply(lines, read_json)
    names(found) <- vapply(found, `[[`, "", "file")
    report <<- found
  }
  found <- function(name, without = character()) {
    one <- report[[name]]
    if (is.null(one$entries)) {
      return(paste("error:", one$error %||% "no report"))
    }
    entries <- Filter(function(e) !e[[1L]] %in% without, one$entries)
    vapply(entries, function(e) paste(e[[1L]], "=", e[[2L]]), "")
  }
  # Nothing behind the pickle's end, and the frames lead to that end.
  sound <- function(name) {
    one <- report[[name]]
    identical(one$tail, 0L) && is.null(one$walk)
  }
  list(add = add, look = look, found = found, sound = sound)
}

# Thousands of small checks: their failures are collected, and reported as one expectation.
checklist <- function() {
  failed <- character()
  check <- function(ok, ...) if (!isTRUE(ok)) failed <<- c(failed, paste0(...))
  report <- function() expect_identical(failed, character())
  list(check = check, report = report)
}

# Opens a file read-only, then writes to it through a fresh handle: the keys before the
# write, whether fsck finds harm after it.
open_and_heal <- function(bytes, path) {
  writeBin(bytes, path)
  keys <- names_in(path)
  untouched <- identical(file_bytes(path), bytes)
  writer <- mmapdict(path)
  writer[["healed"]] <- TRUE
  close(writer)
  list(keys = keys, untouched = untouched, healed = names_in(path), harm = harm_in(path))
}

names_in <- function(path) {
  m <- mmapdict(path, readonly = TRUE)
  on.exit(close(m))
  sort(names(m), method = "radix")
}

harm_in <- function(path) {
  report <- fsck(path)
  report$problem[report$harmful]
}

keys_of <- function(entries) sub(" = .*", "", entries)

# The checks of all states of some recorded changes. `atomic`: each state is the one before
# or the one after; else it has to be readable only, with all keys.
expect_whole_states <- function(recorded, atomic = TRUE) {
  checked <- checklist()
  check <- checked$check
  python <- python_files()
  path <- new_path()
  looked <- list()
  for (label in names(recorded)) {
    one <- recorded[[label]]
    states <- states_of(one)
    check(identical(states[[length(states)]], one$after), label, ": not all is in the log")
    ends <- c(python$add(one$before), python$add(one$after))
    for (at in names(states)) {
      opened <- open_and_heal(states[[at]], path)
      looked <- c(looked, list(c(opened, list(
        label = paste0(label, ", after call ", at), ends = ends,
        state = python$add(states[[at]]), healed_state = python$add(path)
      ))))
    }
  }
  python$look()
  for (one in looked) {
    ends <- lapply(one$ends, python$found)
    state <- python$found(one$state)
    healed <- python$found(one$healed_state, without = "healed")
    check(!identical(ends[[1L]], ends[[2L]]) || grepl("vacuum", one$label),
          one$label, ": the change changes nothing")
    if (atomic) {
      check(list(state) %in% ends, one$label, ": ", state)
      check(list(healed) %in% ends, one$label, ", healed: ", healed)
    } else {
      check(list(keys_of(state)) %in% lapply(ends, keys_of), one$label, ": ", state)
    }
    check(identical(one$keys, keys_of(state)), one$label, ": other keys than in Python")
    check(one$untouched, one$label, ": a reader has changed the file")
    check(identical(one$healed, sort(c(one$keys, "healed"), method = "radix")),
          one$label, ": other keys when healed")
    check(!length(one$harm), one$label, ": harm: ", one$harm)
    check(python$sound(one$healed_state), one$label, ": not healed for the Python library")
  }
  checked$report()
}
