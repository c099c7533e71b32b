# What the sources are like, in figures: sizes, comments, long functions, circles of includes,
# and with --cpu the seconds that compiling takes (some minutes: with R's flags, one file at a
# time, nothing precompiled).
# Usage: Rscript tools/house.R [--cpu]      (from the root of the project), or make house
source("tools/includes.R")

# Blanks what is no code in C++ (comments, texts, directives), keeping the lines.
cpp_code <- function(text) {
  no_code <- paste0(
    "(?s)//[^\\n]*|/\\*.*?\\*/|R\"(\\w*)\\(.*?\\)\\1\"|\"(?:\\\\.|[^\"\\\\])*\"",
    "|(?<![0-9A-Fa-f])'(?:\\\\.|[^'\\\\])*'|(?m)^[ \\t]*#(?:[^\\n\\\\]|\\\\.)*"
  )
  at <- gregexpr(no_code, text, perl = TRUE)
  regmatches(text, at) <- lapply(regmatches(text, at), gsub, pattern = "[^\n]", replacement = " ")
  text
}

# Whether a brace after `head` opens a function's body, a scope (namespace, class) or neither.
brace_kind <- function(head) {
  head <- gsub("\\s+", " ", sub("^(\\s*(public|private|protected)\\s*:)+", "", head))
  head <- trimws(sub("^ *(template ?<.*?> ?(?=[a-z]))+", "", head, perl = TRUE))
  if (grepl("^(inline )?(namespace\\b|extern *$)", head, perl = TRUE)) return("scope")
  end <- "\\)( ?(const|noexcept(\\(.*\\))?|override|final|mutable|&&?|->.*|:[^:].*))*$"
  type <- "^(typedef |static |const |constexpr )*(class|struct|union|enum)\\b"
  if (grepl(type, head, perl = TRUE) && !grepl("\\)( (const|noexcept|override))*$", head)) {
    return("scope")
  }
  member <- ":[^:].*\\b\\w+$" # a constructor's, with its value in braces
  is_body <- grepl(end, head, perl = TRUE) && !grepl(member, head, perl = TRUE)
  if (is_body) "function" else "other"
}

# The lines of each function of a C++ file; what is inside of one counts with it.
cpp_functions <- function(file) {
  code <- cpp_code(paste(readLines(file, warn = FALSE), collapse = "\n"))
  at <- gregexpr("[{};]", code)[[1]]
  if (at[[1]] < 0) return(integer())
  line_of <- function(i) nchar(gsub("[^\n]", "", substr(code, 1, i))) + 1L
  open <- character()
  lengths <- integer()
  begin <- 1L
  inside <- 0L
  for (i in at) {
    sign <- substr(code, i, i)
    if (inside > 0) { # a function's depth of braces
      inside <- inside + switch(sign, "{" = 1L, "}" = -1L, 0L)
      if (inside == 0) lengths[[length(lengths)]] <- line_of(i) - lengths[[length(lengths)]] + 1L
    } else if (sign == "{") {
      head <- substr(code, begin, i - 1)
      kind <- brace_kind(head)
      if (kind == "function") {
        before <- regexpr("^\\s*((public|private|protected)\\s*:\\s*)*", head)
        first <- begin + attr(before, "match.length")
        lengths <- c(lengths, line_of(first))
        inside <- 1L
      } else {
        open <- c(open, kind)
      }
      if (kind == "other") next
    } else if (sign == "}") {
      kind <- utils::tail(open, 1)
      open <- utils::head(open, -1)
      if (identical(kind, "other")) next # an initialiser is a part of what goes on
    } else if (identical(utils::tail(open, 1), "other")) {
      next
    }
    begin <- i + 1L
  }
  lengths
}

# The lines of each outermost function of an R file, and of each test.
r_functions <- function(file) {
  data <- utils::getParseData(parse(file, keep.source = TRUE))
  heads <- data[data$token == "FUNCTION" |
    (data$token == "SYMBOL_FUNCTION_CALL" & data$text == "test_that"), ]
  ids <- data$parent[match(heads$id, data$id)]
  is_call <- heads$token != "FUNCTION"
  ids[is_call] <- data$parent[match(ids[is_call], data$id)]
  body <- data[match(ids, data$id), c("line1", "line2")]
  inner <- vapply(seq_len(nrow(body)), function(i) {
    any(body$line1 < body$line1[i] & body$line2 >= body$line2[i])
  }, NA)
  body <- unique(body[!inner, ])
  body$line2 - body$line1 + 1L
}

is_r <- function(file) grepl("\\.R$", file)

