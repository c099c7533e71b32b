# What comes as an inert python_object: the class that it has to name.

# An inert object of whatever inside, of one of these classes.
differ_object <- function(x, d, context, where) {
  if (!is_python(x)) {
    return(paste0(where, ": a ", d$t, " is no python_object but ", class(x)[[1L]]))
  }
  class <- plain_name(.subset2(x, "class"))
  wanted <- plain_name(class_names(d))
  same(!length(wanted) || class %in% wanted, where,
       paste("names", class, "for", paste(wanted, collapse = " or ")))
}

# Names as of Python 3.11 and NumPy 1: later versions have moved modules.
plain_name <- function(name) {
  name <- sub("^exceptions\\.", "builtins.", name)
  name <- sub("^numpy\\._core\\.", "numpy.core.", name)
  name <- sub("^_operator\\.", "operator.", name)
  sub("^pathlib\\._local\\.", "pathlib.", name)
}

# What may stand as the class of a described object. A class that a pickle makes by calling a
# function is known by the function alone (`called`); what Python itself writes as a look-up
# (enum members, methods, types without a name of their own) by the function that looks up.
class_names <- function(d) {
  switch(d$t,
    object = c(d$class, called(d)),
    exception = c(d$class, if (d$class %in% errno_classes) "builtins.OSError"),
    namedtuple = , path = d$class,
    enum = c(d$class, "builtins.getattr", "operator.or_"),
    # a ufunc is found by where it is made, and described by where it is used
    global = c(d$name, "builtins.getattr", "builtins.type",
               sub("^numpy\\.([a-z]+)$", "numpy.core._multiarray_umath.\\1", d$name)),
    opaque = d$of,
    Decimal = "decimal.Decimal", Fraction = "fractions.Fraction", UUID = "uuid.UUID",
    slice = "builtins.slice", Ellipsis = "builtins.Ellipsis",
    NotImplemented = "builtins.NotImplemented",
    zoneinfo = c("zoneinfo.ZoneInfo", "zoneinfo.ZoneInfo._unpickle"),
    dtype = "numpy.dtype"
  )
}

called <- function(d) if (identical(d$func$t, "global")) d$func$name

# OSError picks these by its first argument, when it is called.
errno_classes <- paste0("builtins.", c(
  "BlockingIOError", "ChildProcessError", "ConnectionError", "BrokenPipeError",
  "ConnectionAbortedError", "ConnectionRefusedError", "ConnectionResetError",
  "FileExistsError", "FileNotFoundError", "InterruptedError", "IsADirectoryError",
  "NotADirectoryError", "PermissionError", "ProcessLookupError", "TimeoutError"
))

# -- what the corpora do not describe -----------------------------------------------------------

# Python loads it, and that is all that is known: a description would be too long, or too
# deep, or not twice the same.
comparers$too_big <- comparers$too_deep <- comparers$indescribable <- comparers$unstable <-
  comparers$garbage <- function(x, d, context, where) NULL

# What a stand-in was put in place of; what pandas' classes are is not known from that.
comparers$opaque <- function(x, d, context, where) {
  known <- startsWith(d$of %||% "", "pandas.") || startsWith(d$of %||% "", "array.")
  if (known) NULL else differ_object(x, d, context, where)
}
