# The map of a file.

#' Plot the map of a file
#'
#' Where the entries of a file stand, by their offsets: values, arrays, the padding in front of
#' arrays, and what is dead, whose space [vacuum()] gives back; at the end what the file has that is
#' no entry. The file is laid out in rows, from left to right and from top to bottom, as a text is.
#'
#' @param x A handle, see [mmapdict()].
#' @param rows Number of rows. Default: 1 for every 8 entries, 40 at most.
#' @param col Colours, named `"array"`, `"value"`, `"padding"`, `"dead"`, `"room"`.
#' @param labels `TRUE`: keys are written where there is room.
#' @param main,... Title; passed on to [graphics::plot.default()].
#' @return A data frame, invisibly: `key`, `kind` (a name of `col`), `from` and `to`, offsets in
#'   the file, in order and without gaps.
#' @seealso [entries()] with `dead = TRUE`
#' @examples
#' m <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' m[["x"]] <- c(1, 2, 3)
#' m[["old"]] <- "deleted"
#' m[["y"]] <- matrix(c(1, 2, 3, 4, 5, 6), 2)
#' m[["old"]] <- NULL
#' plot(m)
#' close(m)
#' @export
plot.mmapdict <- function(x, ..., rows = NULL, col = NULL, labels = TRUE, main = NULL) {
  map <- file_map(x)
  colours <- c(
    array = "#3b7dd8", value = "#6abf69", padding = "#d0d0d0", dead = "#d9534f", room = "#f2f2f2"
  )
  colours[names(col)] <- col
  size <- map$to[[nrow(map)]]
  rows <- max(1, rows %||% min(40, ceiling(nrow(map) / 8)))
  wide <- size / rows
  pieces <- in_rows(map, wide)
  graphics::plot.default(
    NA, xlim = c(0, wide), ylim = c(rows, 0), xlab = "bytes", ylab = "", yaxt = "n", bty = "n",
    main = main %||% basename(state_of(x)$path), ...
  )
  graphics::rect(
    pieces$from, pieces$row + 0.1, pieces$to, pieces$row + 0.9,
    col = colours[map$kind[pieces$at]], border = "white", lwd = 0.3
  )
  # What a device's font does not have, it says by warnings.
  if (labels) suppressWarnings(label_pieces(map, pieces))
  used <- names(colours)[names(colours) %in% map$kind]
  graphics::legend(
    "bottom", used, fill = colours[used], horiz = TRUE, bty = "n", inset = c(0, -0.02), xpd = TRUE
  )
  invisible(map)
}

# The file from its first byte to its last.
file_map <- function(m) {
  check_handle(m)
  info <- store_info(pointer(m))
  table <- store_entries(pointer(m), TRUE, own(m, ".flags"), Inf, FALSE)
  kind <- ifelse(
    table$kind == "padding", "padding",
    ifelse(!table$live, "dead", ifelse(is.na(table$dtype), "value", "array"))
  )
  from <- table$at
  # Of live arrays their padding is counted with them, which has a row of its own here.
  behind <- which(kind[-length(kind)] == "padding" & table$live[-1L])
  bytes <- table$bytes
  bytes[behind + 1L] <- bytes[behind + 1L] - bytes[behind]
  to <- from + bytes
  # What lies between, before and behind: header, terminator, room.
  gap_from <- c(0, to)
  gap_to <- c(from, max(info$size, to))
  gaps <- which(gap_to > gap_from)
  map <- data.frame(
    key = c(table$key, rep("", length(gaps))), kind = c(kind, rep("room", length(gaps))),
    from = c(from, gap_from[gaps]), to = c(to, gap_to[gaps])
  )
  map <- map[order(map$from), ]
  rownames(map) <- NULL
  map
}

# The map's stretches, cut where a row ends; `at`: of which stretch.
in_rows <- function(map, wide) {
  first <- floor(map$from / wide)
  last <- pmax(first, ceiling(map$to / wide) - 1)
  at <- rep(seq_len(nrow(map)), last - first + 1)
  row <- sequence(last - first + 1, from = first)
  data.frame(
    at = at, row = row,
    from = pmax(map$from[at] - row * wide, 0), to = pmin(map$to[at] - row * wide, wide)
  )
}

label_pieces <- function(map, pieces) {
  text <- cut_off(one_line(map$key[pieces$at]), 24L)
  room <- pieces$to - pieces$from
  shown <- nzchar(text) & map$kind[pieces$at] %in% c("array", "value") & !duplicated(pieces$at)
  shown[shown] <- graphics::strwidth(text[shown], cex = 0.7) < room[shown]
  if (any(shown)) {
    graphics::text(
      (pieces$from + pieces$to)[shown] / 2, pieces$row[shown] + 0.5, text[shown], cex = 0.7
    )
  }
}
