# What the package itself reads by functions of R: the table that `readers` goes over. What it
# reads in C++ stands in the tables of src/core (CONTRIBUTING.md, "Where does it belong?"); how
# classes of R's are written say methods of as_python(), in the file of the reader.

# A row: names of Python classes, in the spelling of every version that wrote them, and the
# function that reads such an object. `reversed`: whether its arrays have R's dimensions in
# reverse, see mmapdict(dims = ). It leaves by not_read() where it cannot make a value.
registry_rows <- function() {
  list(
    list(classes = scipy_classes(), read = read_sparse)
  )
}

by_class <- function(rows) {
  classes <- lapply(rows, `[[`, "classes")
  readers <- lapply(rows, function(row) structure(row$read, class = "registered_reader"))
  structure(rep(readers, lengths(classes)), names = unlist(classes))
}
# When it is first asked for, all of R/ is there.
delayedAssign("registry", by_class(registry_rows()))

# Called from C++. What errors show as their call is this, not the object in full.
call_reader <- function(reader, object, reversed) {
  if (!inherits(reader, "registered_reader")) return(reader(object))
  tryCatch(unclass(reader)(object, reversed), mmappickle_not_read = function(e) object)
}

# The object stays what it is; print() says why.
not_read <- function(...) {
  stop(structure(class = c("mmappickle_not_read", "error", "condition"),
                 list(message = paste0(...), call = NULL)))
}

# Why an object of a class of the table is none of R's; NULL where there is nothing to say.
why_not_read <- function(x) {
  reader <- registry[[.subset2(x, "class")]]
  if (is.null(reader) || !isTRUE(.subset2(x, "how") %in% c("call", "new"))) {
    return(NULL)
  }
  tryCatch({
    unclass(reader)(x, FALSE)
    NULL
  }, mmappickle_not_read = conditionMessage)
}
