# Numbers and paths, whatever the locale. A process that has another one is made for each.

# Made here where the system has none of them.
locale_folder <- function(.local_envir = parent.frame()) {
  skip_on_os(c("windows", "mac", "solaris"))
  skip_on_cran()
  folder <- withr::local_tempfile(.local_envir = .local_envir)
  dir.create(folder)
  for (charset in c("UTF-8", "ISO-8859-1")) {
    made <- system2("localedef", c("-i", "de_DE", "-f", charset,
                                   file.path(folder, paste0("de_DE.", charset))),
                    stdout = FALSE, stderr = FALSE)
    expect_identical(made, 0L)
  }
  folder
}

in_locale <- function(folder, locale, f, ...) {
  env <- c(callr::rcmd_safe_env(), LOCPATH = folder, LC_ALL = locale)
  callr::r(f, list(...), env = env)
}

test_that("LC_NUMERIC changes no number", {
  folder <- locale_folder()
  numbers <- function(locale) {
    point <- Sys.localeconv()[["decimal_point"]]
    if (nzchar(locale)) {
      suppressWarnings(Sys.setlocale("LC_NUMERIC", locale))
      point <- Sys.localeconv()[["decimal_point"]]
    }
    read <- function(text) mmappickle::read_pickle(charToRaw(text))
    path <- tempfile()
    m <- mmappickle::mmapdict(path)
    m$x <- list(a = 1.5, b = as.Date("2020-02-02") + 0.5, c = .POSIXct(1.25, "UTC"))
    m$y <- data.frame(v = c(0.1, 2.5), t = .POSIXct(c(1.5, NA)))
    set <- mmappickle::ndarray(c(0.1, 2.5), "float32")
    m$z <- set
    enum <- read("cm\nE\n(F1.5\ntR.")
    values <- list(
      read("F1.5\n."), read("F-2.5e-3\n."), read("(lF0.1\naF0.3\na."), unclass(m$x$a), m$x$b,
      m$x$c, m$y$v + 0, m$z + 0,
      as.character(enum), as.numeric(read("cdecimal\nDecimal\n(S'1.5'\ntR.")),
      as.numeric(read("cfractions\nFraction\n(S'3/2'\ntR.")),
      mmappickle:::number_text(c(0.1, 1 / 3, NA, Inf, 2)),
      tools::md5sum(path)[[1L]], sum(mmappickle::fsck(path)$harmful),
      tryCatch(read("F1,5\n."), error = function(e) class(e)[[1L]])
    )
    utils::capture.output(print(m), str(m), print(mmappickle::entries(m)), summary(m))
    list(point = point, values = values)
  }
  plain <- in_locale(folder, "C", numbers, "")
  comma <- in_locale(folder, "C", numbers, "de_DE.UTF-8")
  expect_identical(plain$point, ".")
  expect_identical(comma$point, ",")
  expect_identical(comma$values, plain$values)
  expect_identical(plain$values[[1L]], 1.5)
  withr::local_options(OutDec = ",")
  expect_identical(as.character(read_pickle(charToRaw("cm\nE\n(F1.5\ntR."))), "1.5")
})

test_that("options that change how R shows numbers change no message", {
  m <- local_store()
  m[["x"]] <- as.double(1:2000)
  said <- function() {
    c(
      capture.output(print(m), str(m), print(summary(m)), print(entries(m)$key)),
      tryCatch(m[["x"]][3000] <- 1, error = conditionMessage),
      tryCatch(m[["x"]][1:2000] <- 1:1999, error = conditionMessage)
    )
  }
  said()
  plain <- said()
  expect_match(plain, "2,000", fixed = TRUE, all = FALSE)
  shown <- list(OutDec = ",", scipen = -9L, digits = 1L, big.mark = ".", warn = 2L)
  expect_no_warning(other <- withr::with_options(shown, said()))
  points <- function(said) gsub("([0-9])[,.]([0-9])", "\\1.\\2", said)
  expect_identical(points(other), points(plain))
})

