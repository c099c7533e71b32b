# Nested assignment. R evaluates m[["k"]][i] <- v as
#
#   `*tmp*` <- m
#   m <- `[[<-`(`*tmp*`, "k", value = `[<-`(`*tmp*`[["k"]], i, value = v))
#
# so `[[` knows by the name `*tmp*` that its value is about to be changed (R Language
# Definition, "Subset assignment"), and gives a mutable view of class mmappickle_lhs, whose
# `[<-` writes the slice into the file. `[[<-` gets it back and has nothing left to do. What
# changes its attributes instead (names<-, dim<- ...) comes back changed, and is stored
# whole. The view is given out nowhere else. It must not be kept in a variable that
# outlives the call: R copies what is referenced twice, which is right but slow.

# The value of a key for `*tmp*`: an lhs view, or the value if the entry is no array.
read_lhs <- function(m, key, ...) {
  if (missing(key) || ...length()) wrong_brackets(...)
  view <- lhs_view(m, key)
  bare <- length(oldClass(view)) == 1L
  if (bare || !is.null(view) && !assigns_itself(view, parent.frame(2L))) return(view)
  store_get_nested(pointer(m), key, own(m, ".flags"), own_readers(own(m, ".readers")))
}

# Whether the class of the entry says itself what an assignment means: units converts, zoo takes
# dates. Those that are left out here mean what slices do. The methods are the caller's.
assigns_itself <- function(view, caller) {
  classes <- setdiff(
    oldClass(view),
    c("mmappickle_lhs", "Date", "POSIXct", "POSIXt", "difftime", "integer64", "ts", "mts")
  )
  for (class in classes) {
    for (generic in c("[<-", "[[<-", "$<-")) {
      if (!is.null(utils::getS3method(generic, class, optional = TRUE, envir = caller))) {
        return(TRUE)
      }
    }
  }
  FALSE
}

strip_lhs <- function(x) {
  if (inherits(x, "mmappickle_lhs")) {
    class <- setdiff(oldClass(x), "mmappickle_lhs")
    oldClass(x) <- if (length(class)) class
  }
  x
}

# What was made of an lhs view, so that put() knows whose dtype it may keep.
still_lhs <- function(x) {
  oldClass(x) <- c("mmappickle_lhs", oldClass(x))
  x
}

#' @export
`[<-.mmappickle_lhs` <- function(x, ..., value) {
  own <- lhs_companion(x)
  if (is.null(own)) {  # a copy that R made of the view
    x <- strip_lhs(x)
    x[...] <- value
    return(x)
  }
  slice_write(own$handle, own$key, subscripts(...), slice_value(value), NULL, FALSE)
  x
}

#' @export
`[[<-.mmappickle_lhs` <- function(x, ..., value) {
  own <- lhs_companion(x)
  if (is.null(own)) {
    x <- strip_lhs(x)
    x[[...]] <- value
    return(x)
  }
  if (length(value) != 1L) {
    abort_value(paste0("x[[i]] <- value takes one value, not ", length(value), "."))
  }
  slice_write(own$handle, own$key, subscripts(...), slice_value(value), NULL, TRUE)
  x
}

#' @export
`$<-.mmappickle_lhs` <- function(x, name, value) {
  abort_value(
    "An array has no elements by $.",
    "By position or name: m[[\"k\"]][i] <- value."
  )
}

#' @export
`[.mmappickle_lhs` <- function(x, ...) strip_lhs(NextMethod())

#' @export
`[[.mmappickle_lhs` <- function(x, ...) strip_lhs(NextMethod())

#' @export
`length<-.mmappickle_lhs` <- function(x, value) {
  x <- strip_lhs(x)
  length(x) <- value
  still_lhs(x)
}

#' @export
`units<-.mmappickle_lhs` <- function(x, value) {
  x <- strip_lhs(x)
  units(x) <- value
  still_lhs(x)
}

#' @export
Ops.mmappickle_lhs <- function(e1, e2) {
  operator <- get(.Generic)
  if (missing(e2)) operator(strip_lhs(e1)) else operator(strip_lhs(e1), strip_lhs(e2))
}

#' @export
Math.mmappickle_lhs <- function(x, ...) get(.Generic)(strip_lhs(x), ...)

#' @export
Summary.mmappickle_lhs <- function(..., na.rm = FALSE) {
  do.call(.Generic, c(lapply(list(...), strip_lhs), na.rm = na.rm))
}

#' @export
print.mmappickle_lhs <- function(x, ...) {
  print(strip_lhs(x), ...)
  invisible(x)
}

#' @export
format.mmappickle_lhs <- function(x, ...) format(strip_lhs(x), ...)
