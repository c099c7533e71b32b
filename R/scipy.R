# Sparse matrices: SciPy's, read as those of the package Matrix, and back.

#' Sparse matrices of SciPy and of the package Matrix
#'
#' Where the package Matrix is installed, as it is with R, a sparse matrix of SciPy is read as
#' one of Matrix, and matrices of Matrix are stored as SciPy's: alone or inside of other
#' values, by [mmapdict()] and by [write_pickle()].
#'
#' @section Read:
#' | SciPy's `_matrix` and `_array` | in R |
#' | --- | --- |
#' | csr | `dgRMatrix` |
#' | csc | `dgCMatrix` |
#' | coo; bsr, dia, dok and lil, of which Matrix has no counterpart | `dgTMatrix` |
#' | one axis (coo, csr, dok) | `dsparseVector` |
#'
#' of bool: `lgRMatrix`, `lgCMatrix`, `lgTMatrix`, `lsparseVector`. All real dtypes are doubles
#' in Matrix; integers beyond 2^53 are rounded, with a warning. The shape is Python's, whatever
#' `dims` says. Symmetric and triangular matrices are general ones, as they are in SciPy.
#' Indices are sorted, and numbers that stand at the same place added up, as Matrix wants it
#' for `dgRMatrix` and `dgCMatrix`; where SciPy's are that already, large ones stay in the file
#' and are mapped, as float64 [views] are.
#'
#' What Matrix cannot hold stays a [python_object] with its parts (`x$data`, `x$indices` ..),
#' and print() says why: complex numbers, more than two axes, 2^31 rows and more, indices that
#' lie outside of the matrix; and all of them where Matrix is not installed. To get the parts of
#' any: `readers = list("scipy.sparse._csr.csr_matrix" = identity)`.
#'
#' @section Stored:
#' | Matrix | in Python |
#' | --- | --- |
#' | `.gC`, `.sC`, `.tCMatrix` | `scipy.sparse.csc_matrix` |
#' | `.gR`, `.sR`, `.tRMatrix` | `scipy.sparse.csr_matrix` |
#' | `.gT`, `.sT`, `.tTMatrix`, permutations (`pMatrix`, `indMatrix`) | `scipy.sparse.coo_matrix` |
#' | `Diagonal()` | `scipy.sparse.dia_matrix` |
#' | `sparseVector` | `scipy.sparse.csc_matrix` of one column |
#' | dense ones: `dgeMatrix`, `dsyMatrix`, `dtpMatrix` .. | `numpy.ndarray`, as a matrix is |
#'
#' where `.` is `d` (float64), `l` or `n` (bool; SciPy has no `NA` there: an error). Both
#' halves of symmetric matrices are written, and the ones of unit triangular matrices. Dim names
#' are kept, as R metadata, and so are attributes beside the slots; other slots are not.
#'
#' `m[["x"]][i, j] <- value` and `m[["all"]]$x[i, j] <- value` change such a matrix as Matrix does,
#' and store it whole; one that a nested assignment leaves alone keeps its form and dtype.
#'
#' @name sparse
#' @aliases scipy
#' @seealso [as_python()], [readers], [python_object()]
#' @examplesIf requireNamespace("Matrix", quietly = TRUE)
#' x <- Matrix::sparseMatrix(i = c(1, 3), j = c(2, 4), x = c(1.5, -1), dims = c(3, 4))
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' m[["x"]] <- x
#' m[["x"]]
#' m[["all"]] <- list(x = x, unit = Matrix::Diagonal(3))
#' m[["all"]]$unit
#' close(m)
NULL

# scipy.sparse.csr_matrix; scipy.sparse.csr.csr_matrix (until 1.7), scipy.sparse._csr.csr_matrix;
# scipy.sparse._arrays.csr_array (1.8 to 1.10), scipy.sparse._csr.csr_array.
scipy_classes <- function() {
  unlist(lapply(c("csr", "csc", "coo", "bsr", "dia", "dok", "lil"), function(form) {
    modules <- c("", paste0(c("", "_"), form, "."), "_arrays.")
    outer(paste0("scipy.sparse.", modules), paste0(form, c("_matrix", "_array")), paste0)
  }))
}

# -- read ------------------------------------------------------------------------------------
# What a file says of itself is checked: Matrix's functions trust the slots that they are given.

