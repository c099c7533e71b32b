# Subscripts, captured from a call; C++ turns them into positions.

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
