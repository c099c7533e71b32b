# Which classes R metadata gives to values: trusted = NA, TRUE, FALSE.

kinds <- function(classes) asNamespace("mmappickle")$class_kinds(classes)
acting <- function() subset(vetted_classes(), verdict == "acts")$class
inert_class <- function(x) attr(x, "mmappickle_class")

# A value of a class in every position where a value can stand.
positions <- function(class) {
  plain <- list(a = 1, b = "x")
  x <- structure(plain, class = class)
  frame <- data.frame(n = 1:2)
  frame$x <- structure(list(1, "x"), class = class)
  list(
    top = x, vector = structure(c(a = 1, b = 2), class = class),
    matrix = structure(1:4, dim = c(2L, 2L), class = class),
    text = structure("x", class = c("mine", class)), `in list` = list(1, list(x)), column = frame,
    attribute = structure(1:3, of = x), `in attribute` = structure("x", of = list(plain, x)),
    dict = structure(
      list(keys = list(1, "k"), values = list(x, 2)), class = "python_dict"
    ),
    frame = structure(frame[1L], class = c(class, "data.frame")),
    factor = structure(factor(c("u", "v")), class = c(class, "factor")),
    date = structure(c(1, 2), class = c(class, "Date")),
    time = structure(1e9 + 0:2, class = c(class, "POSIXct", "POSIXt"), tzone = "UTC"),
    time_one = structure(1e9, class = c(class, "POSIXct", "POSIXt"), tzone = "UTC"),
    difference = structure(c(1, 2), class = c(class, "difftime"), units = "hours"),
    call = structure(1, terms = structure(quote(a ~ b), class = c(class, "formula")))
  )
}

test_that("every class that R comes with methods for was vetted", {
  skip_on_cran() # new ones are no fault of a package that stands there
  classes <- callr::r(vettable_classes)
  expect_gt(length(classes), 200)
  expect_identical(setdiff(classes, vetted_classes()$class), character())
})

test_that("what is decided of classes is what the table says", {
  table <- vetted_classes()
  expect_false(anyDuplicated(table$class) > 0)
  expect_identical(kinds(table$class) == "acts", table$verdict == "acts")
  expect_identical(unique(kinds(c("ndarray", "empty_ndarray", "mmarray", "mmapdict"))), "mark")
  expect_identical(unique(kinds(c("factor", "Date", "tbl_df", "python_dict"))), "data")
  expect_identical(kinds(c("", "mine", "tbl_df2", "zzz")), rep("other", 4L))
})

test_that("a class that acts is inert in every position, and the file keeps it", {
  for (class in acting()) {
    x <- positions(class)
    bytes <- write_pickle(lapply(x, as_inert))
    same <- identical(read_pickle(bytes, trusted = TRUE), x)
    for (trusted in c(NA, FALSE)) {
      y <- read_pickle(bytes, trusted = trusted)
      inert <- vapply(y, function(one) class %in% classes_inert(one), NA)
      same <- same && all(inert) && !class %in% classes_within(y) &&
        identical(write_pickle(y), bytes)
    }
    expect_true(same, info = class)
  }
})

test_that("an inert value is what it is without its class", {
  m <- local_store()
  x <- structure(list(a = 1, b = "x"), class = "recordedplot")
  m[["x"]] <- x
  expect_identical(m[["x"]], structure(list(a = 1, b = "x"), mmappickle_class = "recordedplot"))
  expect_identical(mmap_get(m, "x", trusted = TRUE), x)
  expect_output(print(m[["x"]]), "mmappickle_class")
  m[["x"]]$b <- "y"
  expect_identical(mmap_get(m, "x", trusted = TRUE)$b, "y")
  expect_s3_class(mmap_get(m, "x", trusted = TRUE), "recordedplot")
  # A class that the user gives has the last word.
  y <- m[["x"]]
  class(y) <- "mine"
  m[["y"]] <- y
  expect_identical(oldClass(mmap_get(m, "y", trusted = TRUE)), "mine")
  expect_null(inert_class(m[["y"]]))
  # Date is what the file says without metadata.
  m[["d"]] <- structure(c(1, 2), class = c("mine", "Date"))
  expect_identical(inert_class(mmap_get(m, "d", trusted = FALSE)), c("mine", "Date"))
})

test_that("the argument is checked, and holds for a handle or for one read", {
  path <- new_path()
  for (odd in list("yes", 1, c(TRUE, FALSE), NULL, logical())) {
    expect_error(mmapdict(path, trusted = odd), class = "mmappickle_error_value")
    expect_error(read_pickle(as.raw(0x80), trusted = odd), class = "mmappickle_error_value")
  }
  m <- local_mmapdict(path, trusted = TRUE)
  m[["s"]] <- structure(list(1), class = "srcfile")
  m[["o"]] <- structure(list(1), class = "mine")
  m[["f"]] <- factor("a")
  expect_s3_class(m[["s"]], "srcfile")
  expect_s3_class(as.list(m)$s, "srcfile")
  expect_identical(inert_class(mmap_get(m, "s", trusted = NA)), "srcfile")
  expect_s3_class(mmap_get(m, "o", trusted = NA), "mine")
  expect_identical(inert_class(mmap_get(m, "o", trusted = FALSE)), "mine")
  n <- local_mmapdict(path, trusted = FALSE)
  expect_identical(inert_class(n[["o"]]), "mine")
  expect_identical(inert_class(mmap_get(n, "o", simplify = FALSE)), "mine")
  expect_s3_class(mmap_get(n, "o", trusted = NA), "mine")
  expect_identical(n[["f"]], factor("a"))
  again <- unserialize(serialize(n, NULL))
  expect_identical(inert_class(again[["o"]]), "mine")
})

