# Python objects without a counterpart in R: made, shown, looked into, never run. What some of
# them mean as text or numbers: python_text.R; that none is changed: python_object_made.R.

#' Python objects without a counterpart in R
#'
#' An instance of a class that R does not know comes as an object of class `python_object`: a
#' list that says what the file says of it. Nothing of it is executed or imported, whatever
#' `trusted` says (that is about R's classes: see [mmapdict()]). Stored
#' again, in the same or another file, alone or inside of other values, it is the same Python
#' object.
#'
#' `x$name` and `x[["name"]]` give the field of that name (see below), else the attribute that
#' the Python object has by that name, as far as its state says it, else the item that it has
#' by that name, where its class is derived from dict: `x$args`, `x$radius`, `bunch$target`.
#' `names(x)` are all of these; by them a console completes `x$`. `as.list(x)` gives the items of
#' what is like a list, the named items of what is like a dict, else array and attributes, else
#' the arguments.
#'
#' `as.character()` works where it means something: integers that no type of R's holds,
#' `Decimal`, `Fraction`, `UUID`, paths, zones, classes and functions (their dotted
#' names), and what is made from a single value, as members of enumerations, most exceptions and
#' subclasses of `str`, `int` and `float` are; `as.numeric()` works for those of them that are
#' numbers (rounded to a double), and for arrays, and `as.integer()` and `as.logical()` give what
#' R makes of that number. (Of a member of an enumeration Python 3.11 stores the name, and no
#' value.)
#'
#' A `python_object` cannot be changed: build a value of R's own from its parts, or let a
#' function do that wherever such an object is read ([readers]). Operators (`x == 1`, `x + 1`) are
#' errors: take its number or text first; [identical()] compares two objects.
#'
#' @section Made by hand: `python_object()` makes one that Python is to get: a method of
#'   [as_python()] may give it, or a list hold it. It says what Python is to call, by name, and
#'   with what; neither R nor this package calls anything, or knows whether the class exists.
#'   When Python loads the value it imports the class and does, in this order:
#'   `x = class(*args, **keywords)` (`how = "call"`) or
#'   `x = class.__new__(class, *args, **keywords)` (`"new"`); `x.extend(items)`; `x[key] = value`
#'   for `dict_items`; `x.__setstate__(state)`, or without such a method
#'   `x.__dict__.update(state)`. `how = "global"` is the class (or function) itself. Python does
#'   that with any function: let no one else choose `class`.
#'
#'   The parts are stored as any value is ([mmap_set()]): a vector of length 1 as a number or a
#'   string, longer ones as arrays (strings: lists), lists as lists, lists with names as dicts;
#'   [ndarray()] says otherwise, as do [python_dict]s and other `python_object`s, such as
#'   `python_object("builtins.tuple", list(list(1L, 2L)))`. What R alone knows of them
#'   (attributes, the levels of a factor) is not stored. They are copied when the object is made.
#'
#'   What is read again is what the Python object gives in R: a `set`, say, a vector or a list.
#' @section Fields: Those that the object has, of:
#'   \describe{
#'     \item{class}{its name, `"module.Name"`; where only Python could tell the class, that of
#'       the function which makes it}
#'     \item{how}{how it is made: `"call"`, `"new"`, `"instance"`, `"global"` (a function or
#'       class, by its name), `"integer"`, `"text"` (no valid Unicode, or with a NUL),
#'       `"persistent"` and others; `"cycle"` stands for a value that it is itself part of,
#'       which R cannot hold}
#'     \item{callable}{what makes it, where that has no name}
#'     \item{args, keywords}{what it is made from}
#'     \item{array}{the numbers of an array whose class is derived from `numpy.ndarray` (a
#'       `Quantity` or `Column` of astropy, say), as those of any array are read; the values of a
#'       class derived from `pandas.Series`}
#'     \item{frame}{the data frame that a class derived from `pandas.DataFrame` is}
#'     \item{state}{its attributes}
#'     \item{items, dict_items}{what is appended to it}
#'   }
#' @section What is stored: The attribute `"pickle"` of the object, a raw vector: a whole pickle
#'   of it, as Python's `pickle.load` reads it. (`writeBin(attr(x, "pickle"), path)` gives such a
#'   file.) The value of a key is written back byte for byte.
#'
#'   Objects without it are refused with an error of class `mmappickle_error_value`: lists that
#'   only have the class; parts of an object with more than 16 levels of objects in
#'   them (store the whole object); and what cannot be pickled by itself (persistent ids, parts
#'   that refer back to the whole): the attribute `"unstorable"` says why.
#' @param x,object A `python_object`.
#' @param name,i A name (`[[`: also the position of a field).
#' @param value Ignored: nothing can be assigned.
#' @param pattern A regular expression.
#' @param ... Ignored.
#' @param class The full name of the class or function, `"module.Name"`.
#' @param args,keywords A list of its arguments; a list of those that have names.
#' @param state,items,dict_items What is done to the object when it is made: a value; a list; a
#'   list with names, or a [python_dict]. `NULL` (default): nothing.
#' @param how `"call"` (default), `"new"`, `"global"`: see the section "Made by hand".
#' @return `python_object()`: an object of class `python_object`. `$`: the value, `NULL` if there
#'   is none. `[[`: the value; an error of class `mmappickle_error_key` if there is none.
#'   `as.list()`: a list. `as.character()`: a string. `as.numeric()`: a number. Errors of class
#'   `mmappickle_error_value` for classes where this has no meaning, for all assignments, and for
#'   names and parts that cannot be stored.
#' @seealso [readers], [python_dict]
#' @examples
#' # From Python: pickle.dumps(decimal.Decimal("1.50"))
#' x <- read_pickle(c(charToRaw("cdecimal\nDecimal\n(V1.50\ntR.")))
#' x
#' as.numeric(x)
#' x$args
#' identical(read_pickle(write_pickle(x)), x)
#'
#' # The same, made in R; and a set, a path, a sparse matrix of SciPy
#' x <- python_object("decimal.Decimal", list("1.50"))
#' x
#' python_object("builtins.set", list(list(1L, 2L, "three")))
#' python_object("pathlib.PosixPath", list("/tmp", "data.csv"))
#' tuple <- function(...) python_object("builtins.tuple", list(list(...)))
#' python_object("scipy.sparse._csc.csc_matrix",
#'   args = list(tuple(c(1, 2, 3), ndarray(c(0L, 2L, 1L)), ndarray(c(0L, 2L, 3L)))),
#'   keywords = list(shape = tuple(3L, 2L))
#' )
#' # What a class of R's is to be in Python
#' as_python.exact <- function(x, ...) python_object("decimal.Decimal", list(format(x$value)))
#' registerS3method("as_python", "exact", as_python.exact)
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' m[["price"]] <- structure(list(value = 1.5), class = "exact")
#' m[["price"]]
#' close(m)
#' @export
python_object <- function(class, args = list(), keywords = list(), state = NULL, items = NULL,
                          dict_items = NULL, how = c("call", "new", "global")) {
  need(class)
  how <- one_of(how, c("call", "new", "global"), "how")
  check_python_name(class)
  check_call_parts(args, keywords, state, items, dict_items, how)
  given <- list(
    args = if (how != "global") as.list(args), keywords = if (length(keywords)) keywords,
    state = state, items = if (length(items)) items,
    dict_items = if (length(dict_items)) dict_items
  )
  given <- given[!vapply(given, is.null, NA)]
  structure(
    c(list(class = as.vector(class), how = how), given),
    pickle = call_pickle(class, how, given), class = own_class("python_object")
  )
}

