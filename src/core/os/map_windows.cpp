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

Outcome Seam::map(Native file, std::uint64_t n, bool writable, std::uint8_t*& at) {
  const auto length = static_cast<std::size_t>(n);
  void* view =
      file == kNoNative
          ? ::VirtualAlloc(nullptr, length, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE)
          : view_of(reinterpret_cast<HANDLE>(file), length, writable);
  if (view == nullptr) return {static_cast<int>(::GetLastError())};
  at = static_cast<std::uint8_t*>(view);
  return {};
}

bool Mapping::follows_file() { return true; }

// The exact size: a larger view would have to make the file grow.
std::shared_ptr<Mapping> Mapping::of(const File& file, std::uint64_t size) {
  const std::shared_ptr<Mapping> mapping(new Mapping);
  mapping->identity_ = file.status().identity;
  if (size > std::numeric_limits<std::size_t>::max()) {
    fail_io("map", file.path(), ERROR_NOT_ENOUGH_MEMORY);
  }
  // An empty file cannot be mapped: any page will do.
  const Native native = size == 0 ? kNoNative : file.native();
  const auto attempt = [&](bool writable) {
    return file.seam().map(native, size == 0 ? 1 : size, writable, mapping->data_).error;
  };
  mapping->writable_ = attempt(true) == 0;
  const int error = mapping->writable_ ? 0 : attempt(false);
  if (error != 0) fail_io("map", file.path(), error);
  if (size == 0) mapping->native_ = mapping->data_;
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
