# Chromium without a window, driven by its DevTools protocol: messages of JSON, each with a
# zero byte behind it, through its descriptors 3 and 4. (A package for that, chromote, would
# bring a dozen others.) It ends with the pipe, or after two minutes.

local_browser <- function(frame = parent.frame()) {
  folder <- withr::local_tempdir(.local_envir = frame)
  answers <- file.path(folder, "answers")
  to <- pipe(paste(
    "stdbuf -o0 tr '\\n' '\\0' |",
    "timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage",
    "--window-size=800,800", shQuote(paste0("--user-data-dir=", folder)),
    "--remote-debugging-pipe about:blank 3<&0 4>&1 0</dev/null 1>/dev/null 2>&1 |",
    "stdbuf -o0 tr '\\0' '\\n' >", shQuote(answers)
  ), "w")
  withr::defer(close(to), envir = frame)
  file.create(answers)
  from <- file(answers, "r", blocking = FALSE)
  withr::defer(close(from), envir = frame)

  last <- 0L
  session <- NULL
  call <- function(method, ...) {
    last <<- last + 1L
    message <- list(id = last, method = method)
    if (...length()) message$params <- list(...)
    message$sessionId <- session
    writeLines(jsonlite::toJSON(message, auto_unbox = TRUE), to)
    flush(to)
    for (i in 1:600) {
      for (line in readLines(from)) {
        answer <- jsonlite::fromJSON(line, simplifyVector = FALSE)
        if (!identical(answer$id, last)) next # an event
        if (is.null(answer$error)) {
          return(answer$result)
        }
        stop(method, ": ", answer$error$message)
      }
      Sys.sleep(0.05)
    }
    stop("The browser does not answer to ", method)
  }
  page <- call("Target.createTarget", url = "about:blank")$targetId
  session <- call("Target.attachToTarget", targetId = page, flatten = TRUE)$sessionId
  list(
    open = function(url) call("Page.navigate", url = url),
    # Of JavaScript; NULL for what is undefined.
    value = function(code) {
      call("Runtime.evaluate", expression = code, returnByValue = TRUE)$result$value
    },
    # The path of a PNG.
    picture = function(path = withr::local_tempfile(fileext = ".png", .local_envir = frame)) {
      writeBin(jsonlite::base64_dec(call("Page.captureScreenshot")$data), path)
      path
    }
  )
}
