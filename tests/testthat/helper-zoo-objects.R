# The zoo's objects, data frames and lists (see helper-zoo.R).

# Objects as R's functions make them.
zoo_objects <- function() {
  frame <- data.frame(y = c(1.5, 2, 4, 3), g = factor(c("a", "b", "a", "b")))
  in_global <- function(formula) `environment<-`(formula, globalenv())
  counts <- table(a = c("x", "y", "x"), b = c(TRUE, FALSE, NA), useNA = "always")
  named <- structure(list(a = 1, b = "x"), class = c("own_child", "own"))
  list(
    numeric_version = numeric_version(c("1.2.3", "4")),
    package_version = package_version("4.2.0"),
    `numeric_version NA` = numeric_version("x", strict = FALSE),
    table = table(c("a", "b", "a")), `table 2` = counts, `table 0` = table(character()),
    `table prop` = prop.table(counts), ts = ts(c(1, 3, 2), start = c(2020, 2), frequency = 12),
    mts = ts(matrix(1:6, 3, dimnames = list(NULL, c("a", "b"))), start = 1990),
    dist = dist(matrix(1:6, 3)), `dist labels` = dist(matrix(c(a = 1, b = 4, c = 9), 3)),
    xtabs = xtabs(~ g, frame), `xtabs 2` = xtabs(y ~ g, frame),
    `model frame` = model.frame(in_global(y ~ g), frame),
    `model frame log` = model.frame(in_global(log(y) ~ 1), frame),
    `I()` = I(1), `I() 2` = I(c("a", "b")), `I() list` = I(list(1, "a")), `I() text` = I("a"),
    `I() NA` = I(NA), `I() matrix` = I(matrix(1:4, 2)), `I() factor` = I(factor("a")),
    octmode = as.octmode(c(8L, 64L)), hexmode = as.hexmode(255L), noquote = noquote("a"),
    roman = as.roman(c(4, 9)), rle = rle(c(1, 1, 2)), `object size` = object.size(1:10),
    summary = summary(c(1, 2, 9)), quantile = quantile(1:9),
    `by list` = split(1:4, c(1, 2, 1, 2)),
    `simple list` = structure(list(a = 1), class = "simple.list"),
    person = person("A", "B", email = "a@b.c"), `S3 list` = named,
    `S3 of a list in a list` = list(named),
    `S3 without names` = structure(list(1, 2), class = "own"),
    `S3 scalar` = structure(1, class = "own"),
    `S3 text` = structure("a", class = "own"), `S3 flag` = structure(NA, class = "own"),
    `S3 empty list` = structure(list(), class = "own"),
    `S3 raw` = structure(as.raw(1:3), class = "own"),
    htest = t.test(c(1, 2, 3, 4)),
    `list of Dates` = list(Sys.Date()[0], as.Date("2020-01-01")),
    `matrix` = matrix(1:6, 2),
    `matrix names` = matrix(1:4 + 0, 2, dimnames = list(c("a", "b"), NULL)),
    `matrix named dimnames` = matrix(1:2, 1, dimnames = list(r = "x", c = c("p", "q"))),
    `matrix 0` = matrix(0, 0, 3), `matrix 0 0` = matrix(character(), 0, 0),
    `matrix 1` = matrix(NA), `matrix text` = matrix(c("a", NA, "c", "d"), 2),
    `matrix raw` = matrix(as.raw(1:6), 3), `matrix complex` = matrix(c(1i, NA, 3, 4), 2),
    `matrix with NA` = matrix(c(1L, NA, 3L, 4L, 5L, 6L), 2), `array 3` = array(1:24, 2:4),
    `array 1` = array(1:3, 3), `array 1 names` = array(1:2, 2, list(n = c("a", "b"))),
    `array 4` = array(rnorm(16), c(2, 2, 2, 2)), `array 0` = array(0, c(2, 0, 3)),
    `list matrix` = matrix(list(1, "a", NULL, TRUE), 2),
    `list matrix text` = matrix(list("a", "b", NULL, "d"), 2),
    `list matrix 0` = matrix(list(), 0, 2),
    `list array` = array(list(1, 2:3), c(1, 2, 1), list("a", NULL, "b")),
    `matrix integer64` = structure(int64(1:4, c(0L, 0L, NA, 0L)), dim = c(2L, 2L)),
    `matrix dimnames 0` = structure(1:2, dim = c(2L, 1L), dimnames = list(NULL, NULL))
  )
}

