# Values that carry a class of the package's, and are not what it made: each use of them works
# or is an error of the package's, and R goes on.

# All that is done here is done in a session of its own. What went wrong is told by line.
mutations <- function(seed, rounds, path) {
  library(mmappickle)
  set.seed(seed)
  m <- mmapdict(path)
  m[["x"]] <- matrix(c(1, 2, 3, 4), 2)
  ours <- c(
    "ndarray", "empty_ndarray", "mmarray", "mmapdict", "python_object", "python_dict", "r_object"
  )
  seeds <- function() {
    list(
      ndarray(1:3, "int8"), ndarray(cars[1:3, ], c(speed = "uint8")),
      ndarray(list(1, "a"), "object"),
      ndarray(matrix(as.raw(1:4), 2), "V2"), ndarray(c("a", "b")), empty_ndarray(c(2, 3)),
      empty_ndarray(2, c(a = "int8", b = "U3")), mmarray(m, "x"), m, r_object(1),
      read_pickle(charToRaw("cdecimal\nDecimal\n(V1.50\ntR.")),
      read_pickle(charToRaw("(dI1\nI2\ns."))
    )
  }
  odd <- function() {
    one <- list(
      NULL, NA, NA_character_, -1, 1e300, NaN, Inf, "int8", "object", "U", "V3", "S", "float96",
      ">i4", "C", "F", "", character(),
      1:3, list(), list(1), list(a = "int8"), list(a = "object", b = "U"),
      c(a = "int8", a = "int8"),
      raw(3), sum, globalenv(), quote(a), stdin(), factor("a"),
      as.POSIXlt(0, origin = "1970-01-01", tz = "UTC"),
      data.frame(a = 1:2), structure(list(), names = character()), methods::new("externalptr"),
      array(1, rep(1, 70)),
      seq_len(100), c("dim", "dtype", "order"), 2^62, structure(list(1), class = "ndarray")
    )
    one[[sample.int(length(one), 1L)]]
  }
  put <- function(part, at, value) {
    if (is.null(value) && stats::runif(1) < 0.5) part[at] <- list(NULL) else part[[at]] <- value
    part
  }
  mutated_list <- function(part) {
    if (!is.list(part) || !length(part)) return(odd())
    at <- sample.int(length(part), 1L)
    switch(sample.int(6L, 1L),
      put(part, at, odd()), part[-at], c(part, list(odd())), {
        names(part)[[at]] <- "other"
        part
      }, put(part, at, mutated_list(.subset2(part, at))), rev(part)
    )
  }
  mutate <- function(x) {
    switch(sample.int(7L, 1L),
      {
        fields <- attr(x, "fields", TRUE)
        if (is.list(fields)) attr(x, "fields") <- mutated_list(fields)
        x
      },
      {
        if (is.function(x)) attr(x, "fields") <- odd()
        x
      },
      {
        class(x) <- sample(ours, sample.int(2L, 1L))
        x
      },
      structure(
        list(odd(), odd(), odd()),
        names = sample(c("x", "dim", "dtype", "order", "keys"), 3L), class = sample(ours, 1L)
      ),
      structure(odd() %||% list(), class = sample(ours, 1L)),
      if (is.list(x)) structure(mutated_list(unclass(x)), class = class(x)) else x,
      {
        if (is.list(x)) attr(x, "pickle") <- odd()
        x
      }
    )
  }
  `%||%` <- function(x, y) if (is.null(x)) y else x
  uses <- list(
    store = function(x) {
      m$k <- x
      m$k
    },
    deep = function(x) m$k <- list(1, list(a = x)),
    column = function(x) {
      d <- data.frame(a = 1:2)
      d$b <- list(x, x)
      m$k <- d
    },
    attribute = function(x) suppressWarnings(m$k <- structure(1, note = x)),
    pickle = write_pickle, form = as_python, slice = function(x) m["x", 1, 1] <- x,
    print = function(x) print(x), format = function(x) format(x), string = function(x) str(x),
    subset = function(x) x[1], length = length, mark = function(x) ndarray(x),
    materialize = materialize,
    view = is_view, open = function(x) unserialize_r_object(x)
  )
  wrong <- character()
  for (round in seq_len(rounds)) {
    all <- seeds()
    x <- tryCatch(mutate(all[[sample.int(length(all), 1L)]]), error = function(e) NULL)
    if (stats::runif(1) < 0.3) x <- tryCatch(mutate(x), error = function(e) NULL)
    if (is.null(x)) next
    for (use in names(uses)) {
      cat(seed, round, use, "\n", file = paste0(path, ".log"))
      e <- tryCatch({
        utils::capture.output(suppressWarnings(uses[[use]](x)))
        NULL
      }, error = identity)
      # R's own word on a function that calls itself an r_object
      if (!is.null(e) && !inherits(e, c("mmappickle_error", "notSubsettableError"))) {
        wrong <- c(wrong, paste(use, conditionMessage(e), paste(class(x), collapse = "/"),
                                typeof(x), collapse = " | "))
      }
    }
  }
  list(wrong = wrong, whole = identical(m[["x"]][], m[["x"]][]) && is.null(fsck(path)$problem))
}

