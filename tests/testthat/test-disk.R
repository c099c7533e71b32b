# Disks that are full or read-only, and files that go away.

# -- full ------------------------------------------------------------------------------------

many <- as.double(1:60000)

disk_store <- function(path) {
  m <- mmapdict(path)
  m[["first"]] <- "stays"
  m[["array"]] <- c(1.5, 2.5, 3.5)
  m[["stub"]] <- empty_ndarray(1e5)
  m[["dead"]] <- as.double(1:20000)
  m[["dead"]] <- NULL
  m[["large"]] <- as.double(1:20000)
  m
}

# What wants room on the disk of the file of `m`; `beside`: another path there.
hungry <- list(
  "insert" = function(m, beside) m[["new"]] <- many,
  "insert of text" = function(m, beside) m[["new"]] <- as.character(many),
  "replace" = function(m, beside) m[["array"]] <- many,
  "copy" = function(m, beside) m["copy"] <- m["large"],
  "slice in a hole" = function(m, beside) m["stub", 1:50000] <- many[1:50000],
  "nested slice in a hole" = function(m, beside) m[["stub"]][60000:90000] <- 7,
  "vacuum" = function(m, beside) vacuum(m),
  "upgrade" = function(m, beside) vacuum(m, upgrade = TRUE),
  "convert_pickle" = function(m, beside) convert_pickle(path_of(m), beside, overwrite = TRUE),
  "write_pickle" = function(m, beside) write_pickle(many, beside),
  "mmapdict" = function(m, beside) {
    one <- mmapdict(beside)
    on.exit(close(one))
    one[["new"]] <- many
  }
)

test_that("a disk that is full is an error, and no more than that", {
  require_python()
  disk <- local_disk()
  checked <- checklist()
  check <- checked$check
  python <- python_files()
  looked <- list()
  for (label in names(hungry)) {
    path <- file.path(disk, "file")
    m <- disk_store(path)
    view <- m[["large"]]
    clean <- python$add(path)
    fill_disk(disk)
    failure <- tryCatch(hungry[[label]](m, file.path(disk, "beside")), error = identity)
    check(inherits(failure, "mmappickle_error_io"), label, ": ", class(failure))
    check(identical(failure$cause, "ENOSPC"), label, ": cause ", failure$cause)
    check(grepl("full", conditionMessage(failure)), label, ": no hint")
    check(identical(sort(names(m)), c("array", "first", "large", "stub")), label, ": keys")
    check(identical(m[["array"]][], c(1.5, 2.5, 3.5)), label, ": reads something else")
    check(identical(sum(view), 200010000), label, ": the view has changed")
    left <- setdiff(list.files(disk, all.files = TRUE, no.. = TRUE),
                    c("file", "ballast", if (label == "mmapdict") "beside"))
    check(length(left) == 0L, label, ": left over: ", left)
    full <- python$add(path)
    # In-place changes want no room.
    slice <- function(value) m["array", 1] <- value
    check(is.null(failure_of(lapply(c(9, 1.5), slice))), label, ": no slice")
    free_disk(disk)
    again <- failure_of(hungry[[label]](m, file.path(disk, "beside")))
    check(is.null(again), label, ": not even with room: ", conditionMessage(again))
    m[["after"]] <- 1
    check(identical(m[["after"]], 1), label, ": no insert")
    check(!length(harm_in(path)), label, ": harm: ", harm_in(path))
    looked <- c(looked, list(list(label = label, clean = clean, full = full,
                                  after = python$add(path))))
    close(m)
    unlink(file.path(disk, c("file", "beside")))
    rm(m, view)
    gc()  # a view keeps the room of its file
  }
  python$look()
  for (one in looked) {
    full <- python$found(one$full)
    if (grepl("slice", one$label)) {
      check(identical(keys_of(full), keys_of(python$found(one$clean))), one$label, ": ", full)
    } else {
      check(identical(full, python$found(one$clean)), one$label, ": ", full)
    }
    check("after" %in% keys_of(python$found(one$after)), one$label, ": not committed")
    check(python$sound(one$after), one$label, ": not whole")
  }
  checked$report()
})

