# What the walk of test-walk.R stores, and how it points at parts of it: all by chance.
#
# An entry of the model is list(value =, kind =, draw =, stored =): what R reads, in memory;
# "array", "rows" (a structured array of rank 1) or "value"; for arrays a function that gives n
# new elements that fit; and what is assigned to a key to get it.

one_of_these <- function(x) x[[sample.int(length(x), 1L)]]
chance <- function(p) runif(1L) < p
some_names <- function(n) sprintf("n%d", sample.int(n + 3L, n))
some_text <- function(n) sample(c("", "a", "\u00e9a", "abc", "\u4e2d"), n, TRUE)

# -- elements ---------------------------------------------------------------------------------

# By dtype. `mark`: the one that ndarray() is asked for; none: that of the type.
element_kinds <- list(
  float64 = list(draw = function(n) sample(c(-8:8 / 8, NA, Inf), n, TRUE)),
  int32 = list(draw = function(n) sample(-9:9, n, TRUE)),
  bool = list(draw = function(n) sample(c(TRUE, FALSE), n, TRUE)),
  complex = list(draw = function(n) complex(real = sample(9, n, TRUE), imaginary = 0.5)),
  `>f8` = list(draw = function(n) sample(100, n, TRUE) / 4, mark = ">f8"),
  float32 = list(draw = function(n) sample(100, n, TRUE) / 4, mark = "float32"),
  float16 = list(draw = function(n) sample(100, n, TRUE) / 4, mark = "float16"),
  int8 = list(draw = function(n) sample(-99:99, n, TRUE), mark = "int8"),
  uint8 = list(draw = function(n) sample(0:255, n, TRUE), mark = "uint8"),
  int16 = list(draw = function(n) sample(-999:999, n, TRUE), mark = "int16"),
  int64 = list(draw = function(n) as.double(sample(-99:99, n, TRUE)), mark = "int64"),
  uint32 = list(draw = function(n) as.double(sample(99, n, TRUE)), mark = "uint32"),
  complex64 = list(draw = function(n) complex(real = sample(9, n, TRUE), imaginary = 2),
                   mark = "complex64"),
  U = list(draw = some_text, mark = "U3"),
  moment = list(draw = function(n) .POSIXct(as.double(sample(9999, n, TRUE)), "Europe/Zurich"),
                flat = TRUE),
  date = list(draw = function(n) .Date(as.double(sample(9999, n, TRUE))), flat = TRUE),
  time = list(draw = function(n) .POSIXct(as.double(sample(9999, n, TRUE)), "UTC"), flat = TRUE),
  span = list(draw = function(n) as.difftime(as.double(sample(99, n, TRUE)), units = "mins"),
              flat = TRUE),
  masked = list(draw = function(n) sample(c(NA, 1:9), n, TRUE), mask = TRUE),
  raw = list(draw = function(n) as.raw(sample(0:255, n, TRUE)), rank = TRUE)
)

# -- shapes -------------------------------------------------------------------------------------

shapes <- list(
  vector = function(draw) draw(sample(2:9, 1L)),
  named = function(draw) {
    x <- draw(sample(2:6, 1L))
    names(x) <- some_names(length(x))
    x
  },
  matrix = function(draw) array(draw(12L), one_of_these(list(c(3L, 4L), c(12L, 1L), c(1L, 12L)))),
  dimnames = function(draw) {
    array(draw(6L), 2:3, list(rows = c("a", "b"), one_of_these(list(c("x", "y", "z"), NULL))))
  },
  cube = function(draw) array(draw(24L), 2:4),
  one = function(draw) array(draw(4L), 4L),
  `one, named` = function(draw) array(draw(3L), 3L, list(c("a", "b", "c"))),
  none = function(draw) array(draw(0L), c(0L, 3L))
)
without_dim <- c("vector", "named")

