circle_pickle <- function(radius, end = ".") {
  bytes_of("cgeometry\nCircle\n)", 0x81, "}Vradius\nK", radius, "sb", end)
}
circle <- function(object) structure(list(radius = object$radius), class = "circle")
circles <- list("geometry.Circle" = circle)
three <- structure(list(radius = 3L), class = "circle")

store_with_circles <- function(..., .local_envir = parent.frame()) {
  m <- local_store(..., .local_envir = .local_envir)
  x <- read_pickle(circle_pickle(3))
  m[["one"]] <- x
  m[["list"]] <- list(a = x, b = list(1, x))
  m
}

test_that("nothing is called by default", {
  m <- store_with_circles()
  expect_s3_class(m[["one"]], "python_object")
  expect_s3_class(m[["list"]]$b[[2]], "python_object")
  expect_s3_class(read_pickle(circle_pickle(3)), "python_object")
})

test_that("a handle's readers hold for all reads of it, mmap_get()'s for one", {
  m <- store_with_circles(readers = circles)
  expect_identical(m[["one"]], three)
  expect_identical(m$one, three)
  expect_identical(m["one"], list(one = three))
  expect_identical(as.list(m)$one, three)
  expect_identical(with(m, one), three)
  expect_identical(m[["list"]], list(a = three, b = list(1, three)))
  expect_s3_class(mmap_get(m, "one", readers = list()), "python_object")
  expect_identical(mmap_get(m, "one", readers = list("geometry.Circle" = function(x) x$radius)), 3L)
  plain <- mmapdict(path_of(m), readonly = TRUE)
  withr::defer(close(plain))
  expect_s3_class(plain[["one"]], "python_object")
  expect_identical(mmap_get(plain, "one", readers = circles), three)
  expect_identical(read_pickle(circle_pickle(3), readers = circles), three)
})

test_that("nested assignment reads without them", {
  m <- store_with_circles(readers = circles)
  m[["list"]]$c <- "new"
  expect_identical(m[["list"]], list(a = three, b = list(1, three), c = "new"))
  expect_s3_class(mmap_get(m, "list", readers = list())$a, "python_object")
})

test_that("only exactly named classes are asked, and no classes by name, nor cycles", {
  called <- character()
  note <- function(object) {
    called <<- c(called, paste(object$class, object$how))
    object
  }
  readers <- list("geometry.Circle" = note, "geometry" = note, "Circle" = note, "cycle" = note)
  x <- read_pickle(bytes_of("(cgeometry\nCircle\n", circle_pickle(1, ""), "cgeometry\nCircl\n)",
                            0x81, "l."), readers = readers)
  expect_identical(called, "geometry.Circle new")
  expect_identical(x[[1]]$how, "global")
  read_pickle(bytes_of("]q", 0, "h", 0, "a."), readers = readers)
  expect_identical(called, "geometry.Circle new")
})

test_that("inner objects are read first, and each once", {
  seen <- list()
  keep <- function(object) {
    seen[[length(seen) + 1L]] <<- object
    length(seen)
  }
  inner <- bytes_of("cmod\nInner\n)Rq", 1)
  bytes <- bytes_of("(cmod\nOuter\n(", inner, "tRh", 1, "h", 1, "l.")
  x <- read_pickle(bytes, readers = list("mod.Inner" = keep, "mod.Outer" = keep))
  expect_identical(x, c(list(2L), 1L, 1L))
  expect_length(seen, 2L)
  expect_identical(seen[[2]]$args, list(1L))
  seen <- list()
  nothing <- function(object) {
    seen[[length(seen) + 1L]] <<- object
    NULL
  }
  x <- read_pickle(bytes, readers = list("mod.Inner" = nothing))
  expect_length(seen, 1L)
  expect_identical(x[2:3], list(NULL, NULL))
})

test_that("a reader may give anything, NULL and views too", {
  m <- store_with_circles()
  m[["array"]] <- c(1, 2, 3)
  give <- function(value) {
    mmap_get(m, "list", readers = list("geometry.Circle" = function(x) value))$a
  }
  expect_null(give(NULL))
  expect_identical(give(sum), sum)
  expect_identical(give(globalenv()), globalenv())
  view <- give(m[["array"]])
  expect_true(is_view(view))
  expect_identical(view + 0, c(1, 2, 3))
})

test_that("a reader may use the same store, for writing too", {
  m <- store_with_circles()
  readers <- list("geometry.Circle" = function(x) {
    m[["radius"]] <- x$radius
    gc()
    m[["radius"]] + mmap_get(m, "one", readers = circles)$radius
  })
  expect_identical(mmap_get(m, "list", readers = readers), list(a = 6L, b = list(1, 6L)))
})

test_that("an error of a reader is that of the read, and nothing is left behind", {
  m <- store_with_circles(readers = list("geometry.Circle" = function(x) stop("no circle here")))
  expect_error(m[["one"]], "no circle here")
  expect_error(m[["list"]], "no circle here")
  caught <- tryCatch(m[["one"]], error = identity)
  expect_lt(sum(nchar(deparse(conditionCall(caught)))), 100)
  expect_warning(
    mmap_get(m, "one", readers = list("geometry.Circle" = function(x) warning("odd"))), "odd"
  )
  m[["after"]] <- 1
  expect_identical(m[["after"]], 1)
})

test_that("readers must be functions with distinct names", {
  for (bad in list(list(function(x) x), list(a = 1), list(a = sum, a = sum), c(a = "sum"), "a",
                   list(sum, a = sum))) {
    expect_kind(local_store(readers = bad), "value")
  }
  expect_kind(mmap_get(local_store(), "k", default = 1, readers = list(a = 1)), "value")
  expect_kind(read_pickle(circle_pickle(1), readers = list(sum)), "value")
})
