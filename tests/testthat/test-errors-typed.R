# What a user may type wrongly, over the whole of the API: the call, the message, the hint, as
# R shows them. A line is an error of ours, or the snapshot says what else it is.

# Code that is run in `env`, and what comes of it.
what_comes <- function(code, env) {
  condition <- tryCatch({
    eval(parse(text = code), env)
    NULL
  }, error = identity)
  if (is.null(condition)) {
    return("no error")
  }
  call <- conditionCall(condition)
  kind <- grep("^mmappickle_error_", class(condition), value = TRUE)
  paste0(
    if (length(kind)) sub("^mmappickle_error_", "", kind) else "not ours", "> Error",
    if (!is.null(call)) paste0(" in ", paste(deparse(call), collapse = " ")), ":\n  ",
    gsub("\n", "\n  ", conditionMessage(condition))
  )
}

expect_typed <- function(env, lines) {
  lines <- strsplit(trimws(lines), "\n *")[[1L]]
  seen <- vapply(lines, what_comes, "", env = env)
  expect_snapshot(cat(paste0(lines, "\n", seen, "\n\n"), sep = ""), transform = function(text) {
    without_paths(gsub(tempdir_pattern(), "<dir>", text, perl = TRUE))
  })
  expect_identical(lines[startsWith(seen, "not ours") | seen == "no error"], character())
}

# A folder with files of all kinds, and handles to one of them.
local_desk <- function(.local_envir = parent.frame()) {
  dir <- withr::local_tempdir(.local_envir = .local_envir)
  withr::local_dir(dir, .local_envir = .local_envir)
  m <- mmapdict("a.mmdpickle")
  m$x <- matrix(as.double(1:6), 2)
  m$named <- c(alpha = 1, beta = 2)
  m$ii <- 1:3
  m$s <- "hello"
  m$one <- 3.5
  m$lst <- list(a = 1, b = "x")
  m$iris <- data.frame(n = 1:2)
  m$weights <- 1:10 / 2
  m$u8 <- ndarray(1:4, "uint8")
  m$flag <- c(TRUE, FALSE)
  m$txt <- ndarray(c("ab", "cd"), "U2")
  m$dates <- as.Date("2020-01-01") + 1:3
  ro <- mmapdict("a.mmdpickle", readonly = TRUE)
  closed <- mmapdict("closed.mmdpickle")
  close(closed)
  many <- mmapdict("many.mmdpickle")
  many[sprintf("k%03d", 1:100)] <- as.list(1:100)
  empty <- mmapdict("empty.mmdpickle")
  withr::defer(for (handle in list(m, ro, many, empty)) close(handle), envir = .local_envir)
  writeLines("some text, and no pickle", "text.txt")
  saveRDS(1, "r.rds")
  file.create("empty.bin")
  dir.create("folder")
  writeBin(as.raw(1:100), "junk.bin")
  write_pickle(list(1, 2), "list.pickle")
  write_pickle(list(a = 1), "dict.pickle")
  write_npy(1:3, "x.npy")
  a <- mmarray(m, "x")
  object <- python_object("decimal.Decimal", list("1.5"))
  mark <- ndarray(1:3)
  environment()
}

tempdir_pattern <- function() {
  dir <- normalizePath(getwd(), "/")
  paste0("(/private)?\\Q", sub("^/private", "", dir), "\\E")
}

