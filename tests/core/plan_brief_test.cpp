// What is told of an entry's value without reading it.
#include <doctest/doctest.h>

#include <random>

#include "pickle/opcodes.h"
#include "pickle_testing.h"
#include "plan/brief.h"

namespace mmappickle::plan {
namespace {

using pickle::raw;

// The inside of an entry of key "k".
template <std::size_t n>
std::string body(const char (&opcodes)[n]) {
  return raw("\x8c\x01k") + raw(opcodes);
}
std::string body(const std::string& opcodes) { return raw("\x8c\x01k") + opcodes; }

Brief brief(const std::string& body, BriefOptions options = {}) {
  return brief_of(Bytes(body), options);
}
template <std::size_t n>
std::string told(const char (&opcodes)[n]) {
  const Brief out = brief(body(opcodes));
  return out.text + (out.has_value ? " = " + out.value : "");
}

const std::string kClassOfFrame =
    raw("\x8c\x0cmmappickle:RK\x01}\x8c\x0a"
        "attributes](](\x8c\x05"
        "class\x8c\x0a"
        "data.framee](\x8c\x09row.namesJ\xfd\xff\xff\xff}\x8c\x04type\x8c\x09row."
        "namessees\x87"
        "0");

// An image that counts the bytes that are read of it.
class Counted : public Image::Pieces {
 public:
  explicit Counted(const std::string& bytes) : bytes_(bytes) {}
  const std::uint8_t* read(std::uint64_t offset, std::uint64_t n) override {
    read_ += n;
    return reinterpret_cast<const std::uint8_t*>(bytes_.data()) + offset;
  }
  std::uint64_t count() const { return read_; }

 private:
  const std::string& bytes_;
  std::uint64_t read_ = 0;
};

std::string long_list(const std::string& item, std::size_t items) {
  std::string opcodes = "](";
  for (std::size_t i = 0; i < items; ++i) opcodes += item;
  return body(opcodes + "e");
}

}  // namespace

TEST_CASE("brief: scalars are shown, containers counted") {
  CHECK(told("N") == "NULL");
  CHECK(told("\x88") == "logi [1] = TRUE");
  CHECK(told("K\x07") == "int [1] = 7");
  CHECK(told("G\x40\x0c\0\0\0\0\0\0") == "num [1] = 3.5");
  CHECK(told("G\x7f\xf0\0\0\0\0\x07\xa2") == "num [1] = NA");
  CHECK(told("\x8c\x05hello") == "chr [1] = hello");
  CHECK(told("\x8c\x03"
             "a\0b") == "python_object builtins.str");
  CHECK(told("C\x02"
             "ab") == "raw [2]");
  CHECK(told("](K\x01K\x02"
             "e") == "int [2]");
  CHECK(told("](K\x01\x8c\x01"
             "ae") == "list of 2");
  CHECK(told("}(\x8c\x01"
             "aK\x01\x8c\x01"
             "bK\x02u") == "dict of 2");
  CHECK(told("}(K\x01K\x01u") == "python_dict of 1");
  CHECK(told("\x8c\x08"
             "datetime\x8c\x04"
             "date\x93"
             "C\x04\x07\xe8\x02\x1d\x85R") == "Date [1] = 2024-02-29");
  CHECK(told("\x8c\x07"
             "decimal\x8c\x07"
             "Decimal\x93\x8c\x03"
             "1.5\x85R") == "python_object decimal.Decimal");
}

TEST_CASE("brief: R metadata give class and rows") {
  const std::string columns = raw("}(\x8c\x01xK\x01\x8c\x01yK\x02u");
  const std::string longer =
      raw("}(\x8c\x01x](K\x01K\x02K\x03"
          "eu");
  // No column has three items.
  CHECK(brief(body(columns + kClassOfFrame)).text == "dict of 2");
  CHECK(brief(body(longer + kClassOfFrame)).text == "data.frame 3 x 1");
  CHECK(brief(body(longer + kClassOfFrame)).type == "data.frame");
  std::string acts = longer + kClassOfFrame;
  acts.replace(acts.find("data.frame"), 10, "vignette\0\0", 10);
  CHECK(brief(body(acts)).text == "dict of 1");
}

TEST_CASE("brief: of long entries little is read, and told no more than is certain") {
  const std::string list = long_list(raw("\x8c\x03"
                                         "abc"),
                                     200000);
  for (const std::string& all : {list, body(std::string("}(") + list.substr(3) + "u")}) {
    Counted pieces(all);
    const Brief out = brief_of(Image(pieces, all.size()), {});
    CHECK(pieces.count() < 3 * kMostOfEntry);
    CHECK(out.type == "");
  }
  CHECK(brief(list).text == "sequence");
  const std::string typed =
      raw("\x8c\x0cmmappickle:RK\x01}\x8c\x04type\x8c\x09"
          "characters\x87"
          "0");
  CHECK(brief(list + typed).text == "chr");
  // A tuple of a dict and something is no dict.
  std::string dict = raw("}(");
  for (int i = 0; i < 20000; ++i)
    dict +=
        raw("\x8c\x04"
            "abcdK\x01");
  CHECK(brief(body(dict + "u")).text == "dict");
  CHECK(brief(body(dict + raw("uK\x01\x86"))).text == "");
  CHECK(brief(body(dict + "u" + kClassOfFrame)).text == "data.frame 3 x ?");
}

TEST_CASE("brief: the data of arrays are not looked at") {
  std::string frame = raw(
      "}(\x8c\x01x\x8c\x05numpy\x8c\x07ndarray\x93K\0\x85\x85R(K\x01J\x40\x42\x0f\0\x85"
      "\x8c\x05numpy\x8c\x05"
      "dtype\x93\x8c\x05int64\x85R\x89\x8e");
  const std::uint64_t size = 8000000;
  for (int i = 0; i < 8; ++i) frame += static_cast<char>(size >> (8 * i));
  frame += std::string(size, '\1') + raw("tbu");
  CHECK(brief(body(frame)).text == "dict of 1");
}

TEST_CASE("brief: no bytes are an error") {
  const std::string whole = body(raw("}(\x8c\x01x](K\x01K\x02K\x03"
                                     "eu") +
                                 kClassOfFrame);
  for (std::size_t size = 0; size < whole.size(); ++size) brief(whole.substr(0, size));
  std::mt19937 random(1);
  for (int i = 0; i < 3000; ++i) {
    std::string changed = whole;
    for (int n = 0; n < 3; ++n)
      changed[random() % changed.size()] = static_cast<char>(random());
    BriefOptions options;
    brief(changed, options);
    options.most = random() % changed.size();
    brief(changed, options);
  }
  CHECK(brief(body("](K\x01")).damaged);
  CHECK(brief("").damaged);
}

}  // namespace mmappickle::plan
