# Portable arrays: what tests of convert_pickle() and vacuum(upgrade = TRUE) share.

# That Python finds no difference between the values of pairs of files, and that the second
# of each is loaded without a warning and without names of NumPy that are going away. `before`
# "-": the second alone.
expect_same_in_python <- function(before, after) {
  script <- testthat::test_path("python", "same_values.py")
  out <- run_python(script, as.vector(rbind(before, after)))
  expect_identical(out, character(), info = python())
}

# All values, or the words of the error where R can hold none.
readings <- function(m) {
  sapply(names(m), function(key) {
    tryCatch(suppressWarnings(materialize(m[[key]])), error = conditionMessage)
  }, simplify = FALSE)
}

# Names of the values that are not the same. Inert objects show how they would be made, which
# an upgrade changes where arrays are among their parts.
differing <- function(before, after) {
  same <- mapply(function(x, y) {
    inert <- inherits(x, "python_object") && inherits(y, "python_object")
    if (inert) identical(.subset2(x, "class"), .subset2(y, "class")) else identical(x, y)
  }, before, after)
  names(before)[!same]
}
