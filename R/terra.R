# Objects of the package terra are pointers to its own memory: their bytes, and so r_object(), hold
# nothing of them.

#' @export
as_python.SpatRaster <- function(x, ...) refuse_pointer(x, "as.array(x)")

#' @export
as_python.SpatVector <- function(x, ...) refuse_pointer(x, "as.data.frame(x, geom = \"WKT\")")

refuse_pointer <- function(x, values) {
  abort_value(
    paste0("A ", class(x)[[1L]], " is a pointer to memory of terra's, which no file can hold."),
    paste0(
      values, " are its values; r_object(terra::wrap(x)) is all of it for R alone, ",
      "which terra::unwrap() opens."
    )
  )
}
