#ifndef _WIN32

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mman.h>

#include <algorithm>
#include <thread>

#include "abilities.h"
#include "child.h"
#include "os/guard.h"
#include "os/map.h"
#include "scratch.h"

using namespace mmappickle;
using os::Access;
using os::File;
using os::Guard;
using os::Mapping;
using test::Scratch;

namespace {

struct Installed {
  Installed() { Guard::install(); }
  ~Installed() { Guard::remove(); }
};

std::uint64_t sum(const Mapping& mapping, std::uint64_t n) {
  const volatile std::uint8_t* bytes = mapping.data();
  std::uint64_t total = 0;
  for (std::uint64_t i = 0; i < n; ++i) total += bytes[i];
  return total;
}

constexpr std::uint64_t kMega = 1 << 20;

// Bytes of a mapped file that was cut: they fault, and no guard knows of them.
const volatile char* unguarded(const Scratch& scratch) {
  const int file = ::open(scratch.file("x", "cut").c_str(), O_RDWR);
  void* at = ::mmap(nullptr, 4096, PROT_READ, MAP_SHARED, file, 0);
  if (::ftruncate(file, 0) != 0 || at == MAP_FAILED) return nullptr;
  return static_cast<const volatile char*>(at);
}

bool is_own_handler(const struct sigaction& action) {
  struct sigaction current;
  ::sigaction(SIGBUS, nullptr, &current);
  return current.sa_sigaction == action.sa_sigaction;
}

void exit_with_7(int) { ::_exit(7); }
void exit_by_code(int, siginfo_t* info, void*) {
  ::_exit(info->si_code == BUS_ADRERR ? 8 : 9);
}

}  // namespace

TEST_CASE("a file cut under a mapping reads as zeros, and the mapping knows") {
  const Installed guard;
  const Scratch scratch;
  File file = File::open(scratch.file(std::string(4 * kMega, '\1')), Access::write);
  const auto mapping = Mapping::of(file, 4 * kMega);
  const auto other = Mapping::of(file, 4 * kMega);
  CHECK(sum(*mapping, 4 * kMega) == 4 * kMega);
  file.truncate(kMega);
  CHECK_FALSE(mapping->damaged());
  CHECK(sum(*mapping, kMega) == kMega);
  CHECK_FALSE(mapping->damaged());
  CHECK(sum(*mapping, 4 * kMega) == kMega);
  CHECK(mapping->damaged());
  CHECK_FALSE(other->damaged());
  CHECK(file.status().size == kMega);
  CHECK_FALSE(Mapping::of(file, kMega)->damaged());
}

TEST_CASE("a range of a file that is cut under it can still be written to") {
  const Installed guard;
  const Scratch scratch;
  File file = File::open(scratch.file(std::string(4 * kMega, '\1')), Access::write);
  const auto range = Mapping::of_range(file, 2 * kMega + 5, kMega, true);
  auto* bytes = const_cast<std::uint8_t*>(range->at(2 * kMega + 5));
  file.truncate(kMega);
  CHECK_FALSE(range->damaged());
  bytes[kMega - 1] = 5;
  CHECK(bytes[kMega - 1] == 5);
  CHECK(range->damaged());
  CHECK(file.status().size == kMega);
}

TEST_CASE("a huge file that was cut is read backwards and forwards") {
  const Installed guard;
  const Scratch scratch;
  File file = File::open(scratch.path(), Access::create_new);
  const std::uint64_t size = std::uint64_t{1} << (test::kAddressesAbound ? 33 : 30);
  file.truncate(size);
  const auto mapping = Mapping::of(file, size);
  file.truncate(0);
  std::uint64_t total = 0;
  for (std::uint64_t at = size; at > size - 64 * kMega; at -= 4096) {
    total += mapping->data()[at - 1];
  }
  for (std::uint64_t at = 0; at < 64 * kMega; at += 4096) total += mapping->data()[at];
  CHECK(total == 0);
  CHECK(mapping->damaged());
}

TEST_CASE("the last page of a mapping is mended, and nothing behind it") {
  const Installed guard;
  const Scratch scratch;
  File file = File::open(scratch.file("x"), Access::write);
  const auto mapping = Mapping::of(file, 1);
  // Whatever lies behind the mapping must survive faults at its end. (Its first page is
  // the file's; where there is no slack, all of it.)
  const std::uint64_t pages = std::min<std::uint64_t>(64, mapping->size() / 4096 - 1);
  for (std::uint64_t back = 1; back <= pages; ++back) {
    CHECK(mapping->data()[mapping->size() - back * 4096] == 0);
  }
  CHECK(mapping->data()[0] == 'x');
  CHECK(mapping->damaged() == (pages > 0));
}

