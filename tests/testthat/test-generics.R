# Functions of R on an mmarray: what they give for its values, or an error.

# Functions of R's packages that can be called with one argument, without effects outside.
functions_to_try <- function() {
  methods <- unlist(lapply(c("base", "stats", "utils", "graphics"), function(package) {
    ls(get(".__S3MethodsTable__.", asNamespace(package)))
  }))
  found <- c(
    lapply(c(base = "base", stats = "stats"), getNamespaceExports),
    list(utils = c("head", "tail", "stack", "type.convert", "hsearch_db_keywords"),
         graphics = c("hist", "boxplot", "barplot"))
  )
  effects <- paste0(
    "^([.]|sys|Sys|socket|.*[cC]onnection|.*<-$|as[.]function|.*[.]default$|.*[.](Date|POSIX.*)$)|",
    "^(q|quit|return|break|next|browser|repeat|while|for|if|function|readline|readLines|scan|",
    "stdin|",
    "debug.*|undebug|trac.*|untrac.*|retrac.*|attach|detach|library|require.*|loadN.*|unloadN.*|",
    "attachN.*|on.exit|Recall|gc.*|sink.*|system.*|shell.*|unlink|file.*|dir.*|setwd|options|",
    "close.*|lock.*|unlock.*|makeActiveBinding|reg.finalizer|rm|remove|invokeRestart|stop.*|",
    "signalCondition|pushBack.*|clearPushBack|Tailcall|Exec|set[A-Z].*|set[.]seed|save.*|dump|",
    "dput|load.*|dyn.*|serialize|sq.*|serverSocket|url|pipe|fifo|.*zfile|unz|open|",
    "warning|message|packageStart.*|nlm|environment|env.*|allowInterrupts|suspendInterrupts|",
    "memory.*|mem.*|Cstack.*|bind.*|date|tempfile|proc.time|nls.control|glm.control|cat|",
    "dontCheck|enquote|getCallingDLL.*|print.*|format.*|prettyNum|writeLines|write.*|readRDS|",
    "match.call|traceback|builtins|warnings|globalCallingHandlers|.*[cC]allback.*)$"
  )
  unlist(lapply(names(found), function(package) {
    names <- sort(setdiff(found[[package]], methods))
    names <- names[!grepl(effects, names)]
    functions <- mget(names, envir = asNamespace(package), mode = "function",
                      ifnotfound = list(NULL))
    functions <- Filter(Negate(is.null), functions)
    names(functions) <- paste0(package, "::", names(functions))
    functions
  }))
}

# These say of the object what is true of an mmarray, and not of its values, or show the call.
about_the_object <- c(
  # R 4.6 ranks objects, and names columns after the call
  "which.max", "which.min", "as.data.frame.vector",
  "dim", "nrow", "ncol", "is.double", "is.integer", "is.character", "is.logical", "is.complex",
  "is.function", "is.object", "is.primitive", "is.vector", "is.atomic", "is.recursive", "class",
  "oldClass", "data.class", "mode", "storage.mode", "typeof", "inherits", "attributes", "formals",
  "body", "args", "formalArgs", "match.fun", "isdebugged", "simpleError", "simpleCondition",
  "simpleWarning", "simpleMessage", "errorCondition", "warningCondition", "object.size",
  "substitute",
  "noquote", "withAutoprint", "chisq.test", "expression", "quote", "bquote", "call", "pairlist",
  "as.pairlist", "I", "mapply", "Map", "Vectorize",
  "Negate", "try", "isa", "NCOL", "NROW", "addmargins", "encodeString", "is.numeric_version",
  "deparse1", "deparse", "alist", "list", "withVisible", "Reduce", "Filter", "Find", "Position",
  "switch",
  "is.environment", "standardGeneric", "UseMethod", "is.language", "is.symbol", "is.element",
  "array2DF", "mtfrm", "interaction", "expand.grid", "isGeneric", "forceAndCall", "unclass",
  "rawConnectionValue",
  "as.vector", "as.array", "ftable", "as.name", "as.symbol", "trace", "asS4", "asS3", "isS4",
  "as.list", "labels", "aperm", "as.table", "array", "margin.table", "marginSums", "proportions",
  "prop.table"
)

