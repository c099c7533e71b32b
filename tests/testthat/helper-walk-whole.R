# Steps of the walk (helper-walk.R) with whole values.

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
      "units<-.mmappickle_lhs", "[.mmappickle_lhs", "[[.mmappickle_lhs", "Ops.mmappickle_lhs"))
  )
}
