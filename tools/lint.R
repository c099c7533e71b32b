# lintr over the R code, with the settings of .lintr.
found <- lintr::lint_package(".")
for (folder in c("bench", "tools")) {
  found <- c(found, lintr::lint_dir(folder))
}
if (length(found) > 0) {
  for (lint in found) {
    cat(sprintf("%s:%d: %s\n", lint$filename, lint$line_number, lint$message))
  }
  quit(status = 1)
}
