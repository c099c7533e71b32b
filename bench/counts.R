# What a call costs, counted: instructions and allocations (callgrind), system calls
# (strace). Unlike times these do not depend on what else the machine does. Run by
# `make bench-counts`, from the root of the project; with WRITE=yes it writes the table,
# bench/counts.csv, anew. Fails where a count has grown by more than a tenth. Instructions
# are those of one compiler and one R: with others than the table's, it only prints.
#
# One run of R under callgrind, one under strace, for all calls: between two parts a function
# of the package is called that nothing else calls, at which callgrind writes out what it
# has counted, and a path asked for, which shows in strace's log.

keys <- 10000L
times <- 20L
slack <- c(instructions = 500, system_calls = 0.5, allocations = 1.5)

# -- in the R that is measured -------------------------------------------------------------

calls <- function(path) {
  library(mmappickle)
  many <- tempfile(fileext = ".mmdpickle")
  other <- NULL
  m <- NULL
  n <- 0L
  with_many <- function() {
    m <<- mmapdict(many)
    m[sprintf("key%d", seq_len(keys))] <<- as.list(seq_len(keys))
    m[["number"]] <<- 1
    m[["array"]] <<- c(1, 2, 3)
    m[["list"]] <<- list(1, "two", TRUE)
    m[["frame"]] <<- data.frame(a = 1:3, b = c("x", "y", "z"))
    m[["v"]] <<- as.double(1:1000)
    other <<- mmapdict(many)
    names(other)
  }
  list(
    prepare = with_many,
    # Each: how often, and what.
    calls = list(
      "open, a key" = list(1 / keys, function() close(mmapdict(many))),
      "names(m), a key" = list(1 / keys, function() names(m)),
      'm[["number"]]' = list(1, function() m[["number"]]),
      'm[["array"]]' = list(1, function() m[["array"]]),
      'm[["list"]]' = list(1, function() m[["list"]]),
      'm[["frame"]]' = list(1, function() m[["frame"]]),
      "insert" = list(1, function() m[[paste0("new", n <<- n + 1L)]] <- 1),
      "insert, one of 100" = list(1 / 100, function() {
        m[paste0("many", n <<- n + 1L, "-", 1:100)] <- as.list(1:100)
      }),
      'm["v", 5]' = list(1, function() m["v", 5]),
      'm["v", 5] <- 1' = list(1, function() m["v", 5] <- 1),
      'm[["v"]][5] <- 1' = list(1, function() m[["v"]][5] <- 1),
      "a foreign change, a key" = list(1 / keys, function() {
        other[["number"]] <- 2
        length(m)
      }),
      "a foreign slice" = list(1, function() {
        other["v", 1] <- 2
        m[["number"]]
      })
    )
  )
}

mark <- function(name) {
  mmappickle:::views_noted()
  invisible(file.exists(file.path("/mark", name)))
}

measured <- function() {
  work <- calls()
  work$prepare()
  for (i in seq_along(work$calls)) {
    call <- work$calls[[i]][[2]]
    for (again in 1:3) call() # compiled by R, and warm
    gc()
    mark(paste0("begin-", i))
    for (again in seq_len(times)) call()
    mark(paste0("end-", i))
  }
}

# -- in the one that counts ------------------------------------------------------------------

run_measured <- function(before, within = character()) {
  code <- system2(before[[1]],
    c(before[-1], within, "--vanilla", "--no-echo", "-f", "bench/counts.R", "--args", "--measured"),
    stdout = FALSE, stderr = FALSE
  )
  if (code != 0) stop(before[[1]], " ended with ", code)
}

# Instructions and allocations of a part: callgrind's dumps, in the order of the marks.
in_dump <- function(file) {
  lines <- readLines(file)
  total <- sub("^(summary|totals): ", "", grep("^(summary|totals):", lines, value = TRUE)[[1]])
  into <- grep("^cfn=(malloc|calloc|realloc)$", lines)
  made <- grep("^calls=", lines)
  made <- lines[made[findInterval(into, made) + 1L]] # the line behind, or the one after
  c(as.numeric(total), sum(as.numeric(sub("^calls=([0-9]+) .*", "\\1", made))))
}

counted <- function() {
  work <- calls()$calls
  folder <- tempfile()
  dir.create(folder)
  run_measured("R", c("-d", shQuote(paste0(
    "valgrind --tool=callgrind --compress-strings=no ",
    "--dump-before=_mmappickle_views_noted --callgrind-out-file=", folder, "/c"
  ))))
  dumps <- list.files(folder, "^c[.][0-9]+$", full.names = TRUE)
  dumps <- dumps[order(as.integer(sub(".*[.]", "", dumps)))]
  run_measured(c("strace", "-f", "-o", file.path(folder, "strace"), "R"))
  trace <- readLines(file.path(folder, "strace"))
  at <- function(mark) grep(paste0("\"/mark/", mark, "\""), trace)[[1]]
  rows <- lapply(seq_along(work), function(i) {
    share <- work[[i]][[1]] / times
    inside <- trace[seq(at(paste0("begin-", i)) + 1L, at(paste0("end-", i)) - 1L)]
    # What R asks for by itself (its memory) is none of ours.
    inside <- grep(" (brk|madvise|munmap|mmap\\(NULL, [0-9]+, [A-Z_|]+, MAP_PRIVATE\\|MAP_ANON)",
      inside,
      value = TRUE, invert = TRUE
    )
    counts <- in_dump(dumps[[2L * i]])
    data.frame(
      call = names(work)[[i]], instructions = round(counts[[1]] * share),
      system_calls = round(length(inside) * share, 2), allocations = round(counts[[2]] * share, 1)
    )
  })
  do.call(rbind, rows)
}

made_by <- function() {
  config <- function(name) system2("R", c("CMD", "config", name), stdout = TRUE)
  compiler <- system2(strsplit(config("CXX17"), " ")[[1]][[1]], "--version", stdout = TRUE)[[1]]
  paste0(compiler, ", ", config("CXX17FLAGS"), "; ", R.version.string, "; ", R.version$platform)
}

if ("--measured" %in% commandArgs(TRUE)) {
  measured()
  quit()
}

file <- "bench/counts.csv"
by <- paste0("# ", made_by())
now <- counted()
if (nzchar(Sys.getenv("WRITE"))) {
  writeLines(by, file)
  suppressWarnings(write.table(now, file, append = TRUE, sep = ",", row.names = FALSE))
}
then <- read.csv(file, comment.char = "#", check.names = FALSE)
same <- identical(readLines(file, 1L), by)
cat(by, "\n", if (!same) "The table is another one's, for comparison:\n", sep = "")
if (!same) cat(readLines(file, 1L), "\n", sep = "")
both <- merge(now, then, by = "call", suffixes = c("", ".table"), sort = FALSE)
print(both[c(1, 2, 5, 3, 6, 4, 7)], row.names = FALSE)
grown <- vapply(names(slack), function(count) {
  both[[count]] > 1.1 * both[[paste0(count, ".table")]] + slack[[count]] * 0.1
}, logical(nrow(both)))
grown <- both$call[rowSums(grown) > 0]
for (call in grown) cat("grown by more than a tenth: ", call, "\n", sep = "")
cat("bench-counts: ", if (!same) "NOT COMPARED" else if (length(grown)) "GROWN" else "OK", "\n",
  sep = ""
)
quit(status = as.integer(same && length(grown) > 0))
