// Pickled dicts to mmapdicts.
#include <doctest/doctest.h>

#include <filesystem>

#include "../../src/core/store/convert.h"
#include "../../src/core/store/fsck.h"
#include "child.h"
#include "store_testing.h"

namespace mmappickle::store {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;

std::string text(const std::string& s) {
  return "\x8c" + std::string(1, static_cast<char>(s.size())) + s;
}
const std::string kProto = "\x80\4"s;

// {"b": [1, 2], "a": array([..]), "b": "again"} in protocol 4, but for the repetition.
std::string array_opcodes(const std::string& data) {
  const std::string dtype = "cnumpy\ndtype\n" + text("f8") + "\x89\x88\x87R(K\3" +
                            text("<") + "NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb"s;
  return "cnumpy.core.multiarray\n_reconstruct\n"s + "cnumpy\nndarray\nK\0\x85"s +
         "C\1b\x87R(K\1M" + pickle::le(data.size() / 8, 2) + "\x85" + dtype + "\x89" +
         "B" + pickle::le(data.size(), 4) + data + "tb";
}
const std::string kData = std::string(16, 'd');
std::string sample() {
  return kProto + "}(" + text("b") + "](K\1K\2e" + text("a") + array_opcodes(kData) +
         text("b") + text("again") + text("n") + "Nu.";
}
const Values kSample = {{"b", "s616761696e"},
                        {"a", "A<f8(2)" + pickle::hex_of(Bytes(std::string_view(kData)))},
                        {"n", "N"}};

std::size_t files_in(const Scratch& scratch) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(scratch.folder()), fs::directory_iterator()));
}

ErrorKind kind_of(const std::string& pickle, std::string* key = nullptr) {
  const Scratch scratch;
  const Error error =
      error_of([&] { convert_bytes(Bytes(pickle), scratch.path("to"), {}); });
  CHECK(files_in(scratch) == 0);
  CHECK(error.message != "nothing was thrown");
  if (key != nullptr) *key = error.message;
  return error.kind;
}

TEST_CASE("a dict becomes an mmapdict; of a key that repeats the last value counts") {
  const Scratch scratch;
  const Converted made = convert_bytes(Bytes(sample()), scratch.path("to"), {});
  CHECK(made.keys == 3);
  CHECK(made.trailing == 0);
  CHECK(values_of(scratch.path("to")) == kSample);
  const auto store = Store::open(scratch.path("to"), Options{});
  CHECK(keys_of(*store) == std::vector<std::string>{"b", "a", "n"});
  CHECK(fsck(scratch.path("to"), false, {}).findings.empty());
  const Reading reading(*store);
  const Loaded array = reading.load(reading.require("a"));
  CHECK(array.portable);
  CHECK((array.array.data - array.mapping->data()) % 64 == 0);
  CHECK(files_in(scratch) == 1);
}

TEST_CASE("in the place of its pickle, and beside it") {
  const Scratch scratch;
  const std::string path = scratch.file(sample(), "p");
  convert_file(path, scratch.path("to"), {});
  CHECK(contents(path) == sample());
  CHECK(values_of(scratch.path("to")) == kSample);
  const Error error = error_of([&] { convert_file(path, scratch.path("to"), {}); });
  CHECK(error.kind == ErrorKind::io);
  CHECK(error.cause == "EEXIST");
  scratch.file("other", "to");
  ConvertOptions overwrite;
  overwrite.overwrite = true;
  convert_file(path, scratch.path("to"), overwrite);
  CHECK(values_of(scratch.path("to")) == kSample);
  convert_file(path, path, {});
  CHECK(contents(path) == contents(scratch.path("to")));
  CHECK(files_in(scratch) == 2);
}

TEST_CASE("the classes of dicts, by name") {
  const std::string items = "(" + text("z") + "K\1" + text("a") + "K\2u";
  for (const std::string& opcodes :
       {"ccollections\nOrderedDict\n)R" + items,
        "ccollections\ndefaultdict\ncbuiltins\nlist\n\x85R" + items,
        "ccollections\nCounter\n}" + items + "\x85R",
        "ccollections\nOrderedDict\n](](" + text("z") + "K\1e](" + text("a") +
            "K\2ee\x85R"}) {
    const Scratch scratch;
    convert_bytes(Bytes(kProto + opcodes + "."), scratch.path("to"), {});
    const auto store = Store::open(scratch.path("to"), Options{});
    CHECK(keys_of(*store) == std::vector<std::string>{"z", "a"});
    CHECK(values_of(*store) == Values{{"z", "i1"}, {"a", "i2"}});
  }
  CHECK(kind_of("ccollections\nChainMap\n)R" + items + ".") == ErrorKind::value);
  CHECK(kind_of("cother\nOrderedDict\n)R" + items + ".") == ErrorKind::value);
  CHECK(kind_of("](K\1e.") == ErrorKind::value);
  CHECK(kind_of("cos\n\0system\n)R."s) == ErrorKind::value);
}

