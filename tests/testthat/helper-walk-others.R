# An array as others have it: Python in the other session, who writes to it, too, and Arrow.
array_for_others <- function(w) {
  key <- some_key(w, "array")
  if (is.null(key)) return()
  value <- entry_of(w, key)$value
  if (requireNamespace("nanoarrow", quietly = TRUE) && is.numeric(value) && !is.object(value)) {
    got <- attempt(w, nanoarrow::as_nanoarrow_array(mmarray(handle(w), key)))
    wanted <- if (is.null(dim(value))) value else aperm(value)
    if (any(dim(value)[-1L] == 0)) {
      if (!ours(got)) note(w, "Arrow has lists of no items")
    } else if (failed(got)) {
      note(w, "Arrow: ", words(got))
    } else {
      nanoarrow::infer_nanoarrow_schema(mmarray(handle(w), key))
      values <- as.double(unlist(nanoarrow::convert_array(got$value)))
      expect_same(w, list(value = values), list(value = as.double(wanted)), "Arrow")
    }
  }
  if (is.null(w$session) || !requireNamespace("reticulate", quietly = TRUE)) return()
  got <- w$session$run(function(path, key, python) {
    Sys.setenv(RETICULATE_PYTHON = python)
    m <- mmappickle::mmapdict(path)
    on.exit(close(m))
    if (is.integer(m[[key]])) reticulate::r_to_py(m[[key]])
    map <- reticulate::r_to_py(mmappickle::mmarray(m, key))
    copy <- mmappickle::read_pickle(mmappickle::write_pickle(map))
    map$`__setitem__`(reticulate::import_builtins(convert = FALSE)$Ellipsis, map$copy())
    rm(map)
    gc()
    copy
  }, list(w$path, key, python()))
  plain <- function(x) {
    attributes(x) <- NULL
    if (is.raw(x)) as.integer(x) else x
  }
  same <- same_value(as.vector(in_memory(got)), as.vector(plain(value))) ||
    identical(as.character(plain(got)), as.character(plain(value)))
  if (!same && !is.object(value)) note(w, "a copy of Python's has ", words(got))
  check_entry(w, key, "what Python wrote upon itself")
}
