# R's generics on objects that stand for an array: of an mmarray they are given its values, as
# a view; of a mark (ndarray(), empty_ndarray()), which only says how to store something, and of
# a handle, which is a file, they are refused. None of these is a vector (R/carrier.R): what is
# not listed here is R's own error.

generics <- list(
  base = c(
    "all.equal", "anyDuplicated", "aperm", "as.data.frame", "as.Date", "as.expression",
    "as.matrix", "as.null", "as.POSIXct", "as.POSIXlt", "as.single", "as.table", "by", "chol",
    "cut", "determinant", "diff", "droplevels", "duplicated", "isSymmetric", "julian", "kappa",
    "labels", "levels", "mean", "merge", "months", "mtfrm", "plot", "pretty", "qr", "quarters",
    "rev", "rowsum", "scale", "solve", "sort", "split", "subset", "summary", "t", "toString",
    "unique", "units", "weekdays",
    "anyNA", "as.character", "as.complex", "as.double", "as.integer", "as.logical", "as.raw",
    "c", "is.array", "is.finite", "is.infinite", "is.matrix", "is.na", "is.nan", "is.numeric",
    "rep", "seq", "xtfrm"
  ),
  stats = c(
    "aggregate", "ansari.test", "as.dist", "as.hclust", "as.ts", "biplot", "cor.test", "cycle",
    "deltat", "density", "diffinv", "end", "fligner.test", "frequency", "ftable", "kruskal.test",
    "ks.test", "lag", "median", "mood.test", "na.contiguous", "na.exclude", "na.fail", "na.omit",
    "prcomp", "princomp", "qqnorm", "quantile", "relevel", "reorder", "start", "t.test", "time",
    "var.test", "weighted.mean", "wilcox.test", "window"
  ),
  utils = c("head", "stack", "tail", "type.convert", "unstack"),
  graphics = c(
    "barplot", "boxplot", "contour", "hist", "image", "lines", "pairs", "persp", "points",
    "spineplot", "stripchart", "text"
  )
)
# Group generics; "matrixOps" is new in R 4.3.
groups <- c("Math", "Ops", "Summary", "Complex", "matrixOps")
replacements <- c(
  "dim<-", "dimnames<-", "is.na<-", "length<-", "levels<-", "names<-", "row.names<-",
  "split<-", "units<-"
)

# An mmarray has methods of its own for these, a mark is refused.
access <- c("[<-", "as.array", "as.list", "as.vector", "dimnames")

# The same call on the values. What `.Generic` is, and where it is defined, R says itself.
on_values <- function(...) {
  # It has asked for the length already, which is that of the object.
  if (identical(sys.function(sys.parent()), sprintf)) {
    abort_index("sprintf() takes no mmarray.", "Give it the values, x[].")
  }
  generic <- get(.Generic, get0(".GenericDefEnv", inherits = FALSE) %||% baseenv())
  again(generic, list(...), as.list(substitute(list(...)))[-1L], parent.frame())
}
# These give columns and rows the names of variables, but do not say which of them was called.
cbind_values <- function(..., deparse.level = 1) {
  bind(cbind, list(...), as.list(substitute(list(...)))[-1L], parent.frame())
}
rbind_values <- function(..., deparse.level = 1) {
  bind(rbind, list(...), as.list(substitute(list(...)))[-1L], parent.frame())
}

bind <- function(generic, values, given, caller) {
  named <- names(values) %||% rep("", length(values))
  variables <- vapply(given, function(x) if (is.name(x)) as.character(x) else "", "")
  names(values) <- ifelse(nzchar(named), named, variables)
  again(generic, c(values, deparse.level = 0), c(given, 0), caller)
}

# The arguments go by names, so that errors do not show the values in full: by those that were
# given, as labels of plots and tests are made of them. Functions that are told by their names
# ("pnorm") are the caller's.
again <- function(generic, values, given, caller) {
  values <- lapply(values, function(x) if (inherits(x, "mmarray")) whole_view(x) else x)
  variables <- variable_names(given)
  frame <- list2env(structure(values, names = variables), parent = caller)
  call <- lapply(variables, as.name)
  short <- vapply(given, function(x) is.atomic(x) && length(x) == 1L, NA)
  call[short] <- given[short]
  eval(as.call(c(generic, structure(call, names = names(values)))), frame)
}

variable_names <- function(given) {
  labels <- vapply(given, function(x) if (is.language(x)) deparse1(x) else "", "")
  variables <- vapply(given, is.name, NA)
  usable <- nzchar(labels) & nchar(labels, "bytes") <= 60L &
    (variables | !labels %in% labels[duplicated(labels)])
  ifelse(usable, labels, paste0("x", seq_along(given)))
}

refuse_mark <- function(...) {
  x <- Find(function(x) inherits(x, marks), list(...))
  abort_value(
    paste0(
      get0(".Generic", inherits = FALSE) %||% "cbind() or rbind", "() is not for an ", mark_name(x),
      "(), which only says how a value is to be stored."
    ),
    "Compute with the value, and mark what comes out."
  )
}

refuse_replacement <- function(x, ..., value) {
  abort_index(
    paste0("`", .Generic, "` is not for an mmarray: it stands for an array in a file."),
    "x[i, j] <- value writes to the file; x[] are the values in memory."
  )
}

# What means something for a list, a handle takes as one (R/contents.R), and what asks what an
# object is, R answers. All else would compute with the file as if it were a value.
for_lists <- c(
  "all.equal", "as.data.frame", "as.list", "as.null", "c", "droplevels", "head", "labels",
  "levels", "length<-", "merge", "names<-", "plot", "rev", "seq", "split", "subset", "summary",
  "tail"
)
refuse_generic <- function(...) {
  refuse_handle(paste0(get0(".Generic", inherits = FALSE) %||% "cbind() or rbind", "()"))
}

marks <- c("ndarray", "empty_ndarray")
mark_name <- function(x) oldClass(x)[oldClass(x) %in% marks][1L]

register_generics <- function() {
  for (package in names(generics)) when_loaded(package, generics[[package]])
  groups <- if (getRversion() < "4.3") setdiff(groups, "matrixOps") else groups
  register(groups, "base", on_values)
  refuse_handles(setdiff(groups, c("Math", "Ops", "Summary")), "base")
  register(replacements, "base", refuse_replacement)
  registerS3method("cbind", "mmarray", cbind_values, baseenv())
  registerS3method("rbind", "mmarray", rbind_values, baseenv())
  register(c(access, "cbind", "rbind"), "base", NULL)
  refuse_handles(c(replacements, "as.array", "as.vector", "cbind", "rbind"), "base")
  registerS3method("[", "empty_ndarray", refuse_mark, baseenv())
}

register <- function(names, package, for_mmarray) {
  where <- asNamespace(package)
  for (name in names) {
    if (!is.null(for_mmarray)) registerS3method(name, "mmarray", for_mmarray, where)
    for (mark in marks) registerS3method(name, mark, refuse_mark, where)
  }
}

refuse_handles <- function(names, package) {
  for (name in names[!names %in% for_lists & !startsWith(names, "is.")]) {
    registerS3method(name, "mmapdict", refuse_generic, asNamespace(package))
  }
}

when_loaded <- function(package, names) {
  once_loaded(package, function(...) {
    register(names, package, on_values)
    refuse_handles(names, package)
  })
}

# At once, or when that package is loaded.
once_loaded <- function(package, do) {
  if (isNamespaceLoaded(package)) do() else setHook(packageEvent(package, "onLoad"), do)
}

.onLoad <- function(...) {
  register_generics()
  once_loaded("DelayedArray", register_delayed_array)
}
