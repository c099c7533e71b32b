# Sparse matrices: SciPy's read as Matrix's, Matrix's stored as SciPy's.

skip_if_not_installed("Matrix")

sparse_cases <- function() read_pickle(test_path("fixtures", "scipy", "sparse.pickle.gz"))

valid <- function(x) isS4(x) && isTRUE(methods::validObject(x, test = TRUE))

dense <- function(x) {
  if (methods::is(x, "sparseVector")) return(as.vector(x) + 0)
  x <- methods::as(x, "matrix")
  matrix(as.vector(x) + 0, nrow(x), ncol(x))
}

expect_sparse <- function(x, expected, label) {
  expect_true(valid(x), label = paste(label, "is valid"))
  if (valid(x)) expect_identical(dense(x), expected, label = label)
}

tuple <- function(...) python_object("builtins.tuple", list(list(...)))
scipy <- function(form, ...) {
  read_pickle(write_pickle(python_object(paste0("scipy.sparse.", form), list(...))))
}

expect_inert <- function(x, why, label = NULL) {
  expect_s3_class(x, "python_object")
  expect_match(paste(capture.output(print(x)), collapse = "\n"), why, label = label)
}

# -- read ----------------------------------------------------------------------------------

test_that("every form, dtype and spelling is read, whatever the options", {
  cases <- sparse_cases()
  expect_gt(length(cases), 90)
  others <- list(simplify = FALSE, dims = "reversed", uint8 = "raw")
  if (requireNamespace("bit64", quietly = TRUE)) others$int64 <- "integer64"
  for (name in names(cases)) {
    for (option in list(list(), others)) {
      x <- suppressWarnings(do.call(read_pickle, c(list(cases[[name]][[1L]]), option)))
      expect_sparse(x, cases[[name]][[2L]], paste(name, length(option)))
    }
  }
})

test_that("each form has its class in R", {
  cases <- sparse_cases()
  class_of <- function(name) as.vector(class(read_pickle(cases[[name]][[1L]])))
  expect_identical(class_of("csr_matrix"), "dgRMatrix")
  expect_identical(class_of("csc_array"), "dgCMatrix")
  for (form in c("coo", "bsr", "dia", "dok", "lil")) {
    expect_identical(class_of(paste0(form, "_matrix")), "dgTMatrix")
    expect_identical(class_of(paste(form, "?")), "lgTMatrix")
  }
  expect_identical(class_of("csr ?"), "lgRMatrix")
  expect_identical(class_of("csc ?"), "lgCMatrix")
  expect_identical(class_of("coo flat"), "dsparseVector")
})

test_that("a symmetric matrix stays a general one; zeros that stand there are kept", {
  x <- scipy("csc_matrix", tuple(ndarray(c(1, 0, 0)), ndarray(c(0L, 1L, 0L)),
                                 ndarray(c(0L, 2L, 3L))), tuple(2L, 2L))
  expect_identical(as.vector(class(x)), "dgCMatrix")
  expect_identical(x@x, c(1, 0, 0))
})

test_that("so is what python_object() has made, with a shape by name", {
  parts <- tuple(ndarray(c(1, 2)), ndarray(c(0L, 2L)), ndarray(0:2))
  x <- python_object("scipy.sparse._csr.csr_matrix", list(parts), list(shape = tuple(2L, 3L)))
  expect_sparse(read_pickle(write_pickle(x)), matrix(c(1, 0, 0, 0, 0, 2), 2L), "by name")
  none <- python_object("scipy.sparse._csr.csr_matrix", list(parts))
  expect_inert(read_pickle(write_pickle(none)), "lacks parts")
})

test_that("the colleagues' files are read", {
  at <- function(name) read_pickle(shared("cases", "colleague", paste0(name, ".pkl")))
  expected <- matrix(c(1, 0, 0, 0, 0, -1, 0, 3.5, 0, 2, 0, 0), 3L)
  for (name in c("csr", "csc", "coo", "csr_array")) expect_sparse(at(name), expected, name)
  unsorted <- matrix(c(2, 0, 0, 0, 3, 0, 0, 0, 0, 1, 0, 0), 3L)
  expect_sparse(at("csr_unsorted"), unsorted, "csr_unsorted")
  expect_sparse(at("smpl_like")$J_regressor, expected, "smpl_like")
})

