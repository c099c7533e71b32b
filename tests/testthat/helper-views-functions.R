# Functions of R's own called with views and with plain copies of them: what test-views-functions.R
# compares. All of it runs in a session of its own, in a folder of its own.

# -- views --------------------------------------------------------------------------------

# A value for each way in which a view can lie in a file; more than the 64 elements from which on
# R wraps vectors. list(plain =, stored =): what R sees, and what is assigned to get it.
plain_and_stored <- function(n = 72L) {
  at <- seq_len(n)
  small <- (at * 37L) %% 251L - 120L
  real <- small / 8
  as <- function(x, ...) list(plain = x, stored = ndarray(x, ...))
  itself <- function(x) list(plain = x, stored = x)
  cube <- array(real, c(3L, 4L, n %/% 12L))
  list(
    float64 = itself(real), `float64, long` = itself(rep(real, 8L)), `>f8` = as(real, ">f8"),
    float32 = as(real, "float32"), float16 = as(real, "float16"),
    int8 = as(small %/% 2L, "int8"), uint8 = as(at, "uint8"), int16 = as(small, "int16"),
    uint16 = as(at * 9L, "uint16"), int32 = itself(small), uint32 = as(as.double(at), "uint32"),
    int64 = as(as.double(small), "int64"), uint64 = as(as.double(at), "uint64"),
    bool = itself(at %% 3L == 0L),
    complex128 = itself(complex(real = real, imaginary = rev(real))),
    complex64 = as(complex(real = real, imaginary = rev(real)), "complex64"),
    `datetime64[ns]` = as(.POSIXct(at * 1e5 + 0.5, "UTC"), "datetime64[ns]"),
    `datetime64[D]` = as(.Date(as.double(small)), "datetime64[D]"),
    timedelta64 = as(as.difftime(as.double(at), units = "secs"), "timedelta64[s]"),
    S = as(sprintf("s%d", at %% 7L), "S4"), U = as(sprintf("\u00e9%d", at %% 9L), "U5"),
    `masked int` = itself(replace(small, c(2L, n), NA)),
    `C order` = itself(matrix(real, 8L)),
    `Fortran order` = as(matrix(real, 8L), order = "F"),
    `C order, int16` = as(matrix(small, 8L), "int16"), `rank 3` = itself(cube),
    V = as(matrix(as.raw(at), 4L), "V4"), bytes = itself(as.raw(at)),
    `length 0` = itself(double()), `length 1` = as(2.5, "float64"),
    `length 1, int` = as(3L, "int32")
  )
}

# A file with these and some more. list(plain =, views =): by name the ordinary value, and
# what gives a view that nobody has seen yet.
views_and_copies <- function(path) {
  m <- mmapdict(path)
  both <- plain_and_stored()
  plain <- lapply(both, `[[`, "plain")
  for (key in names(both)) m[[key]] <- both[[key]]$stored
  views <- lapply(setNames(nm = names(both)), function(key) {
    force(key)
    function() m[[key]]
  })
  add <- function(name, value, view) {
    plain[[name]] <<- value
    views[[name]] <<- view
  }
  real <- plain$float64
  n <- length(real)
  fields <- data.frame(a = seq_len(n), b = real)
  m[["fields"]] <- ndarray(fields, c(a = "int8", b = "float64"))
  add("field", real, function() m[["fields"]]$b)
  m[["frame"]] <- data.frame(d = real, k = factor(letters[seq_len(n) %% 5L + 1L]))
  add("column", real, function() m[["frame"]]$d)
  add("factor", factor(letters[seq_len(n) %% 5L + 1L]), function() m[["frame"]]$k)
  add("reversed", t(plain$`C order`), function() mmap_get(m, "C order", dims = "reversed"))
  if (has_bit64()) {
    add("integer64", bit64::as.integer64(plain$int64),
        function() mmap_get(m, "int64", int64 = "integer64"))
  }
  beside <- paste0(path, "-unaligned")
  unaligned <- write_unaligned(beside, real)
  add("unaligned", real, function() unaligned[["k"]])
  masked <- masked_floats(paste0(path, "-masked"), real)
  add("masked float", replace(real, c(2L, n), NA), function() masked[["k"]])
  list(plain = plain, views = views, files = list.files(dirname(path), full.names = TRUE))
}

