# A walk over the whole of the package by chance, beside a model of it: a plain list. Each step
# (helper-walk-steps.R and on) does the same to the file and to the model, and compares. What
# differs is noted, and the model takes over what the file has, so that one fault hides no other.

# -- the world of a walk ----------------------------------------------------------------------

new_world <- function(folder) {
  w <- new.env()
  w$folder <- folder
  w$path <- file.path(folder, "walk.mmdpickle")
  w$model <- list() # entries by key, see helper-walk-values.R
  w$handles <- list(mmapdict(w$path))
  w$held <- list() # views: list(x =, id =, was = all that it may read)
  w$problems <- list()
  w$states <- list() # copies of the file for Python, and what was in the model
  w$keys <- c(letters[1:8], "\u00e9 \U1f600", strrep("k", 255L), "", "a b")
  w$at <- 0L
  w$ids <- 0L
  w$step <- ""
  w
}

# A handle, for most things; the world may have closed or lost some.
handle <- function(w) {
  if (!length(w$handles)) w$handles <- list(mmapdict(w$path))
  one_of_these(w$handles)
}

close_all <- function(w) {
  for (m in w$handles) close(m)
  w$handles <- list()
}

some_key <- function(w, kind = NULL, test = function(entry) TRUE) {
  fit <- Filter(function(entry) (is.null(kind) || entry$kind %in% kind) && test(entry), w$model)
  if (length(fit)) one_of_these(names(fit))
}

# A list may have an entry with the empty name, but R finds none by it.
place_in <- function(w, key) match(key, names(w$model))
entry_of <- function(w, key) w$model[[place_in(w, key)]]
# `id` of an entry: the array that slices are written into; a new one for each new value.
keep <- function(w, key, entry, new = FALSE) {
  if (new || is.null(entry$id)) entry$id <- w$ids <- w$ids + 1L
  at <- place_in(w, key)
  if (is.na(at)) {
    w$model <- c(w$model, structure(list(entry), names = key))
  } else {
    w$model[[at]] <- entry
  }
}
forget <- function(w, key) w$model <- w$model[!names(w$model) %in% key]

note <- function(w, what, ...) {
  text <- paste0(what, ": ", ...)
  w$problems <- c(w$problems, list(list(step = w$step, at = w$at, text = text)))
}

# -- looking -----------------------------------------------------------------------------------

# The value of an expression, or its error; warnings by the way in `w$warned`.
attempt <- function(w, code) {
  w$warned <- character()
  tryCatch(
    list(value = withCallingHandlers(code, warning = function(condition) {
      if (!inherits(condition, "mmappickle_warning")) {
        w$warned <- c(w$warned, conditionMessage(condition))
      }
      invokeRestart("muffleWarning")
    })),
    error = identity
  )
}
failed <- function(got) inherits(got, "error")
ours <- function(got) inherits(got, "mmappickle_error")

words <- function(x) {
  if (failed(x)) {
    return(paste0("error (", class(x)[[1L]], "): ", first_line_of(conditionMessage(x))))
  }
  if (is.list(x) && identical(names(x), "value")) x <- x$value
  text <- paste(deparse(x, nlines = 4L), collapse = "")
  if (nchar(text) > 150L) paste0(substr(text, 1L, 150L), " ...") else text
}
first_line_of <- function(text) sub("\n.*", "", text)

in_memory <- function(x) {
  x <- materialize(x)
  if (is.list(x)) {
    kept <- attributes(x)
    x <- lapply(unclass(x), in_memory)
    attributes(x) <- kept
  }
  x
}

# R's own copies of its environments and code are of no concern here, nor the bits of a NaN.
# Of a complex NA versions of R have other imaginary parts.
same_value <- function(got, wanted) {
  identical(got, wanted, ignore.environment = TRUE) || identical(one_na(got), one_na(wanted))
}
one_na <- function(x) {
  if (is.list(x)) {
    kept <- attributes(x)
    x <- lapply(unclass(x), one_na)
    attributes(x) <- kept
  }
  if (is.complex(x)) x[is.na(x)] <- NA_complex_
  if (is.double(x)) x <- na_for_nan(x)
  x
}

# What was done gives the wanted value; or, if `odd`, an error of ours where R gives a value.
expect_same <- function(w, got, wanted, what, odd = FALSE) {
  ok <- if (failed(wanted)) ours(got) else if (failed(got)) odd && ours(got) else
    same_value(in_memory(got$value), wanted$value)
  if (!ok) note(w, what, " gives ", words(got), ", not ", words(wanted))
  if (!failed(wanted) && length(w$warned)) note(w, what, " warns: ", w$warned[[1L]])
  ok
}

