test_that("the package loads without its suggested packages", {
  skip_on_cran()
  skip_if_not_installed("callr")
  loaded <- callr::r(function() {
    loadNamespace("mmappickle")
    intersect(loadedNamespaces(), c("bit64", "jsonlite", "testthat", "withr"))
  })
  expect_identical(loaded, character())
})

test_that("functions of a store have one prefix, beside their short names", {
  long <- setdiff(getNamespaceExports("mmappickle"), exported_functions())
  expect_true(all(c("mmap_entries", "mmap_vacuum", "mmap_fsck", "mmap_is_view") %in% long))
  for (name in long) {
    expect_identical(getExportedValue("mmappickle", name),
                     getExportedValue("mmappickle", sub("^mmap_", "", name)), label = name)
  }
})

test_that("no help topic or function of the package stands before one that comes with R", {
  aliases <- function(package) {
    names(readRDS(system.file("help", "aliases.rds", package = package)))
  }
  # (`make install` leaves the help out.)
  pages <- list.files(test_path("..", "..", "man"), "[.]Rd$", full.names = TRUE)
  topics <- if (length(pages)) {
    lines <- unlist(lapply(pages, readLines))
    sub("^.alias[{](.*)[}]$", "\\1", grep("^.alias[{]", lines, value = TRUE))
  } else {
    aliases("mmappickle")
  }
  expect_true("mmap_entries" %in% topics)
  ours <- c(topics, getNamespaceExports("mmappickle"))
  # (tcltk warns where there is no display.)
  for (package in setdiff(rownames(installed.packages(priority = "base")), "tcltk")) {
    expect_identical(intersect(ours, c(aliases(package), getNamespaceExports(package))),
                     character(), label = package)
  }
})

test_that("each help topic and vignette has its place in _pkgdown.yml", {
  skip_if_not(file.exists(test_path("..", "..", "_pkgdown.yml")), "not on this platform's copy")
  site <- paste(readLines(test_path("..", "..", "_pkgdown.yml")), collapse = " ")
  words <- strsplit(site, "[^A-Za-z0-9_.-]+")[[1L]]
  pages <- list.files(test_path("..", "..", "man"), "[.]Rd$", full.names = TRUE)
  internal <- vapply(pages, function(page) any(grepl("keyword.internal", readLines(page))), NA)
  topics <- sub("[.]Rd$", "", basename(pages[!internal]))
  articles <- sub("[.]Rmd$", "", list.files(test_path("..", "..", "vignettes"), "^[^_].*[.]Rmd$"))
  expect_identical(setdiff(c(topics, articles), c(words, "mmappickle")), character())
})
