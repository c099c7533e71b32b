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

# Python, with NumPy alone, adds so many images to a stack, ten a second.
scan_by_python <- function(path, count) {
  script <- system.file("examples", "append.py", package = "mmappickle", mustWork = TRUE)
  system2(python(), shQuote(c("-B", script, path, "images", count)), wait = FALSE)
}

new_stack <- function(path) {
  m <- mmapdict(path)
  m[["images"]] <- growing_ndarray(c(0, 4, 6), "float64", capacity = 100)
  close(m)
}

test_that("the viewer draws the images that Python appends", {
  skip_on_cran()
  skip_on_os("windows")
  require_python()
  viewer <- example_code("viewer.R")
  path <- new_path()
  new_stack(path)
  out <- withr::local_tempfile(fileext = ".png")
  grDevices::png(out)
  withr::defer(grDevices::dev.off())
  scan_by_python(path, 10L)
  drawn <- integer()
  while (!length(drawn) || max(drawn) < 10L) {
    more <- viewer$view_images(path, "images", timeout = 20, images = 1)
    if (!length(more)) break
    drawn <- c(drawn, more)
  }
  expect_identical(max(drawn), 10L)
  expect_false(is.unsorted(drawn))
})

listens <- function(port) {
  tryCatch(
    {
      close(suppressWarnings(socketConnection(port = port, timeout = 1)))
      TRUE
    },
    error = function(e) FALSE
  )
}

test_that("in a browser the shiny app shows the images that Python appends", {
  skip_on_cran()
  skip_on_os("windows")
  skip_if_not_installed("shiny")
  skip_if_not_installed("callr")
  skip_if(!nzchar(Sys.which("chromium")), "no Chromium")
  require_python()
  path <- new_path()
  new_stack(path)
  port <- 20000L + Sys.getpid() %% 20000L
  app <- start_r(function(code, path, port) {
    source(code)
    shiny::runApp(image_app(path, "images"), port = port, launch.browser = FALSE)
  }, system.file("examples", "viewer-shiny.R", package = "mmappickle"), path, port)
  for (i in 1:600) if (listens(port) || !app$is_alive()) break else Sys.sleep(0.1)
  browser <- local_browser()
  browser$open(paste0("http://127.0.0.1:", port))
  shown <- function(code, wanted) {
    for (i in 1:300) {
      found <- browser$value(code)
      if (length(found) && wanted(found)) break
      Sys.sleep(0.1)
    }
    found
  }
  number <- function(wanted) {
    shown("document.getElementById('number')?.innerText", function(x) x == wanted)
  }
  picture <- function(last = "") {
    is_new <- function(x) startsWith(x, "data:") && x != last
    shown("document.querySelector('#image img')?.src", is_new)
  }
  expect_identical(number("no image yet"), "no image yet")
  scan_by_python(path, 5L)
  expect_identical(number("image 5"), "image 5")
  first <- picture()
  scan_by_python(path, 5L)
  expect_identical(number("image 10"), "image 10")
  expect_match(picture(first), "^data:image/png")
  # In colours: more than a page with text would have.
  expect_gt(file.size(browser$picture()), 8000)
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
      expect_identical(output$number, wanted)
    }
    shown("no image yet")
    for (i in 1:3) {
      writer[["images"]] <- array(i, c(i, 4L, 6L))
      shown(paste("image", i))
    }
    testthat::expect_match(output$image$src, "^data:image/png")
  })
})