test_that("keys", {
  expect_typed(local_desk(), '
    m$irs
    m[["weihgts"]]
    m$Weights
    m$we
    m$zzzz
    many$zzz
    empty$x
    m[["weights "]]
    m[[NULL]]
    m[[NA]]
    m[[NA_character_]]
    m[[character()]]
    m[[c("x", "ii")]]
    m[[100]]
    m[[0]]
    m[[-1]]
    m[[TRUE]]
    m[[list("x")]]
    m[[quote(x)]]
    m[[]]
    m[["x", 1]]
    m[[strrep("k", 300)]]
    m[c("x", "irs")]
    m[100]
    lapply(c("x", "irs"), mmap_get, m = m)
    lapply("irs", function(k) m[[k]])
    mmap_get(m)
    mmap_get(m, 1)
    mmap_get("x", m)
    mmap_get("a.mmdpickle", "x")
    mmap_get(NULL, "x")
    mmap_get(m, c("x", "ii"))
    mmap_set("x", m, 1)
    mmap_set(m, "k")
    mmap_set(m, "k", mean)
    has_key("x", m)
    has_key(m, NULL)
  ')
})

test_that("opening", {
  expect_typed(local_desk(), '
    mmapdict()
    mmapdict(NULL)
    mmapdict(NA)
    mmapdict(1)
    mmapdict("")
    mmapdict(c("a", "b"))
    mmapdict(m)
    mmapdict("folder")
    mmapdict("absent/x.mmdpickle")
    mmapdict("absent", readonly = TRUE)
    mmapdict("text.txt")
    mmapdict("r.rds")
    mmapdict("dict.pickle")
    mmapdict("junk.bin")
    mmapdict("x.npy")
    mmapdict("a.mmdpickle", readonly = "yes")
    mmapdict("a.mmdpickle", readonly = TRUE, create = TRUE)
    mmapdict("a.mmdpickle", dims = "reverse")
    mmapdict("a.mmdpickle", order = 1)
    mmapdict("a.mmdpickle", uint8 = "Raw")
    mmapdict("a.mmdpickle", simplify = "number")
    mmapdict("a.mmdpickle", readers = list(1))
    mmapdict("a.mmdpickle", trusted = "no")
    mmapdict("a.mmdpickle", index = NULL)
    mmapdict("a.mmdpickle", lock_timeout = "5s")
    local_mmapdict()
    closed$x
    closed$x <- 1
    entries(closed)
    vacuum("a.mmdpickle")
    vacuum(closed)
    reclaim(m, force = 1)
    entries(m, dead = NA)
    is_open("a.mmdpickle")
  ')
})

test_that("slices", {
  expect_typed(local_desk(), '
    m["x", 3, 1]
    m["x", 1, 1, 1]
    m["s", 1]
    m["one", 1]
    m["iirs", 1]
    m["ii", "a"]
    m["named", "aplha"]
    m["ii", -1:1]
    m["ii", NA]
    m["ii", list(1)]
    m["ii", c(TRUE, FALSE, TRUE, FALSE)]
    m["ii", i = 1]
    m[1, 1]
    m[c("x", "ii"), 1]
    m["ii", factor("a")]
    m["x", , 1, drop = "no"]
    m["ii", 1:2] <- 1:3
    m["ii", 2] <- NA
    m["x", 2, 3] <- "a"
    m["ii", 1] <- 1.5
    m["ii", 1] <- 2^40
    m["ii", 1] <- NULL
    m["ii", 1] <- list(1)
    m["ii", 1] <- factor("a")
    m$ii[2] <- NA
    m$ii[4] <- 1L
    m$weights[1:2] <- 1:3
    m["x", 3, 1] <- 1
    m["u8", 2] <- 300
    m["txt", 1] <- "abcdef"
    m["dates", 1] <- "2020-01-01"
    m["s", 1] <- "a"
    m$x$a <- 3
    mmarray(m, "s")
    mmarray("x", m)
    a[3, 1]
    a[1, 1] <- "x"
    a$foo
    dim(a) <- 6
    ro["ii", 1] <- 2L
    ro$ii[1] <- 2L
  ')
})

test_that("storing", {
  expect_typed(local_desk(), '
    m[["new"]] <- function() 1
    m$f <- y ~ x
    m$lm <- lm(dist ~ speed, cars)
    m$env <- new.env()
    m$list <- list(a = 1, f = mean)
    m[["two words"]] <- list(1, quote(a + b))
    m$con <- stdin()
    m$self <- m
    m[[1]] <- 2
    m[[c("a", "b")]] <- 1
    m[c("a", "b")] <- 1:2
    m[c("a", "b")] <- list(1, 2, 3)
    m[c("a", NA)] <- list(1, 2)
    m[1] <- list(1)
    m[] <- list(1)
    names(m) <- letters
    length(m) <- 3
    ro$x <- 1
    m$n <- ndarray(1:300, "int8")
    m$n <- ndarray("abc", "U2")
    ndarray()
    ndarray(NULL)
    ndarray(mean)
    ndarray(1:3, "int9")
    ndarray(1:3, "flaot32")
    ndarray(1:3, "Int32")
    ndarray(1:3, "integer")
    ndarray(1:3, "qq")
    ndarray("int8", 1:3)
    ndarray(1:3, c("int8", "int16"))
    ndarray(1:3, order = "R")
    ndarray(factor("a"))
    ndarray(list(1), "int8")
    ndarray(data.frame(alpha = 1), c(aplha = "int8"))
    mark$dtyp
    mark + 1
    empty_ndarray(-1)
    empty_ndarray("float64", 3)
    empty_ndarray(3, "U")
    python_object()
    python_object("Decimal")
    python_object("a.b", how = "calls")
    python_object("a.b", args = 1)
    object[["agrs"]]
    object$x <- 1
    as.double(python_object("a.B", list("1.5", 2)))
    unserialize_r_object(1)
    pandas_frame(1)
    pandas_frame(data.frame(alpha = 1), index = "alhpa")
  ')
})

test_that("files", {
  expect_typed(local_desk(), '
    fsck("absent")
    fsck("folder")
    fsck(1)
    fsck("dict.pickle")
    fsck("a.mmdpickle", repair = "yes")
    convert_pickle("absent")
    convert_pickle("list.pickle")
    convert_pickle("dict.pickle", "a.mmdpickle")
    convert_pickle("dict.pickle", "absent/x")
    convert_pickle(raw(3))
    convert_pickle("dict.pickle", "e", encoding = "utf")
    read_pickle()
    read_pickle("absent")
    read_pickle("folder")
    read_pickle(NULL)
    read_pickle("r.rds")
    read_pickle("x.npy")
    read_pickle("list.pickle", encoding = "latin")
    write_pickle()
    write_pickle("x.pkl", 1:3)
    write_pickle("x.pkl", list(1))
    write_pickle(1:3, stdin())
    write_pickle(1:3, "absent/x.pkl")
    write_pickle(1:3, "folder")
    write_pickle(list(f = mean), "x.pkl")
    write_pickle(m, "x.pkl")
    read_npy("absent")
    read_npy("list.pickle")
    read_npz("absent")
    write_npy("x.npy", 1:3)
    write_npy(1:3)
    write_npy(1:3, "absent/x.npy")
  ')
})

test_that("no such file is said in the same words by all who take a path", {
  dir <- withr::local_tempdir()
  path <- file.path(dir, "absent")
  said <- vapply(list(
    mmapdict = function() mmapdict(path, create = FALSE),
    readonly = function() mmapdict(path, readonly = TRUE), fsck = function() fsck(path),
    convert = function() convert_pickle(path), pickle = function() read_pickle(path),
    npy = function() read_npy(path), npz = function() read_npz(path)
  ), function(f) conditionMessage(expect_kind(f(), "io")), "")
  expect_length(unique(said), 1)
})

test_that("a message names the argument and the element that are wrong", {
  says <- function(code, words) expect_error(code, words, fixed = TRUE, class = "mmappickle_error")
  m <- local_store()
  says(empty_ndarray(c(1, -1)), "`dim` must be whole numbers, 0 or more, but element 2 is -1.")
  says(growing_ndarray(c(0, 2.5)), "but element 2 is 2.5.")
  says(empty_ndarray(c(NA, 2)), "but element 1 is NA.")
  says(empty_ndarray(-1), "`dim` must be whole numbers, 0 or more, not -1.")
  says(empty_ndarray(1e20), "below 2^63, not 1e+20.")
  says(empty_ndarray(3, 5), "The dimensions come first, then the dtype.")
  says(ndarray(1:2, 5), "The value comes first: ndarray(x, dtype).")
  says(empty_ndarray(3, globalenv()), "`dtype` must be the name of a dtype, not an environment.")
  says(ndarray(1:2, globalenv()), "`dtype` must be the name of a dtype, not an environment.")
  says(empty_ndarray(3, dimnames = globalenv()), "`dimnames` must be a list")
  says(mmap_diff(m, 1), "`n` must be an mmapdict, not 1.")
  says(mmap_delete(m, 1), "`keys` must be keys, that is, strings, not 1.")
  says(mmap_append(m, "k", NULL), "`x` must be a vector, an array or a data frame, not NULL.")
  says(mmapdict(new_path(), readers = globalenv()), "`readers` must be a list of functions")
})
