# The handle: fields with the external pointer to the store, the file's path and the options,
# carried by an object of class mmapdict (R/carrier.R). It is a reference, as the file itself
# is one.

#' Open or create an mmapdict file
#'
#' An mmapdict is a file that holds values by name: a plain Python pickle (`pickle.load`
#' gives a dict) that can be appended to in place, shared between processes, and whose
#' arrays are mapped into memory rather than read. The Python library `mmappickle` and this
#' package read and write the same files, also at the same time.
#'
#' A handle behaves like a named list that lives in a file: see [`[[.mmapdict`][access]
#' for reading, [`[[<-.mmapdict`][mmap_set] for writing and [slices] for parts of arrays.
#' It is a reference: copies of it are the same store, and what one of them writes all of
#' them see. Other processes' changes are seen by the next call.
#'
#' @section Arrays are views:
#' An array comes as an ordinary R vector that reads straight from the file when it is
#' used. R code never writes through it. A write in place (`m["k", 2] <- 4`), by this
#' process or another, may show in views that exist already; `materialize()` takes a
#' snapshot. Compiled code that writes through a data pointer, as `data.table::set()` and
#' functions of Rcpp do, changes that one vector alone (see [views]). `saveRDS()`,
#' `save.image()`, the caches of knitr and the globals of future write a view's values in full,
#' and `object.size()` counts them.
#'
#' @section Classes:
#' Nothing in a file is executed. But a value that R wrote has its class with it, and a class
#' is a name by which R chooses code: the methods of `print()`, `format()`, `[` and so on that
#' this session has for it. Some of those that come with R and its recommended packages
#' evaluate, open, run, draw or write what the value says: a `bibentry` runs the code in its
#' texts, a `vignette` starts a browser. These classes are not given to values, unless
#' `trusted = TRUE`. Such a value comes without its class, as the list or vector that it is, and
#' has the class as text in its attribute `"mmappickle_class"`; stored again, it has
#' its class in the file. `read.dcf(system.file("trusted", "classes.dcf", package =
#' "mmappickle"))` tells which these are, and why.
#'
#' With `trusted = FALSE` only factors, dates, times, differences, tables, time series, data
#' frames (also of tibble and data.table), `integer64`, `noquote`, `AsIs`, octal and hexadecimal
#' numbers and this package's own classes come back, everything else as said. With
#' `NA` a file can still choose among the classes of the packages that you have loaded, and
#' of your own: what their methods do with a value is theirs to answer for. Formulas and calls
#' in attributes come back as such; they are evaluated where you give the value to a function
#' that evaluates formulas (as `lm()` and `model.frame()` do).
#'
#' @section Processes:
#' Each call takes the lock that the Python library takes (`flock` on the file): shared
#' to read, exclusive to write. No lock is held between calls. A handle that was saved with
#' the workspace or sent to another process opens the file anew at its first use there, and
#' so does one that came through a fork.
#'
#' @param path Path of the file: one string. `~` is expanded. The path is kept absolute. (Where
#'   the locale's encoding is not UTF-8 the file is the one that R's own functions mean, too.)
#' @param readonly `TRUE`: never write to the file; several kinds of access then work
#'   without the permission to write.
#' @param create `TRUE`: make the file if there is none. Default: unless `readonly`. The first
#'   [print()] of the handle says that the file is new, and in an interactive session a message
#'   (of class `mmappickle_message_new_file`) does at once: a typing error in a path is seen.
#'   `options(mmappickle.new_file_message = FALSE)` turns the message off.
#' @param durable `TRUE`: each change is on disk before it shows (`fdatasync`). Slower; what
#'   it adds is safety against a loss of power. Without it, a crash of the process alone
#'   loses nothing.
#' @param lock_timeout Seconds to wait for the file's lock before an error of class
#'   `mmappickle_error_busy`. Default: for ever (Ctrl-C ends the wait).
#' @param dims How R sees arrays of rank 2 and more: `"same"` (default) keeps Python's shape
#'   and indices, `x[i, j]` is `a[i-1, j-1]`; `"reversed"` gives the dimensions in
#'   reverse, without a copy for NumPy's usual C order, and holds for writing, too.
#' @param order Order in which arrays are stored: `"C"` (default) is what Python users
#'   expect; `"F"` is R's own, which R then reads back without a copy.
#' @param int64 What int64 and uint64 arrays are in R: `"double"` (default; beyond 2^53
#'   rounded, with a warning of class `mmappickle_warning_precision`) or `"integer64"` (exact;
#'   needs the package bit64).
#' @param uint8 What uint8 arrays are in R: `"integer"` (default) or `"raw"` (without a
#'   copy).
#' @param simplify `TRUE` (default): Python sequences whose items are scalars of one kind
#'   (numbers, text, dates, times; Python's own, NumPy's or pandas') come as vectors, in which
#'   what is missing is `NA`; `FALSE`: as lists; `"numbers"`: as vectors, `Decimal`s among them.
#'   Where such a vector is stored again unchanged, Python has the same items again, in the same
#'   list, tuple or set; `ndarray(x)` stores an array of them.
#' @param readers How objects of Python classes are read: a list of functions, named by class
#'   (`"package.module.Class"`), see [readers].
#' @param trusted Which classes the R metadata in the file may give to values: `NA` (default)
#'   all but those that act, `TRUE` all, `FALSE` (for files from strangers) only those of data
#'   that the package knows. See the section "Classes".
#' @param index What becomes of the index of pandas' data frames and series: `"column"`
#'   (default) row names or leading columns, `"attribute"` an attribute, `"drop"` nothing. See
#'   [pandas], "Indexes".
#'
#' @return `mmapdict()`: a handle of class `mmapdict`. `is_open()`: `TRUE` or
#'   `FALSE`: it was closed, or its file is gone or is none any more.
#'   `close()`, `flush()`: `NULL`, invisibly. `commit_number()`: a whole number. It grows by
#'   one with each insert and delete, and starts again when the file is vacuumed.
#' @section Errors: Of class `mmappickle_error_io` (the file does not exist, is a folder, may
#'   not be read ...), `_format` (it is no mmapdict), `_busy` (no lock in time), `_value` (a
#'   wrong argument). See [mmappickle_conditions]. Warning: `mmappickle_warning_upgrade`, once per
#'   file and session, where it is opened for writing (it holds arrays that NumPy 2.3 and newer
#'   cannot load: see [vacuum()]).
#' @source Fasnacht, L. (2018). mmappickle: Python 3 module to store memory-mapped numpy array
#'   in pickle format. Journal of Open Source Software, 3(26), 651. \doi{10.21105/joss.00651}
#' @examples
#' path <- tempfile(fileext = ".mmdpickle")
#' m <- mmapdict(path)
#' m[["other_key"]] <- c(1, 2, 3)
#' names(m)
#' m2 <- mmapdict(path, readonly = TRUE)
#' m2[["other_key"]]
#' commit_number(m)
#' close(m)
#' is_open(m)
#' close(m2)
#' @export
mmapdict <- function(path, readonly = FALSE, create = !readonly, durable = FALSE,
                     lock_timeout = Inf, dims = c("same", "reversed"),
                     order = c("C", "F"), int64 = c("double", "integer64"),
                     uint8 = c("integer", "raw"), simplify = TRUE, readers = list(),
                     trusted = NA, index = c("column", "attribute", "drop")) {
  need(path)
  path <- file_path(path, "path", hint = if (inherits(path, "mmapdict")) {
    "This is an open handle already."
  } else {
    ""
  })
  readonly <- true_or_false(readonly, "readonly")
  create <- true_or_false(create, "create")
  durable <- true_or_false(durable, "durable")
  flags <- flag_bits(dims, order, int64, uint8, simplify, trusted, index)
  if (readonly && create) {
    abort_value(
      "`readonly = TRUE` and `create = TRUE` contradict each other.",
      "A file that is opened read-only is never created."
    )
  }
  readers <- check_readers(readers)
  lock_timeout <- seconds(lock_timeout, "lock_timeout")
  new <- create && !file.exists(path)
  ptr <- store_open(path, readonly, create, durable, lock_timeout)
  path <- store_info(ptr)$path
  if (!readonly) warn_of_old_arrays(ptr, path)
  m <- new_handle(ptr, path, flags, readers, readonly, durable, lock_timeout)
  if (new) {
    set_own(m, ".new", identity_of(path))
    tell_of_new(path)
  }
  m
}

