# The calls that counts.R counts. length(m) ends a section of callgrind's, and files that are looked
# for by a name with "counts-of-" begin and end one in strace's log.
suppressPackageStartupMessages(library(mmappickle))
calls <- as.integer(commandArgs(TRUE)[[1]])
path <- tempfile(fileext = ".mmdpickle")
m <- mmapdict(path)
other <- mmapdict(path)
m[["number"]] <- 1
m[["array"]] <- runif(1000)
m[["list"]] <- list(a = 1, b = "b", c = TRUE)
m[["frame"]] <- data.frame(a = 1:3, b = c(0.5, 1, 2))
m[["F"]] <- ndarray(matrix(0, 100, 100), order = "F")
m[["grows"]] <- growing_ndarray(c(0, 10), capacity = 1000)
for (i in 1:500) m[[paste0("key", i)]] <- i
pickle <- write_pickle(lapply(1:100, function(i) list(a = i, b = "text")), NULL)
dicts <- lapply(1:100, function(i) list(a = i, b = "text"))
row <- runif(100)
ten <- runif(10)

count <- function(what, f) {
  for (i in 1:3) f(i)
  gc()
  length(m)
  cat("work: ", what, "\n", sep = "")
  file.exists(paste0("counts-of-", what))
  for (i in seq_len(calls)) f(i)
  file.exists(paste0("counts-of-", what))
}
count('m[["number"]]', function(i) m[["number"]])
count('m[["array"]]', function(i) m[["array"]])
count('m[["list"]] of 3', function(i) m[["list"]])
count('m[["frame"]] of 2', function(i) m[["frame"]])
count("names(m), 500 keys", function(i) names(m))
count("open, 500 keys", function(i) close(mmapdict(path, readonly = TRUE)))
count('m[["new"]] <- 1', function(i) m[[paste0("new", i)]] <- 1)
count('m["array", 5]', function(i) m["array", 5])
count('m["array", 5] <- 1', function(i) m["array", 5] <- 1)
count('m[["array"]][5] <- 1', function(i) m[["array"]][5] <- 1)
count('m["F", 7, ] <- row', function(i) m["F", 7, ] <- row)
count("mmap_append(), a row", function(i) mmap_append(m, "grows", ten))
count("read after a foreign change", function(i) {
  other[["number"]] <- i
  m[["number"]]
})
count("read_pickle(), 100 dicts", function(i) read_pickle(pickle))
count("write_pickle(), 100 dicts", function(i) write_pickle(dicts, NULL))
length(m)