test_that("the numbers of large ones stay in the file", {
  n <- 20000L
  path <- new_pickle()
  write_pickle(Matrix::sparseMatrix(i = seq_len(n), j = seq_len(n), x = seq_len(n) + 0), path)
  x <- read_pickle(path)
  expect_false(is.null(view_info(x@x)))
  expect_false(is.null(view_info(x@i)))
  expect_identical(sum(x), sum(seq_len(n)) + 0)
})

# -- what is not read, and what lies -------------------------------------------------------

test_that("what Matrix cannot hold is inert, and says why", {
  csr <- function(data, indices = 0L, indptr = c(0L, 1L), shape = tuple(1L, 2L)) {
    scipy("csr_matrix", tuple(ndarray(data), ndarray(indices), ndarray(indptr)), shape)
  }
  expect_s4_class(csr(1), "dgRMatrix")
  expect_inert(csr(1i), "complex")
  expect_inert(csr("a"), "no numbers")
  expect_inert(csr(1, shape = tuple(1L, 2^31)), "shape .* out of range")
  expect_inert(csr(1, shape = tuple(1L, 2L, 3L)), "3 axes")
  expect_identical(csr(1i)$class, "scipy.sparse.csr_matrix")
  expect_identical(csr(1i)$args[[1L]][[1L]], 1i)
  x <- read_pickle(write_pickle(Matrix::Diagonal(2)),
                   readers = list("scipy.sparse.dia_matrix" = identity))
  expect_s3_class(x, "python_object")
  expect_false(any(grepl("not read", capture.output(print(x)))))
})

test_that("indices, pointers, shapes and counts that lie leave the object inert", {
  d <- function(...) ndarray(as.double(c(...)), "float64")
  i <- function(...) ndarray(as.integer(c(...)), "int32")
  lies <- list(
    list("csr_matrix", tuple(d(1), i(2), i(0, 1)), tuple(1L, 2L)),
    list("csr_matrix", tuple(d(1), i(-1), i(0, 1)), tuple(1L, 2L)),
    list("csr_matrix", tuple(d(1), d(0.5), i(0, 1)), tuple(1L, 2L)),
    list("csr_matrix", tuple(d(1), d(NaN), i(0, 1)), tuple(1L, 2L)),
    list("csr_matrix", tuple(d(1), i(0), i(0, 2)), tuple(1L, 2L)),
    list("csr_matrix", tuple(d(1), i(0), i(1, 1)), tuple(1L, 2L)),
    list("csr_matrix", tuple(d(1, 2), i(0, 1), i(0, 2, 1)), tuple(2L, 2L)),
    list("csr_matrix", tuple(d(1), i(0), i(0, 1)), tuple(2147483646L, 2L)),
    list("csc_matrix", tuple(d(1), i(0), i(0, 1)), tuple(1L, 2147483646L)),
    list("csr_matrix", tuple(d(1), i(0), i()), tuple(1L, 2L)),
    list("csr_matrix", tuple(d(), i(0), i(0, 1)), tuple(1L, 2L)),
    list("csr_matrix", tuple(d(1), i(0), i(0, 1)), tuple(-1L, 2L)),
    list("csr_matrix", tuple(d(1), i(0), i(0, 1)), tuple("a", 2L)),
    list("csr_matrix", tuple(d(1), i(0), i(0, 1)), tuple()),
    list("csr_matrix", tuple(d(1), i(0)), tuple(1L, 2L)),
    list("csr_matrix", tuple(ndarray(diag(2)), i(0), i(0, 1)), tuple(1L, 2L)),
    list("csr_matrix", tuple(list(1, "a"), i(0), i(0, 1)), tuple(1L, 2L)),
    list("csr_matrix", 1, 2), list("csr_matrix", tuple(1L, 2L)), list("csr_matrix"),
    list("coo_matrix", tuple(d(1), tuple(i(0), i(2))), tuple(1L, 2L)),
    list("coo_matrix", tuple(d(1), tuple(i(0), i(0, 1))), tuple(1L, 2L)),
    list("coo_matrix", tuple(d(1), tuple(i(0))), tuple(1L, 2L)),
    list("coo_matrix", tuple(d(1), i(0)), tuple(1L, 2L)),
    list("dia_matrix", tuple(ndarray(diag(2)), i(0)), tuple(2L, 2L)),
    list("dia_matrix", tuple(d(1, 2), i(0)), tuple(2L, 2L)),
    list("dia_matrix", tuple(ndarray(matrix("a")), i(0)), tuple(2L, 2L)),
    list("lil_matrix", tuple(2L, 2L), tuple(2L, 2L))
  )
  for (at in seq_along(lies)) {
    expect_inert(do.call(scipy, lies[[at]]), "not read as R's own", paste("lie", at))
  }
})

