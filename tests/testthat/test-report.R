# The report that ships with the package, and the recipe for R Markdown's cache.

test_that("the report opens a file of Python's, maps an image stack, plots it and knits", {
  skip_on_cran()
  skip_if_not_installed("knitr")
  folder <- withr::local_tempdir()
  withr::local_dir(folder)
  from <- system.file("examples", "report.Rmd", package = "mmappickle")
  env <- new.env()
  env$params <- list(file = "")
  expect_no_warning(knitr::knit(from, file.path(folder, "report.md"), envir = env, quiet = TRUE))
  text <- readLines("report.md")
  expect_match(text, "image for each wavelength", all = FALSE)
  expect_match(text, "8 by 10 by 12", all = FALSE)
  expect_match(text, "percent of the scene", all = FALSE)
  pictures <- list.files("figure", full.names = TRUE)
  expect_length(pictures, 2L)
  expect_gt(min(file.size(pictures)), 2000)

  # by rmarkdown, to HTML
  skip_if_not_installed("rmarkdown")
  if (!nzchar(Sys.getenv("HOME"))) withr::local_envvar(HOME = getwd()) # pandoc wants one
  skip_if(!rmarkdown::pandoc_available(), "no pandoc on this platform")
  m <- mmapdict("mine.mmdpickle")
  given <- mmapdict(system.file("extdata", "example.mmdpickle", package = "mmappickle"), TRUE)
  m[names(given)] <- given[names(given)]
  close(m)
  close(given)
  page <- rmarkdown::render(from, output_dir = folder, intermediates_dir = folder, quiet = TRUE,
                            params = list(file = file.path(folder, "mine.mmdpickle")),
                            envir = new.env())
  html <- readLines(page, warn = FALSE)
  # (Pictures are lines of megabytes, on which regular expressions take minutes.)
  for (words in c("mine.mmdpickle", "data:image/png")) {
    expect_true(any(grepl(words, html, fixed = TRUE, useBytes = TRUE)), label = words)
  }
})

test_that("a cached chunk is computed anew when the file has changed, and only then", {
  skip_on_cran()
  skip_if_not_installed("knitr")
  withr::local_dir(withr::local_tempdir())
  m <- mmapdict("scene.mmdpickle")
  withr::defer(close(m))
  m[["x"]] <- c(1, 2, 3)
  writeLines(c(
    "```{r}",
    "m <- mmappickle::mmapdict('scene.mmdpickle', readonly = TRUE)",
    "state <- list(mmappickle::commit_number(m), file.mtime('scene.mmdpickle'))",
    "```",
    "```{r, cache = TRUE, cache.extra = state}",
    "total <- sum(m[['x']])",
    "cat('x', file = 'runs.txt', append = TRUE)",
    "```",
    "`r total`", "```{r}", "close(m)", "```"
  ), "report.Rmd")
  knit <- function() {
    knitr::knit("report.Rmd", quiet = TRUE, envir = new.env(parent = globalenv()))
    c(grep("^[0-9]+$", readLines("report.md"), value = TRUE), readLines("runs.txt", warn = FALSE))
  }
  expect_identical(knit(), c("6", "x"))
  expect_identical(knit(), c("6", "x"))
  m[["x"]] <- c(10, 20, 30)
  expect_identical(knit(), c("60", "xx"))
})