# A typing error in a path makes a file: who typed it is told.
tell_of_new <- function(path) {
  if (!interactive() || isFALSE(getOption("mmappickle.new_file_message"))) {
    return(invisible())
  }
  message(structure(
    class = c("mmappickle_message_new_file", "mmappickle_message", "message", "condition"),
    list(message = paste0("New file: ", one_line(path), "\n"), call = NULL)
  ))
}

# The fields are an environment: `.ptr`, `.closed` and `.new` change, the rest is locked. `.closed`
# tells a handle that was closed from one whose pointer was lost by serialization.
new_handle <- function(ptr, path, flags, readers, readonly, durable, lock_timeout) {
  fields <- new.env(hash = FALSE, parent = emptyenv())
  constant <- list(
    .path = path, .flags = flags, .readers = readers, .readonly = readonly,
    .durable = durable, .lock_timeout = lock_timeout
  )
  for (field in names(constant)) {
    assign(field, constant[[field]], envir = fields)
    lockBinding(field, fields)
  }
  assign(".ptr", ptr, envir = fields)
  assign(".closed", FALSE, envir = fields)
  assign(".new", "", envir = fields)  # the file that was made, until that was said: print.R
  lockEnvironment(fields)
  carrier("mmapdict", fields)
}

# Which file a path names just now.
identity_of <- function(path) sub("^([^-]*-[^-]*)-.*$", "\\1", file_state(path))

