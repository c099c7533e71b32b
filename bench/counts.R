# What does not depend on the machine's load: instructions and allocations (valgrind's callgrind)
# and system calls (strace) of a fixed list of calls, each in the package's own C++ with what it
# calls of R. Run by `make bench-counts`, which holds them against bench/counts.csv: a count that
# has grown by more than a tenth fails. `counts.R write` writes that table anew. Counts of
# instructions hold for one compiler and one R: those that the table names; elsewhere only
# system calls are compared.
arguments <- commandArgs(TRUE)
table_file <- "bench/counts.csv"
calls <- 20

folder <- tempfile("counts")
dir.create(folder)
compiler <- system2(strsplit(system2(file.path(R.home("bin"), "R"), c("CMD", "config", "CXX17"),
  stdout = TRUE
), " ")[[1]][[1]], "--version", stdout = TRUE)[[1]]
built_with <- paste(R.version.string, compiler, sep = "; ")

run <- function(tool, options, ...) {
  code <- system2(tool, c(options, ...), stdout = file.path(folder, "out"),
    stderr = file.path(folder, "err"))
  if (code != 0) {
    cat(readLines(file.path(folder, "err")), sep = "\n")
    stop(tool, " failed", call. = FALSE)
  }
}

r_binary <- file.path(R.home("bin"), "exec", "R")
Sys.setenv(R_HOME = R.home(), LD_LIBRARY_PATH = paste(
  file.path(R.home(), "lib"), Sys.getenv("LD_LIBRARY_PATH"), sep = ":"
))
work <- c("--vanilla", "--no-echo", paste0("--file=", "bench/counts_work.R"), "--args", calls)

# The sections of the work end where it asks for length(m): a dump each.
run("valgrind", c(
  "--tool=callgrind", "--collect-atstart=no", "'--toggle-collect=_mmappickle_*'",
  "--dump-before=_mmappickle_store_count", paste0("--callgrind-out-file=", folder, "/cg")
), r_binary, work)
names_of_work <- grep("^work: ", readLines(file.path(folder, "out")), value = TRUE)
names_of_work <- sub("^work: ", "", names_of_work)

# Instructions, and calls of malloc and R's allocation, that one dump holds.
read_dump <- function(file) {
  lines <- readLines(file)
  totals <- grep("^(totals|summary): ", lines, value = TRUE)[[1]]
  total <- as.numeric(strsplit(totals, " ")[[1]][[2]])
  called <- grep("^cfn=", lines)
  ids <- sub("^cfn=(\\([0-9]+\\)).*", "\\1", lines[called])
  named <- grep("^c?fn=\\([0-9]+\\) ", lines, value = TRUE)
  known <- sub("^c?fn=\\([0-9]+\\) ", "", named)
  names(known) <- sub("^c?fn=(\\([0-9]+\\)) .*", "\\1", named)
  allocates <- grepl("^(malloc|Rf_allocVector3|Rf_cons)\\b", known[ids])
  counts <- vapply(called[allocates], function(i) {
    line <- lines[i + seq_len(3)]
    as.numeric(sub("^calls=([0-9]+).*", "\\1", grep("^calls=", line, value = TRUE)[[1]]))
  }, 0)
  c(instructions = total, allocations = sum(counts))
}
dumps <- file.path(folder, paste0("cg.", seq_along(names_of_work) + 1))
counted <- t(vapply(dumps, read_dump, numeric(2)))

# (where tracing is allowed: some containers forbid it)
traces <- suppressWarnings(system2("strace", c("-o", "/dev/null", "true"), stderr = FALSE)) == 0
system_calls <- NA
if (traces) {
  run("strace", c("-o", file.path(folder, "strace")), r_binary, work)
  trace <- readLines(file.path(folder, "strace"))
  marks <- grep("counts-of-", trace)
  stopifnot(length(marks) == 2 * length(names_of_work))
  system_calls <- diff(marks)[c(TRUE, FALSE)] - 1
}

now <- data.frame(
  work = names_of_work, instructions = round(counted[, 1] / calls),
  allocations = round(counted[, 2] / calls, 1), system_calls = system_calls / calls
)
if ("write" %in% arguments) {
  utils::write.csv(cbind(now, built_with = c(built_with, rep("", nrow(now) - 1))), table_file,
    row.names = FALSE)
}
before <- utils::read.csv(table_file)
same_tools <- before$built_with[[1]] == built_with
before <- before[match(now$work, before$work), ]
columns <- c("instructions", "allocations", "system_calls")
slack <- c(0, 1, 0.5)[col(now[columns])]
grown <- as.matrix(now[columns]) > 1.1 * as.matrix(before[columns]) + slack
if (!same_tools) grown[, c("instructions", "allocations")] <- FALSE
if (!traces) grown[, "system_calls"] <- FALSE
cat(sprintf("%-28s %14s %14s %14s\n", "a call", columns[[1]], columns[[2]], columns[[3]]))
for (i in seq_len(nrow(now))) {
  cells <- vapply(columns, function(column) {
    paste0(format(now[[column]][[i]]), if (grown[i, column]) paste0(" > ", before[[column]][[i]]))
  }, "")
  cat(sprintf("%-28s %14s %14s %14s\n", now$work[[i]], cells[[1]], cells[[2]], cells[[3]]))
}
if (!same_tools) {
  cat("instructions and allocations not compared: the table is of", before$built_with[[1]], "\n")
}
if (!traces) cat("system calls not compared: strace may not trace here\n")
unlink(folder, recursive = TRUE)
cat(sprintf("bench-counts: %d of %d grew by more than a tenth\n", sum(grown), length(grown)))
quit(status = as.integer(any(grown)))
