library(testthat)
library(mmappickle)

test_check("mmappickle")