test_that("what only calls itself ours is told so, and R goes on", {
  skip_on_cran()
  skip_if_not_installed("callr")
  path <- new_path()
  seed <- if (longer() > 1L) sample.int(1e6, 1L) else 947873L
  seen <- callr::r(mutations, list(seed, 150L * longer(), path))
  expect_identical(unique(seen$wrong), character(), label = paste("wrong with the seed", seed))
})

test_that("marks that are none are refused where they stand", {
  m <- local_store()
  lies <- list(
    structure(list(1), class = "ndarray"), structure(list(), class = "empty_ndarray"),
    structure(1:3, class = "mmarray"), structure(list(), class = "mmarray"),
    structure(list(), class = "mmapdict"), structure(list(1), class = c("mine", "ndarray")),
    local({
      x <- ndarray(1:3)
      x[["x"]] <- NULL
      x
    }),
    local({
      x <- empty_ndarray(3)
      x$dtype <- NULL
      x
    }),
    local({
      x <- ndarray(data.frame(a = 1, b = 2))
      x$x <- data.frame(a = 1)
      x
    }),
    local({
      x <- ndarray(list(1), "object")
      x$dtype <- "int8"
      x
    })
  )
  # not expect_error(): it looks at the values in the call, asks for their length
  refused <- function(code) {
    inherits(tryCatch(code, error = identity), "mmappickle_error_value")
  }
  expect_unchanged_file(m, for (at in seq_along(lies)) {
    x <- lies[[at]]
    answers <- c(refused(m$k <- x), refused(m$k <- list(a = list(x))), refused(write_pickle(x)))
    expect_identical(answers, c(TRUE, TRUE, TRUE), label = paste("lie", at))
  })
})

test_that("a part of a mark is a mark; what else would change one is refused", {
  m <- local_store()
  x <- ndarray(c(a = 1, b = 2, c = 3), "int8")
  m[["k"]] <- x[2:3]
  expect_identical(m[["k"]][], c(b = 2L, c = 3L))
  expect_identical(entries(m)$dtype, "int8")
  m[["k"]] <- ndarray(cars, c(speed = "int8"))[1:2, "speed", drop = FALSE]
  expect_identical(m[["k"]]$speed[], c(4L, 4L))
  expect_identical(length(x), 3L)
  for (f in list(
    mean, sum, t, rev, unique, as.numeric, as.list, function(x) x + 1, function(x) c(x, x),
    function(x) rbind(x, 1),
    function(x) {
      length(x) <- 1
      x
    },
    function(x) {
      dim(x) <- 3
      x
    },
    function(x) {
      names(x) <- "a"
      x
    },
    function(x) {
      x[1] <- 2
      x
    }
  )) {
    expect_kind(f(x), "value")
    expect_kind(f(empty_ndarray(3)), "value")
  }
})

test_that("connections and the like are no values", {
  m <- local_store()
  file <- file(withr::local_tempfile(lines = "a"))
  withr::defer(close(file))
  text <- textConnection("a")
  withr::defer(close(text))
  expect_unchanged_file(m, for (x in list(stdin(), file, text, unclass(file),
                                          structure(list(socket = 3L), class = "socket"))) {
    expect_kind(m$con <- x, "value")
    expect_error(m$con <- list(a = 1, b = list(x)), "m$con$b[[1]]", fixed = TRUE,
                 class = "mmappickle_error_value")
    expect_kind(m$con <- data.frame(a = I(list(x))), "value")
    expect_kind(write_pickle(list(x)), "value")
  })
  expect_warning(m$k <- structure(1, source = file), class = "mmappickle_warning_dropped")
  expect_identical(m$k, 1)
})
