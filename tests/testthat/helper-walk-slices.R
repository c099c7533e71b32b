# Steps of the walk (helper-walk.R) into parts of arrays.

# Evaluates a call in which `HERE` stands for the subscripts; `values` are what its names mean.
at_subscripts <- function(call, args, values) {
  symbols <- lapply(seq_along(args), function(i) {
    if (inherits(args[[i]], "left_out")) quote(expr = ) else as.name(paste0("i", i)) # nolint
  })
  names(args) <- sprintf("i%d", seq_along(args))
  frame <- list2env(c(values, args), parent = baseenv())
  fill <- function(call) {
    if (!is.call(call)) return(call)
    parts <- as.list(call)
    here <- which(vapply(parts, identical, NA, quote(HERE)))
    if (length(here)) {
      return(as.call(c(parts[seq_len(here - 1L)], symbols, parts[-seq_len(here)])))
    }
    as.call(lapply(parts, fill))
  }
  eval(fill(call), frame)
}

# R's own answer, warnings left aside.
of_r <- function(code) tryCatch(list(value = suppressWarnings(code)), error = identity)

some_new <- function(entry, count) {
  n <- if (count > 1L && chance(0.3)) one_of_these(Filter(function(d) count %% d == 0,
    seq_len(count)))
       else if (count == 0L) sample(0:1, 1L) else count
  entry$draw(n)
}

read_part <- function(w) {
  key <- some_key(w, "array")
  if (is.null(key)) return()
  x <- entry_of(w, key)$value
  subs <- some_subscripts(x)
  drop <- chance(0.7)
  m <- handle(w)
  values <- list(m = m, x = x, key = key, drop = drop, a = if (chance(0.3)) mmarray(m, key))
  got <- attempt(w, at_subscripts(
    if (is.null(values$a)) quote(m[key, HERE, drop = drop]) else quote(a[HERE, drop = drop]),
    subs$args, values
  ))
  wanted <- of_r(at_subscripts(quote(x[HERE, drop = drop]), subs$args, values))
  what <- paste0("[", subs$kind, "], drop = ", drop, ", of ", shape_of(x),
                 if (!is.null(values$a)) " by mmarray")
  expect_same(w, got, wanted, what, odd = isTRUE(subs$odd))
  if (!failed(got) && chance(0.2)) hold(w, got$value)
}

shape_of <- function(x) {
  paste0(class(x)[[1L]], " of ", typeof(x), " [", paste(dim(x) %||% length(x), collapse = "x"), "]",
         if (!is.null(names(x)) || !is.null(dimnames(x))) " with names")
}

# By name, R makes a vector of an array of rank 1.
same_dim <- function(x, changed) {
  if (length(dim(x)) == 1L && length(changed) == length(x)) attributes(changed) <- attributes(x)
  changed
}

# Writes by one of the ways in which a part can be written.
ways_to_write <- list(
  slice = quote(m[key, HERE] <- new),
  nested = quote(m[[key]][HERE] <- new),
  mmarray = quote({
    a <- mmarray(m, key)
    a[HERE] <- new
  }),
  function_call = quote(`[<-`(m, key, HERE, value = new)),
  other_name = quote({
    n <- m
    n[[key]][HERE] <- new
  })
)
write_part <- function(w, new_of = function(entry, m, key, count) some_new(entry, count),
  subscripts = some_subscripts,
                       name = "") {
  key <- some_key(w, "array")
  if (is.null(key)) return()
  entry <- entry_of(w, key)
  subs <- subscripts(entry$value)
  m <- handle(w)
  chosen <- of_r(at_subscripts(quote(x[HERE]), subs$args, list(x = entry$value)))
  count <- if (failed(chosen)) 1L else length(chosen$value)
  new <- new_of(entry, m, key, count)
  if (is.null(new)) return()
  plain <- in_memory(new)
  way <- sample(names(ways_to_write), 1L)
  values <- list(m = m, key = key, new = new, x = entry$value, plain = plain, mmarray = mmarray)
  got <- attempt(w, at_subscripts(ways_to_write[[way]], subs$args, values))
  wanted <- of_r(same_dim(entry$value, at_subscripts(quote({
    x[HERE] <- plain
    x
  }), subs$args, values)))
  what <- paste0(name, way, " [", subs$kind, "] <- of ", shape_of(entry$value))
  odd <- isTRUE(subs$odd)
  if (failed(got)) {
    as_r <- failed(wanted) && identical(conditionMessage(got), conditionMessage(wanted))
    if (!as_r && (!ours(got) || !(odd || failed(wanted)))) {
      note(w, what, " fails: ", words(got), " though R gives ", words(wanted))
    }
  } else if (failed(wanted)) {
    note(w, what, " gives a value, though R says ", words(wanted))
  } else {
    entry$value <- wanted$value
    keep(w, key, entry)
  }
  slice_written(w, key)
  check_entry(w, key, what)
}

