# Python's own classes, by the rule rather than by what Python happens to write: pickles of
# protocol 0 by hand, whose opcodes are text.

call <- function(name, ...) paste0("c", sub(" ", "\n", name), "\n(", ..., "tR")
text <- function(x) paste0("V", x, "\n")
whole <- function(x) paste0("I", x, "\n")
bytes <- function(...) {
  escaped <- paste(sprintf("\\u%04x", as.integer(c(...))), collapse = "")
  call("_codecs encode", text(escaped), text("latin1"))
}
class_of <- function(...) .subset2(read_pickle(charToRaw(paste0(...))), "class")
expect_inert <- function(x, class) {
  expect_s3_class(x, "python_object")
  expect_identical(.subset2(x, "class"), class)
}
load <- function(...) read_pickle(charToRaw(enc2utf8(paste0(..., "."))))

test_that("bytes come from bytes, from text with a codec, from small ints", {
  expect_identical(load(call("builtins bytes", "")), raw())
  expect_identical(load(call("_codecs encode", text("ab"), text("utf-8"))), as.raw(c(97, 98)))
  expect_identical(load(call("builtins bytearray", text("ab"), text("latin-1"))),
                   as.raw(c(97, 98)))
  ints <- paste0("(l", whole(1), "a", whole(255), "a")
  expect_identical(load(call("builtins bytes", ints)), as.raw(c(1, 255)))
  wide <- paste0("(l", whole(256), "a")
  expect_inert(load(call("builtins bytes", wide)), "builtins.bytes")
  # bytes(5) would be five zeros, or as many as a file likes
  expect_inert(load(call("builtins bytes", whole(5))), "builtins.bytes")
  expect_inert(load(call("_codecs encode", text("ab"), text("rot13"))), "_codecs.encode")
  # the same text in two encodings
  both <- paste0("(", text("\\u00e9"), "p0\n0(", call("_codecs encode", "g0\n", text("latin1")),
                 call("_codecs encode", "g0\n", text("utf8")), "l")
  expect_identical(load(both), list(as.raw(0xe9), as.raw(c(0xc3, 0xa9))))
})

test_that("plain types called with a value of their own type, or none", {
  expect_identical(load(call("builtins int", "")), 0L)
  expect_identical(load(call("builtins str", text("a"))), "a")
  expect_identical(load(call("builtins float", "F1.5\n")), 1.5)
  expect_identical(load(call("builtins bool", "")), FALSE)
  expect_identical(load(call("builtins complex", "F1\nF2\n")), 1 + 2i)
  expect_inert(load(call("builtins int", text("7"))), "builtins.int")
  expect_inert(load(call("builtins str", whole(7))), "builtins.str")
})

test_that("containers come from what they are called with", {
  two <- paste0("(l", whole(1), "a", whole(2), "a")
  expect_identical(load(call("builtins set", two)), 1:2)
  expect_identical(load(call("collections deque", two, "N")), 1:2)
  expect_identical(load(call("collections deque", two, whole(2))), 1:2)
  expect_inert(load(call("collections deque", two, whole(1))), "collections.deque")
  expect_inert(load(call("builtins set", two, two)), "builtins.set")
  pairs <- paste0("(l(l", text("a"), "a", whole(1), "aa")
  expect_identical(load(call("collections OrderedDict", pairs)), list(a = 1L))
  expect_inert(load(call("collections OrderedDict", two)), "collections.OrderedDict")
  dict <- paste0("(d", text("a"), whole(1), "s")
  expect_identical(load(call("collections Counter", dict)), list(a = 1L))
  expect_identical(load(call("collections defaultdict", "cbuiltins\nlist\n", dict)), list(a = 1L))
  factory <- call("functools partial", "cbuiltins\nlist\n")
  expect_identical(load(call("collections defaultdict", factory), text("k"), whole(2), "s"),
                   list(k = 2L))
  expect_inert(load(call("builtins dict", "cbuiltins\nlist\n")), "builtins.dict")
  # with attributes of its own it is more than a dict
  state <- paste0("(d", text("name"), text("x"), "sb")
  expect_inert(load(call("collections OrderedDict", ""), state), "collections.OrderedDict")
  expect_identical(load(call("builtins range", whole(2), whole(9), whole(3))), c(2L, 5L, 8L))
})

