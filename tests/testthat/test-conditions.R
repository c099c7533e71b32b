ns <- asNamespace("mmappickle")

test_that("errors carry their classes and fields", {
  e <- tryCatch(
    ns$raise_error("io", "No space.", "Delete something.", "/a/b", "k", 12, "ENOSPC"),
    error = identity
  )
  expect_s3_class(
    e, c("mmappickle_error_io", "mmappickle_error", "error", "condition"), exact = TRUE
  )
  expect_identical(conditionMessage(e), "No space.\ni Delete something.")
  expect_identical(e$path, "/a/b")
  expect_identical(e$key, "k")
  expect_identical(e$offset, 12)
  expect_identical(e$cause, "ENOSPC")
})

test_that("what is not known is NULL", {
  e <- tryCatch(ns$raise_error("value", "No."), error = identity)
  expect_identical(conditionMessage(e), "No.")
  for (field in c("path", "key", "offset", "cause")) expect_null(e[[field]])
})

test_that("warnings carry their classes", {
  w <- tryCatch(ns$raise_warning("precision", "Rounded."), warning = identity)
  expect_s3_class(
    w, c("mmappickle_warning_precision", "mmappickle_warning", "warning", "condition"),
    exact = TRUE
  )
})

test_that("errors of the store have the path, and the key where it is known", {
  m <- local_store()
  e <- tryCatch(m[["absent"]], error = identity)
  expect_identical(e$path, path_of(m))
  expect_identical(e$key, "absent")
  e <- tryCatch(m[["k"]] <- sum, error = identity)
  expect_identical(e$key, "k")
})

test_that("each abort function raises its kind", {
  for (kind in c("key", "value", "index", "stale")) {
    abort <- ns[[paste0("abort_", kind)]]
    expect_error(abort("words"), "words", class = paste0("mmappickle_error_", kind))
  }
})
