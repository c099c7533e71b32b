# Writing whole values. A change is committed by one write: others see the old value or the
# new one.

#' Write and delete values
#'
#' `m[["k"]] <- v` and `m$k <- v` insert a value or replace it; `m[c("a", "b")] <- list(..)`
#' does so key by key, for up to 256 keys under one lock: of these all are stored or, where one
#' cannot be, none. The change is committed when the call returns; a reader, also after a
#' crash at any moment, sees the old value or the new one.
#'
#' `m[["k"]] <- NULL` deletes, silently if there is no such key, and so does
#' `m[c("a", "b")] <- NULL`. Python's `None` is stored by `m["k"] <- list(NULL)`. So
#' `dst[ks] <- src[ks]` copies `None`, too, and arrays from file to file without passing
#' through R's memory.
#'
#' `m[["k"]][i, j] <- v` and `m$k[i] <- v` *are* `m["k", i, j] <- v` where the entry is an
#' array: the file's bytes are changed in place, see [slices]. Any other nested assignment
#' (`names(m[["k"]]) <- ..`, `dim<-`, `m[["list"]]$a <- 1`), and one to an array whose class in R
#' has a method for it, as those of units and zoo have, reads the value, changes it and
#' stores it whole, so that R reads what its own assignment gives. In Python what is changed
#' stays what it was while the new value fits, and what is left alone is not touched:
#' * A list, tuple, set, dict (of any keys: a [python_dict], too), `OrderedDict`, `defaultdict`,
#'   `Counter`, `deque` or `bytearray` stays one. Of a vector the elements that are not changed stay
#'   the scalars that they were (NumPy's, `Timestamp` ..); the others become Python's own.
#' * An array keeps its dtype and mask, wherever it stands: `m[["d"]]$x[1] <- 4L` in an array of
#'   uint8. What fits is said in [slices]; a value of another type of R's, or one that does not
#'   fit, is stored by the rules of a new value. A `matrix`, `recarray` or `array.array` becomes an
#'   `ndarray` where its own elements are changed inside of a list or dict.
#' * A structured array stays one, when rows and columns are added, removed and renamed, too. A
#'   column keeps the dtype of its field while it fits; if not, it gets that of a new column.
#'   Strings may become longer, and `NA` in integers makes a masked array. What no field can hold
#'   (a factor, a list, a column with attributes) makes the whole a dict of columns.
#' * What pandas made is a dict of columns, or an array, when it is changed: see
#'   [pandas_frame()].
#'
#' A value that is replaced moves to the end of the file, and its key to the end of
#' `names(m)`. So a loop over positions that replaces values skips some and meets others
#' twice; one over the keys, taken before it begins, meets each once:
#' ```
#' for (k in names(m)) m[[k]] <- sqrt(m[[k]])
#' ```
#'
#' The space of values that were replaced or deleted is given back by [vacuum()].
#'
#' @section Types:
#' Logical, integer, double, complex and character vectors of length 1 become Python scalars;
#' other logical, integer, double and complex vectors, and all with dim, become NumPy arrays
#' (bool, int32, float64, complex128; masked arrays where there is an `NA` that the dtype
#' cannot hold); character vectors become lists of str, raw vectors bytes; lists with distinct
#' names dicts, other lists lists, `NULL` in them `None`. Factors become lists of str; `Date`,
#' `POSIXct` and `difftime` datetime64, timedelta64, or (alone) Python's `date`, `datetime`
#' and `timedelta`; data frames dicts of columns; other S3 objects what they are made of. To
#' choose a dtype: [ndarray()]. A vector that was read from a Python list, tuple or set is
#' that again, unchanged (see `simplify` in [mmapdict()]); a new one, and `ndarray(x)`, is an
#' array. An array of zeros that takes no memory: [empty_ndarray()].
#' `vignette("types")` has the whole table.
#'
#' What Python has no place for (names, dim names, class, levels, row names, time zones, any
#' other attribute, at any depth) rides behind the value as R metadata where only R sees it,
#' so that `identical(m[["k"]], v)` holds after `m[["k"]] <- v`. Calls and formulas are
#' kept in attributes, as data. An attribute that cannot be stored (a function, an
#' environment other than the global one, an external pointer) is left out with a warning of
#' class `mmappickle_warning_dropped`; as a value it is an error. [as_python()] says how a
#' class is stored, [r_object()] stores what R alone is to read.
#'
#' @param x,m A handle, see [mmapdict()].
#' @param i,name,key A key: one string of at most 255 bytes in UTF-8; for `[<-` several. To
#'   delete, also the raw vector of a key's bytes.
#' @param value The value; for `[<-` a list with a value for each key, recycled as by R.
#' @param ... For `[<-`: subscripts of a [slice][slices].
#' @return The handle; `mmap_set()`: the handle, invisibly.
#' @section Errors: `mmappickle_error_readonly`; `_key` (no single string, too long);
#'   `_value` (cannot be stored: the message names the place in the value; nothing is written
#'   and the old value stays); `_io`, `_busy`, `_closed`.
#' @seealso [access], [slices], [mmap_rename()], [mmap_attr()]
#' @examples
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' m[["a"]] <- c(1, 2, 3)
#' m[c("b", "c")] <- list("text", NULL)
#' m[["a"]][2] <- 20
#' names(m[["a"]]) <- c("x", "y", "z")
#' m[["a"]]
#' m[["b"]] <- NULL
#' names(m)
#' mmap_set(m, "d", list(n = 1))
#' m[["d"]]$n <- 2
#' close(m)
#' @name mmap_set
NULL