test_that("so do attributes that lie, in every form", {
  state <- function(form, ...) {
    read_pickle(write_pickle(
      python_object(paste0("scipy.sparse.", form), how = "new", state = list(...))
    ))
  }
  i <- function(...) ndarray(as.integer(c(...)), "int32")
  shape <- tuple(4L, 4L)
  block <- ndarray(array(1, c(2L, 2L, 2L)))
  expect_s4_class(state("bsr_matrix", `_shape` = shape, data = block, indices = i(0, 1),
                        indptr = i(0, 1, 2)), "dgTMatrix")
  lies <- list(
    list("bsr_matrix", `_shape` = shape, data = block, indices = i(0, 2), indptr = i(0, 1, 2)),
    list("bsr_matrix", `_shape` = shape, data = block, indices = i(0, 1), indptr = i(0, 1, 3)),
    list("bsr_matrix", `_shape` = tuple(5L, 4L), data = block, indices = i(0, 1),
         indptr = i(0, 1, 2)),
    list("bsr_matrix", `_shape` = shape, data = ndarray(array(1, c(0L, 0L, 2L))), indices = i(),
         indptr = i(0)),
    list("bsr_matrix", `_shape` = shape, data = ndarray(1)), list("bsr_matrix", `_shape` = shape),
    list("dia_matrix", `_shape` = shape, data = ndarray(diag(2)), offsets = "a"),
    list("lil_matrix", `_shape` = shape, rows = list(list(0L), list(4L)), data = list(1, 1)),
    list("lil_matrix", `_shape` = shape, rows = list(list(0L, 1L)), data = list(1)),
    list("lil_matrix", `_shape` = tuple(1L, 1L), rows = list(0L, 0L), data = list(1, 1)),
    list("lil_matrix", `_shape` = shape, rows = list("a"), data = list(1)),
    list("lil_matrix", `_shape` = shape, rows = "a", data = 1),
    list("dok_array", `_shape` = shape, `_dict` = list(a = 1)),
    list("dok_array", `_shape` = shape, `_dict` = 1),
    list("coo_array", `_shape` = shape, coords = list(), data = ndarray(1)),
    list("coo_array", `_shape` = shape), list("csr_array", `_shape` = shape),
    list("csr_array", `_shape` = list(list(1), python_object("a.b")))
  )
  for (at in seq_along(lies)) {
    expect_inert(do.call(state, lies[[at]]), "not read as R's own", paste("lie", at))
  }
})

test_that("a matrix of no numbers is of its dtype", {
  for (dtype in c("bool", "float32")) {
    class <- if (dtype == "bool") "lgTMatrix" else "dgTMatrix"
    state <- list(`_shape` = tuple(2L, 3L), dtype = python_object("numpy.dtype", list(dtype)))
    for (form in c("lil_matrix", "dok_array")) {
      rows <- list(list(), list())
      more <- if (form == "lil_matrix") list(rows = rows, data = rows)
      else list(`_dict` = python_object("builtins.dict"))
      x <- python_object(paste0("scipy.sparse.", form), how = "new", state = c(state, more))
      expect_s4_class(read_pickle(write_pickle(x)), class)
    }
    x <- python_object("scipy.sparse.lil_matrix", how = "new", state = list(
      `_shape` = tuple(0L, 3L), dtype = python_object("numpy.dtype", list("complex64")),
      rows = list(), data = list()
    ))
    expect_inert(read_pickle(write_pickle(x)), "are complex")
  }
})

test_that("without Matrix they are inert, with a hint", {
  shown <- callr::r(function(pickle) {
    package <- asNamespace("mmappickle")
    unlockBinding("has_matrix", package)
    assign("has_matrix", function() FALSE, package)
    x <- mmappickle::read_pickle(pickle)
    list(class(x), capture.output(print(x)))
  }, list(sparse_cases()[["csr_matrix"]][[1L]]))
  expect_identical(shown[[1L]], "python_object")
  expect_match(shown[[2L]], "Matrix is not installed: install.packages", all = FALSE)
})

# -- written -------------------------------------------------------------------------------

