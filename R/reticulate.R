# Python in this very process, by reticulate: entries as numpy.memmap, Python's objects stored.

#' NumPy arrays that map entries of a file
#'
#' With the package reticulate, `numpy_memmap(m, "k")` is a `numpy.memmap` of the array entry
#' `k`: Python's code works on the bytes in the file, of whatever dtype, without a copy.
#'
#' Of a writable handle the map is writable (mode `"r+"`): what Python writes to it is in the file,
#' and seen by `m[["k"]]` as what any other process writes; of one that is `readonly` it is read
#' only (mode `"r"`). Shape and order are those of Python, whatever `dims` says. A masked array
#' is a `numpy.ma.MaskedArray` over two maps, of values and mask (one in which nothing is masked
#' may have no mask in the file: then a mask that is set stays in Python). Arrays without
#' elements, of which there is nothing to map, are ordinary ones.
#'
#' [reticulate::r_to_py()] gives the same of an [mmarray()], and of a handle a dict of all of its
#' entries: arrays as maps, other values as reticulate converts them. So do calls of Python's
#' functions: `np$mean(mmarray(m, "k"))`.
#'
#' A map keeps the bytes that it was made of, as a view does: what Python writes to it after the
#' entry was replaced, or after a [vacuum()], is not in the file any more. Make maps anew then.
#' Other than views, they do not survive a file that is cut: that ends the process, as in
#' any Python.
#'
#' @section Missing values: Plain vectors lose them on the way to Python, views too, and nobody
#'   but reticulate could change that where they are arguments of Python's functions, parts
#'   of lists or columns of data frames: of integers `NA` becomes -2147483648, of logicals
#'   `True`. `r_to_py(m[["k"]])` gives a masked array where a view has `NA`;
#'   elsewhere give Python `mmarray(m, "k")` or `numpy_memmap(m, "k")` in its place.
#'
#' @section Python's objects stored: `m[["k"]] <- x`, where `x` is an object of Python's that
#'   reticulate did not convert (`import("numpy", convert = FALSE)`), stores what Python has. A
#'   NumPy array becomes an array entry of its own dtype and order (masked and structured arrays,
#'   too), and is written as it lies in memory; any other object that can be pickled, as a data
#'   frame of pandas, is what `pickle.dumps()` of your Python makes of it, and Python gets an
#'   equal one again. [write_pickle()] does the same. What Python cannot pickle is an error of
#'   class `mmappickle_error_value`.
#'
#' @param m A handle, see [mmapdict()].
#' @param key The key of an array: one string, or a raw vector.
#' @return A Python object, not converted: [reticulate::py_to_r()] makes an R array of it.
#' @section Errors: `mmappickle_error_index` (no array, or one of Python's objects), `_key`,
#'   `_stale` (the file is no longer where it was opened), `_value` (reticulate is not
#'   installed).
#' @examplesIf mmappickle:::has_numpy()
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' m[["x"]] <- ndarray(c(1, 2, 3), "float32")
#' x <- numpy_memmap(m, "x")
#' x$dtype
#' reticulate::py_set_item(x, 0L, 10)
#' m[["x"]]
#' np <- reticulate::import("numpy", convert = FALSE)
#' m[["y"]] <- np$arange(3L, dtype = "uint8")
#' entries(m)[c("key", "dtype")]
#' @export
numpy_memmap <- function(m, key) {
  check_handle(m)
  check_key(key)
  require_reticulate()
  map <- map_in_python(m, key)
  if (is.null(map)) {
    abort_no_array(
      m, key, "that NumPy could map", paste0("r_to_py(m[[", quoted(key), "]]) converts its value.")
    )
  }
  map
}

# NULL for what is no array. Python opens the file by its path: what it has opened is the file
# that was looked at if that is still there, with the array in its place.
map_in_python <- function(m, key) {
  memmap <- side("memmap")
  for (attempt in seq_len(20L)) {
    place <- array_place(pointer(m), key)
    if (is.null(place)) {
      return(NULL)
    }
    map <- tryCatch(
      memmap(
        enc2utf8(own(m, ".path")), !own(m, ".readonly"), place$dtype, as.list(place$shape),
        place$fortran, place$data, place$mask
      ),
      error = identity
    )
    if (identical(array_place(pointer(m), key), place)) {
      if (inherits(map, "error")) stop(map)
      return(map)
    }
  }
  abort_stale(
    paste0("The entry ", quoted(key), " is replaced again and again."), "Try once more.",
    path = own(m, ".path"), key = shown_key(key)
  )
}

#' @exportS3Method reticulate::r_to_py
r_to_py.mmarray <- function(x, convert = FALSE) {
  check_same_array(x)
  numpy_memmap(field(x, "handle"), field(x, "key"))
}

