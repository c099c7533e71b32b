# Reading whole values. `[[` is the hot path: it stays one test and one .Call.

#' Read values
#'
#' `m[["k"]]` and `m$k` give the value of a key, `m[c("a", "b")]` a named list of values.
#' `mmap_get()` does the same for pipes and functions, with options for one read and a value
#' for a key that is absent.
#'
#' A missing key is an error of class `mmappickle_error_key`, for `$`, too, and names the
#' nearest keys. (If it were `NULL`, as with lists, `m$b <- m$typo` would delete `b`.) Names
#' are never completed.
#'
#' `[[` and `[` read by position and by logical as well, over `names(m)`, so that `lapply()`,
#' `Map()`, `Filter()`, `head()` and `rev()` work; assignment is by name only. A key that R
#' cannot hold as a string (it has a NUL, or is no valid Unicode) shows escaped in `names()`,
#' and is reached by the raw vector of its bytes: `m[[as.raw(c(0x61, 0x00))]]`.
#'
#' `as.list()` reads all values under one lock. `with(m, expr)` evaluates `expr` with the
#' keys as variables, each of which is read when it is first used.
#'
#' @section Types:
#' `None` is `NULL`; `bool`, `int`, `float`, `complex` and `str` are vectors of length 1;
#' `bytes` are raw; lists, tuples and sets of scalars of one kind are atomic vectors
#' (`simplify = FALSE`: lists), others are lists; dicts with text keys are named lists, others
#' of class [python_dict]; arrays are views (see [mmapdict()]), with `NA` where a masked array
#' is masked; dates and times `Date`, `POSIXct` and `difftime`; pandas' data frames data frames.
#' Whatever has no counterpart in R comes as a [python_object]. Nothing in a file is ever
#' executed. A value that R wrote comes back as it was, but for classes whose methods would
#' run or open what the value says ([mmapdict()], "Classes"). `vignette("types")` has the whole
#' table.
#'
#' @param x,m,data A handle, see [mmapdict()].
#' @param i,name,key A key: one string, or a raw vector with the bytes of one; for reading by
#'   `[[` and `[` also positions or logicals.
#' @param ... For `[`: subscripts of a [slice][slices].
#' @param drop See [slices].
#' @param exact Ignored: names are never completed.
#' @param default Value if the key is absent. Evaluated only then.
#' @param dims,int64,uint8,simplify,readers,trusted,index As in [mmapdict()], for this read.
#'   `NULL`: as the handle.
#' @return The value. `[`, `as.list()`: a named list. `names()`: the keys in file order.
#'   `length()`: their number. `has_key()`: `TRUE` or `FALSE` for each key.
#' @section Errors: `mmappickle_error_key` (no such key, or none at all), `_index` (a position
#'   out of range), `_closed`, `_format` (the entry is damaged), `_limit` (an array that R
#'   cannot hold).
#' @seealso [mmap_set()], [slices], [entries()]
#' @examples
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' m[["a"]] <- c(1, 2, 3)
#' m$b <- "text"
#' m[["a"]]
#' m$b
#' m[c("a", "b")]
#' mmap_get(m, "c", default = 0)
#' has_key(m, c("a", "c"))
#' sapply(m, length)
#' with(m, sum(a))
#' close(m)
#' @name access
NULL

#' @rdname access
#' @export
`[[.mmapdict` <- function(x, i, ..., exact = TRUE) {
  given <- substitute(x)
  if (is.symbol(given) && given == quote(`*tmp*`)) {
    return(read_lhs(x, i, ...))
  }
  if (missing(i) || ...length()) wrong_brackets(...)
  if (!is.character(i)) i <- key_at(x, i)
  get_value(x, i)
}

#' @rdname access
#' @export
`$.mmapdict` <- function(x, name) {
  given <- substitute(x)
  if (is.symbol(given) && given == quote(`*tmp*`)) {
    return(read_lhs(x, name))
  }
  get_value(x, name)
}

#' @rdname access
#' @export
`[.mmapdict` <- function(x, ..., drop = TRUE) {
  subs <- subscripts(...)
  if (length(subs) > 1L) {
    return(slice_read(x, slice_key(subs[[1L]]), subs[-1L], drop, NULL, NULL))
  }
  if (!length(subs) || is.null(subs[[1L]])) {
    return(as.list.mmapdict(x))
  }
  i <- subs[[1L]][[1L]]
  if (is.character(i)) read_named(x, i) else read_at(x, i)
}