some_array <- function() {
  kind <- one_of_these(element_kinds)
  flat <- isTRUE(kind$flat)
  shape <- one_of_these(if (flat) without_dim else if (isTRUE(kind$rank)) setdiff(names(shapes),
    without_dim)
                        else names(shapes))
  value <- shapes[[shape]](kind$draw)
  # Without an NA there is no mask, and with none there is no room for one.
  if (isTRUE(kind$mask) && length(value)) value[[1L]] <- NA
  mask <- isTRUE(kind$mask) && length(value)
  # A mark would take the unit of a difftime, and that bytes are raw.
  order <- if (!flat && !isTRUE(kind$rank)) one_of_these(list(NULL, "C", "F"))
  list(value = value, kind = "array",
    draw = if (isTRUE(kind$mask) && !mask) function(n) integer(n) else kind$draw,
       marked = !is.null(kind$mark) || mask,
       stored = if (is.null(kind$mark) && is.null(order)) value else ndarray(value, kind$mark,
         order))
}

some_stub <- function() {
  dim <- one_of_these(list(5L, c(2L, 3L), c(2L, 2L, 2L)))
  list(value = if (length(dim) == 1L) integer(dim) else array(0L, dim), kind = "array",
       draw = element_kinds$int32$draw, marked = FALSE, stored = empty_ndarray(dim, "int32"))
}

some_rows <- function() {
  n <- sample(2:6, 1L)
  value <- data.frame(a = element_kinds$int8$draw(n), b = element_kinds$float64$draw(n))
  list(value = value, kind = "rows", marked = TRUE, stored = ndarray(value, c(a = "int8")))
}

# -- other values ----------------------------------------------------------------------------

fraction <- c(as.raw(c(0x80, 4)), charToRaw("cfractions\nFraction\n(I7\nI2\ntR."))
other_makers <- list(
  null = function() NULL,
  flag = function() one_of_these(list(TRUE, FALSE, NA)),
  int = function() one_of_these(list(0L, -5L, NA_integer_)),
  real = function() one_of_these(list(1.5, -0, NaN, NA_real_, Inf)),
  text = function() one_of_these(list("a", "\u00e9", "", NA_character_)),
  words = function() replace(some_text(3L), sample(4L, 1L), NA),
  bytes = function() as.raw(sample(0:255, sample(0:9, 1L), TRUE)),
  date = function() .Date(100), time = function() .POSIXct(5, "Europe/Zurich"),
  factor = function() factor(some_text(4L)),
  list = function() list(1, "a", NULL, c(1.5, 2)),
  named = function() list(a = c(1, 2, 3), b = list(c = 1:3, d = "x"), e = some_text(2L)),
  `empty list` = function() list(),
  `empty dict` = function() structure(list(), names = character()),
  frame = function() {
    data.frame(x = c(0.5, 1, 2), y = factor(c("u", "v", "u")), z = c("p", NA, "q"))
  },
  attributes = function() structure(1:3, own = list("x", c(a = 1))),
  class = function() structure(c(1, 2), class = "own"),
  ts = function() ts(c(1, 2, 3), start = 2000),
  objects = function() matrix(list(1, "a", NULL, 2:3), 2L),
  serialized = function() r_object(list(1, "a")),
  object = function() read_pickle(fraction),
  dict = function() read_pickle(as.raw(c(0x28, 0x49, 0x31, 0x0a, 0x49, 0x32, 0x0a, 0x64, 0x2e))),
  marked = function() list(k = ndarray(1:3, "int16"))
)

some_other <- function() {
  name <- one_of_these(names(other_makers))
  value <- other_makers[[name]]()
  list(value = if (name == "marked") list(k = 1:3) else value,
       kind = if (name %in% c("attributes", "class", "ts")) "other" else "value",
       marked = name %in% c("marked", "dict"), stored = value)
}

some_entry <- function() {
  maker <- sample(c("array", "stub", "rows", "other"), 1L, prob = c(12, 1, 2, 8))
  switch(maker, array = some_array(), stub = some_stub(), rows = some_rows(), other = some_other())
}

# -- subscripts -------------------------------------------------------------------------------

# Stands for an argument that is left out.
left_out <- structure(list(), class = "left_out")

