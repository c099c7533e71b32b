# Draws man/figures/README-picture.png, from files that it makes: an array of 1 TB, a slice of
# which is plotted, and an array that Python fills while R looks. Needs Python with NumPy.
# Usage: Rscript tools/picture.R          (with the package installed)
library(mmappickle)
python <- Sys.getenv("MMAPPICKLE_PYTHON", "/usr/bin/python3")
folder <- tempfile()
dir.create(folder)
large_path <- file.path(folder, "large.mmdpickle")
live_path <- file.path(folder, "live.mmdpickle")

# -- 1 TB ----------------------------------------------------------------------------------
far <- sqrt(outer(seq(-2, 2, length.out = 500)^2, seq(-2, 2, length.out = 500)^2, `+`))
large <- mmapdict(large_path)
large[["frames"]] <- empty_ndarray(c(500000, 500, 500))
large["frames", 250000, , ] <- sin(8 * far) / (0.3 + far^2)
get <- function() large[["frames"]]
for (i in 1:1000) get()
once <- vapply(1:2000, function(i) {
  start <- Sys.time()
  get()
  as.numeric(Sys.time() - start, units = "secs")
}, 0)
microseconds <- 1e6 * median(once)

# -- two processes -------------------------------------------------------------------------
live <- mmapdict(live_path)
live[["image"]] <- empty_ndarray(c(60, 90))
script <- file.path(folder, "writer.py")
writeLines(sprintf("
import numpy, time
image = numpy.memmap('%s', 'float64', 'r+', %d, (60, 90))
x = numpy.arange(1, 91)
for i in range(60):
    image[i] = numpy.sin(i / 6) * numpy.cos(x / 9) + 1.5
    time.sleep(0.02)
", live_path, as.integer(entries(live)$offset)), script)
system2(python, script, wait = FALSE)
moments <- lapply(c(15, 35, 60), function(rows) {
  for (i in 1:3000) {
    if (sum(live["image", , 1] != 0) >= rows) break
    Sys.sleep(0.005)
  }
  materialize(live[["image"]])
})

# -- the picture ---------------------------------------------------------------------------
dir.create("man/figures", showWarnings = FALSE, recursive = TRUE)
png("man/figures/README-picture.png", 1200, 400, res = 120, type = "cairo")
colors <- hcl.colors(99)
layout(matrix(1:4, 1), widths = c(1.45, 1, 1, 1))
draw <- function(x, title, below) {
  par(mar = c(3.2, 0.6, 3.2, 0.6))
  image(x, col = colors, axes = FALSE, useRaster = TRUE)
  mtext(title, 3, 1, font = 2, cex = 0.75)
  mtext(below, 1, 1, cex = 0.62)
}
draw(large["frames", 250000, , ], sprintf("1 TB, mapped in %.0f microseconds", microseconds),
     'm["frames", 250000, , ]')
said <- c("Python writes ...", "... R looks ...", "... at one file")
for (i in 1:3) {
  below <- sprintf("%d of 60 rows", sum(moments[[i]][, 1] != 0))
  draw(t(moments[[i]])[, 60:1], said[[i]], below)
}
dev.off()
close(large)
close(live)
unlink(folder, recursive = TRUE)
