# Which call of the user's an error is of, as the user wrote it: `m$irs`, not
# `$.mmapdict`(m, irs), and not the function inside that found the fault.

# For raise_error() and the like, which are called last of all: of the calls around them the
# outermost that leads through code of this package and of base R alone (lapply(keys, mmap_get,
# m = m)); eval() runs what is others'. NULL where there is none: in a view that R reads.
users_call <- function() users_call_at(sys.nframe() - 2L)

users_call_at <- function(at) {
  parents <- sys.parents()
  found <- 0L
  while (at > 0L && is_inside(sys.function(at))) {
    found <- at
    # What C++ calls has no caller, but stands above the one that called C++.
    at <- if (is_called_by_core(sys.frame(at))) at - 1L else min(parents[[at]], at - 1L)
  }
  if (found > 0L) {
    call <- sys.call(found)
    frame <- sys.frame(found)
    f <- sys.function(found)
    # An error is told, whatever its call looks like.
    tryCatch(as_written(call, frame, f), error = function(e) NULL)
  }
}

caller_of <- function(frame) do.call(parent.frame, list(), envir = frame)

is_called_by_core <- function(frame) {
  identical(caller_of(frame), baseenv())
}

# (Of what eval() runs the frame's function is a primitive one.)
is_inside <- function(f) {
  if (is.primitive(f)) return(FALSE)
  home <- topenv(environment(f))
  identical(home, topenv()) ||
    (identical(home, .BaseNamespaceEnv) && !identical(f, eval) && !identical(f, evalq))
}

# The call of a method as one of its generic.
as_written <- function(call, frame, f) {
  name <- get0(".Generic", frame, inherits = FALSE)
  if (is.null(name) && is.name(call[[1L]])) name <- as.character(call[[1L]])
  if (is.null(name)) {
    return(if (is.call(call[[1L]])) call)  # package::f()
  }
  call[[1L]] <- as.name(name)
  if (length(call) > 1L && identical(call[[2L]], quote(`*tmp*`))) {
    call[[2L]] <- expression_of(get(names(formals(f))[[1L]], frame), caller_of(frame))
  }
  if (endsWith(name, "<-") && length(call) > 2L) {
    return(as_assignment(call, name, frame))
  }
  # Of Summary and Math R has put the objects into the call, and na.rm.
  if (name %in% summaries && isFALSE(call$na.rm)) call$na.rm <- NULL
  caller <- caller_of(frame)
  for (at in seq_along(call)[-1L]) call[at] <- list(as_argument(call[[at]], caller))
  if (name == "$") call[[3L]] <- name_of(call[[3L]])
  call
}

summaries <- c("all", "any", "max", "min", "prod", "range", "sum")

# A long value that some do.call() put into the call is left out.
as_argument <- function(x, caller = NULL) {
  if (missing(x)) return(empty_argument())
  if (inherits(x, c("mmapdict", "mmarray")) && !is.null(caller)) return(variable_of(x, caller))
  if (is_short_code(x)) x else quote(..)
}

is_short_code <- function(x) {
  if (is.language(x)) return(sum(nchar(deparse(x))) < 60L)
  is.null(x) || (is.atomic(x) && !is.object(x) && length(x) == 1L)
}

# `[<-`(`*tmp*`, i, value = v) as m[i] <- v.
as_assignment <- function(call, name, frame) {
  target <- call
  target[[1L]] <- as.name(substr(name, 1L, nchar(name) - 2L))
  target$value <- NULL
  for (at in seq_along(target)[-(1:2)]) target[at] <- list(as_argument(target[[at]]))
  if (name == "$<-") target[[3L]] <- name_of(target[[3L]])
  value <- eval(quote(base::substitute(value)), frame)
  if (identical(value, quote(`*vtmp*`)) || !is_short_code(value)) value <- quote(value)
  call("<-", target, value)
}

# R keeps what is being changed in a variable of its own, `*tmp*`: the user's name for it.
expression_of <- function(x, env) {
  own <- if (inherits(x, "mmappickle_lhs")) lhs_companion(x)
  if (!is.null(own)) return(call("$", variable_of(own$handle, env), name_of(own$key)))
  variable_of(x, env)
}

variable_of <- function(x, env) {
  for (name in setdiff(ls(env, all.names = TRUE), "*tmp*")) {
    if (!bindingIsActive(name, env) && identical(x, bound(name, env))) return(as.name(name))
  }
  quote(x)
}

# No promise of a function's is forced for this: substitute() gives its code.
bound <- function(name, env) {
  if (identical(env, globalenv())) get(name, env)
  else eval(call("substitute", as.name(name), env))
}

# What stands between the commas of x[i, ].
empty_argument <- function() formals(function(x) NULL)$x

# R has no name of no letters.
name_of <- function(key) {
  key <- as.character(key)
  if (length(key) == 1L && !is.na(key) && nzchar(key)) as.name(key) else key
}
