# Values that are views of the very entry that they are written to, and others that read from the
# same bytes: R's own `[<-` on plain copies is the model.

makers <- list(
  float64 = function(x) ndarray(x, "float64"), `>f8` = function(x) ndarray(x, ">f8"),
  float32 = function(x) ndarray(x, "float32"), int32 = function(x) ndarray(x, "int32"),
  int16 = function(x) ndarray(x, "int16"), uint8 = function(x) ndarray(x, "uint8"),
  complex128 = function(x) ndarray(x + 0i, "complex128"), U3 = function(x) ndarray(text(x), "U3"),
  fortran = function(x) ndarray(x, "float64", "F"), masked = function(x) with_na(x),
  raw = function(x) {
    if (is.null(dim(x))) ndarray(x, "uint8") else structure(as.raw(x), dim = dim(x))
  },
  logical = function(x) x > 50
)
text <- function(x) structure(as.character(x), dim = dim(x))
with_na <- function(x) {
  storage.mode(x) <- "integer"
  x[sample(length(x), 3)] <- NA
  x
}

# A random part of an axis.
part_of <- function(n) {
  switch(sample(5L, 1L),
    sample(n), rev(seq_len(n)), sample(n, sample(n, 1L)), -sample(n, 1L),
    sample(c(TRUE, FALSE), n, TRUE)
  )
}
call_on <- function(f, x, axes, ...) do.call(f, c(list(x), axes, list(...)))

# Ways to get at the entry's bytes as a value.
values_of <- list(
  `[[` = function(m, path) m[["x"]], handle = function(m, path) mmapdict(path)[["x"]],
  readonly = function(m, path) mmapdict(path, readonly = TRUE)$x,
  link = function(m, path) {
    link <- paste0(path, ".link")
    if (!file.exists(link)) file.symlink(path, link)
    mmapdict(link)[["x"]]
  },
  pickle = function(m, path) read_pickle(path)$x, mmarray = function(m, path) mmarray(m, "x"),
  wrapped = function(m, path) structure(m[["x"]], note = "kept")
)

test_that("a slice of an entry's own view is what it was before", {
  for (round in seq_len(60 * longer())) {
    maker <- sample(names(makers), 1L)
    dims <- list(200L, c(17L, 13L), c(5L, 7L, 6L))[[sample(3L, 1L)]]
    path <- new_path()
    m <- mmapdict(path)
    x <- array(sample(100, prod(dims), TRUE) + 0, dims)
    if (length(dims) == 1L) x <- as.vector(x)
    m[["x"]] <- makers[[maker]](x)
    for (step in 1:6) {
      was <- materialize(m[["x"]])
      axes <- lapply(dims, part_of)
      way <- sample(names(values_of), 1L)
      value <- values_of[[way]](m, path)
      # As many elements as the slice has: some of the view's own, in some order.
      n <- length(call_on(`[`, was, axes))
      whole <- n == length(was) && sample(2L, 1L) == 1L
      if (!whole) value <- value[rep_len(sample(length(was)), n)]
      model <- call_on(`[<-`, was, axes, value = if (whole) was else materialize(value))
      if (sample(2L, 1L) == 1L) {
        call_on(`[<-`, m, c(list("x"), axes), value = value)
      } else {
        eval(as.call(list(as.name("<-"), as.call(c(
          as.name("["), quote(m[["x"]]), axes
        )), quote(value))))
      }
      expect_identical(materialize(m[["x"]]), model, label = paste(maker, way, toString(dims)))
    }
    close(m)
  }
})

test_that("a large array is turned round in place", {
  m <- local_store()
  x <- as.double(1:1e5)
  m[["x"]] <- x
  m["x", 1e5:1] <- m[["x"]]
  expect_identical(m[["x"]] + 0, rev(x))
  m[["f"]] <- ndarray(matrix(x, 250), order = "F")
  q <- sample(250)
  m["f", q, ] <- m[["f"]]
  model <- matrix(x, 250)
  model[q, ] <- matrix(x, 250)
  expect_identical(m[["f"]] + 0, model)
})

test_that("columns of a structured array are written from themselves", {
  m <- local_store()
  m[["r"]] <- ndarray(
    data.frame(a = as.double(1:2000), b = 1:2000), dtype = list(a = "float64", b = "int32")
  )
  m["r", 2000:1] <- m[["r"]]
  expect_identical(materialize(m[["r"]]$a), as.double(2000:1))
  expect_identical(materialize(m[["r"]]$b), 2000:1)
})
