# Writes src/Makevars and src/Makevars.win, which name every object, as portable make wants it.
# The list comes from the tree alone, so it is the same on every machine. Which headers an
# object is made from only a development build has to know: tools/dev.mk.
# `--check` writes nothing and fails if the files are stale.
# Usage: Rscript tools/objects.R [--check]      (from the root of the project)

sources <- sort(list.files("src", "\\.cpp$", recursive = TRUE), method = "radix")

# "head a b c" in lines of at most 88 columns, continued by backslashes.
wrapped <- function(head, words) {
  lines <- strwrap(paste(c(head, words), collapse = " "), width = 86, exdent = 2)
  c(paste(head(lines, -1), "\\"), tail(lines, 1))[if (length(lines) == 1) 2 else TRUE]
}

object_of <- function(source) sub("\\.cpp$", ".o", source)
objects <- object_of(sources)

makevars <- c(
  "# Made by `make objects`, checked by `make lint`.",
  "CXX_STD = CXX17",
  "",
  "# Files below src/ include by paths from src/. Systems of 32 bits reach beyond 2 GB of a file",
  "# only if they are asked to.",
  "PKG_CPPFLAGS = -I. -D_FILE_OFFSET_BITS=64",
  "",
  "# Without debug symbols, which take 20 times the room of the code. A personal Makevars",
  "# with an empty PKG_LIBS keeps them.",
  "PKG_LIBS = -Wl,-S",
  "",
  wrapped("OBJECTS =", objects),
  "",
  "all: $(SHLIB)"
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