# -- values that are views of the very entry, or of another --------------------------------------

# All axes permuted, so that the entry itself is of the right size.
permuting_subscripts <- function(x) {
  extents <- dim(x) %||% length(x)
  args <- lapply(extents, function(n) if (chance(0.3)) left_out else sample.int(n))
  list(args = args, kind = "permuted")
}

write_from_itself <- function(w) {
  write_part(w, function(entry, m, key, count) {
    switch(sample(5L, 1L),
      m[[key]],
      handle(w)[[key]],
      mmap_get(m, key),
      mmarray(m, key)[],
      {
        for (one in w$held) if (identical(one$id, entry$id) && length(one$x) == count) return(one$x)
        NULL
      }
    )
  }, permuting_subscripts, "from itself, ")
}

copy_value <- function(w) {
  from <- some_key(w)
  if (is.null(from)) return()
  to <- one_of_these(w$keys)
  entry <- entry_of(w, from)
  m <- handle(w)
  way <- sample(4L, 1L)
  got <- attempt(w, switch(way,
    if (is.null(entry$value)) m[to] <- m[from] else m[[to]] <- handle(w)[[from]],
    m[to] <- m[from],
    if (entry$kind == "array") m[[to]] <- mmarray(m, from) else m[to] <- m[from],
    m[to] <- list(handle(w)[[from]])
  ))
  if (failed(got)) return(note(w, "copy ", "fails: ", words(got), " of ", words(entry$value)))
  # A structured array is copied as what it is in R: a data frame, whose columns keep their dtype.
  if (entry$kind == "rows") entry <- list(value = entry$value, kind = "other", marked = TRUE)
  keep(w, to, entry, new = TRUE)
  check_entry(w, to, paste0("copy in way ", way, " of a ", entry$kind))
}

# -- what does not fit ---------------------------------------------------------------------------

write_misfit <- function(w) {
  key <- some_key(w, "array", function(entry) length(entry$value) > 1L)
  if (is.null(key)) return()
  x <- entry_of(w, key)$value
  new <- one_of_these(list(
    list(1), sum, quote(x), factor("a"), NULL, globalenv(), data.frame(a = 1), 1:1000,
    if (is.integer(x)) 1.5, if (is.integer(x)) 1e10, if (is.character(x)) "far too long a text",
    if (is.numeric(x) || is.logical(x)) "text", if (!is.complex(x) && !is.character(x)) 1i,
    if (is.logical(x)) 2L
  ))
  m <- handle(w)
  nested <- chance(0.5)
  got <- attempt(w, if (nested) m[[key]][1:2] <- new else m[key, 1:2] <- new)
  if (!failed(got)) {
    # Of dates and the like R's own method makes something of it, and that is stored.
    if (nested && is.object(x)) return(adopt(w, key))
    note(w, "misfit of ", shape_of(x), " gives a value for ", words(new))
  } else if (!ours(got) && !(nested && is.object(x))) {
    note(w, "misfit of ", shape_of(x), " fails: ", words(got))
  }
  check_entry(w, key, "after a misfit")
}

slice_of_no_array <- function(w) {
  key <- some_key(w, "value")
  if (is.null(key)) return()
  m <- handle(w)
  for (got in list(attempt(w, m[key, 1]), attempt(w, m[key, 1] <- 2),
    attempt(w, mmarray(m, key)))) {
    if (!ours(got)) note(w, "slice of no array", " gives ", words(got))
  }
  check_entry(w, key, "after a slice of no array")
}

# -- rows of structured arrays ----------------------------------------------------------------

# Fractions of rows are something else for R's data frames.
some_row_axis <- function(n) {
  repeat if (names(axis <- some_axis(n, NULL)) != "double") return(axis[[1L]])
}

read_rows_of <- function(w) {
  key <- some_key(w, "rows")
  if (is.null(key)) return()
  x <- entry_of(w, key)$value
  args <- list(some_row_axis(nrow(x)))
  m <- handle(w)
  got <- attempt(w, at_subscripts(quote(m[key, HERE]), args, list(m = m, key = key)))
  wanted <- of_r({
    rows <- at_subscripts(quote(x[HERE, , drop = FALSE]), args, list(x = x))
    rownames(rows) <- NULL
    rows
  })
  expect_same(w, got, wanted, "rows of a structured array")
}

