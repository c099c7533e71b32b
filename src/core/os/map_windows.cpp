#ifdef _WIN32

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <limits>

#include "guard.h"
#include "map.h"

namespace mmappickle::os {
namespace {

void* view_of(HANDLE file, std::uint64_t offset, std::size_t size, bool writable) {
  const HANDLE section = ::CreateFileMappingW(
      file, nullptr, writable ? PAGE_WRITECOPY : PAGE_READONLY, 0, 0, nullptr);
  if (section == nullptr) return nullptr;
  void* at = ::MapViewOfFile(section, writable ? FILE_MAP_COPY : FILE_MAP_READ,
                             static_cast<DWORD>(offset >> 32),
                             static_cast<DWORD>(offset & 0xffffffff), size);
  const DWORD error = ::GetLastError();
  ::CloseHandle(section);  // the view keeps it
  ::SetLastError(error);
  return at;
}

constexpr std::uint64_t kAddressable = std::numeric_limits<std::size_t>::max();

}  // namespace

Outcome SystemCalls::map(Native file, std::uint64_t offset, std::uint64_t n,
                         bool writable, std::uint8_t*& at) {
  const auto length = static_cast<std::size_t>(n);
  void* view =
      file == kNoNative
          ? ::VirtualAlloc(nullptr, length, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE)
          : view_of(reinterpret_cast<HANDLE>(file), offset, length, writable);
  if (view == nullptr) return {static_cast<int>(::GetLastError())};
  at = static_cast<std::uint8_t*>(view);
  return {};
}

// No guard stands there: who overwrites does so by writes.
Outcome SystemCalls::map_shared(Native, std::uint64_t, std::uint8_t*&) {
  return {ERROR_NOT_SUPPORTED};
}

bool SystemCalls::maps_follow_files() { return true; }

// The exact size: a larger view would have to make the file grow.
std::shared_ptr<Mapping> Mapping::of(const File& file, std::uint64_t size) {
  const std::shared_ptr<Mapping> mapping(new Mapping);
  mapping->identity_ = file.status().identity;
  if (size > kAddressable) fail_io("map", file.path(), ERROR_NOT_ENOUGH_MEMORY);
  // An empty file cannot be mapped: any page will do.
  const Native native = size == 0 ? kNoNative : file.native();
  const int error =
      file.system().map(native, 0, size == 0 ? 1 : size, false, mapping->data_).error;
  if (error != 0) fail_io("map", file.path(), error);
  if (size == 0) mapping->native_ = mapping->data_;
  mapping->size_ = size;
  mapping->slot_ = Guard::enter(*mapping);
  return mapping;
}

bool Mapping::is_affordable(std::uint64_t size) {
  return size <= std::numeric_limits<std::size_t>::max() / 16;
}

// The system sets memory aside for all pages that might be written.
std::shared_ptr<Mapping> Mapping::of_range(const File& file, std::uint64_t offset,
                                           std::uint64_t size, bool writable) {
  const std::shared_ptr<Mapping> mapping(new Mapping);
  mapping->identity_ = file.status().identity;
  SYSTEM_INFO system;
  ::GetSystemInfo(&system);
  mapping->begin_ =
      offset / system.dwAllocationGranularity * system.dwAllocationGranularity;
  const std::uint64_t before = offset - mapping->begin_;
  if (size > kAddressable - before) {
    fail_io("map", file.path(), ERROR_NOT_ENOUGH_MEMORY);
  }
  mapping->size_ = before + size;
  const int error =
      file.system()
          .map(file.native(), mapping->begin_, mapping->size_, writable, mapping->data_)
          .error;
  if (error != 0) fail_io("map", file.path(), error);
  mapping->slot_ = Guard::enter(*mapping);
  return mapping;
}

std::shared_ptr<Mapping> Mapping::shared(const File& file, std::uint64_t size) {
  std::uint8_t* at = nullptr;
  fail_io("map", file.path(), file.system().map_shared(file.native(), size, at).error);
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
