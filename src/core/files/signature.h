// What a file is, by its first bytes: the one table of these. For errors that say what
// was given, and for the few forms that are read (compressed files, archives, NumPy's
// own).
#pragma once

#include <string>

#include "../base/bytes.h"
#include "../base/error.h"

namespace mmappickle::files {

enum class Format : std::uint8_t {
  unknown,
  empty,
  pickle,
  // compressed
  gzip,
  bzip2,
  xz,
  lzma,
  zlib,
  unreadable_compression,  // zstd, lz4 ...: no reader here
  // archives
  zip,
  tar,
  // arrays
  npy,
  // none of these: to be named, and left to others
  foreign,
  text,  // the same, but so are pickles of protocol 0
};

// A row of the table, or what was found out otherwise.
struct Signature {
  Format format = Format::unknown;
  const char* what = "";  // "an HDF5 file"
  const char* hint = "";  // what reads it
};

// So many bytes of the front (fewer where there are no more) tell all.
constexpr std::uint64_t kSignatureSize = 512;
Signature signature_of(Bytes head);

bool is_compressed(Format format);  // gzip to zlib: there is a reader
// "gzip", "bzip2", "xz", "lzma", "zlib", "zip", "tar"; empty for all others.
const char* packing_name(Format format);

// The Error (kind format) for what is not `wanted`: "this is an HDF5 file, not a pickle".
// `otherwise`, where nothing is known of it.
Error not_that(Bytes head, const char* wanted, const Error& otherwise);
// The same for bytes that could not be read as a pickle, which `error` says: it stays,
// where they may have been one.
Error no_pickle(Bytes head, const Error& error);

}  // namespace mmappickle::files
