# Lines of R and C++ that the package's tests run.
result <- covr::package_coverage(".", type = "tests", quiet = FALSE)
print(result)
cat(sprintf("coverage: %.1f %% of the lines\n", covr::percent_coverage(result)))
