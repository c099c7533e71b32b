test_that("contents of files are compared", {
  m <- local_store()
  n <- local_store()
  m[["a"]] <- c(x = 1, y = 2)
  m[["b"]] <- "text"
  n[["b"]] <- "text"
  n[["a"]] <- c(1, 2)
  n[["c"]] <- NULL
  expect_match(all.equal(m, n), "Key \"a\": ", all = FALSE)
  expect_identical(mmap_diff(m, n), data.frame(key = "a", difference = "value"))
  n[["a"]] <- c(x = 1, y = 2 + 1e-12)
  expect_true(all.equal(m, n))
  expect_identical(mmap_diff(m, n)$key, "a")
  n[["a"]] <- m[["a"]]
  expect_identical(nrow(mmap_diff(m, n)), 0L)
  expect_true(all.equal(m, as.list(m)))
  n[["c"]] <- 1
  m[["d"]] <- 1
  expect_identical(all.equal(m, n), c("Only in target: \"d\"", "Only in current: \"c\""))
  expect_identical(mmap_diff(m, n), data.frame(
    key = c("d", "c"), difference = c("only in m", "only in n")
  ))
  expect_match(all.equal(m, 1), "numeric|double|vector")
  expect_kind(mmap_diff(m, 1), "value")
  expect_kind(mmap_diff(1, m), "value")
  expect_kind(mmap_diff(m, list(1)), "value")
})

test_that("R's functions on lists and environments work, or say what does", {
  m <- local_store()
  m[["a"]] <- c(1, 2, 3)
  m[["b"]] <- list("x", 2L)
  whole <- list(a = c(1, 2, 3), b = list("x", 2L))
  expect_identical(ls(m), c("a", "b"))
  expect_true(exists("a", m))
  expect_false(exists("sum", m))
  expect_identical(get("b", m), whole$b)
  expect_identical(mget(c("a", "b"), as.environment(m)), whole)
  expect_identical(lengths(m), lengths(whole))
  expect_identical(unlist(m), unlist(whole))
  expect_identical(rev(m), rev(whole))
  expect_identical(lapply(m, length), lapply(whole, length))
  expect_identical(sapply(m, class), sapply(whole, class))
  expect_identical(Map(length, m), Map(length, whole))
  expect_identical(Filter(is.list, m), Filter(is.list, whole))
  expect_identical(seq_along(m), 1:2)
  expect_identical(m[], whole)
  expect_identical(with(m, sum(a)), 6)
  seen <- 0L
  for (v in as.list(m)) seen <- seen + length(v)
  expect_identical(seen, 5L)
  for (refused in expression(
    within(m, a <- 1), m + 1, m == m, !m, sum(m), sqrt(m), names(m) <- "x", length(m) <- 1,
    mean(m), median(m), quantile(m), sort(m), unique(m), order(m), rep(m, 2), t(m), diff(m),
    cut(m, 2), anyNA(m), as.character(m), as.double(m), as.integer(m), as.logical(m),
    as.vector(m), toString(m), paste(m), cbind(m), rbind(m, m), dim(m) <- 1, levels(m) <- "a",
    dimnames(m) <- list("a"), round(m), table(m), hist(m), boxplot(m), scale(m)
  )) {
    error <- expect_kind(eval(refused), "value")
    expect_match(conditionMessage(error), "mmapdict", info = deparse(refused))
    expect_false(any(grepl("..", deparse(conditionCall(error)), fixed = TRUE)))
  }
  expect_identical(m[], whole)
  # What asks what it is is answered.
  expect_identical(c(is.numeric(m), is.list(m), is.array(m), is.null(m)), rep(FALSE, 4))
  expect_identical(head(m, 1), whole["a"])
  expect_identical(tail(m, 1), whole["b"])
})

test_that("purrr takes a handle for a list", {
  skip_if_not_installed("purrr")
  m <- local_store()
  m[["a"]] <- c(1, 2, 3)
  m[["b"]] <- 7
  expect_identical(purrr::map(m, length), list(a = 3L, b = 1L))
  expect_identical(purrr::map_dbl(m, sum), c(a = 6, b = 7))
})

test_that("a handle is a table of its entries", {
  m <- local_store()
  m[["a"]] <- matrix(c(1, 2, 3, 4, 5, 6), 2)
  m[["b"]] <- "x"
  table <- as.data.frame(m)
  expect_identical(table$shape_text, c("[2 x 3]", NA))
  expect_identical(table$value, c("num [2 x 3]", "chr \"x\""))
  shown <- entries(m)
  expect_identical(table[setdiff(names(shown), "shape")], shown[setdiff(names(shown), "shape")])
  expect_identical(unclass(table$shape), shown$shape)
  expect_identical(names(entries(m, value = FALSE)), setdiff(names(shown), "value"))
  skip_if_not_installed("tibble")
  expect_identical(tibble::as_tibble(m)$shape, shown$shape)
  expect_s3_class(tibble::as_tibble(m), "tbl_df")
})

test_that("plot() draws the whole file", {
  m <- local_store()
  m[["x"]] <- as.double(1:100)
  m[["old"]] <- "deleted"
  m[["y"]] <- c(1L, 2L)
  m[["old"]] <- NULL
  path <- withr::local_tempfile(fileext = ".png")
  grDevices::png(path)
  map <- plot(m)
  grDevices::dev.off()
  expect_gt(file.size(path), 1000)
  expect_identical(map$from[[1L]], 0)
  expect_identical(map$to[[nrow(map)]], as.double(file.size(path_of(m))))
  expect_identical(map$from[-1L], map$to[-nrow(map)])
  expect_setequal(map$kind, c("room", "padding", "array", "dead"))
  expect_identical(map$key[map$kind == "array"], c("x", "y"))
  grDevices::pdf(NULL)
  withr::defer(grDevices::dev.off())
  plot(m, rows = 3, labels = FALSE, col = c(dead = "black"), main = "title")
  expect_no_error(plot(local_store()))
})
