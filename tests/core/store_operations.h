// What one does with files, as the tests do it that let calls or allocations fail: each
// operation with the files that it works on, and what may be left over of it. POSIX only.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>

#include "../../src/core/os/guard.h"
#include "../../src/core/store/convert.h"
#include "../../src/core/store/fsck.h"
#include "../../src/core/store/plain_pickle.h"
#include "../../src/core/store/reclaim.h"
#include "../../src/core/store/vacuum.h"
#include "store_testing.h"

namespace mmappickle::store {

// -- what may be left over --------------------------------------------------------------

inline std::size_t descriptors() {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    count += !entry.path().empty();
  }
  return count;
}

inline std::size_t maps_in(const std::string& folder) {
  std::ifstream maps("/proc/self/maps");
  std::size_t count = 0;
  for (std::string line; std::getline(maps, line);) {
    count += line.find(folder) != std::string::npos;
  }
  return count;
}

// A file that is being made, or was left by one who was.
inline bool is_hidden(const std::string& name) {
  return name.compare(0, 12, ".mmappickle-") == 0;
}

inline std::vector<std::string> files_in(const Scratch& scratch) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(scratch.folder())) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// -- operations -------------------------------------------------------------------------

struct Place {
  const Scratch& scratch;
  os::SystemCalls& system;
  std::string path(const std::string& name = "file") const { return scratch.path(name); }
};

struct Operation {
  const char* name;
  bool atomic;  // old or new, nothing between
  std::function<void(Place&)> make;
  bool repeats = false;  // done once more it does more
};

inline std::unique_ptr<Store> open(Place& place, bool readonly = false) {
  Options options;
  options.readonly = readonly;
  options.create = !readonly;
  options.lock_timeout = 0;
  return Store::open(place.path(), options, place.system);
}

inline void slice(Store& store, const std::string& key, std::uint64_t offset) {
  Writing writing(store);
  const Loaded loaded = writing.load(writing.require(key));
  const std::string bytes(16, '\x07');
  overwrite(writing, loaded.place.data + offset, Bytes(bytes));
}

// Every other item of an array, through a map of the file.
inline void scattered_slice(Store& store, const std::string& key) {
  struct Guarded {
    Guarded() { os::Guard::install(); }
    ~Guarded() { os::Guard::remove(); }
  } const guarded;
  Writing writing(store);
  const Loaded loaded = writing.load(writing.require(key));
  const std::uint64_t all = (loaded.array.count() + 1) / 2, single = all / 2;
  std::vector<Run> runs;
  for (std::uint64_t i = 0; i < single; ++i) {
    runs.push_back({loaded.place.data + 16 * i, 8});
  }
  runs.push_back({loaded.place.data + 16 * single, 8, all - single, 16});
  const std::string bytes(8 * all, '\x07');
  writing.overwrite({runs.data(), runs.size(), Bytes(bytes).data});
}

inline ConvertOptions overwriting() {
  ConvertOptions options;
  options.overwrite = true;
  options.lock_timeout = 0;
  return options;
}

