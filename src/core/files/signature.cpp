#include "signature.h"

#include <algorithm>

#include "../base/utf8.h"
#include "tar.h"

namespace mmappickle::files {
namespace {

using namespace std::string_view_literals;

constexpr char kOfPickle[] =
    "read_pickle() reads a compressed pickle, convert_pickle(from, to) makes an mmapdict "
    "of it.";
constexpr char kUnpack[] = "Uncompress it first, then read that.";
constexpr char kHdf5[] = "The packages rhdf5 and hdf5r read HDF5.";
constexpr char kArrow[] = "The package arrow reads it.";
constexpr char kLoad[] = "load() reads it.";
constexpr char kReadRds[] = "readRDS() reads it.";

constexpr struct {
  std::string_view magic;
  Format format;
  const char *what, *hint;
} kTable[] = {
    {"\x1f\x8b"sv, Format::gzip, "compressed by gzip", kOfPickle},
    {"\xfd\x37zXZ\0"sv, Format::xz, "compressed by xz", kOfPickle},
    {"\x5d\0\0"sv, Format::lzma, "compressed by lzma", kOfPickle},
    {"\x78\x01"sv, Format::zlib, "compressed by zlib", kOfPickle},
    {"\x78\x5e"sv, Format::zlib, "compressed by zlib", kOfPickle},
    {"\x78\x9c"sv, Format::zlib, "compressed by zlib", kOfPickle},
    {"\x78\xda"sv, Format::zlib, "compressed by zlib", kOfPickle},
    {"\x28\xb5\x2f\xfd"sv, Format::unreadable_compression,
     "compressed by Zstandard (zstd), which this package does not read", kUnpack},
    {"\x04\x22\x4d\x18"sv, Format::unreadable_compression,
     "compressed by LZ4, which this package does not read", kUnpack},
    {"\x89LZO\0\r\n\x1a\n"sv, Format::unreadable_compression,
     "compressed by lzop, which this package does not read", kUnpack},
    {"\xff\x06\0\0sNaPpY"sv, Format::unreadable_compression,
     "compressed by Snappy, which this package does not read", kUnpack},
    {"7z\xbc\xaf\x27\x1c"sv, Format::unreadable_compression,
     "a 7z archive, which this package does not read", kUnpack},
    {"Rar!\x1a\x07"sv, Format::unreadable_compression,
     "a RAR archive, which this package does not read", kUnpack},
    {"PK\3\4"sv, Format::zip, "a zip archive",
     "read_pickle() reads a zipped pickle, read_npz() NumPy's .npz, unzip() any."},
    {"PK\5\6"sv, Format::zip, "a zip archive without files", ""},
    {"\x93NUMPY"sv, Format::npy, "a NumPy array file (.npy)", "read_npy() reads it."},
    {"\x89HDF\r\n\x1a\n"sv, Format::foreign, "an HDF5 file", kHdf5},
    {"CDF\1"sv, Format::foreign, "a NetCDF file", "The package ncdf4 reads it."},
    {"CDF\2"sv, Format::foreign, "a NetCDF file", "The package ncdf4 reads it."},
    {"MATLAB 5.0 MAT-file"sv, Format::foreign, "a MATLAB file",
     "R.matlab::readMat() reads it."},
    {"RDX2\n"sv, Format::foreign, "an R data file (.RData)", kLoad},
    {"RDX3\n"sv, Format::foreign, "an R data file (.RData)", kLoad},
    {"RDA2\n"sv, Format::foreign, "an R data file (.RData)", kLoad},
    {"RDA3\n"sv, Format::foreign, "an R data file (.RData)", kLoad},
    {"X\n\0\0\0"sv, Format::foreign, "R's own serialization (RDS)", kReadRds},
    {"B\n\2\0\0\0"sv, Format::foreign, "R's own serialization (RDS)", kReadRds},
    {"B\n\3\0\0\0"sv, Format::foreign, "R's own serialization (RDS)", kReadRds},
    {"A\n2\n"sv, Format::foreign, "R's own serialization (RDS)", kReadRds},
    {"A\n3\n"sv, Format::foreign, "R's own serialization (RDS)", kReadRds},
    {"PAR1"sv, Format::foreign, "a Parquet file", "arrow::read_parquet() reads it."},
    {"ARROW1\0\0"sv, Format::foreign, "an Arrow file (Feather)",
     "arrow::read_feather() reads it."},
    {"FEA1"sv, Format::foreign, "a Feather file", "arrow::read_feather() reads it."},
    {"\xff\xff\xff\xff"sv, Format::foreign, "an Arrow stream", kArrow},
    {"ORC"sv, Format::foreign, "an ORC file", kArrow},
    {"Obj\1"sv, Format::foreign, "an Avro file", ""},
    {"SQLite format 3\0"sv, Format::foreign, "an SQLite database",
     "The package RSQLite opens it."},
    {"GGUF"sv, Format::foreign, "a GGUF model", ""},
    {"\x89PNG\r\n\x1a\n"sv, Format::foreign, "an image (PNG)", ""},
    {"%PDF-"sv, Format::foreign, "a PDF document", ""},
    {"version https://git-lfs"sv, Format::foreign,
     "a pointer of Git LFS in the place of a file",
     "Fetch the file itself: git lfs pull."},
    {"<!doctype html"sv, Format::foreign, "a web page (HTML)",
     "Was it downloaded from the right address?"},
    {"<html"sv, Format::foreign, "a web page (HTML)",
     "Was it downloaded from the right address?"},
    {"<?xml"sv, Format::foreign, "an XML document", ""},
};

std::uint8_t lower(std::uint8_t byte) {
  return byte >= 'A' && byte <= 'Z' ? static_cast<std::uint8_t>(byte | 0x20) : byte;
}

// Marks of text, which are written in lower case above, in any.
bool starts_with(Bytes head, std::string_view magic) {
  if (head.starts_with(magic)) return true;
  if (magic[0] != '<' || head.size < magic.size()) return false;
  for (std::size_t i = 0; i < magic.size(); ++i) {
    if (lower(head[i]) != static_cast<std::uint8_t>(magic[i])) return false;
  }
  return true;
}

Bytes without_space(Bytes text) {
  if (text.starts_with("\xef\xbb\xbf")) text = text.from(3);
  while (text.size > 0 && (text[0] == ' ' || (text[0] >= '\t' && text[0] <= '\r'))) {
    text = text.from(1);
  }
  return text;
}

bool is_bzip2(Bytes head) {
  return head.size >= 10 && head.starts_with("BZh") &&
         (head.from(4).starts_with("1AY&SY") ||
          head.from(4).starts_with("\x17\x72\x45\x38\x50\x90"));
}

// UTF-8 (the last character may be cut off) without control characters.
bool is_text(Bytes head) {
  for (std::uint64_t at = 0; at < head.size;) {
    std::uint32_t code_point = 0;
    const int length = decode_utf8(head, at, code_point);
    if (length == 0) return head.size == kSignatureSize && head.size - at < 4;
    const bool control = code_point < 0x20 && (code_point < '\t' || code_point > '\r');
    if (control || code_point == 0x7f) return false;
    at += static_cast<std::uint64_t>(length);
  }
  return head.size > 0;
}

}  // namespace

Signature signature_of(Bytes head) {
  head = head.slice(0, std::min(head.size, kSignatureSize));
  if (head.size == 0) return {Format::empty, "an empty file", ""};
  if (is_bzip2(head)) return {Format::bzip2, "compressed by bzip2", kOfPickle};
  for (const auto& row : kTable) {
    const bool of_text = row.magic[0] == '<';
    if (starts_with(of_text ? without_space(head) : head, row.magic)) {
      return {row.format, row.what, row.hint};
    }
  }
  if (is_tar(head)) {
    return {Format::tar, "a tar archive",
            "read_pickle() reads one that holds a pickle, untar() any."};
  }
  if (head.size >= 2 && head[0] == 0x80 && head[1] <= 5) {
    return {Format::pickle, "a pickle",
            "read_pickle() reads it, convert_pickle() makes an mmapdict of a dict."};
  }
  if (!is_text(head)) return {};
  const Bytes text = without_space(head);
  if (text.size > 0 && (text[0] == '{' || text[0] == '[')) {
    return {Format::foreign, "text (JSON, by its beginning)",
            "jsonlite::fromJSON() reads JSON."};
  }
  return {Format::text, "text", "Is this the right file?"};
}

bool is_compressed(Format format) {
  return format >= Format::gzip && format <= Format::zlib;
}

const char* packing_name(Format format) {
  switch (format) {
    case Format::gzip:
      return "gzip";
    case Format::bzip2:
      return "bzip2";
    case Format::xz:
      return "xz";
    case Format::lzma:
      return "lzma";
    case Format::zlib:
      return "zlib";
    case Format::zip:
      return "zip";
    case Format::tar:
      return "tar";
    default:
      return "";
  }
}

Error not_that(Bytes head, const char* wanted, const Error& otherwise) {
  const Signature found = signature_of(head);
  if (found.what[0] == '\0') return otherwise;
  return Error(ErrorKind::format,
               std::string("this is ") + found.what + ", not " + wanted, found.hint,
               otherwise.offset == kNoOffset ? 0 : otherwise.offset);
}

Error no_pickle(Bytes head, const Error& error) {
  const Format format = signature_of(head).format;
  const bool may_be_one = format == Format::pickle || format == Format::empty ||
                          (format == Format::text && error.offset != 0);
  return may_be_one ? error : not_that(head, "a pickle", error);
}

}  // namespace mmappickle::files
