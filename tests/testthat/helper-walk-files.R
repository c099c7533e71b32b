# Steps of the walk (helper-walk.R) with handles, files and what goes through them.

# -- handles -------------------------------------------------------------------------------------

open_handle <- function(w) {
  if (length(w$handles) > 3L) return(close_handle(w))
  m <- switch(sample(4L, 1L),
    mmapdict(w$path), mmapdict(w$path, durable = chance(0.2)), local_mmapdict(w$path,
      .local_envir = globalenv()),
    unserialize(serialize(handle(w), NULL))
  )
  w$handles <- c(w$handles, list(m))
  if (!is_open(m)) note(w, "a new handle is not open")
  check_keys(w, m)
}

close_handle <- function(w) {
  if (!length(w$handles)) return()
  i <- sample.int(length(w$handles), 1L)
  m <- w$handles[[i]]
  w$handles[[i]] <- NULL
  if (chance(0.2)) return() # it is left to the garbage collector
  flush(m)
  close(m)
  if (is_open(m)) note(w, "a closed handle is open")
  closed <- list(
    attempt(w, m[["a"]]), attempt(w, m[["a"]] <- 1), attempt(w, names(m)), attempt(w, vacuum(m)),
    attempt(w, m["a", 1]), attempt(w, commit_number(m)), attempt(w, as.list(m)), attempt(w,
      flush(m)),
    attempt(w, entries(m)), attempt(w, plot(m)), attempt(w, with(m, 1)),
    attempt(w, mmap_rename(m, "a", "b")), attempt(w, mmap_copy(m, m)),
    attempt(w, mmap_delete(m, "a")), attempt(w, mmap_wait(m)), attempt(w, mmap_state(m)),
    attempt(w, mmap_attr(m, "a", "own")), attempt(w, mmap_attr(m, "a", "own") <- 1)
  )
  for (got in closed) {
    if (!inherits(got, "mmappickle_error_closed")) note(w, "of a closed handle: ", words(got))
  }
  if (!identical(summary(m)$state, "closed")) note(w, "summary() of a closed handle")
  if (!grepl("closed", format(m))) note(w, "format() of a closed handle")
  close(m)
}

read_only <- function(w) {
  r <- mmapdict(w$path, readonly = TRUE)
  on.exit(close(r))
  check_keys(w, r)
  key <- one_of_these(w$keys)
  refused <- list(
    attempt(w, r[[key]] <- 1), attempt(w, r[[key]] <- NULL), attempt(w, vacuum(r)), attempt(w,
      reclaim(r)),
    attempt(w, mmap_set(r, key, 2)), attempt(w, r[c("a", "b")] <- list(1)),
    attempt(w, mmap_rename(r, key, "b")), attempt(w, mmap_copy(r, r)),
    attempt(w, mmap_delete(r, key))
  )
  for (got in refused) {
    if (!inherits(got, "mmappickle_error_readonly")) note(w, "read-only: ", words(got))
  }
}

# -- the file ---------------------------------------------------------------------------------

tidy <- function(w) {
  m <- handle(w)
  before <- commit_number(m)
  switch(sample(4L, 1L),
    vacuum(m, force = TRUE), vacuum(m, force = TRUE, upgrade = TRUE), reclaim(m,
      force = TRUE), flush(m)
  )
  if (!is.numeric(before) || before < 0) note(w, "commit_number() is ", words(before))
  check_keys(w)
  report <- fsck(if (chance(0.5)) m else w$path)
  if (any(report$harmful)) note(w, "fsck: ", report$problem[report$harmful][[1L]])
}

repair_sound <- function(w) {
  close_all(w)
  before <- file_bytes(w$path)
  report <- fsck(w$path, repair = TRUE, force = TRUE)
  if (attr(report, "repaired")) note(w, "a sound file was repaired")
  if (!identical(file_bytes(w$path), before)) note(w, "a repair changed a sound file")
}

tabulate_entries <- function(w) {
  table <- entries(handle(w), dead = chance(0.5))
  if (!is.null(table$live)) table <- table[table$live, ]
  if (!setequal(table$key, names(w$model))) note(w, "entries(): other keys")
  for (key in names(w$model)) {
    entry <- entry_of(w, key)
    if (entry$kind == "array") {
      extents <- dim(entry$value) %||% length(entry$value)
      if (!identical(as.integer(table$shape[[match(key, table$key)]]), as.integer(extents))) {
        note(w, "entries(): shape of ", shape_of(entry$value))
      }
    }
  }
}

# Through pickles of other forms, and back.
through_pickle <- function(w) {
  key <- some_key(w)
  if (is.null(key)) return()
  value <- entry_of(w, key)$value
  got <- attempt(w, switch(sample(3L, 1L),
    read_pickle(write_pickle(value)),
    {
      write_pickle(value, "value.pickle")
      read_pickle("value.pickle")
    },
    unserialize(serialize(handle(w)[[key]], NULL))
  ))
  expect_same(w, got, list(value = value), paste("through a pickle:", shape_of(value)))
}

