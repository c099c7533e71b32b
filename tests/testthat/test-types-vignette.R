# The examples of the vignette "Types" (inst/types; those of the group "likewise" are behind its
# notes), which R checks while it builds the page, as Python sees them.

types_file <- function(name) {
  system.file("types", name, package = "mmappickle", mustWork = TRUE)
}

# Rows whose packages are there.
types_table <- function(name) {
  rows <- as.data.frame(read.dcf(types_file(name)))
  there <- vapply(rows$Needs, function(need) {
    is.na(need) || requireNamespace(need, quietly = TRUE)
  }, NA)
  rows[there, ]
}
run_example <- function(code) eval(parse(text = code), globalenv())

test_that("what R stores is in Python what the table says", {
  require_python()
  rows <- types_table("r-to-python.dcf")
  m <- local_store()
  for (i in seq_len(nrow(rows))) m[paste(i, rows$R[i])] <- list(run_example(rows$R[i]))
  lines <- paste(seq_len(nrow(rows)), paste(rows$R, rows$Python, sep = "\t"))
  expected <- withr::local_tempfile(lines = lines)
  for (python in pythons()) {
    withr::local_envvar(MMAPPICKLE_PYTHON = python)
    out <- run_python(testthat::test_path("python", "expectations.py"), path_of(m), expected)
    expect_identical(out, character(), info = python)
  }
})

test_that("what R stores comes back as the table says", {
  rows <- types_table("r-to-python.dcf")
  m <- local_store()
  for (i in seq_len(nrow(rows))) {
    x <- run_example(rows$R[i])
    m["k"] <- list(x)
    back <- if (is.na(rows$Back[i])) x else run_example(rows$Back[i])
    expect_true(identical(m[["k"]], back), info = rows$R[i])
  }
})

test_that("the pickles of the table hold the values of its expressions", {
  require_python()
  script <- testthat::test_path("python", "types_table.py")
  folder <- dirname(types_file("python-to-r.dcf"))
  for (python in pythons()) {
    withr::local_envvar(MMAPPICKLE_PYTHON = python)
    expect_identical(
      run_python(script, "check", types_file("python-to-r.dcf"), folder), character(),
      info = python
    )
  }
})

# `folder`: where the pickles are.
expect_table_read <- function(folder, info) {
  rows <- types_table("python-to-r.dcf")
  for (group in unique(rows$Group == "pandas")) {
    name <- if (group) "python-to-r-pandas.pickle" else "python-to-r.pickle"
    path <- file.path(folder, name)
    if (!file.exists(path)) next
    values <- read_pickle(path)
    for (i in which((rows$Group == "pandas") == group)) {
      x <- values[[rows$Python[i]]]
      label <- paste(info, rows$Python[i])
      if (is.na(rows$R[i])) {
        expect_identical(format(x), rows$Shows[i], info = label)
      } else {
        expect_true(identical(x, run_example(rows$R[i])), info = label)
      }
    }
  }
}

test_that("Python's values are in R what the table says", {
  expect_table_read(dirname(types_file("python-to-r.dcf")), "")
})

test_that("so they are when the Python at hand has made them", {
  require_python()
  script <- testthat::test_path("python", "types_table.py")
  for (python in pythons()) {
    folder <- withr::local_tempdir()
    withr::local_envvar(MMAPPICKLE_PYTHON = python)
    run_python(script, "write", types_file("python-to-r.dcf"), folder)
    expect_table_read(folder, python)
  }
})
