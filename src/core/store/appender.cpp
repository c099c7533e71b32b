#include "appender.h"

#include <algorithm>

#include "../os/file_source.h"

namespace mmappickle::store {

namespace {

// Large writes end at multiples of these: only where a write covers a whole aligned range
// has Linux's page cache one large piece for it, which a map then takes in one fault.
constexpr std::uint64_t kBuffer = 2 << 20;
constexpr std::uint64_t kLargestWrite = 8 << 20;  // between two polls
constexpr std::uint64_t kRead = 1 << 20;          // likewise
// From here on a write of its own costs less than a copy, and a hole saves space.
constexpr std::uint64_t kLarge = 1 << 16;

}  // namespace

void Appender::write(Bytes bytes) {
  const std::uint64_t n = std::min(bytes.size, left_to_keep());
  kept_.insert(kept_.end(), bytes.data, bytes.data + n);
  if (bytes.size > n) file_.write_at(at_ + n, bytes.from(n));
  at_ += bytes.size;
}

void Appender::flush() {
  if (filled_ == 0) return;
  write(Bytes(buffer_.get(), filled_));
  filled_ = 0;
}

// For so many bytes of the buffer, which the caller fills.
std::uint8_t* Appender::room(std::uint64_t n) {
  const std::size_t needed = filled_ + static_cast<std::size_t>(n);
  if (needed > capacity_) {
    const std::size_t more = std::max(needed, 2 * capacity_);
    std::unique_ptr<std::uint8_t[]> buffer(new std::uint8_t[more]);  // not cleared
    if (filled_ != 0) std::memcpy(buffer.get(), buffer_.get(), filled_);
    buffer_ = std::move(buffer);
    capacity_ = more;
  }
  std::uint8_t* const to = buffer_.get() + filled_;
  filled_ = needed;
  return to;
}

void Appender::put(Bytes bytes) {
  if (bytes.size == 0) return;
  if (bytes.size < kLarge) {
    if (filled_ + bytes.size > kBuffer) {
      if (poll_) poll_();
      flush();
    }
    std::memcpy(room(bytes.size), bytes.data, bytes.size);
    return;
  }
  flush();
  for (std::uint64_t done = 0; done < bytes.size;) {
    if (poll_) poll_();
    const std::uint64_t n =
        std::min(bytes.size - done, kLargestWrite - at_ % kLargestWrite);
    write(bytes.slice(done, n));
    done += n;
  }
}

void Appender::put(const Source& source) {
  const std::uint64_t size = source.size();
  for (std::uint64_t done = 0; done < size;) {
    Source::Range data{done, size};
    if (size - done >= kLarge) data = source.next_data(done);
    if (data.begin - done >= kLarge) {
      skip(data.begin - done);
    } else {
      data.begin = done;  // a small hole is copied as zeros
    }
    put(source, data.begin, data.end);
    done = data.end;
  }
}

void Appender::put(const Output& output) {
  output.visit([&](std::uint64_t, const auto& piece) { put(piece); });
}

void Appender::put(const Source& source, std::uint64_t begin, std::uint64_t end) {
  if (end - begin >= kLarge) begin = copy(source, begin, end);
  const Bytes bytes = source.in_memory();
  if (bytes.data != nullptr) return put(bytes.slice(begin, end - begin));
  while (begin < end) {
    if (poll_) poll_();
    const std::uint64_t n = std::min({end - begin, kBuffer - at() % kBuffer, kRead});
    source.read(begin, room(n), n);
    begin += n;
    if (at() % kBuffer == 0) flush();
  }
}

// Where what is left to be written begins.
std::uint64_t Appender::copy(const Source& source, std::uint64_t begin,
                             std::uint64_t end) {
  const auto* const lies = dynamic_cast<const os::InFile*>(&source);
  if (lies == nullptr) return begin;
  flush();
  if (left_to_keep() > 0) return begin;
  while (begin < end) {
    if (poll_) poll_();
    const std::uint64_t n = std::min(end - begin, kLargestWrite - at_ % kLargestWrite);
    const std::uint64_t done =
        file_.copy_from(lies->file(), lies->offset() + begin, at_, n);
    begin += done;
    at_ += done;
    if (done < n) break;
  }
  return begin;
}

void Appender::skip(std::uint64_t n) {
  flush();
  kept_.resize(kept_.size() + std::min(n, left_to_keep()));
  at_ += n;
}

}  // namespace mmappickle::store
