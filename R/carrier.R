# Objects of this package in sessions that have not loaded it.
#
# Whatever is unserialized there has to bring the package along: else generics take a handle
# for an environment, an array for a list, and answer. Two things see to it.
#
# 1. The class attribute of all that the package gives out is made by own_class(): R loads the
#    package when it reads one (src/r/class_name.h).
# 2. What is no data, a handle or an mmarray, is a function; its fields are in an attribute.
#    R has no way into a function: where no method is found (the package is not installed, an
#    internal function does not dispatch), `$`, `[`, `[[`, sum(), unlist(), get() and the like
#    are errors, never answers. The function's environment is the package's namespace, whose
#    name goes with it in all versions of R's format.

carrier <- function(class, fields) {
  structure(without_package, fields = fields, class = own_class(class))
}

# Called only where the object itself is.
without_package <- function(...) stop("This is no function, but an object of mmappickle.")
