# Hostile input, in child processes under limits: a child that dies, or hangs, names the
# case that it died of, and another one goes on behind that.

# What a child does with case i; text() is what is wrong with it, "" for nothing.
run_hostile <- function(cases, check, ..., memory_gb = 4, cpu_s = 120) {
  # In memory where it can be: thousands of small files are written to disk whole.
  memory <- "/dev/shm"
  folder <- withr::local_tempdir(tmpdir = if (file.access(memory, 2) == 0) memory else tempdir())
  saveRDS(list(cases = cases, check = check, more = list(...)), file.path(folder, "job.rds"),
          compress = FALSE)
  helpers <- list.files(testthat::test_path(), "^helper.*[.]R$", full.names = TRUE)
  script <- file.path(folder, "child.R")
  writeLines(c(
    "folder <- commandArgs(TRUE)[[1L]]",
    paste0(".libPaths(", deparse1(.libPaths()), ")"),
    "suppressPackageStartupMessages({library(testthat); library(mmappickle)})",
    paste0("for (file in ", deparse1(normalizePath(helpers)), ") source(file)"),
    "hostile_child(folder)"
  ), script)
  work <- file.path(folder, "work")
  dir.create(work)
  results <- rep(NA_character_, length(cases))
  names(results) <- vapply(cases, function(case) case$name, "")
  next_case <- 1L
  while (next_case <= length(cases)) {
    writeLines(as.character(next_case), file.path(folder, "from"))
    out <- file.path(folder, "out")
    status <- system2("sh", c("-c", shQuote(paste(
      "cd", shQuote(work), "&& ulimit -c 0 && ulimit -v", format(memory_gb * 2^20),
      "&& ulimit -t", cpu_s, "&& exec", shQuote(file.path(R.home("bin"), "Rscript")),
      "--vanilla", shQuote(script), shQuote(folder), ">", shQuote(out), "2>&1"
    ))))
    log <- strsplit(readLines(file.path(folder, "log"), warn = FALSE), "\t", fixed = TRUE)
    unlink(file.path(folder, "log"))
    for (line in log) {
      if (length(line) > 1L) results[[as.integer(line[[1L]])]] <- line[[2L]]
    }
    if (status == 0) break
    last <- as.integer(log[[length(log)]][[1L]])
    results[[last]] <- paste0(
      "CRASH: the process ended with status ", status, ": ",
      paste(utils::tail(readLines(out, warn = FALSE), 3L), collapse = " | ")
    )
    message(names(results)[[last]], ": ", results[[last]])
    next_case <- last + 1L
  }
  results[results == "ok"] <- ""
  left <- setdiff(list.files(work, all.files = TRUE, no.. = TRUE), "scratch")
  if (length(left)) results <- c(results, executed = paste(left, collapse = ", "))
  results
}

# In the child: a line "i" before a case, "i<tab>result" after it.
hostile_child <- function(folder) {
  job <- readRDS(file.path(folder, "job.rds"))
  log <- file(file.path(folder, "log"), "a")
  tell <- function(...) {
    cat(..., "\n", sep = "", file = log)
    flush(log)
  }
  from <- as.integer(readLines(file.path(folder, "from")))
  check <- get(job$check)
  gc()
  for (i in seq.int(from, length(job$cases))) {
    tell(i)
    result <- tryCatch(do.call(check, c(list(job$cases[[i]]), job$more)), error = function(e) {
      paste0("an error of class ", class(e)[[1L]], ": ", conditionMessage(e))
    })
    tell(i, "\t", if (nzchar(result)) gsub("[\t\n]", " ", substr(result, 1L, 400L)) else "ok")
  }
}

expect_harmless <- function(results, label) {
  wrong <- results[is.na(results) | nzchar(results)]
  testthat::expect(!length(wrong), paste0(
    length(wrong), " of ", length(results), " cases of ", label, ":\n",
    paste0("  ", names(wrong), ": ", wrong, collapse = "\n")
  ))
}

# -- memory and time ----------------------------------------------------------------------

# Value or error of an expression, with the seconds it took and the MB by which the process
# grew meanwhile at most.
measured <- function(expression, collect = FALSE) {
  if (collect) gc()
  writeLines("5", "/proc/self/clear_refs")
  before <- memory_mb("VmRSS")
  start <- proc.time()[["elapsed"]]
  value <- tryCatch(list(suppressWarnings(expression)), error = identity)
  peak <- memory_mb("VmHWM")
  list(value = value, seconds = proc.time()[["elapsed"]] - start, mb = peak - before,
       peak = peak)
}

memory_mb <- function(name) {
  line <- grep(paste0("^", name), readLines("/proc/self/status"), value = TRUE)
  as.numeric(gsub("[^0-9]", "", line)) / 1024
}

# -- what is done with a value --------------------------------------------------------------

# Shows and compares a small value in the ways that sessions do. "" or what went wrong. R's
# own errors at what it cannot show are no matter: no crash.
use_value <- function(x, again, most_s = 30) {
  if (!is_small(x)) return("")
  ways <- list(
    print = function() print(x), str = function() utils::str(x), format = function() format(x),
    size = function() utils::object.size(x), equal = function() all.equal(x, again),
    identical = function() identical(x, again)
  )
  sink(nullfile())
  on.exit(sink())
  for (way in names(ways)) {
    start <- proc.time()[["elapsed"]]
    try_for(ways[[way]](), most_s)
    seconds <- proc.time()[["elapsed"]] - start
    if (seconds > most_s) return(paste0(way, "() took ", round(seconds), " s"))
  }
  ""
}

# R's own methods may go on for ever with a value of a class that it is none of.
try_for <- function(expression, seconds) {
  setTimeLimit(elapsed = seconds)
  on.exit(setTimeLimit())
  suppressWarnings(suppressMessages(tryCatch(expression, error = identity)))
}

# Too deep for R: its own identical() ends the process where it runs out of stack.
is_deep <- function(x) {
  for (level in seq_len(1000L)) {
    x <- unclass(x)  # a class may have a length of its own
    if (!is.list(x) || !length(x)) return(FALSE)
    x <- x[[length(x)]]
  }
  TRUE
}

# Small enough to be walked by everything that R has: what is shared 2^30 times over counts
# as often as it is met. R's own functions take minutes for a matrix of 0 x 2^31 - 1, and
# for a data frame of as many rows without columns.
is_small <- function(x, most = 3000L) {
  left <- most
  walk <- function(x, depth) {
    x <- unclass(x)
    rows <- if (is.list(x)) abs(.row_names_info(x, 2L))
    size <- max(0, dim(x), rows, na.rm = TRUE)
    text <- if (is.character(x)) sum(nchar(x, "bytes"), na.rm = TRUE) / 1e3
    left <<- left - 1L - max(length(x), size, text)
    if (left < 0L || depth > 200L) return(FALSE)
    if (!is.list(x)) return(TRUE)
    for (item in x) if (!walk(item, depth + 1L)) return(FALSE)
    TRUE
  }
  walk(x, 0L)
}
