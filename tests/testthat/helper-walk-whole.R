# Steps of the walk (helper-walk.R) with whole values, handles and files.

# -- put and get -----------------------------------------------------------------------------

# m$key, m$key <- value for a key in a variable.
dollar <- function(m, key) eval(call("$", quote(m), as.name(key)))
put_by_dollar <- function(m, key, value) {
  eval(call("<-", call("$", quote(m), as.name(key)), quote(value)))
}

put_value <- function(w) {
  key <- one_of_these(w$keys)
  entry <- some_entry()
  m <- handle(w)
  way <- sample(6L, 1L)
  mark <- if (way == 6L && inherits(entry$stored, "ndarray")) entry$stored
  got <- attempt(w, {
    if (is.null(entry$stored)) m[key] <- list(NULL)
    else if (!is.null(mark) && is.atomic(mark$x)) write_new(m, key, mark)
    else switch(way,
      m[[key]] <- entry$stored,
      if (nzchar(key)) put_by_dollar(m, key, entry$stored) else m[[key]] <- entry$stored,
      m[key] <- list(entry$stored),
      mmap_set(m, key, entry$stored),
      m[[charToRaw(enc2utf8(key))]] <- entry$stored,
      m[[key]] <- entry$stored
    )
  })
  if (failed(got)) return(note(w, "put fails: ", words(got), " for ", words(entry$value)))
  keep(w, key, entry[setdiff(names(entry), "stored")])
  check_entry(w, key, paste("put in way", way))
}

write_new <- function(m, key, mark) {
  m[[key]] <- NULL
  write_mmarray(mark$x, m, key, mark$dtype, mark$order)
}

put_several <- function(w) {
  keys <- sample(w$keys, 3L)
  entries <- lapply(keys, function(key) some_entry())
  m <- handle(w)
  m[keys] <- lapply(entries, `[[`, "stored")
  for (i in seq_along(keys)) {
    keep(w, keys[[i]], entries[[i]][setdiff(names(entries[[i]]), "stored")])
    check_entry(w, keys[[i]], "put several")
  }
}

delete_value <- function(w) {
  keys <- sample(w$keys, sample(2L, 1L))
  m <- handle(w)
  switch(sample(4L, 1L),
    for (key in keys) m[[key]] <- NULL,
    m[keys] <- NULL,
    for (key in keys) if (nzchar(key)) put_by_dollar(m, key, NULL) else m[[key]] <- NULL,
    for (key in keys) mmap_set(m, key, NULL)
  )
  forget(w, keys)
  check_keys(w)
}

# A key, present or not, by every way to ask for one.
get_value <- function(w) {
  key <- one_of_these(w$keys)
  m <- handle(w)
  there <- !is.na(place_in(w, key))
  if (!identical(has_key(m, key), there)) note(w, "has_key() is wrong")
  way <- sample(9L, 1L)
  at <- match(key, names(m))
  got <- attempt(w, switch(way,
    m[[key]], if (nzchar(key)) dollar(m, key) else m[[key]], m[key][[1L]], mmap_get(m,
      key), m[[charToRaw(enc2utf8(key))]],
    m[[if (there) at else length(m) + 1L]], m[if (there) at else length(m) + 1L][[1L]],
    mmap_get(m, key, default = "none"), as.list(m)[[if (there) at else "no such"]]
  ))
  if (there) {
    expect_same(w, got, list(value = entry_of(w, key)$value), paste("get in way", way))
    if (!failed(got)) hold(w, got$value, key)
  } else if (way == 8L) {
    if (!identical(got$value, "none")) note(w, "default gives ", words(got))
  } else if (way != 9L && !ours(got)) {
    note(w, "get what is absent, in way ", way, " gives ", words(got))
  }
}

get_otherwise <- function(w) {
  key <- some_key(w, "array")
  if (is.null(key)) return()
  value <- entry_of(w, key)$value
  m <- handle(w)
  x <- mmap_get(m, key, dims = "reversed")
  # R metadata belong to the dimensions that Python sees.
  if (length(dim(value)) > 1L && !is.object(value)) value <- aperm(value)
  if (!same_value(in_memory(x), value)) {
    note(w, "dims reversed of ", shape_of(value), " gives ", words(x))
  }
  # Nothing of these was stored in such a form that they matter.
  y <- mmap_get(m, key, simplify = FALSE, readers = list())
  if (!same_value(in_memory(y), entry_of(w, key)$value)) {
    note(w, "simplify = FALSE gives ", words(y))
  }
}

all_values <- function(w) {
  m <- handle(w)
  keys <- names(m)
  values <- switch(sample(5L, 1L),
    as.list(m), m[], m[keys], stats::setNames(lapply(m, identity), keys),
    stats::setNames(lapply(seq_along(keys), function(i) m[[i]]), keys)
  )
  check_keys(w, m)
  if (!identical(names(values), keys)) note(w, "all values: other names")
  for (i in seq_along(keys)) {
    expect_same(w, list(value = values[[i]]), list(value = entry_of(w, keys[[i]])$value),
      "all values")
  }
}

with_values <- function(w) {
  key <- some_key(w, test = function(entry) TRUE)
  if (is.null(key) || !nzchar(key)) return()
  got <- attempt(w, eval(call("with", handle(w), as.name(key))))
  expect_same(w, got, list(value = entry_of(w, key)$value), "with()")
}

# -- nested assignment that is no slice --------------------------------------------------------

