// Any bytes as a .npy file, as an archive of such, and as what is packed otherwise: what
// is accepted lies inside of its bytes, and what is inflated is not more than was said.
#include "../src/core/base/error.h"
#include "../src/core/files/content.h"
#include "../src/core/files/npy.h"
#include "../src/core/files/signature.h"
#include "../src/core/files/zip.h"
#include "fuzz.h"

using namespace mmappickle;

namespace {

void read_array(Bytes bytes) {
  const files::Npy npy = files::read_npy(bytes);
  if (npy.data > bytes.size) __builtin_trap();
  if (!npy.objects) fuzz::decode_all(npy.array);
}

void read_archive(Bytes bytes) {
  for (const files::ZipMember& member : files::read_zip(bytes)) {
    if (member.size > (1 << 20)) continue;
    std::vector<std::uint8_t> made;
    try {
      const Bytes content = files::content_of(member, made, {});
      if (member.deflated && content.size != member.size) __builtin_trap();
      read_array(content);
    } catch (const Error& e) {
      if (e.kind != ErrorKind::format) __builtin_trap();
    }
  }
}

void try_to(void (*read)(Bytes), Bytes bytes) {
  try {
    read(bytes);
  } catch (const Error& e) {
    if (e.kind != ErrorKind::format) __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(data, size);
  files::signature_of(bytes);
  try_to(read_array, bytes);
  try_to(read_archive, bytes);
  try_to([](Bytes packed) { files::Content(packed, {}); }, bytes);
  return 0;
}
