# Hostile pickles and files at the level of users: an error of ours or the right value, in
# bounded memory and time, with nothing executed and no crash. Every case is read, written
# and repaired; small values are used, too.

skip_where_no_children_are <- function() {
  skip_on_cran()
  skip_on_os(c("windows", "mac", "solaris"))
  skip_if_not_installed("jsonlite")
}

test_that("hostile pickles", {
  skip_where_no_children_are()
  cases <- read_corpus("hostile_pickles")
  expect_harmless(run_hostile(cases, "check_pickle"), "hostile_pickles")
})

test_that("hostile files", {
  skip_where_no_children_are()
  cases <- read_corpus("hostile_files")
  expect_harmless(run_hostile(cases, "check_file"), "hostile_files")
})

test_that("files that the Python library left half-written", {
  skip_where_no_children_are()
  cases <- read_corpus("interrupted_writes")
  expect_harmless(run_hostile(cases, "check_file"), "interrupted_writes")
})

test_that("R metadata that lies", {
  skip_where_no_children_are()
  expect_harmless(run_hostile(lying_metadata(), "check_metadata"), "metadata")
})

test_that("memory is bounded by the file's size", {
  skip_where_no_children_are()
  plain <- c("ints", "none", "texts", "mixed_texts", "doubles", "long_text")
  cases <- c(
    lapply(worst_pickle(), function(name) list(name = name, mb = 1)),
    lapply(plain, function(name) list(name = name, mb = 10))
  )
  expect_harmless(run_hostile(cases, "check_memory"), "memory")
})
