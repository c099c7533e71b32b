// The corpora of pickles, good and hostile, that others and we have gathered: every
// outcome is compared with CPython's, every plain value with what CPython read. corpus.py
// makes the files; MMAPPICKLE_CORPUS names their folder.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "pickle/writer.h"
#include "pickle_testing.h"
#include "plan_testing.h"

namespace mmappickle::pickle {
namespace {

struct Case {
  std::string name;
  char expectation;
  std::string pickle, value;
};

std::vector<Case> load(const std::string& folder, const std::string& corpus) {
  std::ifstream file(folder + "/" + corpus + ".bin", std::ios::binary);
  const std::string all((std::istreambuf_iterator<char>(file)),
                        std::istreambuf_iterator<char>());
  std::vector<Case> cases;
  std::size_t at = 0;
  const auto number = [&](int n) {
    const std::uint64_t v =
        load_le(reinterpret_cast<const std::uint8_t*>(all.data()) + at, n);
    at += static_cast<std::size_t>(n);
    return static_cast<std::size_t>(v);
  };
  const auto bytes = [&](std::size_t n) {
    const std::string s = all.substr(at, n);
    at += n;
    return s;
  };
  while (at < all.size()) {
    Case c;
    c.name = bytes(number(4));
    c.expectation = bytes(1)[0];
    c.pickle = bytes(number(8));
    c.value = bytes(number(8));
    cases.push_back(std::move(c));
  }
  return cases;
}

const char* folder() {
  const char* folder = std::getenv("MMAPPICKLE_CORPUS");
  if (folder == nullptr) MESSAGE("MMAPPICKLE_CORPUS is not set: skipped");
  return folder;
}

// Where the tree rightly says something else than the value that is told.
bool is_other_value(const std::string& name) {
  // Which keys are one key (True, 1 and 1.0 are, two NaN are not) is for those to say who
  // look at the values: the tree has what the pickle set.
  if (name == "hash/true_1_1.0" || name == "hash/nan_keys" || name == "hash/zero_keys" ||
      name == "hash/set_dups") {
    return true;
  }
  // From a file, CPython drops the part of a line that stands before the end of a frame:
  // "42" is 2; from bytes it is 42, as it is here.
  return name == "protocol/frame_cuts_line";
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// What is wrong with what it would be in R; an error is right of damaged arrays alone.
std::string plan_problem(Tree& tree, const Pickle& pickle) {
  const plan::Options options;
  plan::Planner planner(tree, options);
  try {
    planner.run(pickle.root, pickle.metadata);
  } catch (const Error& e) {
    return e.kind == ErrorKind::format || e.kind == ErrorKind::limit ? "" : e.message;
  }
  return plan::problem_of(planner.plans(), tree);
}

TEST_CASE("corpora: outcomes and plain values are CPython's") {
  if (folder() == nullptr) return;
  for (const std::string corpus : {"pickletester", "hostile_pickles", "serde_pickle",
                                   "wild", "ogrek_fuzz", "values"}) {
    int read = 0, errors = 0, compared = 0;
    double slowest = 0;
    const std::vector<Case> cases = load(folder(), corpus);
    CHECK(!cases.empty());
    for (const Case& c : cases) {
      CAPTURE(corpus);
      CAPTURE(c.name);
      CAPTURE(c.pickle.substr(0, 100));
      const auto start = std::chrono::steady_clock::now();
      std::string problem, value;
      try {
        Tree tree;
        const Pickle p = read_pickle(tree, Bytes(std::string_view(c.pickle)));
        // The nodes, which are what a reader's memory goes to.
        CHECK(tree.size() <= c.pickle.size() + 8);
        CHECK(p.consumed <= c.pickle.size());
        if (!c.value.empty()) value = Dump(tree)(p.root);
        CHECK(plan_problem(tree, p) == "");
        ++read;
      } catch (const Error& e) {
        CHECK(e.kind == ErrorKind::format);
        CHECK(e.offset <= c.pickle.size());
        problem = e.message;
        ++errors;
      }
      slowest = std::max(slowest, seconds_since(start));
      CAPTURE(problem);
      if (c.expectation == 'E') CHECK(!problem.empty());
      if (c.expectation == 'O') CHECK(problem.empty());
      if (!value.empty() && value.find('?') == std::string::npos &&
          !is_other_value(c.name)) {
        ++compared;
        // (Not CHECK(value == ...): some have megabytes.)
        const bool same = value == c.value;
        CHECK_MESSAGE(same, value.substr(0, 300), " not ", c.value.substr(0, 300));
      }
    }
    MESSAGE(corpus << ": " << cases.size() << " cases, " << read << " read, " << errors
                   << " errors, " << compared << " values compared, slowest " << slowest
                   << " s");
  }
}

TEST_CASE("corpora: what the Python library writes comes out the same") {
  if (folder() == nullptr) return;
  int count = 0;
  for (const Case& c : load(folder(), "encodings")) {
    CAPTURE(c.name);
    // An array as the one value has a form of its own, which is not write_value()'s.
    if (c.name.rfind("ndarray_", 0) == 0 || c.name.rfind("masked_", 0) == 0) continue;
    const std::string pickle = c.pickle + ".";
    Tree tree;
    const Pickle p = read_pickle(tree, Bytes(std::string_view(pickle)));
    Output output(0);
    Memo memo(1);
    write_value(tree, p.root, output, memo, nullptr);  // no array here
    const bool same = bytes_of(output) == c.pickle;
    CHECK_MESSAGE(same, hex_of(Bytes(std::string_view(bytes_of(output)))).substr(0, 400),
                  " not ", hex_of(Bytes(std::string_view(c.pickle))).substr(0, 400));
    if (!c.value.empty()) {
      const std::string value = Dump(tree)(p.root);
      const bool right = value == c.value || value.find('?') != std::string::npos;
      CHECK(right);
    }
    ++count;
  }
  CHECK(count > 400);
  MESSAGE("encodings: " << count << " values");
}

TEST_CASE("corpora: no mutation of a pickle breaks the reader or the writer") {
  if (folder() == nullptr) return;
  std::vector<Case> seeds = load(folder(), "pickletester");
  for (Case& c : load(folder(), "encodings")) {
    c.pickle += '.';
    seeds.push_back(std::move(c));
  }
  std::uint64_t state = 20261122;  // xorshift
  const auto random = [&](std::size_t below) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return static_cast<std::size_t>(state % below);
  };
  const std::string kOpcodes = "(.012NRabcdeghijlopqrstu})]\x81\x85\x86\x90\x91\x93\x94";
  int read = 0, errors = 0, written = 0;
  for (int s = 0; s < 200; ++s) {
    const std::string& seed = seeds[random(seeds.size())].pickle;
    if (seed.empty() || seed.size() > 5000) continue;
    for (int m = 0; m < 200; ++m) {
      std::string pickle = seed;
      for (std::size_t changes = 1 + random(4); changes > 0; --changes) {
        const std::size_t at = random(pickle.size());
        switch (random(4)) {
          case 0:
            pickle[at] = static_cast<char>(random(256));
            break;
          case 1:
            pickle[at] = kOpcodes[random(kOpcodes.size())];
            break;
          case 2:
            pickle.insert(at, 1, static_cast<char>(random(256)));
            break;
          default:
            if (pickle.size() > 1) pickle.erase(at, 1);
        }
      }
      Tree tree;
      Id root = kNoId;
      try {
        root = read_pickle(tree, Bytes(std::string_view(pickle))).root;
        ++read;
      } catch (const Error& e) {
        CHECK(e.kind == ErrorKind::format);
        ++errors;
        continue;
      }
      std::string first;
      try {
        Output output(0);
        Memo memo;
        write_value(tree, root, output, memo, nullptr);
        first = bytes_of(output) + ".";
        ++written;
      } catch (const Error& e) {
        CHECK(e.kind == ErrorKind::unsupported);
        continue;
      }
      // What was written reads as the same tree.
      Tree again;
      const Pickle p = read_pickle(again, Bytes(std::string_view(first)));
      CHECK(p.consumed == first.size());
      const bool same = Dump(again, 1000)(p.root) == Dump(tree, 1000)(root);
      CAPTURE(hex_of(Bytes(std::string_view(pickle))));
      CHECK_MESSAGE(same, Dump(again, 1000)(p.root).substr(0, 500), " not ",
                    Dump(tree, 1000)(root).substr(0, 500));
    }
  }
  CHECK(read > 1000);
  CHECK(errors > 1000);
  MESSAGE("mutations: " << read << " read, " << errors << " errors, " << written
                        << " written");
}

}  // namespace
}  // namespace mmappickle::pickle