has_bit64 <- function() requireNamespace("bit64", quietly = TRUE)

# The value of a pickle, without its header and end.
pickled <- function(value) {
  bytes <- write_pickle(value)
  bytes[seq(3L, length(bytes) - 1L)]
}

write_unaligned <- function(path, x) {
  m <- mmapdict(write_entry_file(path, "k", c(charToRaw("N0"), pickled(x))), readonly = TRUE)
  stopifnot(view_info(m[["k"]])$offset %% 8 != 0)
  m
}

# Only Python makes them: here from masked integers of the same bits.
masked_floats <- function(path, x) {
  bits <- readBin(writeBin(x, raw(), size = 4L), "integer", length(x))
  bytes <- pickled(ndarray(replace(bits, c(2L, length(x)), NA), "int32"))
  text <- c(as.raw(5L), charToRaw("int32"))
  at <- grepRaw(text, bytes, fixed = TRUE)
  bytes <- c(bytes[seq_len(at - 1L)], as.raw(2L), charToRaw("f4"), bytes[-seq_len(at + 5L)])
  mmapdict(write_entry_file(path, "k", bytes), readonly = TRUE)
}

# -- functions ----------------------------------------------------------------------------

functions_of_r <- function() {
  out <- list()
  for (package in c("base", "stats", "utils")) {
    names <- if (package == "base") ls(baseenv(), all.names = TRUE) else
      getNamespaceExports(package)
    for (name in sort(names, method = "radix")) {
      f <- getExportedValue(package, name)
      if (is.function(f)) out[[paste0(package, "::", name)]] <- f
    }
  }
  out[setdiff(names(out), unlist(not_called))]
}