# A field of a handle.
own <- function(m, name) {
  fields <- attr(m, "fields", TRUE)
  # is_handle_fields() written out: this is asked in each call
  if (is.environment(fields) && is.logical(.subset2(fields, ".closed"))) {
    .subset2(fields, name)
  } else {
    abort_lie("mmapdict")
  }
}

is_handle_fields <- function(x) is.environment(x) && is.logical(.subset2(x, ".closed"))

set_own <- function(m, name, value) assign(name, value, envir = attr(m, "fields", TRUE))

# The external pointer of a handle, for each call into C++. NULL pointers: of a closed
# handle (C++ says so), or of one that came from a saved workspace or another process.
pointer <- function(m) pointer_in(attr(m, "fields", TRUE))

# The same of its fields: so C++ calls it (src/r/own.cpp), lest a handle, which has a length and
# the like, stands in a call that others look at.
pointer_in <- function(fields) {
  if (!is_handle_fields(fields)) abort_lie("mmapdict")
  ptr <- .subset2(fields, ".ptr")
  if (identical(ptr, null_pointer)) reopen(fields) else ptr
}
null_pointer <- new("externalptr")

# The same file with the same options; it is never created here.
reopen <- function(fields) {
  if (fields$.closed) {
    return(fields$.ptr)
  }
  ptr <- store_open(
    fields$.path, fields$.readonly, FALSE, fields$.durable, fields$.lock_timeout
  )
  assign(".ptr", ptr, envir = fields)
  ptr
}

#' @rdname mmapdict
#' @param m,con A handle.
#' @param ... Ignored.
#' @export
is_open <- function(m) {
  check_handle(m)
  state <- state_of(m)
  !isTRUE(state$gone) && (is.null(state$kind) || state$kind == "busy")
}

#' @rdname mmapdict
#' @export
mmap_is_open <- is_open

#' @rdname mmapdict
#' @details `close()` ends the use of a handle; views that came from it stay valid. It may be
#'   called again. Handles are also closed when R collects them. `flush()` returns when what
#'   was written is on disk.
#' @export
close.mmapdict <- function(con, ...) {
  store_close(own(con, ".ptr"))
  set_own(con, ".closed", TRUE)
  invisible(NULL)
}

#' @rdname mmapdict
#' @export
flush.mmapdict <- function(con) {
  store_flush(pointer(con))
  invisible(NULL)
}

#' @rdname mmapdict
#' @export
commit_number <- function(m) store_info(pointer(check_handle(m)))$commit

#' @rdname mmapdict
#' @export
mmap_commit_number <- commit_number

#' Open an mmapdict until the end of a function
#'
#' [mmapdict()] for the time that a function runs: the handle is closed when the function
#' ends, also by an error.
#'
#' @param path,... Passed on to [mmapdict()].
#' @param .local_envir The environment of the function call at whose end the handle is closed.
#'   At top level there is none, and the handle stays open.
#' @return A handle, as of [mmapdict()].
#' @examples
#' count <- function(path) length(local_mmapdict(path, readonly = TRUE))
#' path <- tempfile(fileext = ".mmdpickle")
#' m <- mmapdict(path)
#' m[["a"]] <- 1
#' close(m)
#' count(path)
#' @export
local_mmapdict <- function(path, ..., .local_envir = parent.frame()) {
  if (!is.environment(.local_envir)) {
    abort_argument(.local_envir, ".local_envir", "an environment, that of a call")
  }
  m <- mmapdict(path, ...)
  if (!identical(.local_envir, globalenv())) {
    do.call(base::on.exit, list(as.call(list(close.mmapdict, m)), TRUE),
            envir = .local_envir)
  }
  m
}
