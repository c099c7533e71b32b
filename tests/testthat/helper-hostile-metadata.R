# R metadata that lies: pickles of plain values whose metadata claims what they are not.

# A value's opcodes. list(): a list, a dict where it has names or attribute "keys".
opcodes <- function(x) {
  if (is.null(x)) return(as.raw(0x4e))
  if (is.list(x)) {
    keys <- attr(x, "keys") %||% as.list(names(x))
    x <- unname(x)
    parts <- if (length(keys)) rbind(lapply(keys, opcodes), lapply(x, opcodes))
    else lapply(x, opcodes)
    end <- if (length(keys) || inherits(x, "dict")) "d" else "l"
    return(bytes_of("(", unlist(parts), end))
  }
  if (is.raw(x)) return(c(as.raw(c(0x43, length(x))), x))
  if (length(x) != 1L) return(opcodes(as.list(x)))
  if (is.logical(x)) return(as.raw(if (x) 0x88 else 0x89))
  if (is.integer(x)) return(c(as.raw(0x4a), i32(x)))
  if (is.double(x)) return(c(as.raw(0x47), writeBin(x, raw(), endian = "big")))
  bytes <- charToRaw(x)
  c(as.raw(0x58), i32(length(bytes)), bytes)
}

with_metadata <- function(value, metadata) {
  c(bytes_of(c(0x80, 4), opcodes(value), opcodes("mmappickle:R"), c(0x4b, 1)),
    opcodes(metadata), as.raw(c(0x87, 0x30, 0x2e)))
}

# Attributes as metadata has them: each a value, or list(value, metadata of the value).
attributes_that_lie <- function(...) {
  claims <- list(...)
  list(attributes = unname(Map(function(name, x) {
    nested <- is.list(x) && !is.null(x$is)
    if (nested) list(name, x$is, x$meta) else list(name, x)
  }, names(claims), claims)))
}

lying_values <- list(
  ints = as.list(c(1L, 2L, 99L)), doubles = as.list(c(1.5, -1e300, 3)),
  texts = list("a", "b", "c"), lists = list(list(1L), list("x", NULL), 3L),
  dict = list(a = list(1L, 2L), b = list("x", "y", "z")), int = 7L, text = "t",
  raw = as.raw(1:3), null = NULL, none = list()
)

lying_classes <- function() {
  c(
    "factor", "ordered", "Date", "POSIXct", "POSIXlt", "difftime", "data.frame", "tbl_df",
    "data.table", "integer64", "table", "ts", "mts", "noquote", "formula", "function",
    "environment", "externalptr", "S4", "name", "call", "(", "{", "<-", "matrix", "array",
    "numeric_version", "package_version", "octmode", "hexmode", "roman", "bibentry", "person",
    "citation", "recordedplot", "lm", "glm", "connection", "file", "DelayedArray", "dgCMatrix",
    "python_object", "python_dict", "ndarray", "mmarray", "mmapdict", "r_object",
    "empty_ndarray", "mmappickle_fsck", "mmappickle_lhs", "summary.mmapdict", "error",
    "condition", "srcref", "srcfile", "proc_time", "raster", "AsIs", "rle", "dist", "hclust",
    "dendrogram", "density", "ecdf", "stepfun", "terms", "htest", "ftable", "listof", "by",
    "Dlist", "simple.list", "ls_str", "Rd", "sessionInfo", "DLLInfo", "object_size",
    "vctrs_list_of", "vctrs_rcrd", "vctrs_vctr", "weakref", "promise", "itime", "IDate"
  )
}

