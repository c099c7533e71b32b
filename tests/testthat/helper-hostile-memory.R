# Pickles that need the most memory for each byte: a list of so many items of the fewest
# bytes each.

worst_pickle <- function(name, mb) {
  op <- function(...) bytes_of(...)
  many <- function(unit) rep(unit, ceiling(mb * 2^20 / length(unit)))
  pickle <- function(...) c(op(0x80, 4), ..., op("."))
  list_of <- function(unit, last = raw()) pickle(op("]("), many(unit), last, op("e"))
  object <- op("ca\nb\nq", 0, "0")
  mixed <- op("]") # no vector, but a list of single values
  # Of these only the one that is asked for is made.
  pickles <- alist(
    ints = list_of(op("K", 1)), mixed_ints = list_of(op("K", 1), mixed),
    none = list_of(op("N")), mixed_none = list_of(op("N"), mixed),
    logical = list_of(op(0x88)), doubles = list_of(op("G", 63, 248, raw(6)), mixed),
    texts = list_of(op(0x8c, 1, "a")), mixed_texts = list_of(op(0x8c, 1, "a"), mixed),
    empty_texts = list_of(op(0x8c, 0), mixed), bytes = list_of(op("C", 0)),
    tuples = list_of(op("N", 0x85)), lists = list_of(op("]")), sets = list_of(op(0x8f)),
    dicts = list_of(op("}")), python_dicts = list_of(op("}NNs")),
    memo = pickle(op("N"), rep(as.raw(0x94), mb * 2^20)),
    long_ints = list_of(op(0x8a, 9, raw(8), 1)),
    long_text = pickle(op("X"), i32(mb * 2^20), rep(as.raw(97L), mb * 2^20)),
    objects = pickle(object, op("]("), many(op("h", 0, ")", 0x81)), op("e")),
    classes = pickle(object, op("]("), many(op("h", 0)), op("e")),
    persistent = list_of(op("NQ")),
    nested_lists = pickle(rep(op("]"), mb * 2^19), op("N"), rep(op("a"), mb * 2^19)),
    nested_tuples = pickle(op("N"), rep(as.raw(0x85), mb * 2^20))
  )
  if (missing(name)) names(pickles) else eval(pickles[[name]])
}

# Reading takes at most 500 bytes for each byte of the file, and 64 MB.
most_memory <- function(bytes) 500 * bytes / 2^20 + 64

check_memory <- function(case) {
  on.exit(unlink("scratch"))
  options(mmappickle.max_depth = Inf) # else the worst would be refused
  bytes <- worst_pickle(case$name, case$mb)
  most <- most_memory(length(bytes))
  read <- list(
    read_pickle = function() read_pickle("scratch"),
    mmapdict = function() {
      m <- mmapdict("scratch", readonly = TRUE)
      on.exit(close(m))
      m[["k"]]
    }
  )
  for (way in names(read)) {
    if (way == "mmapdict") {
      write_entry_file("scratch", "k", bytes[seq(3L, length(bytes) - 1L)], memo_max = 2^21)
    } else {
      writeBin(bytes, "scratch")
    }
    run <- measured(read[[way]](), collect = TRUE)
    if (inherits(run$value, "error")) return(paste(way, conditionMessage(run$value)))
    if (run$mb > most) return(sprintf("%s: %.0f MB of %.0f", way, run$mb, most))
  }
  ""
}
