# Steps of the walk (helper-walk.R) with what is shown, objects that are no vectors, odd arguments
# and other processes.

# -- printing --------------------------------------------------------------------------------

printed <- function(code) paste(utils::capture.output(code), collapse = "\n")

show_handle <- function(w) {
  m <- handle(w)
  n <- length(w$model)
  texts <- c(printed(print(m)), printed(print(m, n = 2)), format(m), printed(str(m)),
    printed(str(list(m))))
  if (!all(grepl("<mmapdict>", texts))) {
    note(w, "a handle shows as ", texts[!grepl("<mmapdict>", texts)][[1L]])
  }
  if (!grepl(paste0(n, if (n == 1) " key" else " keys"), texts[[1L]])) {
    note(w, "print() has another number of keys")
  }
  sum <- summary(m)
  if (!identical(sum(sum$kinds$entries), as.double(n))) {
    note(w, "summary() has another number of keys")
  }
  printed(print(sum))
  if (!setequal(utils::.DollarNames(m, ""), names(w$model))) note(w, ".DollarNames()")
}

# What R's functions on lists and environments make of a handle; told types beside the values.
use_as_list <- function(w) {
  m <- handle(w)
  same <- function(got, wanted, what) if (!identical(got, wanted)) note(w, what)
  values <- as.list(m)
  same(names(rev(m)), rev(names(m)), "rev()")
  same(lengths(m), lengths(values), "lengths()")
  same(ls(as.environment(m)), sort(setdiff(names(m), "")), "as.environment()")
  same(names(unlist(m)), names(unlist(values)), "unlist()")
  same(nrow(mmap_diff(m, m)), 0L, "mmap_diff() of a file and itself")
  same(all.equal(m, values), TRUE, "all.equal() of a file and its values")
  same(as.data.frame(m)$key, names(m), "as.data.frame()")
  for (code in expression(within(m, 1), m + 1, sqrt(m), sum(m))) {
    if (!failed(attempt(w, eval(code)))) note(w, "no error: ", deparse(code))
  }
  grDevices::pdf(NULL)
  map <- plot(m)
  grDevices::dev.off()
  same(map$from[-1L], map$to[-nrow(map)], "plot(): gaps")
}

show_view <- function(w) {
  key <- some_key(w)
  if (is.null(key)) return()
  x <- handle(w)[[key]]
  value <- entry_of(w, key)$value
  # R metadata keeps each attribute, not the order in which R shows them.
  # An NA of float32 is NaN, and shown so.
  in_order <- identical(names(attributes(x)), names(attributes(value))) &&
    !(is.double(value) && anyNA(value))
  for (f in if (in_order) list(print, str, summary, format, utils::head)) {
    got <- attempt(w, printed(f(x)))
    wanted <- of_r(printed(f(value)))
    if (!identical(got$value, wanted$value)) {
      note(w, "shown is ", words(got), ", not ", words(wanted))
    }
  }
  info <- view_info(x)
  if (!is.null(info)) printed(print(info))
  if (is_view(x) != !is.null(info)) note(w, "view_info() and is_view()")
}

show_array <- function(w) {
  key <- some_key(w, "array")
  if (is.null(key)) return()
  value <- entry_of(w, key)$value
  a <- mmarray(handle(w), key)
  extents <- dim(value) %||% length(value)
  flat <- is.null(dim(value))
  all_names <- if (flat && !is.null(names(value))) list(names(value)) else dimnames(value)
  ok <- identical(dim(a), as.integer(extents)) && identical(length(a), length(value)) &&
    identical(dimnames(a), all_names) &&
    (length(extents) > 1L || identical(names(a), names(value)))
  if (!ok) note(w, "the dimensions of an mmarray of ", shape_of(value))
  if (!all(grepl("<mmarray>", c(printed(print(a)), format(a), printed(str(a)))))) {
    note(w, "an mmarray shows otherwise")
  }
  as_dim <- if (flat) array(value, length(value), all_names) else value
  expect_same(w, attempt(w, as.array(a)), list(value = as_dim),
    paste("as.array() of", shape_of(value)))
  expect_same(w, attempt(w, as.vector(a)), list(value = as.vector(value)),
    paste("as.vector() of", shape_of(value)))
  expect_same(w, attempt(w, as.list(a)), list(value = as.list(value[])),
    paste("as.list() of", shape_of(value)))
  if (length(value)) {
    at <- sample.int(length(value), 1L)
    expect_same(w, attempt(w, a[[at]]), of_r(unname(value[at])),
      paste("[[ of an mmarray of", shape_of(value)))
  }
  b <- unserialize(serialize(a, NULL))
  expect_same(w, attempt(w, b[]), list(value = value), "an mmarray that was serialized")
  for (got in list(attempt(w, a$x), attempt(w, a$x <- 1), attempt(w, a[[1]] <- 1))) {
    if (!ours(got)) note(w, "an mmarray gives ", words(got))
  }
}

