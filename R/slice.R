# Parts of array entries. Subscripts are normalised here, each on its own axis; C++ walks
# the product of the axes and reads, converts or writes only that.

#' Parts of arrays
#'
#' `m["k", i, j]` reads a part of the array entry `k`, and converts only that;
#' `m["k", i, j] <- v` writes into the file in place: dtype, shape and place of the array
#' stay. `m[["k"]][i, j] <- v` and `m$k[i] <- v` do the very same.
#'
#' The key stands first and alone; the subscripts behind it are R's, one for each dimension:
#' positive, negative or zero numbers, logicals, names, or nothing for all. A single
#' subscript of an array of rank 2 or more is linear, as in R: a vector of positions, a matrix
#' with a column for each dimension, or a logical array; `m["k", ]` is all of it. Extents
#' may be 2^31 or more. `drop` and dim names are R's.
#'
#' Unlike R, subscripts out of range, `NA` and factors are errors, for vectors, too: a slice
#' never enlarges an array. To enlarge it or to change its type, store it anew:
#' `m[["k"]] <- ...`.
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
#' @seealso [access], [assign], [mmarray()]
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

# -- capturing -----------------------------------------------------------------------------

# The subscripts of a call: NULL where one was left out, else list(value).
subscripts <- function(...) {
  named <- names(substitute(list(...)))
  if (!is.null(named) && any(nzchar(named))) {
    abort_index(
      paste0("Subscripts have no names: ", named[nzchar(named)][[1L]], " ="),
      "The key stands first, then a subscript for each dimension: m[\"k\", i, j]."
    )
  }
  out <- vector("list", ...length())
  for (at in seq_along(out)) {
    if (!eval(call("missing", as.name(paste0("..", at))))) out[[at]] <- list(...elt(at))
  }
  out
}

slice_key <- function(sub) {
  key <- sub[[1L]]
  if (is.raw(key) || (is.character(key) && length(key) == 1L && !is.na(key))) {
    return(key)
  }
  abort_index(
    if (is.character(key) && length(key) > 1L) {
      paste0("A slice is a part of one entry; ", length(key), " keys were given.")
    } else {
      "The first subscript of a slice is the key: a single string."
    },
    "m[\"k\", i, j] is a part of the array k; m[c(\"a\", \"b\")] are whole values."
  )
}

# -- reading and writing ---------------------------------------------------------------------

read_slice <- function(m, key, subs, drop = TRUE) {
  drop <- true_or_false(drop, "drop")
  info <- array_info(m, key)
  place <- locate(subs, info)
  ptr <- pointer(m)
  flags <- .subset2(m, ".flags")
  if (!is.null(place$index)) {
    return(linear_read(ptr, key, place$index, flags))
  }
  x <- slice_read(ptr, key, place$axes, flags)
  dress(x, place$axes, info, drop && !place$whole)
}

write_slice <- function(m, key, subs, value) {
  info <- array_info(m, key)
  place <- locate(subs, info)
  value <- slice_value(value)
  check_recycling(place$count, length(value))
  ptr <- pointer(m)
  flags <- .subset2(m, ".flags")
  if (!is.null(place$index)) {
    linear_write(ptr, key, place$index, value, flags)
  } else {
    slice_write(ptr, key, place$axes, value, flags)
  }
  invisible()
}

slice_value <- function(value) {
  if (inherits(value, "mmarray")) value <- whole_view(value)
  if (is.null(value) || !is.atomic(value)) {
    abort_value(
      paste0("The values of a slice must be an atomic vector, not ", a_kind_of(value), "."),
      if (is.null(value)) "m[[\"k\"]] <- NULL deletes the whole entry." else ""
    )
  }
  if (is.factor(value)) {
    abort_value(
      "The values of a slice cannot be a factor.",
      "as.integer() gives its codes, as.character() its labels."
    )
  }
  strip_lhs(value)
}

array_info <- function(m, key) {
  info <- store_array(pointer(m), key, .subset2(m, ".flags"))
  if (is.null(info)) {
    abort_index(
      paste0("The entry ", quoted(key), " is no array: it has no slices."),
      paste0("m[[", quoted(key), "]] is its value."),
      path = .subset2(m, ".path"), key = shown_key(key)
    )
  }
  info$key <- shown_key(key)
  info
}

shown_key <- function(key) if (is.raw(key)) paste0("0x", paste(key, collapse = "")) else key
quoted <- function(key) if (is.raw(key)) shown_key(key) else encodeString(key, quote = "\"")

# Dim names, and the rest as R's `[` leaves it. `axes` as C++ took them.
dress <- function(x, axes, info, drop) {
  rank <- length(info$dim)
  if (rank == 0L) {
    return(x)
  }
  names <- Map(
    function(names, at) if (is.null(names) || is.null(at)) names else names[at],
    axis_names(info), axes
  )
  if (rank == 1L) {
    dim(x) <- NULL
    names(x) <- names[[1L]]
    return(x)
  }
  if (!is.null(info$dimnames)) {
    names(names) <- names(info$dimnames)
    dimnames(x) <- names
  }
  if (drop) base::drop(x) else x
}

axis_names <- function(info) {
  if (length(info$dim) == 1L && !is.null(info$names)) {
    list(info$names)
  } else {
    info$dimnames %||% vector("list", length(info$dim))
  }
}

# -- from subscripts to positions --------------------------------------------------------------