inline std::vector<Operation> operations() {
  return {
      {"open", true, [](Place& p) { open(p); }},
      {"open read-only", true, [](Place& p) { open(p, true); }},
      {"create", true,
       [](Place& p) {
         std::filesystem::remove(p.path("created"));
         Options options;
         options.lock_timeout = 0;
         Store::open(p.path("created"), options, p.system);
       }},
      {"keys and values", true, [](Place& p) { values_of(*open(p, true)); }},
      {"listing", true,
       [](Place& p) {
         const auto store = open(p, true);
         const Reading reading(*store);
         list_entries(reading, true);
         count_old_arrays(reading);
         reading.status();
       }},
      {"insert", true, [](Place& p) { put(*open(p), "new", text_value("text")); }},
      {"insert large", true,
       [](Place& p) { put(*open(p), "new", text_value(std::string(100000, 'x'))); }},
      {"insert stub", true,
       [](Place& p) {
         put(*open(p), "new", array_value("float64", {1 << 13}, hole_source(1 << 16)));
       }},
      {"replace", true,
       [](Place& p) {
         put(*open(p), "n", doubles_value({4, 5}));
       }},
      {"delete", true, [](Place& p) { erase(*open(p), "d"); }},
      {"slice", false, [](Place& p) { slice(*open(p), "a", 8); }},
      {"scattered slice", false, [](Place& p) { scattered_slice(*open(p), "many"); }},
      {"slice of a stub", false, [](Place& p) { slice(*open(p), "stub", 20000); }},
      {"append", true, [](Place& p) { append(*open(p), "grows", 1, 'b'); }, true},
      {"append without room", true,
       [](Place& p) { append(*open(p), "grows", 10000, 'b'); }, true},
      {"append to an array", true, [](Place& p) { append(*open(p), "texts", 1, 'b'); },
       true},
      {"swap", true,
       [](Place& p) {
         const auto store = open(p);
         Writing writing(*store);
         const bool done = value_of(writing, "n") != "i1";
         if (!done) writing.copy(writing, {{"n", "stub"}, {"stub", "n"}}, false, true);
       }},
      {"rename", false,
       [](Place& p) {
         const auto store = open(p);
         Writing writing(*store);
         writing.copy(writing, {{"a", "renamed"}}, true, true);
       }},
      {"copy from another file", true,
       [](Place& p) {
         const auto store = open(p);
         Options options = readonly_options();
         options.lock_timeout = 0;
         const auto other = Store::open(p.path("other"), options, p.system);
         Writing writing(*store);
         writing.copy(Reading(*other), {{"stub", "new"}, {"d", "n"}}, true);
       }},
      {"R metadata", true,
       [](Place& p) {
         const auto store = open(p);
         for (const int length : {40, 5}) {
           numpy::StoredValue value = array_value("float64", {4}, hole_source(32));
           value.metadata = value.tree.container(
               pickle::Tag::dict,
               {value.tree.text("type"),
                value.tree.text(value.tree.keep(std::string(length, 'u')))});
           Writing(*store).put_metadata("a", value);
         }
       }},
      {"flush", true, [](Place& p) { open(p)->flush(); }},
      {"vacuum", true, [](Place& p) { vacuum(*open(p), true, false, {}); }},
      {"upgrade", true, [](Place& p) { vacuum(*open(p), true, true, {}); }},
      {"fsck", true, [](Place& p) { fsck(p.path(), false, Options{}, p.system); }},
      {"repair", true,
       [](Place& p) { fsck(p.path("torn"), true, Options{}, p.system, true); }},
      {"reclaim", true,
       [](Place& p) { reclaim(*open(p), true, [](const Range&) { return false; }); }},
      {"convert", true,
       [](Place& p) {
         convert_file(p.path("pickle"), p.path("out"), overwriting(), p.system);
       }},
      {"convert in place", true,
       [](Place& p) { convert_file(p.path(), p.path(), overwriting(), p.system); }},
      {"write a pickle", true,
       [](Place& p) {
         write_plain_pickle(p.path("out"), doubles_value({1, 2}), {}, p.system);
       }},
  };
}

// "file", with entries of several kinds, some dead; "torn", one with bytes behind its
// terminator; "pickle", a pickle; "out", whatever.
inline void fill(const Scratch& scratch) {
  const auto store = Store::open(scratch.path(), Options{});
  put(*store, "n", 1);
  put(*store, "gone", text_value(std::string(3600, 'g')));
  put(*store, "a", doubles_value({1, 2, 3, 4}));
  put(*store, "d", nested_value({3}));
  put(*store, "many", doubles_value(std::vector<double>(100, 1)));
  put(*store, "stub", array_value("float64", {1 << 13}, hole_source(1 << 16)));
  put(*store, "grows", growing_value(8, 5, 'a', true, 3));
  put(*store, "texts", array_value("S3", {2}, bytes_source("aaabbb")));
  erase(*store, "gone");
  scratch.file(contents(scratch.path()) + "half an entry", "torn");
  put(*store, "dead", doubles_value(std::vector<double>(2000, 1)));
  erase(*store, "dead");
  scratch.file(raw("\x80\x04}\x8c\x01xK\x01s."), "pickle");
  scratch.file("old", "out");
  scratch.file(contents(scratch.path()), "other");
}

using Contents = std::map<std::string, std::string>;

// What readers find in each file: the values of an mmapdict, the bytes of anything else.
inline Contents look(const Scratch& scratch) {
  Contents found;
  for (const std::string& name : files_in(scratch)) {
    const std::string bytes = contents(scratch.path(name));
    const bool begun = is_hidden(name);
    if (begun || bytes.compare(0, 14, empty_file().substr(0, 14)) != 0) {
      found[name] = bytes;
      continue;
    }
    found[name] = "mmapdict";
    for (const auto& [key, value] : values_of(scratch.path(name))) {
      found[name + "/" + key] = value;
    }
  }
  return found;
}

// The files before all operations.
struct Seed {
  Scratch scratch;
  Contents found;
  Seed() {
    fill(scratch);
    found = look(scratch);
  }
  void copy_to(const Scratch& other) const {
    for (const std::string& name : files_in(scratch)) {
      std::filesystem::copy_file(scratch.path(name), other.path(name));
    }
  }
  Contents after(const Operation& operation) const {
    const Scratch model;
    copy_to(model);
    Place place{model, os::real_system_calls()};
    operation.make(place);
    return look(model);
  }
};

}  // namespace mmappickle::store
