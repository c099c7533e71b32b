# Views that were cut off, or rounded, are reported by the next call into the package; there is
# nothing to set up here but what R itself loads.

.onUnload <- function(libpath) library.dynam.unload("mmappickle", libpath)