# list(axes =, index =, count =, whole =): positions for each axis (NULL: all of it), or linear
# ones; `count` of elements; `whole`: x[], whose dimensions are never dropped.
locate <- function(subs, info) {
  rank <- length(info$dim)
  if (length(subs) <= 1L && (!length(subs) || is.null(subs[[1L]]))) {
    return(list(axes = vector("list", rank), count = prod(info$dim), whole = TRUE))
  }
  if (length(subs) == 1L && rank != 1L) {
    index <- linear_positions(subs[[1L]][[1L]], info)
    return(list(index = index, count = length(index), whole = FALSE))
  }
  if (length(subs) != rank) {
    abort_index(paste0(
      "The array ", quoted(info$key), " has rank ", rank, "; ", length(subs),
      " subscripts were given."
    ), key = info$key)
  }
  names <- axis_names(info)
  axes <- vector("list", rank)
  for (at in seq_len(rank)) {
    where <- list(what = if (rank == 1L) "subscript" else paste("subscript", at),
                  of = "elements", key = info$key)
    positions <- axis_positions(subs[[at]], info$dim[[at]], names[[at]], where)
    if (!is.null(positions)) axes[[at]] <- positions
  }
  counts <- ifelse(vapply(axes, is.null, NA), info$dim, lengths(axes))
  list(axes = axes, count = prod(counts), whole = FALSE)
}

# A subscript on its axis as R's `[` has it, save that nothing may be out of range or NA.
# `sub` as of subscripts(). NULL: the whole axis.
axis_positions <- function(sub, extent, names, where) {
  if (is.null(sub)) {
    return(NULL)
  }
  i <- plain_subscript(sub[[1L]], where)
  if (!length(i)) {
    return(integer())
  }
  if (anyNA(i)) {
    abort_index(paste0("A ", where$what, " is NA."), key = where$key %||% "")
  }
  if (is.character(i)) {
    return(named_positions(i, names, where))
  }
  if (is.logical(i)) {
    if (length(i) == 1L) {
      return(if (i) NULL else integer())
    }
    if (length(i) > extent) {
      abort_index(paste0(
        "A logical ", where$what, " of length ", count(length(i)), " is too long for ",
        count(extent), " ", where$of, "."
      ), key = where$key %||% "")
    }
    return(seq_len(extent)[i])
  }
  least <- min(i)
  most <- max(i)
  if (most >= extent + 1) out_of_range(most, extent, where)
  if (least >= 1) {
    return(if (is.double(i)) trunc(i) else i)
  }
  if (least <= -1 && most >= 1) {
    abort_index(
      "Positive and negative subscripts cannot be mixed.",
      key = where$key %||% ""
    )
  }
  if (least > -1) i <- i[i >= 1] else i <- i[i <= -1 & i > -extent - 1]
  if (length(i)) seq_len(extent)[i] else if (least <= -1) NULL else integer()
}

# NULL, or a character, logical or numeric vector without attributes.
plain_subscript <- function(i, where) {
  if (is.factor(i)) {
    abort_index(
      "A factor is no subscript.",
      "as.character() gives its labels, as.integer() its codes.", key = where$key %||% ""
    )
  }
  if (inherits(i, "integer64")) {
    require_bit64()
    return(bit64::as.double.integer64(i))
  }
  if (is.null(i) || is.character(i) || is.logical(i) || is.numeric(unclass(i))) {
    return(as.vector(unclass(i)))
  }
  abort_index(
    paste0("A ", where$what, " must be numbers, logicals or names, not ", a_kind_of(i), "."),
    key = where$key %||% ""
  )
}

named_positions <- function(i, names, where) {
  at <- match(i, names)
  at[!nzchar(i)] <- NA
  if (anyNA(at)) {
    abort_index(
      paste0("No element is named ", quoted(i[is.na(at)][[1L]]), " (", where$what, ")."),
      if (is.null(names)) "The array has no names there." else "",
      key = where$key %||% ""
    )
  }
  at
}

out_of_range <- function(value, extent, where) {
  abort_index(paste0(
    "The ", where$what, " ", count(trunc(value)), " is out of range: there are ",
    count(extent), " ", where$of, "."
  ), key = where$key %||% "")
}

# R's linear rule for arrays of rank 0, 2 and more.
linear_positions <- function(i, info) {
  rank <- length(info$dim)
  n <- prod(info$dim)
  where <- list(what = "subscript", of = "elements", key = info$key)
  if (rank > 1L && is.matrix(i) && ncol(i) == rank && (is.numeric(i) || is.character(i))) {
    return(matrix_positions(i, info, where))
  }
  axis_positions(list(i), n, NULL, where) %||% seq_len(n)
}

# A row a place, a column a dimension. A row with a zero is left out, as in R.
matrix_positions <- function(i, info, where) {
  names <- axis_names(info)
  index <- rep(1, nrow(i))
  stride <- 1
  kept <- rep(TRUE, nrow(i))
  for (at in seq_along(info$dim)) {
    column <- i[, at]
    where$what <- paste("subscript", at)
    if (anyNA(column)) abort_index(paste0("A ", where$what, " is NA."), key = info$key)
    if (is.character(column)) column <- named_positions(column, names[[at]], where)
    column <- trunc(column)
    if (any(column < 0)) {
      abort_index("A matrix of subscripts has no negative ones.", key = info$key)
    }
    if (any(column > info$dim[[at]])) out_of_range(max(column), info$dim[[at]], where)
    kept <- kept & column >= 1
    index <- index + (column - 1) * stride
    stride <- stride * info$dim[[at]]
  }
  index[kept]
}
