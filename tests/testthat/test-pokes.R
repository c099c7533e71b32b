# Compiled code that writes through a data pointer, as data.table's set(), Rcpp or .C() do: what
# it changes is the one vector whose pointer it took. The file, other views, made before or
# after, slices and copies are as they were.

# `read_only`: through the pointer that R gives to read only, as Rcpp does since its 1.0.15.
poke <- function(x, i, v, read_only = FALSE) {
  .Call(poke_symbol(), x, as.integer(i), as.double(v), read_only)
}
poke_symbol <- local({
  symbol <- NULL
  function() {
    if (is.null(symbol)) {
      folder <- tempfile("poke")
      dir.create(folder)
      source <- file.path(folder, "poke.c")
      writeLines(c(
        "#include <Rinternals.h>",
        "SEXP poke(SEXP x, SEXP i, SEXP v, SEXP ro) {",
        "  const R_xlen_t at = INTEGER(i)[0] - 1;",
        "  const int type = TYPEOF(x);",
        "  void* p = LOGICAL(ro)[0] ? (void*) DATAPTR_RO(x)",
        "    : type == REALSXP ? (void*) REAL(x) : type == CPLXSXP ? (void*) COMPLEX(x)",
        "    : type == RAWSXP ? (void*) RAW(x) : type == LGLSXP ? (void*) LOGICAL(x)",
        "    : (void*) INTEGER(x);",
        "  if (type == REALSXP) ((double*) p)[at] = REAL(v)[0];",
        "  else if (type == CPLXSXP) ((Rcomplex*) p)[at].r = REAL(v)[0];",
        "  else if (type == RAWSXP) ((Rbyte*) p)[at] = (Rbyte) REAL(v)[0];",
        "  else ((int*) p)[at] = (int) REAL(v)[0];",
        "  return R_NilValue;",
        "}"
      ), source)
      callr::rcmd("SHLIB", source, wd = folder)
      library <- dyn.load(file.path(folder, paste0("poke", .Platform$dynlib.ext)))
      symbol <<- getNativeSymbolInfo("poke", library)
    }
    symbol
  }
})

skip_without_compiler <- function() {
  skip_on_cran()
  skip_if_not_installed("callr")
}

bytes_of <- function(m) readBin(path_of(m), "raw", file.size(path_of(m)))

# `n` elements of each kind of view, and what a poke into it makes of an element.
poked_kinds <- function(n) {
  list(
    double = as.double(seq_len(n)), int = seq_len(n), logical = rep_len(c(TRUE, FALSE, NA), n),
    complex = complex(real = seq_len(n), imaginary = 1), raw = as.raw(seq_len(n) %% 100L),
    f4 = ndarray(as.double(seq_len(n)), "float32"), i8 = ndarray(as.double(seq_len(n)), "int64"),
    fortran = ndarray(matrix(as.double(seq_len(n)), 2L), order = "F"),
    list = list(as.double(seq_len(n))), frame = data.frame(v = as.double(seq_len(n))),
    date = as.Date("2020-01-01") + seq_len(n)
  )
}
part <- function(x) if (is.list(x)) x[[1L]] else x

