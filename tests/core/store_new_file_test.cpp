// Files that are being made, what is left of them, and what looks like that.
#include <doctest/doctest.h>

#include <filesystem>

#include "../../src/core/store/convert.h"
#include "../../src/core/store/fsck.h"
#include "../../src/core/store/new_file.h"
#include "../../src/core/store/plain_pickle.h"
#include "../../src/core/store/vacuum.h"
#include "abilities.h"
#include "child.h"
#include "store_testing.h"

namespace mmappickle::store {
namespace {

namespace fs = std::filesystem;
using Files = std::map<std::string, std::string>;

Files files_in(const Scratch& scratch) {
  Files files;
  for (const auto& entry : fs::directory_iterator(scratch.folder())) {
    files[entry.path().filename().string()] = contents(entry.path().string());
  }
  return files;
}

// Where files for that target are made.
std::string hidden_path(const std::string& target) {
  os::FaultySystemCalls system;
  NewFile made(target, system);
  return system.log[0].path;
}
std::string second(std::string path) {
  path.back() = '2';
  return path;
}

// All that makes a file of the name "x" in a folder where there are "dict", an mmapdict,
// and "torn", a damaged one.
struct Maker {
  const char* name;
  std::function<void(const Scratch&, os::SystemCalls&)> make;
};
std::vector<Maker> makers() {
  const auto copy = [](const Scratch& scratch, const char* name) {
    fs::copy_file(scratch.path(name), scratch.path("x"),
                  fs::copy_options::overwrite_existing);
  };
  return {
      {"create", [](const Scratch& s,
                    os::SystemCalls& system) { Store::open(s.path("x"), {}, system); }},
      {"write a pickle",
       [](const Scratch& s, os::SystemCalls& system) {
         write_plain_pickle(s.path("x"), doubles_value(std::vector<double>(50, 1)), {},
                            system);
       }},
      {"write a small pickle",
       [](const Scratch& s, os::SystemCalls& system) {
         write_plain_pickle(s.path("x"), text_value("t"), {}, system);
       }},
      {"convert",
       [](const Scratch& s, os::SystemCalls& system) {
         ConvertOptions options;
         options.overwrite = true;
         convert_file(s.path("dict"), s.path("x"), options, system);
       }},
      {"vacuum",
       [copy](const Scratch& s, os::SystemCalls& system) {
         copy(s, "dict");
         const auto store = Store::open(s.path("x"), {}, system);
         put(*store, "gone", 1);  // with nothing to do a vacuum does nothing
         erase(*store, "gone");
         vacuum(*store, true, false, {});
       }},
      {"repair",
       [copy](const Scratch& s, os::SystemCalls& system) {
         copy(s, "torn");
         fs::remove(s.path("x.lost"));
         fsck(s.path("x"), true, {}, system, true);
       }},
  };
}

void fill(const Scratch& scratch) {
  const auto store = Store::open(scratch.path("dict"), Options{});
  put(*store, "a", 1);
  put(*store, "b", doubles_value(std::vector<double>(100, 2)));
  scratch.file(contents(scratch.path("dict")) + "lost bytes", "torn");
}

TEST_CASE("new file: nothing of another's is taken, whatever its name and content") {
  const Scratch scratch;
  fill(scratch);
  const std::string hidden = hidden_path(scratch.path("x"));
  std::vector<std::string> strangers = {"x.new",
                                        "x.new-1",
                                        "x.new-2",
                                        "x.lost-1",
                                        fs::path(hidden).filename().string(),
                                        fs::path(second(hidden)).filename().string()};
  const std::string head(kUnfinished);
  for (const std::string& content :
       {std::string(), std::string("my notes"), std::string(empty_file()),
        contents(scratch.path("dict")), head.substr(0, head.size() - 1), "x" + head}) {
    for (const std::string& name : strangers) scratch.file(content, name);
    const Files before = files_in(scratch);
    for (const Maker& maker : makers()) {
      CAPTURE(maker.name);
      maker.make(scratch, os::real_system_calls());
      CHECK(fs::exists(scratch.path("x")));
      fs::remove(scratch.path("x"));
      fs::remove(scratch.path("x.lost"));
      CHECK(files_in(scratch) == before);
    }
  }
}

TEST_CASE("new file: what two killed processes left goes") {
  const Scratch scratch;
  fill(scratch);
  const std::string hidden = hidden_path(scratch.path("x"));
  for (const Maker& maker : makers()) {
    scratch.file(std::string(kUnfinished) + "and some bytes",
                 fs::path(second(hidden)).filename().string());
    maker.make(scratch, os::real_system_calls());
    CHECK_FALSE(fs::exists(second(hidden)));
    fs::remove(scratch.path("x"));
    scratch.file(std::string(kUnfinished), fs::path(hidden).filename().string());
    maker.make(scratch, os::real_system_calls());
    CHECK_FALSE(fs::exists(hidden));
    fs::remove(scratch.path("x"));
  }
}

TEST_CASE("new file: settles beside files, never on them") {
  const Scratch scratch;
  scratch.file("mine", "x");
  {
    NewFile made(scratch.path("x"), os::real_system_calls());
    made.write({}, true, [](Appender& out) { out.put(Bytes("new")); });
    CHECK_FALSE(made.place(scratch.path("x")));
    CHECK(made.place(scratch.path("y")));
    CHECK(files_in(scratch) == Files{{"x", "mine"}, {"y", "new"}});
    made.remove();
  }
  if (!test::knows_renamed_files()) {
    MESSAGE("a file that was renamed has no volume, as Wine does: not looked for");
    return;
  }
  CHECK(files_in(scratch) == Files{{"x", "mine"}});
}

TEST_CASE("new file: any size, and holes anywhere") {
  const std::uint64_t kept = kUnfinished.size();
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, kept - 1, kept,
                                   kept + 1, std::uint64_t{3} << 20}) {
    for (const std::uint64_t hole : {std::uint64_t{0}, std::uint64_t{1} << 16}) {
      const Scratch scratch;
      std::string bytes(size, 'b');
      NewFile made(scratch.path("x"), os::real_system_calls());
      made.write({}, false, [&](Appender& out) {
        out.put(Bytes(bytes));
        if (hole == 0) return;
        out.skip(hole);
        out.put(Bytes("end"));
      });
      if (hole != 0) bytes += std::string(hole, '\0') + "end";
      CHECK(made.place(scratch.path("x")));
      CHECK(files_in(scratch) == Files{{"x", bytes}});
    }
  }
}