outcome <- function(f, x) {
  set.seed(1)
  tryCatch(
    {
      utils::capture.output(value <- suppressMessages(suppressWarnings(withVisible(f(x))$value)))
      list(value = value)
    },
    error = function(e) list(error = e)
  )
}

# Alike, but for the names of the argument in calls.
alike <- function(x, y) {
  if (inherits(y, "mmarray")) y <- y[]
  if (is.function(x)) {
    return(is.function(y))
  }
  if (is.list(x) && is.list(y)) {
    x <- unclass(x)
    y <- unclass(y)
    for (part in c("call", "data.name", "xname")) x[[part]] <- y[[part]] <- NULL
  }
  if (is.null(x) || is.null(y)) {
    return(identical(x, y))
  }
  identical(x, y) || isTRUE(all.equal(unname(x), unname(y), check.attributes = FALSE))
}

test_that("functions of base and stats give what they give for the values, or an error", {
  skip_on_cran()
  withr::local_pdf(NULL)
  m <- local_store()
  m[["vector"]] <- c(3, 1, 2)
  m[["matrix"]] <- matrix(c(4, 2, 2, 3), 2)
  m[["integer"]] <- ndarray(c(3L, 1L, NA), "int16")
  m[["dates"]] <- as.Date("2024-02-29") + c(0, 5, 2)
  m[["text"]] <- ndarray(c("a", "b", "a"), "U3")
  before <- file_bytes(path_of(m))
  functions <- functions_to_try()
  functions <- functions[!sub(".*::", "", names(functions)) %in% about_the_object]
  right <- 0
  for (key in names(m)) {
    a <- mmarray(m, key)
    x <- materialize(a[])
    for (name in names(functions)) {
      got <- outcome(functions[[name]], a)
      # attributes of an mmarray on another value: an error when it is used
      lie <- inherits(got$value, "mmarray") && !is.function(got$value)
      if (!is.null(got$error) || lie) next
      want <- outcome(functions[[name]], x)
      same <- is.null(want$error) && alike(want$value, got$value)
      if (!same) fail(paste(name, "of", key, "is another for an mmarray"))
      right <- right + same
    }
    expect_identical(file_bytes(path_of(m)), before, label = key)
  }
  # many of them do work
  expect_gt(right, 600)
})

test_that("generics work on an mmarray as on its values", {
  m <- local_store()
  m[["x"]] <- matrix(c(4, 2, 2, 3, 9, -1), 2, dimnames = list(NULL, c("u", "v", "w")))
  m[["v"]] <- c(a = 1, b = 2, c = 5)
  m[["i"]] <- ndarray(c(TRUE, NA), "bool")
  calls <- expression(
    mean(x), sum(x), sum(x, v, 1), range(v, 7), max(x), prod(v), any(i), all(i, na.rm = TRUE),
    median(v),
    quantile(v, c(0.1, 0.5)), summary(v), t(x), x + 1, 1 - x, -x, !i, x == 2, x %% 2, v / v,
    v + 1:3,
    sqrt(v), round(x / 3, 1), cumsum(v), exp(v), log(v, 2), Re(v), is.na(i), anyNA(i), rev(v),
    sort(v, decreasing = TRUE),
    order(v), rank(v), unique(v), duplicated(v), rep(v, times = 2), rep(v, each = 2), c(v, 1),
    head(x, 1), tail(v, 2), diff(v), cut(v, 3), split(v, c(1, 1, 2)), as.numeric(x), as.integer(x),
    as.character(v), as.logical(v), as.complex(v), as.data.frame(x), data.frame(q = x), rbind(x, 9),
    cbind(x, y = 1:2),
    rbind(v, 1), cbind(v), rbind(v, v), cbind(x, x), apply(x, 1, sum), sapply(v, identity),
    aperm(x), outer(v, v),
    tapply(v, c(1, 1, 2), sum), scale(x), as.matrix(v), ifelse(v > 1, v, 0), pmin(2, v),
    sweep(x, 1, 1:2), table(v), format(x[]), paste(v), sd(v), mapply(sum, v, v),
    vapply(v, function(e) e * 2, 0), Reduce(`+`, v), Filter(function(e) e > 1, v), is.numeric(x),
    is.matrix(x),
    weighted.mean(v, 1:3), seq(v), seq_along(v), rowsum(v, c(1, 1, 2)), all.equal(v, v),
    toString(v), length(x), dim(x), nrow(x)
  )
  values <- list(x = materialize(m[["x"]]), v = materialize(m[["v"]]), i = materialize(m[["i"]]))
  arrays <- lapply(list(x = "x", v = "v", i = "i"), function(key) mmarray(m, key))
  before <- file_bytes(path_of(m))
  for (call in as.list(calls)) {
    expect_identical(eval(call, arrays), eval(call, values), label = deparse1(call))
  }
  expect_identical(file_bytes(path_of(m)), before)
  # functions of R's that would write are refused
  for (f in list(function(a) pmax(a, 2), function(a) replace(a, 1, 5), ave)) {
    expect_kind(f(arrays$v), "index")
  }
  expect_identical(file_bytes(path_of(m)), before)
  # those of the user's write, as the help says
  v <- arrays$v
  (function(a) a[2] <- 20)(v)
  expect_identical(v[["b"]], 20)
})