# The others would change the type of an array, which a change in place does not.
for_arrays <- function(changes) {
  Filter(function(change) !list(change) %in% list(quote(X[[1]] <- 3), quote(X[[2]] <- list(1, 2))),
    changes)
}
nested_changes <- list(
  quote(X$a <- c(5, 6)), quote(X$b$c[2] <- 7L), quote(X[["e"]] <- NULL), quote(X$new <- list(1)),
  quote(X[[1]] <- 3), quote(X[2] <- X[1]), quote(names(X)[1] <- "q"), quote(names(X) <- NULL),
  quote(attr(X, "own") <- "mine"), quote(attr(X, "own") <- NULL),
  quote(dim(X) <- c(1L, length(X))), quote(levels(X)[1] <- "lev"), quote(X$a[2] <- NA),
  quote(X[["b"]][["d"]] <- "y"), quote(X$x[2:3] <- c(7, 8)), quote(X[X == 1] <- X[1]),
  quote(dimnames(X) <- NULL), quote(is.na(X) <- 1L), quote(class(X) <- NULL), quote(X <- X),
  quote(length(X) <- 2L), quote(X[[2]] <- list(1, 2)), quote(units(X) <- "hours"),
  quote(storage.mode(X) <- "double"), quote(oldClass(X) <- "mine")
)

change_inside <- function(w) {
  key <- if (chance(0.9)) some_key(w) else setdiff(w$keys, names(w$model))[1L]
  if (is.null(key) || is.na(key)) return()
  there <- !is.na(place_in(w, key))
  entry <- if (there) entry_of(w, key) else list(value = NULL, kind = "value", marked = TRUE)
  # R lets a series have a dim that its own `tsp<-` refuses: what comes back is no series. And
  # what a python_object is has no dim.
  if (is.ts(entry$value) || inherits(entry$value, "python_object")) {
    nested_changes <- setdiff(nested_changes, list(quote(dim(X) <- c(1L, length(X)))))
  }
  change <- one_of_these(if (entry$kind != "value") for_arrays(nested_changes) else nested_changes)
  m <- handle(w)
  target <- if (nzchar(key) && chance(0.5)) call("$", quote(m), as.name(key)) else
    call("[[", quote(m), key)
  on <- function(target) do.call(substitute, list(change, list(X = target)))
  got <- attempt(w, eval(on(target), list(m = m)))
  wanted <- of_r({
    x <- entry$value
    eval(on(quote(x)))
    x
  })
  what <- paste0(deparse1(change), " on ", if (there) shape_of(entry$value) else "nothing")
  arrays <- entry$kind == "array"
  if (failed(got)) {
    # Of an array in place more is refused than R refuses; of other values, what R does.
    if (!failed(wanted) && !(arrays && ours(got)) && !ours(got)) {
      note(w, what, " fails: ", words(got))
    }
    if (failed(wanted) && arrays && !ours(got) && !inherits(got, class(wanted)[[1L]])) {
      note(w, what, " fails: ", words(got))
    }
    if (there) check_entry(w, key, paste("after", what)) else check_keys(w)
    return()
  }
  if (failed(wanted)) return(note(w, what, " gives a value, though R says ", words(wanted)))
  if (is.null(wanted$value)) {
    forget(w, key)
    return(check_keys(w))
  }
  rewritten <- !identical(attributes(wanted$value), attributes(entry$value)) ||
    typeof(wanted$value) != typeof(entry$value) ||
    length(wanted$value) != length(entry$value)
  changed <- rewritten || entry$kind != "array"
  entry["value"] <- list(wanted$value)
  if (changed) entry$kind <- "other"
  # What an NA of logicals is in complex numbers, versions of R see differently.
  if (changed || is.complex(wanted$value)) entry$marked <- TRUE
  keep(w, key, entry)
  slice_written(w, key)
  # Else it may be an array that was changed in place, which views of it show.
  if (rewritten) keep(w, key, entry, new = TRUE)
  check_entry(w, key, what)
}

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
  print(mark)
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

whole_steps <- function() {
  list(
    put = list(weight = 14, walk = put_value,
      covers = c(
        "$<-.mmapdict", "mmap_set", "ndarray", "empty_ndarray", "write_mmarray", "r_object"
      )),
    `put several` = list(weight = 2, walk = put_several, covers = character()),
    delete = list(weight = 2, walk = delete_value, covers = character()),
    `delete several` = list(weight = 0.5, walk = delete_values, covers = "mmap_delete"),
    rename = list(weight = 2, walk = rename_values, covers = "mmap_rename"),
    copy_keys = list(weight = 1, walk = copy_values, covers = "mmap_copy"),
    attribute = list(weight = 3, walk = change_attribute, covers = c("mmap_attr", "mmap_attr<-")),
    follow = list(weight = 0.2, walk = follow_changes,
      covers = c("mmap_wait", "mmap_state", "with_mmapdict")),
    get = list(weight = 14, walk = get_value, covers = c(
      "[[.mmapdict", "$.mmapdict", "mmap_get", "has_key", "names.mmapdict", "length.mmapdict")),
    `get otherwise` = list(weight = 2, walk = get_otherwise, covers = character()),
    `all values` = list(weight = 0.6, walk = all_values, covers = "as.list.mmapdict"),
    with = list(weight = 1, walk = with_values, covers = "with.mmapdict"),
    nested = list(weight = 12, walk = change_inside, covers = c(
      "$<-.mmappickle_lhs", "[[<-.mmappickle_lhs", "length<-.mmappickle_lhs",
      "units<-.mmappickle_lhs", "[.mmappickle_lhs", "[[.mmappickle_lhs", "Ops.mmappickle_lhs")),
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
