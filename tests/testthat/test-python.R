# What Python's pickle.load gives for what R wrote (warnings are errors there), against the
# table "R to Python".

na <- NA_real_
x <- matrix(1:6, 2)

cases <- list(
  list(TRUE, py_bool(TRUE)), list(FALSE, py_bool(FALSE)), list(NA, py_none),
  list(1L, py_int(1)), list(-2147483647L, py_int(-2147483647)), list(NA_integer_, py_none),
  list(1.5, py_float(1.5)), list(-0, py_float(-0)), list(na, py_float(na)),
  list(NaN, py_float(NaN)),
  list(Inf, py_float(Inf)), list(5e-324, py_float(5e-324)),
  list(1 + 2i, py_complex(1 + 2i)), list(NA_complex_, py_complex(NA_complex_)),
  list("a", py_str("a")), list("", py_str("")),
  list("\u00e9\u4e2d\U1f600", py_str("\u00e9\u4e2d\U1f600")),
  list(NA_character_, py_none), list(NULL, py_none),
  list(strrep("x", 300), py_str(strrep("x", 300))),
  list(I(1), py_array("<f8", 1, f8(1))), list(ndarray(1L), py_array("<i4", 1, i4(1))),
  list(c(1, 2, 3), py_array("<f8", 3, f8(1:3))), list(double(), py_array("<f8", 0, raw())),
  list(c(1, na), py_array("<f8", 2, f8(c(1, na)))),
  list(1:3, py_array("<i4", 3, i4(1:3))), list(integer(), py_array("<i4", 0, raw())),
  list(c(TRUE, FALSE), py_array("|b1", 2, as.raw(1:0))), list(logical(), py_array("|b1", 0, raw())),
  list(c(1i, 2), py_array("<c16", 2, c16(c(1i, 2)))),
  list(c(1L, NA), py_masked("<i4", 2, c(FALSE, TRUE))),
  list(c(NA, TRUE), py_masked("|b1", 2, c(TRUE, FALSE))),
  list(matrix(c(1L, NA, 3L, 4L), 2), py_masked("<i4", c(2, 2), c(FALSE, FALSE, TRUE, FALSE))),
  list(x, py_array("<i4", c(2, 3), i4(t(x)))),
  list(array(1:24 + 0, 2:4), py_array("<f8", 2:4, f8(aperm(array(1:24, 2:4))))),
  list(matrix(0, 0, 3), py_array("<f8", c(0, 3), raw())),
  list(array(5, c(1, 1)), py_array("<f8", c(1, 1), f8(5))),
  list(c(a = 1, b = 2), py_array("<f8", 2, f8(1:2))), list(c(a = 1), py_array("<f8", 1, f8(1))),
  list(matrix(1:4, 2, dimnames = list(c("a", "b"), NULL)),
       py_array("<i4", c(2, 2), i4(c(1, 3, 2, 4)))),
  list(as.raw(1:3), py_bytes(as.raw(1:3))), list(raw(), py_bytes(raw())),
  list(as.raw(7), py_bytes(as.raw(7))),
  list(matrix(as.raw(1:4), 2), py_array("|u1", c(2, 2), as.raw(c(1, 3, 2, 4)))),
  list(c("a", NA), py_list(py_str("a"), py_none)), list(character(), py_list()),
  list(c("a", "a"), py_list(py_str("a"), py_str("a"))),
  list(matrix(c("a", "b", NA, "d"), 2),
       py_objects(c(2, 2), py_str("a"), py_none, py_str("b"), py_str("d"))),
  list(list(), py_list()), list(structure(list(), names = character()), py_dict()),
  list(list(1, "a", NULL), py_list(py_float(1), py_str("a"), py_none)),
  list(list(1L, 2L), py_list(py_int(1), py_int(2))),
  list(list(a = 1, b = list(c = TRUE)), py_dict(a = py_float(1), b = py_dict(c = py_bool(TRUE)))),
  list(list(a = 1, 2), py_list(py_float(1), py_float(2))),
  list(list(a = 1, a = 2), py_list(py_float(1), py_float(2))),
  list(list(v = c(1, 2), m = x),
       py_dict(v = py_array("<f8", 2, f8(1:2)), m = py_array("<i4", c(2, 3), i4(t(x))))),
  list(list(c(1L, NA)), py_list(py_masked("<i4", 2, c(FALSE, TRUE)))),
  list(matrix(list(1, "a", TRUE, NULL), 2),
       py_objects(c(2, 2), py_float(1), py_bool(TRUE), py_str("a"), py_none)),
  list(ndarray(1:3, "uint8"), py_array("|u1", 3, as.raw(1:3))),
  list(ndarray(1:3, "int16"), py_array("<i2", 3, i2(1:3))),
  list(ndarray(x, "int16", "F"), c(py_array("<i2", c(2, 3), i2(t(x)))[1:3], list(fortran = TRUE),
                                   list(hex = raw_hex(i2(t(x)))))),
  list(ndarray(c(1, 2), "float32"),
       py_array("<f4", 2, writeBin(c(1, 2), raw(), size = 4, endian = "little"))),
  list(ndarray(c(1, 2), "int64"), py_array("<i8", 2, i4(c(1, 0, 2, 0)))),
  list(ndarray(c("a", "bc"), "<U2"), py_array("<U2", 2, i4(c(97, 0, 98, 99)))),
  list(ndarray(c("a", "bc"), "S2"), py_array("|S2", 2, as.raw(c(97, 0, 98, 99)))),
  list(ndarray(c(TRUE, FALSE), "bool"), py_array("|b1", 2, as.raw(1:0))),
  list(ndarray(c(1L, NA), "uint8"), py_masked("|u1", 2, c(FALSE, TRUE))),
  list(empty_ndarray(c(2, 3), "int32"), py_array("<i4", c(2, 3), raw(24))),
  list(empty_ndarray(numeric(), "int8"), py_array("|i1", integer(), raw(1))),
  list(empty_ndarray(c(0, 5)), py_array("<f8", c(0, 5), raw()))
)

