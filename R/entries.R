#' What a file holds
#'
#' A row for each entry, in file order, without reading a value.
#'
#' @param m A handle, see [mmapdict()].
#' @param dead `TRUE`: entries that were deleted or replaced, too, whose space [vacuum()] gives
#'   back, and the padding that aligns arrays.
#' @return A data frame with the columns
#'   \describe{
#'     \item{key}{character}
#'     \item{kind}{`"array"`, `"masked"`, `"value"` (any other value), `"damaged"`; with `dead`
#'       also `"padding"`}
#'     \item{dtype}{of arrays: NumPy's name, else `NA`}
#'     \item{shape}{list column: the shape in R's order of dimensions, `NULL` if no array}
#'     \item{order}{`"C"`, `"F"` or `NA`}
#'     \item{type}{of arrays: type of the vector in R, else `NA`}
#'     \item{zero_copy}{of arrays: whether R reads the file's bytes without conversion}
#'     \item{bytes}{of the whole entry, with its padding}
#'     \item{offset}{of arrays: place of the first data byte in the file}
#'     \item{live}{with `dead` only: `FALSE` for dead entries}
#'     \item{portable}{of arrays: `FALSE` for those in the Python library's own form, which
#'       NumPy 2.3 and newer cannot load; `vacuum(m, upgrade = TRUE)` rewrites them}
#'   }
#' @examples
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' m[["x"]] <- matrix(c(1, 2, 3, 4, 5, 6), 2)
#' m[["text"]] <- "value"
#' entries(m)
#' close(m)
#' @export
entries <- function(m, dead = FALSE) {
  check_handle(m)
  dead <- true_or_false(dead, "dead")
  table <- store_entries(pointer(m), dead, own(m, ".flags"))
  columns <- c(
    "key", "kind", "dtype", "shape", "order", "type", "zero_copy", "bytes", "offset",
    if (dead) "live", "portable"
  )
  structure(
    table[columns],
    class = "data.frame", row.names = .set_row_names(length(table$key))
  )
}

#' @rdname entries
#' @export
mmap_entries <- entries