# Real vectors with no attributes but dim are what a .npy file can say.
through_npy <- function(w) {
  key <- some_key(w)
  if (is.null(key)) return()
  value <- entry_of(w, key)$value
  plain <- is.double(value) && !length(setdiff(names(attributes(value)), "dim"))
  if (!plain || length(dim(value)) == 1L) {  # which NumPy does not tell from a vector
    value <- matrix(runif(6), 2)
  }
  write_npy(value, "value.npy")
  got <- attempt(w, read_npy("value.npy"))
  expect_same(w, got, list(value = value), paste("through a .npy file:", shape_of(value)))
  if (!ours(attempt(w, read_npz("value.npy")))) note(w, "read_npz() takes what is no archive")
}

# What methods of as_python() make of classes that the package knows.
as_pandas_or_scipy <- function(w) {
  for (class in c("SpatRaster", "SpatVector")) {
    if (!ours(attempt(w, as_python(structure(1, class = class))))) note(w, "terra is not refused")
  }
  frame <- data.frame(x = c(1.5, NA), s = c("a", NA))
  got <- attempt(w, read_pickle(write_pickle(pandas_frame(frame))))
  expect_same(w, got, list(value = frame), "pandas_frame()")
  mark <- pandas_frame(frame)
  printed(print(mark))
  format(mark)
  if (!identical(dim(mark), dim(frame))) note(w, "pandas_frame(): dim")
  if (!requireNamespace("Matrix", quietly = TRUE)) return()
  got <- attempt(w, read_pickle(write_pickle(Matrix::sparseVector(1:2 + 0.5, c(1, 4), 5))))
  if (failed(got)) note(w, "sparseVector: ", words(got))
  for (x in list(
    Matrix::Matrix(c(0, 1, 0, 2), 2, sparse = TRUE), Matrix::Diagonal(2),
    methods::as(Matrix::Matrix(c(0, 1, 0, 2), 2, sparse = TRUE), "RsparseMatrix"),
    methods::as(Matrix::Matrix(c(0, 1, 0, 2), 2, sparse = TRUE), "TsparseMatrix"),
    Matrix::Matrix(c(5, 1, 3, 2), 2), methods::as(2:1, "pMatrix")
  )) {
    got <- attempt(w, read_pickle(write_pickle(x)))
    expect_same(w, list(value = as.matrix(got$value) + 0), list(value = as.matrix(x) + 0), class(x))
  }
}

convert_file <- function(w) {
  m <- handle(w)
  # A list with an empty name is no dict.
  if (chance(0.5) && length(m) && !has_key(m, "")) {
    write_pickle(as.list(m), "all.pickle")
    convert_pickle("all.pickle", "converted.mmdpickle", overwrite = TRUE)
  } else {
    convert_pickle(w$path, "converted.mmdpickle", overwrite = TRUE)
  }
  n <- local_mmapdict("converted.mmdpickle")
  if (!setequal(names(n), names(w$model))) return(note(w, "convert_pickle(): other keys"))
  for (key in names(n)) {
    expect_same(w, attempt(w, n[[key]]), list(value = entry_of(w, key)$value), "convert_pickle()")
  }
}

file_steps <- function() {
  list(
    open = list(weight = 1, walk = open_handle,
      covers = c("mmapdict", "local_mmapdict", "is_open")),
    close = list(weight = 0.6, walk = close_handle, covers = c("close.mmapdict", "flush.mmapdict")),
    `read-only` = list(weight = 0.3, walk = read_only, covers = character()),
    tidy = list(weight = 0.6, walk = tidy,
      covers = c("vacuum", "reclaim", "fsck", "commit_number")),
    repair = list(weight = 0.1, walk = repair_sound, covers = character()),
    entries = list(weight = 0.5, walk = tabulate_entries, covers = "entries"),
    pickle = list(weight = 2, walk = through_pickle, covers = c("read_pickle", "write_pickle")),
    convert = list(weight = 0.2, walk = convert_file, covers = "convert_pickle"),
    npy = list(weight = 0.3, walk = through_npy, covers = c("write_npy", "read_npy", "read_npz")),
    packages = list(weight = 0.1, walk = as_pandas_or_scipy, covers = c(
      "pandas_frame", paste0(c("print", "format", "dim", "as_python"), ".pandas_frame"),
      paste0("as_python.", c("CsparseMatrix", "RsparseMatrix", "TsparseMatrix", "denseMatrix",
                             "diagonalMatrix", "indMatrix", "sparseVector", "SpatRaster",
                             "SpatVector")))),
    `look at views` = list(weight = 12, walk = look_at_held, covers = c("materialize", "is_view"))
  )
}
