#include "new_file.h"

#include <cstdio>

#include "locked_file.h"

namespace mmappickle::store {

namespace {

// FNV-1a: the same in all versions and on all systems.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  }
  return hash;
}

std::string hidden_name(const std::string& target, int n) {
  const std::size_t leaf = os::leaf_of(target);
  char hash[17];
  std::snprintf(
      hash, sizeof hash, "%016llx",
      static_cast<unsigned long long>(hash_of(std::string_view(target).substr(leaf))));
  return target.substr(0, leaf) + ".mmappickle-" + hash + "-" + std::to_string(n);
}

os::Lock try_lock(const os::File& file, const os::Wait& wait = os::Wait{0, {}}) {
  try {
    return os::Lock(file, os::Sharing::exclusive, wait);
  } catch (const Error&) {
    return os::Lock();
  }
}

bool is_unfinished(const os::File& file) {
  std::uint8_t bytes[kUnfinished.size()];
  const std::uint64_t n = file.read_some_at(0, bytes, sizeof bytes);
  return Bytes(bytes, n).text() == kUnfinished;
}

// True if it was one, and is gone. Whoever made the file wrote its beginning under the
// lock that he keeps until it has its place.
bool remove_leftover(const std::string& name, const std::string& target,
                     os::SystemCalls& system, const std::optional<os::Wait>& wait) {
  try {
    const os::File file = os::File::open(name, os::Access::write, system, target);
    os::Lock lock = try_lock(file);
    if (!lock.held() && wait && is_unfinished(file)) {
      lock = os::Lock(file, os::Sharing::exclusive, *wait);
    }
    const bool ours = lock.held() && is_unfinished(file) &&
                      is_named(file, name, system) &&
                      os::resolve(name, system) == name;  // no link
    if (ours) os::remove(name, system);
    return ours;
  } catch (const Error& error) {
    if (error.kind == ErrorKind::busy) throw;
    return false;
  }
}

}  // namespace

NewFile::NewFile(const std::string& target, os::SystemCalls& system,
                 const std::optional<os::Wait>& wait)
    : system_(system) {
  constexpr int kMost = 1000;
  int n = 1;
  for (int attempt = 0; !file_.is_open(); ++attempt) {
    name_ = hidden_name(target, n);
    try {
      file_ = os::File::open(name_, os::Access::create_new, system, target);
    } catch (const Error& error) {
      if (error.cause != "EEXIST" || attempt == kMost) throw;
      if (!remove_leftover(name_, target, system, wait)) ++n;
    }
  }
  try {
    // Others who look for leftovers may have it locked, and let go when they see that it
    // is empty.
    const os::Wait look{5, wait ? wait->poll : nullptr};
    lock_ = wait ? os::Lock(file_, os::Sharing::exclusive, look) : try_lock(file_, look);
    file_.write_at(0, Bytes(kUnfinished));
    // Of two that were at it at once, the second may have been killed.
    remove_leftover(hidden_name(target, n + 1), target, system, {});
  } catch (...) {
    remove();
    throw;
  }
}

NewFile::~NewFile() {
  if (!placed_) remove();
}

void NewFile::remove() noexcept {
  try {
    if (is_named(file_, name_, system_)) os::remove(name_, system_);
  } catch (...) {
  }
}

void NewFile::resemble(const os::File& like) {
  if (like.is_open()) os::copy_owner(like, file_);
}

void NewFile::write(const std::function<void()>& poll, bool sync,
                    const std::function<void(Appender&)>& put) {
  constexpr std::uint64_t kAtOnce = 8 << 20;
  const Appender* appender = nullptr;
  std::uint64_t begun = 0;
  const std::function<void()> tick = [&] {
    if (poll) poll();
    if (!sync || appender->written() - begun < kAtOnce) return;
    file_.start_sync(begun, appender->written() - begun);
    begun = appender->written();
  };
  Appender out(file_, 0, tick, kUnfinished.size());
  appender = &out;
  put(out);
  out.flush();
  if (sync && out.at() > kUnfinished.size()) file_.sync();
  file_.write_at(0, out.kept());
  if (out.at() < kUnfinished.size()) file_.truncate(out.at());
  if (sync) file_.sync();
}

void NewFile::replace(const std::string& target) {
  os::rename(name_, target, system_);
  placed_ = true;
}

bool NewFile::place(const std::string& target) {
  if (!os::rename_new(name_, target, system_)) return false;
  name_ = target;
  placed_ = true;
  return true;
}

}  // namespace mmappickle::store
