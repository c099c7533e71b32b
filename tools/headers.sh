#!/bin/sh
# All headers of the folders given in one translation unit: two types of one name in one
# namespace, which the linker would take for one, do not compile here.
# Usage: tools/headers.sh FOLDER...    (of src/core and src/r, from the root of the project)
find "$@" -name '*.h' | sort | sed 's|^src/|#include "|; s|$|"|' |
  ${CXX:-g++} -std=c++17 -Isrc $(R CMD config --cppflags 2> /dev/null) -fsyntax-only -x c++ -
