// Any bytes as a reference to a view; and as a file, whose entries are looked through for
// what a reference might mean: each part that is found must lie in its entry.
#include "../src/core/store/load.h"
#include "../src/core/store/reference.h"
#include "fuzz.h"

using namespace mmappickle;

namespace {

void read_reference(Bytes bytes) {
  try {
    const store::Reference reference = store::read_reference(bytes);
    const std::string again = store::put_reference(reference);
    const store::Reference same = store::read_reference(Bytes(again));
    if (same.path != reference.path || same.part != reference.part ||
        same.at != reference.at || same.type != reference.type) {
      __builtin_trap();
    }
  } catch (const Error& e) {
    if (e.kind != ErrorKind::format) __builtin_trap();
  }
}

void look_through(Bytes file, const store::Frame& frame) {
  try {
    store::Loaded loaded;
    store::parse(file, frame, loaded);
    const Bytes entry = file.slice(frame.at, frame.length);
    store::content_of(entry);
    for (const store::Part& part : store::parts_of(loaded, entry)) {
      store::name_of(part, entry.data);
      fuzz::decode_all(part.array);
    }
  } catch (const Error& e) {
    if (e.kind != ErrorKind::format && e.kind != ErrorKind::limit) __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(data, size);
  read_reference(bytes);
  if (size < store::kHeaderSize) return 0;
  store::Frame frame;
  const char* problem = nullptr;
  for (std::uint64_t at = store::kHeaderSize;
       store::parse_frame(bytes, at, frame, &problem) == store::FrameStatus::entry;
       at = frame.end()) {
    look_through(bytes, frame);
  }
  return 0;
}
