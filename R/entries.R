#' What a file holds
#'
#' A row for each entry, in file order, without reading a value: what it is in R is told by its
#' first opcodes, the R metadata behind it and the names of the classes that were pickled.
#'
#' `as.data.frame(m)` and `tibble::as_tibble(m)` give the same, with the shape as text beside it.
#'
#' @section What is told of values: The column `value` says type and shape as `m[[key]]` will have
#'   them with the options of the handle: `num [2 x 3]`, `chr "hello"`, `list of 2`, `dict of 4` (a
#'   list with names), `data.frame 50 x 2`, `DataFrame 50 x 2` (a data frame that was pandas'),
#'   `factor 150, 3 levels`, `dgCMatrix 100 x 20`, `python_object decimal.Decimal`; other classes
#'   with what they are made of, `foo list of 2`. A single number, text or time is shown itself;
#'   moments in UTC, or in the zone that the file names. Of an entry at most 64 KiB are looked at,
#'   beside the data of arrays. Longer ones are told by how they begin and end: rows and levels, but
#'   no lengths, or only Python's word, `"sequence"` (a vector or list), `"dict"` or the name
#'   of a class. `NA`: nothing is certain. (A file can be made to lie about what it holds behind
#'   these 64 KiB; nothing but the text of this column depends on it.) For a class in `readers` its
#'   name is told.
#'
#' @param m A handle, see [mmapdict()].
#' @param dead `TRUE`: entries that were deleted or replaced, too, whose space [vacuum()] gives
#'   back, and the padding that aligns arrays.
#' @param value `FALSE`: without the column `value`, which takes most of the time where there are
#'   many keys.
#' @return A data frame with the columns
#'   \describe{
#'     \item{key}{character}
#'     \item{kind}{`"array"`, `"masked"`, `"value"` (any other value, such as one that holds
#'       arrays, or an array of objects), `"damaged"`; with `dead` also `"padding"`}
#'     \item{dtype}{of arrays: NumPy's name, of structured ones their fields as NumPy's
#'       `dtype.descr` tells them; else `NA`}
#'     \item{shape}{list column: the shape in R's order of dimensions, `NULL` if no array}
#'     \item{order}{`"C"`, `"F"` or `NA`}
#'     \item{type}{of arrays: type of the vector in R, of structured ones `"data.frame"` or, with
#'       other than one dimension, `"list"` (of the arrays of their fields); else `NA`}
#'     \item{zero_copy}{of arrays: whether R reads the file's bytes without conversion}
#'     \item{bytes}{of the whole entry, with its padding}
#'     \item{offset}{of arrays: place of the first data byte in the file; `NA` where their bytes
#'       do not stand there as they are}
#'     \item{mask_offset}{of masked arrays: place of the mask's first byte, one for each element
#'       in the order of the data, 1 where it is missing; else `NA`}
#'     \item{live}{with `dead` only: `FALSE` for dead entries}
#'     \item{portable}{of arrays: `FALSE` for those in the Python library's own form, which
#'       NumPy 2.3 and newer cannot load; `vacuum(m, upgrade = TRUE)` rewrites them}
#'     \item{capacity}{of arrays that [grow][mmap_append]: the rows that have room, those that
#'       are there among them; else `NA`}
#'     \item{value}{type and shape in R, as text, see below}
#'   }
#' @seealso [print.mmapdict()], [plot.mmapdict()]
#' @examples
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' m[["x"]] <- matrix(c(1, 2, 3, 4, 5, 6), 2)
#' m[["text"]] <- "value"
#' entries(m)
#' entries(m)$value
#' close(m)
#' @export
entries <- function(m, dead = FALSE, value = TRUE) {
  check_handle(m)
  dead <- true_or_false(dead, "dead")
  value <- true_or_false(value, "value")
  table <- store_entries(pointer(m), dead, own(m, ".flags"), Inf, value)
  if (value) table$value <- brief_texts(table, own(m, ".readers"))
  columns <- c(
    "key", "kind", "dtype", "shape", "order", "type", "zero_copy", "bytes", "offset",
    "mask_offset", if (dead) "live", "portable", "capacity", if (value) "value"
  )
  structure(
    table[columns],
    class = "data.frame", row.names = .set_row_names(length(table$key))
  )
}

#' @rdname entries
#' @export
mmap_entries <- entries

#' @rdname entries
#' @param x A handle.
#' @param row.names,optional,... Ignored.
#' @export
as.data.frame.mmapdict <- function(x, row.names = NULL, optional = FALSE, ...) {
  table <- entries(x)
  table$shape <- I(table$shape)
  shapes <- vapply(table$shape, function(s) if (is.null(s)) NA_character_ else format_shape(s), "")
  at <- match("shape", names(table))
  cbind(table[seq_len(at)], shape_text = shapes, table[-seq_len(at)])
}

#' @exportS3Method tibble::as_tibble
as_tibble.mmapdict <- function(x, ...) {
  table <- as.data.frame.mmapdict(x)
  table$shape <- unclass(table$shape)
  tibble::as_tibble(table, ...)
}

# What C++ tells of values (core/plan/brief.h), as one text each.
brief_texts <- function(table, readers) {
  text <- table$brief
  text[table$kind == "damaged"] <- "damaged"
  text <- in_r(text, readers)
  value <- table$value
  one <- which(!is.na(value))
  quoted <- one[table$quote[one]]
  value[quoted] <- encodeString(cut_off(value[quoted], 200L), quote = "\"")
  text[one] <- paste(sub(" [1]", "", text[one], fixed = TRUE), one_line_of(value[one]))
  text
}
# Escapes of encodeString() are not escaped again.
one_line_of <- function(text) gsub("\\\\", "\\", one_line(text), fixed = TRUE)

# Objects of classes that R functions read: those of the package by what they make, of the
# user's nothing is known but the class.
in_r <- function(text, readers) {
  inert <- grep("^python_object ", text)
  class <- sub("^python_object ([^ ]*).*$", "\\1", text[inert])
  text[inert] <- ifelse(
    class %in% names(readers), class,
    ifelse(class %in% names(registry), sparse_brief(class, text[inert]), text[inert])
  )
  text
}