#' @exportS3Method reticulate::r_to_py
r_to_py.mmapdict <- function(x, convert = FALSE) {
  dict <- reticulate::import_builtins(convert = FALSE)$dict()
  keys <- store_keys_raw(pointer(x))
  shown <- store_keys(pointer(x))
  for (at in seq_along(keys)) {
    value <- map_in_python(x, keys[[at]])
    if (is.null(value)) {
      value <- reticulate::r_to_py(without_missing(get_value(x, keys[[at]])), convert)
    }
    reticulate::py_set_item(dict, shown[[at]], value)
  }
  dict
}

# Of what has no class R finds these by its type. They look at views alone.
#' @exportS3Method reticulate::r_to_py
r_to_py.integer <- function(x, convert = FALSE) {
  if (is_view(x) && anyNA(x)) masked_in_python(x) else NextMethod()
}

#' @exportS3Method reticulate::r_to_py
r_to_py.logical <- function(x, convert = FALSE) {
  if (is_view(x) && anyNA(x)) masked_in_python(x) else NextMethod()
}

# In Python's words: None, NaN, masked elements.
without_missing <- function(x) {
  if (is.data.frame(x)) {
    x[] <- lapply(x, column_without_missing)
  } else if (is.list(x) && !is.object(x)) {
    x[] <- lapply(x, without_missing)
  } else if (is.atomic(x) && !is.object(x) && anyNA(x)) {
    if (length(x) == 1L) {
      if (!is.double(x) || !is.nan(x)) x <- NULL
    } else if (is.character(x)) {
      x <- items_without_missing(x)
    } else if (is.integer(x) || is.logical(x)) {
      x <- masked_in_python(x)
    }
  }
  x
}

column_without_missing <- function(x) {
  if (is.object(x) || !anyNA(x)) x
  else if (is.integer(x)) as.double(x)
  else if (is.logical(x) || is.character(x)) items_without_missing(x)
  else x
}

items_without_missing <- function(x) lapply(x, function(item) if (!is.na(item)) item)

masked_in_python <- function(x) {
  dim <- dim(x) %||% length(x)
  missing <- is.na(x)
  side("masked")(
    array(replace(as.vector(x), missing, vector(typeof(x), 1L)), dim), array(missing, dim)
  )
}

# -- stored ------------------------------------------------------------------------------------

#' @export
as_python.python.builtin.object <- function(x, ...) { # nolint: object_length_linter.
  require_reticulate()
  check_python_object(x)
  if (reticulate::py_is_null_xptr(x)) {
    abort_value(
      "This object of Python's is gone: it was made in another session.",
      "Make it again in this session."
    )
  }
  pickled <- tryCatch(reticulate::py_to_r(side("pickled")(x)), error = function(e) {
    abort_value(
      paste0("Python cannot pickle this ", class(x)[[1L]], ": ", sentence_of(e)),
      "What it is made of may be stored: its arrays, numbers and texts."
    )
  })
  buffers <- lapply(pickled[[2L]], function(at) python_buffer(x, at[[1L]], at[[2L]]))
  structure(list(pickled[[1L]], buffers), class = "python_pickle")
}

# reticulate takes any other for a pointer.
check_python_object <- function(x) {
  fields <- if (is.environment(x)) x else attr(x, "py_object", TRUE)
  held <- if (is.environment(fields)) get0("pyobj", fields, inherits = FALSE)
  if (typeof(held) != "externalptr") {
    abort_value("This is no object of Python's, though its class says so.")
  }
}

# -- Python's side -----------------------------------------------------------------------------

# A function of inst/python/side.py. (What is imported would be compiled beside that file.)
side <- function(name) {
  if (is.null(python_side$module)) {
    path <- system.file("python", "side.py", package = "mmappickle", mustWork = TRUE)
    module <- types_of_python()$ModuleType("mmappickle_side")
    reticulate::import_builtins(convert = FALSE)$exec(
      paste(readLines(path, encoding = "UTF-8"), collapse = "\n"), module$`__dict__`
    )
    python_side$module <- module
  }
  python_side$module[[name]]
}
python_side <- new.env(parent = emptyenv())

# The first that is asked of Python, which reticulate starts for it.
types_of_python <- function() {
  tryCatch(reticulate::import("types", convert = FALSE), error = function(e) {
    abort_value(
      paste0(
        "reticulate starts no Python: ", trimws(strsplit(conditionMessage(e), "\n")[[1L]][[1L]])
      ),
      "`reticulate::py_config()` says which one it takes, `RETICULATE_PYTHON` names another."
    )
  })
}

# For examples: where no Python was named, reticulate may fetch one.
has_numpy <- function() {
  nzchar(Sys.getenv("RETICULATE_PYTHON")) && requireNamespace("reticulate", quietly = TRUE) &&
    tryCatch(reticulate::py_module_available("numpy"), error = function(e) FALSE)
}

require_reticulate <- function() {
  if (!requireNamespace("reticulate", quietly = TRUE)) {
    abort_value(
      "This needs the package reticulate, which is not installed.",
      "Install it by install.packages(\"reticulate\")."
    )
  }
}
