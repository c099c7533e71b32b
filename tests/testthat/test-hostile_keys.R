# Keys and texts that no string of R's holds: each call gives an answer or an error of the
# package's, and shows them escaped.

keys_of_others <- list(
  nul = as.raw(c(0x61, 0x00)), nuls = raw(3), long = rep(as.raw(c(0x00, 0x62, 0x1b)), 85),
  surrogate = as.raw(c(0xed, 0xb2, 0x80)), both = as.raw(c(0xed, 0xa0, 0xbd, 0x00)),
  empty = raw(), emoji = charToRaw("\U1F600"), control = as.raw(c(0x1b, 0x5b, 0x33))
)

# A text with a NUL, as an object that is written as it is.
text_with_nul <- function() read_pickle(charToRaw("Vone\\u0000two\n."))

# A file with an array or a list of texts for each key, which is put in the place of one of
# R's of the same length.
file_of_others <- function(keys = keys_of_others, .local_envir = parent.frame()) {
  path <- new_path(.local_envir)
  m <- mmapdict(path)
  stand_in <- function(i) strtrim(paste0(letters[[i]], strrep("~", 255)), length(keys[[i]]))
  for (i in seq_along(keys)) {
    m[[stand_in(i)]] <- if (i %% 2L) c(1, 2, 3) else list(text_with_nul(), "c")
  }
  close(m)
  bytes <- file_bytes(path)
  for (i in seq_along(keys)) {
    n <- length(keys[[i]])
    if (n == 0L) next
    old <- charToRaw(stand_in(i))
    for (at in which(bytes == old[[1L]])) {  # an array says its key twice
      if (identical(bytes[at + seq_len(n) - 1L], old)) bytes[at + seq_len(n) - 1L] <- keys[[i]]
    }
  }
  writeBin(bytes, path)
  path
}

# Of each exported function, and of the methods of a handle, what it does with a key, or all.
uses <- list(
  names = function(m, k) names(m), length = function(m, k) length(m),
  print = function(m, k) print(m), str = function(m, k) str(m), summary = function(m, k) summary(m),
  format = function(m, k) format(m), all.equal = function(m, k) all.equal(m, m),
  mmap_diff = function(m, k) print(mmap_diff(m, as.list(m[0]))),
  as.data.frame = function(m, k) print(as.data.frame(m)), lengths = function(m, k) lengths(m),
  as.environment = function(m, k) ls(m), rev = function(m, k) rev(m),
  unlist = function(m, k) unlist(m),
  plot = function(m, k) {
    # R CMD check makes an error of R's warning that the device's font lacks a character.
    withr::local_envvar("_R_CHECK_MBCS_CONVERSION_FAILURE_" = NA)
    grDevices::pdf(NULL)
    on.exit(grDevices::dev.off())
    plot(m)
  },
  as.list = function(m, k) as.list(m), all = function(m, k) m[seq_along(m)],
  some = function(m, k) m[rep(TRUE, length(m))], by_name = function(m, k) m[names(m)],
  one = function(m, k) m[[k]], shown = function(m, k) m[[names(m)[[1L]]]],
  first = function(m, k) m[[1L]], list = function(m, k) m[k],
  slice = function(m, k) m[k, 2], put_slice = function(m, k) m[k, 2] <- 7,
  nested = function(m, k) m[[k]][2] <- 8, put = function(m, k) m[[k]] <- 1:3,
  put_many = function(m, k) m[names(m)] <- as.list(m), misfit = function(m, k) m[k, 1] <- "x",
  beyond = function(m, k) m[k, 9], rank = function(m, k) m[k, 1, 1],
  mmap_get = function(m, k) mmap_get(m, k), default = function(m, k) mmap_get(m, c(k, k), 0),
  mmap_set = function(m, k) mmap_set(m, k, 1:3), unfit = function(m, k) mmap_set(m, k, sum),
  has_key = function(m, k) has_key(m, k), absent = function(m, k) m[[rev(c(k, as.raw(0)))]],
  mmarray = function(m, k) {
    a <- mmarray(m, k)
    print(a)
    str(a)
    format(a)
    a[2]
    a[2] <- 5
    unserialize(serialize(a, NULL))[]
  },
  entries = function(m, k) print(entries(m)), dead = function(m, k) print(entries(m, dead = TRUE)),
  vacuum = function(m, k) vacuum(m, force = TRUE),
  upgrade = function(m, k) vacuum(m, force = TRUE, upgrade = TRUE),
  reclaim = function(m, k) reclaim(m, force = TRUE), fsck = function(m, k) print(fsck(m)),
  convert_pickle = function(m, k) names(mmapdict(convert_pickle(path_of(m), tempfile()))),
  read_pickle = function(m, k) print(read_pickle(path_of(m))),
  write_npy = function(m, k) write_npy(m[[k]], tempfile()),
  read_npy = function(m, k) print(read_npy(path_of(m))),
  read_npz = function(m, k) print(read_npz(path_of(m))),
  write_pickle = function(m, k) {
    write_pickle(as.list(m), path <- tempfile())
    print(read_pickle(path))
  },
  view_info = function(m, k) str(view_info(m[[k]])), is_view = function(m, k) is_view(m[[k]]),
  materialize = function(m, k) materialize(m[[k]]),
  numpy_memmap = function(m, k) {
    info <- asNamespace("mmappickle")$array_place(asNamespace("mmappickle")$pointer(m), k)
    if (is.null(info)) numpy_memmap(m, k)
  },
  serialize = function(m, k) unserialize(serialize(m[[k]], NULL)),
  ndarray = function(m, k) m[[k]] <- ndarray(m[[k]], "float32"),
  empty_ndarray = function(m, k) m[[k]] <- empty_ndarray(3),
  mmap_append = function(m, k) mmap_append(m, k, 4),
  growing_ndarray = function(m, k) {
    m[[k]] <- growing_ndarray(1, capacity = 2)
    mmap_append(m, k, 4)
  },
  write_mmarray = function(m, k) write_mmarray(1:3, m, k),
  as_python = function(m, k) as_python(m[[k]]), r_object = function(m, k) m[[k]] <- r_object(1),
  unserialize_r_object = function(m, k) unserialize_r_object(m[[k]]),
  local_mmapdict = function(m, k) names(local_mmapdict(path_of(m))),
  with_mmapdict = function(m, k) with_mmapdict(path_of(m), function(m) m[[k]]),
  mmap_rename = function(m, k) mmap_rename(m, k, "another"),
  `mmap_rename to` = function(m, k) mmap_rename(m, 1, k),
  mmap_copy = function(m, k) mmap_copy(m, m, k, "another"),
  `mmap_copy all` = function(m, k) mmap_copy(m, mmapdict(tempfile())),
  mmap_delete = function(m, k) mmap_delete(m, k),
  mmap_attr = function(m, k) mmap_attr(m, k, "own"),
  `mmap_attr<-` = function(m, k) mmap_attr(m, k, "own") <- 1,
  mmap_state = function(m, k) mmap_state(m),
  mmap_wait = function(m, k) {
    mmap_wait(m, 0)
    m[[k]] <- NULL
    print(mmap_wait(m))
  },
  commit_number = function(m, k) commit_number(m), is_open = function(m, k) is_open(m),
  mmapdict = function(m, k) close(mmapdict(path_of(m))), remove = function(m, k) m[[k]] <- NULL
)

