# The S3 classes for which the packages that come with R hold methods of what a session does
# with a value that it looks at: found by program, vetted by hand (inst/trusted/classes.dcf).
# What is new:
#   Rscript -e 'source("tests/testthat/helper-classes.R")' \
#     -e 'setdiff(vettable_classes(), vetted_classes("inst/trusted/classes.dcf")$class)'

vetted_classes <- function(path = system.file("trusted", "classes.dcf", package = "mmappickle")) {
  table <- read.dcf(path)
  classes <- strsplit(table[, "Classes"], "[ \n]+")
  data.frame(class = unlist(classes), verdict = rep(table[, "Verdict"], lengths(classes)))
}

# Run in a process of its own: it loads everything.
vettable_classes <- function() {
  packages <- c(
    "base", "stats", "utils", "graphics", "grDevices", "methods", "tools", "parallel", "compiler",
    "splines", "stats4", "grid", "tcltk",
    rownames(utils::installed.packages(priority = "recommended"))
  )
  spaces <- list()
  for (package in packages) {
    spaces[[package]] <- suppressWarnings(tryCatch(asNamespace(package), error = function(e) NULL))
  }
  functions <- lapply(spaces, function(space) {
    Filter(function(name) is.function(get(name, space)), ls(space, all.names = TRUE))
  })
  is_generic <- function(name, space) {
    f <- get(name, space)
    !is.primitive(f) && "UseMethod" %in% all.names(body(f))
  }
  groups <- unlist(lapply(c("Ops", "Math", "Summary", "Complex"), methods::getGroupMembers))
  generics <- c(
    unlist(Map(function(names, space) Filter(function(name) is_generic(name, space), names),
               functions, spaces)),
    getNamespace("tools")$.get_internal_S3_generics(),
    "Ops", "Math", "Summary", "Complex", "matrixOps", groups
  )
  handling <- generics %in% c(
    "print", "format", "summary", "str", "toString", "[", "[[", "$", "[<-", "[[<-", "$<-", "length",
    "length<-", "lengths", "names", "names<-", "dim", "dim<-", "dimnames", "dimnames<-", "levels",
    "levels<-", "c", "rbind", "cbind", "rev", "unique", "rep", "rep_len", "sort", "sort_by",
    "xtfrm", "mtfrm", "anyNA", "mean", "median", "quantile", "head", "tail", "t", "merge", "cut",
    "seq", "seq_along", "all.equal", "duplicated", "anyDuplicated", "subset", "split", "split<-",
    "by", "aggregate", "labels", "row.names", "row.names<-", "units", "units<-", "toBibtex",
    "toLatex", "toHTML", "close", "open", "flush", "with", "within", "transform", "unlist",
    "lapply", "droplevels", "julian", "months", "weekdays", "quarters", "round", "trunc", "diff",
    "range", "scale", "solve", "kronecker", "Ops", "Math", "Summary", "Complex", "matrixOps",
    "%*%", "isSymmetric", "determinant", "start", "end", "time", "frequency", "cycle", "deltat",
    "rowsum", "pretty", "zapsmall", "nobs", "stack", "unstack", "relist", "conditionMessage",
    "conditionCall", "case.names", "variable.names", "nchar", "trim", groups
  ) | grepl("^(as|is)[.]", generics)
  generics <- unique(generics[handling])
  methods <- unlist(c(functions, lapply(spaces, function(space) {
    ls(as.environment(space)$.__S3MethodsTable__., all.names = TRUE)
  })))
  classes <- lapply(strsplit(unique(methods), ".", fixed = TRUE), function(parts) {
    at <- seq_along(parts)[-1L]
    generic <- vapply(at, function(i) paste(parts[seq_len(i - 1L)], collapse = "."), "")
    class <- vapply(at, function(i) paste(parts[i:length(parts)], collapse = "."), "")
    class[generic %in% generics & nzchar(class)]
  })
  sort(unique(unlist(classes)), method = "radix")
}

# Every class that a value has, at any depth, also in attributes.
classes_within <- function(x) {
  parts <- c(if (is.list(x)) unclass(x), attributes(x)[names(attributes(x)) != "class"])
  if (is.call(x) || is.name(x)) parts <- NULL
  unique(c(oldClass(x), unlist(lapply(unname(parts), classes_within))))
}

# And every class that it would have.
classes_inert <- function(x) {
  parts <- c(if (is.list(x)) unclass(x), attributes(x)[names(attributes(x)) != "class"])
  if (is.call(x) || is.name(x)) parts <- attributes(x)
  unique(c(attr(x, "mmappickle_class"), unlist(lapply(unname(parts), classes_inert))))
}

