# Deep values, and such that repeat their parts: what the package walks, it walks in linear time
# and without recursion; what R itself could not survive is an error of kind limit, told before
# a value is made, and before a file is touched.

# Each nests a value once more.
nesters <- function() {
  list(
    list = function(x) list(x), named = function(x) list(a = x),
    attribute = function(x) structure(1, u = x), dictionary = function(x) {
      structure(list(keys = list(1), values = list(x)), class = "python_dict")
    },
    `attribute of a list` = function(x) structure(list(1), u = x),
    objects = function(x) ndarray(list(x), "object"),
    `list matrix` = function(x) matrix(list(x), 1L),
    frame = function(x) structure(list(a = list(x)), row.names = 1L, class = "data.frame")
  )
}
# Code, which stands in attributes only.
code_nesters <- function() {
  list(call = function(x) call("f", x), pairlist = function(x) pairlist(x),
       expression = function(x) as.expression(list(x)))
}
nested_by <- function(nest, n, x = 1) {
  for (i in seq_len(n)) x <- nest(x)
  x
}
# Pickles of values nested n deep.
deep_pickles <- function(n) {
  class <- bytes_of(c(0x8c, 1), "a", c(0x8c, 1), "B", 0x93)
  wrapped <- function(open, close) bytes_of(c(0x80, 4), rep(open, n), "N", rep(close, n), ".")
  list(
    lists = wrapped(bytes_of("]"), bytes_of("a")), tuples = wrapped(raw(), as.raw(0x85)),
    dicts = wrapped(bytes_of("}N"), bytes_of("s")), sets = wrapped(bytes_of("("), as.raw(0x91)),
    arguments = wrapped(class, as.raw(c(0x85, 0x52))),
    states = wrapped(bytes_of(class, ")R"), bytes_of("b"))
  )
}

test_that("a value deeper than R survives is refused, and the file is not touched", {
  m <- local_store()
  m[["k"]] <- 1
  expect_unchanged_file(m, {
    for (nest in nesters()) expect_kind(m[["k"]] <- nested_by(nest, 5001L), "limit")
    for (nest in code_nesters()) {
      expect_kind(m[["k"]] <- structure(1, u = nested_by(nest, 5001L)), "limit")
    }
  })
  for (p in deep_pickles(30000L)) expect_kind(read_pickle(p), "limit")
})

test_that("what is stored by default can be read, and survives R's own functions", {
  m <- local_store()
  for (name in c("list", "named", "attribute", "frame")) {
    x <- nested_by(nesters()[[name]], if (name == "frame") 2500L else 4990L)
    m[["k"]] <- x
    value <- m[["k"]]
    expect_true(identical(value, x), info = name)
    expect_true(identical(unserialize(serialize(value, NULL)), x), info = name)
    # these may be refused by R
    capture.output(try(print(value), silent = TRUE), try(str(value), silent = TRUE))
  }
})

test_that("the limit on depth is the same on both sides", {
  m <- local_store()
  for (nest in nesters()) {
    for (bottom in list(1, list(), list(1, c(a = 1)), as.Date("2020-01-01"))) {
      for (n in 5:12) {
        x <- nested_by(nest, n, bottom)
        withr::local_options(mmappickle.max_depth = 10)
        stored <- tryCatch({
          m[["k"]] <- x
          TRUE
        }, mmappickle_error_limit = function(e) FALSE)
        if (stored) expect_no_error(m[["k"]])
        if (n > 10) expect_false(stored)
        withr::local_options(mmappickle.max_depth = 100)
        m[["k"]] <- x
        expect_no_error(m[["k"]])
      }
    }
  }
})

test_that("any depth is walked where the limit is lifted", {
  withr::local_options(mmappickle.max_depth = Inf)
  m <- local_store()
  depth <- function(x) {
    n <- 0
    while (is.list(x) && length(x)) {
      x <- x[[length(x)]]
      n <- n + 1
    }
    n
  }
  for (name in c("list", "attribute", "objects", "dictionary")) {
    m[["k"]] <- nested_by(nesters()[[name]], 20000L)
    value <- m[["k"]]
    if (name != "attribute") expect_gte(depth(value), 20000)
  }
  for (p in deep_pickles(30000L)) expect_gte(depth(read_pickle(p)), 0)
})

test_that("what repeats its parts 2^64 times is refused, written or read", {
  twice <- list(
    lists = function(x) list(x, x), attributed = function(x) structure(list(x, x), u = 1),
    attributes = function(x) structure(1, u = x, v = x),
    objects = function(x) ndarray(list(x, x), "object")
  )
  m <- local_store()
  for (name in names(twice)) {
    x <- nested_by(twice[[name]], 64L)
    expect_unchanged_file(m, expect_kind(m[["k"]] <- x, "limit"))
    withr::with_options(list(mmappickle.max_repeated = Inf), {
      m[[name]] <- x
      expect_no_error(m[[name]])
    })
    expect_lt(file.size(path_of(m)), 2^26)
    expect_kind(m[[name]], "limit")
    m[[name]] <- NULL
    # shared in the file, as each stands there more than a thousand times
    x <- nested_by(twice[[name]], 14L, list("a", 1))
    m[["few"]] <- x
    if (name == "objects") x <- nested_by(twice$lists, 14L, list("a", 1))
    expect_true(identical(m[["few"]], x), info = name)
  }
  # as Python pickles them: BINPUT and BINGET
  levels <- vapply(0:63, function(i) sprintf("(g%d\ng%d\nlp%d\n0", i, i, i + 1L), "")
  pickle <- charToRaw(paste0("(I1\nS'a'\nlp0\n0", paste(levels, collapse = ""), "g64\n."))
  expect_kind(read_pickle(pickle), "limit")
  withr::local_options(mmappickle.max_repeated = 2^70)
  expect_length(read_pickle(pickle), 2L)
})