# -- data frames ------------------------------------------------------------------------------

frame_of <- function(columns, row.names, class = "data.frame") {
  structure(columns, row.names = row.names, class = class)
}

zoo_frames <- function() {
  every <- list(
    l = c(TRUE, NA), i = c(1L, NA), d = c(1.5, NA), z = c(1i, NA), s = c("a", NA),
    r = as.raw(1:2),
    f = factor(c("u", NA)), D = as.Date(c("2020-01-01", NA)),
    t = time_of(c(0, NA), tzone = "UTC"),
    u = as.difftime(c(1, 2), units = "hours"), b = int64(1:2, c(0L, 0L)), k = list(1, "a"),
    n = list(a = 1, b = 2:3), m = matrix(1:4, 2), q = I(c("x", "y")),
    df = data.frame(p = 1:2, q = c("a", "b")), lt = as.POSIXlt(time_of(c(0, 1), tzone = "UTC"))
  )
  one <- lapply(every, function(x) if (length(dim(x)) == 2L) x[1L, , drop = FALSE] else x[1L])
  none <- lapply(every, function(x) if (length(dim(x)) == 2L) x[0L, , drop = FALSE] else x[0L])
  plain <- data.frame(x = 1:3, y = c(0.5, 1, 2), z = c("a", "b", "c"))
  tibble <- c("tbl_df", "tbl", "data.frame")
  c(list(
    `frame` = plain, `frame every column` = frame_of(every, c(NA, -2L)),
    `frame one row` = frame_of(one, c(NA, -1L)), `frame no row` = frame_of(none, integer()),
    `frame no column` = frame_of(setNames(list(), character()), c(NA, -3L)),
    `frame nothing` = data.frame(), `frame subset` = plain[c(3, 1), ],
    `frame row names` = frame_of(list(a = 1:2), c("r1", "r2")),
    `frame integer row names` = frame_of(list(a = 1:2), c(5L, 9L)),
    `frame counted row names` = frame_of(list(a = 1:2), c(NA, 2L)),
    `frame dropped rows` = plain[2:3, ],
    `frame repeated names` = frame_of(list(a = 1, a = "x"), 1L),
    `frame empty name` = frame_of(setNames(list(1, 2), c("", "a")), 1L),
    `frame NA name` = frame_of(setNames(list(1, 2), c(NA, "a")), 1L),
    `frame of one text` = data.frame(a = "x"), `frame of one NA` = data.frame(a = NA),
    `frame names UTF-8` = setNames(plain, c("\u00e9", latin1("\u00fc"), "a b")),
    `frame attribute` = structure(plain, note = list(1, "a"), codes = c(x = 1L)),
    `frame of odd columns` =
      frame_of(list(x = c(a = 1, b = 2), y = structure(1:2, unit = "cm")), 1:2),
    `frame matrix names` =
      frame_of(list(m = matrix(1:4, 2, dimnames = list(NULL, c("a", "b")))), 1:2),
    `frame in a frame` =
      frame_of(list(o = plain[1:2, ], p = frame_of(list(q = plain[1:2, ]), 1:2)), 1:2),
    `frame of unequal columns` = frame_of(list(a = 1:3, b = 1), c(NA, -3L)),
    `frame without row names` = structure(list(a = 1), class = "data.frame"),
    `frame without names` = frame_of(list(1, 2), 1L), `frame of a vector` = frame_of(1:3, 1L),
    `tibble-like` = frame_of(list(a = 1:2, b = list(1, "a")), c(NA, -2L), tibble),
    `tibble-like one row` = frame_of(list(a = "x", b = list(NULL)), c(NA, -1L), tibble),
    grouped = structure(
      frame_of(list(g = 1:2), c(NA, -2L), c("grouped_df", tibble)),
      groups = frame_of(list(g = 1:2, .rows = list(1L, 2L)), c(NA, -2L), tibble)
    ),
    `data.table-like` = frame_of(list(a = 1:2), c(NA, -2L), c("data.table", "data.frame")),
    `frame list column names` =
      frame_of(list(k = setNames(list(1, NULL, 2), c("a", "", "a"))), 1:3)
  ), if (requireNamespace("tibble", quietly = TRUE)) {
    list(tibble = tibble::tibble(a = 1:2, b = c("x", NA), c = list(1, NULL)),
         `tibble 0` = tibble::tibble(),
         `tibble 1` = tibble::tibble(when = as.Date("2020-01-01")))
  })
}

