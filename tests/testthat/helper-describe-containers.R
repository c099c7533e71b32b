# Lists, tuples, sets, dicts, ranges.

# The kind of vector that items simplify to, NULL if none.
simple_kind <- function(items) {
  tags <- vapply(items, `[[`, "", "t")
  kinds <- unique(tags[tags != "None"])
  if (!length(kinds) || !all(kinds %in% c("bool", "int", "float", "str"))) {
    return(NULL)
  }
  values <- lapply(items[tags == "int"], function(d) int_value(d$v))
  wide <- vapply(values, function(v) inherits(v, "integer64"), NA)
  if (any(vapply(values, is.null, NA))) {
    return(NULL)
  }
  if (setequal(kinds, c("int", "float"))) {
    return(if (!any(wide)) "double")
  }
  if (length(kinds) > 1L) {
    return(NULL)
  }
  if (kinds == "int") {
    if (any(wide)) return("integer64")
    return(if (all(vapply(values, is.integer, NA))) "integer" else "double")
  }
  if (kinds == "str" && !all(vapply(items[tags == "str"], function(d) !is.null(d$v), NA))) {
    return(NULL)
  }
  switch(kinds, bool = "logical", float = "double", str = "character")
}

simple_vector <- function(items, kind) {
  na <- vapply(items, function(d) d$t == "None", NA)
  value <- function(d) switch(d$t, int = as.numeric(d$v), float = float_value(d), d$v)
  switch(kind,
    integer64 = {
      out <- bit64::as.integer64(rep(NA, length(items)))
      out[!na] <- bit64::as.integer64(vapply(items[!na], `[[`, "", "v"))
      out
    },
    {
      out <- rep(as.vector(NA, kind), length(items))
      for (at in which(!na)) out[[at]] <- as.vector(value(items[[at]]), kind)
      if (kind == "character") enc2utf8(out) else out
    }
  )
}

differ_sequence <- function(x, d, context, where) {
  items <- lapply(d$items, resolve_scalar, context)
  kind <- simple_kind(items)
  if (!is.null(kind)) {
    wanted <- simple_vector(items, kind)
    same_bits <- identical(class(x), class(wanted)) && length(x) == length(wanted) &&
      (if (is.double(wanted)) identical(double_bits(x), double_bits(wanted))
       else identical(x, wanted))
    return(same(same_bits, where, paste("other", kind, "vector")))
  }
  common <- common_kind(items)
  if (!is.null(common)) {
    return(differ_scalars(x, items, common, context, where))
  }
  if (!is.list(x) || is.object(x) || length(x) != length(items)) {
    return(paste0(where, ": no list of ", length(items)))
  }
  for (at in seq_along(items)) {
    found <- differ(x[[at]], d$items[[at]], context, paste0(where, "[[", at, "]]"))
    if (!is.null(found)) return(found)
  }
  NULL
}

resolve_scalar <- function(d, context) {
  if (identical(d$t, "ref")) context$by_id[[as.character(d$id)]] else d
}
comparers$list <- comparers$tuple <- comparers$deque <- differ_sequence

# Sets have no order: each item is found once.
comparers$set <- comparers$frozenset <- function(x, d, context, where) {
  kind <- simple_kind(d$items)
  if (!is.null(kind)) {
    wanted <- simple_vector(d$items, kind)
    same <- identical(class(x), class(wanted)) && length(x) == length(wanted) &&
      setequal(as.character(x), as.character(wanted))
    return(same(same, where, paste("other set of", kind)))
  }
  if (!is.list(x) || length(x) != length(d$items)) {
    return(paste0(where, ": no list of ", length(d$items)))
  }
  left <- seq_along(x)
  if (all(vapply(d$items, function(item) item$t == "int", NA))) {
    # Thousands of these: the likely ones first.
    wanted <- vapply(d$items, `[[`, "", "v")
    left <- order(match(vapply(x, decimal, ""), wanted))
  }
  for (item in d$items) {
    hit <- Position(function(at) is.null(differ(x[[at]], item, context, where)), left)
    if (is.na(hit)) return(paste0(where, ": an item of the set is missing"))
    left <- left[-hit]
  }
  NULL
}

decimal <- function(x) {
  if (is.double(x) && !is.object(x)) sprintf("%.0f", x) else as.character(x)[[1L]]
}

comparers$dict <- comparers$OrderedDict <- comparers$Counter <- comparers$defaultdict <-
  function(x, d, context, where) {
    if (!is.null(d$state)) {
      return(same(is_python(x), where, "is no python_object"))
    }
    keys <- lapply(d$items, `[[`, 1L)
    values <- lapply(d$items, `[[`, 2L)
    if (all(vapply(keys, function(k) k$t == "str" && !is.null(k$v), NA))) {
      wanted <- enc2utf8(vapply(keys, `[[`, "", "v"))
      if (!is.list(x) || is.object(x) || !identical(names(x), wanted)) {
        return(paste0(where, ": other names"))
      }
      got <- x
    } else {
      if (!inherits(x, "python_dict") || length(x$keys) != length(keys)) {
        return(paste0(where, ": no python_dict of ", length(keys)))
      }
      for (at in seq_along(keys)) {
        found <- differ(x$keys[[at]], keys[[at]], context, paste0(where, "$keys[[", at, "]]"))
        if (!is.null(found)) return(found)
      }
      got <- x$values
    }
    for (at in seq_along(values)) {
      found <- differ(got[[at]], values[[at]], context, paste0(where, "[[", at, "]]"))
      if (!is.null(found)) return(found)
    }
    NULL
  }

comparers$range <- function(x, d, context, where) {
  start <- as.numeric(d$start)
  step <- as.numeric(d$step)
  n <- max(0, ceiling((as.numeric(d$stop) - start) / step))
  if (any(abs(c(start, as.numeric(d$stop))) > 2^53)) {
    return(same(is_python(x), where, "is no python_object"))
  }
  if (n == 0) {
    return(same(identical(x, integer()), where, "is not empty"))
  }
  last <- start + (n - 1) * step
  same(
    is.numeric(x) && length(x) == n && x[[1L]] == start && x[[n]] == last &&
      (n > 1e6 || all(x == start + step * (seq_len(n) - 1))) &&
      is.integer(x) == (max(abs(c(start, last))) < 2^31),
    where, "other range"
  )
}