read_sparse <- function(object, reversed) {
  if (!has_matrix()) {
    not_read("the package Matrix is not installed: install.packages(\"Matrix\")")
  }
  form <- sub("^.*[.](.*)_.*$", "\\1", .subset2(object, "class"))
  parts <- sparse_parts(object, form)
  shape <- indices(flat(parts$shape), .Machine$integer.max, "its shape")
  if (!length(shape) %in% 1:2) not_read("it has ", length(shape), " axes, and a Matrix two")
  names <- dim_names(attr(object, "Dimnames", TRUE), shape)
  out <- if (form %in% c("csr", "csc") && length(shape) == 2L) {
    compressed(if (form == "csr") "R" else "C", parts, shape, names)
  } else {
    parts <- switch(form,
      csr = coo_of_csr(parts, shape), bsr = coo_of_bsr(parts, shape, reversed),
      dia = coo_of_dia(parts, shape, reversed), lil = coo_of_lil(parts), parts
    )
    triplets(parts, shape, names)
  }
  keep_attributes(out, object)
}

has_matrix <- function() requireNamespace("Matrix", quietly = TRUE)

# Attributes, or what the constructor takes: (data, indices, indptr), shape.
sparse_parts <- function(object, form) {
  state <- .subset2(object, "state")
  args <- .subset2(object, "args")
  if (is_members(state) && !is.null(state[["_shape"]])) {
    state$shape <- state[["_shape"]]
    if (form == "coo" && is.null(state$coords)) state$coords <- list(state$row, state$col)
    return(if (form == "dok") dok_parts(object, state) else state)
  }
  shape <- if (is_plain(args, 2L)) args[2L] else if (is_plain(args, 1L)) keyword(object, "shape")
  given <- if (!is.null(shape) && is.null(state)) args[[1L]]
  names <- c("data", switch(form,
    csr = , csc = c("indices", "indptr"), coo = "coords", dia = "offsets"
  ))
  if (length(names) == 1L || !is_plain(given, length(names))) not_read("it lacks parts of such")
  c(structure(given, names = names), list(shape = shape[[1L]]))
}

# Of functools.partial(class, **keywords)(...), as python_object() has Python called with such:
# a list of the one, NULL if there is none.
keyword <- function(object, name) {
  made_by <- .subset2(object, "callable")
  if (!is_python_object(made_by)) return(NULL)
  state <- .subset2(made_by, "state")
  keywords <- if (is_plain(state, 4L)) state[[3L]]
  if (is_members(keywords)) unname(keywords[names(keywords) == name])
}
is_python_object <- function(x) inherits(x, "python_object") && is_object(x)

# A list, of `size` items.
is_plain <- function(x, size = length(x)) is.list(x) && !is.object(x) && length(x) == size

compressed <- function(form, parts, shape, names) {
  major <- shape[[if (form == "R") 1L else 2L]]
  minor <- shape[[if (form == "R") 2L else 1L]]
  p <- pointers(parts$indptr, major)
  n <- p[[length(p)]]
  at <- indices(first(parts$indices, n), minor)
  x <- numbers(first(parts$data, n))
  if (!is_rising(at, p)) {
    sums <- sorted_sums(rep.int(seq_len(major) - 1L, diff(p)), at, x)
    at <- sums$minor
    x <- sums$x
    p <- pointers_to(sums$major, major)
  }
  class <- paste0(if (is.logical(x)) "lg" else "dg", form, "Matrix")
  if (form == "R") new(class, x = x, j = at, p = p, Dim = shape, Dimnames = names)
  else new(class, x = x, i = at, p = p, Dim = shape, Dimnames = names)
}

triplets <- function(parts, shape, names) {
  x <- numbers(parts$data)
  if (!is_plain(parts$coords, length(shape))) not_read("its axes are not those of its shape")
  at <- Map(indices, parts$coords, shape)
  if (any(lengths(at) != length(x))) not_read("it has not as many places as numbers")
  type <- if (is.logical(x)) "l" else "d"
  if (length(shape) == 2L) {
    return(new(paste0(type, "gTMatrix"), x = x, i = at[[1L]], j = at[[2L]], Dim = shape,
               Dimnames = names))
  }
  sums <- sorted_sums(integer(length(x)), at[[1L]], x)
  new(paste0(type, "sparseVector"), x = sums$x, i = sums$minor + 1L, length = shape)
}

