# python_object(): what Python gets of objects that R made.

dict <- function(keys, values) {
  structure(list(keys = keys, values = values), class = "python_dict")
}
made_tuple <- function(...) python_object("builtins.tuple", list(list(...)))

# What Python says of m's values: for each expression in v, its value's repr.
python_says <- function(m, ...) {
  run_python("
import sys, pickle, types
import numpy as np
class csc_matrix:
    def __init__(self, parts, shape=None):
        self.parts, self.shape = parts, shape
module = types.ModuleType('scipy.sparse._csc')
module.csc_matrix = csc_matrix
for name in ('scipy', 'scipy.sparse'):
    sys.modules[name] = types.ModuleType(name)
sys.modules['scipy.sparse._csc'] = module
with open(sys.argv[1], 'rb') as f:
    v = pickle.load(f)
for expression in sys.argv[2:]:
    print(repr(eval(expression)))
", path_of(m), ...)
}

test_that("Python gets the object", {
  require_python()
  m <- local_store()
  m[["decimal"]] <- python_object("decimal.Decimal", list("1.50"))
  m[["set"]] <- python_object("builtins.set", list(list(1L, 2L, 2.5)))
  m[["tuple"]] <- made_tuple(1L, made_tuple("a"), NULL)
  m[["path"]] <- python_object("pathlib.PosixPath", list("/tmp", "x.csv"))
  m[["uuid"]] <- python_object("uuid.UUID", keywords = list(int = 5L))
  m[["new"]] <- python_object("fractions.Fraction", list(6L, 4L), how = "new")
  m[["keywords"]] <- python_object(
    "fractions.Fraction", keywords = list(numerator = 3L, denominator = 2L), how = "new"
  )
  m[["class"]] <- python_object("collections.OrderedDict", how = "global")
  m[["deque"]] <- python_object("collections.deque", items = list(1L, "a"))
  m[["ordered"]] <- python_object("collections.OrderedDict", dict_items = list(b = 1L, a = 2L))
  m[["keys"]] <- python_object("collections.OrderedDict",
    dict_items = dict(list(1L, "a"), list("one", 2.5))
  )
  m[["state"]] <- python_object("types.SimpleNamespace", state = list(a = 1L, b = list("x", 2L)))
  expect_identical(
    python_says(m,
      "v['decimal']", "v['set'] == {1, 2, 2.5} and type(v['set'])", "v['tuple']", "v['path']",
      "v['uuid'].int", "v['new']", "v['keywords']", "v['class']", "v['deque']",
      "list(v['ordered'].items()), type(v['ordered']).__name__", "dict(v['keys'])", "v['state']"
    ),
    c(
      "Decimal('1.50')", "<class 'set'>", "(1, ('a',), None)", "PosixPath('/tmp/x.csv')",
      "5", "Fraction(3, 2)", "Fraction(3, 2)", "<class 'collections.OrderedDict'>",
      "deque([1, 'a'])", "([('b', 1), ('a', 2)], 'OrderedDict')", "{1: 'one', 'a': 2.5}",
      "namespace(a=1, b=['x', 2])"
    )
  )
})

test_that("Python gets arrays, frames and sparse matrices", {
  require_python()
  m <- local_store()
  m[["csc"]] <- python_object("scipy.sparse._csc.csc_matrix",
    args = list(made_tuple(c(1, 2, 3), ndarray(c(0L, 2L, 1L), "int64"), ndarray(0:2, "int32"))),
    keywords = list(shape = made_tuple(3L, 2L))
  )
  m[["frame"]] <- python_object("pandas.core.frame.DataFrame",
    list(list(a = 1:3, b = c("x", "y", "z"))), list(index = c(10L, 20L, 30L))
  )
  m[["masked"]] <- python_object("builtins.list", list(list(ndarray(c(1L, NA), "int8"))))
  expect_identical(
    python_says(m,
      "[a.tolist() for a in v['csc'].parts]", "[a.dtype.name for a in v['csc'].parts]",
      "v['csc'].shape", "v['frame'].to_dict('list')", "v['frame'].index.tolist()",
      "v['masked'][0].mask.tolist()"
    ),
    c(
      "[[1.0, 2.0, 3.0], [0, 2, 1], [0, 1, 2]]", "['float64', 'int64', 'int32']", "(3, 2)",
      "{'a': [1, 2, 3], 'b': ['x', 'y', 'z']}", "[10, 20, 30]", "[False, True]"
    )
  )
})

test_that("parts are for Python what the values themselves are", {
  require_python()
  values <- list(
    1L, NA, 2.5, NA_real_, "a", NA_character_, 1i, as.raw(1:3), 1:3, c(1, NA), c("x", NA), list(),
    list(1L, "a", NULL), list(a = 1L, b = list(c = 2)), matrix(1:6, 2L), array(1.5, c(2L, 1L, 2L)),
    c(a = 1, b = 2), factor(c("u", "v", "u")), as.Date("2024-02-29"), as.Date(1:3, "1970-01-01"),
    as.POSIXct(1e9, origin = "1970-01-01", tz = "UTC"), as.difftime(90, units = "mins"),
    data.frame(a = 1:2, b = c("x", "y")), matrix(list(1L, "a", NULL, 2), 2L),
    ndarray(1:3, "uint8"), ndarray(c(1L, NA), "int8"), ndarray(data.frame(a = 1:2, b = c(1, 2))),
    dict(list(1L, c("a", "b")), list("x", 2L)), structure(1:2, note = "n"), "\u20ac"
  )
  m <- local_store()
  m[["values"]] <- values
  m[["made"]] <- python_object("builtins.list", list(values))
  m[["state"]] <- python_object("types.SimpleNamespace", state = list(v = values))
  m[["inside"]] <- list(python_object("builtins.list", items = values))
  same <- "[repr(a) == repr(b) and type(a) == type(b) for a, b in zip(v['values'], %s)]"
  for (made in c("v['made']", "v['state'].v", "v['inside'][0]")) {
    expect_identical(
      python_says(m, sprintf(same, made)),
      paste0("[", toString(rep("True", length(values))), "]")
    )
  }
})

objects <- function() {
  point <- python_object("geometry.Point", list(1L, "a"), state = list(x = 1.5, y = c(1, 2, 3)))
  list(
    plain = python_object("decimal.Decimal", list("1.50")),
    none = python_object("mod.Class"),
    new = python_object("mod.Class", list(1L), how = "new"),
    keywords = python_object("mod.Class", list(1L), list(a = 1L, b = "x")),
    new_keywords = python_object("mod.Class", list(1L), list(a = 1L), how = "new"),
    global = python_object("mod.sub.Class", how = "global"),
    point = point,
    parts = python_object("mod.L", items = list(1L, point), dict_items = list(a = point, b = NULL)),
    arrays = python_object("mod.A", list(array(1:24, 2:4), as.Date("2024-02-29"), c("a", NA))),
    keys = python_object("mod.D", dict_items = dict(list(1L, "a"), list(2L, point))),
    unicode = python_object("m\u00f6d.Cl\u00e4ss", list("\u20ac"))
  )
}

test_that("written, read and written again they are the same bytes", {
  for (x in objects()) {
    bytes <- write_pickle(x)
    again <- read_pickle(bytes)
    expect_s3_class(again, "python_object")
    expect_identical(write_pickle(again), bytes)
    expect_identical(attr(again, "pickle"), attr(x, "pickle"))
    inside <- write_pickle(list(list(x)))
    expect_identical(write_pickle(read_pickle(inside)), inside)
    expect_identical(attr(read_pickle(inside)[[1L]][[1L]], "pickle"), attr(x, "pickle"))
    m <- local_store()
    m[["k"]] <- x
    expect_identical(m[["k"]], again)
    m[["l"]] <- list(x)
    expect_identical(m[["l"]][[1L]], again)
    # what goes with it is what the plain rules say: no pickle behind the value
    expect_lt(length(write_pickle(list(x))), length(bytes) + 20L)
  }
})

test_that("they are like those that are read", {
  all <- objects()
  for (name in setdiff(names(all), c("keywords", "arrays"))) {
    x <- all[[name]]
    again <- read_pickle(write_pickle(x))
    expect_identical(x, again, info = name)
    expect_identical(capture.output(print(x)), capture.output(print(again)))
    expect_identical(format(x), format(again))
  }
  x <- all$plain
  expect_identical(as.numeric(x), 1.5)
  expect_identical(x$args, list("1.50"))
  expect_kind(x$args <- 1, "value")
  expect_identical(unserialize(serialize(x, NULL)), x)
})

test_that("a method of as_python() may give one", {
  registerS3method("as_python", "mmappickle_test_exact", function(x, ...) {
    python_object("decimal.Decimal", list(unclass(x)))
  }, envir = asNamespace("mmappickle"))
  exact <- structure("2.50", class = "mmappickle_test_exact")
  expect_identical(read_pickle(write_pickle(exact)), python_object("decimal.Decimal", list("2.50")))
  made <- python_object("mod.Class", list(exact))
  expect_identical(as.numeric(read_pickle(write_pickle(made))$args[[1L]]), 2.5)
})

test_that("names that are none of Python's are refused", {
  bad <- list(
    "Decimal", "", ".", "a.", ".a", "a..b", "1a.b", "a.1b", "a b.c", "a.b()", "a.b\nc.d", "a.b\n",
    "os.system('x')", "a-b.c", NA_character_, c("a.b", "c.d"), NULL, 1L, quote(a.b), list("a.b"),
    factor("a.b"), "a.\xff", mean
  )
  for (name in bad) expect_kind(python_object(name), "value")
  expect_s3_class(python_object("_a._b1"), "python_object")
})

test_that("parts of the wrong kind are refused, with their place", {
  expect_kind(python_object("a.b", 1L), "value")
  expect_kind(python_object("a.b", list(a = 1L)), "value")
  expect_kind(python_object("a.b", data.frame(a = 1)), "value")
  expect_kind(python_object("a.b", keywords = list(1L)), "value")
  expect_kind(python_object("a.b", keywords = list(a = 1L, 2L)), "value")
  expect_kind(python_object("a.b", keywords = list(a = 1L, a = 2L)), "value")
  expect_kind(python_object("a.b", keywords = list(`a b` = 1L)), "value")
  expect_kind(python_object("a.b", items = 1:3), "value")
  expect_kind(python_object("a.b", items = list(a = 1)), "value")
  expect_kind(python_object("a.b", dict_items = list(1)), "value")
  expect_kind(python_object("a.b", list(1L), how = "global"), "value")
  expect_kind(python_object("a.b", state = list(), how = "global"), "value")
  expect_kind(python_object("a.b", how = "run"), "value")
  place <- function(...) conditionMessage(expect_kind(python_object("a.b", ...), "value"))
  expect_match(place(list(1L, list(a = mean))), "x$args[[2]]$a", fixed = TRUE)
  expect_match(place(state = list(b = new.env())), "x$state$b", fixed = TRUE)
  expect_match(place(keywords = list(k = quote(a + b))), "x$keywords$k", fixed = TRUE)
  around <- new.env()
  around$self <- around
  expect_kind(python_object("a.b", list(around)), "value")
  cycle <- read_pickle(as.raw(c(0x80, 4, 0x5d, 0x71, 0, 0x68, 0, 0x61, 0x2e)))
  expect_kind(python_object("a.b", list(cycle)), "value")
  expect_kind(python_object("a.b", list(mmapdict(tempfile(fileext = ".mmdpickle")))), "value")
})
