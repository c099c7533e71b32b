# Corpora of pickles with what CPython makes of each, and how what this package makes of them
# compares.

read_corpus <- function(name) {
  connection <- gzfile(shared("corpus", paste0(name, ".jsonl.gz")))
  on.exit(close(connection))
  lapply(readLines(connection, warn = FALSE), read_json)
}

# The value in a list of one, or the error.
read_case <- function(case) {
  bytes <- jsonlite::base64_dec(case$pickle)
  tryCatch(list(suppressWarnings(read_pickle(bytes))), error = identity)
}

# list(ok, value or error, message, latin1) as CPython has it.
python_says <- function(case) {
  if (!is.null(case$cpython)) {
    case$cpython
  } else if (is.null(case$buffers)) {
    list(ok = TRUE, value = case$value)
  } else {
    # data outside the pickle, which only pickle.loads(buffers = ) can be given
    list(ok = FALSE, error = "UnpicklingError", message = "out-of-band data")
  }
}

# "equal", "object" (a python_object of the right class), "error" where CPython fails, too,
# "difference: <kind>"; or any other text, which says what is wrong.
outcome <- function(case) {
  says <- python_says(case)
  got <- read_case(case)
  if (inherits(got, "error")) {
    format <- inherits(got, "mmappickle_error_format")
    return(if (says$ok || !format) paste("fails:", conditionMessage(got)) else "error")
  }
  value <- got[[1L]]
  if (says$ok) {
    found <- suppressWarnings(mismatch(value, says$value))
    return(found %||% if (is_python(value)) "object" else "equal")
  }
  for (kind in names(differences)) {
    if (differences[[kind]](says, value)) return(paste("difference:", kind))
  }
  paste0("no error, but CPython says ", says$error, ": ", says$message)
}

# What CPython refuses and this package reads, by kind; see vignette("types").
differences <- list(
  # Nobody is asked for the object that a persistent id stands for: the id is shown.
  `persistent id` = function(says, value) {
    says$error == "UnpicklingError" && grepl("persistent", says$message) &&
      holds(value, "pickle.persistent_id")
  },
  # Text of Python 2 that is not ASCII: CPython wants to be told its encoding; here its bytes
  # are kept, and shown where they are no data of an array or a date.
  `bytes of Python 2` = function(says, value) {
    says$error == "UnicodeDecodeError" && grepl("^'ascii' codec", says$message) &&
      (holds(value, NULL) ||
         (!is.null(says$latin1) && is.null(suppressWarnings(mismatch(value, says$latin1)))))
  },
  # A guard of CPython's against slow conversions; here digits stay digits.
  `long int` = function(says, value) {
    says$error == "ValueError" && grepl("limit .* digits", says$message) &&
      holds(value, "builtins.int")
  },
  # Codes of copyreg.add_extension(), which are known to one program only.
  `extension code` = function(says, value) {
    says$error == "ValueError" && grepl("unregistered extension", says$message) &&
      holds(value, NULL)
  },
  # Arrays stand raw inside of joblib's dumps, which only joblib and this package skip.
  `dump of joblib` = function(says, value) {
    says$error == "UnpicklingError" &&
      grepl("invalid load key, '\\x00'", says$message, fixed = TRUE)
  },
  # A call that would fail is not made.
  `call that fails` = function(says, value) {
    says$error %in% c("TypeError", "ValueError", "AttributeError", "OverflowError",
                      "UnicodeEncodeError", "UnpicklingError") &&
      !grepl("persistent|ascii", says$message) && (holds(value, NULL) || is_unlabelled(value))
  },
  # CPython's memo is an array: a large slot number takes memory. Here it takes none.
  `memo slot` = function(says, value) says$error == "MemoryError"
)

# A data frame whose columns have an index that is left alone.
is_unlabelled <- function(x) is.data.frame(x) && identical(names(x), paste0("V", seq_along(x)))

# Whether there is a python_object (of that class) somewhere in x.
holds <- function(x, class) {
  left <- list(x)
  while (length(left)) {
    if (any(vapply(left, is_python, NA, class))) {
      return(TRUE)
    }
    left <- do.call(c, lapply(left, function(x) if (is.list(x)) unclass(x)))
  }
  FALSE
}

# A line of counts.
tell_outcomes <- function(name, outcomes) {
  known <- grepl("^(equal|object|error|difference: .*)$", outcomes)
  counts <- table(ifelse(known, outcomes, "WRONG"))
  cat("\n", name, ": ", length(outcomes), " cases: ",
      paste(names(counts), counts, sep = " ", collapse = ", "), "\n", sep = "")
  invisible(counts)
}