test_that("FALSE gives back data as R wrote it", {
  values <- list(
    factor(c("a", NA)), ordered(c("lo", "hi")), as.Date("2024-02-29") + 0:2,
    .POSIXct(c(1.5, NA), "Europe/Paris"), as.POSIXlt("2024-02-29", tz = "UTC"),
    as.difftime(1:2, units = "mins"), table(c("a", "b", "a")),
    ts(1:8, start = c(2000, 2), frequency = 4),
    ts(matrix(1:4, 2)), noquote("a"), data.frame(a = 1:2, b = I(list(1, "x"))), as.octmode(8L),
    as.hexmode(255L)
  )
  for (x in values) {
    y <- read_pickle(write_pickle(x), trusted = FALSE)
    expect_identical(setdiff(classes_within(y), classes_within(x)), character())
    expect_null(inert_class(y))
    expect_identical(y, read_pickle(write_pickle(x), trusted = TRUE))
  }
})

# -- what is hostile -----------------------------------------------------------------------

test_that("nothing happens when values of a hostile file are looked at", {
  mark <- withr::local_tempdir()
  pickles <- hostile_pickles(mark)
  looked <- callr::r(look_at, list(c(pickles, acting_pickles()), NA, mark))
  expect_gt(looked, 500L)
  callr::r(look_at, list(pickles, FALSE, mark))
  expect_identical(list.files(mark), character())
  # They would be something to be afraid of.
  callr::r(look_at, list(pickles, TRUE, mark))
  owners <- c(bibentry = "utils", warnings = "base", vignette = "utils", fractions = "MASS",
              pdMat = "nlme", ftable = "stats")
  installed <- vapply(owners, function(package) nzchar(system.file(package = package)), NA)
  expect_identical(setdiff(names(owners)[installed], list.files(mark)), character())
})

test_that("code in a file comes back inside of attributes alone", {
  code <- list(list("stop", "evil"), list(type = "call", children = structure(
    list(list(type = "symbol")), keys = list(0L)
  )))
  expect_warning(
    x <- read_pickle(with_metadata(code[[1L]], code[[2L]])), class = "mmappickle_warning_metadata"
  )
  expect_identical(x, list("stop", "evil"))
  y <- read_pickle(with_metadata(1, list(attributes = list(list("u", code[[1L]], code[[2L]])))))
  expect_identical(attr(y, "u"), quote(stop("evil")))
  # R makes calls of the columns of a frame.
  frame <- list(
    children = structure(list(code[[2L]]), keys = list(0L)), attributes = list(
      list("row.names", 1L, list(type = "row.names")), list("class", "data.frame")
    )
  )
  held <- with_metadata(1, list(attributes = list(list("u", list(a = code[[1L]]), frame))))
  expect_warning(z <- read_pickle(held), class = "mmappickle_warning_metadata")
  expect_identical(oldClass(attr(z, "u")), NULL)
})

test_that("odd classes are no classes", {
  read <- function(..., trusted = NA) {
    bytes <- with_metadata(list(1L, 2L), attributes_that_lie(...))
    suppressWarnings(read_pickle(bytes, trusted = trusted))
  }
  for (class in list(5L, list(1L, list()), TRUE, as.raw(1:2))) {
    expect_null(attributes(read(class = class)))
  }
  for (trusted in c(NA, TRUE, FALSE)) {
    for (class in c("ndarray", "empty_ndarray", "mmarray", "mmapdict", "mmappickle_lhs",
                    "python.builtin.object", "python_pickle")) {
      expect_null(attributes(read(class = list("a", class), trusted = trusted)))
    }
    expect_null(attributes(read(mmappickle_class = "srcref", trusted = trusted)))
  }
  many <- c(sprintf("c%d", 1:5000), "srcref")
  expect_identical(inert_class(read(class = as.list(many))), many)
  # S4 would load the package.
  package <- list(is = "mine", meta = list(attributes = list(list("package", "stats4"))))
  expect_identical(c(inert_class(read(class = package))), "mine", ignore_attr = TRUE)
  expect_identical(c(oldClass(read(class = package, trusted = TRUE))), "mine", ignore_attr = TRUE)
  # On what takes no attributes, and on code.
  null <- with_metadata(NULL, attributes_that_lie(class = "srcref"))
  expect_null(suppressWarnings(read_pickle(null)))
  formula <- structure(1, f = structure(quote(a + b), class = "srcref"))
  expect_identical(inert_class(attr(read_pickle(write_pickle(formula)), "f")), "srcref")
})
