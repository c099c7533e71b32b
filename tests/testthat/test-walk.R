# The whole of the package walked over by chance, beside a plain list (helper-walk.R).

# The same walk each time, so that what fails is what was changed; another one, by chance, in
# long runs (MMAPPICKLE_LONG). MMAPPICKLE_SEED takes any; MMAPPICKLE_STEPS says how many steps.
walk_seed <- function() {
  given <- Sys.getenv("MMAPPICKLE_SEED")
  if (nzchar(given)) return(as.integer(given))
  if (longer() > 1) as.integer(Sys.time()) %% 1000000L else 2018L
}
walk_length <- function() as.integer(Sys.getenv("MMAPPICKLE_STEPS", "20000")) * longer()

test_that("whatever is done, the file has what a list would have", {
  skip_on_cran()
  skip_if_not_installed("callr")
  require_python()
  seed <- walk_seed()
  cat("\nwalk: MMAPPICKLE_SEED=", seed, "\n", sep = "")
  w <- new_world(normalizePath(withr::local_tempdir()))
  w$session <- callr::r_session$new()
  withr::defer(w$session$close())
  count <- walk_on(w, walk_length(), seed)
  close_all(w)
  states <- check_python(w)
  expect(length(w$problems) == 0L, paste0(
    "walk with MMAPPICKLE_SEED=", seed, ":\n", paste(report_of(w), collapse = "\n")
  ))
  # A walk of that length has been everywhere.
  if (walk_length() >= 20000L) {
    expect_identical(names(count)[count == 0L], character())
    expect_gt(states, 0L)
  }
})

test_that("the walk knows all that the package exports", {
  names <- exported_functions()
  # (Other tests register methods of their own.)
  methods <- parseNamespaceFile("mmappickle", dirname(find.package("mmappickle")))$S3methods
  methods <- paste(methods[, 1L], methods[, 2L], sep = ".")
  covered <- unlist(lapply(walk_steps(), `[[`, "covers"), use.names = FALSE)
  expect_identical(setdiff(c(names, methods), covered), character())
  expect_identical(setdiff(covered, c(names, methods)), character())
})
