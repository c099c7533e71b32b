object <- function(class, ...) structure(list(class = class, ...), class = "python_object")

test_that("as.character() and as.numeric() work where they mean something", {
  decimal <- object("decimal.Decimal", how = "call", args = list("1.50"))
  expect_identical(as.character(decimal), "1.50")
  expect_identical(as.numeric(decimal), 1.5)
  fraction <- object("fractions.Fraction", how = "call", args = list("-3/4"))
  expect_identical(as.character(fraction), "-3/4")
  expect_identical(as.numeric(fraction), -0.75)
  fraction <- object("fractions.Fraction", how = "call", args = list(22L, 7L))
  expect_identical(as.numeric(fraction), 22 / 7)
  path <- object("pathlib.PosixPath", how = "call", args = list("/", "usr", "lib"))
  expect_identical(as.character(path), "/usr/lib")
  path <- object("pathlib.PosixPath", how = "call", args = list("a", "b"))
  expect_identical(as.character(path), "a/b")
  expect_kind(as.numeric(path), "value")
  expect_identical(as.integer(decimal), 1L)
  expect_identical(as.logical(decimal), TRUE)
  expect_kind(as.integer(path), "value")
  expect_kind(as.logical(path), "value")
  expect_kind(as.character(object("mod.Class", how = "new")), "value")
  expect_kind(as.numeric(object("mod.Class", how = "new")), "value")
})

test_that("huge ints are told in decimal", {
  int <- function(bytes) object("builtins.int", how = "integer", state = as.raw(bytes))
  expect_identical(as.character(int(c(0, 0, 0, 0, 0, 0, 0, 0, 1))), "18446744073709551616")
  expect_identical(as.character(int(c(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f))),
                   "9223372036854775807")
  expect_identical(as.character(int(c(0, 0, 0, 0, 0, 0, 0, 0x80))), "-9223372036854775808")
  expect_identical(as.character(int(c(0xff, 0xff))), "-1")
  expect_identical(as.numeric(int(c(0, 0, 0, 0, 0, 0, 0, 0, 1))), 2^64)
  expect_identical(as.character(object("builtins.int", how = "integer", state = "123")), "123")
  decimal <- read_pickle(charToRaw("L123456789012345678901234567890L\n."))
  binary <- read_pickle(attr(list(decimal)[[1]], "pickle"))
  expect_identical(as.character(decimal), "123456789012345678901234567890")
  expect_type(decimal$state, "raw")
  expect_identical(decimal, binary)
})

test_that("a UUID is told as Python does", {
  uuid <- object("uuid.UUID", how = "new", args = list(), state = list(
    int = object("builtins.int", how = "integer", state = "24197857203266734864793317670504947440")
  ))
  expect_identical(as.character(uuid), "12345678-9abc-def0-1234-56789abcdef0")
  expect_kind(as.numeric(uuid), "value")
})

test_that("what stands for a single value is that value", {
  class <- function(name) object(name, how = "global")
  level <- object("mod.Level", how = "call", args = list(2L))
  expect_identical(as.character(level), "2")
  expect_identical(as.numeric(level), 2)
  expect_identical(as.character(object("mod.Str", how = "new", args = list("abc"))), "abc")
  expect_kind(as.numeric(object("mod.Str", how = "new", args = list("12"))), "value")
  base <- list(class("mod.Int"), class("builtins.int"), 5L)
  expect_identical(as.numeric(object("mod.Int", how = "call", args = base)), 5)
  error <- object("builtins.ValueError", how = "call", args = list("message"), state = list(a = 1L))
  expect_identical(as.character(error), "message")
  with_more <- object("mod.Float", how = "new", args = list(1.5), state = list(unit = "m"))
  expect_identical(as.numeric(with_more), 1.5)
  expect_kind(as.character(object("mod.Class", how = "new", args = list("a", "b"))), "value")
  expect_kind(as.character(object("ipaddress.IPv4Address", how = "call", args = list(1))), "value")
})

test_that("globals, and members of classes are told by name", {
  len <- object("builtins.len", how = "global")
  expect_identical(as.character(len), "builtins.len")
  expect_kind(as.numeric(len), "value")
  expect_kind(as.numeric(object("builtins.int", how = "global")), "value")
  red <- object("builtins.getattr", how = "call",
                args = list(object("mod.Colour", how = "global"), "RED"))
  expect_identical(as.character(red), "mod.Colour.RED")
  # Flags of Python 3.11
  both <- object("_operator.or_", how = "call", args = list(red, red))
  expect_identical(as.character(both), "mod.Colour.RED|mod.Colour.RED")
  all <- object("_operator.or_", how = "call", args = list(both, red))
  expect_identical(as.character(all), paste(rep("mod.Colour.RED", 3), collapse = "|"))
  expect_kind(as.character(object("_operator.or_", how = "call", args = list(red, 1L))), "value")
})

test_that("the real ones are told, too", {
  m <- mmapdict(fixture("objects.mmdpickle"), readonly = TRUE)
  withr::defer(close(m))
  expected <- described_fixture("objects.mmdpickle")
  told <- 0
  for (entry in expected) {
    d <- entry$value
    text <- switch(d$t,
      Decimal = , UUID = d$v, path = d$v$v, global = d$name,
      Fraction = if (d$den == "1") d$num else paste0(d$num, "/", d$den)
    )
    if (!entry$valid || is.null(text) || is.null(entry$key$v)) next
    x <- m[[entry$key$v]]
    if (d$t == "global" && !identical(x$how, "global")) next
    expect_identical(sub("^_operator", "operator", as.character(x)),
                     sub("^_operator", "operator", text), label = entry$key$v)
    told <- told + 1
  }
  expect_gt(told, 20)
})

test_that("dtypes are told as NumPy does", {
  require_python()
  path <- new_pickle()
  names <- c("float64", ">f4", "int8", "uint16", ">i8", "bool", "complex64", "<U7", "|S5", "|V8",
             "object", "datetime64[ns]", "timedelta64[25s]", ">M8[D]", "float16")
  run_python("
import sys, pickle, numpy
with open(sys.argv[1], 'wb') as f:
    pickle.dump([numpy.dtype(n) for n in sys.argv[2:]], f, 4)
", path, names)
  expect_identical(read_pickle(path)[seq_along(names)], names)
})

test_that("operators do not compare the fields of objects", {
  x <- python_object("decimal.Decimal", list("1.50"))
  for (code in expression(x == "1.50", 1.5 < x, x + 1, !x, -x, x == x)) {
    expect_error(eval(code), "stands for an object of Python's", class = "mmappickle_error_value")
  }
  expect_true(as.numeric(x) == 1.5)
  expect_true(identical(x, python_object("decimal.Decimal", list("1.50"))))
})