measure <- function(file) {
  lines <- trimws(readLines(file, warn = FALSE))
  blank <- lines == ""
  comment <- if (is_r(file)) {
    startsWith(lines, "#")
  } else {
    # A line of /* */ ends with its comment; these are few.
    startsWith(lines, "//") | startsWith(lines, "/*") | startsWith(lines, "* ")
  }
  functions <- if (is_r(file)) r_functions(file) else cpp_functions(file)
  data.frame(
    file = file, lines = length(lines), words = sum(!blank), comments = sum(comment),
    functions = length(functions), over40 = sum(functions > 40), over60 = sum(functions > 60),
    longest = max(0L, functions)
  )
}

parts <- list(
  "src" = cpp_files("src"),
  "src/*" = grep("^src/[^/]+$", cpp_files("src"), value = TRUE),
  "src/r" = cpp_files("src/r"),
  "src/core" = cpp_files("src/core"),
  "R" = list.files("R", "\\.R$", full.names = TRUE),
  "tests/core" = cpp_files("tests/core"),
  "tests/testthat" = list.files("tests/testthat", "\\.R$", full.names = TRUE)
)
parts <- lapply(parts, function(files) files[!grepl("/RcppExports\\.", files)])
parts <- parts[lengths(parts) > 0]
every <- do.call(rbind, lapply(unique(unlist(parts)), measure))

summary_of <- function(files) {
  x <- every[every$file %in% files, ]
  data.frame(
    files = nrow(x), lines = sum(x$lines), median = stats::median(x$lines), largest = max(x$lines),
    over350 = sum(x$lines > 350), "comments%" = round(100 * sum(x$comments) / sum(x$words), 1),
    functions = sum(x$functions), over40 = sum(x$over40), over60 = sum(x$over60),
    longest = max(x$longest), check.names = FALSE
  )
}
cat("Lines of files and of functions; comments as a share of lines that are not blank\n\n")
print(do.call(rbind, lapply(parts, summary_of)))

name_all <- function(title, x, value) {
  cat("\n", title, if (nrow(x) == 0) " none", "\n", sep = "")
  x <- x[order(-x[[value]]), ]
  cat(sprintf("  %4d  %s\n", x[[value]], x$file), sep = "")
}
name_all("files over 350 lines:", every[every$lines > 350, ], "lines")
name_all("functions over 60 lines, the longest of each file:", every[every$over60 > 0, ], "longest")

table <- includes(cpp_files("src"))
circles <- include_cycles(table)
cat(
  "\ninclude cycles:", length(circles$files), "of files,", length(circles$folders), "of folders\n"
)
for (circle in unlist(circles, recursive = FALSE)) cat(" ", sort(circle), "\n")

# How many sources each header reaches: what compiles anew when it changes.
units <- grep("\\.cpp$", cpp_files("src"), value = TRUE)
direct <- split(table$to, table$from)
reached <- lapply(units, function(unit) {
  seen <- character()
  todo <- unit
  while (length(todo) > 0) {
    new <- setdiff(unlist(direct[todo], use.names = FALSE), c(seen, NA))
    seen <- c(seen, new)
    todo <- new
  }
  seen
})
reach <- sort(table(unlist(reached)), decreasing = TRUE)
cat("\nheaders that reach most of the", length(units), "sources:\n")
cat(sprintf("  %4d  %s\n", utils::head(reach, 8), names(utils::head(reach, 8))), sep = "")
cat(sprintf("  %4.0f  a header's mean\n", mean(reach)))

config <- function(...) {
  system2(file.path(R.home("bin"), "R"), c("CMD", "config", ...), stdout = TRUE)
}
if ("--cpu" %in% commandArgs(TRUE)) {
  command <- c(
    config("CXX17"), config("CXX17STD"), config("--cppflags"), "-DNDEBUG", "-I.",
    paste0("-I", system.file("include", package = "Rcpp")), config("CXX17PICFLAGS"),
    config("CXX17FLAGS")
  )
  object <- tempfile(fileext = ".o")
  home <- setwd("src")
  seconds <- vapply(units, function(unit) {
    line <- paste(c(command, "-c", sub("^src/", "", unit), "-o", object), collapse = " ")
    time <- system.time(status <- system(line))
    if (status != 0) stop(unit, " does not compile")
    sum(time[c("user.child", "sys.child")])
  }, 0)
  setwd(home)
  cat("\nseconds of CPU to compile: all of it and one file\n")
  groups <- ifelse(grepl("^src/(core|r)/", units), sub("^(src/[a-z]+)/.*$", "\\1", units), "src/*")
  for (group in c("src", unique(groups))) {
    x <- if (group == "src") seconds else seconds[groups == group]
    cat(sprintf(
      "  %-9s all %6.1f, median %4.1f, most %4.1f (%s)\n", group, sum(x), stats::median(x), max(x),
      names(which.max(x))
    ))
  }
}
