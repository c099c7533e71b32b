# Called from C++ for the few Python values that R's own functions make best.

has_bit64 <- function() requireNamespace("bit64", quietly = TRUE)

# range(): R keeps a sequence by one as its two ends.
python_range <- function(start, step, count) {
  if (count == 0) {
    return(integer())
  }
  last <- start + step * (count - 1)
  if (step == 1) {
    return(start:last)
  }
  out <- seq(start, last, length.out = count)
  if (max(abs(c(start, last))) <= .Machine$integer.max) as.integer(out) else out
}

# Whether the zone database has the zone: OlsonNames() reads all of it, some milliseconds.
is_zone <- local({
  zones <- NULL
  function(zone) {
    if (is.null(zones)) zones <<- OlsonNames()
    zone %in% zones
  }
})

# Local times in a zone of the zone database; fields, seven each: year, month, day, hour,
# minute, second, fold (1: the second of two moments that the clock shows twice).
python_zoned <- function(fields, zone) {
  if (!is_zone(zone)) {
    objects <- lapply(split(fields, (seq_along(fields) - 1L) %/% 7L), function(one) {
      structure(
        list(class = "datetime.datetime", how = "call", state = list(fields = one, zone = zone)),
        class = "python_object"
      )
    })
    return(if (length(objects) == 1L) objects[[1L]] else unname(objects))
  }
  f <- matrix(fields, 7L)
  x <- ISOdatetime(f[1L, ], f[2L, ], f[3L, ], f[4L, ], f[5L, ], f[6L, ], tz = zone)
  shown <- function(t) format(t, "%Y-%m-%d %H:%M:%S", tz = zone)
  other <- x + ifelse(f[7L, ] == 1, 3600, -3600)
  twice <- which(!is.na(x) & shown(other) == shown(x))
  x[twice] <- other[twice]
  x
}
