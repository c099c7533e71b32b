# Help pages and NAMESPACE by roxygen2, README.md from README.Rmd, against the installed
# package. Usage: Rscript tools/docs.R [help]     (help: without the README)
roxygen2::roxygenise(".", load_code = roxygen2::load_installed)
if (!"help" %in% commandArgs(TRUE)) {
  rmarkdown::render("README.Rmd", output_format = "github_document",
    output_options = list(html_preview = FALSE), quiet = TRUE
  )
  cat("docs: help pages, exports and README.md are up to date\n")
}
