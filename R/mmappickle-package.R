#' mmappickle: dictionaries of memory-mapped arrays in files that Python reads
#'
#' Reads and writes the files of the Python library `mmappickle`: plain pickles that can be
#' appended to in place, shared between processes, and whose NumPy arrays are mapped into
#' memory as R vectors instead of being read.
#'
#' Start with [mmapdict()], which opens or creates a file. [access] and [mmap_set()] say how
#' values are read and written, [slices] how parts of arrays are, and [recipes] what people ask
#' for. Errors have classes: [mmappickle_conditions].
#'
#' Nothing in a file is executed: a Python object that R has no counterpart for comes as an
#' inert [python_object], and a value of an R class whose methods would execute something of it
#' comes without that class ([mmapdict()], "Classes").
#'
#' @section Names:
#' Functions of a store and of its views begin with `mmap_`: [mmap_get()], [mmap_set()],
#' [mmap_has_key()], [mmap_entries()], [mmap_vacuum()], [mmap_reclaim()], [mmap_fsck()],
#' [mmap_is_open()], [mmap_commit_number()], [mmap_is_view()], [mmap_view_info()],
#' [mmap_materialize()]. Most of them have a short name as well, without the prefix, which is the
#' very same function and stays. Functions that make a value are called what they make
#' ([ndarray()], [python_object()] ...), and those of other files begin with `read_`, `write_` or
#' `convert_`.
#'
#' @keywords internal
#' @useDynLib mmappickle, .registration = TRUE
#' @importFrom methods new setAs setIs setMethod setOldClass
#' @importFrom Rcpp evalCpp
"_PACKAGE"
