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
#' The items of an array of dtype V are raw: their bytes are the first dimension. Of a
#' structured array of rank 1 `m["k", i]` gives rows, as a data frame, of which only these are
#' read, and `m["k", i] <- value` writes rows, from a data frame or list with all of its
#' columns.
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

read_slice <- function(m, key, subs, drop = TRUE) {
  drop <- true_or_false(drop, "drop")
  info <- array_info(m, key, records = TRUE)
  if (info$records) {
    return(read_rows(m, key, subs, info))
  }
  place <- locate(subs, info)
  ptr <- pointer(m)
  flags <- own(m, ".flags")
  if (!is.null(place$index)) {
    return(linear_read(ptr, key, place$index, flags))
  }
  x <- slice_read(ptr, key, place$axes, flags)
  dress(x, place$axes, info, drop && !place$whole)
}

write_slice <- function(m, key, subs, value) {
  info <- array_info(m, key, records = TRUE)
  if (info$records) {
    return(write_rows(m, key, subs, value, info))
  }
  place <- locate(subs, info)
  value <- slice_value(value)
  check_recycling(place$count, length(value))
  ptr <- pointer(m)
  flags <- own(m, ".flags")
  if (!is.null(place$index)) {
    linear_write(ptr, key, place$index, value, flags)
  } else {
    slice_write(ptr, key, place$axes, value, flags)
  }
  invisible()
}

slice_value <- function(value) {
  if (inherits(value, "mmarray")) value <- whole_view(value)
  if (inherits(value, "POSIXlt")) value <- as.POSIXct(value)
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

# `records`: structured arrays of rank 1 count as arrays, of which `dim` alone is known.
array_info <- function(m, key, records = FALSE) {
  info <- store_array(pointer(m), key, own(m, ".flags"))
  rows <- if (is.null(info)) records_count(pointer(m), key, own(m, ".flags"))
  if (is.null(info) && (is.null(rows) || !records)) {
    abort_index(
      paste0("The entry ", quoted(key), " is ",
             if (is.null(rows)) "no array: it has no slices." else "a structured array."),
      paste0("m[[", quoted(key), "]] is its value",
             if (!is.null(rows)) ", a data frame of views: nothing is read before it is used",
             "."),
      path = own(m, ".path"), key = shown_key(key)
    )
  }
  info <- info %||% list(dim = rows)
  info$records <- !is.null(rows)
  info$key <- shown_key(key)
  info$path <- own(m, ".path")
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
