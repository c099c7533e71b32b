# m[["k"]][i] <- v is m["k", i] <- v (R/lhs.R).

in_place <- function(m, code, key = "x") {
  before <- entries(m)
  size <- file.size(path_of(m))
  force(code)
  expect_identical(entries(m), before)
  expect_identical(file.size(path_of(m)), size)
}

store_with_matrix <- function(..., .local_envir = parent.frame()) {
  m <- local_store(..., .local_envir = .local_envir)
  m[["x"]] <- ndarray(matrix(1:6, 2), "int16")
  m
}

test_that("every form of subscript writes in place", {
  for (dims in c("same", "reversed")) {
    m <- store_with_matrix(dims = dims)
    x <- matrix(1:6, 2)
    in_place(m, {
      m[["x"]][2] <- 20L
      x[2] <- 20L
      m[["x"]][1, 3] <- 30L
      x[1, 3] <- 30L
      m[["x"]][, 2] <- 7:8
      x[, 2] <- 7:8
      m[["x"]][-1, c(TRUE, FALSE, TRUE)] <- -1L
      x[-1, c(TRUE, FALSE, TRUE)] <- -1L
      m[["x"]][cbind(1, 2)] <- 99L
      x[cbind(1, 2)] <- 99L
      m[["x"]][x > 50] <- 50L
      x[x > 50] <- 50L
      m[["x"]][[1]] <- 11L
      x[[1]] <- 11L
      m[["x"]][[2, 2]] <- 22L
      x[[2, 2]] <- 22L
    })
    expect_identical(m[["x"]][], x[])
    in_place(m, m[["x"]][] <- 1:6)
    expect_identical(m[["x"]][], matrix(1:6, 2))
    in_place(m, m[["x"]][, ] <- 0L)
    expect_identical(m[["x"]][], matrix(0L, 2, 3))
  }
})

test_that("$ does the same", {
  m <- store_with_matrix()
  in_place(m, {
    m$x[2] <- 20
    m$x[1, 3] <- 30
    m$x[[1]] <- 10
  })
  expect_identical(m[["x"]][], matrix(c(10L, 20L, 3L, 4L, 30L, 6L), 2))
})

test_that("it works in functions, loops, local(), lapply(), by <<- and do.call()", {
  m <- store_with_matrix()
  f <- function(m, i) m[["x"]][i] <- i * 10L
  g <- function() m[["x"]][2] <<- 21L
  in_place(m, {
    f(m, 1L)
    g()
    local(m[["x"]][3] <- 30L)
    for (i in 4:5) m[["x"]][i] <- i * 10L
    invisible(lapply(6L, function(i) m[["x"]][i] <- i * 10L))
  })
  expect_identical(as.vector(m[["x"]]), c(10L, 21L, 30L, 40L, 50L, 60L))
})

test_that("it works in byte-compiled code", {
  m <- store_with_matrix()
  f <- compiler::cmpfun(function(m, i, v) {
    m[["x"]][i] <- v
    m$x[i, 1] <- v
    invisible(m)
  })
  in_place(m, f(m, 2, 20L))
  expect_identical(as.vector(m[["x"]]), c(1L, 20L, 3L, 4L, 5L, 6L))
})

test_that("handles in lists and environments work, three levels deep", {
  m <- store_with_matrix()
  l <- list(m = m, deep = list(m = m))
  e <- new.env()
  e$m <- m
  in_place(m, {
    l$m[["x"]][1] <- 10
    l$deep$m[["x"]][2] <- 20
    l[["deep"]][["m"]]$x[3] <- 30
    e$m[["x"]][4] <- 40
    e$m$x[[5]] <- 50
  })
  expect_identical(as.vector(m[["x"]]), c(10L, 20L, 30L, 40L, 50L, 6L))
  expect_identical(l$m, m)
})

test_that("the value of the expression is the right-hand side, and no *tmp* is left", {
  m <- store_with_matrix()
  expect_identical(m[["x"]][1] <- 5, 5)
  expect_false(exists("*tmp*", inherits = FALSE))
  try(m[["x"]][100] <- 5, silent = TRUE)
  expect_false(exists("*tmp*", inherits = FALSE))
})

test_that("the subscript and the value may read the entry itself", {
  m <- store_with_matrix()
  m[["x"]][m[["x"]] > 3] <- m[["x"]][1:3]
  expect_identical(m[["x"]][], matrix(c(1L, 2L, 3L, 1L, 2L, 3L), 2))
})

