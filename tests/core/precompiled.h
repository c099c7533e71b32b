// What most files of the core, or of its tests, include, precompiled by the Makefile and
// by tools/dev.mk. They include what they use, too: other builds have no such header.
#pragma once

#ifdef WITH_DOCTEST
#include <doctest/doctest.h>
#endif

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>