# Pickles of values that leave a file in the folder where their methods have their way.
hostile_pickles <- function(folder) {
  leave <- function(name) bquote(file.create(.(file.path(folder, name))))
  path <- function(name) file.path(folder, name)
  entry <- list(list(
    title = sprintf("T \\Sexpr{file.create('%s')}", path("bibentry")), year = "2020", note = "x",
    author = structure(list(
      list(given = "A", family = "B", role = NULL, email = NULL, comment = NULL)
    ), class = "person")
  ))
  attr(entry[[1L]], "bibtype") <- "Misc"
  attr(entry[[1L]], "key") <- "k"
  table <- matrix(c("p", "/", "I", "T"), 1L)
  colnames(table) <- c("Package", "LibPath", "Item", "Title")
  values <- list(
    structure(entry, class = "bibentry"), structure(entry, class = c("citation", "bibentry")),
    structure(list(a = 1), names = "m", class = "warnings", dots = list(file = path("warnings"))),
    structure(c(1, 2), fracs = c("1", "2"), u = leave("fractions"), class = "fractions"),
    structure(1, class = c("pdDiag", "pdMat"), Dimnames = list("a", "a"), formula = leave("pdMat")),
    structure(list(Dir = "/", File = "x.Rnw", PDF = "", Topic = "x", Package = "stats"),
              class = "vignette"),
    structure(list(stats = matrix(c("/", "x.Rnw", "x.pdf", "T", "R"), 1L, dimnames = list(
      NULL, c("Dir", "File", "PDF", "Title", "R")
    ))), footer = "", title = "T", class = "browseVignettes"),
    structure(list(title = "T", results = table, footer = NULL), class = "packageIQR"),
    structure(list(name = "x", path = "/", info = list("a", "b", "c")), class = "packageInfo"),
    structure(list(title = "T", results = table, footer = NULL), class = "libraryIQR"),
    structure("/etc/passwd", topic = "t", tried_all_packages = FALSE, type = "text", call = NULL,
              class = "help_files_with_topic"),
    structure(c(1L, 1L, 2L, 2L, 1L, 1L, 1L, 2L), class = "srcref"),
    structure("x", mode = "any", args = list(), envir = NULL, class = "ls_str"),
    structure(1:2, row.vars = list(a = leave("ftable")), col.vars = list(b = "u"),
              class = "ftable"),
    structure(list(x = 1), class = "recordedplot"), structure(list(x = 1), class = "trellis"),
    structure(0L, class = c("terminal", "connection"))
  )
  lapply(values, function(x) pickle_around(as_inert(x)))
}

# Handles of a session are refused as values; another program's file may name their classes all
# the same. So does one that R writes of a value that has the class as inert data.
as_inert <- function(x) {
  if (inherits(x, c("connection", "socket", "childProcess", "SOCKnode", "SOCK0node"))) {
    class <- oldClass(x)
    x <- unclass(x)
    attr(x, "mmappickle_class") <- class
  }
  own <- attributes(x)
  if (is.list(x)) x <- lapply(unclass(x), as_inert)
  others <- setdiff(names(own), c("names", "dim", "levels", "class", "mmappickle_class"))
  own[others] <- lapply(own[others], as_inert)
  attributes(x) <- own
  x
}

# Every class that acts, on values that are no such thing.
acting_pickles <- function() {
  table <- vetted_classes()
  lapply(table$class[table$verdict == "acts"], function(class) {
    pickle_around(as_inert(structure(list(a = 1, b = "x", call = "f"), class = class)))
  })
}

pickle_around <- function(x) {
  frame <- data.frame(n = 1L)
  frame$x <- structure(list(1), u = x)
  dict <- structure(list(keys = list(1), values = list(x)), class = "python_dict")
  write_pickle(list(x, list(a = x), frame, structure(1, u = x), dict))
}

# In a process of its own: looks at the values in every common way; the number of values.
look_at <- function(pickles, trusted, folder) {
  for (package in c("MASS", "nlme", "lattice")) requireNamespace(package, quietly = TRUE)
  leave <- function(...) file.create(file.path(folder, "vignette"))
  options(browser = leave, pager = leave, pdfviewer = "false", editor = leave, device = leave)
  ways <- list(print, format, utils::str, summary, as.character, toString, length, as.list,
               as.matrix, function(x) x[1L], function(x) c(x, x), function(x) x == x, utils::head)
  looks <- 0L
  sink(nullfile())
  for (pickle in pickles) {
    values <- suppressWarnings(mmappickle::read_pickle(pickle, trusted = trusted))
    for (x in c(list(values), values, list(values[[2L]]$a, attr(values[[4L]], "u")))) {
      looks <- looks + 1L
      for (way in ways) suppressWarnings(try(way(x), silent = TRUE))
    }
  }
  sink()
  looks
}
