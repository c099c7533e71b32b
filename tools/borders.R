# Which room of src/ may include and call what. Fails, naming file and line, where one does
# otherwise; see "Rooms" in CONTRIBUTING.md.
# Usage: Rscript tools/borders.R      (from the root of the project)
source("tools/includes.R")

files <- cpp_files("src")
table <- includes(files)
broken <- character()
break_at <- function(file, line, why) {
  broken <<- c(broken, if (length(file) > 0) sprintf("%s:%d: %s", file, line, why))
}

room <- function(file) sub("^src/(core|r)/.*$", "\\1", sub("^src/[^/]+$", "exports", file))
from <- room(table$from)
to <- room(table$to)
is_rcpp <- grepl("^Rcpp", table$name)
is_r <- is_rcpp | grepl("^(R|Rinternals|Rdefines|Rversion|Rmath|Rconfig)\\.h$|^R_ext/", table$name)
forbid <- function(which, why) break_at(table$from[which], table$line[which], why)
forbid(from == "core" & (is_r | (!is.na(to) & to != "core")), "the core includes nothing of R")
forbid(
  from == "r" & (is_rcpp | (!is.na(to) & to == "exports")),
  "src/r includes no Rcpp: that is for files directly in src/"
)
forbid(!table$angle & is.na(table$to), "no such file (paths are from here or from src/)")

# The table of rooms in CONTRIBUTING.md: each may use those above it.
order <- c(
  paste0("src/core/", c("base", "os", "pickle", "numpy", "files", "python", "arrow", "pandas")),
  paste0("src/core/", c("metadata", "plan", "store")),
  "src/r", paste0("src/r/", c("view", "read", "write", "slice")), "src"
)
upwards <- match(dirname(table$from), order) < match(dirname(table$to), order)
forbid(upwards %in% TRUE, "a room may use only those above it in the table of CONTRIBUTING.md")
unknown <- setdiff(dirname(files), order)
if (length(unknown) > 0) broken <- c(broken, paste("not in the table of rooms:", unknown))

# Elements of vectors that may be ALTREP come from r/vector.h. Where R's jump skips nothing
# (the reader, ALTREP methods) vectors that were made there are looked at as R does.
own <- "^src/(r/(read|view)/|r/(build|class_name|kept|vector)[.]|RcppExports[.])"
element <- "(^|[^A-Z_])(STRING|VECTOR|INTEGER|LOGICAL|REAL|RAW|COMPLEX)_ELT\\("
for (file in grep(own, grep("^src/core/", files, value = TRUE, invert = TRUE),
  value = TRUE, invert = TRUE
)) {
  at <- grep(element, readLines(file, warn = FALSE))
  break_at(rep(file, length(at)), at, "elements come from r/vector.h")
}

circles <- unlist(include_cycles(table), recursive = FALSE)
for (circle in circles) {
  broken <- c(broken, paste("these include each other:", paste(sort(circle), collapse = " ")))
}
writeLines(broken)
quit(status = as.integer(length(broken) > 0))