test_that("a write through a pointer stays in the vector whose pointer it was", {
  skip_without_compiler()
  # Small values are copied, large ones mapped once more.
  for (way in list(list(10L, FALSE), list(20000L, FALSE), list(10L, TRUE), list(20000L, TRUE))) {
    n <- way[[1L]]
    m <- local_store()
    for (key in names(poked_kinds(n))) m[[key]] <- poked_kinds(n)[[key]]
    before <- bytes_of(m)
    other <- mmapdict(path_of(m))
    for (key in names(m)) {
      label <- paste(key, n, way[[2L]])
      old <- part(m[[key]])
      x <- part(m[[key]])
      want <- materialize(x)
      expect_true(is_view(x), label = label)
      poke(x, 3L, 77, read_only = way[[2L]])
      changed <- unclass(want)
      changed[3L] <- switch(typeof(want), raw = as.raw(77), logical = NA, integer = 77L,
                            complex = complex(real = 77, imaginary = 1), 77)
      class(changed) <- oldClass(want)
      if (is.logical(want)) {
        expect_identical(is.na(x[[3L]]), FALSE, label = label)
      } else {
        expect_identical(x[3L], changed[3L], label = label)
        expect_identical(x[], changed, label = label)
        expect_identical(rev(x), rev(changed), label = label)
        expect_identical(sum(x == x[[3L]]), sum(changed == changed[[3L]]), label = label)
      }
      expect_identical(old[], want, label = label)
      expect_identical(part(m[[key]])[], want, label = label)
      expect_identical(part(other[[key]])[], want, label = label)
      m[["copy"]] <- m[[key]]
      expect_identical(part(m[["copy"]])[], want, label = label)
      m[["copy"]] <- NULL
      # What R shows of x is what is stored of it.
      if (!is.logical(want)) {
        m[["poked"]] <- x
        expect_identical(m[["poked"]][3L], changed[3L], label = label)
        m[["poked"]] <- NULL
      }
    }
    # but for the commit number, and where the file went on
    kept <- setdiff(seq_len(length(before) - 11L), 19:22)
    expect_identical(bytes_of(m)[kept], before[kept])
    close(other)
  }
})

test_that("the neighbours in a page of memory read what the file says, written later or not", {
  skip_without_compiler()
  m <- local_store()
  m[["v"]] <- c(3, 1, 2)
  m[["w"]] <- c(7, 8, 9)
  poke(m[["v"]], 1L, 99)
  poke(m[["w"]], 3L, 99)
  other <- mmapdict(path_of(m))
  m[["v"]][2L] <- 55
  other[["w"]][1L] <- -7
  expect_identical(m[["v"]][], c(3, 55, 2))
  expect_identical(m[["w"]][], c(-7, 8, 9))
  expect_identical(m["w", 1:3], c(-7, 8, 9))
  m$v[1:3] <- m$v[1:3] + 1
  expect_identical(other[["v"]][], c(4, 56, 3))
  close(other)
})

test_that("reading with a writable pointer copies nothing large", {
  skip_without_compiler()
  skip_on_os("windows")
  m <- local_store()
  m[["x"]] <- as.double(1:2e6)
  x <- m[["x"]]
  used <- function() sum(gc()[, 2L])
  before <- used()
  poke(x, 5L, 1) # a pointer to write through
  expect_lt(used() - before, 8)
  expect_false(view_info(x)$materialized)
  # Elsewhere it follows the file.
  m["x", 2e6] <- -1
  expect_identical(x[c(4, 5, 6, 2e6)], c(4, 1, 6, -1))
  # The file's name is gone: a copy.
  y <- m[["x"]]
  z <- m[["x"]]
  poke(y, 1L, 0)
  file.rename(path_of(m), moved <- new_path())
  poke(z, 2L, 0)
  expect_true(view_info(z)$materialized)
  expect_identical(z[1:3], c(1, 0, 3))
  expect_identical(y[1:3], c(0, 2, 3))
  file.rename(moved, path_of(m))
  expect_identical(m[["x"]][1:3], c(1, 2, 3))
})

test_that("another file under the name of the old one is not mapped for its views", {
  skip_without_compiler()
  skip_on_os("windows")
  m <- local_store()
  m[["x"]] <- as.double(1:20000)
  x <- m[["x"]]
  m[["gone"]] <- as.double(1:20000)
  m[["gone"]] <- NULL
  vacuum(m)
  m[["x"]] <- as.double(20000:1)
  poke(x, 1L, 5)
  expect_identical(x[1:3], c(5, 2, 3))
  expect_identical(m[["x"]][1:3], c(20000, 19999, 19998))
})

