# Keys renamed, copied, deleted; attributes; a handle for one call.

some_values <- function() {
  list(
    a = c(1, 2, 3), text = "text", list = list(x = 1, y = list(NULL, TRUE)),
    matrix = matrix(1:6, 2, dimnames = list(NULL, c("p", "q", "r"))), masked = c(1L, NA, 3L),
    frame = data.frame(x = 1:3, y = c("a", "b", "c")), moment = .POSIXct(c(1, 2), "UTC"),
    nested = list(matrix(1:4, 2))
  )
}

file_with <- function(values, .local_envir = parent.frame()) {
  m <- local_mmapdict(new_path(.local_envir), .local_envir = .local_envir)
  m[names(values)] <- values
  m
}

in_order <- function(x) lapply(x[order(names(x))], function(value) value)

expect_holds <- function(m, values) {
  path <- path_of(m)
  expect_equal(in_order(as.list(m)), in_order(values))
  expect_identical(nrow(fsck(path)), 0L)
}

test_that("keys change, around in a circle, too, and the values stay", {
  values <- some_values()
  m <- file_with(values)
  expect_identical(withVisible(mmap_rename(m, "a", "b"))$visible, FALSE)
  names(values)[[1L]] <- "b"
  expect_holds(m, values)
  mmap_rename(m, c("b", "text", "frame"), c("text", "frame", "b"))
  names(values)[match(c("b", "text", "frame"), names(values))] <- c("text", "frame", "b")
  expect_holds(m, values)
  mmap_rename(m, "nested", "matrix", overwrite = TRUE)
  values$matrix <- NULL
  names(values)[names(values) == "nested"] <- "matrix"
  expect_holds(m, values)
  number <- commit_number(m)
  mmap_rename(m, character(), character())
  expect_identical(commit_number(m), number)
})

test_that("nothing is done where something is wrong", {
  values <- some_values()
  m <- file_with(values)
  before <- file_bytes(path_of(m))
  key <- "mmappickle_error_key"
  expect_error(mmap_rename(m, c("a", "absent"), c("x", "y")), "absent", class = key)
  expect_error(mmap_rename(m, "a", "text"), "overwrite", class = key)
  expect_error(mmap_rename(m, c("a", "text"), c("x", "x")), "twice", class = key)
  expect_error(mmap_rename(m, c("a", "a"), c("x", "y")), "twice", class = key)
  expect_error(mmap_rename(m, c("a", "text"), "x"), "2 keys cannot become 1", class = key)
  expect_error(mmap_rename(m, "a", strrep("k", 256L)), "256", class = key)
  expect_error(mmap_rename(m, NA, "x"), class = key)
  expect_error(mmap_rename(m, 1, "x"), "that is, strings, not 1", class = key)
  expect_error(mmap_delete(m, c("a", "txt")), "\"text\"", class = key)
  expect_error(mmap_copy(m, m), "already", class = key)
  expect_error(mmap_copy(m, "x"), class = "mmappickle_error_value")
  expect_error(mmap_rename(m), "`from` is missing", class = "mmappickle_error_value")
  r <- local_mmapdict(path_of(m), readonly = TRUE)
  for (refused in expression(
    mmap_rename(r, "a", "x"), mmap_delete(r, "a"), mmap_copy(m, r, "a", "x"),
    mmap_attr(r, "a", "own") <- 1
  )) {
    expect_error(eval(refused), class = "mmappickle_error_readonly")
  }
  expect_identical(file_bytes(path_of(m)), before)
})

test_that("values are copied within a file, and to others", {
  values <- some_values()
  m <- file_with(values)
  mmap_copy(m, m, c("a", "frame"), c("a2", "frame2"))
  expect_holds(m, c(values, list(a2 = values$a, frame2 = values$frame)))
  other <- file_with(list(a = "old", own = 1))
  expect_error(mmap_copy(m, other), class = "mmappickle_error_key")
  mmap_copy(m, other, overwrite = TRUE)
  expect_holds(other, c(as.list(m), list(own = 1)))
  # Through another handle of the same file.
  again <- local_mmapdict(path_of(m))
  mmap_copy(again, m, list(charToRaw("a")), "a3")
  expect_identical(as.double(m[["a3"]]), values$a)
  mmap_delete(m, c("a2", "a3", "frame2"))
  expect_holds(m, values)
})

