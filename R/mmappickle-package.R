#' mmappickle: dictionaries of memory-mapped arrays in files that Python reads
#'
#' Reads and writes the files of the Python library `mmappickle`: plain pickles that can be
#' appended to in place, shared between processes, and whose NumPy arrays are mapped into
#' memory as R vectors instead of being read.
#'
#' Start with [mmapdict()], which opens or creates a file. [access] and [assign] say how
#' values are read and written, [slices] how parts of arrays are. Errors have classes:
#' [mmappickle_conditions].
#'
#' Nothing in a file is executed: a Python object that R has no counterpart for comes as an
#' inert [python_object], and a value of an R class whose methods would execute something of it
#' comes without that class ([mmapdict()], "Classes").
#'
#' @keywords internal
#' @useDynLib mmappickle, .registration = TRUE
#' @importFrom methods new setAs setIs setMethod setOldClass
#' @importFrom Rcpp evalCpp
"_PACKAGE"