# What is not called, by the reason.
not_called <- list(
  `flow of control` = c(
    "base::break", "base::next", "base::repeat", "base::while", "base::for", "base::function",
    "base::return", "base::Recall", "base::on.exit", "base::UseMethod", "base::NextMethod",
    "base::standardGeneric", "base::invokeRestart", "base::invokeRestartInteractively",
    "base::tryInvokeRestart", "base::callCC", "base::.tryResumeInterrupt"
  ),
  `ends the session, blocks it or waits for someone` = c(
    "base::q", "base::quit", "base::readline", "base::browser", "base::Sys.sleep",
    "base::socketAccept", "base::socketConnection", "base::serverSocket", "base::socketSelect",
    "base::fifo", "base::pipe", "base::url", "base::gctorture", "base::gctorture2",
    "base::suspendInterrupts", "utils::menu", "utils::askYesNo", "utils::select.list",
    "utils::nsl", "utils::make.socket", "utils::read.socket", "utils::write.socket",
    "utils::recover", "utils::debugger", "utils::alarm", "base::mem.maxVSize",
    "base::mem.maxNSize", "base::setTimeLimit", "base::setSessionTimeLimit", "base::stdin",
    "base::readLines", "base::scan", "base::file", "base::open", "base::close", "base::sink",
    "base::closeAllConnections", "base::system.time", "stats::fisher.test", "stats::ks.test",
    "stats::optimHess", "stats::pairwise.wilcox.test", "stats::pairwise.t.test", "stats::pbirthday"
  ),
  `starts programs, editors, browsers or downloads` = c(
    "base::system", "base::system2", "base::shell", "base::file.show", "base::curlGetHeaders",
    "utils::edit", "utils::fix", "utils::vi", "utils::emacs", "utils::xemacs", "utils::xedit",
    "utils::pico", "utils::View", "utils::page", "utils::data.entry", "utils::dataentry",
    "utils::de", "utils::browseURL", "utils::browseEnv", "utils::browseVignettes", "utils::help",
    "utils::help.start", "utils::help.search", "utils::help.request", "utils::?",
    "utils::RSiteSearch", "utils::RShowDoc", "utils::bug.report", "utils::create.post",
    "utils::demo", "utils::example", "utils::vignette", "utils::url.show", "utils::file.edit",
    "utils::install.packages", "utils::update.packages", "utils::download.packages",
    "utils::download.file", "utils::available.packages", "utils::old.packages",
    "utils::new.packages", "utils::packageStatus", "utils::remove.packages",
    "utils::chooseCRANmirror", "utils::chooseBioCmirror", "utils::setRepositories",
    "utils::getCRANmirrors", "utils::findCRANmirror", "utils::checkCRAN", "utils::mirror2html",
    "utils::make.packages.html", "utils::upgrade", "utils::contrib.url", "utils::aspell",
    "utils::process.events", "utils::rtags"
  ),
  `changes files or what the session is` = c(
    "base::unlink", "base::setwd", "base::rm", "base::remove", "base::options", "base::attach",
    "base::detach", "base::library", "base::require", "base::unloadNamespace", "base::.detach",
    "base::dyn.unload", "base::lockEnvironment", "base::Sys.setlocale", "base::Sys.setenv",
    "base::Sys.unsetenv", "base::save.image", "base::sys.save.image", "base::trace",
    "base::untrace", "base::globalCallingHandlers", "base::RNGkind", "base::RNGversion",
    "base::gcinfo", "base::.isMethodsDispatchOn",
    "base::load", "base::source", "base::sys.source", "utils::Rprof", "utils::Rprofmem",
    "utils::rc.options", "utils::rc.settings", "utils::rc.getOption", "utils::rc.status"
  ),
  `says something of the session, its memory or the time` = c(
    "base::gc", "base::gc.time", "base::tracemem", "base::retracemem", "base::tempfile",
    "base::date", "base::proc.time", "base::Sys.time", "base::environment", "base::new.env",
    "base::parent.frame", "base::sys.frame", "base::sys.function", "base::sys.call",
    "base::textConnection", "base::rawConnection", "base::gzfile", "base::bzfile",
    "base::xzfile", "base::unz", "base::gzcon", "base::getConnection", "base::showConnections",
    "base::memory.profile", "base::.traceback", "base::traceback", "utils::hashtab",
    "utils::news", "utils::sessionInfo"
  )
)

# Of what functions of R give what happens to lie in memory: rbind() of raw vectors and others
# leaves places as they are, chol2inv() and bit64's diff() read beyond a vector.
unsettled <- list(
  rbind = is.raw, chol2inv = function(x) length(x) == 0L,
  `^base::diff$` = function(x) inherits(x, "integer64")
)

# How a function is called with a vector x.
calls_with <- list(
  quote(f(x)), quote(f(x, x)), quote(f(x, 2L)), quote(f(x, -1)), quote(f(x, TRUE)),
  quote(f(x, "a")), quote(f(x, 1:3, 2L)), quote(f(x, identity)), quote(f(identity, x)),
  quote(f(x, na.rm = TRUE)), quote(f(x, value = x)), quote(f(x, 2L, value = x[3L]))
)

# -- comparing ----------------------------------------------------------------------------

# Where calls are made: formulas and closures refer to it.
calling <- new.env(parent = baseenv())

# What a call gives, says and prints, and the warnings and errors that come of it, where no file
# has been left by another.
outcome_of <- function(call, f, x, printed) {
  said <- character()
  note <- function(condition, restart) {
    said <<- c(said, conditionMessage(condition))
    invokeRestart(restart)
  }
  left <- list.files(all.files = TRUE, no.. = TRUE)
  if (length(left)) unlink(left, recursive = TRUE)
  set.seed(1L)
  calling$f <- f
  calling$x <- x
  depth <- sink.number()
  sink(printed)
  value <- tryCatch(
    withCallingHandlers(
      list(value = eval(call, calling)),
      warning = function(w) note(w, "muffleWarning"),
      message = function(m) note(m, "muffleMessage")
    ),
    error = function(e) list(error = class(e), message = conditionMessage(e))
  )
  while (sink.number() > depth) sink()
  c(value, list(said = said, printed = readLines(printed, warn = FALSE)))
}