# The methods of what `*tmp*` is inside of a nested assignment.
`through<-` <- function(x, value) {
  value$seen <- list(x + x, sqrt(abs(x)), sum(x), x == x, format(x), x[1:2], x[[1L]],
    printed(print(x)))
  assign("seen", value$seen, value$into)
  x
}
within_assignment <- function(w) {
  key <- some_key(w, "array", function(entry) {
    # (NA in float32 is NaN, which is shown so.)
    is.numeric(entry$value) && length(entry$value) > 1L && !anyNA(entry$value)
  })
  if (is.null(key)) return()
  m <- handle(w)
  x <- entry_of(w, key)$value
  into <- new.env()
  got <- attempt(w, through(m[[key]]) <- list(into = into))
  wanted <- of_r(through(x) <- list(into = other <- new.env()))
  if (failed(got) != failed(wanted) || !same_value(in_memory(into$seen), other$seen)) {
    note(w, "inside of an assignment: ", words(into$seen), " not ", words(other$seen))
  }
  check_entry(w, key, "after a look inside of an assignment")
}

# -- objects ---------------------------------------------------------------------------------

refuses <- function(w, what, ...) {
  for (got in list(...)) if (!ours(got)) note(w, what, " can be changed: ", words(got))
}
refuses_changes <- function(w, x, what) {
  refuses(w, what, attempt(w, x$a <- 1), attempt(w, x[["a"]] <- 1), attempt(w, x[1] <- 1),
          attempt(w, names(x) <- "a"), attempt(w, length(x) <- 0L), attempt(w, dim(x) <- 3L),
          attempt(w, dimnames(x) <- list("a")), attempt(w, levels(x) <- "a"))
}

look_at_objects <- function(w) {
  x <- read_pickle(fraction)
  ok <- identical(x$class, "fractions.Fraction") && identical(x[["class"]], x$class) &&
    "class" %in% utils::.DollarNames(x, "") && is.list(as.list(x)) &&
    all(grepl("fractions.Fraction", c(format(x), toString(x), printed(print(x)), printed(str(x)))))
  if (!ok) note(w, "a python_object")
  refuses_changes(w, x, "a python_object")
  made <- python_object("fractions.Fraction", list(3L, 2L))
  m <- handle(w)
  m[["made"]] <- list(made)
  if (!identical(m[["made"]][[1]]$args, made$args)) note(w, "a python_object that was made")
  m[["made"]] <- NULL
  told <- list(as.double(x), as.integer(x), as.logical(x), as.character(x))
  if (!identical(told, list(3.5, 3L, TRUE, "7/2"))) note(w, "a Fraction")
  refuses(w, "a python_object", attempt(w, x == 3.5), attempt(w, x + x))
  m <- handle(w)
  refuses(w, "a handle", attempt(w, names(m) <- "a"), attempt(w, length(m) <- 0L),
          attempt(w, m[1] <- list(1)), attempt(w, m[[1]] <- 1))
  dict <- other_makers$dict()
  frame <- pandas_frame(data.frame(a = 1:2, b = c("x", "y")))
  m[["frame"]] <- frame
  back <- lapply(m[["frame"]], `[`)
  if (!identical(back, list(a = 1:2, b = c("x", "y")))) note(w, "a pandas_frame")
  m[["frame"]] <- NULL
  marks <- list(ndarray(1:3, "int8"), empty_ndarray(3), dict, r_object(1), frame)
  for (mark in marks) {
    if (!all(grepl("^ ?<|^List| ", c(format(mark), printed(print(mark)), printed(str(mark)))))) {
      note(w, "a mark")
    }
  }
  mark <- ndarray(c(a = 1, b = 2), "int16")
  part <- attempt(w, {
    m[["mark"]] <- mark["b"]
    m[["mark"]] + 0
  })
  m[["mark"]] <- NULL
  stub <- empty_ndarray(c(2, 3), "int8")
  stub$dtype <- "int16"
  dtype <- mark[["dtype"]]
  mark[["dtype"]] <- "int32"
  stub[["order"]] <- "F"
  mark$order <- "C"
  ok <- identical(part$value, c(b = 2)) && identical(dtype, "int16") &&
    identical(mark$dtype, "int32") && identical(stub[["dtype"]], "int16") &&
    identical(stub$order, "F") && identical(length(mark), 2L) && is.null(dim(mark)) &&
    identical(dim(frame), c(2L, 2L)) &&
    identical(names(mark), c("a", "b"))
  if (!ok) note(w, "fields and parts of marks")
  if (!identical(unserialize_r_object(r_object(list(1))), list(1))) note(w, "r_object()")
  if (!identical(as_python(1:3), 1:3)) note(w, "as_python()")
  printed(print(fsck(w$path)))
}