matrices <- function() {
  general <- Matrix::sparseMatrix(
    i = c(1, 3, 5, 2, 5, 4), j = c(1, 1, 2, 3, 4, 4), x = c(1.5, -2, 3, 4, 0, 6), dims = c(5, 4)
  )
  square <- methods::as(general[1:4, ] + Matrix::Diagonal(4), "generalMatrix")
  whole <- list(
    general, Matrix::forceSymmetric(square, "U"), Matrix::forceSymmetric(square, "L"),
    Matrix::triu(square), Matrix::tril(square),
    methods::new("dtCMatrix", Dim = c(3L, 3L), i = 0L, p = c(0L, 0L, 1L, 1L), x = 2, diag = "U")
  )
  whole <- c(whole, lapply(whole, function(x) methods::as(x, "lMatrix")),
             lapply(whole, function(x) methods::as(x, "nMatrix")))
  forms <- c("CsparseMatrix", "RsparseMatrix", "TsparseMatrix")
  sparse <- unlist(lapply(whole, function(x) lapply(forms, function(f) methods::as(x, f))))
  dense <- matrix(c(2, 1, 0, 1, 3, 1, 0, 1, 4), 3L)
  c(
    sparse, Matrix::Diagonal(3), Matrix::Diagonal(2, c(1.5, 0)), Matrix::Diagonal(0),
    Matrix::Diagonal(2, c(TRUE, FALSE)), methods::as(c(2L, 3L, 1L), "pMatrix"),
    general[0L, ], general[, 0L],
    Matrix::Matrix(dense[, 3:1], sparse = FALSE),
    methods::as(Matrix::Matrix(dense), "symmetricMatrix"),
    Matrix::triu(Matrix::Matrix(dense[, 3:1], sparse = FALSE)), Matrix::pack(Matrix::Matrix(dense)),
    Matrix::Matrix(dense > 1, sparse = FALSE)
  )
}

test_that("each class of Matrix is what it was, as a general one", {
  all <- matrices()
  expect_gt(length(unique(vapply(all, class, ""))), 30)
  m <- local_store()
  for (x in all) {
    label <- as.vector(class(x))
    m[["M"]] <- x
    got <- m[["M"]]
    if (isS4(got)) expect_sparse(got, dense(x), label)
    else expect_identical(got + 0, dense(x), label = label)
    expect_identical(is.logical(x[0]) || is.logical(as.vector(x)), is.logical(as.vector(got)),
                     label = label)
    expect_equal(read_pickle(write_pickle(list(a = x)))$a, got, label = label)
  }
})