#' @rdname mmap_set
#' @export
`[[<-.mmapdict` <- function(x, i, ..., value) {
  if (missing(i) || ...length()) wrong_brackets(...)
  put(x, i, value)
  x
}

#' @rdname mmap_set
#' @export
`$<-.mmapdict` <- function(x, name, value) {
  put(x, name, value)
  x
}

#' @rdname mmap_set
#' @export
`[<-.mmapdict` <- function(x, ..., value) {
  subs <- subscripts(...)
  if (length(subs) > 1L) {
    slice_write(x, slice_key(subs[[1L]]), subs[-1L], slice_value(value), NULL, FALSE)
  } else {
    put_many(x, if (length(subs) && !is.null(subs[[1L]])) subs[[1L]][[1L]], value)
  }
  x
}

#' @rdname mmap_set
#' @export
mmap_set <- function(m, key, value) {
  check_handle(m, key)
  check_key(key)
  need(value)
  put(m, key, value)
  invisible(m)
}

put <- function(m, key, value) {
  if (is.null(value)) {
    erase(m, key)
    return()
  }
  # Of a nested assignment the elements are in the file already, and mostly that is all.
  is_written <- if (is.object(value)) lhs_is_written(m, key, value)
  if (!is.null(is_written) && is_written) {
    return()
  }
  origin <- attr(value, "mmappickle_origin", exact = TRUE)
  if (!is.null(origin)) {
    attr(value, "mmappickle_origin") <- NULL
  } else if (is.null(is_written) && is.object(value) && inherits(value, "mmappickle_lhs")) {
    origin <- store_origin(pointer(m), key)  # what `length<-` and the like made of an array
  }
  store_put(
    m, if (is.raw(key)) new_key(key) else key, if (is.object(value)) storable(value) else value,
    origin, !is.null(is_written)
  )
}

# What R cannot hold as a string is read and deleted, but not made.
new_key <- function(key) {
  if (is.raw(key) && (any(key == 0L) || !validUTF8(rawToChar(key)))) {
    abort_key(
      "A new key must be text without a NUL.",
      "Such keys of other programs can be read and deleted.", key = shown_key(key)
    )
  }
  key
}

erase <- function(m, key) {
  check_key(key)
  store_erase(pointer(m), key)
}

put_many <- function(m, keys, value) {
  if (!is.character(keys) || anyNA(keys)) {
    abort_key(
      paste0("Values are assigned by key, not ",
             if (is.null(keys)) "to m[]"
             else paste("by", if (is.character(keys)) "NA" else what_is(keys)), "."),
      c("m[c(\"a\", \"b\")] <- list(1, 2) assigns two.",
        if (is.numeric(keys) || is.logical(keys)) "names(m)[i] gives the keys at positions.")
    )
  }
  if (is.null(value)) {
    for (key in keys) erase(m, key)
    return()
  }
  if (inherits(value, "mmapdict")) value <- as.list.mmapdict(value)
  if (!is.list(value) || is.object(value)) {
    abort_value(
      paste0("m[keys] <- value needs a list of values, not ", what_is(value), "."),
      "One value: m[[\"k\"]] <- value. A part of an array: m[\"k\", i] <- value."
    )
  }
  check_recycling(length(keys), length(value))
  value <- as.list(value) # of a pairlist
  of_class <- vapply(value, is.object, NA)
  if (any(of_class)) value[of_class] <- lapply(value[of_class], storable)
  store_put_many(pointer(m), keys, value, own(m, ".flags"))
}

# R's rule, as an error: `of` values for `n` places.
check_recycling <- function(n, of) {
  if (n > 0 && (of == 0 || n %% of != 0)) {
    abort_value(
      paste0(plural(of, "value"), " cannot fill ", plural(n, "place"), "."),
      "Values are recycled as by R: their number must divide that of the keys."
    )
  }
}

count <- function(n) {
  format(n, big.mark = ",", decimal.mark = ".", scientific = FALSE, trim = TRUE)
}

# What C++ is given: an mmarray stands for its view, whose bytes go file to file.
storable <- function(value) {
  if (inherits(value, "mmarray")) whole_view(value) else strip_lhs(value)
}

#' @export
`names<-.mmapdict` <- function(x, value) {
  abort_value(
    "The keys of an mmapdict are not changed by names<-.",
    "mmap_rename(m, \"old\", \"new\") gives a value another key."
  )
}

#' @export
`length<-.mmapdict` <- function(x, value) {
  abort_value(
    "The length of an mmapdict is the number of its keys.",
    "m[[\"k\"]] <- NULL deletes a key."
  )
}
