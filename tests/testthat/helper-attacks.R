# An attack, read and kept in every way there is. For run_hostile(): "" if nothing happened.
check_attack <- function(case) {
  bytes <- case$bytes
  # The call whose result a pickle throws away leaves no trace.
  inert <- function(x) holds(x, NULL) || identical(x, 42L)
  on.exit(unlink(c("scratch", "scratch.lost", "plain"), recursive = TRUE))
  get_it <- function(expression) {
    tryCatch(list(suppressWarnings(expression)), error = function(e) {
      if (!is_ours(e)) stop(e)
      NULL
    })
  }
  writeBin(bytes, "plain")
  write_entry_file("scratch", "k", bytes[seq(3L, length(bytes) - 1L)])
  keep <- function(path, ...) {
    got <- get_it({
      m <- mmapdict(path)
      on.exit(close(m))
      value <- m[["k"]]
      print(entries(m))
      m[["copy"]] <- value
      vacuum(m, force = TRUE, ...)
      list(value, m[["copy"]])
    })
    if (is.null(got)) NULL else got[[1L]]
  }
  sink(nullfile())
  on.exit(sink(), add = TRUE)
  first <- get_it(read_pickle(bytes))
  if (length(first) && !inert(first[[1L]])) return("not inert")
  values <- c(
    first, get_it(read_pickle("plain", simplify = FALSE)),
    get_it(read_pickle(bytes, readers = list(no_such = identity))),
    keep("scratch", upgrade = TRUE), get_it({
      fsck("scratch", repair = TRUE, force = TRUE)
      NULL
    }), keep("scratch"),
    get_it({
      convert_pickle("plain", "converted")
      m <- mmapdict("converted", readonly = TRUE)
      on.exit(close(m))
      lapply(names(m), function(key) m[[key]])
    })
  )
  unlink("converted")
  for (x in values) {
    if (!is.null(x) && !is.list(x) && !inert(x)) return("a plain value")
    used <- use_value(x, x)
    if (nzchar(used)) return(used)
    get_it(as_python(x))
    stored <- get_it(write_pickle(x))
    if (length(stored)) get_it(read_pickle(stored[[1L]]))
  }
  left <- setdiff(list.files(all.files = TRUE, no.. = TRUE), c("scratch", "scratch.lost", "plain"))
  if (length(left)) paste("left", paste(left, collapse = ", ")) else ""
}
