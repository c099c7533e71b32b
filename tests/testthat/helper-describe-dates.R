# Python's dates and times.

comparers$date <- function(x, d, context, where) {
  same(inherits(x, "Date") && length(x) == 1L && format(x, "%Y-%m-%d") == d$v ||
         identical(unclass(x), as.numeric(as.Date(d$v))), where, paste("is not", d$v))
}

# Seconds since the epoch of an ISO text in a zone.
iso_seconds <- function(v, zone = "UTC", fold = 0) {
  fraction <- as.numeric(paste0("0", substring(v, 20L)))
  days <- as.numeric(as.Date(substr(v, 1L, 10L)))
  clock <- as.numeric(substring(v, c(12, 15, 18), c(13, 16, 19)))
  utc <- days * 86400 + sum(clock * c(3600, 60, 1))
  if (zone == "UTC") {
    return(utc + fraction)
  }
  # the moments around at which the clocks of the zone show this, in order
  moments <- utc + seq(-15, 15, by = 0.25) * 3600
  shown <- format(.POSIXct(moments, zone), "%Y-%m-%dT%H:%M:%S")
  fitting <- moments[shown == substr(v, 1L, 19L)]
  fitting[[if (fold == 1) length(fitting) else 1L]] + fraction
}

comparers$datetime <- function(x, d, context, where) {
  if (!inherits(x, "POSIXct")) {
    known <- c("None", "timezone", "zoneinfo")
    return(same(is_python(x) && !d$tz$t %in% known, where, "is no POSIXct"))
  }
  zone <- if (d$tz$t == "zoneinfo") d$tz$key else "UTC"
  offset <- if (d$tz$t == "timezone") as.numeric(d$tz$offset_us) / 1e6 else 0
  wanted <- iso_seconds(d$v, zone, d$fold) - offset
  first_difference(
    same(abs(as.numeric(x) - wanted) < 1e-5, where, paste("is not", d$v)),
    if (d$tz$t == "None") same(attr(x, "tzone") == "UTC", where, "is not in UTC"),
    if (d$tz$t == "zoneinfo") same(attr(x, "tzone") == zone, where, "is in another zone")
  )
}

comparers$time <- function(x, d, context, where) {
  clock <- as.numeric(strsplit(d$v, ":")[[1L]])
  first_difference(
    same(inherits(x, "difftime") &&
           abs(as.numeric(x, units = "secs") - sum(clock * c(3600, 60, 1))) < 1e-6,
         where, paste("is not", d$v)),
    same(is.null(attr(x, "tzone")) == (d$tz$t == "None"), where, "zone or none"),
    if (d$tz$t == "timezone") comparers$timezone(attr(x, "tzone"), d$tz, context, where),
    if (d$tz$t == "zoneinfo") same(attr(x, "tzone") == d$tz$key, where, "is in another zone")
  )
}

# What R's own functions take as a zone is ahead of UTC by so much.
comparers$timezone <- function(x, d, context, where) {
  offset <- if (is.character(x)) as.POSIXlt(.POSIXct(0), tz = x)$gmtoff
  if (identical(x, "UTC")) offset <- 0
  same(identical(as.numeric(offset), trunc(as.numeric(d$offset_us) / 1e6)), where,
       paste("is another zone:", x))
}

comparers$timedelta <- function(x, d, context, where) {
  wanted <- d$days * 86400 + d$seconds + d$microseconds / 1e6
  same(inherits(x, "difftime") &&
         abs(as.numeric(x, units = "secs") - wanted) <= 1e-15 * abs(wanted),
       where, "other timedelta")
}