TEST_CASE("10,000 maps, one after the other and at once, are all guarded") {
  const Installed guard;
  const Scratch scratch;
  File file = File::open(scratch.file(std::string(8192, '\1')), Access::write);
  for (int i = 0; i < 10000; ++i) {
    const auto mapping = Mapping::of(file, 8192);
    if (mapping->data()[8191] != 1) FAIL_CHECK("wrong byte");
  }
  std::vector<std::shared_ptr<Mapping>> guarded;
  for (int i = 0; i < 10000; ++i) {
    guarded.push_back(i % 2 ? Mapping::of(file, 8192)
                            : Mapping::of_range(file, 4096, 4096, true));
    if (i % 3 == 0) guarded[guarded.size() / 2].reset();  // leaves gaps
  }
  file.truncate(4096);
  for (const auto& mapping : guarded) {
    if (mapping == nullptr) continue;
    if (*mapping->at(8191) != 0 || !mapping->damaged()) FAIL_CHECK("not guarded");
  }
}

TEST_CASE("faults in one thread while another makes and releases mappings") {
  const Installed guard;
  const Scratch scratch;
  File file = File::open(scratch.file(std::string(64 * 4096, '\1')), Access::write);
  File cut = File::open(scratch.file(std::string(64 * 4096, '\1'), "cut"), Access::write);
  std::atomic<bool> done{false};
  std::thread other([&] {
    while (!done) Mapping::of(file, 64 * 4096);
  });
  int wrong = 0;
  for (int round = 0; round < 300; ++round) {
    cut.truncate(64 * 4096);
    const auto mapping = Mapping::of(cut, 64 * 4096);
    cut.truncate(4096);
    wrong += sum(*mapping, 64 * 4096) > 4096;
    wrong += !mapping->damaged();
  }
  done = true;
  other.join();
  CHECK(wrong == 0);
}

TEST_CASE("other bus errors go where they went before") {
  const Scratch scratch;
  const auto ending = [&](const struct sigaction& before, bool fault) {
    test::Child child([&](test::Child&) {
      ::sigaction(SIGBUS, &before, nullptr);
      Guard::install();
      Guard::install();  // changes nothing
      const auto* bytes = unguarded(scratch);
      if (bytes == nullptr) return 90;
      if (fault) return 10 + bytes[0];
      ::kill(::getpid(), SIGBUS);
      return 0;
    });
    return child.exit_code();
  };
  struct sigaction action = {};
  action.sa_handler = SIG_DFL;
  CHECK(ending(action, true) == -SIGBUS);
  CHECK(ending(action, false) == -SIGBUS);
  action.sa_handler = SIG_IGN;
  CHECK(ending(action, true) == -SIGBUS);  // as without us: no fault can be ignored
  CHECK(ending(action, false) == 0);
  action.sa_handler = exit_with_7;
  CHECK(ending(action, true) == 7);
  CHECK(ending(action, false) == 7);
  action.sa_sigaction = exit_by_code;
  action.sa_flags = SA_SIGINFO;
  CHECK(ending(action, true) == 8);
  CHECK(ending(action, false) == 9);
}

TEST_CASE("remove puts the old handler back, unless somebody stands on ours") {
  struct sigaction before, ours, theirs = {};
  ::sigaction(SIGBUS, nullptr, &before);
  Guard::install();
  ::sigaction(SIGBUS, nullptr, &ours);
  CHECK_FALSE(is_own_handler(before));
  CHECK((ours.sa_flags & (SA_SIGINFO | SA_ONSTACK | SA_NODEFER)) ==
        (SA_SIGINFO | SA_ONSTACK | SA_NODEFER));
  theirs.sa_handler = exit_with_7;
  ::sigaction(SIGBUS, &theirs, nullptr);
  Guard::remove();
  CHECK(is_own_handler(theirs));
  Guard::install();  // would make a ring: theirs may call ours
  CHECK(is_own_handler(theirs));
  ::sigaction(SIGBUS, &ours, nullptr);
  Guard::remove();
  CHECK(is_own_handler(before));
  Guard::remove();
}

#endif
