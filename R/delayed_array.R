# mmarrays as seeds of Bioconductor's DelayedArray, and as the sinks that it writes blocks to.
# The S4 methods are made when that package is loaded; it need not be installed.

#' Write an array block by block
#'
#' `write_mmarray(x, m, key)` stores what looks like an array, whole or in the blocks of a
#' `DelayedArray`, so that an array larger than memory goes from file to file.
#'
#' With the package DelayedArray of Bioconductor loaded, `DelayedArray(mmarray(m, "k"))` is an
#' array that reads blocks of the file as it computes. An [mmarray()] is also a
#' `RealizationSink`: `write_block(mmarray(m, "k"), viewport, block)` writes one block, which
#' workers do at once where their blocks do not overlap; an array to write to is made by
#' [empty_ndarray()]. Of times, dates and integer64 such blocks hold plain numbers.
#' If the file is moved, `seed(x) <- mmarray(mmapdict(path), "k")` finds the array again.
#'
#' The entry is made first, of zeros, and filled then. If that fails it is deleted.
#'
#' @param x A vector, an array, a view, an [mmarray()]; or, where DelayedArray is installed, what
#'   it makes a `DelayedArray` of: one of its own, an `HDF5Array`, a sparse `Matrix` ...
#' @param m A handle, see [mmapdict()].
#' @param key A new key: one string. An entry that is there is not replaced.
#' @param dtype Name of a NumPy dtype, as in [ndarray()]. Default: that of the type of `x`. A
#'   DelayedArray of text needs one, such as `"U10"`; one of integers or logicals with `NA`
#'   needs a floating one.
#' @param order `"C"` or `"F"`: the order of the elements in the file. `NULL` (default): as the
#'   handle's `order`, see [mmapdict()].
#' @return The [mmarray()] of the new entry.
#' @section Errors: `mmappickle_error_key` (there is such an entry), `_value` (`x` is no array, or
#'   its values do not fit), `_readonly`, `_io`.
#' @examples
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' write_mmarray(matrix(c(1, 2, 3, 4), 2), m, "x", dtype = "float32")
#' @examplesIf requireNamespace("DelayedArray", quietly = TRUE)
#' x <- DelayedArray::DelayedArray(mmarray(m, "x"))
#' write_mmarray(log1p(x), m, "logs")
#' m[["logs"]][]
#' @export
write_mmarray <- function(x, m, key, dtype = NULL, order = NULL) {
  check_handle(m)
  if (has_key(m, check_key(key))) {
    abort_key(
      paste0("There is an entry ", quoted(key), " already."),
      paste0("m[[", quoted(key), "]] <- NULL deletes it."),
      path = own(m, ".path"), key = shown_key(key)
    )
  }
  if (is.atomic(x) || inherits(x, "mmarray")) {
    put(m, key, ndarray(x, dtype, order))
  } else {
    write_blocks(x, m, key, dtype, order)
  }
  mmarray(m, key)
}

write_blocks <- function(x, m, key, dtype, order) {
  if (is.null(dim(x))) {
    abort_value(paste0("`x` must be a vector or an array, not ", a_kind_of(x), "."))
  }
  if (!requireNamespace("DelayedArray", quietly = TRUE)) {
    abort_value(
      paste0("`x` is ", a_kind_of(x), ": its blocks are read by the package DelayedArray."),
      "BiocManager::install(\"DelayedArray\") installs it; as.array(x) is in memory."
    )
  }
  x <- DelayedArray::DelayedArray(x)
  type <- DelayedArray::type(x)
  dtype <- dtype %||% if (type == "character") "U" else natural_dtype(vector(type, 0L))
  put(m, key, empty_ndarray(dim(x), dtype, order, dimnames(x)))
  whole <- FALSE
  on.exit(if (!whole) erase(m, key))
  tryCatch(
    DelayedArray::BLOCK_write_to_sink(sink = mmarray(m, key), x = x),
    # What it says of the entry is of one that is not there any more.
    mmappickle_error_value = function(e) {
      abort_value(
        sentence_of(e), "`dtype` says what the array is to hold: \"float64\" has room for NA.",
        path = own(m, ".path"), key = shown_key(key)
      )
    }
  )
  whole <- TRUE
}

# -- methods ---------------------------------------------------------------------------------

