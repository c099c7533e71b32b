# The helpers share one environment.

test_that("no helper takes a name that another one has", {
  names <- lapply(list.files(test_path(), "^helper.*[.]R$", full.names = TRUE), function(file) {
    defined <- Filter(function(e) is.call(e) && identical(e[[1L]], quote(`<-`)), parse(file))
    targets <- Filter(function(x) is.name(x) || is.character(x), lapply(defined, `[[`, 2L))
    unique(vapply(targets, as.character, ""))
  })
  names <- unlist(names)
  expect_identical(unique(names[duplicated(names)]), character())
})
