# styler over the R code, where it is installed (it is not in Debian).
if (!requireNamespace("styler", quietly = TRUE)) {
  cat("styler is not installed: the R code was left as it is\n")
} else {
  styler::style_pkg(".", filetype = "R", exclude_files = "R/RcppExports.R")
  for (folder in c("bench", "tools")) styler::style_dir(folder)
}