# A csr_array of one axis is a row.
coo_of_csr <- function(parts, shape) {
  n <- pointers(parts$indptr, 1L)[[2L]]
  list(data = first(parts$data, n), coords = list(first(parts$indices, n)))
}

# Blocks: data[block, row, column].
coo_of_bsr <- function(parts, shape, reversed) {
  data <- doubles(parts$data)
  if (length(dim(data)) != 3L || is.object(data)) not_read("its blocks are no blocks")
  if (reversed) data <- aperm(data)
  size <- dim(data)[-1L]
  if (any(size == 0L) || any(shape %% size != 0L)) not_read("its blocks do not fit its shape")
  p <- pointers(parts$indptr, shape[[1L]] %/% size[[1L]])
  n <- p[[length(p)]]
  if (n > nrow(data)) not_read("it has fewer blocks than it says")
  data <- data[seq_len(n), , , drop = FALSE]
  row <- rep.int(seq_len(length(p) - 1L) - 1L, diff(p)) * size[[1L]]
  column <- indices(first(parts$indices, n), shape[[2L]] %/% size[[2L]]) * size[[2L]]
  list(data = as.vector(data), coords = list(
    as.vector(row + (slice.index(data, 2L) - 1L)), as.vector(column + (slice.index(data, 3L) - 1L))
  ))
}

# Diagonals: data[diagonal, column]. What lies outside is no part of the matrix.
coo_of_dia <- function(parts, shape, reversed) {
  data <- doubles(parts$data)
  if (length(dim(data)) != 2L || is.object(data)) not_read("its diagonals are no matrix")
  if (reversed) data <- t(data)
  offset <- whole(parts$offsets, -.Machine$integer.max, .Machine$integer.max, "its offsets")
  if (length(offset) != nrow(data)) not_read("it has not as many diagonals as offsets")
  column <- as.double(col(data) - 1L)
  row <- column - offset
  inside <- row >= 0 & row < shape[[1L]] & column < shape[[2L]] & !(data %in% 0)
  list(data = data[inside], coords = list(row[inside], column[inside]))
}

# For each row a list of columns, and one of numbers.
coo_of_lil <- function(parts) {
  size <- lengths(parts$rows)
  if (!identical(size, lengths(parts$data))) not_read("its rows have not as many numbers as places")
  row <- rep.int(seq_along(size) - 1L, size)
  list(data = flat_numbers(parts$data, parts$dtype), coords = list(row, flat(parts$rows)))
}

# {(row, column): number}, since SciPy 1.13 an attribute.
dok_parts <- function(object, state) {
  dict <- state[["_dict"]] %||% base_value(object)
  keys <- values <- list()
  if (inherits(dict, "python_dict") && is_dict(dict)) {
    keys <- .subset2(dict, "keys")
    values <- .subset2(dict, "values")
  } else if (length(dict)) {
    not_read("its dict is none of places")
  }
  axes <- length(state$shape)
  if (any(lengths(keys) != axes) || any(lengths(values) != 1L)) {
    not_read("its dict is none of places and numbers")
  }
  places <- flat(keys)
  data <- flat_numbers(values, state$dtype)
  list(data = data, shape = state$shape, coords = lapply(seq_len(axes), function(axis) {
    places[seq.int(axis, by = axes, length.out = length(keys))]
  }))
}

# -- parts, checked ----------------------------------------------------------------------------

# Whole numbers from 0, less than `below`.
indices <- function(x, below, what = "its indices") whole(x, 0L, below - 1L, what)

whole <- function(x, least, most, what) {
  x <- doubles(x)
  if (!is.numeric(x) || is.object(x) || !is.null(dim(x))) not_read(what, " are no whole numbers")
  if (length(x) && (anyNA(x) || min(x) < least || max(x) > most)) {
    not_read(what, " are out of range")
  }
  if (is.integer(x)) return(x)
  if (any(x != trunc(x))) not_read(what, " are no whole numbers")
  as.integer(x)
}

