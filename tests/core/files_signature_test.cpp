#include "files/signature.h"
#include "files_testing.h"

namespace mmappickle::files {
namespace {

Format format_of(const std::string& head) { return signature_of(Exact(head)).format; }

TEST_CASE("signature: each form by its first bytes, none by fewer") {
  const std::string zeros(64, '\0');
  const struct {
    std::string head;
    Format format;
  } kCases[] = {
      {"\x1f\x8b\x08", Format::gzip},
      {"BZh91AY&SY", Format::bzip2},
      {raw("\xfd\x37zXZ\0"), Format::xz},
      {raw("\x5d\0\0\x40\0"), Format::lzma},
      {"\x78\x9c", Format::zlib},
      {"\x28\xb5\x2f\xfd", Format::unreadable_compression},
      {raw("PK\3\4"), Format::zip},
      {"\x93NUMPY", Format::npy},
      {"\x80\x04", Format::pickle},
      {"PAR1" + zeros, Format::foreign},
      {"version https://git-lfs.github.com/spec/v1", Format::foreign},
      {"  \n<!DocType HTML>", Format::foreign},
      {"\xef\xbb\xbf{\"a\": 1}", Format::foreign},
      {"some words", Format::text},
      {"caf\xc3\xa9", Format::text},
      {"", Format::empty},
      {"caf\xe9", Format::unknown},
      {raw("a\0b"), Format::unknown},
      {"\x80\x06", Format::unknown},
  };
  for (const auto& c : kCases) {
    CAPTURE(c.head);
    CHECK(format_of(c.head) == c.format);
  }
  // Whatever stands there, and wherever it ends.
  for (const auto& c : kCases) {
    for (std::size_t n = 0; n < c.head.size(); ++n)
      signature_of(Exact(c.head.substr(0, n)));
  }
}

TEST_CASE("signature: text that ends inside of a character, where the head ends") {
  const std::string text(kSignatureSize - 1, 'a');
  CHECK(format_of(text + "\xc3\xa9 and more") == Format::text);
  CHECK(format_of(text.substr(1) + "\xc3") == Format::unknown);
}

TEST_CASE("signature: an error says what it is, or stays as it was") {
  const Error error(ErrorKind::format, "as it was", {}, 7);
  CHECK(no_pickle(Exact("PAR1...."), error).message ==
        "this is a Parquet file, not a pickle");
  CHECK(no_pickle(Exact("\x80\x04."), error).message == "as it was");
  CHECK(no_pickle(Exact("(dp0\nS'a'"), error).message == "as it was");
  CHECK(no_pickle(Exact("\1\2\3\4"), error).message == "as it was");
  const Error at_once(ErrorKind::format, "as it was", {}, 0);
  CHECK(no_pickle(Exact("Hello"), at_once).message == "this is text, not a pickle");
  CHECK(not_that(Exact("\x80\x04."), "an array", error).message ==
        "this is a pickle, not an array");
}

}  // namespace
}  // namespace mmappickle::files