# -- lists ------------------------------------------------------------------------------------

zoo_lists <- function() {
  deep <- "bottom"
  for (i in seq_len(40)) deep <- list(deep)
  list(
    `list 0` = list(), `list named 0` = setNames(list(), character()),
    `list NULL` = list(NULL),
    `list NULLs` = list(NULL, NULL), `list numbers` = list(1, 2),
    `list integers` = list(1L, 2L),
    `list text` = list("a"), `list flags` = list(TRUE, NULL),
    `list of NA` = list(NA, NA_integer_),
    `list NA text` = list("a", NA_character_), `list mixed numbers` = list(1L, 2.5),
    `list named` = list(a = 1, b = "x", c = NULL), `list part named` = list(a = 1, 2),
    `list repeated names` = list(a = 1, a = 2),
    `list empty names` = setNames(list(1, 2), c("", "")),
    `list NA names` = setNames(list(1, 2), c(NA, "a")), `list "NA" name` = list(`NA` = 1),
    `list one NA name` = setNames(list(1), NA_character_),
    `list names equal in UTF-8` = setNames(list(1, 2), c("\u00e9", latin1("\u00e9"))),
    `list latin1 name` = setNames(list(1), latin1("\u00e9")),
    `list bytes name` = setNames(list(1), as_bytes(0xff)),
    `list long name` = setNames(list(1), strrep("n", 70000)),
    `list shared` = (function(s) list(s, s, list(s)))(c(1, 2)), `list deep` = deep,
    `list one each` = list(TRUE, 1L, 1, 1i, "a", as.raw(1), NULL, list()),
    `list of vectors` = list(1:3, c("a", "b"), c(TRUE, NA)),
    `list of lists` = list(list(1), list(2, 3)),
    `list many` = as.list(1:300), `list with attributes` = structure(
      list(structure(1, a = 1), structure(list(2), b = structure("x", c = list(NULL)))),
      d = structure(list(e = NULL), f = 1)
    ),
    `list named like metadata` =
      list(type = "list", attributes = list(), children = NULL, value = 1),
    `list named like a tuple` = list("mmappickle:R", 1L, list(type = "raw"))
  )
}

# -- values from Python -----------------------------------------------------------------------

# What R reads of the files that the Python library wrote: views of every dtype, objects of
# every class.
zoo_python <- function(folder) {
  files <- c("objects", "objects-classes", "objects-pandas", "dtypes", "masked", "orders",
             "unaligned")
  values <- lapply(files, function(file) {
    m <- suppressWarnings(
      mmappickle::mmapdict(file.path(folder, paste0(file, ".mmdpickle")), readonly = TRUE)
    )
    keys <- names(m)
    found <- suppressWarnings(lapply(keys, function(key) m[[key]]))
    close(m)
    stats::setNames(found, paste(file, keys))
  })
  do.call(c, values)
}