ours_or_none <- function(expr) {
  said <- NULL
  problem <- withCallingHandlers(
    tryCatch({
      utils::capture.output(expr)
      ""
    }, mmappickle_error = function(e) {
      said <<- conditionMessage(e)
      ""
    }, error = conditionMessage),
    warning = function(w) {
      if (!inherits(w, "mmappickle_warning")) said <<- c(said, "\xff", conditionMessage(w))
      invokeRestart("muffleWarning")
    }
  )
  if (!all(validUTF8(said %||% ""))) problem <- paste("words:", toString(said))
  problem
}

test_that("every function bears every key", {
  takes_none <- c("mmappickle_conditions", "python_object", "pandas_frame")
  expect_identical(setdiff(exported_functions(), c(names(uses), takes_none)),
                   character())
  withr::local_envvar(RETICULATE_PYTHON = python()) # else reticulate may fetch one
  path <- file_of_others()
  whole <- file_bytes(path)
  for (use in names(uses)) {
    for (key in names(keys_of_others)) {
      writeBin(whole, path)
      m <- mmapdict(path)
      expect_identical(ours_or_none(uses[[use]](m, keys_of_others[[key]])), "",
                       info = paste(use, key))
      close(m)
    }
  }
})

test_that("names are escaped, and the same everywhere", {
  path <- file_of_others()
  m <- local_mmapdict(path)
  shown <- names(m)
  expect_true(all(validUTF8(shown)))
  expect_identical(shown[c(1, 4, 6, 7)], c("a\\x00", "\\udc80", "", "\U1F600"))
  values <- as.list(m)
  expect_identical(names(values), shown)
  expect_identical(names(read_pickle(path)), shown)
  expect_identical(entries(m)$key, shown)
  expect_identical(names(m[seq_along(m)]), shown)
  expect_identical(view_info(m[[keys_of_others$nul]])$key, "a\\x00")
  expect_s3_class(values[[2]][[1]], "python_object")
  expect_error(m[keys_of_others$nul, 9], "a\\x00", fixed = TRUE, class = "mmappickle_error_index")
  expect_error(m[[as.raw(c(0x62, 0x00))]], "b\\x00", fixed = TRUE, class = "mmappickle_error_key")
})

test_that("a report on such keys, and a repair, come to their end", {
  invalid <- c(keys_of_others, list(invalid = as.raw(c(0x66, 0xff)), more = as.raw(c(0xc3, 0x28))))
  path <- file_of_others(invalid)
  whole <- file_bytes(path)
  n <- length(whole)
  # cut at its end; in the midst; a byte changed in each of many places
  damages <- c(
    list(whole[seq_len(n - 20L)], whole[seq_len(n %/% 2L)], c(whole, as.raw(1:30))),
    lapply(seq(25L, n, length.out = 40L), function(at) {
      whole[[at]] <- xor(whole[[at]], as.raw(0x15))
      whole
    })
  )
  for (i in seq_along(damages)) {
    writeBin(damages[[i]], path)
    expect_identical(ours_or_none(print(fsck(path))), "", info = i)
    repaired <- tryCatch(fsck(path, repair = TRUE, force = TRUE), mmappickle_error = identity)
    expect_true(inherits(repaired, c("mmappickle_fsck", "mmappickle_error")), info = i)
    if (!is.data.frame(repaired)) next
    expect_true(all(validUTF8(c(repaired$key, repaired$problem, repaired$action))), info = i)
    unlink(attr(repaired, "lost"))
    expect_identical(ours_or_none(print(as.list(mmapdict(path, readonly = TRUE)))), "", info = i)
  }
})

test_that("texts and keys with a NUL are converted", {
  from <- withr::local_tempfile()
  writeLines("(dVa\\u0000b\nVone\\u0000two\nsVc\n(lVx\\u0000\naVy\nas.", from)
  to <- new_path()
  expect_identical(ours_or_none(convert_pickle(from, to)), "")
  if (file.exists(to)) {
    m <- local_mmapdict(to)
    expect_identical(names(as.list(m)), c("a\\x00b", "c"))
    expect_identical(ours_or_none(print(as.list(m))), "")
  }
})
