// The test binary of the core: no R. Built and run by `make test-core`.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