test_that("tens of thousands of views can be written to", {
  skip_without_compiler()
  m <- local_store()
  m[["x"]] <- as.double(1:10000)
  views <- lapply(1:12000, function(i) m[["x"]])
  for (i in seq_along(views)) poke(views[[i]], 7L, i)
  expect_identical(vapply(views, function(x) x[[7L]], 0), as.double(1:12000))
  expect_identical(sum(m[["x"]]), sum(as.double(1:10000)))
  rm(views)
  gc()
  x <- m[["x"]]
  poke(x, 1L, 0)
  expect_false(view_info(x)$materialized) # there is room again
})

test_that("a file that is cut, or vacuumed in place, under such a view is stale", {
  skip_without_compiler()
  skip_on_os("windows")
  for (what in c("vacuum", "cut")) {
    m <- local_store()
    m[["gone"]] <- as.double(1:20000)
    m[["x"]] <- as.double(1:20000)
    m[["gone"]] <- NULL
    x <- m[["x"]]
    poke(x, 3L, 5)
    expect_identical(x[2:4], c(2, 5, 4))
    if (what == "vacuum") {
      vacuum_in_place(path_of(m))
    } else {
      connection <- file(path_of(m), "r+b")
      seek(connection, 5000, rw = "write")
      truncate(connection)
      close(connection)
    }
    expect_kind(x[[19000L]], "stale")
    expect_kind(x[19000:19001], "stale")
    expect_kind(sum(x), "stale")
    close(m)
  }
})

test_that("a written-to view is serialized by its values", {
  skip_without_compiler()
  withr::local_options(mmappickle.by_reference = TRUE)
  m <- local_store()
  m[["x"]] <- as.double(1:20000)
  x <- m[["x"]]
  y <- m[["x"]]
  poke(x, 3L, 5)
  poke(y, 3L, 3) # as it is
  expect_identical(unserialize(serialize(x, NULL))[2:4], c(2, 5, 4))
  expect_lt(length(serialize(y, NULL)), 1000)
  expect_identical(unserialize(serialize(y, NULL)), m[["x"]])
})

# (data.table looks whether the code that calls it knows it.)
assign_by_reference <- function(d) d[d$id > 3L, `:=`("x", 0)]
environment(assign_by_reference) <- globalenv()

test_that("data.table may change what it gets, by reference", {
  skip_if_not_installed("data.table")
  for (n in c(5L, 20000L)) {
    m <- local_store()
    made <- data.table::data.table(
      id = seq_len(n), x = as.double(n:1), s = sprintf("s%d", seq_len(n)),
      f = rep_len(c(NA, 2.5), n), b = rep_len(c(TRUE, FALSE), n)
    )
    m[["dt"]] <- made
    m[["df"]] <- data.frame(v = as.double(seq_len(n)), w = seq_len(n))
    before <- bytes_of(m)
    same <- function() {
      expect_identical(bytes_of(m), before)
      expect_identical(as.data.frame(lapply(m[["dt"]], materialize)), as.data.frame(made))
      expect_identical(m[["df"]]$v[], as.double(seq_len(n)))
    }
    d <- m[["dt"]]
    data.table::set(d, 1L, "x", -1)
    expect_identical(d$x[1:2], c(-1, n - 1))
    same()
    d <- m[["dt"]]
    assign_by_reference(d)
    data.table::set(d, NULL, "new", seq_len(n))
    expect_identical(d$x[1:4], c(n:(n - 2), 0) + 0)
    same()
    d <- m[["dt"]]
    data.table::setorderv(d, "x")
    expect_identical(d$id[], n:1)
    data.table::setkeyv(d, "id")
    expect_identical(d$x[], as.double(n:1))
    same()
    d <- m[["dt"]]
    data.table::setnafill(d, fill = 0, cols = "f")
    expect_identical(d$f[1:2], c(0, 2.5))
    same()
    d <- m[["df"]]
    data.table::set(d, 1L, "v", 0)
    data.table::setDT(d)
    data.table::set(d, 2L, "w", 0L)
    expect_identical(d$v[1:2], c(0, 2))
    expect_identical(d$w[1:2], c(1L, 0L))
    same()
  }
})
