# What is in the file after every prefix of the system calls of a change, when any one of
# them fails, and when the process is killed at any one of them.

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
  withr::local_options(mmappickle.testing_seam = TRUE)
  mmapdict(path, ...)
}
seam_of <- function(m, fail_at = 0, error = 0L, kill_at = 0, partial = FALSE) {
  mmappickle:::seam_set(mmappickle:::pointer(m), fail_at, error, kill_at, partial)
}
log_of <- function(m) mmappickle:::seam_log(mmappickle:::pointer(m))
names_of <- function(log) vapply(log, `[[`, "", "name")

# The calls that a change makes, and the file's bytes before and after it.
record <- function(change, path = seed_store(new_path()), ...) {
  m <- testing_handle(path, ...)
  on.exit(close(m))
  seam_of(m)
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

resized <- function(bytes, size) c(bytes[seq_len(min(length(bytes), size))],
                                   raw(max(0, size - length(bytes))))

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

# -- every prefix --------------------------------------------------------------------------

test_that("pickle.load reads the old or the new state after every call of a change", {
  require_python()
  recorded <- lapply(changes, record)
  expect_whole_states(recorded)
})

test_that("durable changes are synced before they show", {
  require_python()
  recorded <- lapply(changes[c("insert vector", "replace by matrix", "delete a value")],
                     record, durable = TRUE)
  expect_identical(
    names_of(recorded[["replace by matrix"]]$log),
    c("write_at", "write_at", "sync", "write_at", "sync", "write_at", "write_at", "sync")
  )
  expect_identical(
    names_of(recorded[["delete a value"]]$log), c("write_at", "write_at", "sync")
  )
  expect_whole_states(recorded)
})

test_that("the last call of an insert is one byte, and shows it", {
  insert <- record(changes[["insert vector"]])
  sizes <- vapply(insert$log, function(call) length(call$bytes), 0L)
  expect_identical(names_of(insert$log), rep("write_at", 4L))
  expect_identical(sizes[c(1L, 3L, 4L)], c(4L, 11L, 1L))
  states <- states_of(insert)
  path <- new_path()
  shown <- vapply(states, function(state) "new" %in% open_and_heal(state, path)$keys, NA)
  expect_identical(unname(shown), names(states) == "4")
})

test_that("a slice of several writes is readable after each", {
  require_python()
  many <- new_path()
  m <- mmapdict(many)
  m[["many"]] <- as.double(1:5000)
  close(m)
  recorded <- list(
    "value over NA" = record(function(m) m["masked", 2] <- 5L),
    "NA over value" = record(function(m) m["masked", 1] <- NA),
    "several pages" = record(function(m) m["many", ] <- as.double(5000:1), many)
  )
  expect_whole_states(recorded, atomic = FALSE)
})

test_that("an 11-byte write that crosses a page is made harmless by a bridge", {
  require_python()
  # A seed whose terminator stands at a chosen place, by an entry of as many bytes.
  seed_with <- function(filler) {
    path <- seed_store(withr::local_tempfile(fileext = ".mmdpickle",
                                             .local_envir = parent.frame(2)))
    m <- mmapdict(path)
    m[["filler"]] <- raw(filler)
    close(m)
    path
  }
  terminator_of <- function(path) file.size(path) - 11
  most <- 4084 + 1000 - terminator_of(seed_with(1000))
  recorded <- list()
  for (place in 4084:4096) {
    at <- function() seed_with(most + place - 4084)
    expect_identical(terminator_of(at()), as.numeric(place))
    recorded[[paste("insert at", place)]] <- record(changes[["insert vector"]], at())
    recorded[[paste("replace at", place)]] <- record(changes[["replace by scalar"]], at())
  }
  expect_whole_states(recorded)
  # Where it crosses, only two bytes change; elsewhere no bridge is spent.
  changed <- vapply(recorded[paste("insert at", 4084:4096)], function(one) {
    terminator <- length(one$before) - 11
    over <- Filter(function(call) call$offset == terminator, one$log)[[1L]]
    sum(over$bytes != one$before[terminator + 1:11])
  }, 0L)
  expect_true(all(changed[3:12] == 2L))
  expect_true(all(changed[c(1, 2, 13)] > 2L))
})

test_that("a file is created whole or not at all", {
  require_python()
  path <- new_path()
  m <- testing_handle(path)
  log <- log_of(m)
  close(m)
  expect_identical(names_of(log), c("create", "write_at", "rename"))
  whole <- file_bytes(path)
  states <- states_of(list(path = path, before = NULL, log = log))
  for (at in head(names(states), -1L)) expect_null(states[[at]], info = at)
  expect_identical(states[["3"]], whole)

  # A file of no bytes is filled by one write inside a page.
  empty <- withr::local_tempfile(fileext = ".mmdpickle")
  file.create(empty)
  m <- testing_handle(empty)
  log <- log_of(m)
  close(m)
  expect_identical(names_of(log), "write_at")
  expect_identical(log[[1L]]$bytes, whole)

  python <- python_files()
  name <- python$add(whole)
  python$look()
  expect_identical(python$found(name), character())
})

# -- every failure -------------------------------------------------------------------------

# A copy of a file in a folder of its own.
copy_of <- function(seed) {
  folder <- tempfile("seam-")
  dir.create(folder)
  path <- file.path(folder, "copy.mmdpickle")
  file.copy(seed, path)
  path
}

# The call that commits: the byte that makes an entry live, or the only one dead; a
# vacuum's rename.
commit_in <- function(log) {
  byte <- function(state) {
    which(vapply(log, function(call) identical(call$bytes, as.raw(state)), NA))
  }
  c(which(names_of(log) == "rename"), byte(0x88), byte(0x30), length(log))[[1L]]
}

# Makes the n-th call of a change fail, for n = 1, 2, ... until none is left to fail. Each
# time: an error of kind io; Python finds the state before or, once the commit is written,
# the one after; the handle reads, and the same change by it succeeds.
expect_safe_failures <- function(labels, ..., atomic = TRUE) {
  checked <- checklist()
  check <- checked$check
  python <- python_files()
  checks <- list()
  failures <- expand.grid(error = c("ENOSPC", "EIO"), partial = c(FALSE, TRUE),
                          stringsAsFactors = FALSE)
  for (label in labels) {
    seed <- seed_store(new_path())
    clean <- record(changes[[label]], copy_of(seed), ...)
    ends <- list(before = python$add(clean$before), after = python$add(clean$after))
    keys <- list(before = names_in(seed), after = names_in(clean$path))
    commit <- commit_in(clean$log)
    # What a vacuum does after its rename is a courtesy: nobody needs to hear that it failed.
    heard <- if (label == "vacuum") commit else length(clean$log)
    for (how in split(failures, seq_len(nrow(failures)))) {
      for (n in seq_len(length(clean$log) + 1L)) {
        one <- list(
          at = paste0(label, ", ", how$error, if (how$partial) " half-way", " at call ", n),
          ends = ends, state = if (n > commit) "after" else "before"
        )
        path <- copy_of(seed)
        m <- testing_handle(path, ...)
        seam_of(m, fail_at = n, error = c(ENOSPC = 28L, EIO = 5L)[[how$error]],
                partial = how$partial)
        failure <- tryCatch(changes[[label]](m), error = identity)
        check(identical(inherits(failure, "mmappickle_error_io"), n <= heard),
              one$at, ": error or no error")
        if (inherits(failure, "error")) {
          check(grepl(how$error, conditionMessage(failure)), one$at, ": other words")
          check(identical(failure$path, path), one$at, ": other path")
        }
        one$failed <- python$add(path)
        check(identical(sort(names(m), method = "radix"), keys[[one$state]]),
              one$at, ": other keys")
        check(identical(m[["masked"]], c(1L, NA, 3L)), one$at, ": does not read")
        check(identical(list.files(dirname(path)), basename(path)), one$at, ": litter")
        seam_of(m)
        changes[[label]](m)
        check(identical(sort(names(m), method = "radix"), keys$after),
              one$at, ": other keys after the second time")
        close(m)
        check(!length(harm_in(path)), one$at, ": harm: ", harm_in(path))
        one$again <- python$add(path)
        checks <- c(checks, list(one))
        unlink(dirname(path), recursive = TRUE)
      }
    }
  }
  python$look()
  for (one in checks) {
    failed <- python$found(one$failed)
    if (atomic) {
      check(identical(failed, python$found(one$ends[[one$state]])), one$at, ": ", failed)
    } else {
      check(!any(grepl("^error", failed)), one$at, ": ", failed)
    }
    again <- python$found(one$again)
    check(identical(again, python$found(one$ends$after)), one$at, ", then again: ", again)
    check(python$sound(one$again), one$at, ": not whole for the Python library")
  }
  checked$report()
}

test_that("any call of a change may fail", {
  skip_on_os("windows")  # other numbers of errors
  require_python()
  expect_safe_failures(c(
    "insert scalar", "insert matrix", "insert nested", "insert stub", "insert masked",
    "replace by vector", "replace by scalar", "delete a value", "delete an array", "vacuum"
  ))
})

test_that("any call of a durable change may fail", {
  skip_on_os("windows")
  require_python()
  expect_safe_failures(c("insert vector", "replace by matrix", "delete a value", "vacuum"),
                       durable = TRUE)
})

test_that("any call of a slice may fail", {
  skip_on_os("windows")
  require_python()
  expect_safe_failures(
    c("slice of a vector", "slice of a matrix", "slice in Fortran order",
      "slice by nested assignment"),
    atomic = FALSE
  )
})

# -- killed --------------------------------------------------------------------------------

# Makes a change in processes of their own, with the n-th of `paths` in one that is killed
# before its n-th call. Which of them were killed. (They are forks of a session of its own:
# forking a session that uses processx leaves zombies.)
killed <- function(paths, change) {
  callr::r(function(paths, change) {
    options(mmappickle.testing_seam = TRUE)
    library(mmappickle)
    vapply(seq_along(paths), function(n) {
      child <- parallel::mcparallel({
        m <- mmapdict(paths[[n]])
        mmappickle:::seam_set(mmappickle:::pointer(m), 0, 0L, n, FALSE)
        change(m)
        "finished"
      }, silent = TRUE)
      !identical(suppressWarnings(parallel::mccollect(child))[[1L]], "finished")
    }, NA)
  }, list(paths = paths, change = detached(change)))
}

# A change without the environment of the tests around it.
detached <- function(change) {
  own <- mget(c("key", "value"), envir = environment(change), ifnotfound = list(NULL))
  environment(change) <- list2env(own, parent = globalenv())
  change
}

test_that("a process that is killed leaves the old or the new state, which heals", {
  skip_on_os("windows")  # no fork there
  require_python()
  checked <- checklist()
  check <- checked$check
  python <- python_files()
  checks <- list()
  for (label in c("insert vector", "insert stub", "replace by matrix", "delete an array",
                  "vacuum")) {
    seed <- seed_store(new_path())
    clean <- record(changes[[label]], copy_of(seed))
    ends <- list(before = python$add(clean$before), after = python$add(clean$after))
    calls <- length(clean$log)
    paths <- vapply(seq_len(calls + 1L), function(n) copy_of(seed), "")
    expect_identical(killed(paths, changes[[label]]), seq_along(paths) <= calls)
    for (n in seq_along(paths)) {
      one <- list(at = paste0(label, ", killed before call ", n), ends = ends,
                  state = if (n > commit_in(clean$log)) "after" else "before")
      path <- paths[[n]]
      one$left <- python$add(path)
      healed <- open_and_heal(file_bytes(path), path)
      check(!length(healed$harm), one$at, ": harm: ", healed$harm)
      one$keys <- healed$keys
      one$healed <- python$add(path)
      checks <- c(checks, list(one))
      unlink(dirname(path), recursive = TRUE)
    }
  }
  python$look()
  for (one in checks) {
    wanted <- python$found(one$ends[[one$state]])
    left <- python$found(one$left)
    healed <- python$found(one$healed, without = "healed")
    check(identical(left, wanted), one$at, ": ", left)
    check(identical(one$keys, keys_of(wanted)), one$at, ": other keys than in Python")
    check(identical(healed, wanted), one$at, ", healed: ", healed)
    check(python$sound(one$healed), one$at, ": not healed for the Python library")
  }
  checked$report()
})