# In newer versions some of the generics are S4Arrays's, which DelayedArray imports.
register_delayed_array <- function(...) {
  delayed <- asNamespace("DelayedArray")
  where <- new.env(parent = topenv())
  assign(".packageName", "mmappickle", where)
  setOldClass("mmarray", where = where)
  setIs("mmarray", "RealizationSink", where = where)
  set <- function(name, method) {
    setMethod(get(name, delayed), "mmarray", method, where = where)
  }
  set("DelayedArray", function(seed) seed_of_delayed(seed))
  set("extract_array", function(x, index) extract_block(x, index))
  set("write_block", function(sink, viewport, block) write_viewport(sink, viewport, block))
  set("type", function(x) block_type(x))
  set("chunkdim", function(x) contiguous_block(x))
  set("path", function(object, ...) field(object, "path"))
  set("path<-", function(object, ..., value) moved(object, value))
  setAs("mmarray", "DelayedArray", function(from) DelayedArray::DelayedArray(from), where = where)
}

# Its dimensions are integers, and its blocks are made of them.
seed_of_delayed <- function(x) {
  if (is.double(dim(x))) {
    raise_error("limit", paste0(
      "A DelayedArray has at most 2^31 - 1 rows or columns; this mmarray is ",
      format_shape(dim(x)), "."
    ), "x[i, j] reads a part of it.", field(x, "path"), shown_key(field(x, "key")))
  }
  DelayedArray::new_DelayedArray(x)
}

# Blocks are plain arrays: integer64 would be taken for the doubles that its bits are.
block_flags <- function(x) {
  flags <- field(x, "flags")
  if (bitwAnd(flags, flag_integer64)) flags - flag_integer64 else flags
}

block_type <- function(x) {
  type <- field(x, "type")
  if (identical(type, "integer64")) "double" else type
}

extract_block <- function(x, index) {
  subs <- lapply(index, function(i) if (!is.null(i)) list(i))
  block <- slice_read(
    field(x, "handle"), field(x, "key"), subs, FALSE, block_flags(x),
    as.double(field(x, "dim"))
  )
  dim <- dim(x)
  taken <- !vapply(index, is.null, NA)
  dim[taken] <- lengths(index)[taken]
  # Where there is nothing to change, R would copy.
  if (is.object(block)) attributes(block) <- NULL
  if (!identical(dim(block), dim)) dim(block) <- dim
  block
}

write_viewport <- function(sink, viewport, block) {
  subs <- DelayedArray::makeNindexFromArrayViewport(viewport, expand.RangeNSBS = TRUE)
  subs <- lapply(subs, function(i) if (!is.null(i)) list(i))
  slice_write(
    field(sink, "handle"), field(sink, "key"), subs, slice_value(as.array(block)),
    as.double(field(sink, "dim")), FALSE
  )
  sink
}

# What lies together in the file, of a megabyte at most: rows where the last dimension runs
# fastest, columns where the first one does.
contiguous_block <- function(x) {
  chunk <- dim(x)
  fortran <- identical(field(x, "order"), "F")
  first_runs_fastest <- fortran != (bitwAnd(field(x, "flags"), flag_reversed) != 0L)
  room <- 2^20 %/% max(1, field(x, "bytes") / max(1, length(x)))
  for (axis in if (first_runs_fastest) seq_along(chunk) else rev(seq_along(chunk))) {
    chunk[[axis]] <- as.integer(min(chunk[[axis]], max(1, room)))
    room <- room %/% max(1L, chunk[[axis]])
  }
  chunk
}

# The same array in another file, by a handle with the same options.
moved <- function(x, path) {
  old <- function(name) own(field(x, "handle"), name)
  ptr <- store_open(
    file_path(path, "value"), old(".readonly"), FALSE, old(".durable"), old(".lock_timeout")
  )
  m <- new_handle(
    ptr, store_info(ptr)$path, old(".flags"), old(".readers"), old(".readonly"),
    old(".durable"), old(".lock_timeout")
  )
  new <- mmarray(m, field(x, "key"))
  same <- function(name) identical(field(new, name), field(x, name))
  if (!same("dim") || !same("type")) {
    abort_stale(
      paste0("The entry ", quoted(field(x, "key")), " of that file is another array."),
      "DelayedArray(mmarray(m, \"k\")) makes a new one of it.",
      path = field(new, "path"), key = shown_key(field(x, "key"))
    )
  }
  new
}
