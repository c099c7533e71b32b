# The package's pages, by pkgdown, in docs/: from what is installed, without the network. Fails
# where a topic or an article has no place in _pkgdown.yml. Usage: Rscript tools/site.R
options(pkgdown.internet = FALSE)
pkgdown::check_pkgdown(".")
pkgdown::build_site(".", devel = FALSE, preview = FALSE, install = FALSE, new_process = FALSE)
pages <- list.files("docs", "[.]html$", recursive = TRUE)
cat(sprintf("site: OK (%d pages, docs/index.html is the first)\n", length(pages)))
