# Every case of the corpora: what CPython loads is the same value here, or an inert object of
# the right class; what it refuses is an error of class _format, or a difference of one of the
# kinds in helper-corpus.R.

expect_outcomes <- function(name, differing = integer()) {
  cases <- read_corpus(name)
  outcomes <- vapply(cases, function(case) {
    tryCatch(outcome(case), error = function(e) paste("no comparison:", conditionMessage(e)))
  }, "")
  counts <- tell_outcomes(name, outcomes)
  wrong <- !grepl("^(equal|object|error|difference: .*)$", outcomes)
  labels <- vapply(cases, function(case) {
    paste(c(case$name, case$env, case$protocol, case$pickler), collapse = " ")
  }, "")
  expect(!any(wrong), paste(c(
    paste(sum(wrong), "cases of", name, "differ:"),
    utils::head(paste0(labels, ": ", outcomes)[wrong], 50L)
  ), collapse = "\n"))
  kinds <- sub("^difference: ", "", grep("^difference: ", outcomes, value = TRUE))
  found <- table(factor(kinds, names(differences)))
  wanted <- replace(found, TRUE, 0L)
  wanted[names(differing)] <- differing
  expect_identical(c(found), c(wanted), label = paste("differences in", name))
}

test_that("values that Python, NumPy and pandas pickle, in all protocols", {
  skip_on_cran()
  skip_if_not_installed("jsonlite")
  skip_if_not_installed("bit64")
  expect_outcomes("values")
})

test_that("what CPython's own tests unpickle", {
  skip_on_cran()
  skip_if_not_installed("jsonlite")
  skip_if_not_installed("bit64")
  expect_outcomes("pickletester", c(
    `persistent id` = 22L, `bytes of Python 2` = 11L, `extension code` = 7L,
    `call that fails` = 45L, `memo slot` = 1L
  ))
})

test_that("pickles of other projects' tests, among them malicious ones", {
  skip_on_cran()
  skip_if_not_installed("jsonlite")
  skip_if_not_installed("bit64")
  expect_outcomes("serde_pickle", c(`call that fails` = 2L))
  expect_outcomes("wild", c(
    `persistent id` = 71L, `bytes of Python 2` = 6L, `call that fails` = 1L,
    `dump of joblib` = 11L
  ))
})

test_that("what a fuzzer made", {
  skip_on_cran()
  skip_if_not_installed("jsonlite")
  skip_if_not_installed("bit64")
  expect_outcomes("ogrek_fuzz", c(
    `persistent id` = 24L, `bytes of Python 2` = 49L, `long int` = 14L, `memo slot` = 3L
  ))
})
