#ifndef _WIN32

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <mutex>

#include "guard.h"
#include "map.h"

namespace mmappickle::os {

// A slot is published like a sequence lock: `version` is odd while the slot changes. The
// handler may run at any moment, in any thread; a slot that it finds changing cannot be
// the one whose mapping it faulted in, since that one is alive and at rest.
struct GuardSlot {
  std::atomic<unsigned> version{0};
  std::atomic<std::uintptr_t> begin{0}, end{0};
  std::atomic<std::atomic<bool>*> damaged{nullptr};
  std::atomic<unsigned> faults{0};
  GuardSlot* next_free = nullptr;  // under the table's lock
};
static_assert(std::atomic<std::uintptr_t>::is_always_lock_free &&
                  std::atomic<std::atomic<bool>*>::is_always_lock_free &&
                  std::atomic<unsigned>::is_always_lock_free &&
                  std::atomic<void*>::is_always_lock_free &&
                  std::atomic<bool>::is_always_lock_free,
              "the signal handler must not wait for a lock");

namespace {

struct Block {
  GuardSlot slots[256];
  Block* older = nullptr;  // set before the block is published
};
// The newest block. Never freed: the handler may be in any of them.
std::atomic<Block*> blocks{nullptr};
std::mutex free_lock;  // of the free slots; the handler takes none of both
GuardSlot* free_slots = nullptr;

std::uintptr_t page_size = 0;
struct sigaction previous;  // NOLINT: plain data, set before the handler can run
bool installed = false;

void publish(GuardSlot& slot, std::uintptr_t begin, std::uintptr_t end,
             std::atomic<bool>* damaged) {
  ++slot.version;
  slot.begin = begin;
  slot.end = end;
  slot.damaged = damaged;
  slot.faults = 0;
  ++slot.version;
}

// Zeros from the page of `address` on. A page is cut off because the file ended before
// it, hence so are those behind it: each further fault of a mapping takes twice as many,
// for a loop over a large array would die of slowness otherwise.
bool put_zeros(GuardSlot& slot, std::uintptr_t address, std::uintptr_t end) {
  const std::uintptr_t begin = address / page_size * page_size;
  const unsigned doublings = std::min(slot.faults++, 24u);
  const std::uintptr_t rest = end - begin;
  // (Where addresses have 32 bits, so many doublings would go beyond them.)
  std::uintptr_t length = rest >> doublings > page_size ? page_size << doublings : rest;
  for (;;) {
    // Writable whatever the mapping was: a write that ends here must not fault for ever.
    void* at = ::mmap(reinterpret_cast<void*>(begin), length, PROT_READ | PROT_WRITE,
                      MAP_FIXED | MAP_PRIVATE | MAP_ANON, -1, 0);
    if (at != MAP_FAILED) return true;
    if (length <= page_size) return false;
    length = page_size;
  }
}

bool mend(std::uintptr_t address) {
  for (Block* block = blocks; block != nullptr; block = block->older) {
    for (GuardSlot& slot : block->slots) {
      const unsigned version = slot.version;
      const std::uintptr_t begin = slot.begin, end = slot.end;
      std::atomic<bool>* damaged = slot.damaged;
      if (address < begin || address >= end) continue;
      if (version % 2 != 0 || slot.version != version) continue;
      if (!put_zeros(slot, address, end)) return false;
      damaged->store(true);
      Guard::faults_.fetch_add(1);
      return true;
    }
  }
  return false;
}

// Does what would have happened without this handler.
void pass_on(int signal, siginfo_t* info, void* context) {
  const bool handled = (previous.sa_flags & SA_SIGINFO) != 0 ||
                       (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN);
  if (!handled) {
    const bool sent = info->si_code <= 0;  // by kill(): there is no faulting instruction
    if (sent && previous.sa_handler == SIG_IGN) return;
    // The kernel does not let a real fault be ignored. The instruction that faulted runs
    // again after the return, and then ends the process.
    struct sigaction standard = {};
    standard.sa_handler = SIG_DFL;
    ::sigaction(signal, &standard, nullptr);
    if (sent) ::raise(signal);
    return;
  }
  sigset_t blocked = previous.sa_mask, before;
  if ((previous.sa_flags & SA_NODEFER) == 0) ::sigaddset(&blocked, signal);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
  if ((previous.sa_flags & SA_SIGINFO) != 0) {
    previous.sa_sigaction(signal, info, context);
  } else {
    previous.sa_handler(signal);
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void on_bus_error(int signal, siginfo_t* info, void* context) {
  const int saved = errno;
  const bool ours = info->si_code == BUS_ADRERR &&
                    mend(reinterpret_cast<std::uintptr_t>(info->si_addr));
  if (!ours) pass_on(signal, info, context);
  errno = saved;
}

}  // namespace

void Guard::install() {
  if (installed) return;
  page_size = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  struct sigaction action = {};
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  ::sigemptyset(&action.sa_mask);
  // The old one is known before the new one can be called.
  if (::sigaction(SIGBUS, nullptr, &previous) != 0) return;
  installed = ::sigaction(SIGBUS, &action, nullptr) == 0;
}

bool Guard::stands() {
  struct sigaction current;
  return installed && ::sigaction(SIGBUS, nullptr, &current) == 0 &&
         (current.sa_flags & SA_SIGINFO) != 0 && current.sa_sigaction == on_bus_error;
}

// Where somebody else has put a handler on top of ours, it may call ours: `installed`
// stays, lest a second install() make a ring of the two.
void Guard::remove() {
  if (!stands()) return;
  ::sigaction(SIGBUS, &previous, nullptr);
  installed = false;
}

GuardSlot* Guard::enter(Mapping& mapping) {
  GuardSlot* slot;
  {
    const std::lock_guard<std::mutex> lock(free_lock);
    if (free_slots == nullptr) {
      auto* block = new Block;
      for (GuardSlot& unused : block->slots) {
        unused.next_free = free_slots;
        free_slots = &unused;
      }
      block->older = blocks;
      blocks = block;
    }
    slot = free_slots;
    free_slots = slot->next_free;
  }
  const auto begin = reinterpret_cast<std::uintptr_t>(mapping.data_);
  publish(*slot, begin, begin + static_cast<std::uintptr_t>(mapping.size_),
          &mapping.damaged_);
  return slot;
}

void Guard::leave(GuardSlot* slot) noexcept {
  if (slot == nullptr) return;
  publish(*slot, 0, 0, nullptr);
  const std::lock_guard<std::mutex> lock(free_lock);
  slot->next_free = free_slots;
  free_slots = slot;
}

}  // namespace mmappickle::os

#endif