test_that("an error leaves the file as it was", {
  m <- store_with_matrix()
  m[["f"]] <- c(1.5, 2.5)
  expect_unchanged_file(m, {
    expect_error(m[["x"]][1] <- stop("half-way"), "half-way")
    expect_error(m[["x"]][stop("half-way")] <- 1, "half-way")
    expect_kind(m[["x"]][7] <- 1, "index")
    expect_kind(m[["x"]][3, 1] <- 1, "index")
    expect_kind(m[["x"]][1, 1, 1] <- 1, "index")
    expect_kind(m[["x"]][NA] <- 1, "index")
    expect_kind(m[["x"]][1] <- 1e6, "value")
    expect_kind(m[["x"]][1] <- 0.5, "value")
    expect_kind(m[["x"]][1] <- NA, "value")
    expect_kind(m[["x"]][1] <- "a", "value")
    expect_kind(m[["x"]][1:4] <- 1:3, "value")
    expect_kind(m[["x"]][[1]] <- 1:2, "value")
    expect_kind(m[["x"]][[1:2]] <- 1, "index")
    expect_kind(m[["x"]]$a <- 1, "value")
    expect_kind(m[["absent"]][1] <- 1, "key")
    expect_kind(m$absent[1] <- 1, "key")
    expect_kind(m[[c("x", "f")]][1] <- 1, "key")
  })
})

test_that("a read-only handle refuses, whatever the form", {
  m <- store_with_matrix()
  m[["l"]] <- list(a = 1)
  r <- mmapdict(path_of(m), readonly = TRUE)
  withr::defer(close(r))
  expect_unchanged_file(m, {
    expect_kind(r[["x"]][1] <- 1, "readonly")
    expect_kind(r$x[1] <- 1, "readonly")
    expect_kind(r["x", 1] <- 1, "readonly")
    expect_kind(names(r[["x"]]) <- "a", "readonly")
    expect_kind(r[["l"]]$a <- 2, "readonly")
  })
})

test_that("names<- and dim<- read, change and store whole", {
  m <- local_store()
  m[["v"]] <- c(1, 2, 3, 4)
  names(m[["v"]]) <- c("a", "b", "c", "d")
  expect_identical(m[["v"]][], c(a = 1, b = 2, c = 3, d = 4))
  names(m[["v"]])[2] <- "B"
  expect_identical(names(m[["v"]]), c("a", "B", "c", "d"))
  m[["v"]]["B"] <- 20
  expect_identical(m["v", "B"], c(B = 20))
  names(m$v) <- NULL
  dim(m[["v"]]) <- c(2, 2)
  expect_identical(m[["v"]][], matrix(c(1, 20, 3, 4), 2))
  dimnames(m[["v"]]) <- list(c("r", "s"), NULL)
  m[["v"]]["s", 2] <- 40
  expect_identical(m[["v"]]["s", ], c(20, 40))
  rownames(m[["v"]])[1] <- "R"
  expect_identical(rownames(m[["v"]]), c("R", "s"))
})

test_that("other attributes and classes are stored whole, too", {
  m <- store_with_matrix()
  attr(m[["x"]], "units") <- "m"
  expect_identical(m[["x"]], structure(matrix(1:6, 2), units = "m"))
  class(m[["x"]]) <- "mine"
  expect_identical(m[["x"]], structure(matrix(1:6, 2), units = "m", class = "mine"))
  m[["x"]][1, 1] <- 10L
  expect_identical(unclass(m[["x"]])[1, ], c(10L, 3L, 5L))
  expect_error(dim(m[["x"]]) <- c(5, 5))
  expect_identical(dim(m[["x"]]), 2:3)
})

test_that("what changes type or length is stored whole", {
  m <- store_with_matrix()
  storage.mode(m[["x"]]) <- "double"
  expect_identical(m[["x"]][], matrix(as.double(1:6), 2))
  expect_identical(entries(m)$dtype, "float64")
  length(m[["x"]]) <- 2
  expect_identical(m[["x"]][], c(1, 2))
  is.na(m[["x"]])[2] <- TRUE
  expect_identical(m[["x"]][], c(1, NA))
})

test_that("replacement functions of R and of users write in place", {
  m <- local_store()
  m[["x"]] <- matrix(0, 3, 3)
  `second<-` <- function(x, value) {
    x[2] <- value
    x
  }
  in_place(m, {
    diag(m[["x"]]) <- 1
    second(m[["x"]]) <- 5
    m[["x"]][2:3, ][1] <- 6
  })
  expect_identical(m[["x"]][], matrix(c(1, 6, 0, 0, 1, 0, 0, 0, 1), 3))
})

test_that("lists are read, changed and stored whole", {
  m <- local_store()
  m[["l"]] <- list(arr = c(1, 2, 3), s = "x", deep = list(a = list(b = 1)))
  m[["l"]]$a <- 1
  m[["l"]][["arr"]][2] <- 20
  m$l$s <- NULL
  m[["l"]]$deep$a$b <- 5
  m[["l"]][["deep"]]$new$er <- TRUE
  expect_identical(m[["l"]], list(
    arr = c(1, 20, 3), deep = list(a = list(b = 5), new = list(er = TRUE)), a = 1
  ))
  names(m[["l"]])[1] <- "array"
  expect_identical(names(m[["l"]]), c("array", "deep", "a"))
})

