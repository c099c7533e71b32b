# What of the zoo (see helper-zoo.R) no file can hold.

# Attributes that no file can hold: `x` comes back as `kept`, with a warning that names `what`,
# or without where nobody misses it.
zoo_dropping <- function() {
  f <- function(x) x
  here <- new.env()
  pointer <- methods::new("externalptr")
  here_formula <- structure(quote(y ~ x), class = "formula", .Environment = here)
  bare_formula <- structure(quote(y ~ x), class = "formula")
  frame <- data.frame(y = c(1, 2), x = c(1, 3))
  braces <- parse(text = "{a}", keep.source = TRUE)[[1L]] # with the text it came from
  model <- model.frame(here_formula, frame)
  bare_model <- model
  attr(attr(bare_model, "terms"), ".Environment") <- NULL
  case <- function(x, kept, what = "own") list(x = x, kept = kept, what = what)
  list(
    `function` = case(structure(1, own = f), 1),
    builtin = case(structure(c(a = 1), own = sum), c(a = 1)),
    environment = case(structure("a", own = here, b = 1), structure("a", b = 1)),
    namespace = case(structure("a", own = asNamespace("stats")), "a"),
    pointer = case(structure(1:2, own = pointer), 1:2),
    S4 = case(structure(TRUE, own = methods::getClass("numeric")), TRUE),
    `function in a list` = case(structure(1:2, own = list(a = 1, f = f)), 1:2),
    `call of a function itself` = case(structure(1:2, own = as.call(list(f, 1))), 1:2),
    deep = case(list(a = list(1, structure("x", own = f))), list(a = list(1, "x"))),
    `in an attribute` = case(structure(1, a = structure(2, own = here)), structure(1, a = 2)),
    `in a column` = case(frame_of(list(a = structure(1:2, own = f)), 1:2),
                         frame_of(list(a = 1:2), 1:2)),
    formula = case(structure(1, own = here_formula), structure(1, own = bare_formula),
                   ".Environment"),
    `model frame` = case(model, bare_model, ".Environment"),
    two = case(structure(list(structure(1, own = f)), other = here), list(1),
               c("own", "other")),
    source = case(structure(1, own = braces),
                  structure(1, own = `attributes<-`(braces, NULL)), NULL),
    readr = case(structure(frame, problems = pointer), frame, NULL),
    data.table = case(structure(frame, .internal.selfref = pointer), frame, NULL)
  )
}

# Values of which nothing is left without what cannot be stored, each with the path to it.
zoo_refused <- function() {
  f <- function(x) x
  list(
    `m$k` = f, `m$k` = sum, `m$k` = new.env(), `m$k` = globalenv(),
    `m$k` = quote(x), `m$k` = quote(f(x)), `m$k` = expression(a),
    `m$k` = pairlist(1), `m$k` = y ~ x, `m$k` = methods::getClass("numeric"),
    `m$k` = methods::new("externalptr"), `m$k[[1]]` = list(f),
    `m$k$b` = list(a = 1, b = quote(x)),
    `m$k$a[[2]]$c` = list(a = list(1, list(c = new.env()))),
    `m$k$k[[1]]` = frame_of(list(k = list(f)), 1L),
    `m$k$call` = lm(y ~ x, data.frame(x = 1:3, y = c(1, 3, 2))),
    `m$k` = "\xff", `m$k` = c("a", "a\xe9\xff"), `m$k$a` = list(a = "\xff")
  )
}
