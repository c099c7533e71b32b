# A zoo of R values: every type with its odd elements, every kind of attribute, every nesting.
# All of it is made by code without a choice of its own, so that a fresh process that
# sources the files helper-zoo*.R has the very same values.

# -- attributes -------------------------------------------------------------------------------

# R's symbols are in the encoding of the session.
accented <- if (isTRUE(l10n_info()[["UTF-8"]])) "\u00e9" else "e"

# What may stand in an attribute, and code, which may stand nowhere else.
attribute_values <- function() {
  formula <- structure(quote(y ~ x + log(z)), class = "formula")
  list(
    text = "cm", number = 2.5, flag = NA, none = character(), raw = as.raw(1:3),
    names = c(a = 1),
    list = list(1, NULL, b = "x"), nested = structure(1:2, b = structure("s", c = list(TRUE))),
    factor = factor(c("a", NA)), date = as.Date("2020-01-01"),
    time = time_of(0, tzone = "UTC"),
    frame = data.frame(a = 1:2, b = c("x", "y")), matrix = matrix(1:4, 2),
    int64 = int64(1L, 0L),
    symbol = quote(x), `symbol UTF-8` = as.name(accented), `symbol odd` = as.name("a b"),
    call = quote(f(x, y = 2L, "s", NULL, NA)), formula = formula,
    operators = quote(if (a > 1) b[[1]]$c else -d^2), `call without argument` = quote(x[, 1]),
    # not by quote(), which may keep the source text
    `call of a function` = as.call(list(as.name("function"), as.pairlist(alist(a = , b = 2)),
                                        quote(a + b))),
    `call of a call` = quote(f(x)(y)),
    `call with a vector` = as.call(list(as.name("c"), c(1.5, NA), list(1, "a"))),
    `call with attributes` = structure(quote(f(x)), own = 1:2),
    expression = expression(a, b + 1, 2), `expression 0` = expression(),
    `expression named` = expression(p = x, q = 1), pairlist = pairlist(a = 1, 2, b = quote(z)),
    `pairlist attributes` = structure(pairlist(1), own = "x"),
    `list of code` = list(quote(x), quote(f())),
    global = globalenv(), base = baseenv(), empty = emptyenv(),
    `formula of global` = structure(formula, .Environment = globalenv())
  )
}

decorations <- function() {
  set <- function(name, value) function(x) `attr<-`(x, name, value(length(x)))
  names_by <- function(f) function(x) `names<-`(x, f(length(x)))
  values <- attribute_values()
  c(
    list(
      names = names_by(function(n) sprintf("n%d", seq_len(n))),
      `repeated names` = names_by(function(n) rep("n", n)),
      `empty names` = names_by(function(n) character(n)),
      `NA names` = names_by(function(n) rep(c(NA, "x"), length.out = n)),
      `encoded names` =
        names_by(function(n) rep(c(latin1("\u00e9"), "\u4e2d"), length.out = n)),
      `dim 1` = function(x) `dim<-`(x, length(x)),
      `dim column` = function(x) `dim<-`(x, c(length(x), 1L)),
      `dim 3` = function(x) `dim<-`(x, c(1L, length(x), 1L)),
      dimnames = function(x) {
        columns <- sprintf("c%d", seq_along(x))
        structure(x, dim = c(1L, length(x)), dimnames = list("r", columns))
      },
      `named dimnames` = function(x) {
        structure(x, dim = c(length(x), 1L), dimnames = list(rows = NULL, cols = "c"))
      },
      class = function(x) structure(x, class = "own"),
      classes = function(x) structure(x, class = c("own", "other")),
      `class and names` = function(x) structure(x, names = rep("a", length(x)), class = "own"),
      `class of integers` = function(x) structure(x, class = "integer"),
      comment = function(x) `comment<-`(x, "words"), `levels` = set("levels", function(n) "a"),
      `row.names` = set("row.names", function(n) "r"),
      `tzone` = set("tzone", function(n) "UTC"),
      `odd names of attributes` = function(x) {
        attr(x, accented) <- 2
        structure(x, `a b` = 1, type = "t", `mmappickle:R` = 3, units = "u")
      },
      `names beside dim` = function(x) {
        structure(x, names = rep("a", length(x)), dim = c(1L, length(x)))
      },
      `many attributes` = function(x) {
        for (i in 1:20) attr(x, paste0("a", i)) <- i
        x
      }
    ),
    setNames(lapply(values, function(v) function(x) structure(x, own = v)),
             paste("attribute", names(values)))
  )
}