test_that("scalars and text are changed and stored whole", {
  m <- local_store()
  m[["s"]] <- "a"
  m[["s"]][2] <- "b"
  expect_identical(m[["s"]], c("a", "b"))
  m[["n"]] <- 1L
  m[["n"]][3] <- 3L
  expect_identical(m[["n"]][], c(1L, NA, 3L))
  m[["r"]] <- as.raw(1:3)
  m[["r"]][2] <- as.raw(9)
  expect_identical(m[["r"]][], as.raw(c(1, 9, 3)))
})

test_that("dates keep their class through the view", {
  m <- mmapdict(fixture_copy("dtypes.mmdpickle"))
  withr::defer(close(m))
  table <- entries(m)
  key <- table$key[table$dtype %in% "datetime64[ns]"][[1]]
  x <- m[[key]][]
  in_place(m, m[[key]][2] <- as.POSIXct("2024-05-06 07:08:09", tz = "UTC"))
  x[2] <- as.POSIXct("2024-05-06 07:08:09", tz = "UTC")
  expect_equal(m[[key]][], x)
})

test_that("no lhs view is given out", {
  m <- store_with_matrix()
  x <- m[["x"]]
  expect_null(oldClass(x))
  x[1] <- 100L
  y <- m[["x"]]
  y <- y + 1L
  y[1] <- 0L
  expect_identical(m[["x"]][], matrix(1:6, 2))
  kept <- NULL
  `keep<-` <- function(x, value) {
    kept <<- x + 0L
    x
  }
  keep(m[["x"]]) <- 1
  expect_null(oldClass(kept))
  kept[1] <- 55L
  expect_identical(m[["x"]][1], 1L)
})

test_that("an lhs view behaves in the hands of a replacement function", {
  m <- store_with_matrix()
  seen <- NULL
  `look<-` <- function(x, value) {
    seen <<- list(
      class(x + 1L), class(-x), class(sqrt(x)), sum(x), class(x[1:2]), class(x[[1]]),
      class(x > 2L), range(x), format(x[1]), capture.output(print(x))
    )
    x
  }
  in_place(m, look(m[["x"]]) <- 1)
  expect_identical(seen[[1]], c("matrix", "array"))
  expect_identical(seen[[2]], c("matrix", "array"))
  expect_identical(seen[[4]], 21L)
  expect_identical(seen[[5]], "integer")
  expect_identical(seen[[6]], "integer")
  expect_identical(seen[[8]], c(1L, 6L))
  expect_identical(seen[[9]], "1")
  expect_identical(seen[[10]], capture.output(print(matrix(1:6, 2))))
})

test_that("a whole array is not copied to write one element", {
  m <- local_store()
  m[["big"]] <- empty_ndarray(c(1e5, 1e4))
  gc(reset = TRUE)
  m[["big"]][5, 5] <- 1
  m[["big"]][1e5, 1e4] <- 2
  used <- gc()
  expect_lt(used[2, ncol(used)], 500)
  expect_identical(m["big", 5, 5], 1)
})

test_that("a class that says what an assignment means is asked", {
  # counts from 0, and takes percent
  `[<-.from_zero` <- function(x, i, value) {
    bare <- unclass(x)
    bare[i + 1] <- as.numeric(sub("%", "", value, fixed = TRUE)) / 100
    structure(bare, class = "from_zero")
  }
  `$<-.from_zero` <- function(x, name, value) structure(x, unit = value)
  m <- local_store()
  m[["k"]] <- structure(c(0.1, 0.2, 0.3), class = "from_zero")
  p <- list(k = m[["k"]])
  m$k[0] <- "50%"
  m[["k"]][2] <- "7%"
  m$k$unit <- "K"
  p$k[0] <- "50%"
  p[["k"]][2] <- "7%"
  p$k$unit <- "K"
  expect_identical(m[["k"]], p$k)
  expect_identical(attr(m[["k"]], "unit"), "K")
  expect_identical(as.numeric(unclass(m[["k"]])), c(0.5, 0.2, 0.07))
  # One without methods is written in place.
  m[["other"]] <- structure(c(1, 2), class = "without_methods")
  before <- view_info(m[["other"]])$offset
  m$other[1] <- 9
  expect_identical(m[["other"]], structure(c(9, 2), class = "without_methods"))
  expect_identical(view_info(m[["other"]])$offset, before)
})

test_that("zoo takes dates for subscripts", {
  skip_if_not_installed("zoo")
  m <- local_store()
  m[["z"]] <- p <- zoo::zoo(c(10, 20, 30), as.Date("2020-01-01") + 0:2)
  m$z[as.Date("2020-01-02")] <- 99
  p[as.Date("2020-01-02")] <- 99
  expect_identical(m[["z"]], p)
})
