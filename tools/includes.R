# Which file of a source tree includes which, for tools/borders.R and tools/house.R.

cpp_files <- function(folder) {
  sort(list.files(folder, "\\.(cpp|h)$", recursive = TRUE, full.names = TRUE), method = "radix")
}

# "src/core/os/../base/bytes.h" -> "src/core/base/bytes.h"
normal <- function(path) {
  parts <- character()
  for (part in strsplit(path, "/", fixed = TRUE)[[1]]) {
    parts <- switch(part,
      ".." = utils::head(parts, -1),
      "." = parts,
      c(parts, part)
    )
  }
  paste(parts, collapse = "/")
}

# A data frame of all #include lines: the file that has it, its line, the name as it is
# written, whether in <>, and the file of the project that is meant or NA.
includes <- function(files) {
  pattern <- "^ *# *include *([<\"])([^>\"]+)[>\"].*$"
  rows <- lapply(files, function(file) {
    lines <- readLines(file, warn = FALSE)
    at <- grep(pattern, lines)
    data.frame(
      from = rep(file, length(at)), line = at,
      name = sub(pattern, "\\2", lines[at]), angle = sub(pattern, "\\1", lines[at]) == "<"
    )
  })
  all <- do.call(rbind, rows)
  all$to <- mapply(function(from, name, angle) {
    if (angle) return(NA_character_)
    tried <- c(normal(file.path(dirname(from), name)), file.path(c("src", "src/core"), name))
    tried[file.exists(tried)][1]
  }, all$from, all$name, all$angle, USE.NAMES = FALSE)
  all
}

# Groups of names each of which reaches all others of its group: cycles, by Tarjan's way.
cycles <- function(from, to) {
  order <- low <- integer()
  stack <- character()
  found <- list()
  below <- split(to, from)
  visit <- function(name) {
    order[[name]] <<- low[[name]] <<- length(order) + 1L
    stack <<- c(stack, name)
    for (other in unique(below[[name]])) {
      if (is.na(order[other])) visit(other)
      if (other %in% stack) low[[name]] <<- min(low[[name]], low[[other]])
    }
    if (low[[name]] < order[[name]]) return(invisible())
    at <- match(name, stack)
    group <- stack[at:length(stack)]
    stack <<- stack[seq_len(at - 1)]
    if (length(group) > 1 || name %in% below[[name]]) found[[length(found) + 1]] <<- group
  }
  for (name in unique(from)) if (is.na(order[name])) visit(name)
  found
}

# The cycles of files, and of the folders that they are in.
include_cycles <- function(table) {
  table <- table[!is.na(table$to), ]
  rooms <- data.frame(from = dirname(table$from), to = dirname(table$to))
  rooms <- unique(rooms[rooms$from != rooms$to, ])
  list(files = cycles(table$from, table$to), folders = cycles(rooms$from, rooms$to))
}
