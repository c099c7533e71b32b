# The bytes that are written for a plain value are those of the Python library.

# Values that R holds without metadata: they come back as R reads Python's plain values.
plain_in_r <- function(d) {
  switch(d$t,
    None = , bool = , complex = , bytes = is.null(d$id),
    float = TRUE,
    int = abs(as.numeric(d$v)) < 2^31,
    str = !is.null(d$v),
    list = is.null(d$id) && plain_list(d$items),
    dict = is.null(d$id) && plain_dict(d$items),
    FALSE
  )
}

# A list of str is a character vector, unless it has a single item; another list of scalars
# of one kind would be a NumPy array.
plain_list <- function(items) {
  kind <- simple_kind(items)
  if (!is.null(kind)) {
    return(kind == "character" && length(items) != 1L)
  }
  all(vapply(items, plain_in_r, NA))
}

plain_dict <- function(items) {
  keys <- lapply(items, `[[`, 1L)
  all(vapply(keys, function(k) k$t == "str" && !is.null(k$v) && nzchar(k$v), NA)) &&
    all(vapply(items, function(pair) plain_in_r(pair[[2L]]), NA))
}

test_that("plain values are written with the bytes of the Python library", {
  skip_if_not_installed("jsonlite")
  connection <- gzfile(shared("corpus", "encodings.jsonl.gz"))
  lines <- readLines(connection, warn = FALSE)
  close(connection)
  m <- local_store()
  compared <- 0
  for (line in lines) {
    case <- read_json(line)
    if (!plain_in_r(case$value) || !is.null(case$loaded)) next
    # Equal strings that are two objects in Python: R has no two, so it shares them.
    if (case$name == "memo_equal_strs_not_same") next
    bytes <- hex_raw(case$entry_hex)
    source <- mmapdict(write_entry_file(new_path(), "k", bytes, case$memo_max), readonly = TRUE)
    value <- source[["k"]]
    expect_described(value, case$value, label = case$name)
    fresh <- mmapdict(new_path())
    fresh["k"] <- list(value)
    written <- file_bytes(path_of(fresh))
    # header, FRAME, SHORT_BINUNICODE k; at the end memo max, POP, state, POP, terminator
    got <- written[(24 + 9 + 3 + 1):(length(written) - 11 - 8)]
    # Behind the value there may be R metadata: a tuple that is pushed and dropped.
    value_hex <- sub("8c0c6d6d61707069636b6c653a52.*$", "", raw_hex(got))
    expect_identical(value_hex, case$entry_hex, label = case$name)
    close(source)
    close(fresh)
    compared <- compared + 1
  }
  expect_gte(compared, 150)
})
