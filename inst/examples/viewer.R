# A viewer of a stack of images that another process fills, in base graphics. It draws the newest
# image as soon as it is there:
#
#   Rscript viewer.R scan.mmdpickle images
#
# or, in a session, source() this file and call view_images("scan.mmdpickle", "images").
#
# The stack is an array of shape (images, rows, columns). Who fills it may be R:
#
#   m <- mmapdict("scan.mmdpickle")
#   repeat mmap_append(m, "images", next_image())
#
# or Python, with NumPy and fcntl alone: append.py, beside this file. The file is never written
# here.

library(mmappickle)

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
  # As a picture: the first row at the top.
  graphics::image(
    t(pixels[rev(seq_len(nrow(pixels))), , drop = FALSE]),
    col = grDevices::hcl.colors(64L), axes = FALSE, asp = nrow(pixels) / ncol(pixels),
    main = paste(key, newest$n),
    useRaster = TRUE # else some devices show the seams of the pixels
  )
}

# Draws until `images` were drawn, or nothing has changed for `timeout` seconds; Ctrl-C ends it,
# too. Gives the numbers of the images that were drawn: one that comes while another is being
# drawn is skipped where a newer one is there already.
view_images <- function(path, key, images = Inf, timeout = Inf) {
  m <- mmapdict(path, readonly = TRUE)
  on.exit(close(m))
  mmap_wait(m, timeout = 0) # what changes from here on is told
  drawn <- integer()
  repeat {
    newest <- newest_image(m, key)
    if (!is.null(newest) && !newest$n %in% drawn) {
      draw_image(newest, key)
      drawn <- c(drawn, newest$n)
    }
    if (length(drawn) >= images || !nrow(mmap_wait(m, timeout))) {
      return(invisible(drawn))
    }
  }
}

if (sys.nframe() == 0L && length(commandArgs(TRUE)) == 2L) {
  arguments <- commandArgs(TRUE)
  # Rscript draws into a file unless it is told otherwise.
  if (!interactive() && capabilities("X11")) grDevices::x11()
  view_images(arguments[[1L]], arguments[[2L]])
}
