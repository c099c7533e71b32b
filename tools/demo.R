# The package's main job on a file that the Python library wrote: open, list, read as
# views, write, slice, and let Python read the outcome. Run by `make demo`.
library(mmappickle)

say <- function(...) cat("\n## ", ..., "\n", sep = "")
show <- function(code) {
  code <- substitute(code) # evaluated where it stands, like a line that a user types
  cat("> ", deparse(code, width.cutoff = 80), "\n", sep = "")
  value <- withVisible(eval(code, parent.frame()))
  if (value$visible) print(value$value)
  invisible(value$value)
}

path <- tempfile("demo-", fileext = ".mmdpickle")
invisible(file.copy(
  system.file("extdata", "example.mmdpickle", package = "mmappickle"), path
))

say("A file that Python wrote (a simulated hyperspectral scene)")
m <- mmapdict(path)
show(print(m))

say("Plain values arrive as R values")
show(m[["labels"]])
show(m[["metadata"]]$instrument)

say("Arrays arrive as views: same shape and indices as in Python, read from the file")
cube <- m[["cube"]]
show(dim(cube))
show(is_view(cube))
show(cube[4, 5, 1:3])
show(round(mean(cube), 4))
show(sum(is.na(m[["ndvi"]]))) # masked in Python

say("A slice reads only its own bytes, and is written in place")
show(m["elevation", 1:2, 1:4])
size <- file.size(path)
show(m["elevation", 1, 1:2] <- c(1000L, 1001L))
show(m[["elevation"]][2, 1:2] <- c(1002L, 1003L))
show(m["elevation", 1:2, 1:4])
stopifnot(
  file.size(path) == size,
  identical(as.vector(m["elevation", 1:2, 1:2]), c(1000L, 1002L, 1001L, 1003L))
)

say("R's values go in; larger than memory is no matter")
show(m[["spectrum"]] <- apply(cube, 3, mean))
show(m[["notes"]] <- list(author = "R", reviewed = c(TRUE, NA, FALSE)))
show(m[["large"]] <- empty_ndarray(c(10000, 10000, 100), dtype = "float64")) # 80 GB
show(m["large", 1:3, 7, 100] <- c(1.5, 2.5, 3.5))
show(m["large", 1:4, 7, 100])
stopifnot(identical(as.vector(m["large", 1:4, 7, 100]), c(1.5, 2.5, 3.5, 0)))
cat("the file has", format(file.size(path), big.mark = ","), "bytes, most of them a hole\n")
show(m[["large"]] <- NULL)
show(vacuum(m))
cat("after vacuum():", file.size(path), "bytes\n")
show(names(m))
close(m)

python <- Sys.getenv("MMAPPICKLE_PYTHON", "/usr/bin/python3")
say("Python reads the outcome (", python, ")")
script <- "
import pickle, sys
with open(sys.argv[1], 'rb') as f:
    file = pickle.load(f)
for key in ('elevation', 'spectrum', 'notes'):
    value = file[key]
    print(key, type(value).__name__, getattr(value, 'dtype', ''), getattr(value, 'shape', ''))
assert file['elevation'][0, :2].tolist() == [1000, 1001]
assert file['elevation'][1, :2].tolist() == [1002, 1003]
assert abs(file['spectrum'] - file['cube'].mean(axis=(0, 1))).max() < 1e-6
assert file['notes']['author'] == 'R'
print('as R wrote it')
"
has_numpy <- suppressWarnings(
  system2(python, c("-c", shQuote("import numpy")), stdout = FALSE, stderr = FALSE)
) == 0
if (has_numpy) {
  file <- tempfile(fileext = ".py")
  writeLines(script, file)
  status <- system2(python, c("-W", "error", shQuote(file), shQuote(path)))
  if (status != 0) stop("Python did not read what R wrote")
  cat("\ndemo: OK (read and written in R, read in Python)\n")
} else {
  cat("no Python with NumPy here\n\ndemo: OK (read and written in R; Python was left out)\n")
}
