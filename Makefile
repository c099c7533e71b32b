# What a developer runs; see CONTRIBUTING.md. Each target installs what it lacks, says what
# it does, and ends with a line that gives its result. Needs GNU make.
BUILD := $(CURDIR)/build
LIBRARY := $(BUILD)/library
PYTHON := $(or $(MMAPPICKLE_PYTHON),/usr/bin/python3)
JOBS ?= 2

export R_LIBS := $(LIBRARY)$(if $(R_LIBS),:$(R_LIBS))
export MMAPPICKLE_PYTHON := $(PYTHON)
export BUILD JOBS

NEEDS := tools/install-dependencies.sh
CPP_FILES = $(shell find src tests/core fuzz -name '*.cpp' -o -name '*.h' | \
  grep -v RcppExports | sort)

.PHONY: help test watch test-core sanitize sanitize-r demo check bench bench-counts format lint coverage fuzz docs \
  windows objects compile_commands house site install clean

help:
	@echo "make test       build, test the core (sanitized) and the package"
	@echo "           T=slice: one file of either suite, unsanitized; make watch: at each change"
	@echo "make test-core  the tests of the C++ core alone"
	@echo "make sanitize   the core's tests under sanitizers, over the corpora, too"
	@echo "make sanitize-r the package's tests under sanitizers, its main paths under valgrind"
	@echo "make windows    the core by mingw under Wine; the rest through mingw's parser"
	@echo "make demo       the main job on a file that Python wrote"
	@echo "make check      R CMD check --as-cran"
	@echo "make bench      measurements beside peers, with targets"
	@echo "make bench-counts  instructions and system calls of a list of calls, held against a table"
	@echo "make fuzz       libFuzzer over the core for SECONDS=60"
	@echo "make coverage   lines of R and C++ that the tests run"
	@echo "make format     clang-format and styler;  make lint: checks only"
	@echo "make docs       help pages, exports, README;  make objects: lists in Makevars"
	@echo "make site       the package's pages, in docs/"
	@echo "make compile_commands  compile_commands.json, for clangd"
	@echo "make house      sizes, comments, circles of includes; CPU=yes: seconds to compile"
	@echo "make clean"

# The personal Makevars that R would read; tools/dev.mk takes it in.
PERSONAL_MAKEVARS ?= $(or $(R_MAKEVARS_USER),$(firstword $(wildcard \
  $(HOME)/.R/Makevars-$(shell uname -m)-* $(HOME)/.R/Makevars)))

# Compiles in src/ (what has changed only) and installs into a library of this folder.
install:
	@sh $(NEEDS) build
	@mkdir -p $(LIBRARY)
	@echo "installing mmappickle into build/library"
	@MAKEFLAGS=-j$(JOBS) PERSONAL_MAKEVARS=$(PERSONAL_MAKEVARS) \
	  R_MAKEVARS_USER=$(CURDIR)/tools/dev.mk \
	  R CMD INSTALL --no-docs --no-multiarch --library=$(LIBRARY) . \
	  > $(BUILD)/install.log 2>&1 || \
	  { grep -E 'rror' $(BUILD)/install.log | cut -c 1-300 | grep -v '^g++' | head -n 30; \
	    echo "install: FAILED (all of it is in build/install.log)"; exit 1; }

# CI fuzzes for a minute, too, and counts instructions.
FUZZ_TOO := $(if $(T),,$(if $(MMAPPICKLE_REQUIRE_PYTHON),fuzz counts))
export T SANITIZE
test:
	@sh $(NEEDS) build test $(FUZZ_TOO)
	@sh tools/test.sh core package $(FUZZ_TOO)

watch:
	@sh tools/watch.sh

test-core:
	@sh $(NEEDS) core
	@sh tools/test.sh core

sanitize:
	@sh $(NEEDS) core
	@SANITIZE=address,undefined sh tools/test.sh core

sanitize-r:
	@sh $(NEEDS) build test sanitize-r
	@$(MAKE) --no-print-directory install
	@sh tools/sanitize-r.sh

windows:
	@sh $(NEEDS) build windows
	@CCACHE="$$(command -v ccache)" sh tools/windows.sh

demo:
	@sh $(NEEDS) build demo
	@$(MAKE) --no-print-directory install
	@Rscript --vanilla tools/demo.R

check:
	@sh $(NEEDS) build check
	@sh tools/check.sh

bench:
	@sh $(NEEDS) build bench
	@$(MAKE) --no-print-directory install
	@Rscript --vanilla bench/run.R

bench-counts:
	@sh $(NEEDS) build counts
	@$(MAKE) --no-print-directory install
	@Rscript --vanilla bench/counts.R

objects:
	@Rscript --vanilla tools/objects.R

compile_commands:
	@sh $(NEEDS) build
	@Rscript --vanilla tools/compile-commands.R

house:
	@Rscript --vanilla tools/house.R $(if $(CPU),--cpu)

docs:
	@sh $(NEEDS) docs
	@Rscript --vanilla -e 'Rcpp::compileAttributes()'
	@Rscript --vanilla tools/objects.R
	@$(MAKE) --no-print-directory install
	@Rscript --vanilla tools/docs.R

site:
	@sh $(NEEDS) build site
	@$(MAKE) --no-print-directory install
	@Rscript --vanilla tools/site.R

format:
	@sh $(NEEDS) format
	@clang-format -i $(CPP_FILES)
	@Rscript --vanilla tools/format.R
	@echo "format: done"

lint:
	@sh $(NEEDS) lint
	@$(MAKE) --no-print-directory install
	@sh tools/lint.sh $(CPP_FILES)

coverage:
	@sh $(NEEDS) coverage
	@Rscript --vanilla tools/coverage.R

fuzz:
	@sh $(NEEDS) fuzz
	@SECONDS_TO_FUZZ=$(or $(SECONDS),60) sh fuzz/run.sh

clean:
	@rm -rf $(BUILD) mmappickle.Rcheck mmappickle_*.tar.gz
	@find src -name '*.o' -o -name '*.so' -o -name '*.dll' | xargs rm -f
	@echo "clean: done"
