#include <algorithm>

#include "native.h"
#include "system_calls.h"

namespace mmappickle::os {

int FaultySystemCalls::code() const {
  const int found = native::error_code(error);
  return found != 0 ? found : -1;  // not 0, which is success
}

bool FaultySystemCalls::hits(std::uint64_t call, std::uint64_t first) const {
  return first != 0 && call >= first && call - first <= lasting;
}

bool FaultySystemCalls::strike() {
  ++calls;
  if (calls == kill_at) native::kill_process();
  return !error.empty() && hits(calls, fail_at);
}

Outcome FaultySystemCalls::look(std::uint64_t n) {
  if (!hits(++looks, fail_look_at)) return {0, n};
  if (!error.empty()) return {code(), 0};
  return {0, partial ? (n + 1) / 2 : std::min<std::uint64_t>(n, 1)};
}

Outcome FaultySystemCalls::open(const std::string& path, bool writing, Native& file) {
  const Outcome outcome = look();
  return outcome.error != 0 ? outcome : SystemCalls::open(path, writing, file);
}

Outcome FaultySystemCalls::read_at(Native file, std::uint8_t* to, std::uint64_t n,
                                   std::uint64_t offset) {
  const Outcome outcome = look(n);
  return outcome.error != 0 ? outcome
                            : SystemCalls::read_at(file, to, outcome.count, offset);
}

Outcome FaultySystemCalls::status(Native file, Status& status) {
  const Outcome outcome = look();
  return outcome.error != 0 ? outcome : SystemCalls::status(file, status);
}

Outcome FaultySystemCalls::status(const std::string& path, Status& status) {
  const Outcome outcome = look();
  return outcome.error != 0 ? outcome : SystemCalls::status(path, status);
}

Outcome FaultySystemCalls::resolve(const std::string& path, std::string& resolved) {
  const Outcome outcome = look();
  return outcome.error != 0 ? outcome : SystemCalls::resolve(path, resolved);
}

Outcome FaultySystemCalls::try_lock(Native file, bool exclusive) {
  const Outcome outcome = look();
  return outcome.error != 0 ? outcome : SystemCalls::try_lock(file, exclusive);
}

Outcome FaultySystemCalls::is_alone(Native file, bool& yes) {
  const Outcome outcome = look();
  return outcome.error != 0 ? outcome : SystemCalls::is_alone(file, yes);
}

Outcome FaultySystemCalls::in_memory(Native file, bool& yes) {
  const Outcome outcome = look();
  return outcome.error != 0 ? outcome : SystemCalls::in_memory(file, yes);
}

Outcome FaultySystemCalls::map(Native file, std::uint64_t offset, std::uint64_t n,
                               bool writable, std::uint8_t*& at) {
  const Outcome outcome = look();
  return outcome.error != 0 ? outcome : SystemCalls::map(file, offset, n, writable, at);
}

Outcome FaultySystemCalls::map_shared(Native file, std::uint64_t n, std::uint8_t*& at) {
  const Outcome outcome = look();
  return outcome.error != 0 ? outcome : SystemCalls::map_shared(file, n, at);
}

// One call, however many runs; the log has a write_at() for each of them.
Outcome FaultySystemCalls::store(std::uint8_t* map, const Runs& runs) {
  const auto some = [&](std::size_t count) {
    const std::uint8_t* bytes = runs.bytes;
    for (std::size_t i = 0; i < count; ++i) {
      const Run& run = runs.begin[i];
      for (std::uint64_t k = 0; k < run.count; ++k, bytes += run.size) {
        Call call{"write_at", run.place(k), run.size, {}, {}, {}};
        if (keep_bytes) call.bytes.assign(bytes, bytes + run.size);
        log.push_back(std::move(call));
      }
    }
    return SystemCalls::store(map, {runs.begin, count, runs.bytes});
  };
  const bool hit = hits(calls + 1, fail_at) || calls + 1 == kill_at;
  if (hit && partial) some(runs.count / 2);
  if (strike()) return {code(), 0};
  return some(runs.count);
}

Outcome FaultySystemCalls::write_at(Native file, const std::uint8_t* bytes,
                                    std::uint64_t n, std::uint64_t offset) {
  const auto write = [&](std::uint64_t length) {
    const Outcome outcome = SystemCalls::write_at(file, bytes, length, offset);
    Call call{"write_at", offset, outcome.count, {}, {}, {}};
    if (keep_bytes) call.bytes.assign(bytes, bytes + outcome.count);
    log.push_back(std::move(call));
    return outcome;
  };
  const bool hit = hits(calls + 1, fail_at) || calls + 1 == kill_at;
  if (hit && error.empty() && calls + 1 != kill_at) {
    ++calls;
    return write(partial ? (n + 1) / 2 : 1);
  }
  const std::uint64_t torn = hit && partial && n > 1 ? write(n / 2).count : 0;
  if (strike()) return {code(), torn};
  return write(n);
}

Outcome FaultySystemCalls::copy(Native from, std::uint64_t at, Native to,
                                std::uint64_t offset, std::uint64_t n) {
  if (strike()) return {code(), 0};
  const Outcome outcome = SystemCalls::copy(from, at, to, offset, n);
  if (outcome.count != 0) {
    Call call{"write_at", offset, outcome.count, {}, {}, {}};
    call.bytes.resize(keep_bytes ? outcome.count : 0);
    if (keep_bytes) SystemCalls::read_at(to, call.bytes.data(), outcome.count, offset);
    log.push_back(std::move(call));
  }
  return outcome;
}

Outcome FaultySystemCalls::truncate(Native file, std::uint64_t size) {
  if (strike()) return {code(), 0};
  log.push_back(Call{"truncate", 0, size, {}, {}, {}});
  return SystemCalls::truncate(file, size);
}

Outcome FaultySystemCalls::sync(Native file) {
  if (strike()) return {code(), 0};
  log.push_back(Call{"sync", 0, 0, {}, {}, {}});
  return SystemCalls::sync(file);
}

Outcome FaultySystemCalls::punch(Native file, std::uint64_t offset, std::uint64_t n) {
  if (strike()) return {code(), 0};
  log.push_back(Call{"punch", offset, n, {}, {}, {}});
  return SystemCalls::punch(file, offset, n);
}

Outcome FaultySystemCalls::create(const std::string& path, std::uint32_t mode,
                                  Native& file) {
  if (strike()) return {code(), 0};
  log.push_back(Call{"create", 0, 0, {}, path, {}});
  return SystemCalls::create(path, mode, file);
}

Outcome FaultySystemCalls::rename(const std::string& from, const std::string& to) {
  if (strike()) return {code(), 0};
  const Outcome outcome = SystemCalls::rename(from, to);
  if (outcome.error == 0) log.push_back(Call{"rename", 0, 0, {}, from, to});
  return outcome;
}

Outcome FaultySystemCalls::rename_new(const std::string& from, const std::string& to) {
  if (strike()) return {code(), 0};
  const Outcome outcome = SystemCalls::rename_new(from, to);
  if (outcome.error == 0) log.push_back(Call{"rename", 0, 0, {}, from, to});
  return outcome;
}

Outcome FaultySystemCalls::remove(const std::string& path) {
  if (strike()) return {code(), 0};
  log.push_back(Call{"remove", 0, 0, {}, path, {}});
  return SystemCalls::remove(path);
}

Outcome FaultySystemCalls::sync_folder(const std::string& path) {
  if (strike()) return {code(), 0};
  log.push_back(Call{"sync_folder", 0, 0, {}, path, {}});
  return SystemCalls::sync_folder(path);
}

Outcome FaultySystemCalls::copy_owner(Native like, Native file) {
  if (strike()) return {code(), 0};
  log.push_back(Call{"copy_owner", 0, 0, {}, {}, {}});
  return SystemCalls::copy_owner(like, file);
}

}  // namespace mmappickle::os