# -- odd arguments ------------------------------------------------------------------------------

# Each call is of a store beside the walk's; it gives a value, or an error of ours.
odd_calls <- list(
  quote(m[[o]]), quote(m[o]), quote(m[o, 1]), quote(m["x", o]), quote(m["x", o,
  p]), quote(m[["x"]][o] <- p),
  quote(m["x", o] <- p), quote(m[[o]] <- p), quote(m[o] <- p), quote(m["x", 1, drop = o]),
  quote(mmap_get(m, o)), quote(mmap_get(m, "x", dims = o)), quote(mmap_get(m, "x", int64 = o)),
  quote(mmap_get(m, "x", uint8 = o)), quote(mmap_get(m, "x", simplify = o)), quote(mmap_get(m, "x",
  readers = o)),
  quote(mmap_get(o, "x")), quote(mmap_set(m, o, p)), quote(mmap_set(o, "x", 1)), quote(has_key(m,
  o)),
  quote(has_key(o, "x")), quote(entries(m, o)), quote(entries(o)), quote(vacuum(m,
  o)), quote(vacuum(o)),
  quote(vacuum(m, upgrade = o)), quote(reclaim(m,
  o)), quote(reclaim(o)), quote(fsck(o)), quote(fsck(m, o)),
  quote(fsck(m, FALSE, o)), quote(commit_number(o)), quote(is_open(o)), quote(mmapdict(o)),
  quote(mmapdict(f, o)), quote(mmapdict(f, FALSE, o)), quote(mmapdict(f,
  dims = o)), quote(mmapdict(f, order = o)),
  quote(mmapdict(f, lock_timeout = o)), quote(mmapdict(f, durable = o)), quote(mmapdict(f,
  readers = o)),
  quote(mmap_rename(m, o, "y")), quote(mmap_rename(m, "x", o, p)), quote(mmap_rename(o, "x", "y")),
  quote(mmap_copy(m, o)), quote(mmap_copy(o, m)), quote(mmap_copy(m, m, o, p)),
  quote(mmap_delete(m, o)), quote(mmap_attr(m, "x", o)), quote(mmap_attr(m, o, "own")),
  quote(mmap_attr(m, "x", "own") <- o), quote(mmap_attr(m, "x", o) <- p), quote(mmap_state(o)),
  quote(mmap_wait(o, 0)), quote(mmap_wait(m, 0, o)), quote(with_mmapdict(o, identity)),
  quote(with_mmapdict(f, o)),
  quote(local_mmapdict(o)), quote(mmarray(m, o)), quote(mmarray(o, "x")), quote(mmarray(m, "x")[o]),
  quote(mmarray(m, "x")[o, p]), quote(ndarray(o)), quote(ndarray(o, p)), quote(ndarray(1:3, o)),
  quote(ndarray(1:3, "int8", o)), quote(m$k <- ndarray(o,
  p)), quote(empty_ndarray(o)), quote(empty_ndarray(3, o)),
  quote(empty_ndarray(3, "int8", o)), quote(read_pickle(o)), quote(read_pickle(b,
  o)), quote(read_pickle(b, dims = o)),
  quote(read_pickle(b, readers = o)), quote(write_pickle(o)), quote(write_pickle(1,
  o)), quote(write_pickle(1, order = o)),
  quote(convert_pickle(o, "odd.mmdpickle")), quote(convert_pickle(f, o)), quote(convert_pickle(f,
  "odd2", o)),
  quote(is_view(o)), quote(view_info(o)), quote(materialize(o)), quote(r_object(o)),
  quote(unserialize_r_object(o)),
  quote(as_python(o)), quote(pandas_frame(o)), quote(pandas_frame(d, o)),
  quote(m$k <- pandas_frame(o)), quote(mmap_get(m, "x", index = o)),
  quote(m$k <- o), quote(m$k <- list(o,
  p)), quote(m$k <- list(a = o)), quote(m$k <- with_own(p, o))
)

