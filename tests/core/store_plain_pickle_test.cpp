#include <doctest/doctest.h>

#include "../../src/core/store/plain_pickle.h"
#include "store_testing.h"

namespace mmappickle::store {
namespace {

PlainPickle read(const std::string& bytes, std::uint64_t at = 0) {
  return read_plain_pickle(Bytes(bytes), at, nullptr, {});
}

std::string bytes_of(const Output& output) {
  std::string bytes(output.size(), '\0');
  struct {
    std::uint8_t* to;
    void operator()(std::uint64_t at, const Bytes& b) const {
      std::memcpy(to + at, b.data, b.size);
    }
    void operator()(std::uint64_t at, const Source& source) const {
      source.read(0, to + at, source.size());
    }
  } copy{reinterpret_cast<std::uint8_t*>(&bytes[0])};
  output.visit(copy);
  return bytes;
}

std::string pickle_of(const numpy::StoredValue& stored_value) {
  Output output(0);
  put_plain_pickle(output, stored_value);
  return bytes_of(output);
}

numpy::StoredValue with_metadata(numpy::StoredValue stored_value) {
  stored_value.metadata = stored_value.tree.container(
      pickle::Tag::dict,
      {stored_value.tree.text("type"), stored_value.tree.text("list")});
  return stored_value;
}

TEST_CASE("plain: one pickle after the other") {
  const std::string two = raw("\x80\x02K\x05.") + raw("(I1\nI2\nl.");
  const PlainPickle first = read(two);
  CHECK_FALSE(first.is_mmapdict);
  CHECK(value_text(first.value) == "i5");
  CHECK(first.end == 5);
  CHECK(first.value.bytes == 5);
  const PlainPickle second = read(two, first.end);
  CHECK(value_text(second.value) == "[i1,i2]");
  CHECK(second.end == two.size());
  const Error error = error_of([&] { read(two + "\xff", two.size()); });
  CHECK(error.kind == ErrorKind::format);
  CHECK(error.offset == two.size());
  CHECK(error_of([&] { read(""); }).offset == 0);
}

TEST_CASE("plain: what is written is the value, metadata and STOP") {
  CHECK(pickle_of(integer_value(5)) == raw("\x80\x04K\x05."));
  CHECK(pickle_of(with_metadata(integer_value(5))) ==
        raw("\x80\x04K\x05\x8c\x0cmmappickle:RK\x01}\x8c\x04type\x8c\x04lists\x87"
            "0."));
  const std::string bytes = pickle_of(with_metadata(text_value("x")));
  const PlainPickle plain = read(bytes);
  CHECK(value_text(plain.value) == "s78");
  REQUIRE(plain.value.metadata != pickle::kNoId);
  CHECK(pickle::Dump(plain.value.tree)(plain.value.metadata) == "{s74797065:s6c697374}");
}

TEST_CASE("plain: a whole pickle goes out as it came in") {
  const std::string bytes = "cm\nC\n)R.";
  numpy::StoredValue stored_value = integer_value(5);
  stored_value.pickle = Bytes(bytes);
  CHECK(pickle_of(stored_value) == bytes);
}

TEST_CASE("plain: metadata stands directly before STOP, alone with the value") {
  const std::string metadata = raw("\x8c\x0cmmappickle:RK\x01}\x87");
  const auto has = [](const std::string& bytes) {
    return read(bytes).value.metadata != pickle::kNoId;
  };
  CHECK(has("K\x05" + metadata + "0."));
  CHECK_FALSE(has("K\x05" + metadata + "0N0."));
  CHECK_FALSE(has("NK\x05" + metadata + "0."));
  CHECK_FALSE(has(metadata + "."));
  CHECK_FALSE(has("K\x05" + metadata + raw("0\x95\0\0\0\0\0\0\0\0.")));
}

TEST_CASE("plain: the very bytes, where they can be used again") {
  const std::string call = "cm\nC\n)R.";
  const std::string second = "N." + call;
  const Loaded loaded = read(second, 2).value;
  CHECK(loaded.pickle.text() == call);
  CHECK(loaded.opcodes.text() == call.substr(0, call.size() - 1));
  const std::string memo = "\x8c\x01x\x94.";
  const Loaded memoized = read(memo).value;
  CHECK(memoized.opcodes.size == 0);
  CHECK(memoized.pickle.size == 5);
  CHECK(read("Pid\n.").value.pickle.size == 0);
}

TEST_CASE("plain: arrays begin at multiples of 64, alone and nested") {
  for (int n = 0; n < 70; ++n) {
    numpy::StoredValue stored_value = doubles_value({1, 2});
    const std::string name(static_cast<std::size_t>(n), 'n');
    if (n > 0) {
      stored_value.value = stored_value.tree.container(
          pickle::Tag::tuple,
          {stored_value.tree.text(stored_value.tree.keep(name)), stored_value.value});
    }
    const std::string bytes = pickle_of(stored_value);
    const double data[] = {1, 2};
    const std::size_t at =
        bytes.find(std::string(reinterpret_cast<const char*>(data), sizeof data));
    REQUIRE(at != std::string::npos);
    CHECK(at % 64 == 0);
  }
}

TEST_CASE("plain: an mmapdict is read by its entries, if it is sound") {
  const Scratch scratch;
  {
    const auto store = Store::open(scratch.path(), Options{});
    put(*store, "n", 1);
    put(*store, "a", doubles_value({1, 2}));
    put(*store, "m", with_metadata(text_value("x")));
    put(*store, "n", 2);
    erase(*store, "m");
    put(*store, "m", with_metadata(text_value("y")));
  }
  const std::string bytes = contents(scratch.path());
  const auto value = [&](const PlainPickle& plain, std::size_t i) {
    return load_entry(Bytes(bytes), plain.entries[i], nullptr, {});
  };
  for (const std::string& behind : {std::string(), std::string("more")}) {
    const std::string file = bytes + behind;
    const PlainPickle plain = read(file);
    REQUIRE(plain.is_mmapdict);
    CHECK(plain.end == bytes.size());
    CHECK(plain.keys == std::vector<std::string>{"a", "n", "m"});
    CHECK(value(plain, 0).is_array);
    CHECK(value_text(value(plain, 1)) == "i2");
    CHECK(value(plain, 2).metadata != pickle::kNoId);
  }
  // The same dict where its frames cannot be followed: behind another pickle, or damaged.
  const std::string second = "N." + bytes;
  const PlainPickle plain = read(second, 2);
  CHECK_FALSE(plain.is_mmapdict);
  CHECK(plain.end == second.size());
  CHECK(value_text(plain.value).substr(0, 4) == "{s61");
  const std::string strange =
      header_bytes() + entry_bytes("k", "0\x8c\x01jK\x07") + terminator_bytes();
  const PlainPickle damaged = read(strange);
  CHECK_FALSE(damaged.is_mmapdict);
  CHECK(value_text(damaged.value) == "{s6a:i7}");
}

TEST_CASE("plain: a file is written whole or not at all; holes stay holes") {
  const Scratch scratch;
  const std::uint64_t size = std::uint64_t{1} << 32;
  write_plain_pickle(scratch.path(),
                     array_value("float64", {size / 8}, hole_source(size)), {});
  bool exists = false;
  const os::Status status = os::status_of(scratch.path(), exists);
  CHECK(status.size > size);
  CHECK(status.allocated < 1 << 20);
  write_plain_pickle(scratch.path(), integer_value(1), {});
  const std::string before = contents(scratch.path());
  const numpy::StoredValue large =
      array_value("uint8", {20 << 20}, bytes_source(std::string(20 << 20, 'x')));
  CHECK_THROWS_AS(write_plain_pickle(scratch.path(), large, [] { throw Interrupted{}; }),
                  Interrupted);
  CHECK(contents(scratch.path()) == before);
  for (std::uint64_t n = 1;; ++n) {
    os::FaultySystemCalls system;
    system.fail_at = n;
    system.error = "ENOSPC";
    const bool failed = error_of([&] {
                          write_plain_pickle(scratch.path(), large, {}, system);
                        }).cause == "ENOSPC";
    if (!failed) break;
    CHECK(contents(scratch.path()) == before);
  }
  CHECK(contents(scratch.path()) == pickle_of(large));
}

TEST_CASE("plain: reading can be interrupted") {
  const std::string many = pickle::repeat("N0", 1 << 20) + "N.";
  CHECK_THROWS_AS(read_plain_pickle(Bytes(many), 0, nullptr, [] { throw Interrupted{}; }),
                  Interrupted);
}

}  // namespace
}  // namespace mmappickle::store