# -- looked into -----------------------------------------------------------------------------

#' @rdname python_object
#' @export
`$.python_object` <- function(x, name) {
  check_object(x)
  part_of(x, name)
}

#' @rdname python_object
#' @export
`[[.python_object` <- function(x, i, ...) {
  check_object(x)
  if (is.numeric(i) && length(i) == 1L && i %in% seq_along(unclass(x))) {
    return(.subset2(x, i))
  }
  if (!is.character(i) || length(i) != 1L || !i %in% part_names(x)) {
    abort_key(
      paste0("A ", .subset2(x, "class"), " has nothing of the name ", what_is(i), "."),
      nearest_of(i, part_names(x))
    )
  }
  part_of(x, i)
}

#' @rdname python_object
#' @export
as.list.python_object <- function(x, ...) {
  check_object(x)
  dicts <- dicts_of(x)
  items <- if (length(dicts)) first_of(unlist(dicts, recursive = FALSE))
  items <- items %||% .subset2(x, "items") %||% .subset2(x, "dict_items") %||% base_items(x)
  if (is.null(items)) {
    items <- c(unclass(x)[names(unclass(x)) %in% c("array", "frame")], members_of(x))
    if (!length(items)) items <- base_value(x) %||% .subset2(x, "args")
  }
  if (inherits(items, "python_object")) list(items) else as.list(items)
}

#' @rdname python_object
#' @export
names.python_object <- function(x) if (is_object(x)) part_names(x) else names(unclass(x))

#' @rdname python_object
#' @export
.DollarNames.python_object <- function(x, pattern = "") {
  grep(pattern, part_names(x), value = TRUE)
}

check_object <- function(x) if (!is_object(x)) abort_lie("python_object")

is_object <- function(x) {
  class <- if (is.list(x)) .subset2(x, "class")
  is.character(class) && length(class) == 1L && !is.na(class)
}

part_names <- function(x) unique(c(names(unclass(x)), names(members_of(x))))

part_of <- function(x, name) {
  if (name %in% names(unclass(x))) .subset2(x, name) else members_of(x)[[name]]
}

# What is reached by name: attributes, and the items of what is like a dict.
members_of <- function(x) {
  first_of(c(attributes_of(x), unlist(dicts_of(x), recursive = FALSE)))
}

