# No function of R writes through a view, neither into the file nor into what other views read.

# What reads, computes, sorts, binds, changes copies.
base_functions <- function() {
  replace_some <- function(x) {
    x[1] <- x[2]
    x[[3]] <- x[[1]]
    x
  }
  list(
    twice = function(x) x * 2, `x + x` = function(x) x + x, `-x` = function(x) -x,
    `x - 1L` = function(x) x - 1L, `x / 3` = function(x) x / 3, `x^2` = function(x) x^2,
    `x %% 2` = function(x) x %% 2, `x %/% 2` = function(x) x %/% 2, `!x` = function(x) !x,
    `x > 3` = function(x) x > 3, `x == x` = function(x) x == x, `x & TRUE` = function(x) x & TRUE,
    sqrt = sqrt, abs = abs, exp = exp, log = log, round = round, signif = signif, floor = floor,
    trunc = trunc, cumsum = cumsum, cummax = cummax, cumprod = cumprod, range = range, sum = sum,
    mean = mean, median = median, quantile = quantile, var = function(x) var(c(x)),
    prod = prod, min = min, max = max, which.max = which.max, sort = sort,
    `sort, method` = function(x) sort(x, method = "quick"), sort.int = sort.int, order = order,
    rank = rank, rev = rev, unique = unique, duplicated = duplicated, table = table, match =
      function(x) match(x, x[1:9]), c = function(x) c(x, x), rbind = function(x) rbind(x, x),
    cbind = function(x) cbind(x, x), t = t, aperm = function(x) aperm(as.array(x)),
    `%*%` = function(x) x %*% x, crossprod = crossprod, colSums = colSums, rowMeans = rowMeans,
    apply = function(x) apply(x, 1, sum), sweep = function(x) sweep(x, 1, 2), scale = scale,
    outer = function(x) outer(x[1:9], x[1:9]), ifelse = function(x) ifelse(x > 0, x, 0),
    pmin = function(x) pmin(x, 3), pmax = function(x) pmax(x, x), diff = diff,
    rep = function(x) rep(x, 2), rep_len = function(x) rep_len(x, 999), append =
      function(x) append(x, 1, 3), split = function(x) split(x, rep(1:2, length.out = length(x))),
    cut = function(x) cut(x, 3), findInterval = function(x) findInterval(x, 1:3),
    tapply = function(x) tapply(x, rep(1:2, length.out = length(x)), length),
    format = format, paste = paste, toupper = toupper, substr = function(x) {
      substr(x, 1, 1) <- "z"
      x
    },
    nchar = nchar, is.na = is.na, `is.na<-` = function(x) `is.na<-`(x, 2), `[<-` = replace_some,
    `length<-` = function(x) `length<-`(x, 5), `names<-` = function(x) names(x) <- seq_along(x),
    `dim<-` = function(x) dim(x) <- c(length(x), 1L), `levels<-` = function(x) levels(x) <- "a",
    `attr<-` = function(x) attr(x, "a") <- 1, `class<-` = function(x) class(x) <- "own",
    `storage.mode<-` = function(x) storage.mode(x) <- "double", as.integer = as.integer,
    as.double = as.double, as.character = as.character, as.vector = as.vector, unclass = unclass,
    as.data.frame = function(x) {
      d <- as.data.frame(x)
      d[1, 1] <- NA
      d
    },
    list = function(x) {
      l <- list(a = x)
      l$a[2] <- l$a[1]
      l
    },
    lapply = function(x) lapply(x, identity), vapply = function(x) vapply(x, is.na, NA),
    Reduce = function(x) Reduce(`+`, x, accumulate = TRUE), mapply =
      function(x) mapply(identity, x), do.call = function(x) do.call(sum, list(x)),
    serialize = function(x) serialize(x, NULL), identical = function(x) identical(x, x),
    all.equal = function(x) all.equal(x, x), bitwAnd = function(x) bitwAnd(x, 1L),
    xor = function(x) xor(x, x), Mod = Mod, Conj = Conj, fft = fft, rowsum =
      function(x) rowsum(x, rep(1:2, length.out = NROW(x))), writeBin =
      function(x) writeBin(x, raw()), nested = function(x) {
        f <- function(a) {
          a[2] <- a[1]
          sort(a * 2)
        }
        f(x)
      }
  )
}

test_that("no function of R writes through a view", {
  m <- local_store()
  fill_kinds(m, 70L)
  want <- lapply(setNames(nm = names(m)), function(key) materialize(m[[key]]))
  sum_before <- unname(tools::md5sum(path_of(m)))
  worked <- setNames(numeric(length(base_functions())), names(base_functions()))
  for (key in names(want)) {
    for (name in names(base_functions())) {
      f <- base_functions()[[name]]
      label <- paste(name, "of", key)
      kept <- m[[key]]
      # a view that nothing else refers to, and one that a variable holds
      ok <- !inherits(try(suppressWarnings(f(m[[key]])), silent = TRUE), "try-error")
      try(suppressWarnings(f(kept)), silent = TRUE)
      worked[[name]] <- worked[[name]] + ok
      if (!identical(kept, want[[key]]) || !identical(materialize(m[[key]]), want[[key]])) {
        fail(paste(label, "changed a view"))
      }
    }
  }
  expect_identical(unname(tools::md5sum(path_of(m))), sum_before)
  expect_identical(names(worked)[worked == 0], character())
})
