# An array of a file as an object without a vector: it says where the array is and how to
# read it.

#' An array that stays in the file
#'
#' `mmarray(m, "k")` stands for the array entry `k` without holding a vector: subscripts
#' read from the file and write to it. Unlike `m[["k"]]` it can be changed, holds arrays of
#' any extent, keeps its dimensions at rank 1, too, and is small when it is saved or sent to
#' another process (where it opens the file anew).
#'
#' Arithmetic, comparisons, [sum()], [mean()], [median()], [t()], [apply()], [sort()],
#' [summary()], `as.numeric()`, [as.data.frame()], [cbind()] and the other generics of R's
#' packages are given its values, `x[]`, as a view. Functions that are not generic ([var()],
#' [which.max()]) or that assign to their argument ([replace()], [pmax()]) refuse it: give them
#' `x[]`. In functions of others, and of yours, an assignment to it writes to the file.
#'
#' @param m A handle, see [mmapdict()].
#' @param key The key of an array: one string, or a raw vector.
#' @param x An `mmarray`.
#' @param ...,drop Subscripts, see [slices]; `x[]` is the whole array.
#' @param value Values that fit, see [slices].
#' @param mode As in [as.vector()].
#' @param object An `mmarray`.
#' @return `mmarray()`: an object of class `mmarray`. `dim()` gives its dimensions, always set
#'   (double where one of them is 2^31 or more), `dimnames()` the names along them or `NULL`,
#'   `length()` the number of elements. `x[...]`, `as.array()`, `as.vector()`: values in memory
#'   or, for a whole array, a view.
#' @section Errors: `mmappickle_error_index` (no array, wrong subscripts), `_key`, `_stale` (the
#'   entry has other dimensions by now), `_limit` (an array that R cannot hold as a whole).
#' @examples
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' m[["x"]] <- matrix(c(1, 2, 3, 4, 5, 6), 2)
#' a <- mmarray(m, "x")
#' dim(a)
#' a[2, 1] <- 20
#' a[2, ]
#' close(m)
#' @export
mmarray <- function(m, key) {
  check_handle(m, key)
  check_key(key)
  info <- array_info(m, key)
  carrier("mmarray", list(
    handle = m, path = own(m, ".path"), key = key, flags = own(m, ".flags"),
    dim = info$dim, dimnames = info$dimnames %||% if (!is.null(info$names)) list(info$names),
    dtype = info$dtype, shape = info$shape, order = info$order, type = info$type,
    class_ = info$class, masked = info$masked, offset = info$offset, bytes = info$bytes
  ))
}

# A field of an mmarray; `$` and `[[` are not the user's way in.
field <- function(x, name) {
  fields <- attr(x, "fields", TRUE)
  ours <- is.function(x) && is.list(fields) && !is.object(fields) &&
    are_fields_of_mmarray(fields)
  if (!ours) {
    abort_value(
      "This is no mmarray, though its class says so.", "mmarray(m, \"k\") makes one."
    )
  }
  .subset2(fields, name)
}

# Of the types that all who ask for one rely on.
are_fields_of_mmarray <- function(fields) {
  dim <- .subset2(fields, "dim")
  flags <- .subset2(fields, "flags")
  dimnames <- .subset2(fields, "dimnames")
  bytes <- .subset2(fields, "bytes")
  class <- .subset2(fields, "class_")
  words <- fields[c("path", "dtype", "order", "type")]
  inherits(.subset2(fields, "handle"), "mmapdict") &&
    is.double(dim) && !is.object(dim) && !anyNA(dim) && all(dim >= 0) &&
    is.integer(flags) && length(flags) == 1L && !is.na(flags) &&
    (is.null(dimnames) || is.list(dimnames)) &&
    (is.null(class) || is.character(class)) && is.double(bytes) && length(bytes) == 1L &&
    all(lengths(words) == 1L) && all(vapply(words, is.character, NA))
}

# The entry may have been replaced since.
check_same_array <- function(x) {
  info <- store_array(pointer(field(x, "handle")), field(x, "key"), field(x, "flags"))
  if (is.null(info) || !identical(info$dim, field(x, "dim"))) {
    abort_stale(
      paste0("The entry ", quoted(field(x, "key")), " is another array by now."),
      "Make the mmarray anew: mmarray(m, \"k\").",
      path = field(x, "path"), key = shown_key(field(x, "key"))
    )
  }
}