# Of items of the same name the first one.
first_of <- function(x) if (anyDuplicated(names(x))) x[!duplicated(names(x))] else x

# The object's attributes: a dict, or the pair of a dict (or None) and one of slots.
attributes_of <- function(x) {
  state <- .subset2(x, "state")
  if (is_members(state)) {
    return(state)
  }
  pair <- is.list(state) && !is.object(state) && length(state) == 2L
  if (pair && all(vapply(state, function(part) is.null(part) || is_members(part), NA))) {
    c(state[[1L]], state[[2L]])
  }
}
is_members <- function(x) is.list(x) && !is.object(x) && !is.null(names(x))

# The dicts that make up an object: of the same key in several, the first one's item counts.
dicts_of <- function(x) {
  dicts <- c(list(.subset2(x, "dict_items"), base_value(x)), switch(.subset2(x, "class"),
    collections.UserDict = list(attributes_of(x)[["data"]]),
    collections.ChainMap = as.list(attributes_of(x)[["maps"]])
  ))
  unname(Filter(is_members, dicts))
}

# -- shown -----------------------------------------------------------------------------------

#' @rdname python_object
#' @export
format.python_object <- function(x, ...) {
  if (!is_object(x)) {
    return(paste0("<python_object> that is none: of type ", typeof(x)))
  }
  name <- paste0("<python_object> ", .subset2(x, "class"))
  if (identical(.subset2(x, "how"), "cycle")) {
    return(paste0(name, " (back to a value that it is part of)"))
  }
  text <- if (is_short(x)) {
    tryCatch(suppressWarnings(python_text(x)), error = function(e) NULL)
  }
  paste0(name, if (length(text) == 1L) paste0(" ", shorten(encodeString(text))))
}

# Of a cell of a data frame.
#' @export
toString.python_object <- function(x, ...) format.python_object(x)

#' @rdname python_object
#' @export
print.python_object <- function(x, ...) {
  cat(format.python_object(x), "\n", sep = "")
  if (!is_object(x)) {
    return(invisible(x))
  }
  for (name in setdiff(names(unclass(x)), "class")) {
    part <- .subset2(x, name)
    show_parts(name, if (name == "state") attributes_of(x) %||% part else part)
  }
  why <- attr(x, "unstorable")
  if (is.character(why)) cat("  cannot be stored: ", why, "\n", sep = "")
  why <- why_not_read(x)
  if (!is.null(why)) cat("  not read as R's own: ", why, "\n", sep = "")
  invisible(x)
}

#' @rdname python_object
#' @export
str.python_object <- function(object, ...) {
  cat("", format.python_object(object), "\n")
  invisible()
}

# Of a huge int the digits are not worth their time in a line; a name is said already.
is_short <- function(x) {
  length(.subset2(x, "state")) < 100L && !identical(.subset2(x, "how"), "global")
}

# A part of an object: one line, and one for each of its own parts.
show_parts <- function(name, part) {
  if (!is.list(part) || is.object(part)) {
    cat("  ", name, ": ", brief(part), "\n", sep = "")
    return()
  }
  cat("  ", name, ":", if (!length(part)) " none", "\n", sep = "")
  labels <- names(part) %||% rep("", length(part))
  few <- seq_len(min(length(part), shown_parts))
  for (at in few) {
    label <- if (nzchar(labels[[at]])) paste0(labels[[at]], ": ") else "- "
    cat("    ", label, brief(.subset2(part, at)), "\n", sep = "")
  }
  if (length(part) > shown_parts) {
    cat("    ... and ", count(length(part) - shown_parts), " more\n", sep = "")
  }
}
shown_parts <- 10L

# A value in a few words.
brief <- function(x) tryCatch(few_words(x), error = function(e) class(x)[[1L]])

few_words <- function(x) {
  if (is.null(x)) "None"
  else if (inherits(x, "python_object")) with_names(format(x), x)
  else if (inherits(x, c("python_dict", "mmapdict", "mmarray"))) format(x)
  else if (is.data.frame(x)) paste("data frame", format_shape(dim(x)))
  else if (is.list(x)) by_names(paste("list of", length(x)), names(x))
  else if (is.character(x) && length(x) == 1L) shorten(encodeString(x, quote = "\""))
  else if (is.atomic(x) && length(x) == 1L) format(x)
  else paste(class(x)[[1L]], format_shape(dim(x) %||% length(x)))
}

# An object without a text of its own, by the names of its parts.
with_names <- function(text, x) {
  bare <- is_object(x) && identical(text, paste0("<python_object> ", .subset2(x, "class")))
  parts <- intersect(c("array", "frame"), names(unclass(x)))
  by_names(text, if (bare) c(parts, names(members_of(x))))
}

by_names <- function(text, names) {
  if (!length(names)) return(text)
  paste0(text, " (", shorten(encodeString(paste(names, collapse = ", ")), 40L), ")")
}

shorten <- function(text, width = 60L) {
  if (nchar(text, "width") <= width) text else paste0(strtrim(text, width - 3L), "...")
}