# What takes no attributes (NULL and R's own functions, in newer versions) is left as it is.
with_own <- function(p, o) tryCatch(structure(p, own = o), error = function(e) p)

try_odd <- function(w) {
  folder <- file.path(w$folder, "odd")
  dir.create(folder, showWarnings = FALSE)
  withr::local_dir(folder)
  m <- mmapdict("beside.mmdpickle")
  on.exit(close(m))
  m[["x"]] <- matrix(as.double(1:6), 2L)
  f <- path_of(m)
  for (i in 1:5) {
    call <- one_of_these(odd_calls)
    env <- list(m = m, f = f, b = fraction, d = data.frame(a = 1:2), o = one_of_these(odd_values),
      p = one_of_these(odd_values), with_own = with_own)
    got <- attempt(w, eval(call, env))
    if (failed(got) && !ours(got)) {
      note(w, deparse1(call), " fails: ", words(got), ", o = ", words(env$o), ", p = ",
        words(env$p))
    }
    if (!failed(got) && inherits(got$value, "mmapdict") && !identical(got$value, m)) {
      close(got$value)
    }
  }
  if (any(fsck(f)$harmful)) note(w, "odd arguments have harmed a file")
  m[["x"]] <- NULL
  unlink(setdiff(list.files(folder, full.names = TRUE), f), recursive = TRUE)
}

# -- other processes ----------------------------------------------------------------------------

# Reads all in a session that has never seen the file, or puts something there.
other_session <- function(w) {
  if (is.null(w$session)) return()
  if (chance(0.5)) {
    key <- one_of_these(w$keys)
    value <- c(w$at, 0.5)
    w$session$run(function(path, key, value) {
      m <- mmappickle::mmapdict(path)
      on.exit(close(m))
      m[[key]] <- value
      NULL
    }, list(w$path, key, value))
    keep(w, key, list(value = value, kind = "array", draw = element_kinds$float64$draw,
      marked = FALSE))
    return(check_entry(w, key, "what another session put"))
  }
  values <- w$session$run(function(path) {
    m <- mmappickle::mmapdict(path, readonly = TRUE)
    on.exit(close(m))
    lapply(as.list(m), function(x) if (is.list(x)) x else mmappickle::materialize(x))
  }, list(w$path))
  if (!setequal(names(values), names(w$model))) note(w, "another session sees other keys")
  for (i in seq_along(values)) {
    key <- names(values)[[i]]
    expect_same(w, list(value = values[[i]]), list(value = entry_of(w, key)$value),
      "another session reads")
  }
}

# A copy of the file for Python, which looks at all of them at the end.
for_python <- function(w) {
  name <- file.path(w$folder, sprintf("state-%06d", w$at))
  file.copy(w$path, name)
  w$states <- c(w$states, list(list(path = name, at = w$at, model = w$model)))
}

check_python <- function(w) {
  if (!length(w$states)) return(0L)
  files <- vapply(w$states, `[[`, "", "path")
  seen <- lapply(run_python(testthat::test_path("python", "describe_small.py"), files), read_json)
  of_file <- vapply(seen, `[[`, "", "file")
  for (state in w$states) {
    w$at <- state$at
    w$step <- "Python"
    found <- seen[of_file == state$path]
    keys <- vapply(found, function(e) e$key$v, "")
    if (!setequal(keys, names(state$model))) note(w, "other keys: ", paste(keys, collapse = ","))
    for (i in seq_along(found)) {
      entry <- state$model[[match(keys[[i]], names(state$model))]]
      # What an NA of logicals is in complex numbers, versions of R see differently.
      if (is.complex(entry$value) && anyNA(entry$value)) next
      problem <- if (entry$kind == "array" && isTRUE(entry$marked)) {
        mismatch(without_rank_1(entry$value), found[[i]]$value)
      } else if (!isTRUE(entry$marked)) {
        python_difference(without_order(found[[i]]$value), without_order(python_view(entry$value)))
      }
      if (length(problem)) note(w, "of ", shape_of(entry$value), " reads ", problem)
    }
  }
  length(seen)
}