test_that("a path is opened by the bytes that the locale has for it", {
  folder <- locale_folder()
  paths <- function() {
    ending <- function(p) paste(utils::tail(charToRaw(enc2native(p)), 3L), collapse = " ")
    folder <- tempfile("paths-")
    dir.create(folder)
    name <- "caf\u00e9"
    path <- file.path(folder, name)
    m <- mmappickle::mmapdict(path)
    m$x <- c(1, 2)
    told <- c(mmappickle::view_info(m$x)$path, asNamespace("mmappickle")$own(m, ".path"))
    utils::capture.output(print(m), str(m))
    m$x <- NULL
    m$y <- c(3, 4)
    mmappickle::vacuum(m, force = TRUE)
    close(m)
    mmappickle::fsck(path, repair = TRUE)
    listed <- list.files(folder, full.names = TRUE)
    n <- mmappickle::mmapdict(listed)
    y <- n$y + 0
    close(n)
    # what the disk calls it, through no encoding of R's
    plain <- file.path(folder, "plain")
    file.symlink(listed, plain)
    through <- mmappickle::mmapdict(plain, readonly = TRUE)$y + 0
    unlink(plain)
    bytes <- charToRaw(basename(listed))
    # R's own functions find it, too, and say nothing.
    again <- tryCatch(mmappickle::mmapdict(path), warning = identity)
    quiet <- c(inherits(again, "mmapdict"),
               !any(grepl("new file|is gone", utils::capture.output(print(again)))))
    close(again)
    mmappickle::convert_pickle(path, path, overwrite = TRUE)
    mmappickle::write_pickle("text", path)
    text <- mmappickle::read_pickle(path)
    latin <- iconv(path, "UTF-8", "latin1")
    from_latin <- if (!is.na(latin)) mmappickle::read_pickle(latin)
    error <- tryCatch(mmappickle::fsck(path), error = identity)
    told <- vapply(c(told, error$path), ending, "")
    list(bytes = bytes, y = y, through = through, text = text, from_latin = from_latin,
         quiet = quiet,
         count = length(list.files(folder, all.files = TRUE, no.. = TRUE)), told = unname(told),
         named = grepl(folder, conditionMessage(error), fixed = TRUE) &&
           validUTF8(enc2utf8(conditionMessage(error))), class = class(error)[[1L]])
  }
  utf8 <- charToRaw("caf\u00e9")
  latin1 <- as.raw(c(0x63, 0x61, 0x66, 0xe9))
  wanted <- list("C.UTF-8" = utf8, "de_DE.UTF-8" = utf8, "de_DE.ISO-8859-1" = latin1, C = utf8)
  for (locale in names(wanted)) {
    got <- in_locale(folder, locale, paths)
    expect_identical(got$bytes, wanted[[locale]], info = locale)
    expect_identical(got$y, c(3, 4), info = locale)
    expect_identical(got$quiet, c(TRUE, TRUE), info = locale)
    expect_identical(got$through, c(3, 4), info = locale)
    expect_identical(got$text, "text", info = locale)
    expect_identical(got$from_latin, "text", info = locale)
    expect_identical(got$count, 1L, info = locale)
    expect_identical(unique(got$told), paste(utils::tail(wanted[[locale]], 3L), collapse = " "),
                     info = locale)
    expect_identical(got$class, "mmappickle_error_format", info = locale)
    expect_true(got$named, info = locale)
  }
})

error_of <- function(expr) {
  tryCatch({
    force(expr)
    ""
  }, error = conditionMessage)
}

test_that("a path in the encoding \"bytes\", and one that is no UTF-8, are as good as others", {
  skip_on_os(c("windows", "mac"))  # which take only text
  path <- paste0(withr::local_tempfile(), "\xe9")
  Encoding(path) <- "bytes"
  m <- mmapdict(path)
  m$x <- c(1, 2)
  expect_identical(m$x + 0, c(1, 2))
  for (show in list(print, str, summary, format)) {
    expect_identical(error_of(utils::capture.output(show(m))), "")
  }
  expect_identical(error_of(names(unserialize(serialize(m, NULL)))), "")
  vacuum(m, force = TRUE)
  close(m)
  expect_identical(nrow(fsck(path)), 0L)
  write_pickle("text", path)
  expect_identical(read_pickle(path), "text")
  error <- expect_error(mmapdict(path), class = "mmappickle_error_format")
  expect_true(validUTF8(conditionMessage(error)))
  native <- path
  Encoding(native) <- "unknown"
  expect_identical(read_pickle(native), "text")
  convert_pickle(write_pickle(list(a = 1)), path, overwrite = TRUE)
  expect_identical(names(local_mmapdict(native)), "a")
  unlink(native)
})