TEST_CASE("keys that an mmapdict cannot have") {
  std::string words;
  for (const std::string& key :
       {"K\5"s, "N"s, "\x88"s, "C\1x"s, "K\1\x85"s, "G\0\0\0\0\0\0\0\0"s, "cm\nn\n)R"s}) {
    CHECK(kind_of(kProto + "}(" + text("fine") + "N" + key + "Nu.", &words) ==
          ErrorKind::key);
  }
  CHECK(words.find("m.n") != std::string::npos);
  CHECK(kind_of(kProto + "}" + text(std::string(255, 'k')) + "K\1sX" +
                pickle::le(256, 4) + std::string(256, 'k') + "K\1s.") == ErrorKind::key);
  CHECK(kind_of(kProto + "}" + text("\xed\xa0\x80") + "Ns.") == ErrorKind::key);
  CHECK(kind_of("}U\2\xc3\xa9Ns.") == ErrorKind::key);
  // What Python 2 calls text is one to pickle.load if it is ASCII.
  const Scratch scratch;
  convert_bytes(Bytes("}U\2abK\1s."s), scratch.path("to"), {});
  CHECK(values_of(scratch.path("to")) == Values{{"ab", "i1"}});
}

TEST_CASE("no pickle, half a pickle, and what pickle.load could not load") {
  CHECK(kind_of("") == ErrorKind::format);
  CHECK(kind_of("no pickle") == ErrorKind::format);
  const std::string whole = sample();
  for (std::size_t n = 1; n < whole.size(); n += 7) {
    CHECK(kind_of(whole.substr(0, n)) == ErrorKind::format);
  }
  std::string words;
  CHECK(kind_of("}(" + text("a") + "K\1" + text("p") + "Pid\nu.", &words) ==
        ErrorKind::unsupported);
}

TEST_CASE("trailing bytes are told of, R metadata is handed on") {
  const Scratch scratch;
  const std::string metadata = text("mmappickle:R") + "K\1}" + text("children") +
                               "}(K\0}"s + text("type") + "K\7sK\3}"s + text("type") +
                               "K\x08sus\x87" + "0";
  std::string pickle = sample();
  pickle.insert(pickle.size() - 1, metadata);
  const Converted made = convert_bytes(Bytes(pickle + "more"), scratch.path("to"), {});
  CHECK(made.end == pickle.size());
  CHECK(made.trailing == 4);
  const auto store = Store::open(scratch.path("to"), Options{});
  const Reading reading(*store);
  // By position: the value that counts of "b" is the third.
  CHECK(reading.load(reading.require("b")).metadata == pickle::kNoId);
  const Loaded n = reading.load(reading.require("n"));
  REQUIRE(n.metadata != pickle::kNoId);
  CHECK(pickle::Dump(n.tree)(n.metadata).find("i8") != std::string::npos);
}

TEST_CASE("an mmapdict: live entries, healed, or an error that names the damaged one") {
  const Scratch scratch;
  const std::string path = scratch.path("m");
  auto store = Store::open(path, Options{});
  put(*store, "a", doubles_value({1, 2}));
  put(*store, "gone", doubles_value({1, 2}));
  put(*store, "n", nested_value({3}));
  erase(*store, "gone");
  const Values before = values_of(*store);
  std::ofstream(path, std::ios::binary | std::ios::app) << "left by a writer";
#ifdef _WIN32
  CHECK(error_of([&] { convert_file(path, path, {}); }).kind == ErrorKind::busy);
  store.reset();  // no file is replaced that is mapped
#endif
  CHECK(convert_file(path, path, {}).trailing == 0);
  if (!store) store = Store::open(path, Options{});
  CHECK(values_of(path) == before);
  CHECK(values_of(*store) == before);  // the handle sees the new file
  CHECK(fsck(path, false, {}).findings.empty());
  CHECK(Reading(*store).dead_bytes() == 0);
  const std::string sound = contents(path);
  convert_bytes(Bytes(sound), scratch.path("copy"), {});
  CHECK(contents(scratch.path("copy")) == sound);

  const std::string damaged = header_bytes() + entry_bytes("a", raw("K\1")) +
                              entry_bytes("bad", "\x01\x02") + terminator_bytes();
  scratch.file(damaged, "d");
  const Error error =
      error_of([&] { convert_file(scratch.path("d"), scratch.path("d"), {}); });
  CHECK(error.kind == ErrorKind::format);
  CHECK(error.key == "bad");
  CHECK(error.path == scratch.path("d"));
  CHECK(contents(scratch.path("d")) == damaged);
}

