# attacks/README.md says what each of these would do in Python.

attack_files <- function() {
  sort(list.files(test_path("attacks", "pickles"), "[.]pickle$", full.names = TRUE))
}
attack_names <- function() sub("[.]pickle$", "", basename(attack_files()))

# The names in README.md's rows whose last column is `control`.
attacks_told <- function(control) {
  rows <- grep("^[|] `", readLines(test_path("attacks", "README.md")), value = TRUE)
  rows <- rows[endsWith(rows, paste0("| ", control, " |"))]
  first <- sub("^[|] ([^|]*) [|].*", "\\1", rows)
  gsub("`", "", unlist(strsplit(first, ", ", fixed = TRUE)))
}

test_that("README.md names each attack", {
  expect_setequal(c(attacks_told("yes"), attacks_told("no")), attack_names())
})

test_that("no attack does anything, and each is an inert object", {
  skip_on_cran()
  skip_on_os(c("windows", "mac", "solaris"))
  cases <- lapply(attack_files(), function(path) {
    list(name = sub("[.]pickle$", "", basename(path)), bytes = file_bytes(path))
  })
  expect_gt(length(cases), 40L)
  expect_harmless(run_hostile(cases, "check_attack"), "attacks")
})

test_that("Python does run the harmless ones", {
  require_python()
  folder <- withr::local_tempdir()
  run_python(test_path("attacks", "make.py"), folder)
  made <- list.files(folder, full.names = TRUE)
  expect_identical(lapply(sort(made), file_bytes), lapply(attack_files(), file_bytes))
  ran <- do.call(run_python, c(
    list(normalizePath(test_path("attacks", "control.py")), folder), attacks_told("yes")
  ))
  # (Beside the names there are warnings about files that were left open.)
  expect_identical(setdiff(attacks_told("yes"), ran), character())
})