TEST_CASE("new file: names as long as the system takes" *
          doctest::skip(!test::kTakesLongNames)) {
  for (const std::size_t size : {245, 250, 251, 255}) {
    const Scratch scratch;
    const std::string name = std::string(size - 4, 'n') + "\xc3\xa9\xc3\xa9";
    const auto store = Store::open(scratch.path(name), {});
    put(*store, "a", 1);
    put(*store, "b", 2);
    erase(*store, "a");
    vacuum(*store, true, false, {});
    store->close();
    const std::string whole = contents(scratch.path(name));
    scratch.file(whole + "lost", name);
    const Report report = fsck(scratch.path(name), true, {});
    CHECK(report.repaired);
    CHECK(values_of(scratch.path(name)) == Values{{"b", "i2"}});
    CHECK(fs::path(report.lost).filename().string().size() <= 255);
    scratch.file(whole + "lost", name);
    const std::string again = fsck(scratch.path(name), true, {}).lost;
    CHECK(again != report.lost);
    CHECK(values_of(again).size() == 1);
    write_plain_pickle(scratch.path(name), text_value("t"), {});
    ConvertOptions options;
    options.overwrite = true;
    scratch.file("\x80\x04}\x8c\x01xK\x01s.", name);
    convert_file(scratch.path(name), scratch.path(name), options);
    CHECK(values_of(scratch.path(name)) == Values{{"x", "i1"}});
    CHECK(files_in(scratch).size() == 3);
  }
}

TEST_CASE("new file: errors name the file that the user named") {
  const Scratch scratch;
  fill(scratch);
  for (const Maker& maker : makers()) {
    for (std::uint64_t n = 1;; ++n) {
      REQUIRE(n < 40);
      CAPTURE(maker.name);
      CAPTURE(n);
      os::FaultySystemCalls system;
      system.fail_at = n;
      system.error = "ENOSPC";
      try {
        maker.make(scratch, system);
      } catch (const Error& error) {
        CHECK(error.message.find(".mmappickle") == std::string::npos);
        CHECK(error.path.find(".mmappickle") == std::string::npos);
        CHECK(error.message.find(scratch.path("x")) != std::string::npos);
      }
      fs::remove(scratch.path("x"));
      fs::remove(scratch.path("x.lost"));
      CHECK(files_in(scratch).size() == 2);
      if (system.calls < n) break;
    }
  }
}

#ifndef _WIN32

