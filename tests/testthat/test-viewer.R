# The examples that follow a stack of images: inst/examples.

example_code <- function(name) {
  code <- new.env(parent = globalenv())
  sys.source(system.file("examples", name, package = "mmappickle", mustWork = TRUE), code)
  code
}

# A scanner: one image more each time.
write_images <- function(path, count, pause) {
  m <- mmappickle::mmapdict(path)
  stack <- NULL
  for (i in seq_len(count)) {
    stack <- array(rep(seq_len(i), 4L * 6L) + 0, c(i, 4L, 6L))
    m[["images"]] <- stack
    Sys.sleep(pause)
  }
  close(m)
}

test_that("the viewer draws what another session adds, up to the last image", {
  skip_on_cran()
  skip_if_not_installed("callr")
  viewer <- example_code("viewer.R")
  path <- new_path()
  close(mmapdict(path))
  out <- withr::local_tempfile(fileext = ".pdf")
  grDevices::pdf(out)
  withr::defer(grDevices::dev.off())
  writer <- start_r(write_images, path, 8L, 0.1)
  drawn <- viewer$view_images(path, "images", timeout = 20, images = 1)
  expect_length(drawn, 1L)
  repeat {
    drawn <- c(drawn, viewer$view_images(path, "images", timeout = 1))
    if (!writer$is_alive()) break
  }
  result_of_r(writer)
  expect_identical(utils::tail(drawn, 1L), 8L)
  expect_false(is.unsorted(drawn))
  m <- local_mmapdict(path, readonly = TRUE)
  expect_identical(viewer$newest_image(m, "images"), list(n = 8L, pixels = matrix(8, 4, 6)))
  expect_null(viewer$newest_image(m, "absent"))
})

# Python, with NumPy alone, puts so many images into a stack that R has made.
start_scanner <- function(path, count) {
  m <- mmapdict(path)
  m[["images"]] <- growing_ndarray(c(0, 4, 6), "float64", capacity = count)
  close(m)
  script <- system.file("examples", "append.py", package = "mmappickle", mustWork = TRUE)
  system2(python(), shQuote(c("-B", script, path, "images", count)), wait = FALSE)
}

test_that("what Python appends is drawn; in pixels", {
  skip_on_cran()
  skip_on_os("windows")
  require_python()
  viewer <- example_code("viewer.R")
  path <- new_path()
  start_scanner(path, 10L)
  out <- withr::local_tempfile(fileext = ".png")
  grDevices::png(out)
  withr::defer(grDevices::dev.off())
  drawn <- integer()
  while (!length(drawn) || max(drawn) < 10L) {
    more <- viewer$view_images(path, "images", timeout = 20, images = 1)
    if (!length(more)) break
    drawn <- c(drawn, more)
  }
  expect_identical(max(drawn), 10L)
  expect_false(is.unsorted(drawn))
})

test_that("in a browser the shiny app shows the images as Python appends them", {
  skip_on_cran()
  skip_on_os("windows")
  skip_if_not_installed("shiny")
  skip_if_not_installed("callr")
  skip_if(!nzchar(Sys.which("chromium")), "no Chromium on this platform")
  require_python()
  path <- new_path()
  start_scanner(path, 60L)
  port <- withr::with_seed(NULL, sample(20000:40000, 1L))
  app <- start_r(function(code, path, port) {
    source(code)
    shiny::runApp(image_app(path, "images"), port = port, launch.browser = FALSE)
  }, system.file("examples", "viewer-shiny.R", package = "mmappickle"), path, port)
  browser <- local_browser()
  numbers <- pictures <- character()
  for (i in 1:200) {
    if (!length(numbers)) browser$open(paste0("http://127.0.0.1:", port))
    Sys.sleep(0.2)
    shown <- browser$value("document.getElementById('number')?.innerText")
    if (length(shown) && startsWith(shown, "image ")) {
      numbers <- unique(c(numbers, shown))
      pictures <- unique(c(pictures, browser$value("document.querySelector('#image img')?.src")))
    }
    if ("image 60" %in% numbers && length(pictures) > 1L || !app$is_alive()) break
  }
  expect_true("image 60" %in% numbers)
  expect_gt(length(numbers), 2L)
  expect_false(is.unsorted(as.integer(sub("image ", "", numbers))))
  expect_gt(length(pictures), 1L)
  expect_match(pictures, "^data:image/png")
  # It is drawn in colours: more than a page with text would have.
  expect_gt(file.size(browser$picture()), 5000)
})

test_that("the shiny app shows what is added", {
  skip_on_cran()
  skip_if_not_installed("shiny")
  viewer <- example_code("viewer-shiny.R")
  path <- new_path()
  writer <- local_mmapdict(path)
  m <- local_mmapdict(path, readonly = TRUE)
  shiny::testServer(viewer$image_server(m, "images", 50), {
    shown <- function(wanted) {
      for (i in 1:100) {
        if (identical(output$number, wanted)) break
        session$elapse(50)
        Sys.sleep(0.01)
      }
      testthat::expect_identical(output$number, wanted)
    }
    shown("no image yet")
    for (i in 1:3) {
      writer[["images"]] <- array(i, c(i, 4L, 6L))
      shown(paste("image", i))
    }
    testthat::expect_match(output$image$src, "^data:image/png")
  })
})
