// Any bytes as a .npy file, as an archive of such, and as what is packed otherwise: what
// is accepted lies inside of its bytes, and what is inflated is not more than was said.
#include "../src/core/base/error.h"
#include "../src/core/files/content.h"
#include "../src/core/files/npy.h"
#include "../src/core/files/signature.h"
#include "../src/core/files/torch.h"
#include "../src/core/files/zip.h"
#include "../src/core/numpy/recognise.h"
#include "../src/core/pickle/reader.h"
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

// What is packed, and the tensors of torch.save() in it.
void read_packed(Bytes bytes) {
  const files::Content content(bytes, {});
  if (content.beside().empty()) return;
  pickle::Tree tree;
  pickle::read_pickle(tree, content.bytes());
  files::put_tensors(tree, content.beside());
  numpy::Recogniser arrays(tree);
  for (pickle::Id id = 0; id < tree.size(); ++id) {
    if (tree[id].tag != pickle::Tag::object) continue;
    const numpy::Recognised found = arrays.recognise(id);
    if (found.found == numpy::Found::array) fuzz::decode_all(found.array);
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
  try_to(read_packed, bytes);
  return 0;
}
