# The main paths of tests/testthat/helper-main_paths.R once, for valgrind (tools/sanitize-r.sh).
library(mmappickle)
for (helper in c("helper-kinds.R", "helper-main_paths.R")) {
  source(file.path("tests", "testthat", helper))
}
paths <- main_paths()
for (name in names(paths)) {
  invisible(serialize(suppressWarnings(paths[[name]](tempfile(fileext = ".mmdpickle"))), NULL))
}
rm(paths)
invisible(gc())
cat("main paths:", length(main_paths()), "\n")
