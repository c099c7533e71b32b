# Subscripts: captured from a call, and turned into positions on their axes.

# The subscripts of a call: NULL where one was left out, else list(value).
subscripts <- function(...) {
  named <- names(substitute(list(...)))
  if (!is.null(named) && any(nzchar(named))) {
    abort_index(
      paste0("A subscript has a name: ", named[nzchar(named)][[1L]], "."),
      "The key stands first, then a subscript for each dimension: m[\"k\", i, j]."
    )
  }
  out <- vector("list", ...length())
  for (at in seq_along(out)) {
    if (!eval(call("missing", as.name(paste0("..", at))))) out[[at]] <- list(...elt(at))
  }
  out
}

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
    abort_subscript(
      place_of(info),
      paste0(quoted(info$key), " has ", plural(rank, "dimension"), "; ",
             plural(length(subs), "subscript"), " were given.")
    )
  }
  names <- axis_names(info)
  axes <- vector("list", rank)
  for (at in seq_len(rank)) {
    positions <- axis_positions(
      subs[[at]], info$dim[[at]], names[[at]], place_of(info, if (rank > 1L) at)
    )
    if (!is.null(positions)) axes[[at]] <- positions
  }
  counts <- ifelse(vapply(axes, is.null, NA), info$dim, lengths(axes))
  list(axes = axes, count = prod(counts), whole = FALSE)
}

# What a subscript is of, for the words of errors.
place_of <- function(info, axis = NULL) {
  list(
    what = "subscript", of = "elements", path = info$path, key = info$key,
    at = paste0(if (!is.null(axis)) paste0("dimension ", axis, " of "), quoted(info$key))
  )
}

abort_subscript <- function(place, message, hint = "") {
  abort_index(message, hint, path = place$path %||% "", key = place$key %||% "")
}

# A subscript on its axis as R's `[` has it, save that nothing may be out of range or NA.
# `sub` as of subscripts(). NULL: the whole axis.
axis_positions <- function(sub, extent, names, place) {
  if (is.null(sub)) {
    return(NULL)
  }
  i <- plain_subscript(sub[[1L]], place)
  if (!length(i)) {
    return(integer())
  }
  if (anyNA(i)) {
    abort_subscript(place, paste0("A ", place$what, " of ", place$at, " is NA."))
  }
  if (is.character(i)) {
    named_positions(i, names, place)
  } else if (is.logical(i)) {
    logical_positions(i, extent, place)
  } else {
    numeric_positions(i, extent, place)
  }
}

named_positions <- function(i, names, place) {
  at <- match(i, names)
  at[!nzchar(i)] <- NA
  if (anyNA(at)) {
    abort_subscript(
      place,
      paste0("No element of ", place$at, " is named ", quoted(i[is.na(at)][[1L]]), "."),
      if (is.null(names)) "It has no names." else ""
    )
  }
  at
}

logical_positions <- function(i, extent, place) {
  if (length(i) == 1L) {
    return(if (i) NULL else integer())
  }
  if (length(i) > extent) {
    abort_subscript(place, paste0(
      "A logical ", place$what, " of length ", count(length(i)), " is too long: ", place$at,
      " has ", count(extent), " ", place$of, "."
    ))
  }
  seq_len(extent)[i]
}

numeric_positions <- function(i, extent, place) {
  least <- min(i)
  most <- max(i)
  if (most >= extent + 1) out_of_range(most, extent, place)
  if (least >= 1) {
    return(if (is.double(i)) trunc(i) else i)
  }
  if (least <= -1 && most >= 1) {
    abort_subscript(place, "Positive and negative subscripts cannot be mixed.")
  }
  if (least > -1) {
    return(seq_len(extent)[i[i >= 1]])
  }
  left_out <- i[i <= -1 & i > -extent - 1]
  if (length(left_out)) seq_len(extent)[left_out]
}

# NULL, or a character, logical or numeric vector without attributes.
plain_subscript <- function(i, place) {
  if (is.factor(i)) {
    abort_subscript(
      place, "A factor is no subscript.",
      "as.character() gives its labels, as.integer() its codes."
    )
  }
  if (inherits(i, "integer64")) {
    require_bit64()
    return(bit64::as.double.integer64(i))
  }
  if (is.null(i) || is.character(i) || is.logical(i) || is.numeric(unclass(i))) {
    return(as.vector(unclass(i)))
  }
  abort_subscript(place, paste0(
    "A ", place$what, " must be numbers, logicals or names, not ", a_kind_of(i), "."
  ))
}

out_of_range <- function(value, extent, place) {
  abort_subscript(place, paste0(
    "The ", place$what, " ", count(trunc(value)), " is out of range: ", place$at, " has ",
    count(extent), " ", place$of, "."
  ))
}

# R's linear rule for arrays of rank 0, 2 and more.
linear_positions <- function(i, info) {
  rank <- length(info$dim)
  n <- prod(info$dim)
  if (rank > 1L && is.matrix(i) && ncol(i) == rank && (is.numeric(i) || is.character(i))) {
    return(matrix_positions(i, info))
  }
  axis_positions(list(i), n, NULL, place_of(info)) %||% seq_len(n)
}

# A row a place, a column a dimension. A row with a zero is left out, as in R.
matrix_positions <- function(i, info) {
  names <- axis_names(info)
  index <- rep(1, nrow(i))
  stride <- 1
  kept <- rep(TRUE, nrow(i))
  for (at in seq_along(info$dim)) {
    column <- i[, at]
    place <- place_of(info, at)
    if (anyNA(column)) abort_subscript(place, paste0("A subscript of ", place$at, " is NA."))
    if (is.character(column)) column <- named_positions(column, names[[at]], place)
    column <- trunc(column)
    if (any(column < 0)) {
      abort_subscript(place, "A matrix of subscripts has no negative ones.")
    }
    if (any(column > info$dim[[at]])) out_of_range(max(column), info$dim[[at]], place)
    kept <- kept & column >= 1
    index <- index + (column - 1) * stride
    stride <- stride * info$dim[[at]]
  }
  index[kept]
}
