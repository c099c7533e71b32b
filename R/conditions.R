# Every error and warning of the package is made here. The classes are a promise
# (`?mmappickle_conditions`); the words are not.

#' Errors and warnings of mmappickle
#'
#' Every error that the package raises is of class `mmappickle_error_<kind>`,
#' `mmappickle_error` and `error`, so that it can be told from others by [tryCatch()].
#'
#' | kind | raised when |
#' | --- | --- |
#' | `key` | a key is missing, longer than 255 bytes of UTF-8, `NA`, or no single string |
#' | `readonly` | something is written through a handle that was opened read-only |
#' | `format` | a file is no pickle, mmapdict or array file, or damaged |
#' | `value` | a value cannot be stored, or does not fit the dtype; an argument is wrong |
#' | `unsupported` | a type that this version does not store |
#' | `index` | a subscript is out of range, of the wrong rank, or of the wrong kind |
#' | `closed` | the handle was closed |
#' | `stale` | a view's bytes were moved or cut off, a reference no longer holds, a file is gone |
#' | `busy` | others have the file open, or a lock did not come in time |
#' | `io` | the operating system refused |
#' | `limit` | something is larger than R or the format can hold |
#'
#' Warnings are of class `mmappickle_warning_<kind>`, `mmappickle_warning` and `warning`:
#' `precision` (64-bit integers were rounded), `inert` (columns of a data frame hold Python's
#' objects that have no counterpart in R), `dropped` (an attribute was not stored),
#' `metadata` (R metadata that does not fit its value was ignored), `lock` (the file system
#' refuses locks to a reader), `repaired`, `trailing` (bytes behind a pickle were not read) and
#' `upgrade` (the file holds arrays that NumPy 2.3 and newer cannot load, see [vacuum()]).
#'
#' Of values that R's own functions could not survive the kind is `limit`, too, when they are
#' stored and when they are read, before they are made: lists (or attributes, or Python's
#' objects) nested more than `getOption("mmappickle.max_depth", 5000)` levels deep, for which
#' [print()], [identical()] and the like need more stack than there is; and values that repeat
#' parts of themselves (a list that stands twice in a list, which stands twice ...) so often
#' that, written out, they had more than `getOption("mmappickle.max_repeated", 1e8)` parts
#' beside those that take memory. Both options may be `Inf`.
#'
#' A message says in its first line what is wrong. The lines behind it begin with cli's bullets
#' (coloured where the terminal has colours): `x` says why, or what was given, `i` what to do,
#' such as the nearest names where one was mistyped. The call of a condition ([conditionCall()])
#' is the one that the user typed, `m$irs` or `m["x", 2] <- NA`, whatever functions inside found
#' the fault.
#'
#' Conditions have the fields `path`, `key` and `offset` (a place in the file, in bytes)
#' where these are known, else `NULL`, `cause` (the name of the system's error) for
#' the kind `io`, and `sentence`, the message in one line, without bullets and hints.
#'
#' @name mmappickle_conditions
#' @examples
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' tryCatch(m[["absent"]], mmappickle_error_key = function(e) conditionMessage(e))
#' close(m)
NULL

# Called from C++ too, by position. `message`: a sentence, "problem: reason" where there is more
# to say than the problem. `hint`: sentences, each a bullet of its own. `hint`, `path`, `key`,
# `cause`: "" where there is none; `offset`: NA where there is none.
raise_error <- function(kind, message, hint = "", path = "", key = "",
                        offset = NA_real_, cause = "") {
  call <- users_call()  # here, where it knows its place among the frames
  said <- problem_and_reason(message)
  # What a file is to blame for names the file.
  named <- if (validEnc(path)) path else iconv(path, "", "UTF-8", sub = "byte")
  if (kind %in% c("format", "stale") && nzchar(path) && !grepl(named, message, fixed = TRUE)) {
    said[[1L]] <- paste0(sub("[.]$", "", said[[1L]]), " ('", named, "').")
  }
  stop(errorCondition(
    with_bullets(said, hint), call = call,
    class = c(paste0("mmappickle_error_", kind), "mmappickle_error"),
    path = known(path), key = known(key), offset = known(offset), cause = known(cause),
    sentence = message
  ))
}

# Called from C++ too, by position.
raise_warning <- function(kind, message, hint = "") {
  call <- users_call()
  warning(warningCondition(
    with_bullets(message, hint), call = call,
    class = c(paste0("mmappickle_warning_", kind), "mmappickle_warning")
  ))
}

# "Cannot open 'x': it is a folder." is c("Cannot open 'x'.", "It is a folder."): parted at the
# first colon that stands in nothing quoted, in brackets or in code.
problem_and_reason <- function(message) {
  quoted <- r"{"(?:[^"\\]|\\.)*+"|(?<!\w)'.*?'(?!\w)|`[^`]*+`|\([^()]*+\)|\[\[.*?\]\]}"
  pattern <- paste0("(?s)^((?>", quoted, "|.)*?): (?=\\S)(.*)$")
  # (PCRE refuses what is not encoded as it says, and what takes it too long)
  found <- tryCatch(
    regmatches(message, regexec(pattern, message, perl = TRUE))[[1L]],
    error = function(e) NULL, warning = function(e) NULL
  )
  if (length(found) == 0L) return(message)
  reason <- found[[3L]]
  # A word of code or a name stays as it is.
  if (grepl("^[a-z]+[ ,']", reason)) {
    reason <- paste0(toupper(substr(reason, 1L, 1L)), substring(reason, 2L))
  }
  c(paste0(found[[2L]], "."), reason)
}

# As cli shows them: coloured, and of UTF-8, where the terminal has that. `said`: the problem,
# then reasons.
with_bullets <- function(said, hints) {
  hints <- hints[nzchar(hints)]
  lines <- c(
    said[[1L]],
    if (length(said) > 1L) paste(bullet("cross", "col_red", "x"), said[-1L]),
    if (length(hints)) paste(bullet("info", "col_cyan", "i"), hints)
  )
  paste(lines, collapse = "\n")
}

# (cli may not be loaded yet, and not be loadable where files cannot be opened)
bullet <- function(symbol, colour, plain) {
  suppressWarnings(tryCatch(
    getExportedValue("cli", colour)(cli::symbol[[symbol]]), error = function(e) plain
  ))
}

# An error in one line, without hints.
sentence_of <- function(e) e$sentence %||% sub("\n.*", "", conditionMessage(e))

# A view cannot warn while R reads it: what it has to say comes at the end of the top-level
# call, or with the next call of the package, whatever is first.
warn_after_calls <- function() {
  addTaskCallback(function(...) {
    views_noted()
    TRUE
  }, name = "mmappickle")
}

known <- function(x) if (is.na(x) || identical(x, "")) NULL else x

abort_key <- function(message, hint = "", ...) raise_error("key", message, hint, ...)
abort_value <- function(message, hint = "", ...) raise_error("value", message, hint, ...)
abort_index <- function(message, hint = "", ...) raise_error("index", message, hint, ...)
abort_stale <- function(message, hint = "", ...) raise_error("stale", message, hint, ...)
