# Subscripts, captured from a call; C++ turns them into positions.

# The subscripts of a call: NULL where one was left out, else list(value).
subscripts <- function(...) {
  given <- substitute(list(...))
  named <- names(given)
  if (!is.null(named) && any(nzchar(named))) {
    abort_index(
      paste0("A subscript has the name `", named[nzchar(named)][[1L]], "`."),
      "The key stands first, then a subscript for each dimension: m[\"k\", i, j]."
    )
  }
  out <- rep(list(NULL), ...length())
  for (at in seq_along(out)) {
    # What is missing is written as nothing, or as the name of what is missing.
    if (!is.symbol(given[[at + 1L]]) || !is_left_out(at, ...)) out[[at]] <- list(...elt(at))
  }
  out
}

is_left_out <- function(at, ...) {
  if (at > 4L) {
    return(eval(call("missing", as.name(paste0("..", at)))))
  }
  switch(at, missing(..1), missing(..2), missing(..3), missing(..4))
}
