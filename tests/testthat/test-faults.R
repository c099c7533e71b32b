# Any system call of a change may fail, and the process may be killed before any of them:
# readers see the old or the new state, and the next write heals the file.

# -- every failure -------------------------------------------------------------------------

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
        fail_calls(m, fail_at = n, error = how$error,
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
        fail_calls(m)
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
    options(mmappickle.testing_system_calls = TRUE)
    library(mmappickle)
    vapply(seq_along(paths), function(n) {
      child <- parallel::mcparallel({
        m <- mmapdict(paths[[n]])
        mmappickle:::fail_system_calls(mmappickle:::pointer(m), 0, "", n, FALSE)
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
