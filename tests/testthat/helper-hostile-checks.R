# What each case of the corpora of hostile input has to give: NULL-free texts for
# run_hostile().

# Seconds on a machine that does other things, too.
slack <- 10

is_ours <- function(error) inherits(error, "mmappickle_error")

# Where the value rightly is another one than CPython's, in what need not be the same.
other_values <- c(
  "hash/set_dups", # which items are one, Python's equality says
  "protocol/frame_cuts_line", # a line over a frame's end: from a file CPython drops a part
  "foreign_ops/readonly_bytearray", # a memoryview is raw, as bytes are
  "transport/gzip" # is uncompressed, as a dump of joblib would be
)

check_pickle <- function(case) {
  bytes <- jsonlite::base64_dec(case$pickle)
  wanted <- case$expected
  run <- measured(read_pickle(bytes), collect = length(bytes) > 1e4)
  got <- run$value
  most <- max(wanted$mem_floor_mb, wanted$mem_multiple * length(bytes) / 2^20)
  if (run$mb > most) return(sprintf("%.0f MB instead of %.0f", run$mb, most))
  if (run$seconds > slack * wanted$time_s) return(paste(run$seconds, "s"))
  if (file.exists("PWNED_BY_PICKLE")) return("was executed")
  if (inherits(got, "error")) {
    if (!is_ours(got)) return(paste("another error:", conditionMessage(got)))
    if (wanted$outcome == "value") return(paste("no value:", conditionMessage(got)))
    return("")
  }
  value <- got[[1L]]
  # What is shared 2^30 times over stays small as long as nobody walks all of it.
  bomb <- startsWith(case$name, "expansion/") && wanted$outcome == "either"
  problem <- if (wanted$outcome == "error") {
    "no error"
  } else if (wanted$outcome == "refuse") {
    # A python_dict has keys of any kind, arrays among them, which Python cannot hash.
    as_key <- case$name == "numpy/array_as_key" && inherits(value, "python_dict")
    if (!holds(value, NULL) && !as_key) "a plain value"
  } else if (!is.null(wanted$value) && !is_python(value) && !bomb) {
    suppressWarnings(mismatch(value, wanted$value))
  }
  if (!is.null(problem) && !case$name %in% other_values) return(problem)
  again <- suppressWarnings(read_pickle(bytes))
  used <- use_value(value, again)
  if (nzchar(used)) return(used)
  stored <- tryCatch(suppressWarnings(write_pickle(value)), error = identity)
  if (inherits(stored, "error")) {
    return(if (is_ours(stored)) "" else paste("write:", conditionMessage(stored)))
  }
  read <- tryCatch(suppressWarnings(read_pickle(stored)), error = identity)
  if (inherits(read, "error")) return(paste("read again:", conditionMessage(read)))
  if (file.exists("PWNED_BY_PICKLE")) "was executed when used" else ""
}

# -- whole files ------------------------------------------------------------------------------

key_of <- function(d) {
  if (is.null(d$v)) hex_raw(d$utf8_surrogatepass_hex) else d$v
}

# The key's value in a list of one, the error, or NULL where there is no such key.
read_key <- function(m, key) {
  tryCatch(list(suppressWarnings(m[[key]])), mmappickle_error_key = function(e) NULL,
           error = identity)
}

# A value, as read_key() has it.
is_list_of_one <- function(got) is.list(got) && is.null(names(got)) && length(got) == 1L

# Each of these keys is there, with this value.
missing_values <- function(m, pairs) {
  for (pair in pairs) {
    got <- read_key(m, key_of(pair$key))
    label <- paste0("key '", format(key_of(pair$key)), "': ")
    if (is.null(got)) return(paste0(label, "is lost"))
    if (inherits(got, "error")) return(paste0(label, conditionMessage(got)))
    if (!is_python(got[[1L]])) {
      found <- suppressWarnings(mismatch(got[[1L]], pair$value))
      if (!is.null(found)) return(paste0(label, found))
    }
  }
  NULL
}

