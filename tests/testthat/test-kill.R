# Processes that are killed at random moments: what they said to be done is in the file, what
# was under way is there as it was or as it was to be, and the next process goes on.
# MMAPPICKLE_LONG=1 asks for 1000 kills.

kills_asked <- if (nzchar(Sys.getenv("MMAPPICKLE_LONG"))) 1000L else 40L

# Calls a function of helper-kill.R in a session of its own: forking one that uses processx
# leaves zombies.
in_a_session <- function(name, ...) {
  skip_if_not_installed("callr")
  helper <- normalizePath(test_path("helper-kill.R"))
  callr::r(function(helper, name, ...) {
    library(mmappickle)
    source(helper)
    get(name)(...)
  }, list(helper, name, ...))
}

# What Python finds in each of the files, by name.
python_entries <- function(folder) {
  lines <- run_python(test_path("python", "prefixes.py"), folder)
  found <- lapply(lines, read_json)
  names(found) <- vapply(found, `[[`, "", "file")
  lapply(found, function(one) {
    entries <- one$entries %||% stop("Python: ", one$error)
    setNames(vapply(entries, `[[`, "", 2L), vapply(entries, `[[`, "", 1L))
  })
}

test_that("a change that was acknowledged survives kill -9, at whatever moment", {
  skip_on_os("windows")  # no fork there
  require_python()
  batch <- 20L
  rows <- lapply(seq_len(kills_asked / batch), function(at) {
    states <- withr::local_tempdir()
    rows <- in_a_session("kill_again_and_again", batch, at * 100000L, states)
    found <- python_entries(states)
    rows$python <- vapply(seq_len(batch), function(kill) {
      read <- function(what) found[[sprintf("%05d-%s", kill, what)]]
      file <- read("file")
      if (is.null(file) || identical(file, read("old")) || identical(file, read("new"))) {
        return("same")
      }
      others <- names(file) != "vector"
      if (rows$mixes[[kill]] && identical(file[others], read("old")[others])) "mix" else "lost"
    }, "")
    rows
  })
  rows <- do.call(rbind, rows)
  expect_identical(sum(rows$took == "lost"), 0L)
  expect_identical(sum(rows$python == "lost"), 0L)
  # Most of the kills hit a process at work.
  expect_gt(sum(rows$done), nrow(rows))
  expect_gt(sum(rows$under_way), nrow(rows) / 4)
  if (kills_asked > 40L) {
    print(c(kills = nrow(rows), acknowledged = sum(rows$done), under_way = sum(rows$under_way),
            table(rows$took), left_behind = sum(rows$left)))
  }
})

test_that("a file that is replaced, or repaired, is whole after kill -9", {
  skip_on_os("windows")  # no fork there
  problems <- in_a_session("kill_replacing", kills_asked)
  expect_identical(unique(unlist(problems)), "")
})
