# Objects of classes that are derived from what R knows: their parts can be reached.

subclass_cases <- function() read_pickle(test_path("fixtures", "subclasses.pickle.gz"))

# What each protocol wrote of a value.
each <- function(name, check) {
  cases <- subclass_cases()
  pickles <- cases[sub("/[0-9]$", "", names(cases)) == name]
  expect_gt(length(pickles), 0)
  for (pickle in pickles) check(read_pickle(pickle))
}

grid <- matrix(as.double(0:5), 2L, byrow = TRUE)

expect_array <- function(name, class, array = grid) {
  each(name, function(x) {
    expect_s3_class(x, "python_object")
    expect_identical(x$class, class)
    expect_equal(x$array, array, ignore_attr = "class")
    expect_true("array" %in% names(x))
  })
}

test_that("arrays of derived classes are of their class, with the array", {
  expect_array("quantity", "astropy.units.quantity.Quantity")
  expect_array("array", "lab.Array")
  expect_array("array F", "lab.Array")
  expect_array("array objects", "lab.Array", c("a", NA))
  expect_array("array records", "lab.Array", data.frame(i = 1L, x = 0.5))
  expect_array("column", "astropy.table.column.Column", c(1.5, 2.5))
  expect_array("masked", "lab.Masked", c(1, NA, 3))
  expect_array("masked column", "astropy.table.column.MaskedColumn", c(NA, 2))
  each("array", function(x) expect_identical(as.numeric(x), as.vector(grid)))
})

test_that("large ones are mapped", {
  path <- pickle_path_of(subclass_cases()[["array large/4"]])
  x <- read_pickle(path)
  expect_identical(view_info(x$array)$shape, 20000)
  expect_identical(x$array[c(1, 20000)], c(0, 19999))
})

test_that("what a class adds to an array's state is beside it", {
  each("info", function(x) expect_identical(x$unit, "K"))
  each("both", function(x) {
    expect_identical(x$array, grid)
    expect_identical(list(x$unit, x$scale), list("K", 2L))
    expect_identical(as.list(x), list(array = grid, unit = "K", scale = 2L))
  })
  each("quantity", function(x) expect_s3_class(x[["_unit"]], "python_object"))
})

test_that("readers are called by the class of the array", {
  cases <- subclass_cases()
  readers <- list("astropy.units.quantity.Quantity" = function(object) {
    structure(object$array, unit = object[["_unit"]][["_names"]][[1L]])
  })
  for (protocol in c(0, 2, 4, 5)) {
    x <- read_pickle(cases[[paste0("quantity/", protocol)]], readers = readers)
    expect_identical(as.vector(x), as.vector(grid))
    expect_identical(attr(x, "unit"), "m")
  }
})

test_that("tables and data sets show their parts by name", {
  each("table", function(x) {
    expect_identical(x$a$array, c(1, 2))
    expect_identical(x$b$array, c(1.5, 2.5))
  })
  shown <- function(name) {
    cases <- subclass_cases()
    capture.output(print(read_pickle(cases[[paste0(name, "/4")]])))
  }
  expect_match(shown("table"), "^    b: <python_object> astropy.table.column.Column", all = FALSE)
  expect_match(shown("data array"), "^    _variable: <python_object> .*_dims, _data", all = FALSE)
  expect_match(shown("dataset"), "^    _variables: list of 2 \\(.*t.*\\)$", all = FALSE)
  expect_match(shown("shape"), "^  state: raw \\[21\\]$", all = FALSE)
  each("data array", function(x) {
    expect_identical(x[["_name"]], "t")
    expect_identical(x[["_variable"]][["_data"]], grid)
  })
})

test_that("items of what is derived from dict are reached by name", {
  each("bunch", function(x) {
    expect_identical(x$data, grid)
    expect_equal(x[["target"]], c(0, 1))
    expect_identical(utils::.DollarNames(x, "^(data|tar|na)"), c("data", "target", "names"))
    expect_true(all(c("data", "target", "names") %in% names(x)))
    expect_named(as.list(x), c("data", "target", "names"))
  })
  each("Dict", function(x) expect_identical(as.list(x), list(a = 1L, b = grid)))
  each("Dict with more", function(x) {
    expect_identical(list(x$a, x$note), list(1L, "n"))
    expect_identical(as.list(x), list(a = 1L, b = grid))
  })
  each("UserDict", function(x) expect_identical(list(x$a, x$b), list(1L, "x")))
  each("User", function(x) expect_identical(x$data$a, 1L))
  each("ChainMap", function(x) {
    expect_identical(list(x$a, x$b), list(1L, 3L))
    expect_identical(as.list(x), list(a = 1L, b = 3L))
  })
  each("SimpleNamespace", function(x) expect_identical(as.list(x), list(a = 1L, b = "x")))
})

test_that("of what is derived from list or tuple there are the items", {
  for (name in c("List", "List with more")) {
    each(name, function(x) expect_identical(as.list(x), list(1L, "b")))
  }
  each("List with more", function(x) expect_identical(x$note, "n"))
  each("Point", function(x) expect_identical(as.list(x), list(1L, "b")))
  each("UserList", function(x) expect_identical(x$data, 1:2))
})

