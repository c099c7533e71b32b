# What is in the file after every prefix of the system calls of a change.

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
    c("write_at", "write_at", "sync", "write_at", "sync", "write_at", "sync", "write_at",
      "sync")
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
  expect_identical(unique(names_of(log)), c("create", "write_at", "truncate", "rename"))
  whole <- file_bytes(path)
  states <- states_of(list(path = path, before = NULL, log = log))
  for (at in head(names(states), -1L)) expect_null(states[[at]], info = at)
  expect_identical(states[[as.character(length(log))]], whole)

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