TEST_CASE("new file: links in the place of a leftover stay") {
  const Scratch scratch;
  const std::string hidden = hidden_path(scratch.path("x"));
  scratch.file(std::string(kUnfinished), "elsewhere");
  fs::create_symlink("elsewhere", hidden);
  fs::create_symlink("nowhere", second(hidden));
  Store::open(scratch.path("x"), {});
  CHECK(fs::is_symlink(hidden));
  CHECK(fs::is_symlink(second(hidden)));
  CHECK(fs::exists(scratch.path("elsewhere")));
  CHECK(contents(scratch.path("x")) == empty_file());
}

TEST_CASE("new file: created through a link that leads to where nothing is yet") {
  const Scratch scratch;
  fs::create_symlink("target", scratch.path("link"));
  put(*Store::open(scratch.path("link"), {}), "a", 1);
  CHECK(fs::is_symlink(scratch.path("link")));
  CHECK(values_of(scratch.path("target")) == Values{{"a", "i1"}});
}

// Killed before the n-th change, what is left goes with the next file of that name, but
// for a file that is empty still, or whole already.
TEST_CASE("new file: killed before the n-th call") {
  for (const Maker& maker : makers()) {
    CAPTURE(maker.name);
    for (std::uint64_t n = 1, done = 0; done == 0; ++n) {
      CAPTURE(n);
      REQUIRE(n < 40);
      const Scratch scratch;
      fill(scratch);
      test::Child child([&](test::Child&) {
        os::FaultySystemCalls system;
        system.kill_at = n;
        maker.make(scratch, system);
        return 0;
      });
      done = child.exit_code() == 0;
      bool unfinished = false;
      for (const auto& [name, bytes] : files_in(scratch)) {
        if (bytes.compare(0, kUnfinished.size(), kUnfinished) == 0) unfinished = true;
      }
      std::size_t left = 0;
      maker.make(scratch, os::real_system_calls());
      for (const auto& [name, bytes] : files_in(scratch)) {
        if (name[0] != '.') continue;
        ++left;
        CHECK(bytes.compare(0, kUnfinished.size(), kUnfinished) != 0);
      }
      CHECK(left <= (unfinished || done ? 0 : 1));
    }
  }
}

// Another process that looks for leftovers has each new file locked for a moment.
class LockedForAMoment : public os::SystemCalls {
 public:
  os::Outcome create(const std::string& path, std::uint32_t mode,
                     os::Native& file) override {
    refusals_ = 3;
    return SystemCalls::create(path, mode, file);
  }
  os::Outcome try_lock(os::Native file, bool exclusive) override {
    if (refusals_ == 0) return SystemCalls::try_lock(file, exclusive);
    --refusals_;
#ifdef _WIN32
    return {33};  // ERROR_LOCK_VIOLATION
#else
    return {EAGAIN};
#endif
  }

 private:
  int refusals_ = 0;
};

TEST_CASE("new file: locked for a moment by one who looks whether it is a leftover") {
  const Scratch scratch;
  LockedForAMoment system;
  Options options;
  for (const double timeout : {10., 0.}) {
    options.lock_timeout = timeout;
    const std::string path = scratch.path(timeout > 0 ? "waits" : "does not");
    CHECK_NOTHROW(Store::open(path, options, system));
    CHECK(fs::exists(path));
  }
  write_plain_pickle(scratch.path("x"), doubles_value(std::vector<double>(50, 1)), {},
                     system);
  CHECK(files_in(scratch).size() == 3);
}

TEST_CASE("new file: while another process makes it") {
  const Scratch scratch;
  test::Child child([&](test::Child& self) {
    NewFile made(scratch.path("x"), os::real_system_calls());
    self.ready();
    self.wait_for_release();
    made.write({}, false, [](Appender& out) { out.put(Bytes(empty_file())); });
    return made.place(scratch.path("x")) ? 0 : 1;
  });
  child.wait_until_ready();
  // A pickle does not wait; a new mmapdict would be gone when the other one is ready.
  write_plain_pickle(scratch.path("p"), text_value("t"), {});
  Options options;
  options.lock_timeout = 0;
  const Error error = error_of([&] { Store::open(scratch.path("x"), options); });
  CHECK(error.kind == ErrorKind::busy);
  CHECK(error.message.find(scratch.path("x")) != std::string::npos);
  options.lock_timeout = 60;
  options.poll = [&] { child.release(); };
  put(*Store::open(scratch.path("x"), options), "a", 1);
  CHECK(child.exit_code() == 0);
  CHECK(values_of(scratch.path("x")) == Values{{"a", "i1"}});
  CHECK(files_in(scratch).size() == 2);
}

#endif

}  // namespace
}  // namespace mmappickle::store