test_that("what stands for a text or a number is one, whatever attributes it has", {
  for (more in c("", " with more")) {
    each(paste0("Float", more), function(x) expect_identical(as.numeric(x), 1.5))
    each(paste0("Int", more), function(x) expect_identical(as.numeric(x), 3))
    each(paste0("Str", more), function(x) expect_identical(as.character(x), "abc"))
  }
  each("Color", function(x) {
    expect_identical(x$class, "lab.Color")
    expect_identical(as.numeric(x), 1)
    expect_identical(as.character(x), "1")
  })
  each("Level", function(x) expect_identical(as.numeric(x), 3))
  each("Mode", function(x) expect_identical(as.character(x), "fast"))
  each("Named", function(x) expect_identical(as.character(x), "lab.Named.RED"))
})

test_that("array.array is a vector, numpy.dtype a text, zones and times are R's", {
  for (code in strsplit("bBhHiIlLqQfd", "")[[1L]]) {
    each(paste("array.array", code), function(x) expect_equal(x, c(1, 2, 100)))
    each(paste("array.array empty", code), function(x) expect_equal(x, numeric()))
  }
  each("array.array u", function(x) expect_identical(as.vector(x), c("a", "b")))
  names <- names(subclass_cases())
  dtypes <- grep("^dtype (?!metadata|aligned|of arrays).*/4$", names, value = TRUE, perl = TRUE)
  expect_gt(length(dtypes), 9)
  for (name in sub("/4$", "", dtypes)) {
    each(name, function(x) expect_identical(x, sub("^dtype ", "", name)))
  }
  for (name in c("metadata", "aligned", "of arrays")) {
    each(paste("dtype", name), function(x) expect_identical(x$class, "numpy.dtype"))
  }
  zones <- c(UTC = "UTC", "UTC-09:30" = "<-0930>09:30", X = "Etc/GMT-1")
  for (zone in names(zones)) {
    each(paste("zone", zone), function(x) expect_identical(x, zones[[zone]]))
    each(paste("time", zone), function(x) {
      expect_identical(x, structure(as.difftime(45000, units = "secs"), tzone = zones[[zone]]))
    })
  }
  at <- as.POSIXlt(.POSIXct(0), tz = zones[["UTC-09:30"]])
  expect_identical(at$gmtoff, -34200L)
})

test_that("all are stored again as they were", {
  cases <- subclass_cases()
  m <- local_store()
  for (name in names(cases)) {
    x <- read_pickle(cases[[name]])
    if (!inherits(x, "python_object")) next
    expect_identical(write_pickle(x), cases[[name]], label = name)
    m[["k"]] <- list(x, 1)
    expect_identical(m[["k"]][[1L]]$class, x$class, label = name)
    expect_equal(as.list(m[["k"]][[1L]]), as.list(x), label = name)
  }
})

test_that("the colleagues' files show their numbers", {
  at <- function(name) read_pickle(shared("cases", "colleague", paste0(name, ".pkl")))
  expect_identical(at("ap_quantity")$array, c(1, 2, 3))
  expect_identical(at("ap_table")$b$array, c(1.5, 2.5))
  expect_identical(dim(at("sk_bunch")$data), c(150L, 4L))
  expect_length(at("sk_bunch")$target, 150)
  expect_identical(at("sub_dict")$a, 1L)
  expect_identical(dim(at("sub_dict")$b), 2:3)
  expect_identical(at("sub_arr")$class, "lab.ArrSub")
  expect_identical(dim(at("sub_arr")$array), 2:3)
  expect_identical(at("sub_masked")$class, "lab.MaskedSub")
  expect_true(anyNA(at("sub_masked")$array))
  expect_identical(at("sub_slotted")$name, "x")
})

# -- lies ----------------------------------------------------------------------------------

test_that("states that do not fit leave the object inert, of its class", {
  f8 <- "cnumpy\ndtype\n(Vf8\nI00\nI01\ntR(I3\nV<\nNNNI-1\nI-1\nI0\ntb"
  bytes <- paste0("c_codecs\nencode\n(V", strrep("\\u0000", 16), "\nVlatin1\ntR")
  reduce <- function(state) {
    make <- "cnumpy.core.multiarray\n_reconstruct\n(clab\nArray\n(I0\ntVb\ntR("
    read_pickle(charToRaw(paste0(make, state, "tb.")))
  }
  good <- paste0("I1\n(I2\nt", f8, "I00\n", bytes)
  expect_identical(reduce(good)$array, c(0, 0))
  lies <- c(
    sub("I2", "I3", good, fixed = TRUE), sub("I2", "I-2", good, fixed = TRUE),
    sub("I2", "I4611686018427387904", good, fixed = TRUE), sub("I1\n", "I7\n", good, fixed = TRUE),
    sub("Vf8", "Vi4", good, fixed = TRUE), sub(f8, "N", good, fixed = TRUE),
    sub(bytes, "N", good, fixed = TRUE), sub("(I2\nt", "N", good, fixed = TRUE),
    "I1\n", "N", "", strrep("I1\n", 100)
  )
  for (lie in lies) {
    x <- reduce(lie)
    expect_s3_class(x, "python_object")
    expect_identical(x$class, "lab.Array", info = lie)
    expect_null(x$array)
  }
})
