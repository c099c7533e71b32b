# Writes the lists that src/Makevars and src/Makevars.win carry by hand: every object, and
# the project's own headers that each one includes. Both come from the tree alone, so they
# are the same on every machine. `--check` writes nothing and fails if they are stale.
# Usage: Rscript tools/objects.R [--check]      (from the root of the project)

sources <- sort(list.files("src", "\\.cpp$", recursive = TRUE), method = "radix")

# Headers that `file` includes in quotes, followed through, as paths below src/.
headers_of <- function(file) {
  seen <- character()
  todo <- file
  while (length(todo) > 0) {
    at <- todo[[1]]
    todo <- todo[-1]
    lines <- readLines(file.path("src", at), warn = FALSE)
    named <- grep("^ *# *include +\"", lines, value = TRUE)
    named <- sub("^ *# *include +\"([^\"]+)\".*$", "\\1", named)
    for (name in named) {
      beside <- normal(file.path(dirname(at), name))
      found <- Filter(function(p) file.exists(file.path("src", p)), c(beside, name))
      if (length(found) > 0 && !found[[1]] %in% seen) {
        seen <- c(seen, found[[1]])
        todo <- c(todo, found[[1]])
      }
    }
  }
  sort(seen, method = "radix")
}

# "core/os/../base/bytes.h" -> "core/base/bytes.h"
normal <- function(path) {
  parts <- character()
  for (part in strsplit(path, "/", fixed = TRUE)[[1]]) {
    parts <- switch(part,
      ".." = head(parts, -1),
      "." = parts,
      c(parts, part)
    )
  }
  paste(parts, collapse = "/")
}

# "head a b c" in lines of at most 88 columns, continued by backslashes.
wrapped <- function(head, words) {
  lines <- strwrap(paste(c(head, words), collapse = " "), width = 86, exdent = 2)
  c(paste(head(lines, -1), "\\"), tail(lines, 1))[if (length(lines) == 1) 2 else TRUE]
}

object_of <- function(source) sub("\\.cpp$", ".o", source)
objects <- object_of(sources)
needs <- lapply(sources, headers_of)
rules <- unlist(Map(wrapped, paste0(objects, ":"), needs)[lengths(needs) > 0])

makevars <- c(
  "# Lists of objects and headers: regenerate with `make objects`, checked by `make lint`.",
  "CXX_STD = CXX17",
  "",
  "# Without debug symbols, which take 20 times the room of the code. A personal Makevars",
  "# with an empty PKG_LIBS keeps them.",
  "PKG_CPPFLAGS = -I.",
  "PKG_LIBS = -Wl,-S",
  "",
  wrapped("OBJECTS =", objects),
  "",
  "all: $(SHLIB)",
  "",
  unname(rules)
)

status <- 0
for (file in c("src/Makevars", "src/Makevars.win")) {
  current <- if (file.exists(file)) readLines(file) else character()
  if (identical(current, makevars)) next
  if ("--check" %in% commandArgs(TRUE)) {
    cat(file, "is stale: run `make objects`\n")
    status <- 1
  } else {
    writeLines(makevars, file)
    cat("wrote", file, "\n")
  }
}
quit(status = status)
