# Writes compile_commands.json, from which clangd and its like know how each file is compiled:
# the package with R's flags, the core's tests and harnesses with those of tests/core/Makefile.
# Usage: Rscript tools/compile-commands.R      (from the root of the project)
source("tools/includes.R")

root <- getwd()
config <- function(...) {
  system2(file.path(R.home("bin"), "R"), c("CMD", "config", ...), stdout = TRUE)
}
of_package <- paste(c(
  config("CXX17"), config("CXX17STD"), config("--cppflags"), "-DNDEBUG", "-I.",
  paste0("-I", system.file("include", package = "Rcpp")), config("CXX17FLAGS")
), collapse = " ")
of_tests <- system2("make", c("-s", "--no-print-directory", "-C", "tests/core", "flags"),
  stdout = TRUE
)

# Headers too: clangd would guess theirs from a file of a like name, maybe of the other kind.
package <- sub("^src/", "", cpp_files("src"))
tests <- c(cpp_files("tests/core"), cpp_files("fuzz"))
entry <- function(folder, file, command) {
  language <- ifelse(grepl("\\.h$", file), " -x c++-header", "")
  sprintf(
    '  {"directory": %s, "file": %s, "command": %s}', shQuote(folder, "cmd"), shQuote(file, "cmd"),
    encodeString(paste0(command, language, " -c ", file), quote = '"')
  )
}
entries <- c(
  entry(file.path(root, "src"), package, of_package), entry(root, tests, of_tests)
)
writeLines(c("[", paste(entries, collapse = ",\n"), "]"), "compile_commands.json")
cat("compile_commands.json:", length(entries), "files\n")