# What any reader does with an open file; NULL or what went wrong.
look_around <- function(m, used = TRUE) {
  tryCatch(suppressWarnings(entries(m)), error = function(e) if (!is_ours(e)) stop(e))
  utils::capture.output(print(m), utils::str(m), print(summary(m)))
  for (key in names(m)) {
    got <- read_key(m, key)
    if (inherits(got, "error") && !is_ours(got)) return(conditionMessage(got))
    if (used && is_list_of_one(got)) {
      problem <- use_value(got[[1L]], got[[1L]])
      if (nzchar(problem)) return(paste(key, problem))
    }
  }
  NULL
}

made_plain <- function(m, keys, case) {
  for (key in keys) {
    got <- read_key(m, key_of(key))
    if (is.null(got) || inherits(got, "error") || holds(got, NULL)) next
    if (is_known_value(got[[1L]], key, case)) next
    return(paste0("key '", key_of(key), "' has a plain value"))
  }
  NULL
}

# As pickle.load has it.
is_known_value <- function(value, key, case) {
  # The Python library's structured arrays, which nothing else reads: 32 levels are few enough.
  if (case$name == "array/dtype_deep") return(TRUE)
  said <- case$cpython$value
  for (pair in said$items) {
    if (identical(pair[[1L]]$v, key$v)) {
      found <- tryCatch(mismatch(value, pair[[2L]]), error = function(e) "not comparable")
      if (is.null(found) || identical(pair[[2L]]$t, "garbage")) return(TRUE)
    }
  }
  FALSE
}

check_file <- function(case) {
  bytes <- jsonlite::base64_dec(case$file)
  must <- case$must
  readable <- if (is.null(must$recover)) must$readable else must$recover
  repairable <- if (is.null(must$recover)) must$repair else list()
  path <- "scratch"
  writeBin(bytes, path)
  Sys.chmod(path, "0644")
  m <- tryCatch(suppressWarnings(mmapdict(path, readonly = TRUE)), error = identity)
  if (inherits(m, "error")) {
    if (!inherits(m, "mmappickle_error_format")) return(conditionMessage(m))
    if (must$open == "opens") return(paste("does not open:", conditionMessage(m)))
  } else {
    if (must$open == "error") return("opens")
    problem <- first_difference(missing_values(m, readable),
                                made_plain(m, must$no_plain_value, case), look_around(m))
    before <- Filter(is_list_of_one, lapply(stats::setNames(nm = names(m)), read_key, m = m))
    close(m)
    if (!is.null(problem)) return(problem)
  }
  plain <- tryCatch(suppressWarnings(read_pickle(path)), error = identity)
  if (inherits(plain, "error") && !is_ours(plain)) return(conditionMessage(plain))
  if (!identical(readBin(path, "raw", file.size(path)), bytes)) return("reading changed the file")
  opened <- !inherits(m, "error")
  problem <- check_repair(path, if (opened) before, if (opened) readable else repairable)
  if (file.exists("PWNED_BY_PICKLE")) "was executed" else problem %||% ""
}

# After a repair: what could be read is there still, and what has to come back is.
check_repair <- function(path, before, wanted) {
  # `force`: nobody else has it, and a look around all processes takes longer than all else.
  report <- tryCatch(suppressWarnings(fsck(path, repair = TRUE, force = TRUE)), error = identity)
  utils::capture.output(print(report))
  unlink(paste0(path, ".lost"))
  if (inherits(report, "error") && !is_ours(report)) return(conditionMessage(report))
  m <- tryCatch(suppressWarnings(mmapdict(path)), error = identity)
  if (inherits(m, "error")) {
    if (!is_ours(m)) return(conditionMessage(m))
    if (!is.null(before)) return("a repair has closed the file")
    return(NULL)  # entries behind the broken place: reported, not mended
  }
  on.exit(close(m))
  for (key in names(before)) {
    now <- read_key(m, key)
    if (is_list_of_one(now) && !is_small(now)) next
    if (!is_list_of_one(now) || !identical(now[[1L]], before[[key]][[1L]])) {
      return(paste0("key '", key, "' is another one after the repair"))
    }
  }
  problem <- first_difference(missing_values(m, wanted), look_around(m, used = FALSE))
  if (!is.null(problem)) return(problem)
  m[["more"]] <- 7L
  suppressWarnings(vacuum(m, force = TRUE, upgrade = TRUE))
  if (!identical(m[["more"]], 7L)) return("cannot be written to after a repair")
  missing_values(m, wanted)
}