# Each a list of name and pickle.
lying_metadata <- function() {
  cases <- list()
  add <- function(name, value, metadata) {
    cases[[length(cases) + 1L]] <<- list(
      name = name, pickle = with_metadata(lying_values[[value]], metadata)
    )
  }
  rows <- function(n) list(is = n, meta = list(type = "row.names"))
  long <- strrep("x", 5000)
  ints <- list(is = list(-5L, 99L, 2147483647L), meta = list(type = "integer"))
  claims <- list(
    names_short = list(names = list("a")), names_ints = list(names = list(1L, 2L, 3L)),
    names_null = list(names = NULL), names_lists = list(names = list(list(), list(), list())),
    dim_product = list(dim = list(2L, 2L)), dim_negative = list(dim = list(-1L, -3L)),
    dim_overflow = list(dim = list(65536L, 65536L)), dim_zero = list(dim = list(0L, 2147483647L)),
    dim_text = list(dim = "x"), dim_none = list(dim = list()), dim_na = list(dim = list(NULL, 3L)),
    dim_one = list(dim = 3L), dimnames_alone = list(dimnames = list(list("a"))),
    dimnames_wrong = list(dim = 3L, dimnames = list(list("a", "b"))),
    dimnames_ints = list(dim = 3L, dimnames = list(list(1L, 2L, 3L))),
    dim_names = list(dim = list(3L, 1L), names = list("a", "b", "c")),
    levels = list(levels = list("a"), class = "factor"),
    levels_none = list(levels = list(), class = "factor"),
    levels_numbers = list(levels = list(1L, 2.5), class = list("ordered", "factor")),
    tsp = list(tsp = list(1, 2, 3)), tsp_zero = list(tsp = list(0, 0, 0), class = "ts"),
    tsp_long = list(tsp = list(1, 1e9, 1), class = "ts"), tsp_text = list(tsp = "x"),
    rows_short = list(class = "data.frame", names = list("a", "b", "c"), row.names = list("r")),
    rows_huge = list(class = "data.frame", row.names = rows(-2147483647L)),
    rows_positive = list(class = "data.frame", row.names = rows(2147483647L)),
    rows_twice = list(class = "data.frame", row.names = list("r", "r")),
    rows_list = list(class = "data.frame", row.names = list(list(), 1L)),
    rows_ints = list(class = "data.frame", row.names = ints),
    frame_only = list(row.names = rows(-3L), class = "data.frame"),
    tibble = list(class = list("tbl_df", "tbl", "data.frame"), row.names = rows(-2147483647L)),
    table = list(class = list("data.table", "data.frame"), row.names = rows(-2147483647L)),
    table_keys = list(class = list("data.table", "data.frame"), sorted = list("zz", "a"),
                      row.names = rows(-3L)),
    table_index = list(
      class = list("data.table", "data.frame"), row.names = rows(-2L),
      index = list(is = list(), meta = list(attributes = list(list("__a", list(-5L, 2147483647L)))))
    ),
    selfref = list(class = list("data.table", "data.frame"), .internal.selfref = list(1L)),
    zone = list(class = list("POSIXct", "POSIXt"), tzone = long),
    zone_path = list(class = list("POSIXct", "POSIXt"), tzone = "../../../../etc/passwd"),
    zone_list = list(class = list("POSIXct", "POSIXt"), tzone = list(1L, 2L)),
    units = list(class = "difftime", units = list("aeons", "days")),
    units_int = list(class = "difftime", units = 5L), lt = list(class = list("POSIXlt", "POSIXt")),
    lt_balanced = list(class = list("POSIXlt", "POSIXt"), balanced = TRUE),
    class_int = list(class = 5L), class_list = list(class = list(list())),
    class_empty = list(class = ""), class_long = list(class = long),
    class_package = list(class = list(
      is = "numeric", meta = list(attributes = list(list("package", "methods")))
    )),
    comment = list(comment = list(1L)), srcref = list(srcref = list(1L, 2L)),
    srcref_class = list(srcref = ints, class = "srcref"), name_empty = list(1L),
    name_odd = list(`a b\n` = 1L), environment = list(.Environment = list(
      is = "global", meta = list(type = "environment")
    ))
  )
  for (value in names(lying_values)) {
    for (claim in names(claims)) {
      add(paste0(value, "/", claim), value, do.call(attributes_that_lie, claims[[claim]]))
    }
    for (type in c("factor", "integer", "double", "character", "logical", "list", "pairs", "call",
                   "symbol", "pairlist", "expression", "environment", "row.names", "dict",
                   "no such type", "")) {
      add(paste0(value, "/type_", type), value, list(type = type))
      add(paste0(value, "/typed_", type), value, c(
        list(type = type, value = list(-2147483647L, 5L, 3L)),
        attributes_that_lie(levels = list("a", "b"), class = "factor", dim = 3L, names = "n")
      ))
    }
  }
  for (class in lying_classes()) {
    for (value in c("ints", "lists", "dict", "text")) {
      add(paste0(value, "/class_", class), value, attributes_that_lie(class = class))
    }
  }
  children <- function(keys) structure(lapply(keys, function(k) list(type = "call")), keys = keys)
  for (keys in list(list(5L), list(-1L), list("a"), list(NULL), list(2147483647L), list(0L, 0L))) {
    add(paste0("children/", deparse1(keys)), "lists", list(children = children(keys)))
  }
  for (bytes in list(list(-1L), list(2147483647L), list("x"), list(2L, 1L, 0L))) {
    add(paste0("bytes/", deparse1(bytes)), "texts", list(type = "character", bytes = bytes))
  }
  for (member in c("type", "value", "bytes", "children", "attributes", "stray")) {
    for (x in list(1L, list(), list(1L, 2L), list(list("a")), list(list("names", 1L, 2L, 3L)))) {
      add(paste0("member/", member, " ", deparse1(x)), "ints",
          stats::setNames(list(x), member))
    }
  }
  cases
}

check_metadata <- function(case) {
  got <- tryCatch(list(suppressWarnings(read_pickle(case$pickle))), error = identity)
  if (inherits(got, "error")) {
    return(if (is_ours(got)) "" else paste("another error:", conditionMessage(got)))
  }
  x <- got[[1L]]
  again <- suppressWarnings(read_pickle(case$pickle))
  use_value(x, again, most_s = 2)
  # Whatever R makes of these: it is alive afterwards.
  if (is_small(x)) use_in_any_way(x)
  stored <- suppressWarnings(tryCatch(write_pickle(x), error = identity))
  if (inherits(stored, "error") && !is_ours(stored)) {
    return(paste("write:", conditionMessage(stored)))
  }
  if (is.raw(stored)) {
    read <- tryCatch(list(suppressWarnings(read_pickle(stored))), error = identity)
    if (inherits(read, "error")) return(paste("read again:", conditionMessage(read)))
  }
  gc_now()
  ""
}

use_in_any_way <- function(x) {
  sink(nullfile())
  on.exit(sink())
  for (way in list(length, names, dim, as.list, rev, unique, sort, summary, levels, as.character,
                   is.na, as.data.frame, function(x) x[1L], function(x) x[[1L]],
                   function(x) x[["a"]], function(x) x$a, function(x) c(x, x),
                   function(x) rep(x, 2L), function(x) x[x == 2L], function(x) x == x,
                   function(x) utils::head(x, 2L), function(x) x[a == 2L], row.names,
                   function(x) print(`[[<-`(x, 1L, 5L)), function(x) `names<-`(x, "z"),
                   function(x) serialize(x, NULL), function(x) unlist(x), format, as.vector)) {
    try_for(way(x), 2)
  }
}

# Broken memory shows when it is collected: now and then is enough.
gc_now <- local({
  calls <- 0L
  function() {
    calls <<- calls + 1L
    if (calls %% 50L == 0L) gc()
  }
})