without_rank_1 <- function(x) {
  x <- unname(x)
  if (length(dim(x)) == 1L) dim(x) <- NULL
  x
}

without_order <- function(d) {
  d$fortran <- NULL
  d
}

shown_steps <- function() {
  list(
    `show handle` = list(weight = 0.5, walk = show_handle, covers = c(
      "print.mmapdict", "format.mmapdict", "str.mmapdict", "summary.mmapdict",
      "print.summary.mmapdict",
      ".DollarNames.mmapdict")),
    `as a list` = list(weight = 0.3, walk = use_as_list, covers = c(
      "rev.mmapdict", "lengths.mmapdict", "unlist.mmapdict", "as.environment.mmapdict",
      "all.equal.mmapdict", "mmap_diff", "as.data.frame.mmapdict", "within.mmapdict",
      "Ops.mmapdict", "Math.mmapdict", "Summary.mmapdict", "plot.mmapdict",
      "as_tibble.mmapdict", "vec_proxy.mmapdict")),
    `show view` = list(weight = 1, walk = show_view, covers = c(
      "view_info", "print.view_info", "format.view_info")),
    `show array` = list(weight = 1.5, walk = show_array, covers = c(
      "dim.mmarray", "dimnames.mmarray", "length.mmarray", "names.mmarray", "as.array.mmarray",
      "as.vector.mmarray", "as.list.mmarray", "print.mmarray", "format.mmarray", "str.mmarray",
      "[[.mmarray", "[[<-.mmarray", "$.mmarray", "$<-.mmarray")),
    `inside of an assignment` = list(weight = 1, walk = within_assignment, covers = c(
      "Math.mmappickle_lhs", "Summary.mmappickle_lhs", "print.mmappickle_lhs",
      "format.mmappickle_lhs")),
    objects = list(weight = 0.3, walk = look_at_objects, covers = c(
      "python_object", "names.python_object",
      "$.python_object", "[[.python_object", ".DollarNames.python_object",
      "as.list.python_object",
      "as.character.python_object", "as.double.python_object", "as.integer.python_object",
      "as.logical.python_object", "Ops.python_object", "format.python_object",
      "print.python_object", "str.python_object", "$<-.python_object", "[[<-.python_object",
      "[<-.python_object", "names<-.python_object", "length<-.python_object", "dim<-.python_object",
      "dimnames<-.python_object", "levels<-.python_object", "names<-.mmapdict",
      "length<-.mmapdict", "format.python_dict", "print.python_dict", "str.python_dict",
      "$.empty_ndarray", "$.ndarray", "$<-.empty_ndarray", "$<-.ndarray", "[.ndarray",
      "[[.empty_ndarray", "[[.ndarray", "[[<-.empty_ndarray", "[[<-.ndarray", "dim.ndarray",
      "length.ndarray", "names.ndarray",
      "format.ndarray", "print.ndarray", "format.empty_ndarray", "print.empty_ndarray",
      "format.r_object", "print.r_object", "unserialize_r_object", "as_python",
      "as_python.default", "print.mmappickle_fsck", "pandas_frame", "as_python.pandas_frame",
      "dim.pandas_frame", "format.pandas_frame", "print.pandas_frame",
      "toString.python_object")),
    `odd arguments` = list(weight = 1.5, walk = try_odd, covers = character()),
    `other session` = list(weight = 0.4, walk = other_session, covers = character()),
    `for others` = list(weight = 0.1, walk = array_for_others, covers = c(
      "numpy_memmap", "as_python.python.builtin.object", "as_nanoarrow_array.mmarray",
      "infer_nanoarrow_schema.mmarray", paste0("r_to_py.", c("mmarray", "mmapdict", "integer",
                                                             "logical")))),
    `for Python` = list(weight = 0.3, walk = for_python, covers = character())
  )
}

walk_steps <- function() c(slice_steps(), whole_steps(), file_steps(), shown_steps())