test_that("products of matrices, which R dispatches on since 4.3 and 4.4, are errors before", {
  m <- local_store()
  m[["x"]] <- matrix(c(4, 2, 2, 3), 2)
  a <- mmarray(m, "x")
  if (getRversion() < "4.4") {
    expect_error(crossprod(a))
  } else {
    expect_identical(a %*% a, a[] %*% a[])
    expect_identical(crossprod(a), crossprod(a[]))
  }
})

test_that("attributes of an mmarray are not assigned", {
  m <- local_store()
  m[["x"]] <- matrix(1:4, 2)
  a <- mmarray(m, "x")
  expect_unchanged_file(m, {
    expect_kind(dim(a) <- 4L, "index")
    expect_kind(names(a) <- letters[1:4], "index")
    expect_kind(dimnames(a) <- NULL, "index")
    expect_kind(length(a) <- 2L, "index")
    expect_kind(levels(a) <- "a", "index")
    expect_kind(is.na(a) <- 1, "index")
  })
})

test_that("labels are made of what was given, and functions found where the call is", {
  m <- local_store()
  m[["a"]] <- c(1, 2, 3, 4.5)
  heights <- mmarray(m, "a")
  weights <- mmarray(m, "a")
  values <- heights[]
  expect_identical(hist(heights, plot = FALSE)$xname, "heights")
  expect_identical(t.test(heights, mu = 1)$data.name, "heights")
  expect_identical(cor.test(heights, weights)$data.name, "heights and weights")
  expect_identical(t.test(mmarray(m, "a"))$data.name, "mmarray(m, \"a\")")
  expect_named(as.data.frame(heights), "heights")
  expect_identical(names(dimnames(table(heights))), "heights")
  # Two values of the same words are two.
  n <- 0
  next_one <- function() if ((n <<- n + 1) == 1) heights else heights + 1
  expect_identical(cor.test(next_one(), next_one())$data.name, "x1 and x2")
  expect_identical(do.call(sum, list(heights, values)), 2 * sum(values))
  expect_identical(
    ks.test(heights, "pnorm")$p.value, ks.test(values, "pnorm")$p.value
  )
  my_distribution <- function(q) stats::pnorm(q, mean = 2)
  expect_identical(
    ks.test(heights, "my_distribution")$p.value, ks.test(values, "my_distribution")$p.value
  )
})

test_that("sprintf(), which asks C for the length, gives no answer", {
  m <- local_store()
  m[["a"]] <- c(1, 2, 3)
  a <- mmarray(m, "a")
  expect_error(sprintf("%s", a), class = "mmappickle_error_index")
  expect_error(sprintf("%.1f of %d", a, 1:3), class = "mmappickle_error_index")
  expect_error(gettextf("%s", a), class = "mmappickle_error_index")
  expect_identical(sprintf("%.1f", a[]), c("1.0", "2.0", "3.0"))
})
