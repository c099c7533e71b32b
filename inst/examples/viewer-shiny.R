# The viewer of viewer.R as a shiny app: the newest image of a stack that another process fills.
#
#   Rscript viewer-shiny.R scan.mmdpickle images
#
# or, in a session, source() this file and run shiny::runApp(image_app("scan.mmdpickle", "images")).
# mmap_state() tells shiny::reactivePoll(), at the cost of one system call, whether anything was
# changed; only then is the image read.

library(mmappickle)

image_app <- function(path, key, interval = 50) {
  m <- mmapdict(path, readonly = TRUE)
  shiny::shinyApp(
    shiny::fluidPage(
      shiny::titlePanel(basename(path)),
      shiny::textOutput("number"),
      shiny::plotOutput("image", height = "600px")
    ),
    image_server(m, key, interval),
    onStart = function() shiny::onStop(function() close(m))
  )
}

image_server <- function(m, key, interval = 50) {
  function(input, output, session) {
    newest <- shiny::reactivePoll(
      interval, session,
      checkFunc = function() mmap_state(m),
      valueFunc = function() newest_image(m, key)
    )
    output$number <- shiny::renderText({
      if (is.null(newest())) "no image yet" else paste("image", newest()$n)
    })
    output$image <- shiny::renderPlot({
      if (!is.null(newest())) draw_image(newest(), key)
    })
  }
}

# The newest image, read alone however large the stack is; NULL while there is none.
newest_image <- function(m, key) {
  if (!has_key(m, key)) {
    return(NULL)
  }
  n <- dim(m[[key]])[[1L]]
  if (n > 0L) list(n = n, pixels = m[key, n, , ])
}

draw_image <- function(newest, key) {
  pixels <- newest$pixels
  graphics::image(
    t(pixels[rev(seq_len(nrow(pixels))), , drop = FALSE]),
    col = grDevices::hcl.colors(64L), axes = FALSE, asp = nrow(pixels) / ncol(pixels),
    main = paste(key, newest$n),
    useRaster = TRUE # else some devices show the seams of the pixels
  )
}

if (sys.nframe() == 0L && length(commandArgs(TRUE)) == 2L) {
  arguments <- commandArgs(TRUE)
  shiny::runApp(image_app(arguments[[1L]], arguments[[2L]]))
}
