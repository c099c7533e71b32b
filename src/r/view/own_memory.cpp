// Memory of a view's own, for code that asks for a pointer to write through. What other
// code reads through is a map that all views of a file share, in which nobody may write.
#include "r/view/access.h"

namespace mmappickle {

namespace {

// More are copied into R's memory: the system allows a process some 65,000 maps in all,
// and R itself needs some.
constexpr int kMostMaps = 10000;
int maps = 0;

struct Ended {
  std::shared_ptr<os::Mapping> mapping;
  explicit Ended(std::shared_ptr<os::Mapping> m) : mapping(std::move(m)) { ++maps; }
  ~Ended() { --maps; }
};

std::shared_ptr<os::Mapping> map_range(const View& view, std::uint64_t size) {
  const os::Identity& identity = view.mapping->identity();
  const auto map = [&](const os::File& file) -> std::shared_ptr<os::Mapping> {
    const os::Status status = file.status();
    if (status.identity != identity || status.size < view.offset ||
        status.size - view.offset < size) {
      return nullptr;
    }
    auto own =
        std::make_shared<Ended>(os::Mapping::of_range(file, view.offset, size, true));
    return {own, own->mapping.get()};
  };
  if (view.watch != nullptr && view.watch->file() != nullptr) {
    return map(*view.watch->file());
  }
  // Opening what is no regular file may wait for ever.
  bool exists = false;
  const os::Status named = os::status_of(view.path, exists);
  if (!exists || named.identity != identity) return nullptr;
  return map(os::File::open(view.path, os::Access::read));
}

}  // namespace

bool map_own(View& view) noexcept {
  const std::uint64_t size = view.count * numpy::r_size(view.type);
  if (view.pointer == nullptr || size <= kSmall || maps >= kMostMaps) return false;
  try {
    std::shared_ptr<os::Mapping> own = map_range(view, size);
    if (own == nullptr) return false;
    watch(view, own);
    set_values(view, own->at(view.offset));
    view.own = std::move(own);
  } catch (...) {  // the file is gone, or there is no room: the values are copied
    return false;
  }
  return true;
}

}  // namespace mmappickle