whole_view <- function(x) {
  check_same_array(x)
  store_get(pointer(field(x, "handle")), field(x, "key"), field(x, "flags"), NULL)
}

#' @rdname mmarray
#' @export
dim.mmarray <- function(x) {
  dim <- field(x, "dim")
  if (!length(dim)) dim <- 1
  if (all(dim <= .Machine$integer.max)) as.integer(dim) else dim
}

#' @rdname mmarray
#' @export
dimnames.mmarray <- function(x) field(x, "dimnames")

#' @rdname mmarray
#' @export
length.mmarray <- function(x) {
  n <- prod(field(x, "dim"))
  if (n <= .Machine$integer.max) as.integer(n) else n
}

#' @rdname mmarray
#' @export
`[.mmarray` <- function(x, ..., drop = TRUE) {
  slice_read(
    field(x, "handle"), field(x, "key"), subscripts(...), drop, NULL, as.double(field(x, "dim"))
  )
}

#' @rdname mmarray
#' @export
`[[.mmarray` <- function(x, ...) {
  value <- x[...]
  if (length(value) != 1L) {
    abort_index(paste0("x[[i]] is one element; i selects ", count(length(value)), "."))
  }
  unname(value)
}

#' @rdname mmarray
#' @export
`[<-.mmarray` <- function(x, ..., value) {
  refuse_own_code(parent.frame())
  slice_write(
    field(x, "handle"), field(x, "key"), subscripts(...), slice_value(value),
    as.double(field(x, "dim")), FALSE
  )
  x
}

# Functions of R's own packages that assign, as pmax(), replace() and ave() do, take what they
# were given for a copy.
refuse_own_code <- function(frame) {
  top <- topenv(frame)
  if (isNamespace(top) && getNamespaceName(top) %in% own_packages) {
    abort_index(
      "A function of R's would write into the file of this mmarray.",
      "Give it the values, x[]."
    )
  }
}
own_packages <- c("base", "stats", "utils", "graphics", "grDevices", "methods", "tools")

#' @export
`[[<-.mmarray` <- function(x, ..., value) {
  abort_index("x[[i]] <- value is not for an mmarray.", "x[i] <- value writes to the file.")
}

#' @export
`$.mmarray` <- function(x, name) {
  abort_index("An mmarray has no elements by $.", "x[i, j] reads a part, dim(x) its size.")
}

#' @export
`$<-.mmarray` <- function(x, name, value) {
  abort_index("An mmarray has no elements by $.", "x[i, j] <- value writes to the file.")
}

#' @export
names.mmarray <- function(x) if (length(field(x, "dim")) == 1L) field(x, "dimnames")[[1L]]

#' @rdname mmarray
#' @export
as.array.mmarray <- function(x, ...) {
  value <- whole_view(x)
  if (length(dim(value))) {
    return(value)
  }
  array(value, dim(x), if (!is.null(names(value))) list(names(value)))
}

#' @rdname mmarray
#' @export
as.vector.mmarray <- function(x, mode = "any") as.vector(whole_view(x), mode)

#' @export
as.list.mmarray <- function(x, ...) as.list(whole_view(x), ...)

#' @rdname mmarray
#' @export
format.mmarray <- function(x, ...) {
  paste0(
    "<mmarray> ", quoted(field(x, "key")), ": ", field(x, "dtype"), " ",
    format_shape(dim.mmarray(x)), ", ", field(x, "order"), " order, ", field(x, "type"),
    if (length(field(x, "class_"))) paste0(" (", field(x, "class_")[[1L]], ")"),
    " in R, ", format_bytes(field(x, "bytes"))
  )
}

#' @rdname mmarray
#' @export
print.mmarray <- function(x, ...) {
  info <- state_of(field(x, "handle"))
  state <- info$state %||% if (isTRUE(info$gone)) "the file is gone"
  cat(
    format.mmarray(x), "\n", "in ", one_line(field(x, "path")),
    if (!is.null(state)) paste0(" (", state, ")"), "\n", sep = ""
  )
  invisible(x)
}

#' @rdname mmarray
#' @importFrom utils str
#' @export
str.mmarray <- function(object, ...) {
  cat("", format.mmarray(object), "\n")
  invisible()
}
