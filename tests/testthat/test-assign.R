test_that("names that are equal in different encodings are no keys of a dict", {
  latin <- "\xe9"
  Encoding(latin) <- "latin1"
  x <- structure(list(1, 2), names = c(latin, "\u00e9"))
  m <- local_store()
  m[["k"]] <- x
  expect_identical(m[["k"]], x)
})

test_that("values are inserted, replaced and deleted", {
  m <- local_store()
  m[["a"]] <- 1
  m$b <- 2
  m[["a"]] <- "new"
  expect_identical(as.list(m), list(b = 2, a = "new"))
  m$b <- NULL
  expect_identical(names(m), "a")
  m[["a"]] <- NULL
  expect_identical(length(m), 0L)
})

test_that("deleting what is absent is silent and writes nothing", {
  m <- local_store()
  m[["a"]] <- 1
  expect_unchanged_file(m, {
    expect_silent(m[["absent"]] <- NULL)
    expect_silent(m$absent <- NULL)
    expect_silent(m[c("x", "y")] <- NULL)
  })
})

test_that("m[keys] <- list stores key by key, recycled as by R", {
  m <- local_store()
  m[c("a", "b")] <- list(1, "two")
  expect_identical(m[c("a", "b")], list(a = 1, b = "two"))
  m[c("a", "b")] <- pairlist(3, x = factor("c"))
  expect_identical(m[c("a", "b")], list(a = 3, b = factor("c")))
  m[c("a", "b", "c", "d")] <- list(1, 2)
  expect_identical(as.list(m), list(a = 1, b = 2, c = 1, d = 2))
  expect_kind(m[c("a", "b", "c")] <- list(1, 2), "value")
  expect_kind(m[c("a", "b")] <- list(), "value")
  m[character()] <- list()
  m[c("a", "b")] <- NULL
  expect_identical(names(m), c("c", "d"))
})

test_that("m[keys] <- value wants a list", {
  m <- local_store()
  for (wrong in list(1, 1:2, "a", data.frame(x = 1), sum)) {
    expect_kind(m["a"] <- wrong, "value")
  }
  expect_identical(length(m), 0L)
})

test_that("None is stored by m[k] <- list(NULL), and copied", {
  m <- local_store()
  m["none"] <- list(NULL)
  expect_identical(names(m), "none")
  expect_null(m[["none"]])
  expect_identical(m["none"], list(none = NULL))
  other <- local_store()
  m[["x"]] <- matrix(1:4, 2)
  other[names(m)] <- m[names(m)]
  expect_identical(names(other), c("none", "x"))
  expect_null(other[["none"]])
  expect_identical(other[["x"]][], m[["x"]][])
})

test_that("copying an array keeps dtype, order and mask", {
  src <- local_store()
  src[["u"]] <- ndarray(matrix(1:6, 2), "uint16", "F")
  src[["masked"]] <- ndarray(c(1L, NA, 3L), "int8")
  src[["big"]] <- ndarray(c(1, 2), ">f4")
  dst <- local_store()
  dst[names(src)] <- src[names(src)]
  columns <- c("key", "kind", "dtype", "shape", "order")
  expect_identical(entries(dst)[columns], entries(src)[columns])
  for (k in names(src)) expect_identical(dst[[k]][], src[[k]][])
})

test_that("another handle can be the value", {
  src <- local_store()
  src[c("a", "b")] <- list(1, 2)
  dst <- local_store()
  dst[names(src)] <- src
  expect_identical(as.list(dst), as.list(src))
})

test_that("mmap_set() is for pipes", {
  m <- local_store()
  expect_identical(mmap_set(m, "a", 1), m)
  expect_invisible(mmap_set(m, "a", 2))
  expect_identical(m[["a"]], 2)
  mmap_set(m, "a", NULL)
  expect_identical(length(m), 0L)
})

test_that("a value that cannot be stored leaves the old one", {
  m <- local_store()
  m[["k"]] <- c(1, 2, 3)
  for (wrong in list(sum, new.env(), quote(a + b), as.name("a"), list(1, list(b = sum)))) {
    expect_unchanged_file(m, expect_error(m[["k"]] <- wrong, class = "mmappickle_error_value"))
  }
  expect_error(m[["k"]] <- list(a = list(1, b = sum)), "m$k$a$b", fixed = TRUE)
  expect_identical(m[["k"]][], c(1, 2, 3))
})

test_that("attributes that cannot be stored are left out, each with a warning", {
  m <- local_store()
  x <- structure(1:3, f = sum, e = new.env(), deep = structure(2, inner = sum),
                 g = globalenv(), call = quote(a + b(c = 1)))
  warnings <- character()
  withCallingHandlers(m[["k"]] <- x, mmappickle_warning_dropped = function(w) {
    warnings <<- c(warnings, conditionMessage(w))
    invokeRestart("muffleWarning")
  })
  expect_match(warnings, "cannot be stored and is left out")
  expect_match(warnings[[1]], "\"f\"")
  expect_match(warnings[[3]], "\"inner\" of attribute \"deep\"")
  expect_length(warnings, 3L)
  expect_identical(m[["k"]], structure(1:3, deep = 2, g = globalenv(), call = quote(a + b(c = 1))))
  # What others hang on their values, and make anew, goes without a word.
  x <- structure(1:3, problems = methods::new("externalptr"), .internal.selfref = sum)
  expect_silent(m[["k"]] <- x)
  expect_identical(m[["k"]], 1:3)
  # What says how a value is built is never left out.
  invalid <- "\xff"
  Encoding(invalid) <- "UTF-8"
  expect_kind(m[["k"]] <- structure(1, names = invalid), "value")
  expect_identical(m[["k"]], 1:3)
})