some_axis <- function(extent, names) {
  at <- function(n) sample.int(extent, n, TRUE)
  ways <- list(
    `left out` = function() left_out,
    positive = function() at(sample(extent, 1L)),
    permuted = function() sample.int(extent),
    double = function() at(2L) + sample(c(0, 0.5), 2L, TRUE) * (at(2L) < extent),
    negative = function() -at(sample(2L, 1L)),
    zero = function() c(0L, at(1L)),
    `zeros` = function() 0L,
    logical = function() sample(c(TRUE, FALSE), extent, TRUE),
    `one logical` = function() chance(0.5),
    empty = function() integer(),
    null = function() NULL,
    names = function() names[at(sample(2L, 1L))]
  )
  if (!extent) ways <- ways[c("left out", "zeros", "empty", "null")]
  if (is.null(names) || anyNA(names) || !all(nzchar(names))) ways$names <- NULL
  if (extent > 2L) ways$recycled <- function() c(TRUE, FALSE)
  kind <- one_of_these(base::names(ways))
  structure(list(ways[[kind]]()), names = kind)
}

# What is no subscript, or of nothing that is there.
odd_axis <- function(extent) {
  sample(list(
    `out of range` = extent + 1L, `far out` = 1e10, `NA` = NA, `NA int` = c(1L, NA),
    mixed = c(-1L, 1L), text = "absent", `empty text` = "", factor = factor("a"), list = list(1),
    `long logical` = rep(TRUE, extent + 2L), infinite = Inf, nan = NaN, complex = 1i,
    raw = as.raw(1L), code = quote(x), fun = sum, `NA text` = NA_character_
  ), 1L)
}

names_of_axes <- function(x) {
  if (is.null(dim(x))) list(names(x)) else dimnames(x) %||% vector("list", length(dim(x)))
}

# list(args =, kind = in words, odd = TRUE where R and the package need not agree).
some_subscripts <- function(x) {
  extents <- dim(x) %||% length(x)
  rank <- length(extents)
  way <- sample(c("axes", "whole", "linear", "matrix", "mask", "odd"), 1L,
                prob = c(10, 1, 2, 2, 1, 2))
  if (rank == 1L && way %in% c("linear", "matrix")) way <- "axes"
  if (!length(x) && way %in% c("linear", "matrix")) way <- "whole"
  plain <- function(axes) lapply(axes, `[[`, 1L)
  switch(way,
    axes = {
      axes <- Map(some_axis, extents, names_of_axes(x))
      list(args = plain(axes), kind = paste(vapply(axes, names, ""), collapse = ", "))
    },
    whole = list(args = list(left_out), kind = "whole"),
    linear = {
      axis <- some_axis(length(x), NULL)
      list(args = plain(list(axis)), kind = paste("linear", names(axis)))
    },
    matrix = {
      at <- vapply(extents, function(n) sample.int(n, 3L, TRUE), integer(3L))
      if (chance(0.2)) at[2L, 1L] <- 0L
      list(args = list(matrix(at, 3L)), kind = "matrix")
    },
    mask = list(args = list(array(sample(c(TRUE, FALSE), length(x), TRUE), extents)),
                kind = "logical array"),
    odd = {
      args <- plain(Map(some_axis, extents, names_of_axes(x)))
      at <- sample.int(rank, 1L)
      odd <- odd_axis(extents[[at]])
      args[at] <- unname(odd)
      if (chance(0.1)) args <- c(args, list(1L))
      list(args = args, kind = paste("odd:", names(odd)), odd = TRUE)
    }
  )
}

# Values that are no fit for anything, or an argument that nobody expects.
odd_values <- list(
  NULL, NA, NaN, 1i, "", "absent", character(), list(), quote(x), quote(f(x)), sum, globalenv(),
  factor("a"), -1, 1e10, 2.5, raw(), as.raw(0:1), NA_character_, c("a", "b"), TRUE, c(TRUE,
    NA), 1:3,
  list(1, "a"), data.frame(x = 1), ~x, as.Date("2020-01-01"), "a\nb", strrep("k", 300L),
  matrix(1:4, 2L), structure(1, class = "own"), expression(a), -1L, .Machine$integer.max
)
