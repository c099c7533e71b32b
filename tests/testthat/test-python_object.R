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
})

test_that("a UUID is told as Python does", {
  uuid <- object("uuid.UUID", how = "new", args = list(), state = list(
    int = object("builtins.int", how = "integer", state = "24197857203266734864793317670504947440")
  ))
  expect_identical(as.character(uuid), "12345678-9abc-def0-1234-56789abcdef0")
  expect_kind(as.numeric(uuid), "value")
})

test_that("the real ones are told, too", {
  m <- mmapdict(fixture("objects.mmdpickle"), readonly = TRUE)
  withr::defer(close(m))
  expected <- described_fixture("objects.mmdpickle")
  told <- 0
  for (entry in expected) {
    d <- entry$value
    text <- switch(d$t,
      Decimal = , UUID = d$v, path = d$v$v,
      Fraction = if (d$den == "1") d$num else paste0(d$num, "/", d$den)
    )
    if (!entry$valid || is.null(text) || is.null(entry$key$v)) next
    expect_identical(as.character(m[[entry$key$v]]), text, label = entry$key$v)
    told <- told + 1
  }
  expect_gt(told, 3)
})

test_that("they print their class first, and their parts", {
  expect_snapshot({
    object("mod.Class", how = "new", args = list(), state = list(a = 1L, b = "text", c = list(1)))
    object("decimal.Decimal", how = "call", args = list("1.50"))
    object("mod.f", how = "global")
    object("mod.Many", how = "call", args = as.list(1:12))
    object("builtins.str", how = "text", state = as.raw(1:3))
    str(object("mod.Class", how = "new"))
    str(list(x = object("mod.Class", how = "new")))
    dict <- list(keys = list(1L, "a", NULL), values = list(TRUE, 1:3, list()))
    structure(dict, class = "python_dict")
    str(structure(list(keys = list(1L), values = list(TRUE)), class = "python_dict"))
  })
})