test_that("names and length of a handle cannot be assigned", {
  m <- local_store()
  m[["a"]] <- 1
  expect_kind(names(m) <- "b", "value")
  expect_kind(length(m) <- 0, "value")
  expect_identical(names(m), "a")
})

test_that("R values come back as they were", {
  values <- list(
    NULL, TRUE, NA, FALSE, 1L, NA_integer_, -1L, .Machine$integer.max, 1.5, -0, NA_real_, NaN,
    Inf, -Inf, 1i, complex(real = NA, imaginary = 1), "a", NA_character_, "", "\u00e9\u4e2d\U1f600",
    logical(), integer(), double(), complex(), character(), raw(), list(),
    structure(list(), names = character()),
    c(TRUE, NA), c(TRUE, FALSE), 1:3, c(1L, NA), c(1, NA, NaN), c(1 + 2i, NA), c("a", NA, "b"),
    c(NA_character_, NA), NA_integer_[c(1, 1)], as.raw(0:255),
    c(a = 1, b = 2), c(a = 1L), c(x = "y"), c(a = TRUE, b = NA), setNames(1:3, c("a", NA, "")),
    setNames(as.raw(1:2), c("a", "b")), setNames(1i, "z"),
    matrix(1:6, 2), matrix(c(1, NA, 3, 4), 2), matrix(c("a", "b", NA, "d"), 2),
    matrix(as.raw(1:4), 2), matrix(list(1, "a", NULL, 2:3), 2), array(1:24, 2:4), array(1, c(1, 1)),
    array(1:3, 3), array(5, 1), matrix(0, 0, 3), array(1L, c(1, 1, 1, 1)),
    matrix(1:4, 2, dimnames = list(c("a", "b"), NULL)),
    matrix(1:4, 2, dimnames = list(r = c("a", "b"), c = c("x", "y"))),
    array(1:2, 2, list(c("a", "b"))),
    matrix(TRUE, 1, 2, dimnames = list(NULL, c("p", "q"))),
    list(1, "a", NULL), list(1, 2), list("a"), list(TRUE, FALSE), list(1L), list(NULL),
    list(list()),
    list(a = 1, b = list(c = "d", e = 1:3)), list(a = 1, 2), list(a = 1, a = 2),
    setNames(list(1, 2), c("", "b")), setNames(list(1, 2), c(NA, "b")),
    list(a = c(x = 1, y = 2), b = matrix(1:4, 2, dimnames = list(NULL, c("u", "v")))),
    I(1), I("a"), I(1:3), list(I(5)), list(list(list(NA, NA_character_, NA_real_)))
  )
  for (order in c("C", "F")) for (dims in c("same", "reversed")) {
    m <- mmapdict(new_path(), order = order, dims = dims)
    for (at in seq_along(values)) {
      m["k"] <- list(values[[at]])
      got <- m[["k"]]
      label <- paste0(paste(deparse(values[[at]]), collapse = ""), " (", order, ", ", dims, ")")
      expect_identical(got, values[[at]], label = label)
    }
    close(m)
  }
})

test_that("bits of doubles are kept", {
  m <- local_store()
  odd <- readBin(as.raw(c(1, 2, 3, 4, 5, 6, 0xf8, 0x7f)), "double")
  for (x in list(NA_real_, NaN, -NaN, odd, c(NA_real_, NaN, odd), list(NA_real_, odd),
                 complex(real = NA_real_, imaginary = NaN))) {
    m[["k"]] <- x
    bits <- function(x) {
      unlist(lapply(x, function(v) {
        as.character(writeBin(if (is.complex(v)) c(Re(v), Im(v)) else as.vector(v), raw()))
      }))
    }
    expect_identical(bits(m[["k"]]), bits(x))
  }
})

test_that("nesting a thousand deep is stored and read", {
  m <- local_store()
  deep <- list(1)
  for (i in 1:1000) deep <- list(deep)
  m[["deep"]] <- deep
  expect_identical(m[["deep"]], deep)
})

test_that("a file of many keys stays right through inserts and deletes", {
  m <- local_store()
  keys <- sprintf("key%04d", 1:2000)
  for (k in keys) m[[k]] <- k
  for (k in keys[c(TRUE, FALSE)]) m[[k]] <- NULL
  left <- keys[c(FALSE, TRUE)]
  expect_identical(names(m), left)
  expect_identical(unname(unlist(as.list(m))), left)
  vacuum(m)
  expect_identical(names(m), left)
  expect_identical(nrow(fsck(m)), 0L)
})

test_that("lists within lists, each twice, take no exponential time to store", {
  m <- local_store()
  x <- list()
  for (i in 1:40) x <- list(x, x)
  withr::local_options(mmappickle.max_repeated = Inf)
  m[["x"]] <- x
  expect_lt(file.size(path_of(m)), 1e6)
  value <- m[["x"]]
  depth <- 0
  while (length(value)) {
    value <- value[[2L]]
    depth <- depth + 1
  }
  expect_identical(depth, 40)
})

test_that("many keys at once are many commits, in order, each readable by another handle", {
  path <- tempfile(fileext = ".mmdpickle")
  m <- mmapdict(path)
  other <- mmapdict(path)
  keys <- sprintf("k%d", 1:600)
  m[c(keys, "k1")] <- c(as.list(1:600), list(c(1, 2)))
  expect_identical(names(other), c(keys[-1], "k1"))
  expect_identical(unlist(other[keys[-1]], use.names = FALSE), 2:600)
  expect_kind(m[c("x", "y")] <- list(1, function() 1), "value")
  expect_identical(length(other), 600L)
  close(other)
  close(m)
  unlink(path)
})