test_that("classes are named as they are, whatever makes their objects", {
  expect_identical(class_of("ccopyreg\n_reconstructor\n(cmod\nC\ncbuiltins\nobject\nNtR."), "mod.C")
  expect_identical(class_of("ccopyreg\n__newobj__\n(cmod\nC\ntR."), "mod.C")
  expect_identical(class_of("carray\n_array_reconstructor\n(carray\narray\nVd\nI16\nNtR."),
                   "array.array")
  inner <- "cbuiltins\ngetattr\n(cmod\nOuter\nVInner\ntR"
  expect_identical(class_of(inner, "(tR."), "mod.Outer.Inner")
  # what an attribute is nobody knows: a class, a member of an enum, a function
  expect_identical(class_of(inner, "."), "builtins.getattr")
  maker <- paste0("cfunctools\npartial\n(cbuiltins\ngetattr\n(cmod\nC\nV__new__\ntRtR")
  expect_identical(class_of(maker, "(tR."), "mod.C")
  expect_identical(class_of("cmod\nf\n."), "mod.f")
  expect_identical(class_of("cmod.sub\nf\n(tR."), "mod.sub.f")
  deep <- paste0(strrep("cbuiltins\ngetattr\n(", 1000), "cmod\nC\n", strrep("Va\ntR", 1000))
  expect_identical(class_of(deep, "(tR."), "object")
})

test_that("names of Python 2 are those of Python 3", {
  expect_identical(class_of("cexceptions\nValueError\n(Vx\ntR."), "builtins.ValueError")
  expect_identical(class_of("cexceptions\nStandardError\n."), "builtins.Exception")
  expect_identical(class_of("c__builtin__\nunichr\n."), "builtins.chr")
  expect_identical(class_of("cUserDict\nUserDict\n(tR."), "collections.UserDict")
  expect_identical(class_of("curllib2\nHTTPError\n."), "urllib.error.HTTPError")
  expect_identical(class_of("(iQueue\nEmpty\n."), "queue.Empty")
  expect_identical(class_of("cmod\nQueue\n."), "mod.Queue")
  expect_identical(load("(d", "S'a'\n", whole(1), "s"), list(a = 1L))
  expect_identical(load("(l", "S'a'\na", "Na"), c("a", NA))
  # from protocol 3 on a module of that name is somebody's own
  expect_identical(.subset2(read_pickle(c(as.raw(c(0x80, 3)), charToRaw("cQueue\nEmpty\n."))),
                            "class"), "Queue.Empty")
})

test_that("times have the zone that they say", {
  noon <- bytes(0x07, 0xe5, 7, 1, 12, 0, 0, 0, 0, 0)
  moment <- function(zone) load(call("datetime datetime", noon, zone))
  utc <- as.POSIXct("2021-07-01 12:00:00", tz = "UTC")
  expect_identical(moment("N"), utc)
  expect_identical(moment(call("pytz _UTC", "")), utc)
  expect_identical(moment(call("dateutil.tz.tz tzutc", "")), utc)
  summer <- call("pytz _p", text("Europe/Zurich"), whole(7200), whole(3600), text("CEST"))
  zurich <- as.POSIXct("2021-07-01 12:00:00", tz = "Europe/Zurich")
  expect_identical(moment(summer), zurich)
  zone <- paste0(call("builtins getattr", "czoneinfo\nZoneInfo\n", text("_unpickle")),
                 "(", text("Europe/Zurich"), "I01\ntR")
  expect_identical(moment(zone), zurich)
  hours <- function(h) {
    seconds <- h * 3600
    call("datetime timezone", call("datetime timedelta", whole(seconds %/% 86400),
                                   whole(seconds %% 86400), whole(0)))
  }
  expect_identical(moment(hours(2)), as.POSIXct("2021-07-01 12:00:00", tz = "Etc/GMT-2"))
  expect_inert(moment(call("mod Zone", "")), "datetime.datetime")
  expect_inert(moment(call("zoneinfo ZoneInfo", whole(1))), "datetime.datetime")
  # no such day
  feb30 <- bytes(0x07, 0xe5, 2, 30, 12, 0, 0, 0, 0, 0)
  expect_inert(load(call("datetime datetime", feb30)), "datetime.datetime")
  clock <- bytes(23, 59, 59, 0, 0, 1)
  expect_equal(load(call("datetime time", clock)),
               as.difftime(86399.000001, units = "secs"))
  time <- function(zone) load(call("datetime time", clock, zone))
  aware <- as.difftime(86399.000001, units = "secs")
  expect_equal(time(call("pytz _UTC", "")), structure(aware, tzone = "UTC"))
  expect_equal(time(hours(2)), structure(aware, tzone = "Etc/GMT-2"))
  expect_equal(time(hours(5.5)), structure(aware, tzone = "<+0530>-05:30"))
  expect_equal(time(zone), structure(aware, tzone = "Europe/Zurich"))
  expect_inert(time(call("mod Zone", "")), "datetime.time")
  expect_identical(load(hours(0)), "UTC")
  expect_identical(load(hours(-9)), "Etc/GMT+9")
  expect_identical(load(hours(-9.5)), "<-0930>09:30")
  expect_inert(load(call("datetime timezone", whole(1))), "datetime.timezone")
})

