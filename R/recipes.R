#' Recipes
#'
#' How to do what people ask for, in a few lines each. The examples run them.
#'
#' @section Grow by chunks:
#' When the size is known, or can be bounded, make the array first, with [empty_ndarray()], and
#' fill it slice by slice: it takes no space where nothing was written. When it is not, write
#' each chunk under a key of its own; put them together at the end, in one array, slice by slice, so
#' that no more than a chunk is in memory.
#'
#' @section Rename, copy, merge:
#' A key is renamed by storing its value under the new name and deleting the old one, in this
#' order, so that a crash in between leaves both. `to[keys] <- from[keys]` copies between
#' files. Views are copied as they lie in the file, with their dtype and without passing
#' through R's memory. Merging is copying those keys that are not there yet.
#'
#' @section Workers:
#' A handle travels to workers of parallel, future, mirai and callr, and opens the file there;
#' they need no `library()`. Let each write slices, or keys, of its own: calls take turns by the
#' file's lock, and nothing is sent back. `vignette("processes")` goes on from here.
#'
#' @section Shiny:
#' Open the file once, read-only, for all sessions of an app, and poll [commit_number()], which
#' takes microseconds and changes with each insert and delete. (It does not change with
#' a slice that is written in place: where that matters, read the slice again on a timer, by
#' `shiny::invalidateLater()`.) In outputs use slices: only what is shown is read.
#'
#' @section R Markdown and its cache:
#' Open files in a chunk that is not cached, and read views there, too: to get hold of one takes
#' microseconds, while a cached chunk would save its values in full. Cache what was computed,
#' with the state of the file as part of the cache's key. In a chunk that is not cached:
#' ```
#' m <- mmappickle::mmapdict("scene.mmdpickle", readonly = TRUE)
#' state <- list(mmappickle::commit_number(m), file.mtime("scene.mmdpickle"))
#' ```
#' and in one with the options `cache = TRUE, cache.extra = state`:
#' ```
#' spectrum <- apply(m[["cube"]], 3, mean)
#' ```
#' `system.file("examples", "report.Rmd", package = "mmappickle")` is a whole report.
#'
#' @seealso [mmapdict()], [slices], [empty_ndarray()], [vacuum()]
#' @examples
#' path <- tempfile(fileext = ".mmdpickle")
#' m <- mmapdict(path)
#'
#' # Grow by chunks: the number of rows is known ...
#' m[["x"]] <- empty_ndarray(c(300, 4))
#' for (i in 1:3) m["x", (i - 1) * 100 + 1:100, ] <- matrix(i, 100, 4)
#'
#' # ... or it is not: a key for each chunk, one array in the end
#' for (i in 1:3) m[[sprintf("part-%06d", i)]] <- matrix(i, sample(50:100, 1), 4)
#' parts <- grep("^part-", names(m), value = TRUE)
#' rows <- vapply(m[parts], nrow, 0L)
#' m[["joined"]] <- empty_ndarray(c(sum(rows), 4))
#' end <- cumsum(rows)
#' for (i in seq_along(parts)) {
#'   m["joined", end[i] - rows[i] + seq_len(rows[i]), ] <- m[[parts[i]]]
#' }
#' m[parts] <- NULL
#'
#' # Rename
#' m[["y"]] <- m[["joined"]]
#' m[["joined"]] <- NULL
#' names(m)
#'
#' # Copy some keys to another file; merge: only what is not there yet
#' other <- mmapdict(tempfile(fileext = ".mmdpickle"))
#' other["x"] <- m["x"]
#' new <- setdiff(names(m), names(other))
#' other[new] <- m[new]
#' names(other)
#'
#' # Workers that fill slices of one array
#' m[["squares"]] <- empty_ndarray(c(2, 5), dtype = "int32")
#' \donttest{
#' workers <- parallel::makeCluster(2)
#' invisible(parallel::parLapply(workers, 1:2, function(i, m) {
#'   m["squares", i, ] <- (i * 10 + 1:5)^2
#'   NULL
#' }, m))
#' parallel::stopCluster(workers)
#' m[["squares"]]
#' }
#'
#' # Shiny: an app that shows what is in the file at each moment
#' if (requireNamespace("shiny", quietly = TRUE)) {
#'   viewer <- mmapdict(path, readonly = TRUE)
#'   server <- function(input, output, session) {
#'     keys <- shiny::reactivePoll(
#'       500, session,
#'       checkFunc = function() commit_number(viewer),
#'       valueFunc = function() names(viewer)
#'     )
#'     output$keys <- shiny::renderText(toString(keys()))
#'   }
#'   app <- shiny::shinyApp(shiny::fluidPage(shiny::textOutput("keys")), server)
#'   # print(app) runs it
#'   shiny::testServer(server, print(output$keys))
#'   close(viewer)
#' }
#' close(m)
#' close(other)
#' @name recipes
#' @aliases mmappickle_recipes
NULL