write_rows_of <- function(w) {
  key <- some_key(w, "rows")
  if (is.null(key)) return()
  entry <- entry_of(w, key)
  x <- entry$value
  m <- handle(w)
  itself <- chance(0.3)
  args <- list(if (itself) sample.int(nrow(x)) else some_row_axis(nrow(x)))
  n <- nrow(at_subscripts(quote(x[HERE, , drop = FALSE]), args, list(x = x)))
  new <- if (itself) m[[key]] else
    data.frame(a = element_kinds$int8$draw(n), b = element_kinds$float64$draw(n))
  plain <- in_memory(new)
  got <- attempt(w, at_subscripts(quote(m[key, HERE] <- new), args,
    list(m = m, key = key, new = new)))
  what <- paste0("rows <-", if (itself) " from itself")
  if (failed(got)) return(note(w, what, " fails: ", words(got)))
  if (n) x <- at_subscripts(quote({
    x[HERE, ] <- plain
    x
  }), args, list(x = x, plain = plain))
  entry$value <- x
  keep(w, key, entry)
  check_entry(w, key, what)
}

# -- arrays that grow ------------------------------------------------------------------------

some_growing <- function(w) {
  key <- one_of_these(w$keys)
  dim <- one_of_these(list(0L, 3L, c(0L, 3L), c(2L, 3L), c(0L, 2L, 2L)))
  value <- if (length(dim) == 1L) numeric(dim) else array(0, dim)
  m <- handle(w)
  got <- attempt(w, m[[key]] <- growing_ndarray(dim, capacity = sample(0:20, 1L)))
  if (failed(got)) return(note(w, "growing_ndarray()", " fails: ", words(got)))
  keep(w, key, list(value = value, kind = "array", draw = element_kinds$float64$draw,
    marked = TRUE, stored = ndarray(value)), new = TRUE)
  key
}

append_rows <- function(w) {
  key <- if (chance(0.2)) some_growing(w) else some_key(w, c("array", "rows"))
  if (is.null(key)) return()
  entry <- entry_of(w, key)
  x <- entry$value
  n <- sample(0:3, 1L)
  if (entry$kind == "rows") {
    new <- data.frame(a = element_kinds$int8$draw(n), b = element_kinds$float64$draw(n))
    wanted <- rbind(x, new)
    rownames(wanted) <- NULL
  } else {
    rows <- dim(x) %||% length(x)
    rows[[1L]] <- n
    new <- entry$draw(prod(rows))[seq_len(prod(rows))]
    if (!is.null(dim(x))) dim(new) <- rows
    wanted <- behind(x, new)
  }
  m <- handle(w)
  got <- attempt(w, mmap_append(m, key, new))
  what <- paste0("append to ", shape_of(x))
  named <- !is.null(names(x)) || !is.null(dimnames(x)) || length(dim(x)) == 1L
  if (failed(got)) {
    if (!ours(got) || !named || entry$kind == "rows") note(w, what, " fails: ", words(got))
  } else {
    # They may show what is written into the rows that they have.
    w$held <- Filter(function(one) !identical(one$id, entry$id), w$held)
    entry$value <- wanted
    keep(w, key, entry)
  }
  check_entry(w, key, what)
}

# Along the first dimension.
behind <- function(x, new) {
  if (is.null(dim(x))) return(c(x, new))
  last <- length(dim(x))
  turned <- function(x) aperm(x, c(seq_len(last)[-1L], 1L))
  dims <- dim(x)
  dims[[1L]] <- dim(x)[[1L]] + dim(new)[[1L]]
  out <- c(turned(x), turned(new))
  dim(out) <- dims[c(seq_len(last)[-1L], 1L)]
  out <- aperm(out, c(last, seq_len(last - 1L)))
  if (is.null(dimnames(x)[[1L]])) dimnames(out) <- dimnames(x)  # else it cannot grow
  out
}

slice_steps <- function() {
  list(
    append = list(weight = 4, walk = append_rows, covers = c("mmap_append", "growing_ndarray")),
    `read part` = list(weight = 12, walk = read_part,
      covers = c("[.mmapdict", "[.mmarray", "mmarray")),
    `write part` = list(weight = 12, walk = write_part, covers = c(
      "[<-.mmapdict", "[<-.mmappickle_lhs", "[[<-.mmapdict", "[<-.mmarray")),
    `write from itself` = list(weight = 4, walk = write_from_itself, covers = character()),
    copy = list(weight = 4, walk = copy_value, covers = character()),
    misfit = list(weight = 2, walk = write_misfit, covers = character()),
    `no array` = list(weight = 1, walk = slice_of_no_array, covers = character()),
    `read rows` = list(weight = 2, walk = read_rows_of, covers = character()),
    `write rows` = list(weight = 2, walk = write_rows_of, covers = character())
  )
}
