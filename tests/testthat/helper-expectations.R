# testthat looks for differences, and for the words to tell them with, before it knows that there
# are any: of a file with thousands of expectations that takes most of the time. Here what is
# right is seen at once, by the comparison that testthat begins with, too; what is wrong is
# testthat's to tell.

expect_identical <- function(object, expected, ..., label = NULL) {
  if (identical(object, expected)) return(as_expected(object))
  if (is.null(label)) label <- deparse1(substitute(object))
  testthat::expect_identical(object, expected, ..., label = label)
}

expect_true <- function(object, info = NULL, label = NULL) {
  if (identical(as.vector(object), TRUE)) return(as_expected(object))
  if (is.null(label)) label <- deparse1(substitute(object))
  testthat::expect_true(object, info = info, label = label)
}

expect_false <- function(object, info = NULL, label = NULL) {
  if (identical(as.vector(object), FALSE)) return(as_expected(object))
  if (is.null(label)) label <- deparse1(substitute(object))
  testthat::expect_false(object, info = info, label = label)
}

as_expected <- function(object) {
  testthat::expect(TRUE, "as expected")
  invisible(object)
}
