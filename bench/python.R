# Python beside R, in the same process by reticulate: code that times itself, so that no
# conversion between the two counts.
python <- new.env()

python_start <- function() {
  if (!is.null(python$there)) return(python$there)
  python$there <- tryCatch(
    {
      if (!has("reticulate")) stop("no reticulate")
      reticulate::use_python(Sys.getenv("MMAPPICKLE_PYTHON", "/usr/bin/python3"), required = TRUE)
      reticulate::py_run_string(paste(
        "import pickle, time",
        "import numpy as np",
        "def seconds(code):",
        "  code = compile(code, 'bench', 'exec')",
        "  start = time.perf_counter()",
        "  exec(code, globals())",
        "  return time.perf_counter() - start",
        sep = "\n"
      ))
      TRUE
    },
    error = function(e) {
      cat("no Python with NumPy to compare with:", conditionMessage(e), "\n")
      FALSE
    }
  )
}

# Runs what prepares a measurement.
py_do <- function(...) if (python_start()) reticulate::py_run_string(paste(..., sep = "\n"))

# A function that runs `code` in Python and tells its seconds; NULL without Python.
py <- function(...) {
  if (!python_start()) return(NULL)
  code <- paste(..., sep = "\n")
  main <- reticulate::import_main()
  function() structure(main$seconds(code), class = "seconds")
}

# numpy.memmap of an array entry: what a map costs without our format around it.
py_memmap <- function(name, m, path, key, mode = "r+") {
  e <- entries(m)
  e <- e[e$key == key, ]
  py_do(sprintf(
    "%s = np.memmap('%s', dtype='%s', mode='%s', offset=%.0f, shape=(%s,), order='%s')",
    name, path, e$dtype, mode, e$offset,
    paste(format(unlist(e$shape), scientific = FALSE, trim = TRUE), collapse = ","), e$order
  ))
}
