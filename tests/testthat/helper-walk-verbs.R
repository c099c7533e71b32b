# Steps of the walk (helper-walk.R): whole entries moved, copied, deleted, given attributes.

# To free keys, to those of others, or around in a circle.
rename_values <- function(w) {
  m <- handle(w)
  from <- some_of(names(w$model), 3L)
  to <- if (chance(0.3)) sample(from) else sample(w$keys, length(from))
  overwrite <- chance(0.5)
  got <- attempt(w, mmap_rename(m, from, to, overwrite))
  if (refused_copy(w, got, to, but = from, overwrite)) return(invisible())
  entries <- lapply(from, function(key) entry_of(w, key))
  forget(w, c(from, to))
  for (i in seq_along(to)) keep(w, to[[i]], entries[[i]], new = TRUE)
  check_keys(w)
  for (key in to) check_entry(w, key, "renamed")
}

copy_values <- function(w) {
  m <- handle(w)
  keys <- some_of(names(w$model), 2L)
  to <- sample(w$keys, length(keys))
  overwrite <- chance(0.5)
  got <- attempt(w, mmap_copy(m, handle(w), keys, to, overwrite))
  if (refused_copy(w, got, to, but = character(), overwrite)) return(invisible())
  entries <- lapply(keys, function(key) entry_of(w, key))
  forget(w, to)
  for (i in seq_along(to)) keep(w, to[[i]], entries[[i]], new = TRUE)
  check_keys(w)
  for (key in to) check_entry(w, key, "copied")
}

refused_copy <- function(w, got, to, but, overwrite) {
  taken <- setdiff(intersect(to, names(w$model)), but)
  if (overwrite || !length(taken)) {
    if (failed(got)) note(w, "a copy failed: ", words(got))
    return(failed(got))
  }
  if (!inherits(got, "mmappickle_error_key")) note(w, "a key that is taken: ", words(got))
  check_keys(w)
  TRUE
}

delete_values <- function(w) {
  m <- handle(w)
  keys <- some_of(names(w$model), 2L)
  got <- attempt(w, mmap_delete(m, c(keys, "no such key")))
  if (!inherits(got, "mmappickle_error_key")) note(w, "a key that is absent: ", words(got))
  check_keys(w)
  mmap_delete(m, keys)
  forget(w, keys)
  check_keys(w)
}

# Given, changed and taken away again: other steps know of none.
change_attribute <- function(w) {
  key <- some_key(w, "array")
  if (is.null(key)) return(invisible())
  m <- handle(w)
  wanted <- entry_of(w, key)$value
  for (value in list(some_text(1L), strrep("x", sample(300L, 1L)), 1:3, NULL)) {
    if (chance(0.5)) attr(m[[key]], "own") <- value else mmap_attr(m, key, "own") <- value
    attr(wanted, "own") <- value
    if (!identical(mmap_attr(m, key, "own"), value)) note(w, "mmap_attr() is wrong")
    expect_same(w, attempt(w, in_memory(m[[key]])), list(value = wanted), "with an attribute")
  }
  check_entry(w, key, "with an attribute")
}

# What was done is told, and only once.
follow_changes <- function(w) {
  m <- handle(w)
  path <- w$path
  follower <- mmapdict(path, readonly = TRUE)
  on.exit(close(follower))
  mmap_wait(follower, 0)
  before <- mmap_state(follower)
  old <- names(w$model)
  key <- one_of_these(w$keys)
  m[[key]] <- as.double(sample(9L, 3L))
  change <- mmap_wait(follower, 10)
  wanted <- if (key %in% old) "replaced" else "added"
  if (!identical(paste(change$key, change$change), paste(key, wanted))) {
    note(w, "mmap_wait() tells ", paste(change$key, change$change, collapse = ", "))
  }
  if (identical(mmap_state(path), before)) note(w, "mmap_state() is as it was")
  with_mmapdict(path, function(m) adopt_new(w, key, m))
}

adopt_new <- function(w, key, m) {
  keep(w, key, list(value = in_memory(m[[key]]), kind = "other", marked = TRUE), new = TRUE)
}

some_of <- function(x, most) x[sample.int(length(x), min(length(x), sample(most, 1L)))]
