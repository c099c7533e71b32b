#include "numpy/joblib.h"
#include "numpy_testing.h"
#include "pickle_testing.h"

namespace mmappickle::numpy {
namespace {

using pickle::le;
using pickle::raw;

struct Wrapper {
  std::string shape = "(K\x02K\x03t", order = "U\1C", dtype = "cnumpy\ndtype\nU\2i1\x85R";
  std::string alignment = "K\x10";  // empty: it is not said
  std::string behind = raw("\2\xff\xff") + "abcdef";
  std::string name = "joblib.numpy_pickle\nNumpyArrayWrapper";

  std::string text() const {
    return "c" + name + "\n)\x81}(U\x08subclasscnumpy\nndarray\nU\5shape" + shape +
           "U\5order" + order + "U\5dtype" + dtype +
           (alignment.empty() ? "" : "U\x1bnumpy_array_alignment_bytes" + alignment) +
           "ub" + behind;
  }
};

// The array, or the message.
std::string read(const std::string& text) {
  std::vector<std::uint8_t> exact(text.begin(), text.end());
  pickle::Tree tree;
  JoblibArrays joblib(tree);
  try {
    const pickle::Pickle found =
        pickle::read_pickle(tree, Bytes(exact.data(), exact.size()), 0, joblib.reader());
    CHECK(found.placement == pickle::Placement::nowhere);
    CHECK(found.consumed == text.size());
    const Recognised r = recognise(tree, found.root);
    if (r.found != Found::array) return "no array " + r.problem;
    std::string out = r.array.f_order() && !r.array.c_order() ? "F" : "C";
    for (const std::uint64_t extent : r.array.shape) out += " " + std::to_string(extent);
    if (r.array.objects != pickle::kNoId) return out + " objects";
    const std::uint64_t size = r.array.count() * r.array.dtype.itemsize;
    return out + " " + std::string(Bytes(r.array.data, size).text());
  } catch (const Error& error) {
    CHECK(error.kind == ErrorKind::format);
    return error.message;
  }
}

bool fails(const Wrapper& wrapper) {
  return read(wrapper.text() + ".").find("nvalid ") != std::string::npos;
}

TEST_CASE("joblib: arrays stand behind their wrappers") {
  Wrapper w;
  CHECK(read(w.text() + ".") == "C 2 3 abcdef");
  w.order = "U\1F";
  CHECK(read(w.text() + ".") == "F 2 3 abcdef");
  w.behind = raw("\0") + "abcdef";
  CHECK(read(w.text() + ".") == "F 2 3 abcdef");
  for (const char* none : {"", "N"}) {
    Wrapper old;
    old.alignment = none;
    old.behind = "abcdef";
    CHECK(read(old.text() + ".") == "C 2 3 abcdef");
  }
  Wrapper empty;
  empty.shape = "(K\x02" + raw("K\0t");
  empty.behind = raw("\0");
  CHECK(read(empty.text() + ".") == "C 2 0 ");
}

TEST_CASE("joblib: what stands around an array is as it was, and another may follow") {
  const std::string two = "(" + Wrapper().text() + Wrapper().text() + "K\5t.";
  std::vector<std::uint8_t> exact(two.begin(), two.end());
  pickle::Tree tree;
  JoblibArrays joblib(tree);
  const pickle::Pickle found =
      pickle::read_pickle(tree, Bytes(exact.data(), exact.size()), 0, joblib.reader());
  REQUIRE(tree[found.root].size == 3);
  for (int i : {0, 1}) {
    CHECK(recognise(tree, tree.item(found.root, static_cast<std::uint64_t>(i))).found ==
          Found::array);
  }
  CHECK(tree[tree.item(found.root, 2)].integer == 5);
}

TEST_CASE("joblib: objects are a pickle of their own") {
  Wrapper w;
  w.dtype = "cnumpy\ndtype\nU\1O\x85R";
  w.behind = "\x80\x02]K\1a.";
  CHECK(read(w.text() + ".") == "no array ");
  w.behind = raw(
      "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\1b\x87R(K\1K\1\x85"
      "cnumpy\ndtype\nU\1O\x85R\x89]Natb.");
  CHECK(read(w.text() + ".") == "C 1 objects");
  w.behind = "\x80\x02]K\1a";
  CHECK(fails(w));
}

TEST_CASE("joblib: wrappers that lie") {
  const auto with = [](std::string Wrapper::*member, const std::string& value) {
    Wrapper w;
    w.*member = value;
    return w;
  };
  CHECK(fails(with(&Wrapper::shape, "(K\x02K\x04t")));
  CHECK(fails(with(&Wrapper::shape, "(J\xff\xff\xff\xff" + raw("K\0t"))));
  CHECK(fails(
      with(&Wrapper::shape, "(J\xff\xff\xff\x7fJ\xff\xff\xff\x7fJ\xff\xff\xff\x7ft")));
  CHECK(fails(with(&Wrapper::shape, "K\2")));
  CHECK(fails(with(&Wrapper::shape, "N")));
  CHECK(fails(with(&Wrapper::order, "U\1K")));
  CHECK(fails(with(&Wrapper::order, "N")));
  CHECK(fails(with(&Wrapper::dtype, "N")));
  CHECK(fails(with(&Wrapper::dtype, "cnumpy\ndtype\nU\2i3\x85R")));
  CHECK(fails(with(&Wrapper::dtype, "cnumpy\ndtype\nU\2f8\x85R")));
  CHECK(fails(with(&Wrapper::behind, "\xff")));
  CHECK(fails(with(&Wrapper::behind, "")));
  Wrapper no_state;
  const std::string bare = "c" + no_state.name + "\n)\x81Nb.";
  CHECK(read(bare).find("dtype") != std::string::npos);
}

TEST_CASE("joblib: cut off, and changed, at every byte") {
  const std::string whole = Wrapper().text() + ".";
  for (std::size_t n = 0; n < whole.size(); ++n) {
    CHECK(read(whole.substr(0, n)).find("nvalid ") != std::string::npos);
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int mask : {1, 4, 0x80}) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ mask);
      std::vector<std::uint8_t> exact(changed.begin(), changed.end());
      pickle::Tree tree;
      JoblibArrays joblib(tree);
      try {
        const Bytes bytes(exact.data(), exact.size());
        const auto found = pickle::read_pickle(tree, bytes, 0, joblib.reader());
        recognise(tree, found.root);
      } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::format);
      }
    }
  }
}

TEST_CASE("joblib: dumps with files beside them, and classes of others") {
  for (const char* name :
       {"cjoblib.numpy_pickle\nNDArrayWrapper\n",
        "cjoblib.numpy_pickle\nZNDArrayWrapper\n", "cother\nNumpyArrayWrapper\n"}) {
    pickle::Tree tree;
    JoblibArrays joblib(tree);
    const std::string other = name + std::string(")\x81}b.");
    const auto found =
        pickle::read_pickle(tree, Bytes(std::string_view(other)), 0, joblib.reader());
    CHECK(found.placement == pickle::Placement::anywhere);
  }
}

}  // namespace
}  // namespace mmappickle::numpy
