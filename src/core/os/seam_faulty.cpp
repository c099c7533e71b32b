#include "native.h"
#include "seam.h"

namespace mmappickle::os {

bool FaultySeam::strike() {
  ++calls;
  if (calls == kill_at) native::kill_process();
  return calls == fail_at;
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
  const bool hit = calls + 1 == fail_at || calls + 1 == kill_at;
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
