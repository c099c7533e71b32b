# Most fixtures are the Python library's own files: opening them says so, which test-vacuum.R
# looks at.
withr::local_options(
  mmappickle.upgrade_warning = FALSE, .local_envir = testthat::teardown_env()
)
