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

# A local time in a zone of the zone database; fields: year, month, day, hour, minute,
# second, fold (1: the second of two moments that the clock shows twice).
python_zoned <- function(fields, zone) {
  if (!zone %in% OlsonNames()) {
    return(structure(
      list(class = "datetime.datetime", how = "call", state = list(fields = fields, zone = zone)),
      class = "python_object"
    ))
  }
  x <- ISOdatetime(fields[1], fields[2], fields[3], fields[4], fields[5], fields[6], tz = zone)
  shown <- function(t) format(t, "%Y-%m-%d %H:%M:%S", tz = zone)
  other <- x + if (fields[7] == 1) 3600 else -3600
  if (!is.na(x) && identical(shown(other), shown(x))) x <- other
  x
}
