# Parts of array entries. Subscripts go to C++ as they are given: in one session it looks what
# array the entry is, what they name of it, and reads, converts or writes only that.

#' Parts of arrays
#'
#' `m["k", i, j]` reads a part of the array entry `k`, and converts only that;
#' `m["k", i, j] <- v` writes into the file in place: dtype, shape and place of the array
#' stay. `m[["k"]][i, j] <- v` and `m$k[i] <- v` do the very same, but where a class has a method
#' for that, see [mmap_set()].
#'
#' The key stands first and alone; the subscripts behind it are R's, one for each dimension:
#' positive, negative or zero numbers, logicals, names, or nothing for all. A single
#' subscript of an array of rank 2 or more is linear, as in R: a vector of positions, a matrix
#' with a column for each dimension, or a logical array; `m["k", ]` is all of it. Extents
#' may be 2^31 or more. `drop` and dim names are R's.
#'
#' Unlike R, subscripts out of range, `NA` and factors are errors, for vectors, too: a slice
#' never enlarges an array. [mmap_append()] does, in place; to change its type, store it anew:
#' `m[["k"]] <- ...`.
#'
#' The items of an array of dtype V are raw: their bytes are the first dimension. Of a
#' structured array of rank 1 `m["k", i]` gives rows, as a data frame, of which only these are
#' read, and `m["k", i] <- value` writes rows, from a data frame or list with all of its
#' columns.
#'
#' What was stored with a class, a series of zoo's, say, is read by the `[` of that class. Written
#' are the elements as they are: a class has no say in that, but that of dates, times and
#' integer64.
#'
#' @section What fits:
#' A value fits if it comes back the same, save rounding to the nearest in float16, float32 and
#' complex64. Fractions and overflow in integers, `NA` in integers or bool without a mask,
#' strings that are too long and lengths that do not recycle are errors of class
#' `mmappickle_error_value`, and nothing is written. `NA` in a masked array sets the mask, in
#' dates it is NaT, in floats NaN. A slice write is not atomic for readers.
#'
#' @section Errors: `mmappickle_error_index` (out of range, wrong number of subscripts, a slice
#'   of an entry that is no array, a named subscript, a factor), `_key`, `_value`, `_readonly`.
#' @seealso [access], [mmap_set()], [mmarray()]
#' @name slices
#' @examples
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' m[["x"]] <- matrix(1:6, 2)
#' m["x", 2, ]
#' m["x", , c(TRUE, FALSE, TRUE), drop = FALSE]
#' m["x", 1, 2:3] <- c(30, 50)
#' m[["x"]][2, 1] <- 20
#' m[["x"]]
#' try(m["x", 3, 1])
#' close(m)
NULL

# A vector; or, for the rows of a structured array, a list of its columns. `name`: of a column.
slice_value <- function(value, name = "") {
  if (is.atomic(value) && !is.object(value) && !is.null(value)) {
    return(value)
  }
  if (inherits(value, "mmarray")) value <- whole_view(value)
  if (inherits(value, "POSIXlt")) value <- as.POSIXct(value)
  if (is.list(value)) {
    columns <- unclass(value)  # whose names no method tells
    return(Map(slice_value, columns, names(columns) %||% character(length(columns))))
  }
  what <- "The values written into an array"
  if (nzchar(name)) what <- paste("Column", quoted(name))
  if (is.null(value) || !is.atomic(value)) {
    abort_value(
      paste0(what, " must be an atomic vector, not ", what_is(value), "."),
      if (is.null(value)) "m[[\"k\"]] <- NULL deletes the whole entry." else ""
    )
  }
  if (is.factor(value)) {
    abort_value(
      paste(what, "cannot be a factor."),
      "as.integer() gives its codes, as.character() its labels."
    )
  }
  strip_lhs(value)
}

# What mmarray() has to know of an entry.
array_info <- function(m, key) {
  info <- store_array(pointer(m), key, own(m, ".flags"))
  if (is.null(info)) {
    abort_no_array(
      m, key, "of one type: it has no mmarray", paste0("m[[", quoted(key), "]] is its value.")
    )
  }
  info
}

abort_no_array <- function(m, key, which, hint) {
  abort_index(
    paste0("The entry ", quoted(key), " is no array ", which, "."), hint,
    path = own(m, ".path"), key = shown_key(key)
  )
}

# Called from C++ for an array with attributes: `x` are the elements of a slice, `like` is the
# whole array, `at` what was taken of each of its axes, NULL where it is all (`linear`: of the
# elements in R's order). `x` gets the
# attributes that R's `[` leaves.
dress <- function(x, like, at, drop, linear) {
  kept <- kept_attributes(like)
  if (!is.null(kept)) attributes(x) <- kept
  rank <- length(dim(like))
  if (rank == 0L) {
    if (!is.null(names(like))) names(x) <- along(names(like), at[[1L]])
    return(x)
  }
  if (linear) {
    return(x)
  }
  names <- dimnames(like)
  if (!is.null(names)) names[] <- Map(along, names, at)
  dim(x) <- ifelse(vapply(at, is.null, NA), dim(like), lengths(at))
  dimnames(x) <- names
  if (drop && rank > 1L) {
    return(base::drop(x))
  }
  if (drop && length(x) < 2L) {  # R drops the dim of a 1-d array for one element, or none
    dim(x) <- NULL
    names(x) <- names[[1L]]
  }
  x
}

along <- function(names, at) if (is.null(at)) names else names[at]

# The attributes beside names and dims that the class's own `[` keeps; NULL if it has none.
kept_attributes <- function(like) {
  if (!is.object(like)) {
    return(NULL)
  }
  own <- attributes(like)
  empty <- vector(typeof(like), 0L)
  attributes(empty) <- own[setdiff(names(own), c("names", "dim", "dimnames"))]
  kept <- attributes(empty[integer()])
  kept[setdiff(names(kept), c("names", "dim", "dimnames"))]
}

# The same for what is read whole, as by a class with an index beside the values: its own `[`.
take <- function(x, like, at, drop, linear) {
  at <- lapply(at, function(at) if (is.null(at)) TRUE else at)
  if (linear) {
    return(x[at[[1L]]])
  }
  do.call(`[`, c(list(x), at, if (!drop && !is.null(dim(x))) list(drop = FALSE)))
}

shown_key <- function(key) if (is.raw(key)) paste0("0x", paste(key, collapse = "")) else key
quoted <- function(key) if (is.raw(key)) shown_key(key) else encodeString(key, quote = "\"")

slice_key <- function(sub) {
  key <- sub[[1L]]
  if (is.raw(key) || (is.character(key) && length(key) == 1L && !is.na(key))) {
    return(key)
  }
  abort_index(
    if (is.character(key) && length(key) > 1L) {
      paste0("A slice is a part of one entry; ", length(key), " keys were given.")
    } else {
      paste0(
        "The first subscript of a slice must be the key, a single string, not ", what_is(key), "."
      )
    },
    "m[\"k\", i, j] is a part of the array k; m[c(\"a\", \"b\")] are whole values."
  )
}