test_that("structured arrays with objects are data frames, StringDType text", {
  code <- function(name, more) {
    paste0(call("numpy dtype", text(name), "I00\nI01\n"), "(I3\n", text("|"), more, "tb")
  }
  plain <- "NNNI-1\nI-1\nI63\n"
  field <- function(name, offset) paste0(text(name), "(", code("O8", plain), whole(offset), "ts")
  dtype <- code("V16", paste0("N(", text("a"), text("b"), "t(d", field("a", 0), field("b", 8),
                              "I16\nI1\nI27\n"))
  array <- function(shape, items) {
    paste0(call("numpy.core.multiarray _reconstruct", "cnumpy\nndarray\n(I0\nt", bytes(98)),
           "(I1\n(", shape, "t", dtype, "I00\n(l", items, "tb")
  }
  one <- paste0("(", whole(1), text("x"), "ta")
  two <- paste0("(", "N(l", whole(2), "a", "ta")
  x <- load(array(whole(2), paste0(one, two)))
  expect_identical(class(x), "data.frame")
  expect_identical(x$a, c(1L, NA))
  expect_identical(x$b, list("x", 2L))
  expect_identical(dim(load(array(whole(0), ""))), c(0L, 2L))
  expect_identical(load(array("", one)), list(a = 1L, b = "x"))
  expect_true(is_python(load(array(whole(1), paste0("(", whole(1), "ta")))))
  expect_kind(load(array(whole(2), one)), "format")
  expect_inert(load(array(paste0(whole(1), whole(1)), one)), "numpy.ndarray")
  strings <- call("numpy._core._internal _convert_to_stringdtype_kwargs", whole(1))
  x <- paste0(call("numpy._core.multiarray _reconstruct", "cnumpy\nndarray\n(I0\nt", bytes(98)),
              "(I1\n(I2\nt", strings, "I00\n(l", text("a"), "aNatb")
  expect_identical(load(x), c("a", NA))
  # a dtype of another package's
  x <- sub(strings, call("ml_dtypes bfloat16", ""), x, fixed = TRUE)
  expect_inert(load(x), "numpy.ndarray")
})

test_that("what is shared is read once, whatever refers to it how often", {
  put <- function(slot) as.raw(c(0x71, slot))
  get <- function(slot) as.raw(c(0x68, slot))
  ascii <- charToRaw
  # a million references to one list
  n <- 1e6
  x <- read_pickle(c(ascii("]"), put(0), ascii("0]("), rep(get(0), n), ascii("e.")))
  expect_length(x, n)
  expect_identical(x[[n]], list())
  # each level holds the one before twice: 2^60 paths
  withr::local_options(mmappickle.max_repeated = Inf)
  level <- c(put(1), ascii("0]("), get(1), get(1), ascii("e"))
  x <- read_pickle(c(ascii("]"), rep(level, 60), ascii(".")))
  for (i in 1:60) x <- x[[2L - i %% 2L]]
  expect_identical(x, list())
  objects <- c(put(1), ascii("0cmod\nf\n("), get(1), get(1), ascii("tR"))
  x <- read_pickle(c(ascii("]"), rep(objects, 60), ascii(".")))
  expect_output(print(x), "mod.f")
  expect_output(str(x), "mod.f")
  # so many calls on the same long list, or with the same arguments, are as fast as that
  n <- 2e4
  list_of <- function(item) c(ascii("]"), put(0), ascii("("), rep(as.raw(item), n), ascii("e0"))
  long <- list_of(c(0x4b, 1))
  pairs <- list_of(c(0x4b, 1, 0x4b, 2, 0x86))
  arguments <- c(ascii("("), rep(as.raw(c(0x4b, 1)), n), ascii("t"), put(0), ascii("0"))
  calls <- function(start, one) read_pickle(c(start, ascii("]("), rep(one, n), ascii("e.")))
  taking <- function(name) c(ascii(paste0("c", name, "\n(")), get(0), ascii("tR"))
  x <- calls(long, taking("builtins\nset"))
  expect_identical(x[[n]], rep(1L, n))
  x <- calls(long, taking("builtins\nbytes"))
  expect_identical(x[[n]][], rep(as.raw(1), n))
  x <- calls(pairs, taking("collections\nOrderedDict"))
  expect_s3_class(x[[n]], "python_dict")
  x <- calls(arguments, c(ascii("cmod\nf\n"), get(0), ascii("R")))
  expect_length(.subset2(x[[n]], "args"), n)
})

