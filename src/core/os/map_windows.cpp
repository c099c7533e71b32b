#ifdef _WIN32

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <limits>

#include "guard.h"
#include "map.h"

namespace mmappickle::os {
namespace {

// A copy-on-write view; read-only where that fails: the system sets memory aside for all
// pages that might be written.
void* view_of(HANDLE file, std::size_t size, bool writable) {
  const HANDLE section = ::CreateFileMappingW(
      file, nullptr, writable ? PAGE_WRITECOPY : PAGE_READONLY, 0, 0, nullptr);
  if (section == nullptr) return nullptr;
  void* at =
      ::MapViewOfFile(section, writable ? FILE_MAP_COPY : FILE_MAP_READ, 0, 0, size);
  const DWORD error = ::GetLastError();
  ::CloseHandle(section);  // the view keeps it
  ::SetLastError(error);
  return at;
}

}  // namespace

bool Mapping::follows_file() { return true; }

// The exact size: a larger view would have to make the file grow.
std::shared_ptr<Mapping> Mapping::of(const File& file, std::uint64_t size) {
  const std::shared_ptr<Mapping> mapping(new Mapping);
  mapping->identity_ = file.status().identity;
  if (size > std::numeric_limits<std::size_t>::max()) {
    fail_io("map", file.path(), ERROR_NOT_ENOUGH_MEMORY);
  }
  void* at = nullptr;
  if (size == 0) {  // an empty file cannot be mapped: any page will do
    at = ::VirtualAlloc(nullptr, 1, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    mapping->native_ = at;
    mapping->writable_ = true;
  } else {
    const HANDLE handle = reinterpret_cast<HANDLE>(file.native());
    const auto length = static_cast<std::size_t>(size);
    at = view_of(handle, length, true);
    mapping->writable_ = at != nullptr;
    if (at == nullptr) at = view_of(handle, length, false);
  }
  if (at == nullptr) fail_io("map", file.path(), static_cast<int>(::GetLastError()));
  mapping->data_ = static_cast<std::uint8_t*>(at);
  mapping->size_ = size;
  mapping->slot_ = Guard::enter(*mapping);
  return mapping;
}

Mapping::~Mapping() {
  if (data_ == nullptr) return;
  Guard::leave(slot_);
  if (native_ != nullptr) {  // the page of an empty file
    ::VirtualFree(native_, 0, MEM_RELEASE);
  } else {
    ::UnmapViewOfFile(data_);
  }
}

}  // namespace mmappickle::os

#endif
