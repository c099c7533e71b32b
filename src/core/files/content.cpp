#include "content.h"

#include "../base/error.h"
#include "inflate.h"
#include "signature.h"
#include "tar.h"
#include "torch.h"

namespace mmappickle::files {
namespace {

constexpr int kMostLevels = 4;

// macOS puts a folder of this name beside what it packs.
bool is_beside(const ZipMember& member) { return member.name.rfind("__MACOSX/", 0) == 0; }

// Why there is not just one, in words of what is known to write such.
[[noreturn]] void fail_several(const std::vector<const ZipMember*>& files) {
  bool all_npy = true, of_keras = false;
  for (const ZipMember* file : files) {
    all_npy = all_npy && file->ends_with(".npy");
    of_keras = of_keras || file->ends_with(".weights.h5");
  }
  if (files.empty()) throw Error(ErrorKind::format, "the zip archive holds no file");
  if (all_npy) {
    throw Error(ErrorKind::format, "this is an archive of NumPy arrays (.npz)",
                "read_npz() reads it.");
  }
  if (of_keras) {
    throw Error(ErrorKind::format, "this is a model of Keras, no pickle");
  }
  throw Error(ErrorKind::format,
              "the zip archive holds " + std::to_string(files.size()) + " files",
              "unzip() them, then read the one that is wanted.");
}

}  // namespace

Content::Content(Bytes file, const std::function<void()>& poll) : bytes_(file) {
  for (int level = 0;; ++level) {
    const Format format = signature_of(bytes_).format;
    const bool packed = format == Format::zip || format == Format::tar ||
                        format == Format::zlib || (level > 0 && is_compressed(format));
    if (!packed) return;
    if (level == kMostLevels) {
      throw Error(ErrorKind::format, "the file is packed in itself again and again",
                  "Unpack it first.");
    }
    bytes_ = unpacked(bytes_, poll);
  }
}

Bytes Content::only_file_of_zip(Bytes archive, std::vector<std::uint8_t>& made,
                                const std::function<void()>& poll) {
  std::vector<ZipMember> members = read_zip(archive);
  std::vector<const ZipMember*> files;
  for (const ZipMember& member : members) {
    if (!is_beside(member)) files.push_back(&member);
  }
  const ZipMember* of_torch = files.size() > 1 ? pickle_of_torch(members) : nullptr;
  if (of_torch != nullptr) {
    const Bytes content = content_of(*of_torch, made, poll);
    beside_ = std::move(members);
    return content;
  }
  if (files.size() != 1 || files[0]->ends_with(".npy")) fail_several(files);
  return content_of(*files[0], made, poll);
}

Bytes Content::unpacked(Bytes packed, const std::function<void()>& poll) {
  std::vector<std::uint8_t> made;
  Bytes content;
  const Signature found = signature_of(packed);
  switch (found.format) {
    case Format::zip:
      content = only_file_of_zip(packed, made, poll);
      break;
    case Format::tar:
      content = only_file_of_tar(packed);
      break;
    case Format::zlib:
      made = inflate_zlib(packed, poll);
      content = Bytes(made.data(), made.size());
      break;
    default:
      throw Error(ErrorKind::format,
                  std::string("the file in the archive is ") + found.what,
                  "unzip() or untar() it, then read it by itself.");
  }
  const bool inside = made.empty();
  if (inside) return content;
  made_.push_back(std::move(made));  // the bytes stay where they are
  return content;
}

}  // namespace mmappickle::files