test_that("SciPy loads each, and sees the same matrix", {
  require_python()
  all <- matrices()
  pairs <- lapply(all, function(x) list(x, ndarray(dense(x)), as.vector(class(x))))
  path <- new_pickle()
  write_pickle(pairs, path)
  out <- run_python("
import pickle, sys
import numpy as np, scipy.sparse
with open(sys.argv[1], 'rb') as f:
    all = pickle.load(f)
for x, dense, name in all:
    if scipy.sparse.issparse(x):
        x.check_format() if hasattr(x, 'check_format') else None
        form = {'C': 'csc', 'R': 'csr', 'T': 'coo'}.get(name[2], 'dia')
        assert x.format == ('coo' if name == 'pMatrix' else form), (name, x.format)
        assert x.dtype == ('f8' if name[0] == 'd' else '?'), (name, x.dtype)
        x = x.toarray()
    assert x.shape == dense.shape and (x == dense).all(), (name, x, dense)
print('all')
", path)
  expect_identical(out, "all")
})

test_that("a vector is a matrix of one column", {
  x <- methods::new("dsparseVector", x = c(1.5, 2), i = c(2L, 5L), length = 6L)
  got <- read_pickle(write_pickle(x))
  expect_sparse(got, matrix(as.vector(x)), "sparseVector")
})

test_that("what SciPy has no place for is refused", {
  x <- Matrix::sparseMatrix(i = 1:2, j = 1:2, x = c(TRUE, NA))
  expect_kind(write_pickle(x), "value")
  expect_kind(write_pickle(Matrix::Diagonal(2, c(TRUE, NA))), "value")
})

test_that("dim names are kept as long as they fit", {
  x <- Matrix::sparseMatrix(i = 1:2, j = c(1, 3), x = 1:2 + 0.5,
                            dimnames = list(c("a", "b"), rows = c("u", "v", "w")))
  m <- local_store()
  m[["x"]] <- x
  m[["all"]] <- list(x, Matrix::t(x), Matrix::Diagonal(2, names = c("p", "q")))
  expect_identical(m[["x"]], x)
  expect_identical(m[["all"]][[1L]], x)
  expect_identical(dimnames(m[["all"]][[2L]]), dimnames(Matrix::t(x)))
  one <- read_pickle(write_pickle(x[, 1, drop = FALSE]))
  expect_identical(dimnames(one), dimnames(x[, 1, drop = FALSE]))
  object <- read_pickle(write_pickle(x), readers = list("scipy.sparse.csc_matrix" = identity))
  attr(object, "Dimnames") <- list("only", NULL)
  expect_identical(dimnames(read_pickle(write_pickle(object))), list(NULL, NULL))
})

test_that("an item beside a sparse matrix is changed without it", {
  m <- local_store()
  m[["k"]] <- list(n = 1, M = read_pickle(sparse_cases()[["csr f4"]][[1L]],
    readers = list("scipy.sparse._csr.csr_matrix" = identity)
  ))
  m[["k"]]$n <- 2
  expect_identical(m[["k"]]$n, 2)
  object <- mmap_get(m, "k", readers = list("scipy.sparse._csr.csr_matrix" = identity))$M
  expect_identical(object$class, "scipy.sparse._csr.csr_matrix")
  expect_s4_class(m[["k"]]$M, "dgRMatrix")
})

test_that("attributes beside the slots are kept, and never taken for slots", {
  m <- local_store()
  for (x in matrices()) {
    attr(x, "note") <- list(unit = "K")
    comment(x) <- "seen"
    m[["M"]] <- x
    label <- as.vector(class(x))
    expect_identical(attr(m[["M"]], "note"), list(unit = "K"), label = label)
    expect_identical(comment(m[["M"]]), "seen", label = label)
    if (isS4(m[["M"]])) expect_true(valid(m[["M"]]), label = label)
  }
  x <- Matrix::sparseMatrix(i = 1:2, j = c(1, 3), x = 1:2 + 0.5)
  object <- read_pickle(write_pickle(x), readers = list("scipy.sparse.csc_matrix" = identity))
  for (slot in c("i", "p", "Dim", "x", "factors")) attr(object, slot) <- 9L
  expect_identical(read_pickle(write_pickle(object)), x)
})

test_that("summary() counts them by what they are read as, as print() tells them", {
  m <- local_store()
  m[["a"]] <- Matrix::Diagonal(3)
  m[["b"]] <- Matrix::sparseMatrix(i = 1:2, j = 1:2, x = 1:2)
  m[["c"]] <- python_object("some.Class", how = "global")
  kinds <- summary(m)$kinds
  expect_identical(kinds$type, c("dgTMatrix", "dgCMatrix", "python_object"))
  expect_identical(sub(" .*", "", entries(m)$value), kinds$type)
})

test_that("nested assignment changes one as Matrix does, and leaves others alone", {
  m <- python_store("
import scipy.sparse as sp
x = sp.bsr_matrix(np.eye(2, dtype='f4'))
d = {'x': x, 'd': {'n': 1, 'x': x, 'l': [x, 'a']}}")
  forms <- function() {
    run_python("
import pickle, sys
with open(sys.argv[1], 'rb') as f:
    d = pickle.load(f)
for x in (d['x'], d['d']['x'], d['d']['l'][0]):
    print(x.format, x.dtype, x.toarray().tolist())", path_of(m))
  }
  eye <- "bsr float32 [[1.0, 0.0], [0.0, 1.0]]"
  m$d$n <- 2L
  attr(m$d$l[[1]], "note") <- "K"
  m$d$l[[2]] <- "b"
  expect_identical(forms(), c(eye, eye, sub("bsr float32", "coo float64", eye, fixed = TRUE)))
  expect_identical(attr(m$d$l[[1]], "note"), "K")
  m$x[1, 2] <- 7
  expect_s4_class(m$x, "Matrix")
  expect_sparse(m$x, matrix(c(1, 0, 7, 1), 2L), "changed")
  m$d$x[2, 1] <- -1
  expect_sparse(m$d$x, matrix(c(1, -1, 0, 1), 2L), "changed inside")
  expect_identical(m$d$n, 2L)
  x <- m$x
  n <- mmapdict(path_of(m), readers = list("scipy.sparse.csc_matrix" = function(x) "mine"))
  n$d$n <- 3L
  expect_sparse(m$d$x, matrix(c(1, -1, 0, 1), 2L), "beside a reader's")
})