# Where the rows (or columns) begin in the indices, and where the last one ends.
pointers <- function(x, rows) {
  p <- indices(x, .Machine$integer.max, "its row pointers")
  if (length(p) != rows + 1 || p[[1L]] != 0L || is.unsorted(p)) {
    not_read("its row pointers do not rise from 0 row by row")
  }
  p
}

pointers_to <- function(major, rows) c(0L, cumsum(tabulate(major + 1L, rows)))

# SciPy's arrays may be longer than what is in use.
first <- function(x, n) {
  if (length(x) < n || !is.null(dim(x))) not_read("it has fewer numbers or places than its rows")
  if (length(x) > n) x[seq_len(n)] else x
}

numbers <- function(x) {
  x <- doubles(x)
  if (is.complex(x)) not_read("its numbers are complex, which those of a Matrix are not")
  if (!(is.numeric(x) || is.logical(x)) || is.object(x) || !is.null(dim(x))) {
    not_read("its data are no numbers")
  }
  if (is.integer(x)) as.double(x) else x
}

# What mmapdict(int64 = , uint8 = ) may give.
doubles <- function(x) {
  if (inherits(x, "integer64") || is.raw(x)) array_like(as.double(x), x) else x
}
array_like <- function(x, like) {
  dim(x) <- dim(like)
  x
}

# A vector of the items of lists, or of a list; anything else as it is.
flat <- function(x) {
  if (!is_plain(x)) return(x)
  if (any(vapply(x, is.list, NA))) x <- unlist(x, recursive = FALSE)
  wide <- vapply(x, inherits, NA, what = "integer64")
  if (any(wide)) x[wide] <- lapply(x[wide], as.double)
  unlist(x, use.names = FALSE) %||% integer()
}

# None at all say no type.
flat_numbers <- function(x, dtype) {
  numbers <- flat(x)
  if (length(numbers) || !is.character(dtype) || length(dtype) != 1L) numbers
  else if (dtype == "bool") logical()
  else if (startsWith(dtype, "complex")) complex()
  else numbers
}

dim_names <- function(x, shape) {
  fits <- is_plain(x, length(shape)) && all(mapply(function(names, size) {
    is.null(names) || (is.character(names) && length(names) == size)
  }, x, shape))
  if (fits) x else list(NULL, NULL)
}

# Within each row strictly rising.
is_rising <- function(at, p) {
  n <- length(at)
  if (n < 2L) return(TRUE)
  rising <- at[-1L] > at[-n]
  rising[p[p > 0L & p < n]] <- TRUE
  all(rising)
}

# By row, then column; numbers of one place added up (of bool: or).
sorted_sums <- function(major, minor, x) {
  by <- order(major, minor, method = "radix")
  major <- major[by]
  minor <- minor[by]
  x <- x[by]
  n <- length(x)
  same <- n > 1L & c(FALSE, major[-1L] == major[-n] & minor[-1L] == minor[-n])
  if (any(same)) {
    sums <- rowsum(as.double(x), cumsum(!same), reorder = FALSE)[, 1L]
    x <- unname(if (is.logical(x)) sums > 0 else sums)
    major <- major[!same]
    minor <- minor[!same]
  }
  list(major = major, minor = minor, x = x)
}

# "python_object scipy.sparse._csc.csc_matrix 100 x 20, float64" as what read_sparse() makes of
# it. (One that is broken inside stays a python_object.)
sparse_brief <- function(class, text) {
  shape <- sub("^python_object [^ ]+ ?([0-9,]*[0-9]( x [0-9,]*[0-9])?)?(, .*)?$", "\\1", text)
  dtype <- sub("^.*, ([a-z].*)$", "\\1", text)
  form <- sub("^.*[.](.*)_.*$", "\\1", class)
  type <- ifelse(dtype == "bool", "l", "d")
  letter <- ifelse(form == "csr", "R", ifelse(form == "csc", "C", "T"))
  made <- ifelse(
    grepl(" x ", shape), paste0(type, "g", letter, "Matrix"), paste0(type, "sparseVector")
  )
  # The numbers of these are in no array.
  made <- ifelse(form %in% c("dok", "lil"), sub("^.*[.]", "", class), made)
  unread <- !nzchar(shape) | grepl("^complex|^float128", dtype) | !has_matrix()
  ifelse(unread, text, paste(made, shape))
}