#' @rdname access
#' @export
mmap_get <- function(m, key, default, dims = NULL, int64 = NULL, uint8 = NULL,
                     simplify = NULL, readers = NULL, trusted = NULL, index = NULL) {
  check_handle(m, key)
  check_key(key)
  flags <- flags_with(m, dims, int64, uint8, simplify, trusted, index)
  readers <- with_registry(if (is.null(readers)) own(m, ".readers") else check_readers(readers))
  ptr <- pointer(m)
  if (missing(default)) {
    return(store_get(ptr, key, flags, readers))
  }
  found <- store_find(ptr, key, flags, readers)
  if (is.null(found)) default else found[[1L]]
}

#' @rdname access
#' @export
has_key <- function(m, key) {
  check_handle(m, key)
  if (missing(key) || !is.character(key) && !is.raw(key)) check_key(key)
  store_has(pointer(m), key_list(key))
}

#' @rdname access
#' @export
mmap_has_key <- has_key

#' @rdname access
#' @export
names.mmapdict <- function(x) store_keys(pointer(x))

#' @rdname access
#' @export
length.mmapdict <- function(x) {
  n <- store_count(pointer(x))
  if (n <= .Machine$integer.max) as.integer(n) else n
}

#' @rdname access
#' @export
as.list.mmapdict <- function(x, ...) {
  get_many(x, NULL)
}

#' @rdname access
#' @param expr An expression.
#' @export
with.mmapdict <- function(data, expr, ...) {
  caller <- parent.frame()
  eval(substitute(expr), values_of(data, caller), caller)
}

# The values as variables, each read when it is first used.
values_of <- function(m, parent) {
  ptr <- pointer(m)
  keys <- store_keys_raw(ptr)
  shown <- store_keys(ptr)
  values <- new.env(parent = parent, size = max(29L, length(keys)))
  for (at in which(nzchar(shown))) bind_lazily(shown[[at]], m, keys[[at]], values)
  values
}

# A call of its own for each key: the promise keeps this frame.
bind_lazily <- function(name, m, key, to) {
  force(m)
  force(key)
  delayedAssign(
    name, get_value(m, key), assign.env = to
  )
}

# What R offers behind m$<Tab>.
#' @importFrom utils .DollarNames
#' @export
.DollarNames.mmapdict <- function(x, pattern = "") {
  # Completion is no place for errors.
  keys <- tryCatch(suppressWarnings(names.mmapdict(x)), error = function(e) character())
  grep(pattern, keys, value = TRUE)
}

# -- keys and positions ------------------------------------------------------------------

# For functions that take several keys.
key_list <- function(key) if (is.raw(key)) list(key) else key

# The key at a position, for `[[`.
key_at <- function(m, i) {
  if (is.raw(i)) {
    return(i)
  }
  ptr <- pointer(m)
  if (is.null(i)) check_key(i)
  at <- positions_of(m, i, store_count(ptr))
  if (length(at) != 1L) {
    abort_index(
      paste0("m[[i]] reads one value, but i selects ", length(at), "."),
      if (length(at)) "Several values at once: m[i]." else ""
    )
  }
  store_key_at(ptr, at)
}

# Positions and logicals over n keys, as R's `[` has them.
positions_of <- function(m, i, n) {
  if (is.list(i) && all(vapply(i, is.raw, NA))) {
    abort_key("Several keys as raw vectors are read one by one: m[[key]].")
  }
  key_positions(i, n)
}

get_many <- function(m, keys) {
  store_get_many(pointer(m), keys, own(m, ".flags"), with_registry(own(m, ".readers")))
}

read_named <- function(m, keys) {
  values <- get_many(m, keys)
  names(values) <- keys
  values
}

read_at <- function(m, i) {
  ptr <- pointer(m)
  keys <- store_keys_raw(ptr)
  get_many(m, keys[positions_of(m, i, length(keys))])
}

wrong_brackets <- function(...) {
  if (...length()) {
    abort_index(
      "`[[` of an mmapdict takes the key alone.",
      "A part of an array: m[\"k\", i, j], or m[[\"k\"]][i, j]."
    )
  }
  abort_key("The key is missing.", "All values: as.list(m).")
}
