#include "files/npy.h"
#include "files_testing.h"

namespace mmappickle::files {
namespace {

std::string file_of(const std::string& header, const std::string& data, int version = 1) {
  return raw("\x93NUMPY") + static_cast<char>(version) + std::string(1, '\0') +
         le(header.size(), version == 1 ? 2 : 4) + header + data;
}

std::string header_of(const std::string& descr, const std::string& shape,
                      const std::string& order = "False") {
  return "{'descr': " + descr + ", 'fortran_order': " + order + ", 'shape': " + shape +
         ", }\n";
}

std::string head_of(const numpy::Dtype& dtype, const numpy::Shape& shape, bool fortran) {
  Output output(0);
  put_npy_head(output, dtype, shape, fortran);
  std::string out(output.size(), '\0');
  output.copy_to(reinterpret_cast<std::uint8_t*>(&out[0]));
  return out;
}

TEST_CASE("npy: what is read is what was written, for each dtype") {
  for (const char* name : {"bool", "i1", "<i4", ">i8", "<f2", "<f8", "<f16", "<c16", "S3",
                           "<U5", ">U2", "M8[25s]", "m8[ns]", "V7"}) {
    CAPTURE(name);
    numpy::Dtype dtype;
    REQUIRE(parse_dtype(name, dtype));
    const std::string head = head_of(dtype, {2, 3}, true);
    CHECK(head.size() % 64 == 0);
    const Exact file(head + std::string(6 * dtype.itemsize, 'x'));
    const Npy npy = read_npy(file);
    CHECK(npy.array.dtype == dtype);
    CHECK(npy.array.shape == numpy::Shape{2, 3});
    CHECK(npy.array.f_order());
    CHECK(npy.data == head.size());
    CHECK(npy.end == head.size() + 6 * dtype.itemsize);
  }
}

TEST_CASE("npy: structured dtypes, with padding, sub-arrays, titles and odd names") {
  const std::string descr =
      "[('a', '|u1'), ('', '|V3'), ('it\\'s', '<i4', (2, 2)), (('t', 'caf\\xe9'), "
      "[('x', '<f8')])]";
  const Exact file(file_of(header_of(descr, "(1,)"), std::string(28, 'x')));
  const numpy::Dtype dtype = read_npy(file).array.dtype;
  CHECK(dtype.itemsize == 28);
  REQUIRE(dtype.fields.size() == 3);
  CHECK(dtype.fields[1].name == "it's");
  CHECK(dtype.fields[1].offset == 4);
  CHECK(dtype.fields[1].dtype.subshape == numpy::Shape{2, 2});
  CHECK(dtype.fields[2].name == "caf\xc3\xa9");
  CHECK(dtype.fields[2].dtype.fields[0].name == "x");
  const std::string head = head_of(dtype, {}, false);
  CHECK(head[6] == 3);  // a name that is not ASCII
  const Exact again(head + std::string(28, 'x'));
  CHECK(read_npy(again).array.dtype == dtype);
}

TEST_CASE("npy: arrays of objects are pickles") {
  const Exact file(file_of(header_of("'|O'", "(2,)"), "N."));
  const Npy npy = read_npy(file);
  CHECK(npy.objects);
  CHECK(Bytes(file).from(npy.data).text() == "N.");
}

TEST_CASE("npy: headers that lie") {
  const auto read = [](const std::string& descr, const std::string& shape,
                       const std::string& data = "12345678") {
    return outcome([&] { read_npy(Exact(file_of(header_of(descr, shape), data))); });
  };
  CHECK(read("'<f8'", "(1,)") == "ok");
  CHECK(read("'<f8'", "()") == "ok");
  CHECK(read("'<f8'", "(0, 99)", "") == "ok");
  for (const char* shape : {"(2,)", "(4294967296, 4294967296)", "(18446744073709551615,)",
                            "(18446744073709551616,)", "(2305843009213693953,)", "1",
                            "[1]", "('1',)", "(1", "(1,,)", "(-1,)", "(1L,) x"}) {
    CAPTURE(shape);
    CHECK(read("'<f8'", shape) != "ok");
  }
  std::string deep;
  for (int i = 0; i < 65; ++i) deep += "1,";
  CHECK(read("'<f8'", "(" + deep + ")") != "ok");
  for (const char* descr :
       {"'f9'", "''", "'V0'", "8", "[]x", "('<f8', (1,))", "[('a', '<f8', (0,))]",
        "[('a', '<f8', (268435456, 268435456))]", "[('a', 'V2147483647'), ('b', 'u1')]",
        "[('a', '<f8'), ('a', 'V0')]", "[1]", "[('a', 'O', (2,))]", "{'a': '<f8'}"}) {
    CAPTURE(descr);
    CHECK(read(descr, "(99999,)") != "ok");
  }
  const std::string whole = file_of(header_of("[('a', '<f8')]", "(1,)"), "12345678");
  CHECK(outcome([&] { read_npy(Exact(whole)); }) == "ok");
  for (std::size_t n = 0; n < whole.size(); ++n) {
    CHECK(outcome([&] { read_npy(Exact(whole.substr(0, n))); }) != "ok");
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x15);
    outcome([&] { read_npy(Exact(changed)); });
  }
  std::string longest(kLongestHeader + 1, ' ');
  CHECK(
      has(outcome([&] { read_npy(Exact(file_of(longest, "", 2))); }), "longer than any"));
}

}  // namespace
}  // namespace mmappickle::files
