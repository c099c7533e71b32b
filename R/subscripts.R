# Subscripts, captured from a call; C++ turns them into positions.

# The subscripts of a call: NULL where one was left out, else list(value). (What is missing is
# written as nothing, or as the name of what is missing.)
subscripts <- function(...) {
  if (!is.null(...names())) refuse_named(...names())
  out <- vector("list", ...length())
  for (at in seq_along(out)) {
    left_out <- if (at > 3L) {
      is_left_out(at, ...)
    } else {
      switch(at, missing(..1), missing(..2), missing(..3))
    }
    if (!left_out) out[[at]] <- list(...elt(at))
  }
  out
}

is_left_out <- function(at, ...) eval(call("missing", as.name(paste0("..", at))))

refuse_named <- function(names) {
  named <- names[nzchar(names)]
  if (length(named)) {
    abort_index(
      paste0("A subscript has the name `", named[[1L]], "`."),
      "The key stands first, then a subscript for each dimension: m[\"k\", i, j]."
    )
  }
}
