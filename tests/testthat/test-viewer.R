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