test_that("a cycle is cut by an object that says so", {
  cycle <- function(x) expect_inert(x, "cycle")
  x <- read_pickle(c(charToRaw("]"), as.raw(c(0x71, 0)), as.raw(c(0x68, 0)), charToRaw("a.")))
  expect_length(x, 1L)
  cycle(x[[1L]])
  x <- load("(dp0\n", text("me"), "g0\ns")
  cycle(x$me)
  # an object that is in its own state
  x <- load("cmod\nC\n(tRp0\n(d", text("me"), "g0\nsb")
  cycle(.subset2(x, "state")$me)
  # a deque in itself
  cycle(load(call("collections deque", ""), "p0\ng0\na")[[1L]])
  expect_output(print(x), "cycle")
})

test_that("a long text that many refer to is one, valid or not", {
  # MARK-free: EMPTY_LIST, MARK, text, MEMOIZE, then references to it.
  shared <- function(text, n) {
    head <- c(as.raw(c(0x80, 4, 0x5d, 0x28, 0x58)), i32(length(text)), text, as.raw(0x94))
    c(head, rep(as.raw(c(0x68, 0x00)), n), as.raw(c(0x65, 0x2e)))
  }
  valid <- read_pickle(shared(charToRaw(strrep("x", 1e5)), 50000))
  expect_identical(valid, rep(strrep("x", 1e5), 50001))
  kept <- read_pickle(shared(charToRaw(strrep("x", 1e5)), 50000), simplify = FALSE)
  expect_length(kept, 50001L)
  expect_identical(kept[[50001]], strrep("x", 1e5))
  # Lone surrogates: inert objects, which would take 5 GB if each had bytes of its own.
  inert <- read_pickle(shared(rep(as.raw(c(0xed, 0xb0, 0x80)), 30000), 50000))
  expect_length(inert, 50001L)
  expect_identical(class(inert[[50001]]), "python_object")
})

test_that("moments in zones among other values are those that Python knows", {
  require_python()
  path <- withr::local_tempfile(fileext = ".pickle")
  run_python(sprintf("
import datetime as d, pickle, zoneinfo
zones = [zoneinfo.ZoneInfo(z) for z in ('Europe/Berlin', 'America/New_York', 'Asia/Kolkata')]
times = [d.datetime(2020, 10, 25, 2, 30, i, 9 * i, zones[i %% 3], fold=i // 3 %% 2)
         for i in range(12)]
times += [d.datetime(1950 + i, 1 + i %% 12, 1, tzinfo=zones[i %% 3]) for i in range(70)]
told = {str(i): [t, str(t.tzinfo), t.timestamp()] for i, t in enumerate(times)}
pickle.dump(told, open('%s', 'wb'), 4)
", path))
  x <- read_pickle(path)
  expect_length(x, 82L)
  expect_s3_class(x[[1L]][[1L]], "POSIXct")
  zones <- vapply(x, function(item) attr(item[[1L]], "tzone"), "")
  expect_identical(zones, vapply(x, `[[`, "", 2L))
  expect_equal(
    vapply(x, function(item) as.numeric(item[[1L]]), 0), vapply(x, `[[`, 0, 3L),
    tolerance = 1e-15
  )
})
