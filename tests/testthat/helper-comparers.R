# Compares R values with descriptions of Python values (fixtures/README.md) by the rules of
# the type tables, decoding the bytes of arrays by code of its own.
#
# mismatch() gives NULL, or a text that says where and how the two differ.

# `dims`, `simplify`: as the handle. `bytes`: function() giving the data of the entry's
# array, for arrays that the description gives by digest only.
mismatch <- function(x, d, dims = "same", bytes = NULL) {
  context <- list2env(list(
    dims = dims, bytes = bytes, by_id = described_ids(d), open = character()
  ))
  differ(x, d, context, "x")
}

expect_described <- function(x, d, dims = "same", label = "value", bytes = NULL) {
  found <- tryCatch(
    mismatch(x, d, dims, bytes),
    error = function(e) paste("comparison failed:", conditionMessage(e))
  )
  testthat::expect(is.null(found), paste0(label, ": ", found))
}

described_ids <- function(d) {
  found <- new.env()
  walk <- function(d) {
    if (!is.list(d)) return()
    if (!is.null(d$id) && !identical(d$t, "ref")) assign(as.character(d$id), d, envir = found)
    for (part in d) walk(part)
  }
  walk(d)
  found
}

same <- function(ok, where, what) if (!isTRUE(ok)) paste0(where, ": ", what)

differ <- function(x, d, context, where) {
  if (identical(d$t, "ref")) {
    id <- as.character(d$id)
    if (id %in% context$open) {
      return(same(is_python(x), where, "a cycle is no python_object"))
    }
    d <- context$by_id[[id]]
  }
  if (!is.null(d$id)) {
    context$open <- c(context$open, as.character(d$id))
    on.exit(context$open <- setdiff(context$open, as.character(d$id)))
  }
  compare <- comparers[[d$t]]
  if (is.null(compare)) differ_object(x, d, context, where) else compare(x, d, context, where)
}

# The first difference among several.
first_difference <- function(...) {
  for (check in list(...)) if (!is.null(check)) return(check)
  NULL
}

is_python <- function(x, class = NULL) {
  inherits(x, "python_object") && (is.null(class) || .subset2(x, "class") %in% class)
}

# One comparer for each tag of a description; helper-describe*.R and helper-numpy.R add theirs.
comparers <- list()
