#ifndef _WIN32

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "guard.h"
#include "map.h"
#include "native.h"

namespace mmappickle::os {
namespace {

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

#ifdef __linux__
// Pages mapped beyond the end of a file come alive when the file grows, and pages of a
// private map that nobody wrote to follow the file. POSIX promises neither.
constexpr bool kFollowsFile = true;
#else
constexpr bool kFollowsFile = false;
#endif

constexpr std::uint64_t kLeastSlack = std::uint64_t{1} << 30;
constexpr std::uint64_t kAddressable = std::numeric_limits<std::size_t>::max();

// Rounded up to whole pages, at least one; 0 if that is more than can be addressed.
std::uint64_t whole_pages(std::uint64_t size) {
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  if (size > kAddressable - page) return 0;
  return std::max(page, (size + page - 1) / page * page);
}

bool is_limited() {
  rlimit limit;
  return ::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur != RLIM_INFINITY;
}

// How much to map for a file of `size` bytes; 0: no slack here. Slack counts against the
// limit of a process's addresses, which needs them for more.
std::uint64_t size_with_slack(std::uint64_t size, SystemCalls& system) {
  if (!system.maps_follow_files() || sizeof(void*) < 8 || size > kAddressable / 2)
    return 0;
  if (is_limited()) return 0;
  return whole_pages(std::max(2 * size, kLeastSlack));
}

}  // namespace

Outcome SystemCalls::map(Native file, std::uint64_t offset, std::uint64_t n,
                         bool writable, std::uint8_t*& at) {
  void* pages = ::mmap(nullptr, static_cast<std::size_t>(n),
                       writable ? PROT_READ | PROT_WRITE : PROT_READ,
                       MAP_PRIVATE | MAP_NORESERVE | (file == kNoNative ? MAP_ANON : 0),
                       static_cast<int>(file), static_cast<off_t>(offset));
  if (pages == MAP_FAILED) return {errno};
  at = static_cast<std::uint8_t*>(pages);
  return {};
}

Outcome SystemCalls::map_shared(Native file, std::uint64_t n, std::uint8_t*& at) {
  void* pages = ::mmap(nullptr, static_cast<std::size_t>(n), PROT_READ | PROT_WRITE,
                       MAP_SHARED, static_cast<int>(file), 0);
  if (pages == MAP_FAILED) return {errno};
  at = static_cast<std::uint8_t*>(pages);
  return {};
}

bool SystemCalls::maps_follow_files() { return kFollowsFile; }

bool Mapping::is_affordable(std::uint64_t size) {
  constexpr std::uint64_t kPart = 16;  // of all, for one file
  rlimit limit;
  std::uint64_t all = kAddressable;
  if (::getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    all = std::min<std::uint64_t>(all, limit.rlim_cur);
  }
  return size <= all / kPart;
}

std::shared_ptr<Mapping> Mapping::of_range(const File& file, std::uint64_t offset,
                                           std::uint64_t size, bool writable) {
  const std::shared_ptr<Mapping> mapping(new Mapping);
  mapping->identity_ = file.status().identity;
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  mapping->begin_ = offset / page * page;
  const std::uint64_t before = offset - mapping->begin_;
  mapping->size_ = size > kAddressable - before ? 0 : whole_pages(before + size);
  const Outcome outcome =
      mapping->size_ == 0 ? Outcome{ENOMEM} : native::uninterrupted([&] {
        return file.system().map(file.native(), mapping->begin_, mapping->size_, writable,
                                 mapping->data_);
      });
  if (outcome.error != 0) fail_io("map", file.path(), outcome.error);
  mapping->slot_ = Guard::enter(*mapping);
  return mapping;
}

std::shared_ptr<Mapping> Mapping::of(const File& file, std::uint64_t size) {
  const std::shared_ptr<Mapping> mapping(new Mapping);
  mapping->identity_ = file.status().identity;
  int error = ENOMEM;
  SystemCalls& system = file.system();
  const bool from_file = size != 0 || system.maps_follow_files();
  const Native source = from_file ? file.native() : kNoNative;
  const auto attempt = [&](std::uint64_t length) {
    if (length == 0) return false;
    error = native::uninterrupted([&] {
              return system.map(source, 0, length, false, mapping->data_);
            }).error;
    mapping->size_ = length;
    return error == 0;
  };
  if (!attempt(size_with_slack(size, system)) && !attempt(whole_pages(size))) {
    fail_io("map", file.path(), error);
  }
  mapping->slot_ = Guard::enter(*mapping);
  return mapping;
}

std::shared_ptr<Mapping> Mapping::shared(const File& file, std::uint64_t size) {
  const std::shared_ptr<Mapping> mapping(new Mapping);
  mapping->identity_ = file.status().identity;
  mapping->size_ = whole_pages(size);
  const Outcome outcome =
      mapping->size_ == 0 ? Outcome{ENOMEM} : native::uninterrupted([&] {
        return file.system().map_shared(file.native(), mapping->size_, mapping->data_);
      });
  if (outcome.error != 0) fail_io("map", file.path(), outcome.error);
  mapping->slot_ = Guard::enter(*mapping);
  return mapping;
}

Mapping::~Mapping() {
  if (data_ == nullptr) return;
  Guard::leave(slot_);
  ::munmap(data_, static_cast<std::size_t>(size_));
}

}  // namespace mmappickle::os

#endif