same_outcome <- function(a, b) {
  identical(a, b, ignore.environment = TRUE, ignore.bytecode = TRUE, ignore.srcref = TRUE)
}

# Compares `part` (a share) of all calls, drawn by `seed`, in a folder of its own inside of
# `folder`. A list of counts, and of what differed, in words, save where a plain copy gives one
# thing now and another then.
compare_functions <- function(folder, part = 1, seed = 1L, only = NULL) {
  known <- views_and_copies(file.path(folder, "views"))
  dir.create(file.path(folder, "work"))
  setwd(file.path(folder, "work"))
  functions <- functions_of_r()
  if (!is.null(only)) functions <- functions[only]
  before <- tools::md5sum(known$files)
  printed <- file()
  on.exit(close(printed))
  grDevices::pdf(NULL) # for what draws
  on.exit(grDevices::dev.off(), add = TRUE)
  counts <- c(values = 0L, errors = 0L, functions = 0L)
  wrong <- character()
  set.seed(seed)
  seeds <- sample.int(.Machine$integer.max, length(functions))
  fresh <- function() {
    ok <- mapply(function(view, plain) identical(view(), plain), known$views, known$plain)
    names(ok)[!ok]
  }
  wrong <- c(wrong, sprintf("%s: is not what was stored", fresh()))
  for (k in seq_along(functions)) {
    set.seed(seeds[[k]])
    all <- expand.grid(call = seq_along(calls_with), kind = seq_along(known$plain))
    all <- all[runif(nrow(all)) < part, ]
    for (name in names(unsettled)) {
      if (grepl(name, names(functions)[[k]])) {
        all <- all[!vapply(known$plain, unsettled[[name]], NA)[all$kind], ]
      }
    }
    gives <- FALSE
    for (i in seq_len(nrow(all))) {
      kind <- names(known$plain)[[all$kind[[i]]]]
      call <- calls_with[[all$call[[i]]]]
      setTimeLimit(elapsed = 20, transient = TRUE)
      of_plain <- outcome_of(call, functions[[k]], known$plain[[kind]], printed)
      of_view <- outcome_of(call, functions[[k]], known$views[[kind]](), printed)
      setTimeLimit()
      is_value <- is.null(of_plain$error)
      gives <- gives || is_value
      counts <- counts + c(is_value, !is_value, 0L)
      again <- function() outcome_of(call, functions[[k]], known$plain[[kind]], printed)
      if (!same_outcome(of_plain, of_view) && same_outcome(of_plain, again())) {
        wrong <- c(wrong, sprintf("%s, %s of %s: %s", names(functions)[[k]], deparse1(call), kind,
                                  first_difference_of(of_view, of_plain)))
      }
    }
    counts[["functions"]] <- counts[["functions"]] + gives
    changed <- fresh()
    wrong <- c(wrong, sprintf("%s: the file's \"%s\" has changed",
      rep(names(functions)[[k]], length(changed)), changed))
    if (!identical(tools::md5sum(known$files), before)) {
      wrong <- c(wrong, paste(names(functions)[[k]], "has changed a file"))
      before <- tools::md5sum(known$files)
    }
  }
  list(counts = counts, wrong = wrong)
}

first_difference_of <- function(got, wanted) {
  text <- function(x) substr(paste(utils::capture.output(utils::str(x)), collapse = " "), 1L, 150L)
  for (part in union(names(got), names(wanted))) {
    if (!same_outcome(got[[part]], wanted[[part]])) {
      return(paste0(part, " is ", text(got[[part]]), ", not ", text(wanted[[part]])))
    }
  }
}