TEST_CASE("values that several keys share are written for each; time stays linear") {
  std::string pickle = kProto + "}(";
  const int count = 20000;
  for (int i = 0; i < count; ++i) pickle += text(std::to_string(i)) + "](K\1K\2e";
  pickle += text("x") + "]q\1(K\1e" + text("y") + "h\1" + text("self") + "h\1u.";
  const Scratch scratch;
  CHECK(convert_bytes(Bytes(pickle), scratch.path("to"), {}).keys == count + 3);
  const Values values = values_of(scratch.path("to"));
  CHECK(values.at("x") == "[i1]");
  CHECK(values.at("y") == "[i1]");
}

TEST_CASE("the n-th call fails, for n = 1, 2, ..., and Ctrl-C: all is as it was") {
  const std::string large = kProto + "}(" + text("a") +
                            array_opcodes(std::string(400000, 'x')) + text("b") + "K\1u.";
  for (const bool partial : {false, true}) {
    for (const bool in_place : {true, false}) {
      for (std::uint64_t n = 1;; ++n) {
        REQUIRE(n < 100);
        CAPTURE(n);
        const Scratch scratch;
        const std::string from = scratch.file(large, "from");
        const std::string to = in_place ? from : scratch.file("old", "to");
        os::FaultySystemCalls system;
        system.fail_at = n;
        system.error = "ENOSPC";
        system.partial = partial;
        ConvertOptions options;
        options.overwrite = true;
        bool failed = false;
        try {
          convert_file(from, to, options, system);
        } catch (const Error& error) {
          failed = true;
          CHECK(error.kind == ErrorKind::io);
          CHECK(error.cause == "ENOSPC");
        }
        CHECK(files_in(scratch) == (in_place ? 1u : 2u));
        if (failed) {
          CHECK(contents(from) == large);
          CHECK(contents(to) == (in_place ? large : "old"));
        } else {
          CHECK(values_of(to).size() == 2);
        }
        if (system.calls < n) break;
      }
    }
  }
  for (int allowed = 0;; ++allowed) {
    const Scratch scratch;
    const std::string path = scratch.file(large, "from");
    ConvertOptions options;
    int polls = 0;
    options.poll = [&] {
      if (polls++ == allowed) throw Interrupted{};
    };
    try {
      convert_file(path, path, options);
      CHECK(allowed > 2);
      break;
    } catch (const Interrupted&) {
      CHECK(contents(path) == large);
      CHECK(files_in(scratch) == 1);
    }
  }
}

#ifndef _WIN32

TEST_CASE("links, modes, locks and other users of what is replaced") {
  const Scratch scratch;
  const std::string path = scratch.file(sample(), "p");
  fs::create_hard_link(path, scratch.path("hard"));
  CHECK(error_of([&] { convert_file(path, path, {}); }).kind == ErrorKind::io);
  ConvertOptions overwrite;
  overwrite.overwrite = true;
  CHECK(error_of([&] {
          convert_file(path, scratch.path("hard"), overwrite);
        }).message.find("hard links") != std::string::npos);
  CHECK(contents(path) == sample());
  fs::remove(scratch.path("hard"));
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("p", scratch.path("link"));
  convert_file(scratch.path("link"), scratch.path("link"), {});
  CHECK(fs::is_symlink(scratch.path("link")));
  CHECK(fs::status(path).permissions() ==
        (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(values_of(path) == kSample);

  test::Child child([&](test::Child& self) {
    const os::File file = os::File::open(path, os::Access::write);
    const os::Lock lock(file, os::Sharing::exclusive, {});
    self.ready();
    self.wait_for_release();
    return 0;
  });
  child.wait_until_ready();
  ConvertOptions impatient;
  impatient.lock_timeout = 0;
  CHECK(error_of([&] { convert_file(path, scratch.path("new"), impatient); }).kind ==
        ErrorKind::busy);
  CHECK(error_of([&] { convert_file(path, path, impatient); }).kind == ErrorKind::busy);
  child.release();
  CHECK(child.exit_code() == 0);
}

TEST_CASE("holes of an mmapdict stay holes") {
  const Scratch scratch;
  const std::uint64_t size = std::uint64_t{1} << 30;
  {
    const auto store = Store::open(scratch.path("m"), Options{});
    put(*store, "stub", array_value("uint8", {size}, hole_source(size)));
  }
  convert_file(scratch.path("m"), scratch.path("to"), {});
  const auto store = Store::open(scratch.path("to"), Options{});
  CHECK(Reading(*store).status().allocated < 10 << 20);
  CHECK(Reading(*store).file_size() > size);
}

#endif

}  // namespace
}  // namespace mmappickle::store
