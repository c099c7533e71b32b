#include <algorithm>

#include "native.h"
#include "seam.h"

namespace mmappickle::os {

bool FaultySeam::hits(std::uint64_t call, std::uint64_t first) const {
  return first != 0 && call >= first && call - first <= lasting;
}

bool FaultySeam::strike() {
  ++calls;
  if (calls == kill_at) native::kill_process();
  return error != 0 && hits(calls, fail_at);
}

Outcome FaultySeam::look(std::uint64_t n) {
  if (!hits(++looks, fail_look_at)) return {0, n};
  if (error != 0) return {error, 0};
  return {0, partial ? (n + 1) / 2 : std::min<std::uint64_t>(n, 1)};
}

Outcome FaultySeam::open(const std::string& path, bool writing, Native& file) {
  const Outcome outcome = look();
  return outcome.error != 0 ? outcome : Seam::open(path, writing, file);
}

Outcome FaultySeam::read_at(Native file, std::uint8_t* to, std::uint64_t n,
                            std::uint64_t offset) {
  const Outcome outcome = look(n);
  return outcome.error != 0 ? outcome : Seam::read_at(file, to, outcome.count, offset);
}

Outcome FaultySeam::status(Native file, Status& status) {
  const Outcome outcome = look();
  return outcome.error != 0 ? outcome : Seam::status(file, status);
}

Outcome FaultySeam::status(const std::string& path, Status& status) {
  const Outcome outcome = look();
  return outcome.error != 0 ? outcome : Seam::status(path, status);
}

Outcome FaultySeam::resolve(const std::string& path, std::string& resolved) {
  const Outcome outcome = look();
  return outcome.error != 0 ? outcome : Seam::resolve(path, resolved);
}

Outcome FaultySeam::try_lock(Native file, bool exclusive) {
  const Outcome outcome = look();
  return outcome.error != 0 ? outcome : Seam::try_lock(file, exclusive);
}

Outcome FaultySeam::map(Native file, std::uint64_t offset, std::uint64_t n, bool writable,
                        std::uint8_t*& at) {
  const Outcome outcome = look();
  return outcome.error != 0 ? outcome : Seam::map(file, offset, n, writable, at);
}

Outcome FaultySeam::write_at(Native file, const std::uint8_t* bytes, std::uint64_t n,
                             std::uint64_t offset) {
  const auto write = [&](std::uint64_t length) {
    const Outcome outcome = Seam::write_at(file, bytes, length, offset);
    Call call{"write_at", offset, outcome.count, {}, {}, {}};
    if (keep_bytes) call.bytes.assign(bytes, bytes + outcome.count);
    log.push_back(std::move(call));
    return outcome;
  };
  const bool hit = hits(calls + 1, fail_at) || calls + 1 == kill_at;
  if (hit && error == 0 && calls + 1 != kill_at) {
    ++calls;
    return write(partial ? (n + 1) / 2 : 1);
  }
  const std::uint64_t torn = hit && partial && n > 1 ? write(n / 2).count : 0;
  if (strike()) return {error, torn};
  return write(n);
}

Outcome FaultySeam::truncate(Native file, std::uint64_t size) {
  if (strike()) return {error, 0};
  log.push_back(Call{"truncate", 0, size, {}, {}, {}});
  return Seam::truncate(file, size);
}

Outcome FaultySeam::sync(Native file) {
  if (strike()) return {error, 0};
  log.push_back(Call{"sync", 0, 0, {}, {}, {}});
  return Seam::sync(file);
}

Outcome FaultySeam::punch(Native file, std::uint64_t offset, std::uint64_t n) {
  if (strike()) return {error, 0};
  log.push_back(Call{"punch", offset, n, {}, {}, {}});
  return Seam::punch(file, offset, n);
}

Outcome FaultySeam::create(const std::string& path, std::uint32_t mode, Native& file) {
  if (strike()) return {error, 0};
  log.push_back(Call{"create", 0, 0, {}, path, {}});
  return Seam::create(path, mode, file);
}

Outcome FaultySeam::rename(const std::string& from, const std::string& to) {
  if (strike()) return {error, 0};
  log.push_back(Call{"rename", 0, 0, {}, from, to});
  return Seam::rename(from, to);
}

Outcome FaultySeam::remove(const std::string& path) {
  if (strike()) return {error, 0};
  log.push_back(Call{"remove", 0, 0, {}, path, {}});
  return Seam::remove(path);
}

Outcome FaultySeam::sync_folder(const std::string& path) {
  if (strike()) return {error, 0};
  log.push_back(Call{"sync_folder", 0, 0, {}, path, {}});
  return Seam::sync_folder(path);
}

Outcome FaultySeam::copy_owner(Native like, Native file) {
  if (strike()) return {error, 0};
  log.push_back(Call{"copy_owner", 0, 0, {}, {}, {}});
  return Seam::copy_owner(like, file);
}

}  // namespace mmappickle::os