write_cases <- function(...) {
  m <- mmapdict(new_path(parent.frame()), ...)
  for (at in seq_along(cases)) m[sprintf("case %02d", at)] <- list(cases[[at]][[1]])
  m
}

test_that("pickle.load gives what the table says", {
  require_python()
  skip_if_not_installed("jsonlite")
  m <- write_cases()
  withr::defer(close(m))
  got <- python_describe(path_of(m))
  expect_length(got, length(cases))
  for (at in seq_along(cases)) {
    d <- got[[sprintf("case %02d", at)]]
    expect(agrees(d, cases[[at]][[2]]),
           paste0("case ", at, " ", paste(deparse(cases[[at]][[1]]), collapse = ""), " is ",
                  jsonlite::toJSON(d, auto_unbox = TRUE)))
  }
})

test_that("order = \"F\" and dims = \"reversed\" keep the values that Python sees", {
  require_python()
  skip_if_not_installed("jsonlite")
  m <- write_cases(order = "F")
  withr::defer(close(m))
  got <- python_describe(path_of(m))
  for (at in seq_along(cases)) {
    wanted <- cases[[at]][[2]]
    d <- got[[at]]
    if (identical(d$t, "ndarray")) d$fortran <- wanted$fortran
    if (identical(wanted$t, "dict")) next
    expect(agrees(d, wanted), paste("case", at, "with order F"))
  }
  r <- local_store(dims = "reversed")
  r[["x"]] <- x
  r[["masked"]] <- matrix(c(1L, NA, 3L, 4L, 5L, 6L), 2)
  r[["text"]] <- matrix(c("a", "b", "c", "d"), 2)
  got <- python_describe(path_of(r))
  expect_true(agrees(got$x, py_array("<i4", c(3, 2), i4(1:6))))
  expect_true(agrees(got$masked, py_masked("<i4", c(3, 2), c(FALSE, TRUE, rep(FALSE, 4)))))
  text <- py_objects(c(2, 2), py_str("a"), py_str("b"), py_str("c"), py_str("d"))
  expect_true(agrees(got$text, text))
})

test_that("the file is whole for Python after every kind of change", {
  require_python()
  skip_if_not_installed("jsonlite")
  m <- local_store()
  keys <- function() names(python_describe(path_of(m)))
  expect_identical(keys() %||% character(), character())
  m[["a"]] <- c(1, 2, 3)
  expect_identical(keys(), "a")
  m[["b"]] <- "text"
  m[["a"]] <- matrix(1:4, 2)
  expect_setequal(keys(), c("a", "b"))
  m["a", 1, 2] <- 9L
  expect_true(agrees(python_describe(path_of(m))$a, py_array("<i4", c(2, 2), i4(c(1, 9, 2, 4)))))
  m[["b"]] <- NULL
  expect_identical(keys(), "a")
  m[["\u00e9 \U1f600"]] <- 1
  vacuum(m)
  expect_identical(keys(), c("a", "\u00e9 \U1f600"))
})

test_that("keys of 255 bytes and the empty key reach Python", {
  require_python()
  m <- local_store()
  long <- strrep("k", 255)
  m[[long]] <- c(1, 2)
  m[[""]] <- 5L
  out <- run_python("
import sys, pickle
with open(sys.argv[1], 'rb') as f:
    d = pickle.load(f)
print(sorted(len(k) for k in d), d[''])
", path_of(m))
  expect_identical(out, "[0, 255] 5")
})

test_that("the shared describer agrees", {
  require_python()
  skip_if_not_installed("jsonlite")
  tool <- shared("tools", "describe.py")
  m <- write_cases()
  withr::defer(close(m))
  lines <- run_python(tool, "--mmapdict", path_of(m))
  got <- lapply(lines, function(line) read_json(line)$value)
  expect_length(got, length(cases))
  for (at in seq_along(cases)) {
    if (cases[[at]][[2]]$t %in% c("masked", "list", "dict")) next
    expect(agrees(got[[at]], cases[[at]][[2]]), paste("case", at, "by the shared describer"))
  }
})

test_that("arrays from R are writable and aligned in Python", {
  require_python()
  m <- local_store()
  m[["x"]] <- matrix(as.double(1:6), 2)
  m[["y"]] <- list(a = c(1, 2, 3))
  expect_identical(run_python("
import sys, pickle
with open(sys.argv[1], 'rb') as f:
    d = pickle.load(f)
d['x'][0, 0] = 5
d['y']['a'][0] = 6
print(d['x'].flags.aligned, d['x'].sum())
", path_of(m)), "True 25.0")
})
