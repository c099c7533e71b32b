# The main paths of the package, each a function of the path of a new file that gives what it
# saw: for runs that look at memory (test-memory.R, tools/main-paths.R), which compare what
# the paths give there with what they give without being looked at.

# The class and words of a condition, paths taken out.
condition_of <- function(code) {
  condition <- tryCatch(
    {
      code
      NULL
    },
    condition = identity
  )
  if (is.null(condition)) return("none")
  list(class(condition), sub("'/[^']*'", "<path>", conditionMessage(condition)))
}

with_store <- function(f) {
  function(path) {
    m <- mmappickle::mmapdict(path)
    on.exit(close(m))
    f(m)
  }
}

main_paths <- function(n = 20L) {
  kinds <- kinds_of_views(n)
  plain <- list(
    none = NULL, flag = TRUE, int = 1L, real = 1.5, text = "h\u00e9", na = NA, words = c("a", NA),
    latin = iconv("\u00e9", "UTF-8", "latin1"), numbers = as.character(1:5),
    list = list(a = 1, b = list(2L, "x", NULL)), named = c(a = 1, b = 2),
    frame = data.frame(d = c(1.5, 2), i = 1:2, s = c("a", "b"), k = factor(c("u", "v"))),
    formula = structure(1:2, own = quote(y ~ x + f(z)), more = pairlist(a = 1)),
    objects = matrix(list(1, "a", NULL, 2:3), 2), date = as.Date("2020-01-01"),
    time = as.POSIXct("2020-01-01", tz = "UTC")
  )
  plain <- plain[-1L]
  list(
    `put and get` = with_store(function(m) {
      for (key in names(plain)) m[[key]] <- plain[[key]]
      m["none"] <- list(NULL)
      lapply(setNames(nm = names(m)), function(key) m[[key]])
    }),
    `views` = with_store(function(m) {
      for (key in names(kinds)) m[[key]] <- kinds[[key]]
      lapply(setNames(nm = names(m)), function(key) {
        x <- m[[key]]
        list(x[2:3], x[[1]], x[c(TRUE, FALSE)], rev(x), mmappickle::materialize(m[[key]]), x == x,
             mmappickle::view_info(x)$dtype, anyNA(x))
      })
    }),
    `all at once` = with_store(function(m) {
      m[names(kinds)] <- kinds
      list(lapply(as.list(m), mmappickle::materialize), mmappickle::entries(m))
    }),
    `slices` = with_store(function(m) {
      m[["d"]] <- kinds$double
      m[["s"]] <- kinds$strings
      m[["f"]] <- kinds$`strided float32`
      m["d", 2:3] <- c(-1, -2)
      m[["d"]][5] <- 7L
      m["s", 1] <- "z"
      m["f", 1, , 2] <- 0.5
      m[["f"]][2, 1, 1] <- 8
      names(m[["d"]]) <- as.character(seq_along(kinds$double))
      list(m["d", ], m["s", c(2, 1)], m["f", , 2, 1], m["f", cbind(1, 1, 1)],
           mmappickle::materialize(m[["d"]]))
    }),
    `nested` = with_store(function(m) {
      m[["l"]] <- plain$list
      m[["l"]]$b[[1]] <- 9L
      m[["l"]]$new$deep <- c("u", "v")
      m[["frame"]] <- plain$frame
      m[["frame"]]$d[2] <- 0
      m[["frame"]][1, "s"] <- "q"
      list(m[["l"]], lapply(m[["frame"]], mmappickle::materialize))
    }),
    `Python's` = with_store(function(m) {
      # a call, an instance with a state, a dict whose keys are no strings, a cycle
      pickles <- c(
        "cuuid\nUUID\n(S'12345678123456781234567812345678'\ntR.",
        "ccopy_reg\n_reconstructor\n(cmod\nK\nc__builtin__\nobject\nNtR(dS'a'\nI1\nsb.",
        "(dI1\nS'one'\ns(I1\nI2\ntS'pair'\ns.", "(lp0\nI1\nag0\na."
      )
      values <- lapply(pickles, function(p) mmappickle::read_pickle(charToRaw(p)))
      m["object"] <- values[2L]
      m["dict"] <- values[3L]
      list(lapply(values, function(x) capture.output(print(x), str(x))),
           capture.output(print(m[["object"]])), m[["dict"]], m[["object"]]$a,
           condition_of(m["cycle"] <- values[4L]),
           mmappickle::read_pickle(mmappickle::write_pickle(list(a = 1, "b"), NULL)))
    }),
    `shown` = with_store(function(m) {
      m[names(kinds)] <- kinds
      lines <- capture.output(print(m), str(m), print(summary(m)), str(m[["strided"]]),
                              print(m[["strings"]]), str(m[["dates"]]),
                              print(mmappickle::mmarray(m, "strided")))
      lines[!grepl("mmdpickle", lines)]
    }),
    `saved` = with_store(function(m) {
      m[names(kinds)] <- kinds
      read <- lapply(setNames(nm = names(m)), function(key) m[[key]])
      again <- unserialize(serialize(list(m, read), NULL))
      list(again[[2L]], length(again[[1L]]), {
        close(again[[1L]])
        NULL
      })
    }),
    `changes` = with_store(function(m) {
      m[names(kinds)] <- kinds
      x <- m[["strings"]]
      y <- m[["float32"]]
      for (key in names(kinds)[c(TRUE, FALSE)]) m[[key]] <- NULL
      m[["double"]] <- y
      mmappickle::vacuum(m)
      path <- asNamespace("mmappickle")$own(m, ".path")
      list(x[1:3], y[1:3], names(m), mmappickle::fsck(path)$problem)
    }),
    `errors` = with_store(function(m) {
      m[["x"]] <- kinds$int16
      m[["l"]] <- list(1, 2)
      list(
        condition_of(m[["absent"]]), condition_of(m[["f"]] <- list(a = list(sin))),
        condition_of(m["x", 1] <- 1e9), condition_of(m["x", 1e9]),
        condition_of(m[["t"]] <- structure(1:2, own = new.env())),
        condition_of(mmappickle::mmapdict("/nowhere/at/all")),
        condition_of(mmappickle::read_pickle(as.raw(c(0x80, 4, 0x95)))),
        condition_of(m[["s"]] <- mmappickle::ndarray("\u4e2d", "S1")),
        condition_of(m[[NA_character_]]), condition_of(m["l", 1])
      )
    })
  )
}