test_that("inserts until the disk is full keep what was committed", {
  require_python()
  disk <- local_disk("1m")
  path <- file.path(disk, "file")
  m <- mmapdict(path)
  failure <- NULL
  for (i in 1:1000) {
    failure <- failure_of(mmap_set(m, paste0("k", i), as.double(1:2000) + i))
    if (!is.null(failure)) break
  }
  expect_s3_class(failure, "mmappickle_error_io")
  expect_gt(i, 30L)
  expect_identical(names(m), paste0("k", seq_len(i - 1L)))
  python <- python_files()
  found <- python$add(path)
  python$look()
  expect_setequal(keys_of(python$found(found)), names(m))
  expect_true(python$sound(found))
  for (k in c("k1", "k2", "k3")) m[[k]] <- NULL
  expect_identical(m[["k5"]][2000], 2005)
  expect_kind(vacuum(m), "io")
  expect_identical(length(m), i - 4L)
  close(m)
  expect_identical(list.files(disk), "file")
})

test_that("a file that an interrupted writer left heals, and is repaired where there is room", {
  disk <- local_disk("1m")
  path <- file.path(disk, "file")
  m <- mmapdict(path)
  m[["a"]] <- 1
  close(m)
  connection <- file(path, "ab")
  writeBin(as.raw(1:100), connection)
  close(connection)
  fill_disk(disk)
  expect_true(any(grepl("behind", fsck(path)$problem)))
  bytes <- file_bytes(path)
  expect_kind(fsck(path, repair = TRUE), "io") # a repair is a new file
  expect_identical(file_bytes(path), bytes)
  expect_false(file.exists(paste0(path, ".lost")))
  m <- mmapdict(path)
  m["a"] <- list(NULL) # a write in what the cut gives back
  expect_identical(nrow(fsck(path)), 0L)
  close(m)
  cat("junk", file = path, append = TRUE)
  unlink(setdiff(list.files(disk, full.names = TRUE), path))
  expect_true(attr(fsck(path, repair = TRUE), "repaired"))
  expect_identical(nrow(fsck(path)), 0L)
})

# -- quota, faults ---------------------------------------------------------------------------

test_that("quotas and faults of the disk have names", {
  for (label in c("insert vector", "replace by matrix", "delete an array",
                  "slice of a vector", "slice by nested assignment", "vacuum")) {
    for (cause in c("EDQUOT", "EIO")) {
      m <- testing_handle(seed_store(new_path()))
      fail_calls(m, fail_at = 1, error = cause)
      failure <- tryCatch(changes[[label]](m), error = identity)
      expect_s3_class(failure, "mmappickle_error_io")
      expect_identical(failure$cause, cause)
      expect_no_error(changes[[label]](m))
      close(m)
    }
  }
})

# -- read-only -------------------------------------------------------------------------------

test_that("a disk that is mounted read-only can be read", {
  disk <- local_disk()
  path <- file.path(disk, "file")
  close(disk_store(path))
  if (!mounted("-o", "remount,ro", disk)) skip("this platform remounts for the root user only")
  before <- file_bytes(path)
  m <- mmapdict(path, readonly = TRUE)
  expect_identical(m[["array"]][], c(1.5, 2.5, 3.5))
  expect_kind(m[["new"]] <- 1, "readonly")
  expect_identical(nrow(fsck(path)), 0L)
  for (refused in expression(
    mmapdict(path), mmapdict(file.path(disk, "new")), fsck(path, repair = TRUE),
    write_pickle(1, path), write_pickle(1, file.path(disk, "new")), convert_pickle(path)
  )) {
    failure <- expect_kind(eval(refused), "io")
    expect_identical(failure$cause, "EROFS")
    expect_match(conditionMessage(failure), "[Rr]ead-only")
  }
  expect_match(conditionMessage(expect_kind(mmapdict(path), "io")), "readonly = TRUE")
  expect_identical(file_bytes(path), before)
  expect_identical(list.files(disk), "file")
  close(m)
})