test_that("what pickle.load finds is what R finds", {
  skip_on_cran()
  require_python()
  m <- file_with(list(a = c(1, 2, 3), b = matrix(1:6, 2), n = 5))
  mmap_rename(m, c("a", "b"), c("a longer key", "a"))
  mmap_copy(m, m, "n", "n2")
  mmap_attr(m, "a", "unit") <- "K"
  mmap_attr(m, "a", "unit") <- "degrees Celsius"
  script <- withr::local_tempfile(fileext = ".py")
  writeLines(c(
    "import pickle, sys",
    "with open(sys.argv[1], 'rb') as file: x = pickle.load(file)",
    "for k in sorted(x): print(k, getattr(x[k], 'tolist', lambda: x[k])())"
  ), script)
  lines <- run_python(script, path_of(m))
  expect_identical(lines, c(
    "a [[1, 3, 5], [2, 4, 6]]", "a longer key [1.0, 2.0, 3.0]", "n 5.0", "n2 5.0"
  ))
})

test_that("nothing goes through R's memory, and what is sparse stays sparse", {
  skip_on_cran()
  skip_on_os("windows")
  m <- local_mmapdict(new_path())
  m[["big"]] <- empty_ndarray(2^27, "float64") # 1 GiB
  other <- local_mmapdict(new_path())
  invisible(gc(reset = TRUE))
  before <- sum(gc()[, 6L])
  mmap_rename(m, "big", "renamed")
  mmap_copy(m, other)
  mmap_attr(m, "renamed", "unit") <- "K"
  attr(m[["renamed"]], "unit") <- "mK"
  expect_lt(sum(gc()[, 6L]) - before, 50)
  expect_identical(attr(m[["renamed"]], "unit"), "mK")
  expect_gt(file.size(path_of(m)), 3 * 2^30)
  used <- function(m) {
    said <- system2("du", c("-k", path_of(m)), stdout = TRUE)
    as.double(strsplit(said, "\t")[[1L]][[1L]])
  }
  expect_lt(used(m), 2^12)
  expect_lt(used(other), 2^12)
})

test_that("attributes change behind the data, in place from the second time on", {
  values <- some_values()
  m <- file_with(values)
  model <- values
  sizes <- double()
  set.seed(3)
  for (i in 1:40) {
    key <- sample(c("a", "matrix", "masked", "moment"), 1L)
    name <- sample(c("unit", "note"), 1L)
    value <- if (i %% 9 != 0) strrep("v", sample(60L, 1L))
    if (i %% 2 == 0) mmap_attr(m, key, name) <- value else attr(m[[key]], name) <- value
    attr(model[[key]], name) <- value
    expect_identical(mmap_attr(m, key, name), value)
    sizes <- c(sizes, file.size(path_of(m)))
  }
  expect_holds(m, model)
  expect_lte(length(unique(sizes)), 9L)
  # Of what is no array, and what Python sees of arrays.
  mmap_attr(m, "list", "own") <- 1
  attr(model$list, "own") <- 1
  dim(m[["matrix"]]) <- c(3, 2)
  dim(model$matrix) <- c(3, 2)
  mmap_attr(m, "frame", "own") <- "x"
  attr(model$frame, "own") <- "x"
  expect_holds(m, model)
  expect_null(mmap_attr(m, "a", "no"))
  expect_error(mmap_attr(m, "absent", "no"), class = "mmappickle_error_key")
  expect_error(mmap_attr(m, "absent", "no") <- 1, class = "mmappickle_error_key")
  expect_error(mmap_attr(m, "a", 1), "`name`", class = "mmappickle_error_value")
})

test_that("a view keeps the attributes that it was read with, and sees the data", {
  m <- file_with(list(a = c(1, 2, 3)))
  mmap_attr(m, "a", "unit") <- "K"
  view <- m[["a"]]
  mmap_attr(m, "a", "unit") <- "mK"
  expect_identical(attr(view, "unit"), "K")
  m["a", 2] <- 9
  expect_identical(as.double(view), c(1, 9, 3))
})

test_that("with_mmapdict() closes the file, whatever happens", {
  path <- new_path()
  kept <- NULL
  with_mmapdict(path, function(m) {
    kept <<- m
    m[["a"]] <- c(1, 2)
  })
  expect_false(is_open(kept))
  expect_identical(with_mmapdict(path, function(m) sum(m[["a"]]), readonly = TRUE), 3)
  expect_identical(as.double(with_mmapdict(path, function(m) m[["a"]])), c(1, 2))
  expect_error(with_mmapdict(path, function(m) {
    kept <<- m
    stop("no")
  }), "no")
  expect_false(is_open(kept))
  expect_false(withVisible(with_mmapdict(path, invisible))$visible)
  expect_error(with_mmapdict(path, 1), "a function", class = "mmappickle_error_value")
  expect_error(with_mmapdict(path), "`code`", class = "mmappickle_error_value")
})