# An entry in the file is that of the model. If not, the model gives way.
check_entry <- function(w, key, what, m = handle(w)) {
  wanted <- entry_of(w, key)
  got <- attempt(w, in_memory(m[[key]]))
  if (expect_same(w, got, list(value = wanted$value), what)) return(invisible())
  if (failed(got)) {
    m[[key]] <- NULL
    forget(w, key)
  } else {
    adopt(w, key, m)
  }
}

# The model takes over what the file has: as something of which no more is known.
adopt <- function(w, key, m = handle(w)) {
  value <- in_memory(m[[key]])
  entry <- entry_of(w, key)
  same_kind <- identical(typeof(value), typeof(entry$value)) && identical(dim(value),
    dim(entry$value))
  if (!same_kind) entry <- list(kind = "other", marked = TRUE)
  entry["value"] <- list(value)
  keep(w, key, entry)
  slice_written(w, key)
}

check_keys <- function(w, m = handle(w)) {
  keys <- names(m)
  if (!setequal(keys, names(w$model)) || length(m) != length(w$model)) {
    note(w, "names() gives ", paste(keys, collapse = ","), ", not ",
      paste(names(w$model), collapse = ","))
    forget(w, setdiff(names(w$model), keys))
    for (key in setdiff(keys, names(w$model))) keep(w, key,
      list(value = in_memory(m[[key]]), kind = "other", marked = TRUE))
  }
}

# -- views that are kept ------------------------------------------------------------------------

hold <- function(w, x, key = NULL) {
  id <- if (!is.null(key)) entry_of(w, key)$id
  if (is_view(x)) w$held <- c(tail(w$held, 30L),
    list(list(x = x, id = id, was = list(in_memory(x)))))
}

# A slice was written: views of that entry may show it from now on, or not.
slice_written <- function(w, key) {
  entry <- entry_of(w, key)
  for (i in seq_along(w$held)) {
    one <- w$held[[i]]
    if (identical(one$id, entry$id) && length(entry$value) == length(one$was[[1L]])) {
      w$held[[i]]$was <- c(one$was, list(entry$value))
    }
  }
}

look_at_held <- function(w) {
  if (!length(w$held)) return()
  i <- sample.int(length(w$held), 1L)
  one <- w$held[[i]]
  x <- if (chance(0.5)) in_memory(one$x) else one$x
  if (same_value(x, one$was[[1L]])) return()
  bits <- function(x) vapply(as.list(na_for_nan(unclass(x))), deparse1, "")
  ok <- Reduce(`|`, lapply(one$was, function(was) bits(x) == bits(was)))
  if (!all(ok)) {
    note(w, "a view that was kept", " reads ", words(x), ", not ", words(one$was[[1L]]))
    w$held[[i]] <- NULL
  }
}

# -- going ---------------------------------------------------------------------------------------

# Walks `steps` steps; list(problems =, count = of each step, world =).
walk_on <- function(w, steps, seed) {
  withr::local_seed(seed, .rng_kind = "Mersenne-Twister", .rng_sample_kind = "Rejection")
  withr::local_dir(w$folder)
  kinds <- walk_steps()
  weights <- vapply(kinds, `[[`, 0, "weight")
  count <- integer(length(kinds))
  names(count) <- names(kinds)
  for (at in seq_len(steps)) {
    w$at <- at
    w$step <- sample(names(kinds), 1L, prob = weights)
    count[[w$step]] <- count[[w$step]] + 1L
    # What goes wrong in a step by an error that it does not expect is a finding, too.
    tryCatch(kinds[[w$step]]$walk(w), error = function(e) {
      note(w, "fails: ", first_line_of(conditionMessage(e)), " in ",
        deparse1(conditionCall(e))[[1L]])
      restore(w)
    })
  }
  count
}

# All that the file has becomes the model, with fresh handles.
restore <- function(w) {
  close_all(w)
  m <- handle(w)
  forget(w, setdiff(names(w$model), names(m)))
  for (key in names(m)) {
    if (is.na(place_in(w, key))) {
      keep(w, key, list(value = in_memory(m[[key]]), kind = "other", marked = TRUE))
    } else if (!same_value(in_memory(m[[key]]), entry_of(w, key)$value)) {
      adopt(w, key, m)
    }
  }
}

# One line for each kind of finding: the first of them.
report_of <- function(w) {
  steps <- vapply(w$problems, `[[`, "", "step")
  texts <- vapply(w$problems, `[[`, "", "text")
  detail <- "\\[[^]]*\\]|drop = [A-Z]*| by mmarray|( gives| reads| warns).*|[0-9]+"
  kinds <- paste(steps, gsub(detail, "", texts))
  first <- !duplicated(kinds)
  sprintf("%s (step %d, %d times): %s", steps[first], vapply(w$problems, `[[`, 0L, "at")[first],
          as.vector(table(kinds)[kinds[first]]), texts[first])
}
