# Text in columns, as wide as the console is.

# Lines of columns, each `left` or not, two spaces between them; the last ones go first where
# the width does not hold all, then `flexible` is cut. Styles are put on what is laid out.
in_columns <- function(columns, width, flexible, left = rep(TRUE, length(columns)),
                       styles = list(), least = 16L) {
  wide <- vapply(columns, function(x) max(0L, nchar(x, "width")), 0L)
  shown <- seq_along(columns)
  needs <- function(shown) {
    kept <- pmin(wide, ifelse(seq_along(wide) == flexible, least, wide))[shown]
    sum(kept) + 2L * length(shown)
  }
  while (max(shown) > flexible && needs(shown) > width) shown <- shown[-length(shown)]
  room <- width - sum(wide[setdiff(shown, flexible)]) - 2L * length(shown)
  columns[[flexible]] <- cut_off(columns[[flexible]], max(room, 4L))
  cells <- lapply(shown, function(i) {
    text <- columns[[i]]
    gap <- strrep(" ", pmax(0L, max(0L, nchar(text, "width")) - nchar(text, "width")))
    style <- styles[[names(columns)[[i]]]]
    styled <- if (is.null(style)) text else style(text)
    if (!left[[i]]) paste0(gap, styled)
    else if (i == max(shown)) styled
    else paste0(styled, gap)
  })
  trimws(paste0("  ", do.call(paste, c(cells, sep = "  "))), "right")
}

# No wider than `width`, which may hold one number for all.
cut_off <- function(text, width) {
  dots <- ellipsis()
  long <- nchar(text, "width") > width
  text[long] <- paste0(strtrim(text[long], width - nchar(dots, "width")), dots)
  text
}

ellipsis <- function() if (cli::is_utf8_output()) "\u2026" else "..."

# What is printable of any text, for one line of a terminal.
one_line <- function(text) {
  out <- encodeString(text)
  # R takes these for printable: they would turn the line round, or hide parts of it.
  tricks <- "[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
  tricky <- which(validUTF8(out) & grepl(tricks, out, perl = TRUE))
  for (i in tricky) {
    parts <- strsplit(out[[i]], "")[[1L]]
    bad <- grepl(tricks, parts, perl = TRUE)
    parts[bad] <- sprintf("\\u%04x", vapply(parts[bad], utf8ToInt, 0L))
    out[[i]] <- paste(parts, collapse = "")
  }
  out
}
