# Matrices of the package Matrix as SciPy's: see scipy.R.

#' @export
as_python.CsparseMatrix <- function(x, ...) compressed_python("csc", x, x@i, x@Dim[[2L]])

#' @export
as_python.RsparseMatrix <- function(x, ...) compressed_python("csr", x, x@j, x@Dim[[1L]])

#' @export
as_python.TsparseMatrix <- function(x, ...) {
  whole <- whole_triplets(x, x@i, x@j)
  python_sparse(
    "coo", list(ndarray(whole$x), python_tuple(ndarray(whole$major), ndarray(whole$minor))), x
  )
}

#' @export
as_python.diagonalMatrix <- function(x, ...) {
  numbers <- if (x@diag == "U") rep(if (is.numeric(x@x)) 1 else TRUE, x@Dim[[1L]]) else x@x
  no_missing(numbers)
  python_sparse("dia", list(ndarray(matrix(numbers, 1L)), ndarray(0L)), x)
}

#' @export
as_python.indMatrix <- function(x, ...) {
  keep_attributes(as_python(methods::as(x, "TsparseMatrix")), x)
}

#' @export
as_python.sparseVector <- function(x, ...) {
  n <- length(x@i)
  python_sparse("csc", list(
    ndarray(sparse_numbers(x, n)), ndarray(as.integer(x@i) - 1L), ndarray(c(0L, n))
  ), x, c(as.integer(x@length), 1L))
}

#' @export
as_python.denseMatrix <- function(x, ...) keep_attributes(methods::as(x, "matrix"), x)

compressed_python <- function(form, x, minor, rows) {
  p <- x@p
  whole <- if (methods::is(x, "generalMatrix")) {
    list(minor = minor, x = sparse_numbers(x, length(minor)))
  } else {
    whole <- whole_triplets(x, rep.int(seq_len(rows) - 1L, diff(p)), minor)
    p <- pointers_to(whole$major, rows)
    sorted_sums(whole$major, whole$minor, whole$x)
  }
  python_sparse(form, list(ndarray(whole$x), ndarray(whole$minor), ndarray(p)), x)
}

# With what symmetric and triangular matrices leave out.
whole_triplets <- function(x, major, minor) {
  numbers <- sparse_numbers(x, length(major))
  out <- list(major = major, minor = minor, x = numbers)
  if (methods::is(x, "symmetricMatrix")) {
    off <- major != minor
    out <- list(major = c(major, minor[off]), minor = c(minor, major[off]),
                x = c(numbers, numbers[off]))
  } else if (methods::is(x, "triangularMatrix") && x@diag == "U") {
    diagonal <- seq_len(x@Dim[[1L]]) - 1L
    out <- list(major = c(major, diagonal), minor = c(minor, diagonal),
                x = c(numbers, rep(if (is.logical(numbers)) TRUE else 1, length(diagonal))))
  }
  out
}

# Those of a pattern (nMatrix) are not kept.
sparse_numbers <- function(x, n) {
  if (methods::.hasSlot(x, "x")) no_missing(x@x) else rep(TRUE, n)
}

no_missing <- function(x) {
  if (is.logical(x) && anyNA(x)) {
    abort_value(
      "A sparse matrix of logical values with NA has no counterpart in SciPy.", "As numbers: x * 1."
    )
  }
  x
}

python_sparse <- function(form, parts, x, shape = x@Dim) {
  out <- python_object(paste0("scipy.sparse.", form, "_matrix"), list(
    do.call(python_tuple, parts), do.call(python_tuple, as.list(shape))
  ))
  names <- if (methods::.hasSlot(x, "Dimnames")) x@Dimnames
  if (!all(vapply(names, is.null, NA))) attr(out, "Dimnames") <- names
  keep_attributes(out, x)
}

python_tuple <- function(...) python_object("builtins.tuple", list(list(...)))

# What a user has put beside the slots of one of them: never in place of what the other is.
keep_attributes <- function(to, from) {
  of <- function(x) c(if (isS4(x)) methods::slotNames(x) else names(attributes(x)), "class")
  own <- c(of(to), if (isS4(from)) of(from) else c("names", "pickle", "Dimnames", "unstorable"))
  for (name in setdiff(names(attributes(from)), own)) {
    attr(to, name) <- attr(from, name, TRUE)
  }
  to
}