zoo_decorated <- function() {
  bases <- list(
    `logical 2` = c(TRUE, NA), `integer 3` = c(3L, 1L, 2L), `integer NA` = NA_integer_,
    `double 1` = 1.5, `double 0` = double(), `double 2` = c(minus_zero, NaN),
    `complex 2` = c(1i, NA),
    `character 1` = "a", `character 2` = c("a", NA), `character 0` = character(),
    `raw 2` = as.raw(1:2),
    `list 2` = list(1, "a"), `list named` = list(p = 1L, q = NULL), `list 0` = list()
  )
  by <- decorations()
  out <- list()
  for (b in seq_along(bases)) {
    for (d in seq_along(by)) {
      # every other kind of attribute's value, another half for each base
      if (startsWith(names(by)[[d]], "attribute ") && (b + d) %% 3L != 0L) next
      key <- paste(names(bases)[[b]], "with", names(by)[[d]])
      out[[key]] <- by[[d]](bases[[b]])
    }
  }
  out
}

# Attributes of attributes: each of x's own gets some, those along the dimensions names.
annotated <- function(x) {
  note <- function(x) {
    attr(x, "own") <- structure("a", more = structure(c(p = 1), dim = c(q = 1L)))
    x
  }
  for (name in names(attributes(x))) {
    value <- attr(x, name, exact = TRUE)
    # R keeps those for itself, or has one object for all
    counted <- name == "row.names" && .row_names_info(x) < 0L
    if (counted || is.symbol(value) || is.environment(value) || is.null(value)) next
    if (name == "dim") names(value) <- note(sprintf("d%d", seq_along(value)))
    if (name == "dimnames") {
      for (i in seq_along(value)) {
        if (length(value[[i]])) value[[i]] <- note(structure(value[[i]], names = value[[i]]))
      }
    }
    attr(x, name) <- note(value)
  }
  x
}

zoo_annotated <- function(values) {
  values <- Filter(function(x) length(attributes(x)), values)
  values <- lapply(values, annotated)
  names(values) <- paste(names(values), "with attributes of attributes")
  values
}

# -- nesting ----------------------------------------------------------------------------------

nestings <- function() {
  list(
    `in a list` = function(x) list(x),
    `in a named list` = function(x) list(a = x, b = 1),
    `twice deep` = function(x) list(NULL, list(b = list(x, "s"), 2)),
    `in a column` = function(x) frame_of(list(v = x, w = seq_len(NROW(x))), c(NA, -NROW(x))),
    `in an attribute` = function(x) structure(c(1, 2), own = x),
    `in an attribute's attribute` =
      function(x) structure("s", a = structure(list(1), b = list(x)))
  )
}

# Lists, data frames and attributes of what is there, by chance.
grown <- function(values, depth) {
  one <- function() values[[sample.int(length(values), 1L)]]
  part <- function() if (depth > 0L && runif(1) < 0.6) grown(values, depth - 1L) else one()
  items <- lapply(seq_len(sample.int(4L, 1L)), function(i) part())
  x <- switch(sample.int(6L, 1L),
    items, setNames(items, make.unique(rep(c("a", "b"), length.out = length(items)))),
    setNames(items, rep(c("", "a"), length.out = length(items))),
    structure(items, class = c("own", "list")),
    frame_of(list(k = items, l = seq_along(items)), c(NA, -length(items))),
    matrix(items, 1L)
  )
  if (runif(1) < 0.3 && !is.null(own <- one())) attr(x, "own") <- own
  x
}

# All values by name; those that lose something (see zoo_dropping()) are not among them.
zoo <- function() {
  # Parts of an integer64 keep their class only where its methods are loaded.
  requireNamespace("bit64", quietly = TRUE)
  withr::local_seed(20240229, .rng_kind = "Mersenne-Twister", .rng_normal_kind = "Inversion",
                    .rng_sample_kind = "Rejection")
  plain <- c(zoo_vectors(), zoo_factors(), zoo_dates(), zoo_times(), zoo_objects(),
             zoo_frames(), zoo_lists())
  plain <- c(plain, zoo_annotated(plain))
  out <- c(plain, zoo_decorated())
  by <- nestings()
  for (at in which(!vapply(plain, is.null, NA))) {
    # two kinds of nesting for each value, all kinds for each family
    for (n in (at + c(0L, 2L + at %/% 6L %% 3L)) %% length(by) + 1L) {
      out[[paste(names(plain)[[at]], names(by)[[n]])]] <- by[[n]](plain[[at]])
    }
  }
  for (i in seq_len(150)) out[[sprintf("grown %03d", i)]] <- grown(plain, 3L)
  stopifnot(!anyDuplicated(names(out)))
  out
}
