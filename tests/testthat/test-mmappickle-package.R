test_that("the package loads without its suggested packages", {
  skip_on_cran()
  skip_if_not_installed("callr")
  loaded <- callr::r(function() {
    loadNamespace("mmappickle")
    intersect(loadedNamespaces(), c("bit64", "jsonlite", "testthat", "withr"))
  })
  expect_identical(loaded, character())
})