# -- gone ------------------------------------------------------------------------------------

# A handle, and a view from it, of a file that then goes away: reads go on, writes are refused.
expect_gone <- function(m, view) {
  expect_identical(m[["array"]][], c(1.5, 2.5, 3.5))
  expect_identical(sum(view), 200010000)
  for (refused in expression(
    m[["new"]] <- 1, m["array", 1] <- 2, m[["array"]][1] <- 2, m[["first"]] <- NULL, vacuum(m)
  )) {
    expect_kind(eval(refused), "stale")
  }
  expect_identical(m[["first"]], "stays")
}

test_that("a file that is removed or moved under an open handle is refused to writers", {
  skip_on_os("windows")  # keeps what is open
  for (how in c("removed", "moved", "folder removed", "folder moved")) {
    folder <- withr::local_tempdir()
    path <- file.path(folder, "file")
    m <- disk_store(path)
    view <- m[["large"]]
    switch(how,
      removed = unlink(path),
      moved = file.rename(path, file.path(folder, "elsewhere")),
      "folder removed" = unlink(folder, recursive = TRUE),
      "folder moved" = file.rename(folder, paste0(folder, "-elsewhere"))
    )
    expect_gone(m, view)
    if (how == "moved") {
      file.rename(file.path(folder, "elsewhere"), path)
      m[["new"]] <- 1
      expect_identical(m[["new"]], 1)
      expect_identical(nrow(fsck(path)), 0L)
    } else {
      expect_false(file.exists(path))
    }
    close(m)
    expect_identical(view[20000], 20000)
    unlink(paste0(folder, "-elsewhere"), recursive = TRUE)
  }
})

test_that("a handle outlives permissions, a new one does not", {
  path <- new_path()
  close(disk_store(path))
  found <- as_plain_user(bquote(with(list(m = mmapdict(.(path))), list(
    Sys.chmod(.(path), "000"), m[["new"]] <- 1, m[["new"]],
    tryCatch(mmapdict(.(path)), error = identity),
    tryCatch(mmapdict(.(path), readonly = TRUE), error = identity)
  ))))
  expect_identical(found[[3L]], 1)
  for (failure in found[4:5]) {
    expect_s3_class(failure, "mmappickle_error_io")
    expect_identical(failure$cause, "EACCES")
  }
})

test_that("a stub's holes in a file in memory are read without filling them", {
  folder <- local_disk("16m")
  m <- mmapdict(file.path(folder, "f"))
  m[["stub"]] <- empty_ndarray(c(1e4, 1e4))
  m[["u"]] <- empty_ndarray(1e7, "U4")
  m["stub", 5000, 1:3] <- c(1, 2, 3)
  before <- file_blocks(file.path(folder, "f"))
  x <- m[["stub"]]
  expect_true(is_view(x))
  expect_identical(x[5000, 1:4], c(1, 2, 3, 0))
  expect_identical(sum(x[, 1:100]), 6)
  expect_identical(sum(m["stub", , 2]), 2)
  expect_identical(m["u", 1e7], "")
  expect_identical(mmarray(m, "stub")[5000, 2], 2)
  expect_lte(file_blocks(file.path(folder, "f")), before)
  m[["small"]] <- rnorm(1000)
  expect_identical(sum(m[["small"]]), sum(m["small", ]))
  close(m)
})

test_that("a small slice of a file in memory costs the same in a large file as in a small one", {
  folder <- local_disk("80m")
  seconds <- function(n) {
    m <- mmapdict(file.path(folder, paste("f", n)))
    on.exit(close(m))
    m[["x"]] <- matrix(1, n, n)
    once <- function() sum(system.time(for (i in 1:300) m["x", 3, 4])[c("user.self", "sys.self")])
    min(replicate(3, once()))
  }
  expect_lt(seconds(2000), 3 * seconds(10) + 0.005)
})
